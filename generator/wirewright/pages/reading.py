"""A page as it is read: its endpoints, and how much of it was understood, line by line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from wirewright.errors import Problem
from wirewright.load.document import read_text
from wirewright.load.endpoints import tables_of
from wirewright.load.endpoints.endpoint import Endpoint, Tables
from wirewright.load.markdown import Block, Code, Section, read_markdown
from wirewright.load.methods import inherited
from wirewright.load.typetext import read_type
from wirewright.model.types import Origin
from wirewright.pages.facts import family_of, is_name
from wirewright.pages.report import PageReport, Report

_LIBERTY = ("a comma", "the key", "quotes that", "an escape", "a dash that")


@dataclass(frozen=True)
class Page:
    file: str
    text: str
    tables: Tables
    sections: tuple[Section, ...]
    lines: int

    def chapter(self, endpoint: Endpoint) -> str:
        """The heading that an endpoint stands under, two levels deep at most."""
        own = next((one for one in self.sections if one.origin == endpoint.origin), None)
        level = own.level if own is not None else 9
        above = [one for one in self.sections if one.origin.line < endpoint.origin.line and 0 < one.level < level]
        chapters = [one for one in above if one.level == 2] or above
        return chapters[-1].title if chapters else ""


def read_page(path: Path, shown: str, report: Report) -> Page | None:
    text, problems = read_text(path, shown)
    if problems:
        report.problems += problems
        return None
    parsed = read_markdown(text, shown)
    tables = tables_of(parsed, from_page=True)
    page = Page(shown, text, tables, parsed.sections, text.count("\n") + 1)
    told = _told(page)
    if not told.counts:
        right = "a page with methods, streams, events, error codes or enumerations in the exchange's layout"
        what = "the page is empty" if not text.strip() else "nothing on this page is understood"
        told = replace(told, not_understood=(Problem(Origin(shown), what, right, warning=True), *told.not_understood))
    report.pages.append(told)
    return page


def _told(page: Page) -> PageReport:
    tables = page.tables
    counts: dict[str, int] = {}
    for endpoint in tables.endpoints:
        counts[endpoint.kind] = counts.get(endpoint.kind, 0) + 1
    counts |= {"error": len(tables.errors)} if tables.errors else {}
    counts |= {"error message": len(tables.messages)} if tables.messages else {}
    counts |= {"enumeration": len(tables.listings)} if tables.listings else {}
    structures = sum(len(one.structures) for one in tables.aside)
    counts |= {"structure": structures} if structures else {}
    liberties = tuple(one for one in tables.problems if one.warning and one.what.startswith(_LIBERTY))
    lost = [one for one in tables.problems if one not in liberties]
    lost += [_unread(one) for one in tables.unread]
    lost += [
        Problem(one.origin, f"the section {one.title!r} looks like an endpoint and is none", "", warning=True)
        for one in tables.aside
        if one.doubtful
    ]
    lost += [problem for endpoint in tables.endpoints for problem in _doubts(endpoint)]
    return PageReport(
        page.file, page.lines, counts, tables.aside, tuple(replace(one, warning=True) for one in lost), liberties
    )


def _unread(block: Block) -> Problem:
    if isinstance(block, Code):
        what = f"an example that is no JSON: {block.text.strip().splitlines()[0][:40]!r}"
    else:
        header = ", ".join(repr(cell.text[:20]) for cell in getattr(block, "header", ())[:5])
        what = f"a table with the columns {header}"
    return Problem(block.origin, what, "", warning=True)


def _doubts(endpoint: Endpoint) -> Iterator[Problem]:
    """Words in the places of facts that nobody knows."""
    for one in endpoint.parameters:
        text = one.text("type")
        if not is_name(one.wire):
            yield Problem(one.origin, f"{one.wire[:40]!r} as the name of a parameter", "", warning=True)
            continue
        if text and read_type(text) is None and read_type(family_of(text)) is None:
            yield Problem(one.where("type"), f"the type {text!r} of {one.wire}", "", warning=True)
        mandatory = one.text("mandatory", "required")
        if mandatory and not re.match(r"[YNTF*-]|CONDITIONAL|OPTIONAL", mandatory.upper()):
            yield Problem(one.origin, f"mandatory is {mandatory!r} for {one.wire}", "", warning=True)
    weight = endpoint.label("weight")
    if endpoint.kind == "method" and weight and not re.search(r"\d", weight) and not endpoint.weights:
        yield Problem(endpoint.where("weight"), f"the weight {weight[:60]!r}", "", warning=True)


def whole(endpoints: Sequence[Endpoint], others: Sequence[Endpoint]) -> Iterator[Endpoint]:
    """Endpoints of a page; one that takes the parameters of another has them too."""
    for one in endpoints:
        more = inherited(one, (*endpoints, *others))
        rows = [row for row in one.parameters if is_name(row.wire)]
        own = {row.wire for row in rows}
        if one.kind != "method" or is_name(one.wire):
            yield replace(one, parameters=(*(row for row in more if row.wire not in own), *rows))
