"""The catalog: from each wire name to the generated object."""

from __future__ import annotations

from collections.abc import Iterable

from wirewright.model.api import Api, Method
from wirewright.model.modules import pushed_names
from wirewright.model.types import Ref, StructType
from wirewright.render.context import Context
from wirewright.render.module import render_text
from wirewright.render.python import literal


def render_catalog(context: Context) -> dict[str, str]:
    api = context.api
    methods = [(method.wire, _request(method)) for method in api.methods if not method.http]
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
