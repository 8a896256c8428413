"""A clock that users own: an event loop whose time jumps when nothing is left to do, so that hours pass in milliseconds.

    clock = VirtualClock()
    clock.run(main(clock))             # like asyncio.run
    await clock.advance(hours=24)      # inside: everything that is due in these hours happens, in order

Real loopback sockets work in it too: the time only jumps when no socket of the loop has anything to read or write.
Use addresses, not names, in it: a name is looked up in a thread, and the clock waits for that.
"""

from __future__ import annotations

import asyncio
import math
import os
import selectors
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, TypeVar

from wirewright_runtime.clock import Clock
from wirewright_runtime.testing.flight import Flight

T = TypeVar("T")

_STUCK_AFTER = 10.0
_CONNECTING, _FLYING = 20, 200  # milliseconds of real time that a connection, a message may need


class VirtualClock(Clock):
    """Time that passes only when everything is done. Give it to the client and to the `FakeExchange`.

    Args:
        start: The wall clock's first reading, in seconds since 1970.
    """

    stalls = False

    def __init__(self, start: float = 1_790_000_000.0) -> None:
        self._now = 0.0
        self._start = start

    def wall(self) -> float:
        """Seconds since 1970."""
        return self._start + self._now

    def monotonic(self) -> float:
        """Seconds since this clock was made."""
        return self._now

    def run(self, main: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in a new event loop of this clock."""
        with asyncio.Runner(loop_factory=self.new_event_loop) as runner:
            return runner.run(main)

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        """An event loop that lives in this clock's time."""
        return _VirtualLoop(self)

    async def advance(self, *, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        """Let time pass."""
        await asyncio.sleep(hours * 3600 + minutes * 60 + seconds)

    def jump(self, seconds: float) -> None:
        """Stand still: time passes, and nothing happens meanwhile (a sleeping laptop, a program that is busy)."""
        self._now += seconds

    def step_wall(self, seconds: float) -> None:
        """Set the wall clock forward, or back."""
        self._start += seconds

    def pass_time(self, seconds: float) -> None:
        """Called by the loop when nothing is left to do until then."""
        before = self._now
        self._now += seconds
        if self._now == before:
            self._now = math.nextafter(before, math.inf)


class _VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self, clock: VirtualClock) -> None:
        self._jumping = _JumpingSelector(clock)
        self._virtual = clock
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._virtual.monotonic()

    def run_in_executor(self, executor: Any, func: Callable[..., T], *args: Any) -> asyncio.Future[T]:  # type: ignore[override]
        """While a thread works for the loop, the time does not jump."""
        future = super().run_in_executor(executor, func, *args)
        self._jumping.threads += 1
        future.add_done_callback(self._returned)
        return future

    def _returned(self, _: object) -> None:
        self._jumping.threads -= 1


class _JumpingSelector(selectors.BaseSelector):
    """Where others wait for a time-out, this one lets it be."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self._real = selectors.DefaultSelector()
        self._flight = Flight()
        self.threads = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = self._real.select(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        if self.threads:
            return self._real.select(0.05)
        ready = self._arriving()
        if ready:
            return ready
        if timeout is None:
            ready = self._real.select(_STUCK_AFTER)
            if not ready:
                raise RuntimeError("nothing will ever happen: every task waits, and no timer runs")
            return ready
        self._clock.pass_time(timeout)
        return []

    def _arriving(self) -> list[tuple[selectors.SelectorKey, int]]:
        """What arrives without time passing: what was sent already, and connections that are being made."""
        os.sched_yield() if hasattr(os, "sched_yield") else None
        ready = self._real.select(0)
        keys = self._real.get_map().values()
        connecting = any(key.events & selectors.EVENT_WRITE for key in keys)
        waited = 0
        while not ready and (self._flight.is_on_its_way(keys) or (connecting and waited < _CONNECTING)):
            ready = self._real.select(0.001)
            waited += 1
            if waited > _FLYING:
                self._flight.give_up()
        return ready

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        self._flight.changed(ended=False)
        return self._real.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        self._flight.changed(ended=True)
        return self._real.unregister(fileobj)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.modify(fileobj, events, data)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._real.get_map()

    def get_key(self, fileobj: Any) -> selectors.SelectorKey:
        return self._real.get_key(fileobj)

    def close(self) -> None:
        self._real.close()
