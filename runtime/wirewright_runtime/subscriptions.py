"""What is wanted: one `Topic` per stream, with everybody who reads it, what came last, and how long it may be silent.

Two readers of one stream share a topic, so one subscription on the wire; the last one out ends it. A topic knows nothing
of connections: `session` connects it, and connects it again.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence
from itertools import repeat
from typing import Any

from wirewright_runtime.decode import Decoding
from wirewright_runtime.errors import NoDataAfterSubscribe, StreamStalled, WireError
from wirewright_runtime.overflow import Source
from wirewright_runtime.readers import Subscription
from wirewright_runtime.sequence import Locate, Place
from wirewright_runtime.stats import StreamStats
from wirewright_runtime.stream import Stream
from wirewright_runtime.types import Gap, GapReason, SequenceKey

_FIRST = 10.0
_IDLE = 60.0
_TIMES = 10


class Topic(Source):
    """One stream as it is wanted."""

    __slots__ = (
        "_locate",
        "confirmed",
        "count",
        "idle",
        "last",
        "lost_ms",
        "lost_why",
        "reader",
        "readers",
        "seen",
        "sequence",
        "silences",
        "topics",
        "waits",
    )

    def __init__(
        self,
        topics: Topics,
        stream: Stream[Any] | None,
        name: str,
        decoding: Decoding,
        sequence: SequenceKey | None,
        locate: Locate,
    ) -> None:
        super().__init__(stream, name, decoding)
        self.topics = topics
        self.sequence = sequence
        self._locate = locate
        self.readers: list[Subscription[Any]] = []
        self.reader: Subscription[Any] | None = None
        """The only reader, if there is one."""
        self.confirmed: asyncio.Future[None] | None = None
        """Who waits for the exchange's word on the first subscription."""
        self.last: bytes | None = None
        self.count = 0
        self.seen = -math.inf
        self.waits = False
        """Whether an event is expected: it is subscribed, and connected."""
        self.lost_ms: int | None = None
        """Since when something may be missing before the next event: the connection of the last one was lost."""
        self.lost_why: GapReason = "reconnect"
        self.idle: float | None = None
        self.silences = 0

    def deliver(self, frames: Sequence[bytes]) -> None:
        """Take some frames, for every reader."""
        self.last = frames[-1]
        self.count += len(frames)
        self.topics.heard.add(self)
        for reader in self.readers:
            reader.items.extend(zip(repeat(self), frames))
            self.topics.served[reader] = None

    def place_of(self, raw: bytes) -> Place:
        """Where an event stands."""
        return self._locate(raw)

    def gap(self, dropped: int | None) -> None:
        """Events are missing here: say so to every reader. Then nothing is in doubt any more."""
        silent = self.topics.now() - self.seen
        since = self.topics.wall_ms() - int(silent * 1000) if self.count else self.lost_ms or 0
        gap = Gap(since=since, until=self.topics.wall_ms(), dropped=dropped, reason=self.lost_why, stream=self.name)
        self.lost_ms = None
        self.topics.on_gap(gap)
        self.tell(gap)

    def tell(self, marker: Gap | WireError) -> None:
        """Put a mark between the events of every reader."""
        for reader in tuple(self.readers):
            reader.put(self, marker)

    def end(self, error: WireError) -> None:
        """Nothing comes of this stream any more, and nobody reads it. A reader that has others goes on with these."""
        self.waits = False
        for reader in tuple(self.readers):
            self.topics.leave(self, reader)
            if reader.sources:
                reader.put(self, error)
            else:
                reader.finish(error)

    def doubt(self, why: GapReason = "reconnect") -> None:
        """Something may be missing from here on."""
        if self.lost_ms is None:
            self.lost_ms, self.lost_why = self.topics.wall_ms(), why

    def interrupted(self, why: GapReason = "reconnect") -> None:
        """The connection is gone, or of no use."""
        if self.waits or self.count:  # events may come before their subscription is acknowledged
            self.doubt(why)
        self.waits = False

    def resumed(self) -> None:
        """The subscription stands (again): an event is expected from here on."""
        if not self.waits:
            self.waits = True
            self.seen = self.topics.now()
            self.topics.watch(self)

    def stats(self) -> StreamStats:
        """What is seen of it at this moment."""
        return StreamStats(
            name=self.name,
            events=self.count,
            quiet_for=self.topics.now() - self.seen if self.count else None,
            stale=bool(self.silences) or not self.waits,
            readers=len(self.readers),
            pending=sum(reader.pending for reader in self.readers),
            dropped=sum(reader.dropped for reader in self.readers),
            undecodable=self.undecodable,
        )


class Topics:
    """All topics of a client, and the watch over their silence."""

    def __init__(self, wall_ms: Callable[[], int], on_gap: Callable[[Gap], None]) -> None:
        self.wall_ms = wall_ms
        self.on_gap = on_gap
        self.on_silence: Callable[[Topic], None] | None = None
        self.heard: set[Topic] = set()
        """Those that brought something in this read."""
        self.served: dict[Subscription[Any], None] = {}
        """Those who have something to read since this read."""
        self._loop = asyncio.get_running_loop()
        self._watched: set[Topic] = set()
        self._timer: asyncio.TimerHandle | None = None

    def now(self) -> float:
        """Time of the event loop."""
        return self._loop.time()

    def deliver(self, topics: set[Topic], items: list[tuple[Topic, bytes]]) -> bool:
        """Take the frames of a read at once, if one reader has all these topics for himself. Says whether it did."""
        readers = {topic.reader for topic in topics}
        reader = readers.pop()
        if readers or reader is None:
            return False
        for topic, raw in items:
            topic.last = raw
            topic.count += 1
        self.heard |= topics
        self.served[reader] = None
        reader.items.extend(items)
        return True

    def flush(self) -> None:
        """After each read: let the readers of what came know of it."""
        if self.heard:
            heard, self.heard, served, self.served = self.heard, set(), self.served, {}
            now = self._loop.time()
            for topic in heard:
                topic.seen = now
                topic.silences = 0
            for reader in served:
                reader.flush()

    def join(self, topic: Topic, reader: Subscription[Any]) -> None:
        """One more reader. One who names a stream twice gets it once."""
        if topic in reader.sources:
            return
        topic.readers.append(reader)
        topic.reader = reader if len(topic.readers) == 1 else None
        reader.sources.add(topic)
        self._measure(topic)

    def leave(self, topic: Topic, reader: Subscription[Any]) -> bool:
        """One reader less. True if nobody wants the stream any more."""
        if reader in topic.readers:
            topic.readers.remove(reader)
            topic.reader = topic.readers[0] if len(topic.readers) == 1 else None
            reader.sources.discard(topic)
        self._measure(topic)
        return not topic.readers

    def close(self) -> None:
        """Watch no more."""
        self._watched.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # Silence

    def _measure(self, topic: Topic) -> None:
        """How long a topic may be silent: as its most demanding reader asks, or as documented."""
        every = topic.stream.every() if topic.stream is not None else None
        documented = None if every is None else max(_TIMES * every, _IDLE)
        wishes = [documented if reader.idle == "auto" else reader.idle for reader in topic.readers]
        limits = [wish for wish in wishes if isinstance(wish, (int, float))]
        topic.idle = min(limits) if limits else None
        if topic.idle is None:
            self._watched.discard(topic)
        else:
            self._watched.add(topic)
            self.watch(topic)

    def watch(self, topic: Topic) -> None:
        """Look again no later than when this topic is due."""
        self._look_at(_due(topic))

    def _look_at(self, due: float) -> None:
        if due == math.inf or (self._timer is not None and self._timer.when() <= due):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(due, self._look)

    def _look(self) -> None:
        self._timer = None
        now = self._loop.time()
        late = [topic for topic in self._watched if _due(topic) <= now]
        for topic in sorted(late, key=lambda topic: topic.name):
            topic.silences += 1
            topic.tell(_silence(topic, now))
            if self.on_silence is not None:
                self.on_silence(topic)
        self._look_at(min(map(_due, self._watched), default=math.inf))


def _limit(topic: Topic) -> float:
    """Seconds of silence that are allowed now: little before the first event, more after each silence."""
    idle = topic.idle or math.inf
    if not topic.count and topic.stream is not None and topic.stream.every() is not None:
        idle = min(idle, max(_FIRST, _TIMES * (topic.stream.every() or 0)))
    return float(idle * (2**topic.silences if topic.silences else 1))


def _due(topic: Topic) -> float:
    return topic.seen + _limit(topic) if topic.waits else math.inf


def _silence(topic: Topic, now: float) -> StreamStalled:
    idle = now - topic.seen
    kind = StreamStalled if topic.count else NoDataAfterSubscribe
    what = "stopped" if topic.count else "was acknowledged, but brought nothing"
    return kind(f"{topic.name or 'the stream'} {what}: silent for {idle:.1f} seconds", stream=topic.name, idle_for=idle)
