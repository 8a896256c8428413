"""The table of every name in the seeds, and the object of ours that answers each.

`names.csv` is written by hand and checked by `tests/generated/test_coverage.py`; `docs/coverage.md` is made of it (`make coverage`).
"""

from __future__ import annotations

import csv
import inspect
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

TABLE = Path(__file__).with_name("names.csv")
PRODUCTS = {"spot": "Spot", "usdm": "USD-M futures", "coinm": "COIN-M futures"}


class Row(NamedTuple):
    """One name: the document that has it, what it is there, its wire name, and the object that answers it."""

    seed: str
    kind: str
    name: str
    product: str
    wire: str
    status: str  # at the exchange: live, deprecated, removed
    answer: str  # a dotted path
    note: str


def rows() -> list[Row]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return [Row(**row) for row in csv.DictReader(file)]


def resolve(path: str) -> Any:
    """The object that a dotted path names. The last part may be an option, a field or an attribute of instances.

    Raises:
        LookupError: There is no such object.
    """
    found, rest = _module(path)
    for index, name in enumerate(rest):
        if hasattr(found, name):
            found = getattr(found, name)
        elif index == len(rest) - 1 and name in _promised(found):
            return _promised(found)[name]
        else:
            raise LookupError(f"{path}: {found!r} has no {name}")
    return found


def _module(path: str) -> tuple[Any, list[str]]:
    parts = path.split(".")
    for length in range(len(parts), 0, -1):
        try:
            return import_module(".".join(parts[:length])), parts[length:]
        except ModuleNotFoundError:
            continue
    raise LookupError(f"{path}: there is no such module")


def _promised(owner: Any) -> dict[str, Any]:
    """What a class says of its instances, and what it takes to make one."""
    try:
        taken = dict(inspect.signature(owner).parameters)
    except (TypeError, ValueError):  # a module, or a class of typed options
        taken = {}
    return taken | dict(getattr(owner, "__annotations__", {}))


def of(product: str) -> Iterator[Row]:
    return (row for row in rows() if row.product == product)
