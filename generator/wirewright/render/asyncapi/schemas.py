"""Types as JSON schema, and every named type as a component. `load/emitted/schemas.py` reads it back."""

from __future__ import annotations

from typing import Any

from wirewright.model.naming import snake, upper
from wirewright.model.types import (
    AliasType,
    AnyOf,
    Array,
    EnumType,
    Field,
    Kind,
    Levels,
    Limits,
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

Schema = dict[str, Any]
_SCALARS: dict[Kind, Schema] = {
    Kind.STRING: {"type": "string"},
    Kind.INTEGER: {"type": "integer"},
    Kind.DECIMAL: {"type": "string", "format": "decimal"},
    Kind.NUMBER: {"type": "number"},
    Kind.BOOLEAN: {"type": "boolean"},
    Kind.TIME: {"type": "integer", "format": "time"},
    Kind.NULL: {"type": "null"},
    Kind.JSON: {},
}


def lean(parts: Schema) -> Schema:
    """The same without what says nothing: no text, no items, no value."""
    return {key: value for key, value in parts.items() if value not in (None, "", (), [], {})}


def schema_of(kind: Type) -> Schema:
    """The schema of a type. Named types are references."""
    match kind:
        case Scalar(kind=one):
            return dict(_SCALARS[one])
        case Ref(name=name):
            return {"$ref": f"#/components/schemas/{name}"}
        case Array(item=item):
            return {"type": "array", "items": schema_of(item)}
        case Levels(item=item):
            return {"type": "array", "items": schema_of(item), "x-levels": True}
        case Tuple(items=items, rest=rest):
            more = schema_of(rest) if rest is not None else False
            return {"type": "array", "items": [schema_of(one) for one in items], "additionalItems": more}
        case Map(value=value):
            return {"type": "object", "additionalProperties": schema_of(value)}
        case Literal(values=values):
            return {**_json_type(values), "enum": list(values)}
        case Nullable(type=inner):
            return {"anyOf": [*_alternatives(inner), {"type": "null"}]}
        case AnyOf():
            return {"anyOf": _alternatives(kind)}


def _alternatives(kind: Type) -> list[Schema]:
    return [schema_of(one) for one in kind.types] if isinstance(kind, AnyOf) else [schema_of(kind)]


def _json_type(values: tuple[str | int | bool, ...]) -> Schema:
    if all(isinstance(one, bool) for one in values):
        return {"type": "boolean"}
    if all(isinstance(one, str) for one in values):
        return {"type": "string"}
    return {"type": "integer"} if all(isinstance(one, int) for one in values) else {}


def described(schema: Schema, doc: str = "", **more: Any) -> Schema:
    """A schema with words beside it; a reference takes none, so that it goes into `allOf`."""
    beside = {key.replace("_", "-"): value for key, value in more.items() if value not in (None, "", (), [], False)}
    if doc:
        beside = {"description": doc, **beside}
    if not beside:
        return schema
    return {"allOf": [schema], **beside} if "$ref" in schema else {**schema, **beside}


def limited(schema: Schema, limits: Limits | None) -> Schema:
    """A schema with the limits that the document gave."""
    return described(schema, x_limits=limits_of(limits)) if limits is not None else schema


def limits_of(limits: Limits) -> Schema:
    item = limits_of(limits.item) if limits.item is not None else {}
    return lean({"bounds": dict(limits.bounds), "pattern": limits.pattern, "format": limits.format, "item": item})


# Named types


def component(named: NamedType) -> Schema:
    """The schema of a named type."""
    match named:
        case StructType(array_like=True):
            made = _positions(named)
        case StructType():
            made = _object(named)
        case EnumType():
            made = _enum(named)
        case UnionType():
            made = _union(named)
        case AliasType(type=inner):
            made = described(schema_of(inner), x_alias=True)
    limits = getattr(named, "limits", None)
    made = described(made, named.doc, x_module=_module(named))
    return limited(made, limits)


def _module(named: NamedType) -> str:
    module = "" if isinstance(named, EnumType) else named.module
    return "" if module == "models" else module


def _object(named: StructType) -> Schema:
    made: Schema = {"type": "object"}
    required = [one.wire for one in named.fields if one.required]
    properties = {one.wire: _property(one) for one in named.fields}
    if named.tag is not None:
        values = list(named.tag.values)
        key = named.tag.property
        if key in properties:
            stated = "enum" in properties[key]  # the type says itself that it has only these values
            properties[key] = described(properties[key], enum=values, x_tag="stated" if stated else True)
        else:
            properties = {key: {**_json_type(named.tag.values), "enum": values, "x-tag": "only"}, **properties}
            required = [key, *required]
    if required:
        made["required"] = required
    made["properties"] = properties
    if named.extra is not None:
        made["additionalProperties"] = schema_of(named.extra)
    return made


def _property(one: Field) -> Schema:
    schema = limited(schema_of(one.type), one.limits)
    return described(
        schema, one.doc, x_name=_named(one.wire, one.name), x_when=one.when, x_old_names=list(one.deprecated_names)
    )


def _named(wire: str, name: str) -> str:
    return "" if snake(wire) == name else name


def _positions(named: StructType) -> Schema:
    items = [
        described(schema_of(one.type), one.doc, x_name=one.name, x_when=one.when, x_wire=one.wire)
        for one in named.fields
    ]
    required = sum(one.required for one in named.fields)
    return {"type": "array", "items": items, "minItems": required, "x-positions": True}


def _enum(named: EnumType) -> Schema:
    values = [one.wire for one in named.values]
    made: Schema = {**_json_type(tuple(values)), "enum": values}
    if any(one.name != upper(str(one.wire)) for one in named.values):
        made["x-enum-varnames"] = [one.name for one in named.values]
    if any(one.doc for one in named.values):
        made["x-enum-descriptions"] = [one.doc for one in named.values]
    subsets = {one.name: lean({"values": list(one.values), "description": one.doc}) for one in named.subsets}
    return made | lean({"x-old-values": [list(pair) for pair in named.deprecated], "x-subsets": subsets})


def _union(named: UnionType) -> Schema:
    nested = named.tag.startswith("/")
    told = [lean({"values": list(one.values), "keys": list(one.keys)}) for one in named.branches]
    return {
        "oneOf": [schema_of(branch.type) for branch in named.branches],
        **({"discriminator": named.tag} if named.tag and not nested else {}),
        "x-open": named.unknown,
        "x-branches": told,
        **({"x-tag": named.tag} if nested else {}),
        **({"x-others": schema_of(named.others)} if named.others is not None else {}),
    }
