"""Time. Waiting and deadlines use the event loop's clock, which never steps; only what is signed uses the wall's.

The exchange's time is the wall's plus an offset, which each client measures. Tests hand in a clock of their own
(`wirewright_runtime.testing.VirtualClock`).
"""

from __future__ import annotations

import statistics
import time


class Clock:
    """The clocks of this machine."""

    stalls = True
    """Whether time passes while the program does nothing for it, so that standing still must be noticed."""

    def wall(self) -> float:
        """Seconds since 1970, as signed; may step."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds that only grow."""
        return time.monotonic()


SYSTEM = Clock()
"""One clock for every client that is not given another: clients with one clock share the budgets of a host."""


class ExchangeTime:
    """The exchange's time as this client knows it."""

    SAMPLES = 3
    STALE_AFTER = 3600.0

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.offset_ms = 0
        self.fixed = False
        self.measured_at: float | None = None

    def now_ms(self) -> int:
        """The exchange's time now, in milliseconds."""
        return int(self.clock.wall() * 1000) + self.offset_ms

    def fix(self, offset_ms: int) -> None:
        """Use this offset from now on, whatever is measured."""
        self.offset_ms, self.fixed = offset_ms, True

    def learn(self, samples: list[tuple[float, float, int]]) -> None:
        """Take over the median of (wall when asked, wall when answered, the exchange's milliseconds) samples."""
        if samples and not self.fixed:
            self.offset_ms = round(statistics.median(theirs - (asked + got) * 500 for asked, got, theirs in samples))
        self.measured_at = self.clock.wall()
