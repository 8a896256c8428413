"""From bytes to what the annotations promise. Decoders are built at first use and kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from operator import attrgetter
from typing import Any, NamedTuple, cast

import msgspec

from wirewright_runtime.errors import UNDECODABLE, DecodeError, Outcome
from wirewright_runtime.types import EventList, type_argument
from wirewright_runtime.unions import new_decoder, union_of


class Decoding(NamedTuple):
    """How bytes become a value: `decode` them; if `framed`, take what is inside; `finish` it, where there is more to do."""

    decode: Callable[[bytes], Any]
    framed: bool = False
    finish: Callable[[Any], Any] | None = None

    def value(self, raw: bytes) -> Any:
        """The value; raises what the decoder says."""
        value = self.decode(raw)
        value = value.part if self.framed else value
        return value if self.finish is None else self.finish(value)

    def __call__(self, raw: bytes) -> Any:
        """The value; raises `DecodeError`."""
        try:
            return self.value(raw)
        except UNDECODABLE as error:
            raise decode_error(error, raw) from None


@cache
def decoding(type: Any, pointer: str = "") -> Decoding:
    """How to read a `type` at a JSON pointer of a frame."""
    union = union_of(type)
    if union is not None:
        return _then(decoding(msgspec.Raw, pointer), union.decode) if pointer else Decoding(union.decode)
    if isinstance(type, _CLASS) and issubclass(type, EventList):
        listed: Any = cast("Any", type)
        return _then(decoding(tuple[type_argument(listed, EventList), ...], pointer), listed)  # type: ignore[misc]
    keys = pointer.split("/")[1:]
    for key in reversed(keys):
        type = msgspec.defstruct("Frame", [("part", type, msgspec.field(name=key))], gc=False)
    deeper = attrgetter(".".join(["part"] * (len(keys) - 1))) if len(keys) > 1 else None
    return Decoding(new_decoder(type).decode, bool(keys), deeper)


_CLASS: Any = type


def _then(first: Decoding, second: Callable[[Any], Any]) -> Decoding:
    finish = first.finish

    def both(value: Any) -> Any:
        return second(value if finish is None else finish(value))

    return first._replace(finish=second if finish is None else both)


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
