"""Titles, descriptions and examples: one line for each endpoint or type in which nothing else changed but words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from decimal import Decimal

from wirewright.diff.change import Finding, rule
from wirewright.diff.rules import Direction
from wirewright.diff.words import values_words
from wirewright.model.api import Event, Example, Message, Method, Parameter, Stream
from wirewright.model.types import EnumType, Field, NamedType, Origin, StructType

Endpoint = Method | Stream | Event | Message


def prose_of_endpoints(
    old: Endpoint, new: Endpoint, subject: str, direction: Direction, without: str = ""
) -> Iterator[Finding]:
    """Args: without: a part that is told elsewhere."""
    parts = [part for part in _texts(old, new) if part != without]
    parts += _described(getattr(old, "parameters", ()), getattr(new, "parameters", ()))
    if _examples(old.examples) != _examples(new.examples):
        parts.append("examples")
    yield from _told(parts, subject, direction, old.origin, new.origin)


def prose_of_types(old: NamedType, new: NamedType, direction: Direction) -> Iterator[Finding]:
    parts = ["description"] if _plain(old.doc) != _plain(new.doc) else []
    if isinstance(old, StructType) and isinstance(new, StructType):
        parts += _described(old.fields, new.fields)
    elif isinstance(old, EnumType) and isinstance(new, EnumType):
        docs = {one.wire: one.doc for one in old.values}
        parts += _listed(
            [str(one.wire) for one in new.values if _plain(docs.get(one.wire, one.doc)) != _plain(one.doc)]
        )
    yield from _told(parts, new.name, direction, old.origin, new.origin)


def _texts(old: Endpoint, new: Endpoint) -> Iterator[str]:
    for key, word in (("title", "title"), ("doc", "description"), ("data_source", "data source"), ("since", "since")):
        if _plain(getattr(old, key, "")) != _plain(getattr(new, key, "")):
            yield word


def _described(old: Iterable[Parameter | Field], new: Iterable[Parameter | Field]) -> list[str]:
    docs = {one.wire: (one.doc, getattr(one, "when", "")) for one in old}
    return _listed(
        [
            one.wire
            for one in new
            if list(map(_plain, docs.get(one.wire, (one.doc, getattr(one, "when", "")))))
            != [_plain(one.doc), _plain(getattr(one, "when", ""))]
        ]
    )


def _listed(names: list[str]) -> list[str]:
    return [f"description of {values_words(names)}"] if names else []


def _examples(listed: Iterable[Example]) -> list[object]:
    """The data of the examples: how a number or a string is written is no difference."""
    return [json.loads(one.json, parse_float=Decimal) for one in listed]


def _plain(text: str) -> str:
    """Text without the line breaks that somebody moved."""
    return " ".join(text.split())


def _told(parts: list[str], subject: str, direction: Direction, was: Origin, now: Origin) -> Iterator[Finding]:
    if parts:
        yield Finding(rule("docs-changed"), direction, subject, ", ".join(parts), was, now)
