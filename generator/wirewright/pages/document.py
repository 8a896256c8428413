"""An AsyncAPI document as text that is edited in its own layout, and read again after each edit."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from wirewright.load.node import Node, same
from wirewright.load.yaml_text import read_yaml
from wirewright.model.types import Origin
from wirewright.pages.editor import Editor


@dataclass
class Document:
    """The AsyncAPI document of a folder, as text that is edited and read again after each edit."""

    editor: Editor
    file: str

    def __post_init__(self) -> None:
        self.lines = list(self.editor.lines(self.file))
        self.changed = False

    def at(self, pointer: str) -> Node:
        """What stands at a pointer now; nothing is an empty mapping."""
        root = read_yaml("\n".join(self.lines) + "\n", self.file)[0]
        return (root.at(pointer) if root is not None else None) or Node({}, Origin(self.file))

    @property
    def schemas(self) -> Mapping[str, Node]:
        return self.at("/components/schemas").map

    def add(self, pointer: str, value: str) -> bool:
        """Adds to the list at a pointer; false if the text cannot be edited so that it says just that."""
        node = self.at(pointer)
        return bool(node.list) and self._edit(_appended(self.lines, node, value), pointer, len(node.list) + 1, node)

    def put(self, pointer: str, lines: Sequence[str]) -> bool:
        """Adds a member to the block mapping at a pointer: its lines, indented from the first one on."""
        node = self.at(pointer)
        if not node.keys:
            return False
        last = max(node.keys.values())
        indent = last.column - 1
        after = last.line
        while after < len(self.lines) and _deeper(self.lines[after], indent):
            after += 1
        new = [" " * indent + line for line in lines]
        return self._edit([*self.lines[:after], *new, *self.lines[after:]], pointer, len(node.map) + 1, node)

    def _edit(self, lines: list[str], pointer: str, count: int, before: Node) -> bool:
        """Takes an edit that says just what it should: as much as before, and one thing more."""
        kept, self.lines = self.lines, lines
        found = self.at(pointer)
        held, old = ([*one.map.values(), *one.list] for one in (found, before))
        if len(held) != count or any(not same(one, other) for one, other in zip(old, held, strict=False)):
            self.lines = kept
            return False
        self.changed = True
        return True

    def begin(self, lines: Sequence[str]) -> None:
        """A document where there was none."""
        self.lines, self.changed = list(lines), True

    def save(self) -> None:
        if self.changed and not self.editor.lines(self.file):
            self.editor.append(self.file, self.lines)
        elif self.changed:
            self.editor.replace(self.file, 1, len(self.editor.lines(self.file)), self.lines)


def _deeper(line: str, indent: int) -> bool:
    return not line.strip() or len(line) - len(line.lstrip()) > indent


def _appended(lines: Sequence[str], node: Node, value: str) -> list[str]:
    """The lines with one more item in a list, in the list's own style."""
    last = node.list[-1].origin
    line = lines[last.line - 1]
    if lines[node.origin.line - 1][node.origin.column - 1 : node.origin.column] == "[":
        match = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"\\]|\\.)*\"|[^,\]]*").match(line, last.column - 1)
        end = last.column - 1 + len(match.group().rstrip()) if match else len(line)
        return [*lines[: last.line - 1], f"{line[:end]}, {value}{line[end:]}", *lines[last.line :]]
    dash = line.rfind("-", 0, last.column - 1)
    after = last.line
    while after < len(lines) and lines[after].strip() and len(lines[after]) - len(lines[after].lstrip()) > dash:
        after += 1
    return [*lines[:after], f"{' ' * max(dash, 0)}- {value}", *lines[after:]]
