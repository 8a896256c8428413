"""Whatever bytes an exchange sends: every frame ends in an event, a typed error or a count, and what follows works."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from amount import examples
from fault_world import TRADES, agg_trade, document, report, spot, virtually
from hypothesis import given, settings
from hypothesis import strategies as st

from binance_wire.spot import SpotClient
from binance_wire.spot.catalog import EVENTS, METHODS, STREAMS
from wirewright_runtime import Gap, WireError
from wirewright_runtime.decode import decoding
from wirewright_runtime.reply import ReplyReader
from wirewright_runtime.sequence import locator
from wirewright_runtime.testing import VirtualClock

EDGES = [0, -1, 2**53 + 1, 2**63 - 1, 2**63, -(2**63), 2**64, 10**30]
DEEP = b"[" * 10_000 + b"]" * 10_000
HARD = [
    b"",
    b"null",
    b"\xff\xfe\x00",
    b'"\xed\xa0\x80"',
    b'{"stream":"btcusdt@aggTrade","data":',
    b'{"stream":"btcusdt@aggTrade","data":null}',
    b'{"stream":"btcusdt@aggTrade","data":' + DEEP + b"}",
    b'{"stream":' + DEEP + b"}",
    DEEP,
    b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    b'{"id":null,"status":401,"error":{"code":-2015,"msg":"x"},"x":1e99999999999999999999}',
    b'{"id":null,"error":' + DEEP + b"}",
    b'{"id":"1-1","status":200,"result":1e999}',
    b'{"id":1e5,"status":[],"error":{}}',
    b'{"id":{"a":1},"status":"200","error":[1]}',
    b'{"subscriptionId":[],"event":{"e":{}}}',
    b'{"subscriptionId":0,"event":"executionReport"}',
    b'{"subscriptionId":0,"event":{"e":"executionReport","I":1e99999999999999999999}}',
    b'{"event":{"e":"serverShutdown","E":"never"}}',
    b'{"event":' + DEEP + b"}",
    b"1" * 5_000,
    b'{"stream":"btcusdt@aggTrade","data":{"e":"aggTrade","a":' + b"9" * 5_000 + b"}}",
    b'{"stream":"' + b"x" * 1_000_000 + b'","data":{}}',
]

json_values = st.recursive(
    st.none() | st.booleans() | st.sampled_from(EDGES) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def documented() -> list[dict[str, Any]]:
    """Every event and a few replies that the exchange documents, in their envelopes."""
    known = document("spot")
    events = [entry["json"] for entries in known["events"].values() for entry in entries]
    frames: list[dict[str, Any]] = [{"stream": "btcusdt@aggTrade", "data": event} for event in events]
    frames += [{"subscriptionId": 0, "event": event} for event in events]
    replies = [method["replies"][0]["json"] for method in known["methods"].values()]
    return frames + [{"id": "1-1", "status": 200, "result": reply} for reply in replies[:20]]


FRAMES = documented()


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A documented frame with a value that nobody expects somewhere in it, and maybe its end cut off."""
    frame = json.loads(json.dumps(draw(st.sampled_from(FRAMES))))
    place: Any = frame
    while isinstance(place, (dict, list)) and place:
        key: Any = draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        if not isinstance(place[key], (dict, list)) or not place[key] or draw(st.booleans()):
            place[key] = draw(json_values)
            break
        place = place[key]
    raw = json.dumps(frame).encode()
    return raw[: draw(st.integers(0, len(raw)))] if draw(st.integers(0, 4)) == 0 else raw


anything = st.one_of(st.sampled_from(HARD), mutated(), json_values.map(lambda v: json.dumps(v).encode()), st.binary())


@settings(**examples(60))
@given(st.lists(anything, max_size=12))
def test_no_frame_stops_a_connection(frames: list[bytes]) -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock, memory=True) as (exchange, client):
            async with client.stream(TRADES, gaps="mark") as trades, client.user_data() as mine:
                for peer in list(exchange.peers):
                    for frame in frames:
                        peer.say(frame)
                await clock.advance(seconds=40)
                exchange.push(TRADES, agg_trade(2**62))
                exchange.push_user(report(2**62))
                assert await _until(trades, lambda event: getattr(event, "agg_trade_id", 0) == 2**62)
                assert await _until(mine, lambda event: getattr(event, "execution_id", 0) == 2**62)
            assert (await client.api.avg_price(symbol="B")).close_time
            assert client.stats().in_flight == 0

    virtually(main)


async def _until(events: Any, wanted: Callable[[Any], bool]) -> bool:
    """Read until an event comes. Only typed errors may stand before it."""
    for _ in range(200):
        try:
            event = await anext(events)
        except WireError:
            continue
        if not isinstance(event, Gap) and wanted(event):
            return True
    return False


READERS: list[Callable[[bytes], object]] = [
    *(decoding(event, pointer) for event in EVENTS.values() for pointer in ("", "/data")),
    *(
        ReplyReader(SpotClient.product, SpotClient.product.socket("api"), name, request.result).read
        for name, request in list(METHODS.items())[::4]
        if not request.spec.http
    ),
]


@settings(**examples(60))
@given(anything)
def test_every_reader_gives_a_value_or_an_error_of_this_package(raw: bytes) -> None:
    for read in READERS:
        with suppress(WireError):
            read(raw)


@pytest.mark.parametrize("raw", HARD, ids=range(len(HARD)))
def test_what_is_hard_ends_in_a_value_or_an_error_of_this_package(raw: bytes) -> None:
    for read in READERS:
        with suppress(WireError):
            read(raw)
    keys = {stream.spec.sequence for stream in STREAMS.values()}
    for key in keys:
        locator(key, "/data")(raw)


@pytest.mark.parametrize("number", [edge for edge in EDGES if 0 <= edge < 2**63])
def test_whole_numbers_of_64_bits_are_read_exactly(number: int) -> None:
    trade: Any = decoding(EVENTS["aggTrade"])(json.dumps(agg_trade(number)).encode())
    assert trade.agg_trade_id == number
    amount = "12345678901234567890.12345678901234567890"
    priced: Any = decoding(EVENTS["aggTrade"])(json.dumps(agg_trade(1) | {"p": amount}).encode())
    assert priced.price == Decimal(amount)
    assert format(priced.price, "f") == amount
