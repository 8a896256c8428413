"""A decoded payload as JSON again: what was decoded exactly comes back exactly.

Amounts keep their text (``0.00000000`` keeps its places), unknown variants and undecoded sides their bytes; an optional
field that is None is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import Enum
from typing import Any, cast

import msgspec

from wirewright_runtime.codec import amount_text
from wirewright_runtime.levels import Levels
from wirewright_runtime.types import UnknownEvent
from wirewright_runtime.unions import UnknownVariant


def encode(value: object) -> bytes:
    """The JSON of a model, an event or a list of these."""
    return msgspec.json.encode(_plain(value))


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return amount_text(value)
    if isinstance(value, Enum):
        return cast("object", value.value)
    if isinstance(value, (UnknownVariant, UnknownEvent)):
        return msgspec.Raw(value.raw)
    if isinstance(value, Levels):
        levels = cast("Levels[object]", value)
        return msgspec.Raw(levels.raw) if levels.raw else [_plain(item) for item in levels]
    if isinstance(value, msgspec.Struct):
        return _struct(value)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in cast("Mapping[object, object]", value).items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in cast("list[object]", value)]
    return value


def _struct(value: msgspec.Struct) -> object:
    config = value.__struct_config__
    fields = [getattr(value, name) for name in value.__struct_fields__]
    if config.array_like:
        while fields and fields[-1] is None:
            fields.pop()
        return [_plain(field) for field in fields]
    frame: dict[str, Any] = {config.tag_field: config.tag} if config.tag_field else {}
    named = zip(value.__struct_encode_fields__, fields, strict=True)
    return frame | {wire: _plain(field) for wire, field in named if field is not None}
