"""How one exchange behaves, for specs that say `x-mock: binance`. What no rule names here answers its example.

Orders that were placed can be asked for, canceled, replaced and amended; a market order fills at once, a limit order rests
unless it crosses the market, which does not move. Bad requests get the exchange's codes, by their names in the spec.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from wirewright.mock.addresses import combine, is_combined, settle, streams_at, with_bare
from wirewright.mock.algo_orders import AlgoOrders
from wirewright.mock.answers import variant_of
from wirewright.mock.facts import list_facts, order_facts
from wirewright.mock.inquiries import Inquiries
from wirewright.mock.ledger import Ledger, Order, price_of, text, worth
from wirewright.mock.market import dress
from wirewright.mock.order_lists import LISTS, OrderLists
from wirewright.mock.refusals import Refusals
from wirewright.mock.shapes import Shapes
from wirewright.mock.user_events import UserEvents
from wirewright.mock.values import get, is_list
from wirewright.model.api import Method
from wirewright.model.types import Type
from wirewright_runtime.testing import Call, Peer, Refusal

if TYPE_CHECKING:
    from wirewright.mock.exchange import MockExchange

Rule = Callable[[Call], Any]


class Binance:
    """The rules. `rules` holds a function for each method that has one."""

    def __init__(self, exchange: MockExchange) -> None:
        api = exchange.api
        self.exchange = exchange
        self.ledger = Ledger()
        self.shapes = Shapes(api)
        self.spot = any(method.wire == "orderList.cancel" for method in api.methods)
        self.events = UserEvents(exchange, self.ledger, self.shapes, self.spot)
        self.lists = lists = OrderLists(self)
        algos, asked = AlgoOrders(self), Inquiries(self)
        self.refusals = Refusals(api)
        self.refuse = self.refusals.refuse
        every: dict[str, Rule] = {
            "account.status": asked.account,
            "algoOrder.cancel": algos.cancel,
            "algoOrder.place": algos.place,
            "allOrderLists": lambda call: [list_facts(one) for one in lists.all(call)],
            "allOrders": asked.all_orders,
            "depth": asked.depth,
            "myTrades": asked.trades,
            "openOrderLists.status": lambda call: [list_facts(one) for one in lists.all(call) if one.is_open],
            "openOrders.cancelAll": self.cancel_all,
            "openOrders.status": asked.open_orders,
            "order.amend.keepPriority": self.amend,
            "order.amendments": lambda call: self._order(call).amendments,
            "order.cancel": lambda call: self.cancel(self._order(call, is_open=True), call),
            "order.cancelReplace": self.cancel_replace,
            "order.modify": self.modify,
            "order.place": lambda call: self.facts(self.place(call, call.params)),
            "order.status": lambda call: self.facts(self._order(call)),
            "orderList.cancel": lists.cancel,
            "orderList.place": lists.place_oco,
            "orderList.status": lambda call: list_facts(lists.find(call)),
            "session.logon": asked.session,
            "session.logout": asked.session,
            "session.status": asked.session,
            "session.subscriptions": lambda call: [{"subscriptionId": id} for id in call.peer.user_data],
            "sor.order.place": lambda call: [self.facts(self.place(call, call.params))],
        }
        if not self.spot:
            del every["account.status"]
        every |= dict.fromkeys(LISTS, lists.place)
        known = {method.wire: method for method in api.methods}
        self.rules = {wire: self._shaped(known[wire], rule) for wire, rule in every.items() if wire in known}
        self.rules |= dict.fromkeys(("SET_PROPERTY", "GET_PROPERTY"), self.property)

    def _shaped(self, method: Method, rule: Rule) -> Rule:
        """The rule's facts in the shape that the request asked for."""
        return lambda call: self.shapes.shape(variant_of(method, call.params).result, rule(call))

    served = staticmethod(with_bare)

    def opened(self, peer: Peer) -> None:
        """A connection is open: its address may name streams."""
        names = streams_at(peer)
        if names:
            settle(peer, self.exchange.product)
            peer.streams |= dict.fromkeys(names)
            for name in names:
                self.exchange.subscribed(peer, name)

    def property(self, call: Call) -> Any:
        """SET_PROPERTY and GET_PROPERTY: the only one is "combined"."""
        asked = get(call.peer.texts[-1], "/params")
        name, *value = asked if is_list(asked) and asked else [None]
        if name != "combined":
            raise self.refuse("UNKNOWN_PROPERTY", f"Unknown property: {name}")
        if call.method == "GET_PROPERTY":
            return is_combined(call.peer)
        if len(value) != 1 or not isinstance(value[0], bool):
            raise self.refuse("INVALID_VALUE_TYPE", "Invalid value type: expected Boolean")
        combine(call, self.exchange.product, value[0])
        return None

    # Refusals

    def _check_order(self, order: Order) -> None:
        """Filters, the balance, and what the market says."""
        limit = "price" in order.sent
        if limit and order.price <= 0:
            raise self._filter("PRICE_FILTER", "PRICE_LESS_THAN_ZERO", "Price less than 0.")
        if order.quantity <= 0:
            raise self._filter("LOT_SIZE", "QTY_LESS_THAN_ZERO", "Quantity less than or equal to zero.")
        if self.spot and worth(order.symbol, order.quantity * (order.price or price_of(order.symbol))) < 5:
            raise self.refuse("INVALID_MESSAGE", "Filter failure: NOTIONAL")
        if order.type == "LIMIT_MAKER" and order.crosses():
            raise self.refuse("NEW_ORDER_REJECTED", "Order would immediately match and take.")
        if any(order.client_id == other.client_id for other in self.ledger.of(order.user, is_open=True)):
            raise self.refuse("NEW_ORDER_REJECTED", "Duplicate order sent.")
        asset, amount = order.reserved()
        if amount > self.ledger.free(order.user, asset):
            if self.spot:
                raise self.refuse("NEW_ORDER_REJECTED", "Account has insufficient balance for requested action.")
            raise self.refuse("MARGIN_NOT_SUFFICIEN", "Margin is insufficient.")

    def _filter(self, spot: str, futures: str, message: str) -> Refusal:
        return self.refuse("INVALID_MESSAGE", f"Filter failure: {spot}") if self.spot else self.refuse(futures, message)

    # Orders

    def place(self, call: Call, sent: dict[str, Any], *, list_id: int = -1, status: str = "NEW") -> Order:
        """A new order, and what becomes of it at once."""
        now, number = self.exchange.now_ms(), next(self.ledger.numbers)
        quantity = Decimal(str(sent.get("quantity", 0)))
        if "quoteOrderQty" in sent:
            quantity = (Decimal(str(sent["quoteOrderQty"])) / price_of(str(sent["symbol"]))).quantize(Decimal("1e-5"))
        client_id = str(sent.get("newClientOrderId") or sent.get("clientOrderId") or f"mock-{number}")
        price = Decimal(str(sent.get("price", 0)))
        order = Order(call.user, number, client_id, sent, quantity, price, now, list_id, status, now)
        if status == "NEW":
            self._check_order(order)
        self.ledger.orders.append(order)
        self.events.order(order, "NEW")
        if status == "NEW":
            self._match(order)
        return order

    def _match(self, order: Order) -> None:
        if order.type in ("MARKET", "LIMIT", "LIMIT_MAKER") and order.crosses():
            self.events.order(order, "TRADE", self.ledger.fill(order, self.exchange.now_ms()))
            self._after(order)
        elif order.sent.get("timeInForce") in ("IOC", "FOK"):
            self.end(order, "EXPIRED")

    def _after(self, order: Order) -> None:
        """What an execution does to the others of its list: the pending ones begin to work, the other leg ends."""
        found = self.ledger.list_of(order)
        for other in found.orders if found is not None else ():
            if other.status == "PENDING_NEW":
                other.status = "NEW"
                self.events.order(other, "NEW")
            elif other is not order and other.is_open:
                self.end(other, "EXPIRED")

    def end(self, order: Order, status: str) -> None:
        """An order is over."""
        order.status, order.updated = status, self.exchange.now_ms()
        self.events.order(order, status)

    def _order(self, call: Call, prefix: str = "", *, is_open: bool = False) -> Order:
        """The order that a request names."""
        names = ("cancelOrderId", "cancelOrigClientOrderId") if prefix else ("orderId", "origClientOrderId")
        id, client_id = (call.params.get(name) for name in names)
        order = self.ledger.find(call.user, call.params.get("symbol"), id, client_id, is_open=is_open)
        if order is not None:
            return order
        if is_open:
            raise self.refuse("CANCEL_REJECTED", "Unknown order sent.")
        raise self.refuse("NO_SUCH_ORDER", "Order does not exist.")

    def cancel(self, order: Order, call: Call) -> dict[str, Any]:
        """Cancel an order, and its whole list with it."""
        found = self.ledger.list_of(order)
        for one in found.orders if found is not None else [order]:
            if one.is_open:
                new_id = str(call.params.get("newClientOrderId") or f"mock-cancel-{one.id}")
                one.replaced_id, one.client_id = (one.client_id, new_id) if self.spot else ("", one.client_id)
                self.end(one, "CANCELED")
        return self.lists.reported(found) if found is not None else self.facts(order)

    def cancel_all(self, call: Call) -> list[dict[str, Any]]:
        open_ones = list(self.ledger.of(call.user, call.params["symbol"], is_open=True))
        if not open_ones:
            raise self.refuse("CANCEL_REJECTED", "Unknown order sent.")
        return [self.cancel(order, call) for order in open_ones if order.is_open]

    def cancel_replace(self, call: Call) -> dict[str, Any]:
        """Cancel and place; either may fail alone."""
        stops = call.params.get("cancelReplaceMode") == "STOP_ON_FAILURE"
        canceled = self._attempt(lambda: self.cancel(self._order(call, "cancel", is_open=True), call))
        sent = {name: value for name, value in call.params.items() if not name.startswith("cancel")}
        placed = ("NOT_ATTEMPTED", None)
        if canceled[0] == "SUCCESS" or not stops:
            placed = self._attempt(lambda: self.facts(self.place(call, sent)))
        facts = {
            "cancelResult": canceled[0],
            "newOrderResult": placed[0],
            "cancelResponse": canceled[1],
            "newOrderResponse": placed[1],
        }
        if canceled[0] == placed[0] == "SUCCESS":
            return facts
        if "SUCCESS" in (canceled[0], placed[0]):
            message = "Order cancel-replace partially failed."
            raise self.refuse("CANCEL_REPLACE_PARTIALLY_FAILED", message, status=409, data=facts)
        raise self.refuse("CANCEL_REPLACE_FAILED", "Order cancel-replace failed.", data=facts)

    def _attempt(self, work: Callable[[], dict[str, Any]]) -> tuple[str, Any]:
        try:
            return "SUCCESS", work()
        except Refusal as refusal:
            return "FAILURE", {"code": refusal.fault.code, "msg": refusal.fault.message}

    def amend(self, call: Call) -> dict[str, Any]:
        """Less of the same order, at its place in the book."""
        order, new = self._order(call, is_open=True), Decimal(str(call.params["newQty"]))
        if not order.executed < new < order.quantity:
            raise self.refuse("ORDER_AMEND_REJECTED", "Order amend (quantity increase) is not supported.")
        now, before, number = self.exchange.now_ms(), order.quantity, next(self.ledger.numbers)
        order.replaced_id, order.quantity, order.updated = order.client_id, new, now
        order.client_id = str(call.params.get("newClientOrderId") or f"mock-amend-{number}")
        order.amendments.append(
            {
                "symbol": order.symbol,
                "orderId": order.id,
                "executionId": number,
                "origClientOrderId": order.replaced_id,
                "newClientOrderId": order.client_id,
                "origQty": text(before),
                "newQty": text(new),
                "time": now,
            }
        )
        self.events.order(order, "REPLACED")
        found = self.ledger.list_of(order)
        listed = {"listStatus": list_facts(found)} if found is not None else {}
        return {"transactTime": now, "executionId": number, "amendedOrder": self.facts(order), **listed}

    def modify(self, call: Call) -> dict[str, Any]:
        """Another price or quantity of an open order (futures)."""
        order = self._order(call, is_open=True)
        order.price = Decimal(str(call.params.get("price", order.price)))
        order.quantity = Decimal(str(call.params["quantity"]))
        order.updated = self.exchange.now_ms()
        self.events.order(order, "AMENDMENT")
        self._match(order)
        return self.facts(order)

    def dress(self, payload: Any, kind: Type, symbol: str, number: int) -> None:
        """Market data with prices at which orders trade here."""
        dress(payload, kind, self.shapes.types, symbol, number)

    def facts(self, order: Order) -> dict[str, Any]:
        """What is known of an order."""
        return order_facts(order, self.events.places)
