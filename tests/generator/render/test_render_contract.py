"""The generator does not import the runtime, so what it believes of it is compared here."""

from __future__ import annotations

import ast
import inspect
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

MODULES_WITH_TYPES = ("models.py", "events.py", "enums.py", "requests.py", "streams.py")


def test_generated_code_takes_only_what_the_runtime_shows() -> None:
    face = ast.parse(Path(wirewright_runtime.__file__).read_text(encoding="utf-8"))
    shown = {name.asname for line in face.body if isinstance(line, ast.ImportFrom) for name in line.names}
    assert set(FACE) <= shown


@pytest.mark.parametrize("name", values.signatures())
def test_a_value_has_the_arguments_and_defaults_of_the_runtime(name: str) -> None:
    theirs, ours = inspect.signature(getattr(wirewright_runtime, name)), values.signatures()[name]
    for argument, usual in ours.defaults.items():
        assert argument in theirs.parameters, f"{name} has no {argument}"
        assert _text(usual) == _their_default(name, theirs.parameters[argument]), f"{name}.{argument}"
    assert ours.positional == tuple(theirs.parameters)[: len(ours.positional)]
    spread = [one.name for one in theirs.parameters.values() if one.kind is inspect.Parameter.VAR_POSITIONAL]
    assert spread == ([ours.spread] if ours.spread else [])


def _their_default(name: str, parameter: inspect.Parameter) -> str:
    if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
        return "()"
    if parameter.default is inspect.Parameter.empty:
        return _text(values.MANDATORY)
    kind = getattr(wirewright_runtime, name)
    made = {one.name: one for one in msgspec.structs.fields(kind)} if issubclass(kind, msgspec.Struct) else {}
    factory = made[parameter.name].default_factory if parameter.name in made else msgspec.NODEFAULT
    return _text(parameter.default if factory is msgspec.NODEFAULT else factory())


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
