"""When a request may go: none that the exchange would not take now, no more weight than the user allows, and no more at once.

asked ──► its host takes requests again ──► the weights have room ──► a place among those under way ──► sent
"""

from __future__ import annotations

import asyncio
from collections import deque

import msgspec

from wirewright_runtime.errors import ClientClosed, IpBanned, NotConnected, RateLimited
from wirewright_runtime.limits import Host, Weights
from wirewright_runtime.product import ErrorCode
from wirewright_runtime.signing import SigningKey
from wirewright_runtime.surroundings import Surroundings

_LONGEST_BAN = 366 * 86_400_000  # milliseconds: what is later is in another unit, or nonsense


class Gate:
    """What the requests of one client pass."""

    def __init__(self, around: Surroundings) -> None:
        self._loop = around.loop
        self._product = around.product
        self._settings = around.settings
        self._time = around.time
        self._account = around.key.api_key if isinstance(around.key, SigningKey) else ""
        self._busy = 0
        self._queue: deque[asyncio.Future[None]] = deque()
        self._closing: asyncio.Future[None] = self._loop.create_future()
        replies = (socket.reply for socket in self._product.sockets)
        shape = next((reply for reply in replies if reply and reply.rate_limits), None)
        self.weights = Weights(shape.rate_limit if shape else None)

    @property
    def in_flight(self) -> int:
        """Requests that wait for an answer, or to be sent."""
        return self._busy + len(self._queue)

    def passes(self, host: Host) -> bool:
        """Take a place at once, where nothing has to be waited for."""
        if host.is_limited or self._settings.soft_limit or self._busy >= self._settings.max_in_flight:
            return False
        self._busy += 1
        return True

    async def enter(self, host: Host, method: str, deadline: float, *, weight: int, orders: bool) -> None:
        """Take a place when there is one. Nothing was sent if this raises.

        Args:
            host: Where the request goes.
            method: Its wire name.
            deadline: Until when it is of use, in the loop's time.
            weight: What it weighs.
            orders: Whether it counts toward the account's limit on orders.
        """
        account = self._account if orders else None
        while (wait := host.request_delay(self._time.clock.monotonic(), account)) > 0:
            if not self._can_wait(wait, deadline):
                raise self._closed(host, method, wait)
            await self.pause(wait)
        share = self._settings.soft_limit
        while share and (wait := self.weights.delay(weight, share, self._time.now_ms())) > 0:
            if not self._can_wait(wait, deadline):
                raise self._limited(RateLimited, "the client's own limit on weight is reached", method, wait)
            await self.pause(wait)
        if self._busy < self._settings.max_in_flight:
            self._busy += 1
        else:
            await self._wait_for_turn(method, deadline)
        self.weights.under_way += weight

    def leave(self, weight: int) -> None:
        """A request is over: the next in the queue takes its place."""
        self.weights.under_way -= weight
        while self._queue:
            waiter = self._queue.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return
        self._busy -= 1

    def check(self, host: Host, method: str) -> None:
        """Refuse what the exchange said it would not take now, without touching the network."""
        if (wait := host.request_delay(self._time.clock.monotonic(), None)) > 0:
            raise self._closed(host, method, wait)

    def heed(self, host: Host, error: RateLimited, limits: msgspec.Raw | None = None, *, orders: bool = False) -> None:
        """Take to heart what a refusal asks for: no request, or no order, before the exchange takes the next one.

        Args:
            host: Who refused.
            error: The refusal. It is told until when it holds.
            limits: The limits that came with it.
            orders: Whether the request counted toward the account's limit on orders.
        """
        now_ms = self._time.now_ms()
        if limits is not None:
            self.weights.learn(limits, now_ms)
        known = self._product.errors.get(error.code) if error.code is not None else None
        of_orders = orders and known is not None and "ORDER" in known.name.upper()
        by_status = self._product.statuses.get(error.status) if isinstance(error.status, int) else None
        error.until = _plausible(error.until, now_ms)
        if error.until is None and (_is_limit(known) or _is_limit(by_status)):
            error.until = now_ms + int(1000 * self.weights.pause(now_ms, of_orders=of_orders))
        if error.until is not None:
            until = self._time.clock.monotonic() + max(0.0, (error.until - now_ms) / 1000)
            if of_orders:
                host.close_orders(self._account, until)
            else:
                host.close(until, banned=isinstance(error, IpBanned))

    async def pause(self, seconds: float) -> None:
        """Let time pass, unless the client is closed meanwhile."""
        await asyncio.wait((self._closing,), timeout=seconds)
        if self._closing.done():
            raise ClientClosed("the client was closed", outcome="not_sent")

    def close(self) -> None:
        """Wake whoever lets time pass."""
        if not self._closing.done():
            self._closing.set_result(None)

    def _can_wait(self, seconds: float, deadline: float) -> bool:
        return self._settings.when_limited == "wait" and self._loop.time() + seconds <= deadline

    def _closed(self, host: Host, method: str, wait: float) -> RateLimited:
        kind = IpBanned if host.banned_until > self._time.clock.monotonic() else RateLimited
        return self._limited(kind, f"the exchange takes no such request for {wait:.0f} seconds more", method, wait)

    def _limited(self, kind: type[RateLimited], why: str, method: str, wait: float) -> RateLimited:
        error = kind(f"not sent: {why}", method=method, outcome="not_sent")
        error.until = self._time.now_ms() + int(wait * 1000)
        return error

    async def _wait_for_turn(self, method: str, deadline: float) -> None:
        waiter: asyncio.Future[None] = self._loop.create_future()
        self._queue.append(waiter)
        try:
            async with asyncio.timeout_at(deadline):
                await waiter
        except BaseException as error:
            if waiter.done() and not waiter.cancelled():
                self.leave(0)
            if isinstance(error, TimeoutError):
                raise NotConnected(f"{method}: {self._busy} requests were under way all the time") from None
            raise


def _is_limit(known: ErrorCode | None) -> bool:
    return known is not None and issubclass(known.error, RateLimited)


def _plausible(until: int | None, now_ms: int) -> int | None:
    """When the exchange takes the next request, in milliseconds. Some servers tell it in the unit asked for events."""
    if until is not None and until > now_ms + _LONGEST_BAN:
        until //= 1000
    return until if until is None or until <= now_ms + _LONGEST_BAN else None
