"""The catalog: from each wire name to the generated object."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from wirewright.model.api import Api, Method
from wirewright.model.modules import pushed_names
from wirewright.model.types import Ref, StructType
from wirewright.render.context import Context
from wirewright.render.module import render_text
from wirewright.render.python import literal


def render_catalog(context: Context) -> dict[str, str]:
    api = context.api
    methods = list(_methods(api))
    calls = [(method.http, _request(method)) for method in api.methods if method.http]
    streams = [
        (pattern, f"streams.{stream.name}") for stream in api.streams for pattern in stream.patterns or (stream.name,)
    ]
    body = context.templates.render(
        "catalog.py.jinja",
        methods=_entries(methods),
        calls=_entries(calls),
        streams=_entries(streams),
        events=_entries(_events(api)),
    )
    doc = f"Everything that the specs of {context.title} name, from its wire name to the generated object."
    return {"catalog.py": render_text(context, doc, body, [api.origin.file])}


def _methods(api: Api) -> Iterator[tuple[str, str]]:
    """Requests by their wire name. Where several have the same one, the others are found by the names of their functions."""
    seen = set[str]()
    for method in (one for one in api.methods if not one.http):
        yield method.name if method.wire in seen else method.wire, _request(method)
        seen.add(method.wire)


def _events(api: Api) -> list[tuple[str, str]]:
    """Events by their type on the wire. One that tells none is found by its stream."""
    pushed = pushed_names(api)
    tags = {event.type.name: event.tags for event in api.events if isinstance(event.type, Ref)}
    structs = [named for named in api.types if isinstance(named, StructType) and named.name in pushed]
    return [
        (str(tag), f"{struct.module}.{struct.name}")
        for struct in structs
        for tag in tags.get(struct.name) or (struct.tag.values if struct.tag else ())
    ]


def _request(method: Method) -> str:
    return f"requests.{method.variants[0].name}"


def _entries(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The first of each name, quoted."""
    first: dict[str, str] = {}
    for name, text in pairs:
        first.setdefault(name, text)
    return [(literal(name), text) for name, text in first.items()]
