"""JSON payloads as their types see them: samples made from a type, and the fields of a payload one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from wirewright.mock.limits import kept
from wirewright.mock.values import get, is_list, is_object, put
from wirewright.model.types import (
    AliasType,
    AnyOf,
    Array,
    Branch,
    EnumType,
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
    Tuple,
    Type,
    UnionType,
)

Types = Mapping[str, NamedType]
NOW = 1_700_000_000_000

_SCALARS: Mapping[Kind, object] = {
    Kind.STRING: "text",
    Kind.INTEGER: 1,
    Kind.DECIMAL: "1.00",
    Kind.NUMBER: 1.5,
    Kind.BOOLEAN: True,
    Kind.TIME: NOW,
    Kind.NULL: None,
    Kind.JSON: {},
}


def sample(kind: Type, types: Types) -> Any:
    """A value of a type: every field that it may have, the first of several possibilities."""
    return _Sampler(types).make(kind)


@dataclass
class _Sampler:
    types: Types
    inside: list[str] = field(default_factory=list[str])  # structs that are being made: recursion ends at them

    def make(self, kind: Type) -> Any:
        match kind:
            case Scalar(kind=one):
                return _SCALARS[one]
            case Literal(values=values):
                return values[0]
            case Nullable(type=inner):
                return None if self._recurs(inner) else self.make(inner)
            case Array(item=item) | Levels(item=item):
                return [] if self._recurs(item) else [self.make(item)]
            case Map(value=value):
                return {} if self._recurs(value) else {"key": self.make(value)}
            case Tuple(items=items):
                return [self.make(item) for item in items]
            case AnyOf(types=kinds):
                return self.make(next((one for one in kinds if not self._recurs(one)), kinds[0]))
            case Ref(name=name):
                return self._named(self.types[name])

    def _named(self, named: NamedType) -> Any:
        match named:
            case EnumType(values=values):
                return values[0].wire
            case AliasType(type=inner):
                return self.make(inner)
            case UnionType(branches=branches):
                return self._branch(named, next((one for one in branches if not self._recurs(one.type)), branches[0]))
            case StructType():
                return self._struct(named)

    def _branch(self, union: UnionType, branch: Branch) -> Any:
        made = self.make(branch.type)
        if union.tag and branch.values:
            put(made, union.tag if union.tag.startswith("/") else f"/{union.tag}", branch.values[0])
        return made

    def _struct(self, struct: StructType) -> Any:
        self.inside.append(struct.name)
        wanted = [one for one in struct.fields if one.required or struct.array_like or not self._recurs(one.type)]
        values = {one.wire: kept(one.limits, self.make(one.type)) for one in wanted}
        self.inside.pop()
        if struct.array_like:
            return list(values.values())
        tag = {struct.tag.property: struct.tag.values[0]} if struct.tag else {}
        return values | tag

    def _recurs(self, kind: Type) -> bool:
        """Whether a type leads back to a struct that is being made."""
        match kind:
            case Ref(name=name):
                named = self.types.get(name)
                if isinstance(named, AliasType):
                    return self._recurs(named.type)
                if isinstance(named, UnionType):
                    return all(self._recurs(branch.type) for branch in named.branches)
                return name in self.inside
            case Nullable(type=inner) | Array(item=inner) | Levels(item=inner) | Map(value=inner):
                return self._recurs(inner)
            case AnyOf(types=kinds) | Tuple(items=kinds):
                return any(self._recurs(one) for one in kinds)
            case _:
                return False


@dataclass(frozen=True)
class Place:
    """One field of a payload: the object or list that holds it, its key there, and its path (``.data[0].price``)."""

    holder: Any
    key: str | int
    field: Field
    struct: StructType
    path: str

    @property
    def value(self) -> Any:
        return self.holder[self.key]

    def set(self, value: object) -> None:
        self.holder[self.key] = value


def places(payload: Any, kind: Type, types: Types, path: str = "") -> Iterator[Place]:
    """Every field that a payload has, however deep."""
    match kind:
        case Nullable(type=inner):
            if payload is not None:
                yield from places(payload, inner, types, path)
        case Array(item=item) | Levels(item=item):
            for index, one in enumerate(payload if is_list(payload) else ()):
                yield from places(one, item, types, f"{path}[{index}]")
        case Map(value=value):
            for key, one in payload.items() if is_object(payload) else ():
                yield from places(one, value, types, f"{path}.{key}")
        case AnyOf(types=kinds):
            for one in kinds:
                yield from places(payload, one, types, path)
        case Ref(name=name):
            yield from _named_places(payload, types.get(name), types, path)
        case _:
            return


def _named_places(payload: Any, named: NamedType | None, types: Types, path: str) -> Iterator[Place]:
    match named:
        case AliasType(type=inner):
            yield from places(payload, inner, types, path)
        case UnionType():
            branch = branch_of(payload, named)
            if branch is not None:
                yield from places(payload, branch, types, path)
        case StructType(array_like=True) if is_list(payload):
            for index, one in enumerate(named.fields[: len(payload)]):
                yield Place(payload, index, one, named, f"{path}[{index}]")
                yield from places(payload[index], one.type, types, f"{path}[{index}]")
        case StructType() if is_object(payload):
            for one in named.fields:
                if one.wire in payload:
                    yield Place(payload, one.wire, one, named, f"{path}.{one.wire}")
                    yield from places(payload[one.wire], one.type, types, f"{path}.{one.wire}")
        case _:
            return


def branch_of(payload: Any, union: UnionType) -> Type | None:
    """The branch of a union that a payload is."""
    if union.tag:
        value = get(payload, union.tag if union.tag.startswith("/") else f"/{union.tag}")
        found = next((branch.type for branch in union.branches if value in branch.values), None)
        if found is not None:
            return found
    keys = set(payload) if is_object(payload) else set[str]()
    by_keys = (branch for branch in union.branches if not branch.values)
    return next((branch.type for branch in by_keys if set(branch.keys) <= keys), None)
