"""Recordings: everything that a client received, with its times, in a compressed file; and a player of them.

    SpotClient(transport=Recorder("morning.wire.gz"), ...)      # keeps what comes
    SpotClient(transport=Player("morning.wire.gz"), ...)        # the same program receives it again, byte for byte

A recording is gzip over JSON lines, one entry each: `[kind, seconds, connection, ...]`. What was sent is counted, never
kept. Keys and tokens in what was received are masked, wherever they come back. A player hands a frame out when its time
has come and the client has sent as many messages as it had then: so answers find their questions again. With a
`testing.VirtualClock` hours pass in moments.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from wirewright_runtime.errors import ConnectFailed, ConnectionLost, WireError
from wirewright_runtime.transport import Link, Receiver, Target, Transport
from wirewright_runtime.websocket import WebSocketTransport

SECRETS = ("apiKey", "signature", "listenKey", "listenToken", "token", "password", "secret")
"""Wire names of values that no recording keeps."""

_FORMAT = "wirewright recording 1"
_FLUSH_EVERY = 1.0


class Recorder:
    """A transport that keeps what comes. Made for one client; `close` it, or use it as a context manager.

    Args:
        path: The file, which must not be there yet.
        transport: What opens the sockets; by default real ones.
        secrets: Wire names of values that are masked.
    """

    def __init__(
        self, path: str | Path, *, transport: Transport | None = None, secrets: Iterable[str] = SECRETS
    ) -> None:
        self._file = gzip.open(Path(path), "xb", compresslevel=3)  # noqa: SIM115 it lives as long as this object
        self._transport = transport or WebSocketTransport()
        self._mask = _Mask(secrets)
        self._begun: float | None = None
        self._flushed = 0.0
        self._connections = 0
        self._write(["head", 0.0, 0, _FORMAT])

    async def open(self, target: Target, receiver: Receiver) -> Link:
        """Open a socket, and keep what it says."""
        self._connections += 1
        number = self._connections
        self._mask.learn_address(target)
        where = target.shown or target.url.partition("?")[0]
        try:
            link = await self._transport.open(target, _Recording(self, number, receiver))
        except WireError as error:
            self.note("refused", number, _path(where), type(error).__name__)
            raise
        self.note("open", number, _path(where))
        return _Counting(self, number, link)

    def note(self, kind: str, number: int, *what: object) -> None:
        """Keep one entry."""
        if self._file.closed:
            return
        now = asyncio.get_running_loop().time()
        if self._begun is None:
            self._begun = self._flushed = now
        self._write([kind, round(now - self._begun, 6), number, *what])
        if now - self._flushed >= _FLUSH_EVERY:  # whatever happens to the program, little is lost
            self._flushed = now
            self._file.flush()

    def masked(self, frame: bytes) -> str:
        """A frame as it is kept."""
        return self._mask(frame).decode("utf-8", "surrogateescape")

    def _write(self, entry: list[object]) -> None:
        self._file.write(json.dumps(entry, separators=(",", ":")).encode() + b"\n")

    def close(self) -> None:
        """Finish the file. What comes afterwards is not kept."""
        self._file.close()

    def __enter__(self) -> Recorder:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Mask:
    """Replaces the values of secret keys by asterisks, and these values wherever else they stand."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(names)
        quoted = b"|".join(re.escape(name.encode()) for name in sorted(self._names))
        self._pattern = re.compile(rb'("(?:' + quoted + rb')"\s*:\s*")((?:[^"\\]|\\.)+)')
        self._values: set[bytes] = set()

    def learn_address(self, target: Target) -> None:
        """Remember what the address holds beside its public form."""
        real, shown = urlsplit(target.url), urlsplit(target.shown or target.url)
        self._values |= {value.encode() for name, value in parse_qsl(real.query) if name in self._names}
        public = set(shown.path.split("/"))
        self._values |= {part.encode() for part in real.path.split("/") if part not in public}

    def __call__(self, frame: bytes) -> bytes:
        if any(name.encode() in frame for name in self._names):
            frame = self._pattern.sub(self._hide, frame)
        for value in self._values:
            frame = frame.replace(value, b"*" * len(value))
        return frame

    def _hide(self, found: re.Match[bytes]) -> bytes:
        value = found[2]
        if value.strip(b"*"):
            self._values.add(value)
        return found[1] + b"*" * len(value)


class _Recording:
    """Stands before the receiver, and keeps what comes by."""

    def __init__(self, recorder: Recorder, number: int, receiver: Receiver) -> None:
        self._recorder, self._number, self._receiver = recorder, number, receiver

    def on_frames(self, frames: list[bytes]) -> None:
        if frames:
            self._recorder.note("in", self._number, [self._recorder.masked(bytes(frame)) for frame in frames])
        self._receiver.on_frames(frames)

    def on_ping(self, payload: bytes) -> None:
        self._recorder.note("ping", self._number, payload.decode("latin-1"))
        self._receiver.on_ping(payload)

    def on_binary(self, size: int) -> None:
        self._recorder.note("binary", self._number, size)
        self._receiver.on_binary(size)

    def on_lost(self, error: ConnectionLost) -> None:
        self._recorder.note("lost", self._number, error.code, error.reason)
        self._receiver.on_lost(error)


class _Counting:
    """A link that tells when something is sent, and not what."""

    def __init__(self, recorder: Recorder, number: int, link: Link) -> None:
        self._recorder, self._number, self._link = recorder, number, link
        self.exact = link.exact
        self.ping, self.pong, self.unsent = link.ping, link.pong, link.unsent
        self.abort, self.close = link.abort, link.close

    def send(self, *texts: bytes) -> None:
        self._link.send(*texts)
        for _ in texts:
            self._recorder.note("out", self._number)

    @property
    def written(self) -> int:
        return self._link.written


class Entry(NamedTuple):
    """One line of a recording."""

    kind: str
    seconds: float
    connection: int
    what: list[Any]


def read_recording(path: str | Path) -> Iterator[Entry]:
    """The entries of a recording. One that was not finished gives what it has.

    Raises:
        ValueError: The file is no recording.
    """
    try:
        with gzip.open(Path(path), "rb") as file:
            for line in file:
                kind, seconds, connection, *what = json.loads(line)
                yield Entry(kind, float(seconds), int(connection), what)
    except EOFError:
        return
    except (gzip.BadGzipFile, zlib.error, ValueError, TypeError) as error:
        raise ValueError(f"{path} is no recording: {error}") from None


class Player:
    """A transport that opens no sockets: each connection receives what its recorded one received.

    Connections are told apart by their address's path, and come in the recorded order. Where the recording has no more
    of them, dialling fails.

    Args:
        path: A recording.
        speed: How many times faster than it was.
    """

    def __init__(self, path: str | Path, *, speed: float = 1.0) -> None:
        if speed <= 0:
            raise ValueError("speed must be more than 0")
        self._speed = speed
        self._recorded: dict[int, list[Entry]] = {}
        entries = read_recording(path)
        head = next(entries, None)
        if head is None or head.what != [_FORMAT]:
            raise ValueError(f"{path} is no recording of the form {_FORMAT!r}")
        for entry in entries:
            self._recorded.setdefault(entry.connection, []).append(entry)
        self._playing = 0
        self.finished = asyncio.Event()
        """Set when everything was handed out."""

    async def open(self, target: Target, receiver: Receiver) -> Link:
        """Open the next recorded connection to that path."""
        await asyncio.sleep(0)
        path = _path(target.shown or target.url.partition("?")[0])
        number = next((n for n, entries in self._recorded.items() if _opened_at(entries) == path), None)
        if number is None:
            raise ConnectFailed(f"the recording has no more connections to {path}")
        first, *rest = _from_open(self._recorded.pop(number))
        if first.kind == "refused":
            raise ConnectFailed(f"{path} was not reached when this was recorded ({first.what[1]})")
        self._playing += 1
        return _Played(self, first, rest, receiver, self._speed)

    def played(self) -> None:
        """One connection has handed everything out, or was closed."""
        self._playing -= 1
        if not self._playing and not self._recorded:
            self.finished.set()


class _Played:
    """One connection, played."""

    exact = True

    def __init__(self, player: Player, first: Entry, entries: list[Entry], receiver: Receiver, speed: float) -> None:
        self._player, self._entries, self._receiver = player, entries, receiver
        self._begun, self._recorded, self._speed = asyncio.get_running_loop().time(), first.seconds, speed
        self._sent = asyncio.Semaphore(0)
        self._is_open = True
        self.written = 0
        self._task = asyncio.get_running_loop().create_task(self._play())
        self._task.add_done_callback(lambda _: player.played())

    async def _play(self) -> None:
        for entry in self._entries:
            if entry.kind == "out":
                await self._sent.acquire()
                continue
            due = self._begun + (entry.seconds - self._recorded) / self._speed
            await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))
            self._hand_out(entry)

    def _hand_out(self, entry: Entry) -> None:
        receiver, what = self._receiver, entry.what
        if entry.kind == "in":
            receiver.on_frames([frame.encode("utf-8", "surrogateescape") for frame in what[0]])
        elif entry.kind == "ping":
            receiver.on_ping(what[0].encode("latin-1"))
        elif entry.kind == "binary":
            receiver.on_binary(what[0])
        elif entry.kind == "lost":
            self._is_open = False
            receiver.on_lost(ConnectionLost("the recorded connection ended here", code=what[0], reason=what[1]))

    def send(self, *texts: bytes) -> None:
        if not self._is_open:
            raise ConnectionLost("the connection is closed", outcome="not_sent")
        self.written += sum(map(len, texts))
        for _ in texts:
            self._sent.release()

    def ping(self, payload: bytes = b"") -> None:
        asyncio.get_running_loop().call_soon(self._receiver.on_frames, list[bytes]())

    def pong(self, payload: bytes) -> None: ...

    def unsent(self) -> int:
        return 0

    def abort(self) -> None:
        self._is_open = False
        self._task.cancel()

    async def close(self) -> None:
        self.abort()
        await asyncio.wait([self._task])


def _path(address: str) -> str:
    return urlsplit(address).path or "/"


def _from_open(entries: list[Entry]) -> list[Entry]:
    """A connection's entries, with what opened it first: what a socket says at once may be noted before."""
    opening = next(entry for entry in entries if entry.kind in ("open", "refused"))
    return [opening, *(entry for entry in entries if entry is not opening)]


def _opened_at(entries: list[Entry]) -> str:
    return next((entry.what[0] for entry in entries if entry.kind in ("open", "refused")), "")
