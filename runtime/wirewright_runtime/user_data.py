"""User data by every scheme that a product may have. For its readers they are one: events, gaps, and an error at the end.

    nobody reads ──start──► subscribed on each connection, before it leads ──stop──► given back
                              │  ▲
            the exchange ends │  │ subscribed again, or (session, listen key) with a connection that replaces this one
                              ▼  │
                             in doubt: the gap is told before the next event ──refused──► ended with an error

* "session", "signature", "listen-token": a subscription on the slot for requests. A token that ends soon is followed by the
  next one on the same connection.
* "listen-key", "rest-listen-key": a key in the address of a socket of its own. It is made before a dial that has no good
  one and kept alive; where that fails it is no good any more, and the slot is asked for a fresh connection.
"""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Awaitable
from typing import Any, Protocol

import msgspec

from wirewright_runtime.clock import milliseconds
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
from wirewright_runtime.feeds import LEFT, Feed
from wirewright_runtime.handover import Handover, Rejoin
from wirewright_runtime.product import Product, UserData
from wirewright_runtime.sequence import Locate, Place, locator
from wirewright_runtime.slot import Slot
from wirewright_runtime.subscriptions import Topic
from wirewright_runtime.surroundings import Surroundings
from wirewright_runtime.types import Auth, Json, SequenceKey, UnknownEvent

_RETRY = 30.0
_TOKEN_LASTS = 3600.0  # seconds, where nobody says


class Ask(Protocol):
    """How the client itself asks the exchange for something."""

    async def __call__(
        self, method: str, params: dict[str, Any], auth: Auth, connection: Connection | None = None
    ) -> Json:
        """The answer: over HTTP if the method names a path, else on this connection, or on that of the slot for requests."""
        ...


class UserEvents:
    """Reads user data: the tag of an event decides its type."""

    def __init__(self, product: Product, envelope: Envelope) -> None:
        self._events = product.events
        self._envelope = envelope
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
    """The user data of one client, for all who read them, by a subscription on the slot for requests.

    Args:
        around: What the client shares.
        slot: The slot that carries the events.
        scheme: How they are received.
        ask: What asks the exchange.
    """

    def __init__(self, around: Surroundings, slot: Slot, scheme: UserData, ask: Ask) -> None:
        self._around = around
        self._slot = slot
        self._scheme = scheme
        self._ask = ask
        self._keeper: asyncio.Task[None] | None = None
        self._giving_back: asyncio.Task[None] | None = None
        events = UserEvents(around.product, slot.envelope)
        self.topic = Topic(around.topics, None, "user data", Decoding(events.decode), None, events.locate)

    @property
    def scheme(self) -> str:
        """What its scheme is called."""
        return self._scheme.scheme

    async def start(self) -> None:
        """Begin: there is a reader. What ended with an error begins anew."""
        if self._giving_back is not None:
            await asyncio.wait([self._giving_back])  # else it would take what is subscribed now
        self._withdraw()
        self._slot.serve(self)
        current = self._slot.current
        try:
            if current is None:
                await self._slot.ready(self._around.settings.connect_timeout)
            else:
                await self.subscribe(current)
        except BaseException:
            self._withdraw()
            self._giving_back = self._around.start(self._give_back())
            raise
        self._keeper = self._around.start(self._keep())

    async def stop(self) -> None:
        """End: nobody reads any more."""
        self._withdraw()
        await self._give_back()

    async def _give_back(self) -> None:
        """Unsubscribe what there is, or may be: an answer may have been too late."""
        for connection in tuple(self._slot.connections):  # also one that goes, and still brings them
            connection.user_feeds = dict.fromkeys(connection.user_feeds, LEFT)
            for id in tuple(connection.user_feeds):
                await self._unsubscribe(connection, id)
                connection.user_feeds.pop(id, None)

    def _withdraw(self) -> None:
        """From here on nothing is done for it."""
        self.topic.waits, self.topic.lost_ms = False, None
        self._slot.serve(None)
        if self._keeper is not None:
            self._keeper.cancel()

    def give_up(self, reason: str, error: WireError | None = None) -> None:
        """The readers are told that nothing follows."""
        if self.topic.lost_ms is not None and self.topic.lost_why == "terminated":
            self.topic.gap(None)
        terminated = UserDataTerminated(f"the user data ended ({reason})", reason=reason)
        terminated.__cause__ = error
        self.topic.end(terminated)
        self._withdraw()

    async def _keep(self) -> None:
        """What a scheme needs from time to time."""

    # On a connection

    async def prepare(self, connection: Connection) -> None:
        """What a connection needs before it is dialled."""

    async def subscribe(self, connection: Connection) -> None:
        """Receive user data on this connection, if anybody still reads them."""
        if not self.topic.readers:
            return
        settings, again = self._around.settings, self.topic.lost_ms is not None
        if again and not settings.resubscribe:
            self.give_up("reconnected")
        elif again and settings.resubscribe_delay:
            self._around.start(self._subscribe_beside(connection, "refused", settings.resubscribe_delay))
        else:
            await self._subscribe(connection)

    async def _subscribe_beside(self, connection: Connection, reason: str, delay: float = 0.0) -> None:
        """The same on a connection that leads already; `reason` is what the readers are told if it is refused."""
        await asyncio.sleep(delay)
        if connection is self._slot.current and self.topic.readers:
            try:
                await self._subscribe(connection)
            except ConnectionLost:
                return  # the slot comes back with everything
            except WireError as error:
                self.give_up(reason, error)

    async def _subscribe(self, connection: Connection) -> None:
        await self._request(connection, self._feed_for(connection))
        self._resumed(connection)

    def _feed_for(self, connection: Connection) -> Feed:
        current = self._slot.current
        carried = current is not None and bool(current.user_feeds)
        return self._slot.streams.feed_for(connection, self.topic, carried=carried)

    async def _request(self, connection: Connection, feed: Feed) -> Json:
        """Ask for the subscription. Its events may come before the answer that tells its id."""
        auth = {"session": Auth.SESSION, "signature": Auth.SIGNED}.get(self._scheme.scheme, Auth.NONE)
        params = await self._parameters()
        connection.user_feeds[None] = feed
        try:
            result = await self._ask(self._scheme.subscribe, params, auth, connection)
        except ApiError:
            connection.user_feeds.pop(None, None)
            raise
        id = get(result, f"/{self._scheme.subscription}") if self._scheme.subscription else None
        if isinstance(id, (str, int)):
            connection.user_feeds[id] = connection.user_feeds.pop(None, feed)
        return result

    async def _parameters(self) -> dict[str, Any]:
        return {}

    def _resumed(self, connection: Connection) -> None:
        """Nobody can tell what happened to the account meanwhile, so the gap is told before the next event."""
        if self.topic.lost_ms is not None:  # else an event was faster than this answer, and told it
            self.topic.gap(None)
            if any(isinstance(feed, Rejoin) for feed in connection.user_feeds.values()):
                self._slot.streams.rejoined(connection, self.topic)
        self.topic.resumed()

    async def _unsubscribe(self, connection: Connection, id: str | int | None) -> None:
        if self._scheme.unsubscribe:
            params = {} if id is None else {self._scheme.subscription: id}
            await self._quietly(self._ask(self._scheme.unsubscribe, params, Auth.NONE, connection))

    async def _quietly(self, work: Awaitable[object]) -> None:
        try:
            await work
        except WireError as error:
            self._around.log.info("giving user data back failed: %s", error)

    # What comes

    def on_event(self, connection: Connection, reading: Reading, raw: bytes) -> bool:
        """An event outside any stream. True if it was user data."""
        feeds = connection.user_feeds
        feed = feeds.get(reading.subscription) or feeds.get(None)
        if feed is None and len(feeds) == 1 and reading.subscription is None:
            feed = next(iter(feeds.values()))
        if feed is None:
            return False
        feed.deliver([raw])
        if feed is not LEFT and reading.tag and reading.tag in (self._scheme.terminated, self._scheme.expired):
            self._around.start(self._terminated(connection, reading))
        return True

    async def _terminated(self, connection: Connection, reading: Reading) -> None:
        """The exchange ended the subscription: subscribe again, or say so."""
        connection.user_feeds.pop(reading.subscription, None)
        if connection is not self._slot.current or connection.user_feeds:
            return
        self.topic.doubt("terminated")
        if not self._around.settings.resubscribe:
            self.give_up(reading.tag)
        elif self._scheme.scheme == "session":
            self._slot.expelled(connection)  # most likely the session is over, whether that was told or not
        else:
            await self._subscribe_beside(connection, reading.tag)


class ListenTokenFeed(UserDataFeed):
    """User data by a token that ends: a new one is fetched early, and subscribed on the same connection."""

    _due = 0.0
    """When the next token is to be fetched, in the loop's time."""
    _ends: Json = None
    """When this one ends, as the exchange told it: with the token, or when it was used."""

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
            token = await self._ask(scheme.start, {}, Auth.KEY)
        else:
            raise WireError("user data by listen token needs listen_token=: a function that fetches one")
        self._ends = get(token, f"/{scheme.expiry}")
        self._put_off()
        return {scheme.key: get(token, f"/{scheme.result or scheme.key}") if isinstance(token, dict) else token}

    async def _request(self, connection: Connection, feed: Feed) -> Json:
        result = await super()._request(connection, feed)
        if self._ends is None:
            self._ends = get(result, f"/{self._scheme.expiry}")
            self._put_off()
        return result

    def _put_off(self) -> None:
        """Fetch the next token when nine tenths of this one are over."""
        around, lasts = self._around, 0.0
        if isinstance(self._ends, int):
            lasts = (milliseconds(self._ends) - around.time.now_ms()) / 1000
        if lasts <= 0:  # nobody says
            lasts = self._scheme.expires or _TOKEN_LASTS
        self._due = around.loop.time() + max(_RETRY, 0.9 * lasts)

    async def _keep(self) -> None:
        """Fetch the next token before this one ends."""
        while self.topic.readers and self._around.settings.refresh_listen_token:
            while (wait := self._due - self._around.loop.time()) > 0:  # noqa: ASYNC110 a reconnect may put it off
                await asyncio.sleep(wait)
            self._due += _RETRY
            if self._slot.current is not None:
                await self._refresh(self._slot.current)

    async def _refresh(self, connection: Connection) -> None:
        """Subscribe with the next token beside this one, overlap, and give this one back."""
        before = list(connection.user_feeds)
        handover = Handover(self.topic, lambda: None)
        connection.user_feeds = dict.fromkeys(before, handover.old)
        try:
            await self._request(connection, handover.new)
        except WireError as error:
            self._around.log.warning("renewing the listen token failed, trying again: %s", error)
            connection.user_feeds.pop(None, None)
            before = []
        else:
            await asyncio.sleep(self._around.settings.overlap)
        if connection.lost is not None:
            return  # what was held is part of the gap that the next connection tells
        if handover.new in connection.user_feeds.values():  # else a fresh connection is taking over
            handover.release()
        for id in before:
            await self._unsubscribe(connection, id)
            connection.user_feeds.pop(id, None)
        for id, feed in connection.user_feeds.items():
            if feed in (handover.old, handover.new):
                connection.user_feeds[id] = self.topic


class ListenKeyFeed(UserDataFeed):
    """User data by a listen key, over a socket of its own."""

    _key = ""
    """The key while it is good: without one, the next dial makes one."""
    _made_at = 0.0

    async def stop(self) -> None:
        """End: nobody reads any more."""
        key = self._key
        self._withdraw()
        if key and self._scheme.stop:
            await self._quietly(self._ask(self._scheme.stop, self._named(key), Auth.KEY))

    def _withdraw(self) -> None:
        super()._withdraw()
        self._key = ""
        self._slot.rest()

    async def prepare(self, connection: Connection) -> None:
        """Have a good key. It is all that it takes: the first event may stand right behind the handshake."""
        now, scheme, settings = self._around.loop.time(), self._scheme, self._around.settings
        if not self._key or now - self._made_at > scheme.expires > 0:
            result = await self._ask(scheme.start, {}, Auth.KEY)
            key = get(result, f"/{scheme.result or scheme.key}")
            if not isinstance(key, str) or not key:
                raise WireError(f"{scheme.start} gave no {scheme.key}")
            self._key, self._made_at = key, now
        self._slot.query = {scheme.query: self._key}
        waits = self.topic.lost_ms is not None and (not settings.resubscribe or settings.resubscribe_delay)
        if self.topic.readers and not waits:
            connection.user_feeds[None] = self._feed_for(connection)

    async def _request(self, connection: Connection, feed: Feed) -> Json:
        if not self._key:
            raise ConnectionLost("the listen key ended while its connection was opened")
        connection.user_feeds.setdefault(None, feed)
        return None

    def _feed_for(self, connection: Connection) -> Feed:
        return connection.user_feeds.get(None) or super()._feed_for(connection)

    async def _terminated(self, connection: Connection, reading: Reading) -> None:
        self._lost_key(connection, reading.tag)

    def _lost_key(self, connection: Connection, reason: str) -> None:
        """The exchange does not know the key any more. It may say so twice."""
        if connection is not self._slot.current or connection.expelled:
            return
        self._key = ""
        self.topic.doubt("terminated")
        if self._around.settings.resubscribe:
            self._slot.expelled(connection)
        else:
            self.give_up(reason)

    async def _keep(self) -> None:
        """Prolong the key in time; where that fails, try again soon, and have a new one before it ends."""
        scheme = self._scheme
        wait, failures = scheme.keepalive_every, 0
        while self.topic.readers:
            await asyncio.sleep(wait)
            key, connection = self._key, self._slot.current
            wait = _RETRY * 2 ** min(failures, 3) * self._around.settings.random.uniform(1.0, 1.5)
            if connection is None:
                continue  # the next dial looks at the key
            if not key:
                self._slot.replace("its listen key is no good")
                continue
            try:
                await self._ask(scheme.keepalive, self._named(key), Auth.KEY)
                self._made_at = self._around.loop.time()
                wait, failures = scheme.keepalive_every, 0
            except WireError as error:
                failures += 1
                self._around.log.warning("the listen key could not be prolonged: %s", error)
                if key == self._key:
                    self._not_prolonged(connection, error, wait)

    def _not_prolonged(self, connection: Connection, error: WireError, wait: float) -> None:
        if isinstance(error, ApiError) and not isinstance(error, (RateLimited, ServerBusy)):
            self._lost_key(connection, "the listen key could not be prolonged")
        elif self._around.loop.time() - self._made_at + 2 * wait > self._scheme.expires:
            self._key = ""
            self._slot.replace("the listen key could not be prolonged")

    def _named(self, key: str) -> dict[str, Any]:
        return {self._scheme.key: key} if self._scheme.sends_key else {}


def scheme_of(around: Surroundings, wanted: str | None) -> UserData:
    """The scheme that is wanted, else the first that the client's key can use."""
    product, kind = around.product, around.key.kind if around.key is not None else ""
    if not kind:
        raise AuthError("user data needs an API key: give the client key=...", outcome="not_sent")
    usable = [one for one in product.user_data if not one.keys or kind in one.keys]
    scheme = next((one for one in usable if wanted in (None, one.scheme)), None)
    if scheme is None:
        how = f" by {wanted!r}" if wanted else ""
        raise AuthError(f"{product.title} has no user data{how} for a key of kind {kind!r}", outcome="not_sent")
    if scheme.deprecated:
        text = f"{product.title}: user data by {scheme.scheme!r}: {scheme.deprecated}"
        around.log.warning("%s", text)
        warnings.warn(text, DeprecationWarning, stacklevel=2)
    return scheme


def feed_of(scheme: UserData) -> type[UserDataFeed]:
    """What receives user data by a scheme."""
    if scheme.socket:
        return ListenKeyFeed
    return ListenTokenFeed if scheme.scheme == "listen-token" else UserDataFeed
