"""A connection as the exchange sees it: over a real socket, or in memory."""

from __future__ import annotations

import asyncio
import logging
import socket
import struct
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol

from wirewright_runtime.errors import ConnectFailed, ConnectionLost, ConnectRejected
from wirewright_runtime.product import Socket
from wirewright_runtime.sparing import DiscreetLog
from wirewright_runtime.testing.transport import ScriptedSocket, ScriptedTransport, as_bytes
from wirewright_runtime.transport import Link, Receiver, Target

_LOG = logging.getLogger("wirewright.testing")
_EXACT = msgspec.json.Encoder(decimal_format="number")


class Rejection(NamedTuple):
    """How a handshake is refused. Without a status it is never answered; 0: the connection is broken off."""

    status: int | None
    headers: Mapping[str, str] = {}
    body: str = ""


BROKEN_OFF = Rejection(0)


class Hall(Protocol):
    """Who receives the connections."""

    def admit(self, path: str, headers: Mapping[str, str]) -> Rejection | None:
        """Whether a handshake is accepted."""
        ...

    def opened(self, peer: Peer) -> None:
        """A connection is open."""
        ...

    def heard(self, peer: Peer, text: bytes) -> None:
        """A text message came."""
        ...

    def pinged(self, peer: Peer) -> None:
        """The client pinged, and was answered."""
        ...

    def ponged(self, peer: Peer, payload: bytes) -> None:
        """A pong came."""
        ...

    def gone(self, peer: Peer) -> None:
        """A connection ended."""
        ...


class Peer:
    """One connection of a client."""

    def __init__(self, path: str, headers: Mapping[str, str]) -> None:
        parts = urlsplit(path)
        self.address = parts.path
        """The path as it was sent."""
        self.path = unquote(parts.path)
        self.query = dict(parse_qsl(parts.query, keep_blank_values=True))
        self.headers = dict(headers)
        self.socket: Socket
        """Which socket of the product it is, once it is open."""
        self.number = 0
        self.opened_at = 0.0
        self.streams: dict[str, Any] = {}
        """Subscribed streams."""
        self.user_data: dict[int | str, str] = {}
        """User data subscriptions: API key or listen key by id."""
        self.next_subscription = 0
        self.logged_on = ""
        self.frozen = False
        """Whether the connection looks open but nothing passes (a peer that vanished)."""
        self.texts: list[Any] = []
        self.pings: list[bytes] = []
        self.pongs: list[bytes] = []
        self.is_open = True

    def say(self, *messages: object) -> None:
        """Send messages; anything but bytes and text becomes JSON."""
        if self.is_open and not self.frozen:
            self._send([as_bytes(message) for message in messages])

    def ping(self, payload: bytes) -> None:
        """Ping the client."""
        if self.is_open and not self.frozen:
            self.pings.append(payload)
            self._ping(payload)

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Close with a close frame."""
        if self.is_open and not self.frozen:
            self._close(code, reason)

    def abort(self) -> None:
        """Drop the connection without a word."""
        raise NotImplementedError

    def reset(self) -> None:
        """Drop the connection so that the network says so (a RST)."""
        self.abort()

    def freeze(self) -> None:
        """Vanish: the connection stays open, and nothing passes any more."""
        self.frozen = True

    def stop_reading(self) -> None:
        """Take nothing more: what the client writes stays with it."""
        raise NotImplementedError

    def send_raw(self, data: bytes) -> None:
        """Write bytes as they are, below the WebSocket protocol."""
        raise NotImplementedError

    def _send(self, messages: list[bytes]) -> None:
        raise NotImplementedError

    def _ping(self, payload: bytes) -> None:
        raise NotImplementedError

    def _close(self, code: int, reason: str) -> None:
        raise NotImplementedError


class SocketPeer(Peer, asyncio.Protocol):
    """A connection over a real socket."""

    def __init__(self, hall: Hall) -> None:
        super().__init__("/", {})
        self._hall = hall
        extensions = [ServerPerMessageDeflateFactory()]
        self._protocol = ServerProtocol(max_size=None, extensions=extensions, logger=DiscreetLog(_LOG, {}))
        self._transport: asyncio.Transport | None = None
        self._entered = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if self.frozen:
            return
        self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            if isinstance(event, Request):
                self._greet(event)
            elif isinstance(event, Frame):
                self._take(event)
        self._flush()
        self.is_open = self.is_open and self._protocol.state is not State.CLOSED and self._protocol.close_sent is None

    def _greet(self, request: Request) -> None:
        super().__init__(request.path, dict(request.headers.raw_items()))
        rejection = self._hall.admit(request.path, self.headers)
        if rejection is None:
            self._protocol.send_response(self._protocol.accept(request))
            self._flush()
            self._entered = self._protocol.state is State.OPEN
            if self._entered:
                self._hall.opened(self)
        elif rejection == BROKEN_OFF:
            self.abort()
        elif rejection.status is not None:
            response = self._protocol.reject(rejection.status, rejection.body)
            for name, value in rejection.headers.items():
                response.headers[name] = value
            self._protocol.send_response(response)
        else:
            self.frozen = True

    def _take(self, frame: Frame) -> None:
        if frame.opcode is Opcode.TEXT:
            self._hall.heard(self, bytes(frame.data))
        elif frame.opcode is Opcode.PING:
            self._hall.pinged(self)
        elif frame.opcode is Opcode.PONG:
            self.pongs.append(bytes(frame.data))
            self._hall.ponged(self, bytes(frame.data))

    def _flush(self) -> None:
        if self._transport is None:
            return
        for data in self._protocol.data_to_send():
            if data:
                self._transport.write(data)
            else:
                self._transport.close()

    def eof_received(self) -> None:
        self._protocol.receive_eof()
        self._flush()

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_open = False
        if self._entered:
            self._entered = False
            self._hall.gone(self)

    def abort(self) -> None:
        if self._transport is not None:
            self.is_open = False
            self._transport.abort()

    def reset(self) -> None:
        if self._transport is not None:
            linger = struct.pack("ii", 1, 0)
            self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.abort()

    def stop_reading(self) -> None:
        if self._transport is not None:
            self._transport.pause_reading()

    def send_raw(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    def _send(self, messages: list[bytes]) -> None:
        if self._protocol.state is State.OPEN:
            for message in messages:
                self._protocol.send_text(message)
            self._flush()

    def _ping(self, payload: bytes) -> None:
        if self._protocol.state is State.OPEN:
            self._protocol.send_ping(payload)
            self._flush()

    def _close(self, code: int, reason: str) -> None:
        if self._protocol.state is State.OPEN:
            self._protocol.send_close(code, reason)
            self._flush()
            self.is_open = False


class MemoryPeer(Peer):
    """A connection without a socket."""

    def __init__(self, hall: Hall, socket: ScriptedSocket) -> None:
        parts = urlsplit(socket.target.url)
        super().__init__(f"{parts.path}?{parts.query}", socket.target.headers)
        self._hall = hall
        self._socket = socket
        socket.on_text = lambda message: None if self.frozen else hall.heard(self, _EXACT.encode(message))
        socket.on_pong = self._ponged
        socket.on_close = self._left

    def _ponged(self, payload: bytes) -> None:
        if not self.frozen:
            self.pongs.append(payload)
            self._hall.ponged(self, payload)

    def _left(self) -> None:
        if self.is_open:
            self.is_open = False
            self._hall.gone(self)

    def abort(self) -> None:
        if self.is_open:
            self._left()
            self._socket.lose()

    def stop_reading(self) -> None:
        self._socket.stuck = 1

    def _send(self, messages: list[bytes]) -> None:
        self._socket.say(*messages)

    def _ping(self, payload: bytes) -> None:
        self._socket.ping(payload)

    def _close(self, code: int, reason: str) -> None:
        self._left()
        text = f"the exchange closed the connection with code {code}" + (f": {reason}" if reason else "")
        self._socket.lose(ConnectionLost(text, code=code, reason=reason))


class MemoryTransport:
    """Opens connections to an exchange in the same program, without sockets."""

    def __init__(self, hall: Hall) -> None:
        self._hall = hall
        self._scripted = ScriptedTransport()

    async def open(self, target: Target, receiver: Receiver) -> Link:
        """Open a connection."""
        parts = urlsplit(target.url)
        rejection = self._hall.admit(f"{parts.path}?{parts.query}", target.headers)
        if rejection is not None and rejection.status is None:
            await asyncio.sleep(target.timeout)
            raise ConnectFailed(f"the handshake was not answered within {target.timeout:g} seconds")
        if rejection == BROKEN_OFF:
            raise ConnectFailed(f"no connection to {parts.scheme}://{parts.netloc}{parts.path}: it was broken off")
        if rejection is not None:
            after = rejection.headers.get("Retry-After")
            raise ConnectRejected(
                f"the handshake was answered with HTTP {rejection.status}",
                status=rejection.status or 0,
                body=rejection.body,
                retry_after=float(after) if after else None,
            )
        link = await self._scripted.open(target, receiver)
        peer = MemoryPeer(self._hall, self._scripted.sockets.pop())
        asyncio.get_running_loop().call_soon(self._hall.opened, peer)
        return link
