"""Problems as a user reads them."""

from __future__ import annotations

from wirewright.load import Loaded


def told(loaded: Loaded) -> list[str]:
    """Those that stop the work."""
    return [str(problem) for problem in loaded.problems if not problem.warning]


def warned(loaded: Loaded) -> list[str]:
    return [str(problem) for problem in loaded.problems if problem.warning]
