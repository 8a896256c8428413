"""Small values of the model as plain data, for what AsyncAPI has no word for: `x-` keys, in kebab case, without defaults."""

from __future__ import annotations

import json
from dataclasses import MISSING, fields, is_dataclass
from decimal import Decimal
from enum import Enum
from typing import Any, cast

from wirewright.model.places import places_of
from wirewright.model.types import Origin
from wirewright.render.asyncapi.schemas import schema_of

_TYPES = frozenset(["Scalar", "Ref", "Array", "Tuple", "Map", "Levels", "Literal", "Nullable", "AnyOf"])


def members(value: Any, without: tuple[str, ...] = ()) -> dict[str, Any]:
    """The fields of a value without those that are as by default, without origins, and without what stands elsewhere."""
    found: dict[str, Any] = {}
    kind: type = value.__class__
    for one in fields(value):
        held = getattr(value, one.name)
        default = one.default if one.default is not MISSING else None
        if one.name in without or isinstance(held, Origin) or (held == default and one.default is not MISSING):
            continue
        *path, last = places_of(kind, one.name)[0].split("/")[1:]
        inner: dict[str, Any] = found
        for key in path:
            inner = inner.setdefault(key, {})
        inner[last] = _plain(held)
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value):
        return schema_of(cast("Any", value)) if type(value).__name__ in _TYPES else members(value)
    if _is_whole(value):
        return int(value)
    return [_plain(one) for one in value] if _is_list(value) else value


def _is_list(value: object) -> bool:
    return isinstance(value, tuple | list)


def _is_whole(value: object) -> bool:
    return isinstance(value, float) and value.is_integer()


def payload(text: str) -> Any:
    """JSON text as data; numbers keep their digits."""
    return json.loads(text, parse_float=Decimal)
