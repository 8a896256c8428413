"""User data of the loopback exchange: what an order sets off. Each product hears of it by the events that it has."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from wirewright.mock.ledger import ZERO, Facts, Ledger, Order, OrderList, Trade, assets, price_of
from wirewright.mock.shapes import Shapes

if TYPE_CHECKING:
    from wirewright.mock.exchange import MockExchange


class UserEvents:
    """Tells a user's subscriptions what happens to orders, right after the request that caused it was answered."""

    def __init__(self, exchange: MockExchange, ledger: Ledger, shapes: Shapes) -> None:
        self._exchange = exchange
        self._ledger = ledger
        self._shapes = shapes
        self._types = {tag: event.type for event in exchange.api.events for tag in event.tags}

    def order(self, order: Order, what: str, trade: Trade | None = None) -> None:
        """An order was placed, executed, canceled, amended or has expired."""
        number = next(self._ledger.numbers)
        told = (trade.facts if trade else {}) | order.facts | {"execution_type": what, "execution_id": number}
        self._push(order.user, "executionReport", told)
        balances = [self._ledger.balance(order.user, asset) for asset in assets(order.symbol)]
        self._push(order.user, "outboundAccountPosition", {"update_time": order.updated, "balances": balances})
        if trade:
            self._push(order.user, "ACCOUNT_UPDATE", told | {"changes": self._changes(order)})
        self._push(order.user, "ORDER_TRADE_UPDATE", told | {"order": told})
        if trade:
            self._push(order.user, "TRADE_LITE", told)

    def order_list(self, found: OrderList) -> None:
        """An order list began, or is done."""
        self._push(found.user, "listStatus", found.facts)

    def algo(self, order: Facts) -> None:
        """A conditional order was placed or canceled."""
        self._push(order["user"], "ALGO_UPDATE", {"transaction_time": order["update_time"], "order": order})

    def _push(self, user: str, tag: str, facts: Facts) -> None:
        if tag in self._types:
            event = self._shapes.shape(self._types[tag], facts | {"event_time": self._exchange.now_ms()})
            asyncio.get_running_loop().call_soon(self._exchange.push_to, user, event)

    def _changes(self, order: Order) -> Facts:
        """What an execution did to the margin and to the position."""
        told = order.facts
        wallet, entry = self._ledger.balances[order.user][told["margin_asset"]], price_of(order.symbol)
        margin = {"asset": told["margin_asset"], "wallet_balance": wallet, "cross_wallet_balance": wallet}
        position = {"position_amount": self._ledger.positions[order.user, order.symbol], "entry_price": entry}
        return {
            "reason": "ORDER",
            "balances": [margin | {"balance_change": ZERO}],
            "positions": [told | position | {"break_even_price": entry}],
        }
