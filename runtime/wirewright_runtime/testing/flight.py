"""What is on its way between two sockets of one event loop. The kernel delivers at once, but not on a busy machine.

Virtual time must not jump over it: a message that was sent now would arrive a minute later. Where the kernel does not tell
(it does on Linux), nothing is known to be on its way.
"""

from __future__ import annotations

import selectors
import socket
import sys
from collections.abc import Iterable

_TELLS = sys.platform == "linux" and hasattr(socket, "TCP_INFO")
_RECEIVED, _SENT, _SENT_AGAIN = 128, 200, 208  # places of 64-bit counts in `struct tcp_info`


class Flight:
    """The connections between sockets of one selector."""

    def __init__(self) -> None:
        self._sockets: list[socket.socket] = []
        self._ways: list[_Way] | None = None
        self._ended = False

    def changed(self, *, ended: bool) -> None:
        """A socket came, or went (`ended`)."""
        self._ended = self._ended or ended
        self._ways = None
        for known in self._sockets:
            known.detach()
        self._sockets = []

    def is_on_its_way(self, keys: Iterable[selectors.SelectorKey]) -> bool:
        """Whether something sent has not arrived. What a closed socket said last cannot be seen: it is so once."""
        if not _TELLS:
            return False
        if self._ended:
            self._ended = False
            return True
        if self._ways is None:
            self._ways = self._find(keys)
        return any(way.carries() for way in self._ways)

    def give_up(self) -> None:
        """What has not arrived by now never will."""
        for way in self._ways or ():
            way.missing += way.difference()

    def _find(self, keys: Iterable[selectors.SelectorKey]) -> list[_Way]:
        waiting: dict[tuple[object, object], socket.socket] = {}
        ways: list[_Way] = []
        for key in keys:
            known = socket.socket(fileno=key.fd)
            self._sockets.append(known)
            if known.family not in (socket.AF_INET, socket.AF_INET6):
                continue
            try:
                ends = known.getsockname(), known.getpeername()
            except OSError:  # it listens, or is not connected yet
                continue
            other = waiting.pop((ends[1], ends[0]), None)
            if other is None:
                waiting[ends] = known
            else:
                ways += (_Way(known, other), _Way(other, known))
        return ways


class _Way:
    """One direction of a connection."""

    def __init__(self, sender: socket.socket, receiver: socket.socket) -> None:
        self._sender = sender
        self._receiver = receiver
        self.missing = 0

    def difference(self) -> int:
        """Bytes that were sent and did not arrive, but for those that never will."""
        sent, again = _counts(self._sender, _SENT, _SENT_AGAIN)
        (received,) = _counts(self._receiver, _RECEIVED)
        return sent - again - received - self.missing

    def carries(self) -> bool:
        """Whether something is on its way."""
        return self.difference() > 0


def _counts(known: socket.socket, *places: int) -> tuple[int, ...]:
    """Counts of one socket; 0 where the kernel is too old to know."""
    told = known.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
    return tuple(int.from_bytes(told[place : place + 8], sys.byteorder) for place in places)
