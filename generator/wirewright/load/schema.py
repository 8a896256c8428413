"""JSON schemas to types of the model. Every inline object, enumeration and union gets a name made from its path.

Named schemas are worked off a list, one after the other, so that schemas may refer to each other as they like.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from wirewright.errors import Problem
from wirewright.load.bounds import BRANCHES, FIELDS, MEMBERS
from wirewright.load.document import Files
from wirewright.load.glossary import renamed
from wirewright.load.joining import JSON, any_of, bare, nullable
from wirewright.load.node import Atom, Node
from wirewright.load.pool import Pool
from wirewright.model.json_class import json_class
from wirewright.model.naming import ANNOTATIONS, EVENT_ATTRIBUTES, Names, cap, snake, upper
from wirewright.model.types import (
    AliasType,
    AnyOf,
    Array,
    EnumType,
    EnumValue,
    Field,
    Kind,
    Limits,
    Literal,
    Map,
    Nullable,
    Ref,
    Scalar,
    StructType,
    Subset,
    Tuple,
    Type,
)

_KINDS = {
    "string": Kind.STRING,
    "integer": Kind.INTEGER,
    "number": Kind.NUMBER,
    "boolean": Kind.BOOLEAN,
    "null": Kind.NULL,
}
_SAYS_NOTHING = frozenset(
    (
        *("title", "description", "summary", "examples", "example", "default", "deprecated", "readOnly", "writeOnly"),
        *("$comment", "$id", "$schema", "$anchor", "$defs", "definitions", "externalDocs", "format", "nullable"),
    )
)
BOUNDS = (
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength"),
    *("minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties"),
)
_DEEPEST = 50
_A_NAME = re.compile(r"[A-Za-z][\w-]+( [\w-]+){0,3}")
_DECIMALS = {"decimal", "bigdecimal", "big-decimal"}


@dataclass(frozen=True)
class _Place:
    """Where a schema is used: the name that it gets there, others where that is taken, and the module of what it makes."""

    path: str
    module: str = "models"
    others: tuple[str, ...] = ()


@dataclass
class Schemas:
    """Turns schemas into types of a pool."""

    files: Files
    pool: Pool
    _wanted: dict[Node, str] = field(default_factory=dict[Node, str])  # names of schemas
    _merged: dict[Node, Node] = field(default_factory=dict[Node, Node])
    _queue: deque[Callable[[], None]] = field(default_factory=lambda: deque[Callable[[], None]]())
    _known: dict[Node, Type] = field(default_factory=dict[Node, Type])
    _active: list[Node] = field(default_factory=list[Node])  # what is being converted
    _listed: list[Node] = field(default_factory=list[Node])  # branches of unions that are being converted
    _merging: int = 0
    _fields: int = 0  # of all structures that were made

    def declare(self, schemas: Mapping[str, Node]) -> None:
        """Names that the document itself gives: they come before every name that is made from a path."""
        for wire, node in schemas.items():
            if node not in self._wanted and self._is_named(self.merged(node)):
                self._wanted[node] = self.pool.claim(cap(wire, ()), node.origin)

    def type_of(self, node: Node, path: str, module: str = "models", *others: str) -> Type:
        """The type of a schema. `path` names what has no name of its own, `others` are tried where that is taken."""
        return self._type_of(node, _Place(path, module, others))

    def _type_of(self, node: Node, place: _Place) -> Type:
        target = self.files.follow(node)
        if target is None or not target.is_map:
            return JSON
        if target is not node:
            place = _Place(_name_of_reference(node) or place.path, place.module, (place.path, *place.others))
        if target in self._known:
            return self._known[target]
        if target in self._active:
            if target in self._wanted:
                return Ref(self._wanted[target])
            self.pool.warn(target.origin, "this schema holds nothing but itself", "it is read as any JSON")
            return JSON
        if len(self._active) > _DEEPEST:
            what = f"lists or unions nested more than {_DEEPEST} deep"
            self.pool.warn(target.origin, what, "they are read as any JSON")
            return JSON
        only = self._only_branch(target)
        if only is not None and target in self._wanted and "$ref" not in only.map:
            self._wanted.setdefault(only, self._wanted[target])
        self._active.append(target)
        found = self._type_of(only, place) if only is not None else self._convert(target, place)
        self._active.pop()
        self._known[target] = found
        return found

    def doc(self, node: Node) -> str:
        """What is said of a value: here, beside a reference, or at what it refers to."""
        text = node.text("description") or node.text("title")
        for part in _parts(node, "allOf"):
            text = text or part.text("description")
        target = self.files.follow(node)
        if target is not None and target is not node and not text:
            return self.doc(target)
        return text.strip()

    def merged(self, node: Node) -> Node:
        """A schema with everything that its `allOf` and its reference bring along."""
        target = self.files.follow(node)
        if target is None:
            return Node({}, node.origin)
        if "allOf" not in target.map:
            return target
        if target not in self._merged and self._merging < _DEEPEST:
            self._merging += 1
            found = target.with_map({key: value for key, value in target.map.items() if key != "allOf"})
            self._merged[target] = found  # for a branch that leads back here
            for branch in _parts(target, "allOf")[:MEMBERS]:
                found = self._combine(found, self._inherited(target, self.merged(branch)))
            self._merged[target] = found
            self._merging -= 1
        return self._merged.get(target, target)

    def _inherited(self, target: Node, parent: Node) -> Node:
        """What an `allOf` brings along. Of a union that lists the schema as a branch: its fields, not its branches."""
        lists_it = any(self.files.follow(one) is target for one in _branches(parent))
        return _without_branches(parent) if lists_it else parent

    def _extends(self, branch: Node, union: Node) -> bool:
        """Whether a branch takes the fields of its union by an `allOf` of its own."""
        target = self.files.follow(branch)
        return target is not None and any(self.files.follow(one) is union for one in _parts(target, "allOf"))

    def limits(self, node: Node, depth: int = 0) -> Limits | None:
        """The bounds, the pattern and the format that a value must keep; None where there are none."""
        schema = self.merged(node)
        item = schema.get("items")
        bounds = tuple((key, schema.text(key)) for key in BOUNDS if schema.text(key))
        inner = self.limits(item, depth + 1) if item is not None and item.is_map and depth < _DEEPEST else None
        found = Limits(bounds, schema.text("pattern"), schema.text("format"), inner)
        return found if found != Limits() else None

    def finish(self) -> None:
        """Makes every type that was named so far, and what they name in turn."""
        while self._queue:
            self._queue.popleft()()
        self.pool.finish_unions()
        for schema, name in self._wanted.items():
            origin = self.pool.names.owner(name)
            if name not in self.pool.types and origin is not None:
                kind = self._known.get(schema, JSON)
                self.pool.types[name] = AliasType(name, JSON if kind == Ref(name) else kind, origin)

    # One schema

    def _convert(self, target: Node, place: _Place) -> Type:
        schema = self.merged(target)
        kinds = _types(schema)
        if kinds == ["null"]:
            return Scalar(Kind.NULL)
        with_null = (
            "null" in kinds or schema.true("nullable") or any(one.value is None for one in schema.part("enum").list)
        )
        found = self._plain_type(target, schema, [kind for kind in kinds if kind != "null"], place)
        return nullable(found) if with_null else found

    def _plain_type(self, target: Node, schema: Node, kinds: list[str], place: _Place) -> Type:
        if self._is_too_large(target, schema):
            return JSON
        if "const" in schema.map:
            return self._literal(schema.map["const"])
        if schema.part("enum").list:
            return self._enum(target, schema, place)
        variants = _branches(schema)
        if variants:
            return _as_listed(self._variants(target, schema, variants, place))
        if len(kinds) > 1:
            return self._any_of([self._plain_type(target, schema, [kind], place) for kind in kinds])
        kind = kinds[0] if kinds else _guess_kind(schema)
        if kind == "object":
            return self._object(target, schema, place)
        if kind == "array":
            return self._array(schema, place)
        if kind == "string" and schema.text("format") in _DECIMALS:
            return Scalar(Kind.DECIMAL)
        if kind == "integer" and schema.text("format") == "time":
            return Scalar(Kind.TIME)
        return Scalar(_KINDS[kind]) if kind in _KINDS else JSON

    def _is_too_large(self, target: Node, schema: Node) -> bool:
        """Whether a schema has more parts than people write."""
        counts = {key: len(schema.part(key).list) for key in ("enum", "oneOf", "anyOf", "allOf")}
        counts["properties"] = len(schema.part("properties").map.values())
        most = {"oneOf": BRANCHES, "anyOf": BRANCHES}
        large = next((key for key, count in counts.items() if count > most.get(key, MEMBERS)), "")
        if large:
            what = f"this schema has {counts[large]:,} parts in `{large}` and is read as any JSON"
            self.pool.warn(target.origin, what, f"at most {most.get(large, MEMBERS):,} are read")
        return bool(large)

    def _has_room(self, target: Node, schema: Node) -> bool:
        """Whether one more structure may be made: not where all of them together have more fields than people write."""
        if self._fields > FIELDS:
            return False
        self._fields += len(schema.part("properties").map.values())
        if self._fields > FIELDS:
            what = f"the structures of this document have more than {FIELDS:,} properties: the rest is read as any JSON"
            self.pool.warn(target.origin, what, "split the document")
        return self._fields <= FIELDS

    def _literal(self, value: Node) -> Type:
        if value.value is None:
            return Scalar(Kind.NULL)
        return Literal((value.value,)) if isinstance(value.value, str | int | bool) else JSON

    def _enum(self, target: Node, schema: Node, place: _Place) -> Type:
        values = list(dict.fromkeys(one.atom for one in schema.part("enum").list if one.atom is not None))
        texts = [value for value in values if isinstance(value, str | int) and not isinstance(value, bool)]
        if len(texts) < len(values) or len({type(value) for value in texts}) != 1:
            only_true = len(values) == 1 and values[0] is True
            return Literal((True,)) if only_true else self._any_of([_scalar(one) for one in values])
        if len(texts) == 1 and target not in self._wanted:
            return Literal((texts[0],))
        name = self._take(target, place)
        if name not in self.pool.types:
            self.pool.types[name] = self.enum_type(name, schema, texts)
        return Ref(name)

    def enum_type(self, name: str, schema: Node, texts: list[str | int]) -> EnumType:
        given, docs = schema.texts("x-enum-varnames"), schema.texts("x-enum-descriptions")
        names, values, old = Names(), list[EnumValue](), list[tuple[str, str]]()
        for index, text in enumerate(texts):
            spelled, was = renamed(given[index]) if index < len(given) else (upper(str(text)), ())
            unique, other = names.claim(spelled, schema.origin)
            old += [(one, unique) for one in was]
            if other is not None:
                what = f"the value {text!r} of {name} is spelled like another one: {unique}"
                self.pool.clash(schema.origin, other, what)
            values.append(EnumValue(text, unique, docs[index] if index < len(docs) else ""))
        subsets = tuple(self._subsets(name, schema, {str(text) for text in texts}))
        doc = schema.text("description").strip()
        return EnumType(name, tuple(values), schema.origin, doc, subsets, deprecated=tuple(old))

    def _subsets(self, enum: str, schema: Node, known: set[str]) -> Iterator[Subset]:
        for name, node in schema.part("x-subsets").map.items():
            values = node.texts("values")
            unknown = [value for value in values if value not in known]
            if unknown or not values:
                what = f"{', '.join(map(repr, unknown))} is no value of {enum}" if unknown else "there are no values"
                right = f"list values of {enum} under `values`"
                self.pool.problems.append(Problem(node.origin, f"the subset {name}: {what}", right))
            yield Subset(name, tuple(values), node.origin, node.text("description").strip())

    def _array(self, schema: Node, place: _Place) -> Type:
        listed = _parts(schema, "prefixItems") or _parts(schema, "items")
        if listed:
            named = ((one, f"{place.path}{index}") for index, one in enumerate(listed, 1))
            items = tuple(self.type_of(one, path, place.module) for one, path in named)
            rest = schema.part("items" if "prefixItems" in schema.map else "additionalItems")
            closed = rest.value is False
            return Tuple(items, None if closed else self.type_of(rest, f"{place.path}Rest", place.module))
        return Array(self.type_of(schema.part("items"), f"{place.path}Item", place.module))

    def _object(self, target: Node, schema: Node, place: _Place) -> Type:
        if _names_fields(schema):
            known = target in self._wanted and self._wanted[target] in self.pool.types
            if not known and not self._has_room(target, schema):
                return Map(JSON)
            name = self._take(target, place)
            if not known:
                self.pool.types[name] = StructType(name, (), target.origin, module=place.module)  # filled in later
                self._queue.append(lambda: self._struct(name, target, schema, place.module))
            return Ref(name)
        values = (schema.part("additionalProperties"), *schema.part("patternProperties").map.values())
        inner = [self.type_of(one, f"{place.path}Value", place.module) for one in values if one.is_map]
        return Map(self._any_of(inner)) if inner else Map(JSON)

    def _struct(self, name: str, target: Node, schema: Node, module: str) -> None:
        required = {one.text() for one in schema.part("required").list}
        properties = schema.get("properties") or Node({}, schema.origin)
        names, fields = Names(), list[Field]()
        reserved = ANNOTATIONS | EVENT_ATTRIBUTES if module == "events" else ANNOTATIONS
        for wire in dict.fromkeys([*properties.map, *sorted(required)]):
            node = properties.get(wire) or Node({}, schema.origin)
            origin = properties.key_origin(wire)
            spelled = self.pool.spellings(name, wire)
            said = self._said(node) if spelled == wire and len(wire) == 1 else ""
            plain = snake(spelled, reserved, "field")
            python, other = names.claim(snake(said, reserved) if said else plain, origin, plain)
            other = None if said else other
            if other is not None:
                self.pool.clash(origin, other, f"the field {wire!r} of {name} is spelled like another one: {python}")
            kind = self.type_of(node, name + cap(wire, ()), module)
            needed, doc = wire in required, self.doc(node)
            fields.append(Field(wire, python, kind, origin, needed, doc, limits=self.limits(node)))
        extra = schema.get("additionalProperties")
        extra_type = self.type_of(extra, f"{name}Value", module) if extra is not None and extra.map else None
        self.pool.types[name] = StructType(
            name, tuple(fields), target.origin, self.doc(target), module, extra=extra_type
        )

    def _said(self, node: Node) -> str:
        """What a field with a wire name of one letter is called: its title, or a description of a few words."""
        texts = (node.text("title"), self.doc(node).partition("\n")[0].rstrip("."))
        return next((text for text in texts if _A_NAME.fullmatch(text)), "")

    def _variants(self, target: Node, schema: Node, variants: list[Node], place: _Place) -> Type:
        listed = schema.get("oneOf") or schema.part("anyOf")
        if listed in self._listed:
            self.pool.warn(target.origin, "this schema is a branch of itself", "it is read as any JSON")
            return JSON
        self._listed.append(listed)
        name = self._wanted.get(target, place.path)
        found: list[Type] = []
        for index, variant in enumerate(variants, 1):
            if _names_fields(schema) and not self._extends(variant, target):
                variant = self._combine(_without_branches(schema), self.merged(variant))
            found.append(self.type_of(variant, name + self._branch_name(variant, index), place.module))
        self._listed.pop()
        structs = list(dict.fromkeys(inner for kind in found if self._is_object(inner := bare(kind))))
        if len(structs) < 2:
            return self._any_of(found)
        name = self._take(target, place)
        rest = [bare(kind) for kind in found if bare(kind) not in structs and kind != Scalar(Kind.NULL)]
        others = self._any_of(rest) if rest else None
        if others == JSON:
            return JSON
        declared, unknown = schema.part("discriminator"), schema.text("x-open")
        hint = declared.text("propertyName") or declared.text()
        doc = self.doc(target)
        union = self.pool.union(name, structs, target.origin, doc, place.module, hint, unknown, others)
        with_null = any(isinstance(kind, Nullable) or kind == Scalar(Kind.NULL) for kind in found)
        return nullable(union) if with_null else union

    def _is_object(self, kind: Type) -> bool:
        return isinstance(kind, Ref) and json_class(kind, self.pool.types) == "object"

    def _any_of(self, kinds: list[Type]) -> Type:
        return any_of(kinds, self.pool.types)

    def _branch_name(self, variant: Node, index: int) -> str:
        if variant.text("title"):
            return cap(variant.text("title"), ())
        for node in self.merged(variant).part("properties").map.values():
            values = [node.map["const"]] if "const" in node.map else node.part("enum").list
            if len(values) == 1 and isinstance(values[0].value, str):
                return cap(values[0].value, ())
        keys = self.merged(variant).texts("required")
        return cap(keys[0], ()) if len(keys) == 1 else f"Option{index}"  # {"Paused": {...}}: its only key names it

    # Names, allOf

    def _take(self, target: Node, place: _Place) -> str:
        if target not in self._wanted:
            self._wanted[target] = self.pool.claim(place.path, target.origin, *place.others)
        return self._wanted[target]

    def _only_branch(self, target: Node) -> Node | None:
        """The one schema that an `allOf` stands for, where everything beside it is prose."""
        parts = [part for part in _parts(target, "allOf") if set(part.map) - _SAYS_NOTHING]
        return parts[0] if len(parts) == 1 and not set(target.map) - _SAYS_NOTHING - {"allOf", "type"} else None

    def _is_named(self, schema: Node) -> bool:
        values = [one.value for one in schema.part("enum").list if one.value is not None]
        if values:
            return all(isinstance(value, str) for value in values) or all(type(value) is int for value in values)
        inner = [self.merged(one) for one in _branches(schema)]
        objects = [one for one in inner if _names_fields(one) or _branches(one)]
        return len(objects) > 1 or (_names_fields(schema) and "const" not in schema.map)

    def _combine(self, one: Node, other: Node) -> Node:
        """Both schemas at once. What both say of a property is combined, of anything else the first word counts."""
        result = {**other.map, **one.map}
        first, second = one.get("properties"), other.get("properties")
        if first is not None and second is not None:
            properties = {**first.map, **second.map}
            for name in first.map.keys() & second.map.keys():
                properties[name] = self._combine(self.merged(first.map[name]), self.merged(second.map[name]))
            result["properties"] = Node(properties, first.origin, {**second.keys, **first.keys})
        if "required" in one.map and "required" in other.map:
            listed = [*one.map["required"].list, *other.map["required"].list]
            result["required"] = Node(listed, one.map["required"].origin)
        return Node(result, one.origin, one.keys)


def _as_listed(kind: Type) -> Type:
    """The same type, of which the branches of a schema say that it is one of several."""
    if isinstance(kind, Nullable):
        return replace(kind, type=_as_listed(kind.type))
    return replace(kind, listed=True) if isinstance(kind, AnyOf) else kind


def _parts(schema: Node, key: str) -> list[Node]:
    return [one for one in schema.part(key).list if one.is_map]


def _branches(schema: Node) -> list[Node]:
    return _parts(schema, "oneOf") or _parts(schema, "anyOf")


def _without_branches(schema: Node) -> Node:
    return schema.with_map(
        {key: value for key, value in schema.map.items() if key not in ("oneOf", "anyOf", "discriminator")}
    )


def _types(schema: Node) -> list[str]:
    return [name.lower() for name in schema.texts("type")]


def _names_fields(schema: Node) -> bool:
    return bool(schema.part("properties").map.values() or (schema.part("required").list and "object" in _types(schema)))


def _guess_kind(schema: Node) -> str:
    if "properties" in schema.map or "additionalProperties" in schema.map or "patternProperties" in schema.map:
        return "object"
    return "array" if "items" in schema.map or "prefixItems" in schema.map else ""


def _scalar(value: Atom) -> Type:
    if isinstance(value, bool):
        return Scalar(Kind.BOOLEAN)
    if isinstance(value, int):
        return Scalar(Kind.INTEGER)
    return Scalar(Kind.NUMBER if isinstance(value, Decimal) else Kind.STRING)


def _name_of_reference(node: Node) -> str:
    token = node.text("$ref").rpartition("/")[2].rpartition("#")[2].replace("~1", "/").replace("~0", "~")
    return cap(token, ()) if token and not token.isdecimal() and token not in ("payload", "schema", "items") else ""
