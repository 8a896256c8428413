"""From one connection to the next, for one stream: every event once, in order, and a word where one is missing.

`Handover` joins two connections that both live. The old one leads; what the new one brings is held back until the old one
has delivered the first event of it. From that moment the new one has everything that follows, and leads. What the old one
still brings is kept for a while, in case the new one is lost.

    old leads ──old delivers what the new one began with, or the new one repeats the old──► new leads
       │ ▲──────────────────────────── new is lost: turn back ──────────────────────────────┘ ▲
       └──────── old is lost, or the time for the overlap is over: release what was held ─────┘

A stream whose connection was lost is in doubt (`lost_ms`) until its next event tells whether something is missing before it.
Where no other connection is at hand, `Rejoin` waits for that event.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Sequence
from typing import Protocol

from wirewright_runtime.feeds import Feed
from wirewright_runtime.sequence import Place, missing
from wirewright_runtime.types import SequenceKey

_HELD = 10_000


class Stage(Protocol):
    """The stream that events are delivered to."""

    lost_ms: int | None
    """Since when something may be missing before the next event."""

    @property
    def last(self) -> bytes | None:
        """The frame that was delivered last."""
        ...

    def place_of(self, raw: bytes) -> Place:
        """Where an event stands."""
        ...

    @property
    def sequence(self) -> SequenceKey | None:
        """How its events are ordered."""
        ...

    def deliver(self, frames: Sequence[bytes]) -> None:
        """Take some frames."""
        ...

    def doubt(self) -> None:
        """Something may be missing from here on."""
        ...

    def gap(self, dropped: int | None) -> None:
        """Events are missing here."""
        ...


class Handover:
    """Two connections bring one stream.

    Args:
        stage: The stream.
        joined: Called when the new connection leads.
        before: The handover of the same stream that was turned back, if there was one.
        eager: Whether the new connection leads with its first event: the old one is silent.
    """

    def __init__(
        self, stage: Stage, joined: Callable[[], None], before: Handover | None = None, *, eager: bool = False
    ) -> None:
        self._stage = stage
        self._on_joined = joined
        self._eager = eager
        self._place = None if stage.last is None else stage.place_of(stage.last)
        self._seen: set[Hashable] = set() if before is None else before._seen
        self._seen |= {self._place.identity} if self._place else set()
        self._held: list[tuple[bytes, Place]] = []
        self._spare: deque[tuple[bytes, Place]] = deque(maxlen=_HELD)
        self.joined = False
        self.old: Feed = _Side(self._from_old)
        self.new: Feed = _Side(self._from_new)

    def release(self, *, old_lost: bool = False) -> None:
        """The new connection leads from here on."""
        if self.joined:
            return
        self.joined = True
        held, self._held = self._held, []
        if old_lost or (held and not self._repeats(held[0][1]) and self._hole(held[0][1]) != 0):
            self._stage.doubt()  # the old one did not bring what the new one begins with: it may have missed more
        for raw, place in held:
            self._pass(raw, place)
        self._on_joined()

    def turn_back(self) -> None:
        """The new connection is lost: the old one leads again, with what it alone has brought. Nothing is repeated."""
        self.joined = False
        self._held.clear()
        for raw, place in self._spare:
            self._pass(raw, place)
        self._spare.clear()

    def _from_old(self, raw: bytes) -> None:
        place = self._stage.place_of(raw)
        if self.joined:
            if not self._repeats(place):
                self._spare.append((raw, place))
            return
        self._pass(raw, place)
        if self._held and self._repeats(self._held[0][1]):
            self.release()

    def _from_new(self, raw: bytes) -> None:
        place = self._stage.place_of(raw)
        if not self.joined and (self._eager or (not self._held and self._repeats(place))):
            self.release()
        if self.joined:
            self._pass(raw, place)
        else:
            self._held.append((raw, place))
            if len(self._held) > _HELD:
                self.release()

    def _repeats(self, place: Place) -> bool:
        """Whether that event, or a later one, was delivered."""
        before = self._place
        if before is not None and before.last is not None and place.last is not None:
            return place.last <= before.last
        return place.identity in self._seen

    def _hole(self, place: Place) -> int | None:
        return None if self._place is None else missing(self._place, place, self._stage.sequence)

    def _pass(self, raw: bytes, place: Place) -> None:
        if self._repeats(place):
            return
        if self._stage.lost_ms is not None:
            _resolve(self._stage, self._hole(place))
        self._place = place
        self._seen.add(place.identity)
        self._stage.deliver([raw])


class _Side:
    """One end of a handover."""

    def __init__(self, take: Callable[[bytes], None]) -> None:
        self._take = take

    def deliver(self, frames: Sequence[bytes]) -> None:
        for raw in frames:
            self._take(raw)


class Rejoin:
    """A stream that goes on after its connection was lost."""

    def __init__(self, stage: Stage, rejoined: Callable[[], None]) -> None:
        self._stage = stage
        self._rejoined = rejoined

    def deliver(self, frames: Sequence[bytes]) -> None:
        """The first events: repetitions are dropped, a hole is told."""
        for raw in frames:
            if self._stage.lost_ms is None or self._joins(raw):
                self._stage.deliver([raw])

    def _joins(self, raw: bytes) -> bool:
        """Whether an event is the first that is new."""
        stage, last = self._stage, self._stage.last
        hole = None if last is None else missing(stage.place_of(last), stage.place_of(raw), stage.sequence)
        if hole is not None and hole < 0:
            return False
        _resolve(stage, hole)
        self._rejoined()
        return True


def _resolve(stage: Stage, hole: int | None) -> None:
    """The event after a loss tells what is missing before it: nothing, so much, or that nobody knows."""
    if hole != 0:
        stage.gap(hole)
    stage.lost_ms = None
