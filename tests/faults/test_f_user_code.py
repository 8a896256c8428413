"""Faults 73 to 82: user code, concurrency, memory. Threads 1, 11, 22 and 23 of the list of pain."""

from __future__ import annotations

import asyncio
import gc
import itertools
import logging
import os
import random
import subprocess
import sys
import textwrap
import threading
import time
import tracemalloc
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import Any

import pytest
from fault_world import BOOK, HMAC, ORDER, TRADES, agg_trade, book_ticker, report, run, spot, virtually

from binance_wire.spot import SpotClient
from binance_wire.spot.streams import AggTradeStream
from wirewright_runtime import (
    Blocking,
    Buffer,
    ClientClosed,
    Conflate,
    DropOldest,
    Fail,
    Gap,
    Hooks,
    Orphan,
    Overflow,
    Server,
    StreamOverflow,
)
from wirewright_runtime.testing import FakeExchange, VirtualClock
from wirewright_runtime.testing.peers import MemoryPeer

CHURN = int(os.environ.get("WIREWRIGHT_CHURN", "1000"))
"""Rounds of the tests that repeat something; the catalogue's 100,000 with `make fuzz`."""


def trade_ids(events: list[Any]) -> list[Any]:
    """Ids of trades, and what is none as it is."""
    return [getattr(event, "agg_trade_id", event) for event in events]


# 73 to 76: what user code does


@pytest.mark.parametrize(
    ("overflow", "kept"),
    [(Buffer(100), range(1, 101)), (DropOldest(100), range(9902, 10_001))],
    ids=["buffer", "drop-oldest"],
)
def test_f73_slow_reader_gets_its_policy_and_every_drop_is_counted_and_told(overflow: Overflow, kept: range) -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client):
            async with client.stream(TRADES, overflow=overflow, gaps="mark") as slow, client.stream(TRADES) as quick:
                peer = exchange.of("streams")[0]
                for start in range(1, 10_001, 500):
                    exchange.push(TRADES, *(agg_trade(number) for number in range(start, start + 500)))
                    peer.ping(str(start).encode())
                    await clock.advance(seconds=0.5)
                    assert len(peer.pongs) == len(peer.pings), "a reader that stalls delays no pong"
                    assert len([await anext(quick) for _ in range(500)]) == 500, "nor another reader"
                events = [await anext(slow) for _ in range(slow.pending)]
                gap = next(event for event in events if isinstance(event, Gap))
                got = [number for number in trade_ids(events) if number is not gap]
                assert set(kept) <= set(got)
                assert gap.dropped == slow.dropped == 10_000 - len(got)
                assert got == sorted(got)

    virtually(main)


def test_f73_fail_is_raised_once_and_conflate_keeps_the_newest_of_each_stream() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client):
            both = client.stream(TRADES | BOOK, overflow=Conflate())
            async with client.stream(TRADES, overflow=Fail(100)) as lossless, both as newest:
                exchange.push(TRADES, *(agg_trade(number) for number in range(1, 1001)))
                exchange.push(BOOK, *(book_ticker(number) for number in range(1, 1001)))
                await clock.advance(seconds=1)
                with pytest.raises(StreamOverflow) as caught:
                    await anext(lossless)
                assert caught.value.dropped >= 900
                exchange.push(TRADES, agg_trade(1001))
                while (await anext(lossless)).agg_trade_id != 1001:
                    pass
                seen = [await anext(newest) for _ in range(newest.pending)]
                assert len(seen) < 200
                assert trade_ids([event for event in seen if hasattr(event, "agg_trade_id")])[-1] == 1001

    virtually(main)


def test_f74_exception_in_the_loop_comes_out_as_it_is_and_ends_only_its_subscription() -> None:
    class Bug(Exception):
        pass

    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client), client.stream(BOOK) as others:
            with pytest.raises(Bug) as caught:
                async with client.stream(TRADES) as trades:
                    exchange.push(TRADES, agg_trade(1))
                    async for _ in trades:
                        raise Bug
            assert caught.value.__cause__ is None
            await clock.advance(seconds=2)
            assert set(exchange.of("streams")[0].streams) == {BOOK.name}
            exchange.push(BOOK, book_ticker(1))
            assert (await anext(others)).update_id == 1

    virtually(main)


def test_f75_callbacks_are_called_in_order_and_their_errors_go_to_on_error_with_the_event() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client):
            seen: list[int] = []
            errors: list[tuple[str, int | None]] = []

            def plain(trade: Any) -> None:
                seen.append(trade.agg_trade_id)
                if trade.agg_trade_id % 3 == 0:
                    raise ValueError(f"no {trade.agg_trade_id}")

            async def awaited(trade: Any) -> None:
                await asyncio.sleep(random.random() / 100)
                plain(trade)

            def on_error(error: Exception, event: Any) -> None:
                errors.append((str(error), getattr(event, "agg_trade_id", None)))

            for callback in (plain, awaited):
                seen.clear()
                errors.clear()
                async with client.stream(TRADES) as trades:
                    exchange.push(TRADES, *(agg_trade(number) for number in range(1, 31)))
                    exchange.push(TRADES, {"e": "aggTrade", "a": "no number"})
                    exchange.push(TRADES, *(agg_trade(number) for number in range(31, 41)))
                    calling = asyncio.create_task(trades.each(callback, on_error=on_error))
                    await clock.advance(seconds=5)
                    await trades.close()
                    await calling
                assert seen == list(range(1, 41))
                assert [event for _, event in errors] == [*range(3, 31, 3), None, *range(33, 41, 3)]

    virtually(main)


def test_f75_callback_that_blocks_runs_in_a_thread_and_delays_nobody() -> None:
    async def main() -> None:
        async with spot() as (exchange, client), client.stream(TRADES) as trades:
            seen: list[tuple[int, bool]] = []
            here, release = threading.get_ident(), threading.Event()

            def blocks(trade: Any) -> None:
                release.wait(10)
                seen.append((trade.agg_trade_id, threading.get_ident() == here))

            calling = asyncio.create_task(trades.each(blocks, in_thread=True))
            exchange.push(TRADES, agg_trade(1), agg_trade(2), agg_trade(3))
            peer = exchange.of("streams")[0]
            peer.ping(b"are you there")
            while not peer.pongs:
                await asyncio.sleep(0.001)
            assert not seen, "the pong left while the callback was blocked"
            release.set()
            while len(seen) < 3:
                await asyncio.sleep(0.001)
            assert seen == [(1, False), (2, False), (3, False)]
            await trades.close()
            await calling

    run(main)


def test_f75_callback_that_only_makes_a_coroutine_is_told() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client), client.stream(TRADES) as trades:

            async def wanted(_: object) -> None: ...

            exchange.push(TRADES, agg_trade(1))
            with pytest.raises(TypeError, match="pass the `async def` function itself"):
                await trades.each(lambda trade: wanted(trade))

    virtually(main)


def test_f76_leaving_a_loop_early_ends_the_subscription_with_its_context(recwarn: pytest.WarningsRecorder) -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client):
            for tagged in (False, True):
                async with client.stream(TRADES) as trades:
                    exchange.push(TRADES, agg_trade(1), agg_trade(2))
                    source: Any = trades.tagged() if tagged else trades
                    async for _ in source:
                        break
                await clock.advance(seconds=3)
                assert not exchange.of("streams")[0].streams
            assert client.stats().streams == ()

    virtually(main)
    gc.collect()
    assert not recwarn.list


# 77 to 80: how it ends, and where it may be used


def test_f77_closing_wakes_everybody_at_once_and_leaves_nothing_behind() -> None:
    async def main() -> None:
        threads = threading.active_count()
        async with spot(max_in_flight=20, soft_limit=0.5, when_limited="wait") as (exchange, client):
            exchange.on("avgPrice", times=None).stall()
            exchange.on("SUBSCRIBE", times=None).stall()
            waiting = [asyncio.create_task(client.api.avg_price(symbol="BTCUSDT")) for _ in range(50)]
            entering = [asyncio.create_task(_enter(client, number)) for number in range(10)]
            await asyncio.sleep(0.05)
            exchange.on("SUBSCRIBE").resume()
            async with client.user_data() as first:
                iterators = [asyncio.create_task(_read(first))]
                subscriptions = [client.user_data() for _ in range(19)]
                for subscription in subscriptions:
                    await subscription.__aenter__()
                    iterators.append(asyncio.create_task(_read(subscription)))
                await asyncio.sleep(0.05)
                begun = time.monotonic()
                await client.close()
                told = await asyncio.gather(*waiting, *entering, *iterators, return_exceptions=True)
                assert time.monotonic() - begun < 1
                for subscription in subscriptions:
                    await subscription.close()
            assert {type(error) for error in told} == {ClientClosed}
            await client.close()
            with pytest.raises(ClientClosed):
                await client.api.avg_price(symbol="BTCUSDT")
            with pytest.raises(ClientClosed):
                client.stream(TRADES)
            while exchange.peers:
                await asyncio.sleep(0.001)
        assert threading.active_count() == threads

    run(main)


async def _enter(client: SpotClient, number: int) -> None:
    async with client.stream(AggTradeStream(symbol=f"never{number}")):
        pass


async def _read(subscription: Any) -> object:
    return await anext(subscription)


def test_f77_subscription_that_is_entered_after_closing_opens_nothing() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client):
            late, later = client.stream(TRADES), client.user_data()
            await client.close()
            for subscription in (late, later):
                with pytest.raises(ClientClosed):
                    await subscription.__aenter__()
            assert exchange.counters.connections == 0

    virtually(main)


def test_f77_closing_goes_on_when_its_caller_is_canceled_and_is_bounded() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client), client.stream(TRADES):
            await client.connect()
            exchange.freeze()  # nobody answers the closing handshake
            begun = clock.monotonic()
            closing = asyncio.create_task(client.close())
            await clock.advance(seconds=0.5)
            closing.cancel()
            with pytest.raises(asyncio.CancelledError):
                await closing
            await asyncio.gather(client.close(), client.close())
            assert clock.monotonic() - begun <= 2.5
            await client.close()

    virtually(main)


class _Cut(Awaitable[None]):
    """Runs a coroutine in the task that awaits this, and cancels the task where it is suspended the n-th time."""

    def __init__(self, work: Coroutine[Any, Any, None], at: int) -> None:
        self.steps = 0
        self._work = work
        self._at = at

    def __await__(self) -> Generator[Any, Any, None]:
        step: Any = self._work.__await__()
        value: Any = None
        error: BaseException | None = None
        while True:
            try:
                waits = step.throw(error) if error is not None else step.send(value)
            except StopIteration:
                return
            self.steps += 1
            if self.steps == self._at:
                task = asyncio.current_task()
                assert task is not None
                task.cancel()
            value = error = None
            try:
                value = yield waits
            except BaseException as thrown:
                error = thrown


async def _day_of_a_user(exchange: FakeExchange, client: SpotClient) -> None:
    await client.connect()
    await client.api.order_place(**ORDER)
    async with client.stream(TRADES | BOOK) as events, client.user_data() as mine:
        exchange.push(TRADES, agg_trade(1))
        exchange.push_user(report(1))
        await anext(events)
        await anext(mine)
        await asyncio.gather(*(client.api.avg_price(symbol="BTCUSDT") for _ in range(5)))
        exchange.drop_connections()
        await client.api.order_place(**ORDER)
        async with client.stream(AggTradeStream(symbol="ethusdt")):
            exchange.push_user(report(2))
            await anext(mine)
    await client.api.order_status(symbol="BTCUSDT", order_id=1)


async def _cancels_everywhere(
    clock: VirtualClock, work: Callable[[FakeExchange, SpotClient], Coroutine[Any, Any, None]]
) -> int:
    """Cancel at each suspension, and see each time that the client is what it was."""
    at = 0
    while True:
        at += 1
        async with spot(clock, memory=True) as (exchange, client):
            exchange.handle("order.status", lambda _: exchange.example("order.status"))
            cut = _Cut(work(exchange, client), at)
            task = asyncio.create_task(_await(cut))
            try:
                await asyncio.wait_for(task, 300)
            except asyncio.CancelledError:
                assert cut.steps >= at
            if cut.steps < at:
                return at - 1
            if not client._closed:
                await clock.advance(seconds=30)
                assert (await client.api.avg_price(symbol="BTCUSDT")).close_time
                stats = client.stats()
                assert (stats.in_flight, stats.streams) == (0, ()), at
                assert all(connection.in_flight == 0 for connection in stats.connections), at
                async with client.stream(TRADES) as trades, client.user_data() as mine:
                    exchange.push(TRADES, agg_trade(7))
                    exchange.push_user(report(7))
                    assert trade_ids([await anext(trades)]) == [7], at
                    assert not isinstance(await anext(mine), Gap), at
            assert exchange.counters.double_sends == 0, at


async def _await(cut: _Cut) -> None:
    await cut


def test_f78_cancellation_at_any_await_poisons_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async def main(clock: VirtualClock) -> None:
        assert await _cancels_everywhere(clock, _day_of_a_user) >= 10

    virtually(main)
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_f78_cancellation_at_any_await_of_closing_leaves_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async def closes(exchange: FakeExchange, client: SpotClient) -> None:
        async with client.stream(TRADES):
            await client.close()

    async def main(clock: VirtualClock) -> None:
        assert await _cancels_everywhere(clock, closes) >= 2

    virtually(main)
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_f78_ctrl_c_ends_a_program_without_noise() -> None:
    program = """
        import asyncio, os, signal, sys
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have left it ignored
        sys.path[:0] = PATHS
        from fault_world import TRADES, agg_trade, spot

        async def main():
            async with spot() as (exchange, client), client.stream(TRADES) as trades, client.user_data():
                exchange.push(TRADES, agg_trade(1))
                await anext(trades)
                asyncio.get_running_loop().call_later(0.05, os.kill, os.getpid(), signal.SIGINT)
                async for trade in trades:
                    pass

        try:
            asyncio.run(main())
        except KeyboardInterrupt:
            print("interrupted")
    """
    done = _program(program)
    assert (done.stdout.strip(), done.stderr.strip(), done.returncode) == ("interrupted", "", 0)


def _program(text: str) -> subprocess.CompletedProcess[str]:
    paths = [path for path in sys.path if "tests" in path]
    code = textwrap.dedent(text).replace("PATHS", repr(paths))
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, timeout=60, check=False
    )


def test_u22_ten_thousand_canceled_waits_leave_nothing(caplog: pytest.LogCaptureFixture) -> None:
    orphans: list[Orphan] = []

    async def main(clock: VirtualClock) -> None:
        chance = random.Random(22)
        async with spot(clock, memory=True, hooks=Hooks(orphan=orphans.append)) as (exchange, client):
            exchange.on("avgPrice", times=None).delay(0.01)
            async with client.stream(TRADES) as trades:
                for number in range(CHURN):
                    waits: list[Coroutine[Any, Any, Any]] = [client.api.avg_price(symbol="B"), trades.__anext__()]
                    with pytest.raises((TimeoutError, asyncio.CancelledError)):
                        await asyncio.wait_for(waits[number % 2], chance.random() / 100)
                    waits[1 - number % 2].close()
                exchange.on("avgPrice").resume()
                await clock.advance(seconds=1)
                exchange.push(TRADES, agg_trade(1))
                assert (await anext(trades)).agg_trade_id == 1
            await client.api.avg_price(symbol="B")
            assert client.stats().in_flight == 0
            assert len(orphans) >= CHURN // 3, "late answers are told"

    virtually(main)
    gc.collect()
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_f79_another_loop_or_thread_is_told_at_once_and_blocking_is_the_way() -> None:
    async def main() -> None:
        async with spot() as (exchange, client), client.stream(TRADES) as trades:

            def elsewhere() -> list[BaseException]:
                found: list[BaseException] = []
                attempts: list[Callable[[], object]] = [
                    lambda: asyncio.run(client.api.order_place(**ORDER)),  # type: ignore[arg-type]
                    lambda: asyncio.run(client.close()),
                    lambda: asyncio.run(_read(trades)),
                    client.stats,
                    lambda: client.stream(TRADES),
                ]
                for attempt in attempts:
                    try:
                        attempt()
                    except BaseException as error:
                        found.append(error)
                return found

            told = await asyncio.to_thread(elsewhere)
            assert [type(error) for error in told] == [RuntimeError] * 5
            assert all("another event loop" in str(error) for error in told)
            exchange.push(TRADES, agg_trade(1))
            assert (await anext(trades)).agg_trade_id == 1, "here it goes on"
            assert await asyncio.to_thread(_price_from_a_thread, exchange.server) > 0

    run(main)


def _price_from_a_thread(server: Server) -> int:
    with Blocking(SpotClient(server=server)) as spot:
        return spot.run(spot.client.api.avg_price(symbol="BTCUSDT")).close_time


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_f80_child_process_is_told_and_the_parent_goes_on() -> None:
    program = """
        import asyncio, os, sys
        sys.path[:0] = PATHS
        from fault_world import ORDER, TRADES, agg_trade, spot

        async def main():
            async with spot() as (exchange, client), client.stream(TRADES) as trades:
                await client.connect()
                child = os.fork()
                if not child:
                    told = 0
                    for attempt in (client.stats, lambda: asyncio.run(client.api.order_place(**ORDER)),
                                    lambda: asyncio.run(client.close()), lambda: asyncio.run(anext(trades))):
                        try:
                            attempt()
                        except RuntimeError:
                            told += 1
                    os._exit(told)
                assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 4
                exchange.push(TRADES, agg_trade(1))
                assert (await anext(trades)).agg_trade_id == 1
                await client.api.order_place(**ORDER)
                assert exchange.counters.connections == 2

        asyncio.run(main())
        print("fine")
    """
    done = _program(program)
    lines = [line for line in done.stderr.splitlines() if "never awaited" not in line and "print(" not in line]
    assert done.stdout.strip() == "fine", lines


# 81, 82: for weeks


def test_f81_subscribing_and_leaving_over_and_over_leaves_nothing() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock, memory=True) as (exchange, client):
            every = itertools.count()

            async def churn(rounds: int) -> None:
                for _ in range(rounds):
                    symbol = AggTradeStream(symbol=f"s{next(every)}")
                    async with client.stream(symbol), client.stream(TRADES | symbol):
                        pass

            await churn(300)
            tracemalloc.start()
            await churn(100)
            before = _held(exchange)
            await churn(CHURN)
            grown = _held(exchange) - before
            tracemalloc.stop()
            assert grown < 30_000, f"{grown} bytes more after {CHURN} rounds"
            assert client.stats().streams == ()
            await clock.advance(seconds=60)
            assert exchange.of("streams") == []
            session = client._alive().session
            assert not session._topics
            assert all(not slot.streams.wanted for slot in session.slots)

    virtually(main)


def _held(exchange: FakeExchange) -> int:
    """Bytes in use, without what the exchange of the tests remembers."""
    exchange.counters.commands.clear()
    exchange.counters.subscribed.clear()
    exchange._faults._waiting.clear()
    exchange._faults._lasting.clear()
    for peer in exchange.peers:
        assert isinstance(peer, MemoryPeer)
        for memory in (peer.texts, peer.pings, peer.pongs, peer._socket.pongs, peer._socket.sent):
            memory.clear()
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def test_f82_weeks_of_uptime_overflow_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock, memory=True) as (exchange, client), client.stream(TRADES) as trades:
            for number in range(1, 9):
                exchange.push(TRADES, agg_trade(number))
                await clock.advance(hours=24)
            assert trade_ids([await anext(trades) for _ in range(8)]) == list(range(1, 9))
            for slot in client._alive().session.slots:
                assert not slot.streams._handovers, "no memory of a renewal remains"
                assert slot.current is None or len(slot.current.questions._over) <= 1024
            assert 8 <= exchange.counters.connections <= 10
            last = [peer.texts[-1]["id"] for peer in exchange.of("streams") if peer.texts]
            assert all(number < 2**31 for number in last), "ids begin again on each connection"

    virtually(main)


def test_f82_what_repeats_is_not_logged_over_and_over(caplog: pytest.LogCaptureFixture) -> None:
    async def main(clock: VirtualClock) -> None:
        def broken(_: object) -> None:
            raise RuntimeError("a hook of the user's")

        async with spot(clock, memory=True, hooks=Hooks(unknown=broken)) as (exchange, client):
            await client.connect()
            peer = exchange.of("api")[0]
            for _ in range(5_000):
                peer.say({"id": None, "status": 400, "error": {"code": -1, "msg": "no"}}, b"no json", {"id": "x"})
            await clock.advance(seconds=61)
            peer.say({"id": None, "status": 400, "error": {"code": -1, "msg": "no"}}, b"no json")
            await clock.advance(seconds=1)
            assert client.stats().strays == 15_002

    with caplog.at_level(logging.DEBUG):
        virtually(main)
    warnings = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(warnings) <= 40, f"{len(warnings)} lines"
    assert any("left out" in record.getMessage() for record in warnings)


def test_u11_two_hundred_tasks_at_once_mix_nothing() -> None:
    async def main() -> None:
        async with spot() as (exchange, client):
            orders = [client.api.order_place(**ORDER, new_client_order_id=f"mine-{n}") for n in range(200)]
            placed = await asyncio.gather(*orders)
            assert [order.client_order_id for order in placed] == [f"mine-{n}" for n in range(200)]
            sent = [text["id"] for text in exchange.of("api")[0].texts]
            assert len(sent) == len(set(sent))
            assert exchange.counters.double_sends == 0
            assert HMAC.kind == "hmac"

    run(main)


def test_u06_a_renewal_beside_a_peer_that_vanished_says_that_something_is_missing() -> None:
    """Found by the soak: a stream whose numbers are not dense cannot show the hole by itself."""

    async def main(clock: VirtualClock) -> None:
        async with spot(clock, lifetime=600.0) as (exchange, client), client.stream(BOOK, gaps="mark") as books:
            exchange.push(BOOK, book_ticker(1))
            assert (await _read(books)).update_id == 1  # type: ignore[attr-defined]
            exchange.freeze("streams")
            exchange.push(BOOK, book_ticker(2))  # lost
            exchange.announce_shutdown(name="streams")
            client._alive().session.slots[0].replace("a renewal just now")
            await clock.advance(seconds=1)
            exchange.push(BOOK, book_ticker(5))
            await clock.advance(seconds=20)
            told = [await _read(books), await _read(books)]
            assert isinstance(told[0], Gap)
            assert getattr(told[1], "update_id", 0) == 5

    virtually(main)
