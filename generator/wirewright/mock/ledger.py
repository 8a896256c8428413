"""Orders, order lists and balances of the users of a loopback exchange. It knows no message and no error code.

What is known of them is told by the reviewed names of the specs (`executed_quantity`): answers, whose wire has words, and
events, whose wire has letters, share these.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from wirewright.model.naming import snake

Facts = dict[str, Any]

OPEN = ("NEW", "PENDING_NEW", "PARTIALLY_FILLED")
QUOTES = ("FDUSD", "USDT", "USDC", "BUSD", "TUSD", "BTC", "ETH", "BNB", "EUR", "TRY", "BRL", "USD")
PRICES: Mapping[str, Decimal | int] = {
    "BTC": 65000,
    "ETH": 3500,
    "BNB": 600,
    "SOL": 150,
    "LTC": 80,
    "XRP": Decimal("0.5"),
}
STARTING = Decimal(1_000_000)  # of every asset
ZERO = Decimal(0)


def assets(symbol: str) -> tuple[str, str]:
    """Base and quote asset of a symbol: ``BTCUSDT``, ``BTCUSD_PERP``. Raises `LookupError` for what is none."""
    pair = symbol.partition("_")[0]
    for quote in QUOTES:
        if pair.endswith(quote) and len(pair) > len(quote):
            return pair.removesuffix(quote), quote
    raise LookupError(symbol)


def price_of(symbol: str) -> Decimal:
    """Where a symbol trades here. It does not move: what a limit order does is known beforehand."""
    base, quote = assets(symbol)
    return (Decimal(PRICES.get(base, 100)) / Decimal(PRICES.get(quote, 1))).quantize(Decimal("0.01"))


def worth(symbol: str, amount: Decimal) -> Decimal:
    """An amount of a symbol's quote asset, in dollars."""
    return amount * Decimal(PRICES.get(assets(symbol)[1], 1))


def named(sent: Mapping[str, Any]) -> Facts:
    """Parameters by the names that answers and events have for them."""
    known = {snake(wire.replace("Qty", "Quantity")): value for wire, value in sent.items() if value is not None}
    return known | {"order_type": known.get("type")}


@dataclass(frozen=True)
class Trade:
    """One execution of an order."""

    order: Order
    id: int
    price: Decimal
    quantity: Decimal
    time: int

    @property
    def facts(self) -> Facts:
        last = {"price": self.price, "quantity": self.quantity, "quote_quantity": self.price * self.quantity}
        return {
            **last,
            **{f"last_executed_{name}": amount for name, amount in last.items()},
            "symbol": self.order.symbol,
            "order_id": self.order.id,
            "order_list_id": self.order.list_id,
            "trade_id": self.id,
            "trade_time": self.time,
            "commission": ZERO,
            "commission_asset": assets(self.order.symbol)[1],
            "is_buyer": self.order.side == "BUY",
            "is_maker": False,
        }


@dataclass(eq=False)
class Order:
    """One order. `sent` holds its parameters by name."""

    user: str
    id: int
    sent: Facts
    time: int
    group: OrderList | None = None
    status: str = "NEW"
    client_id: str = field(init=False)
    replaced_id: str = ""  # the client order id that it had before it was canceled or amended
    quantity: Decimal = field(init=False)
    price: Decimal = field(init=False)
    updated: int = field(init=False)
    trades: list[Trade] = field(default_factory=list[Trade])
    amendments: list[Facts] = field(default_factory=list[Facts])

    def __post_init__(self) -> None:
        sent, self.updated = self.sent, self.time
        self.client_id = str(sent.get("new_client_order_id") or sent.get("client_order_id") or f"mock-{self.id}")
        self.price = Decimal(str(sent.get("price") or 0))
        self.quantity = Decimal(str(sent.get("quantity") or 0))
        if "quote_order_quantity" in sent:
            bought = Decimal(str(sent["quote_order_quantity"])) / price_of(self.symbol)
            self.quantity = bought.quantize(Decimal("1e-5"))

    @property
    def symbol(self) -> str:
        return str(self.sent["symbol"])

    @property
    def side(self) -> str:
        return str(self.sent["side"])

    @property
    def type(self) -> str:
        return str(self.sent["order_type"])

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def list_id(self) -> int:
        return self.group.id if self.group is not None else -1

    @property
    def executed(self) -> Decimal:
        return sum((one.quantity for one in self.trades), ZERO)

    @property
    def facts(self) -> Facts:
        executed, spent = self.executed, sum((one.quantity * one.price for one in self.trades), ZERO)
        usual = {
            "time_in_force": "GTC",
            "self_trade_prevention_mode": "NONE",
            "stop_price": ZERO,
            "position_side": "BOTH",
        }
        usual |= dict.fromkeys(("reduce_only", "close_position"), False)
        return {
            **usual,
            **self.sent,
            **dict.fromkeys(("creation_time", "working_time"), self.time),
            **dict.fromkeys(("transaction_time", "update_time", "trade_time"), self.updated),
            **dict.fromkeys(("original_quantity", "quantity"), self.quantity),
            **dict.fromkeys(("executed_quantity", "cumulative_quantity", "cumulative_base_quantity"), executed),
            "cumulative_quote_quantity": spent,
            "original_quote_order_quantity": self.sent.get("quote_order_quantity", ZERO),
            "average_price": spent / executed if executed else ZERO,
            "price": self.price,
            "order_id": self.id,
            "order_list_id": self.list_id,
            "client_order_id": self.client_id,
            **({"original_client_order_id": self.replaced_id} if self.replaced_id else {}),
            "original_order_type": self.type,
            "status": self.status,
            "is_working": self.is_open,
            "pair": self.symbol.partition("_")[0],
            "margin_asset": assets(self.symbol)["_" not in self.symbol],
            "fills": [one.facts for one in self.trades],
        }

    def crosses(self) -> bool:
        """Whether it would trade at once."""
        market = price_of(self.symbol)
        return self.type == "MARKET" or (self.price >= market if self.side == "BUY" else self.price <= market)

    def rename(self, client_id: str) -> None:
        """It goes on, or ends, under another client order id."""
        self.replaced_id, self.client_id = self.client_id, client_id

    def reserved(self) -> tuple[str, Decimal]:
        """The asset that it holds, and how much of it."""
        base, quote = assets(self.symbol)
        left = self.quantity - self.executed
        return (quote, left * (self.price or price_of(self.symbol))) if self.side == "BUY" else (base, left)


@dataclass(eq=False)
class OrderList:
    """Orders that depend on each other; the first one works first."""

    user: str
    id: int
    client_id: str
    kind: str  # "OCO" or "OTO"
    time: int
    orders: list[Order] = field(default_factory=list[Order])

    @property
    def is_open(self) -> bool:
        return any(order.is_open for order in self.orders)

    @property
    def facts(self) -> Facts:
        """A member is named as it was when the list began."""
        members = [order.facts | {"client_order_id": order.replaced_id or order.client_id} for order in self.orders]
        return {
            "symbol": self.orders[0].symbol,
            "order_list_id": self.id,
            "contingency_type": self.kind,
            "list_status_type": "EXEC_STARTED" if self.is_open else "ALL_DONE",
            "list_order_status": "EXECUTING" if self.is_open else "ALL_DONE",
            "list_client_order_id": self.client_id,
            "transaction_time": self.time,
            "orders": members,
            "order_reports": [order.facts for order in self.orders],
        }


class Ledger:
    """Everything that users of one exchange have."""

    def __init__(self) -> None:
        self.orders: list[Order] = []
        self.lists: list[OrderList] = []
        self.balances: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(lambda: STARTING))
        self.positions: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        self.numbers = itertools.count(1_000_001)

    def of(self, user: str, symbol: object = None, *, is_open: bool = False) -> Iterator[Order]:
        """A user's orders (of a symbol)."""
        for order in self.orders:
            if order.user == user and symbol in (None, order.symbol) and (order.is_open or not is_open):
                yield order

    def balance(self, user: str, asset: str) -> Facts:
        """What a user has of an asset: free, and held by open orders."""
        held = (order.reserved() for order in self.of(user, is_open=True) if order.status != "PENDING_NEW")
        locked = sum((amount for name, amount in held if name == asset), ZERO)
        return {"asset": asset, "free": self.balances[user][asset] - locked, "locked": locked}

    def fill(self, order: Order, time: int) -> Trade:
        """Execute the whole order, where the market is."""
        trade = Trade(order, next(self.numbers), price_of(order.symbol), order.quantity - order.executed, time)
        order.trades.append(trade)
        order.status, order.updated = "FILLED", time
        base, quote = assets(order.symbol)
        sign = 1 if order.side == "BUY" else -1
        self.balances[order.user][base] += sign * trade.quantity
        self.balances[order.user][quote] -= sign * trade.quantity * trade.price
        self.positions[order.user, order.symbol] += sign * trade.quantity
        return trade
