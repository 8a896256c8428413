"""A minimal pair for each rule, from `pairs.yaml`: the smallest change that it is about. The tests run them, docs/diff-rules.md shows them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from importlib.resources import files

import yaml


class Form(Enum):
    """What the two sides of a pair are."""

    SCHEMA = "schema of a value"
    DOCUMENT = "merge patch on the document"
    TABLE = "text of a spec"
    SURFACE = "manifest of generated names"


@dataclass(frozen=True)
class Pair:
    rule: str
    form: Form
    old: str
    new: str


_DATA = yaml.safe_load(files("wirewright.diff").joinpath("pairs.yaml").read_text(encoding="utf-8"))
BASE: str = _DATA["base"]
PAIRS = tuple(
    Pair(one[form.name.lower()], form, one["old"], one["new"])
    for one in _DATA["pairs"]
    for form in Form
    if form.name.lower() in one
)
