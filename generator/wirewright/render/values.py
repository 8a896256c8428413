"""The runtime's value classes, as far as generated code makes instances of them.

The generator does not import the runtime, so their names, fields and defaults stand here again; a test compares both.
`construct` writes an instance of one as the call that makes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, ClassVar, TypeVar

from wirewright.render.python import Code

PAIRS = {"constants"}
NOT_SIGNED = Code("Auth.NONE")
ANY_ERROR = Code("ApiError")


@dataclass(frozen=True)
class Value:
    """`POSITIONAL` fields are written without their names, the items of `SPREAD` as arguments of their own."""

    POSITIONAL: ClassVar[tuple[str, ...]] = ()
    SPREAD: ClassVar[str] = ""


V = TypeVar("V", bound=Value)


@dataclass(frozen=True)
class Choice(Value):
    POSITIONAL = ("parameter", "value")

    parameter: str
    value: str | int | bool | None = None
    absent: bool = False


@dataclass(frozen=True)
class WeightCase(Value):
    POSITIONAL = ("weight",)

    weight: int
    parameter: str = ""
    minimum: int | None = None
    maximum: int | None = None
    per_item: bool = False
    cap: int | None = None
    case: str = ""


@dataclass(frozen=True)
class Rule(Value):
    POSITIONAL = ("kind",)
    SPREAD = "parameters"

    kind: str
    parameters: tuple[str, ...]
    when: str = ""
    values: tuple[str, ...] = ()
    alternatives: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True)
class Bounds(Value):
    POSITIONAL = ("parameter",)

    parameter: str
    minimum: int | str | None = None
    maximum: int | str | None = None
    pattern: str = ""


@dataclass(frozen=True)
class Settle(Value):
    POSITIONAL = ("method", "parameters")

    method: str
    parameters: Mapping[str, str]


@dataclass(frozen=True)
class RequestSpec(Value):
    auth: Code = NOT_SIGNED
    changes_state: bool = False
    client_order_id: str = ""
    settle: Settle | None = None
    rules: tuple[Rule, ...] = ()
    bounds: tuple[Bounds, ...] = ()
    weights: tuple[WeightCase, ...] = ()
    order_count: int = 0
    socket: str = ""
    address: tuple[str, ...] = ()
    replies: bool = True
    reply_tags: tuple[tuple[str, str | int | bool], ...] = ()
    constants: tuple[tuple[str, str | int | bool], ...] = ()
    failure: Code | None = None
    http: str = ""
    deprecated: str = ""


@dataclass(frozen=True)
class SequenceKey(Value):
    last: str = ""
    first: str = ""
    previous: str = ""
    step: int = 0
    key: str = ""


@dataclass(frozen=True)
class StreamSpec(Value):
    SPREAD = "patterns"

    patterns: tuple[str, ...]
    socket: str
    every: float | None = None
    every_by: Mapping[str, float] = field(default_factory=dict[str, float])
    sequence: SequenceKey | None = None
    auth: Code = NOT_SIGNED
    address: tuple[str, ...] = ()
    deprecated: str = ""


@dataclass(frozen=True)
class Server(Value):
    api: str | None = None
    streams: str | None = None
    rest: str | None = None
    others: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class RequestShape(Value):
    id: str = "/id"
    method: str = "/method"
    params: str = "/params"
    id_type: str = "string"
    constants: Mapping[str, str | int | bool] = field(default_factory=dict[str, "str | int | bool"])


@dataclass(frozen=True)
class ReplyShape(Value):
    id: str = "/id"
    status: str = ""
    ok: tuple[int | str | bool, ...] = ()
    result: str = "/result"
    error: str = "/error"
    code: str = "/error/code"
    message: str = "/error/msg"
    data: str = ""
    retry_after: str = ""
    rate_limits: str = ""


@dataclass(frozen=True)
class EventShape(Value):
    payload: str = ""
    tag: str = ""
    subscription: str = ""


@dataclass(frozen=True)
class StreamShape(Value):
    keys: tuple[str, ...]
    payload: str = ""
    separator: str = ":"


@dataclass(frozen=True)
class Command(Value):
    POSITIONAL = ("method",)

    method: str
    params: str = "names"
    batch: int = 200


@dataclass(frozen=True)
class Rate(Value):
    POSITIONAL = ("count", "seconds")

    count: int
    seconds: float
    counts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ping(Value):
    POSITIONAL = ("sender",)

    sender: str
    interval: float
    timeout: float
    message: str = ""


@dataclass(frozen=True)
class Handshake(Value):
    location: str = "header"
    name: str = "Authorization"
    prefix: str = ""
    role: str = "token"


@dataclass(frozen=True)
class Socket(Value):
    name: str
    role: str
    path: str
    request: RequestShape | None = None
    reply: ReplyShape | None = None
    event: EventShape | None = None
    stream: StreamShape | None = None
    subscribe: Command | None = None
    unsubscribe: Command | None = None
    list: Command | None = None
    streams: int | None = None
    messages: Rate | None = None
    dials: Rate | None = None
    ping: Ping | None = None
    lifetime: float | None = None
    shutdown: str = ""
    handshake: tuple[Handshake, ...] = ()
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Signing(Value):
    key: str = "apiKey"
    signature: str = "signature"
    timestamp: str = "timestamp"
    window: str = "recvWindow"
    window_maximum: int = 60000
    logon: str = ""
    status: str = ""
    logout: str = ""
    logon_keys: tuple[str, ...] = ()
    clock_method: str = ""
    clock_result: str = ""
    clock_refused: int = 0
    header: str = ""


@dataclass(frozen=True)
class UserData(Value):
    POSITIONAL = ("scheme",)

    scheme: str
    keys: tuple[str, ...] = ()
    subscribe: str = ""
    unsubscribe: str = ""
    subscription: str = ""
    terminated: str = ""
    start: str = ""
    keepalive: str = ""
    keepalive_every: float = 0
    expires: float = 0
    stop: str = ""
    key: str = ""
    socket: str = ""
    query: str = ""
    expired: str = ""
    deprecated: str = ""
    result: str = ""
    sends_key: bool = False
    expiry: str = "expirationTime"


@dataclass(frozen=True)
class ErrorCode(Value):
    POSITIONAL = ("name", "error")

    name: str
    error: Code = ANY_ERROR
    outcome: str | None = None


@dataclass(frozen=True)
class ErrorMessages(Value):
    POSITIONAL = ("codes", "classes")

    codes: tuple[int | str, ...]
    classes: Mapping[str, Code]


def like(kind: type[V], source: object) -> V:
    """An instance of one of these classes from a dataclass of the model that has its fields."""
    shared = [item.name for item in fields(kind) if hasattr(source, item.name)]
    return kind(**{name: _like(name, getattr(source, name)) for name in shared})


def _like(name: str, value: Any) -> object:
    """A part of such an instance: the model keeps pairs where the runtime has a mapping."""
    if name in PAIRS:
        return dict(value)
    kind = globals().get(type(value).__name__)
    return like(kind, value) if kind is not None and is_dataclass(value) else value
