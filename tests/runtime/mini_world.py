"""What the tests of the runtime share: a client of the sample product, a loopback exchange, and a clock."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from loops import run, virtually
from mini_wire.mini import MiniClient, catalog

from wirewright_runtime import Clock, HmacKey
from wirewright_runtime.testing import Call, FakeExchange, Refusal

__all__ = ["HMAC", "ORDER", "PRODUCT", "agg_trade", "basic_credentials", "keep_orders", "mini", "place_order"]
__all__ += ["report", "run", "virtually"]

HMAC = HmacKey("api-key-of-alice", "secret-of-alice")
PRODUCT = MiniClient.product

ORDER = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "time_in_force": "GTC", "price": "1.0", "quantity": "2"}


def agg_trade(number: int, symbol: str = "BTCUSDT") -> dict[str, Any]:
    """An aggregate trade with that number."""
    return {"e": "aggTrade", "E": number, "s": symbol, "a": number, "p": "0.10", "q": "1.50"}


def report(number: int) -> dict[str, Any]:
    """An execution report with that number."""
    return {"e": "executionReport", "E": number, "s": "B", "c": "x", "S": "BUY", "X": "NEW", "i": 1, "I": number}


def place_order(call: Call) -> dict[str, Any]:
    """A handler for `order.place`."""
    params = call.params
    return {
        "symbol": params["symbol"],
        "orderId": 8389766036995847940,
        "clientOrderId": params["newClientOrderId"],
        "price": params.get("price", "0"),
        "origQty": params.get("quantity", "0"),
        "status": "NEW",
        "side": params["side"],
        "fills": [],
        "transactTime": 1,
    }


def keep_orders(exchange: FakeExchange) -> None:
    """Let the exchange remember orders: what was placed can be asked for."""
    orders: dict[str, dict[str, Any]] = {}

    def place(call: Call) -> dict[str, Any]:
        order = place_order(call)
        orders[order["clientOrderId"]] = order
        return order

    def status(call: Call) -> dict[str, Any]:
        order = orders.get(call.params["origClientOrderId"])
        if order is None:
            raise Refusal(-2013, "Order does not exist.")
        return order

    exchange.handle("order.place", place)
    exchange.handle("order.status", status)


@asynccontextmanager
async def mini(
    clock: Clock | None = None, *, memory: bool = False, **options: Any
) -> AsyncIterator[tuple[FakeExchange, MiniClient]]:
    """An exchange and a client of it. Whatever is left over afterwards is an error."""
    clock = clock or Clock()
    key = options.pop("key", HMAC)
    settings = {name: options.pop(name) for name in ("enforce", "pings", "lifetimes") if name in options}
    exchange = FakeExchange(PRODUCT, keys=[key] if key else [HMAC], methods=catalog.METHODS, clock=clock, **settings)
    exchange.answer("avgPrice", {"mins": 5, "price": "0.00000000", "closeTime": 1})
    keep_orders(exchange)
    async with exchange:
        transport = {"transport": exchange.transport} if memory else {}
        async with MiniClient(key=key, server=exchange.server, clock=clock, **transport, **options) as client:
            yield exchange, client


def basic_credentials(user: str, password: str) -> str:
    """As HTTP writes them."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
