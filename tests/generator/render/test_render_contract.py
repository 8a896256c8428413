"""The generator does not import the runtime, so what it believes of it is compared here."""

from __future__ import annotations

import ast
import dataclasses
from pathlib import Path

import msgspec
import pytest
from mini_api import MINI

import wirewright_runtime
from wirewright.model import naming
from wirewright.render import values
from wirewright.render.context import FACE, Context
from wirewright.render.environment import Templates
from wirewright.render.product import render_all

VALUES = [kind for kind in vars(values).values() if isinstance(kind, type) and issubclass(kind, values.Value)]
MODULES_WITH_TYPES = ("models.py", "events.py", "enums.py", "requests.py", "streams.py")


def test_generated_code_takes_only_what_the_runtime_shows() -> None:
    assert set(FACE) <= set(wirewright_runtime.__all__)


@pytest.mark.parametrize("kind", [kind for kind in VALUES if kind is not values.Value], ids=lambda kind: kind.__name__)
def test_a_value_has_the_fields_and_defaults_of_the_runtime(kind: type[values.Value]) -> None:
    theirs = getattr(wirewright_runtime, kind.__name__)
    if not issubclass(theirs, msgspec.Struct):
        pytest.skip("a plain class, whose arguments type checkers see")
    known = {field.name: field for field in msgspec.structs.fields(theirs)}
    for field in dataclasses.fields(kind):
        assert field.name in known, f"{kind.__name__} has no {field.name}"
        assert _default(field) == _their_default(known[field.name]), f"{kind.__name__}.{field.name}"
    order = [name for name in known if name in kind.POSITIONAL]
    assert tuple(order) == kind.POSITIONAL == tuple(known)[: len(order)]


def _default(field: dataclasses.Field[object]) -> str:
    if field.default_factory is not dataclasses.MISSING:
        return repr(field.default_factory())
    return "" if field.default is dataclasses.MISSING else _text(field.default)


def _their_default(field: msgspec.structs.FieldInfo) -> str:
    if field.default_factory is not msgspec.NODEFAULT:
        return repr(field.default_factory())
    return "" if field.default is msgspec.NODEFAULT else _text(field.default)


def _text(value: object) -> str:
    """A default as text: code of ours means the class or member that it names."""
    if isinstance(value, type):
        return value.__name__
    return str(value) if isinstance(value, wirewright_runtime.Auth | str) and value else repr(value)


def test_no_type_can_be_called_like_something_that_its_module_imports() -> None:
    """The names that a document may choose are kept apart from those that generated modules use."""
    files = render_all(Context(MINI, "mini_wire.mini", Templates()))
    own = {named.name for named in MINI.types} | {f"{named.name}Like" for named in MINI.types}
    for path in MODULES_WITH_TYPES:
        imports = [node for node in ast.walk(ast.parse(files[path])) if isinstance(node, ast.ImportFrom)]
        names = {alias.name for node in imports for alias in node.names if alias.name[0].isupper()}
        assert names - own <= naming.TYPE_NAMES | {"TYPE_CHECKING"}, path


def test_the_model_imports_nothing_and_load_and_render_never_meet() -> None:
    package = Path(naming.__file__).parents[1]
    allowed = {
        "model": {"model", "errors"},
        "render": {"model", "errors", "render"},
        "write": {"config", "model", "write"},
    }
    for part, wanted in allowed.items():
        for file in (package / part).rglob("*.py"):
            nodes = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.ImportFrom)]
            used = {
                node.module.split(".")[1] for node in nodes if node.module and node.module.startswith("wirewright.")
            }
            assert used <= wanted, file
            assert not [node for node in nodes if node.module and node.module.startswith("wirewright_runtime")], file
