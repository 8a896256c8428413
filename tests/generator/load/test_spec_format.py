"""`docs/spec-format.md` tells everything that a spec may say."""

from __future__ import annotations

import re
from pathlib import Path

from wirewright.load.endpoints.labels import label_name
from wirewright.load.typetext import SCALARS
from wirewright.model.api import Auth, RuleKind

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "spec-format.md").read_text(encoding="utf-8")
LOAD = ROOT / "generator" / "wirewright" / "load"


def test_every_extension_that_is_read_is_described() -> None:
    """Those of `emitted` are the generator's own, in documents that it wrote itself."""
    read = {
        key
        for file in LOAD.rglob("*.py")
        if "emitted" not in file.parts
        for key in re.findall(r"[\"'`](x-[a-z][a-z0-9-]+)", file.read_text(encoding="utf-8"))
    }
    assert len(read) > 12
    assert not {key for key in read if f"`{key}" not in PAGE}


def test_every_extension_of_our_specs_is_described() -> None:
    documents = [file.read_text(encoding="utf-8") for file in (ROOT / "specs").rglob("asyncapi.yaml")]
    used = {key for text in documents for key in re.findall(r"^\s*-?\s*(x-[a-z-]+):", text, re.MULTILINE)}
    assert not {key for key in used if f"`{key}`" not in PAGE}


def test_every_label_of_our_tables_is_described() -> None:
    tables = [file.read_text(encoding="utf-8") for file in (ROOT / "specs").rglob("*.md")]
    used = {label for text in tables for label in re.findall(r"^\*\*([A-Z][A-Za-z ]+):\*\*", text, re.MULTILINE)}
    assert len(used) > 15
    assert not {label for label in used if not label_name(label)}, "a label that nobody reads"
    assert not {label for label in used if label not in PAGE}


def test_every_word_of_the_tables_is_described() -> None:
    assert not [kind.value for kind in RuleKind if f"`{kind.value}`" not in PAGE]
    assert not [auth.value for auth in Auth if f"`{auth.value}`" not in PAGE]
    ours = {"STRING", "INT", "LONG", "DECIMAL", "NUMBER", "BOOLEAN", "TIME"}
    assert ours <= SCALARS.keys()
    assert not [word for word in ours if f"`{word}`" not in PAGE]


def test_every_extension_has_an_example() -> None:
    """Its row shows one, or the part that it names does."""
    part = PAGE.split("## 9. The AsyncAPI document")[1].split("### 9.1")[0]
    rows = re.findall(r"^\| (`x-[^|]+) \| [^|]+ \| (.*) \|$", part, re.MULTILINE)
    assert len(rows) > 12
    for keys, text in rows:
        named = re.findall(r"`(x-[a-z-]+)`", keys)
        shown = any(f"{key}:" in text for key in named) or re.search(r"See 9\.\d", text)
        assert shown, f"{keys} has no example"
