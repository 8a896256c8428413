"""The AsyncAPI documents that we generate: valid for the official parser, and read back into the model they were made of."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, cast

import pytest

from wirewright.load import load_any
from wirewright.model.api import Api
from wirewright.model.types import Origin
from wirewright.render.asyncapi import render_document

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PARSER = HERE / "node_modules" / "@asyncapi" / "parser"
NODE = shutil.which("node")
SPECS = {
    "spot": ROOT / "specs/binance/spot",
    "usdm": ROOT / "specs/binance/usdm",
    "coinm": ROOT / "specs/binance/coinm",
    "mini": ROOT / "tests/cases/mini/specs/mini",
    "chat": ROOT / "tests/cases/chat/chat.yaml",
    "toy": ROOT / "tests/generator/load/fixtures/toy",
}

# What the model that is read back may lack, and why. Everything else must be equal, prose and rules of the tables too.
IGNORED = {
    "origin": "it stands in another file now",
    "sources": "these are other files",
    "operations": "operations of the document that the product was described by; the complete document has its own",
    "operation": "the name of such an operation",
}


def loaded(name: str) -> Api:
    api = load_any(SPECS[name], root=ROOT, name=name).api
    assert api is not None
    return api


def comparable(value: object) -> object:
    """A value of the model as plain data, without what is ignored."""
    if is_dataclass(value) and not isinstance(value, type):
        kept = [one.name for one in fields(value) if one.name not in IGNORED]
        return {"is": type(value).__name__, **{name: comparable(getattr(value, name)) for name in kept}}
    if isinstance(value, tuple):
        return [comparable(one) for one in cast("tuple[object, ...]", value)]
    assert not isinstance(value, Origin)
    return value


def differences(one: object, other: object, at: str = "") -> list[str]:
    """Where two values differ, and how: a whole model is too long to be shown."""
    if isinstance(one, dict) and isinstance(other, dict):
        mine, theirs = cast("dict[str, Any]", one), cast("dict[str, Any]", other)
        if mine.keys() == theirs.keys():
            return [line for key in mine for line in differences(mine[key], theirs[key], f"{at}.{key}")]
    if isinstance(one, list) and isinstance(other, list):
        first, second = cast("list[Any]", one), cast("list[Any]", other)
        if len(first) == len(second):
            pairs = enumerate(zip(first, second, strict=True))
            return [line for index, (a, b) in pairs for line in differences(a, b, f"{at}[{index}]")]
    return [] if one == other else [f"{at}: {one!r:.100} is not {other!r:.100}"]


@pytest.mark.parametrize("name", SPECS)
def test_the_document_is_read_back_into_the_model_that_it_was_made_of(name: str, tmp_path: Path) -> None:
    api = loaded(name)
    file = tmp_path / f"{name}.yaml"
    file.write_text(render_document(api), encoding="utf-8")
    back = load_any(file, root=tmp_path, name=name)
    assert [str(one) for one in back.problems if not one.warning] == []
    assert differences(comparable(api), comparable(back.api)) == []


def test_a_changed_document_is_another_model(tmp_path: Path) -> None:
    api = loaded("toy")
    text = render_document(api)
    file = tmp_path / "toy.yaml"
    file.write_text(
        text.replace("x-amount-pattern:", "x-amount-patterns:", 1).replace("weight: {base: 5", "weight: {base: 6")
    )
    back = load_any(file, root=tmp_path, name="toy").api
    assert len(differences(comparable(api), comparable(back))) >= 1


def test_a_document_read_back_gives_the_same_document(tmp_path: Path) -> None:
    text = render_document(loaded("usdm"))
    file = tmp_path / "usdm.yaml"
    file.write_text(text, encoding="utf-8")
    back = load_any(file, root=tmp_path, name="usdm").api
    assert back is not None
    assert render_document(back) == text


def said(*files: Path) -> list[dict[str, Any]]:
    """What the parser says of files."""
    if NODE is None or not PARSER.is_dir():
        pytest.skip("the AsyncAPI parser is not installed: npm ci --prefix tests/asyncapi")
    command = [NODE, str(HERE / "check.mjs"), *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=600)
    return cast("list[dict[str, Any]]", json.loads(done.stdout))


def test_the_official_parser_finds_no_error_in_the_documents_of_the_products() -> None:
    found = said(*(ROOT / f"generated/asyncapi/{name}.yaml" for name in ("spot", "usdm", "coinm")))
    assert [one["errors"] for one in found] == [[], [], []]
    assert [one["version"] for one in found] == ["3.0.0"] * 3
    for one, name in zip(found, ("spot", "usdm", "coinm"), strict=True):
        api = loaded(name)
        assert one["operations"] >= len(api.methods) + len(api.streams)


def test_the_official_parser_finds_no_error_in_others(tmp_path: Path) -> None:
    files = [tmp_path / f"{name}.yaml" for name in ("mini", "chat", "toy")]
    for file in files:
        file.write_text(render_document(loaded(file.stem)), encoding="utf-8")
    assert [one["errors"] for one in said(*files)] == [[], [], []]


def test_the_parser_would_tell(tmp_path: Path) -> None:
    """An action that there is not, and a reference to nowhere, are errors to it."""
    text = render_document(loaded("toy"))
    wrong, lost = tmp_path / "wrong.yaml", tmp_path / "lost.yaml"
    wrong.write_text(text.replace("action: send", "action: dance", 1), encoding="utf-8")
    lost.write_text(
        text.replace("#/channels/api/messages/BookReply", "#/channels/api/messages/Nothing"), encoding="utf-8"
    )
    assert all(one["errors"] for one in said(wrong, lost))
