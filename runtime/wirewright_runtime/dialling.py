"""How a slot gets through to its host: when it may dial, what a refused handshake means, how long to wait after a failure."""

from __future__ import annotations

import asyncio

from wirewright_runtime.connection import Connection
from wirewright_runtime.errors import (
    ConnectFailed,
    ConnectionLost,
    ConnectRejected,
    IpBanned,
    RateLimited,
    WireError,
)
from wirewright_runtime.limits import Host
from wirewright_runtime.product import Socket
from wirewright_runtime.surroundings import Surroundings
from wirewright_runtime.transport import Target

_FIRST_DELAY, _LONGEST_DELAY = 0.25, 30.0
_POLICY_DELAY = 5.0
_CLOSED_FOR = 60.0
_SETTLED, _FORGIVEN = 10.0, 3600.0


class Dialling:
    """The attempts of one slot."""

    def __init__(self, around: Surroundings, socket: Socket, name: str, host: Host) -> None:
        self._around = around
        self._socket = socket
        self._name = name
        self._host = host
        self._attempts = 0
        self.complaints = 0
        """How often the exchange closed a connection for what was sent on it."""

    async def turn(self, *, first: bool, ahead: bool) -> None:
        """Wait until the host may be dialled.

        Args:
            first: Whether somebody waits for the first connection: a closed host is told at once.
            ahead: Whether this slot goes first when many wait, because requests need it.
        """
        clock = self._around.time.clock
        while (wait := self._host.dial_delay(clock.monotonic(), self._socket.dials)) > 0:
            if first and self._host.closed_until > clock.monotonic():
                raise self._limited(wait)
            behind = 0.001 if ahead else 0.01 + min(0.2 * wait, 1.0)  # never so little that no time passes
            await asyncio.sleep(wait + behind)

    async def open(self, connection: Connection, target: Target) -> None:
        """Open a connection. A handshake that was answered with a limit closes the host for everybody."""
        around, timeout = self._around, self._around.settings.connect_timeout
        try:
            async with asyncio.timeout(timeout):
                await connection.open(around.transport, target)
        except ConnectRejected as error:
            known = around.product.statuses.get(error.status)
            if known is None or not issubclass(known.error, RateLimited):
                raise
            wait = _CLOSED_FOR if error.retry_after is None else error.retry_after
            until = around.time.clock.monotonic() + wait
            self._host.close(until, banned=issubclass(known.error, IpBanned))
            raise self._limited(wait) from error
        except TimeoutError:
            raise ConnectFailed(f"{self._name}: no connection within {timeout:g} seconds") from None

    def pause(self, error: WireError) -> float:
        """Seconds until the next attempt: full jitter, longer after every attempt that did not last.

        After a complaint of the exchange it is some seconds at least, and what is sent later is sent more slowly.
        """
        self._attempts += 1
        longest = min(_LONGEST_DELAY, _FIRST_DELAY * 2 ** min(self._attempts - 1, 20))
        delay = self._around.settings.random.uniform(0, longest)
        complained = isinstance(error, ConnectionLost) and error.code == 1008
        self.complaints += complained
        return max(delay, _POLICY_DELAY) if complained else delay

    def lasted(self, seconds: float) -> None:
        """How long a connection stood. After a while the next failure is a first one again, after long all is forgiven."""
        if seconds > _SETTLED:
            self._attempts = 0
        if seconds > _FORGIVEN:
            self.complaints = 0

    def _limited(self, wait: float) -> RateLimited:
        time = self._around.time
        banned = self._host.banned_until > time.clock.monotonic()
        error = (IpBanned if banned else RateLimited)(
            f"{self._name}: the exchange wants no connection for {wait:.0f} seconds", outcome="not_sent"
        )
        error.until = time.now_ms() + int(wait * 1000)
        return error
