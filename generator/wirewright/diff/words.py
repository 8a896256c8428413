"""Types in words that a reader of a specification would use."""

from __future__ import annotations

from collections.abc import Sequence

from wirewright.model.types import AnyOf, Array, Kind, Levels, Literal, Map, Nullable, Ref, Scalar, Tuple, Type

_KINDS = {
    Kind.STRING: "text",
    Kind.INTEGER: "integer",
    Kind.DECIMAL: "amount",
    Kind.NUMBER: "number",
    Kind.BOOLEAN: "boolean",
    Kind.TIME: "time",
    Kind.NULL: "null",
    Kind.JSON: "any JSON",
}
_MOST = 8  # values that are listed


def type_words(kind: Type) -> str:
    match kind:
        case Scalar(kind=one):
            return _KINDS[one]
        case Ref(name=name):
            return name
        case Array(item=item) | Levels(item=item):
            return f"list of {type_words(item)}"
        case Map(value=value):
            return f"map of {type_words(value)}"
        case Nullable(type=inner):
            return f"{type_words(inner)} or null"
        case Literal(values=values):
            return values_words(values)
        case AnyOf(types=kinds):
            return " or ".join(map(type_words, kinds))
        case Tuple(items=items):
            return f"list of {len(items)} positions"


def values_words(values: Sequence[object]) -> str:
    shown = ", ".join(f"`{value}`" for value in values[:_MOST])
    return shown if len(values) <= _MOST else f"{shown} and {len(values) - _MOST} more"


def from_to(old: object, new: object) -> str:
    return f"from {old} to {new}"


def change_of(old: object, new: object) -> str:
    """From one code to another."""
    return from_to(f"`{old}`", f"`{new}`")
