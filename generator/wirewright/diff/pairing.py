"""What of the old is what of the new: by what the wire shows (tags, properties), never by what a document calls it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from wirewright.model.types import (
    AliasType,
    AnyOf,
    Array,
    EnumType,
    Levels,
    Literal,
    Map,
    NamedType,
    Nullable,
    Ref,
    StructType,
    Tuple,
    Type,
    UnionType,
)

Value = str | int | bool
Types = Mapping[str, NamedType]
T = TypeVar("T")
_DEEPEST = 5
_ALIKE = 0.5  # share of properties from which on two structs may be one


@dataclass(frozen=True)
class Alternative:
    """A branch of a union: its type, and the values of the tag that name it."""

    type: Type
    values: tuple[Value, ...] = ()


def alternatives(named: NamedType, types: Types) -> Iterator[Alternative]:
    """The branches of a union; a struct alone is its only branch."""
    if isinstance(named, UnionType):
        yield from (Alternative(branch.type, branch.values) for branch in named.branches)
    else:
        tag = named.tag.values if isinstance(named, StructType) and named.tag is not None else ()
        yield Alternative(Ref(named.name), tag)


def pair_branches(
    old: Sequence[Alternative], new: Sequence[Alternative], likeness: Likeness
) -> tuple[list[tuple[Alternative, Alternative]], list[Alternative], list[Alternative]]:
    """Pairs, what is left of the old, what is left of the new. A tag decides; without one, or with another one, the shape does."""
    pairs, removed, added = pair_best(old, new, lambda one, other: float(bool(set(one.values) & set(other.values))))
    more, removed, added = pair_best(removed, added, lambda one, other: likeness.of(one.type, other.type))
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


class Likeness:
    """How alike a type of the old model and one of the new are, whatever they are called."""

    def __init__(self, old: Types, new: Types) -> None:
        self.old = old
        self.new = new
        self._shapes: dict[tuple[bool, Type], str] = {}
        self._properties: dict[tuple[bool, Type], dict[str, tuple[Value, ...]] | None] = {}

    def of(self, old: Type, new: Type) -> float:
        """From 0 to 1: 1 for the same shape, else the share of properties in common. Constants that differ count against it."""
        if self._shape(False, old) == self._shape(True, new):
            return 1.0
        before, after = self._known(False, old), self._known(True, new)
        if before is None or after is None or not (before or after):
            return 0.0
        common = before.keys() & after.keys()
        same = sum(1.0 if before[wire] == after[wire] else 0.6 for wire in common)
        return 0.99 * same / len(before.keys() | after.keys())

    def _known(self, is_new: bool, kind: Type) -> dict[str, tuple[Value, ...]] | None:
        key = (is_new, kind)
        if key not in self._properties:
            self._properties[key] = properties(kind, self.new if is_new else self.old)
        return self._properties[key]

    def _shape(self, is_new: bool, kind: Type) -> str:
        key = (is_new, kind)
        if key not in self._shapes:
            self._shapes[key] = shape(kind, self.new if is_new else self.old)
        return self._shapes[key]


def shape(kind: Type, types: Types, depth: int = 0) -> str:
    """A type as text in which no type has a name, down to a few levels."""
    if isinstance(kind, Ref):
        return _shape_of_named(types.get(kind.name), types, depth) if depth < _DEEPEST else "..."
    match kind:
        case Array(item=inner) | Levels(item=inner):
            return f"[{shape(inner, types, depth + 1)}]"
        case Map(value=inner):
            return f"{{{shape(inner, types, depth + 1)}}}"
        case Nullable(type=inner):
            return f"{shape(inner, types, depth)}?"
        case AnyOf(types=kinds) | Tuple(items=kinds):
            return f"({type(kind).__name__} {' '.join(shape(one, types, depth + 1) for one in kinds)})"
        case _:
            return repr(kind)


def _shape_of_named(named: NamedType | None, types: Types, depth: int) -> str:
    match named:
        case StructType(fields=fields):
            parts = sorted(
                f"{one.wire}{'' if one.required else '?'}:{shape(one.type, types, depth + 1)}" for one in fields
            )
            return f"<{', '.join(parts)}>"
        case UnionType(branches=branches):
            return "|".join(sorted(shape(one.type, types, depth + 1) for one in branches))
        case EnumType(values=values):
            return "/".join(sorted(str(one.wire) for one in values))
        case AliasType(type=inner):
            return shape(inner, types, depth + 1)
        case None:
            return "?"


def properties(kind: Type, types: Types) -> dict[str, tuple[Value, ...]] | None:
    """The properties of an object, with the values of those that have only a few; None for what is no object."""
    named = types.get(kind.name) if isinstance(kind, Ref) else None
    if isinstance(named, StructType):
        return {field.wire: few(field.type, types) for field in named.fields}
    if isinstance(named, AliasType):
        return properties(named.type, types) if named.type != kind else None
    if isinstance(named, UnionType):
        found: dict[str, tuple[Value, ...]] = {}
        for branch in named.branches:
            found |= (properties(branch.type, types) or {}) if branch.type != kind else {}
        return found
    return None


def few(kind: Type, types: Types) -> tuple[Value, ...]:
    """The values of a type that has only a few."""
    if isinstance(kind, Literal):
        return kind.values
    named = types.get(kind.name) if isinstance(kind, Ref) else None
    return tuple(one.wire for one in named.values) if isinstance(named, EnumType) else ()
