"""JSON schema as `render/asyncapi/schemas.py` writes it, back into types."""

from __future__ import annotations

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
    Limits,
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


def limits_of(node: Node | None) -> Limits | None:
    if node is None:
        return None
    bounds = node.get("bounds")
    return Limits(
        tuple((key, one.text()) for key, one in bounds.map.items()) if bounds is not None else (),
        node.text("pattern"),
        node.text("format"),
        limits_of(node.get("item")),
    )


# Named types


def named_of(name: str, node: Node) -> NamedType:
    """A named type of `components.schemas`."""
    doc, module, limits = node.text("description"), node.text("x-module", "models"), limits_of(node.get("x-limits"))
    if node.true("x-alias"):
        return AliasType(name, type_of(node), node.origin, doc, module, limits)
    if "oneOf" in node.map:
        return _union(name, node, doc, module)
    if "enum" in node.map:
        return _enum(name, node, doc)
    if node.true("x-positions"):
        return StructType(name, tuple(_positions(node)), node.origin, doc, module, array_like=True)
    extra = node.get("additionalProperties")
    return StructType(
        name,
        tuple(_fields(node)),
        node.origin,
        doc,
        module,
        tag=_tag(node),
        extra=type_of(extra) if extra is not None and extra.is_map else None,
    )


def _fields(node: Node) -> list[Field]:
    required = node.texts("required")
    properties = node.get("properties")
    return [
        _field(wire, one, wire in required)
        for wire, one in (properties.map.items() if properties is not None else ())
        if one.text("x-tag") != "only"
    ]


def _field(wire: str, node: Node, required: bool) -> Field:
    return Field(
        wire,
        node.text("x-name") or snake(wire),
        type_of(node),
        node.origin,
        required,
        node.text("description"),
        node.text("x-when"),
        node.texts("x-old-names"),
        limits_of(node.get("x-limits")),
    )


def _positions(node: Node) -> list[Field]:
    items, needed = node.map["items"].list, int(node.text("minItems", "0"))
    return [_field(one.text("x-wire"), one, index < needed) for index, one in enumerate(items)]


def _tag(node: Node) -> Tag | None:
    properties = node.get("properties")
    for wire, one in properties.map.items() if properties is not None else ():
        if "x-tag" in one.map:
            return Tag(wire, atoms(one.map["enum"]))
    return None


def _enum(name: str, node: Node, doc: str) -> EnumType:
    wires = [one.value for one in node.map["enum"].list]
    names, docs = node.texts("x-enum-varnames"), node.texts("x-enum-descriptions")
    values = tuple(
        EnumValue(wire, names[index] if names else upper(str(wire)), docs[index] if docs else "")
        for index, wire in enumerate(wires)
        if isinstance(wire, str | int)
    )
    old = node.get("x-old-values")
    pairs = [(one.list[0].text(), one.list[1].text()) for one in old.list] if old is not None else []
    return EnumType(name, values, node.origin, doc, deprecated=tuple(pairs), subsets=tuple(_subsets(node)))


def _subsets(node: Node) -> list[Subset]:
    listed = node.get("x-subsets")
    found = listed.map.items() if listed is not None else ()
    return [Subset(name, one.texts("values"), one.origin, one.text("description")) for name, one in found]


def _union(name: str, node: Node, doc: str, module: str) -> UnionType:
    told = node.map["x-branches"].list
    branches = tuple(
        Branch(type_of(one), atoms(say.map["values"]) if "values" in say.map else (), say.texts("keys"))
        for one, say in zip(node.map["oneOf"].list, told, strict=True)
    )
    others = node.get("x-others")
    return UnionType(
        name,
        branches,
        node.origin,
        doc,
        module,
        node.text("discriminator") or node.text("x-tag"),
        node.text("x-open"),
        type_of(others) if others is not None else None,
    )
