"""Which types arrive as events, and which module a type stands in.

`events` may use `models`, never the other way: so what uses an event stands with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from wirewright.model.api import Api
from wirewright.model.check import references
from wirewright.model.naming import EVENT_ATTRIBUTES
from wirewright.model.types import AliasType, EnumType, Field, NamedType, StructType, Type, UnionType


def settle_modules(api: Api) -> Api:
    """The same API with every type that uses an event moved to the events, and no field called like what events have."""
    users: dict[str, set[str]] = {}
    for named in api.types:
        for used in used_by(named):
            users.setdefault(used, set()).add(named.name)
    told = (named.name for named in api.types if not isinstance(named, EnumType) and named.module == "events")
    events = closure(told, lambda name: users.get(name, ()))
    moved = replace(api, types=tuple(_moved(named) if named.name in events else named for named in api.types))
    pushed, names = pushed_names(moved), frozenset(named.name for named in moved.types)
    return replace(moved, types=tuple(_spelled(named, pushed, names) for named in moved.types))


def pushed_names(api: Api) -> frozenset[str]:
    """Names of the types that arrive as events of their own: through a stream, or beside any stream."""
    types = [event.type for event in api.events] + [stream.event for stream in api.streams]
    return reached(types, {named.name: named for named in api.types})


def reached(types: Iterable[Type], pool: Mapping[str, NamedType]) -> frozenset[str]:
    """Names of the types that a value of these may be: what they are called, and branches of unions."""
    return closure((name for type_ in types for name in references(type_)), lambda name: _branches(pool.get(name)))


def closure(names: Iterable[str], more: Callable[[str], Iterable[str]]) -> frozenset[str]:
    """The names, and all that `more` leads to from them."""
    found: set[str] = set()
    todo = list(names)
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += more(name)
    return frozenset(found)


def used_by(named: NamedType) -> set[str]:
    """Names of the types that a type mentions itself."""
    parts: list[Type] = []
    match named:
        case StructType(fields=fields):
            parts = [field.type for field in fields]
        case UnionType(branches=branches, others=others):
            parts = [*(branch.type for branch in branches), *([others] if others is not None else [])]
        case AliasType(type=inner):
            parts = [inner]
        case EnumType():
            pass
    return {name for part in parts for name in references(part)}


def _branches(named: NamedType | None) -> list[str]:
    """The names behind one that is no struct itself."""
    match named:
        case UnionType():
            return sorted(used_by(named))
        case AliasType(type=type_):
            return list(references(type_))
        case _:
            return []


def _moved(named: NamedType) -> NamedType:
    return named if isinstance(named, EnumType) else replace(named, module="events")


def _spelled(named: NamedType, pushed: frozenset[str], types: frozenset[str]) -> NamedType:
    """A struct none of whose fields is called like an attribute of its class, or like a type.

    A union of events becomes one whose unknown branch is an event as well.
    """
    if isinstance(named, UnionType) and named.name in pushed and named.unknown == UnionType.unknown:
        return replace(named, unknown="UnknownEvent")
    if not isinstance(named, StructType):
        return named
    reserved = types | EVENT_ATTRIBUTES if named.name in pushed else types
    taken = {field.name for field in named.fields}
    if not taken & reserved:
        return named
    return replace(named, fields=tuple(_renamed(field, reserved, taken) for field in named.fields))


def _renamed(field: Field, reserved: frozenset[str], taken: set[str]) -> Field:
    name = field.name
    while name in reserved or (name != field.name and name in taken):
        name += "_"
    return replace(field, name=name)
