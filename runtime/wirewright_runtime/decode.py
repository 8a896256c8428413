"""From bytes to what the annotations promise. Decoders are built at first use and kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from operator import attrgetter
from typing import Any, NamedTuple, cast

import msgspec

from wirewright_runtime.errors import DecodeError, Outcome
from wirewright_runtime.types import EventList, type_argument
from wirewright_runtime.unions import fill_in, union_of


class Decoding(NamedTuple):
    """How bytes become a value: `decode` them, then `unwrap`, where there is something around it."""

    decode: Callable[[bytes], Any]
    unwrap: Callable[[Any], Any] | None = None

    def __call__(self, raw: bytes) -> Any:
        try:
            value = self.decode(raw)
            return value if self.unwrap is None else self.unwrap(value)
        except msgspec.MsgspecError as error:
            raise decode_error(error, raw) from None


@cache
def decoding(type: Any, pointer: str = "") -> Decoding:
    """How to read a `type` at a JSON pointer of a frame."""
    union = union_of(type)
    if union is not None:
        if not pointer:
            return Decoding(union.decode)
        decode, get = _at(msgspec.Raw, pointer)
        return Decoding(decode, _then(get, union.decode))
    if isinstance(type, _CLASS) and issubclass(type, EventList):
        listed: Any = cast("Any", type)
        items = decoding(tuple[type_argument(listed, EventList), ...], pointer)  # type: ignore[misc]
        return Decoding(items.decode, _then(items.unwrap, listed))
    return Decoding(*_at(type, pointer)) if pointer else Decoding(new_decoder(type).decode)


_CLASS: Any = type


def _then(first: Callable[[Any], Any] | None, second: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return second if first is None else lambda value: second(first(value))


def _at(type: Any, pointer: str) -> tuple[Callable[[bytes], Any], Callable[[Any], Any]]:
    """A decoder of frames that hold a `type` at the pointer, and the way from the frame to it."""
    keys = pointer.lstrip("/").split("/")
    for key in reversed(keys):
        type = msgspec.defstruct("Frame", [("part", type, msgspec.field(name=key))], gc=False)
    return new_decoder(type).decode, attrgetter(".".join(["part"] * len(keys)))


def new_decoder(type: Any) -> msgspec.json.Decoder[Any]:
    """A decoder that knows open unions, and numbers with a fraction as exact `Decimal`s."""
    return msgspec.json.Decoder(type, dec_hook=fill_in, float_hook=Decimal)


_PATH = re.compile(r" - at `(.*)`$")


def decode_error(error: Exception, raw: bytes, *, about: str = "", outcome: Outcome | None = None) -> DecodeError:
    """What the decoder said, as an error of this package."""
    message = str(error)
    found = _PATH.search(message)
    subject = f"{about}: " if about else ""
    return DecodeError(
        f"{subject}the data do not have the documented shape: {message}",
        path=found[1] if found else "$",
        raw=bytes(raw),
        outcome=outcome,
    )
