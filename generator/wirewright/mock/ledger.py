"""Orders, order lists and balances of the users of a loopback exchange. It knows no message and no error code."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

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


@dataclass(frozen=True)
class Trade:
    """One execution of an order."""

    id: int
    price: Decimal
    quantity: Decimal
    time: int


@dataclass(eq=False)
class Order:
    """One order. `sent` holds every parameter as it was sent."""

    user: str
    id: int
    client_id: str
    sent: Mapping[str, Any]
    quantity: Decimal
    price: Decimal
    time: int
    list_id: int = -1
    status: str = "NEW"
    updated: int = 0
    replaced_id: str = ""  # the client order id that it had before it was canceled or amended
    trades: list[Trade] = field(default_factory=list[Trade])
    amendments: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    @property
    def symbol(self) -> str:
        return str(self.sent["symbol"])

    @property
    def side(self) -> str:
        return str(self.sent["side"])

    @property
    def type(self) -> str:
        return str(self.sent["type"])

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def executed(self) -> Decimal:
        return sum((one.quantity for one in self.trades), ZERO)

    @property
    def spent(self) -> Decimal:
        return sum((one.quantity * one.price for one in self.trades), ZERO)

    def crosses(self) -> bool:
        """Whether it would trade at once."""
        market = price_of(self.symbol)
        return self.type == "MARKET" or (self.price >= market if self.side == "BUY" else self.price <= market)

    def reserved(self) -> tuple[str, Decimal]:
        """The asset that it holds, and how much of it."""
        base, quote = assets(self.symbol)
        left = self.quantity - self.executed
        return (quote, left * (self.price or price_of(self.symbol))) if self.side == "BUY" else (base, left)


@dataclass(eq=False)
class OrderList:
    """Orders that depend on each other; the first one works first."""

    id: int
    client_id: str
    kind: str  # "OCO" or "OTO"
    orders: list[Order]
    time: int

    @property
    def is_open(self) -> bool:
        return any(order.is_open for order in self.orders)


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

    def find(self, user: str, symbol: object, id: object, client_id: object, *, is_open: bool = False) -> Order | None:
        """A user's order by its id, or the last one with that client order id."""
        found = self.of(user, symbol, is_open=is_open)
        wanted = (
            one for one in found if (one.id == id if id is not None else client_id in (one.client_id, one.replaced_id))
        )
        return next(reversed(list(wanted)), None)

    def find_list(self, user: str, id: object, client_id: object) -> OrderList | None:
        """A user's order list."""
        own = [one for one in self.lists if one.orders[0].user == user]
        return next(
            (one for one in reversed(own) if (one.id == id if id is not None else one.client_id == client_id)), None
        )

    def list_of(self, order: Order) -> OrderList | None:
        """The list that an order belongs to."""
        return next((one for one in self.lists if one.id == order.list_id), None)

    def free(self, user: str, asset: str) -> Decimal:
        """How much of an asset a user can still use."""
        return self.balances[user][asset] - self.locked(user, asset)

    def locked(self, user: str, asset: str) -> Decimal:
        """How much of an asset open orders hold."""
        held = (order.reserved() for order in self.of(user, is_open=True) if order.status != "PENDING_NEW")
        return sum((amount for name, amount in held if name == asset), ZERO)

    def fill(self, order: Order, time: int) -> Trade:
        """Execute the whole order, where the market is."""
        trade = Trade(next(self.numbers), price_of(order.symbol), order.quantity - order.executed, time)
        order.trades.append(trade)
        order.status, order.updated = "FILLED", time
        base, quote = assets(order.symbol)
        sign = 1 if order.side == "BUY" else -1
        self.balances[order.user][base] += sign * trade.quantity
        self.balances[order.user][quote] -= sign * trade.quantity * trade.price
        self.positions[order.user, order.symbol] += sign * trade.quantity
        return trade


def text(amount: Decimal, places: int | None = 8) -> str:
    """An amount as the exchange writes it."""
    return f"{amount:.{places}f}" if places is not None else f"{amount:f}"


def legs(sent: Mapping[str, Any], prefixes: Iterable[str]) -> list[dict[str, Any]]:
    """The orders of a list from its parameters: ``pendingAbovePrice`` is the ``price`` of the leg ``pendingAbove``."""
    return [{"symbol": sent["symbol"], **_common(sent), **_leg(sent, prefix)} for prefix in prefixes]


def _common(sent: Mapping[str, Any]) -> dict[str, Any]:
    return {name: sent[name] for name in ("side", "quantity") if name in sent}


def _leg(sent: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """Parameters with that prefix; those of ``pending`` hold for ``pendingAbove`` too."""
    shorter = "pending" if prefix.startswith("pending") and prefix != "pending" else ""
    found = _leg(sent, shorter) if shorter else {}
    for name, value in sent.items():
        rest = name.removeprefix(prefix)
        if name.startswith(prefix) and rest[:1].isupper():
            found[rest[0].lower() + rest[1:]] = value
    return found
