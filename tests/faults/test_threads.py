"""Threads of users in pain with other clients, and the test that proves that this one does not have it."""

from __future__ import annotations

import asyncio
import gc
import logging
import random
import tracemalloc
from collections import Counter
from typing import Any

import frames
import pytest
from fault_world import HMAC, ORDER, TRADES, agg_trade, spot, usdm, virtually

from binance_wire.spot import SpotClient
from binance_wire.spot.streams import AggTradeStream, MiniTickerStream
from binance_wire.usdm.streams import AggTradeStream as UsdmTradeStream
from wirewright_runtime import Gap, Hooks, IpBanned, StateChange, StreamStalled
from wirewright_runtime.testing import FakeExchange, VirtualClock


def mini_ticker(number: int) -> dict[str, Any]:
    """A mini ticker of Spot."""
    prices = dict.fromkeys(("c", "o", "h", "l", "v", "q"), "1.00")
    return {"e": "24hrMiniTicker", "E": number, "s": "BTCUSDT"} | prices


def test_u04_days_with_closes_of_every_kind_end_no_iteration() -> None:
    async def main(clock: VirtualClock) -> None:
        chance = random.Random(4)
        async with spot(clock) as (exchange, client), client.stream(TRADES, gaps="mark", idle=None) as events:
            codes = [1000, 1001, *range(1003, 1016), None]
            for number, code in enumerate(codes * 2):
                await clock.advance(hours=chance.uniform(0.1, 2))
                peer = exchange.of("streams")[0]
                peer.abort() if code is None else peer.send_raw(frames.close(code))
                await clock.advance(seconds=40)
                assert exchange.push(TRADES, agg_trade(number)) == 1
            await clock.advance(seconds=1)
            got = [await anext(events) for _ in range(events.pending)]
            assert [event.agg_trade_id for event in got if not isinstance(event, Gap)] == list(range(32))
            assert sum(isinstance(event, Gap) for event in got) <= 32

    virtually(main)


def test_u05_a_stream_that_stops_while_the_connection_lives_is_told_and_brought_back() -> None:
    async def main(clock: VirtualClock) -> None:
        stream = MiniTickerStream(symbol="btcusdt")  # documented: an event each second
        async with spot(clock) as (exchange, client), client.stream(stream) as events:
            exchange.push(stream, mini_ticker(1))
            await anext(events)
            silent_since = clock.monotonic()
            exchange.on(stream).stall()
            with pytest.raises(StreamStalled, match="btcusdt@miniTicker stopped: silent for") as told:
                await anext(events)
            assert told.value.idle_for <= clock.monotonic() - silent_since + 0.1 <= 61
            await clock.advance(seconds=1)
            assert exchange.counters.subscribed[stream.name] == 2
            assert exchange.counters.connections == 1
            with pytest.raises(StreamStalled):
                await anext(events)
            await clock.advance(seconds=10)
            assert exchange.counters.connections == 2, "subscribing again did not help: the connection is replaced"
            exchange.on(stream).resume()
            exchange.push(stream, mini_ticker(2))
            assert (await anext(events)).event_time == 2
            assert len(exchange.of("streams")) == 1

    virtually(main)


def test_u06_one_silent_connection_of_two_is_replaced_alone() -> None:
    async def main(clock: VirtualClock) -> None:
        lost: list[str] = []
        hooks = Hooks(state=lambda change: lost.append(change.connection) if change.state == "lost" else None)
        many = [AggTradeStream(symbol=f"s{number}") for number in range(1025)]
        async with (
            spot(clock, hooks=hooks) as (exchange, client),
            client.stream(many, gaps="mark", idle=None) as events,
        ):
            flowing, mute = exchange.of("streams")
            (last,) = mute.streams
            for number in range(1, 100):
                exchange.push("s0@aggTrade", agg_trade(number, "S0"))
                if number == 20:
                    mute.freeze()
                await clock.advance(seconds=1)
            assert lost == ["streams#2"]
            assert flowing in exchange.peers
            assert exchange.counters.connections == 3
            assert exchange.push(last, agg_trade(1, "S1024")) == 1
            got = [await anext(events) for _ in range(events.pending)]
            trades = [event for event in got if not isinstance(event, Gap)]
            assert [trade.agg_trade_id for trade in trades if trade.symbol == "S0"] == list(range(1, 100))
            assert {gap.stream for gap in got if isinstance(gap, Gap)} <= {last}

    virtually(main)


def test_u08_days_of_renewals_leave_one_connection_and_one_address() -> None:
    async def main(clock: VirtualClock) -> None:
        renewals: list[StateChange] = []
        addresses: Counter[str] = Counter()
        hooks = Hooks(state=lambda change: renewals.append(change) if change.reason == "planned renewal" else None)
        async with usdm(clock, hooks=hooks, lifetime=3600.0, random=random.Random(8)) as (exchange, client):
            admit = exchange.admit
            exchange.admit = lambda path, headers: (addresses.update([path]), admit(path, headers))[1]  # type: ignore
            async with client.stream(UsdmTradeStream(symbol="btcusdt"), idle=None):
                for _ in range(48):
                    await clock.advance(hours=1)
                    assert len(exchange.peers) <= 2
                assert 46 <= len(renewals) <= 50, "one renewal an hour, by one timer"
                assert exchange.counters.most_open <= 2
                assert dict(addresses) == {"/market/stream": len(renewals) + 1}
                await clock.advance(seconds=30)
                assert len(exchange.peers) == 1

    virtually(main)


@pytest.mark.parametrize(("product", "most"), [("spot", 4), ("usdm", 8)])
def test_u10_subscribing_everything_again_stays_under_the_limit_on_messages(product: str, most: int) -> None:
    async def main(clock: VirtualClock) -> None:
        world, kind = (spot, AggTradeStream) if product == "spot" else (usdm, UsdmTradeStream)
        many: list[Any] = [kind(symbol=f"s{number}") for number in range(1024)]
        async with world(clock) as (exchange, client), client.stream(many, idle=None) as events:
            for round in range(3):
                exchange.drop_connections()
                for number in range(60):
                    if exchange.peers:
                        exchange.peers[0].ping(b"%d" % number)
                    await clock.advance(seconds=1)
                assert len(exchange.peers[0].streams) == 1024, round
            assert exchange.counters.kicked == 0
            assert exchange.counters.most_per_second <= most
            assert exchange.counters.wrong_pongs == 0
            assert not events.dropped

    virtually(main)


def test_u11_two_hundred_tasks_that_send_at_once_corrupt_nothing() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client):
            await asyncio.gather(*(client.api.order_place(**ORDER) for _ in range(200)))
            (peer,) = exchange.of("api")
            ids = [text["id"] for text in peer.texts]  # every frame was JSON, else it would not be here
            assert len(ids) == len(set(ids)) >= 200
            assert len(exchange.counters.orders) == 200
            assert exchange.counters.double_sends == 0

    virtually(main)


def test_u13_knocking_does_not_turn_a_limit_into_a_ban() -> None:
    async def main(clock: VirtualClock) -> None:
        async with FakeExchange(SpotClient.product, clock=clock) as exchange:
            exchange.reject_handshakes(418, retry_after=600, times=1000)
            clients = [SpotClient(key=HMAC, server=exchange.server, clock=clock) for _ in range(5)]
            for _ in range(100):
                for client in clients:
                    with pytest.raises(IpBanned) as told:
                        await client.api.order_place(**ORDER)
                    assert told.value.until is not None
                await clock.advance(seconds=5)
            assert len(exchange.counters.dials) == 1
            for client in clients:
                await client.close()

    virtually(main)


def test_u23_frames_and_reconnects_over_and_over_leave_nothing_behind(caplog: pytest.LogCaptureFixture) -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock, memory=True) as (exchange, client), client.stream(TRADES) as events:
            number = 0

            async def live(rounds: int) -> None:
                nonlocal number
                for _ in range(rounds):
                    exchange.push(TRADES, *(agg_trade(number + step) for step in range(100)))
                    number += 100
                    await client.api.avg_price(symbol="BTCUSDT")
                    for _ in range(100):
                        await anext(events)
                    exchange.drop_connections()
                    await clock.advance(seconds=15)

            def held() -> int:
                """Bytes in use, without what the exchange of the tests remembers."""
                exchange.counters.commands.clear()
                exchange.counters.dials.clear()
                gc.collect()
                return tracemalloc.get_traced_memory()[0]

            await live(50)
            tracemalloc.start()
            try:
                await live(20)
                before = held()
                await live(200)
                grown = held() - before
            finally:
                tracemalloc.stop()
            assert number == 27_000
            assert grown < 50_000, f"{grown} bytes more after 200 reconnects and 20,000 events"
            assert client.stats().in_flight == 0

    with caplog.at_level(logging.CRITICAL, "wirewright"):  # what is logged is kept by the test's own machinery
        virtually(main)
