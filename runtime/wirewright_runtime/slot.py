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
subscribe everything that is wanted, wait for the acknowledgements, and only then lead. At most one replacement is under
way. If it fails while the old connection lives, the old one stays. If the fresh one is lost while the old one still
drains, the old one leads again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from itertools import count
from typing import Any, Protocol, TypeVar

from wirewright_runtime.clock import ExchangeTime
from wirewright_runtime.connection import Connection, Feed
from wirewright_runtime.envelope import Envelope, Reading
from wirewright_runtime.errors import (
    ApiError,
    AuthError,
    ClientClosed,
    ConnectionLost,
    ConnectRejected,
    IpBanned,
    MessageTooLarge,
    NotConnected,
    RateLimited,
    RequestTimeout,
    StaleConnection,
    SubscribeError,
    WireError,
)
from wirewright_runtime.handover import Handover, Rejoin
from wirewright_runtime.limits import Host
from wirewright_runtime.product import Command, Product, Socket
from wirewright_runtime.reply import ReplyReader
from wirewright_runtime.settings import Settings, State, StateChange, tell
from wirewright_runtime.signing import Credential, Token
from wirewright_runtime.subscriptions import Topic, Topics
from wirewright_runtime.transport import Target, Transport
from wirewright_runtime.types import Auth

_FIRST_DELAY, _LONGEST_DELAY = 0.25, 30.0
_POLICY_DELAY = 5.0
_SETTLED = 10.0
_LINGER = 5.0
_GRACE = 2.0
_COMMAND_LIMIT = 8_000
_FAILURE_HOLDS = 60.0
_LOG = logging.getLogger("wirewright.session")

W = TypeVar("W", bound=WireError)


class Surroundings:
    """What all slots of a client share."""

    def __init__(
        self,
        product: Product,
        settings: Settings,
        key: Credential | None,
        time: ExchangeTime,
        topics: Topics,
        transport: Transport,
    ) -> None:
        self.loop = asyncio.get_running_loop()
        self.product = product
        self.settings = settings
        self.key = key
        self.time = time
        self.topics = topics
        self.transport = transport
        self.dials = count(1)
        self.tasks: set[asyncio.Task[Any]] = set()

    def start(self, work: Awaitable[None], name: str) -> asyncio.Task[None]:
        """Run something in a task that `close` will wait for."""
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self._finished)
        del name
        return task

    def _finished(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _LOG.error("a background task failed", exc_info=error)


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


Step = Callable[[Connection], Awaitable[None]]
Step0 = Callable[[], Awaitable[None]]


class Slot:
    """A logical connection of one kind of socket."""

    def __init__(
        self,
        around: Surroundings,
        listener: Listener,
        socket: Socket,
        name: str,
        host: Host,
        where: str,
        target: Callable[[], Target],
        *,
        pinned: bool,
    ) -> None:
        self.socket = socket
        self.name = name
        self.host = host
        self.where = where
        self.pinned = pinned
        """Whether it is kept though no stream needs it."""
        self.envelope = Envelope(socket)
        self.wanted: dict[str, Topic] = {}
        self.steps: list[Step] = []
        """What is done on every fresh connection before it is used."""
        self.before: Step0 | None = None
        """What is done before a dial."""
        self.private: Topic | None = None
        """User data that this slot carries beside its streams."""
        self.state: State = "closed"
        self.since_ms = 0
        self.reconnects = 0
        self._around = around
        self._listener = listener
        self._target = target
        self._current: Connection | None = None
        self._fresh: Connection | None = None
        self._retiring: Connection | None = None
        self._handovers: dict[str, Handover] = {}
        self._joined = asyncio.Event()
        self._waiters: set[asyncio.Future[Connection]] = set()
        self._asking: tuple[set[asyncio.Future[Connection]], set[str]] = set(), set()
        self._task: asyncio.Task[None] | None = None
        self._sync_task: asyncio.Task[None] | None = None
        self._retire_task: asyncio.Task[None] | None = None
        self._renewal: asyncio.TimerHandle | None = None
        self._linger: asyncio.TimerHandle | None = None
        self._failure: tuple[WireError, float] | None = None
        self._last_error: WireError | None = None
        self._was_live = False
        self._attempts = 0
        self._pause = 0.0
        self._complaints = 0
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

    @property
    def _topics(self) -> list[Topic]:
        return [*self.wanted.values(), *((self.private,) if self.private else ())]

    @property
    def has_room(self) -> bool:
        """Whether it may carry one more stream."""
        return self.socket.streams is None or len(self.wanted) < self.socket.streams

    async def ready(self, timeout: float) -> Connection:
        """The connection, as soon as there is one."""
        if self._current is not None:
            return self._current
        self.pinned = True
        self.check_usable()
        waiter: asyncio.Future[Connection] = self._around.loop.create_future()
        self._waiters.add(waiter)
        self.replace("needed")
        try:
            async with asyncio.timeout(timeout):
                return await waiter
        except TimeoutError:
            why = f": {self._last_error}" if self._last_error is not None else ""
            raise NotConnected(f"{self.name}: no connection within {timeout:g} seconds{why}") from self._last_error
        finally:
            self._waiters.discard(waiter)

    def want(self, topic: Topic) -> None:
        """Carry a stream from now on."""
        if self._linger is not None:
            self._linger.cancel()
            self._linger = None
        if self.wanted.get(topic.name) is topic:
            return
        self.wanted[topic.name] = topic
        current = self._current
        if current is not None and topic.name in current.confirmed:  # wanted again before it was unsubscribed
            current.feeds[topic.key] = topic
            topic.resumed()
        else:
            topic.confirmed = self._around.loop.create_future()
            topic.confirmed.add_done_callback(_heard)
        self._sync()

    def unwant(self, topic: Topic) -> None:
        """Carry a stream no more."""
        self.wanted.pop(topic.name, None)
        self._handovers.pop(topic.name, None)
        topic.waits = False
        for connection in self.connections:
            connection.feeds.pop(topic.key, None)
        self._sync()
        if not self.wanted and not self.pinned and not self._closed and self._linger is None:
            self._linger = self._around.loop.call_later(_LINGER, self._rest_later)

    def refresh(self, topic: Topic) -> None:
        """Subscribe a stream again that went silent."""
        for connection in self.connections:
            connection.confirmed.pop(topic.name, None)
        self._sync()

    async def rest(self) -> None:
        """Close the connection: nobody needs it now."""
        connection, self._current = self._current, None
        self._was_live = False
        self._cancel(self._renewal)
        for task in (self._task, self._retire_task):
            if task is not None:
                task.cancel()
        retiring, self._retiring = self._retiring, None
        self._tell("closed", "nobody needs it")
        for unneeded in (connection, retiring):
            if unneeded is not None:
                await unneeded.close()

    def _rest_later(self) -> None:
        self._linger = None
        self._around.start(self.rest(), f"rest {self.name}")

    async def close(self) -> None:
        """Close for good: every waiter is told, every task ended, every socket closed."""
        self._closed = True
        self._cancel(self._renewal, self._linger)
        error = ClientClosed("the client was closed")
        self._fail(error, self._waiters, set())
        tasks = [task for task in (self._task, self._sync_task, self._retire_task) if task is not None]
        open_ones = list(self.connections)
        for task in tasks:
            task.cancel()
        self._current = self._fresh = self._retiring = None
        await asyncio.gather(*(connection.close(error) for connection in open_ones), *tasks, return_exceptions=True)
        self._tell("closed", "by its user")

    # Replace

    def replace(self, reason: str) -> None:
        """Get a fresh connection. If one is on its way, this is it."""
        if self._closed or (self._task is not None and not self._task.done()):
            return
        self._tell("replacing" if self._current is not None else "opening", reason)
        self._task = self._around.start(self._replace(), f"replace {self.name}")

    async def _replace(self) -> None:
        pause, self._pause = self._pause, 0.0
        await asyncio.sleep(pause)
        while True:
            self._asking = set(self._waiters), set(self.wanted)
            try:
                fresh = await self._prepare()
            except WireError as error:
                if self._gives_up(error):
                    return
                await asyncio.sleep(self._backoff(error))
            else:
                self._adopt(fresh)
                return
            if self._current is None and not self._needed:
                self._tell("closed", "nobody needs it")
                return

    async def _prepare(self) -> Connection:
        """A connection with everything that the slot needs on it."""
        await self._dial_turn()
        if self.before is not None:
            await self.before()
        around, settings = self._around, self._around.settings
        number = next(around.dials)
        connection = Connection(self.name, self.envelope, self, f"{number}-", settings.write_timeout)
        for _ in range(self._complaints):
            if connection.pacer is not None:
                connection.pacer.halve()
        connection.questions.on_orphan = self._listener.on_orphan
        self._fresh = connection
        try:
            await self._open(connection)
            for step in tuple(self.steps):
                await step(connection)
            await self._reconcile(connection)
            if connection.lost is not None:
                raise again(connection.lost)
        except BaseException:
            self._abandon(connection)
            await connection.close()
            raise
        finally:
            self._fresh = None
        return connection

    async def _dial_turn(self) -> None:
        """Wait until the host may be dialled. Slots with private data go first when many wait."""
        clock = self._around.time.clock
        while (wait := self.host.dial_delay(clock.monotonic(), self.socket.dials)) > 0:
            if self.host.closed_until > clock.monotonic() and not self._was_live:
                raise self._limited(wait)
            await asyncio.sleep(wait if self.pinned else wait * 1.2 + 0.01)

    async def _open(self, connection: Connection) -> None:
        try:
            async with asyncio.timeout(self._around.settings.connect_timeout):
                await connection.open(self._around.transport, self._target())
        except ConnectRejected as error:
            known = self._around.product.statuses.get(error.status)
            if known is None or not issubclass(known.error, RateLimited):
                raise
            wait = 60.0 if error.retry_after is None else error.retry_after
            banned = issubclass(known.error, IpBanned)
            self.host.close(self._around.time.clock.monotonic() + wait, banned=banned)
            raise self._limited(wait) from error
        except TimeoutError:
            raise NotConnected(
                f"{self.name}: no connection within {self._around.settings.connect_timeout:g} seconds"
            ) from None

    def _limited(self, wait: float) -> RateLimited:
        time = self._around.time
        banned = self.host.banned_until > time.clock.monotonic()
        error = (IpBanned if banned else RateLimited)(
            f"{self.name}: the exchange wants no connection for {wait:.0f} seconds", outcome="not_sent"
        )
        error.until = time.now_ms() + int(wait * 1000)
        return error

    def _adopt(self, fresh: Connection) -> None:
        """The fresh connection leads. The old one, if it lives, drains."""
        old, self._current = self._current, fresh
        self._was_live, self._failure, self._last_error, self._pause = True, None, None, 0.0
        self._schedule_renewal()
        self._tell("live", "replaced the one before" if old else "open")
        for waiter in tuple(self._waiters):
            if not waiter.done():
                waiter.set_result(fresh)
        if old is not None:
            self._retiring = old
            self._retire_task = self._around.start(self._retire(old, fresh), f"retire {self.name}")
        self._sync()

    async def _retire(self, old: Connection, fresh: Connection) -> None:
        """Overlap until every stream is seen on the fresh connection, or long enough; then close the old one."""
        settings = self._around.settings
        try:
            async with asyncio.timeout(settings.overlap):
                while self._handovers:
                    self._joined.clear()
                    await self._joined.wait()
        except TimeoutError:
            self._release(old_lost=False)
        deadline = self._around.loop.time() + settings.request_timeout
        while len(old.questions) and self._around.loop.time() < deadline:  # noqa: ASYNC110 it rarely takes one round
            await asyncio.sleep(0.05)
        self._retiring = None
        await old.close()
        self._tell("replaced", f"the old connection is closed, {self.name} goes on")
        await asyncio.sleep(_GRACE)
        self._settle(fresh)

    def _schedule_renewal(self) -> None:
        """Renew before the exchange ends the connection, not all at once."""
        self._cancel(self._renewal)
        lifetime = self._around.settings.lifetime or self.socket.lifetime
        if lifetime:
            due = lifetime * (23 / 24) + self._around.settings.random.uniform(-1, 1) * lifetime / 48
            self._renewal = self._around.loop.call_later(due, self.replace, "planned renewal")

    # Streams

    def feed_for(self, connection: Connection, topic: Topic, *, carried: bool) -> Feed:
        """Where a connection's frames of a topic go; `carried`: the connection that leads brings the topic too."""
        current = self._current
        if current is not None and current is not connection and carried and not topic.silences:
            handover = Handover(topic, lambda: self._note_joined(topic.name))
            self._handovers[topic.name] = handover
            if topic is self.private:
                current.user_feeds = dict.fromkeys(current.user_feeds, handover.old)
            else:
                current.feeds[topic.key] = handover.old
            return handover.new
        if topic.lost_ms is None or topic is self.private:
            return topic
        return self._rejoin(connection, topic)

    @staticmethod
    def _rejoin(connection: Connection, topic: Topic) -> Feed:
        return Rejoin(topic, lambda: connection.feeds.__setitem__(topic.key, topic))

    def _note_joined(self, name: str) -> None:
        self._handovers.pop(name, None)
        self._joined.set()

    def _release(self, *, old_lost: bool) -> None:
        for handover in tuple(self._handovers.values()):
            handover.release(old_lost=old_lost)
        self._handovers.clear()

    def _settle(self, connection: Connection) -> None:
        """After an overlap: no filter between the connection and its streams any more."""
        for topic in self.wanted.values():
            if topic.key in connection.feeds and topic.lost_ms is None:
                connection.feeds[topic.key] = topic
        if self.private is not None:
            connection.user_feeds = dict.fromkeys(connection.user_feeds, self.private)

    def _abandon(self, fresh: Connection) -> None:
        """A fresh connection will not lead: what was prepared for the overlap with it is undone."""
        current, self._handovers = self._current, {}
        if current is not None and current is not fresh:
            self._lead_again(current)

    def _lead_again(self, connection: Connection) -> None:
        for name in connection.confirmed.keys() & self.wanted.keys():
            topic = self.wanted[name]
            connection.feeds[topic.key] = topic
        if self.private is not None:
            connection.user_feeds = dict.fromkeys(connection.user_feeds, self.private)

    def _sync(self) -> None:
        """Bring the exchange's subscriptions in line with what is wanted, soon."""
        if self._closed:
            return
        if self._current is None:
            if self.wanted:
                self.replace("needed")
        elif self._sync_task is None or self._sync_task.done():
            self._sync_task = self._around.start(self._bring_in_line(), f"subscribe {self.name}")

    async def _bring_in_line(self) -> None:
        while (connection := self._current) is not None:
            try:
                await self._reconcile(connection)
            except ConnectionLost:
                pass  # told by the connection itself
            except WireError as error:
                connection.fail(StaleConnection(f"{self.name}: subscriptions could not be changed: {error}"))
            if connection is self._current:
                return

    async def _reconcile(self, connection: Connection) -> None:
        while connection.is_open:
            missing = [topic for name, topic in self.wanted.items() if name not in connection.confirmed]
            surplus = [topic for name, topic in connection.confirmed.items() if name not in self.wanted]
            if surplus:
                await self._unsubscribe(connection, surplus)
            elif missing:
                await self._subscribe(connection, next(self._batches(missing)))
            else:
                return

    def _batches(self, topics: list[Topic]) -> Iterator[list[Topic]]:
        """Topics that fit into one command."""
        command = self.socket.subscribe
        most = 1 if command is not None and command.params == "object" else command.batch if command else len(topics)
        batch: list[Topic] = []
        size = 0
        for topic in topics:
            if batch and (len(batch) >= most or size + len(topic.key) > _COMMAND_LIMIT):
                yield batch
                batch, size = [], 0
            batch.append(topic)
            size += len(topic.key) + 3
        yield batch

    async def _subscribe(self, connection: Connection, batch: list[Topic]) -> None:
        """Subscribe some topics. What is refused is tried one by one, so that one bad name hurts nobody else."""
        current = self._current
        for topic in batch:
            carried = current is not None and topic.name in current.confirmed
            if topic.key not in connection.feeds:
                connection.feeds[topic.key] = self.feed_for(connection, topic, carried=carried)
        try:
            await self._command(connection, self.socket.subscribe, batch)
        except ApiError as error:
            if len(batch) > 1:
                for topic in batch:
                    if self.wanted.get(topic.name) is topic:
                        await self._subscribe(connection, [topic])
            else:
                self._refuse(batch[0], error)
            return
        for topic in batch:
            connection.confirmed[topic.name] = topic
            topic.resumed()
            if topic.confirmed is not None and not topic.confirmed.done():
                topic.confirmed.set_result(None)
            topic.confirmed = None

    async def _unsubscribe(self, connection: Connection, surplus: list[Topic]) -> None:
        command = self.socket.unsubscribe
        gone = surplus if command is None else surplus[: 1 if command.params == "object" else command.batch]
        for topic in gone:
            connection.confirmed.pop(topic.name, None)
        try:
            await self._command(connection, command, gone)
        except ApiError as error:
            names = ", ".join(topic.name for topic in gone)
            _LOG.warning("%s: %s could not be unsubscribed: %s", self.name, names, error)

    async def _command(self, connection: Connection, command: Command | None, topics: list[Topic]) -> None:
        """Send a control command; ask once more if no answer comes."""
        if command is None:
            return
        params: Mapping[str, object] | list[str]
        params = self._parameters(topics[0]) if command.params == "object" else [topic.name for topic in topics]
        timeout = self._around.settings.ack_timeout
        try:
            raw = await connection.command(command.method, params, timeout)
        except RequestTimeout:
            raw = await connection.command(command.method, params, timeout)
        ReplyReader(self._around.product, self.socket, command.method, Any, where=self.where).read(raw)

    def _parameters(self, topic: Topic) -> dict[str, object]:
        stream = topic.stream
        params: dict[str, object] = {} if stream is None else dict(stream.params)
        if stream is not None and stream.spec.auth is Auth.TOKEN and isinstance(self._around.key, Token):
            params[self._around.product.token] = self._around.key.token
        return params

    def _refuse(self, topic: Topic, error: ApiError) -> None:
        """The exchange does not want to give this stream: nothing is remembered of it."""
        refusal = SubscribeError(
            f"{topic.name} was refused: {error.msg}", streams=[topic.name], code=error.code, msg=error.msg
        )
        refusal.__cause__ = error
        self.wanted.pop(topic.name, None)
        for connection in self.connections:
            connection.feeds.pop(topic.key, None)
        if topic.confirmed is not None and not topic.confirmed.done():
            topic.confirmed.set_exception(refusal)
        else:
            topic.end(refusal)

    # What the connection tells

    def on_read(self) -> None:
        """The frames of one read were handed out."""
        self._around.topics.flush()

    def on_event(self, connection: Connection, reading: Reading, raw: bytes) -> None:
        """An event outside any stream; the announcement that the connection will end is handled here."""
        if reading.tag and reading.tag == self.socket.shutdown and connection is self._current:
            self.replace("the exchange announced the end of the connection")
        self._listener.on_event(self, connection, reading, raw)

    def on_stray(self, connection: Connection, reading: Reading | None, raw: bytes) -> None:
        """A frame that belongs to nobody."""
        self._listener.on_stray(self, connection, reading, raw)

    def on_lost(self, connection: Connection, error: ConnectionLost) -> None:
        """A connection ended, not by us."""
        self._around.topics.flush()
        if connection is self._retiring:
            self._release(old_lost=True)
            return
        if connection is not self._current or self._closed:
            return
        self._last_error = error
        self.reconnects += 1
        if self._around.loop.time() - connection.opened_at > _SETTLED:
            self._attempts = 0
        self._complaints += error.code == 1008
        self._pause = self._backoff(error)
        self._tell("lost", str(error))
        old = self._retiring
        if old is not None and old.is_open:
            self._turn_back(old)
            return
        self._current = None
        self._cancel(self._renewal)
        self._interrupt(error)
        if self._needed:
            self.replace("lost")

    def _turn_back(self, old: Connection) -> None:
        """The fresh connection is lost and the old one still lives: it leads again, and the search goes on."""
        if self._retire_task is not None:
            self._retire_task.cancel()
        self._current, self._retiring = old, None
        self._handovers.clear()
        for topic in self.wanted.values():
            topic.interrupted(self._around.time.now_ms())
            old.feeds[topic.key] = self._rejoin(old, topic)
            topic.resumed()
        self.replace("lost")

    def _interrupt(self, error: ConnectionLost) -> None:
        """Nothing comes for a while."""
        now_ms = self._around.time.now_ms()
        self._release(old_lost=True)
        for topic in self._topics:
            topic.interrupted(now_ms)
            if isinstance(error, MessageTooLarge):
                topic.tell(error)

    # Failure

    @property
    def _needed(self) -> bool:
        return bool(self.wanted or self._waiters or (self.pinned and self._was_live))

    def _gives_up(self, error: WireError) -> bool:
        """Whether there is no point in trying again."""
        self._last_error = error
        refused = isinstance(error, AuthError) or (isinstance(error, ConnectRejected) and 400 <= error.status < 500)
        if self._current is not None:
            self._tell("live", f"no replacement yet: {error}")
            return False
        if refused or not self._was_live:
            waiters, names = (self._waiters, set(self.wanted)) if refused else self._asking
            if refused:
                self._failure = (error, self._around.loop.time())
                self._was_live = False
                if self.private is not None:
                    self.private.end(error)
            self._tell("failed", str(error))
            self._fail(error, waiters, names)
            return not (self._waiters - waiters or self.wanted)
        self._tell("lost", str(error))
        return False

    def _backoff(self, error: WireError) -> float:
        self._attempts += 1
        longest = min(_LONGEST_DELAY, _FIRST_DELAY * 2 ** (self._attempts - 1))
        delay = self._around.settings.random.uniform(0, longest)
        complained = isinstance(error, ConnectionLost) and error.code == 1008
        return max(delay, _POLICY_DELAY) if complained else delay

    def check_usable(self) -> None:
        """Raises what stands in the way for good: the client is closed, or the exchange refused it a moment ago."""
        if self._closed:
            raise ClientClosed("the client was closed", outcome="not_sent")
        if self._failure is not None:
            error, at = self._failure
            if self._around.loop.time() - at < _FAILURE_HOLDS:
                raise again(error)
            self._failure = None

    def _fail(self, error: WireError, waiters: set[asyncio.Future[Connection]], names: set[str]) -> None:
        """Whoever counted on the connection is told that it does not come about."""
        for waiter in tuple(waiters):
            if not waiter.done():
                waiter.set_exception(again(error))
        for topic in [topic for name, topic in self.wanted.items() if name in names]:
            del self.wanted[topic.name]
            if topic.confirmed is not None and not topic.confirmed.done():
                topic.confirmed.set_exception(again(error))
            else:
                topic.end(error)

    def _tell(self, state: State, reason: str) -> None:
        self.state, self.since_ms = state, self._around.time.now_ms()
        _LOG.info("%s %s: %s: %s", self._around.product.title, self.name, state, reason)
        change = StateChange(connection=self.name, state=state, reason=reason, at=self.since_ms)
        tell(self._around.settings.hooks.state, change)

    @staticmethod
    def _cancel(*timers: asyncio.TimerHandle | None) -> None:
        for timer in timers:
            if timer is not None:
                timer.cancel()


def again(error: W) -> W:
    """The same error once more, for another waiter."""
    copy = type(error).__new__(type(error), *error.args)
    copy.__dict__.update(error.__dict__)
    copy.__cause__ = error
    return copy


def _heard(future: asyncio.Future[None]) -> None:
    """Nobody may be waiting any more; the error was told in other ways too."""
    if not future.cancelled():
        future.exception()
