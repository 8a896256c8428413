"""Time as it passes for a client: that the program or the machine stood still, and what the exchange's clock says."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from wirewright_runtime.errors import WireError
from wirewright_runtime.surroundings import Surroundings

_BEAT = 1.0
_SLEPT = 30.0
_STEPPED = 0.5
_CLOCK_EVERY = 3600.0


class Heartbeat:
    """Looks once a second whether time passed as it should, and once an hour at the exchange's clock.

    Args:
        around: What the client shares.
        measure: Measures the exchange's clock, if there is a connection.
        slept: Told for how many seconds the machine slept: what was open then is not any more.
    """

    def __init__(
        self, around: Surroundings, measure: Callable[[], Awaitable[None]], slept: Callable[[float], None]
    ) -> None:
        self._around = around
        self._do_measure = measure
        self._slept = slept
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._stopped = False
        self.longest_lag = 0.0
        """Most seconds for which the program stood still."""
        if around.time.clock.stalls:
            self._beat_at(around.loop.time() + _BEAT)

    def stop(self) -> None:
        """Look no more."""
        self._stopped = True
        for timer in self._timers.values():
            timer.cancel()

    def measured(self) -> None:
        """The clock was measured: the next time is in an hour."""
        timer = self._timers.pop("clock", None)
        if timer is not None:
            timer.cancel()
        if not self._stopped:
            self._timers["clock"] = self._around.loop.call_later(
                _CLOCK_EVERY, lambda: self._around.start(self._measure())
            )

    async def _measure(self) -> None:
        try:
            await self._do_measure()
        except WireError as error:
            self._around.log.info("the clock could not be measured: %s", error)
        self.measured()

    def _beat_at(self, due: float) -> None:
        clock = self._around.time.clock
        self._around.beat_due = due
        self._timers["beat"] = self._around.loop.call_at(due, self._beat, due, clock.wall() - clock.monotonic())

    def _beat(self, due: float, difference: float) -> None:
        """Notice that the program, or the whole machine, stood still."""
        clock, now = self._around.time.clock, self._around.loop.time()
        lag = now - due
        stepped = clock.wall() - clock.monotonic() - difference
        if lag > _BEAT:
            self.longest_lag = max(self.longest_lag, lag)
            self._around.log.warning("the program stood still for %.1f seconds: nothing was read meanwhile", lag)
            self._around.tell(self._around.settings.hooks.lag, lag)
        if abs(stepped) > _STEPPED:
            self._around.start(self._measure())
        if stepped > _SLEPT:
            self._slept(stepped)
        self._beat_at(now + _BEAT)
