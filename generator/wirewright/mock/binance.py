"""How one exchange behaves, for specs that say `x-mock: binance`. What no rule names here answers its example.

Orders that were placed can be asked for, canceled, replaced and amended; a market order fills at once, a limit order rests
unless it crosses the market, which does not move. Bad requests get the exchange's codes, by their names in the spec.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from wirewright.mock.addresses import combine, is_combined, settle, streams_at, with_bare
from wirewright.mock.answers import variant_of
from wirewright.mock.ledger import Facts, Ledger, Order, named
from wirewright.mock.market import dress
from wirewright.mock.orders import LISTS, Orders
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
        known = {method.wire: method for method in api.methods}
        spot = "orderList.cancel" in known
        self.exchange = exchange
        self.shapes = Shapes(api, places=8 if spot else None)
        self.refusals = Refusals(api)
        self.ledger = ledger = Ledger()
        self._events = UserEvents(exchange, ledger, self.shapes)
        self._algos: list[Facts] = []
        orders = Orders(exchange, ledger, self._events, self.refusals, spot)
        facts: dict[str, Rule] = {
            "account.status": self._account,
            "algoOrder.cancel": self._cancel_algo,
            "algoOrder.place": self._place_algo,
            "allOrderLists": lambda call: [one.facts for one in orders.lists_of(call)],
            "allOrders": self._all_orders,
            "myTrades": self._trades,
            "openOrderLists.status": lambda call: [one.facts for one in orders.lists_of(call) if one.is_open],
            "openOrders.cancelAll": orders.cancel_all,
            "openOrders.status": lambda call: [one.facts for one in self._asked(call, is_open=True)],
            "order.amend.keepPriority": orders.amend,
            "order.amendments": lambda call: orders.find(call).amendments,
            "order.cancel": lambda call: orders.cancel(orders.find(call, is_open=True), _new_id(call)),
            "order.cancelReplace": orders.cancel_replace,
            "order.modify": orders.modify,
            "order.place": orders.place,
            "order.status": lambda call: orders.find(call).facts,
            "orderList.cancel": lambda call: orders.cancel(
                orders.find_list(call, "listClientOrderId", is_open=True).orders[0], _new_id(call)
            ),
            "orderList.status": lambda call: orders.find_list(call).facts,
            "session.logon": self._session,
            "session.logout": self._session,
            "session.status": self._session,
            "session.subscriptions": lambda call: [{"subscription_id": id} for id in call.peer.user_data],
            "sor.order.place": lambda call: [orders.place(call)],
            **dict.fromkeys(LISTS, orders.place_list),
        }
        self.rules = {wire: self._shaped(known[wire], rule) for wire, rule in facts.items() if wire in known}
        if not spot:  # futures tell balances by events only
            del self.rules["account.status"]
        if "depth" in known:
            self.rules["depth"] = lambda call: self._depth(known["depth"], call)
        self.rules |= dict.fromkeys(("SET_PROPERTY", "GET_PROPERTY"), self._property)

    def _shaped(self, method: Method, rule: Rule) -> Rule:
        """What a rule knows, in the shape that the request asked for; what went wrong, too, where that has a shape."""

        def shaped(call: Call) -> Any:
            try:
                return self.shapes.shape(variant_of(method, call.params).result, rule(call))
            except Refusal as refusal:
                if method.error_data is not None and refusal.fault.data is not None:
                    data = self.shapes.shape(method.error_data, refusal.fault.data)
                    refusal.fault = replace(refusal.fault, data=data)
                raise

        return shaped

    served = staticmethod(with_bare)

    def opened(self, peer: Peer) -> None:
        """A connection is open: its address may name streams."""
        names = streams_at(peer)
        if names:
            settle(peer, self.exchange.product)
            peer.streams |= dict.fromkeys(names)
            for name in names:
                self.exchange.subscribed(peer, name)

    def dress(self, payload: Any, kind: Type, symbol: str, number: int) -> None:
        """Market data with prices at which orders trade here."""
        dress(payload, kind, self.shapes.types, symbol, number)

    def _property(self, call: Call) -> Any:
        """SET_PROPERTY and GET_PROPERTY: the only one is "combined"."""
        asked = get(call.peer.texts[-1], "/params")
        name, *value = asked if is_list(asked) and asked else [None]
        if name != "combined":
            raise self.refusals.refuse("UNKNOWN_PROPERTY", f"Unknown property: {name}")
        if call.method == "GET_PROPERTY":
            return is_combined(call.peer)
        if len(value) != 1 or not isinstance(value[0], bool):
            raise self.refusals.refuse("INVALID_VALUE_TYPE", "Invalid value type: expected Boolean")
        combine(call, self.exchange.product, value[0])
        return None

    # What changes nothing

    def _asked(self, call: Call, *, is_open: bool = False) -> list[Order]:
        """The sender's orders, of the symbol that was asked for."""
        return list(self.ledger.of(call.user, call.params.get("symbol"), is_open=is_open))

    def _all_orders(self, call: Call) -> list[Facts]:
        found = [one.facts for one in self._asked(call) if one.id >= call.params.get("orderId", 0)]
        return found[-int(call.params.get("limit", 500)) :]

    def _trades(self, call: Call) -> list[Facts]:
        wanted = call.params.get("orderId")
        return [trade.facts for one in self._asked(call) if wanted in (None, one.id) for trade in one.trades]

    def _account(self, call: Call) -> Facts:
        held = self.ledger.balances[call.user] or ("BTC", "USDT")
        balances = [self.ledger.balance(call.user, asset) for asset in sorted(held)]
        return {"balances": balances, "update_time": self.exchange.now_ms()}

    def _depth(self, method: Method, call: Call) -> Any:
        """The documented book, at the number that the symbol's stream of changes has come to."""
        symbol = str(call.params["symbol"])
        book = self.exchange.answers.answer(method, call.params)
        self.dress(book, method.variants[0].result, symbol, 0)
        book["lastUpdateId"] = self.exchange.feed.last(f"{symbol}@depth".lower(), book["lastUpdateId"])
        return book

    def _session(self, call: Call) -> Facts:
        self._check_kind(call)
        user, now = call.peer.logged_on or None, self.exchange.now_ms()
        return {
            "api_key": user,
            "authorized_since": now if user else None,
            "connected_since": now - int((self.exchange.clock.monotonic() - call.peer.opened_at) * 1000),
            "return_rate_limits": call.peer.query.get("returnRateLimits", "true") == "true",
            "server_time": now,
            "user_data_stream": bool(call.peer.user_data),
        }

    def _check_kind(self, call: Call) -> None:
        """Not every kind of key may log a session on."""
        signing, kinds = self.exchange.product.signing, {key.api_key: key.kind for key in self.exchange.users}
        known = signing is not None and call.method == signing.logon and call.user in kinds
        if signing is not None and known and kinds[call.user] not in signing.logon_keys:
            call.peer.logged_on = ""
            message = "The type of the API key is not supported."
            raise self.refusals.refuse("INVALID_API_KEY_TYPE", message, status=401)

    # Conditional orders of futures: they wait for their trigger

    def _place_algo(self, call: Call) -> Facts:
        number, now = next(self.ledger.numbers), self.exchange.now_ms()
        order = dict.fromkeys(("quantity", "price", "trigger_price"), 0) | {"position_side": "BOTH"}
        order |= {"client_algo_id": f"mock-algo-{number}"} | named(call.params)
        order |= {"user": call.user, "algo_id": number, "algo_status": "NEW", "creation_time": now, "update_time": now}
        self._algos.append(order)
        self._events.algo(order)
        return order

    def _cancel_algo(self, call: Call) -> Facts:
        wanted = named(call.params)
        for order in self._algos:
            named_so = any(order[name] == wanted.get(name) for name in ("algo_id", "client_algo_id"))
            if named_so and order["user"] == call.user and order["algo_status"] == "NEW":
                order |= {"algo_status": "CANCELED", "update_time": self.exchange.now_ms()}
                self._events.algo(order)
                return order | {"result_code": "200", "message": "success"}
        raise self.refusals.refuse("CANCEL_REJECTED", "Unknown order sent.")


def _new_id(call: Call) -> object:
    return call.params.get("newClientOrderId")
