"""What an import did, left out, did not understand, and asks."""

from __future__ import annotations

from dataclasses import dataclass, field

from wirewright.errors import Problem
from wirewright.load.endpoints.endpoint import Aside
from wirewright.model.types import Origin

SIGNS = {"added": "+", "changed": "~", "gone": "-", "differs": "?"}


@dataclass(frozen=True)
class Change:
    """One thing that a page says and the tables did not: `added`, `changed`, `gone`, or `differs` (left to a person)."""

    kind: str
    what: str
    page: Origin
    table: Origin | None = None


@dataclass(frozen=True)
class PageReport:
    """How much of one page was understood."""

    file: str
    lines: int
    counts: dict[str, int]
    aside: tuple[Aside, ...]
    not_understood: tuple[Problem, ...]
    liberties: tuple[Problem, ...] = ()  # where the page's own examples are not quite JSON

    @property
    def lost(self) -> int:
        """Lines that were not understood."""
        return len({(one.origin.line) for one in self.not_understood})


@dataclass
class Report:
    pages: list[PageReport] = field(default_factory=list[PageReport])
    changes: list[Change] = field(default_factory=list[Change])
    questions: list[Problem] = field(default_factory=list[Problem])
    texts: dict[str, str] = field(default_factory=dict[str, str])  # path -> new text
    problems: list[Problem] = field(default_factory=list[Problem])  # why nothing could be done

    def tell(self, kind: str, what: str, page: Origin, table: Origin | None = None) -> None:
        change = Change(kind, what, page, table)
        if change not in self.changes:
            self.changes.append(change)
