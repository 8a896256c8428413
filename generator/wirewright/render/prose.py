"""Text of a spec as the text of a docstring: wrapped, with lists and tables left as they are."""

from __future__ import annotations

import re
import textwrap

WIDTH = 109  # of a docstring of a method: eight blanks and three quotes before it make 120

_LIST_ITEM = re.compile(r"(?P<marker>[-*+]|\d+[.)])\s+")
_TABLE_ROW = "|"


def wrap(text: str, width: int = WIDTH) -> list[str]:
    """The lines of a text, none longer than `width` where a blank allows it."""
    lines: list[str] = []
    for block in _blocks(text):
        if lines:
            lines.append("")
        lines.extend(_wrap_block(block, width))
    return lines


def hang(label: str, text: str, width: int = WIDTH - 1) -> list[str]:
    """One entry of an `Args:` list: the label, then its text, further lines indented."""
    flat = " ".join(text.split())
    return textwrap.wrap(
        f"{label}: {flat}", width, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False
    )


def first_sentence(text: str) -> str:
    """What a text says first: up to a full stop before a blank, or its first paragraph."""
    paragraph = " ".join(text.strip().split("\n\n")[0].split())
    return re.split(r"(?<=[.!?])\s+(?=[A-Z`])", paragraph, maxsplit=1)[0]


def sentence(text: str) -> str:
    """The text with a full stop, where it ends with a word."""
    stripped = text.strip()
    return stripped if not stripped or stripped[-1] in ".!?:" else f"{stripped}."


def slug(title: str) -> str:
    """A heading's anchor, as code hosts spell it."""
    return re.sub(r"\s+", "-", re.sub(r"[^\w\s-]", "", title.strip().lower()))


def _blocks(text: str) -> list[list[str]]:
    blocks: list[list[str]] = [[]]
    for line in text.strip().splitlines():
        if line.strip():
            blocks[-1].append(line.rstrip())
        elif blocks[-1]:
            blocks.append([])
    return [block for block in blocks if block]


def _wrap_block(block: list[str], width: int) -> list[str]:
    lines: list[str] = []
    for paragraph in _paragraphs(block):
        item = _LIST_ITEM.match(paragraph)
        if paragraph.startswith(_TABLE_ROW):
            lines.append(paragraph)
        else:
            indent = " " * (item.end() if item else 0)
            lines.extend(
                textwrap.wrap(
                    paragraph, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
                )
            )
    return lines


def _paragraphs(block: list[str]) -> list[str]:
    """Lines joined as Markdown joins them: a list item or a table row begins a new one."""
    joined: list[str] = []
    for line in map(str.strip, block):
        starts = line.startswith(_TABLE_ROW) or _LIST_ITEM.match(line)
        if joined and not starts and not joined[-1].startswith(_TABLE_ROW):
            joined[-1] += " " + line
        else:
            joined.append(line)
    return joined
