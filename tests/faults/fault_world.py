"""What the tests of the fault catalogue share: the generated clients against a loopback exchange that answers everything.

    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client):
            ...
    virtually(main)                     # or run(main) with `spot()`, in real time

Sockets are real (`memory=True` leaves them out); `others` are keys of further users; `enforce`, `pings`, `lifetimes` and `weight_limit` go to the exchange, every other option
to the client. A request is answered with its documented example; orders are remembered.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cache
from importlib import resources
from typing import Any, TypeVar

from loops import run, virtually

from binance_wire.spot import SpotClient
from binance_wire.spot.streams import AggTradeStream, BookTickerStream
from binance_wire.usdm import UsdmClient
from wirewright_runtime import BaseClient, Clock, HmacKey
from wirewright_runtime.testing import Call, Examples, FakeExchange, Refusal

__all__ = ["BOOK", "HMAC", "ORDER", "TRADES", "agg_trade", "book_ticker", "keep_orders", "report", "run"]
__all__ += ["spot", "usdm", "virtually"]

C = TypeVar("C", bound=BaseClient)

HMAC = HmacKey("api-key-of-alice", "secret-of-alice")

ORDER: dict[str, Any] = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "time_in_force": "GTC",
    "price": "1.0",
    "quantity": "2",
}
"""Arguments of `api.order_place`, of either product."""

_OF_THE_EXCHANGE = ("enforce", "pings", "lifetimes", "weight_limit")

TRADES = AggTradeStream(symbol="btcusdt")
BOOK = BookTickerStream(symbol="btcusdt")


def document(product: str) -> dict[str, Any]:
    """The documented examples of a product."""
    found: dict[str, Any] = json.loads(resources.files(f"binance_wire.{product}").joinpath("examples.json").read_text())
    return found


def keep_orders(exchange: FakeExchange) -> dict[str, dict[str, Any]]:
    """Let the exchange remember orders: what was placed can be asked for and canceled. Gives them by client order id."""
    orders: dict[str, dict[str, Any]] = {}
    placed, stands, canceled = (exchange.example(f"order.{verb}") for verb in ("place", "status", "cancel"))

    def place(call: Call) -> dict[str, Any]:
        id = call.params["newClientOrderId"]
        orders[id] = {"symbol": call.params["symbol"], "clientOrderId": id, "orderId": 2**62 + len(orders)}
        return placed | orders[id] | {"status": "NEW"}

    def known(call: Call) -> dict[str, Any]:
        order = orders.get(call.params.get("origClientOrderId", ""))
        if order is None:
            raise Refusal(-2013, "Order does not exist.")
        return order

    exchange.handle("order.place", place)
    exchange.handle("order.status", lambda call: stands | known(call) | {"status": "NEW"})
    exchange.handle("order.cancel", lambda call: canceled | known(call) | {"status": "CANCELED"})
    return orders


def agg_trade(number: int, symbol: str = "BTCUSDT") -> dict[str, Any]:
    """An aggregate trade of Spot with that number."""
    numbers = {"E": 1_790_000_000_000 + number, "T": number, "a": number, "f": number, "l": number}
    return {"e": "aggTrade", "s": symbol, "p": "0.10", "q": "1.50", "m": True, "M": True} | numbers


def book_ticker(number: int, symbol: str = "BTCUSDT") -> dict[str, Any]:
    """A book ticker of Spot with that update id."""
    return {"u": number, "s": symbol, "b": "1.00", "B": "2.00", "a": "1.10", "A": "3.00"}


def report(number: int) -> dict[str, Any]:
    """An execution report of Spot with that execution id."""
    return _report() | {"I": number, "E": 1_790_000_000_000 + number}


@cache
def _report() -> dict[str, Any]:
    example: dict[str, Any] = Examples(SpotClient).event("ExecutionReport")
    return example


def spot(clock: Clock | None = None, **options: Any) -> AbstractAsyncContextManager[tuple[FakeExchange, SpotClient]]:
    """A Spot client and its exchange."""
    return _world(SpotClient, clock, options)


def usdm(clock: Clock | None = None, **options: Any) -> AbstractAsyncContextManager[tuple[FakeExchange, UsdmClient]]:
    """A USD-M client and its exchange."""
    return _world(UsdmClient, clock, options)


@asynccontextmanager
async def _world(cls: type[C], clock: Clock | None, options: dict[str, Any]) -> AsyncIterator[tuple[FakeExchange, C]]:
    clock = clock or Clock()
    key, memory = options.pop("key", HMAC), options.pop("memory", False)
    keys = [key or HMAC, *options.pop("others", [])]
    settings: Any = {name: options.pop(name) for name in _OF_THE_EXCHANGE if name in options}
    exchange = FakeExchange.serving(cls, keys=keys, clock=clock, **settings)
    keep_orders(exchange)
    async with exchange:
        if memory:
            options["transport"] = exchange.transport
        async with cls(key=key, server=exchange.server, clock=clock, **options) as client:
            yield exchange, client
