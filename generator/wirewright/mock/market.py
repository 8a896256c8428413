"""Prices where the market is: the documents' examples are of other symbols and other years."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from wirewright.load.typetext import is_amount
from wirewright.mock.answers import item_of
from wirewright.mock.ledger import price_of
from wirewright.mock.payloads import Place, Types, places
from wirewright.mock.values import is_list
from wirewright.model.types import Type

PRICES = {
    "ask_price", "average_price", "bid_price", "close_price", "high_price", "index_price", "last_price", "low_price",
    "mark_price", "open_price", "previous_close_price", "price", "price_change", "reference_price", "weighted_average_price",
}  # fmt: skip
_SWING = Decimal("0.00001")  # how far one event is from the next


def dress(payload: Any, kind: Type, types: Types, symbol: str, number: int = 0) -> None:
    """Move the prices of market data to where their symbol trades.

    Args:
        payload: An event or a result; a list may hold several symbols.
        kind: Its type.
        types: The types of its API.
        symbol: What was asked for, where the data do not say it.
        number: Number of the event: prices swing a little from one to the next.
    """
    several, item = (payload, item_of(kind, types)) if is_list(payload) else ([payload], kind)
    for one in several:
        _move(list(places(one, item, types)), symbol, number)


def _move(fields: list[Place], symbol: str, number: int) -> None:
    own = next((str(one.value) for one in fields if one.field.name == "symbol"), symbol.upper())
    prices = [one for one in fields if one.field.name in PRICES and is_amount(str(one.value))]
    shown = next((amount for one in sorted(prices, key=_is_beside) if (amount := Decimal(one.value)) > 0), None)
    try:
        market = price_of(own)
    except LookupError:
        return
    if shown is not None:
        factor = market / shown * (1 + (number * 7 % 11 - 5 if number else 0) * _SWING)
        for one in prices:
            one.set(f"{Decimal(one.value) * factor:.{2 if market > 10 else 8}f}")
        _agree({one.field.name: one for one in prices})


def _is_beside(price: Place) -> bool:
    """Whether a price is something else than the last one, by which the others are measured."""
    return price.field.name not in ("close_price", "last_price")


def _agree(prices: Mapping[str, Place]) -> None:
    """Let the prices of an interval be those of one: examples are made up field by field."""
    begin, end = prices.get("open_price"), prices.get("close_price", prices.get("last_price"))
    if begin is None or end is None:
        return
    for name, outermost in (("high_price", max), ("low_price", min)):
        if name in prices:
            prices[name].set(str(outermost(Decimal(one.value) for one in (prices[name], begin, end))))
    if "price_change" in prices:
        prices["price_change"].set(str(Decimal(end.value) - Decimal(begin.value)))
