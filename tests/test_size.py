"""How large the parts of the house are: what `docs/architecture.md` says, and no more."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HOMES = {"runtime": ROOT / "runtime" / "wirewright_runtime", "generator": ROOT / "generator" / "wirewright"}
_ROW = re.compile(r"^\| (runtime|generator): ([^|]+?) \| ([\d,]+) \| ([^|]+) \|", re.MULTILINE)
_NO_CODE = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)

Part = tuple[str, str, int, str]  # where, what, at most so many lines, its modules


def parts() -> list[Part]:
    """The rows of the table."""
    page = (ROOT / "docs" / "architecture.md").read_text()
    return [(home, what, int(most.replace(",", "")), modules) for home, what, most, modules in _ROW.findall(page)]


def files(home: str, modules: str) -> list[Path]:
    """The files that a row names: modules without their ending, folders, or `folder/*` without the folders in it."""
    found: list[Path] = []
    for name in re.findall(r"`([^`]+)`", modules):
        path = HOMES[home] / name
        found += path.rglob("*.py") if path.is_dir() else HOMES[home].glob(f"{name}.py")
    return found


def lines_of_code(path: Path) -> int:
    """Lines without blanks, comments and docstrings."""
    text = path.read_text()
    docs = {
        line
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        if ast.get_docstring(node, clean=False) is not None
        for line in range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1)
    }
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    used = {line for one in tokens if one.type not in _NO_CODE for line in range(one.start[0], one.end[0] + 1)}
    return len(used - docs)


@pytest.mark.parametrize("part", parts(), ids=lambda part: f"{part[0]}: {part[1]}")
def test_a_part_is_no_larger_than_its_row_says(part: Part) -> None:
    home, what, most, modules = part
    count = sum(map(lines_of_code, files(home, modules)))
    assert count <= most, f"{what}: {count} lines of code; make it smaller, or say in the table what asks for more"


@pytest.mark.parametrize("home", HOMES)
def test_every_file_stands_in_one_row(home: str) -> None:
    listed = [path for where, _, _, modules in parts() if where == home for path in files(home, modules)]
    assert sorted(listed) == sorted(HOMES[home].rglob("*.py"))
