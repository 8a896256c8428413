"""Tables, and HTML tables with merged cells."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

from wirewright.model.types import Origin

_MOST = 1000  # rows or columns that one cell may claim


@dataclass(frozen=True)
class Cell:
    """A cell; `merged` is the number of the merged cell that it belongs to, 0 for none."""

    text: str
    origin: Origin
    merged: int = 0


@dataclass(frozen=True)
class Table:
    origin: Origin
    header: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass
class _Open:
    origin: Origin
    rows: int
    columns: int
    text: list[str] = field(default_factory=list[str])


class _Reader(HTMLParser):
    """Collects rows of cells. Code stays in backticks, items of lists and line breaks become lines."""

    def __init__(self, file: str, line: int, column: int) -> None:
        super().__init__(convert_charrefs=True)
        self._place = (file, line, column)
        self.rows: list[list[_Open]] = []
        self._cell: _Open | None = None
        self._closed = True  # no row is open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self._cell, self._closed = None, False
            self.rows.append([])
        elif tag in ("td", "th"):
            if self._closed:  # somebody forgot to open it
                self.rows.append([])
                self._closed = False
            given = dict(attrs)
            self._cell = _Open(self._origin(), _number(given.get("rowspan")), _number(given.get("colspan")))
            self.rows[-1].append(self._cell)
        else:
            self._say({"br": "\n", "li": "\n", "code": "`", "tt": "`"}.get(tag, ""))

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr", "table"):
            self._cell = None
            self._closed = self._closed or tag in ("tr", "table")
        else:
            self._say({"code": "`", "tt": "`", "p": "\n"}.get(tag, ""))

    def handle_data(self, data: str) -> None:
        self._say(data)

    def unknown_decl(self, data: str) -> None:
        """A malformed declaration is no text of a cell."""

    def _say(self, text: str) -> None:
        if self._cell is not None:
            self._cell.text.append(text)

    def _origin(self) -> Origin:
        file, line, column = self._place
        row, offset = self.getpos()
        return Origin(file, line + row - 1, offset + 1 + (column if row == 1 else 0))


def read_html_table(text: str, file: str, line: int, column: int) -> Table | None:
    """The table of an HTML text; merged cells are repeated wherever they reach."""
    reader = _Reader(file, line, column)
    reader.feed(text)
    reader.close()
    grid = _grid([row for row in reader.rows if row])
    if not grid:
        return None
    return Table(Origin(file, line, column + 1), tuple(grid[0]), tuple(map(tuple, grid[1:])))


def _grid(rows: list[list[_Open]]) -> list[list[Cell]]:
    grid: list[list[Cell]] = []
    hanging: dict[int, tuple[Cell, int]] = {}  # column -> the cell that hangs down into it, and how far
    number = 0
    for row in rows:
        cells: list[Cell] = []
        for one in row:
            _hang(cells, hanging)
            number += 1
            merged = number if one.rows > 1 or one.columns > 1 else 0
            cell = Cell(_text(one), one.origin, merged)
            for _ in range(one.columns):
                if one.rows > 1:
                    hanging[len(cells)] = (cell, one.rows - 1)
                cells.append(cell)
        _hang(cells, hanging)
        grid.append([replace(cell) for cell in cells])
    return grid


def _hang(cells: list[Cell], hanging: dict[int, tuple[Cell, int]]) -> None:
    while len(cells) in hanging:
        column = len(cells)
        cell, rows = hanging.pop(column)
        cells.append(cell)
        if rows > 1:
            hanging[column] = (cell, rows - 1)
        if len(cells) > _MOST:
            return


def _text(cell: _Open) -> str:
    lines = ("".join(cell.text)).split("\n")
    return "\n".join(line for line in (" ".join(line.split()) for line in lines) if line)


def _number(text: str | None) -> int:
    return min(max(int(text), 1), _MOST) if text and text.strip().isdecimal() and len(text) < 9 else 1
