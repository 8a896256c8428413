"""Plain data that knows where each piece of it was written."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from wirewright.model.types import Origin

Atom = str | int | Decimal | bool | None
Plain = Atom | list["Plain"] | dict[str, "Plain"]


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A mapping, a list or an atom. `keys` says where the keys of a mapping stand."""

    value: dict[str, Node] | list[Node] | Atom
    origin: Origin
    keys: Mapping[str, Origin] = field(default_factory=dict[str, Origin])
    comment: str = ""  # of an example: what the writer says of this value
    partial: bool = False  # of an example: `...` says that there is more

    @property
    def map(self) -> dict[str, Node]:
        return self.value if isinstance(self.value, dict) else {}

    @property
    def list(self) -> list[Node]:
        return self.value if isinstance(self.value, list) else []

    @property
    def atom(self) -> Atom:
        return None if isinstance(self.value, dict | list) else self.value

    @property
    def is_map(self) -> bool:
        return isinstance(self.value, dict)

    @property
    def is_list(self) -> bool:
        return isinstance(self.value, list)

    def get(self, key: str) -> Node | None:
        return self.map.get(key)

    def part(self, key: str) -> Node:
        """What stands under a key; an empty node where nothing does."""
        return self.map.get(key) or Node(None, self.origin)

    def text(self, key: str = "", default: str = "") -> str:
        """The atom (under `key`) as text; what is no atom, null or absent is the default."""
        node = self.get(key) if key else self
        if node is None or node.atom is None:
            return default
        return str(node.atom).lower() if isinstance(node.atom, bool) else str(node.atom)

    def true(self, key: str) -> bool:
        node = self.get(key)
        return node is not None and node.value is True

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of atoms as text; a single atom is a list of one."""
        node = self.get(key)
        if node is None:
            return ()
        return tuple(item.text() for item in node.list) if node.is_list else (node.text(),)

    def at(self, pointer: str) -> Node | None:
        """What a JSON pointer names, `""` being the whole."""
        node: Node | None = self
        for token in pointer.split("/")[1:]:
            node = _child(node, token.replace("~1", "/").replace("~0", "~")) if node else None
        return node

    def key_origin(self, key: str) -> Origin:
        return self.keys.get(key, self.origin)

    def plain(self) -> Plain:
        if isinstance(self.value, dict):
            return {key: item.plain() for key, item in self.value.items()}
        if isinstance(self.value, list):
            return [item.plain() for item in self.value]
        return self.value

    def json(self) -> str:
        """As JSON text, every number with the digits that it was written with."""
        if isinstance(self.value, dict):
            return "{" + ", ".join(f"{json.dumps(key)}: {item.json()}" for key, item in self.value.items()) + "}"
        if isinstance(self.value, list):
            return "[" + ", ".join(item.json() for item in self.value) + "]"
        return str(self.value) if isinstance(self.value, Decimal) else json.dumps(self.value)

    def walk(self) -> Iterator[Node]:
        yield self
        for child in self.map.values() if self.is_map else self.list:
            yield from child.walk()

    def with_map(self, value: dict[str, Node]) -> Node:
        return replace(self, value=value)


def _child(node: Node, token: str) -> Node | None:
    if node.is_list and token.isdecimal() and int(token) < len(node.list):
        return node.list[int(token)]
    return node.get(token)


def same(one: Node, other: Node) -> bool:
    """Whether two nodes hold the same data, wherever it was written."""
    return one is other or one.plain() == other.plain()
