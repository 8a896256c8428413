"""Small values of the model as plain data, for what AsyncAPI has no word for: `x-` keys, in kebab case, without defaults."""

from __future__ import annotations

import json
from dataclasses import MISSING, fields, is_dataclass
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias, cast

from wirewright.model.types import Origin
from wirewright.render.asyncapi.schemas import schema_of

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Plain: TypeAlias = "str | int | float | bool | Decimal | list[Plain] | dict[str, Plain] | None"
_TYPES = frozenset(["Scalar", "Ref", "Array", "Tuple", "Map", "Levels", "Literal", "Nullable", "AnyOf"])


def plain(value: object, without: tuple[str, ...] = ()) -> Plain:
    """A value without what is its default, without origins, and without the fields that stand elsewhere."""
    if isinstance(value, Enum):
        return cast("Plain", value.value)
    if is_dataclass(value) and not isinstance(value, type):
        return schema_of(value) if type(value).__name__ in _TYPES else _members(value, without)  # type: ignore[arg-type]
    if isinstance(value, tuple | list):
        return [plain(one) for one in cast("list[object]", value)]
    return cast("Plain", value)


def _members(value: DataclassInstance, without: tuple[str, ...]) -> dict[str, Plain]:
    found: dict[str, Plain] = {}
    for one in fields(value):
        held = getattr(value, one.name)
        default = one.default if one.default is not MISSING else None
        if one.name in without or isinstance(held, Origin) or (held == default and one.default is not MISSING):
            continue
        found[one.name.replace("_", "-")] = plain(held)
    return found


def payload(text: str) -> Plain:
    """JSON text as data; numbers keep their digits."""
    return cast("Plain", json.loads(text, parse_float=Decimal))
