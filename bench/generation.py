"""What generating costs, in CPU seconds of whole processes: everything, nothing, one table, and documents that grow.

python bench/generation.py
"""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
SIZES = (1, 10, 100)


def cpu(*arguments: str, folder: Path = ROOT) -> float:
    """CPU seconds of one run of the command, with its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "wirewright", *arguments]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def project(folder: Path) -> Path:
    """A copy of this project's specs and what is generated from them."""
    for name in ("specs", "generated", "templates"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "wirewright.toml", folder)
    return folder


def document(size: int) -> str:
    """A document with 5 x `size` messages of ten fields, each told by its own tag."""
    schemas = {
        f"Event{number}": {
            "type": "object",
            "required": ["type"],
            "properties": {"type": {"const": f"event{number}"}}
            | {f"field{index}": {"type": "string", "description": f"Field {index}."} for index in range(9)},
        }
        for number in range(5 * size)
    }
    messages = [{"name": name, "payload": {"$ref": f"#/components/schemas/{name}"}} for name in schemas]
    return json.dumps(
        {
            "asyncapi": "2.6.0",
            "info": {"title": "Growing", "version": "1"},
            "servers": {"main": {"url": "wss://example.com", "protocol": "wss"}},
            "channels": {"/": {"subscribe": {"message": {"oneOf": messages}}}},
            "components": {"schemas": schemas},
        }
    )


def main() -> None:
    rows: list[tuple[str, float]] = [("interpreter and `wirewright --help`", cpu("--help"))]
    with tempfile.TemporaryDirectory() as name:
        folder = project(Path(name))
        rows.append(("all three products from nothing", cpu("generate", "--force", folder=folder)))
        rows.append(("nothing changed", cpu("generate", folder=folder)))
        table = folder / "specs" / "binance" / "spot" / "general.md"
        table.write_text(table.read_text().replace("**Weight:** 1\n", "**Weight:** 2\n", 1))
        rows.append(("one changed table", cpu("generate", folder=folder)))
    with tempfile.TemporaryDirectory() as name:
        for size in SIZES:
            file = Path(name) / f"document{size}.json"
            file.write_text(document(size))
            out = ("--package", f"growing{size}", "--out", name)
            rows.append((f"a document of {5 * size} messages", cpu("generate", str(file), *out)))
    for what, seconds in rows:
        print(f"{what:40} {seconds:6.2f} s of CPU")


if __name__ == "__main__":
    main()
