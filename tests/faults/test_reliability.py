"""`docs/reliability.md` says what the tests here prove, no more and no less."""

from __future__ import annotations

from reliability import PAGE, proofs, rows, written


def test_the_page_names_every_fault_and_every_test() -> None:
    text = PAGE.read_text()
    assert list(rows(text)) == [*map(str, range(1, 91)), *(f"U{number}" for number in range(1, 26))]
    assert set(proofs()) <= set(rows(text)), "a test has a number that is not in the catalogue"
    assert text == written(text), "run: python tests/faults/reliability.py"


def test_what_is_open_says_why() -> None:
    unexplained = [number for number, tests in rows(PAGE.read_text()).items() if tests in ("open", "open:", "")]
    assert not unexplained, f"write `open: <why>` into the rows {unexplained}, or a test"
