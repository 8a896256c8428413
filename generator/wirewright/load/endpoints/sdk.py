"""Layouts (b) and (c): documentation of client libraries.

(b) An index `Method | HTTP request | Description`, then a section per method with its parameters and an example in code.
(c) Tables of signatures, `Method | Request Type | Response Type | Description`, under lines that name a section.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from wirewright.errors import Problem
from wirewright.load.endpoints.endpoint import Endpoint, Row, Said, Tables
from wirewright.load.endpoints.rows import role_of, rows_of
from wirewright.load.html_table import Table
from wirewright.load.markdown import Page, Section, plain

_STREAM = re.compile(r"[@!<]")
_SECURITY = re.compile(r"\s*\(([A-Z_ ]+)\)\s*$")


def read_index(page: Page) -> Tables:
    """Layout (b)."""
    problems = list(page.problems)
    rows = [row for section in page.sections for row in _rows(section, "index", problems)]
    sections = {section.title: section for section in page.sections if section.level > 1}
    endpoints: list[Endpoint] = []
    for row in rows:
        name = row.text("method")
        section = sections.get(name)
        if section is None:
            problems.append(Problem(row.origin, f"no section describes {name}", "add its heading", warning=True))
        endpoints.append(_endpoint(row, name, page, section, problems))
    return Tables(tuple(endpoints), problems=tuple(problems))


def _endpoint(row: Row, name: str, page: Page, section: Section | None, problems: list[Problem]) -> Endpoint:
    wire = row.text("http request").removeprefix("/")
    is_stream = bool(_STREAM.search(wire))
    description = row.text("description")
    security = _SECURITY.search(description)
    labels = {"security": Said(security.group(1), row.origin)} if security else {}
    labels["event" if is_stream else "operation"] = Said(name, row.origin)
    return Endpoint(
        kind="stream" if is_stream else "method",
        title=_SECURITY.sub("", description) or name,
        origin=section.origin if section is not None else row.origin,
        wire=wire,
        doc=description,
        labels={**labels, "stream": Said(wire, row.origin)} if is_stream else labels,
        parameters=tuple(_parameters(page, section, problems)) if section is not None else (),
        from_page=True,
    )


def _parameters(page: Page, section: Section, problems: list[Problem]) -> Iterator[Row]:
    """The parameters of a method stand in a deeper section. What its example says is optional is not mandatory."""
    position = page.sections.index(section)
    optional: set[str] = set()
    for inner in page.sections[position:]:
        if inner is not section and inner.level <= section.level:
            return
        for block in inner.blocks:
            text = getattr(block, "text", "")
            optional |= set(re.findall(r"^\s*(\w+) :?=.*//.*\(optional\)", text, re.MULTILINE))
        for row in _rows(inner, "parameters", problems):
            name = row.wire
            mandatory = "NO" if name in optional or name == "id" else "YES"
            cells = {**row.cells, "name": Said(name, row.where("name")), "mandatory": Said(mandatory, row.origin)}
            yield replace(row, cells=cells)


def read_signatures(page: Page) -> Tables:
    """Layout (c): every row of its tables, with the section that a line before the table names."""
    problems = list(page.problems)
    rows: list[Row] = []
    for section in page.sections:
        group = section.title
        for block in section.blocks:
            if not isinstance(block, Table):
                lines = plain(block.text).splitlines()
                group = next((line for line in lines if "—" in line), lines[-1] if lines else group)
            elif role_of(block) in ("signatures", "options"):
                found = rows_of(block, problems)
                rows += [replace(row, cells={**row.cells, "group": Said(group, block.origin)}) for row in found]
    return Tables(signatures=tuple(rows), problems=tuple(problems))


def _rows(section: Section, role: str, problems: list[Problem]) -> Iterator[Row]:
    for block in section.blocks:
        if isinstance(block, Table) and role_of(block) == role:
            yield from rows_of(block, problems)
