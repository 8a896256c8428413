"""Documents of strangers: whatever they are called and whatever they hold, what comes out is sound Python or a told problem."""

from __future__ import annotations

import ast
import json
import sys
from importlib import import_module
from typing import Any

import pytest
from examine import faults
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wirewright import pipeline
from wirewright.config import document_config
from wirewright.errors import SpecError

EVIL = '"""\nraise SystemExit("executed")\n"""\\'
NAMES = [
    *("__init__", "import", "class", "None", "self", "..", "../../evil", "/etc/passwd", "", " ", "\N{GRINNING FACE}"),
    *("type", "id", "source", "method", "field", "Model", "Event", "Json", "str", "list", "dict", "int", "Stream"),
    *("a.b", "a-b", "a b", "a_b", "aB", "A_B", "Ünï", "日本", "1st", "_x", "__x", "x__", "{x}", "{{ x }}", "{% x %}"),
    *(
        "timeout",
        "models",
        "events",
        "enums",
        "send",
        "api",
        "client",
        "items",
        "keys",
        "get",
        "$ref",
        "<<",
        "~1",
        "a/b",
    ),
    *("Product", "Socket", "Api", "Literal", "Decimal", "ClassVar", "NoneType", "\u202e", "\x00", "\ud800", EVIL),
]
TEXTS = st.sampled_from(["", "Says what it is.", EVIL, "{{ 7 * 7 }}", "\u202eevil", "\x00", "é" * 300, "a\nb\n\n- c"])
names = st.one_of(st.sampled_from(NAMES), st.text(max_size=8))
scalars = st.one_of(st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(allow_nan=False), names)


def _schema(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    properties = st.dictionaries(names, inner, max_size=4)
    pairs: dict[str, st.SearchStrategy[Any]] = {
        "type": st.sampled_from(
            ["object", "array", "string", "integer", ["string", "null"], ["object", "array"], "odd"]
        ),
        "properties": properties,
        "required": st.lists(names, max_size=3),
        "additionalProperties": st.one_of(st.booleans(), inner),
        "patternProperties": properties,
        "items": st.one_of(inner, st.lists(inner, max_size=3), st.booleans()),
        "prefixItems": st.lists(inner, max_size=3),
        **dict.fromkeys(("allOf", "oneOf", "anyOf"), st.lists(inner, max_size=3)),
        **dict.fromkeys(("not", "if", "then", "else", "contains"), inner),
        "enum": st.lists(scalars, max_size=4),
        "const": scalars,
        "default": scalars,
        "nullable": st.booleans(),
        "title": names,
        "description": TEXTS,
        "format": st.sampled_from(["date-time", "decimal", "binary", "int64", ""]),
        "discriminator": st.one_of(names, st.fixed_dictionaries({"propertyName": names})),
        "$ref": st.sampled_from(
            ["#", "#/components/schemas/A", "#/nowhere", "../x.yaml", "file:///etc/passwd", "http://x/y"]
        ),
        "examples": st.lists(scalars, max_size=2),
    }
    return st.fixed_dictionaries({}, optional=pairs)


leaves: st.SearchStrategy[Any] = st.one_of(
    st.booleans(),
    st.just({}),
    st.fixed_dictionaries({"type": st.sampled_from(["string", "integer", "number", "boolean"])}),
)
schemas = st.recursive(leaves, _schema, max_leaves=12)
messages = st.fixed_dictionaries(
    {"payload": schemas},
    optional={
        "name": names,
        "title": names,
        "description": TEXTS,
        "summary": TEXTS,
        "correlationId": st.just({"location": "$message.payload#/id"}),
    },
)


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """A document of either version that holds anything."""
    said = draw(st.dictionaries(names, messages, min_size=1, max_size=4))
    info = {"title": draw(names), "version": "1", "description": draw(TEXTS)}
    components = {
        "schemas": draw(st.dictionaries(st.one_of(st.just("A"), names), schemas, max_size=4)),
        "messages": said,
    }
    if draw(st.booleans()):
        one_of = [{"$ref": f"#/components/messages/{name.replace('~', '~0').replace('/', '~1')}"} for name in said]
        verbs = {
            "publish": {"operationId": draw(names), "message": {"oneOf": one_of}},
            "subscribe": {"message": {"oneOf": one_of}},
        }
        channels = {draw(names): {"description": draw(TEXTS), **verbs}}
        servers = {
            draw(names): {"url": draw(st.sampled_from(["ws://x/{a}", "wss://{b}", "x", EVIL])), "protocol": "ws"}
        }
        return {"asyncapi": "2.6.0", "info": info, "servers": servers, "channels": channels, "components": components}
    channel = {"address": draw(names), "messages": said}
    point = {"$ref": "#/channels/one"}
    operations = {
        draw(names): {
            "action": action,
            "channel": point,
            **({"reply": {"channel": point}} if draw(st.booleans()) else {}),
        }
        for action in ("send", "receive")
    }
    return {
        "asyncapi": "3.0.0",
        "info": info,
        "channels": {"one": channel},
        "operations": operations,
        "components": components,
    }


COUNT = iter(range(10**6))


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(documents())
def test_any_document_becomes_sound_python_or_a_told_problem(
    tmp_path_factory: pytest.TempPathFactory, document: dict[str, Any]
) -> None:
    folder = tmp_path_factory.mktemp("stranger")
    package = f"stranger{next(COUNT)}"
    (folder / "d.json").write_text(json.dumps(document), encoding="utf-8")
    try:
        works = pipeline.generate(document_config(folder / "d.json", package, folder))
    except SpecError as error:
        assert error.problems
        return
    assert {path.name for path in folder.iterdir()} == {"d.json", package}
    for work in works:
        for path, text in work.files.items():
            assert (folder / package / path).resolve().is_relative_to(folder / package)
            if path.endswith(".py"):
                ast.parse(text)
    sys.path.insert(0, str(folder))
    try:
        import_module(f"{package}.client")
        assert not list(faults(package, folder))
    finally:
        sys.path.remove(str(folder))
        for name in [name for name in sys.modules if name.split(".")[0] == package]:
            del sys.modules[name]
