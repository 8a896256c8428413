"""Every frame goes to the stream that it names, and no other, whatever the other names are and whatever came before."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from wirewright_runtime.feeds import Feeds

HEAD = b'{"stream":"'


class Log:
    """A feed that writes down what it gets."""

    reader = None

    def __init__(self, name: str, said: list[tuple[str, bytes]]) -> None:
        self._name, self._said = name, said

    def deliver(self, frames: Sequence[bytes]) -> None:
        self._said += [(self._name, raw) for raw in frames]


def frame(name: str, number: int) -> bytes:
    return b'%s%s","data":{"u":%d}}' % (HEAD, name.encode(), number)


NAMES = ["b@trade", "b@trades", "btc@trade", "btcusdt@trade", "btcusdt@trade2", "btcusdt@kline_1m@+08:00", "", "b"]
STRAYS = [b'{"result":null,"id":"1"}', b"", b"{", HEAD, b'{"stream":"btcusdt@tra', b"\xff" * 40]


@given(st.lists(st.tuples(st.sets(st.sampled_from(NAMES)), st.lists(st.sampled_from([*NAMES, *STRAYS])))))
def test_frames_go_where_their_names_say_in_order(reads: list[tuple[set[str], list[str | bytes]]]) -> None:
    said = list[tuple[str, bytes]]()
    feeds, number = Feeds(HEAD), 0
    for wanted, told in reads:
        for name in NAMES:
            key = HEAD + name.encode()
            if name in wanted:
                feeds[key] = Log(name, said)
            else:
                feeds.pop(key, None)
        said.clear()
        expected = list[tuple[str, bytes]]()
        for word in told:
            number += 1
            raw = frame(word, number) if isinstance(word, str) else word
            expected.append((word if isinstance(word, str) and word in wanted else "nobody", raw))
        if told:
            feeds.hand_out([raw for _, raw in expected], lambda raw: said.append(("nobody", raw)))
        assert said == expected


def test_what_is_learned_of_short_names_stays_little() -> None:
    said = list[tuple[str, bytes]]()
    feeds = Feeds(HEAD)
    for name in ("b", "a-name-that-is-very-much-longer-than-that@kline_1m"):
        feeds[HEAD + name.encode()] = Log(name, said)
    for number in range(10_000):
        feeds.hand_out([frame("b", number)], lambda raw: None)
    assert len(said) == 10_000
    assert len(feeds._known) <= 32
