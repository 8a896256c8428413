"""User data by every scheme that a product may have. For its readers they are one: events, gaps, and an error at the end.

* "session", "signature", "listen-token": a subscription on the slot for requests, made anew on each of its connections
  before that connection leads.
* "listen-key", "rest-listen-key": a key, kept alive well before it ends and made anew when that fails, and a socket of its
  own that is opened with it. A new key replaces the connection like any renewal: the old one goes on until the new one has
  taken over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from wirewright_runtime.connection import Connection
from wirewright_runtime.decode import Decoding, decoding
from wirewright_runtime.envelope import Envelope, Reading, get
from wirewright_runtime.errors import (
    ApiError,
    AuthError,
    ConnectionLost,
    RateLimited,
    ServerBusy,
    UserDataTerminated,
    WireError,
)
from wirewright_runtime.handover import Handover, Rejoin
from wirewright_runtime.product import Product, UserData
from wirewright_runtime.rest import Rest
from wirewright_runtime.rpc import Rpc
from wirewright_runtime.sequence import Locate, Place, locator
from wirewright_runtime.slot import Slot
from wirewright_runtime.subscriptions import Feed, Topic
from wirewright_runtime.surroundings import Surroundings
from wirewright_runtime.types import Auth, Json, SequenceKey, UnknownEvent

_RETRY = 30.0
_LISTEN_KEY = ("listen-key", "rest-listen-key")


class UserEvents:
    """Reads user data: the tag of an event decides its type."""

    def __init__(self, product: Product, envelope: Envelope) -> None:
        self._events = product.events
        self._envelope = envelope
        self._raw: dict[str, Decoding] = {}
        self._places: dict[tuple[str, str], Locate] = {}

    def decode(self, raw: bytes) -> object:
        """One event, or `UnknownEvent`."""
        reading = self._envelope.read(raw)
        type = self._events.get(reading.tag)
        if type is None:
            return UnknownEvent(reading.tag, bytes(decoding(msgspec.Raw, reading.at)(raw)))
        return decoding(type, reading.at)(raw)

    def locate(self, raw: bytes) -> Place:
        """Where an event stands: by its type's own key, or by its bytes."""
        reading = self._envelope.read(raw)
        known = (reading.tag, reading.at)
        locate = self._places.get(known)
        if locate is None:
            sequence: SequenceKey | None = getattr(self._events.get(reading.tag), "sequence", None)
            locate = self._places[known] = locator(sequence, reading.at)
        place = locate(raw)
        return Place((reading.tag, place.identity))


class UserDataFeed:
    """The user data of one client, for all who read them."""

    def __init__(
        self, around: Surroundings, rpc: Rpc, line: Callable[[], Slot], scheme: UserData, rest: Callable[[], Rest]
    ) -> None:
        self._around = around
        self._rpc = rpc
        self._line = line
        self._scheme = scheme
        self._rest = rest
        events = UserEvents(around.product, self.slot.envelope)
        self.topic = Topic(around.topics, None, "user data", Decoding(events.decode), None, events.locate)

    @property
    def scheme(self) -> str:
        """What its scheme is called."""
        return self._scheme.scheme

    @property
    def slot(self) -> Slot:
        """The slot that carries the events."""
        return self._line()

    async def start(self) -> None:
        """Begin: there is a reader. What ended with an error begins anew."""
        self.topic.lost_ms = None
        self.slot.streams.private = self.topic
        if self.subscribe not in self.slot.steps:
            self.slot.steps.append(self.subscribe)
        current = self.slot.current
        try:
            if current is None:
                await self.slot.ready(self._around.settings.connect_timeout)
            else:
                await self.subscribe(current)
        except BaseException:
            self._withdraw()
            raise

    async def stop(self) -> None:
        """End: nobody reads any more."""
        self._withdraw()
        current = self.slot.current
        if current is not None:
            ids, current.user_feeds = list(current.user_feeds), {}
            for id in ids:
                await self._unsubscribe(current, id)

    async def _unsubscribe(self, connection: Connection, id: str | int | None) -> None:
        if self._scheme.unsubscribe:
            params = {} if id is None else {self._scheme.subscription: id}
            await self._quietly(self._rpc.ask(connection, self._line(), self._scheme.unsubscribe, params, Auth.NONE))

    def forget(self) -> None:
        """The client is closed: do nothing more."""

    def _withdraw(self) -> None:
        self.topic.waits, self.topic.lost_ms = False, None
        if self.subscribe in self.slot.steps:
            self.slot.steps.remove(self.subscribe)
        self.slot.streams.private = None

    async def subscribe(self, connection: Connection) -> None:
        """Receive user data on this connection, if anybody still reads them."""
        if not self.topic.readers:
            return
        settings, again = self._around.settings, self.topic.lost_ms is not None
        if again and not settings.resubscribe:
            self._give_up("reconnected", None)
        elif again and settings.resubscribe_delay:
            self._around.start(self._subscribe_later(connection))
        else:
            await self._subscribe(connection)

    async def _subscribe_later(self, connection: Connection) -> None:
        await asyncio.sleep(self._around.settings.resubscribe_delay)
        if connection is not self.slot.current or not self.topic.readers:
            return  # the next connection does it
        try:
            await self._subscribe(connection)
        except ConnectionLost:
            return
        except WireError as error:
            self._give_up("refused", error)

    async def _subscribe(self, connection: Connection) -> None:
        current = self.slot.current
        feed = self.slot.streams.feed_for(
            connection, self.topic, carried=current is not None and bool(current.user_feeds)
        )
        await self._request(connection, feed)
        self._resumed(connection)

    async def _request(self, connection: Connection, feed: Feed) -> None:
        """Ask for the subscription. Its events may come before the answer that tells its id."""
        auth = {"session": Auth.SESSION, "signature": Auth.SIGNED}.get(self._scheme.scheme, Auth.NONE)
        params = await self._parameters()
        connection.user_feeds[None] = feed
        result = await self._rpc.ask(connection, self._line(), self._scheme.subscribe, params, auth)
        id = get(result, f"/{self._scheme.subscription}") if self._scheme.subscription else None
        if isinstance(id, (str, int)):
            connection.user_feeds[id] = connection.user_feeds.pop(None, feed)

    async def _parameters(self) -> dict[str, Any]:
        return {}

    def _resumed(self, connection: Connection) -> None:
        """Nobody can tell what happened to the account meanwhile, so the gap is told before the next event."""
        if self.topic.lost_ms is not None:  # else an event was faster than this answer, and told it
            self.topic.gap(None)
            self.topic.lost_ms = None
            if any(isinstance(feed, Rejoin) for feed in connection.user_feeds.values()):
                self.slot.streams.rejoined(connection, self.topic)
        self.topic.resumed()

    def on_event(self, connection: Connection, reading: Reading, raw: bytes) -> bool:
        """An event outside any stream. True if it was user data."""
        feeds = connection.user_feeds
        feed = feeds.get(reading.subscription) or feeds.get(None)
        if feed is None and len(feeds) == 1 and reading.subscription is None:
            feed = next(iter(feeds.values()))
        if feed is None:
            return False
        feed.deliver([raw])
        if reading.tag and reading.tag in (self._scheme.terminated, self._scheme.expired):
            self._around.start(self._terminated(connection, reading))
        return True

    async def _terminated(self, connection: Connection, reading: Reading) -> None:
        """The exchange ended the subscription: subscribe again, or say so."""
        connection.user_feeds.pop(reading.subscription, None)
        if connection is not self.slot.current or connection.user_feeds:
            return
        self.topic.gap(None, "terminated")
        error: WireError | None = None
        if self._around.settings.resubscribe:
            if self._scheme.scheme == "session" and not connection.logged_on:
                self.slot.expelled(connection)
                return
            try:
                await self._request(connection, self.topic)
                return
            except ConnectionLost:
                return  # the slot comes back with everything
            except WireError as refused:
                error = refused
        self._give_up(reading.tag, error)

    def _give_up(self, reason: str, error: WireError | None) -> None:
        """The readers are told that nothing follows."""
        terminated = UserDataTerminated(f"the user data ended ({reason})", reason=reason)
        terminated.__cause__ = error
        self.topic.end(terminated)

    async def _quietly(self, work: Awaitable[object]) -> None:
        try:
            await work
        except WireError as error:
            self._around.log.info("giving user data back failed: %s", error)


class ListenTokenFeed(UserDataFeed):
    """User data by a token that ends: a new one is fetched early, and subscribed on the same connection."""

    def __init__(
        self, around: Surroundings, rpc: Rpc, line: Callable[[], Slot], scheme: UserData, rest: Callable[[], Rest]
    ) -> None:
        super().__init__(around, rpc, line, scheme, rest)
        self._timer: asyncio.TimerHandle | None = None
        self._forgotten = False

    async def start(self) -> None:
        """Begin: there is a reader."""
        self._forgotten = False
        await super().start()

    async def _parameters(self) -> dict[str, Any]:
        scheme = self._scheme
        provider = self._around.settings.listen_token
        token: Json
        if provider is not None:
            try:
                token = await provider()
            except Exception as error:
                raise WireError(f"listen_token= failed: {type(error).__name__}") from error
        elif scheme.start:
            token = await self._rest().ask(scheme.start, {}, Auth.KEY)
        else:
            raise WireError("user data by listen token needs listen_token=: a function that fetches one")
        value = get(token, f"/{scheme.result or scheme.key}") if isinstance(token, dict) else token
        self._renew(get(token, f"/{scheme.expiry}"))
        return {scheme.key: value}

    def _renew(self, ends_ms: Json) -> None:
        """Fetch the next token when nine tenths of this one are over."""
        known = isinstance(ends_ms, int)
        lasts = (int(ends_ms) - self._around.time.now_ms()) / 1000 if known else self._scheme.expires or 3600.0  # type: ignore[arg-type]
        self._again_in(max(_RETRY, lasts * 0.9))

    def _again_in(self, seconds: float) -> None:
        self._stop_timer()
        if not self._forgotten and self._around.settings.refresh_listen_token:
            self._timer = self._around.loop.call_later(seconds, self._again)

    def _again(self) -> None:
        self._timer = None
        if self.topic.readers:
            self._around.start(self._refresh())

    async def _refresh(self) -> None:
        """Subscribe with the next token beside this one, overlap, and give this one back."""
        connection = self.slot.current
        if connection is None:
            return
        before = dict(connection.user_feeds)
        handover = Handover(self.topic, lambda: None)
        connection.user_feeds = dict.fromkeys(before, handover.old)
        try:
            await self._request(connection, handover.new)
        except WireError as error:
            self._around.log.warning("renewing the listen token failed, trying again: %s", error)
            connection.user_feeds = before
            self._again_in(_RETRY)
            return
        await asyncio.sleep(self._around.settings.overlap)
        handover.release()
        for id in before:
            await self._unsubscribe(connection, id)
            connection.user_feeds.pop(id, None)
        connection.user_feeds = dict.fromkeys(connection.user_feeds, self.topic)

    def _withdraw(self) -> None:
        super()._withdraw()
        self.forget()

    def forget(self) -> None:
        """The client is closed: do nothing more."""
        self._forgotten = True
        self._stop_timer()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class ListenKeyFeed(UserDataFeed):
    """User data by a listen key, over a socket of its own."""

    def __init__(
        self,
        around: Surroundings,
        rpc: Rpc,
        line: Callable[[], Slot],
        scheme: UserData,
        rest: Callable[[], Rest],
        open_slot: Callable[[Callable[[], str]], Slot],
    ) -> None:
        self._own = open_slot(lambda: self._key)
        super().__init__(around, rpc, line, scheme, rest)
        self._own.expects.append(self._expect)
        self._key = self._replaced = ""
        self._made_at = 0.0
        self._keeper: asyncio.Task[None] | None = None

    @property
    def slot(self) -> Slot:
        """The slot that carries the events."""
        return self._own

    async def start(self) -> None:
        """Begin: there is a reader."""
        if self._keeper is not None:
            self._keeper.cancel()
        await self._make_key()
        self._own.before = self._check_key
        await super().start()
        if self._keeper is not None:  # of readers that an error ended
            self._keeper.cancel()
        self._keeper = self._around.start(self._keep())

    async def stop(self) -> None:
        """End: nobody reads any more."""
        if self._keeper is not None:
            self._keeper.cancel()
        self._withdraw()
        key, self._key = self._key, ""
        await self._own.rest()
        if key and self._scheme.stop:
            await self._quietly(self._ask(self._scheme.stop, self._named(key)))

    def _expect(self, connection: Connection) -> None:
        """The key in the address is all that it takes: the first event may stand right behind the handshake."""
        settings = self._around.settings
        waits = self.topic.lost_ms is not None and (not settings.resubscribe or settings.resubscribe_delay)
        if self.topic.readers and not waits:
            connection.user_feeds[None] = self._own.streams.feed_for(connection, self.topic, carried=True)

    async def _subscribe(self, connection: Connection) -> None:
        if None not in connection.user_feeds:
            connection.user_feeds[None] = self._own.streams.feed_for(connection, self.topic, carried=True)
        self._resumed(connection)

    async def _terminated(self, connection: Connection, reading: Reading) -> None:
        if connection is self._own.current and self._replaced != self._key:
            await self._lost_key("the listen key expired", reading.tag)

    async def _lost_key(self, why: str, tag: str) -> None:
        """The key is of no use any more, and events may be missing: get a new one, or say that it is over."""
        self.topic.gap(None, "terminated")
        error: WireError | None = None
        pause = 1.0
        while self._around.settings.resubscribe and self.topic.readers and not isinstance(error, AuthError):
            error = await self._renew(why)
            if error is None:
                return
            await asyncio.sleep(pause * self._around.settings.random.uniform(0.5, 1.0))
            pause = min(2 * pause, _RETRY)
        self._give_up(tag or why, error)

    async def _make_key(self) -> None:
        result = await self._ask(self._scheme.start, {})
        key = get(result, f"/{self._scheme.result or self._scheme.key}")
        if not isinstance(key, str) or not key:
            raise WireError(f"{self._scheme.start} gave no {self._scheme.key}")
        self._key, self._made_at = key, self._around.loop.time()

    async def _check_key(self) -> None:
        """A key that ended while there was no connection is of no use for the next one."""
        if self._around.loop.time() - self._made_at > self._scheme.expires > 0:
            await self._make_key()

    async def _renew(self, why: str) -> WireError | None:
        """A new key, and a connection with it beside the old one. Once for each key, however often it is told."""
        if self._replaced == self._key:
            return None
        self._replaced = self._key
        try:
            await self._make_key()
        except WireError as error:
            self._replaced = ""
            self._around.log.warning("%s, and a new one could not be made: %s", why, error)
            return error
        self._own.replace(why)
        return None

    async def _keep(self) -> None:
        """Prolong the key in time; where that fails, try again soon, and make a new one before it ends."""
        scheme = self._scheme
        wait, failures = scheme.keepalive_every, 0
        while True:
            await asyncio.sleep(wait)
            age = self._around.loop.time() - self._made_at
            try:
                await self._ask(scheme.keepalive, self._named(self._key))
                self._made_at = self._around.loop.time()
                wait, failures = scheme.keepalive_every, 0
            except WireError as error:
                wait = _RETRY * 2 ** min(failures, 3) * self._around.settings.random.uniform(1.0, 1.5)
                failures += 1
                self._around.log.warning("the listen key could not be prolonged: %s", error)
                if isinstance(error, ApiError) and not isinstance(error, (RateLimited, ServerBusy)):
                    await self._lost_key("the listen key could not be prolonged", "")
                elif age + 2 * wait > scheme.expires:
                    await self._renew("the listen key could not be prolonged")

    async def _ask(self, method: str, params: dict[str, Any]) -> Json:
        """Over HTTP if the method names a path, else over the socket for requests."""
        if " " not in method:
            connection = await self._line().ready(self._around.settings.connect_timeout)
            return await self._rpc.ask(connection, self._line(), method, params, Auth.KEY)
        return await self._rest().ask(method, params, Auth.KEY)

    def _named(self, key: str) -> dict[str, Any]:
        return {self._scheme.key: key} if self._scheme.sends_key else {}


def is_listen_key(scheme: UserData) -> bool:
    """Whether a scheme needs a socket of its own."""
    return scheme.scheme in _LISTEN_KEY
