"""What becomes of orders at the loopback exchange: placed, matched, canceled, replaced, amended, alone or in lists."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from wirewright.mock.ledger import Facts, Ledger, Order, OrderList, named, price_of, worth
from wirewright.mock.refusals import Refusals
from wirewright.mock.user_events import UserEvents
from wirewright_runtime.testing import Call, Refusal

if TYPE_CHECKING:
    from wirewright.mock.exchange import MockExchange

THREE = (("working",), ("pending", "pendingAbove"), ("pending", "pendingBelow"))
LISTS: dict[str, tuple[str, tuple[tuple[str, ...], ...]]] = {
    "orderList.place": ("OCO", (("limit",), ("stop", "stopLimit"))),
    "orderList.place.oco": ("OCO", (("above",), ("below",))),
    "orderList.place.oto": ("OTO", (("working",), ("pending",))),
    "orderList.place.opo": ("OTO", (("working",), ("pending",))),
    "orderList.place.otoco": ("OTO", THREE),
    "orderList.place.opoco": ("OTO", THREE),
}
"""For each method the kind of its list and the prefixes that the parameters of each of its orders have."""


class Orders:
    """The orders of every user."""

    def __init__(
        self, exchange: MockExchange, ledger: Ledger, events: UserEvents, refusals: Refusals, spot: bool
    ) -> None:
        self.ledger = ledger
        self._exchange = exchange
        self._events = events
        self._refuse = refusals.refuse
        self._spot = spot

    def place(self, call: Call) -> Facts:
        """A new order, and what becomes of it at once."""
        order = self._made(call, call.params)
        self._enter(order)
        return order.facts

    def place_list(self, call: Call) -> Facts:
        """Two or three orders, by the prefixes of their parameters."""
        kind, legs = LISTS[call.method]
        sent = as_oco(call.params) if call.method == "orderList.place" else call.params
        number = next(self.ledger.numbers)
        client_id = str(sent.get("listClientOrderId") or f"mock-list-{number}")
        placed = OrderList(call.user, number, client_id, kind, self._exchange.now_ms())
        for prefixes in legs:
            status = "PENDING_NEW" if kind == "OTO" and placed.orders else "NEW"
            placed.orders.append(self._made(call, leg(sent, prefixes), group=placed, status=status))
        self._enter(*placed.orders)
        self.ledger.lists.append(placed)
        self._events.order_list(placed)
        return placed.facts

    def find(self, call: Call, *names: str, is_open: bool = False) -> Order:
        """The order that a request names, by its id or its client order id."""
        id, client_id = map(call.params.get, names or ("orderId", "origClientOrderId"))
        own = reversed(list(self.ledger.of(call.user, call.params.get("symbol"), is_open=is_open)))
        for one in own:
            if one.id == id if id is not None else client_id in (one.client_id, one.replaced_id):
                return one
        raise self._unknown("Unknown order sent." if is_open else "Order does not exist.", is_open)

    def find_list(self, call: Call, name: str = "origClientOrderId", *, is_open: bool = False) -> OrderList:
        """The list that a request names."""
        id, client_id = call.params.get("orderListId"), call.params.get(name)
        for one in reversed(self.lists_of(call)):
            if (one.id == id if id is not None else one.client_id == client_id) and (one.is_open or not is_open):
                return one
        raise self._unknown("Unknown order list sent." if is_open else "Order list does not exist.", is_open)

    def lists_of(self, call: Call) -> list[OrderList]:
        """Every list of the sender."""
        return [one for one in self.ledger.lists if one.user == call.user]

    def cancel(self, order: Order, new_id: object = None) -> Facts:
        """Cancel an order, and its whole list with it."""
        for one in order.group.orders if order.group is not None else [order]:
            if one.is_open:
                if self._spot:
                    one.rename(str(new_id or f"mock-cancel-{one.id}"))
                self._end(one, "CANCELED")
        if order.group is None:
            return order.facts
        self._events.order_list(order.group)
        return order.group.facts

    def cancel_all(self, call: Call) -> list[Facts]:
        found = list(self.ledger.of(call.user, call.params["symbol"], is_open=True))
        if not found:
            raise self._unknown("Unknown order sent.", is_open=True)
        return [self.cancel(order) for order in found if order.is_open]

    def cancel_replace(self, call: Call) -> Facts:
        """Cancel and place; either may fail alone."""
        new_id, wanted = call.params.get("cancelNewClientOrderId"), ("cancelOrderId", "cancelOrigClientOrderId")
        canceled = _attempt(lambda: self.cancel(self.find(call, *wanted, is_open=True), new_id))
        placed: tuple[str, Any] = ("NOT_ATTEMPTED", None)
        if canceled[0] == "SUCCESS" or call.params.get("cancelReplaceMode") != "STOP_ON_FAILURE":
            placed = _attempt(lambda: self.place(call))
        facts = {
            "cancel_result": canceled[0],
            "new_order_result": placed[0],
            "cancel_response": canceled[1],
            "new_order_response": placed[1],
        }
        if canceled[0] == placed[0] == "SUCCESS":
            return facts
        if "SUCCESS" in (canceled[0], placed[0]):
            message = "Order cancel-replace partially failed."
            raise self._refuse("CANCEL_REPLACE_PARTIALLY_FAILED", message, status=409, data=facts)
        raise self._refuse("CANCEL_REPLACE_FAILED", "Order cancel-replace failed.", data=facts)

    def amend(self, call: Call) -> Facts:
        """Less of the same order, at its place in the book."""
        order, new = self.find(call, is_open=True), Decimal(str(call.params["newQty"]))
        if not order.executed < new < order.quantity:
            raise self._refuse("ORDER_AMEND_REJECTED", "Order amend (quantity increase) is not supported.")
        now, number, before = self._exchange.now_ms(), next(self.ledger.numbers), order.quantity
        order.quantity, order.updated = new, now
        order.rename(str(call.params.get("newClientOrderId") or f"mock-amend-{number}"))
        changed = {"new_client_order_id": order.client_id, "original_quantity": before, "new_quantity": new}
        order.amendments.append(order.facts | changed | {"execution_id": number, "amendment_time": now})
        self._events.order(order, "REPLACED")
        told = {"transaction_time": now, "execution_id": number, "amended_order": order.facts}
        return told | ({"list_status": order.group.facts} if order.group is not None else {})

    def modify(self, call: Call) -> Facts:
        """Another price or quantity of an open order (futures)."""
        order = self.find(call, is_open=True)
        order.price = Decimal(str(call.params.get("price", order.price)))
        order.quantity = Decimal(str(call.params["quantity"]))
        order.updated = self._exchange.now_ms()
        self._events.order(order, "AMENDMENT")
        self._match(order)
        return order.facts

    def _made(self, call: Call, sent: Facts, **more: Any) -> Order:
        return Order(call.user, next(self.ledger.numbers), named(sent), self._exchange.now_ms(), **more)

    def _enter(self, *orders: Order) -> None:
        """Orders begin to work, or to wait for the first one of their list; none of them where one is refused."""
        working = [order for order in orders if order.status == "NEW"]
        for order in working:
            self._check(order)
        for order in orders:
            self.ledger.orders.append(order)
            self._events.order(order, "NEW")
        for order in working:
            self._match(order)

    def _check(self, order: Order) -> None:
        """Filters, the balance, and what the market says."""
        if "price" in order.sent and order.price <= 0:
            raise self._filter("PRICE_FILTER", "PRICE_LESS_THAN_ZERO", "Price less than 0.")
        if order.quantity <= 0:
            raise self._filter("LOT_SIZE", "QTY_LESS_THAN_ZERO", "Quantity less than or equal to zero.")
        if self._spot and worth(order.symbol, order.quantity * (order.price or price_of(order.symbol))) < 5:
            raise self._refuse("INVALID_MESSAGE", "Filter failure: NOTIONAL")
        if order.type == "LIMIT_MAKER" and order.crosses():
            raise self._refuse("NEW_ORDER_REJECTED", "Order would immediately match and take.")
        if any(order.client_id == other.client_id for other in self.ledger.of(order.user, is_open=True)):
            raise self._refuse("NEW_ORDER_REJECTED", "Duplicate order sent.")
        asset, amount = order.reserved()
        if amount > self.ledger.balance(order.user, asset)["free"]:
            if self._spot:
                raise self._refuse("NEW_ORDER_REJECTED", "Account has insufficient balance for requested action.")
            raise self._refuse("MARGIN_NOT_SUFFICIEN", "Margin is insufficient.")

    def _filter(self, spot: str, futures: str, message: str) -> Refusal:
        return (
            self._refuse("INVALID_MESSAGE", f"Filter failure: {spot}") if self._spot else self._refuse(futures, message)
        )

    def _unknown(self, message: str, is_open: bool) -> Refusal:
        return self._refuse("CANCEL_REJECTED" if is_open else "NO_SUCH_ORDER", message)

    def _match(self, order: Order) -> None:
        if order.type in ("MARKET", "LIMIT", "LIMIT_MAKER") and order.crosses():
            self._events.order(order, "TRADE", self.ledger.fill(order, self._exchange.now_ms()))
            self._after(order)
        elif order.sent.get("time_in_force") in ("IOC", "FOK"):
            self._end(order, "EXPIRED")

    def _after(self, order: Order) -> None:
        """What an execution does to the others of its list: the pending ones begin to work, the other leg ends."""
        for other in order.group.orders if order.group is not None else ():
            if other.status == "PENDING_NEW":
                other.status = "NEW"
                self._events.order(other, "NEW")
                self._match(other)
            elif other is not order and other.is_open:
                self._end(other, "EXPIRED")

    def _end(self, order: Order, status: str) -> None:
        """An order is over."""
        order.status, order.updated = status, self._exchange.now_ms()
        self._events.order(order, status)


def leg(sent: Facts, prefixes: tuple[str, ...]) -> Facts:
    """The parameters of one order of a list: ``pendingAbovePrice`` is the ``price`` of the leg ``pendingAbove``."""
    found = {"quantity": sent.get("workingQuantity"), **sent}
    for prefix in prefixes:
        for name, value in sent.items():
            rest = name.removeprefix(prefix)
            if name.startswith(prefix) and rest[:1].isupper():
                found[rest[0].lower() + rest[1:]] = value
    return found


def as_oco(sent: Facts) -> Facts:
    """The deprecated form, a limit order and a stop, in the way of the others."""
    kind = "STOP_LOSS_LIMIT" if "stopLimitPrice" in sent else "STOP_LOSS"
    limit = {"limitType": "LIMIT_MAKER", "limitPrice": sent["price"]}
    stop = {"stopType": kind, "stopStopPrice": sent.get("stopPrice")}
    return {name: value for name, value in sent.items() if name not in ("price", "stopPrice")} | limit | stop


def _attempt(work: Callable[[], Facts]) -> tuple[str, Facts]:
    try:
        return "SUCCESS", work()
    except Refusal as refusal:
        return "FAILURE", {"code": refusal.fault.code, "message": refusal.fault.message}
