"""Whatever a client says, the loopback exchange goes on: nonsense is refused, and the next request is answered."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from mock_world import PRODUCTS, run
from websockets.asyncio.client import ClientConnection, connect

from wirewright.mock import MockExchange, mock_product
from wirewright.model.api import Api

NONSENSE: list[Any] = [
    None,
    True,
    0,
    -1,
    1.5,
    10**30,
    "",
    "NaN",
    "1e999999",
    "x" * 5000,
    "\u0000",
    "BTCUSDT",
    [],
    [[]],
    {},
    {"a": 1},
]
FRAMES: list[Any] = [
    None,
    1,
    "text",
    [],
    {},
    {"id": 1},
    {"id": {}, "method": {}},
    {"id": [1], "method": "ping", "params": 7},
]
ALIVE = {False: "session.status", True: "LIST_SUBSCRIPTIONS"}
COMMANDS = ("SUBSCRIBE", "UNSUBSCRIBE", "LIST_SUBSCRIPTIONS", "SET_PROPERTY", "GET_PROPERTY")


def spoilt(api: Api) -> Iterator[Any]:
    """Every documented request, with each of its parameters left out or replaced by nonsense in turn."""
    yield from FRAMES
    for method in api.methods:
        shown = json.loads(method.request_example or "{}").get("params", {})
        params = {name: value for name, value in shown.items() if name not in ("apiKey", "signature", "timestamp")}
        for one in method.parameters:
            for value in NONSENSE:
                yield {"id": 1, "method": method.wire, "params": params | {one.wire: value}}
        for name in params:
            yield {"id": 1, "method": method.wire, "params": {key: params[key] for key in params if key != name}}


def commands() -> Iterator[Any]:
    """Every command of a socket for streams with nonsense."""
    yield from FRAMES
    for command in COMMANDS:
        yield from (
            {"id": 1, "method": command, "params": value} for value in (*NONSENSE, [1], [None, True], ["combined", []])
        )


async def say(exchange: MockExchange, connection: ClientConnection, frame: Any) -> None:
    """Say something as somebody who is logged on, so that nothing ends at the door, and be alive."""
    for peer in exchange.peers:
        peer.logged_on = "somebody"
    await connection.send(json.dumps(frame))
    assert connection.request is not None
    await connection.send(json.dumps({"id": "alive", "method": ALIVE[connection.request.path.endswith("stream")]}))
    async with asyncio.timeout(5):
        while json.loads(await connection.recv()).get("id") != "alive":
            pass


@pytest.mark.parametrize("product", PRODUCTS)
def test_nonsense_does_no_harm(product: str) -> None:
    failures: list[Any] = []

    async def main() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, what: failures.append(what))
        exchange = mock_product(product)
        exchange.enforce = False
        async with exchange:
            for socket in exchange.api.sockets:
                if socket.request is None:
                    continue
                async with connect(exchange.address + socket.path) as connection:
                    for frame in commands() if socket.subscribe else spoilt(exchange.api):
                        try:
                            await say(exchange, connection, frame)
                        except Exception as error:
                            raise AssertionError(f"{frame} does harm: {failures}") from error

    run(main)
    assert failures == []
