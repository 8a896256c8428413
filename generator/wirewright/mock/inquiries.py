"""What the loopback exchange tells of orders, trades, balances, the book and the session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wirewright.mock.facts import trade_facts
from wirewright.mock.ledger import ZERO, text
from wirewright_runtime.testing import Call

if TYPE_CHECKING:
    from wirewright.mock.binance import Binance


class Inquiries:
    """The rules for methods that change nothing."""

    def __init__(self, rules: Binance) -> None:
        self._rules = rules
        methods = rules.exchange.api.methods
        self._depth = next((one for one in methods if one.wire == "depth"), methods[0])

    def depth(self, call: Call) -> dict[str, Any]:
        """The documented book, at the number that the symbol's stream of changes has come to."""
        symbol = str(call.params["symbol"])
        book: dict[str, Any] = self._rules.exchange.answers.answer(self._depth, call.params)
        self._rules.dress(book, self._depth.variants[0].result, symbol, 0)
        book["lastUpdateId"] = self._rules.exchange.feed.last(f"{symbol}@depth".lower(), book["lastUpdateId"])
        return book

    def all_orders(self, call: Call) -> list[dict[str, Any]]:
        found = [
            one
            for one in self._rules.ledger.of(call.user, call.params["symbol"])
            if one.id >= call.params.get("orderId", 0)
        ]
        return [self._rules.facts(one) for one in found[-int(call.params.get("limit", 500)) :]]

    def open_orders(self, call: Call) -> list[dict[str, Any]]:
        return [
            self._rules.facts(one) for one in self._rules.ledger.of(call.user, call.params.get("symbol"), is_open=True)
        ]

    def trades(self, call: Call) -> list[dict[str, Any]]:
        wanted, found = call.params.get("orderId"), self._rules.ledger.of(call.user, call.params["symbol"])
        return [
            trade_facts(one, trade, self._rules.events.places)
            for one in found
            if wanted in (None, one.id)
            for trade in one.trades
        ]

    def account(self, call: Call) -> dict[str, Any]:
        names = self._rules.ledger.balances[call.user] or {"BTC": ZERO, "USDT": ZERO}
        balances = [
            {
                "asset": one,
                "free": text(self._rules.ledger.free(call.user, one)),
                "locked": text(self._rules.ledger.locked(call.user, one)),
            }
            for one in sorted(names)
        ]
        return {"balances": balances, "updateTime": self._rules.exchange.now_ms()}

    def session(self, call: Call) -> dict[str, Any]:
        self._check_kind(call)
        user, now = call.peer.logged_on or None, self._rules.exchange.now_ms()
        return {
            "apiKey": user,
            "authorizedSince": now if user else None,
            "connectedSince": now - int((self._rules.exchange.clock.monotonic() - call.peer.opened_at) * 1000),
            "returnRateLimits": call.peer.query.get("returnRateLimits", "true") == "true",
            "serverTime": now,
            "userDataStream": bool(call.peer.user_data),
        }

    def _check_kind(self, call: Call) -> None:
        """Not every kind of key may log a session on."""
        exchange = self._rules.exchange
        signing, kinds = exchange.product.signing, {key.api_key: key.kind for key in exchange.users}
        known = signing is not None and call.method == signing.logon and call.user in kinds
        if signing is not None and known and kinds[call.user] not in signing.logon_keys:
            call.peer.logged_on = ""
            raise self._rules.refuse("INVALID_API_KEY_TYPE", "The type of the API key is not supported.", status=401)
