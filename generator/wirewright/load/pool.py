"""The pool of named types of one product while it is being made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from wirewright.errors import Problem
from wirewright.load.joining import JSON
from wirewright.load.unions import tell_apart
from wirewright.model.naming import TYPE_NAMES, Names
from wirewright.model.types import AliasType, NamedType, Origin, Ref, StructType, Tag, Type, UnionType


@dataclass
class _Union:
    """A union that waits until its branches are known."""

    name: str
    branches: list[Type]
    origin: Origin
    doc: str
    hint: str
    unknown: str
    module: str


@dataclass
class Pool:
    """Named types, their names, and unions that wait for their branches.

    Args:
        strict: A clash of names is a problem, instead of a number behind the name.
        tags: The property that tells the branches of a union apart, by the union's name, as configured.
    """

    strict: bool = False
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    problems: list[Problem] = field(default_factory=list[Problem])
    types: dict[str, NamedType] = field(default_factory=dict[str, NamedType])
    names: Names = field(default_factory=Names)
    _unions: list[_Union] = field(default_factory=list[_Union])

    def claim(self, name: str, origin: Origin, *others: str) -> str:
        """A name for a type: `name` if it is free, else the first free one of `others`, else one with a number."""
        unique, other = self.names.claim(name + "_" if name in TYPE_NAMES else name, origin, *others)
        if other is not None and unique not in others:
            self.clash(origin, other, f"the type {name} has the name of another one and is called {unique}")
        return unique

    def clash(self, origin: Origin, other: Origin, what: str) -> None:
        self.problems.append(Problem(origin, what, "give one of them another name", not self.strict, other, id="clash"))

    def warn(self, origin: Origin, what: str, right: str) -> None:
        self.problems.append(Problem(origin, what, right, warning=True))

    def union(
        self, name: str, branches: list[Type], origin: Origin, doc: str = "", module: str = "models", hint: str = "", unknown: str = ""
    ) -> Ref:
        """A union under a name that was claimed; its branches are told apart later, when all types are known."""
        hint = self.tags.get(name) or hint
        self._unions.append(_Union(name, branches, origin, doc, hint, unknown or "UnknownVariant", module))
        return Ref(name)

    def finish_unions(self) -> None:
        waiting, self._unions = self._unions, []
        for union in waiting:
            self.types[union.name] = AliasType(union.name, JSON, union.origin, union.doc, union.module)
        for union in sorted(waiting, key=lambda one: any(self._is_waiting(kind, waiting) for kind in one.branches)):
            self.types[union.name] = self._finished(union, waiting)

    def _finished(self, union: _Union, waiting: list[_Union]) -> NamedType:
        branches = list(dict.fromkeys(self._flat(union.branches, {one.name: one for one in waiting}, {union.name})))
        if len(branches) < 2:
            return AliasType(union.name, branches[0] if branches else JSON, union.origin, union.doc, union.module)
        told = tell_apart(branches, self.types, union.hint)
        if told is None:
            listed = ", ".join(branch.name for branch in branches)
            right = f'name the property that tells in wirewright.toml: tags.{union.name} = "..."; until then it is any JSON'
            self.warn(union.origin, f"nothing tells the branches of {union.name} apart: {listed}", right)
            return AliasType(union.name, JSON, union.origin, union.doc, union.module)
        if told.loose:
            self.warn(union.origin, f"the branches of {union.name} are told apart by optional keys", "require one in each")
        for lost in told.lost:
            what = f"nothing tells {lost.name} from another branch of {union.name}"
            self.warn(union.origin, what, "it is left out of the union")
        if told.tag and not told.tag.startswith("/"):
            for branch in told.branches:
                self._tag(told.tag, branch.type, branch.values)
        return UnionType(union.name, told.branches, union.origin, union.doc, union.module, told.tag, union.unknown)

    def _flat(self, branches: list[Type], waiting: Mapping[str, _Union], seen: set[str]) -> Iterator[Ref]:
        """The structs of a union, with those of the unions inside it."""
        for branch in branches:
            if not isinstance(branch, Ref):
                continue
            inner = self.types.get(branch.name)
            if branch.name in waiting and branch.name not in seen:
                yield from self._flat(waiting[branch.name].branches, waiting, seen | {branch.name})
            elif isinstance(inner, UnionType):
                yield from self._flat([one.type for one in inner.branches], waiting, seen | {branch.name})
            elif isinstance(inner, AliasType) and isinstance(inner.type, Ref) and inner.type.name not in seen:
                yield from self._flat([inner.type], waiting, seen | {branch.name})
            elif branch.name not in seen:
                yield branch

    def _is_waiting(self, kind: Type, waiting: list[_Union]) -> bool:
        return isinstance(kind, Ref) and any(one.name == kind.name for one in waiting)

    def _tag(self, property_name: str, kind: Type, values: tuple[str | int | bool, ...]) -> None:
        struct = self.types.get(kind.name) if isinstance(kind, Ref) else None
        if isinstance(struct, StructType) and struct.tag is None:
            self.types[struct.name] = replace(struct, tag=Tag(property_name, values))
