"""Error codes and messages of pages, into the tables of ours."""

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


def add_messages(found: Sequence[tuple[tuple[str, ...], Row]], known: Known, editor: Editor, report: Report) -> None:
    """Messages that the tables do not have get a row behind the one that stands before them on the page."""
    ours = {_message(one): one for _, one in known.tables.messages}
    behind = next(iter(ours.values()), None)
    made: dict[tuple[str, ...], list[list[str]]] = {}
    for codes, one in found:
        text = _message(one)
        if text in ours:
            behind = ours[text]
            continue
        alike = max((begin for begin in ours if text.startswith(begin)), key=len, default="")
        said = {
            "message": text,
            "error": ours[alike].text("error") if alike else "",
            "meaning": words(one.text("meaning", "description")),
        }
        if behind is not None:
            editor.insert(behind.origin.file, behind.origin.line, [row([said.get(name, "") for name in behind.cells])])
        else:
            made.setdefault(codes, []).append(list(said.values()))
        report.tell("added", f'error message "{text}"', one.origin, behind.origin if behind is not None else None)
    for codes, rows in made.items():
        label = ["**Codes:** " + ", ".join(f"`{code}`" for code in codes), ""] if codes else []
        lines = table(("Message", "Error", "Meaning"), rows)
        editor.append(FILE, ["", "## Error messages", "", *label, *lines])


def _message(one: Row) -> str:
    return words(one.text("message")).strip("`")


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
