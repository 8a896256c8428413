"""Sockets, opened by `websockets`: its handshake, TLS, proxies, masking and close, and two ways of reading.

The fast way slices whole, unfragmented text frames out of what one read brought, answers for pings itself, and leaves
every other frame, whole, to the library's parser, which so never loses step. It reads into one buffer of its own
(`asyncio.BufferedProtocol`) instead of a new one a read. What it leaves out is the check that a text is UTF-8; the
decoder makes it. The plain way is the library's own parser, for versions with which the fast way was not tested.
"""

from __future__ import annotations

import asyncio
import re
import ssl as ssl_module
import struct
from collections.abc import Callable
from typing import Any

from websockets import exceptions as ws
from websockets.asyncio.client import ClientConnection, connect
from websockets.frames import Opcode
from websockets.protocol import State
from websockets.version import version as websockets_version

from wirewright_runtime.errors import (
    ConnectFailed,
    ConnectionLost,
    ConnectRejected,
    MessageTooLarge,
    ProxyError,
    TlsError,
)
from wirewright_runtime.settings import LOG, Log
from wirewright_runtime.sparing import DiscreetLog
from wirewright_runtime.transport import Link, Receiver, Target

_TESTED = ("15.", "16.", "17.")
_BUFFER = 256 * 1024
_HEAD_LIMIT = 64 * 1024
_LONGEST_WAIT = 366 * 86400  # seconds
_NAMED = 256
_LONGEST_HEAD = 10
_HEAD = struct.Struct(">HH").unpack_from
_USUAL = 0x817E  # a whole text of 126 to 65,535 bytes: length in the two bytes that follow
_PONG = b"\x8a"


class _Deaf:
    """Receives nothing: for a socket that has not been handed over yet, or no more."""

    def on_frames(self, frames: list[bytes]) -> None: ...
    def on_ping(self, payload: bytes) -> None: ...
    def on_binary(self, size: int) -> None: ...
    def on_lost(self, error: ConnectionLost) -> None: ...


class PlainSocket(ClientConnection):
    """A connection that hands over the messages of a read at once, as its library parsed them."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self._receiver: Receiver = _Deaf()
        self._frames: list[bytes] = []
        self._parts: list[bytes] = []
        self._begun = self._told = self._binary = self._parsing = self._nameless = False
        self._recent = self._head = b""
        self._abort: asyncio.TimerHandle | None = None
        self._greedy = False
        self.written = 0

    def begin(self, receiver: Receiver) -> None:
        """Hand over everything from here on, beginning with what came since the handshake."""
        self._receiver, self._begun = receiver, True
        self._greedy = type(self.loop).__module__.partition(".")[0] == "uvloop"
        self._hand_over()
        self._tell_if_over()

    def _hand_over(self) -> None:
        if self._begun:
            frames, self._frames = self._frames, []
            self._receiver.on_frames(frames)

    def _let_others_run(self) -> None:
        """uvloop reads on while there is something to read; the readers must get their turn in between."""
        if not self.transport.is_closing():
            self.transport.pause_reading()
            self.loop.call_soon(self._read_on)

    def _read_on(self) -> None:
        if not self.transport.is_closing():
            self.transport.resume_reading()

    def data_received(self, data: bytes) -> None:
        self._parse(data)
        self._hand_over()
        if self._greedy:
            self._let_others_run()
        self._name(data)
        self._tell_if_over()

    def _parse(self, data: bytes) -> None:
        """Let the library parse these bytes."""
        self._parsing = True
        ClientConnection.data_received(self, data)
        self._parsing = False

    def process_event(self, event: Any) -> None:
        """A frame that the library parsed. Messages are put together here, not in its queue."""
        opcode = getattr(event, "opcode", None)
        if opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            self._binary = opcode is Opcode.BINARY if opcode is not Opcode.CONT else self._binary
            self._parts.append(bytes(event.data))
            if event.fin:
                message, self._parts = b"".join(self._parts), []
                if self._binary:
                    self._receiver.on_binary(len(message))
                elif message:
                    self._frames.append(message)
        elif opcode is Opcode.PING and self._begun:
            self._receiver.on_ping(bytes(event.data))
        else:
            super().process_event(event)

    def _name(self, data: bytes) -> None:
        """See how a message begins that is too large: that says whose it is, and the library tells its size only."""
        error = self.protocol.parser_exc
        if isinstance(error, ws.PayloadTooBig) and error.size is not None and not self._parts:
            self._recent += data
            length = b"\x7e" + error.size.to_bytes(2) if error.size < 2**16 else b"\x7f" + error.size.to_bytes(8)
            begin = re.search(b"[\x01\x81]" + re.escape(length), self._recent)
            self._head = self._recent[begin.end() :][:_NAMED] if begin else b""
            self._nameless = len(self._head) < min(error.size, _NAMED)
        else:
            self._recent = (self._recent + data)[-_LONGEST_HEAD:]

    # How it ends: once, with the reason, as soon as it is known

    def _tell_if_over(self) -> None:
        if self._begun and not self._told and not self._nameless and self.protocol.state is not State.OPEN:
            self._tell()
            self._abort = self.loop.call_later(1.0, self.transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self._abort is not None:
            self._abort.cancel()
        if self._begun:
            self._hand_over()
            self._tell()

    def _tell(self) -> None:
        if not self._told:
            self._told = True
            self._receiver.on_lost(self._reason())

    def _reason(self) -> ConnectionLost:
        close, parser = self.protocol.close_rcvd, self.protocol.parser_exc
        if isinstance(parser, ws.PayloadTooBig):
            limit, head = self.protocol.max_message_size, b"".join(self._parts)[:_NAMED] or self._head
            said = f"a message{f' of {parser.size} bytes' if parser.size else ''} passes the limit of {limit}"
            return MessageTooLarge(said, size=parser.size, limit=limit, head=head)
        if close is not None:
            reason = f": {close.reason}" if close.reason else ""
            return ConnectionLost(
                f"the exchange closed the connection with code {int(close.code)}{reason}",
                code=int(close.code),
                reason=close.reason,
            )
        cause = self.connection_exc or parser
        lost = ConnectionLost(f"the connection broke: {cause}" if cause else "the connection broke off")
        lost.__cause__ = cause
        return lost

    # What is said

    def _write(self, say: Callable[[bytes], None], *messages: bytes) -> None:
        try:
            for message in messages:
                say(message)
            self.send_data()
        except (ws.WebSocketException, RuntimeError, OSError) as error:
            raise ConnectionLost("the connection is closed", outcome="not_sent") from error

    def send_data(self) -> None:
        writes = self.protocol.writes
        if self._parsing and self._begun:  # what the library answers by itself: pings are the receiver's business
            self._parsing = False
            writes[:] = [frame for frame in writes if frame[:1] != _PONG]
        self.written += sum(map(len, writes))
        if len(writes) > 1 and all(writes):  # several messages are one write; an empty one is the end
            writes[:] = [b"".join(writes)]
        super().send_data()

    def post(self, *texts: bytes) -> None:
        """Write text messages, without a coroutine."""
        self._write(self.protocol.send_text, *texts)

    def post_ping(self, payload: bytes) -> None:
        """Write a ping whose pong nobody waits for: any sign of life will do."""
        self._write(self.protocol.send_ping, payload)

    def post_pong(self, payload: bytes) -> None:
        """Write a pong."""
        self._write(self.protocol.send_pong, payload)

    def forget(self) -> None:
        """Tell nothing more."""
        self._receiver, self._told = _Deaf(), True


class FastSocket(PlainSocket, asyncio.BufferedProtocol):
    """The same, with the fast way of reading."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self._allocate(b"", _BUFFER)
        self._used = 0
        self._slicing = False

    def _allocate(self, content: bytes | bytearray, size: int) -> None:
        """A buffer of this size, and behind it room for the rest of a head that begins with its last byte."""
        self._buffer = bytearray(content).ljust(size + _LONGEST_HEAD, b"\0")
        self._view = memoryview(self._buffer)[:size]

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._view[self._used :] if self._used else self._view

    def data_received(self, data: bytes) -> None:
        """uvloop takes whatever is a `Protocol` too for a plain one, and hands bytes over."""
        rest = memoryview(data)
        while rest:
            room = self.get_buffer(len(rest))
            taken = min(len(room), len(rest))
            room[:taken] = rest[:taken]
            self.buffer_updated(taken)
            rest = rest[taken:]

    def buffer_updated(self, nbytes: int) -> None:
        size = self._used + nbytes
        done = self._slice(size) if self._slicing else self._shake_hands(size)
        left = size - done
        if left and done:
            self._buffer[:left] = self._buffer[done:size]
        elif left == len(self._view):
            self._allocate(self._buffer[:left], 2 * left)
        self._used = left
        if self._begun:
            self._hand_over()
            if self._greedy:
                self._let_others_run()
            if not self._slicing:
                self._tell_if_over()

    def _shake_hands(self, size: int) -> int:
        """The answer to the handshake goes to the library; frames may stand right behind it. Returns what is done."""
        end = self._buffer.find(b"\r\n\r\n", 0, size) + 4
        if self.protocol.state is State.CONNECTING and end < 4 and size < _HEAD_LIMIT:
            return 0
        if self.protocol.state is not State.CONNECTING or end < 4:
            end = size
        return self._slice(size, self._pass_on(0, end, size))

    def _slice(self, size: int, i: int = 0) -> int:
        """Take whole frames out of the buffer. Returns how many bytes are done."""
        data, view, add = self._buffer, self._view, self._frames.append
        limit = self.protocol.max_message_size or size
        usual = None if self._parts else _USUAL  # no text may begin inside of another one
        while size - i >= 2:
            head, length = _HEAD(data, i)
            end = i + 4 + length
            if head == usual and 0 < length <= limit and end <= size:
                add(view[i + 4 : end].tobytes())
            else:
                end = self._take(i, size)
                if end == i or not self._slicing:
                    return end
                usual = None if self._parts else _USUAL
            i = end
        return i

    def _take(self, i: int, size: int) -> int:
        """Take one frame of whatever kind. Returns what is done then: nothing of the frame, if it is not whole yet."""
        view, kind, length = self._view, self._buffer[i], self._buffer[i + 1]
        start = i + 2
        if length > 127:  # masked: a server must not do that, and the library says so
            return self._pass_on(i, size, size)
        if length > 125:
            start += 2 if length == 126 else 8
            if size < start:
                return i
            length = int.from_bytes(view[i + 2 : start], "big")
            limit = self.protocol.max_message_size
            if limit is not None and length > limit:
                if size < start + min(length, _NAMED):  # how it begins says whose it is
                    return i
                self._head = view[start : start + _NAMED].tobytes()
                return self._pass_on(i, size, size)
        end = start + length
        if end > size:
            return i
        if kind == 0x81 and not self._parts:
            if length:
                self._frames.append(view[start:end].tobytes())
        elif kind == 0x89 and length <= 125 and self._begun:
            self._receiver.on_ping(view[start:end].tobytes())
        elif kind != 0x8A:
            return self._pass_on(i, end, size)
        return end

    def _pass_on(self, start: int, end: int, size: int) -> int:
        """Let the library parse these bytes, and all others too, when no frames come any more. Returns what is done."""
        self._parse(self._view[start:end].tobytes())
        self._slicing = self.protocol.state is State.OPEN
        if self._slicing:
            return end
        if end < size:
            self._parse(self._view[end:size].tobytes())
        return size

    def eof_received(self) -> None:
        if self._used:  # the library has its own word on what is cut short
            rest = self._view[: self._used].tobytes()
            self._parse(rest)
            self._name(rest)
            self._used = 0
        return super().eof_received()


class SocketLink:
    """A `PlainSocket` or `FastSocket` as the seam wants it."""

    def __init__(self, socket: PlainSocket) -> None:
        self._socket = socket
        self.exact = socket.transport.get_extra_info("ssl_object") is None
        self.send = socket.post
        self.pong = socket.post_pong

    @property
    def connection(self) -> ClientConnection:
        """The connection of the library `websockets`."""
        return self._socket

    def ping(self, payload: bytes = b"") -> None:
        self._socket.post_ping(payload)

    @property
    def written(self) -> int:
        return self._socket.written

    def unsent(self) -> int:
        return self._socket.transport.get_write_buffer_size()

    def abort(self) -> None:
        self._socket.transport.abort()

    async def close(self) -> None:
        self._socket.forget()
        await self._socket.close()


class WebSocketTransport:
    """Opens real sockets.

    Args:
        fast: Whether to read the fast way; by default where it was tested with the installed `websockets`.
        log: Where to say that it was not.
    """

    def __init__(self, fast: bool | None = None, log: Log = LOG) -> None:
        self._log = log
        tested = websockets_version.startswith(_TESTED)
        if fast is None and not tested:
            log.info("websockets %s: the fast path was not tested with it, reading the plain way", websockets_version)
        self._socket = FastSocket if (tested if fast is None else fast) else PlainSocket

    async def open(self, target: Target, receiver: Receiver) -> Link:
        """Open a socket. Raises `ConnectFailed` or `ConnectRejected`."""
        settings: dict[str, Any] = {"ssl": target.ssl} if target.ssl is not None else {}
        try:
            socket = await _Dial(
                target.url,
                additional_headers=dict(target.headers),
                compression="deflate" if target.compression else None,
                proxy=target.proxy or None,
                open_timeout=target.timeout,
                ping_interval=None,
                close_timeout=target.close_timeout,
                max_size=target.max_message_size,
                max_queue=None,
                create_connection=self._socket,
                logger=DiscreetLog(self._log, {}),
                **settings,
            )
        except (OSError, ws.WebSocketException, ValueError, ImportError) as error:
            raise _why(error, target) from (error if _plain(error) == str(error) else None)
        if not isinstance(socket, PlainSocket):
            raise TypeError("websockets did not use the connection class that it was given")
        socket.begin(receiver)
        return SocketLink(socket)


class _Dial(connect):
    """Goes where the user said and nowhere else: another host would get orders and keys."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


def _why(error: Exception, target: Target) -> ConnectFailed | ConnectRejected:
    """What the library's error means. Addresses are named without query, user and password."""
    place = target.shown or target.url.partition("?")[0]
    if isinstance(error, ws.InvalidStatus):
        body = (error.response.body or b"")[:1024].decode("utf-8", "replace")
        status = error.response.status_code
        return ConnectRejected(
            f"{place} answered the handshake with HTTP {status}{f': {body}' if body else ''}",
            status=status,
            body=body,
            retry_after=_seconds(error.response.headers.get("Retry-After")),
        )
    through_proxy = isinstance(target.proxy, str) and isinstance(error, OSError) and not isinstance(error, TimeoutError)
    if isinstance(error, (ws.ProxyError, ws.InvalidProxy)) or (
        through_proxy and not isinstance(error, ssl_module.SSLError)
    ):
        return ProxyError(f"the proxy to {place} failed: {_plain(error)}")
    if isinstance(error, ssl_module.SSLError):
        return TlsError(f"no TLS connection to {place}: {error}")
    if isinstance(error, TimeoutError):
        return ConnectFailed(f"{place} did not complete the handshake within {target.timeout:g} seconds")
    return ConnectFailed(f"no connection to {place}: {_plain(error)}")


def _plain(error: Exception) -> str:
    """An error's text, without the address in it: that could hold a password, a key or a token."""
    if isinstance(error, (ws.InvalidURI, ws.InvalidProxy)):
        return f"the address is not valid: {error.msg}"
    return type(error).__name__ if "@" in str(error) else f"{error}"


def _seconds(retry_after: str | None) -> float | None:
    """What the header asks for; None if it is no number of seconds, or one that cannot be meant."""
    seconds = float(retry_after) if retry_after and retry_after.isdigit() else None
    return seconds if seconds is None or seconds <= _LONGEST_WAIT else None
