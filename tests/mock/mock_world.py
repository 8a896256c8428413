"""What the tests of the loopback exchange share: products by name, their exchange and client in virtual time."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from wirewright.mock import MockExchange, mock_product
from wirewright_runtime import Credential, Ed25519Key, HmacKey
from wirewright_runtime.testing import VirtualClock

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "tests"))

from loops import run, virtually  # noqa: E402

__all__ = ["ALICE", "ED25519", "PRODUCTS", "ROOT", "in_virtual_time", "module", "run", "world"]

PRODUCTS = ("spot", "usdm", "coinm")
SYMBOLS = {"spot": "BTCUSDT", "usdm": "BTCUSDT", "coinm": "BTCUSD_PERP"}
CLIENTS = {"spot": "SpotClient", "usdm": "UsdmClient", "coinm": "CoinmClient"}
ALICE = HmacKey("api-key-of-alice", "secret-of-alice")
ED25519 = Ed25519Key("api-key-of-carol", bytes(range(32)))


def module(product: str, name: str) -> Any:
    """A module of a generated product."""
    return import_module(f"binance_wire.{product}.{name}")


def client_of(product: str) -> Any:
    """The class of a product's client."""
    return getattr(import_module(f"binance_wire.{product}"), CLIENTS[product])


@asynccontextmanager
async def world(
    product: str, clock: VirtualClock | None = None, *, key: Credential | None = ALICE, **options: Any
) -> AsyncIterator[tuple[MockExchange, Any]]:
    """An exchange and a client of it."""
    time = {} if clock is None else {"clock": clock}
    exchange = mock_product(product, keys=[ALICE, ED25519], **time)
    async with exchange, client_of(product)(key=key, server=exchange.server, **time, **options) as client:
        yield exchange, client


def in_virtual_time(test: Callable[[VirtualClock], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    """Run a test in an event loop whose time jumps, over real sockets."""

    def in_a_loop() -> None:
        virtually(test)

    in_a_loop.__name__ = test.__name__
    in_a_loop.__doc__ = test.__doc__
    return in_a_loop
