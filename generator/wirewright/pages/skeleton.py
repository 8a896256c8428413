"""The AsyncAPI document of a folder that has none: what the pages tell of addresses, methods, signing and enumerations."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib.resources import files
from urllib.parse import urlsplit

from jinja2 import Environment, StrictUndefined

from wirewright.load.endpoints.endpoint import Listing, Tables
from wirewright.model.naming import cap

_ADDRESS = re.compile(r"wss://[A-Za-z0-9.:-]+(?:/[A-Za-z0-9/_-]*)?")
UNKNOWN = "wss://example.invalid"


def skeleton(title: str, pages: Sequence[tuple[str, Tables]]) -> list[str]:
    """The lines of a document with one server, its sockets, a request that names every method, and the enumerations.

    Args:
        pages: Text and content of each page.
    """
    endpoints = [one for _, tables in pages for one in tables.endpoints]
    methods = list(dict.fromkeys(one.wire for one in endpoints if one.kind == "method"))
    streams = any(one.kind == "stream" for one in endpoints)
    parameters = {row.wire for one in endpoints for row in one.parameters}
    servers = {"api": _address(pages, "method")} if methods or not streams else {}
    servers |= {"streams": _address(pages, "stream")} if streams else {}
    environment = Environment(undefined=StrictUndefined, trim_blocks=True, autoescape=False)
    environment.filters["scalar"] = _scalar
    template = files("wirewright.pages").joinpath("skeleton.yaml.jinja").read_text(encoding="utf-8")
    text = environment.from_string(template).render(
        title=title,
        servers={role: urlsplit(address) for role, address in servers.items()},
        methods=methods,
        signed="signature" in parameters,
        windowed="recvWindow" in parameters,
        enumerations={cap(one.title): one for one in _distinct(pages)},
    )
    return text.splitlines()


def _address(pages: Sequence[tuple[str, Tables]], kind: str) -> str:
    """The first address on a page that has endpoints of a kind."""
    for text, tables in pages:
        found = _ADDRESS.search(text) if any(one.kind == kind for one in tables.endpoints) else None
        if found:
            return found.group()
    return UNKNOWN


def _distinct(pages: Sequence[tuple[str, Tables]]) -> Iterator[Listing]:
    """Each enumeration once; keys that two of them have belong to neither."""
    listed: dict[str, Listing] = {}
    for _, tables in pages:
        for one in tables.listings:
            listed.setdefault(cap(one.title), one)
    owners = Counter(key for one in listed.values() for key in one.keys)
    for one in listed.values():
        yield replace(one, keys=tuple(key for key in one.keys if owners[key] == 1))


def _scalar(text: str) -> str:
    """A value as YAML has it: quoted where it could be read as something else."""
    return text if re.fullmatch(r"[A-Z][A-Z0-9_]{3,}", text) and text not in ("TRUE", "NULL", "FALSE") else f"'{text}'"
