"""Which module a type stands in. `events` may use `models`, never the other way: so what uses an event stands with it."""

from __future__ import annotations

from dataclasses import replace

from wirewright.model.api import Api
from wirewright.model.check import references
from wirewright.model.types import AliasType, EnumType, NamedType, StructType, Type, UnionType


def settle_modules(api: Api) -> Api:
    """The same API with every type that uses an event moved to the events."""
    users: dict[str, set[str]] = {}
    for named in api.types:
        for used in used_by(named):
            users.setdefault(used, set()).add(named.name)
    events = {named.name for named in api.types if not isinstance(named, EnumType) and named.module == "events"}
    todo = list(events)
    while todo:
        more = users.get(todo.pop(), set()) - events
        events |= more
        todo += more
    return replace(api, types=tuple(_moved(named) if named.name in events else named for named in api.types))


def used_by(named: NamedType) -> set[str]:
    """Names of the types that a type mentions itself."""
    parts: list[Type] = []
    match named:
        case StructType(fields=fields):
            parts = [field.type for field in fields]
        case UnionType(branches=branches):
            parts = [branch.type for branch in branches]
        case AliasType(type=inner):
            parts = [inner]
        case EnumType():
            pass
    return {name for part in parts for name in references(part)}


def _moved(named: NamedType) -> NamedType:
    return named if isinstance(named, EnumType) else replace(named, module="events")
