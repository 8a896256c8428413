"""Unions of received data, open to what this client does not know.

The decoder refuses unions of structs that no tag tells apart, and those with an unknown tag. So a union is, for the
decoder, a type of its own that a hook fills in; for a type checker it is the union of its branches.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any, TypeAlias, cast

import msgspec

from wirewright_runtime.types import Json, UnknownEvent

Discriminator: TypeAlias = str | int | bool | tuple[str, ...]


class UnknownVariant(msgspec.Struct, frozen=True):
    """A structure of a type that this client does not know: its type and its JSON."""

    type: str | int | bool | None
    raw: bytes


class _OpenUnion(type):
    """A class whose instances are those of its branches: the decoder checks what the hook returned."""

    def __instancecheck__(cls, instance: object) -> bool:
        return True


def one_of(
    name: str,
    branches: Mapping[Any, type],
    *,
    tag: str = "",
    unknown: type[UnknownVariant | UnknownEvent] = UnknownVariant,
    others: Any = None,
) -> type:
    """A union whose branches are told apart by the value of `tag`, or where that is unknown by the keys that one requires.

    Args:
        name: Name of the union, for messages.
        branches: Type by tag value, or by keys: the first branch all of whose keys are there; ``()`` is what has no tag
            and no such keys.
        tag: A property, or a JSON pointer to a nested one.
        unknown: What everything else becomes.
        others: The type of what is no object: a list, text, a number.
    """
    path = tuple(tag.lstrip("/").split("/")) if tag else ()
    union = _Union(name, dict(cast("Mapping[Discriminator, type]", branches)), path, unknown, others)
    return _OpenUnion(name, (), {"__one_of__": union})


def union_of(type: object) -> _Union | None:
    """The union behind a type made by `one_of`."""
    return cast("_Union | None", getattr(type, "__one_of__", None))


def new_decoder(type: Any) -> msgspec.json.Decoder[Any]:
    """A decoder that knows open unions, and numbers with a fraction as exact `Decimal`s."""
    return msgspec.json.Decoder(type, dec_hook=fill_in, float_hook=Decimal)


ANYTHING: msgspec.json.Decoder[Json] = msgspec.json.Decoder(float_hook=Decimal)
"""Reads any JSON."""


def fill_in(type: type, value: object) -> object:
    """The decoder's hook: a branch for a union, and an error for any other type that the decoder does not know."""
    union = union_of(type)
    if union is None:
        raise TypeError(f"{type.__name__} cannot be decoded")
    return union.convert(value)


class _Union:
    def __init__(
        self,
        name: str,
        branches: dict[Discriminator, type],
        path: tuple[str, ...],
        unknown: type[UnknownVariant | UnknownEvent],
        others: Any,
    ) -> None:
        self.name = name
        self.branches = branches
        self.path = path
        self.unknown = unknown
        self.others = others
        self._lazy: set[type] = set()
        self._by_keys = {frozenset(key): branch for key, branch in branches.items() if isinstance(key, tuple) and key}

    def _unknown(self, found: str | int | bool | None, raw: bytes) -> UnknownVariant | UnknownEvent:
        if issubclass(self.unknown, UnknownEvent):
            return self.unknown("" if found is None else str(found), raw)
        return self.unknown(found, raw)

    def convert(self, value: object) -> object:
        """A decoded JSON value as the branch that it is."""
        found, branch = self._find(value)
        if branch is None:
            return self._unknown(found, _ENCODER.encode(value))
        if branch not in self._lazy:
            try:
                return cast("object", msgspec.convert(value, branch, dec_hook=fill_in))
            except msgspec.ValidationError as error:
                if "`raw`" not in str(error):
                    raise
            self._lazy.add(branch)  # it holds `Levels`, which only text can be decoded into
        return cast("object", _decoder(branch).decode(_ENCODER.encode(value)))

    def decode(self, raw: bytes | msgspec.Raw) -> object:
        """JSON as the branch that it is, decoded from the text itself."""
        found, branch = self._find(ANYTHING.decode(raw))
        if branch is None:
            return self._unknown(found, bytes(raw))
        return _decoder(branch).decode(raw)

    def _find(self, value: object) -> tuple[str | int | bool | None, Any]:
        if self.others is not None and not _is_object(value):
            return None, self.others
        found: str | int | None = None
        inner: Any = value
        if self.path:
            for key in self.path:
                inner = cast("dict[str, object]", inner).get(key) if isinstance(inner, dict) else None
            found = inner if isinstance(inner, (str, int)) else None
            branch = None if found is None else self.branches.get(found)
            if branch is not None:
                return found, branch
        if not isinstance(value, dict):
            return found, None
        keys = cast("dict[str, object]", value).keys()
        for required, branch in self._by_keys.items():
            if required <= keys:
                return found, branch
        return found, self.branches.get(()) if found is None else None


_ENCODER = msgspec.json.Encoder(decimal_format="number")


def _is_object(value: object) -> bool:
    return isinstance(value, dict)


@cache
def _decoder(type: Any) -> msgspec.json.Decoder[Any]:
    return new_decoder(type)
