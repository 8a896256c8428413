"""Writes into `docs/reliability.md` which tests prove which promise: `python tests/faults/page.py`.

A promise is proved by the tests in this folder whose names begin with its number (`test_f03_...`). A row without one
says `open: ` and why.
"""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "reliability.md"
_ROW = re.compile(r"^\| (\d+) \| (.+) \| (.*) \| (.*) \|$", re.MULTILINE)


def proofs() -> dict[int, list[str]]:
    """Tests by the number of their fault, as `file::test`."""
    found: dict[int, list[str]] = defaultdict(list)
    for file in sorted(HERE.glob("test_*.py")):
        for test, number in re.findall(r"^def (test_f(\d+)_\w+)", file.read_text(), re.MULTILINE):
            found[int(number)].append(f"{file.stem}::{test}")
    return found


def rows(text: str) -> dict[int, tuple[str, str, str]]:
    """Promise, bound and tests of each number on the page."""
    return {int(number): (promise, bound, tests) for number, promise, bound, tests in _ROW.findall(text)}


def written(text: str) -> str:
    """The page with the tests that exist now."""
    known = proofs()

    def row(match: re.Match[str]) -> str:
        number, promise, bound, tests = match.groups()
        names = ", ".join(f"`{test}`" for test in known[int(number)])
        why = tests if tests.startswith("open: ") else "open: no test of its number yet"
        return f"| {number} | {promise} | {bound} | {names or why} |"

    text = _ROW.sub(row, text)
    proved = sum(1 for _, _, tests in rows(text).values() if not tests.startswith("open"))
    return re.sub(r"\*\*\d+ of \d+\*\*", f"**{proved} of {len(rows(text))}**", text)


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text()))
