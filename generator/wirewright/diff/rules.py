"""The rules of `rules.yaml`: what a difference means for what a client sends, and for what it receives."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum
from importlib.resources import files

import yaml


class Level(IntEnum):
    """How much a difference matters, from nothing to a client that stops working."""

    DOCS = 0
    COMPATIBLE = 1
    RISKY = 2
    BREAKING = 3

    @property
    def word(self) -> str:
        return self.name.lower()


class Direction(Enum):
    SENT = "sent"
    RECEIVED = "received"


@dataclass(frozen=True)
class Rule:
    """One kind of difference.

    Args:
        sent: What it means for what the client sends; of the frame around the messages there is only this.
        received: What it means for what the client receives.
        why: Why it is of that class, when sent; `why_received` when received, where that is another reason.
    """

    id: str
    what: str
    sent: Level
    received: Level
    why: str
    why_received: str = ""

    def level(self, direction: Direction) -> Level:
        return self.sent if direction is Direction.SENT else self.received

    def reason(self, direction: Direction) -> str:
        return self.why_received if direction is Direction.RECEIVED and self.why_received else self.why


def _rule(name: str, row: dict[str, str]) -> Rule:
    sent, received = (Level[row.get("level", row.get(way.value, "")).upper()] for way in Direction)
    return Rule(name, row["what"], sent, received, row["why"], row.get("why_received", ""))


_DATA: dict[str, dict[str, dict[str, str]]] = yaml.load(
    files("wirewright.diff").joinpath("rules.yaml").read_text(encoding="utf-8"),
    getattr(yaml, "CSafeLoader", yaml.SafeLoader),
)
GROUPS = {title: tuple(_rule(name, row) for name, row in rows.items()) for title, rows in _DATA.items()}
SCHEMA = GROUPS["Schemas"]
RULES = {rule.id: rule for rules in GROUPS.values() for rule in rules}
