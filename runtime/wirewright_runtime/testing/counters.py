"""What an exchange has seen, to be asserted by tests."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter


class Counters:
    """Counts since the exchange was made. Times are seconds of its clock."""

    def __init__(self) -> None:
        self.requests: Counter[str] = Counter()
        """Requests by method."""
        self.orders: Counter[str] = Counter()
        """Requests that change state, by client order id."""
        self.subscribed: Counter[str] = Counter()
        """SUBSCRIBE commands by stream."""
        self.connections = 0
        """Connections that were opened."""
        self.rejected = 0
        """Handshakes that were refused, broken off or left without an answer."""
        self.dials: list[float] = []
        """When each handshake came."""
        self.commands: list[float] = []
        """When each SUBSCRIBE or UNSUBSCRIBE came."""
        self.pongs = 0
        self.wrong_pongs = 0
        """Pongs that answered no ping, or a second time."""
        self.kicked = 0
        """Connections closed because they passed a limit."""
        self.most_per_second = 0
        """Most frames that a connection sent within one second, of those that count toward its limit."""
        self.most_open = 0
        """Most connections that were open at once."""

    @property
    def double_sends(self) -> int:
        """Requests that change state and came more than once."""
        return sum(count - 1 for count in self.orders.values())

    def most_dials(self, seconds: float) -> int:
        """Most handshakes within so many seconds."""
        return _most(self.dials, seconds)

    def most_commands(self, seconds: float = 1.0) -> int:
        """Most SUBSCRIBE and UNSUBSCRIBE commands of all connections within so many seconds."""
        return _most(self.commands, seconds)


def _most(times: list[float], seconds: float) -> int:
    return max((number - bisect_left(times, time - seconds) for number, time in enumerate(times, 1)), default=0)
