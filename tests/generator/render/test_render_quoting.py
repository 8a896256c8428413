"""Text of a spec stays text, whatever it holds."""

from __future__ import annotations

import ast
import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mini_api import MINI

from wirewright.model.types import Origin
from wirewright.render.context import Context
from wirewright.render.environment import Templates
from wirewright.render.product import render_all
from wirewright.render.python import comment, docstring, literal
from wirewright.write.format import format_files

HOSTILE = [
    'ends """\nimport os\nos.abort()\n"""',
    "ends with a backslash \\",
    'ends with a quote "',
    "{{ 7 * 7 }} {% raw %} {# no #} #}",
    "*/ // <!-- --> ]]>",
    "\\N{BULLET} \\x41 \\\n import os",
    "a\u202eb\u2066c\x00d\x1be\u2028f\ud800g",
    "' + __import__('os').abort() + '",
    "`| cell | of | a table`",
    "",
    "   ",
]
PROSE = {"doc", "title", "label", "case", "deprecated", "data_source"}


@given(st.text())
def test_a_literal_is_its_value(text: str) -> None:
    assert ast.literal_eval(literal(text)) == text


@given(st.text())
def test_a_docstring_is_one_string(text: str) -> None:
    tree = ast.parse(f"class A:\n    {docstring(text)}\n    x: int\n    {docstring(text)}\n")
    assert [type(node) for node in tree.body[0].body] == [ast.Expr, ast.AnnAssign, ast.Expr]  # type: ignore[attr-defined]
    words = ast.get_docstring(tree.body[0], clean=False) or ""  # type: ignore[arg-type]
    assert words.split() == text.split() or "|" in text or not text.isprintable()


@given(st.text())
def test_a_comment_is_one_line(text: str) -> None:
    assert len(f"# {comment(text)}".splitlines()) == 1


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_prose_comes_out_as_text(text: str) -> None:
    files = format_files(render_all(Context(_with_prose(MINI, text), "mini_wire.mini", Templates())))
    for path, source in files.items():
        if path.endswith(".py"):
            tree = ast.parse(source)
            assert not [node for node in ast.walk(tree) if isinstance(node, ast.Import)], path
            assert {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id[:2] == "__"} <= {
                "__all__"
            }
            assert {type(node) for node in tree.body} <= TOP_LEVEL, path
        assert "49" not in source, path
        if "{{ 7 * 7 }}" in text and path == "models.py":
            assert "{{ 7 * 7 }} {% raw %} {# no #} #}" in source


TOP_LEVEL = {ast.Expr, ast.ImportFrom, ast.ClassDef, ast.AnnAssign, ast.Assign, ast.If}


@pytest.mark.parametrize("text", [text for text in HOSTILE if text.strip()])
def test_hostile_wire_names_come_out_as_data(text: str) -> None:
    fields = [dataclasses.replace(field, wire=text) for field in MINI.types[6].fields[:1]]  # type: ignore[union-attr]
    struct: Any = dataclasses.replace(MINI.types[6], fields=tuple(fields))  # type: ignore[arg-type]
    method = dataclasses.replace(MINI.methods[0], wire=text, security="NONE")
    api = dataclasses.replace(
        MINI, types=(*MINI.types[:6], struct, *MINI.types[7:]), methods=(method, *MINI.methods[1:])
    )
    files = format_files(render_all(Context(api, "mini_wire.mini", Templates())))
    strings = [node.value for path in ("models.py", "requests.py", "catalog.py") for node in _strings(files[path])]
    assert strings.count(text) >= 3


def _strings(source: str) -> list[ast.Constant]:
    return [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)]


def _with_prose(value: Any, text: str) -> Any:
    """The same model with every piece of prose replaced."""
    if dataclasses.is_dataclass(value) and not isinstance(value, Origin | type):
        old = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        prose = {name: text for name, part in old.items() if name in PROSE and isinstance(part, str)}
        rest = {name: _with_prose(part, text) for name, part in old.items() if name not in prose}
        return dataclasses.replace(value, **rest, **prose)
    return tuple(_with_prose(item, text) for item in value) if isinstance(value, tuple) else value
