"""Small values of the model from `x-` keys: what `render/asyncapi/plain.py` writes."""

from __future__ import annotations

import types
from collections.abc import Hashable
from dataclasses import fields
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from wirewright.load.emitted.schemas import type_of
from wirewright.load.node import Node
from wirewright.model import types as model_types
from wirewright.model.types import Origin

T = TypeVar("T")


def value_of(kind: type[T], node: Node, **given: Any) -> T:
    """A dataclass from a mapping in kebab case; what is not there keeps its default."""
    hints = _hints(cast("Hashable", kind))
    found: dict[str, Any] = {}
    for one in fields(kind):  # type: ignore[arg-type]
        key = one.name.replace("_", "-")
        if hints[one.name] is Origin:
            found[one.name] = node.origin
        elif key in node.map and one.name not in given:
            found[one.name] = _value(hints[one.name], node.map[key])
    return kind(**{**found, **given})


@cache
def _hints(kind: Hashable) -> dict[str, Any]:
    return get_type_hints(kind)


def _value(hint: Any, node: Node) -> Any:
    origin, inner = get_origin(hint), get_args(hint)
    if hint == model_types.Type or model_types.Scalar in inner:
        return type_of(node)
    if origin is tuple:
        if len(inner) == 2 and inner[1] is Ellipsis:
            return tuple(_value(inner[0], one) for one in node.list)
        return tuple(_value(part, one) for part, one in zip(inner, node.list, strict=False))
    if origin in (Union, types.UnionType):
        return _one_of(inner, node)
    if _is_enum(hint):
        return hint(node.value)
    return _atom(hint, node) if hint in (str, int, float, bool) else value_of(hint, node)


def _is_enum(hint: object) -> bool:
    return isinstance(hint, type) and issubclass(hint, Enum)


def _one_of(inner: tuple[Any, ...], node: Node) -> Any:
    if node.value is None:
        return None
    left = [one for one in inner if one is not types.NoneType]
    if len(left) == 1:
        return _value(left[0], node)
    return node.value


def _atom(hint: Any, node: Node) -> Any:
    if hint is float and isinstance(node.value, int | Decimal):
        return int(node.value) if node.value == int(node.value) else float(node.value)
    return node.text() if hint is str else node.value
