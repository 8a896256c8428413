"""A difference, told once: where, what, why, who uses it, and which generated names it touches."""

from __future__ import annotations

from dataclasses import dataclass

from wirewright.diff.rules import RULES, Direction, Level, Rule
from wirewright.model.types import Origin


@dataclass(frozen=True)
class Finding:
    """A difference of one place, before anybody knows who uses the place.

    Args:
        subject: What is different: "`price` of PlacedOrder".
        was, now: Where it was, and where it is; None where it is not.
        symbols: Generated names that it touches, without the package: "models.PlacedOrder.price".
    """

    rule: Rule
    direction: Direction
    subject: str
    what: str
    was: Origin | None = None
    now: Origin | None = None
    symbols: tuple[str, ...] = ()


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


def rule(name: str) -> Rule:
    return RULES[name]


def came_or_went(
    name: str, direction: Direction, subject: str, is_gone: bool, where: Origin, symbols: tuple[str, ...] = ()
) -> Finding:
    """What is in one of the two models only."""
    word = "removed" if is_gone else "added"
    was, now = (where, None) if is_gone else (None, where)
    return Finding(rule(name), direction, subject, word, was, now, symbols)
