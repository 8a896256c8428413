"""Fails when the client has become slow: its cost per message and per request, as a multiple of a floor in the same run.

    python bench/guard.py             compare with what is recorded in guard.json; exit code 1 above 1.5 times that
    python bench/guard.py --record    record today's ratios

No socket and no clock on the wall: frames are handed to the client at its transport, and both sides take turns, so that a
noisy machine slows down both. The floor of a message is decoding it; of a request, writing it, signing it and reading its
answer, by `msgspec` and `hmac` alone.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import hmac
import json
import sys
import time
from collections.abc import Awaitable, Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from binance_wire.spot import SpotClient, models
from binance_wire.spot.events import AggTrade
from binance_wire.spot.streams import AggTradeStream
from wirewright_runtime import HmacKey, Receiver, Target

RECORD = Path(__file__).with_name("guard.json")
TOLERANCE = 1.5
ROUNDS = 15
MESSAGES = 4_000
REQUESTS = 600

KEY = HmacKey("k" * 64, "s" * 64)
ORDER: dict[str, Any] = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "time_in_force": "GTC",
    "price": "65000.00",
    "quantity": "0.001",
}
PLACED = {
    "symbol": "BTCUSDT",
    "orderId": 12569099453,
    "orderListId": -1,
    "clientOrderId": "4d96324ff9d44481926157ec08158a40",
    "transactTime": 1660801715793,
    "price": "65000.00",
    "origQty": "0.001",
    "executedQty": "0.001",
    "origQuoteOrderQty": "0.00",
    "cummulativeQuoteQty": "65.00",
    "status": "FILLED",
    "timeInForce": "GTC",
    "type": "LIMIT",
    "side": "BUY",
    "workingTime": 1660801715793,
    "selfTradePreventionMode": "NONE",
    "fills": [],
}


class Link:
    """A socket that is not there: commands are acknowledged, requests answered with `ANSWER`."""

    written = 0

    def __init__(self, receiver: Receiver) -> None:
        self.receiver = receiver

    def send(self, *texts: bytes) -> None:
        asyncio.get_running_loop().call_soon(self.receiver.on_frames, [self._answer(text) for text in texts])

    def _answer(self, text: bytes) -> bytes:
        asked = msgspec.json.decode(text)
        if asked["method"] == "time":
            return msgspec.json.encode({"id": asked["id"], "status": 200, "result": {"serverTime": 1}})
        result: object = PLACED if asked["method"] == "order.place" else None
        return msgspec.json.encode({"id": asked["id"], "status": 200, "result": result})

    def ping(self, payload: bytes = b"") -> None: ...
    def pong(self, payload: bytes) -> None: ...
    def abort(self) -> None: ...
    def unsent(self) -> int:
        return 0

    async def close(self) -> None: ...


class Transport:
    """Opens such sockets, and knows the last."""

    def __init__(self) -> None:
        self.links: list[Link] = []

    async def open(self, target: Target, receiver: Receiver) -> Link:
        self.links.append(Link(receiver))
        return self.links[-1]


async def seconds(work: Callable[[], Awaitable[None]]) -> float:
    """CPU seconds of some work, without the garbage of what was before."""
    gc.collect()
    begun = time.process_time()
    await work()
    return time.process_time() - begun


async def ratio(ours: Callable[[], Awaitable[None]], floor: Callable[[], Awaitable[None]]) -> float:
    """What our work costs as a multiple of the floor: the least of several turns of each."""
    await ours()
    await floor()
    turns = [(await seconds(ours), await seconds(floor)) for _ in range(ROUNDS)]
    return min(mine for mine, _ in turns) / min(theirs for _, theirs in turns)


def frames() -> list[bytes]:
    trade = {"e": "aggTrade", "E": 1, "s": "BTCUSDT", "p": "64123.45000000", "q": "0.01200000", "f": 1, "l": 2, "T": 3}
    trade |= {"m": True, "M": True}
    return [
        msgspec.json.encode({"stream": "btcusdt@aggTrade", "data": trade | {"a": number}}) for number in range(MESSAGES)
    ]


async def receiving() -> float:
    """Typed events by `async for`, against decoding them."""
    told = frames()
    decode = msgspec.json.Decoder(msgspec.defstruct("Frame", [("data", AggTrade)])).decode

    async def floor() -> None:
        for frame in told:
            decode(frame).data  # noqa: B018

    transport = Transport()
    async with (
        SpotClient(transport=transport) as client,
        client.stream(AggTradeStream(symbol="btcusdt"), idle=None) as events,
    ):
        (link,) = transport.links

        async def ours() -> None:
            for start in range(0, MESSAGES, 200):
                link.receiver.on_frames(told[start : start + 200])
                for _ in range(200):
                    await anext(events)

        return await ratio(ours, floor)


async def requesting() -> float:
    """Signed orders, 50 in flight, against the least that one takes."""
    transport = Transport()
    sign = "&".join(f"{name}={value}" for name, value in sorted(ORDER.items()) if name).encode()
    decode = msgspec.json.Decoder(msgspec.defstruct("Reply", [("id", str), ("result", models.PlacedOrder)])).decode

    async def floor() -> None:
        loop = asyncio.get_running_loop()
        link = Link(_Answers(pending := {}, decode))
        for start in range(0, REQUESTS, 50):
            for number in range(start, start + 50):
                params = ORDER | {"signature": hmac.digest(b"s" * 64, sign, "sha256").hex()}
                pending[str(number)] = loop.create_future()
                link.send(msgspec.json.encode({"id": str(number), "method": "order.place", "params": params}))
            await asyncio.gather(*pending.values())
            pending.clear()

    async with SpotClient(key=KEY, transport=transport) as client:

        async def ours() -> None:
            for _ in range(0, REQUESTS, 50):
                await asyncio.gather(*(client.api.order_place(**ORDER) for _ in range(50)))

        return await ratio(ours, floor)


class _Answers:
    """Hands answers to whoever asked."""

    def __init__(self, pending: dict[str, asyncio.Future[object]], decode: Callable[[bytes], Any]) -> None:
        self._pending, self._decode = pending, decode

    def on_frames(self, frames: list[bytes]) -> None:
        for frame in frames:
            reply = self._decode(frame)
            self._pending[reply.id].set_result(reply.result)

    def on_ping(self, payload: bytes) -> None: ...
    def on_binary(self, size: int) -> None: ...
    def on_lost(self, error: Exception) -> None: ...


async def measured() -> dict[str, float]:
    assert Decimal("1.0") == 1  # the import of decimal is not part of the first turn
    return {"receiving": round(await receiving(), 2), "requesting": round(await requesting(), 2)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--record", action="store_true", help="record today's ratios")
    found = asyncio.run(measured())
    if parser.parse_args().record:
        RECORD.write_text(json.dumps(found, indent=1) + "\n")
        print(f"recorded {found}")
        return 0
    known: dict[str, float] = json.loads(RECORD.read_text())
    slow = [name for name, value in found.items() if value > known[name] * TOLERANCE]
    for name, value in found.items():
        print(f"{name:12} {value:5.2f} x the floor; recorded {known[name]:.2f}{'  TOO SLOW' * (name in slow)}")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
