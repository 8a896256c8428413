"""What holds for the test suite itself."""

from __future__ import annotations

from collections import Counter
from pathlib import Path


def test_every_file_of_tests_has_a_name_of_its_own() -> None:
    """pytest imports test files by their bare names: two of one name keep it from starting."""
    names = Counter(path.name for path in Path(__file__).parent.rglob("test_*.py") if "cases" not in path.parts)
    twice = sorted(name for name, count in names.items() if count > 1)
    assert not twice, f"rename one of each: {', '.join(twice)}"
