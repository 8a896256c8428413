"""What a user may decide about a client, and what a client tells while it works."""

from __future__ import annotations

import logging
import random
import ssl
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from typing import Any, Literal, Protocol, TypeAlias, TypedDict

from msgspec import Struct, field
from msgspec.structs import force_setattr

from wirewright_runtime.clock import SYSTEM, Clock
from wirewright_runtime.sparing import SparingLog
from wirewright_runtime.stats import State, Stats
from wirewright_runtime.transport import Http, Transport
from wirewright_runtime.types import Amount, Gap, UnknownEvent

LOG = logging.getLogger("wirewright")
Log: TypeAlias = "logging.Logger | logging.LoggerAdapter[logging.Logger]"


class StateChange(Struct, frozen=True, kw_only=True):
    """Something happened to a connection."""

    connection: str
    state: State
    reason: str
    at: int


class Orphan(Struct, frozen=True):
    """An answer that came when nobody waited for it any more."""

    method: str
    raw: bytes

    def __repr__(self) -> str:
        return f"Orphan(method={self.method!r}, raw=<{len(self.raw)} bytes>)"


class Hooks(Struct, frozen=True, kw_only=True):
    """Functions that are told what happens. They must not wait; what they raise is logged and goes no further.

    Args:
        state: Each change in the life of a connection.
        gap: Events that are missing in a stream, whatever its reader does about it.
        orphan: Answers that came too late, such as that of an order whose caller was canceled.
        unknown: Events of unknown types and frames that belong to nobody.
        notice: Announcements of the exchange about the connection itself.
        lag: Seconds for which the program stood still, so that nothing could be read.
    """

    state: Callable[[StateChange], None] | None = None
    gap: Callable[[Gap], None] | None = None
    orphan: Callable[[Orphan], None] | None = None
    unknown: Callable[[UnknownEvent], None] | None = None
    notice: Callable[[UnknownEvent], None] | None = None
    lag: Callable[[float], None] | None = None


class Observer(Protocol):
    """Is told of requests and may look at the client: `telemetry.Telemetry`, or one of your own."""

    def request(self, product: str, server: str, method: str) -> AbstractContextManager[None]:
        """Stands around one request, from its call to its result or error."""
        ...

    def attach(self, product: str, server: str, stats: Callable[[], Stats]) -> Callable[[], None]:
        """A client came to life; what comes back is called when it is closed."""
        ...


def is_seconds(value: object) -> bool:
    """Whether something is a length of time."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < float("inf")


class ClientOptions(TypedDict, total=False):
    """What every client accepts beside its own arguments. Times are seconds."""

    request_timeout: float
    """How long a request may take in all: waiting for a connection, for its turn and for the answer. Default 10."""
    connect_timeout: float
    """How long a connection may take to open. Default 10."""
    subscribe_timeout: float
    """How long entering a subscription may take. Default 30."""
    ack_timeout: float
    """How long the exchange may take to acknowledge a command of the client itself. Default 5."""
    write_timeout: float
    """How long bytes may wait to leave before the connection counts as lost. Default 10."""
    close_timeout: float
    """How long the closing handshake may take. Default 2."""
    recv_window: Amount | None
    """Milliseconds after its timestamp in which a signed request may be executed. Default: the exchange's."""
    retry_reads: int
    """How often a request that changes nothing may be sent again when its connection was lost. Default 0."""
    max_in_flight: int
    """Requests that may be under way at once; more wait in order. Default 256."""
    max_message_size: int
    """Bytes that one message may have. Default 32 MiB."""
    when_limited: Literal["raise", "wait"]
    """What a request does that would pass `soft_limit`. Default "raise"."""
    soft_limit: float | None
    """Share of the exchange's weight limits that this client keeps to, such as 0.9. Default: none."""
    lifetime: float | None
    """Seconds after which connections are renewed, instead of the exchange's documented ones."""
    overlap: float
    """How long an old connection may go on beside its replacement, at most. Default 5."""
    compression: bool
    """Whether to offer compression to the exchange. Default False."""
    resubscribe: bool
    """Whether to subscribe user data again after a reconnect, and where the exchange ended them. Default True."""
    resubscribe_delay: float
    """Seconds to wait before user data are subscribed again after a reconnect. Default 0."""
    refresh_listen_token: bool
    """Whether to fetch the next listen token before the one in use ends. Default True."""
    reconcile: Callable[[Gap], Awaitable[None]] | None
    """Awaited at each gap of the user data, before the events behind it are released."""
    listen_token: Callable[[], Awaitable[object]] | None
    """Fetches a listen token, where user data need one: the token, or the exchange's JSON that holds it."""
    ssl: ssl.SSLContext | None
    """TLS settings. Default: the system's certificates; there is no insecure mode."""
    proxy: str | bool | None
    """Address of a proxy; True takes the environment's. Default: none."""
    hooks: Hooks
    """Functions that are told what happens."""
    logger: Log
    """Where this client logs. Default: ``logging.getLogger("wirewright")``."""
    telemetry: Observer | None
    """What is told of requests, and looks at the client: `wirewright_runtime.telemetry.Telemetry()`. Default: none."""
    latency_hint: bool
    """Whether to say once that another kind of key would save a signature on each request. Default True."""
    transport: Transport | None
    """What opens sockets."""
    http: Http | None
    """What sends calls over HTTP, where a product has some. Default: `httpx`, of the extra ``[rest]``."""
    clock: Clock
    """Where the time comes from."""
    random: random.Random
    """Where chance comes from."""


class Settings(Struct, frozen=True, kw_only=True):
    """Every decision, with its default. `ClientOptions` says what they mean."""

    request_timeout: float = 10.0
    connect_timeout: float = 10.0
    subscribe_timeout: float = 30.0
    ack_timeout: float = 5.0
    write_timeout: float = 10.0
    close_timeout: float = 2.0
    recv_window: Amount | None = None
    retry_reads: int = 0
    max_in_flight: int = 256
    max_message_size: int = 2**25
    when_limited: Literal["raise", "wait"] = "raise"
    soft_limit: float | None = None
    lifetime: float | None = None
    overlap: float = 5.0
    compression: bool = False
    resubscribe: bool = True
    resubscribe_delay: float = 0.0
    refresh_listen_token: bool = True
    reconcile: Callable[[Gap], Awaitable[None]] | None = None
    listen_token: Callable[[], Awaitable[Any]] | None = None
    ssl: ssl.SSLContext | None = None
    proxy: str | bool | None = None
    hooks: Hooks = Hooks()
    logger: Log = LOG
    latency_hint: bool = True
    telemetry: Observer | None = None
    transport: Transport | None = None
    http: Http | None = None
    clock: Clock = SYSTEM
    random: random.Random = field(default_factory=random.Random)

    def __post_init__(self) -> None:
        force_setattr(self, "logger", SparingLog(self.logger, self.clock.monotonic))
        for name in _SECONDS:
            value = getattr(self, name)
            if not is_seconds(value) and not (value is None and name == "lifetime"):
                raise ValueError(f"{name} must be a number of seconds, not {value!r}")
        for name in _COUNTS:
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < (name != "retry_reads"):
                raise ValueError(f"{name} must be a whole number, not {value!r}")
        if self.when_limited not in ("raise", "wait"):
            raise ValueError(f"when_limited must be 'raise' or 'wait', not {self.when_limited!r}")
        share = self.soft_limit
        if share is not None and not (is_seconds(share) and 0 < share <= 1):
            raise ValueError(f"soft_limit must be a share such as 0.9, not {share!r}")
        if not isinstance(self.proxy, (str, bool, type(None))):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError("proxy must be an address, True or None")
        context = self.ssl
        if context is not None and (context.verify_mode is ssl.CERT_NONE or not context.check_hostname):
            raise ValueError(
                "ssl= would accept anybody's certificate: it must verify certificate and host name, as "
                "ssl.create_default_context() does (add a certificate of your own with cafile=...)"
            )

    def __repr__(self) -> str:
        return "<Settings>"  # an address of a proxy holds a password


_SECONDS = (
    "request_timeout",
    "connect_timeout",
    "subscribe_timeout",
    "ack_timeout",
    "write_timeout",
    "close_timeout",
    "lifetime",
    "overlap",
    "resubscribe_delay",
)
_COUNTS = ("retry_reads", "max_in_flight", "max_message_size")
