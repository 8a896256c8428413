"""What the tables know already: their endpoints by key, and every field that the types of an answer or an event have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from wirewright.load.endpoints.endpoint import Endpoint, Row, Tables
from wirewright.model.api import Api
from wirewright.model.types import (
    AliasType,
    AnyOf,
    Array,
    EnumType,
    Kind,
    Levels,
    Map,
    NamedType,
    Nullable,
    Origin,
    Ref,
    Scalar,
    StructType,
    Type,
    UnionType,
)
from wirewright.pages.facts import body_of, keys_of, paths_of

_DEEP = 8


@dataclass
class Known:
    """The tables of a folder, and what the model made of them."""

    tables: Tables
    api: Api | None
    by_key: dict[str, Endpoint] = field(default_factory=dict[str, Endpoint])
    errors: dict[str, Row] = field(default_factory=dict[str, Row])
    words: set[str] = field(default_factory=set[str])  # keys that the glossary explains
    _results: dict[Origin, list[Type]] = field(default_factory=dict["Origin", "list[Type]"])

    def __post_init__(self) -> None:
        for endpoint in self.tables.endpoints:
            for key in keys_of(endpoint):
                self.by_key.setdefault(key, endpoint)
        self.errors = {row.text("code").strip("` "): row for row in self.tables.errors}
        self.words = {row.text("key").strip("` ") for row in self.tables.glossary}
        for method in self.api.methods if self.api else ():
            self._results[_local(method.origin)] = [one.result for one in method.variants]
        for stream in self.api.streams if self.api else ():
            self._results[_local(stream.origin)] = [stream.event]
        for event in self.api.events if self.api else ():
            self._results.setdefault(_local(event.origin), []).append(event.type)

    def endpoint(self, page: Endpoint) -> Endpoint | None:
        """The endpoint of the tables that a page's endpoint is."""
        return next((self.by_key[key] for key in keys_of(page) if key in self.by_key), None)

    def fields(self, endpoint: Endpoint) -> set[str]:
        """The paths that are known of an endpoint; one that ends in `*` is open."""
        named: Mapping[str, NamedType] = {one.name: one for one in self.api.types} if self.api else {}
        found = {path for kind in self._results.get(endpoint.origin, []) for path in _paths(kind, named, "", 0)}
        for sample in endpoint.samples:
            body = body_of(sample.node, endpoint.kind)
            found |= set(paths_of(body)) if body is not None else set()
        return found | {row.text("field").strip("` ") for row in endpoint.fields}


def _local(origin: Origin) -> Origin:
    """The model names files from the folder above, the tables here by their name alone."""
    return replace(origin, file=origin.file.rpartition("/")[2])


def knows(known: set[str], path: str) -> bool:
    """Whether a path is known, by itself, without the list around it, or below something open."""
    bare = path.removeprefix("[].")
    if path in known or bare in known or f"[].{path}" in known:
        return True
    parents = [path[:index] for index, char in enumerate(path) if char in ".["]
    return any(f"{parent}*" in known for parent in ("", *parents))


def _paths(kind: Type, named: Mapping[str, NamedType], at: str, depth: int) -> Iterator[str]:
    if depth > _DEEP:
        yield f"{at}*"
        return
    match kind:
        case Nullable(type=inner):
            yield from _paths(inner, named, at, depth)
        case Array(item=item) | Levels(item=item):
            yield from _paths(item, named, f"{at}[]", depth + 1)
        case AnyOf(types=kinds):
            for one in kinds:
                yield from _paths(one, named, at, depth)
        case Map() | Scalar(kind=Kind.JSON):
            yield f"{at}*"
        case Ref(name=name):
            yield from _named(named.get(name), named, at, depth)
        case _:
            pass


def _named(found: NamedType | None, named: Mapping[str, NamedType], at: str, depth: int) -> Iterator[str]:
    match found:
        case StructType(fields=fields, array_like=array_like, tag=tag):
            if tag is not None:
                yield f"{at}.{tag.property}" if at else tag.property
            for index, one in enumerate(fields):
                path = f"{at}[{index}]" if array_like else f"{at}.{one.wire}" if at else one.wire
                yield path
                yield from _paths(one.type, named, path, depth + 1)
        case UnionType(branches=branches):
            for branch in branches:
                yield from _paths(branch.type, named, at, depth + 1)
        case AliasType(type=inner):
            yield from _paths(inner, named, at, depth + 1)
        case EnumType():
            pass
        case None:
            yield f"{at}*"
