"""Markdown to sections: headings, labels, tables, code and text, each with its line.

Labels are bold words at the start of a line (`**Weight:** 2`). Tables are read from the lines themselves, because a
Markdown parser fills up short rows and cuts long ones without a word; HTML tables with merged cells are read too.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from wirewright.errors import Problem
from wirewright.load.html_table import Cell, Table, read_html_table
from wirewright.load.node import Node
from wirewright.load.yaml_text import read_yaml
from wirewright.model.types import Origin

_DELIMITER = re.compile(r"\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*")
_LABEL = re.compile(r"\*\*([^*\n]{1,80}?)([:：]?)\*\*([:：]?)")
_FENCE = re.compile(r"\s{0,3}(>\s?)*([-*+]\s+)?(```+|~~~+)")
_FRONT = re.compile(r"---[ \t]*\n(.*?\n)---[ \t]*\n", re.DOTALL)
_TAGS = re.compile(
    r"</?(a|b|br|center|code|details|div|em|font|h[1-6]|hr|i|img|li|ol|p|pre|small|span|strong|sub|summary|sup|tt|u|ul)\b[^<>]*>",
    re.IGNORECASE,
)
_UNSEEN: dict[int, str | None] = {  # what stands in pages of a site, and no reader sees
    **dict.fromkeys([*range(1, 9), 11, 12, *range(14, 32), 0x7F, 0x200B, 0x200C, 0x2060, 0xFEFF]),
    0: "\N{REPLACEMENT CHARACTER}",
}
_LINK = re.compile(r"!?\[([^\]\[]*)\]\([^()\s]*(?:\([^()]*\)[^()]*)?(?:\s+\"[^\"]*\")?\)")


@dataclass(frozen=True)
class Text:
    """A paragraph, or one item of a list."""

    text: str
    origin: Origin
    item: bool = False


@dataclass(frozen=True)
class Label:
    """`**Weight:** 2`: the words of the label, and what stands behind it in the same paragraph."""

    words: str
    text: str
    origin: Origin


@dataclass(frozen=True)
class Code:
    text: str
    origin: Origin  # of its first line
    language: str = ""


Block = Text | Label | Code | Table


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it, up to the next heading. The first section of a page may have no title."""

    title: str
    level: int
    origin: Origin
    blocks: tuple[Block, ...] = ()
    last_line: int = 0


@dataclass(frozen=True)
class Page:
    file: str
    sections: tuple[Section, ...]
    front: Node | None = None
    problems: tuple[Problem, ...] = ()


def read_markdown(text: str, file: str) -> Page:
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_UNSEEN)
    front, problems, text = _front_matter(text, file)
    lines = text.split("\n")
    _close_fences(lines)
    tables = list(_take_html_tables(lines, file))
    blocks = [*_blocks(lines, file), *tables]
    blocks.sort(key=lambda block: block.origin.line)
    return Page(file, tuple(_sections(blocks, file, len(lines))), front, tuple(problems))


def plain(text: str) -> str:
    """Markdown as prose: without HTML, links, escapes and emphasis; code keeps its backticks."""
    text = re.sub(r"<br\s*/?>|</p>\s*<p>", " ", text, flags=re.IGNORECASE)
    text = re.sub(r"</?(code|tt)>", "`", text, flags=re.IGNORECASE)
    text = html.unescape(_TAGS.sub("", text))
    text = _LINK.sub(r"\1", text)
    text = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text)
    text = re.sub(r"\*\*(.+?)\*\*", r"\1", text)
    return re.sub(r"[ \t]+", " ", text).strip()


@dataclass(frozen=True)
class _Heading:
    text: str
    level: int
    origin: Origin


@cache
def _parser() -> MarkdownIt:
    """Blocks only: what stands inside a paragraph is read here."""
    parser = MarkdownIt("commonmark")
    parser.core.ruler.disable(["inline", "text_join"])
    return parser


def _front_matter(text: str, file: str) -> tuple[Node | None, list[Problem], str]:
    match = _FRONT.match(text)
    if match is None:
        return None, [], text
    node, problems = read_yaml(match.group(1), file, 2)
    return node, problems, "\n" * match.group().count("\n") + text[match.end() :]


def _close_fences(lines: list[str]) -> None:
    """A fence that is closed at the end of a line, `}```, is closed on the next one where that is empty or the last."""
    fence = ""
    for number, line in enumerate(lines):
        marker = _FENCE.match(line)
        if marker and (not fence or marker.group(3).startswith(fence)):
            fence = "" if fence else marker.group(3)[:3]
            continue
        last = number + 1 >= len(lines)
        if fence and line.rstrip().endswith(fence) and (last or not lines[number + 1].strip()):
            lines[number] = line.rstrip()[: -len(fence)]
            if last:
                lines.append(fence)
                return
            lines[number + 1] = fence


def _take_html_tables(lines: list[str], file: str) -> Iterator[Table]:
    """Reads HTML tables and blanks their lines: for Markdown an empty line inside a table would end it."""
    fence, number = "", 0
    while number < len(lines):
        line = lines[number]
        marker = _FENCE.match(line)
        if marker and (not fence or marker.group(3).startswith(fence)):
            fence = "" if fence else marker.group(3)[:3]
        start = -1 if fence else line.lower().find("<table")
        if start < 0:
            number += 1
            continue
        end = next((at for at in range(number, len(lines)) if "</table" in lines[at].lower()), len(lines) - 1)
        table = read_html_table("\n".join([line[start:], *lines[number + 1 : end + 1]]), file, number + 1, start)
        if table is not None:
            yield table
        rest = re.split(r"</table\s*>", lines[end], flags=re.IGNORECASE)[-1] if "</table" in lines[end].lower() else ""
        lines[number : end + 1] = [""] * (end + 1 - number)
        lines[end] = rest if number != end else line[:start] + rest
        if number != end:
            lines[number] = line[:start]
        number = end + 1


def _blocks(lines: list[str], file: str) -> Iterator[Block | _Heading]:
    tokens = _parser().parse("\n".join(lines))
    depth = 0
    for index, token in enumerate(tokens):
        depth += (token.type == "list_item_open") - (token.type == "list_item_close")
        if token.map is None:
            continue
        number = token.map[0] + 1
        if token.type == "inline" and tokens[index - 1].type == "heading_open":
            yield _Heading(plain(token.content), int(tokens[index - 1].tag[1:]), Origin(file, number))
        elif token.type == "inline":
            yield from _paragraph(token, lines, file, depth > 0)
        elif token.type in ("fence", "code_block"):
            fenced = token.type == "fence"
            yield Code(token.content, Origin(file, number + fenced), token.info.strip().lower())


def _paragraph(token: Token, lines: list[str], file: str, item: bool) -> Iterator[Block]:
    """The labels, tables and texts of a paragraph."""
    first = (token.map or [0])[0]
    pieces = [
        (text, Origin(file, first + index + 1, max(lines[first + index].find(text), 0) + 1 if text else 1))
        for index, text in enumerate(token.content.split("\n"))
        if first + index < len(lines)
    ]
    text: list[tuple[str, Origin]] = []
    at = 0
    while at < len(pieces):
        header = _header_at(pieces, at)
        if header is None:
            text.append(pieces[at])
            at += 1
            continue
        before, cells = header
        if before[0].strip():
            text.append(before)
        yield from _texts(text, item)
        text = []
        end = at + 2
        body = list[tuple[str, Origin]]()
        while end < len(pieces) and _header_at(pieces, end) is None:
            piece, origin = pieces[end]
            if "|" in piece:
                body.append((piece, origin))
            elif body and _row_follows(pieces, end, len(cells)):
                body[-1] = (f"{body[-1][0]} {piece.strip()}", body[-1][1])
            else:
                break
            end += 1
        rows = [_cells(piece, origin, len(cells)) for piece, origin in body]
        yield Table(pieces[at][1], tuple(cells), tuple(map(tuple, rows)))
        at = end
    yield from _texts(text, item)


def _row_follows(pieces: list[tuple[str, Origin]], at: int, width: int) -> bool:
    """Whether a line without a border stands inside of a table: it goes on with the last cell of the row above."""
    after = next((index for index in range(at, len(pieces)) if "|" in pieces[index][0]), len(pieces))
    return after < len(pieces) and len(split_row(pieces[after][0])) == width and _header_at(pieces, after) is None


def _header_at(pieces: list[tuple[str, Origin]], at: int) -> tuple[tuple[str, Origin], list[Cell]] | None:
    """The header of a table whose rule stands on the next line, and the text that is glued before it."""
    if at + 1 >= len(pieces) or "|" not in pieces[at + 1][0] or not _DELIMITER.fullmatch(pieces[at + 1][0]):
        return None
    line, origin = pieces[at]
    width = len(split_row(pieces[at + 1][0]))
    cells = split_row(line)
    if len(cells) < width or "|" not in line:
        return None
    if len(cells) == width:
        return ("", origin), [_cell(text, column, origin) for text, column in cells]
    kept = cells[len(cells) - width :]
    return (line[: kept[0][1]].rstrip("| "), origin), [_cell(text, column, origin) for text, column in kept]


def _cells(line: str, origin: Origin, width: int) -> list[Cell]:
    cells = split_row(line)
    if len(cells) != width:
        naive = split_row(line, careful=False)
        cells = naive if len(naive) == width else cells
    if len(cells) == width - 1 and line.rstrip().endswith("|") and not line.lstrip().startswith("|"):
        cells = [*cells, ("", len(line))]  # without a border at the left, one at the right opens an empty cell
    return [_cell(text, column, origin) for text, column in cells]


def _cell(text: str, column: int, origin: Origin) -> Cell:
    return Cell(text.replace("\\|", "|"), Origin(origin.file, origin.line, origin.column + column))


def split_row(line: str, careful: bool = True) -> list[tuple[str, int]]:
    """The cells of a row, each with its column. `careful`: a `|` in brackets, code or between quotes is no border."""
    borders, depth, code, escaped = list[int](), 0, False, False
    for index, char in enumerate(line):
        if escaped or char == "\\":
            escaped = not escaped and char == "\\"
            continue
        if careful and char == "`":
            code = not code
        elif careful and not code and char in "<({[":
            depth += 1
        elif careful and not code and char in ">)}]":
            depth = max(0, depth - 1)
        elif char == "|" and not code and not depth and not (careful and _between_quotes(line, index)):
            borders.append(index)
    starts = [0, *(border + 1 for border in borders)]
    cells = [(line[start:end], start) for start, end in zip(starts, [*borders, len(line)], strict=True)]
    if len(cells) > 1 and not cells[0][0].strip():
        cells = cells[1:]
    if len(cells) > 1 and not cells[-1][0].strip() and line.rstrip().endswith("|"):
        cells = cells[:-1]
    return [(text.strip(), start + len(text) - len(text.lstrip())) for text, start in cells]


def _between_quotes(line: str, index: int) -> bool:
    before, behind = line[max(0, index - 8) : index].rstrip()[-1:], line[index + 1 : index + 9].lstrip()[:1]
    return before == behind and before in ("'", '"')


def _texts(pieces: list[tuple[str, Origin]], item: bool) -> Iterator[Block]:
    """Paragraph lines as labels with what stands behind them, and as text before the first."""
    open_label: Label | None = None
    lines: list[str] = []
    origin = pieces[0][1] if pieces else Origin("")
    for text, where in _split_labels(pieces):
        label = _label(text, where)
        if label is None:
            lines.append(text.strip())
            continue
        yield from _closed(open_label, lines, origin, item)
        open_label, lines, origin = label, [label.text] if label.text else [], where
    yield from _closed(open_label, lines, origin, item)


def _split_labels(pieces: list[tuple[str, Origin]]) -> Iterator[tuple[str, Origin]]:
    """Several labels on one line, two blanks or more between them, are lines of their own."""
    for text, origin in pieces:
        starts = [0, *(match.end() for match in re.finditer(r"\s{2,}(?=\*\*[^*]+:\*\*)", text))]
        for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
            yield text[start:end], Origin(origin.file, origin.line, origin.column + start)


def _label(text: str, origin: Origin) -> Label | None:
    match = _LABEL.match(text.strip())
    if match is None:
        return None
    behind = text.strip()[match.end() :].strip()
    words, colon, rest = match.group(1).partition(": ")
    if not (match.group(2) or match.group(3) or colon) and behind:
        return None
    return Label(words.strip(), " ".join(part for part in (rest.strip(" -"), behind) if part), origin)


def _closed(label: Label | None, lines: list[str], origin: Origin, item: bool) -> Iterator[Block]:
    text = "\n".join(line for line in lines if line)
    if label is not None:
        yield Label(label.words, text, label.origin)
    elif plain(text):
        yield Text(text, origin, item)


def _sections(blocks: list[Block | _Heading], file: str, count: int) -> Iterator[Section]:
    title, held = _Heading("", 0, Origin(file)), list[Block]()
    for block in blocks:
        if isinstance(block, _Heading):
            yield Section(title.text, title.level, title.origin, tuple(held), block.origin.line - 1)
            title, held = block, []
        else:
            held.append(block)
    yield Section(title.text, title.level, title.origin, tuple(held), count)
