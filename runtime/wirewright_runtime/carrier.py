"""The streams of one slot: what is wanted is brought in line with what each of its connections has.

It looks at the difference and sends what makes it smaller, until there is none. So it does not matter in which order
streams are wanted and left, or which connection they were on: a stream that is left before it was subscribed is never sent.
A command holds as many names as the exchange allows, and goes out when its limit on messages allows it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from wirewright_runtime.connection import Connection
from wirewright_runtime.errors import (
    ApiError,
    MessageTooLarge,
    RateLimited,
    RequestTimeout,
    ServerBusy,
    SubscribeError,
    WireError,
    again,
)
from wirewright_runtime.feeds import LEFT, Feed
from wirewright_runtime.handover import Handover, Rejoin
from wirewright_runtime.product import Command, Socket
from wirewright_runtime.reply import ReplyReader
from wirewright_runtime.signing import Token
from wirewright_runtime.subscriptions import Topic
from wirewright_runtime.surroundings import Surroundings
from wirewright_runtime.types import Auth

_COMMAND_LIMIT = 7_900  # bytes of names: with what stands around them, a command stays under 8,000


class Lines(Protocol):
    """The connections of a slot."""

    @property
    def current(self) -> Connection | None:
        """The one that leads."""
        ...

    @property
    def connections(self) -> Iterable[Connection]:
        """All that are open."""
        ...


class Carrier:
    """What one slot carries."""

    def __init__(self, around: Surroundings, socket: Socket, where: str, lines: Lines) -> None:
        self.wanted: dict[str, Topic] = {}
        self.private: Topic | None = None
        """User data, beside the streams."""
        self._around = around
        self._socket = socket
        self._where = where
        self._lines = lines
        self._handovers: dict[str, Handover] = {}
        self._joined = asyncio.Event()
        self._replies: dict[str, ReplyReader] = {}

    @property
    def has_room(self) -> bool:
        """Whether one more stream may be carried."""
        return self._socket.streams is None or len(self.wanted) < self._socket.streams

    def want(self, topic: Topic) -> None:
        """Carry a stream from now on."""
        if self.wanted.get(topic.name) is topic:
            return
        self.wanted[topic.name] = topic
        current = self._lines.current
        for connection in self._lines.connections:
            if connection is not current:
                connection.confirmed.pop(topic.name, None)
        if current is not None and topic.name in current.confirmed:  # wanted again before it was unsubscribed
            current.confirmed[topic.name] = current.feeds[current.key_of(topic.name)] = topic
            topic.resumed()
        else:
            topic.confirmed = self._around.loop.create_future()
            topic.confirmed.add_done_callback(_heard)

    def unwant(self, topic: Topic) -> None:
        """Carry a stream no more."""
        self.wanted.pop(topic.name, None)
        self._handovers.pop(topic.name, None)
        self._joined.set()
        topic.waits = False
        for connection in self._lines.connections:
            if (key := connection.key_of(topic.name)) in connection.feeds:  # until it is unsubscribed, or refused
                connection.feeds[key] = LEFT

    def serve(self, private: Topic | None) -> None:
        """Carry user data too, from now on; None: no more."""
        if self.private is not None:
            self._handovers.pop(self.private.name, None)
            self._joined.set()
        self.private = private

    def refresh(self, topic: Topic) -> None:
        """Subscribe a stream again that went silent."""
        for connection in self._lines.connections:
            connection.confirmed.pop(topic.name, None)

    # Where the frames of a connection go

    def feed_for(self, connection: Connection, topic: Topic, *, carried: bool) -> Feed:
        """`carried`: the connection that leads brings the topic too."""
        current = self._lines.current
        if current is None or current is connection or not carried:
            return self._direct(connection, topic)
        silent = topic.silences > 0 or current.expelled
        handover = Handover(topic, self._joined.set, self._handovers.get(topic.name), eager=silent)
        self._handovers[topic.name] = handover
        self._attach(current, topic, handover.old)
        return handover.new

    def _direct(self, connection: Connection, topic: Topic) -> Feed:
        """The way from a connection that needs no other to a topic."""
        if topic.lost_ms is None:
            return topic
        return Rejoin(topic, lambda: self.rejoined(connection, topic))

    def rejoined(self, connection: Connection, topic: Topic) -> None:
        """What was lost in between has been told: nothing stands between a connection and its topic any more."""
        topic.lost_ms = None
        self._attach(connection, topic, topic)

    def _attach(self, connection: Connection, topic: Topic, feed: Feed) -> None:
        if topic is self.private:
            connection.user_feeds = dict.fromkeys(connection.user_feeds, feed)
        elif connection.key_of(topic.name) in connection.feeds:
            connection.feeds[connection.key_of(topic.name)] = feed

    async def overlapped(self, seconds: float) -> None:
        """Wait until every stream was seen on the fresh connection, or the time is over. Then the fresh one leads."""
        try:
            async with asyncio.timeout(seconds):
                while not all(handover.joined for handover in self._handovers.values()):
                    self._joined.clear()
                    await self._joined.wait()
        except TimeoutError:
            self.release(old_lost=False)

    def release(self, *, old_lost: bool) -> None:
        """The fresh connection leads, whether it was seen to have everything or not."""
        for handover in tuple(self._handovers.values()):
            handover.release(old_lost=old_lost)
        private = self.private
        if private is not None and private.name in self._handovers and private.lost_ms is not None:
            private.gap(None)  # at once: the next event of an account may be hours away

    def led_by(self, fresh: Connection) -> None:
        """A fresh connection leads: events are expected from it."""
        for topic in fresh.confirmed.values():
            topic.resumed()
        if self.private is not None and fresh.user_feeds:
            self.private.resumed()

    def settle(self, leading: Connection | None) -> None:
        """There is one connection again: nothing stands between it and its streams."""
        names, self._handovers = list(self._handovers), {}
        for topic in self._topics:
            if leading is not None and topic.name in names:
                self._attach(leading, topic, self._direct(leading, topic))

    def turn_back(self) -> None:
        """The fresh connection will not lead. The old one, if it lives, leads again and repeats nothing."""
        current = self._lines.current
        if current is None:
            self.interrupted(None)
            return
        for handover in self._handovers.values():
            handover.turn_back()
        for name in self.wanted.keys() - self._handovers.keys() - current.confirmed.keys():
            self.wanted[name].interrupted()

    def interrupted(self, error: WireError | None) -> None:
        """No connection leads: nothing comes for a while, unless the next one is on its way."""
        for topic in self._topics:
            topic.interrupted()
            if isinstance(error, MessageTooLarge) and error.stream in ("", topic.name):
                topic.tell(error)
        if self._handovers:
            self.release(old_lost=True)
            self.settle(next(iter(self._lines.connections), None))

    @property
    def _topics(self) -> list[Topic]:
        return [*self.wanted.values(), *((self.private,) if self.private else ())]

    def fail(self, error: WireError, names: Iterable[str]) -> None:
        """These streams will not come."""
        for topic in [self.wanted.pop(name) for name in tuple(names) if name in self.wanted]:
            self._refused(topic, again(error))

    # Subscribing

    async def reconcile(self, connection: Connection) -> None:
        """Make a connection have what is wanted, and nothing else."""
        while connection.is_open:
            missing = [topic for name, topic in self.wanted.items() if name not in connection.confirmed]
            surplus = [topic for name, topic in connection.confirmed.items() if name not in self.wanted]
            if surplus:
                await self._unsubscribe(connection, surplus)
            elif missing:
                await self._subscribe(connection, next(_batches(missing, self._socket.subscribe)))
            else:
                return

    def expect(self, connection: Connection) -> None:
        """Be ready for what comes by itself, before the connection opens: its first frame may stand behind the handshake."""
        if self._socket.subscribe is None:
            self._place(connection, self.wanted.values())

    def _place(self, connection: Connection, topics: Iterable[Topic]) -> None:
        current = self._lines.current
        for topic in topics:
            key = connection.key_of(topic.name)
            if connection.feeds.get(key, LEFT) is LEFT:
                carried = current is not None and topic.name in current.confirmed
                connection.feeds[key] = self.feed_for(connection, topic, carried=carried)

    async def _subscribe(self, connection: Connection, batch: list[Topic]) -> None:
        """Subscribe some streams. What is refused is tried again in halves, so that one bad name hurts nobody else."""
        self._place(connection, batch)
        try:
            await self._command(connection, self._socket.subscribe, batch)
        except (RateLimited, ServerBusy):
            raise
        except ApiError as error:
            await self._subscribe_halves(connection, batch, error)
            return
        for topic in batch:
            self._confirm(connection, topic)

    async def _subscribe_halves(self, connection: Connection, batch: list[Topic], error: ApiError) -> None:
        """The batch was refused: find out which of them is meant."""
        if len(batch) == 1:
            self._refuse(batch[0], error)
        else:
            half = len(batch) // 2
            for part in (batch[:half], batch[half:]):
                if still := [topic for topic in part if self.wanted.get(topic.name) is topic]:
                    await self._subscribe(connection, still)
        for key in map(connection.key_of, [topic.name for topic in batch]):
            if connection.feeds.get(key) is LEFT:
                del connection.feeds[key]

    def _confirm(self, connection: Connection, asked: Topic) -> None:
        """The connection has a stream now, for who wants it now: it may have been left meanwhile, and wanted again."""
        topic = self.wanted.get(asked.name)
        connection.confirmed[asked.name] = topic or asked
        if topic is None:
            connection.feeds[connection.key_of(asked.name)] = LEFT
            return
        self._place(connection, [topic])
        topic.resumed()
        if topic.confirmed is not None and not topic.confirmed.done():
            topic.confirmed.set_result(None)
        topic.confirmed = None

    async def _unsubscribe(self, connection: Connection, surplus: list[Topic]) -> None:
        batch = next(_batches(surplus, self._socket.unsubscribe))
        for topic in batch:
            connection.confirmed.pop(topic.name, None)
        try:
            await self._command(connection, self._socket.unsubscribe, batch)
        except ApiError as error:
            names = ", ".join(topic.name for topic in batch)
            self._around.log.warning("%s: %s could not be unsubscribed: %s", connection.name, names, error)
            return
        if self._socket.unsubscribe is not None:
            for topic in batch:
                connection.feeds.pop(connection.key_of(topic.name), None)

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
        reader = self._replies.get(command.method)
        if reader is None:
            reader = ReplyReader(self._around.product, self._socket, command.method, Any, where=self._where)
            self._replies[command.method] = reader
        reader.read(raw)

    def _parameters(self, topic: Topic) -> dict[str, object]:
        stream = topic.stream
        params: dict[str, object] = {} if stream is None else dict(stream.params)
        if stream is not None and stream.spec.auth is Auth.TOKEN and isinstance(self._around.key, Token):
            params[self._around.product.token] = self._around.key.token
        return params

    def _refuse(self, topic: Topic, error: ApiError) -> None:
        """The exchange does not want to give this stream: nothing is remembered of it."""
        if self.wanted.get(topic.name) is not topic:  # left meanwhile; who wants it again asks anew
            return
        refusal = SubscribeError(
            f"{topic.name} was refused: {error.msg}", streams=[topic.name], code=error.code, msg=error.msg
        )
        refusal.__cause__ = error
        self.unwant(topic)
        self._refused(topic, refusal)

    @staticmethod
    def _refused(topic: Topic, error: WireError) -> None:
        if topic.confirmed is not None and not topic.confirmed.done():
            topic.confirmed.set_exception(error)
        else:
            topic.end(error)


def _batches(topics: list[Topic], command: Command | None) -> Iterator[list[Topic]]:
    """Topics that fit into one command."""
    most = len(topics) if command is None else 1 if command.params == "object" else command.batch
    batch: list[Topic] = []
    size = 0
    for topic in topics:
        length = len(topic.name.encode()) + 3
        if batch and (len(batch) >= most or size + length > _COMMAND_LIMIT):
            yield batch
            batch, size = [], 0
        batch.append(topic)
        size += length
    yield batch


def _heard(future: asyncio.Future[None]) -> None:
    """Nobody may be waiting any more; the error was told in other ways too."""
    if not future.cancelled():
        future.exception()
