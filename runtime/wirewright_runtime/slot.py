"""One slot: a connection that is kept, and replaced without losing anything.

                 somebody needs it                 logged on, subscribed
    idle ───────────────────────────► opening ──────────────────────────► live ◄─────────────┐
     ▲                                 │   ▲                               │ │               │ the fresh one
     │ nobody does any more,           │   │ backoff             lost,     │ │ notice,       │ leads, the old
     │ or the first attempt failed     │   │                     stale     │ │ renewal,      │ one drains and
     └─────────────────────────────────┘   └──────────── down ◄────────────┘ │ stall         │ is closed
                                                                             ▼               │
    failed ◄── refused for good (logon, HTTP 4xx)                        replacing ──────────┘
    closed ◄── close(), from everywhere                          (the old one keeps delivering)

`replace` is the one operation behind all of it: dial (within the host's budget), open, measure the clock, log on,
subscribe everything that is wanted, wait for the acknowledgements, and only then lead. User data (`Account`) have a word
before the dial, where a key for the address may have to be made, and before the fresh connection leads. At most one replacement is under
way, and none begins while an old connection still drains. If it fails while the old connection lives, the old one stays.
If the fresh one is lost while the old one still drains, the old one leads again. If its end is announced too, it is
replaced in its turn.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Protocol

from wirewright_runtime.carrier import Carrier
from wirewright_runtime.connection import Connection
from wirewright_runtime.dialling import Dialling
from wirewright_runtime.envelope import Envelope, Reading
from wirewright_runtime.errors import (
    AuthError,
    ClientClosed,
    ConnectionLost,
    ConnectRejected,
    NotConnected,
    RateLimited,
    RequestTimeout,
    StaleConnection,
    WireError,
    again,
)
from wirewright_runtime.limits import Host
from wirewright_runtime.product import Socket
from wirewright_runtime.settings import StateChange
from wirewright_runtime.stats import ConnectionStats, State
from wirewright_runtime.subscriptions import Topic
from wirewright_runtime.surroundings import Surroundings
from wirewright_runtime.transport import Target

_DRAINS = 60.0
_LINGER = 5.0
_GRACE = 2.0
_FAILURE_HOLDS = 60.0
_STALL = 5.0


class Listener(Protocol):
    """Who hears of what a slot does not handle by itself."""

    def on_event(self, slot: Slot, connection: Connection, reading: Reading, raw: bytes) -> None:
        """An event outside any stream."""
        ...

    def on_stray(self, slot: Slot, connection: Connection, reading: Reading | None, raw: bytes) -> None:
        """A frame that belongs to nobody."""
        ...

    def on_orphan(self, method: str, raw: bytes) -> None:
        """An answer that nobody waits for any more."""
        ...


class Account(Protocol):
    """User data that a slot carries."""

    topic: Topic

    async def prepare(self, connection: Connection) -> None:
        """What a connection needs before it is dialled: its first frame may stand behind the handshake."""
        ...

    async def subscribe(self, connection: Connection) -> None:
        """What is done on a fresh connection before it leads."""
        ...

    def give_up(self, reason: str, error: WireError) -> None:
        """The exchange will not give them any more."""
        ...


class Slot:
    """A logical connection of one kind of socket.

    Args:
        around: What the client shares.
        listener: Who hears of what the slot does not handle.
        socket: The kind of socket.
        name: What it is called for people.
        host: What is known of its host.
        where: The server for people.
        target: What to open, with the part of the address that only this slot has.
        identify: Logs a fresh connection on, where that is possible.
    """

    def __init__(
        self,
        around: Surroundings,
        listener: Listener,
        socket: Socket,
        name: str,
        host: Host,
        where: str,
        target: Callable[[Mapping[str, str]], Target],
        identify: Callable[[Slot, Connection], Awaitable[None]] | None = None,
    ) -> None:
        self.socket = socket
        self.name = name
        self.host = host
        self.where = where
        self.pinned = False
        """Whether it is kept though no stream needs it."""
        self.query: Mapping[str, str] = {}
        """What only its address says."""
        self.envelope = Envelope(socket)
        self.streams = Carrier(around, socket, where, self)
        self.state: State = "closed"
        self.since_ms = 0
        self.reconnects = 0
        self._around = around
        self._listener = listener
        self._target = target
        self._identify = identify
        self._dialling = Dialling(around, socket, name, host)
        self._account: Account | None = None
        self._current: Connection | None = None
        self._fresh: Connection | None = None
        self._retiring: Connection | None = None
        self._waiters: dict[asyncio.Future[Connection], None] = {}
        self._replacing: asyncio.Task[None] | None = None
        self._syncing: asyncio.Task[None] | None = None
        self._draining: asyncio.Task[None] | None = None
        self._renewal: asyncio.TimerHandle | None = None
        self._lingering: asyncio.TimerHandle | None = None
        self._refusal: tuple[WireError, float] | None = None
        self._last_error: WireError | None = None
        self._was_live = False
        self._pause = 0.0
        self._closed = False

    # Use

    @property
    def current(self) -> Connection | None:
        """The connection that leads, if there is one."""
        return self._current

    @property
    def connections(self) -> Iterator[Connection]:
        """Every connection that is open: the one that leads, one that comes, one that goes."""
        for connection in (self._current, self._fresh, self._retiring):
            if connection is not None and connection.is_open:
                yield connection

    async def ready(self, timeout: float) -> Connection:
        """The connection, as soon as there is one."""
        if self._current is not None:
            return self._current
        self.check_usable()
        waiter: asyncio.Future[Connection] = self._around.loop.create_future()
        self._waiters[waiter] = None
        self.replace("needed")
        try:
            async with asyncio.timeout(timeout):
                return await waiter
        except TimeoutError:
            why = f": {self._last_error}" if self._last_error is not None else ""
            raise NotConnected(f"{self.name}: no connection within {timeout:g} seconds{why}") from self._last_error
        finally:
            self._waiters.pop(waiter, None)

    def stats(self) -> ConnectionStats:
        """What is seen of it at this moment."""
        current = self._current
        return ConnectionStats(
            name=self.name,
            state=self.state,
            since=self.since_ms,
            quiet_for=None if current is None else self._around.loop.time() - current.last_read,
            in_flight=0 if current is None else len(current.questions),
            streams=len(self.streams.wanted),
            reconnects=self.reconnects,
            reads=0 if current is None else current.reads,
            pongs=0 if current is None else current.pongs,
            orphans=0 if current is None else current.questions.orphans,
            garbage=0 if current is None else current.garbage,
            binaries=0 if current is None else current.binaries,
        )

    def check_usable(self) -> None:
        """Raises what stands in the way for good: the client is closed, or the exchange refused it a moment ago."""
        if self._closed:
            raise ClientClosed("the client was closed", outcome="not_sent")
        if self._refusal is not None:
            error, at = self._refusal
            if self._around.loop.time() - at < _FAILURE_HOLDS:
                raise _not_sent(error, self.name)
            self._refusal = None

    def want(self, topic: Topic) -> None:
        """Carry a stream from now on."""
        _cancel(self._lingering)
        self._lingering = None
        self.streams.want(topic)
        self._sync()

    def unwant(self, topic: Topic) -> None:
        """Carry a stream no more."""
        self.streams.unwant(topic)
        self._sync()
        if not self.streams.wanted and not self.pinned and not self._closed and self._lingering is None:
            self._lingering = self._around.loop.call_later(_LINGER, self.rest)

    def refresh(self, topic: Topic) -> None:
        """Subscribe a stream again that went silent."""
        self.streams.refresh(topic)
        self._sync()

    def serve(self, account: Account | None) -> None:
        """Carry user data too, from now on; None: no more."""
        self._account = account
        self.streams.serve(None if account is None else account.topic)

    def rest(self) -> None:
        """Let go of the connection: nobody needs it now."""
        _cancel(self._renewal, self._lingering, self._replacing, self._draining)
        unneeded = [connection for connection in (self._current, self._retiring) if connection is not None]
        self.streams.settle(None)
        self._current = self._retiring = self._lingering = self._replacing = None
        self._was_live, self._refusal = False, None
        if self.state != "closed":
            self._tell("closed", "nobody needs it")
        for connection in unneeded:
            self._around.start(connection.close())

    async def close(self) -> None:
        """Close for good: every waiter is told, every task ended, every socket closed."""
        self._closed = True
        error = ClientClosed("the client was closed")
        refused = ClientClosed("the client was closed", outcome="not_sent")
        self._fail(refused, set(self._waiters), set(self.streams.wanted))
        tasks = [task for task in (self._replacing, self._syncing, self._draining) if task is not None]
        _cancel(self._renewal, self._lingering, *tasks)
        open_ones = list(self.connections)
        self._current = self._fresh = self._retiring = None
        await asyncio.gather(*(connection.close(error) for connection in open_ones), *tasks, return_exceptions=True)
        self._tell("closed", "by its user")

    # Replace

    def replace(self, reason: str) -> None:
        """Get a fresh connection. If one is on its way, this is it."""
        if not self._closed and (self._replacing is None or self._replacing.done()):
            self._tell("opening" if self._current is None else "replacing", reason)
            self._replacing = self._around.start(self._replace())

    def expelled(self, connection: Connection) -> None:
        """The exchange ended the session of a connection: log on anew, beside it. Requests on it are signed meanwhile."""
        connection.logged_on, connection.expelled = False, True
        if connection is self._current:
            if self._account is not None:
                self._account.topic.interrupted("terminated")
            self.replace("the exchange ended the session")

    async def _replace(self) -> None:
        pause, self._pause = self._pause, 0.0
        await asyncio.sleep(pause)
        while True:
            if self._draining is not None:
                await asyncio.wait([self._draining])
            waiters, names = set(self._waiters), set(self.streams.wanted)
            try:
                fresh = await self._prepare()
            except WireError as error:
                if self._gives_up(error, waiters, names):
                    return
                await asyncio.sleep(self._dialling.pause(error))
            except Exception as error:
                self._fail(NotConnected(f"{self.name}: {error!r}"), waiters, names)
                raise
            else:
                self._adopt(fresh)
                if not fresh.ends:
                    return
                self._tell("replacing", "the exchange announced the end of the fresh connection too")
            if self._current is None and not self._needed:
                self._tell("closed", "nobody needs it")
                return

    async def _prepare(self) -> Connection:
        """A connection with everything that the slot needs on it."""
        await self._dialling.turn(first=not self._was_live, ahead=self.pinned)
        around = self._around
        prefix = f"{next(around.dials)}-"
        connection = Connection(self.name, self.envelope, self, prefix, around.settings.write_timeout)
        connection.questions.on_orphan = self._listener.on_orphan
        connection.slow_down(self._dialling.complaints)
        self._fresh = connection
        self.streams.expect(connection)
        try:
            if self._account is not None:
                await self._account.prepare(connection)
            await self._dialling.open(connection, self._target(self.query))
            if self._identify is not None:
                await self._identify(self, connection)
            if self._account is not None:
                await self._account.subscribe(connection)
            await self.streams.reconcile(connection)
            if connection.lost is not None:
                raise again(connection.lost)
        except BaseException:
            connection.drop()
            self.streams.turn_back()
            raise
        finally:
            self._fresh = None
        return connection

    def _adopt(self, fresh: Connection) -> None:
        """The fresh connection leads. The old one, if it lives, drains."""
        old, self._current = self._current, fresh
        self._was_live, self._refusal, self._last_error, self._pause = True, None, None, 0.0
        self._schedule_renewal()
        self._tell("live", "beside the one before" if old else "open")
        self.streams.led_by(fresh)
        for waiter in tuple(self._waiters):
            if not waiter.done():
                waiter.set_result(fresh)
        if old is not None:
            self._retiring = old
            self._draining = self._around.start(self._drain(old, fresh))
        self._sync()

    async def _drain(self, old: Connection, fresh: Connection) -> None:
        """Overlap, let the old connection answer what it was asked, and close it."""
        settings = self._around.settings
        await self.streams.overlapped(settings.overlap)
        deadline = self._around.loop.time() + max(settings.request_timeout, _DRAINS)
        while len(old.questions) and self._around.loop.time() < deadline:  # noqa: ASYNC110 it rarely takes one round
            await asyncio.sleep(0.05)
        self._retiring = None
        await asyncio.wait([self._around.start(old.close())])  # it goes on, should the fresh one be lost now
        self._tell("replaced", "the old connection is closed")
        await asyncio.sleep(_GRACE)
        self.streams.settle(fresh)

    def _schedule_renewal(self) -> None:
        """Renew before the exchange ends the connection, and not all at once."""
        _cancel(self._renewal)
        lifetime = self._around.settings.lifetime or self.socket.lifetime
        if lifetime:
            due = lifetime * (23 / 24) + self._around.settings.random.uniform(-1, 1) * lifetime / 48
            self._renewal = self._around.loop.call_later(due, self.replace, "planned renewal")

    def _sync(self) -> None:
        """Bring the exchange's subscriptions in line with what is wanted, soon."""
        if self._closed:
            return
        if self._current is None:
            if self.streams.wanted:
                self.replace("needed")
        elif self._syncing is None or self._syncing.done():
            self._syncing = self._around.start(self._bring_in_line())

    async def _bring_in_line(self) -> None:
        while (connection := self._current) is not None:
            try:
                await self.streams.reconcile(connection)
            except ConnectionLost:
                pass  # told by the connection itself
            except RateLimited as error:
                self._around.log.warning("%s: %s", self.name, error)
                await asyncio.sleep(self._dialling.pause(error))
                continue
            except WireError as error:
                connection.fail(StaleConnection(f"{self.name}: subscriptions could not be changed: {error}"))
            if connection is self._current:
                return

    # What the connection tells

    def on_read(self) -> None:
        """The frames of one read were handed out."""
        self._around.topics.flush()

    def on_event(self, connection: Connection, reading: Reading, raw: bytes) -> None:
        """An event outside any stream; the announcement that the connection will end is handled here."""
        if reading.tag and reading.tag == self.socket.shutdown:
            connection.ends = True
            if connection is self._current:
                self.replace("the exchange announced the end of the connection")
        self._listener.on_event(self, connection, reading, raw)

    def on_stray(self, connection: Connection, reading: Reading | None, raw: bytes) -> None:
        """A frame that belongs to nobody."""
        self._listener.on_stray(self, connection, reading, raw)

    def on_lost(self, connection: Connection, error: ConnectionLost) -> None:
        """A connection ended, not by us."""
        self._around.topics.flush()
        if connection is self._retiring:
            self.streams.release(old_lost=True)
        elif connection is self._current and not self._closed:
            self._lost(connection, error)

    def _lost(self, connection: Connection, error: ConnectionLost) -> None:
        self._last_error = error
        self.reconnects += 1
        self._dialling.lasted(self._around.loop.time() - connection.opened_at)
        self._pause = self._dialling.pause(error)
        self._tell("lost", f"{error}{self._own_fault(error)}")
        old, self._retiring = self._retiring, None
        _cancel(self._draining)
        if old is not None and old.is_open:
            self._current = old
            self.streams.turn_back()
            self._sync()
        else:
            self._current = None
            _cancel(self._renewal)
            self.streams.interrupted(error)
        if self._needed:
            self.replace("lost")

    def _own_fault(self, error: ConnectionLost) -> str:
        """Whether the exchange may have given up because this program did not answer."""
        still = self._around.stood_still()
        blamed = still > _STALL and not isinstance(error, StaleConnection)
        return f"; this program had stood still for {still:.0f} seconds" if blamed else ""

    # Failure

    @property
    def _needed(self) -> bool:
        return bool(self.streams.wanted or self._waiters or (self.pinned and self._was_live))

    def _gives_up(self, error: WireError, waiters: set[asyncio.Future[Connection]], names: set[str]) -> bool:
        """Whether there is no point in trying again. `waiters` and `names` counted on this attempt."""
        self._last_error = error
        refused = isinstance(error, AuthError) or (isinstance(error, ConnectRejected) and 400 <= error.status < 500)
        if self._current is not None and self._current.expelled and isinstance(error, AuthError):
            self._tell("live", f"the exchange ended the session, and refuses another: {error}")
            if self._account is not None:
                self._account.give_up("refused", error)
            return True
        if self._current is not None or (self._was_live and not refused):
            self._tell("lost" if self._current is None else "live", f"no replacement yet: {error}")
            return False
        self._tell("failed", str(error))
        if refused:
            self._refusal = error, self._around.loop.time()
            self._was_live = False
            waiters, names = set(self._waiters), set(self.streams.wanted)
            if self._account is not None:
                self._account.topic.end(error)
        self._fail(error, waiters, names)
        return not (self._waiters.keys() - waiters or self.streams.wanted)

    def _fail(self, error: WireError, waiters: set[asyncio.Future[Connection]], names: set[str]) -> None:
        """Whoever counted on the connection is told that it does not come about."""
        for waiter in tuple(waiters):
            if not waiter.done():
                waiter.set_exception(_not_sent(error, self.name))
        self.streams.fail(error, names)

    def _tell(self, state: State, reason: str) -> None:
        self.state, self.since_ms = state, self._around.time.now_ms()
        change = StateChange(connection=self.name, state=state, reason=reason, at=self.since_ms)
        line = (self._around.product.title, self.name, state, reason)
        self._around.log.info("%s %s: %s: %s", *line, extra={"wirewright": change})
        self._around.tell(self._around.settings.hooks.state, change)


def _not_sent(error: WireError, name: str) -> WireError:
    """The same for one who waited to send something, and now did not."""
    if isinstance(error, (ConnectionLost, RequestTimeout)):  # of what the client itself asked
        told: WireError = NotConnected(f"{name}: {error}")
        told.__cause__ = error
        return told
    told = again(error)
    told.outcome = "not_sent"
    return told


def _cancel(*running: asyncio.TimerHandle | asyncio.Task[None] | None) -> None:
    for one in running:
        if one is not None:
            one.cancel()
