"""A model for human eyes, or as JSON: what `wirewright inspect` prints."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from wirewright.model.api import Api

Rows = list[tuple[str, ...]]


def plain(value: object) -> object:
    """A part of the model as JSON data; what a dataclass is stands under `is`."""
    if is_dataclass(value) and not isinstance(value, type):
        return {"is": type(value).__name__} | {item.name: plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [plain(item) for item in cast("tuple[object, ...]", value)]
    return value


def tables(api: Api) -> Iterator[tuple[str, Rows]]:
    """Every endpoint by kind: what it is called on the wire and in Python, and what it gives."""
    from wirewright.render.annotations import Annotations

    spell = Annotations(api.types).received
    yield f"{api.title} ({api.origin})", []
    yield (
        f"servers: {len(api.servers)}",
        [(server.name, " ".join(address for _, address in server.addresses)) for server in api.servers],
    )
    yield (
        f"methods: {len(api.methods)}",
        [
            (
                method.http or method.wire,
                method.name,
                " | ".join(dict.fromkeys(spell(variant.result) for variant in method.variants)),
                f"weight {method.weight.base}",
                method.security,
                str(method.origin),
            )
            for method in api.methods
        ],
    )
    yield f"messages: {len(api.messages)}", [(m.name, spell(m.type), m.socket, str(m.origin)) for m in api.messages]
    yield (
        f"streams: {len(api.streams)}",
        [(" ".join(s.patterns) or s.socket, s.name, spell(s.event), str(s.origin)) for s in api.streams],
    )
    yield f"events: {len(api.events)}", [(" ".join(e.tags), e.name, spell(e.type), str(e.origin)) for e in api.events]
    yield f"types: {len(api.types)}", [(named.name, type(named).__name__, str(named.origin)) for named in api.types]
