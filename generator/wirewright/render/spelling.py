"""Prose of the specs names fields and parameters as they are on the wire; users of generated code know them by other names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from wirewright.model.api import Api, Method, Stream, Weight
from wirewright.model.modules import reached
from wirewright.model.types import EnumType, Field, NamedType, StructType

Names = Mapping[str, str]  # Python names by wire names
_LETTERS = 2  # a shorter name means a field only where the prose is about that structure as a whole


def spelled(api: Api) -> Api:
    """The same API, whose prose calls fields and parameters by their Python names: `` `icebergQty` was sent``.

    A method means its own parameters first, a structure its own fields, and a stream those of its event.
    """
    structs = {named.name: named for named in api.types if isinstance(named, StructType)}
    fields = [field for struct in structs.values() for field in struct.fields if len(field.wire) > _LETTERS]
    methods = {method.wire: method.name for method in api.methods}
    parameters = {one.wire: one.name for method in api.methods for one in method.parameters}
    windows = {one.signing.window: "recv_window" for one in api.security if one.signing is not None}
    common = {**methods, **_agreed(fields), **parameters, **windows}
    return replace(
        api,
        types=tuple(_type(named, common) for named in api.types),
        methods=tuple(_method(method, common) for method in api.methods),
        streams=tuple(_stream(stream, common, structs, api) for stream in api.streams),
        errors=tuple(replace(one, doc=spell_names(one.doc, common)) for one in api.errors),
    )


def spell_names(text: str, names: Names) -> str:
    """What stands in backticks and is a name of the wire, by its Python name."""
    return re.sub(r"`(\w+)`", lambda match: f"`{names.get(match[1], match[1])}`", text)


def _agreed(fields: Iterable[Field]) -> dict[str, str]:
    """Names of the wire that have one Python name wherever they are a field."""
    found: dict[str, set[str]] = {}
    for field in fields:
        found.setdefault(field.wire, set()).add(field.name)
    return {wire: name for wire, (name, *others) in found.items() if not others}


def _method(method: Method, common: Names) -> Method:
    names = {**common, **{one.wire: one.name for one in method.parameters}}
    return replace(
        method,
        doc=spell_names(method.doc, names),
        parameters=tuple(replace(one, doc=spell_names(one.doc, names)) for one in method.parameters),
        helpers=tuple(replace(one, doc=spell_names(one.doc, names)) for one in method.helpers),
        weight=_weight(method.weight, names),
        variants=tuple(replace(one, weight=one.weight and _weight(one.weight, names)) for one in method.variants),
    )


def _weight(weight: Weight, names: Names) -> Weight:
    return replace(weight, cases=tuple(replace(one, case=spell_names(one.case, names)) for one in weight.cases))


def _stream(stream: Stream, common: Names, structs: Mapping[str, StructType], api: Api) -> Stream:
    brought = reached([stream.event], {named.name: named for named in api.types}) & structs.keys()
    own = _agreed(field for name in brought for field in structs[name].fields)
    return replace(stream, doc=spell_names(stream.doc, {**common, **own}))


def _type(named: NamedType, common: Names) -> NamedType:
    if isinstance(named, EnumType):
        values = tuple(replace(value, doc=spell_names(value.doc, common)) for value in named.values)
        return replace(named, doc=spell_names(named.doc, common), values=values)
    if not isinstance(named, StructType):
        return replace(named, doc=spell_names(named.doc, common))
    own = {field.wire: field.name for field in named.fields}
    names = {**common, **{wire: name for wire, name in own.items() if len(wire) > _LETTERS}}
    fields = tuple(_field(field, names, common) for field in named.fields)
    return replace(named, doc=spell_names(named.doc, {**common, **own}), fields=fields)


def _field(field: Field, names: Names, asked: Names) -> Field:
    return replace(field, doc=spell_names(field.doc, names), when=spell_names(field.when, asked))
