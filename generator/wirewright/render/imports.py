"""What a generated module must import: found by looking at the names that its text uses."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Mapping
from itertools import groupby

RUNTIME = "wirewright_runtime"

STANDARD = {
    "collections.abc": ("AsyncIterator", "Iterable", "Mapping", "Sequence"),
    "decimal": ("Decimal",),
    "typing": (
        "TYPE_CHECKING",
        "ClassVar",
        "Final",
        "Generic",
        "Literal",
        "TypeAlias",
        "TypeVar",
        "Union",
        "Unpack",
        "overload",
    ),
}


def import_block(body: str, known: Mapping[str, str]) -> str:
    """The import lines of a module: standard library, runtime, own package, each group and line sorted.

    `known` says of every importable name where it lives: "package.module", or "package:" for a module of it.
    """
    wanted = _used_names(body)
    lines = sorted((known[name].rstrip(":"), name) for name in wanted if name in known)
    groups = (_group(lines, rank) for rank in range(3))
    return "\n\n".join(group for group in groups if group)


def unknown_names(body: str, known: Mapping[str, str]) -> set[str]:
    """Names that a module uses and nobody defines: the sign of a mistake in a template."""
    return {name for name in _used_names(body) if name not in known and not hasattr(builtins, name)}


def standard_names() -> dict[str, str]:
    return {name: module for module, names in STANDARD.items() for name in names}


def _group(lines: list[tuple[str, str]], rank: int) -> str:
    ours = [line for line in lines if _rank(line[0]) == rank]
    texts: list[str] = []
    for module, names in groupby(ours, key=lambda line: line[0]):
        texts.append(f"from {module} import {', '.join(sorted((name for _, name in names), key=_isort))}")
    return "\n".join(texts)


def _rank(module: str) -> int:
    return 0 if module in STANDARD else 1 if module == RUNTIME else 2


def _isort(name: str) -> tuple[int, str]:
    """Constants, then classes, then functions: the order that import sorters agree on."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return kind, name


def _used_names(body: str) -> set[str]:
    names = _Names()
    names.visit(ast.parse(body))
    return names.used - names.defined


class _Names(ast.NodeVisitor):
    """Collects the names that a module uses, without those that a function binds itself."""

    def __init__(self) -> None:
        self.used: set[str] = set()
        self.defined: set[str] = set()
        self._bound: frozenset[str] = frozenset()

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self.used.update({node.id} - self._bound)
        else:
            self.defined.add(node.id)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.defined.add(node.name)
        methods = {item.name for item in node.body if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef)}
        for part in (*node.decorator_list, *node.bases, *node.keywords, *node.body):
            if not (isinstance(part, ast.Assign) and isinstance(part.value, ast.Name) and part.value.id in methods):
                self.visit(part)  # and not: a second name of a method

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """A field of a class is no name of the module: what it is called says nothing."""
        self.visit(node.annotation)
        if node.value is not None:
            self.visit(node.value)
        if isinstance(node.target, ast.Name) and node.col_offset == 0:
            self.defined.add(node.target.id)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._visit_function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._visit_function(node)

    def _visit_function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for outside in (*node.decorator_list, node.args, *([node.returns] if node.returns else [])):
            self.visit(outside)
        before = self._bound
        arguments = [*node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
        self._bound = before | {argument.arg for argument in arguments if argument}
        self._bound |= {
            item.id for item in ast.walk(node) if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store)
        }
        for statement in node.body:
            self.visit(statement)
        self._bound = before
