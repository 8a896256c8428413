"""The public face of generated modules: every name with its signature, one per line, so that two versions compare."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping

FILE = ".surface.json"


def render_surface(files: Mapping[str, str]) -> str:
    """`{"requests.OrderPlace.symbol": "str", ...}` over all modules; a package of sections counts as one module."""
    names = {_full_name(path, name): text for path, source in files.items() for name, text in _symbols(path, source)}
    return json.dumps(dict(sorted(names.items())), indent=0, ensure_ascii=False) + "\n"


def _symbols(path: str, source: str) -> Iterator[tuple[str, str]]:
    if path.endswith(".py") and not path.endswith("__init__.py"):
        for node in ast.parse(source).body:
            yield from _of(node, "")


def _of(node: ast.stmt, owner: str) -> Iterator[tuple[str, str]]:
    match node:
        case ast.ClassDef():
            bases = ", ".join(ast.unparse(base) for base in node.bases)
            yield f"{owner}{node.name}", f"class({bases})"
            for item in node.body:
                yield from _of(item, f"{owner}{node.name}.")
        case ast.FunctionDef() | ast.AsyncFunctionDef() if not node.name.startswith("_") or node.name == "__init__":
            yield f"{owner}{node.name}{_overload(node)}", _signature(node)
        case ast.AnnAssign(target=ast.Name(id=name)) if not name.startswith("_") and name != "source":
            yield f"{owner}{name}", _assigned(node)
        case ast.Assign(targets=[ast.Name(id=name)]) if not name.startswith("_"):
            yield f"{owner}{name}", ast.unparse(node.value) if owner else "value"
        case ast.If():  # what a type checker sees
            for item in node.body:
                yield from _of(item, owner)
        case _:
            pass


def _assigned(node: ast.AnnAssign) -> str:
    annotation = ast.unparse(node.annotation)
    if annotation == "TypeAlias" or annotation.startswith("ClassVar"):
        return f"{annotation} = {ast.unparse(node.value)}" if node.value else annotation
    return f"{annotation} = ..." if node.value is not None and not _is_required(node.value) else annotation


def _is_required(value: ast.expr) -> bool:
    """Whether a field has a wire name only, and no default."""
    return isinstance(value, ast.Call) and all(keyword.arg != "default" for keyword in value.keywords)


def _signature(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"({ast.unparse(node.args)}){returns}"


def _overload(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """Overloads share a name: what tells them apart is what they give."""
    is_overload = any(isinstance(item, ast.Name) and item.id == "overload" for item in node.decorator_list)
    return f"[{ast.unparse(node.returns)}]" if is_overload and node.returns else ""


def _full_name(path: str, name: str) -> str:
    """Under which users know it: in a package of sections, without the section."""
    module = path.removesuffix(".py").split("/")[0]
    return f"{module}.{re.sub(r'^[A-Za-z0-9]+Api(?=[.]|$)', 'Api', name) if module == 'api' else name}"
