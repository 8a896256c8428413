"""Order lists of the loopback exchange: one cancels the other, one triggers another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wirewright.mock.facts import list_facts
from wirewright.mock.ledger import OrderList, legs
from wirewright_runtime.testing import Call, Refusal

if TYPE_CHECKING:
    from wirewright.mock.binance import Binance

LISTS = {
    "orderList.place.oco": ("OCO", ("above", "below")),
    "orderList.place.oto": ("OTO", ("working", "pending")),
    "orderList.place.opo": ("OTO", ("working", "pending")),
    "orderList.place.otoco": ("OTO", ("working", "pendingAbove", "pendingBelow")),
    "orderList.place.opoco": ("OTO", ("working", "pendingAbove", "pendingBelow")),
}


class OrderLists:
    """The rules for methods about lists."""

    def __init__(self, rules: Binance) -> None:
        self._rules = rules

    def place(self, call: Call) -> dict[str, Any]:
        """Two or three orders, by the prefixes of their parameters."""
        kind, prefixes = LISTS[call.method]
        return self._list_of_legs(call, kind, legs(call.params, prefixes))

    def place_oco(self, call: Call) -> dict[str, Any]:
        """The deprecated form: a limit order and a stop, each with parameters of its own."""
        sent = call.params
        stop_type = "STOP_LOSS_LIMIT" if "stopLimitPrice" in sent else "STOP_LOSS"
        shared = {name: sent[name] for name in ("symbol", "side", "quantity")}
        stop = {"type": stop_type, "stopPrice": sent.get("stopPrice")}
        if "stopLimitPrice" in sent:
            stop |= {"price": sent["stopLimitPrice"], "timeInForce": sent.get("stopLimitTimeInForce", "GTC")}
        limit = {"type": "LIMIT_MAKER", "price": sent["price"]}
        ids = [sent.get("stopClientOrderId"), sent.get("limitClientOrderId")]
        both = [{**shared, **leg, "clientOrderId": id} for leg, id in zip((stop, limit), ids, strict=True)]
        return self._list_of_legs(call, "OCO", both)

    def _list_of_legs(self, call: Call, kind: str, sent: list[dict[str, Any]]) -> dict[str, Any]:
        number, now = next(self._rules.ledger.numbers), self._rules.exchange.now_ms()
        client_id = str(call.params.get("listClientOrderId") or f"mock-list-{number}")
        placed = OrderList(number, client_id, kind, [], now)
        self._rules.ledger.lists.append(placed)
        try:
            for leg in sent:
                self._place_leg(call, placed, leg)
        except Refusal:
            for order in placed.orders:
                self._rules.end(order, "CANCELED")
            self._rules.ledger.lists.remove(placed)
            raise
        self._rules.events.order_list(placed, list_facts(placed))
        return self.reported(placed)

    def _place_leg(self, call: Call, placed: OrderList, leg: dict[str, Any]) -> None:
        first = placed.orders[0] if placed.orders else None
        waits = placed.kind == "OTO" and first is not None and first.status != "FILLED"
        usual = {"quantity": first.sent.get("quantity")} if first is not None else {}
        status = "PENDING_NEW" if waits else "NEW"
        placed.orders.append(self._rules.place(call, usual | leg, list_id=placed.id, status=status))

    def cancel(self, call: Call) -> dict[str, Any]:
        """Cancel every order of a list."""
        found = self.find(call, "CANCEL_REJECTED", "listClientOrderId")
        self._rules.cancel(found.orders[0], call)
        self._rules.events.order_list(found, list_facts(found))
        return self.reported(found)

    def all(self, call: Call) -> list[OrderList]:
        """Every list of the sender."""
        return [one for one in self._rules.ledger.lists if one.orders and one.orders[0].user == call.user]

    def find(self, call: Call, code: str = "NO_SUCH_ORDER", name: str = "origClientOrderId") -> OrderList:
        """The list that a request names."""
        found = self._rules.ledger.find_list(call.user, call.params.get("orderListId"), call.params.get(name))
        if found is None or (code == "CANCEL_REJECTED" and not found.is_open):
            message = "Unknown order list sent." if code == "CANCEL_REJECTED" else "Order list does not exist."
            raise self._rules.refuse(code, message)
        return found

    def reported(self, found: OrderList) -> dict[str, Any]:
        """What is known of a list and of each of its orders."""
        return list_facts(found) | {"orderReports": [self._rules.facts(order) for order in found.orders]}
