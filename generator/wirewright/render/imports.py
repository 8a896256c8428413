"""What a generated module must import: found by looking at the names that its text uses."""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Mapping
from itertools import groupby
from symtable import SymbolTable, symtable

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
    """The names that a module takes from outside: what it uses in any scope, and defines neither there nor at its top."""
    module = symtable(body, "<module>", "exec")
    own = {symbol.get_name() for symbol in module.get_symbols() if symbol.is_assigned() or symbol.is_namespace()}
    taken = (symbol for table in _tables(module) for symbol in table.get_symbols())
    return {symbol.get_name() for symbol in taken if symbol.is_referenced() and symbol.is_global()} - own


def _tables(table: SymbolTable) -> Iterator[SymbolTable]:
    """A scope and those inside it."""
    yield table
    for inner in table.get_children():
        yield from _tables(inner)
