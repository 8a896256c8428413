"""JSON schema as `render/asyncapi/schemas.py` writes it, back into types."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from wirewright.load.keys import Keys
from wirewright.load.node import Node
from wirewright.model.naming import snake, upper
from wirewright.model.types import (
    AliasType,
    AnyOf,
    Array,
    Branch,
    EnumType,
    EnumValue,
    Field,
    Kind,
    Levels,
    Literal,
    Map,
    NamedType,
    Nullable,
    Ref,
    Scalar,
    StructType,
    Subset,
    Tag,
    Tuple,
    Type,
    UnionType,
)

_KINDS = {
    ("string", ""): Kind.STRING,
    ("string", "decimal"): Kind.DECIMAL,
    ("integer", ""): Kind.INTEGER,
    ("integer", "time"): Kind.TIME,
    ("number", ""): Kind.NUMBER,
    ("boolean", ""): Kind.BOOLEAN,
    ("null", ""): Kind.NULL,
}


def type_of(node: Node) -> Type:
    """The type of a schema; named ones are told by their reference."""
    if "allOf" in node.map:
        return type_of(node.map["allOf"].list[0])
    if "$ref" in node.map:
        return Ref(node.text("$ref").rpartition("/")[2])
    if "anyOf" in node.map:
        return _any_of([type_of(one) for one in node.map["anyOf"].list])
    if "enum" in node.map and not node.true("x-tag"):
        return Literal(atoms(node.map["enum"]))
    if node.text("type") == "array":
        return _list(node)
    if node.text("type") == "object":
        more = node.get("additionalProperties")
        return Map(type_of(more) if more is not None and more.is_map else Scalar(Kind.JSON))
    return Scalar(_KINDS.get((node.text("type"), node.text("format")), Kind.JSON))


def _any_of(kinds: list[Type]) -> Type:
    if kinds and kinds[-1] == Scalar(Kind.NULL):
        inner = kinds[:-1]
        return Nullable(inner[0] if len(inner) == 1 else AnyOf(tuple(inner)))
    return AnyOf(tuple(kinds))


def _list(node: Node) -> Type:
    items = node.get("items")
    if items is not None and items.is_list:
        more = node.get("additionalItems")
        return Tuple(tuple(type_of(one) for one in items.list), type_of(more) if more and more.is_map else None)
    item = type_of(items) if items is not None else Scalar(Kind.JSON)
    return Levels(item) if node.true("x-levels") else Array(item)


def atoms(node: Node) -> tuple[str | int | bool, ...]:
    return tuple(one.value for one in node.list if isinstance(one.value, str | int | bool))


# Named types


def named_of(name: str, node: Node, keys: Keys) -> NamedType:
    """A named type of `components.schemas`."""
    said: dict[str, Any] = {"name": name, "doc": node.text("description")}
    if node.true("x-alias"):
        return keys.read(AliasType, node, prefix="x-", type=type_of(node), **said)
    if "oneOf" in node.map:
        told = zip(node.map["oneOf"].list, node.part("x-branches").list, strict=True)
        branches = tuple(keys.read(Branch, say, type=type_of(one)) for one, say in told)
        tag = node.text("discriminator") or node.text("x-tag")
        return keys.read(UnionType, node, prefix="x-", branches=branches, tag=tag, unknown=node.text("x-open"), **said)
    if "enum" in node.map:
        values, subsets = tuple(_enum_values(node)), tuple(_subsets(node))
        deprecated = tuple((one.list[0].text(), one.list[1].text()) for one in node.part("x-old-values").list)
        return EnumType(values=values, origin=node.origin, subsets=subsets, deprecated=deprecated, **said)
    if node.true("x-positions"):
        fields = tuple(_positions(node, keys))
        return keys.read(StructType, node, prefix="x-", fields=fields, array_like=True, tag=None, **said)
    extra = node.part("additionalProperties")
    return keys.read(
        StructType,
        node,
        prefix="x-",
        fields=tuple(_fields(node, keys)),
        tag=_tag(node),
        extra=type_of(extra) if extra.is_map else None,
        **said,
    )


def _fields(node: Node, keys: Keys) -> Iterator[Field]:
    required = node.texts("required")
    for wire, one in node.part("properties").map.items():
        if one.text("x-tag") != "only":
            yield _field(wire, one, wire in required, keys)


def _positions(node: Node, keys: Keys) -> Iterator[Field]:
    needed = int(node.text("minItems", "0"))
    for index, one in enumerate(node.part("items").list):
        yield _field(one.text("x-wire"), one, index < needed, keys)


def _field(wire: str, node: Node, required: bool, keys: Keys) -> Field:
    return keys.read(
        Field,
        node,
        prefix="x-",
        wire=wire,
        name=node.text("x-name") or snake(wire),
        type=type_of(node),
        required=required,
        doc=node.text("description"),
        deprecated_names=node.texts("x-old-names"),
    )


def _tag(node: Node) -> Tag | None:
    properties = node.part("properties").map.items()
    return next((Tag(wire, atoms(one.map["enum"])) for wire, one in properties if "x-tag" in one.map), None)


def _enum_values(node: Node) -> Iterator[EnumValue]:
    names, docs = node.texts("x-enum-varnames"), node.texts("x-enum-descriptions")
    for index, wire in enumerate(one.value for one in node.map["enum"].list):
        if isinstance(wire, str | int):
            name = names[index] if names else upper(str(wire))
            yield EnumValue(wire, name, docs[index] if docs else "")


def _subsets(node: Node) -> Iterator[Subset]:
    for name, one in node.part("x-subsets").map.items():
        yield Subset(name, one.texts("values"), one.origin, one.text("description"))
