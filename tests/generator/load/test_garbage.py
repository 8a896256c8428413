"""Whatever a file holds, reading it ends with problems that name places, and never with an exception."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wirewright.load import load_any
from wirewright.load.endpoints import read_tables
from wirewright.load.flattened import restore
from wirewright.load.json_text import read_json
from wirewright.load.yaml_text import read_yaml

FIXTURES = Path(__file__).parent / "fixtures"
TOY = sorted((FIXTURES / "toy").iterdir())
PAGES = ["page.md", "index.md", "operations.md", "signatures.md", "calls.md", "label-headings.md", "flattened.txt"]
MARKS = st.sampled_from(
    [*"|#*`<>-:[]{}&!,. \n\t\\\"'", "```", "<table>", "</td>", "**", "$ref", "<!--", "|---|", "é", "…", "1"]
)
MARKUP = st.lists(MARKS | st.text(max_size=3), max_size=60).map("".join)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just("#/components/schemas/A"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["type", "properties", "items", "allOf", "oneOf", "enum", "const", "$ref", "required", "nullable", "payload",
         "default", "name", "additionalProperties", "prefixItems", "format", "discriminator", "headers", "", "__init__"]
    ), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(MARKUP)
def test_any_markup_is_read(text: str) -> None:
    for from_page in (False, True):
        read_tables(text, "a.md", from_page)
    for found, problems in (read_yaml(text, "a.yaml"), restore(text, "a.yaml")):
        assert found is None or found.origin.file == "a.yaml"
        assert all(one.origin.file == "a.yaml" for one in problems)
    read_json(text, "a.json", 1)


@given(VALUES, VALUES)
def test_any_schema_is_read(tmp_path_factory: pytest.TempPathFactory, payload: object, other: object) -> None:
    file = tmp_path_factory.mktemp("a") / "a.json"
    operation = {"operationId": "o", "message": {"payload": payload}}
    channels = {"/a": {"publish": operation, "subscribe": {"message": other}, "parameters": other}}
    document = {"asyncapi": "2.6.0", "channels": channels, "components": {"schemas": {"A": payload, "B": other}}}
    file.write_text(json.dumps(document), encoding="utf-8")
    assert load_any(file).api is not None


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(PAGES), st.integers())
def test_a_spoilt_page_is_read(tmp_path: Path, name: str, seed: int) -> None:
    file = tmp_path / name
    file.write_text(_spoilt((FIXTURES / name).read_text(encoding="utf-8"), seed), encoding="utf-8")
    _check(file)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(TOY), st.integers())
def test_a_spoilt_product_is_read(tmp_path: Path, spoilt: Path, seed: int) -> None:
    for one in TOY:
        text = one.read_text(encoding="utf-8")
        (tmp_path / one.name).write_text(_spoilt(text, seed) if one == spoilt else text, encoding="utf-8")
    _check(tmp_path)


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(b"asyncapi: \xff\xfe\x00")
    loaded = load_any(file)
    assert loaded.api is None
    assert loaded.problems


def _check(path: Path) -> None:
    loaded = load_any(path)
    for one in loaded.problems:
        assert one.what
        assert one.origin.file
        assert one.origin.line >= 0


def _spoilt(text: str, seed: int) -> str:
    """The text with a few lines taken out, doubled, exchanged, or cut."""
    chance = random.Random(seed)
    lines = text.splitlines()
    for _ in range(chance.randint(1, 6)):
        at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
        match chance.randrange(5):
            case 0:
                lines[at] = ""
            case 1:
                lines.insert(other, lines[at])
            case 2:
                lines[at], lines[other] = lines[other], lines[at]
            case 3:
                lines[at] = lines[at][: chance.randrange(len(lines[at]) + 1)]
            case _:
                lines[at] = " " * chance.randrange(6) + lines[at].lstrip()
    return "\n".join(lines)
