"""The runtime's value classes, as far as generated code makes instances of them.

The generator does not import the runtime, so their names, fields and defaults stand here again; a test compares both.
`construct` writes an instance of one as the call that makes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from typing import Any, TypeVar

from wirewright.render.python import Code

V = TypeVar("V")
PAIRS = {"constants"}


def positional(default: Any = MISSING) -> Any:
    """A field that is written without its name."""
    return field(default=default, metadata={"positional": True})


def spread() -> Any:
    """A field whose items are written as arguments of their own."""
    return field(metadata={"spread": True})


@dataclass(frozen=True)
class Choice:
    parameter: str = positional()
    value: str = positional("")
    absent: bool = False


@dataclass(frozen=True)
class WeightCase:
    weight: int = positional()
    parameter: str = ""
    minimum: int | None = None
    maximum: int | None = None
    per_item: bool = False
    cap: int | None = None
    case: str = ""


@dataclass(frozen=True)
class Rule:
    kind: str = positional()
    parameters: tuple[str, ...] = spread()
    when: str = ""
    values: tuple[str, ...] = ()
    alternatives: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True)
class Settle:
    method: str = positional()
    parameters: Mapping[str, str] = positional()


@dataclass(frozen=True)
class RequestSpec:
    auth: Code = Code("Auth.NONE")
    changes_state: bool = False
    client_order_id: str = ""
    settle: Settle | None = None
    rules: tuple[Rule, ...] = ()
    weights: tuple[WeightCase, ...] = ()
    order_count: int = 0
    socket: str = ""
    address: tuple[str, ...] = ()
    replies: bool = True
    reply_tags: tuple[tuple[str, str | int | bool], ...] = ()
    failure: Code | None = None
    http: str = ""
    deprecated: str = ""


@dataclass(frozen=True)
class SequenceKey:
    last: str = ""
    first: str = ""
    previous: str = ""
    step: int = 0
    key: str = ""


@dataclass(frozen=True)
class StreamSpec:
    patterns: tuple[str, ...] = spread()
    socket: str
    every: float | None = None
    every_by: Mapping[str, float] = field(default_factory=dict[str, float])
    sequence: SequenceKey | None = None
    auth: Code = Code("Auth.NONE")
    address: tuple[str, ...] = ()
    deprecated: str = ""


@dataclass(frozen=True)
class Server:
    api: str | None = None
    streams: str | None = None
    rest: str | None = None
    others: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class RequestShape:
    id: str = "/id"
    method: str = "/method"
    params: str = "/params"
    id_type: str = "string"
    constants: Mapping[str, str | int | bool] = field(default_factory=dict[str, "str | int | bool"])


@dataclass(frozen=True)
class ReplyShape:
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
class EventShape:
    payload: str = ""
    tag: str = ""
    subscription: str = ""


@dataclass(frozen=True)
class StreamShape:
    keys: tuple[str, ...]
    payload: str = ""
    separator: str = ":"


@dataclass(frozen=True)
class Command:
    method: str = positional()
    params: str = "names"
    batch: int = 200


@dataclass(frozen=True)
class Rate:
    count: int = positional()
    seconds: float = positional()
    counts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ping:
    sender: str = positional()
    interval: float
    timeout: float
    message: str = ""


@dataclass(frozen=True)
class Handshake:
    location: str = "header"
    name: str = "Authorization"
    prefix: str = ""
    role: str = "token"


@dataclass(frozen=True)
class Socket:
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


@dataclass(frozen=True)
class Signing:
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


@dataclass(frozen=True)
class UserData:
    scheme: str = positional()
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


@dataclass(frozen=True)
class ErrorCode:
    name: str = positional()
    error: Code = positional(Code("ApiError"))
    outcome: str | None = None


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
