"""Types of the messages of a document: one for each payload, one for several that may come in one place."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from wirewright.load.bounds import BRANCHES
from wirewright.load.joining import JSON, any_of
from wirewright.load.pool import Pool
from wirewright.load.resolved import MessageEntry
from wirewright.load.schema import Schemas
from wirewright.load.unions import structs_of
from wirewright.model.json_class import json_class
from wirewright.model.naming import cap
from wirewright.model.types import AliasType, Array, Origin, Ref, StructType, Type


class Payloads:
    """Turns messages into types of a pool, each once."""

    def __init__(self, schemas: Schemas, pool: Pool) -> None:
        self.schemas = schemas
        self.pool = pool
        self._kinds: dict[MessageEntry, Type] = {}

    def type_of(self, message: MessageEntry) -> Type | None:
        """The type of a message's payload; None where there is none to read."""
        if message.payload is None or message.binary:
            return None
        if message not in self._kinds:
            name = cap(message.name or "Message", ())
            others = f"{name}Message", f"{name}Payload"
            self._kinds[message] = self.schemas.type_of(message.payload, name, "models", *others)
        return self._kinds[message]

    def named(self, message: MessageEntry, kind: Type) -> Ref:
        """A type with a name: one of its own for what has none, such as a list."""
        if isinstance(kind, Ref):
            return kind
        name = self.pool.claim(cap(message.name or "Event", ()), message.origin, cap(message.name, ()) + "Message")
        limits = self.schemas.limits(message.payload) if message.payload is not None else None
        self.pool.types[name] = AliasType(name, kind, message.origin, message.doc, "events", limits)
        self._kinds[message] = Ref(name)
        return Ref(name)

    def structs(self, kind: Type | None) -> list[StructType]:
        return list(structs_of(kind, self.pool.types)) if kind is not None else []

    def properties(self, message: MessageEntry) -> Collection[str]:
        """The keys of a message, without making a type of it."""
        return self.schemas.merged(message.payload).part("properties").map if message.payload is not None else ()

    def _lists(self, name: str, kinds: list[Type], origin: Origin, module: str) -> list[Type]:
        """Lists by what they hold instead of by their names, several as one whose items are told apart."""
        plain = [self._plain(kind) for kind in kinds]
        lists = [one for one in plain if isinstance(one, Array)]
        if len(lists) < 2:
            return plain
        items = list(dict.fromkeys(one.item for one in lists))
        structs = [item for item in items if isinstance(item, Ref) and self.structs(item)]
        if len(structs) > 1 and len(structs) == len(items):
            unique = self.pool.claim(f"{name}Item", origin)
            items = [self.pool.union(unique, list(structs), origin, module=module)]
            self.schemas.finish()
        rest = (kind for kind, one in zip(kinds, plain, strict=True) if not isinstance(one, Array))
        return [*rest, Array(any_of(items, self.pool.types))]

    def _plain(self, kind: Type) -> Type:
        named = self.pool.types.get(kind.name) if isinstance(kind, Ref) else None
        return named.type if isinstance(named, AliasType) else kind

    def union(self, name: str, messages: Sequence[MessageEntry], origin: Origin, module: str) -> Type | None:
        """One type for several messages: a union of what are objects, beside what JSON itself tells from an object."""
        found = list(dict.fromkeys(kind for one in messages if (kind := self.type_of(one)) is not None))
        classes = {kind: json_class(kind, self.pool.types) for kind in found}
        objects = [kind for kind in found if classes[kind] == "object" and self.structs(kind)]
        if len(objects) > BRANCHES:
            what = f"{name} may be one of {len(objects):,} messages and is read as any JSON"
            self.pool.warn(origin, what, f"at most {BRANCHES:,} are told apart")
            return JSON
        more = [kind for kind in found if kind not in objects]
        if len(objects) > 1 and any(classes[kind] in ("json", "object") for kind in more):
            what = f"a message of {name} may be any JSON: what is none of the others arrives as unknown"
            self.pool.warn(origin, what, "say what it holds")
            more = [kind for kind in more if classes[kind] not in ("json", "object")]
        more = self._lists(name, more, origin, module)
        others = any_of(more, self.pool.types) if more else None
        if len(objects) > 1 and others != JSON:
            unique = self.pool.claim(name, origin)
            self.pool.union(unique, objects, origin, module=module, others=others)
            self.schemas.finish()
            return Ref(unique)
        if len(found) < 2:
            return found[0] if found else None
        kind = any_of([*objects, *more], self.pool.types)
        if kind == JSON:
            what = f"the messages of {name} cannot be told apart: one of them may be any JSON"
            self.pool.warn(origin, what, "give each an object")
        return kind
