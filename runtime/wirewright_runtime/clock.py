"""Time. Waiting and deadlines use the event loop's clock, which never steps; only what is signed uses the wall's.

The exchange's time is the wall's plus an offset, which each client measures. Tests hand in a clock of their own
(`wirewright_runtime.testing.VirtualClock`).
"""

from __future__ import annotations

import statistics
import time
from datetime import UTC, datetime, timedelta


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


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECONDS_FROM = 10**14  # in milliseconds this is the year 5138


def milliseconds(time: int) -> int:
    """A time since 1970 that an exchange told, in milliseconds, whether it was told in milliseconds or microseconds."""
    return time // 1000 if abs(time) >= _MICROSECONDS_FROM else time


def moment(time: int) -> datetime:
    """A time since 1970 that an exchange told, as a moment in UTC, exact to the microsecond.

    Connections may be asked to tell microseconds instead of milliseconds. Moments compare rightly whichever they were,
    and a moment that is mixed up with a number is an error for the type checker and at run time.

    Args:
        time: Milliseconds or microseconds since 1970; which of them is known by the size.
    """
    unit = timedelta(microseconds=1) if abs(time) >= _MICROSECONDS_FROM else timedelta(milliseconds=1)
    return _EPOCH + time * unit


SYSTEM = Clock()
"""One clock for every client that is not given another: clients with one clock share the budgets of a host."""


class ExchangeTime:
    """The exchange's time as this client knows it."""

    SAMPLES = 3

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.offset_ms = 0
        self.fixed = False

    def now_ms(self) -> int:
        """The exchange's time now, in milliseconds."""
        return int(self.clock.wall() * 1000) + self.offset_ms

    def fix(self, offset_ms: int) -> None:
        """Use this offset from now on, whatever is measured."""
        self.offset_ms, self.fixed = offset_ms, True

    def learn(self, samples: list[tuple[float, int]]) -> None:
        """Take over the median of samples: the wall clock halfway between question and answer, the exchange's time."""
        if samples and not self.fixed:
            offsets = (milliseconds(theirs) - halfway * 1000 for halfway, theirs in samples)
            self.offset_ms = round(statistics.median(offsets))
