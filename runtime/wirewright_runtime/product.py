"""What differs between APIs, as data. Generated code fills this in; the rest of the runtime only reads it.

Paths are JSON pointers into a frame ("/error/code"); an empty one is the whole frame. Times are seconds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct, field

from wirewright_runtime.errors import ApiError, AuthError, IpBanned, Outcome, PartialFailure, RateLimited


def without_password(address: str) -> str:
    """An address as it may be shown: without user and password."""
    return re.sub(r"//[^/]*@", "//", address)


class Server(Struct, frozen=True):
    """Addresses of one server, scheme and host only: each socket brings its own path.

    Args:
        api: Address for requests, such as ``"wss://ws-api.binance.com:443"``.
        streams: Address for market streams.
        rest: Address for HTTP calls.
        others: Addresses of further roles.
        everything: Address of every role that is not named.
    """

    api: str | None = None
    streams: str | None = None
    rest: str | None = None
    others: Mapping[str, str] = {}
    everything: str | None = None

    def __repr__(self) -> str:
        return f"Server({', '.join(f'{name}={value!r}' for name, value in self.__rich_repr__())})"

    def __rich_repr__(self) -> list[tuple[str, object]]:
        others = {role: without_password(address) for role, address in self.others.items()}
        named = {"api": self.api, "streams": self.streams, "rest": self.rest, "everything": self.everything}
        shown = {name: address and without_password(address) for name, address in named.items()}
        return [*(shown | {"others": others}).items()]

    @classmethod
    def at(cls, address: str) -> Server:
        """One address for everything, such as a loopback exchange's ``"ws://127.0.0.1:9443"``."""
        address = address.rstrip("/")
        return cls(rest=address.replace("ws", "http", 1), everything=address)

    def with_variables(self, variables: Mapping[str, str]) -> Server:
        """The same server with `{name}` in its addresses filled in."""

        def filled(address: str | None) -> str | None:
            for name, value in variables.items():
                address = None if address is None else address.replace(f"{{{name}}}", value)
            return address

        others = {role: filled(address) or address for role, address in self.others.items()}
        return Server(filled(self.api), filled(self.streams), filled(self.rest), others, filled(self.everything))

    def address(self, role: str) -> str | None:
        """The address of a role."""
        known = {"api": self.api, "streams": self.streams, "rest": self.rest}
        return known.get(role) or self.others.get(role) or self.everything


class RequestShape(Struct, frozen=True):
    """Where a request keeps its parts. `params` empty: they stand beside the method. What else is empty is not sent."""

    id: str = ""
    method: str = ""
    params: str = ""
    id_type: str = "string"
    constants: Mapping[str, str | int | bool] = {}


class RateLimitShape(Struct, frozen=True):
    """Keys of one entry in a reply's list of limits."""

    kind: str
    interval: str
    number: str
    limit: str
    count: str


class ReplyShape(Struct, frozen=True):
    """Where a reply keeps its parts, and which values of its status mean success (empty: one without an error)."""

    id: str = ""
    status: str = ""
    ok: tuple[int | str | bool, ...] = ()
    result: str = ""
    error: str = ""
    code: str = ""
    message: str = ""
    data: str = ""
    retry_after: str = ""
    rate_limits: str = ""
    rate_limit: RateLimitShape | None = None

    @property
    def bare(self) -> tuple[str, str] | None:
        """Where code and message stand in a refusal that leaves out the object around them, as some servers do."""
        inside = self.error and all(pointer.startswith(self.error + "/") for pointer in (self.code, self.message))
        return (self.code[len(self.error) :], self.message[len(self.error) :]) if inside else None


class EventShape(Struct, frozen=True):
    """A frame pushed outside any stream. `tag` is relative to `payload`; `payload` empty: the whole frame.

    A socket with streams looks for the same tag in the payload of a stream that nobody asked for, so that notices to
    the connection are seen in either shape.
    """

    payload: str = ""
    tag: str = ""
    subscription: str = ""


class StreamShape(Struct, frozen=True):
    """A frame of a stream: the values at `keys`, joined by `separator`, are the stream's name; absent ones are left out."""

    keys: tuple[str, ...]
    payload: str = ""
    separator: str = ":"


class Command(Struct, frozen=True):
    """A control command. `params` "names": a list of stream names, at most `batch`; "object": one stream's own parameters."""

    method: str
    params: str = "names"
    batch: int = 200


class Rate(Struct, frozen=True):
    """At most `count` in `seconds`; `counts` names what is counted ("ping", "pong", "text"), where not everything is."""

    count: int
    seconds: float
    counts: tuple[str, ...] = ()


class Ping(Struct, frozen=True):
    """Who pings, how often, and after how many seconds of silence the other side gives up.

    Args:
        sender: "server" or "client".
        interval: Seconds between pings.
        timeout: Seconds of silence after which the connection counts as dead.
        message: Text of a client's ping, where the exchange wants a message instead of a ping frame.
    """

    sender: str
    interval: float
    timeout: float
    message: str = ""


class Handshake(Struct, frozen=True):
    """Where the handshake of a socket says who the user is.

    Args:
        location: "header" or "query".
        name: Name of the header or parameter.
        prefix: What stands before the credential, such as ``"Bearer "``; ``"Basic "`` sends user and password.
        role: Which part of the credential: "token" (or the API key), "user" or "password".
    """

    location: str = "header"
    name: str = "Authorization"
    prefix: str = ""
    role: str = "token"


class Socket(Struct, frozen=True):
    """One kind of connection: where it is, what is said on it, what it allows.

    `path` may hold variables (``"/chat/{room}"``), which a stream or request fills in: each set of values is a
    connection of its own. Without `subscribe` a socket's streams begin when it opens. `options` names the query
    parameters and headers of the client that its handshake takes. `plain`: its texts are no JSON: they are sent as they
    are, and a frame that is no JSON is one.
    """

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
    query: Mapping[str, str] = {}
    headers: Mapping[str, str] = {}
    plain: bool = False


class Signing(Struct, frozen=True):
    """How a request is signed and a session logged on. Names are parameters' wire names, methods wire names.

    `logon_keys` are the kinds of keys that can log a session on: "hmac", "rsa", "ed25519". `header` carries the key of
    a call over HTTP.
    """

    key: str
    signature: str
    timestamp: str
    window: str = ""
    window_maximum: int = 0
    window_default: int = 0
    logon: str = ""
    status: str = ""
    logout: str = ""
    logon_keys: tuple[str, ...] = ()
    clock_method: str = ""
    clock_result: str = ""
    clock_refused: int = 0
    header: str = ""


class UserData(Struct, frozen=True):
    """One way to receive user data; the client takes the first that its key can use.

    Args:
        scheme: "session", "signature", "listen-key", "rest-listen-key" or "listen-token".
        keys: Kinds of keys that can use it; empty: all.
        subscribe: Method that subscribes on a socket for requests.
        unsubscribe: Method that ends it.
        subscription: Key of the subscription's id in the result.
        terminated: Tag of the event that ends the subscription.
        start: Method (or ``"POST /path"``) that gives a listen key or token.
        keepalive: Method (or ``"PUT /path"``) that prolongs it.
        keepalive_every: Seconds between two of these.
        expires: Seconds that a listen key or token lives.
        stop: Method that gives it back.
        key: Key of the listen key or token in the result of `start`, and its parameter.
        socket: Socket that is opened with the listen key.
        query: The listen key's query parameter there; empty: it fills the variable of the path, or is its last part.
        expired: Tag of the event that says that the listen key is no longer valid.
        deprecated: Since when it should not be used.
        result: Key of the listen key or token in the result of `start`, where it has another name there.
        sends_key: Whether `keepalive` and `stop` name the listen key.
        expiry: Key of the time, in milliseconds, at which a listen token ends, in the results of `start` or `subscribe`.
    """

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
    expiry: str = ""


class ErrorCode(Struct, frozen=True):
    """An error code of the API, the class that it raises, and the outcome where the class's own does not fit."""

    name: str
    error: type[ApiError] = ApiError
    outcome: Outcome | None = None


class ErrorMessages(Struct, frozen=True):
    """What a message says more than its code: by its beginning, the class that it raises."""

    codes: tuple[int | str, ...]
    classes: Mapping[str, type[ApiError]]


HTTP_STATUSES: Mapping[int, ErrorCode] = {
    401: ErrorCode("", AuthError),
    409: ErrorCode("", PartialFailure),
    418: ErrorCode("", IpBanned),
    429: ErrorCode("", RateLimited),
    500: ErrorCode("", ApiError, "unknown"),
}
"""What a status means whose code says nothing: 500 stands for every one above it."""


class Product(Struct, frozen=True, kw_only=True):
    """Everything that a client must know of one API."""

    name: str
    title: str
    servers: Mapping[str, Server]
    sockets: tuple[Socket, ...]
    signing: Signing | None = None
    user_data: tuple[UserData, ...] = ()
    events: Mapping[str, type] = {}
    errors: Mapping[int | str, ErrorCode] = {}
    error_messages: tuple[ErrorMessages, ...] = ()
    statuses: Mapping[int, ErrorCode] = field(default_factory=lambda: HTTP_STATUSES)
    amount_pattern: str = ""
    text_pattern: str = ""
    token: str = ""

    def socket(self, name: str = "") -> Socket:
        """The socket of that name; without one, the first for requests, and rather one that is only for these."""
        answering = [socket for socket in self.sockets if socket.request is not None and socket.reply is not None]
        answering.sort(key=lambda socket: socket.subscribe is not None)
        found = [socket for socket in self.sockets if socket.name == name] if name else answering
        if not found:
            wanted = f"socket {name!r}" if name else "socket for requests"
            raise LookupError(f"{self.title} has no {wanted}; there are {[socket.name for socket in self.sockets]}")
        return found[0]
