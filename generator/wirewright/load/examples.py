"""Types from examples: all examples of a type together, and what the tables say of its fields.

A field is required if every example of its type has it and nothing names a condition. Text that is always a number is an
amount. What the examples leave open is told as a doubt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from wirewright.errors import Problem
from wirewright.load.glossary import Path, Word, Words
from wirewright.load.joining import JSON, any_of, bare, nullable
from wirewright.load.node import Node
from wirewright.load.pool import Pool
from wirewright.load.typetext import is_amount
from wirewright.model.check import references
from wirewright.model.naming import ANNOTATIONS, EVENT_ATTRIBUTES, Names, cap, snake
from wirewright.model.types import (
    AnyOf,
    Array,
    Field,
    Kind,
    Levels,
    Map,
    Nullable,
    Origin,
    Ref,
    Scalar,
    StructType,
    Tag,
    Type,
)

_TIME_WORDS = re.compile(r"time|since|date|until|expires", re.IGNORECASE)
_SOMETIMES = re.compile(
    r"\b(appears?|visible|present|shown|returned|only) (only )?(if|when|for|upon|on)\b", re.IGNORECASE
)
_ID_WORDS = re.compile(r"id$|ids$|key$|code$|name$", re.IGNORECASE)


@dataclass(frozen=True)
class Scope:
    """Where a value stands in its section, and what the section says of fields."""

    words: Mapping[Path, Word]
    path: Path = ()
    shown: frozenset[Path] = frozenset()  # by some example of the section, of whatever type

    def at(self, step: str) -> Scope:
        return Scope(self.words, (*self.path, step), self.shown)


@dataclass
class _Member:
    origin: Origin
    word: Word
    nodes: list[Node] = field(default_factory=list[Node])
    present: int = 0
    comment: str = ""


@dataclass
class _Shape:
    name: str
    origin: Origin
    module: str
    seen: int = 0
    members: dict[str, _Member] = field(default_factory=dict[str, _Member])
    positions: bool = False
    tag: Tag | None = None
    doc: str = ""


class Inference:
    """Collects the examples of every type, then makes the types.

    Args:
        known: Types that schemas describe: examples say nothing new of them.
        unions: The types of each union; its examples go to the type that they fit best.
    """

    def __init__(
        self, words: Words, pool: Pool, known: set[str], unions: Mapping[str, list[str]], strict: bool
    ) -> None:
        self.words = words
        self.pool = pool
        self.known = known
        self.unions = unions
        self.strict = strict
        self._shapes: dict[str, _Shape] = {}
        self._undecided: list[tuple[str, Node, Scope, str]] = []

    def observe(self, kind: Type, node: Node, scope: Scope, module: str = "models") -> None:
        """An example of a type that a table names."""
        match kind:
            case Nullable(type=inner):
                if node.value is not None:
                    self.observe(inner, node, scope, module)
            case Ref(name=name) if name in self.unions:
                self._undecided.append((name, node, scope, module))
            case Ref(name=name):
                if name not in self.known and node.value is not None:
                    self._struct(name, node, scope, module)
            case Array(item=item) | Levels(item=item):
                for one in node.list:
                    self.observe(item, one, scope.at("[]"), module)
            case Map(value=value):
                for one in node.map.values():
                    self.observe(value, one, scope.at("{}"), module)
            case AnyOf(types=kinds):
                for inner in (one for one in kinds if isinstance(one, Array | Levels) == node.is_list):
                    self.observe(inner, node, scope, module)
            case _:
                pass

    def describe(self, name: str, doc: str, origin: Origin, module: str = "models", tag: Tag | None = None) -> None:
        """What is said of a type as a whole; without any example its fields are those that the tables name."""
        if name in self.known or name in self.unions:
            return
        shape = self._shape(name, origin, module)
        shape.tag = shape.tag or tag
        if doc and not shape.doc:
            shape.doc, shape.origin = doc, origin

    def finish(self) -> None:
        for name, node, scope, module in self._undecided:
            self._struct(max(self.unions[name], key=lambda one: self._fit(one, node)), node, scope, module)
        done = 0
        while done < len(self._shapes):  # a field may name a type that has no example
            for shape in list(self._shapes.values())[done:]:
                done += 1
                self._add_described(shape)
        for shape in self._shapes.values():
            self.pool.types[shape.name] = self._made(shape)

    def _fit(self, name: str, node: Node) -> int:
        """How well an object fits a type: keys that both have, less those that only one of them has."""
        shape = self._shapes.get(name)
        keys = set(shape.members) if shape is not None else set[str]()
        keys |= {path[0] for owner, path in self.words.of_types if owner == name}
        return len(keys & node.map.keys()) - len(keys ^ node.map.keys())

    # Collecting

    def _shape(self, name: str, origin: Origin, module: str) -> _Shape:
        if name not in self._shapes:
            self.pool.claim(name, origin)
            self._shapes[name] = _Shape(name, origin, module)
        return self._shapes[name]

    def _struct(self, name: str, node: Node, scope: Scope, module: str) -> None:
        if not node.is_map and not node.is_list:
            return
        shape = self._shape(name, node.origin, module)
        if shape.members and shape.positions != node.is_list:
            what, right = f"{name} is a list here and an object elsewhere", "give them names of their own"
            self.pool.problems.append(Problem(node.origin, what, right, not self.strict, shape.origin, "types"))
            return
        shape.positions = node.is_list
        shape.module = "events" if module == "events" else shape.module
        pairs = list(node.map.items()) if node.is_map else [(f"[{index}]", one) for index, one in enumerate(node.list)]
        shape.seen += not node.partial
        for key, value in pairs:
            member = self._member(shape, key, node.key_origin(key) if node.is_map else value.origin, scope)
            member.present += not node.partial
            member.nodes.append(value)
            member.comment = member.comment or value.comment
            self._look_inside(shape, key, member, value, scope.at(key))
        for path, word in scope.words.items():
            if path[:-1] == scope.path and path[-1:] not in ((), ("[]",)) and path not in scope.shown:
                self._member(shape, path[-1], word.origin, scope)

    def _member(self, shape: _Shape, key: str, origin: Origin, scope: Scope) -> _Member:
        word = self.words.of(scope.words, (*scope.path, key), shape.name, (key,))
        if key not in shape.members:
            shape.members[key] = _Member(origin, word)
        else:
            shape.members[key].word = self._together(shape.members[key].word, word, f"{key!r} of {shape.name}")
        return shape.members[key]

    def _together(self, one: Word, other: Word, field_name: str) -> Word:
        """What two sections say of a field. Where one of them allows null, null is allowed."""
        if one.stated is not None and other.stated is not None and one.stated.type != other.stated.type:
            kinds = one.stated.type, other.stated.type
            if bare(kinds[0]) == bare(kinds[1]):
                return replace(one, stated=replace(one.stated, type=nullable(kinds[0]))).before(other)
            what = f"{field_name} has another type in another table"
            problem = Problem(other.origin, what, "they must agree", not self.strict, one.origin, "types")
            self.pool.problems += [problem] if problem not in self.pool.problems else []
        return one.before(other)

    def _look_inside(self, shape: _Shape, key: str, member: _Member, value: Node, scope: Scope) -> None:
        stated = member.word.stated
        if stated is not None and not stated.vague:
            self.observe(stated.type, value, scope)
        else:
            self._unknown(shape.name + cap(member.word.name or key, ()), value, scope)

    def _unknown(self, name: str, value: Node, scope: Scope) -> None:
        """A value that nothing describes: objects in it get a name from where they stand."""
        if (value.is_map and value.map) or (value.is_list and has_positions(value)):
            self._struct(name, value, scope, "models")
        elif value.is_list:
            for item in value.list:
                self._unknown(name, item, scope.at("[]"))

    def _add_described(self, shape: _Shape) -> None:
        """Fields that only the description of the type names, and the types that they name."""
        for (owner, path), word in self.words.of_types.items():
            if owner == shape.name and len(path) == 1:
                place = path[0].strip("[]")
                by_place = place.isdecimal() and (shape.positions or path[0].startswith("["))
                if shape.members and by_place != shape.positions:
                    continue
                key = f"[{place}]" if by_place else path[0]
                shape.positions = by_place
                if key not in shape.members:
                    shape.members[key] = _Member(word.origin, word.before(self.words.of_keys.get(key) or word))
        for member in shape.members.values():
            stated = member.word.stated
            for name in references(stated.type) if stated is not None else ():
                if (
                    name not in self.known
                    and name not in self._shapes
                    and any(one == name for one, _ in self.words.of_types)
                ):
                    self._shape(name, member.word.origin, "models")

    # Making

    def _made(self, shape: _Shape) -> StructType:
        names, fields = Names(), list[Field]()
        reserved = ANNOTATIONS | EVENT_ATTRIBUTES if shape.module == "events" else ANNOTATIONS
        order = (
            sorted(shape.members, key=lambda key: int(key.strip("[]") or 0)) if shape.positions else list(shape.members)
        )
        for key in order:
            member = shape.members[key]
            word = member.word
            name = word.name or self._spoken_name(key, member)
            python, other = names.claim(snake(name, reserved, "field"), member.origin)
            if other is not None:
                self.pool.clash(
                    member.origin, other, f"the field {key!r} of {shape.name} is spelled like another one: {python}"
                )
            when = word.when or (member.comment if is_condition(member.comment) else "")
            always = member.present >= shape.seen and not when and (bool(member.nodes) or not shape.seen)
            if not always and not word.when and not member.nodes:
                right = "show it in an example, or say in `When` when it is there"
                self.pool.warn(word.origin, f"no example shows {key!r} of {shape.name}: it is taken as optional", right)
            fields.append(
                Field(
                    wire=key.strip("[]") if shape.positions else key,
                    name=python,
                    type=self._type(shape, key, member),
                    origin=member.origin,
                    required=always,
                    doc=word.doc or member.comment,
                    when=when,
                    deprecated_names=tuple(snake(old, reserved) for old in word.old_names),
                )
            )
        return StructType(shape.name, tuple(fields), shape.origin, shape.doc, shape.module, shape.positions, shape.tag)

    def _spoken_name(self, key: str, member: _Member) -> str:
        """A position, or a key of one or two letters, is called as the comment of its example calls it."""
        said = re.split(r"[;:(.?]|, | - ", member.comment)[0]
        words = re.findall(r"\w+", said)[:6]
        if key.startswith("["):
            return "_".join(words) or f"item {key.strip('[]')}"
        return "_".join(words) if len(key) <= 2 and words and not said.lower().startswith("ignore") else key

    def _type(self, shape: _Shape, key: str, member: _Member) -> Type:
        stated = member.word.stated
        enum = self.words.enum_of(shape.name, key)
        if stated is not None and not stated.vague and not stated.bare:
            return stated.type
        nested = shape.name + cap(member.word.name or key, ())
        found = self._inferred(member.nodes, nested, key, member.comment, enum if _may_be_enum(member.nodes) else "")
        if stated is not None and stated.bare and not enum:
            self._missing_enum(member, key)
        if found == Scalar(Kind.NULL) or (isinstance(found, Nullable) and self.strict):
            what = f"{key!r} of {shape.name} is null in an example, and its type does not say so"
            self.pool.warn(member.nodes[0].origin, what, "state it: `STRING or null`")
        return JSON if found == Scalar(Kind.NULL) else found

    def _missing_enum(self, member: _Member, key: str) -> None:
        self.pool.warn(member.word.origin, f"no enumeration holds {key!r}: it is taken as text", "name it: `ENUM Side`")

    def _inferred(self, nodes: Sequence[Node], nested: str, key: str, comment: str, enum: str) -> Type:
        """The narrowest type that holds all values."""
        kinds: list[Type] = []
        texts = [node.value for node in nodes if isinstance(node.value, str)]
        for node in nodes:
            if node.is_map:
                kinds.append(Ref(nested) if nested in self._shapes else Map(JSON))
            elif node.is_list:
                kinds.append(Ref(nested) if has_positions(node) else self._list(nodes, nested, key, comment, enum))
            elif isinstance(node.value, str):
                amounts = all(is_amount(text) for text in texts)
                kinds.append(Ref(enum) if enum else Scalar(Kind.DECIMAL if amounts else Kind.STRING))
            else:
                kinds.append(_scalar(node, f"{key} {comment}"))
        if texts and not enum and all(is_amount(text) for text in texts) and _ID_WORDS.search(key):
            right = "state DECIMAL or STRING in **Fields:** or in the glossary"
            self.pool.warn(nodes[0].origin, f"is {key!r} an amount? Its examples are numbers in text", right)
        return any_of(kinds, self.pool.types) if kinds else JSON

    def _list(self, nodes: Sequence[Node], nested: str, key: str, comment: str, enum: str) -> Type:
        items = [item for node in nodes if node.is_list for item in node.list]
        if not items:
            if self.strict:
                right = "state the type of its items: `ARRAY of STRING`"
                self.pool.warn(nodes[0].origin, f"{key!r} is an empty list in every example", right)
            return Array(JSON)
        return Array(self._inferred(items, nested, key, comment, enum))


def paths_in(node: Node, at: Path = ()) -> Iterator[Path]:
    """The places of all values in an example, as the rows of a table name them."""
    for key, value in node.map.items():
        yield (*at, key)
        yield from paths_in(value, (*at, key))
    for index, item in enumerate(node.list):
        yield (*at, f"[{index}]")
        yield from paths_in(item, (*at, "[]"))


def is_condition(said: str) -> bool:
    """Whether words about a field say when it is there: `this is only visible if ...`."""
    return _SOMETIMES.search(said) is not None


def has_positions(node: Node) -> bool:
    """A list whose items differ in kind, and not by chance: text and numbers mixed, three of them or more."""
    atoms = [item for item in node.list if not item.is_map and not item.is_list]
    classes = {type(item.value) is str for item in atoms}
    return len(atoms) == len(node.list) >= 3 and len(classes) == 2


def _scalar(node: Node, words: str) -> Type:
    value = node.value
    if value is None:
        return Scalar(Kind.NULL)
    if isinstance(value, bool):
        return Scalar(Kind.BOOLEAN)
    if not isinstance(value, int):
        return Scalar(Kind.NUMBER)
    digits = len(str(abs(value)))
    return Scalar(Kind.TIME if digits in (13, 16) and _TIME_WORDS.search(words) else Kind.INTEGER)


def _may_be_enum(nodes: Sequence[Node]) -> bool:
    flat = [item for node in nodes for item in (node.list if node.is_list else [node])]
    return all(
        isinstance(node.value, str | int) and not isinstance(node.value, bool)
        for node in flat
        if node.value is not None
    )
