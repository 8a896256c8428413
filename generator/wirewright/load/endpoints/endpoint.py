"""What a table says of one thing, in the table's words. `load/merge` turns it into the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from itertools import chain

from wirewright.errors import Problem
from wirewright.load.markdown import Block
from wirewright.load.node import Node
from wirewright.model.types import Origin


@dataclass(frozen=True)
class Said:
    """A word of the table and where it stands."""

    text: str
    origin: Origin


@dataclass(frozen=True)
class Row:
    """A row by its columns' names; `merged` tells which cells are one with others."""

    cells: Mapping[str, Said]
    origin: Origin
    merged: Mapping[str, int] = field(default_factory=dict[str, int])

    @property
    def wire(self) -> str:
        """The name of a parameter."""
        return self.text("name", "parameter").strip("`* ")

    def text(self, *columns: str) -> str:
        return next((self.cells[one].text for one in columns if one in self.cells), "")

    def where(self, column: str) -> Origin:
        return self.cells[column].origin if column in self.cells else self.origin


@dataclass(frozen=True, eq=False)
class Sample:
    """An example: what was said just before it, and its data."""

    label: str
    node: Node


@dataclass(frozen=True)
class Endpoint:
    """A method, a stream, an event, a call over HTTP, or the description of a type."""

    kind: str
    title: str
    origin: Origin
    wire: str = ""
    section: str = ""
    doc: str = ""
    labels: Mapping[str, Said] = field(default_factory=dict[str, Said])
    request: Node | None = None
    samples: tuple[Sample, ...] = ()
    parameters: tuple[Row, ...] = ()
    conditions: tuple[Row, ...] = ()
    helpers: tuple[Row, ...] = ()
    variants: tuple[Row, ...] = ()
    fields: tuple[Row, ...] = ()
    weights: tuple[Row, ...] = ()
    values: tuple[Row, ...] = ()  # (name, the values that a table lists for it)
    notes: tuple[Said, ...] = ()
    last_line: int = 0
    from_page: bool = False  # read from a page of the exchange: types have no names there

    @property
    def known_as(self) -> str:
        """How people are told of it."""
        return self.wire if self.kind in ("method", "call") else self.title

    def label(self, name: str) -> str:
        said = self.labels.get(name)
        return said.text if said is not None else ""

    def where(self, name: str) -> Origin:
        said = self.labels.get(name)
        return said.origin if said is not None else self.origin


@dataclass(frozen=True)
class Listing:
    """The values of an enumeration, as a page lists them: under a heading that may name wire keys."""

    title: str
    keys: tuple[str, ...]
    values: tuple[Said, ...]
    docs: tuple[str, ...]  # what is said of each value
    origin: Origin


@dataclass(frozen=True)
class Aside:
    """A section of a page that describes no endpoint."""

    title: str
    origin: Origin
    last_line: int
    doubtful: bool = False  # it has the tables or the examples of an endpoint
    structures: tuple[Node, ...] = ()  # objects that it shows, told apart by a key like `filterType`


@dataclass(frozen=True)
class Tables:
    """Everything that Markdown files say."""

    endpoints: tuple[Endpoint, ...] = ()
    errors: tuple[Row, ...] = ()
    messages: tuple[tuple[tuple[str, ...], Row], ...] = ()  # (codes, row)
    glossary: tuple[Row, ...] = ()
    signatures: tuple[Row, ...] = ()
    listings: tuple[Listing, ...] = ()
    aside: tuple[Aside, ...] = ()
    layouts: tuple[str, ...] = ()
    unread: tuple[Block, ...] = ()
    problems: tuple[Problem, ...] = ()


def together(many: list[Tables]) -> Tables:
    parts = ([getattr(tables, one.name) for tables in many] for one in fields(Tables))
    all_tables = Tables(*(tuple(chain.from_iterable(part)) for part in parts))
    return replace(all_tables, layouts=tuple(dict.fromkeys(all_tables.layouts)))
