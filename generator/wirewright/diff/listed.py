"""Enumerations and unions that a page shows beside any endpoint: paired by name, by tag, or by what they hold."""

from __future__ import annotations

from collections.abc import Iterator

from wirewright.diff.names import symbol_of
from wirewright.diff.place import Node, Place, side_by_side
from wirewright.diff.rules import Direction
from wirewright.diff.schema import Schemas
from wirewright.model.api import Api
from wirewright.model.check import references, uses_of_types
from wirewright.model.types import EnumType, Ref, UnionType

Listed = EnumType | UnionType
_NOTHING = {True: "shown no more", False: "shown now"}


def compare_listed(old: Api, new: Api, schemas: Schemas) -> Iterator[tuple[str, Node]]:
    """What nothing of either page uses. A page does not say which way its values travel: they are compared in both."""

    def both(one: Listed, other: Listed, node: Node) -> None:
        ways = (Direction.RECEIVED,) if isinstance(other, UnionType) else tuple(Direction)
        for way in ways:
            schemas.compare(Ref(one.name), Ref(other.name), Place(node, way, other.name, one.origin, other.origin))

    def alone(one: Listed, is_gone: bool, node: Node) -> None:
        was, now = (one.origin, None) if is_gone else (None, one.origin)
        place = Place(node, Direction.RECEIVED, one.name, was, now, (symbol_of(one),))
        place.tell("examples-say-more", _NOTHING[is_gone])

    yield from side_by_side(_unused(old), _unused(new), _alike, lambda one: one.name, both, alone)


def _unused(api: Api) -> list[Listed]:
    used = {name for _, kind in uses_of_types(api) for name in references(kind)}
    return [one for one in api.types if isinstance(one, Listed) and one.name not in used]


def _alike(one: Listed, other: Listed) -> float:
    if isinstance(one, UnionType) or isinstance(other, UnionType):
        return float(isinstance(one, UnionType) and isinstance(other, UnionType) and one.tag == other.tag)
    mine, theirs = ({value.wire for value in enum.values} for enum in (one, other))
    shared = len(mine & theirs) / len(mine | theirs)
    return 0.6 + 0.4 * shared if one.name == other.name else 0.9 * shared
