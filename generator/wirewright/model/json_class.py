"""What JSON itself shows of a type: by this a decoder tells alternatives apart."""

from __future__ import annotations

from collections.abc import Mapping

from wirewright.model.types import (
    AliasType,
    AnyOf,
    Array,
    EnumType,
    Kind,
    Levels,
    Literal,
    Map,
    NamedType,
    Nullable,
    Ref,
    Scalar,
    StructType,
    Tuple,
    Type,
    UnionType,
)

_TEXT = {Kind.STRING, Kind.DECIMAL}
_NUMBER = {Kind.INTEGER, Kind.NUMBER, Kind.TIME}


def json_class(kind: Type, types: Mapping[str, NamedType]) -> str:
    """What JSON itself shows of a type: text, number, boolean, list, object, null or anything."""
    match kind:
        case Scalar(kind=one):
            if one in _TEXT:
                return "text"
            return "number" if one in _NUMBER else one.value
        case Literal(values=values):
            classes = {
                "boolean" if isinstance(one, bool) else "number" if isinstance(one, int) else "text" for one in values
            }
            return classes.pop() if len(classes) == 1 else "json"
        case Array() | Tuple() | Levels():
            return "list"
        case Map():
            return "object"
        case Ref(name=name):
            return _class_of_named(types.get(name), types)
        case Nullable(type=inner):
            return json_class(inner, types)
        case AnyOf():
            return "json"


def _class_of_named(named: NamedType | None, types: Mapping[str, NamedType]) -> str:
    match named:
        case EnumType(values=values):
            return "number" if all(isinstance(one.wire, int) for one in values) else "text"
        case StructType(array_like=True):
            return "list"
        case AliasType(type=inner):
            return json_class(inner, types)
        case UnionType(others=others) if others is not None:
            return "json"
        case _:
            return "object"
