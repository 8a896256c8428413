"""What is no difference: other keys, other files, another order. And what nobody can break with a document."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from worlds import diff, diff_documents, document

from wirewright.diff.report import FORMATS, render
from wirewright.errors import SpecError

CHAT = Path(__file__).parents[2] / "cases/chat/chat.yaml"
VALUES = (None, {}, [], "x", 1, -1.5, True, {"type": "string"}, {"type": ["string", "null"]}, {"$ref": "#/nowhere"})


def reversed_keys(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: reversed_keys(data[key]) for key in reversed(list(data))}
    return [reversed_keys(item) for item in data] if isinstance(data, list) else data


def renamed_messages(data: dict[str, Any]) -> dict[str, Any]:
    """Every message under another key, and every `$ref` to it."""
    text = json.dumps(data).replace("/messages/", "/messages/my_")
    made: dict[str, Any] = json.loads(text)
    for channel in made["channels"].values():
        channel["messages"] = {f"my_{key}": message for key, message in channel["messages"].items()}
    return made


def moved_schemas(data: dict[str, Any]) -> dict[str, Any]:
    """Every payload moved to the components."""
    made: dict[str, Any] = json.loads(json.dumps(data))
    schemas = made["components"].setdefault("schemas", {})
    for key, message in made["channels"]["room"]["messages"].items():
        schemas[f"Of{key}"] = message["payload"]
        message["payload"] = {"$ref": f"#/components/schemas/Of{key}"}
    return made


@pytest.mark.parametrize("change", [reversed_keys, renamed_messages, moved_schemas], ids=lambda one: one.__name__)
def test_what_the_wire_does_not_show_is_docs_at_most(tmp_path: Path, change: Callable[[Any], Any]) -> None:
    base = document("{}")
    found = diff_documents(tmp_path, base, change(base))
    assert {one.level.word for one in found} <= {"docs"}
    assert len(found) <= 1


def test_yaml_and_json_are_the_same(tmp_path: Path) -> None:
    (tmp_path / "chat.json").write_text(json.dumps(yaml.safe_load(CHAT.read_text())))
    assert diff(CHAT, tmp_path / "chat.json").changes == []


def test_words_are_docs(tmp_path: Path) -> None:
    patch = (
        "info: {title: Halls, description: All of them.}\n"
        "channels: {room: {messages: {said: {description: What somebody said., payload: {title: Said, "
        "properties: {text: {description: The words., examples: [Hello]}}}}}}}"
    )
    found = diff_documents(tmp_path, document("{}"), document(patch))
    assert {one.level.word for one in found} == {"docs"}


def test_a_guess_of_the_side_makes_no_difference(tmp_path: Path) -> None:
    """The new document would be taken for the other side's; what turned round is told all the same."""
    old, new = document("x-perspective: null"), document("x-perspective: null\noperations: {say: {action: receive}}")
    assert [one.rule.id for one in diff_documents(tmp_path, old, new)] == ["operation-turned"]


def test_a_shared_type_is_one_change(tmp_path: Path) -> None:
    """A schema that every message uses, in both directions: one line that names all of them."""
    shared = "components: {schemas: {Who: {type: object, properties: {name: {type: string}%s}, required: [name]}}}\n"
    uses = "channels: {room: {messages: {" + ", ".join(
        f"{name}: {{payload: {{properties: {{who: {{$ref: '#/components/schemas/Who'}}}}}}}}"
        for name in ("say", "said", "ask", "answer")
    )
    old, new = (document(shared % more + uses + "}}}") for more in ("", ", age: {type: integer}"))
    found = diff_documents(tmp_path, old, new)
    assert [(one.rule.id, one.what, len(one.directions)) for one in found] == [
        ("property-added-optional", "added, optional (integer)", 2)
    ]
    assert set(found[0].uses) == {"say", "said", "ask"}
    assert found[0].symbols == ("models.Who.age",)


# Whatever a document says


def places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    for key, inner in data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ():
        yield from places(inner, (*path, key))


def damaged(data: Any, chance: random.Random) -> Any:
    """The same data with a few places gone or with something else in them."""
    made = json.loads(json.dumps(data))
    for _ in range(chance.randint(1, 4)):
        *above, last = chance.choice([path for path in places(made) if path])
        inner = made
        for key in above:
            inner = inner[key]
        if chance.random() < 0.5:
            del inner[last]
        else:
            inner[last] = chance.choice(VALUES)
        if not isinstance(made, dict) or not made:
            break
    return made


@pytest.mark.parametrize("seed", range(40))
def test_damaged_documents_end_in_changes_or_problems(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    base = chance.choice([document("{}"), yaml.safe_load(CHAT.read_text())])
    old, new = damaged(base, chance), damaged(base, chance)
    try:
        found = diff_documents(tmp_path, old, new)
    except SpecError as error:
        assert error.problems
        return
    assert all(render(found, form) or not found for form in FORMATS)
    assert diff(tmp_path / "old.json", tmp_path / "old.json").changes == []
