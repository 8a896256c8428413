"""Pages that somebody damaged: an import ends in tables or in a list of problems, and a second one finds nothing to do."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest
from page_texts import BOOK, OTHER, STREAM, TOY

from wirewright.pages import Order, import_pages
from wirewright.write.files import stage_texts

ENDS = ("```", "<table>", "</td>", "\x00", "**", "{", "}", "|", "`", ":", "#", "...", "\u202e", "—")
BEGINS = ("### ", "**Weight:** ", "| --- |", "- ", "> ", "    ", "```json", "**Parameters:**", "<tr><td>")


def damaged(text: str, chance: random.Random) -> str:
    """The text with some lines lost, doubled, cut, moved, or with signs that mean something."""
    lines = text.split("\n")
    for _ in range(chance.randint(1, 20)):
        at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
        match chance.randrange(7):
            case 0 if len(lines) > 1:
                del lines[at]
            case 1:
                lines.insert(at, lines[other])
            case 2:
                lines[at] = lines[at][: chance.randrange(len(lines[at]) + 1)]
            case 3:
                lines[at], lines[other] = lines[other], lines[at]
            case 4:
                lines[at] = lines[at].replace('"', "“", 1).replace("|", "", 1)
            case 5:
                lines[at] += chance.choice(ENDS)
            case _:
                lines[at] = chance.choice(BEGINS) + lines[at]
    return "\n".join(lines)


@pytest.mark.parametrize("seed", range(30))
def test_a_damaged_page(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    page, folder = tmp_path / "page.md", tmp_path / "toy"
    page.write_text(damaged(BOOK + OTHER + STREAM, chance), encoding="utf-8")
    if seed % 2:
        shutil.copytree(TOY, folder)
    report = import_pages(Order((page,), folder, prune=seed % 3 == 0))
    if report.problems:
        assert not report.texts
        return
    stage_texts(folder, report.texts)
    assert import_pages(Order((page,), folder)).texts == {}
