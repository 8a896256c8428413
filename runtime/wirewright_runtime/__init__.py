"""What every generated client stands on. Everything that users and generated code need is named here."""

from typing import Unpack as Unpack

from wirewright_runtime.api import BaseApi as BaseApi, BaseSend as BaseSend
from wirewright_runtime.blocking import Blocking as Blocking
from wirewright_runtime.bounds import Bounds as Bounds
from wirewright_runtime.client import BaseClient as BaseClient
from wirewright_runtime.clock import Clock as Clock, moment as moment
from wirewright_runtime.errors import (
    ApiError as ApiError,
    AuthError as AuthError,
    BadRequest as BadRequest,
    CancelRejected as CancelRejected,
    ClientClosed as ClientClosed,
    ClockError as ClockError,
    ConnectFailed as ConnectFailed,
    ConnectionLost as ConnectionLost,
    ConnectRejected as ConnectRejected,
    DecodeError as DecodeError,
    FilterFailure as FilterFailure,
    InsufficientBalance as InsufficientBalance,
    IpBanned as IpBanned,
    MessageTooLarge as MessageTooLarge,
    NoDataAfterSubscribe as NoDataAfterSubscribe,
    NotConnected as NotConnected,
    OrderRejected as OrderRejected,
    Outcome as Outcome,
    OutcomeUnknown as OutcomeUnknown,
    OutOfSync as OutOfSync,
    PartialFailure as PartialFailure,
    ProxyError as ProxyError,
    RateLimited as RateLimited,
    RequestTimeout as RequestTimeout,
    ServerBusy as ServerBusy,
    StaleConnection as StaleConnection,
    StreamOverflow as StreamOverflow,
    StreamStalled as StreamStalled,
    SubscribeError as SubscribeError,
    TlsError as TlsError,
    UnknownOrder as UnknownOrder,
    UserDataTerminated as UserDataTerminated,
    WireError as WireError,
)
from wirewright_runtime.levels import Levels as Levels, OptionalLevels as OptionalLevels
from wirewright_runtime.overflow import (
    Buffer as Buffer,
    Conflate as Conflate,
    DropOldest as DropOldest,
    Fail as Fail,
    Overflow as Overflow,
)
from wirewright_runtime.product import (
    HTTP_STATUSES as HTTP_STATUSES,
    Command as Command,
    ErrorCode as ErrorCode,
    ErrorMessages as ErrorMessages,
    EventShape as EventShape,
    Handshake as Handshake,
    Ping as Ping,
    Product as Product,
    Rate as Rate,
    RateLimitShape as RateLimitShape,
    ReplyShape as ReplyShape,
    RequestShape as RequestShape,
    Server as Server,
    Signing as Signing,
    Socket as Socket,
    StreamShape as StreamShape,
    UserData as UserData,
)
from wirewright_runtime.readers import Subscription as Subscription
from wirewright_runtime.request import (
    Choice as Choice,
    Request as Request,
    RequestSpec as RequestSpec,
    Rule as Rule,
    Settle as Settle,
    WeightCase as WeightCase,
)
from wirewright_runtime.settings import (
    ClientOptions as ClientOptions,
    Hooks as Hooks,
    Observer as Observer,
    Orphan as Orphan,
    StateChange as StateChange,
)
from wirewright_runtime.signing import (
    Credential as Credential,
    Ed25519Key as Ed25519Key,
    HmacKey as HmacKey,
    RsaKey as RsaKey,
    Token as Token,
    UserPassword as UserPassword,
)
from wirewright_runtime.stats import ConnectionStats as ConnectionStats, Stats as Stats, StreamStats as StreamStats
from wirewright_runtime.stream import Stream as Stream, Streams as Streams, StreamSpec as StreamSpec, suffix as suffix
from wirewright_runtime.transport import (
    Http as Http,
    HttpAnswer as HttpAnswer,
    Link as Link,
    Receiver as Receiver,
    Target as Target,
    Transport as Transport,
)
from wirewright_runtime.types import (
    Amount as Amount,
    Auth as Auth,
    Catalog as Catalog,
    Event as Event,
    EventList as EventList,
    Gap as Gap,
    Json as Json,
    Model as Model,
    OpenEnum as OpenEnum,
    OpenIntEnum as OpenIntEnum,
    Parameter as Parameter,
    RateLimit as RateLimit,
    Reply as Reply,
    Security as Security,
    SequenceKey as SequenceKey,
    UnknownEvent as UnknownEvent,
    field as field,
)
from wirewright_runtime.unions import UnknownVariant as UnknownVariant, one_of as one_of
from wirewright_runtime.websocket import SocketLink as SocketLink, WebSocketTransport as WebSocketTransport
