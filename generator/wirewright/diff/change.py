"""A difference, told once: where, what, why, who uses it, and which generated names it touches."""

from __future__ import annotations

from dataclasses import dataclass

from wirewright.diff.rules import Direction, Level, Rule
from wirewright.model.types import Origin


@dataclass(frozen=True)
class Change:
    """A difference with everything that is known of it."""

    level: Level
    rule: Rule
    directions: tuple[Direction, ...]
    subject: str
    what: str
    why: str
    was: Origin | None
    now: Origin | None
    uses: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()
    product: str = ""
    also: tuple[Origin, ...] = ()  # other places where the same is told

    @property
    def where(self) -> Origin:
        return self.now or self.was or Origin("")
