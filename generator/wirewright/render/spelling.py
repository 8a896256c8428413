"""Prose of the specs names fields and parameters as they are on the wire; users of generated code know them by other names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from wirewright.model.api import Api
from wirewright.model.types import EnumType, Field, NamedType, StructType


def spelled_types(api: Api) -> Api:
    """The same API, whose types tell of fields and parameters by their Python names: `` `icebergQty` was sent``."""
    parameters = {one.wire: one.name for method in api.methods for one in method.parameters}
    return replace(api, types=tuple(_spelled(named, parameters) for named in api.types))


def spell_names(text: str, names: Mapping[str, str]) -> str:
    """What stands in backticks and is a name of the wire, by its Python name."""
    return re.sub(r"`(\w+)`", lambda match: f"`{names.get(match[1], match[1])}`", text)


def _spelled(named: NamedType, parameters: Mapping[str, str]) -> NamedType:
    if isinstance(named, EnumType):
        values = tuple(replace(value, doc=spell_names(value.doc, parameters)) for value in named.values)
        return replace(named, doc=spell_names(named.doc, parameters), values=values)
    if not isinstance(named, StructType):
        return replace(named, doc=spell_names(named.doc, parameters))
    names = dict(parameters) | {field.wire: field.name for field in named.fields if len(field.wire) > 2}
    fields = tuple(_field(field, names, parameters) for field in named.fields)
    return replace(named, doc=spell_names(named.doc, names), fields=fields)


def _field(field: Field, names: Mapping[str, str], parameters: Mapping[str, str]) -> Field:
    return replace(field, doc=spell_names(field.doc, names), when=spell_names(field.when, parameters))
