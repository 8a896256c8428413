"""Two connections that bring one stream: every event once, in order, whatever the one is ahead of the other."""

from __future__ import annotations

import json
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from wirewright_runtime import SequenceKey
from wirewright_runtime.handover import Handover, Rejoin
from wirewright_runtime.sequence import Place, locator, missing


class Stage:
    """What a handover delivers to."""

    def __init__(self, sequence: SequenceKey | None) -> None:
        self.sequence = sequence
        self.last: bytes | None = None
        self.seen: list[object] = []
        self.lost_ms: int | None = None
        self._locate = locator(sequence, "/data")

    def place_of(self, raw: bytes) -> Place:
        return self._locate(raw)

    def deliver(self, frames: Sequence[bytes]) -> None:
        self.last = frames[-1]
        self.seen += [json.loads(raw)["data"]["u"] for raw in frames]

    def doubt(self) -> None:
        self.lost_ms = 1

    def gap(self, dropped: int | None) -> None:
        self.seen.append(f"gap {dropped}")


STEP = SequenceKey("u", step=1)
LAST = SequenceKey("u")
SPAN = SequenceKey("u", first="U")
PREVIOUS = SequenceKey("u", first="U", previous="pu")
KEY = SequenceKey(key="I")
KINDS = st.sampled_from([STEP, LAST, SPAN, PREVIOUS, KEY, None])


def event(number: int) -> bytes:
    return json.dumps(
        {"data": {"u": number, "U": number, "pu": number - 1, "I": f"id{number}"}}, separators=(",", ":")
    ).encode()


@given(KINDS, st.integers(1, 20), st.integers(1, 60), st.lists(st.booleans(), max_size=200))
def test_an_overlap_delivers_every_event_once_and_in_order(
    kind: SequenceKey | None, begins: int, ends: int, order: list[bool]
) -> None:
    """The new connection begins anywhere in what the old one still brings; both deliver in any interleaving."""
    stage, joined = Stage(kind), list[int]()
    before = [event(number) for number in range(1, begins)]
    for raw in before:
        stage.deliver([raw])
    handover = Handover(stage, lambda: joined.append(1))
    old = [event(number) for number in range(begins, begins + ends)]
    start = begins + ends // 2
    new = [event(number) for number in range(start, begins + ends + 10)]
    sides = [(handover.old, old), (handover.new, new)]
    for choice in order:
        feed, events = sides[choice]
        if events:
            feed.deliver([events.pop(0)])
    for feed, events in sides:
        while events:
            feed.deliver([events.pop(0)])
    handover.release()
    assert stage.seen == list(range(1, begins + ends + 10))
    assert len(joined) == 1


@given(KINDS, st.integers(0, 30), st.integers(0, 30))
def test_an_old_connection_that_is_lost_leaves_a_gap_only_where_something_may_be_missing(
    kind: SequenceKey | None, old_last: int, new_first: int
) -> None:
    stage = Stage(kind)
    handover = Handover(stage, lambda: None)
    for number in range(1, old_last + 1):
        handover.old.deliver([event(number)])
    for number in range(new_first + 1, new_first + 5):
        handover.new.deliver([event(number)])
    handover.release(old_lost=True)
    for number in range(new_first + 5, new_first + 8):
        handover.new.deliver([event(number)])
    numbers = [seen for seen in stage.seen if isinstance(seen, int)]
    assert numbers == sorted(set(numbers))
    hole = old_last > 0 and new_first > old_last
    marked = any(isinstance(seen, str) for seen in stage.seen)
    assert marked or not hole
    if kind is STEP and hole:
        assert f"gap {new_first - old_last}" in stage.seen
    if kind in (STEP, SPAN, PREVIOUS) and old_last > 0 and not hole:
        assert not marked


def test_rejoining_drops_repetitions_and_tells_a_hole() -> None:
    stage, rejoined = Stage(STEP), list[int]()
    stage.deliver([event(5)])
    stage.doubt()
    rejoin = Rejoin(stage, lambda: rejoined.append(1))
    rejoin.deliver([event(4), event(5)])
    assert not rejoined
    rejoin.deliver([event(5), event(9), event(10)])
    assert stage.seen == [5, "gap 3", 9, 10]
    assert rejoined == [1]


def test_a_read_that_brings_several_events_tells_one_gap() -> None:
    stage, rejoined = Stage(None), list[int]()
    stage.deliver([event(5)])
    stage.doubt()
    Rejoin(stage, lambda: rejoined.append(1)).deliver([event(9), event(10), event(11)])
    assert stage.seen == [5, "gap None", 9, 10, 11]
    assert rejoined == [1]


def test_the_distance_of_two_events() -> None:
    def place(first: int | None, last: int | None, previous: int | None = None) -> Place:
        return Place(None, first, last, previous)

    assert missing(place(1, 5), place(6, 9), SPAN) == 0
    assert missing(place(1, 5), place(3, 9), SPAN) == 0
    assert missing(place(1, 5), place(7, 9), SPAN) is None
    assert missing(place(1, 5), place(2, 5), SPAN) == -1
    assert missing(place(None, 5), place(None, 8), STEP) == 2
    assert missing(place(None, 5), place(None, 8), LAST) is None
    assert missing(place(1, 5), place(9, 12, 5), PREVIOUS) == 0
    assert missing(place(1, 5), place(6, 12, 4), PREVIOUS) is None
    assert missing(place(1, 5), place(None, None), STEP) is None
    assert missing(place(1, 5), place(6, 6), None) is None


def test_an_event_without_its_number_is_known_by_its_bytes() -> None:
    locate = locator(STEP, "/data")
    assert locate(b'{"data":{"u":7}}').last == 7
    assert locate(b'{"data":{"x":7},"stream":"a"}') == locate(b'{"stream":"b","data":{"x":7}}')
    assert locate(b'{"data":{"x":8}}') != locate(b'{"data":{"x":7}}')
    assert locate(b"no json") == locate(b"no json")
    assert locate(b'{"data":[1]}').last is None
