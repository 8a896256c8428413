"""What the pages said at the last import: facts only. What a person decided since then is told from what a page changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from wirewright.errors import Problem
from wirewright.model.types import Origin
from wirewright.pages.facts import Facts

FILE = "pages.lock"


@dataclass
class Memory:
    """Facts by the key of an endpoint."""

    facts: dict[str, Facts] = field(default_factory=dict[str, Facts])

    def text(self) -> str:
        plain = {key: _plain(facts) for key, facts in sorted(self.facts.items())}
        return json.dumps(plain, indent=1, ensure_ascii=False) + "\n"


def read_memory(folder: Path, shown: str) -> tuple[Memory, list[Problem]]:
    """An empty one where there was no import yet. A file that cannot be read is told, and not believed."""
    file = folder / FILE
    if not file.is_file():
        return Memory(), []
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        return Memory({str(key): _facts(value) for key, value in data.items()}), []
    except (ValueError, AttributeError, TypeError, OSError):
        what = "this is not what an import wrote"
        return Memory(), [Problem(Origin(f"{shown}/{FILE}"), what, "restore the file, or delete it", warning=True)]


def _plain(facts: Facts) -> dict[str, object]:
    parts = {
        "labels": dict(facts.labels),
        "parameters": dict(facts.parameters),
        "fields": " ".join(facts.fields),
        "rules": list(facts.rules),
        "patterns": list(facts.patterns),
        "page": facts.page,
    }
    return {name: value for name, value in parts.items() if value}


def _facts(value: Mapping[str, object]) -> Facts:
    return Facts(
        _texts(value.get("labels")),
        _texts(value.get("parameters")),
        tuple(str(value.get("fields", "")).split()),
        tuple(map(str, cast("list[object]", value.get("rules", [])))),
        tuple(map(str, cast("list[object]", value.get("patterns", [])))),
        str(value.get("page", "")),
    )


def _texts(value: object) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise TypeError("no mapping")
    return {str(key): str(one) for key, one in cast("dict[object, object]", value).items()}
