"""docs/diff-rules.md is what the rules say."""

from __future__ import annotations

from pathlib import Path

from wirewright.diff.page import render_page

PAGE = Path(__file__).parents[3] / "docs/diff-rules.md"


def test_the_page_is_made_from_the_rules() -> None:
    assert PAGE.read_text(encoding="utf-8") == render_page(), "run `make generate`"
