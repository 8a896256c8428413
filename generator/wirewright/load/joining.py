"""One type for a value that may have one of several."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from wirewright.model.json_class import json_class
from wirewright.model.types import AnyOf, Array, Kind, Literal, Map, NamedType, Nullable, Scalar, Type

JSON = Scalar(Kind.JSON)


def bare(kind: Type) -> Type:
    return kind.type if isinstance(kind, Nullable) else kind


def nullable(kind: Type) -> Type:
    return kind if isinstance(kind, Nullable) or kind in (JSON, Scalar(Kind.NULL)) else Nullable(kind)


def any_of(kinds: Iterable[Type], types: Mapping[str, NamedType]) -> Type:
    """The narrowest type that holds them all and that JSON can tell apart; at worst any JSON."""
    flat = [one for kind in kinds for one in _alternatives(kind)]
    with_null = any(isinstance(kind, Nullable) or kind == Scalar(Kind.NULL) for kind in flat)
    groups: dict[str, list[Type]] = {}
    for kind in dict.fromkeys(bare(kind) for kind in flat if kind != Scalar(Kind.NULL)):
        groups.setdefault(json_class(kind, types), []).append(kind)
    if "json" in groups or not groups:
        return JSON if groups or not with_null else Scalar(Kind.NULL)
    found = [_one(name, group, types) for name, group in groups.items()]
    result = JSON if JSON in found else found[0] if len(found) == 1 else AnyOf(tuple(found))
    return nullable(result) if with_null else result


def _alternatives(kind: Type) -> Iterable[Type]:
    """The types of an alternative; null is one of them."""
    inner = bare(kind)
    if not isinstance(inner, AnyOf):
        return (kind,)
    return (*inner.types, Scalar(Kind.NULL)) if isinstance(kind, Nullable) else inner.types


def _one(name: str, group: list[Type], types: Mapping[str, NamedType]) -> Type:
    """One type for types that look the same in JSON."""
    if len(group) == 1:
        return group[0]
    if all(isinstance(kind, Literal) for kind in group):
        return Literal(
            tuple(dict.fromkeys(value for kind in group if isinstance(kind, Literal) for value in kind.values))
        )
    if name == "list" and all(isinstance(kind, Array) for kind in group):
        return Array(any_of([kind.item for kind in group if isinstance(kind, Array)], types))
    if name == "object" and all(isinstance(kind, Map) for kind in group):
        return Map(any_of([kind.value for kind in group if isinstance(kind, Map)], types))
    if name == "number":
        whole = all(kind in (Scalar(Kind.INTEGER), Scalar(Kind.TIME)) for kind in group)
        return Scalar(Kind.INTEGER if whole else Kind.NUMBER)
    return {"text": Scalar(Kind.STRING), "boolean": Scalar(Kind.BOOLEAN)}.get(name, JSON)
