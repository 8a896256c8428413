"""What can be wrong with a spec, and how it is told.

Stations return what they made together with the problems they saw, so that one run tells them all.
"""

from __future__ import annotations

from dataclasses import dataclass

from wirewright.model.types import Origin


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong: where, what, and what would be right. A warning never stops the work."""

    origin: Origin
    what: str
    right: str = ""
    warning: bool = False
    also: Origin | None = None  # the other place, of a contradiction
    id: str = ""  # by which an erratum accepts it

    def __str__(self) -> str:
        kind = "warning: " if self.warning else ""
        other = f" (also {self.also})" if self.also else ""
        right = f"; {self.right}" if self.right else ""
        return f"{self.origin}: {kind}{self.what}{other}{right}"


class SpecError(Exception):
    """A spec that cannot be turned into a client. Carries every problem that was found."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems
