"""Titles, descriptions and examples: one line for each endpoint or type in which nothing else changed but words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from decimal import Decimal

from wirewright.diff.change import Finding, rule
from wirewright.diff.rules import Direction
from wirewright.diff.words import values_words
from wirewright.model.api import Api, Event, Example, Message, Method, Parameter, Stream
from wirewright.model.types import EnumType, Field, NamedType, Origin, StructType

Endpoint = Method | Stream | Event | Message
_WORDS = (("title", "title"), ("doc", "description"))


def prose_of_endpoints(
    old: Endpoint, new: Endpoint, subject: str, direction: Direction, without: str = ""
) -> Iterator[Finding]:
    """Args: without: a part that is told elsewhere."""
    parts = [part for part in _texts(old, new) if part != without]
    parts += _described(getattr(old, "parameters", ()), getattr(new, "parameters", ()))
    if _examples(old.examples) != _examples(new.examples):
        parts.append("examples")
    yield from _told(parts, subject, direction, old.origin, new.origin)


def prose_of_parts(old: Api, new: Api) -> Iterator[Finding]:
    """What a document and its parts that are no endpoints say of themselves."""
    parts = [word for key, word in (*_WORDS, ("version", "version")) if _differ(old, new, key)]
    if (old.title, new.title) == (old.name, new.name) and "title" in parts:
        parts.remove("title")  # it has none: the file lends its name
    yield from _told(parts, new.title or new.name, Direction.SENT, old.origin, new.origin)
    servers = {one.name: one for one in old.servers}
    for one in new.servers:
        if one.name in servers and _differ(servers[one.name], one, "doc"):
            was = servers[one.name].origin
            yield from _told(["description"], f"server {one.name}", Direction.SENT, was, one.origin)
    schemes = {one.name: one for one in old.security}
    names = [one.name for one in new.security if one.name in schemes and _differ(schemes[one.name], one, "doc")]
    yield from _told(_listed(names), "security schemes", Direction.SENT, old.origin, new.origin)
    errors = {one.code: one for one in old.errors}
    codes = [one for one in new.errors if one.code in errors and _differ(errors[one.code], one, "doc")]
    if codes:
        parts = _listed([str(one.code) for one in codes])
        yield from _told(parts, "error codes", Direction.RECEIVED, errors[codes[0].code].origin, codes[0].origin)


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
    for key, word in (*_WORDS, ("data_source", "data source"), ("since", "since")):
        if _differ(old, new, key):
            yield word


def _differ(old: object, new: object, key: str) -> bool:
    return _plain(getattr(old, key, "")) != _plain(getattr(new, key, ""))


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
