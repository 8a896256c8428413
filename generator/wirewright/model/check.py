"""What only a whole `Api` can have wrong: names that clash, and names that lead nowhere."""

from __future__ import annotations

from collections.abc import Iterator

from wirewright.errors import Problem
from wirewright.model.api import Api, Method
from wirewright.model.types import (
    AliasType,
    AnyOf,
    Array,
    EnumType,
    Levels,
    Map,
    Nullable,
    Origin,
    Ref,
    StructType,
    Tuple,
    Type,
    UnionType,
)


def check_api(api: Api) -> list[Problem]:
    """Every problem of the whole; an empty list for a sound one."""
    return [*_names(api), *_references(api), *(one for method in api.methods for one in _method(api, method))]


def references(kind: Type) -> Iterator[str]:
    """Names of the types that a type mentions."""
    match kind:
        case Ref(name=name):
            yield name
        case Array(item=inner) | Levels(item=inner) | Map(value=inner) | Nullable(type=inner):
            yield from references(inner)
        case Tuple(items=items, rest=rest):
            for one in (*items, *([rest] if rest is not None else [])):
                yield from references(one)
        case AnyOf(types=kinds):
            for one in kinds:
                yield from references(one)
        case _:
            pass


def _names(api: Api) -> Iterator[Problem]:
    """Names that would be defined twice in one module."""
    spaces: dict[str, list[tuple[str, Origin]]] = {
        "type": [(one.name, one.origin) for one in api.types],
        "enumeration": [
            *((one.name, one.origin) for one in api.types if isinstance(one, EnumType)),
            *((part.name, part.origin) for one in api.types if isinstance(one, EnumType) for part in one.subsets),
        ],
        "stream": [(one.name, one.origin) for one in api.streams],
        "request": [(variant.name, one.origin) for one in api.methods for variant in one.variants],
        "method": [
            *((one.name, one.origin) for one in api.methods),
            *((f"{one.name}_{helper.name}", helper.origin) for one in api.methods for helper in one.helpers),
        ],
        "message": [(one.name, one.origin) for one in api.messages],
        "socket": [(one.name, one.origin) for one in api.sockets],
        "server": [(one.name, one.origin) for one in api.servers],
    }
    for space, named in spaces.items():
        first: dict[str, Origin] = {}
        for name, origin in named:
            other = first.setdefault(name, origin)
            if other is not origin:
                yield Problem(
                    origin, f"two {space}s are called {name}", "give one of them another name", also=other, id="clash"
                )


def uses_of_types(api: Api) -> Iterator[tuple[Origin, Type]]:
    """Where types are named, in the order of the model."""
    yield from ((one.origin, variant.result) for one in api.methods for variant in one.variants)
    yield from ((parameter.origin, parameter.type) for one in api.methods for parameter in one.parameters)
    yield from ((one.origin, one.event) for one in api.streams)
    yield from ((one.origin, one.type) for one in api.events)
    yield from ((one.origin, one.type) for one in api.messages)
    for one in api.types:
        match one:
            case StructType(fields=fields):
                yield from ((field.origin, field.type) for field in fields)
            case UnionType(branches=branches):
                yield from ((one.origin, branch.type) for branch in branches)
            case AliasType(type=inner):
                yield one.origin, inner
            case EnumType():
                pass


def _references(api: Api) -> Iterator[Problem]:
    known = {one.name for one in api.types}
    sockets = {one.name for one in api.sockets}
    for origin, kind in uses_of_types(api):
        for name in references(kind):
            if name not in known:
                yield Problem(origin, f"the type {name!r} is unknown", "describe it", id="unknown-type")
    placed = [(one.origin, one.socket) for listed in (api.methods, api.streams) for one in listed]
    placed += [(one.origin, one.socket) for listed in (api.messages, api.events) for one in listed]
    for origin, socket in placed:
        if socket and sockets and socket not in sockets:
            yield Problem(origin, f"the socket {socket!r} is unknown", f"one of: {', '.join(sorted(sockets))}")


def _method(api: Api, method: Method) -> Iterator[Problem]:
    if method.settle is None:
        return
    other = next((one for one in api.methods if one.wire == method.settle.method), None)
    if other is None:
        what = f"{method.wire!r} is settled by {method.settle.method!r}, which is no method"
        yield Problem(method.origin, what, "name a method of the product")
        return
    known = {one.wire for one in other.parameters}
    for name, _ in method.settle.parameters:
        if name not in known:
            what = f"{method.wire!r} is settled with {name!r}, which is no parameter of {other.wire!r}"
            yield Problem(method.origin, what, "name one of its parameters", also=other.origin)
