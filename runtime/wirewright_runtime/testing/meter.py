"""The exchange's own count of request weight: told with every answer, and held."""

from __future__ import annotations

from msgspec import Struct

from wirewright_runtime.clock import Clock
from wirewright_runtime.request import Request

_MINUTE_MS = 60_000


class Reading(Struct, frozen=True):
    """The count after a request. `retry_at` is when the next minute begins, in milliseconds."""

    used: int
    limit: int
    passed: bool
    retry_at: int

    @property
    def limits(self) -> list[dict[str, object]]:
        """As answers tell it."""
        return [
            {"kind": "REQUEST_WEIGHT", "interval": "MINUTE", "number": 1, "limit": self.limit, "count": self.used},
        ]


class Meter:
    """Counts the weight of requests, by the minute of the clock.

    Args:
        limit: Weight that a minute allows.
        methods: Request classes by method; a method without one weighs 1.
    """

    def __init__(self, limit: int, methods: dict[str, type[Request[object]]], clock: Clock) -> None:
        self.limit = limit
        self.used = 0
        self._methods = methods
        self._clock = clock
        self._minute: int = -1

    def count(self, method: str) -> Reading:
        """A request came."""
        minute = int(self._clock.wall() * 1000) // _MINUTE_MS
        if minute != self._minute:
            self._minute, self.used = minute, 0
        cls = self._methods.get(method)
        self.used += cls.weight if cls is not None else 1
        return Reading(self.used, self.limit, self.used > self.limit, (minute + 1) * _MINUTE_MS)
