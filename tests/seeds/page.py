"""Writes `docs/coverage.md`: what the exchange has and what answers it, product by product. `make coverage` runs this."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from seeds.table import PRODUCTS, Row, of

PAGE = Path(__file__).resolve().parents[2] / "docs" / "coverage.md"
SEEDS = {
    "000": "Spot streams of a Go connector",
    "001": "USD-M user data streams of a Go connector",
    "002": "AsyncAPI document of the Spot WebSocket API",
    "003": "WebSocket API client of a TypeScript SDK",
    "004": "Spot user data streams, the exchange's page of 2021",
}
HEAD = """\
# Coverage

Everything that the exchange documents, and every name in the five documents that this project began with, with the object
that answers it. Made by `make coverage` from the catalogs of the generated packages and `tests/seeds/names.csv`; a test
imports every object that stands here.
"""


def page() -> str:
    return "\n".join([HEAD, *(part for product in PRODUCTS for part in _product(product))]).rstrip() + "\n"


def _product(product: str) -> Iterator[str]:
    catalog = import_module(f"binance_wire.{product}.catalog")
    yield f"## {PRODUCTS[product]}\n"
    yield f"`binance_wire.{product}.catalog` has {len(catalog.METHODS)} methods, {len(catalog.CALLS)} calls over HTTP,"
    yield f"{len(catalog.STREAMS)} streams and {len(catalog.EVENTS)} events.\n"
    yield "### Methods\n"
    yield from _table(("Method", "`client.api`", "Request", "Result", "Weight", "Security"), _methods(product, catalog))
    yield "### Streams\n"
    yield from _table(("Stream", "`streams`", "Event"), _streams(catalog))
    yield "### Events\n"
    yield from _table(("Type", "`events`"), ((tag, event.__name__) for tag, event in catalog.EVENTS.items()))
    listed = list(of(product))
    for seed, title in SEEDS.items():
        names = [row for row in listed if row.seed == seed]
        if names:
            yield f"### Names in {seed}: {title}\n"
            yield from _table(("What", "Name", "Answered by", "Note"), (_named(row) for row in names))


def _methods(product: str, catalog: Any) -> Iterator[tuple[str, ...]]:
    from wirewright.model.naming import METHOD_NAMES, snake

    api = import_module(f"binance_wire.{product}.api").Api
    for wire, request in catalog.METHODS.items():
        name = snake(wire, METHOD_NAMES)
        assert hasattr(api, name), name
        yield wire, name, request.__name__, _spelled(request.result), str(request.weight), request.security.name
    for wire, request in catalog.CALLS.items():
        name = snake(request.method, METHOD_NAMES)
        yield (
            wire,
            name if hasattr(api, name) else "",
            request.__name__,
            _spelled(request.result),
            str(request.weight),
            request.security.name,
        )


def _streams(catalog: Any) -> Iterator[tuple[str, ...]]:
    for pattern, stream in catalog.STREAMS.items():
        yield pattern, stream.__name__, _spelled(stream.event)


def _spelled(type_: Any) -> str:
    """A type without its modules."""
    name = getattr(type_, "__name__", "")
    return re.sub(r"\b[\w.]+\.(?=\w)", "", str(type_)) if "[" in str(type_) or not name else name


def _named(row: Row) -> tuple[str, ...]:
    gone = "" if row.status == "live" else f"{row.status} at the exchange"
    note = "; ".join(part for part in (gone, row.note) if part)
    return row.kind.replace("_", " "), row.name, row.answer.removeprefix("binance_wire."), note


def _table(head: tuple[str, ...], lines: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"| {' | '.join('---' for _ in head)} |"
    for line in lines:
        yield f"| {' | '.join(_cell(text, head[index]) for index, text in enumerate(line))} |"
    yield ""


def _cell(text: str, column: str) -> str:
    if column in ("What", "Note", "Weight", "Security") or not text:
        return text.replace("|", "\\|")
    return f"`{text}`".replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
