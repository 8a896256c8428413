"""Any order of frames, acknowledgements, closes, time-outs and cancellations.

Hypothesis drives a client and its exchange step by step in virtual time. After every step: nothing is sent twice, no limit
of the exchange is passed. Whatever a reader sees is in order, once, with a word wherever something is missing. In the end
every caller was answered, and nothing is left: no task, no timer, no pending request.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from typing import Any

from amount import examples
from fault_world import BOOK, ORDER, TRADES, agg_trade, book_ticker, report, spot
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from binance_wire.spot.streams import AggTradeStream
from wirewright_runtime import Gap, OutcomeUnknown, WireError
from wirewright_runtime.testing import VirtualClock

STREAMS: list[Any] = [TRADES, BOOK, AggTradeStream(symbol="ethusdt")]
GARBAGE = [
    b"{",
    b"\xff",
    b"[1]",
    b'{"id":null,"status":401,"error":{"code":-2015,"msg":"x"}}',
    b'{"id":"1-1"}',
    b"null",
]


def number_of(event: Any) -> int | None:
    """The number that an event carries."""
    for name in ("agg_trade_id", "update_id", "execution_id"):
        if hasattr(event, name):
            return int(getattr(event, name))
    return None


class Reader:
    """A subscription, and what it has seen. `steps` of its stream follow each other without a hole."""

    def __init__(self, subscription: Any, name: str, *, dense: bool) -> None:
        self.subscription = subscription
        self.name = name
        self.dense = dense
        self.last: int | None = None
        self.told = False

    async def read(self) -> None:
        """Read what is there, and check its order."""
        while self.subscription.pending:
            try:
                event = await anext(self.subscription)
            except (WireError, StopAsyncIteration):
                self.told = True
                continue
            number = number_of(event)
            if isinstance(event, Gap):
                self.told = True
            elif number is not None:
                if self.last is not None:
                    assert number > self.last, f"{self.name}: {number} after {self.last}"
                    assert not self.dense or self.told or number == self.last + 1, f"{self.name}: a hole at {number}"
                self.last, self.told = number, False


class SessionMachine(RuleBasedStateMachine):
    """A client, its exchange, and everything that may happen to them."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = VirtualClock()
        self.loop = self.clock.new_event_loop()
        asyncio.set_event_loop(self.loop)
        self.stack = AsyncExitStack()
        self.exchange, self.client = self._run(self.stack.enter_async_context(spot(self.clock, memory=True)))
        self.numbers = dict.fromkeys((*(stream.name for stream in STREAMS), "user"), 0)
        self.readers: list[Reader] = []
        self.calls: list[asyncio.Task[Any]] = []
        self.entering: list[asyncio.Task[Any]] = []

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    # The user

    @rule(which=st.integers(0, 2))
    def subscribe(self, which: int) -> None:
        stream = STREAMS[which]
        self.entering.append(self.loop.create_task(self._enter(self.client.stream, stream, dense=which != 1)))

    @rule()
    def subscribe_user_data(self) -> None:
        self.entering.append(self.loop.create_task(self._enter(self.client.user_data, None, dense=True)))

    async def _enter(self, make: Any, stream: Any, *, dense: bool) -> None:
        subscription = make() if stream is None else make(stream, gaps="mark")
        try:
            await subscription.__aenter__()
        except WireError:
            return
        self.readers.append(Reader(subscription, "user" if stream is None else stream.name, dense=dense))

    @precondition(lambda self: self.readers)
    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        reader = self.readers.pop(data.draw(st.integers(0, len(self.readers) - 1)))
        self._run(reader.read())
        self._run(reader.subscription.close())

    @precondition(lambda self: self.readers)
    @rule()
    def read(self) -> None:
        for reader in self.readers:
            self._run(reader.read())

    @rule(method=st.sampled_from(["order_place", "avg_price"]), timeout=st.sampled_from([0.05, 1.0, 10.0]))
    def call(self, method: str, timeout: float) -> None:
        arguments = ORDER if method == "order_place" else {"symbol": "BTCUSDT"}
        self.calls.append(self.loop.create_task(getattr(self.client.api, method)(**arguments, timeout=timeout)))

    @precondition(lambda self: self.calls or self.entering)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        everything = [*self.calls, *self.entering]
        everything[data.draw(st.integers(0, len(everything) - 1))].cancel()

    # The exchange

    @rule(which=st.integers(0, 2), count=st.integers(1, 3))
    def push(self, which: int, count: int) -> None:
        stream = STREAMS[which]
        for _ in range(count):
            self.numbers[stream.name] += 1
            make = book_ticker if which == 1 else agg_trade
            self._run(_called(self.exchange.push, stream, make(self.numbers[stream.name])))

    @rule()
    def push_user_data(self) -> None:
        self.numbers["user"] += 1
        self._run(_called(self.exchange.push_user, report(self.numbers["user"])))

    @rule(
        what=st.sampled_from(["order.place", "avgPrice", "SUBSCRIBE", "UNSUBSCRIBE", "time"]),
        how=st.sampled_from(["accept_then_drop", "drop", "stall", "answer_twice", "delay", "close", "refuse"]),
    )
    def script(self, what: str, how: str) -> None:
        arguments = {"delay": (3.0,), "close": (1011,), "refuse": (-1000, "no")}.get(how, ())
        getattr(self.exchange.on(what), how)(*arguments)

    @rule(name=st.sampled_from(["", "api", "streams"]), code=st.sampled_from([0, 1000, 1001, 1008, 1012]))
    def end_connections(self, name: str, code: int) -> None:
        if code:
            self._run(_called(self.exchange.close_connections, code, "", name))
        else:
            self._run(_called(self.exchange.drop_connections, name))

    @rule(name=st.sampled_from(["", "api", "streams"]))
    def announce(self, name: str) -> None:
        self._run(_called(lambda: self.exchange.announce_shutdown(name=name)))

    @rule(name=st.sampled_from(["api", "streams"]), pauses=st.lists(st.sampled_from([0.0, 0.2, 2.0]), max_size=3))
    def renew(self, name: str, pauses: list[float]) -> None:
        """A renewal during which the exchange goes on: both connections bring what it says."""
        self.announce(name)
        for pause in pauses:
            self._run(asyncio.sleep(pause))
            self.push(0, 2)
            self.push_user_data()

    @rule()
    def end_user_data(self) -> None:
        self._run(_called(lambda: self.exchange.end_user_data(E=1)))

    @rule(seconds=st.sampled_from([0.5, 20.0]))
    def refuse(self, seconds: float) -> None:
        self.exchange.refuse_connections(seconds=seconds)

    @rule(name=st.sampled_from(["api", "streams"]))
    def freeze(self, name: str) -> None:
        self.exchange.freeze(name)

    @rule(frame=st.sampled_from(GARBAGE))
    def garbage(self, frame: bytes) -> None:
        for peer in list(self.exchange.reachable):
            self._run(_called(peer.say, frame))

    # Time

    @rule(seconds=st.sampled_from([0.0, 0.001, 0.1, 2.0, 70.0, 4000.0]))
    def time_passes(self, seconds: float) -> None:
        self._run(asyncio.sleep(seconds))

    @invariant()
    def nothing_is_sent_twice_and_no_limit_is_passed(self) -> None:
        assert self.exchange.counters.double_sends == 0
        assert self.exchange.counters.kicked == 0
        assert self.exchange.counters.wrong_pongs == 0

    def teardown(self) -> None:
        try:
            self._run(self._end())
        finally:
            self.loop.run_until_complete(self.loop.shutdown_asyncgens())
            asyncio.set_event_loop(None)
            self.loop.close()

    async def _end(self) -> None:
        await asyncio.sleep(100)
        for reader in self.readers:
            await reader.read()
        still = [task for task in self.calls if not task.done()]
        assert not still, f"nobody was told: {still}"
        stats = self.client.stats()
        assert stats.in_flight == 0
        await self.client.close()
        await asyncio.wait_for(asyncio.gather(*self.entering, return_exceptions=True), 60)
        for task in self.calls:
            if not task.cancelled():
                error = task.exception()
                assert error is None or isinstance(error, WireError), error
                assert not isinstance(error, OutcomeUnknown) or error.client_order_id
        await self.stack.aclose()
        await asyncio.sleep(0)
        left = asyncio.all_tasks() - {asyncio.current_task()}
        assert not left, f"left behind: {left}"
        timers = [timer for timer in getattr(self.loop, "_scheduled", []) if not timer.cancelled()]
        assert not timers, f"left behind: {timers}"


async def _called(function: Any, *arguments: Any) -> None:
    function(*arguments)


TestSession = SessionMachine.TestCase
TestSession.settings = settings(**examples(40), stateful_step_count=40)
