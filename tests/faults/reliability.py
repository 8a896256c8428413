"""Writes into `docs/reliability.md` which tests prove which promise: `python tests/faults/reliability.py`.

A promise is proved by the tests in this folder whose names begin with its number: `test_f03_...` of fault 3, `test_u10_...`
of thread U10. A row without one says `open: ` and why.
"""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "reliability.md"
_ROW = re.compile(r"^\| (U?\d+) \| (.+) \| (.*) \| (.*) \|$", re.MULTILINE)
_TEST = re.compile(r"^(?:async )?def (test_([fu])(\d+)_\w+)", re.MULTILINE)


def proofs() -> dict[str, list[str]]:
    """Tests by the number of their fault or thread, as `file::test`."""
    found: dict[str, list[str]] = defaultdict(list)
    for file in sorted(HERE.glob("test_*.py")):
        for test, kind, number in _TEST.findall(file.read_text()):
            found[f"{'U' if kind == 'u' else ''}{int(number)}"].append(f"{file.stem}::{test}")
    return found


def rows(text: str) -> dict[str, str]:
    """The tests of each number on the page, as they stand there."""
    return {number: tests for number, _, _, tests in _ROW.findall(text)}


def written(text: str) -> str:
    """The page with the tests that exist now."""
    known = proofs()

    def row(match: re.Match[str]) -> str:
        number, promise, bound, tests = match.groups()
        names = ", ".join(f"`{test}`" for test in known[number])
        why = tests if tests.startswith("open: ") else "open: no test of its number yet"
        return f"| {number} | {promise} | {bound} | {names or why} |"

    text = _ROW.sub(row, text)
    faults = {number: tests for number, tests in rows(text).items() if number.isdigit()}
    proved = sum(1 for tests in faults.values() if not tests.startswith("open"))
    return re.sub(r"\*\*\d+ of \d+\*\*", f"**{proved} of {len(faults)}**", text)


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text()))
