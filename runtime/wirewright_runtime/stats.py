"""What an operator sees: one typed snapshot of everything that a client is doing."""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

State: TypeAlias = Literal["opening", "live", "lost", "replacing", "replaced", "failed", "closed"]
"""Where a connection is in its life."""


class ConnectionStats(Struct, frozen=True, kw_only=True):
    """One slot and the connection that leads in it."""

    name: str
    state: State
    """What the client is doing about it: opening, live, lost (and trying again), replacing, failed, closed."""
    since: int
    """Since when, in milliseconds."""
    quiet_for: float | None
    """Seconds since anything was heard."""
    in_flight: int
    """Requests that wait for an answer on it."""
    streams: int
    reconnects: int
    reads: int
    pongs: int
    orphans: int
    """Answers that nobody waited for."""
    garbage: int
    """Frames that are no JSON."""
    binaries: int
    """Binary frames, which are left aside."""


class StreamStats(Struct, frozen=True, kw_only=True):
    """One stream."""

    name: str
    events: int
    quiet_for: float | None
    """Seconds since its last event."""
    stale: bool
    """Whether it is silent for longer than it should be, or interrupted."""
    readers: int
    pending: int
    """Events that wait for their readers."""
    dropped: int
    undecodable: int
    """Events that did not have the documented shape, as often as a reader met them."""


class Stats(Struct, frozen=True, kw_only=True):
    """A client at one moment."""

    connections: tuple[ConnectionStats, ...]
    streams: tuple[StreamStats, ...]
    in_flight: int
    unknown_events: int
    """Events of types that the specs do not name."""
    strays: int
    clock_offset_ms: int
    longest_lag: float
