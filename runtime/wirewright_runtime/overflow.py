"""The events that wait for a reader, and what happens when they become too many.

A dropped event leaves a mark at its place, so that the reader meets the gap in order. Marks and errors are never dropped.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, TypeAlias

import msgspec

from wirewright_runtime.decode import Decoding
from wirewright_runtime.errors import WireError
from wirewright_runtime.stream import Stream
from wirewright_runtime.types import Gap


class Buffer(msgspec.Struct, frozen=True):
    """Keep up to `limit` events; when full, drop the newest and tell of the gap."""

    limit: int = 10_000

    def __post_init__(self) -> None:
        _check(self.limit)


class DropOldest(msgspec.Struct, frozen=True):
    """Keep the newest `limit` events; tell of the gap before them."""

    limit: int = 1_000

    def __post_init__(self) -> None:
        _check(self.limit)


class Conflate(msgspec.Struct, frozen=True):
    """Keep only the newest event of each stream. Older ones are counted, not told."""


class Fail(msgspec.Struct, frozen=True):
    """When `limit` events wait, drop all of them and raise `StreamOverflow`, once. The next read goes on from there."""

    limit: int = 10_000

    def __post_init__(self) -> None:
        _check(self.limit)


def _check(limit: object) -> None:
    if not isinstance(limit, int) or isinstance(limit, bool) or limit < 1:
        raise ValueError(f"the limit of a buffer must be a whole number above 0, not {limit!r}")


Overflow: TypeAlias = Buffer | DropOldest | Conflate | Fail


class Source:
    """One stream, as its readers see it: what was asked for, and how its frames become events."""

    __slots__ = ("decode", "finish", "framed", "name", "stream", "undecodable")

    def __init__(self, stream: Stream[Any] | None, name: str, decoding: Decoding) -> None:
        self.stream = stream
        self.name = name
        self.decode, self.framed, self.finish = decoding
        self.undecodable = 0


class Dropped:
    """The place where events were dropped: how many, and when the first and the last of them."""

    __slots__ = ("count", "since", "until")

    def __init__(self, now: int) -> None:
        self.count = 0
        self.since = self.until = now

    def as_gap(self) -> Gap:
        """The same as users see it."""
        return Gap(since=self.since, until=self.until, dropped=self.count, reason="overflow")


Marker: TypeAlias = Gap | WireError | Dropped
Item: TypeAlias = tuple[Source | None, bytes | Gap | WireError | Dropped]


class Backlog:
    """Events and marks in order. `items` is appended to directly; `bound` follows once a read.

    `limit` is how many items may wait before `bound` has something to do: the events that may wait and one mark.
    """

    def __init__(self, overflow: Overflow, wall_ms: Callable[[], int]) -> None:
        self.items: deque[Item] = deque()
        self.dropped = 0
        self._overflow = overflow
        self._wall_ms = wall_ms
        self.limit = 1 if isinstance(overflow, Conflate) else max(1, overflow.limit) + (not isinstance(overflow, Fail))

    def bound(self) -> None:
        """Called when there are more than `limit` items."""
        if isinstance(self._overflow, Conflate):
            self._conflate()
        elif isinstance(self._overflow, DropOldest):
            place, kept = self._drop(self.items.popleft, self.limit)
            self.items.extendleft([*place, *reversed(kept)])
        else:
            place, kept = self._drop(self.items.pop, 1 if isinstance(self._overflow, Fail) else self.limit)
            self.items.extend([*place, *reversed(kept)])

    def _drop(self, take: Callable[[], Item], limit: int) -> tuple[list[Item], list[Item]]:
        """Take items away until there is room for a mark. Gives the mark, and other marks that were in the way."""
        mark, kept, before = Dropped(self._wall_ms()), list[Item](), self.dropped
        while len(self.items) >= limit:
            item = take()
            if isinstance(item[1], bytes):
                self.dropped += 1
            elif isinstance(item[1], Dropped):
                mark.count, mark.since = mark.count + item[1].count, min(mark.since, item[1].since)
            else:
                kept.append(item)
        mark.count += self.dropped - before
        return [(None, mark)] if mark.count else [], kept

    def _conflate(self) -> None:
        newest: dict[object, Item] = {}
        for item in self.items:
            key: object = item[0] if isinstance(item[1], bytes) else object()
            newest.pop(key, None)
            newest[key] = item
        self.dropped += len(self.items) - len(newest)
        self.items.clear()
        self.items.extend(newest.values())
