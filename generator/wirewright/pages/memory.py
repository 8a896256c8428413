"""What the pages said at the last import: facts only. What a person decided since then is told from what a page changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from wirewright.errors import Problem
from wirewright.model.types import Origin
from wirewright.pages.facts import Facts

FILE = "pages.lock"


class _Kept(msgspec.Struct, omit_defaults=True):
    """Facts as the file holds them: the paths of fields in one line."""

    labels: Mapping[str, str] = {}
    parameters: Mapping[str, str] = {}
    fields: str = ""
    rules: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    page: str = ""


@dataclass
class Memory:
    """Facts by the key of an endpoint."""

    facts: dict[str, Facts] = field(default_factory=dict[str, Facts])

    def text(self) -> str:
        kept = {
            key: _Kept(one.labels, one.parameters, " ".join(one.fields), one.rules, one.patterns, one.page)
            for key, one in sorted(self.facts.items())
        }
        return msgspec.json.format(msgspec.json.encode(kept), indent=1).decode() + "\n"


def read_memory(folder: Path, shown: str) -> tuple[Memory, list[Problem]]:
    """An empty one where there was no import yet. A file that cannot be read is told, and not believed."""
    file = folder / FILE
    if not file.is_file():
        return Memory(), []
    try:
        kept = msgspec.json.decode(file.read_bytes(), type=dict[str, _Kept])
    except (ValueError, OSError):
        what = "this is not what an import wrote"
        return Memory(), [Problem(Origin(f"{shown}/{FILE}"), what, "restore the file, or delete it", warning=True)]
    return Memory({key: _facts(one) for key, one in kept.items()}), []


def _facts(one: _Kept) -> Facts:
    return Facts(one.labels, one.parameters, tuple(one.fields.split()), one.rules, one.patterns, one.page)
