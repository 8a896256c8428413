"""The page docs/documents.md: what becomes of each document of a collection, and what is left out of it.

python tests/documents/page.py FOLDER > docs/documents.md
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from census import documents_in

from wirewright.load import load_any
from wirewright.model.api import Api

HEAD = """# Documents that nobody prepared

Public AsyncAPI documents and what `wirewright generate DOC --package NAME --out DIR` makes of each. A client is made for
every one; each package imports, is clean under `mypy --strict` and `pyright` (strict), every decoder of it can be built, every
example that it keeps decodes and encodes again, and its client talks with `wirewright mock DOC`. `tests/documents` checks that.

This page is generated: `python tests/documents/page.py ../shared/corpus > docs/documents.md`.

| Document | AsyncAPI | Describes | Requests | Messages | Streams | Events | Types |
| --- | --- | --- | --- | --- | --- | --- | --- |
"""


@dataclass(frozen=True)
class Read:
    """One document, read."""

    name: str
    origin: str
    version: str
    side: str
    api: Api
    told: tuple[str, ...]


def read(folder: Path) -> Iterator[Read]:
    """Every document of a folder; `index.json` may say where each comes from."""
    index = folder / "index.json"
    origins: dict[str, Any] = {}
    if index.exists():
        origins = {one["name"]: one for one in json.loads(index.read_text(encoding="utf-8"))["docs"]}
    for path in documents_in([folder]):
        name = path.relative_to(folder).with_suffix("").as_posix()
        loaded = load_any(path, root=path.parent)
        if loaded.api is None:
            raise ValueError(f"{path}: {loaded.problems}")
        text = path.read_text(encoding="utf-8-sig")
        version = re.search(r"asyncapi[\"']?\s*:\s*[\"']?([\d.]+)", text)
        side = next((one.what for one in loaded.problems if one.what.startswith("taken as")), "")
        told = (f"{one.origin.line}: {one.what}" for one in loaded.problems if not one.what.startswith("taken as"))
        found = next(
            (
                one
                for one in origins.values()
                if (folder / one["file"]).is_relative_to(path) or name.startswith(one["name"])
            ),
            {},
        )
        origin = f"{found['origin_repo']}, `{found['origin_path']}`" if found else ""
        yield Read(name, origin, version[1] if version else "", side, loaded.api, tuple(dict.fromkeys(told)))


def page(found: Iterable[Read]) -> str:
    listed = list(found)
    return (
        HEAD
        + "".join(map(_row, listed))
        + "\n## What was decided, and what was left out\n"
        + "".join(map(_part, listed))
    )


def _row(one: Read) -> str:
    api = one.api
    side = "client" if "the description of the client" in one.side else "server"
    asked = sum(method.wants_reply for method in api.methods)
    counts = (asked, len(api.messages), len(api.streams), len(api.events), len(api.types))
    return f"| `{one.name}` | {one.version} | {side} | {' | '.join(map(str, counts))} |\n"


def _part(one: Read) -> str:
    why = one.side.removeprefix("taken as ").replace("the description", "The description", 1)
    lines = [f"\n### {one.name}\n", f"\nFrom {one.origin}.\n" if one.origin else "", f"\n{why}.\n" if why else ""]
    told = [f"* line {text}\n" for text in one.told]
    return "".join(lines) + ("\n" + "".join(told) if told else "\nNothing is left out.\n")


if __name__ == "__main__":
    sys.stdout.write(page(read(Path(sys.argv[1]))))
