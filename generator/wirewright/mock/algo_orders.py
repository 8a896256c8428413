"""Conditional orders of futures at the loopback exchange: they wait for their trigger, and can be canceled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wirewright_runtime.testing import Call

if TYPE_CHECKING:
    from wirewright.mock.binance import Binance


class AlgoOrders:
    """The rules for `algoOrder.place` and `algoOrder.cancel`."""

    def __init__(self, rules: Binance) -> None:
        self._rules = rules
        self._waiting: list[dict[str, Any]] = []

    def place(self, call: Call) -> dict[str, Any]:
        """A new one."""
        number, now, sent = next(self._rules.ledger.numbers), self._rules.exchange.now_ms(), call.params
        order = sent | {
            "user": call.user,
            "algoId": number,
            "clientAlgoId": str(sent.get("clientAlgoId") or f"mock-algo-{number}"),
            "orderType": sent["type"],
            "quantity": str(sent.get("quantity", "0")),
            "algoStatus": "NEW",
            "createTime": now,
            "updateTime": now,
            "positionSide": sent.get("positionSide", "BOTH"),
        }
        self._waiting.append(order)
        self._rules.events.algo(order)
        return order

    def cancel(self, call: Call) -> dict[str, Any]:
        """No longer wait for the trigger."""
        names = [name for name in ("algoId", "clientAlgoId") if call.params.get(name) is not None]
        own = (one for one in self._waiting if one["user"] == call.user and one["algoStatus"] == "NEW")
        order = next((one for one in own if one[names[0]] == call.params[names[0]]), None)
        if order is None:
            raise self._rules.refuse("CANCEL_REJECTED", "Unknown order sent.")
        order |= {"algoStatus": "CANCELED", "updateTime": self._rules.exchange.now_ms()}
        self._rules.events.algo(order)
        return {"algoId": order["algoId"], "clientAlgoId": order["clientAlgoId"], "code": "200", "msg": "success"}
