"""Types of two models side by side: what is different, in the direction in which a value travels.

A named type is compared with its counterpart once for each direction, wherever it is used; so a change of a shared type is one
finding. What it is called does not matter: types are counterparts because they stand in the same place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from wirewright.diff.change import Finding, rule
from wirewright.diff.limits import compare_limits
from wirewright.diff.names import Names
from wirewright.diff.pairing import Alternative, Likeness, alternatives, pair_branches
from wirewright.diff.prose import prose_of_types
from wirewright.diff.rules import Direction
from wirewright.diff.words import from_to, type_words, values_words
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
Value = str | int | bool
Key = tuple[str, str, Direction]


@dataclass(frozen=True)
class Place:
    """Where two types stand: what a reader calls it, where it is written, and the generated names of it."""

    subject: str
    was: Origin
    now: Origin
    symbols: tuple[str, ...] = ()
    position: bool = False  # of a list of fixed positions


@dataclass
class Node:
    """What is different at one place or in one pair of named types, and the pairs that it leads to."""

    findings: list[Finding] = field(default_factory=list[Finding])
    leads_to: dict[Key, None] = field(default_factory=dict[Key, None])


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

    def compare(self, old: Type, new: Type, place: Place, direction: Direction, node: Node) -> None:
        """Adds to `node` what is different between two types at one place."""
        old, new = self._resolved(old, self.old), self._resolved(new, self.new)
        old, new = self._nullable(old, new, place, direction, node)
        if old == new and not isinstance(old, Ref):
            if not isinstance(old, Scalar | Literal):
                self._inside(old, new, place, direction, node)
            return
        self._inside(old, new, place, direction, node)

    def limits(self, old: Limits | None, new: Limits | None, place: Place, direction: Direction, node: Node) -> None:
        for name, what in compare_limits(old, new) if old != new else ():
            self._tell(name, what, place, direction, node)

    def values(
        self, old: tuple[Value, ...], new: tuple[Value, ...], place: Place, direction: Direction, node: Node
    ) -> None:
        """Two sets of values that are allowed at one place."""
        if len(old) == len(new) == 1 and old != new:
            self._tell(
                "const-changed", "constant " + from_to(values_words(old), values_words(new)), place, direction, node
            )
            return
        added = tuple(value for value in new if value not in old)
        removed = tuple(value for value in old if value not in new)
        if added:
            self._tell("enum-value-added", f"value {values_words(added)} added", place, direction, node)
        if removed:
            self._tell("enum-value-removed", f"value {values_words(removed)} removed", place, direction, node)

    # Inside of two types

    def _resolved(self, kind: Type, types: Mapping[str, NamedType]) -> Type:
        for _ in range(20):  # an alias may name itself
            named = types.get(kind.name) if isinstance(kind, Ref) else None
            if not isinstance(named, AliasType):
                break
            kind = named.type
        return kind

    def _nullable(self, old: Type, new: Type, place: Place, direction: Direction, node: Node) -> tuple[Type, Type]:
        was, now = isinstance(old, Nullable), isinstance(new, Nullable)
        bare_old = self._resolved(old.type, self.old) if isinstance(old, Nullable) else old
        bare_new = self._resolved(new.type, self.new) if isinstance(new, Nullable) else new
        if was != now and JSON not in (bare_old, bare_new) and NULL not in (bare_old, bare_new):
            what = "null is allowed now" if now else "null is not allowed any more"
            self._tell("nullable-added" if now else "nullable-removed", what, place, direction, node)
        return bare_old, bare_new

    def _inside(self, old: Type, new: Type, place: Place, direction: Direction, node: Node) -> None:
        old_values, new_values = self._values(old, self.old), self._values(new, self.new)
        if old_values and new_values and _class(old_values) == _class(new_values):
            if isinstance(old, Ref) and isinstance(new, Ref):
                self._pair(old, new, direction, node)
            else:
                self.values(old_values, new_values, place, direction, node)
        elif isinstance(old, Array | Levels) and isinstance(new, Array | Levels):
            self.compare(old.item, new.item, _items(place), direction, node)
        elif isinstance(old, Map) and isinstance(new, Map):
            self.compare(old.value, new.value, _items(place, "values"), direction, node)
        elif self._positions(old, self.old) is not None and self._positions(new, self.new) is not None:
            self._lists(old, new, place, direction, node)
        elif isinstance(old, AnyOf) or isinstance(new, AnyOf):
            self._any_of(old, new, place, direction, node)
        elif self._is_object(old, self.old) and self._is_object(new, self.new):
            assert isinstance(old, Ref) and isinstance(new, Ref)
            self._pair(old, new, direction, node)
        else:
            self._scalars(old, new, place, direction, node)

    def _scalars(self, old: Type, new: Type, place: Place, direction: Direction, node: Node) -> None:
        """Types of which one may hold the other, or that have nothing in common."""
        if old == new or {_kind(old), _kind(new)} == _ALIKE:
            return
        what = from_to(type_words(old), type_words(new))
        if self.guessed and (_unknown(old) or _unknown(new) or (direction is Direction.RECEIVED and _texts(old, new))):
            self._tell("examples-say-more", what, place, direction, node)
        elif self._holds(new, self.new, old, self.old):
            self._tell("type-widened", f"type {what}", place, direction, node)
        elif self._holds(old, self.old, new, self.new):
            self._tell("type-narrowed", f"type {what}", place, direction, node)
        else:
            self._tell("type-changed", f"type {what}", place, direction, node)

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
        kind, values = _kind(wide), self._values(narrow, narrow_types)
        if kind is None:
            return False
        if values:
            return _class(values) in {Kind.STRING: (str,), Kind.BOOLEAN: (bool,)}.get(
                kind, (int,) if kind in (Kind.INTEGER, Kind.NUMBER, Kind.TIME) else ()
            )
        return _kind(narrow) in _ORDER.get(kind, set())

    def _any_of(self, old: Type, new: Type, place: Place, direction: Direction, node: Node) -> None:
        """Alternatives that JSON itself tells apart: those of one class are counterparts."""
        if JSON in (old, new):
            self._scalars(old, new, place, direction, node)
            return
        before, after = self._by_class(old, self.old), self._by_class(new, self.new)
        for name in before.keys() & after.keys():
            self.compare(before[name], after[name], place, direction, node)
        added, removed = after.keys() - before.keys(), before.keys() - after.keys()
        what = "type " + from_to(type_words(old), type_words(new))
        if added and removed:
            self._tell("type-changed", what, place, direction, node)
        elif added or removed:
            inner = [after[name] for name in added] + [before[name] for name in removed]
            are_branches = any(isinstance(one, AnyOf) and one.listed for one in (old, new))
            are_branches |= any(isinstance(one, Ref | Array | Map | Tuple) for one in inner)
            names = ("branch-added", "branch-removed") if are_branches else ("type-widened", "type-narrowed")
            self._tell(names[0] if added else names[1], what, place, direction, node)

    def _by_class(self, kind: Type, types: Mapping[str, NamedType]) -> dict[str, Type]:
        found: dict[str, Type] = {}
        for one in kind.types if isinstance(kind, AnyOf) else (kind,):
            resolved = self._resolved(one, types)
            found.setdefault(self._json_class(resolved, types), resolved)
        return found

    def _json_class(self, kind: Type, types: Mapping[str, NamedType]) -> str:
        values = self._values(kind, types)
        if values:
            return {str: "text", bool: "boolean"}.get(_class(values), "number")
        match kind:
            case Scalar(kind=Kind.STRING | Kind.DECIMAL):
                return "text"
            case Scalar(kind=Kind.INTEGER | Kind.NUMBER | Kind.TIME):
                return "number"
            case Scalar(kind=one):
                return one.value
            case Array() | Levels() | Tuple():
                return "list"
            case _:
                return "list" if self._positions(kind, types) is not None else "object"

    # Lists of fixed positions

    def _positions(self, kind: Type, types: Mapping[str, NamedType]) -> tuple[tuple[str, Type, bool], ...] | None:
        """(name, type, required) of each position."""
        if isinstance(kind, Tuple):
            return tuple((str(index), item, True) for index, item in enumerate(kind.items))
        named = types.get(kind.name) if isinstance(kind, Ref) else None
        if isinstance(named, StructType) and named.array_like:
            return tuple((one.name, one.type, one.required) for one in named.fields)
        return None

    def _lists(self, old: Type, new: Type, place: Place, direction: Direction, node: Node) -> None:
        if isinstance(old, Ref) and isinstance(new, Ref):
            self._pair(old, new, direction, node)
            return
        before, after = self._positions(old, self.old) or (), self._positions(new, self.new) or ()
        self._compare_positions(before, after, place, direction, node)

    def _compare_positions(
        self,
        before: tuple[tuple[str, Type, bool], ...],
        after: tuple[tuple[str, Type, bool], ...],
        place: Place,
        direction: Direction,
        node: Node,
    ) -> None:
        for index, (one, other) in enumerate(zip(before, after, strict=False)):
            inner = Place(f"position {index} of {place.subject}", place.was, place.now, place.symbols, position=True)
            self.compare(one[1], other[1], inner, direction, node)
            self._required(one[2], other[2], inner, direction, node)
        what = f"{len(before)} positions became {len(after)}"
        if len(after) > len(before):
            self._tell("position-added", what, place, direction, node)
        elif len(after) < len(before):
            self._tell("position-removed", what, place, direction, node)

    # Named types

    def _pair(self, old: Ref, new: Ref, direction: Direction, node: Node) -> None:
        key = (old.name, new.name, direction)
        node.leads_to[key] = None
        if key in self.pairs:
            return
        inner = self.pairs[key] = Node()
        before, after = self.old.get(old.name), self.new.get(new.name)
        if before is None or after is None:
            return
        inner.findings += self.names.of_types(before, after, direction)
        inner.findings += prose_of_types(before, after, direction)
        if isinstance(before, EnumType) and isinstance(after, EnumType):
            self._enums(before, after, direction, inner)
        elif isinstance(before, StructType) and isinstance(after, StructType):
            self._structs(before, after, direction, inner)
        else:
            self._unions(before, after, direction, inner)

    def _enums(self, old: EnumType, new: EnumType, direction: Direction, node: Node) -> None:
        before, after = {one.wire: one for one in old.values}, {one.wire: one for one in new.values}
        names = [
            *(f"enums.{new.name}.{after[wire].name}" for wire in after if wire not in before),
            *(f"enums.{old.name}.{before[wire].name}" for wire in before if wire not in after),
        ]
        place = Place(new.name, old.origin, new.origin, tuple(names))
        self.values(tuple(before), tuple(after), place, direction, node)

    def _structs(self, old: StructType, new: StructType, direction: Direction, node: Node) -> None:
        if old.array_like or new.array_like:
            before, after = self._positions(Ref(old.name), self.old), self._positions(Ref(new.name), self.new)
            place = Place(new.name, old.origin, new.origin, (f"{new.module}.{new.name}",))
            self._compare_positions(before or (), after or (), place, direction, node)
            return
        told = self._tags(old, new, direction, node)
        mine, theirs = {one.wire: one for one in old.fields}, {one.wire: one for one in new.fields}
        for wire in dict.fromkeys((*mine, *theirs)):
            one, other = mine.get(wire), theirs.get(wire)
            if wire in told:
                continue
            if one is None and other is not None:
                self._added(other, new, direction, node)
            elif other is None and one is not None:
                self._removed(one, old, new, direction, node)
            elif one is not None and other is not None:
                self._fields(one, other, old, new, direction, node)
        if old.extra is not None and new.extra is not None:
            place = Place(f"further properties of {new.name}", old.origin, new.origin, (_of(new),))
            self.compare(old.extra, new.extra, place, direction, node)

    def _tags(self, old: StructType, new: StructType, direction: Direction, node: Node) -> set[str]:
        """The tag of a struct that is one of several; gives the properties of which everything is said."""
        if old.tag is None or new.tag is None or old.tag == new.tag:
            return set()
        place = Place(new.name, old.origin, new.origin, (f"{new.module}.{new.name}",))
        if old.tag.property != new.tag.property:  # told of the union, or of the events
            return {old.tag.property, new.tag.property}
        if set(old.tag.values) & set(new.tag.values):
            return set()  # some of several tags: told of the event, or of its property
        what = f"`{new.tag.property}` {from_to(values_words(old.tag.values), values_words(new.tag.values))}"
        self._tell("tag-value-changed", what, place, direction, node)
        return {new.tag.property}

    def _added(self, one: Field, owner: StructType, direction: Direction, node: Node) -> None:
        place = Place(f"`{one.wire}` of {owner.name}", one.origin, one.origin, (_symbol(owner, one),))
        self.added(one.required, type_words(one.type), place, direction, node)

    def _removed(self, one: Field, owner: StructType, new: StructType, direction: Direction, node: Node) -> None:
        place = Place(f"`{one.wire}` of {new.name}", one.origin, new.origin, (_symbol(owner, one),))
        self.removed(one.required, place, direction, node)

    def _fields(
        self, one: Field, other: Field, old: StructType, new: StructType, direction: Direction, node: Node
    ) -> None:
        place = Place(f"`{one.wire}` of {new.name}", one.origin, other.origin, (_symbol(new, other),))
        self.compare(one.type, other.type, place, direction, node)
        self.limits(one.limits, other.limits, place, direction, node)
        self._required(one.required, other.required, place, direction, node)
        node.findings += self.names.of_fields(one, other, old, new, direction)

    def _required(self, was: bool, now: bool, place: Place, direction: Direction, node: Node) -> None:
        if was != now:
            word = "required" if now else "optional"
            self._tell(f"became-{word}", f"became {word}", place, direction, node)

    required = _required

    def added(self, required: bool, kind: str, place: Place, direction: Direction, node: Node) -> None:
        name = "property-added-required" if required else "property-added-optional"
        what = f"added, {'required' if required else 'optional'}{f' ({kind})' if kind != type_words(JSON) else ''}"
        node.findings.append(Finding(rule(name), direction, place.subject, what, None, place.now, place.symbols))

    def removed(self, required: bool, place: Place, direction: Direction, node: Node) -> None:
        name = "property-removed-required" if required else "property-removed-optional"
        what = f"removed ({'required' if required else 'optional'})"
        node.findings.append(Finding(rule(name), direction, place.subject, what, place.was, place.now, place.symbols))

    # Unions

    def _unions(self, old: NamedType, new: NamedType, direction: Direction, node: Node) -> None:
        """Two unions, or a union and one struct that was or became a branch."""
        before, after = list(alternatives(old, self.old)), list(alternatives(new, self.new))
        owner, tag = new, old.tag if isinstance(old, UnionType) else ""
        place = Place(owner.name, old.origin, new.origin, (_of(owner),))
        if isinstance(old, UnionType) and isinstance(new, UnionType) and old.tag != new.tag and old.tag and new.tag:
            what = "told apart by another property: " + from_to(f"`{old.tag}`", f"`{new.tag}`")
            self._tell("tag-property-changed", what, place, direction, node)
        pairs, removed, added = pair_branches(before, after, self.likeness)
        for one, other in pairs:
            self.compare(one.type, other.type, place, direction, node)
        for one in removed:
            what, where = f"branch {_branch(one)} removed", self._origin(one.type, self.old)
            found = Finding(
                rule("branch-removed"), direction, owner.name, what, where, None, self._names_of(one, self.old)
            )
            node.findings.append(found)
        for one in added:
            what, where = f"branch {_branch(one)} added", self._origin(one.type, self.new)
            name = "branch-added-tagged" if tag and one.values else "branch-added"
            node.findings.append(
                Finding(rule(name), direction, owner.name, what, None, where, self._names_of(one, self.new))
            )

    def _names_of(self, one: Alternative, types: Mapping[str, NamedType]) -> tuple[str, ...]:
        named = types.get(one.type.name) if isinstance(one.type, Ref) else None
        return (_of(named),) if named is not None else ()

    def _origin(self, kind: Type, types: Mapping[str, NamedType]) -> Origin | None:
        named = types.get(kind.name) if isinstance(kind, Ref) else None
        return named.origin if named is not None else None

    # Telling

    def _tell(self, name: str, what: str, place: Place, direction: Direction, node: Node) -> None:
        if place.position and name in _OF_POSITIONS:
            name = "position-type-changed"
        found = Finding(
            rule(name), direction, place.subject, what or rule(name).what, place.was, place.now, place.symbols
        )
        if found not in node.findings:
            node.findings.append(found)

    tell = _tell

    def _values(self, kind: Type, types: Mapping[str, NamedType]) -> tuple[Value, ...]:
        if isinstance(kind, Literal):
            return kind.values
        named = types.get(kind.name) if isinstance(kind, Ref) else None
        return tuple(one.wire for one in named.values) if isinstance(named, EnumType) else ()

    def _is_object(self, kind: Type, types: Mapping[str, NamedType]) -> bool:
        named = types.get(kind.name) if isinstance(kind, Ref) else None
        return isinstance(named, UnionType) or (isinstance(named, StructType) and not named.array_like)


_OF_POSITIONS = {"type-widened", "type-narrowed", "type-changed", "nullable-added", "nullable-removed", "const-changed"}


def reachable(node: Node, pairs: Mapping[Key, Node]) -> Iterator[Node]:
    """The node, and every pair of types that it leads to, each once."""
    seen: dict[Key, None] = {}
    todo = [node]
    while todo:
        one = todo.pop()
        yield one
        for key in one.leads_to:
            if key not in seen:
                seen[key] = None
                todo.append(pairs[key])


def _unknown(kind: Type) -> bool:
    """Whether a value of an example says nothing of its type: null, or what is empty."""
    return kind in (JSON, NULL, Map(JSON), Array(JSON))


def _texts(old: Type, new: Type) -> bool:
    """Whether both are text, which an example shows as digits by chance."""
    return {_kind(old), _kind(new)} == {Kind.STRING, Kind.DECIMAL}


def _kind(kind: Type) -> Kind | None:
    return kind.kind if isinstance(kind, Scalar) else None


def _class(values: tuple[Value, ...]) -> type:
    return bool if isinstance(values[0], bool) else int if isinstance(values[0], int) else str


def _items(place: Place, word: str = "items") -> Place:
    return Place(f"{word} of {place.subject}", place.was, place.now, place.symbols)


def _symbol(owner: StructType, one: Field) -> str:
    return f"{owner.module}.{owner.name}.{one.name}"


def _of(named: NamedType) -> str:
    return f"enums.{named.name}" if isinstance(named, EnumType) else f"{named.module}.{named.name}"


def _branch(one: Alternative) -> str:
    name = one.type.name if isinstance(one.type, Ref) else type_words(one.type)
    return f"{name} ({values_words(one.values)})" if one.values else name
