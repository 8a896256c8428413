"""The unit of times: said once in a document, told with every field and parameter that is one."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from wirewright.load.node import Node
from wirewright.model.api import Api, Method, Parameter
from wirewright.model.types import Array, Field, Kind, NamedType, Nullable, Scalar, StructType, Type

T = TypeVar("T", Field, Parameter)
_SAID = ("millisecond", "microsecond", "unix")


def tell_time_units(api: Api, root: Node) -> Api:
    """The same API, where each time says its unit. `x-time-unit` names it, or one for each direction."""
    stated = root.get("x-time-unit")
    if stated is None:
        return api
    received, sent = (stated.text("received"), stated.text("sent")) if stated.is_map else (stated.text(), stated.text())
    return replace(
        api,
        types=tuple(_with_unit(named, received) for named in api.types),
        methods=tuple(_method(method, sent) for method in api.methods),
    )


def _with_unit(named: NamedType, unit: str) -> NamedType:
    if not isinstance(named, StructType):
        return named
    return replace(named, fields=tuple(_told(field, unit) for field in named.fields))


def _method(method: Method, unit: str) -> Method:
    return replace(method, parameters=tuple(_told(parameter, unit) for parameter in method.parameters))


def _told(one: T, unit: str) -> T:
    if not unit or not _is_time(one.type) or any(word in one.doc.lower() for word in _SAID):
        return one
    doc = one.doc.strip()
    stop = "" if not doc or doc.endswith((".", "!", "?")) else "."
    return replace(one, doc=f"{doc}{stop} Unix time in {unit}.".strip())


def _is_time(kind: Type) -> bool:
    match kind:
        case Nullable(type=inner) | Array(item=inner):
            return _is_time(inner)
        case _:
            return kind == Scalar(Kind.TIME)
