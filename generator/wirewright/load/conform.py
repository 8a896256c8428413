"""Whether an example is what its type says: the same questions that a decoder asks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

from wirewright.load.node import Node
from wirewright.model.types import (
    AliasType,
    AnyOf,
    Array,
    EnumType,
    Kind,
    Levels,
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

Mismatch = tuple[Node, str]
DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_WORDS = {
    Kind.STRING: "text",
    Kind.INTEGER: "an integer",
    Kind.DECIMAL: "an amount",
    Kind.NUMBER: "a number",
    Kind.BOOLEAN: "true or false",
    Kind.TIME: "a time",
    Kind.NULL: "null",
}


def mismatches(node: Node, kind: Type, types: Mapping[str, NamedType], sent: bool = False) -> Iterator[Mismatch]:
    """Where a value is not of a type. `sent`: enumerations are closed, because they are what we may send."""
    match kind:
        case Nullable(type=inner):
            if node.value is not None:
                yield from mismatches(node, inner, types, sent)
        case Scalar(kind=one):
            if not _is_scalar(node, one):
                yield node, f"{_shown(node)} is not {_WORDS.get(one, one.value)}"
        case Literal(values=values):
            if not any(node.value == value and type(node.value) is type(value) for value in values):
                yield node, f"{_shown(node)} is not {' or '.join(map(repr, values))}"
        case Array(item=item) | Levels(item=item):
            yield from (
                _each(node.list, item, types, sent) if node.is_list else [(node, f"{_shown(node)} is not a list")]
            )
        case Map(value=value):
            members = list(node.map.values())
            yield from (
                _each(members, value, types, sent) if node.is_map else [(node, f"{_shown(node)} is not an object")]
            )
        case Tuple(items=items, rest=rest):
            yield from _positions(node, list(items), rest, types, sent)
        case AnyOf(types=kinds):
            if not any(not list(mismatches(node, one, types, sent)) for one in kinds):
                yield node, f"{_shown(node)} is none of the possible types"
        case Ref(name=name):
            yield from _named(node, types.get(name), types, sent)


def _each(items: list[Node], kind: Type, types: Mapping[str, NamedType], sent: bool) -> Iterator[Mismatch]:
    for item in items:
        yield from mismatches(item, kind, types, sent)


def _positions(
    node: Node, kinds: list[Type], rest: Type | None, types: Mapping[str, NamedType], sent: bool
) -> Iterator[Mismatch]:
    if not node.is_list or len(node.list) < len(kinds) or (rest is None and len(node.list) > len(kinds)):
        yield node, f"{_shown(node)} is not a list of {len(kinds)}"
        return
    for index, item in enumerate(node.list):
        kind = kinds[index] if index < len(kinds) else rest
        if kind is not None:
            yield from mismatches(item, kind, types, sent)


def _named(node: Node, named: NamedType | None, types: Mapping[str, NamedType], sent: bool) -> Iterator[Mismatch]:
    match named:
        case EnumType(values=values):
            known = [value.wire for value in values]
            if sent and node.value not in known:
                yield node, f"{_shown(node)} is not one of {named.name}: {', '.join(map(str, known))}"
            elif isinstance(node.value, bool) or type(node.value) is not type(known[0] if known else ""):
                yield node, f"{_shown(node)} is no value of {named.name}"
        case AliasType(type=inner):
            yield from mismatches(node, inner, types, sent)
        case UnionType():
            branch = branch_of(node, named)
            if branch is not None:
                yield from mismatches(node, branch, types, sent)
            elif not node.is_map and named.others is not None:
                yield from mismatches(node, named.others, types, sent)
            elif not node.is_map:
                yield node, f"{_shown(node)} is not an object"
        case StructType(array_like=True):
            needed = [field.type for field in named.fields if field.required]
            more = [field.type for field in named.fields if not field.required]
            yield from _positions(
                node, [*needed, *more[: max(0, len(node.list) - len(needed))]], Scalar(Kind.JSON), types, sent
            )
        case StructType():
            yield from _members(node, named, types, sent)
        case None:
            pass


def _members(node: Node, struct: StructType, types: Mapping[str, NamedType], sent: bool) -> Iterator[Mismatch]:
    if not node.is_map:
        yield node, f"{_shown(node)} is not an object ({struct.name})"
        return
    for field in struct.fields:
        value = node.get(field.wire)
        if value is None:
            if field.required and not node.partial:
                yield node, f"{field.wire!r} of {struct.name} is missing"
        elif value.value is not None or field.required:
            yield from mismatches(value, field.type, types, sent)


def branch_of(node: Node, union: UnionType) -> Type | None:
    """The branch of a union that a value is; None: an unknown one."""
    if union.tag:
        found = node.at(union.tag if union.tag.startswith("/") else f"/{union.tag}")
        value = found.value if found is not None else None
        tagged = next((branch.type for branch in union.branches if value in branch.values), None)
        if tagged is not None:
            return tagged
        has_tag = found is not None
    else:
        has_tag = False
    by_keys = [branch for branch in union.branches if not branch.values]
    for branch in by_keys:
        if branch.keys and set(branch.keys) <= node.map.keys():
            return branch.type
    rest = node.is_map and not has_tag
    return next((branch.type for branch in by_keys if not branch.keys), None) if rest else None


def final_branch(node: Node, kind: Type | None, types: Mapping[str, NamedType]) -> Ref | None:
    """The struct that a value of a union is, through unions of unions."""
    for _ in range(10):
        named = types.get(kind.name) if isinstance(kind, Ref) else None
        match named:
            case UnionType():
                kind = branch_of(node, named)
            case AliasType(type=inner):
                kind = inner
            case StructType(name=name):
                return Ref(name)
            case _:
                return None
    return None


def _is_scalar(node: Node, kind: Kind) -> bool:
    value = node.value
    if kind is Kind.JSON:
        return True
    if kind is Kind.NULL:
        return value is None
    if kind is Kind.BOOLEAN:
        return isinstance(value, bool)
    if kind is Kind.STRING:
        return isinstance(value, str)
    if isinstance(value, bool):
        return False
    if kind is Kind.DECIMAL:
        return isinstance(value, int | Decimal) or (isinstance(value, str) and DECIMAL.fullmatch(value) is not None)
    if kind is Kind.NUMBER:
        return isinstance(value, int | Decimal)
    return isinstance(value, int) and -(2**63) <= value < 2**64


def _shown(node: Node) -> str:
    text = node.json()
    return text if len(text) <= 40 else text[:37] + "..."
