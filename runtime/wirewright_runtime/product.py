"""What differs between APIs, as data. Generated code fills this in; the rest of the runtime only reads it.

Paths are JSON pointers into a frame ("/error/code"). Times are seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from wirewright_runtime.errors import ApiError


@dataclass(frozen=True)
class Server:
    """Addresses of one server, scheme and host only: each socket brings its own path.

    Args:
        api: Address for requests, such as ``"wss://ws-api.binance.com:443"``.
        streams: Address for market streams.
        rest: Address for HTTP calls.
    """

    api: str | None = None
    streams: str | None = None
    rest: str | None = None

    @classmethod
    def at(cls, address: str) -> Server:
        """One address for everything, such as a loopback exchange's ``"ws://127.0.0.1:9443"``."""
        return cls(api=address, streams=address, rest=address.replace("ws", "http", 1))


@dataclass(frozen=True)
class RequestShape:
    """Where a request keeps its parts. `params` empty: they stand beside the method."""

    id: str = "/id"
    method: str = "/method"
    params: str = "/params"
    id_type: str = "string"
    constants: Mapping[str, str | int | bool] = field(default_factory=dict)


@dataclass(frozen=True)
class ReplyShape:
    """Where a reply keeps its parts, and which values of its status mean success (empty: one without an error)."""

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
    """A frame pushed outside any stream. `tag` is relative to `payload`; `payload` empty: the whole frame."""

    payload: str = ""
    tag: str = ""
    subscription: str = ""


@dataclass(frozen=True)
class StreamShape:
    """A frame of a stream: the values at `keys`, joined by `separator`, are the stream's name."""

    keys: tuple[str, ...]
    payload: str = ""
    separator: str = ":"


@dataclass(frozen=True)
class Command:
    """A control command. `params` "names": a list of stream names, at most `batch`; "object": one stream's own parameters."""

    method: str
    params: str = "names"
    batch: int = 200


@dataclass(frozen=True)
class Rate:
    """At most `count` in `seconds`; `counts` names what is counted ("ping", "pong", "text"), where not everything is."""

    count: int
    seconds: float
    counts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ping:
    """Who pings, how often, and after how many seconds of silence the exchange gives up."""

    sender: str
    interval: float
    timeout: float


@dataclass(frozen=True)
class Socket:
    """One kind of connection: where it is, what is said on it, what it allows."""

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


@dataclass(frozen=True)
class Signing:
    """How a request is signed and a session logged on. Names are parameters' wire names, methods wire names."""

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
    """One way to receive user data; the client takes the first that its key can use."""

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


@dataclass(frozen=True)
class ErrorCode:
    """An error code of the API, the class that it raises, and the outcome where the class's own does not fit."""

    name: str
    error: type[ApiError] = ApiError
    outcome: str = ""


@dataclass(frozen=True)
class Product:
    """Everything that a client must know of one API."""

    name: str
    title: str
    servers: Mapping[str, Server]
    sockets: tuple[Socket, ...]
    signing: Signing | None = None
    user_data: tuple[UserData, ...] = ()
    events: Mapping[str, type] = field(default_factory=dict)
    errors: Mapping[int | str, ErrorCode] = field(default_factory=dict)
    amount_pattern: str = ""
