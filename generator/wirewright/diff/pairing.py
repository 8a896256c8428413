"""What of the old is what of the new: by what the wire shows (tags, properties), never by what a document calls it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from wirewright.model.types import (
    EnumType,
    Literal,
    NamedType,
    Ref,
    StructType,
    Type,
    UnionType,
)

Value = str | int | bool
T = TypeVar("T")
_ALIKE = 0.5  # share of properties from which on two structs may be one


@dataclass(frozen=True)
class Alternative:
    """A branch of a union: its type, and the values of the tag that name it."""

    type: Type
    values: tuple[Value, ...] = ()


def alternatives(named: NamedType, types: Mapping[str, NamedType]) -> Iterator[Alternative]:
    """The branches of a union; a struct alone is its only branch."""
    if isinstance(named, UnionType):
        yield from (Alternative(branch.type, branch.values) for branch in named.branches)
    else:
        tag = named.tag.values if isinstance(named, StructType) and named.tag is not None else ()
        yield Alternative(Ref(named.name), tag)


def pair_branches(
    old: Sequence[Alternative],
    new: Sequence[Alternative],
    old_types: Mapping[str, NamedType],
    new_types: Mapping[str, NamedType],
) -> tuple[list[tuple[Alternative, Alternative]], list[Alternative], list[Alternative]]:
    """Pairs, what is left of the old, what is left of the new. A tag decides; without one, or with another one, the shape does."""
    pairs, removed, added = _pair(old, new, lambda one, other: bool(set(one.values) & set(other.values)))

    def alike(one: Alternative, other: Alternative) -> float:
        return likeness(one.type, other.type, old_types, new_types)

    more, removed, added = pair_best(removed, added, alike)
    return [*pairs, *more], removed, added


def pair_best(
    old: Sequence[T], new: Sequence[T], score: Callable[[T, T], float], least: float = _ALIKE
) -> tuple[list[tuple[T, T]], list[T], list[T]]:
    """Pairs the likest first; what is less alike than `least` stays alone."""
    scored = [(score(one, other), index, place) for index, one in enumerate(old) for place, other in enumerate(new)]
    used_old, used_new = set[int](), set[int]()
    pairs: list[tuple[T, T]] = []
    for value, index, place in sorted(scored, key=lambda item: (-item[0], item[1], item[2])):
        if value >= least and index not in used_old and place not in used_new:
            used_old.add(index)
            used_new.add(place)
            pairs.append((old[index], new[place]))
    return (
        pairs,
        [one for index, one in enumerate(old) if index not in used_old],
        [one for place, one in enumerate(new) if place not in used_new],
    )


def _pair(
    old: Sequence[T], new: Sequence[T], same: Callable[[T, T], bool]
) -> tuple[list[tuple[T, T]], list[T], list[T]]:
    return pair_best(old, new, lambda one, other: 1.0 if same(one, other) else 0.0)


def likeness(old: Type, new: Type, old_types: Mapping[str, NamedType], new_types: Mapping[str, NamedType]) -> float:
    """From 0 to 1: the share of the properties that two types have in common. Constants that differ count against it."""
    before, after = properties(old, old_types), properties(new, new_types)
    if before is None or after is None:
        return 1.0 if before is after and old == new else 0.0
    if not before and not after:
        return 1.0
    common = before.keys() & after.keys()
    same = sum(1.0 if before[wire] == after[wire] else 0.6 for wire in common)
    return same / len(before.keys() | after.keys())


def properties(kind: Type, types: Mapping[str, NamedType]) -> dict[str, tuple[Value, ...]] | None:
    """The properties of an object, with the values of those that have only a few; None for what is no object."""
    named = types.get(kind.name) if isinstance(kind, Ref) else None
    if isinstance(named, StructType):
        return {field.wire: few(field.type, types) for field in named.fields}
    if isinstance(named, UnionType):
        found: dict[str, tuple[Value, ...]] = {}
        for branch in named.branches:
            found |= (properties(branch.type, types) or {}) if branch.type != kind else {}
        return found
    return None


def few(kind: Type, types: Mapping[str, NamedType]) -> tuple[Value, ...]:
    """The values of a type that has only a few."""
    if isinstance(kind, Literal):
        return kind.values
    named = types.get(kind.name) if isinstance(kind, Ref) else None
    return tuple(one.wire for one in named.values) if isinstance(named, EnumType) else ()
