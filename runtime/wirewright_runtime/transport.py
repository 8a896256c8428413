"""The seam to the network: what opens a socket, what is said to it, and what it says.

`websocket.WebSocketTransport` is the real one; tests put another in its place (`testing.ScriptedTransport`).
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Protocol

from msgspec import Struct

from wirewright_runtime.errors import ConnectionLost


class Target(Struct, frozen=True, kw_only=True):
    """What to open, and how. `shown` is the address as errors may tell it: the real one can hold a key."""

    url: str
    shown: str = ""
    headers: Mapping[str, str] = {}
    ssl: ssl.SSLContext | None = None
    proxy: str | bool | None = None
    timeout: float = 10.0
    close_timeout: float = 2.0
    max_message_size: int | None = 2**25
    compression: bool = False

    def __repr__(self) -> str:
        return f"<Target {self.shown}>"  # address, headers and proxy may hold secrets


class Receiver(Protocol):
    """What a socket tells. None of these may wait or raise."""

    def on_frames(self, frames: list[bytes]) -> None:
        """The text messages of one read, in order; an empty list says that something else came."""
        ...

    def on_ping(self, payload: bytes) -> None:
        """The peer pinged, and waits for a pong with the same payload."""
        ...

    def on_binary(self, size: int) -> None:
        """A binary message came, and was left aside."""
        ...

    def on_lost(self, error: ConnectionLost) -> None:
        """The connection ended. Said once; nothing follows."""
        ...


class Link(Protocol):
    """An open socket."""

    @property
    def exact(self) -> bool:
        """Whether `unsent` can be trusted to the byte. Over TLS it tells how much waits, but not which request."""
        ...

    def send(self, *texts: bytes) -> None:
        """Write text messages, at once. Raises `ConnectionLost` if that is no longer possible."""
        ...

    def ping(self, payload: bytes = b"") -> None:
        """Write a ping."""
        ...

    def pong(self, payload: bytes) -> None:
        """Write a pong."""
        ...

    @property
    def written(self) -> int:
        """All bytes that were ever written, with their framing."""
        ...

    def unsent(self) -> int:
        """How many of these did not leave the process yet."""
        ...

    def abort(self) -> None:
        """Drop the connection, now."""
        ...

    async def close(self) -> None:
        """Close with the closing handshake, within the target's `close_timeout`."""
        ...


class HttpAnswer(Struct, frozen=True):
    """What came back of a call over HTTP. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Http(Protocol):
    """Sends calls over HTTP, for products that still have some. `rest.HttpxSender` is the real one."""

    async def send(self, verb: str, url: str, headers: Mapping[str, str], timeout: float) -> HttpAnswer:
        """Send it once. Raises `ConnectFailed` if nothing left, `RequestTimeout` or `ConnectionLost` if it may have."""
        ...

    async def close(self) -> None:
        """Close its connections."""
        ...


class Transport(Protocol):
    """Opens sockets."""

    async def open(self, target: Target, receiver: Receiver) -> Link:
        """Open a socket. Raises `ConnectFailed` or `ConnectRejected`."""
        ...
