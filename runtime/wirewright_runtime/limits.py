"""How fast: control frames of a connection, dials of a host, weight of requests.

Nothing here waits: each limit says how long to wait, and is told what was done. Addresses are limited by the exchange,
not clients, so the dials and bans of a host are known to every client of the process that shares a clock.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import msgspec

from wirewright_runtime.clock import Clock
from wirewright_runtime.errors import UNDECODABLE
from wirewright_runtime.product import Rate, RateLimitShape
from wirewright_runtime.types import RateLimit

_JITTER = 1.2  # what leaves a second apart may arrive closer together


class Pacer:
    """Keeps what a connection sends under the exchange's limit: four fifths of it, one of these kept free for a pong."""

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._window = rate.seconds * _JITTER
        self._texts = max(1, int(rate.count * 0.8) - 1)
        self._sent: deque[float] = deque()
        self._penalty = 1

    def counts(self, kind: str) -> bool:
        """Whether frames of that kind count toward the limit."""
        return not self._rate.counts or kind in self._rate.counts

    def delay(self, now: float, kind: str = "text") -> float:
        """Seconds until a frame may be sent."""
        if not self.counts(kind):
            return 0.0
        while self._sent and self._sent[0] <= now - self._window:
            self._sent.popleft()
        allowed = max(1, self._texts // self._penalty) if kind == "text" else self._rate.count
        if len(self._sent) < allowed:
            return 0.0
        return self._sent[len(self._sent) - allowed] + self._window - now

    def sent(self, now: float, kind: str = "text") -> None:
        """A frame was sent."""
        if self.counts(kind):
            self._sent.append(now)

    def slow_down(self, times: int) -> None:
        """The exchange complained so many times: send texts at half the speed for each."""
        self._penalty = 2 ** min(times, 10)


class Host:
    """What one host was asked lately, and until when it wants to be left alone: altogether, or by orders of an account."""

    BURST = 10
    PER_SECOND = 1.0
    DEFAULT = Rate(300, 300)

    def __init__(self) -> None:
        self._dials: deque[float] = deque()
        self._tokens = float(self.BURST)
        self._filled = 0.0
        self.closed_until = 0.0
        self.banned_until = 0.0
        self.is_limited = False
        """Whether requests may have to wait: look at `request_delay`."""
        self._orders_until: dict[str, float] = {}

    def dial_delay(self, now: float, rate: Rate | None) -> float:
        """Seconds until the next dial; 0 takes it."""
        self._tokens = min(self.BURST, self._tokens + (now - self._filled) * self.PER_SECOND)
        self._filled = now
        wait = max(0.0, self.closed_until - now, self.banned_until - now)
        if self._tokens < 1:
            wait = max(wait, (1 - self._tokens) / self.PER_SECOND)
        rate = rate or self.DEFAULT
        while self._dials and self._dials[0] <= now - rate.seconds:
            self._dials.popleft()
        allowed = max(1, int(rate.count * 0.9))
        if len(self._dials) >= allowed:
            wait = max(wait, self._dials[len(self._dials) - allowed] + rate.seconds - now)
        if wait <= 0:
            self._tokens -= 1
            self._dials.append(now)
            return 0.0
        return wait

    def request_delay(self, now: float, account: str | None) -> float:
        """Seconds until a request is welcome; `account` is whose orders it counts toward, if it does."""
        until = max(self.closed_until, self._orders_until.get(account, 0.0) if account is not None else 0.0)
        self.is_limited = max(self.closed_until, *self._orders_until.values(), 0.0) > now
        return max(0.0, until - now)

    def close(self, until: float, *, banned: bool) -> None:
        """The host wants to be left alone until then."""
        self.is_limited = True
        self.closed_until = max(self.closed_until, until)
        if banned:
            self.banned_until = max(self.banned_until, until)

    def close_orders(self, account: str, until: float) -> None:
        """An account has placed as many orders as it may until then; everything else goes on."""
        self.is_limited = True
        self._orders_until[account] = max(self._orders_until.get(account, 0.0), until)


_hosts: WeakKeyDictionary[Clock, dict[str, Host]] = WeakKeyDictionary()
_lock = threading.Lock()


def host_of(clock: Clock, address: str) -> Host:
    """The one `Host` of an address, shared by all clients of the process. Times in it are `Clock.monotonic`."""
    name = urlsplit(address).hostname or address
    with _lock:
        return _hosts.setdefault(clock, {}).setdefault(name, Host())


_SECONDS = {"SECOND": 1, "MINUTE": 60, "HOUR": 3600, "DAY": 86400}
_WEIGHT_PAUSE, _ORDER_PAUSE = 60.0, 10.0


class Weights:
    """The exchange's limits on requests, as its answers tell them. They are decoded when somebody looks."""

    def __init__(self, shape: RateLimitShape | None) -> None:
        self._shape = shape
        self._raw: msgspec.Raw | None = None
        self._learned_ms = 0
        self._known: dict[tuple[str, str, int], RateLimit] = {}
        self.under_way = 0
        """Weight of the requests that no answer has counted yet."""

    def learn(self, raw: msgspec.Raw, now_ms: int) -> None:
        """Keep what an answer told."""
        self._raw, self._learned_ms = raw, now_ms

    def read(self, raw: msgspec.Raw | None) -> tuple[RateLimit, ...]:
        """The limits in one answer; none where they do not have the documented form."""
        try:
            return () if raw is None or self._shape is None else _limits(self._shape, raw)
        except UNDECODABLE:
            return ()

    def snapshot(self) -> tuple[RateLimit, ...]:
        """The newest word on every limit."""
        if self._raw is not None:
            for limit in self.read(self._raw):
                self._known[limit.kind, limit.interval, limit.number] = limit
            self._raw = None
        return tuple(self._known.values())

    def delay(self, weight: int, share: float, now_ms: int) -> float:
        """Seconds until a request of that weight stays under this share of every limit on weight."""
        return self._rest("WEIGHT", now_ms, weight + self.under_way, share)

    def pause(self, now_ms: int, *, of_orders: bool) -> float:
        """Seconds to wait after a refusal that does not say so."""
        known = self._rest("ORDER" if of_orders else "WEIGHT", now_ms, 1, 1.0)
        return known or (_ORDER_PAUSE if of_orders else _WEIGHT_PAUSE)

    def _rest(self, kind: str, now_ms: int, more: int, share: float) -> float:
        """Seconds until every limit of a kind has room for more, or 0."""
        wait = 0.0
        for limit in self.snapshot():
            length = _SECONDS.get(limit.interval.upper(), 60) * limit.number * 1000
            count = limit.count if now_ms // length == self._learned_ms // length else 0
            if kind in limit.kind.upper() and count + more > limit.limit * share:
                wait = max(wait, (length - now_ms % length) / 1000)
        return wait


def _limits(shape: RateLimitShape, raw: msgspec.Raw) -> tuple[RateLimit, ...]:
    names = {name: getattr(shape, name) for name in RateLimit.__struct_fields__}
    entries: list[dict[str, Any]] = msgspec.json.decode(raw, type=list[dict[str, Any]])
    found = ({name: entry[wire] for name, wire in names.items() if wire in entry} for entry in entries)
    return tuple(msgspec.convert(entry, RateLimit) for entry in found)
