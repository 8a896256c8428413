"""The types of the tables, in their own words: `LONG`, `ARRAY of STRING`, ``ENUM Side of `BUY` ``, `Order or null`."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

from wirewright.errors import Problem
from wirewright.load.endpoints.endpoint import Row
from wirewright.load.joining import JSON, any_of, nullable
from wirewright.model.types import Array, Kind, Levels, Literal, Map, Ref, Scalar, Type

SCALARS = {
    "STRING": Kind.STRING,
    "STR": Kind.STRING,
    "INT": Kind.INTEGER,
    "INT32": Kind.INTEGER,
    "INT64": Kind.INTEGER,
    "INTEGER": Kind.INTEGER,
    "LONG": Kind.INTEGER,
    "DECIMAL": Kind.DECIMAL,
    "BIGDECIMAL": Kind.DECIMAL,
    "NUMBER": Kind.NUMBER,
    "FLOAT": Kind.NUMBER,
    "DOUBLE": Kind.NUMBER,
    "BOOLEAN": Kind.BOOLEAN,
    "BOOL": Kind.BOOLEAN,
    "TIME": Kind.TIME,
    "NULL": Kind.NULL,
    "JSON": Kind.JSON,
    "ANY": Kind.JSON,
}
_LIST = re.compile(r"(?:ARRAY|LIST)(?:\s+of\s+(.+))?", re.IGNORECASE | re.DOTALL)
_LEVELS = re.compile(r"LEVELS\s+of\s+(.+)", re.IGNORECASE)
_MAP = re.compile(r"MAP\s+of\s+(.+)", re.IGNORECASE)
_ENUM = re.compile(r"ENUM(?:\s+([A-Za-z_]\w*))?(?:\s+of)?\s*((?:`[^`]+`[,\s]*(?:or\s+)?)*)", re.IGNORECASE)
_OF = re.compile(r"(\w+)\s+of\s+((?:`[^`]+`[,\s]*(?:or\s+)?)+)")
_NAME = re.compile(r"[A-Za-z_]\w*")
OBJECT = Map(JSON)
EMPTY = Ref("Empty")


@dataclass(frozen=True)
class Stated:
    """A type as a table states it. `values`: only these are accepted here. `bare`: an `ENUM` that says no more."""

    type: Type
    values: tuple[str, ...] = ()
    bare: bool = False
    vague: bool = False  # `OBJECT`, `ARRAY`: what it holds, examples tell


def read_type(text: str, names: Collection[str] = ()) -> Stated | None:
    """The type that a text names; None if it names none. `names` are the enumerations of the product."""
    text = text.strip()
    if text.startswith("`") and text.endswith("`") and text.count("`") == 2:
        text = text[1:-1].strip()
    parts = [part for part in re.split(r"\s*/\s*|\s+or\s+(?![^`]*`[^`]*$)", text) if part.strip("` ")]
    if len(parts) > 1 and not text.upper().startswith("ENUM"):
        return _one_of([part.strip("` ") for part in parts], names)
    if text.upper().startswith("ENUM") and re.search(r"\s+or null$", text):
        inner = read_type(re.sub(r"\s+or null$", "", text), names)
        return Stated(nullable(inner.type), inner.values, inner.bare) if inner is not None else None
    return _single(text, names)


def read_cell(row: Row, column: str, tell: Callable[[Problem], None]) -> Stated | None:
    """The type that a cell names; one that names none is told."""
    text = row.text(column)
    stated = read_type(text)
    if stated is None:
        right = "STRING, INT, LONG, DECIMAL, NUMBER, BOOLEAN, TIME, ENUM Name, ARRAY of T, or the name of a type"
        tell(Problem(row.where(column), f"the type {text!r} is unknown", right))
    return stated


def _one_of(parts: list[str], names: Collection[str]) -> Stated | None:
    with_null = any(part.lower() == "null" for part in parts)
    found = [read_type(part, names) for part in parts if part.lower() != "null"]
    stated = [one for one in found if one is not None]
    if len(stated) != len(found) or not stated:
        return None
    first = stated[0]
    kind = first.type if len(stated) == 1 else any_of([one.type for one in stated], {})
    return Stated(nullable(kind) if with_null else kind, first.values, first.bare, any(one.vague for one in stated))


def _single(text: str, names: Collection[str]) -> Stated | None:
    shouted = text.upper() if text.isupper() or text.islower() else text
    if shouted in SCALARS:
        return Stated(Scalar(SCALARS[shouted]))
    if shouted in ("OBJECT", "MAP", "DICT"):
        return Stated(OBJECT, vague=True)
    if match := _LIST.fullmatch(text):
        inner = read_type(match.group(1), names) if match.group(1) else Stated(JSON, vague=True)
        return Stated(Array(inner.type), inner.values, inner.bare, inner.vague) if inner is not None else None
    if match := _LEVELS.fullmatch(text):
        inner = read_type(match.group(1), names)
        return Stated(Levels(inner.type)) if inner is not None else None
    if match := _MAP.fullmatch(text):
        inner = read_type(match.group(1), names)
        return Stated(Map(inner.type)) if inner is not None else None
    if match := _ENUM.fullmatch(text):
        return _enum(match.group(1) or "", _listed(match.group(2)))
    if match := _OF.fullmatch(text):
        inner = read_type(match.group(1), names)
        return Stated(inner.type, _listed(match.group(2))) if inner is not None else None
    return Stated(Ref(text)) if _NAME.fullmatch(text) else None


def _enum(name: str, values: tuple[str, ...]) -> Stated:
    if name:
        return Stated(Ref(name), values)
    return Stated(Literal(values)) if values else Stated(Scalar(Kind.STRING), bare=True)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"`([^`]+)`", text))


def is_amount(text: str) -> bool:
    return re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text) is not None
