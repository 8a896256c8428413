"""User data of the loopback exchange: what an order sets off, in the words of spot or of futures."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from wirewright.mock.ledger import ZERO, Ledger, Order, OrderList, Trade, assets, price_of, text
from wirewright.mock.shapes import Shapes

if TYPE_CHECKING:
    from wirewright.mock.exchange import MockExchange


class UserEvents:
    """Tells a user's subscriptions what happens to orders, right after the request that caused it was answered."""

    def __init__(self, exchange: MockExchange, ledger: Ledger, shapes: Shapes, spot: bool) -> None:
        self.places = 8 if spot else None
        self._exchange = exchange
        self._ledger = ledger
        self._shapes = shapes
        self._spot = spot
        self._types = {tag: event.type for event in exchange.api.events for tag in event.tags}

    def order(self, order: Order, what: str, trade: Trade | None = None) -> None:
        """An order was placed, executed, canceled, amended or has expired."""
        if self._spot:
            self._push(
                order.user, "executionReport", self._letters(order, what, trade) | self._spot_letters(order, trade)
            )
            self._position(order)
        else:
            self._futures(order, what, trade)

    def order_list(self, found: OrderList, facts: dict[str, Any]) -> None:
        """An order list began, or is done."""
        orders = [{"s": one["symbol"], "i": one["orderId"], "c": one["clientOrderId"]} for one in facts["orders"]]
        self._push(
            found.orders[0].user,
            "listStatus",
            {
                "s": facts["symbol"],
                "g": found.id,
                "c": found.kind,
                "l": facts["listStatusType"],
                "L": facts["listOrderStatus"],
                "C": found.client_id,
                "T": facts["transactionTime"],
                "O": orders,
            },
        )

    def algo(self, order: dict[str, Any]) -> None:
        """A conditional order was placed or canceled."""
        amounts = {"q": order["quantity"], "tp": str(order.get("triggerPrice", "0")), "p": str(order.get("price", "0"))}
        letters = {
            "caid": order["clientAlgoId"],
            "aid": order["algoId"],
            "at": order["algoType"],
            "o": order["type"],
            "s": order["symbol"],
            "S": order["side"],
            "ps": order["positionSide"],
            "f": order.get("timeInForce", "GTC"),
            "X": order["algoStatus"],
        }
        self._push(order["user"], "ALGO_UPDATE", {"T": order["updateTime"], "o": letters | amounts})

    def _push(self, user: str, tag: str, facts: dict[str, Any]) -> None:
        if tag in self._types:
            event = self._shapes.shape(self._types[tag], {"E": self._exchange.now_ms(), **facts})
            asyncio.get_running_loop().call_soon(self._exchange.push_to, user, event)

    def _letters(self, order: Order, what: str, trade: Trade | None) -> dict[str, Any]:
        """What both kinds of products say with the same letters."""
        return {
            "s": order.symbol,
            "c": order.client_id,
            "S": order.side,
            "o": order.type,
            "f": order.sent.get("timeInForce", "GTC"),
            "q": self._text(order.quantity),
            "p": self._text(order.price),
            "x": what,
            "X": order.status,
            "i": order.id,
            "T": order.updated,
            "t": trade.id if trade else self._none,
            "l": self._text(trade.quantity if trade else ZERO),
            "z": self._text(order.executed),
            "L": self._text(trade.price if trade else ZERO),
            "n": "0",
            "N": assets(order.symbol)[1] if trade else None,
            "m": False,
        }

    @property
    def _none(self) -> int:
        """The number of no trade."""
        return -1 if self._spot else 0

    def _spot_letters(self, order: Order, trade: Trade | None) -> dict[str, Any]:
        return {
            "P": self._text(order.sent.get("stopPrice") or 0),
            "F": self._text(order.sent.get("icebergQty") or 0),
            "g": order.list_id,
            "C": order.replaced_id,
            "r": "NONE",
            "I": next(self._ledger.numbers),
            "w": order.is_open,
            "O": order.time,
            "Z": self._text(order.spent),
            "Q": self._text(order.sent.get("quoteOrderQty") or 0),
            "Y": self._text(trade.price * trade.quantity if trade else ZERO),
            "W": order.time,
            "V": order.sent.get("selfTradePreventionMode", "NONE"),
        }

    def _position(self, order: Order) -> None:
        balances = [
            {"a": one, "f": text(self._ledger.free(order.user, one)), "l": text(self._ledger.locked(order.user, one))}
            for one in assets(order.symbol)
        ]
        self._push(order.user, "outboundAccountPosition", {"u": order.updated, "B": balances})

    def _futures(self, order: Order, what: str, trade: Trade | None) -> None:
        average = order.spent / order.executed if order.executed else ZERO
        letters = self._letters(order, what, trade) | {
            "ap": self._text(average),
            "sp": self._text(order.sent.get("stopPrice") or 0),
            "ot": order.type,
            "ps": order.sent.get("positionSide", "BOTH"),
            "R": order.sent.get("reduceOnly", False),
            "cp": order.sent.get("closePosition", False),
            "wt": order.sent.get("workingType", "CONTRACT_PRICE"),
            "ma": assets(order.symbol)[0],
            "N": assets(order.symbol)[1],
        }
        if trade is not None:
            self._push(order.user, "ACCOUNT_UPDATE", {"T": order.updated, "a": self._account(order)})
        self._push(order.user, "ORDER_TRADE_UPDATE", {"T": order.updated, "o": letters})
        if trade is not None:
            lite = {name: letters[name] for name in ("s", "q", "p", "m", "c", "S", "L", "l", "t", "i")}
            self._push(order.user, "TRADE_LITE", {"T": order.updated, **lite})

    def _account(self, order: Order) -> dict[str, Any]:
        base, quote = assets(order.symbol)
        margin = base if "_" in order.symbol else quote
        wallet = self._text(self._ledger.balances[order.user][margin])
        position = self._text(self._ledger.positions[order.user, order.symbol])
        entry = self._text(price_of(order.symbol))
        return {
            "m": "ORDER",
            "B": [{"a": margin, "wb": wallet, "cw": wallet, "bc": "0"}],
            "P": [
                {
                    "s": order.symbol,
                    "pa": position,
                    "ep": entry,
                    "bep": entry,
                    "ps": order.sent.get("positionSide", "BOTH"),
                }
            ],
        }

    def _text(self, amount: object) -> str:
        return text(Decimal(str(amount)), self.places)
