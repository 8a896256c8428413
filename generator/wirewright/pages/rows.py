"""Rows of our tables, made from what a page says of a parameter or shows of a field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from wirewright.load.endpoints.endpoint import Endpoint, Row
from wirewright.load.examples import is_condition
from wirewright.load.methods import listed_values, values_in_tables
from wirewright.load.node import Node
from wirewright.load.typetext import is_amount
from wirewright.pages.facts import family_of, mandatory_of
from wirewright.pages.text import words

_TIME = re.compile(r"time|since|until|expir", re.IGNORECASE)
_CONDITION = re.compile(r"\b(?:if|when|required|must|only)\b", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9 /'’-]{2,40}")


@dataclass
class Enums:
    """Which enumeration a key belongs to, as the document says."""

    by_key: Mapping[str, str] = field(default_factory=dict[str, str])

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, "tuple[str, ...]"])

    def of(self, wire: str) -> str:
        """By the key itself, or by one that it ends in: `workingTimeInForce` is a `timeInForce`."""
        ending = [key for key in self.by_key if wire.lower().endswith(key.lower()) and len(key) > 3]
        return self.by_key.get(wire) or (self.by_key[max(ending, key=len)] if ending else "")


def parameter_cells(endpoint: Endpoint, row: Row, enums: Enums) -> dict[str, str]:
    """A page's parameter as a row of ours."""
    mandatory = {"yes": "YES", "no": "NO", "conditional": "NO *"}.get(mandatory_of(row), row.text("mandatory"))
    return {
        "name": row.wire,
        "type": _type(endpoint, row, enums),
        "mandatory": mandatory,
        "description": words(row.text("description", "meaning")),
    }


def _type(endpoint: Endpoint, row: Row, enums: Enums) -> str:
    text, wire = row.text("type").replace("`", "").strip(), row.wire
    family = family_of(text)
    if family == "enum":
        name = enums.of(wire)
        shown = endpoint.request.at(f"/params/{wire}") if endpoint.request is not None else None
        if name and (shown is None or not shown.text() or shown.text() in enums.values.get(name, (shown.text(),))):
            return f"ENUM {name}"
        said = _CONDITION.split(row.text("description"))[0]  # values of other parameters stand behind it
        values = dict.fromkeys(values_in_tables(endpoint, wire) or listed_values(said))
        return "ENUM" + (" " + ", ".join(f"`{one}`" for one in values) if values else "")
    if family == "integer" and _TIME.search(wire) and "limit" not in wire.lower():
        return "TIME"
    return text.upper() if text.isalpha() else text


@dataclass(frozen=True)
class Said:
    """What a page says of a field, in a comment or in a table of its own."""

    comment: str = ""
    name: str = ""
    when: str = ""


def said_of(page: Endpoint) -> dict[str, Said]:
    """What the page's own tables of fields say, by path."""
    found: dict[str, Said] = {}
    for one in page.fields:
        description, when = one.text("description"), one.text("when", "visibility condition")
        found[one.text("field").strip("` ")] = Said(description, one.text("name"), when)
    return found


def field_cells(path: str, node: Node | None, told: Said) -> dict[str, str]:
    """A field of an example as a row of ours: its type as far as the example shows it, its words as the page has them."""
    key = re.split(r"[.\[\]]", path.rstrip("[]"))[-1]
    said = words(told.comment).strip(" -")
    condition = told.when or (said if is_condition(said) else "")
    return {
        "field": path,
        "name": _name(told.name or ("" if condition == said else said)) if len(key) <= 2 else "",
        "type": _kind(key, node),
        "when": words(condition),
        "description": "" if condition and condition == said else _sentence(said),
    }


def _name(said: str) -> str:
    """A name from the words of a page, for keys of a letter or two: `Trade time` -> `tradeTime`."""
    head = re.split(r"[.;,(?]", said)[0].strip()
    if not _NAME.fullmatch(head) or len(head.split()) > 5:
        return ""
    parts = [str(one) for one in re.findall(r"[A-Za-z0-9]+", head)]
    return parts[0].lower() + "".join(part[:1].upper() + part[1:].lower() for part in parts[1:])


def _sentence(said: str) -> str:
    if not said:
        return ""
    return said[:1].upper() + said[1:] + ("." if said[-1].isalnum() else "")


def _kind(key: str, node: Node | None) -> str:
    value = node.value if node is not None else None
    if isinstance(value, bool):
        return "BOOLEAN"
    if isinstance(value, int):
        return "TIME" if value > 10**11 else "LONG"
    if isinstance(value, str):
        return "DECIMAL" if is_amount(value) and ("." in value or not key.lower().endswith("id")) else "STRING"
    if node is not None and node.is_list and node.list and not node.list[0].is_map and not node.list[0].is_list:
        inner = _kind(key, node.list[0])
        return f"ARRAY of {inner}" if inner else ""
    return ""
