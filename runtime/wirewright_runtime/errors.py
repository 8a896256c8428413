"""Everything that can go wrong, and what it means for the request that was under way.

    WireError                     .outcome: "not_sent" | "rejected" | "accepted" | "unknown" | None (no request)
    ├─ ConnectFailed              no connection came about                        not_sent
    │  ├─ TlsError                the certificate or the TLS handshake            not_sent
    │  └─ ProxyError              the proxy, not the exchange                     not_sent
    ├─ ConnectRejected            the handshake was answered with an HTTP error   not_sent
    ├─ NotConnected               no connection within the request's time         not_sent
    ├─ ClientClosed               the client was closed by its user
    ├─ ConnectionLost             the connection ended under the request          unknown
    │  ├─ StaleConnection         ... because nothing was heard for too long      unknown
    │  └─ MessageTooLarge         ... because a message passed the limit          unknown
    ├─ RequestTimeout             no answer in time                               unknown
    ├─ DecodeError                data that do not have the documented shape
    ├─ SubscribeError             a subscription was refused
    ├─ StreamStalled              a stream went silent
    │  └─ NoDataAfterSubscribe    ... or never spoke
    ├─ StreamOverflow             a reader was too slow for its buffer
    ├─ UserDataTerminated         the exchange ended the user data
    ├─ OutOfSync                  a local order book does not match the exchange's
    ├─ OutcomeUnknown             a request that changes state may or may not have been executed    unknown
    └─ ApiError                   the exchange refused a request                  rejected
       ├─ AuthError               key, signature, permission
       ├─ ClockError              the timestamp was refused
       ├─ BadRequest              a parameter is wrong
       ├─ RateLimited             too many requests
       │  └─ IpBanned             ... and now banned
       ├─ ServerBusy              overloaded
       ├─ OrderRejected           the order was refused
       │  ├─ FilterFailure        ... by a filter of the symbol
       │  └─ InsufficientBalance  ... for lack of funds
       ├─ CancelRejected          a cancellation or change was refused; the order stands as it was
       ├─ UnknownOrder            there is no such order
       └─ PartialFailure          one half of a double request succeeded          accepted

"rejected" and "not_sent" can safely be sent again; "accepted" was executed; "unknown" may have been, ask before
sending again (`client.settle`). Errors carry plain values, never a key, a signature or a token.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias, TypeVar

UNDECODABLE = (ValueError, ArithmeticError, RecursionError)
"""What decoders raise: of another form, no UTF-8, a number beyond all measure, nested too deeply."""

Outcome: TypeAlias = Literal["not_sent", "rejected", "accepted", "unknown"]


class WireError(Exception):
    """Base of every error of this package."""

    outcome: Outcome | None = None

    def __init__(self, message: str, *, outcome: Outcome | None = None) -> None:
        super().__init__(message)
        if outcome is not None:
            self.outcome = outcome

    def __reduce__(self) -> tuple[object, ...]:
        """Errors travel between processes with all that they say, whatever their class asks for when it is made."""
        return _rebuilt, (type(self), self.args), self.__dict__


class ConnectFailed(WireError):
    """No connection came about."""

    outcome: Outcome | None = "not_sent"


class TlsError(ConnectFailed):
    """The certificate was refused or the TLS handshake failed."""


class ProxyError(ConnectFailed):
    """The proxy could not be reached or refused to pass the connection on."""


class ConnectRejected(WireError):
    """The handshake was answered with an HTTP error; `body` is the beginning of the answer."""

    outcome: Outcome | None = "not_sent"

    def __init__(self, message: str, *, status: int, body: str = "", retry_after: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body = body
        self.retry_after = retry_after


class NotConnected(WireError):
    """There was no connection within the time that the request had."""

    outcome: Outcome | None = "not_sent"


class ClientClosed(WireError):
    """The client was closed by its user."""


class ConnectionLost(WireError):
    """The connection ended while something was under way; `code` and `reason` are those of its close frame."""

    outcome: Outcome | None = "unknown"

    def __init__(
        self, message: str, *, code: int | None = None, reason: str = "", outcome: Outcome | None = None
    ) -> None:
        super().__init__(message, outcome=outcome)
        self.code = code
        self.reason = reason


class StaleConnection(ConnectionLost):
    """Nothing was heard for so long that the connection was given up."""


class MessageTooLarge(ConnectionLost):
    """A message was larger than the client accepts.

    Attributes:
        size: Bytes that it has.
        limit: Bytes that it may have.
        stream: Stream that it belongs to, if that is known.
        head: How it begins, if it came in one piece.
    """

    def __init__(
        self, message: str, *, size: int | None, limit: int | None, stream: str = "", head: bytes = b""
    ) -> None:
        super().__init__(message, code=1009)
        self.size = size
        self.limit = limit
        self.stream = stream
        self.head = head


class RequestTimeout(WireError):
    """No answer came in time."""

    outcome: Outcome | None = "unknown"

    def __init__(self, message: str, *, method: str = "", timeout: float = 0, outcome: Outcome | None = None) -> None:
        super().__init__(message, outcome=outcome)
        self.method = method
        self.timeout = timeout


class DecodeError(WireError):
    """Data that do not have the documented shape: where (`path`) and what (`raw`)."""

    def __init__(self, message: str, *, path: str = "", raw: bytes = b"", outcome: Outcome | None = None) -> None:
        super().__init__(message, outcome=outcome)
        self.path = path
        self.raw = raw


class SubscribeError(WireError):
    """A subscription was refused, or could not be made."""

    outcome: Outcome | None = "rejected"

    def __init__(
        self,
        message: str,
        *,
        streams: Sequence[str] = (),
        code: int | str | None = None,
        msg: str = "",
        outcome: Outcome | None = None,
    ) -> None:
        super().__init__(message, outcome=outcome)
        self.streams = tuple(streams)
        self.code = code
        self.msg = msg


class StreamStalled(WireError):
    """A stream has been silent for longer than it should."""

    def __init__(self, message: str, *, stream: str, idle_for: float) -> None:
        super().__init__(message)
        self.stream = stream
        self.idle_for = idle_for


class NoDataAfterSubscribe(StreamStalled):
    """A subscription was acknowledged, and then nothing came."""


class StreamOverflow(WireError):
    """A reader was slower than its stream, and its buffer is full."""

    def __init__(self, message: str, *, dropped: int) -> None:
        super().__init__(message)
        self.dropped = dropped


class UserDataTerminated(WireError):
    """The exchange ended the user data: the key was revoked, the session logged out."""

    def __init__(self, message: str, *, reason: str = "") -> None:
        super().__init__(message)
        self.reason = reason


class OutOfSync(WireError):
    """A local order book does not match the exchange's now."""


class OutcomeUnknown(WireError):
    """A request that changes state may or may not have been executed. `client.settle(error)` finds out.

    Attributes:
        method: The request's wire name.
        client_order_id: Id under which the exchange knows the order, given by the user or made up.
        code: The exchange's error code, if it answered with one.
        settled_by: The method that tells the truth; empty if there is none.
        parameters: What that method needs.
        creates: Whether what that method finds proves that the request was executed. A cancellation finds its order in
            any case.
        valid_until: Time in milliseconds after which the exchange would refuse the request, if it came late.
    """

    outcome: Outcome | None = "unknown"

    def __init__(
        self,
        message: str,
        *,
        method: str,
        client_order_id: str | None = None,
        code: int | str | None = None,
        settled_by: str = "",
        parameters: Mapping[str, object] | None = None,
        creates: bool = True,
        valid_until: int = 0,
    ) -> None:
        super().__init__(message)
        self.method = method
        self.client_order_id = client_order_id
        self.code = code
        self.settled_by = settled_by
        self.parameters = dict(parameters or {})
        self.creates = creates
        self.valid_until = valid_until


class ApiError(WireError):
    """The exchange refused a request: its error code, text and further data."""

    outcome: Outcome | None = "rejected"

    def __init__(
        self,
        msg: str,
        *,
        code: int | str | None = None,
        name: str = "",
        status: int | str | bool | None = None,
        data: object = None,
        method: str = "",
        where: str = "",
        outcome: Outcome | None = None,
    ) -> None:
        subject = f"{method}: " if method else ""
        label = " ".join(str(part) for part in (name, code) if part not in ("", None))
        super().__init__(
            f"{subject}{msg}{f' ({label})' if label else ''}{f' [{where}]' if where else ''}", outcome=outcome
        )
        self.code = code
        self.msg = msg
        self.status = status
        self.data = data
        self.method = method


class AuthError(ApiError):
    """The key, the signature or a permission was refused, or there is no key."""


class ClockError(ApiError):
    """The timestamp was refused: this machine's clock is off."""


class BadRequest(ApiError):
    """A parameter is missing, unknown or malformed."""


class RateLimited(ApiError):
    """Too many requests. `until` is when the exchange takes the next one, in milliseconds since 1970."""

    until: int | None = None

    def retry_after(self, now_ms: int) -> float | None:
        """Seconds to wait from `now_ms` on."""
        return None if self.until is None else max(0.0, (self.until - now_ms) / 1000)


class IpBanned(RateLimited):
    """Too many requests after a warning: this address is banned until `until`."""


class ServerBusy(ApiError):
    """The exchange is overloaded."""


class OrderRejected(ApiError):
    """What was asked of an order was refused: a new one is not live, one that was live stays as it was."""


class FilterFailure(OrderRejected):
    """A filter of the symbol refused the order."""

    @property
    def filter(self) -> str:
        """Name of the filter, such as ``"PRICE_FILTER"``; empty if the exchange does not name it."""
        name = self.msg.rpartition(":")[2].strip()
        return name if ":" in self.msg and " " not in name else ""


class InsufficientBalance(OrderRejected):
    """The account cannot pay for the order."""


class CancelRejected(ApiError):
    """A cancellation or change of an order was refused; the order stands as it was."""


class UnknownOrder(ApiError):
    """There is no such order."""


class PartialFailure(ApiError):
    """One half of a double request succeeded, the other failed; `data` tells both."""

    outcome: Outcome | None = "accepted"


W = TypeVar("W", bound=WireError)


def _rebuilt(kind: type[W], args: tuple[object, ...]) -> W:
    return kind.__new__(kind, *args)


def again(error: W) -> W:
    """The same error once more, for another waiter."""
    copy = _rebuilt(type(error), error.args)
    copy.__dict__.update(error.__dict__)
    copy.__cause__ = error
    return copy
