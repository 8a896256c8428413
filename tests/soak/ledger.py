"""Who was promised what, and what came: the counts in which a soak ends."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field

from wirewright_runtime import Gap


@dataclass
class Reading:
    """What one reader of a numbered stream saw."""

    name: str
    last: int | None = None
    gap: bool = False
    heard_at: float = 0.0


@dataclass
class Ledger:
    """Counts of broken promises, with a few words about the first of each kind."""

    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    recent: deque[str] = field(default_factory=lambda: deque(maxlen=6))
    """What went wrong lately."""
    frames: int = 0
    reconnects: int = 0
    requests: int = 0

    def blame(self, kind: str, why: str, count: int = 1) -> None:
        """A promise was broken."""
        self.counts[kind] += count
        self.examples.setdefault(kind, f"{why}; before: {', '.join(self.recent)}")

    def saw(self, reading: Reading, number: int, now: float) -> None:
        """A numbered event was read. A hole needs a gap before it, and nothing comes twice."""
        self.frames += 1
        last = reading.last
        if last is not None and number <= last:
            self.blame("duplicated", f"{reading.name}: {number} after {last}")
        elif last is not None and number > last + 1 and not reading.gap:
            self.blame("lost", f"{reading.name}: {number} after {last}, and no gap", number - last - 1)
        reading.last = max(number, last or 0)
        reading.gap, reading.heard_at = False, now

    def met(self, reading: Reading, _: Gap | Exception, now: float) -> None:
        """A gap or an error stands here: what is missing was told."""
        reading.gap, reading.heard_at = True, now

    def told(self, order: str, outcome: str, executed: bool) -> None:
        """What a caller was told of an order, and what the exchange knows of it."""
        self.requests += 1
        if (outcome in ("accepted", "found") and not executed) or (outcome in ("not_sent", "rejected") and executed):
            self.blame("silent", f"{order}: told {outcome}, and it was{'' if executed else ' not'} executed")

    def line(self) -> str:
        """The end of a soak."""
        kinds = ("lost", "duplicated", "double sends", "silent", "leaked")
        return ", ".join(f"{kind} {self.counts[kind]}" for kind in kinds)
