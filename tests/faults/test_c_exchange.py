"""Faults 27 to 39 and 45: what exchanges do by design to connections and streams."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable, Iterator
from enum import Enum
from importlib import import_module
from itertools import pairwise
from typing import Any, Literal, get_args, get_origin

import msgspec
import pytest
from fault_world import BOOK, HMAC, TRADES, agg_trade, book_ticker, report, spot, usdm, virtually

from binance_wire.spot import SpotClient
from binance_wire.spot import streams as spot_streams
from binance_wire.usdm import streams as usdm_streams
from wirewright_runtime import (
    Buffer,
    Conflate,
    ConnectionLost,
    DecodeError,
    DropOldest,
    Ed25519Key,
    Fail,
    Gap,
    HmacKey,
    Hooks,
    NoDataAfterSubscribe,
    Overflow,
    StateChange,
    StreamOverflow,
    StreamStalled,
    SubscribeError,
    Subscription,
    UnknownEvent,
)
from wirewright_runtime.testing import FakeExchange, Peer, VirtualClock

MINI = spot_streams.MiniTickerStream(symbol="btcusdt")


def mini_ticker(number: int) -> dict[str, Any]:
    """An event without a number of its own: repetitions are known by its bytes."""
    prices = {"c": "1", "o": "1", "h": "1", "l": "1", "v": "1", "q": "1"}
    return {"e": "24hrMiniTicker", "E": number, "s": "BTCUSDT"} | prices


def depth(number: int) -> dict[str, Any]:
    """A change of the book, from two numbers to the next two."""
    return {"e": "depthUpdate", "E": 1, "s": "BTCUSDT", "U": 2 * number, "u": 2 * number + 1, "b": [], "a": []}


def number_of(event: Any) -> int:
    """The number that a test gave to an event."""
    for name in ("agg_trade_id", "execution_id", "last_update_id", "update_id", "trade_id", "event_time"):
        if hasattr(event, name):
            value: int = getattr(event, name)
            return value // 2 if name == "last_update_id" else value
    raise AssertionError(f"{event!r} has no number")


async def numbers(events: Subscription[Any], count: int) -> list[int]:
    """The numbers of the next events."""
    async with asyncio.timeout(600):
        return [number_of(await anext(events)) for _ in range(count)]


class Lagging:
    """Pushes to each connection with a delay of its own, so that one is ahead of the other while both live."""

    def __init__(self, exchange: FakeExchange, most: float, seed: int = 1) -> None:
        self._exchange = exchange
        self._random = random.Random(seed)
        self._most = most
        self._lags: dict[Peer, float] = {}

    def push(self, name: str, event: dict[str, Any]) -> None:
        """Send an event to each subscriber, later."""
        for peer in self._exchange.of("streams"):
            if name in peer.streams:
                lag = self._lags.setdefault(peer, self._random.uniform(0, self._most))
                asyncio.get_running_loop().call_later(lag, peer.say, {"stream": name, "data": event})


# 27: planned renewal


@pytest.mark.parametrize("lag", [0.0, 0.9])
def test_f27_planned_renewal_loses_nothing(lag: float) -> None:
    """A hundred renewals: nothing lost, nothing twice, in order, whichever connection is ahead. (U9)"""

    async def main(clock: VirtualClock) -> None:
        kinds: list[tuple[Any, Callable[[int], dict[str, Any]]]] = [
            (TRADES, agg_trade),
            (BOOK, book_ticker),
            (MINI, mini_ticker),
            (spot_streams.DiffBookDepthStream(symbol="btcusdt"), depth),
        ]
        async with spot(clock, lifetime=240.0, random=random.Random(27)) as (exchange, client):
            lagging, last = Lagging(exchange, lag), 100 * 240
            readers = [client.stream(stream, gaps="raise", overflow=Buffer(last)) for stream, _ in kinds]
            for reader in readers:
                await reader.__aenter__()
            for number in range(1, last, 2):
                for stream, event in kinds:
                    lagging.push(stream.name, event(number))
                await asyncio.sleep(2)
            await asyncio.sleep(lag)
            for reader in readers:
                assert await numbers(reader, last // 2) == list(range(1, last, 2))
                assert reader.pending == 0
                await reader.close()
            assert exchange.counters.connections >= 100
            assert exchange.counters.most_open <= 2
            assert exchange.counters.kicked == 0

    virtually(main)


def test_f27_user_data_are_renewed_the_same_way() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock, lifetime=240.0) as (exchange, client), client.user_data(gaps="raise") as events:
            for number in range(1, 4801):
                exchange.push_user(report(number))
                await asyncio.sleep(1)
            assert await numbers(events, 4800) == list(range(1, 4801))
            assert exchange.counters.connections >= 19
            assert exchange.counters.most_open <= 2

    virtually(main)


def test_f27_the_time_is_23_hours_give_or_take_half_an_hour() -> None:
    async def main(clock: VirtualClock) -> None:
        due: list[float] = []
        for seed in range(12):
            changes: list[StateChange] = []
            hooks = Hooks(state=changes.append)
            begun = clock.wall()
            async with spot(clock, memory=True, pings=False, hooks=hooks, random=random.Random(seed)) as (_, client):
                await client.connect()
                slot = client._alive().session.line()
                assert slot._renewal is not None
                due.append(slot._renewal.when() - clock.monotonic())
            assert clock.wall() - begun < 60
        assert all(22.5 * 3600 <= one <= 23.5 * 3600 for one in due)
        assert max(due) - min(due) > 600

    virtually(main)


def test_f27_ten_renewals_of_four_connections_never_double_them() -> None:
    """Same addresses, one renewal scheduled for each connection, one connection more at most. (U8)"""

    async def main(clock: VirtualClock) -> None:
        async with usdm(clock, lifetime=7200.0, random=random.Random(8)) as (exchange, client):
            opened: list[tuple[str, str]] = []
            welcome = exchange.opened

            def note(peer: Peer) -> None:
                welcome(peer)
                opened.append((peer.socket.name, f"{peer.address}?{peer.query}"))

            exchange.opened = note  # type: ignore[method-assign]
            trades, book = (
                usdm_streams.AggTradeStream(symbol="btcusdt"),
                usdm_streams.BookTickerStream(symbol="btcusdt"),
            )
            async with client.user_data(), client.stream(trades), client.stream(book):
                for _ in range(10 * 2):
                    await clock.advance(hours=1)
                    renewals = [slot._renewal for slot in client._alive().session.slots]
                    assert len(renewals) == 4
                    assert all(one is not None and not one.cancelled() for one in renewals)
            assert len(set(opened)) == 4
            assert len(opened) >= 4 * 10
            assert exchange.counters.most_open <= 4 + 1

    virtually(main)


def test_f27_the_fresh_connection_is_lost_while_both_live() -> None:
    """What the old one alone has brought is not lost, though the fresh one led already."""

    async def main(clock: VirtualClock) -> None:
        both = TRADES | BOOK  # the quiet one keeps the old connection open
        async with spot(clock) as (exchange, client), client.stream(both, gaps="raise") as events:
            exchange.push(TRADES.name, agg_trade(1))
            exchange.announce_shutdown("raw", name="streams")
            await clock.advance(seconds=1)
            old, fresh = exchange.of("streams")
            for peer, ids in ((old, [2]), (fresh, [2, 3]), (old, [3, 4, 5])):
                peer.say(*({"stream": TRADES.name, "data": agg_trade(id)} for id in ids))
                await clock.advance(seconds=0.01)
            fresh.abort()
            await clock.advance(seconds=0.01)
            old.say({"stream": TRADES.name, "data": agg_trade(6)})
            assert await numbers(events, 6) == [1, 2, 3, 4, 5, 6]

    virtually(main)


# 28 to 30: shutdown notices


@pytest.mark.parametrize("shape", ["combined", "raw"])
def test_f28_a_shutdown_notice_replaces_the_connection_at_once(shape: str) -> None:
    """The old connection is read until the new one has taken over, though the exchange closes it soon."""

    async def main(clock: VirtualClock) -> None:
        notices: list[str] = []
        hooks = Hooks(notice=lambda notice: notices.append(notice.type))
        async with spot(clock, hooks=hooks) as (exchange, client), client.stream(TRADES, gaps="raise") as events:
            exchange.push(TRADES.name, agg_trade(1))
            exchange.announce_shutdown(shape, name="streams")
            exchange.push(TRADES.name, agg_trade(2))
            await clock.advance(seconds=0.1)
            old, fresh = exchange.of("streams")
            assert TRADES.name in fresh.streams
            exchange.push(TRADES.name, agg_trade(3))
            old.close(1001)
            exchange.push(TRADES.name, agg_trade(4))
            await clock.advance(seconds=0.1)
            assert events.pending == 4  # nothing is held back for a connection that is gone
            assert await numbers(events, 4) == [1, 2, 3, 4]
            assert notices == ["serverShutdown"]

    virtually(main)


def test_f28_what_an_old_connection_that_ends_too_early_did_not_bring_is_told() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client), client.stream(TRADES, gaps="mark") as events:
            exchange.push(TRADES.name, agg_trade(1))
            exchange.announce_shutdown("raw", name="streams")
            await clock.advance(seconds=0.1)
            exchange.of("streams")[0].abort()
            await clock.advance(seconds=20)
            exchange.push(TRADES.name, agg_trade(4), agg_trade(5))
            first, gap, *others = [await anext(events) for _ in range(4)]
            assert isinstance(gap, Gap)
            assert (number_of(first), gap.dropped, list(map(number_of, others))) == (1, 2, [4, 5])

    virtually(main)


def test_f28_a_notice_between_requests_moves_requests_and_user_data() -> None:
    async def main(clock: VirtualClock) -> None:
        notices: list[str] = []
        hooks = Hooks(notice=lambda notice: notices.append(notice.type))
        async with spot(clock, hooks=hooks) as (exchange, client), client.user_data(gaps="raise") as events:
            exchange.on("avgPrice").delay(2)
            under_way = asyncio.create_task(client.api.avg_price(symbol="BTCUSDT"))
            await clock.advance(seconds=0.1)
            for number in range(1, 21):
                exchange.push_user(report(number))
                if number == 5:
                    exchange.announce_shutdown("event", name="api")
                await client.api.avg_price(symbol="BTCUSDT")
                await asyncio.sleep(0.5)
            await under_way
            assert await numbers(events, 20) == list(range(1, 21))
            assert notices == ["serverShutdown"]
            assert exchange.counters.connections == 2
            assert len(exchange.peers) == 1

    virtually(main)


def test_f28_a_notice_on_every_kind_of_futures_socket() -> None:
    async def main(clock: VirtualClock) -> None:
        trades, book = usdm_streams.AggTradeStream(symbol="btcusdt"), usdm_streams.BookTickerStream(symbol="btcusdt")
        async with usdm(clock) as (exchange, client), client.user_data():
            async with client.stream(trades), client.stream(book):
                before = {peer.number for peer in exchange.peers}
                exchange.announce_shutdown()
                await clock.advance(seconds=60)
                names = sorted(peer.socket.name for peer in exchange.peers if peer.socket)
                assert names == ["api", "market", "private", "public"]
                assert not before & {peer.number for peer in exchange.peers}
                assert exchange.push(book.name, {}) == exchange.push(trades.name, {}) == 1

    virtually(main)


def test_f29_notices_on_all_connections_are_staggered_and_private_ones_come_first() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock, lifetimes=False) as (exchange, client):
            others = [SpotClient(key=HMAC, server=exchange.server, clock=clock) for _ in range(14)]
            readers = [other.stream(TRADES, gaps="raise") for other in others]
            for reader in readers:
                await reader.__aenter__()
            async with client.user_data(gaps="raise"), others[0].user_data(), others[1].user_data():
                await clock.advance(minutes=2)
                opened: list[tuple[float, str]] = []
                welcome = exchange.opened

                def note(peer: Peer) -> None:
                    welcome(peer)
                    opened.append((clock.monotonic(), peer.socket.name))

                exchange.opened = note  # type: ignore[method-assign]
                exchange.push(TRADES.name, agg_trade(1))
                begun = clock.monotonic()
                exchange.announce_shutdown(name="streams")
                while len(opened) < 10:
                    await asyncio.sleep(0)
                for _ in range(500):  # until all of them wait for their turn
                    await asyncio.sleep(0)
                assert clock.monotonic() == begun
                exchange.announce_shutdown(name="api")
                await clock.advance(seconds=20)
                exchange.push(TRADES.name, agg_trade(2))
                assert [await numbers(reader, 2) for reader in readers] == [[1, 2]] * 14
                assert len(opened) == 17
                assert sum(at - begun < 0.5 for at, _ in opened) == 10
                assert [name for _, name in opened[10:]] == ["api"] * 3 + ["streams"] * 4
                times = [at for at, _ in opened[9:]]
                assert all(later - earlier > 0.9 for earlier, later in pairwise(times))
            for other, reader in zip(others, readers, strict=True):
                await reader.close()
                await other.close()

    virtually(main)


def test_f30_a_replacement_that_is_announced_to_end_too_is_replaced_in_its_turn() -> None:
    async def main(clock: VirtualClock) -> None:
        states: list[str] = []
        hooks = Hooks(state=lambda change: states.append(change.state))
        async with spot(clock, hooks=hooks) as (exchange, client), client.stream(TRADES, gaps="raise") as events:
            welcome, told = exchange.opened, list[int]()

            def greet(peer: Peer) -> None:
                welcome(peer)
                if len(told) < 2:  # before it leads
                    told.append(peer.number)
                    peer.say({"stream": "!serverShutdown", "data": {"e": "serverShutdown", "E": 1}})

            exchange.opened = greet  # type: ignore[method-assign]
            for number in range(1, 61):
                exchange.push(TRADES.name, agg_trade(number))
                if number == 5:
                    exchange.announce_shutdown("combined", name="streams")
                    exchange.announce_shutdown("combined", name="streams")
                for peer in exchange.of("streams"):
                    if peer.number in told and clock.monotonic() - peer.opened_at > 25:
                        peer.close(1001)  # its time is over
                await clock.advance(seconds=1)
            assert await numbers(events, 60) == list(range(1, 61))
            assert told == [2, 3]
            assert "lost" not in states
            assert exchange.counters.connections == 4
            assert exchange.counters.most_open == 2

    virtually(main)


def test_f30_a_replacement_that_cannot_log_on_leaves_the_old_connection_in_its_place() -> None:
    async def main(clock: VirtualClock) -> None:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        key = Ed25519Key("api-key", Ed25519PrivateKey.generate().private_bytes_raw())
        async with spot(clock, key=key) as (exchange, client), client.user_data(gaps="raise") as events:
            exchange.on("session.logon", times=3).refuse(-2015, "Invalid API-key.", status=401)
            exchange.announce_shutdown("event", name="api")
            for number in range(1, 41):
                exchange.push_user(report(number))
                assert len(exchange.of("api")) <= 2
                await client.api.avg_price(symbol="BTCUSDT")
                await clock.advance(seconds=1)
            assert await numbers(events, 40) == list(range(1, 41))
            assert exchange.counters.requests["session.logon"] == 5
            assert [peer.number for peer in exchange.peers] == [5]

    virtually(main)


# 31 to 34: subscribing


@pytest.mark.parametrize(
    ("code", "message"), [(2, "Invalid request: invalid stream"), (4, "Too many subscriptions")], ids=["2", "4"]
)
def test_f31_a_refused_stream_is_told_and_the_others_go_on(code: int, message: str) -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client):
            bad = spot_streams.AggTradeStream(symbol="bad")
            exchange.on(bad.name, times=None).refuse(code, message)
            good = [spot_streams.AggTradeStream(symbol=f"s{number}") for number in range(150)]
            readers = [client.stream(stream) for stream in (*good[:75], bad, *good[75:])]
            told = await asyncio.gather(*(reader.__aenter__() for reader in readers), return_exceptions=True)
            error = told[75]
            assert isinstance(error, SubscribeError)
            assert (error.streams, error.code, error.msg) == ((bad.name,), code, message)
            assert error.outcome == "rejected"
            assert sum(isinstance(one, BaseException) for one in told) == 1
            assert exchange.counters.requests["SUBSCRIBE"] <= 20
            asked = exchange.counters.subscribed[bad.name]
            exchange.drop_connections()
            await clock.advance(seconds=5)
            assert exchange.counters.subscribed[bad.name] == asked
            assert set(exchange.of("streams")[0].streams) == {stream.name for stream in good}
            assert bad.name not in {stream.name for stream in client.stats().streams}
            for reader in readers:
                await reader.close()
            assert client.stats().streams == ()

    virtually(main)


def test_f31_a_refusal_without_an_object_around_code_and_message_is_a_refusal() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client):
            exchange.on("SUBSCRIBE").say(b'{"code":2,"msg":"Invalid request: too many parameters","id":1}')
            with pytest.raises(SubscribeError, match="btcusdt@aggTrade was refused: Invalid request") as told:
                async with client.stream(TRADES):
                    pass
            assert (told.value.code, told.value.outcome) == (2, "rejected")
            assert client.stats().streams == ()

    virtually(main)


def test_f31_a_stream_refused_after_a_reconnect_is_told_to_its_reader_and_can_be_tried_again() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client):
            async with client.stream(TRADES) as events, client.stream(BOOK) as others:
                exchange.on(TRADES.name, times=2).refuse(2, "Invalid request")
                exchange.drop_connections()
                with pytest.raises(SubscribeError, match="btcusdt@aggTrade was refused: Invalid request"):
                    await anext(events)
                await clock.advance(seconds=2)
                exchange.push(BOOK.name, book_ticker(1))
                assert await numbers(others, 1) == [1]
            await clock.advance(seconds=1)
            assert client.stats().streams == ()
            async with client.stream(TRADES) as events:
                exchange.push(TRADES.name, agg_trade(1))
                assert await numbers(events, 1) == [1]

    virtually(main)


def test_f32_a_lost_acknowledgement_is_asked_for_again_and_then_the_connection_replaced() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client):
            exchange.on("SUBSCRIBE").stall()
            async with client.stream(TRADES) as events:
                assert clock.monotonic() == pytest.approx(5, abs=0.1)
                assert exchange.counters.requests["SUBSCRIBE"] == 2
                assert exchange.counters.connections == 1
                exchange.on("SUBSCRIBE", times=2).stall()
                begun = clock.monotonic()
                async with client.stream(BOOK) as book:
                    assert 10 <= clock.monotonic() - begun <= 11
                    assert exchange.counters.connections == 2
                    exchange.push(TRADES.name, agg_trade(1))
                    exchange.push(BOOK.name, book_ticker(1))
                    assert [await numbers(reader, 1) for reader in (events, book)] == [[1], [1]]
            exchange.on("SUBSCRIBE", times=None).stall()
            begun = clock.monotonic()
            with pytest.raises(SubscribeError, match="did not acknowledge the streams in time") as caught:
                async with client.stream(MINI):
                    pass
            assert clock.monotonic() - begun <= 30.1
            assert caught.value.outcome == "unknown"

    virtually(main)


@pytest.mark.parametrize(
    ("stream", "within"),
    [
        (spot_streams.KlineStream(symbol="btcusdt", interval="1m"), 20),
        (spot_streams.MiniTickerStream(symbol="btcusdt"), 10),
        (spot_streams.AllMarketRollingWindowTickerStream(window_size="1h"), 10),
    ],
)
def test_f33_an_acknowledged_stream_that_brings_nothing_is_told(stream: Any, within: float) -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (_, client), client.stream(stream) as events:
            begun = clock.monotonic()
            with pytest.raises(NoDataAfterSubscribe, match="was acknowledged, but brought nothing") as caught:
                await anext(events)
            assert clock.monotonic() - begun == pytest.approx(within, abs=1)
            assert (caught.value.stream, caught.value.idle_for) == (stream.name, pytest.approx(within, abs=1))

    virtually(main)


def test_f33_a_stream_on_the_wrong_route_is_told_and_events_by_chance_only_if_asked_for() -> None:
    """The exchange acknowledges it, and sends nothing, for weeks. (U7)"""

    async def main(clock: VirtualClock) -> None:
        price = usdm_streams.MarkPriceStream(symbol="btcusdt", update_speed="1s")
        orders = usdm_streams.ForceOrderStream(symbol="btcusdt")
        async with usdm(clock) as (_, client):
            async with client.stream(price) as events:
                begun = clock.monotonic()
                with pytest.raises(NoDataAfterSubscribe):
                    await anext(events)
                assert clock.monotonic() - begun <= 11
            async with client.stream(orders) as rare, client.stream(orders, idle=15.0) as events:
                with pytest.raises(NoDataAfterSubscribe):
                    await anext(events)
                await clock.advance(hours=1)
                assert rare.pending > 0  # one stream, so its silence is told to all of its readers

    virtually(main)


def test_f33_a_stream_that_stops_is_told_subscribed_again_and_moved() -> None:
    """Other streams of the connection go on; nobody of them sees a gap. (U5)"""

    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client):
            async with client.stream(MINI) as events, client.stream(TRADES, gaps="raise") as others:
                silent, pushed = "", 0
                for second in range(1, 400):
                    exchange.push(TRADES.name, agg_trade(second))
                    peers = exchange.of("streams")
                    if second == 10:
                        silent = "from here on, on this connection"
                    for peer in peers:
                        if not silent or peer.number > 1:
                            pushed += 1
                            peer.say({"stream": MINI.name, "data": mini_ticker(second)})
                    await clock.advance(seconds=1)
                stalls, seen = list[float](), list[int]()
                while events.pending:
                    try:
                        seen.append(number_of(await anext(events)))
                    except StreamStalled as error:
                        stalls.append(error.idle_for)
                assert [round(stall) for stall in stalls] == [60, 120]
                assert exchange.counters.subscribed[MINI.name] == 3
                assert exchange.counters.connections == 2
                assert seen == sorted(set(seen))
                assert set(range(135, 400)) <= set(seen)
                assert await numbers(others, 399) == list(range(1, 400))

    virtually(main)


def test_f33_one_connection_of_two_goes_quiet_and_only_it_is_replaced() -> None:
    """(U6)"""

    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client):
            many = [spot_streams.AggTradeStream(symbol=f"s{number}") for number in range(1025)]
            async with client.stream(many, gaps="raise") as events:
                first, second = exchange.of("streams")
                second.frozen = True
                for number in range(1, 21):
                    exchange.push("s1@aggTrade", agg_trade(number, "S1"))
                    await clock.advance(seconds=5)
                assert await numbers(events, 20) == list(range(1, 21))
                assert first in exchange.peers
                assert exchange.counters.connections == 3
                assert exchange.push("s1024@aggTrade", agg_trade(1, "S1024")) == 1

    virtually(main)


def test_f34_streams_past_the_limit_are_placed_all_or_none_and_room_is_used_again() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client):
            many = [spot_streams.AggTradeStream(symbol=f"s{number}") for number in range(1100)]
            exchange.on("s1090@aggTrade", times=None).refuse(2, "Invalid request")
            with pytest.raises(SubscribeError, match="s1090@aggTrade was refused"):
                async with client.stream(many):
                    pass
            assert client.stats().streams == ()
            await clock.advance(seconds=30)
            assert exchange.of("streams") == []
            exchange.on("s1090@aggTrade").resume()
            async with client.stream(many):
                assert sorted(len(peer.streams) for peer in exchange.of("streams")) == [76, 1024]
                assert set(exchange.of("streams")[0].streams) == {stream.name for stream in many[:1024]}
                async with client.stream([spot_streams.AggTradeStream(symbol=f"t{number}") for number in range(948)]):
                    assert [len(peer.streams) for peer in exchange.of("streams")] == [1024, 1024]
                await clock.advance(seconds=30)
                assert [len(peer.streams) for peer in exchange.of("streams")] == [1024, 76]
            await clock.advance(seconds=30)
            assert exchange.of("streams") == []
            assert exchange.counters.kicked == 0

    virtually(main)


def test_f34_a_stream_wanted_in_the_very_moment_its_connection_would_rest_is_carried() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client):
            async with client.stream(TRADES):
                pass
            slot = client._alive().session.slots[0]
            assert slot._lingering is not None
            slot._lingering.cancel()
            slot.rest()  # as its timer would, in this turn of the loop
            async with client.stream(BOOK) as events:
                exchange.push(BOOK.name, book_ticker(1))
                assert await numbers(events, 1) == [1]
                await clock.advance(seconds=20)
                assert len(exchange.of("streams")) == 1

    virtually(main)


# 35 to 37: sharing and size


def test_f35_two_readers_share_a_subscription_and_the_last_one_out_ends_it() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client):
            first, second = client.stream(TRADES), client.stream(TRADES | BOOK)
            await asyncio.gather(first.__aenter__(), second.__aenter__())
            assert exchange.counters.subscribed[TRADES.name] == 1
            exchange.push(TRADES.name, agg_trade(1))
            assert [await numbers(reader, 1) for reader in (first, second)] == [[1], [1]]
            await first.close()
            await clock.advance(seconds=2)
            assert exchange.counters.requests["UNSUBSCRIBE"] == 0
            exchange.push(TRADES.name, agg_trade(2))
            assert await numbers(second, 1) == [2]
            await second.close()
            await clock.advance(seconds=2)
            assert exchange.of("streams")[0].streams == {}

    virtually(main)


def test_f35_leaving_and_coming_back_during_a_renewal_ends_with_one_subscription_that_works() -> None:
    async def main(clock: VirtualClock) -> None:
        for pause in (0.0, 0.0005, 0.001, 0.01, 0.3, 1.0, 4.9, 5.1, 7.1):
            async with spot(clock) as (exchange, client), client.stream(BOOK):
                reader = client.stream(TRADES)
                await reader.__aenter__()
                exchange.announce_shutdown("raw", name="streams")
                await asyncio.sleep(pause)
                await reader.close()
                async with client.stream(TRADES, gaps="raise") as events:
                    await clock.advance(seconds=20)
                    assert [exchange.push(TRADES.name, agg_trade(number)) for number in (1, 2)] == [1, 1]
                    assert await numbers(events, 2) == [1, 2]
                    assert len(exchange.of("streams")) == 1

    virtually(main)


def test_f35_leaving_and_coming_back_while_a_fresh_connection_subscribes() -> None:
    """Its subscription stood already on the connection that does not lead yet."""

    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client):
            others = [spot_streams.AggTradeStream(symbol=f"s{number}") for number in range(250)]
            reader, heard = client.stream(TRADES), exchange.heard
            await reader.__aenter__()
            async with client.stream(others):
                subscribed = exchange.counters.requests["SUBSCRIBE"]

                def hear(peer: Peer, text: bytes) -> None:
                    if exchange.counters.requests["SUBSCRIBE"] == subscribed + 1:
                        exchange.on("SUBSCRIBE").delay(2)  # the second command on the fresh connection
                    heard(peer, text)

                exchange.heard = hear  # type: ignore[method-assign]
                exchange.announce_shutdown("raw", name="streams")
                await clock.advance(seconds=1)
                fresh = exchange.of("streams")[1]
                assert TRADES.name in fresh.streams
                assert len(fresh.streams) == 200
                await reader.close()
                async with client.stream(TRADES) as events:
                    await clock.advance(seconds=20)
                    assert [exchange.push(TRADES.name, agg_trade(number)) for number in (1, 2)] == [1, 1]
                    assert await numbers(events, 2) == [1, 2]

    virtually(main)


@pytest.mark.parametrize("refused", [False, True])
def test_f35_leaving_and_coming_back_before_the_first_subscription_is_acknowledged(refused: bool) -> None:
    """As somebody does who enters with a time-out of his own, and tries again."""

    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client), client.stream(BOOK):
            exchange.on("SUBSCRIBE").delay(2)
            if refused:
                exchange.on(TRADES).refuse(2, "Invalid request")
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(1), client.stream(TRADES):
                    pass
            if refused:
                exchange.on(TRADES).resume()
            async with client.stream(TRADES) as events:
                assert clock.monotonic() < 5
                exchange.push(TRADES.name, agg_trade(1))
                assert await numbers(events, 1) == [1]
            await clock.advance(seconds=2)
            assert exchange.of("streams")[0].streams.keys() == {BOOK.name}

    virtually(main)


def test_f35_who_names_a_stream_twice_gets_it_once_and_leaves_nothing_behind() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client):
            same = spot_streams.AggTradeStream(symbol="BtcUsdt")
            async with client.stream([TRADES, same]) as events:
                exchange.push(TRADES.name, agg_trade(1))
                assert await numbers(events, 1) == [1]
                assert events.pending == 0
            await clock.advance(seconds=2)
            assert exchange.of("streams")[0].streams == {}
            assert client.stats().streams == ()

    virtually(main)


def test_f35_events_of_a_stream_that_is_left_before_its_acknowledgement_are_nothing_unknown() -> None:
    async def main(clock: VirtualClock) -> None:
        told: list[UnknownEvent] = []
        async with spot(clock, hooks=Hooks(unknown=told.append)) as (exchange, client), client.stream(BOOK):
            exchange.on("SUBSCRIBE").delay(3)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(1), client.stream(TRADES):
                    pass
            exchange.of("streams")[0].say({"stream": TRADES.name, "data": agg_trade(1)})
            await clock.advance(seconds=5)
            assert exchange.of("streams")[0].streams.keys() == {BOOK.name}
            assert (told, client.stats().unknown_events) == ([], 0)

    virtually(main)


def test_f35_events_on_their_way_when_their_stream_is_left_are_nothing_unknown() -> None:
    """They were asked for: nobody is to be told of them."""

    async def main(clock: VirtualClock) -> None:
        told: list[UnknownEvent] = []
        async with spot(clock, hooks=Hooks(unknown=told.append)) as (exchange, client):
            for stream, event in ((TRADES, agg_trade(1)), (BOOK, book_ticker(1))):
                async with client.stream(stream):
                    exchange.push(stream.name, event)
                await clock.advance(seconds=1)
                assert exchange.of("streams")[0].streams == {}
            async with client.user_data():
                exchange.push_user(report(1))
            await clock.advance(seconds=1)
            stats = client.stats()
            assert (told, stats.unknown_events, stats.strays) == ([], 0, 0)
            exchange.of("streams")[0].say({"stream": TRADES.name, "data": agg_trade(2)})
            await clock.advance(seconds=1)
            assert client.stats().unknown_events == len(told) == 1

    virtually(main)


def test_f36_products_and_accounts_share_nothing() -> None:
    async def main(clock: VirtualClock) -> None:
        bob = HmacKey("api-key-of-bob", "secret-of-bob")
        same = usdm_streams.AggTradeStream(symbol="btcusdt")
        async with spot(clock, others=[bob]) as (exchange, client), usdm(clock) as (futures, other):
            async with type(client)(key=bob, server=exchange.server, clock=clock) as bobs:
                async with client.user_data() as mine, bobs.user_data() as theirs:
                    exchange.push_user(report(1), user=HMAC.api_key)
                    exchange.push_user(report(2), user=bob.api_key)
                    assert [await numbers(reader, 1) for reader in (mine, theirs)] == [[1], [2]]
                    assert mine.pending == theirs.pending == 0
                async with client.stream(TRADES) as here, other.stream(same) as there, bobs.stream(TRADES) as also:
                    exchange.push(TRADES.name, agg_trade(1))
                    futures.push(same.name, agg_trade(2) | {"nq": "1"})
                    assert [number_of(await anext(reader)) for reader in (here, there, also)] == [1, 2, 1]
                    await client.close()
                    exchange.push(TRADES.name, agg_trade(3))
                    assert number_of(await anext(also)) == 3
                    assert there.pending == 0

    virtually(main)


def test_f37_many_streams_are_cut_into_commands_within_size_and_speed() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client):
            names = [f"币安人生币安人生{number:04}usdt" for number in range(400)]
            sizes, heard = list[int](), exchange.heard

            def weigh(peer: Peer, text: bytes) -> None:
                sizes.append(len(text))
                heard(peer, text)

            exchange.heard = weigh  # type: ignore[method-assign]
            async with client.stream([spot_streams.AggTradeStream(symbol=name) for name in names]):
                assert len(exchange.of("streams")[0].streams) == 400
                exchange.drop_connections()
                await clock.advance(seconds=10)
                assert len(exchange.of("streams")[0].streams) == 400
            assert max(sizes) <= 8_000
            assert exchange.counters.most_per_second <= 4
            assert exchange.counters.kicked == 0

    virtually(main)


# 38, 39, 45: what events look like


def test_f38_new_fields_values_and_events_are_taken_as_they_come() -> None:
    async def main(clock: VirtualClock) -> None:
        unknown: list[UnknownEvent] = []
        async with spot(clock, hooks=Hooks(unknown=unknown.append)) as (exchange, client), client.user_data() as events:
            new = report(1) | {"X": "HALF_DONE", "o": "LIMIT_IF_SUNNY", "zz": {"deep": [1]}, "r": "NEW_REASON"}
            exchange.push_user(new, {"e": "quantumSettlement", "E": 1, "x": [2**63 - 1]}, report(2))
            first, second, third = [await anext(events) for _ in range(3)]
            assert type(first).__name__ == type(third).__name__ == "ExecutionReport"
            status = getattr(first, "order_status", None) or getattr(first, "status", None)
            assert str(status) == "HALF_DONE"
            assert not status.is_known  # type: ignore[union-attr]
            assert isinstance(second, UnknownEvent)
            assert second.type == "quantumSettlement"
            assert json.loads(second.raw)["x"] == [2**63 - 1]
            assert client.stats().unknown_events == 1
            assert [event.type for event in unknown] == ["quantumSettlement"]

    virtually(main)


def test_f39_a_field_of_another_type_is_told_with_its_path_and_the_stream_goes_on() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client), client.stream(TRADES) as events:
            bad: list[dict[str, Any]] = [{"a": "2"}, {"a": None}, {"p": 1.5}, {"p": {}}, {"m": "true"}, {"a": 2.0}]
            for number, change in enumerate(bad):
                exchange.push(TRADES.name, agg_trade(number) | change, agg_trade(number))
                if change == {"p": 1.5}:  # a number is exact, and taken where a decimal is meant
                    assert str((await anext(events)).price) == "1.5"
                else:
                    with pytest.raises(DecodeError) as caught:
                        await anext(events)
                    assert caught.value.path == f"$.data.{next(iter(change))}"
                    assert json.loads(caught.value.raw)["data"] == agg_trade(number) | change
                assert await numbers(events, 1) == [number]
            assert client.stats().streams[0].undecodable == 5

    virtually(main)


KEYED: list[tuple[Any, Callable[[int], dict[str, Any]]]] = [
    (TRADES, agg_trade),
    (BOOK, book_ticker),
    (MINI, mini_ticker),
    (spot_streams.DiffBookDepthStream(symbol="btcusdt"), depth),
    (spot_streams.TradeStream(symbol="btcusdt"), lambda number: agg_trade(1) | {"e": "trade", "t": number}),
]


@pytest.mark.parametrize(("stream", "event"), KEYED, ids=lambda one: getattr(one, "name", ""))
def test_f45_events_that_come_twice_after_a_renewal_are_dropped(
    stream: Any, event: Callable[[int], dict[str, Any]]
) -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client), client.stream(stream, gaps="raise") as events:
            exchange.push(stream.name, event(1))
            exchange.announce_shutdown("raw", name="streams")
            await clock.advance(seconds=0.1)
            old, fresh = exchange.of("streams")
            steps = [(old, 2), (fresh, 2), (old, 3), (fresh, 3), (fresh, 3), (old, 3), (fresh, 4), (old, 4), (fresh, 5)]
            for peer, number in steps:
                peer.say({"stream": stream.name, "data": event(number)})
                await clock.advance(seconds=0.01)
            assert await numbers(events, 5) == [1, 2, 3, 4, 5]
            await clock.advance(seconds=20)
            assert events.pending == 0

    virtually(main)


def test_f45_execution_reports_are_known_by_their_id_and_other_user_data_by_their_bytes() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client), client.user_data(gaps="raise") as events:
            balance = {"e": "balanceUpdate", "E": 7, "a": "BTC", "d": "100.00000000", "T": 7}
            exchange.push_user(report(1))
            exchange.announce_shutdown("event", name="api")
            await clock.advance(seconds=0.1)
            for _ in range(2):
                exchange.push_user(report(2), balance, report(3))
                await clock.advance(seconds=0.01)
            got = [type(await anext(events)).__name__ for _ in range(4)]
            assert got == ["ExecutionReport", "ExecutionReport", "BalanceUpdate", "ExecutionReport"]
            await clock.advance(seconds=20)
            assert events.pending == 0

    virtually(main)


def test_f45_after_a_loss_the_next_event_tells_what_is_missing() -> None:
    """A quiet stream, a loss and then a renewal: the hole is not forgotten on the way."""

    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client), client.stream(TRADES, gaps="mark") as events:
            exchange.push(TRADES.name, agg_trade(1))
            exchange.drop_connections("streams")
            await clock.advance(seconds=5)
            exchange.announce_shutdown("raw", name="streams")
            await clock.advance(seconds=20)
            exchange.push(TRADES.name, agg_trade(5))
            first, gap, second = [await anext(events) for _ in range(3)]
            assert isinstance(gap, Gap)
            assert (number_of(first), gap.dropped, gap.reason, number_of(second)) == (1, 3, "reconnect", 5)

    virtually(main)


@pytest.mark.parametrize("seed", range(20))
def test_u09_whatever_happens_nothing_is_lost_in_silence_and_nothing_comes_twice(seed: int) -> None:
    """Drops, notices, renewals, refusals and lost replacements in any order: a hole has its gap, with its size."""

    async def main(clock: VirtualClock) -> None:
        chance = random.Random(seed)
        async with spot(clock, lifetime=90.0, random=random.Random(seed), enforce=False) as (exchange, client):
            streams = [(TRADES, agg_trade), (BOOK, book_ticker), (MINI, mini_ticker)]
            readers = [client.stream(stream, gaps="mark", idle=None) for stream, _ in streams]
            for reader in readers:
                await reader.__aenter__()
            lagging = Lagging(exchange, chance.choice([0.0, 0.05, 0.9]), seed)
            mishaps: list[Callable[[], object]] = [
                lambda: exchange.drop_connections("streams"),
                lambda: exchange.close_connections(1001, "", "streams"),
                lambda: exchange.announce_shutdown(chance.choice(["raw", "combined"]), name="streams"),
                lambda: exchange.refuse_connections(seconds=chance.uniform(0, 3)),
                lambda: exchange.of("streams")[-1:] and exchange.of("streams")[-1].abort(),
                lambda: exchange.of("streams")[:1] and exchange.of("streams")[0].close(1001),
                lambda: exchange.on("SUBSCRIBE").stall(),
                lambda: exchange.on("SUBSCRIBE").drop(),
            ]
            count = dict.fromkeys((TRADES, BOOK, MINI), 0)

            def push(stream: Any, event: Callable[[int], dict[str, Any]]) -> None:
                count[stream] += 1
                lagging.push(stream.name, event(count[stream]))

            for step in range(3000):
                quiet = step // 100 % 3 == 0  # what is quiet keeps handovers open
                for stream, event in streams:
                    share = {TRADES: 0.02 if quiet else 1.0, BOOK: 0.02, MINI: 0.5}[stream]
                    if chance.random() < share:
                        push(stream, event)
                if chance.random() < 0.02:
                    chance.choice(mishaps)()
                await asyncio.sleep(0.1)
            await clock.advance(minutes=2)
            for stream, event in streams:
                push(stream, event)
            await clock.advance(seconds=2)
            for reader, (stream, _) in zip(readers, streams, strict=True):
                before, gaps = 0, list[Gap]()
                while reader.pending:
                    item: Any = await anext(reader)
                    if isinstance(item, Gap):
                        gaps.append(item)
                        continue
                    number = number_of(item)
                    assert number > before, f"{number} came after {before}"
                    if stream is TRADES and before:
                        missing = number - before - 1
                        assert [gap.dropped for gap in gaps] == ([missing] if missing else [])
                    assert gaps or number == before + 1 or not before
                    before, gaps = number, []
                assert before == count[stream]
                await reader.close()

    virtually(main)


@pytest.mark.parametrize("seed", range(12))
def test_f45_user_data_too_are_never_lost_in_silence(seed: int) -> None:
    async def main(clock: VirtualClock) -> None:
        chance = random.Random(seed)
        async with spot(clock, lifetime=90.0, random=random.Random(seed), enforce=False) as (exchange, client):
            mishaps: list[Callable[[], object]] = [
                lambda: exchange.drop_connections("api"),
                lambda: exchange.announce_shutdown("event", name="api"),
                lambda: exchange.refuse_connections(seconds=chance.uniform(0, 3)),
                lambda: exchange.of("api")[-1:] and exchange.of("api")[-1].abort(),
                lambda: exchange.of("api")[:1] and exchange.of("api")[0].close(1001),
                lambda: exchange.on("userDataStream.subscribe.signature").stall(),
                lambda: exchange.on("userDataStream.subscribe.signature").drop(),
                lambda: exchange.on("time").stall(),
            ]
            pushed: list[int] = []
            async with client.user_data() as events:
                for number in range(1, 3001):
                    if chance.random() < 0.2:
                        pushed.append(number)
                        exchange.push_user(report(number))
                    if chance.random() < 0.02:
                        chance.choice(mishaps)()
                    await asyncio.sleep(0.1)
                for method in ("userDataStream.subscribe.signature", "time"):
                    exchange.on(method).resume()
                await clock.advance(minutes=2)
                exchange.push_user(report(3001))
                await clock.advance(seconds=1)
                before, gap = 0, False
                while events.pending:
                    item = await anext(events)
                    if isinstance(item, Gap):
                        gap = True
                        continue
                    number = number_of(item)
                    assert number > before, f"{number} came after {before}"
                    assert gap or not [one for one in pushed if before < one < number], f"a hole before {number}"
                    before, gap = number, False
                assert before == 3001

    virtually(main)


# Threads of users that belong here


@pytest.mark.parametrize(
    "overflow", [Buffer(500), DropOldest(500), Conflate(), Fail(500)], ids=lambda one: type(one).__name__
)
def test_u01_a_burst_while_a_reader_sleeps_delays_nobody_and_is_told(overflow: Overflow) -> None:
    """Pongs, answers and other readers come as always; what one reader lost is counted and stands at its place."""

    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client):
            slow = client.stream(TRADES, overflow=overflow, gaps="mark")
            async with slow, client.stream(TRADES) as quick, client.user_data(overflow=Fail(500)) as fills:
                peer, read = exchange.of("streams")[0], list[int]()
                begun = clock.monotonic()
                for burst in range(100):
                    first = burst * 100 + 1
                    exchange.push(TRADES.name, *(agg_trade(number) for number in range(first, first + 100)))
                    exchange.push_user(*(report(number) for number in range(first, first + 100)))
                    if burst % 30 == 0:
                        peer.ping(b"%d" % burst)
                    await client.api.avg_price(symbol="BTCUSDT")
                    read += await numbers(quick, 100)
                    await asyncio.sleep(0.01)
                    assert peer.pongs == peer.pings
                assert clock.monotonic() - begun <= 1.1
                assert read == list(range(1, 10_001))
                assert exchange.counters.kicked == 0

                seen, told = 0, 0
                while slow.pending:
                    try:
                        event: Any = await anext(slow)
                    except StreamOverflow as error:
                        told += error.dropped
                        continue
                    seen, told = (
                        seen + (not isinstance(event, Gap)),
                        told + (event.dropped if isinstance(event, Gap) else 0),
                    )
                assert seen + slow.dropped == 10_000
                assert told == (0 if isinstance(overflow, Conflate) else slow.dropped)
                assert seen == {Conflate: 1}.get(type(overflow), seen)

                with pytest.raises(StreamOverflow, match="events are lost") as caught:
                    while True:
                        await anext(fills)
                assert caught.value.dropped == fills.dropped > 9_000
                exchange.push_user(report(10_001))
                while fills.pending or number_of(event) != 10_001:
                    event = await anext(fills)

    virtually(main)


def test_u03_user_data_come_back_within_a_second_or_raise() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client), client.user_data() as events:
            exchange.push_user(report(1))
            asked = exchange.of("api")[0].texts[-1]["params"]["timestamp"]
            await clock.advance(seconds=100)
            exchange.drop_connections("api")
            await clock.advance(seconds=1)
            assert exchange.push_user(report(2)) == 1
            renewed = exchange.of("api")[0].texts[-1]["params"]["timestamp"]
            assert renewed - asked >= 100_000
            first, gap, second = [await anext(events) for _ in range(3)]
            assert (number_of(first), type(gap), number_of(second)) == (1, Gap, 2)
            exchange.on("userDataStream.subscribe.signature", times=None).refuse(-2015, "Invalid API-key.", status=401)
            exchange.drop_connections("api")
            told: list[object] = []
            with pytest.raises(Exception, match="Invalid API-key"):
                while True:
                    told.append(await anext(events))
            assert all(isinstance(one, Gap) for one in told)

    virtually(main)


@pytest.mark.parametrize("product", ["spot", "usdm"])
def test_u07_every_stream_lands_on_its_route(product: str) -> None:
    async def main(clock: VirtualClock) -> None:
        world: Any = {"spot": spot, "usdm": usdm}[product]
        catalog = import_module(f"binance_wire.{product}.catalog")
        streams = {cls: sample(cls) for cls in catalog.STREAMS.values()}
        async with world(clock) as (exchange, client), client.stream(list(streams.values()), idle=None):
            carried = {name: peer.socket.name for peer in exchange.peers for name in peer.streams}
            assert carried == {stream.name: cls.spec.socket for cls, stream in streams.items()}
            for peer in exchange.peers:
                route = "" if product == "spot" else f"/{peer.socket.name}"
                assert peer.address == f"{route}/stream"

    virtually(main)


def sample(cls: Any) -> Any:
    """A stream of a class, with some value for each parameter that it needs."""
    needed = [field for field in msgspec.structs.fields(cls) if field.required]
    return cls(**{field.name: next(choices(field.type), "btcusdt") for field in needed})


def choices(type_: Any) -> Iterator[Any]:
    """What a parameter may be, where that is a known set."""
    if isinstance(type_, type) and issubclass(type_, Enum):
        yield from type_
    for argument in get_args(type_):
        yield from [argument] if get_origin(type_) is Literal else choices(argument)


def test_u04_an_iteration_is_ended_by_nobody_but_the_user() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client), client.stream(TRADES, gaps="raise") as events:
            exchange.push(TRADES.name, agg_trade(1))
            exchange.close_connections(1000, "bye", "streams")
            await clock.advance(seconds=2)
            exchange.push(TRADES.name, agg_trade(3))
            assert await numbers(events, 1) == [1]
            with pytest.raises(ConnectionLost, match="events are missing"):
                await anext(events)
            assert await numbers(events, 1) == [3]
            await events.close()
            assert [event async for event in events] == []

    virtually(main)
