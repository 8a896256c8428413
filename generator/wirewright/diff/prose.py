"""Titles, descriptions and examples: one line for each endpoint or type in which nothing else changed but words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal

from wirewright.diff.place import Place
from wirewright.diff.rules import Direction
from wirewright.diff.words import values_words
from wirewright.model.api import Api, Event, Example, Message, Method, Parameter, Stream
from wirewright.model.types import EnumType, Field, NamedType, StructType

Endpoint = Method | Stream | Event | Message
_WORDS = (("title", "title"), ("doc", "description"))


def tell_prose(old: Endpoint, new: Endpoint, at: Place, without: str = "") -> None:
    """Args: without: a part that is told elsewhere."""
    parts = [part for part in _texts(old, new) if part != without]
    parts += _described(getattr(old, "parameters", ()), getattr(new, "parameters", ()))
    if _examples(old.examples) != _examples(new.examples):
        parts.append("examples")
    _tell(parts, at)


def tell_deprecation(old: Method | Stream, new: Method | Stream, at: Place) -> None:
    if bool(old.deprecated) != bool(new.deprecated):
        at.tell("deprecated" if new.deprecated else "undeprecated", new.deprecated)


def tell_prose_of_parts(old: Api, new: Api, at: Place) -> None:
    """What a document and its parts that are no endpoints say of themselves."""
    parts = [word for key, word in (*_WORDS, ("version", "version")) if _differ(old, new, key)]
    if (old.title, new.title) == (old.name, new.name) and "title" in parts:
        parts.remove("title")  # it has none: the file lends its name
    _tell(parts, replace(at, subject=new.title or new.name))
    servers = {one.name: one for one in old.servers}
    for one in new.servers:
        if one.name in servers and _differ(servers[one.name], one, "doc"):
            was = servers[one.name].origin
            _tell(["description"], replace(at, subject=f"server {one.name}", was=was, now=one.origin))
    schemes = {one.name: one for one in old.security}
    names = [one.name for one in new.security if one.name in schemes and _differ(schemes[one.name], one, "doc")]
    _tell(_listed(names), replace(at, subject="security schemes"))
    errors = {one.code: one for one in old.errors}
    codes = [one for one in new.errors if one.code in errors and _differ(errors[one.code], one, "doc")]
    if codes:
        was, now = errors[codes[0].code].origin, codes[0].origin
        place = replace(at, direction=Direction.RECEIVED, subject="error codes", was=was, now=now)
        _tell(_listed([str(one.code) for one in codes]), place)


def tell_prose_of_types(old: NamedType, new: NamedType, at: Place) -> None:
    parts = ["description"] if _plain(old.doc) != _plain(new.doc) else []
    if isinstance(old, StructType) and isinstance(new, StructType):
        parts += _described(old.fields, new.fields)
    elif isinstance(old, EnumType) and isinstance(new, EnumType):
        docs = {one.wire: one.doc for one in old.values}
        parts += _listed(
            [str(one.wire) for one in new.values if _plain(docs.get(one.wire, one.doc)) != _plain(one.doc)]
        )
    _tell(parts, at)


def _texts(old: Endpoint, new: Endpoint) -> Iterator[str]:
    for key, word in (*_WORDS, ("data_source", "data source"), ("since", "since")):
        if _differ(old, new, key):
            yield word


def _differ(old: object, new: object, key: str) -> bool:
    return _plain(getattr(old, key, "")) != _plain(getattr(new, key, ""))


def _described(old: Iterable[Parameter | Field], new: Iterable[Parameter | Field]) -> list[str]:
    known = {one.wire: one for one in old}
    return _listed(
        [
            one.wire
            for one in new
            if one.wire in known and any(_differ(known[one.wire], one, key) for key in ("doc", "when"))
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


def _tell(parts: list[str], at: Place) -> None:
    if parts:
        replace(at, symbols=()).tell("docs-changed", ", ".join(parts))
