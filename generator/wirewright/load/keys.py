"""Dataclasses of the model from mappings in kebab case: what the `x-` keys of a document say (docs/spec-format.md, section 9)."""

from __future__ import annotations

import types
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from wirewright.errors import Problem
from wirewright.load.joining import JSON
from wirewright.load.node import Node
from wirewright.model.api import Ping, Signing, Socket
from wirewright.model.places import places_of
from wirewright.model.types import Origin, Scalar, Type

T = TypeVar("T")

_USUAL: Mapping[type, Mapping[str, str]] = {  # of fields that have no default in the model
    Socket: {"role": "api"},
    Ping: {"sender": "server"},
    Signing: {"scheme": "sorted-pairs"},
}


@dataclass
class Keys:
    """Reads extensions into data; a key that nobody knows is told, because it is probably misspelled.

    Args:
        type_of: Reads a type of the model, where a document holds one.
    """

    type_of: Callable[[Node], Type] = lambda _: JSON
    problems: list[Problem] = field(default_factory=list[Problem])

    def read(self, kind: type[T], node: Node, owner: str = "", prefix: str = "", **given: Any) -> T:
        """A dataclass whose fields are the keys of a mapping; what is not there keeps its default.

        Args:
            owner: How messages call the mapping; empty: it may hold other keys as well.
            prefix: What the keys begin with.
            given: Fields that are read in another way.
        """
        hints, usual = _hints(cast("Hashable", kind)), _USUAL.get(kind, {})
        left = [one for one in fields(cast("Any", kind)) if one.name not in given]
        wanted = {one.name: places_of(kind, one.name, prefix) for one in left if hints[one.name] is not Origin}
        if owner:
            self._check_all(node, wanted.values(), owner)
        for one in left:
            hint = hints[one.name]
            found = node.origin if hint is Origin else self._at(node, wanted[one.name], hint, owner)
            if found is None and one.default is MISSING and one.name not in usual:
                what = f"`{wanted[one.name][-1].rpartition('/')[2]}` is missing in `{owner or kind.__name__}`"
                self.problems.append(Problem(node.origin, what, "add it"))
                found = _nothing(hint)
            if found is not None or one.name in usual:
                given[one.name] = usual[one.name] if found is None else found
        return kind(**given)

    def check(self, node: Node, known: Iterable[str], owner: str) -> None:
        """Tells the keys of a mapping that nobody knows."""
        listed = ", ".join(sorted(one for one in known if not one.startswith("x-")))
        if not node.is_map:
            self.problems.append(Problem(node.origin, f"`{owner}` is no mapping", f"write some of: {listed}"))
        for key in node.map:
            if key not in known and not key.startswith("x-"):
                what = f"`{key}` is unknown in `{owner}`"
                self.problems.append(Problem(node.key_origin(key), what, f"one of: {listed}"))

    def _check_all(self, node: Node, wanted: Iterable[tuple[str, ...]], owner: str) -> None:
        """The keys of a mapping and of those inside of it that are read with it."""
        inside: dict[str, set[str]] = {}
        for pointer in (one for pointers in wanted for one in pointers):
            key, _, inner = pointer[1:].partition("/")
            inside.setdefault(key, set()).update([inner] if inner else [])
        self.check(node, inside, owner)
        for key, known in inside.items():
            if known and key in node.map:
                self.check(node.map[key], known, key)

    def _at(self, node: Node, pointers: Iterable[str], hint: Any, owner: str) -> Any:
        for pointer in pointers:
            found = node.at(pointer)
            if found is not None:
                return self._value(found, hint, pointer[1:].replace("/", "."), bool(owner))
        return None

    def _value(self, node: Node, hint: Any, key: str, checked: bool) -> Any:
        origin, inner = get_origin(hint), get_args(hint)
        if Scalar in inner:  # a type of the model, or none
            return self.type_of(node)
        if origin is tuple:
            return tuple(self._items(node, inner, key, checked))
        if origin in (Union, types.UnionType):
            left = [one for one in inner if one is not types.NoneType]
            if len(left) == 1:
                return self._value(node, left[0], key, checked) if node.value is not None else None
            return node.value if isinstance(node.value, str | int) else None
        if is_dataclass(hint):
            return self.read(cast("type[Any]", hint), node, key if checked else "")
        if hint in (int, float):
            return self._number(node, key, hint)
        if hint is str:
            return node.text()
        return node.value is True if hint is bool else hint(node.value)  # an enumeration

    def _items(self, node: Node, inner: tuple[Any, ...], key: str, checked: bool) -> Iterator[Any]:
        if inner[-1] is not Ellipsis:
            for one, hint in zip(node.list, inner, strict=False):
                yield self._value(one, hint, key, checked)
        elif node.is_map:
            yield from ((name, one.value) for name, one in node.map.items() if isinstance(one.value, str | int))
        else:
            values = (self._value(one, inner[0], key, checked) for one in (node.list if node.is_list else [node]))
            yield from (one for one in values if one is not None)

    def _number(self, node: Node, key: str, kind: type[int | float]) -> float | None:
        value = node.value
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            return int(value) if kind is int or value == int(value) else float(value)
        if value is not None:
            self.problems.append(
                Problem(node.origin, f"`{key.rpartition('.')[2]}` is {node.text()!r}", "write a number")
            )
        return None


def _nothing(hint: Any) -> Any:
    """An empty value of a field that must have one: what is missing was told."""
    return (get_origin(hint) or hint)()


@cache
def _hints(kind: Hashable) -> dict[str, Any]:
    return get_type_hints(kind)
