"""The catalog: from each wire name to the generated object."""

from __future__ import annotations

from collections.abc import Iterable

from wirewright.model.api import Api
from wirewright.model.types import AliasType, Ref, StructType
from wirewright.render.context import Context
from wirewright.render.models import is_event_class, pushed_names
from wirewright.render.module import render_text
from wirewright.render.python import literal


def render_catalog(context: Context) -> dict[str, str]:
    api = context.api
    methods = [(method.wire, f"requests.{method.variants[0].name}") for method in api.methods]
    streams = [
        (pattern, f"streams.{stream.name}") for stream in api.streams for pattern in stream.patterns or (stream.name,)
    ]
    body = context.templates.render(
        "catalog.py.jinja",
        methods=_entries(methods),
        streams=_entries(streams),
        events=_entries(_events(api)),
    )
    doc = f"Everything that the specs of {context.title} name, from its wire name to the generated object."
    return {"catalog.py": render_text(context, doc, body, [api.origin.file])}


def _events(api: Api) -> list[tuple[str, str]]:
    """Events by their type on the wire, or by their own name where they tell none."""
    pushed = pushed_names(api)
    tags = {event.type.name: event.tags for event in api.events if isinstance(event.type, Ref)}
    return [
        (str(tag), f"{named.module}.{named.name}")
        for named in api.types
        if isinstance(named, StructType | AliasType) and named.name in pushed and is_event_class(named)
        for tag in tags.get(named.name)
        or (named.tag.values if isinstance(named, StructType) and named.tag else (named.name,))
    ]


def _entries(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The first of each name, quoted."""
    first: dict[str, str] = {}
    for name, text in pairs:
        first.setdefault(name, text)
    return [(literal(name), text) for name, text in first.items()]
