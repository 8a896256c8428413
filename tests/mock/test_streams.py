"""Streams of the loopback exchange: their pace, their routes, their addresses and the commands of other clients."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from mock_world import in_virtual_time, module, world
from websockets.asyncio.client import ClientConnection, connect

from binance_wire.spot.events import Kline
from binance_wire.spot.models import KlineCandle
from binance_wire.spot.streams import AggTradeStream, DiffBookDepthStream, KlineStream, TickerStream
from wirewright.mock import mock_product
from wirewright_runtime.testing import VirtualClock


@asynccontextmanager
async def raw(product: str, path: str, clock: VirtualClock) -> AsyncIterator[ClientConnection]:
    """A connection of a program that is none of ours."""
    async with world(product, clock, key=None) as (exchange, _), connect(exchange.address + path) as socket:
        yield socket


async def heard(socket: ClientConnection) -> Any:
    """The next message."""
    return json.loads(await socket.recv())


async def told(socket: ClientConnection, method: str, params: Any = None) -> Any:
    """The answer to a command; events in between are left out."""
    await socket.send(json.dumps({"id": 7, "method": method, "params": params}))
    while True:
        answer = await heard(socket)
        if answer.get("id") == 7:
            return answer


@in_virtual_time
async def test_events_come_at_the_documented_pace(clock: VirtualClock) -> None:
    async with world("spot", clock, key=None) as (_, client):
        for stream, pace in (
            (KlineStream(symbol="a", interval="1m"), 2.0),
            (DiffBookDepthStream(symbol="B", update_speed="100ms"), 0.1),
        ):
            async with client.stream(stream) as events:
                await anext(events)
                begin = clock.monotonic()
                for _ in range(5):
                    await anext(events)
                assert clock.monotonic() - begin == pytest.approx(5 * pace, rel=0.2)


@in_virtual_time
async def test_numbers_follow_each_other(clock: VirtualClock) -> None:
    async with world("spot", clock, key=None) as (_, client):
        async with client.stream(AggTradeStream(symbol="ethusdt"), gaps="raise") as events:
            trades = [await anext(events) for _ in range(4)]
        first = trades[0].agg_trade_id
        assert [one.agg_trade_id - first for one in trades] == [0, 1, 2, 3]
        assert {one.symbol for one in trades} == {"ETHUSDT"}


@pytest.mark.parametrize("product", ["spot", "usdm"])
def test_the_book_and_its_changes_fit_together(product: str) -> None:
    @in_virtual_time
    async def test(clock: VirtualClock) -> None:
        async with world(product, clock, key=None) as (_, client):
            stream = module(product, "streams").DiffBookDepthStream(symbol="BTCUSDT", update_speed="100ms")
            async with client.stream(stream) as events:
                for _ in range(3):
                    await anext(events)
                book = await client.api.depth(symbol="BTCUSDT", limit=5)
                while (event := await anext(events)).last_update_id <= book.last_update_id:
                    pass
                assert event.first_update_id <= book.last_update_id + 1 <= event.last_update_id

    test()


@in_virtual_time
async def test_a_stream_on_the_wrong_route_is_acknowledged_and_silent(clock: VirtualClock) -> None:
    for path, comes in (("/market/stream", True), ("/public/stream", False)):
        async with raw("usdm", path, clock) as socket:
            assert await told(socket, "SUBSCRIBE", ["btcusdt@aggTrade"]) == {"id": 7, "result": None}
            try:
                async with asyncio.timeout(5):
                    got = await heard(socket)
            except TimeoutError:
                assert not comes
            else:
                assert comes
                assert got["stream"] == "btcusdt@aggTrade"


@in_virtual_time
async def test_what_stays_silent_is_said_and_a_listen_key_is_not(clock: VirtualClock) -> None:
    lines: list[str] = []
    key = "pqia91ma19a5s61cv6a81va65sdf19v8a65a1a5s61cv6a81va65sdf19v8a65a1"
    exchange = mock_product("usdm", clock=clock, tell=lines.append)
    async with exchange, connect(f"{exchange.address}/public/stream") as socket:
        await told(socket, "SUBSCRIBE", [key, "btcusdt@nothing", "btcusdt@aggTrade"])
    assert [line.partition(" is ack")[0] for line in lines if "silent" in line] == [
        "connection 1: a name",
        "connection 1: 'btcusdt@nothing'",
        "connection 1: 'btcusdt@aggTrade'",
    ]
    assert not any(key in line for line in lines)


@pytest.mark.parametrize("path", ["/ws/btcusdt@trade", "/ws"])
def test_bare_events_have_no_envelope(path: str) -> None:
    @in_virtual_time
    async def test(clock: VirtualClock) -> None:
        async with raw("spot", path, clock) as socket:
            if path == "/ws":
                await told(socket, "SUBSCRIBE", ["btcusdt@trade"])
            event = await heard(socket)
            assert (event["e"], event["s"]) == ("trade", "BTCUSDT")

    test()


@in_virtual_time
async def test_an_address_names_several_streams(clock: VirtualClock) -> None:
    async with raw("spot", "/stream?streams=btcusdt@trade/ethusdt@bookTicker", clock) as socket:
        assert {(await heard(socket))["stream"] for _ in range(2)} == {"btcusdt@trade", "ethusdt@bookTicker"}
        listed = await told(socket, "LIST_SUBSCRIPTIONS")
        assert listed["result"] == ["btcusdt@trade", "ethusdt@bookTicker"]


@in_virtual_time
async def test_a_connection_can_change_its_property(clock: VirtualClock) -> None:
    async with raw("spot", "/ws/btcusdt@trade", clock) as socket:
        assert (await told(socket, "GET_PROPERTY", ["combined"]))["result"] is False
        assert (await told(socket, "SET_PROPERTY", ["combined", True]))["result"] is None
        assert (await heard(socket))["stream"] == "btcusdt@trade"
        refused = await told(socket, "SET_PROPERTY", ["combined", 1])
        assert "error" in refused


@in_virtual_time
async def test_nothing_comes_after_unsubscribing(clock: VirtualClock) -> None:
    async with raw("spot", "/ws/btcusdt@trade", clock) as socket:
        await told(socket, "UNSUBSCRIBE", ["btcusdt@trade"])
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(5):
                await heard(socket)


@in_virtual_time
async def test_times_come_in_the_unit_that_was_asked_for(clock: VirtualClock) -> None:
    async with world("spot", clock, time_unit="MICROSECOND") as (_, client), client.user_data() as account:
        now = clock.wall() * 1_000_000
        assert (await client.api.time()).server_time == pytest.approx(now, abs=1e6)
        async with client.stream(AggTradeStream(symbol="btcusdt")) as trades:
            assert (await anext(trades)).event_time == pytest.approx(now, abs=5e6)
        order = await client.api.order_place_market(symbol="BTCUSDT", side="SELL", quantity=2)
        assert order.transaction_time == pytest.approx(now, abs=5e6)
        assert (await anext(account)).event_time == pytest.approx(now, abs=5e6)


@in_virtual_time
async def test_prices_of_an_interval_agree(clock: VirtualClock) -> None:
    async with world("spot", clock) as (_, client):
        streams = KlineStream(symbol="BTCUSDT", interval="1m") | TickerStream(symbol="ETHUSDT")
        async with client.stream(streams) as events:
            for _ in range(4):
                event = await anext(events)
                told = event.kline if isinstance(event, Kline) else event
                end = told.close_price if isinstance(told, KlineCandle) else told.last_price
                assert told.low_price <= min(told.open_price, end) <= max(told.open_price, end) <= told.high_price
                assert abs(end - (3500 if told.symbol == "ETHUSDT" else 65000)) < 10
        (candle,) = await client.api.klines(symbol="BTCUSDT", interval="1m", limit=1)
        assert candle.low_price <= min(candle.open_price, candle.close_price)


def test_a_list_without_an_example_holds_the_example_of_its_events() -> None:
    (mark,) = mock_product("coinm").feed.event("!markPrice@arr")
    assert (mark["s"], mark["r"]) == ("BTCUSD_201225", "")
