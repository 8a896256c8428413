"""All slots of a client: which stream goes where, what the exchange says outside of streams, and how it all ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from wirewright_runtime.addresses import Addresses, Variables
from wirewright_runtime.connection import Connection
from wirewright_runtime.decode import decoding
from wirewright_runtime.envelope import Reading
from wirewright_runtime.errors import (
    AuthError,
    ClientClosed,
    RequestTimeout,
    StaleConnection,
    SubscribeError,
)
from wirewright_runtime.heartbeat import Heartbeat
from wirewright_runtime.limits import host_of
from wirewright_runtime.product import Socket, UserData
from wirewright_runtime.readers import Subscription
from wirewright_runtime.reply import ReplyReader
from wirewright_runtime.request import Request
from wirewright_runtime.rest import HttpxSender, Rest
from wirewright_runtime.rpc import Rpc
from wirewright_runtime.sequence import locator
from wirewright_runtime.settings import Orphan
from wirewright_runtime.signing import Ed25519Key, HmacKey, RsaKey
from wirewright_runtime.slot import Slot
from wirewright_runtime.stats import Stats
from wirewright_runtime.stream import Stream
from wirewright_runtime.subscriptions import Topic
from wirewright_runtime.surroundings import Surroundings
from wirewright_runtime.transport import Link
from wirewright_runtime.types import Auth, Json, UnknownEvent
from wirewright_runtime.user_data import UserDataFeed, feed_of, scheme_of

_SAMPLE_EVERY = 60.0
_LONGEST_NAME = 512


class Session:
    """The slots of one client."""

    def __init__(
        self,
        around: Surroundings,
        rpc: Rpc,
        addresses: Addresses,
    ) -> None:
        self._around = around
        self._rpc = rpc
        self._addresses = addresses
        self._requests = next(
            (socket for socket in around.product.sockets if socket.reply and not socket.subscribe), None
        )
        self._rest: Rest | None = None
        self._slots: dict[tuple[str, Variables], list[Slot]] = {}
        self._lines: dict[tuple[str, Variables], Slot] = {}
        self._topics: dict[tuple[str, Variables, str], tuple[Topic, Slot]] = {}
        self._user_data: UserDataFeed | None = None
        self._user_lock = asyncio.Lock()
        self._readers: set[Subscription[Any]] = set()
        self._unknown = self._strays = 0
        self._closed = self._hinted = False
        self._sampled = -_SAMPLE_EVERY
        around.topics.on_silence = self._on_silence
        self._heartbeat = Heartbeat(around, self._measure, self._slept)

    # Requests

    def line(self, name: str = "", variables: Variables = ()) -> Slot:
        """The slot for requests to a socket. It is kept from the first of them on."""
        slot = self._lines.get((name, variables))
        if slot is None:
            slot = self._lines[name, variables] = self._shard(self._around.product.socket(name), variables)
            slot.pinned = True
        return slot

    def line_of(self, request: Request[Any]) -> Slot:
        """The slot for a request."""
        spec = request.spec
        if not spec.socket and not spec.address:
            return self.line()
        return self.line(spec.socket, tuple((name, str(getattr(request, name))) for name in spec.address))

    def rest(self) -> Rest:
        """What makes calls over HTTP; made at the first of them."""
        if self._rest is None:
            settings, address = self._around.settings, self._addresses.of("rest", "HTTP calls")
            http = settings.http or HttpxSender(ssl=settings.ssl, proxy=settings.proxy)
            self._rest = Rest(self._around, address, self._rpc.gate, self._rpc.proof, http, self._rpc.parameters)
        return self._rest

    # Streams

    async def subscribe(self, reader: Subscription[Any]) -> None:
        """Connect a reader with its streams: all of them, or none."""
        self._readers.add(reader)
        topics: list[Topic] = []
        try:
            for stream in reader.streams:
                topic, slot = self._place(stream)
                topics.append(topic)
                self._around.topics.join(topic, reader)
                slot.check_usable()
                slot.want(topic)
            async with asyncio.timeout(self._around.settings.subscribe_timeout):
                for topic in topics:
                    if topic.confirmed is not None:
                        await asyncio.shield(topic.confirmed)
        except BaseException as error:
            await self.unsubscribe(reader)
            if isinstance(error, (TimeoutError, RequestTimeout)):
                names = [topic.name for topic in topics]
                raise SubscribeError(
                    "the exchange did not acknowledge the streams in time", streams=names, outcome="unknown"
                ) from error
            raise

    async def unsubscribe(self, reader: Subscription[Any]) -> None:
        """Take a reader off its streams; what nobody reads (any more) is unsubscribed."""
        self._readers.discard(reader)
        for key, (topic, slot) in tuple(self._topics.items()):
            if (reader in topic.readers or not topic.readers) and self._around.topics.leave(topic, reader):
                del self._topics[key]
                slot.unwant(topic)

    def _place(self, stream: Stream[Any]) -> tuple[Topic, Slot]:
        """The topic of a stream, and its slot: the one that has it, else the first with room."""
        socket = self._around.product.socket(stream.spec.socket)
        variables = tuple((name, str(getattr(stream, name))) for name in stream.spec.address)
        name = _checked(stream, socket)
        key = (socket.name, variables, name)
        known = self._topics.get(key)
        if known is not None:
            return known
        payload = socket.stream.payload if socket.stream else socket.event.payload if socket.event else ""
        sequence = stream.spec.sequence
        topic = Topic(
            self._around.topics, stream, name, decoding(stream.event, payload), sequence, locator(sequence, payload)
        )
        slot = self._shard(socket, variables, lambda slot: slot.streams.has_room)
        self._topics[key] = topic, slot
        return topic, slot

    def _check_open(self) -> None:
        if self._closed:
            raise ClientClosed("the client was closed", outcome="not_sent")

    def _shard(self, socket: Socket, variables: Variables, fits: Callable[[Slot], bool] = lambda _: True) -> Slot:
        """The first slot for an address that fits, or one more."""
        self._check_open()
        empty = next((name for name, value in variables if not value), "")
        if empty:
            raise ValueError(f"{empty} must not be empty: it is a part of the address {socket.path}")
        shards = self._slots.setdefault((socket.name, variables), [])
        for slot in shards:
            if fits(slot):
                return slot
        shards.append(self._new_slot(socket, variables, len(shards)))
        return shards[-1]

    def _new_slot(self, socket: Socket, variables: Variables, number: int) -> Slot:
        around, addresses = self._around, self._addresses
        name = socket.name + (f"#{number + 1}" if number else "") + "".join(f" {value}" for _, value in variables)
        signing, key = around.product.signing, around.key
        signs = signing is not None and socket is self._requests and isinstance(key, (HmacKey, RsaKey, Ed25519Key))
        return Slot(
            around,
            self,
            socket,
            name,
            host_of(around.time.clock, addresses.of(socket.role)),
            addresses.shown(socket.role),
            lambda query: addresses.target(socket, variables, query, around.settings),
            self._identify if signs else None,
        )

    async def _identify(self, slot: Slot, connection: Connection) -> None:
        """Measure the clock and log the session on, where the key can."""
        signing, key = self._around.product.signing, self._around.key
        if signing is None or key is None:
            return
        await self._rpc.measure(connection, slot)
        self._heartbeat.measured()
        if signing.logon and key.kind in signing.logon_keys:
            await self._rpc.ask(connection, slot, signing.logon, {}, Auth.SIGNED)
        elif signing.logon and self._around.settings.latency_hint and not self._hinted:
            self._hinted = True
            self._around.log.info(
                "%s: with a key of kind %s each request is signed; %s would log the session on once, which is faster"
                " (latency_hint=False silences this)",
                self._around.product.title,
                key.kind,
                " or ".join(signing.logon_keys),
            )

    async def _ask(self, method: str, params: dict[str, Any], auth: Auth, connection: Connection | None = None) -> Json:
        """A request of the client itself: over HTTP if the method names a path, else over the slot for requests."""
        if " " in method:
            return await self.rest().ask(method, params, auth)
        line = self.line()
        if connection is None:
            connection = await line.ready(self._around.settings.connect_timeout)
        return await self._rpc.ask(connection, line, method, params, auth)

    # User data

    async def open_user_data(self, reader: Subscription[Any], scheme: str | None = None) -> None:
        """Connect a reader with the user data, as they come already or by the given scheme."""
        async with self._user_lock:
            self._check_open()
            feed = self._user_data = self._feed(scheme)
            self._readers.add(reader)
            first = all(other.is_ended for other in feed.topic.readers)
            self._around.topics.join(feed.topic, reader)
            if first:
                try:
                    await feed.start()
                except BaseException:
                    self._readers.discard(reader)
                    self._around.topics.leave(feed.topic, reader)
                    raise

    async def close_user_data(self, reader: Subscription[Any]) -> None:
        """Take a reader off the user data."""
        async with self._user_lock:
            feed = None if self._closed else self._user_data
            self._readers.discard(reader)
            if feed is not None and reader in feed.topic.readers and self._around.topics.leave(feed.topic, reader):
                await feed.stop()

    def _feed(self, wanted: str | None) -> UserDataFeed:
        """The feed that there is; a new one for another scheme, if nobody reads that one."""
        feed = self._user_data
        if feed is None or (wanted not in (None, feed.scheme) and not feed.topic.readers):
            return self._new_user_data(scheme_of(self._around, wanted))
        if wanted not in (None, feed.scheme):
            raise ValueError(f"this client receives user data by {feed.scheme!r}: make another one for {wanted!r}")
        return feed

    def _new_user_data(self, scheme: UserData) -> UserDataFeed:
        slot = self._private_slot(scheme.socket) if scheme.socket else self.line()
        return feed_of(scheme)(self._around, slot, scheme, self._ask)

    def _private_slot(self, name: str) -> Slot:
        slot = self._new_slot(self._around.product.socket(name), (), 0)
        slot.pinned = True
        self._slots[f"{name} (user data)", ()] = [slot]
        return slot

    # What slots tell

    def on_event(self, slot: Slot, connection: Connection, reading: Reading, raw: bytes) -> None:
        """An event outside any stream."""
        hooks = self._around.settings.hooks
        if reading.tag and reading.tag == slot.socket.shutdown:
            self._around.tell(hooks.notice, UnknownEvent(reading.tag, raw))
            return
        taken = self._user_data is not None and self._user_data.on_event(connection, reading, raw)
        if not taken or reading.tag not in self._around.product.events:
            self._unknown += 1
            self._around.tell(hooks.unknown, UnknownEvent(reading.tag, raw))

    def on_stray(self, slot: Slot, connection: Connection, reading: Reading | None, raw: bytes) -> None:
        """A frame that belongs to nobody. An error without an id concerns the connection."""
        self._strays += 1
        self._sample(slot, reading, raw)
        if reading is None or not reading.failed or reading.id is not None:
            self._around.tell(self._around.settings.hooks.unknown, UnknownEvent("", raw))
            return
        socket = slot.socket
        error = ReplyReader(self._around.product, socket, slot.name, Any, where=slot.where).refusal(raw)
        self._around.log.warning("%s: the exchange says: %s", slot.name, error)
        if isinstance(error, AuthError) and connection.logged_on:
            slot.expelled(connection)

    def _sample(self, slot: Slot, reading: Reading | None, raw: bytes) -> None:
        """One line a minute about frames that are of no use, without their content."""
        now = self._around.loop.time()
        if now - self._sampled >= _SAMPLE_EVERY:
            self._sampled = now
            kind = "no JSON" if reading is None else "nobody's"
            self._around.log.warning(
                "%s: a frame of %d bytes is %s (%d so far)", slot.name, len(raw), kind, self._strays
            )

    def on_orphan(self, method: str, raw: bytes) -> None:
        """An answer that came too late."""
        self._around.tell(self._around.settings.hooks.orphan, Orphan(method, raw))

    def _on_silence(self, topic: Topic) -> None:
        """A stream stalled: subscribe it again; if that does not help, replace its connection, once."""
        slot = next((slot for known, slot in self._topics.values() if known is topic), None)
        if slot is not None and topic.silences == 1:
            slot.refresh(topic)
        elif slot is not None and topic.silences == 2:
            slot.replace(f"{topic.name} is silent")

    # Time

    async def _measure(self) -> None:
        line = self.line()
        if line.current is not None:
            await self._rpc.measure(line.current, line)

    def _slept(self, seconds: float) -> None:
        for slot in self.slots:
            for connection in tuple(slot.connections):
                connection.fail(StaleConnection(f"{slot.name}: this machine slept for {seconds:.0f} seconds"))

    # The whole

    @property
    def slots(self) -> list[Slot]:
        """Every slot, in the order in which they were made."""
        return [slot for shards in self._slots.values() for slot in shards]

    def links(self) -> dict[str, Link]:
        """The open sockets that lead, by the name of their connection."""
        leading = ((slot.name, slot.current) for slot in self.slots)
        return {name: one.link for name, one in leading if one is not None and one.link is not None}

    async def close(self) -> None:
        """End everything. Whoever waits is told."""
        self._closed = True
        self._rpc.gate.close()
        self._heartbeat.stop()
        self._around.topics.close()
        readers, self._readers = self._readers, set()
        for reader in readers:
            reader.finish(ClientClosed("the client was closed"))
        slots = self.slots
        await asyncio.gather(*(slot.close() for slot in slots))
        tasks = [task for task in self._around.tasks if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._rest is not None:
            await self._rest.close()
        self._topics.clear()

    def stats(self) -> Stats:
        """Everything at one moment."""
        topics = [topic for topic, _ in self._topics.values()]
        if self._user_data is not None and self._user_data.topic.readers:
            topics.append(self._user_data.topic)
        return Stats(
            connections=tuple(slot.stats() for slot in self.slots),
            streams=tuple(topic.stats() for topic in topics),
            in_flight=self._rpc.gate.in_flight,
            unknown_events=self._unknown,
            strays=self._strays,
            clock_offset_ms=self._around.time.offset_ms,
            longest_lag=self._heartbeat.longest_lag,
        )


def _checked(stream: Stream[Any], socket: Socket) -> str:
    """A stream's name, if it can be one."""
    if any(isinstance(getattr(stream, part), bytes) for part in stream.__struct_fields__):
        raise TypeError(f"{stream!r}: a part of its name is bytes, not str")
    try:
        name = stream.name
    except AttributeError:  # such as the lower case of None
        raise TypeError(f"{stream!r}: a part of its name is no str") from None
    if not name and socket.subscribe is not None:
        raise ValueError(f"{stream!r}: the name of a stream must not be empty")
    if len(name) > _LONGEST_NAME or any(char.isspace() or not char.isprintable() for char in name):
        raise ValueError(f"{type(stream).__name__}: {name[:60]!r} cannot be the name of a stream")
    if socket.subscribe is not None and (name.startswith("@") or "@@" in name):
        raise ValueError(f"{stream!r}: a part of the name {name!r} is empty")
    return name
