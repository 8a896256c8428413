"""A transport without sockets: what the client sends is a list, what it receives is said by the test.

transport = ScriptedTransport()
client = SpotClient(transport=transport)
...
socket = transport.sockets[-1]
socket.say({"id": "1-1", "result": None})
socket.lose()
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec

from wirewright_runtime.errors import ConnectionLost, WireError
from wirewright_runtime.transport import Link, Receiver, Target


class ScriptedSocket:
    """One open socket, seen from the exchange's side."""

    def __init__(self, target: Target, receiver: Receiver) -> None:
        self.target = target
        self.sent: list[Any] = []
        """Messages of the client, decoded."""
        self.pings: list[bytes] = []
        self.pongs: list[bytes] = []
        self.is_open = True
        self.on_text: Callable[[Any], None] | None = None
        """Called with each message of the client, soon after it was sent."""
        self.on_pong: Callable[[bytes], None] | None = None
        self.on_close: Callable[[], None] | None = None
        self.stuck = 0
        """Bytes that the network does not take; while there are some, nothing arrives."""
        self.exact = True
        """Whether the client can tell which bytes have left; over TLS it cannot."""
        self.answers = True
        """Whether pings of the client are answered."""
        self._receiver = receiver

    def say(self, *messages: object) -> None:
        """Send messages to the client, in one read; anything but bytes and text becomes JSON."""
        if self.is_open:
            self._receiver.on_frames([as_bytes(message) for message in messages])

    def ping(self, payload: bytes = b"") -> None:
        """Ping the client."""
        if self.is_open:
            self._receiver.on_ping(payload)

    def lose(self, error: ConnectionLost | None = None) -> None:
        """Break the connection."""
        if self.is_open:
            self.is_open = False
            self._receiver.on_lost(error or ConnectionLost("the connection broke off"))


class _ClientSide:
    """The same socket, seen from the client's side."""

    def __init__(self, socket: ScriptedSocket, receiver: Receiver) -> None:
        self._socket = socket
        self._receiver = receiver
        self._loop = asyncio.get_running_loop()
        self.written = 0

    @property
    def exact(self) -> bool:
        return self._socket.exact

    def unsent(self) -> int:
        return self._socket.stuck

    def send(self, *texts: bytes) -> None:
        for text in texts:
            self._send(text)

    def _send(self, text: bytes) -> None:
        socket = self._socket
        if not socket.is_open:
            raise ConnectionLost("the connection is closed", outcome="not_sent")
        self.written += len(text)
        if socket.stuck:
            socket.stuck += len(text)
            return
        message = msgspec.json.Decoder(float_hook=Decimal).decode(text)
        socket.sent.append(message)
        self._loop.call_soon(self._heard, message)

    def _heard(self, message: Any) -> None:
        if self._socket.is_open and self._socket.on_text is not None:
            self._socket.on_text(message)

    def ping(self, payload: bytes = b"") -> None:
        self._socket.pings.append(payload)
        if self._socket.answers:
            self._loop.call_soon(self._receiver.on_frames, list[bytes]())

    def pong(self, payload: bytes) -> None:
        self._socket.pongs.append(payload)
        if self._socket.on_pong is not None:
            self._socket.on_pong(payload)

    def abort(self) -> None:
        if self._socket.is_open:
            self._socket.is_open = False
            if self._socket.on_close is not None:
                self._socket.on_close()

    async def close(self) -> None:
        self.abort()


class ScriptedTransport:
    """Opens sockets that are not there.

    Args:
        on_open: Called with each socket that the client opens; what it raises is what the client gets.
    """

    def __init__(self, on_open: Callable[[ScriptedSocket], None] | None = None) -> None:
        self.sockets: list[ScriptedSocket] = []
        self.on_open = on_open
        self.failures: list[WireError] = []
        """Errors for the next attempts to open a socket."""

    async def open(self, target: Target, receiver: Receiver) -> Link:
        """Open a socket."""
        await asyncio.sleep(0)
        if self.failures:
            raise self.failures.pop(0)
        socket = ScriptedSocket(target, receiver)
        if self.on_open is not None:
            self.on_open(socket)
        self.sockets.append(socket)
        return _ClientSide(socket, receiver)


def as_bytes(message: object) -> bytes:
    """A message as it is sent: anything but bytes and text becomes JSON."""
    if isinstance(message, (bytes, msgspec.Raw)):
        return bytes(message)
    return message.encode() if isinstance(message, str) else msgspec.json.encode(message)
