"""One open socket: what it brings goes to whom it belongs, what it should bring is missed when it does not come.

* A read is handled whole, in the call that brings it: replies to their futures, events to the buffers of their readers.
  Nothing here waits for user code, an acknowledgement or a reconnect.
* Every ping is answered once, with its payload, and a flood of them with the newest one, under the exchange's limit.
* Life is proved by any frame. Where the exchange pings often, two missing pings are enough to give up; elsewhere, and
  where the client has to ping, this end asks after some silence and gives up ten seconds later.
* Bytes that do not leave for `write_timeout` seconds mean that the peer is gone.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec

from wirewright_runtime.correlation import Correlation, Question, Tags
from wirewright_runtime.envelope import Envelope, Reading, get
from wirewright_runtime.errors import (
    UNDECODABLE,
    ConnectionLost,
    MessageTooLarge,
    StaleConnection,
    WireError,
    again,
)
from wirewright_runtime.feeds import Feed, Feeds
from wirewright_runtime.limits import Pacer
from wirewright_runtime.product import Ping, Socket
from wirewright_runtime.transport import Link, Target, Transport
from wirewright_runtime.unions import ANYTHING

_PROBE_AFTER = 20.0
_GRACE = 10.0
_PATIENCE = 60.0


class Owner(Protocol):
    """Who is told what a connection cannot handle by itself. None of these may wait or raise."""

    def on_read(self) -> None:
        """The frames of one read were handed out."""
        ...

    def on_event(self, connection: Connection, reading: Reading, raw: bytes) -> None:
        """An event came outside any stream."""
        ...

    def on_stray(self, connection: Connection, reading: Reading | None, raw: bytes) -> None:
        """A frame came that belongs to nobody, or (without a reading) is no JSON."""
        ...

    def on_lost(self, connection: Connection, error: ConnectionLost) -> None:
        """The connection ended."""
        ...


class Connection:
    """One open socket of a product."""

    def __init__(self, name: str, envelope: Envelope, owner: Owner, prefix: str, write_timeout: float) -> None:
        self._loop = asyncio.get_running_loop()
        self.name = name
        self.socket: Socket = envelope.socket
        self.envelope = envelope
        self._owner = owner
        self._write_timeout = write_timeout
        numbers = self.socket.request is not None and self.socket.request.id_type == "integer"
        self.questions = Correlation(self._loop, prefix, numbers=numbers, head=envelope.reply_head)
        self.pacer = Pacer(self.socket.messages) if self.socket.messages else None
        self.feeds = Feeds(envelope.stream_head)
        """Streams by `key_of` their name; the empty name takes everything that is nothing else."""
        self.user_feeds: dict[str | int | None, Feed] = {}
        """User data by subscription; None takes those whose subscription is not known (yet)."""
        self.confirmed: dict[str, Any] = {}
        """Topics by name that the exchange acknowledged."""
        self.logged_on = False
        self.expelled = False
        """Whether the exchange ended the session that was logged on."""
        self.ends = False
        """Whether the exchange has announced its end."""
        self.opened_at = self.last_read = self._loop.time()
        self.lost: WireError | None = None
        self.reads = self.pongs = self.garbage = self.binaries = 0
        self._link: Link | None = None
        self._opening = False
        self._lost_early: ConnectionLost | None = None
        self._outbox: list[tuple[Question | None, bytes]] = []
        self._pong: bytes | None = None
        self._probed_at = self.opened_at
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._turns = asyncio.Lock()

    def slow_down(self, times: int) -> None:
        """Send control frames at half the speed, for every time that the exchange has complained."""
        if self.pacer is not None:
            self.pacer.slow_down(times)

    # Life

    async def open(self, transport: Transport, target: Target) -> None:
        """Open the socket and begin to listen."""
        self._opening = True
        self._link = await transport.open(target, self)
        self._opening = False
        if self._lost_early is not None:
            raise again(self._lost_early)
        self.opened_at = self.last_read = self._probed_at = self._loop.time()
        self._patience, self._probe_after = _patience(self.socket.ping)
        self._watch()

    @property
    def link(self) -> Link | None:
        """The socket, while it is open."""
        return self._link

    @property
    def is_open(self) -> bool:
        """Whether it can be used."""
        return self._link is not None and self.lost is None

    async def close(self, why: WireError | None = None) -> None:
        """Close it for good, without telling its owner. Who still waits for an answer is told why."""
        link, self._link = self._link, None
        self._end(why or ConnectionLost("the connection was closed by this client"))
        if link is not None:
            try:
                await link.close()
            except BaseException:  # canceled: no time for a handshake
                link.abort()
                raise

    def drop(self) -> None:
        """Give it up without a word to anybody."""
        link, self._link = self._link, None
        self._end(ConnectionLost("the connection was given up by this client"))
        if link is not None:
            link.abort()

    def fail(self, error: ConnectionLost) -> None:
        """Give it up: everybody who waits is told, and the owner."""
        if self.lost is None and self._link is not None:
            sent = self._link.written - self._link.unsent() if self._link.exact else None
            self._link.abort()
            self._end(error, sent)
            self._owner.on_lost(self, error)

    def _end(self, error: WireError, sent: int | None = None, culprit: bytes = b"") -> None:
        """`sent` is how many bytes surely left the process, `culprit` whose message ended it, if these are known."""
        if self.lost is None:
            self.lost = error
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        self.questions.fail(lambda question: _lost(error, question, sent, culprit))

    # What comes

    def on_frames(self, frames: list[bytes]) -> None:
        """Hand out the messages of one read."""
        self.last_read = self._loop.time()
        self.reads += 1
        if not self.envelope.stream_head:
            self._hand_out_replies(frames)
        elif frames:
            self.feeds.hand_out(frames, self._sort)
        self._owner.on_read()

    def _hand_out_replies(self, frames: list[bytes]) -> None:
        offset = len(self.envelope.reply_head)
        for raw in frames:
            if not offset or not self.questions.resolve(raw[: raw.find(b'"', offset)], raw):
                self._sort(raw)

    def key_of(self, name: str) -> bytes:
        """Under which key the feed of a stream is kept: the beginning of its frames."""
        return self.envelope.stream_head + name.encode()

    def _sort(self, raw: bytes) -> None:
        """A frame whose head does not say where it belongs."""
        try:
            reading = self.envelope.read(raw)
        except UNDECODABLE:
            if self.envelope.socket.plain:
                self._sort(msgspec.json.encode(raw.decode(errors="replace")))
                return
            self.garbage += 1
            self._owner.on_stray(self, None, raw)
            return
        questions = self.questions
        if reading.id is not None and questions.resolve(questions.key_of(reading.id), raw):
            return
        if questions.tagged and questions.resolve_tagged(lambda tags: _fits(tags, raw), raw):
            return
        feed = self.feeds.get(self.key_of(reading.stream)) if reading.stream else None
        if feed is None and reading.is_event:
            self._owner.on_event(self, reading, raw)
        elif feed is None and not reading.failed:  # an id that nobody asked with is the message's own
            feed = self.feeds.get(self.key_of(""))
        if feed is not None:
            feed.deliver([raw])
        elif not reading.is_event:
            if reading.id is not None:
                questions.orphan("", raw)
            self._owner.on_stray(self, reading, raw)

    def on_binary(self, size: int) -> None:
        """A binary message came: counted, not understood."""
        self.binaries += 1

    def on_lost(self, error: ConnectionLost) -> None:
        """The connection ended by itself."""
        if self._opening:
            self._lost_early = error
        elif self.lost is None and self._link is not None:
            culprit = self._culprit(error)
            self._end(error, culprit=culprit)
            if isinstance(error, MessageTooLarge) and culprit in self.feeds:
                stream = culprit[len(self.envelope.stream_head) :].decode()
                error = MessageTooLarge(f"{stream}: {error}", size=error.size, limit=error.limit, stream=stream)
            self._owner.on_lost(self, error)

    def _culprit(self, error: ConnectionLost) -> bytes:
        """Under which key the owner of a message is kept that was too large."""
        if not isinstance(error, MessageTooLarge):
            return b""
        return self.envelope.key_in(error.head)

    # What is said

    def send(self, question: Question | None, text: bytes) -> None:
        """Write a request. What is written may reach the exchange, whatever happens afterwards.

        While more than this one are under way, what is asked in one turn of the loop leaves together.
        """
        link = self._link
        if link is None or self.lost is not None:
            raise ConnectionLost(f"{self.name}: the connection is closed", outcome="not_sent") from self.lost
        self._outbox.append((question, text))
        if question is None or (len(self._outbox) == 1 and len(self.questions) <= 1):
            self._write(link)
        elif len(self._outbox) == 1:
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        link = self._link
        if link is not None and self.lost is None and self._outbox:
            try:
                self._write(link)
            except ConnectionLost:  # everybody was told
                return

    def _write(self, link: Link) -> None:
        """Write what is to be said. Of several messages, the first byte of all counts as a part of each."""
        outbox, self._outbox = self._outbox, []
        begin = link.written + 1
        try:
            link.send(*[text for _, text in outbox])
        except ConnectionLost as error:
            self.on_lost(error)
            raise
        for question, _ in outbox:
            if question is not None:
                question.end = link.written if len(outbox) == 1 else begin
        if "write" not in self._timers and link.unsent():
            self._timers["write"] = self._loop.call_later(self._write_timeout, self._check_writing, link.written)

    async def command(self, method: str, params: Mapping[str, object] | list[str], timeout: float) -> bytes:
        """Send a control command, in turn and when the exchange's limit allows it, and wait for its answer."""
        async with self._turns:
            while self.pacer is not None and (delay := self.pacer.delay(self._loop.time())) > 0:  # noqa: ASYNC110
                await asyncio.sleep(delay)  # a pong may take the place that was free
            question = self.questions.ask(method, self._loop.time() + timeout)
            try:
                self.send(question, self.envelope.write(question.id, method, params))
            except WireError:
                self.questions.close(question)
                raise
            self._count("text")
        return await self.answer(question)

    async def answer(self, question: Question) -> bytes:
        """Wait for an answer. Whoever waits no longer, for whatever reason, leaves nothing behind."""
        try:
            return await question.future
        finally:
            self.questions.close(question)

    def on_ping(self, payload: bytes) -> None:
        """Answer a ping; in a flood, only the newest."""
        self.last_read = self._loop.time()
        self._pong = payload
        self._answer()

    def _answer(self) -> None:
        payload, link = self._pong, self._link
        if payload is None or link is None or self.lost is not None:
            return
        delay = self.pacer.delay(self._loop.time(), "pong") if self.pacer else 0
        if delay > 0:
            if "pong" not in self._timers:
                self._timers["pong"] = self._loop.call_later(delay, self._answer_later)
            return
        self._pong = None
        self._count("pong")
        self._say(link.pong, payload)

    def _answer_later(self) -> None:
        del self._timers["pong"]
        self._answer()

    def _say(self, say: Callable[[bytes], None], payload: bytes) -> None:
        try:
            say(payload)
        except ConnectionLost as error:
            self.on_lost(error)

    def _count(self, kind: str) -> None:
        self.pongs += kind == "pong"
        if self.pacer is not None:
            self.pacer.sent(self._loop.time(), kind)

    # What is missed

    def _watch(self) -> None:
        """Look again when something will be due."""
        if self.lost is None:
            due = min(self.last_read + self._patience, self._probe_due())
            self._timers["watch"] = self._loop.call_at(due, self._check_life, due)

    def _probe_due(self) -> float:
        """When the peer must be asked for a sign of life: regularly where it wants that, else once in a silence."""
        ping = self.socket.ping
        if self._probe_after is None:
            return math.inf
        if ping is not None and ping.sender == "client":
            return self._probed_at + self._probe_after
        return math.inf if self._probed_at > self.last_read else self.last_read + self._probe_after

    def _check_life(self, due: float) -> None:
        now = self._loop.time()
        silence = now - self.last_read
        if now >= self.last_read + self._patience:  # as `_watch` counts: a difference could be rounded down for ever
            late = now - due
            why = f"; this program stood still for {late:.0f} of them" if late > 5 else ""
            self.fail(StaleConnection(f"{self.name}: nothing was heard for {silence:.0f} seconds{why}"))
            return
        if now >= self._probe_due():
            self._probe(now)
        self._watch()

    def _probe(self, now: float) -> None:
        self._probed_at = now
        ping, link = self.socket.ping, self._link
        if link is None:
            return
        if ping is not None and ping.message:
            self._count("text")
            self._say(link.send, ping.message.encode())
        else:
            self._count("ping")
            self._say(link.ping, b"")

    def _check_writing(self, written: int) -> None:
        """Everything that was written when the timer was set should have left by now."""
        del self._timers["write"]
        link = self._link
        if link is None:
            return
        if link.written - link.unsent() < written:
            self.fail(ConnectionLost(f"{self.name}: the peer took nothing for {self._write_timeout:g} seconds"))
        elif link.unsent():
            self._timers["write"] = self._loop.call_later(self._write_timeout, self._check_writing, link.written)


def _patience(ping: Ping | None) -> tuple[float, float | None]:
    """Seconds of silence after which a connection is given up, and after which it is asked."""
    if ping is not None and ping.sender == "server" and 2 * ping.interval + 5 <= _PATIENCE:
        return min(2 * ping.interval + 5, ping.timeout), None
    every = ping.interval if ping is not None and ping.sender == "client" else _PROBE_AFTER
    return every + _GRACE, every


def _lost(error: WireError, question: Question, sent: int | None, culprit: bytes) -> WireError:
    """What the end of a connection means for one question."""
    unsent = question.end == 0 or (sent is not None and question.end > sent)
    another = isinstance(error, MessageTooLarge) and culprit not in (b"", question.key)
    told = ConnectionLost("", code=1009) if another else again(error)
    told.args = (f"{question.label}: {error}",)
    told.outcome = "not_sent" if unsent else "unknown"
    told.__cause__ = error
    return told


def _fits(tags: Tags, raw: bytes) -> bool:
    """Whether a frame is like one of the answers; an empty pointer means that any frame is."""
    try:
        frame = ANYTHING.decode(raw)
    except UNDECODABLE:
        return False
    return any(not pointer or get(frame, pointer) == value for pointer, value in tags)
