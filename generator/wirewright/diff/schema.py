"""Types of two models side by side: what is different, in the direction in which a value travels.

A named type is compared with its counterpart once for each direction, wherever it is used; so a change of a shared type is one
finding. What it is called does not matter: types are counterparts because they stand in the same place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from wirewright.diff.limits import compare_limits
from wirewright.diff.names import Names, symbol_of
from wirewright.diff.pairing import Alternative, Likeness, Value, alternatives, few, pair_branches
from wirewright.diff.place import Key, Node, Place
from wirewright.diff.prose import tell_prose_of_types
from wirewright.diff.rules import Direction
from wirewright.diff.words import change_of, from_to, type_words, values_words
from wirewright.model.json_class import json_class
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
    Origin,
    Ref,
    Scalar,
    StructType,
    Tuple,
    Type,
    UnionType,
)

JSON = Scalar(Kind.JSON)
NULL = Scalar(Kind.NULL)
_ORDER = {Kind.NUMBER: {Kind.INTEGER, Kind.TIME}, Kind.STRING: {Kind.DECIMAL}}  # what each holds beside itself
_ALIKE = {Kind.INTEGER, Kind.TIME}


class Schemas:
    """Compares types of an old and a new model.

    Args:
        old, new: The pools of named types.
        names: What generated names there are, and how a changed one is told.
        guessed: Types come from examples alone: where one side knows nothing of a value, that is no difference.
    """

    def __init__(
        self, old: Mapping[str, NamedType], new: Mapping[str, NamedType], names: Names, guessed: bool = False
    ) -> None:
        self.old = old
        self.new = new
        self.names = names
        self.guessed = guessed
        self.likeness = Likeness(old, new)
        self.pairs: dict[Key, Node] = {}

    def compare(self, old: Type, new: Type, at: Place) -> None:
        """Tells what is different between two types at one place."""
        old, new = self._resolved(old, self.old), self._resolved(new, self.new)
        old, new = self._nullable(old, new, at)
        if old != new or not isinstance(old, Scalar | Literal):
            self._inside(old, new, at)

    def limits(self, old: Limits | None, new: Limits | None, at: Place) -> None:
        for name, what in compare_limits(old, new) if old != new else ():
            at.tell(name, what)

    def values(self, old: tuple[Value, ...], new: tuple[Value, ...], at: Place) -> None:
        """Two sets of values that are allowed at one place."""
        if len(old) == len(new) == 1 and old != new:
            at.tell("const-changed", "constant " + from_to(values_words(old), values_words(new)))
            return
        added = tuple(value for value in new if value not in old)
        removed = tuple(value for value in old if value not in new)
        if added:
            at.tell("enum-value-added", f"value {values_words(added)} added")
        if removed:
            at.tell("enum-value-removed", f"value {values_words(removed)} removed")

    # Inside of two types

    def _resolved(self, kind: Type, types: Mapping[str, NamedType]) -> Type:
        for _ in range(20):  # an alias may name itself
            named = types.get(kind.name) if isinstance(kind, Ref) else None
            if not isinstance(named, AliasType):
                break
            kind = named.type
        return kind

    def _nullable(self, old: Type, new: Type, at: Place) -> tuple[Type, Type]:
        was, now = isinstance(old, Nullable), isinstance(new, Nullable)
        bare_old = self._resolved(old.type, self.old) if isinstance(old, Nullable) else old
        bare_new = self._resolved(new.type, self.new) if isinstance(new, Nullable) else new
        if was != now and JSON not in (bare_old, bare_new) and NULL not in (bare_old, bare_new):
            what = "null is allowed now" if now else "null is not allowed any more"
            at.tell("nullable-added" if now else "nullable-removed", what)
        return bare_old, bare_new

    def _inside(self, old: Type, new: Type, at: Place) -> None:
        old_values, new_values = few(old, self.old), few(new, self.new)
        if old_values and new_values and json_class(old, self.old) == json_class(new, self.new):
            if isinstance(old, Ref) and isinstance(new, Ref):
                self._pair(old, new, at)
            else:
                self.values(old_values, new_values, at)
        elif isinstance(old, Array | Levels) and isinstance(new, Array | Levels):
            self.compare(old.item, new.item, _items(at))
        elif isinstance(old, Map) and isinstance(new, Map):
            self.compare(old.value, new.value, _items(at, "values"))
        elif self._positions(old, self.old) is not None and self._positions(new, self.new) is not None:
            self._lists(old, new, at)
        elif isinstance(old, AnyOf) or isinstance(new, AnyOf):
            self._any_of(old, new, at)
        elif self._is_object(old, self.old) and self._is_object(new, self.new):
            assert isinstance(old, Ref) and isinstance(new, Ref)
            self._pair(old, new, at)
        else:
            self._scalars(old, new, at)

    def _scalars(self, old: Type, new: Type, at: Place) -> None:
        """Types of which one may hold the other, or that have nothing in common."""
        if old == new or {_kind(old), _kind(new)} == _ALIKE:
            return
        what = from_to(type_words(old), type_words(new))
        if self.guessed and (
            _unknown(old) or _unknown(new) or (at.direction is Direction.RECEIVED and _texts(old, new))
        ):
            at.tell("examples-say-more", what)
        elif self._holds(new, self.new, old, self.old):
            at.tell("type-widened", f"type {what}")
        elif self._holds(old, self.old, new, self.new):
            at.tell("type-narrowed", f"type {what}")
        else:
            at.tell("type-changed", f"type {what}")

    def _holds(
        self, wide: Type, wide_types: Mapping[str, NamedType], narrow: Type, narrow_types: Mapping[str, NamedType]
    ) -> bool:
        """Whether every value of one type is one of the other."""
        if wide == JSON:
            return True
        if isinstance(wide, Map) and self._is_object(narrow, narrow_types):
            return wide.value == JSON
        if isinstance(wide, Array) and self._positions(narrow, narrow_types) is not None:
            return wide.item == JSON
        kind = _kind(wide)
        if few(narrow, narrow_types):
            return kind is not Kind.DECIMAL and json_class(narrow, narrow_types) == json_class(wide, wide_types)
        return kind is not None and _kind(narrow) in _ORDER.get(kind, set())

    def _any_of(self, old: Type, new: Type, at: Place) -> None:
        """Alternatives that JSON itself tells apart: those of one class are counterparts."""
        if JSON in (old, new):
            self._scalars(old, new, at)
            return
        before, after = self._by_class(old, self.old), self._by_class(new, self.new)
        for name in before.keys() & after.keys():
            self.compare(before[name], after[name], at)
        added, removed = after.keys() - before.keys(), before.keys() - after.keys()
        what = "type " + from_to(type_words(old), type_words(new))
        if added and removed:
            at.tell("type-changed", what)
        elif added or removed:
            inner = [after[name] for name in added] + [before[name] for name in removed]
            are_branches = any(isinstance(one, AnyOf) and one.listed for one in (old, new))
            are_branches |= any(isinstance(one, Ref | Array | Map | Tuple) for one in inner)
            names = ("branch-added", "branch-removed") if are_branches else ("type-widened", "type-narrowed")
            at.tell(names[0] if added else names[1], what)

    def _by_class(self, kind: Type, types: Mapping[str, NamedType]) -> dict[str, Type]:
        found: dict[str, Type] = {}
        for one in kind.types if isinstance(kind, AnyOf) else (kind,):
            resolved = self._resolved(one, types)
            found.setdefault(json_class(resolved, types), resolved)
        return found

    # Lists of fixed positions

    def _positions(self, kind: Type, types: Mapping[str, NamedType]) -> tuple[tuple[str, Type, bool], ...] | None:
        """(name, type, required) of each position."""
        if isinstance(kind, Tuple):
            return tuple((str(index), item, True) for index, item in enumerate(kind.items))
        named = types.get(kind.name) if isinstance(kind, Ref) else None
        if isinstance(named, StructType) and named.array_like:
            return tuple((one.name, one.type, one.required) for one in named.fields)
        return None

    def _lists(self, old: Type, new: Type, at: Place) -> None:
        if isinstance(old, Ref) and isinstance(new, Ref):
            self._pair(old, new, at)
            return
        before, after = self._positions(old, self.old) or (), self._positions(new, self.new) or ()
        self._compare_positions(before, after, at)

    def _compare_positions(
        self, before: tuple[tuple[str, Type, bool], ...], after: tuple[tuple[str, Type, bool], ...], at: Place
    ) -> None:
        for index, (one, other) in enumerate(zip(before, after, strict=False)):
            inner = replace(at, subject=f"position {index} of {at.subject}", position=True)
            self.compare(one[1], other[1], inner)
            self.required(one[2], other[2], inner)
        what = f"{len(before)} positions became {len(after)}"
        if len(after) > len(before):
            at.tell("position-added", what)
        elif len(after) < len(before):
            at.tell("position-removed", what)

    # Named types

    def _pair(self, old: Ref, new: Ref, at: Place) -> None:
        key = (old.name, new.name, at.direction)
        at.node.leads_to[key] = None
        if key in self.pairs:
            return
        inner = self.pairs[key] = Node()
        before, after = self.old.get(old.name), self.new.get(new.name)
        if before is None or after is None:
            return
        own = Place(inner, at.direction, after.name, before.origin, after.origin, (symbol_of(after),))
        self.names.of_types(before, after, own)
        tell_prose_of_types(before, after, own)
        if isinstance(before, EnumType) and isinstance(after, EnumType):
            self._enums(before, after, own)
        elif isinstance(before, StructType) and isinstance(after, StructType):
            self._structs(before, after, own)
        else:
            self._unions(before, after, own)

    def _enums(self, old: EnumType, new: EnumType, at: Place) -> None:
        before, after = {one.wire: one for one in old.values}, {one.wire: one for one in new.values}
        names = [
            *(f"enums.{new.name}.{after[wire].name}" for wire in after if wire not in before),
            *(f"enums.{old.name}.{before[wire].name}" for wire in before if wire not in after),
        ]
        self.values(tuple(before), tuple(after), replace(at, symbols=tuple(names)))

    def _structs(self, old: StructType, new: StructType, at: Place) -> None:
        if old.array_like or new.array_like:
            before, after = self._positions(Ref(old.name), self.old), self._positions(Ref(new.name), self.new)
            self._compare_positions(before or (), after or (), at)
            return
        told = self._tags(old, new, at)
        mine, theirs = {one.wire: one for one in old.fields}, {one.wire: one for one in new.fields}
        for wire in dict.fromkeys((*mine, *theirs)):
            one, other = mine.get(wire), theirs.get(wire)
            if wire not in told:
                symbol = f"{symbol_of(new)}.{other.name}" if other else f"{symbol_of(old)}.{one.name}" if one else ""
                place = replace(at, subject=f"`{wire}` of {new.name}", symbols=(symbol,))
                self._fields(one, other, old, new, place)
        if old.extra is not None and new.extra is not None:
            self.compare(old.extra, new.extra, replace(at, subject=f"further properties of {new.name}"))

    def _tags(self, old: StructType, new: StructType, at: Place) -> set[str]:
        """The tag of a struct that is one of several; gives the properties of which everything is said."""
        if old.tag is None or new.tag is None or old.tag == new.tag:
            return set()
        if old.tag.property != new.tag.property:  # told of the union, or of the events
            return {old.tag.property, new.tag.property}
        if set(old.tag.values) & set(new.tag.values):
            return set()  # some of several tags: told of the event, or of its property
        words = from_to(values_words(old.tag.values), values_words(new.tag.values))
        at.tell("tag-value-changed", f"`{new.tag.property}` {words}")
        return {new.tag.property}

    def _fields(self, one: Field | None, other: Field | None, old: StructType, new: StructType, at: Place) -> None:
        if one is None and other is not None:
            self.added(other.required, other.type, replace(at, now=other.origin))
        elif other is None and one is not None:
            self.removed(one.required, replace(at, was=one.origin))
        elif one is not None and other is not None:
            at = replace(at, was=one.origin, now=other.origin)
            self.compare(one.type, other.type, at)
            self.limits(one.limits, other.limits, at)
            self.required(one.required, other.required, at)
            self.names.of_fields(one, other, old, new, at)

    def required(self, was: bool, now: bool, at: Place) -> None:
        if was != now:
            word = "required" if now else "optional"
            at.tell(f"became-{word}", f"became {word}")

    def added(self, required: bool, kind: Type, at: Place) -> None:
        word = "required" if required else "optional"
        what = f"added, {word}{f' ({type_words(kind)})' if kind != JSON else ''}"
        replace(at, was=None).tell(f"property-added-{word}", what)

    def removed(self, required: bool, at: Place) -> None:
        word = "required" if required else "optional"
        at.tell(f"property-removed-{word}", f"removed ({word})")

    # Unions

    def _unions(self, old: NamedType, new: NamedType, at: Place) -> None:
        """Two unions, or a union and one struct that was or became a branch."""
        before, after = list(alternatives(old, self.old)), list(alternatives(new, self.new))
        tag = old.tag if isinstance(old, UnionType) else ""
        if isinstance(old, UnionType) and isinstance(new, UnionType) and old.tag != new.tag and old.tag and new.tag:
            at.tell("tag-property-changed", f"told apart by another property: {change_of(old.tag, new.tag)}")
        pairs, removed, added = pair_branches(before, after, self.likeness)
        for one, other in pairs:
            self.compare(one.type, other.type, at)
        for one in removed:
            where, symbols = _of(one, self.old)
            replace(at, was=where, now=None, symbols=symbols).tell("branch-removed", f"branch {_branch(one)} removed")
        for one in added:
            where, symbols = _of(one, self.new)
            name = "branch-added-tagged" if tag and one.values else "branch-added"
            replace(at, was=None, now=where, symbols=symbols).tell(name, f"branch {_branch(one)} added")

    def _is_object(self, kind: Type, types: Mapping[str, NamedType]) -> bool:
        named = types.get(kind.name) if isinstance(kind, Ref) else None
        return isinstance(named, UnionType) or (isinstance(named, StructType) and not named.array_like)


def _unknown(kind: Type) -> bool:
    """Whether a value of an example says nothing of its type: null, or what is empty."""
    return kind in (JSON, NULL, Map(JSON), Array(JSON))


def _texts(old: Type, new: Type) -> bool:
    """Whether both are text, which an example shows as digits by chance."""
    return {_kind(old), _kind(new)} == {Kind.STRING, Kind.DECIMAL}


def _kind(kind: Type) -> Kind | None:
    return kind.kind if isinstance(kind, Scalar) else None


def _items(at: Place, word: str = "items") -> Place:
    return replace(at, subject=f"{word} of {at.subject}", position=False)


def _of(one: Alternative, types: Mapping[str, NamedType]) -> tuple[Origin | None, tuple[str, ...]]:
    """Where a branch is written, and its generated name."""
    named = types.get(one.type.name) if isinstance(one.type, Ref) else None
    return (named.origin, (symbol_of(named),)) if named is not None else (None, ())


def _branch(one: Alternative) -> str:
    name = one.type.name if isinstance(one.type, Ref) else type_words(one.type)
    return f"{name} ({values_words(one.values)})" if one.values else name
