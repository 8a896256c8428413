"""Which pieces of a long module go into which file, so that files import each other in one direction only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from wirewright.model.modules import closure
from wirewright.model.naming import snake
from wirewright.render.components import strong_components

LONGEST = 1500  # lines of a module
SHARED = "shared"  # the section of what several sections use


@dataclass(frozen=True)
class Item:
    """A piece of a module: the names that it defines, its text, and the names of the same module that it uses."""

    names: tuple[str, ...]
    text: str
    section: str
    file: str
    uses: frozenset[str] = frozenset()


Sections = dict[str, list[Item]]


def split_sections(items: Sequence[Item]) -> Sections:
    """Items by section. What another section uses goes to the shared one, with all that it uses itself."""
    home = {name: _identifier(item.section) for item in items for name in item.names}
    users = {name: item for item in items for name in item.names}
    crossing = {used for item in items for used in item.uses if home.get(used, "") != _identifier(item.section)}
    shared = closure(crossing & users.keys(), lambda name: users[name].uses & users.keys())
    sections: Sections = {}
    for item in items:
        section = SHARED if shared.intersection(item.names) else _identifier(item.section)
        sections.setdefault(section, []).append(item)
    return {name: part for section, long in sections.items() for name, part in _parts(section, long)}


def _parts(section: str, items: list[Item]) -> Iterator[tuple[str, list[Item]]]:
    """A section, in as many parts as it takes to keep each short. A part uses only those before it."""
    parts: list[list[Item]] = [[]]
    lines = 0
    for group in _used_first(items):
        length = sum(item.text.count("\n") + 3 for item in group)
        if lines and lines + length > LONGEST:
            parts.append([])
            lines = 0
        parts[-1] += group
        lines += length
    for number, part in enumerate(parts, 1):
        yield section if number == 1 else f"{section}_{number}", [item for item in items if item in part]


def _used_first(items: list[Item]) -> Iterator[list[Item]]:
    """Groups of items, what is used before what uses it; items that use each other are one group."""
    owner = {name: number for number, item in enumerate(items) for name in item.names}
    graph = {number: {owner[name] for name in item.uses if name in owner} for number, item in enumerate(items)}
    for component in strong_components(graph):
        yield [items[number] for number in sorted(component)]


def _identifier(section: str) -> str:
    return snake(section, fallback="general")
