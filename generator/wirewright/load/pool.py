"""The pool of named types of one product while it is being made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from wirewright.errors import Problem
from wirewright.load.joining import JSON, any_of
from wirewright.load.unions import Group, structs_of, tell_apart, values_at
from wirewright.model.naming import TYPE_NAMES, Names, cap
from wirewright.model.types import AliasType, Branch, Literal, NamedType, Origin, Ref, StructType, Tag, Type, UnionType


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
    # The reviewed name of a field (of a type, by its wire name), to be spelled by rule.
    spellings: Callable[[str, str], str] = lambda _type, wire: wire
    _unions: dict[str, UnionType] = field(default_factory=dict[str, UnionType])  # those that wait for their branches

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
        self,
        name: str,
        branches: Iterable[Type],
        origin: Origin,
        doc: str = "",
        module: str = "models",
        hint: str = "",
        unknown: str = "",
        others: Type | None = None,
    ) -> Ref:
        """A union under a name that was claimed; its branches are told apart later, when all types are known.

        Args:
            hint: A declared discriminator.
            others: What may come instead of an object.
        """
        tag, unknown = self.tags.get(name) or hint, unknown or "UnknownVariant"
        self._unions[name] = UnionType(name, _branches(branches), origin, doc, module, tag, unknown, others)
        return Ref(name)

    def finish_unions(self) -> None:
        """Makes the unions, inner ones before those that hold them."""
        waiting, self._unions = self._unions, {}
        while waiting:
            ready = [one for one in waiting.values() if not _names(one) & waiting.keys() - {one.name}]
            for union in ready or [next(iter(waiting.values()))]:
                self.types[union.name] = self._finished(union)
                del waiting[union.name]

    def _finished(self, union: UnionType) -> NamedType:
        found = dict.fromkeys(one.type for one in union.branches)
        branches = [one for one in found if isinstance(one, Ref) and one.name != union.name]
        if len(branches) < 2:
            others = [union.others] if union.others is not None else []
            return _alias(union, any_of([*branches, *others], self.types) if branches else JSON)
        told = tell_apart(branches, self.types, union.tag)
        if told is None:
            listed = ", ".join(branch.name for branch in branches)
            right = (
                f'name the property that tells in wirewright.toml: tags.{union.name} = "..."; until then it is any JSON'
            )
            self.warn(union.origin, f"nothing tells the branches of {union.name} apart: {listed}", right)
            return _alias(union, JSON)
        if told.loose:
            what = f"the branches of {union.name} are told apart by optional keys"
            self.warn(union.origin, what, "require one in each")
        if told.lost:
            what = f"nothing tells {', '.join(one.name for one in told.lost)} from another branch of {union.name}"
            self.warn(union.origin, what, f"{'they are' if len(told.lost) > 1 else 'it is'} left out of the union")
        kept = (*told.branches, *(Branch(self._group(union, one), one.values) for one in told.groups))
        for branch in kept:
            self._narrow(branch, told.tag)
        if told.tag and not told.tag.startswith("/"):
            for struct in (one for branch in kept for one in structs_of(branch.type, self.types)):
                self._tag(told.tag, struct)
        return replace(union, branches=kept, tag=told.tag)

    def _group(self, union: UnionType, group: Group) -> Ref:
        """A union inside a union: of branches that share a value of its tag."""
        name = self.claim(f"{union.name}{cap(str(group.values[0]), ())}", union.origin)
        inner = UnionType(name, _branches(group.branches), union.origin, module=union.module, unknown=union.unknown)
        self.types[name] = self._finished(inner)
        return Ref(name)

    def _narrow(self, branch: Branch, tag: str) -> None:
        """A branch that was taken at its name has that value, whatever else its schema allows."""
        struct = self.types.get(branch.type.name) if isinstance(branch.type, Ref) else None
        if isinstance(struct, StructType) and len(branch.values) == 1 and len(values_at(struct, tag, self.types)) > 1:
            kind = Literal(branch.values)
            fields = tuple(replace(one, type=kind) if one.wire == tag else one for one in struct.fields)
            self.types[struct.name] = replace(struct, fields=fields)

    def _tag(self, property_name: str, struct: StructType) -> None:
        if struct.tag is None:
            values = values_at(struct, property_name, self.types)
            if values:
                self.types[struct.name] = replace(struct, tag=Tag(property_name, values))


def _branches(kinds: Iterable[Type]) -> tuple[Branch, ...]:
    return tuple(Branch(kind) for kind in kinds)


def _names(union: UnionType) -> set[str]:
    return {one.type.name for one in union.branches if isinstance(one.type, Ref)}


def _alias(union: UnionType, kind: Type) -> AliasType:
    return AliasType(union.name, kind, union.origin, union.doc, union.module)
