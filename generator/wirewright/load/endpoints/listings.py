"""Enumerations as a page lists them: a heading or a label, then a list of values, or a table of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from wirewright.load.endpoints.endpoint import Listing, Said
from wirewright.load.endpoints.labels import label_name
from wirewright.load.endpoints.rows import columns_of
from wirewright.load.html_table import Table
from wirewright.load.markdown import Block, Label, Section, Text, plain
from wirewright.model.types import Origin

_VALUE = re.compile(r"(?:`([^`\s]+)`|([A-Z][A-Z0-9_]+|\d+[smhdwM]))(?:\s*(?:[-–—:]|\().*|)", re.DOTALL)
_CONSTANT = re.compile(r"[A-Z][A-Z0-9_]*|\d+[smhdwM]")
_KEYS = re.compile(r"\(([\w, ]+)\)")
_COLUMNS = ("value", "status", "statu", "enum", "name", "tif", "type", "mode", "reason")


def listings_of(section: Section) -> Iterator[Listing]:
    """The enumerations of a section that is no endpoint, and those that a label inside of it begins."""
    yield from _listings(Said(section.title, section.origin), section.blocks)


def labelled(blocks: Sequence[Block]) -> Iterator[Listing]:
    """The enumerations of an endpoint's section: each begins with a label of its own, such as `Execution types`."""
    yield from _listings(Said("", Origin("")), blocks)


def _listings(subject: Said, blocks: Sequence[Block]) -> Iterator[Listing]:
    values: list[tuple[Said, str]] = []
    for block in blocks:
        if isinstance(block, Label):
            yield from _closed(subject, values)
            subject = Said("" if label_name(block.words) else plain(block.words), block.origin)
            values = list(_lines(block.text, block))
        elif isinstance(block, Text):
            values += _lines(block.text, block) if block.item else []
        elif isinstance(block, Table):
            values += _rows(block)
    yield from _closed(subject, values)


def _lines(text: str, block: Block) -> Iterator[tuple[Said, str]]:
    for line in text.split("\n"):
        words = plain(line.lstrip("*-+ ") if isinstance(block, Label) else line)
        if match := _VALUE.fullmatch(words):
            value = match.group(1) or match.group(2)
            yield (
                Said(value, block.origin),
                words[match.end(1) + 1 if match.group(1) else match.end(2) :].lstrip(" -–—:"),
            )


def _rows(table: Table) -> Iterator[tuple[Said, str]]:
    columns = columns_of(table)
    if not columns or not columns[0].endswith(_COLUMNS):
        return
    for row in table.rows:
        for first, *others in [row] if row else []:
            match = _VALUE.fullmatch(plain(first.text))
            if match:
                doc = plain(others[0].text) if others else ""
                yield Said(match.group(1) or match.group(2), first.origin), doc


def _closed(subject: Said, found: Sequence[tuple[Said, str]]) -> Iterator[Listing]:
    keys = _KEYS.search(subject.text)
    if not found or not (keys or (subject.text and all(_CONSTANT.fullmatch(value.text) for value, _ in found))):
        return
    names = tuple(part.strip() for part in keys.group(1).split(",") if part.strip()) if keys else ()
    title = " ".join(_KEYS.sub("", subject.text).strip(" :").split())
    first = dict[str, tuple[Said, str]]()
    for value, doc in found:
        first.setdefault(value.text, (value, doc))
    values, docs = zip(*first.values(), strict=True)
    yield Listing(title, names, values, docs, subject.origin)
