"""Whether an example is what its type says: the same questions that a decoder asks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import zip_longest

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
    return _Reader(types, sent).value(node, kind)


@dataclass(frozen=True)
class _Reader:
    types: Mapping[str, NamedType]
    sent: bool

    def value(self, node: Node, kind: Type) -> Iterator[Mismatch]:
        match kind:
            case Nullable(type=inner):
                if node.value is not None:
                    yield from self.value(node, inner)
            case Scalar(kind=one):
                if not _is_scalar(node, one):
                    yield node, f"{_shown(node)} is not {_WORDS.get(one, one.value)}"
            case Literal(values=values):
                if not any(node.value == value and type(node.value) is type(value) for value in values):
                    yield node, f"{_shown(node)} is not {' or '.join(map(repr, values))}"
            case Array(item=item) | Levels(item=item):
                if not node.is_list:
                    yield node, f"{_shown(node)} is not a list"
                for part in node.list:
                    yield from self.value(part, item)
            case Map(value=value):
                if not node.is_map:
                    yield node, f"{_shown(node)} is not an object"
                for part in node.map.values():
                    yield from self.value(part, value)
            case Tuple(items=items, rest=rest):
                yield from self._positions(node, items, rest)
            case AnyOf(types=kinds):
                if not any(next(self.value(node, one), None) is None for one in kinds):
                    yield node, f"{_shown(node)} is none of the possible types"
            case Ref(name=name):
                yield from self._named(node, self.types.get(name))

    def _positions(self, node: Node, kinds: Sequence[Type], rest: Type | None) -> Iterator[Mismatch]:
        if not node.is_list or len(node.list) < len(kinds) or (rest is None and len(node.list) > len(kinds)):
            yield node, f"{_shown(node)} is not a list of {len(kinds)}"
            return
        for item, kind in zip_longest(node.list, kinds, fillvalue=rest):
            if isinstance(item, Node) and kind is not None:
                yield from self.value(item, kind)

    def _named(self, node: Node, named: NamedType | None) -> Iterator[Mismatch]:
        match named:
            case EnumType(values=values):
                known = [value.wire for value in values]
                if self.sent and node.value not in known:
                    yield node, f"{_shown(node)} is not one of {named.name}: {', '.join(map(str, known))}"
                elif isinstance(node.value, bool) or type(node.value) is not type(known[0] if known else ""):
                    yield node, f"{_shown(node)} is no value of {named.name}"
            case AliasType(type=inner):
                yield from self.value(node, inner)
            case UnionType():
                kind = branch_of(node, named) or (None if node.is_map else named.others)
                if kind is not None:
                    yield from self.value(node, kind)
                elif not node.is_map:
                    yield node, f"{_shown(node)} is not an object"
            case StructType(array_like=True):
                needed = [field.type for field in named.fields if field.required]
                more = [field.type for field in named.fields if not field.required]
                kinds = [*needed, *more[: max(0, len(node.list) - len(needed))]]
                yield from self._positions(node, kinds, Scalar(Kind.JSON))
            case StructType():
                yield from self._members(node, named)
            case None:
                pass

    def _members(self, node: Node, struct: StructType) -> Iterator[Mismatch]:
        if not node.is_map:
            yield node, f"{_shown(node)} is not an object ({struct.name})"
            return
        for field in struct.fields:
            value = node.get(field.wire)
            if value is None:
                if field.required and not node.partial:
                    yield node, f"{field.wire!r} of {struct.name} is missing"
            elif value.value is not None or field.required:
                yield from self.value(value, field.type)


def branch_of(node: Node, union: UnionType) -> Type | None:
    """The branch of a union that a value is; None: an unknown one."""
    found = node.at(union.tag if union.tag.startswith("/") else f"/{union.tag}") if union.tag else None
    if found is not None:
        tagged = next((branch.type for branch in union.branches if found.value in branch.values), None)
        if tagged is not None:
            return tagged
    by_keys = [branch for branch in union.branches if not branch.values]
    for branch in by_keys:
        if branch.keys and set(branch.keys) <= node.map.keys():
            return branch.type
    rest = node.is_map and found is None
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
