"""Streams as values: which events to receive, typed by their event."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Generic, TypeVar

import msgspec

from wirewright_runtime.types import Auth, Parameter, SequenceKey, type_argument

E = TypeVar("E")
F = TypeVar("F")
E_co = TypeVar("E_co", covariant=True)


class StreamSpec:
    """What the runtime must know of a kind of stream.

    Args:
        patterns: Its documented names.
        socket: Name of the socket that carries it.
        every: Seconds between events as documented; without it events come when something happens.
        every_by: The same by the value of `update_speed`.
        sequence: Keys by which its events are ordered.
        auth: What subscribing takes: nothing, or a token.
        address: Fields that are variables of the socket's address.
        deprecated: What to use instead.
    """

    __slots__ = ("address", "auth", "deprecated", "every", "every_by", "patterns", "sequence", "socket")

    def __init__(
        self,
        *patterns: str,
        socket: str,
        every: float | None = None,
        every_by: Mapping[str, float] | None = None,
        sequence: SequenceKey | None = None,
        auth: Auth = Auth.NONE,
        address: tuple[str, ...] = (),
        deprecated: str = "",
    ) -> None:
        self.patterns = patterns
        self.socket = socket
        self.every = every
        self.every_by = every_by or {}
        self.sequence = sequence
        self.auth = auth
        self.address = address
        self.deprecated = deprecated


class Stream(msgspec.Struct, Generic[E_co], frozen=True, kw_only=True):
    """Base of every stream: its parameters as fields, and its event as the argument."""

    spec: ClassVar[StreamSpec] = StreamSpec(socket="")
    source: ClassVar[str] = ""
    event: ClassVar[object] = None

    def __init_subclass__(cls, **settings: Any) -> None:
        super().__init_subclass__(**settings)
        cls.event = type_argument(cls, Stream)

    @property
    def name(self) -> str:
        """The stream's name on the wire; empty for everything that its socket brings."""
        return ""

    @property
    def params(self) -> Mapping[str, Parameter]:
        """Parameters of the subscription, where the exchange asks for more than a name."""
        return {}

    def every(self) -> float | None:
        """Seconds between two events as documented."""
        speed = getattr(self, "update_speed", None)
        return self.spec.every if speed is None else self.spec.every_by.get(str(speed), self.spec.every)

    def __or__(self, other: Stream[F] | Streams[F]) -> Streams[E_co | F]:
        return Streams(self, *(other if isinstance(other, Streams) else (other,)))


class Streams(Generic[E_co]):
    """Several streams, to be received together: ``AggTradeStream(...) | BookTickerStream(...)``."""

    __slots__ = ("_streams",)

    def __init__(self, *streams: Stream[E_co]) -> None:
        self._streams = streams

    def __or__(self, other: Stream[F] | Streams[F]) -> Streams[E_co | F]:
        return Streams(*self._streams, *(other if isinstance(other, Streams) else (other,)))

    def __iter__(self) -> Iterator[Stream[E_co]]:
        return iter(self._streams)

    def __len__(self) -> int:
        return len(self._streams)

    def __repr__(self) -> str:
        return " | ".join(map(repr, self._streams))


def suffix(value: object, separator: str = "@") -> str:
    """The part of a stream's name that stands there only if an optional parameter was given."""
    return "" if value is None else f"{separator}{value}"
