"""Endpoint tables in Markdown. The layout of a page is told by its form, never by its name."""

from __future__ import annotations

from dataclasses import replace

from wirewright.load.endpoints.endpoint import Tables
from wirewright.load.endpoints.exchange import read_exchange
from wirewright.load.endpoints.rows import role_of
from wirewright.load.endpoints.sdk import read_index, read_signatures
from wirewright.load.html_table import Table
from wirewright.load.markdown import Page, read_markdown


def read_tables(text: str, file: str, from_page: bool = False) -> Tables:
    """What a Markdown file says. `from_page`: it is somebody else's page, not one of our tables."""
    return tables_of(read_markdown(text, file), from_page)


def tables_of(page: Page, from_page: bool = False) -> Tables:
    """The same of a file that was read already."""
    layout = layout_of(page)
    if layout == "index":
        tables = read_index(page)
    elif layout == "signatures":
        tables = read_signatures(page)
    else:
        tables = read_exchange(page, from_page)
        layout = (
            "calls" if any(one.kind == "call" for one in tables.endpoints) else "exchange" if tables.endpoints else ""
        )
    return replace(tables, layouts=(layout,) if layout else ())


def layout_of(page: Page) -> str:
    """`index` (b), `signatures` (c), or empty for the exchange's own (a) and (d)."""
    roles = {role_of(block) for section in page.sections for block in section.blocks if isinstance(block, Table)}
    return "index" if "index" in roles else "signatures" if "signatures" in roles and "parameters" not in roles else ""
