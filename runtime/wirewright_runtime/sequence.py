"""The order of a stream's events: which is a repetition, which follows, where something is missing."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import cache
from typing import NamedTuple, TypeAlias

import msgspec

from wirewright_runtime.decode import decoding
from wirewright_runtime.envelope import Picker
from wirewright_runtime.errors import UNDECODABLE, DecodeError
from wirewright_runtime.types import SequenceKey


class Place(NamedTuple):
    """Where an event stands: numbers, if its stream has them, and in any case an identity."""

    identity: Hashable
    first: int | None = None
    last: int | None = None
    previous: int | None = None


Locate: TypeAlias = Callable[[bytes], Place]


@cache
def locator(key: SequenceKey | None, payload: str) -> Locate:
    """A function that finds the place of an event whose payload stands at that pointer."""
    if key is None:
        return lambda raw: Place(_bytes_of(raw, payload))
    wires = {name: f"{payload}/{wire}" for name in ("first", "last", "previous", "key") if (wire := getattr(key, name))}
    pick = Picker(tuple(wires.values()))

    def locate(raw: bytes) -> Place:
        try:
            values = pick(raw)
        except UNDECODABLE:
            return Place(raw)
        found = {name: values.get(pointer) for name, pointer in wires.items()}
        numbers = {name: value for name, value in found.items() if isinstance(value, int)}
        identity = found.get("last", found.get("key"))
        return Place(
            _bytes_of(raw, payload) if identity is None else (key.key, str(identity)),
            numbers.get("first"),
            numbers.get("last"),
            numbers.get("previous"),
        )

    return locate


def _bytes_of(raw: bytes, payload: str) -> int:
    """An event without a number is known by its payload."""
    try:
        return hash(bytes(decoding(msgspec.Raw, payload)(raw)))
    except DecodeError:
        return hash(raw)


def missing(before: Place, after: Place, key: SequenceKey | None) -> int | None:
    """How many events are missing between two: 0 is none, below 0 a repetition, None that nobody can tell."""
    if key is None or before.last is None or after.last is None:
        return None
    if after.last <= before.last:
        return -1
    if key.step:
        return ((after.last if after.first is None else after.first) - before.last) // key.step - 1
    follows = False
    if after.previous is not None:
        follows = after.previous == before.last
    elif after.first is not None:
        follows = after.first <= before.last + 1
    return 0 if follows else None
