"""Generated names of what is the same on the wire: a new name breaks code, unless the old one stays as an alias."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from wirewright.diff.change import Finding, rule
from wirewright.diff.rules import Direction
from wirewright.diff.words import from_to
from wirewright.model.types import EnumType, Field, NamedType, Origin, StructType


@dataclass(frozen=True)
class Names:
    """How a changed name is told.

    Args:
        are_api: Names come from a name table, so that a changed one is a decision; else they follow the keys of a document.
        kept: (old, new) of names that stay as aliases.
    """

    are_api: bool = True
    kept: Collection[tuple[str, str]] = ()

    def of_types(self, old: NamedType, new: NamedType, direction: Direction) -> Iterator[Finding]:
        if old.name != new.name:
            symbols = (f"{_module(old)}.{old.name}", f"{_module(new)}.{new.name}")
            yield self.renamed(old.name, new.name, direction, old.origin, new.origin, symbols)
        elif isinstance(old, EnumType) and isinstance(new, EnumType):
            yield from self._of_values(old, new, direction)

    def _of_values(self, old: EnumType, new: EnumType, direction: Direction) -> Iterator[Finding]:
        names = {one.wire: one.name for one in new.values}
        kept = {*self.kept, *(new.deprecated)}
        for one in old.values:
            name = names.get(one.wire, one.name)
            if name != one.name:
                symbols = (f"enums.{old.name}.{one.name}", f"enums.{new.name}.{name}")
                is_kept = (one.name, name) in kept
                yield self._renamed(
                    f"{new.name}: {one.name}", name, is_kept, direction, old.origin, new.origin, symbols
                )

    def of_fields(
        self, one: Field, other: Field, old: StructType, new: StructType, direction: Direction
    ) -> Iterator[Finding]:
        if one.name == other.name:
            return
        symbols = (f"{old.module}.{old.name}.{one.name}", f"{new.module}.{new.name}.{other.name}")
        is_kept = one.name in other.deprecated_names
        yield self._renamed(f"{new.name}.{one.name}", other.name, is_kept, direction, one.origin, other.origin, symbols)

    def renamed(
        self, old: str, new: str, direction: Direction, was: Origin, now: Origin, symbols: tuple[str, ...]
    ) -> Finding:
        return self._renamed(old, new, (old, new) in self.kept, direction, was, now, symbols)

    def _renamed(
        self,
        old: str,
        new: str,
        is_kept: bool,
        direction: Direction,
        was: Origin,
        now: Origin,
        symbols: tuple[str, ...],
    ) -> Finding:
        name = "symbol-renamed-kept" if is_kept else "symbol-renamed" if self.are_api else "name-follows-document"
        what = "renamed " + from_to(f"`{old.rpartition('.')[2].rpartition(' ')[2]}`", f"`{new}`")
        return Finding(rule(name), direction, f"the name {old}", what, was, now, symbols)


def _module(named: NamedType) -> str:
    return "enums" if isinstance(named, EnumType) else named.module
