"""One product as a client sees it: sockets, methods, streams, events, and the pool of types.

Names are decided when this data is made; nothing behind it spells anything again.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from wirewright.model.types import Limits, NamedType, Origin, Type


class Auth(Enum):
    """What a request carries to prove who sends it."""

    NONE = "none"
    KEY = "key"  # the API key
    SIGNED = "signed"  # key, timestamp and signature, or the logged-on session
    SESSION = "session"  # nothing itself: the session must be logged on
    TOKEN = "token"  # a token that the user obtained, as a parameter


@dataclass(frozen=True)
class QueryParameter:
    """A query parameter or a header of the handshake (ws binding), or a variable of a server or an address."""

    wire: str
    name: str
    type: Type
    required: bool = False
    default: str | None = None
    doc: str = ""
    limits: Limits | None = None


@dataclass(frozen=True)
class Server:
    """One server as the user knows it: an address for each role."""

    name: str
    addresses: tuple[tuple[str, str], ...]  # (role, "wss://host:port")
    origin: Origin
    doc: str = ""
    variables: tuple[QueryParameter, ...] = ()
    paths: tuple[tuple[str, str], ...] = ()  # (role, path of the address), also where the sockets carry it
    security: tuple[str, ...] = ()  # names of schemes


@dataclass(frozen=True)
class RequestShape:
    """Where a request keeps its parts, as JSON pointers. `params` empty: they stand beside the method."""

    id: str = ""
    method: str = ""
    params: str = ""
    id_type: str = "string"  # or "integer"
    constants: tuple[tuple[str, str | int | bool], ...] = ()


@dataclass(frozen=True)
class RateLimitShape:
    """Keys of one entry in a reply's list of limits."""

    kind: str
    interval: str
    number: str
    limit: str
    count: str


@dataclass(frozen=True)
class ReplyShape:
    id: str = ""
    status: str = ""  # pointer to a status; empty: there is none
    ok: tuple[int | str | bool, ...] = ()
    result: str = ""
    error: str = ""
    code: str = ""
    message: str = ""
    data: str = ""
    retry_after: str = ""
    rate_limits: str = ""
    rate_limit: RateLimitShape | None = None


@dataclass(frozen=True)
class EventShape:
    """A frame pushed outside any stream. `tag` is relative to `payload`."""

    payload: str = ""
    tag: str = ""
    subscription: str = ""


@dataclass(frozen=True)
class StreamShape:
    """A frame of a stream: `keys` give the values that name the stream, joined by `separator`."""

    keys: tuple[str, ...]
    payload: str = ""
    separator: str = ":"


@dataclass(frozen=True)
class Command:
    """A control command. `params` "names": the list of stream names, many at once; "object": one stream's parameters."""

    method: str
    params: str = "names"
    batch: int = 200


@dataclass(frozen=True)
class Rate:
    count: int
    seconds: float
    counts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ping:
    """Who pings, how often, and after how many seconds of silence the other side gives up."""

    sender: str  # "server" or "client"
    interval: float
    timeout: float
    message: str = ""  # of a client that pings with a text instead of a ping frame


@dataclass(frozen=True)
class Socket:
    """One kind of connection: where it is, what is said on it, what it allows."""

    name: str
    role: str
    path: str
    origin: Origin
    query: tuple[QueryParameter, ...] = ()
    headers: tuple[QueryParameter, ...] = ()
    parameters: tuple[QueryParameter, ...] = ()  # of the address: "/chat/{room}"
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
    symbol_case: str = "lower"
    source: str = ""
    address: str = ""  # of the channel alone, without the server's path
    topics: tuple[str, ...] = ()  # addresses of channels that are no paths, but parts of what is said here
    plain: bool = False  # its texts are plain text, no JSON


@dataclass(frozen=True)
class Signing:
    scheme: str  # "sorted-pairs"
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


@dataclass(frozen=True)
class SecurityScheme:
    """How a user shows who they are, in AsyncAPI's words (`apiKey`, `http`, `userPassword`, `httpApiKey`, ...)."""

    name: str
    type: str
    location: str = ""  # "query", "header", "user", "params"
    parameter: str = ""
    doc: str = ""
    signing: Signing | None = None


@dataclass(frozen=True)
class UserData:
    """One way to receive user data."""

    scheme: str  # "session", "signature", "listen-key", "listen-token", "rest-listen-key"
    subscribe: str = ""
    unsubscribe: str = ""
    keys: tuple[str, ...] = ()
    subscription: str = ""
    terminated: str = ""
    start: str = ""
    keepalive: str = ""
    keepalive_every: float = 0
    expires: float = 0
    stop: str = ""
    key: str = ""  # the parameter that carries what `start` gave
    result: str = ""  # the field of its answer, where that has another name
    expiry: str = ""  # the field that tells when the subscription ends
    socket: str = ""
    query: str = ""
    expired: str = ""
    deprecated: str = ""


@dataclass(frozen=True)
class WeightCase:
    """What a request weighs in one case: by the size of a number or list, by presence, or as prose only."""

    weight: int
    case: str
    parameter: str = ""
    minimum: int | None = None
    maximum: int | None = None
    per_item: bool = False
    cap: int | None = None


@dataclass(frozen=True)
class Weight:
    """`base` is what the request weighs with its default arguments."""

    base: int
    cases: tuple[WeightCase, ...] = ()
    success: int | None = None  # what is charged in the end, where success costs less


@dataclass(frozen=True)
class Parameter:
    wire: str
    name: str
    type: Type
    origin: Origin
    required: bool = False
    default: str | None = None
    minimum: str | None = None
    maximum: str | None = None
    values: tuple[str, ...] = ()  # of its enumeration, where not all are accepted here
    doc: str = ""
    deprecated_names: tuple[str, ...] = ()
    pattern: str = ""  # of a text, from end to end
    limits: Limits | None = None


class RuleKind(Enum):
    MANDATORY = "mandatory"
    EXACTLY_ONE = "exactly one of"
    AT_LEAST_ONE = "at least one of"
    AT_MOST_ONE = "at most one of"
    ONLY_THEN = "only then"
    NOT_THEN = "not then"
    ONLY_WITH = "only with"


@dataclass(frozen=True)
class Rule:
    """A rule between parameters. `when` is empty (always), a parameter that is given, or one that has one of `values`."""

    kind: RuleKind
    parameters: tuple[str, ...]  # names
    origin: Origin
    when: str = ""
    values: tuple[str, ...] = ()
    alternatives: tuple[tuple[str, tuple[str, ...]], ...] = ()  # further (when, values): one that holds is enough


@dataclass(frozen=True)
class Choice:
    """How an argument decides a variant: by a value, by being given, or (`absent`) by not being given."""

    parameter: str
    value: str = ""
    absent: bool = False


@dataclass(frozen=True)
class Variant:
    """One shape of a method's answer and the request class that gets it."""

    name: str
    result: Type
    choices: tuple[Choice, ...] = ()
    weight: Weight | None = None


@dataclass(frozen=True)
class Helper:
    """A method for an everyday use: some arguments fixed, some required, some taken, nothing else. Names are parameters'."""

    name: str  # snake_case
    origin: Origin
    sets: tuple[tuple[str, str], ...] = ()  # (parameter, wire value)
    mandatory: tuple[str, ...] = ()  # beside what the method itself requires
    optional: tuple[tuple[str, str | None], ...] = ()  # (parameter, its default here)
    doc: str = ""


@dataclass(frozen=True)
class Settle:
    """How the truth about a request is asked for: a method, and (its parameter, the parameter of ours) pairs."""

    method: str
    parameters: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Example:
    """A payload as documented. `type` is what it decodes to."""

    label: str
    json: str
    type: Type | None
    origin: Origin


@dataclass(frozen=True)
class Method:
    wire: str
    name: str  # snake_case: of the `api` method
    variants: tuple[Variant, ...]  # the first is the default
    socket: str
    origin: Origin
    section: str = ""  # the exchange's section: "trading", "market"
    title: str = ""
    doc: str = ""
    parameters: tuple[Parameter, ...] = ()
    rules: tuple[Rule, ...] = ()
    security: str = "NONE"
    auth: Auth = Auth.NONE
    weight: Weight = Weight(1)
    order_count: int = 0
    data_source: str = ""
    changes_state: bool = False
    client_order_id: str = ""
    settle: Settle | None = None
    helpers: tuple[Helper, ...] = ()
    errors: tuple[str, ...] = ()
    error_data: Type | None = None
    deprecated: str = ""
    http: str = ""  # "POST /api/v3/userDataStream" for a call over HTTP
    request_example: str = ""
    examples: tuple[Example, ...] = ()
    wants_reply: bool = True
    reply_tags: tuple[
        tuple[str, str | int | bool], ...
    ] = ()  # what a reply without an id is known by: (pointer, value)
    constants: tuple[tuple[str, str | int | bool], ...] = ()  # (wire, value): parameters that are always the same
    operation: str = ""  # of the document


@dataclass(frozen=True)
class Sequence:
    """The numbers by which events of a stream are put in order and repeated ones are known (wire keys)."""

    last: str = ""
    first: str = ""
    previous: str = ""
    step: int = 0  # 1: numbers follow each other without a hole
    key: str = ""  # of an identity that has no order


@dataclass(frozen=True)
class Stream:
    name: str  # of the class
    patterns: tuple[str, ...]
    event: Type
    socket: str
    origin: Origin
    parameters: tuple[Parameter, ...] = ()
    section: str = ""
    title: str = ""
    doc: str = ""
    interval: float | None = None  # seconds between events as documented; None: driven by events
    intervals: tuple[tuple[str, float], ...] = ()  # (value of update_speed, seconds)
    sequence: Sequence | None = None
    since: str = ""
    deprecated: str = ""
    auth: Auth = Auth.NONE
    params: str = ""  # JSON with placeholders, where a subscription is an object instead of a name
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True)
class Event:
    """Something the server pushes. `tags` are its values of the tag property; empty: it has none."""

    type: Type
    name: str
    tags: tuple[str, ...]
    origin: Origin
    title: str = ""
    doc: str = ""
    socket: str = ""
    user_data: bool = False
    sequence: Sequence | None = None
    examples: tuple[Example, ...] = ()
    operation: str = ""  # of the document


@dataclass(frozen=True)
class Message:
    """Something the client may send that nobody answers."""

    name: str  # snake_case: of the `send` method
    type: Type
    socket: str
    origin: Origin
    doc: str = ""
    examples: tuple[Example, ...] = ()
    operation: str = ""  # of the document


@dataclass(frozen=True)
class Operation:
    """An operation of the document, seen from the client. Endpoints are made of it; it tells what they belong to."""

    name: str
    sends: bool
    address: str  # of its channel
    origin: Origin
    replies: bool = False
    reply_address: str = ""
    security: tuple[str, ...] = ()
    correlation: tuple[str, ...] = ()  # where its messages and their replies carry their ids


@dataclass(frozen=True)
class ErrorCode:
    code: int | str
    name: str
    error: str  # class of the runtime, or ""
    doc: str
    origin: Origin
    outcome: str = ""


@dataclass(frozen=True)
class ErrorMessage:
    """The beginning of a message that says more than its code: the class that it raises."""

    codes: tuple[int | str, ...]
    text: str
    error: str
    doc: str
    origin: Origin


@dataclass(frozen=True)
class Deprecation:
    """A public name that was renamed and stays as an alias."""

    module: str
    old: str
    new: str


@dataclass(frozen=True)
class Api:
    name: str  # "spot"
    class_name: str  # "Spot", of `SpotClient`
    title: str
    origin: Origin
    doc: str = ""
    version: str = ""
    servers: tuple[Server, ...] = ()
    sockets: tuple[Socket, ...] = ()
    methods: tuple[Method, ...] = ()
    messages: tuple[Message, ...] = ()
    streams: tuple[Stream, ...] = ()
    events: tuple[Event, ...] = ()
    types: tuple[NamedType, ...] = ()
    errors: tuple[ErrorCode, ...] = ()
    error_messages: tuple[ErrorMessage, ...] = ()
    security: tuple[SecurityScheme, ...] = ()
    user_data: tuple[UserData, ...] = ()
    amount_pattern: str = ""
    text_pattern: str = ""
    deprecations: tuple[Deprecation, ...] = ()
    mock: str = ""
    sources: tuple[str, ...] = ()
    operations: tuple[Operation, ...] = ()
