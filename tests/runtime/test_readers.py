"""Readers that are slow, that fail, that leave, that are canceled: nobody else notices."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mini_wire.mini.events import AggTrade
from mini_wire.mini.streams import AggTradeStream, BookTickerStream
from mini_world import agg_trade, mini, report, run, virtually

from wirewright_runtime import (
    Buffer,
    ClientClosed,
    Conflate,
    ConnectionLost,
    DecodeError,
    DropOldest,
    Fail,
    Gap,
    Hooks,
    Overflow,
    StreamOverflow,
    SubscribeError,
)
from wirewright_runtime.overflow import Backlog, Dropped
from wirewright_runtime.testing import VirtualClock

TRADES = AggTradeStream(symbol="btcusdt")


async def flood(exchange: Any, count: int, first: int = 1) -> None:
    """Push that many trades, a hundred at a time, so that the reader could run."""
    for start in range(first, first + count, 100):
        exchange.push("btcusdt@aggTrade", *(agg_trade(n) for n in range(start, min(start + 100, first + count))))
        await asyncio.sleep(0.001)


@pytest.mark.parametrize(
    ("overflow", "expected"),
    [
        (Buffer(100), [*range(1, 101), "gap 9900", 10_001]),
        (DropOldest(100), ["gap 9900", *range(9901, 10_001), 10_001]),
    ],
)
def test_what_a_slow_reader_loses_is_counted_and_told_in_its_place(overflow: Overflow, expected: list[object]) -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client):
            async with client.stream(TRADES, overflow=overflow, gaps="mark") as events:
                peer = exchange.of("streams")[0]
                asked = clock.monotonic()
                await flood(exchange, 10_000)
                peer.ping(b"still there?")
                await asyncio.sleep(0.01)
                assert peer.pongs[-1] == b"still there?"
                assert clock.monotonic() - asked < 1
                assert events.dropped + events.pending - 1 == 10_000
                seen: list[object] = []
                while events.pending:
                    event = await anext(events)
                    seen.append(f"gap {event.dropped}" if isinstance(event, Gap) else event.agg_trade_id)
                exchange.push("btcusdt@aggTrade", agg_trade(10_001))
                last = await anext(events)
                assert isinstance(last, AggTrade)
                assert [*seen, last.agg_trade_id] == expected
                stats = client.stats().streams[0]
                assert (stats.events, stats.dropped, stats.pending) == (10_001, events.dropped, 0)

    virtually(main)


@pytest.mark.parametrize("options", [{"overflow": Fail(100)}, {"overflow": Buffer(100), "gaps": "raise"}])
def test_an_overflow_is_raised_once_and_reading_goes_on(options: dict[str, Any]) -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client), client.stream(TRADES, **options) as events:
            await flood(exchange, 1000)
            seen = 0
            with pytest.raises(StreamOverflow, match="events are lost") as caught:
                async for _ in events:
                    seen += 1
            assert caught.value.dropped == 1000 - seen - events.pending
            exchange.push("btcusdt@aggTrade", agg_trade(1001))
            async for event in events:
                if event.agg_trade_id == 1001:
                    break

    virtually(main)


def test_conflating_keeps_the_newest_of_each_stream() -> None:
    async def main(clock: VirtualClock) -> None:
        both = AggTradeStream(symbol="btcusdt") | AggTradeStream(symbol="ethusdt")
        async with mini(clock) as (exchange, client), client.stream(both, overflow=Conflate()) as events:
            for number in range(1, 5000):
                exchange.push("btcusdt@aggTrade", agg_trade(number))
                if number % 100 == 0:
                    exchange.push("ethusdt@aggTrade", agg_trade(number, "ETHUSDT"))
                    await asyncio.sleep(0.001)
            await asyncio.sleep(0.01)
            newest: dict[str, int] = {}
            while events.pending:
                event = await anext(events)
                newest[event.symbol] = event.agg_trade_id
            assert newest == {"BTCUSDT": 4999, "ETHUSDT": 4900}
            assert events.dropped > 4500

    virtually(main)


def test_a_slow_reader_does_not_concern_the_others() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client):
            async with client.stream(TRADES, overflow=Buffer(10)) as slow, client.stream(TRADES) as quick:
                await flood(exchange, 5000)
                assert [(await anext(quick)).agg_trade_id for _ in range(5000)] == list(range(1, 5001))
                assert slow.dropped > 4900
                assert (await client.api.avg_price(symbol="B")).minutes == 5

    virtually(main)


items = st.lists(st.sampled_from(["event", "event", "event", "gap", "error", "flush", "take"]), max_size=200)


@given(items, st.integers(1, 10), st.sampled_from([Buffer, DropOldest, Fail]))
def test_every_event_is_read_or_counted_and_marks_are_never_lost(words: list[str], limit: int, kind: Any) -> None:
    backlog = Backlog(kind(limit), lambda: 0)
    put = read = dropped = marks = met = 0
    numbers: list[int] = []

    def take() -> None:
        nonlocal read, dropped, met
        word = backlog.items.popleft()[1]
        if isinstance(word, bytes):
            read += 1
            numbers.append(int(word))
        elif isinstance(word, Dropped):
            dropped += word.count
        else:
            met += 1

    for word in words:
        if word == "event":
            put += 1
            backlog.items.append((None, b"%d" % put))
        elif word in ("gap", "error"):
            marks += 1
            gap = Gap(since=0, until=0, dropped=None, reason="reconnect")
            backlog.items.append((None, gap if word == "gap" else ConnectionLost("x")))
        elif word == "take" and backlog.items:
            take()
        if word == "flush" and len(backlog.items) > backlog.limit:
            backlog.bound()
            events = [item for item in backlog.items if isinstance(item[1], bytes)]
            assert len(events) <= limit
    while backlog.items:
        take()
    assert read + dropped == put
    assert dropped == backlog.dropped
    assert met == marks
    assert numbers == sorted(numbers)


def test_an_event_that_does_not_decode_is_raised_and_the_stream_goes_on() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client), client.stream(TRADES) as events:
            bad = agg_trade(1) | {"p": "many"}
            other = agg_trade(2) | {"e": "newThing"}
            exchange.push("btcusdt@aggTrade", bad, other, agg_trade(3), agg_trade(4) | {"new": [1]})
            exchange.of("streams")[0].say(
                b'{"stream":"btcusdt@aggTrade","data":{"e":"aggTr', b"\xff\xfe", b"[" * 10_000
            )
            with pytest.raises(DecodeError) as caught:
                await anext(events)
            assert caught.value.path == "$.data.p"
            assert b"many" in caught.value.raw
            with pytest.raises(DecodeError, match="newThing"):
                await anext(events)
            assert [(await anext(events)).agg_trade_id for _ in range(2)] == [3, 4]
            with pytest.raises(DecodeError):
                await anext(events)
            exchange.push("btcusdt@aggTrade", agg_trade(5))
            assert (await anext(events)).agg_trade_id == 5
            assert client.stats().connections[0].garbage == 2

    virtually(main)


def test_what_user_code_raises_comes_out_as_it_is_and_ends_only_its_own_subscription() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client), client.stream(BookTickerStream(symbol="b")) as other:
            with pytest.raises(KeyError, match="mine"):
                async with client.stream(TRADES) as events:
                    exchange.push("btcusdt@aggTrade", agg_trade(1))
                    async for _ in events:
                        raise KeyError("mine")
            await clock.advance(seconds=1)
            assert list(exchange.of("streams")[0].streams) == ["b@bookTicker"]
            exchange.push("b@bookTicker", {"u": 1, "s": "B", "b": "1", "a": "2"})
            assert (await anext(other)).update_id == 1

    virtually(main)


def test_a_callback_is_called_in_order_and_what_it_raises_goes_to_its_handler() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client), client.stream(TRADES) as events:
            seen: list[int] = []
            errors: list[tuple[str, int | None]] = []

            def callback(event: AggTrade) -> None:
                if event.agg_trade_id == 3:
                    raise ValueError("three")
                seen.append(event.agg_trade_id)

            def on_error(error: Exception, event: AggTrade | None) -> None:
                errors.append((str(error), event.agg_trade_id if event else None))

            calling = asyncio.create_task(events.each(callback, on_error=on_error))
            await asyncio.sleep(0)
            exchange.push("btcusdt@aggTrade", *(agg_trade(number) for number in range(1, 6)))
            exchange.push("btcusdt@aggTrade", agg_trade(6) | {"p": {}})
            await asyncio.sleep(0.01)
            assert seen == [1, 2, 4, 5]
            assert errors[0] == ("three", 3)
            assert "documented shape" in errors[1][0]
            assert errors[1][1] is None
            await events.close()
            await calling

    virtually(main)


def test_an_awaited_callback_keeps_the_order() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client), client.stream(TRADES) as events:
            seen: list[int] = []

            async def callback(event: AggTrade) -> None:
                await asyncio.sleep(5 - event.agg_trade_id)
                seen.append(event.agg_trade_id)

            calling = asyncio.create_task(events.each(callback))
            exchange.push("btcusdt@aggTrade", *(agg_trade(number) for number in range(1, 6)))
            await clock.advance(seconds=30)
            assert seen == [1, 2, 3, 4, 5]
            await events.close()
            await calling

    virtually(main)


def test_a_callback_that_raises_without_a_handler_ends_the_call() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client), client.stream(TRADES) as events:
            calling = asyncio.create_task(events.each(lambda event: 1 / 0))
            await asyncio.sleep(0)
            exchange.push("btcusdt@aggTrade", agg_trade(1), agg_trade(2))
            with pytest.raises(ZeroDivisionError):
                await calling
            assert (await anext(events)).agg_trade_id == 2

            async def coroutine(event: AggTrade) -> None: ...

            calling = asyncio.create_task(events.each(lambda event: coroutine(event)))
            await asyncio.sleep(0)
            exchange.push("btcusdt@aggTrade", agg_trade(3))
            with pytest.raises(TypeError, match="pass the `async def` function itself"):
                await calling

    virtually(main)


def test_a_callback_may_call_the_client() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client), client.stream(TRADES) as events:
            made: list[asyncio.Task[Any]] = []
            calling = asyncio.create_task(
                events.each(lambda event: made.append(asyncio.ensure_future(client.api.avg_price(symbol="B"))))
            )
            await asyncio.sleep(0)
            exchange.push("btcusdt@aggTrade", agg_trade(1), agg_trade(2))
            await asyncio.sleep(0.1)
            assert [price.minutes for price in await asyncio.gather(*made)] == [5, 5]
            calling.cancel()
            with pytest.raises(asyncio.CancelledError):
                await calling
            exchange.push("btcusdt@aggTrade", agg_trade(3))
            assert (await anext(events)).agg_trade_id == 3

    virtually(main)


def test_leaving_the_loop_leaves_nothing_open() -> None:
    async def main() -> None:
        async with mini() as (exchange, client):
            async with client.stream(TRADES) as events:
                exchange.push("btcusdt@aggTrade", agg_trade(1))
                async for _ in events:
                    break
            assert [event async for event in events] == []
            assert client.stats().streams == ()

    run(main)


def test_events_at_hand_can_still_be_read_after_closing() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client):
            async with client.stream(TRADES) as events:
                exchange.push("btcusdt@aggTrade", agg_trade(1), agg_trade(2))
                await asyncio.sleep(0.01)
            assert [event.agg_trade_id async for event in events] == [1, 2]

    virtually(main)


def test_one_reader_at_a_time() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (_, client):
            events = client.stream(TRADES)
            with pytest.raises(RuntimeError, match="enter the subscription first"):
                await anext(events)
            async with events:
                waiting = asyncio.create_task(anext(events))
                await asyncio.sleep(0)
                with pytest.raises(RuntimeError, match="another task reads"):
                    await anext(events)
                waiting.cancel()
                await asyncio.gather(waiting, return_exceptions=True)
            with pytest.raises(RuntimeError, match="entered once"):
                async with events:
                    pass
            with pytest.raises(ValueError, match="no stream"):
                client.stream([])

    virtually(main)


def test_canceling_a_reader_at_any_time_loses_nothing() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client), client.stream(TRADES, gaps="raise") as events:
            seen: list[int] = []

            async def read() -> None:
                async for event in events:
                    seen.append(event.agg_trade_id)

            for number in range(1, 2001):
                reading = asyncio.create_task(read())
                for _ in range(number % 4):
                    await asyncio.sleep(0)
                exchange.push("btcusdt@aggTrade", agg_trade(number))
                for _ in range(number % 5):
                    await asyncio.sleep(0)
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)
            await asyncio.sleep(0.01)
            while events.pending:
                seen.append((await anext(events)).agg_trade_id)
            assert seen == list(range(1, 2001))

    virtually(main)


def test_subscribing_and_leaving_again_and_again_leaves_nothing() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client), client.stream(TRADES):
            for number in range(300):
                opening = asyncio.create_task(client.stream(AggTradeStream(symbol=f"s{number % 7}")).__aenter__())
                for _ in range(number % 11):
                    await asyncio.sleep(0.1)
                opening.cancel()
                told = (await asyncio.gather(opening, return_exceptions=True))[0]
                if not isinstance(told, BaseException):
                    await told.close()
            await clock.advance(minutes=1)
            assert list(exchange.of("streams")[0].streams) == ["btcusdt@aggTrade"]
            assert len(client.stats().streams) == 1
            assert exchange.counters.kicked == 0

    virtually(main)


def test_a_gap_is_logged_or_raised_or_marked(caplog: pytest.LogCaptureFixture) -> None:
    async def main(clock: VirtualClock) -> None:
        gaps: list[Gap] = []
        async with mini(clock, hooks=Hooks(gap=gaps.append)) as (exchange, client):
            async with (
                client.stream(TRADES) as logged,
                client.stream(TRADES, gaps="raise") as raised,
                client.stream(TRADES, gaps="mark") as marked,
            ):
                exchange.push("btcusdt@aggTrade", agg_trade(1))
                exchange.drop_connections()
                await clock.advance(seconds=5)
                exchange.push("btcusdt@aggTrade", agg_trade(3))
                assert [(await anext(logged)).agg_trade_id for _ in range(2)] == [1, 3]
                assert (await anext(raised)).agg_trade_id == 1
                with pytest.raises(ConnectionLost, match=r"btcusdt@aggTrade: events are missing \(reconnect\)"):
                    await anext(raised)
                assert (await anext(raised)).agg_trade_id == 3
                kinds = [type(await anext(marked)) for _ in range(3)]
                assert kinds == [AggTrade, Gap, AggTrade]
                assert [gap.dropped for gap in gaps] == [1]

    with caplog.at_level(logging.WARNING, "wirewright.streams"):
        virtually(main)
    assert "btcusdt@aggTrade: 1 events are missing (reconnect)" in caplog.text


def test_a_reconnect_that_lost_nothing_makes_no_gap() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client), client.stream(TRADES, gaps="raise") as events:
            exchange.push("btcusdt@aggTrade", agg_trade(1))
            exchange.drop_connections()
            await clock.advance(seconds=5)
            exchange.push("btcusdt@aggTrade", agg_trade(1), agg_trade(2))
            assert [(await anext(events)).agg_trade_id for _ in range(2)] == [1, 2]

    virtually(main)


def test_user_data_end_with_the_client() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client):
            async with client.user_data() as events:
                exchange.push_user(report(1))
                await asyncio.sleep(0.01)
                await client.close()
                await anext(events)
                for _ in range(2):
                    with pytest.raises(ClientClosed):
                        await anext(events)

    virtually(main)


def test_names_that_cannot_be_streams() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client):
            for symbol in ("", "a b", "x" * 10_000, "a\n", "\x00"):
                with pytest.raises(ValueError, match="name"):
                    async with client.stream([TRADES, AggTradeStream(symbol=symbol)]):
                        pass
            assert client.stats().streams == ()
            async with client.stream(AggTradeStream(symbol="币安人生USDT")) as events:
                exchange.push("币安人生usdt@aggTrade", agg_trade(1, "币安人生USDT"))
                exchange.of("streams")[0].say(
                    b'{"stream":"\\u5e01\\u5b89\\u4eba\\u751fusdt@aggTrade","data":'
                    b'{"e":"aggTrade","E":1,"s":"x","a":2,"p":"1","q":"1"}}'
                )
                assert [(await anext(events)).agg_trade_id for _ in range(2)] == [1, 2]

    virtually(main)


def test_a_subscription_that_the_exchange_never_acknowledges_ends() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock, subscribe_timeout=20.0) as (exchange, client):
            exchange.on("SUBSCRIBE", times=None).stall()
            begun = clock.monotonic()
            with pytest.raises(SubscribeError, match="did not acknowledge"):
                async with client.stream(TRADES):
                    pass
            assert clock.monotonic() - begun <= 20.1

    virtually(main)
