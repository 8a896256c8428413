"""A model for human eyes, or as JSON: what `wirewright inspect` prints."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from wirewright.load import Loaded
    from wirewright.model.api import Api

Rows = list[tuple[str, ...]]

SOURCE_KINDS = ("message", "operation", "row", "option")  # what a source names that makes no endpoint by itself


def plain(value: object) -> object:
    """A part of the model as JSON data; what a dataclass is stands under `is`."""
    if is_dataclass(value) and not isinstance(value, type):
        return {"is": type(value).__name__} | {item.name: plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [plain(item) for item in cast("tuple[object, ...]", value)]
    return value


def tables(loaded: Loaded) -> Iterator[tuple[str, Rows]]:
    """Everything that a spec names, by kind."""
    if loaded.api is not None:
        yield f"{loaded.api.title} ({loaded.api.origin})", []
        yield from ((f"{title}: {len(rows)}", rows) for title, rows in _of_api(loaded.api) if rows)
    for kind in SOURCE_KINDS:
        rows: Rows = [(one.name, one.wire, one.section, str(one.origin)) for one in loaded.entries if one.kind == kind]
        if rows:
            yield f"{kind}s of the source: {len(rows)}", rows
    if loaded.unread:
        yield f"not understood: {len(loaded.unread)}", [(str(origin),) for origin in loaded.unread]


def _of_api(api: Api) -> Iterator[tuple[str, Rows]]:
    """Each endpoint: what it is called on the wire and in Python, what it gives, and where it is described."""
    from wirewright.render.annotations import Annotations

    spell = Annotations(api.types).received
    yield "servers", [(server.name, " ".join(address for _, address in server.addresses)) for server in api.servers]
    yield (
        "methods",
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
    yield "messages", [(m.name, spell(m.type), m.socket, str(m.origin)) for m in api.messages]
    yield "streams", [(" ".join(s.patterns) or s.socket, s.name, spell(s.event), str(s.origin)) for s in api.streams]
    yield "events", [(" ".join(e.tags), e.name, spell(e.type), str(e.origin)) for e in api.events]
    yield "types", [(named.name, type(named).__name__, str(named.origin)) for named in api.types]
