"""Tables by what their header says they are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from wirewright.errors import Problem
from wirewright.load.endpoints.endpoint import Row, Said
from wirewright.load.html_table import Cell, Table
from wirewright.load.markdown import plain

# The columns that make a table what it is; others may stand beside them.
_ROLES: tuple[tuple[str, tuple[set[str], ...]], ...] = (
    ("helpers", ({"helper"}, {"set"})),
    ("variants", ({"request"}, {"when"}, {"result"})),
    ("conditions", ({"when"}, {"rule"}, {"parameter"})),
    ("parameters", ({"name", "parameter"}, {"type"}, {"mandatory", "required", "note"})),
    ("fields", ({"field", "name"}, {"visibility condition"})),
    ("fields", ({"field"}, {"type", "name", "description"})),
    ("glossary", ({"key"}, {"name"}, {"type"})),
    ("errors", ({"code"}, {"name", "error"}, {"meaning", "description", "error"})),
    ("messages", ({"message"}, {"error"})),
    ("messages", ({"error message"}, {"description", "meaning"})),
    ("index", ({"method"}, {"http request"})),
    ("signatures", ({"method"}, {"request type", "response type", "return", "parameter", "description"})),
    ("options", ({"option"}, {"type"}, {"default", "description"})),
)


_YES_NO = re.compile(r"\W*(yes|no|y|n|true|false|conditional|optional)\b", re.IGNORECASE)


def role_of(table: Table) -> str:
    """What a table is, by the columns that it has; empty: something else."""
    names = columns_of(table)
    if names and names[-1].endswith("weight") and len(names) <= 3:
        return "weights"
    if any("mandatory parameter" in name for name in names[1:]):
        return "mandatory"
    known = set(names)
    return next((role for role, groups in _ROLES if all(known & group for group in groups)), "")


_CHINESE = {
    **dict.fromkeys(("名称", "参数名", "参数名称"), "name"),
    "参数": "parameter",
    "类型": "type",
    **dict.fromkeys(("是否必需", "是否必须", "是否强制", "是否强制要求", "必填"), "mandatory"),
    **dict.fromkeys(("描述", "详情", "说明"), "description"),
    **dict.fromkeys(("错误信息", "错误消息", "报错信息"), "error message"),
    **dict.fromkeys(("权重", "请求权重", "重量"), "weight"),
    **dict.fromkeys(("强制要求的参数", "强制参数", "必填参数", "必需参数"), "mandatory parameter"),
    **dict.fromkeys(("其他信息", "额外信息"), "additional information"),
    **dict.fromkeys(("限制", "条数"), "limit"),
    "条件": "condition",
    "响应": "response",
    "请求": "request",
    "字段": "field",
    "示例": "example",
    **dict.fromkeys(("显示的条件", "可见条件"), "visibility condition"),
    "状态": "status",
}


# Tables that explain in words, on pages: what is asked for, and what comes of it.
_ASKED = {"parameter", "option", "request", "scenario", "case", "condition", "key", "name", "type", "error message"}
_COMES = {
    "response",
    "example",
    "value",
    "description",
    "meaning",
    "result",
    "behavior",
    "behaviour",
    "additional information",
}


def explains(table: Table) -> bool:
    """Whether a table is prose in columns: cases and what they mean."""
    columns = columns_of(table)
    named = [name for name in columns if name]
    return len(named) > 1 and named[0] in _ASKED and set(named[1:]) <= _ASKED | _COMES and bool(_COMES & set(named))


def values_of(table: Table, said_before: str) -> Row | None:
    """A table that lists the values of one name: the name stands in its header, or in what was said before it."""
    for column, cell in enumerate(table.header):
        texts = [row[column].text for row in table.rows if column < len(row)]
        values = [value for text in texts for value in re.findall(r"`([^`]+)`", text)]
        names = re.findall(r"`(\w+)`", cell.text) or (re.findall(r"`(\w+)`", said_before) if column == 0 else [])
        if names and values and all("`" in text for text in texts):
            cells = {"name": Said(names[0], cell.origin), "value": Said(", ".join(dict.fromkeys(values)), cell.origin)}
            return Row(cells, table.origin)
    return None


def columns_of(table: Table) -> list[str]:
    """The names of the columns: small letters, without marks, in the singular."""
    return [_column(plain(cell.text)) for cell in table.header]


def rows_of(table: Table, problems: list[Problem]) -> Iterator[Row]:
    """The rows of a table. One that has not as many cells as the header is told."""
    names = columns_of(table)
    if "visibility condition" in names and "field" not in names:
        names = ["field" if name == "name" else name for name in names]
    for cells in _unmerged(table.rows, names):
        if not any(cell.text for cell in cells):
            continue
        origin = cells[0].origin
        while len(cells) > len(names) and not cells[-1].text:
            cells = cells[:-1]
        if len(cells) != len(names):
            few = "few" if len(cells) < len(names) else "many"
            missing = f"; missing: {', '.join(names[len(cells) :])}" if few == "few" else ""
            what = f"the row has too {few} cells: {len(cells)} of {len(names)}{missing}"
            problems.append(Problem(origin, what, "write one cell for each column", id="cells"))
        found = {name: Said(_text(cell.text), cell.origin) for name, cell in zip(names, cells, strict=False)}
        merged = {name: cell.merged for name, cell in zip(names, cells, strict=False) if cell.merged}
        yield Row(found, origin, merged)


def _unmerged(rows: Sequence[tuple[Cell, ...]], names: list[str]) -> list[tuple[Cell, ...]]:
    """Rows of pages whose merged cells got lost: where the cell `Mandatory` is missing, it was one with that above."""
    found = list(rows)
    at = names.index("mandatory") if "mandatory" in names else 0
    for index in range(1, len(found)):
        cells, above = found[index], found[index - 1]
        short = at and len(cells) == len(names) - 1 == len(above) - 1 and at < len(cells)
        if short and not _YES_NO.match(cells[at].text) and _YES_NO.match(above[at].text):
            merged = above[at].merged or index
            found[index - 1] = (*above[:at], replace(above[at], merged=merged), *above[at + 1 :])
            found[index] = (*cells[:at], Cell(above[at].text, cells[at].origin, merged), *cells[at:])
    return found


def _text(text: str) -> str:
    return "" if text in ("-", "—", "–") else plain(text)


def _column(text: str) -> str:
    words = text.replace("`", "").replace("*", "").strip().lower()
    words = _CHINESE.get(words, words)
    return words[:-1] if words.endswith("s") and not words.endswith("ss") else words
