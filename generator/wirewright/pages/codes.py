"""Error codes of pages, into the table of ours."""

from __future__ import annotations

import re
from collections.abc import Sequence

from wirewright.load.endpoints.endpoint import Row
from wirewright.model.types import Origin
from wirewright.pages.editor import Editor
from wirewright.pages.known import Known
from wirewright.pages.report import Report
from wirewright.pages.text import row, table, words

_COLUMNS = ("code", "name", "error", "meaning")
FILE = "errors.md"


def add_codes(rows: Sequence[Row], known: Known, editor: Editor, report: Report) -> None:
    """Codes that the tables do not have get a row at their place, or a table where there is none."""
    have = known.tables.errors
    columns = list(have[0].cells) if have else list(_COLUMNS)
    new = {_code(one): one for one in reversed(rows) if _code(one) not in known.errors}
    made: list[list[str]] = []
    for code, one in reversed(new.items()):
        where = _row_before(have, one)
        cells = _cells(columns, one)
        report.tell("added", f"error {code} {one.text('name')}".rstrip(), one.origin, where)
        if where is not None:
            editor.insert(where.file, where.line, [row(cells)])
        made.append(cells)
    if made and not have:
        editor.append(FILE, ["# Error codes", "", *table([name.capitalize() for name in columns], made)])


def _code(one: Row) -> str:
    return one.text("code").strip("` ")


def _cells(columns: Sequence[str], one: Row) -> list[str]:
    meaning = words(one.text("meaning", "description"))
    cells = {"code": _code(one), "name": one.text("name").strip("` "), "meaning": meaning, "description": meaning}
    return [cells.get(column, "") for column in columns]


def _row_before(rows: Sequence[Row], new: Row) -> Origin | None:
    """The row behind which a new code belongs: codes go down."""
    above = [one for one in rows if _number(one) > _number(new)]
    return (above[-1] if above else rows[0]).origin if rows else None


def _number(one: Row) -> int:
    text = _code(one)
    return int(text) if re.fullmatch(r"-?\d{1,9}", text) else 0
