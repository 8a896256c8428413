"""Generated names of what is the same on the wire: a new name breaks code, unless the old one stays as an alias."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from wirewright.diff.place import Place
from wirewright.diff.words import change_of
from wirewright.model.types import EnumType, Field, NamedType, StructType


@dataclass(frozen=True)
class Names:
    """How a changed name is told.

    Args:
        are_api: Names come from a name table, so that a changed one is a decision; else they follow the keys of a document.
        kept: (old, new) of names that stay as aliases.
    """

    are_api: bool = True
    kept: Collection[tuple[str, str]] = ()

    def of_types(self, old: NamedType, new: NamedType, at: Place) -> None:
        if old.name != new.name:
            self.renamed(old.name, new.name, replace(at, symbols=(symbol_of(old), symbol_of(new))))
        elif isinstance(old, EnumType) and isinstance(new, EnumType):
            self._of_values(old, new, at)

    def _of_values(self, old: EnumType, new: EnumType, at: Place) -> None:
        names = {one.wire: one.name for one in new.values}
        kept = {*self.kept, *new.deprecated}
        for one in old.values:
            name = names.get(one.wire, one.name)
            if name != one.name:
                place = replace(at, symbols=(f"enums.{old.name}.{one.name}", f"enums.{new.name}.{name}"))
                self.renamed(f"{new.name}: {one.name}", name, place, (one.name, name) in kept)

    def of_fields(self, one: Field, other: Field, old: StructType, new: StructType, at: Place) -> None:
        if one.name != other.name:
            place = replace(at, symbols=(f"{symbol_of(old)}.{one.name}", f"{symbol_of(new)}.{other.name}"))
            self.renamed(f"{new.name}.{one.name}", other.name, place, one.name in other.deprecated_names)

    def renamed(self, old: str, new: str, at: Place, is_kept: bool | None = None) -> None:
        """Args: is_kept: the old name stays as an alias; default: it is one of `kept`."""
        is_kept = (old, new) in self.kept if is_kept is None else is_kept
        name = "symbol-renamed-kept" if is_kept else "symbol-renamed" if self.are_api else "name-follows-document"
        what = "renamed " + change_of(old.rpartition(".")[2].rpartition(" ")[2], new)
        replace(at, subject=f"the name {old}", position=False).tell(name, what)


def symbol_of(named: NamedType) -> str:
    """The generated name of a type, with its module."""
    return f"enums.{named.name}" if isinstance(named, EnumType) else f"{named.module}.{named.name}"
