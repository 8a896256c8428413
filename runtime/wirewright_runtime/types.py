"""The words that generated code and its users share: models, events, enumerations, and what a call gives back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from inspect import get_annotations
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, Self, TypeAlias, TypeVar, cast, get_args, get_origin

import msgspec

from wirewright_runtime.hidden import hides_secrets
from wirewright_runtime.levels import wraps_levels

R_co = TypeVar("R_co", covariant=True)
E_co = TypeVar("E_co", covariant=True)
T = TypeVar("T")

field = msgspec.field

Amount: TypeAlias = Decimal | str | int
"""An exact number. Floats are refused: write ``Decimal("0.1")`` or ``"0.1"``."""

if TYPE_CHECKING:
    Json: TypeAlias = bool | int | Decimal | str | list["Json"] | dict[str, "Json"] | None
    """Any JSON value: the documents say no more. Numbers with a fraction are exact."""

    Parameter: TypeAlias = Amount | bool | Sequence["Parameter"] | Mapping[str, "Parameter"]
    """What may be sent as a parameter that this client does not know yet."""
else:
    Json = Any
    Parameter = Any


class Model(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Base of results and of the structures inside them. Frozen; unknown fields are ignored on receipt."""

    def __init_subclass__(cls, **settings: Any) -> None:
        super().__init_subclass__(**settings)
        notes: dict[str, object] = get_annotations(cls)
        wraps_levels(cls, notes)
        hides_secrets(cls, notes)


class Event(Model, frozen=True, kw_only=True, gc=False):
    """Base of everything that an exchange pushes."""

    source: ClassVar[str] = ""
    sequence: ClassVar[SequenceKey | None] = None


class EventList(tuple[E_co, ...], Generic[E_co]):
    """Several events in one message: a tuple of them."""

    __slots__ = ()

    source: ClassVar[str] = ""


class SequenceKey(msgspec.Struct, frozen=True):
    """The wire keys by which events are put in order, and repeated ones known.

    Args:
        last: Key of the last number that an event carries.
        first: Key of the first one, where an event spans several.
        previous: Key that repeats `last` of the event before.
        step: 1 if numbers follow each other without a hole.
        key: Key of an identity without an order.
    """

    last: str = ""
    first: str = ""
    previous: str = ""
    step: int = 0
    key: str = ""


class OpenEnum(StrEnum):
    """Text of a known set, to which the exchange may add: an unknown value decodes and says so by `is_known`."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        member = str.__new__(cls, value)
        member._name_ = member._value_ = value
        return member

    def __reduce_ex__(self, protocol: Any) -> tuple[object, ...]:
        return type(self), (
            self._value_,
        )  # by its value: early versions of 3.11 ask for a name, which no unknown one has

    @property
    def is_known(self) -> bool:
        """Whether the specs of this client name the value."""
        return type(self)._value2member_map_.get(self._value_) is self


class OpenIntEnum(IntEnum):
    """A number of a known set, to which the exchange may add."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, int) or isinstance(value, bool):
            return None
        member = int.__new__(cls, value)
        member._name_, member._value_ = f"UNKNOWN_{value}", value
        return member

    def __reduce_ex__(self, protocol: Any) -> tuple[object, ...]:
        return type(self), (
            self._value_,
        )  # by its value: early versions of 3.11 ask for a name, which no unknown one has

    @property
    def is_known(self) -> bool:
        """Whether the specs of this client name the value."""
        return type(self)._value2member_map_.get(self._value_) is self


class Security(OpenEnum):
    """What a method asks of its caller, in the exchange's words."""

    NONE = "NONE"
    MARKET_DATA = "MARKET_DATA"
    USER_STREAM = "USER_STREAM"
    USER_DATA = "USER_DATA"
    TRADE = "TRADE"


class Auth(Enum):
    """What a request carries to prove who sends it."""

    NONE = "none"
    KEY = "key"
    SIGNED = "signed"
    SESSION = "session"
    TOKEN = "token"


GapReason: TypeAlias = Literal["reconnect", "overflow", "terminated", "stalled"]


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """Events are missing here. Stands in the stream at the place of what was lost."""

    since: int
    """Time of the last event before the gap, in milliseconds; 0 if there was none."""

    until: int
    """When the stream went on, in milliseconds."""

    dropped: int | None
    """How many events are missing, if that is known."""

    reason: GapReason
    """Why: the connection was replaced, the reader was too slow, the exchange ended the stream, or it went silent."""

    stream: str = ""
    """Name of the stream; empty if several are concerned."""


class UnknownEvent(msgspec.Struct, frozen=True):
    """An event of a type that this client does not know: its type and its JSON."""

    type: str
    raw: bytes

    def __repr__(self) -> str:
        return f"UnknownEvent(type={self.type!r}, raw=<{len(self.raw)} bytes>)"


class RateLimit(msgspec.Struct, frozen=True, kw_only=True):
    """One limit of the exchange, as its last answer told it: at most `limit` in `number` times `interval`."""

    kind: str
    interval: str
    number: int
    limit: int
    count: int = 0


class Reply(Generic[R_co]):
    """An answer: the result and what came with it."""

    __slots__ = ("_limits", "id", "result")

    def __init__(self, result: R_co, id: str | int, limits: Callable[[], tuple[RateLimit, ...]]) -> None:
        self.result = result
        self.id = id
        self._limits = limits

    @property
    def rate_limits(self) -> tuple[RateLimit, ...]:
        """The limits that the exchange told with this answer."""
        return self._limits()

    def __repr__(self) -> str:
        return f"Reply(id={self.id!r}, result={self.result!r})"


class Catalog(Mapping[str, T]):
    """The generated objects by wire name."""

    def __init__(self, entries: Mapping[str, T]) -> None:
        self._entries = dict(entries)

    def __getitem__(self, name: str) -> T:
        return self._entries[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __repr__(self) -> str:
        return f"Catalog({len(self)} entries)"


def type_argument(cls: type, base: type) -> object:
    """The argument that a subclass gave to its generic base: `AveragePrice` of `Request[AveragePrice]`."""
    for klass in cls.__mro__:
        for generic in cast("tuple[object, ...]", klass.__dict__.get("__orig_bases__", ())):
            origin = get_origin(generic)
            if isinstance(origin, type) and issubclass(origin, base):
                argument: object = get_args(generic)[0]
                if not isinstance(argument, TypeVar):
                    return argument
    return None
