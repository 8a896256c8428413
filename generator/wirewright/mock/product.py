"""A model as the runtime takes it: its `Product`, and its requests as classes, without generating anything."""

from __future__ import annotations

from ast import literal_eval
from collections.abc import Mapping
from operator import attrgetter
from typing import Any, cast

import msgspec

import wirewright_runtime as runtime
from wirewright.model.api import Api, Method
from wirewright.render.client import product_values
from wirewright.render.context import Context
from wirewright.render.environment import Templates
from wirewright.render.python import Call, Code
from wirewright.render.requests import request_spec

_ONLY_FOR_CLIENTS = {"events"}
_UNCHECKED = {"rules", "failure"}


def product_of(api: Api) -> runtime.Product:
    """What a generated client would know of the API."""
    given = product_values(_context(api))
    return runtime.Product(**{name: _real(given[name]) for name in given if name not in _ONLY_FOR_CLIENTS})


def requests_of(api: Api) -> dict[str, type[runtime.Request[object]]]:
    """A request class for each method, by wire name: what it does and which parameters it has."""
    context = _context(api)
    return {method.wire: _request(context, method) for method in api.methods}


def _context(api: Api) -> Context:
    return Context(api, api.name, Templates(None))


def _request(context: Context, method: Method) -> type[runtime.Request[object]]:
    known = {name: part for name, part in request_spec(context, method).keywords.items() if name not in _UNCHECKED}
    parameters = [
        (one.name, object, msgspec.field(name=one.wire or None, default=None))
        for one in method.parameters
        if not one.name.startswith("_")
    ]
    made = msgspec.defstruct(
        method.variants[0].name,
        parameters,
        bases=(runtime.Request,),
        namespace={"method": method.wire, "weight": method.weight.base, "spec": runtime.RequestSpec(**_real(known))},
        frozen=True,
        kw_only=True,
    )
    return cast("type[runtime.Request[object]]", made)


def _real(value: object) -> Any:
    """The runtime's value that generated code would make."""
    match value:
        case Code() if value.replace(".", "").isidentifier():
            return attrgetter(value)(runtime)
        case Code():
            return literal_eval(value)
        case Call(name, positional, keywords):
            return getattr(runtime, name)(*map(_real, positional), **_real(keywords))
        case tuple():
            return tuple(_real(item) for item in cast("tuple[object, ...]", value))
        case Mapping():
            return {key: _real(item) for key, item in cast("Mapping[object, object]", value).items()}
        case _:
            return value
