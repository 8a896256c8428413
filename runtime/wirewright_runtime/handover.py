"""From one connection to the next, for one stream: every event once, in order, and a word where one is missing.

`Handover` joins two connections that both live. The old one leads; what the new one brings is held back until the old one
has delivered the first event of it. From that moment the new one has everything that follows, and leads.

    old leads ──old delivers what the new one began with, or the new one repeats the old──► new leads
       │ ▲──────────────────────────── new is lost: turn back ──────────────────────────────┘ ▲
       └──────── old is lost, or the time for the overlap is over: release what was held ─────┘

`Rejoin` goes on after a connection that was lost: the first event tells whether something is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Protocol

from wirewright_runtime.sequence import Place, missing
from wirewright_runtime.subscriptions import Feed
from wirewright_runtime.types import SequenceKey

_HELD = 10_000


class Stage(Protocol):
    """The stream that events are delivered to."""

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

    def deliver(self, raw: bytes) -> None:
        """Take one frame."""
        ...

    def gap(self, dropped: int | None) -> None:
        """Events are missing here."""
        ...


class Handover:
    """Two connections bring one stream."""

    def __init__(self, stage: Stage, joined: Callable[[], None]) -> None:
        self._stage = stage
        self._on_joined = joined
        self._place = None if stage.last is None else stage.place_of(stage.last)
        self._seen: set[Hashable] = {self._place.identity} if self._place else set()
        self._held: list[tuple[bytes, Place]] = []
        self.joined = False
        self.old: Feed = _Side(self._from_old)
        self.new: Feed = _Side(self._from_new)

    def release(self, *, old_lost: bool = False) -> None:
        """The new connection leads from here on."""
        if self.joined:
            return
        self.joined = True
        before, first = self._place, self._held[0][1] if self._held else None
        if before is not None and first is not None:
            hole = missing(before, first, self._stage.sequence)
            if (hole is None and old_lost) or (hole is not None and hole > 0):
                self._stage.gap(hole)
        elif old_lost:
            self._stage.gap(None)
        held, self._held = self._held, []
        for raw, place in held:
            self._pass(raw, place)
        self._on_joined()

    def turn_back(self) -> None:
        """The new connection is lost: the old one leads again. What the new one delivered is not repeated."""
        self.joined = False
        self._held.clear()

    def _from_old(self, raw: bytes) -> None:
        if self.joined:
            return
        place = self._stage.place_of(raw)
        self._pass(raw, place)
        if self._held and self._repeats(self._held[0][1]):
            self.release()

    def _from_new(self, raw: bytes) -> None:
        place = self._stage.place_of(raw)
        if self.joined:
            self._pass(raw, place)
        elif not self._held and self._repeats(place):
            self.release()
        else:
            self._held.append((raw, place))
            if len(self._held) > _HELD:
                self.release()

    def _repeats(self, place: Place) -> bool:
        """Whether the old connection has delivered that event, or a later one."""
        before = self._place
        if before is not None and before.last is not None and place.last is not None:
            return place.last <= before.last
        return place.identity in self._seen

    def _pass(self, raw: bytes, place: Place) -> None:
        if not self._repeats(place):
            self._place = place
            self._seen.add(place.identity)
            self._stage.deliver(raw)


class _Side:
    """One end of a handover."""

    reader = None

    def __init__(self, take: Callable[[bytes], None]) -> None:
        self._take = take

    def deliver(self, raw: bytes) -> None:
        self._take(raw)


class Rejoin:
    """A stream that goes on after its connection was lost."""

    reader = None

    def __init__(self, stage: Stage, rejoined: Callable[[], None]) -> None:
        self._stage = stage
        self._rejoined = rejoined

    def deliver(self, raw: bytes) -> None:
        """The first events: repetitions are dropped, a hole is told."""
        stage = self._stage
        hole = None
        if stage.last is not None:
            hole = missing(stage.place_of(stage.last), stage.place_of(raw), stage.sequence)
        if hole is not None and hole < 0:
            return
        if hole != 0:
            stage.gap(hole)
        self._rejoined()
        stage.deliver(raw)
