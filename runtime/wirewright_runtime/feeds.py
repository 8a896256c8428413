"""Which frame goes where: the streams of one connection, found by how their frames begin.

Frames of a read that all go to one reader are handed over at once, for what is done for each costs the most.
"""

from __future__ import annotations

from collections import UserDict
from collections.abc import Callable, Sequence
from typing import Protocol, cast

from wirewright_runtime.subscriptions import Topic


class Feed(Protocol):
    """Where the frames of a stream go: a topic, or something that stands before it for a while."""

    def deliver(self, frames: Sequence[bytes]) -> None:
        """Take some frames, in order."""
        ...


class _Left:
    """What still comes of a stream that was left, until the exchange has taken note, goes nowhere."""

    def deliver(self, frames: Sequence[bytes]) -> None:
        """Nobody waits for them, and nothing is wrong with them."""


LEFT: Feed = _Left()


class Feeds(UserDict[bytes, Feed]):
    """Feeds by the beginnings of their frames up to the end of the name: ``{"stream":"btcusdt@trade``.

    Args:
        head: What all of these begin with.
    """

    def __init__(self, head: bytes) -> None:
        super().__init__()
        self._known = _Known(self.data, len(head))

    def __setitem__(self, beginning: bytes, feed: Feed) -> None:
        self.data[beginning] = feed
        self._known.forget(len(beginning))

    def __delitem__(self, beginning: bytes) -> None:
        del self.data[beginning]
        self._known.forget()

    def hand_out(self, frames: list[bytes], sort: Callable[[bytes], None]) -> None:
        """Deliver the frames of a read, in order; those whose beginning says nothing go to `sort`."""
        if len(self.data) == 1:
            ((beginning, only),) = self.data.items()
            beginning += b'"'
            if min(frames).startswith(beginning) and max(frames).startswith(beginning):  # and so all between the two
                only.deliver(frames)
                return
        known, reach = self._known, self._known.reach
        feeds = [known[raw[:reach]] for raw in frames]
        if not _deliver_together(feeds, frames):
            for feed, raw in zip(feeds, frames, strict=True):
                if feed is None:
                    sort(raw)
                else:
                    feed.deliver([raw])


class _Known(dict[bytes, Feed | None]):
    """Feeds by as many of a frame's first bytes as the longest name needs, learned: half the work of finding its end."""

    def __init__(self, feeds: dict[bytes, Feed], named_at: int) -> None:
        super().__init__()
        self._feeds = feeds
        self._named_at = named_at
        self.reach = 0

    def __missing__(self, first: bytes) -> Feed | None:
        end = first.find(b'"', self._named_at)
        feed = None if end < 0 else self._feeds.get(first[:end])
        if feed is not None:
            if len(self) >= 16 * len(self._feeds):  # behind a short name stands what changes
                self.clear()
            self[first] = feed
        return feed

    def forget(self, length: int = 0) -> None:
        """A feed went, or one came whose beginning has this length."""
        self.reach = max(self.reach, length + 1)
        self.clear()


def _deliver_together(feeds: list[Feed | None], frames: list[bytes]) -> bool:
    """Deliver all frames at once, if they go to topics that one reader has for himself. Says whether it did."""
    different = set(feeds)
    topics = {feed for feed in different if isinstance(feed, Topic)}
    if len(topics) < len(different):
        return False
    return next(iter(topics)).topics.deliver(topics, list(zip(cast("list[Topic]", feeds), frames, strict=True)))
