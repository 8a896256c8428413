"""A loopback exchange that knows no exchange: it speaks what a `Product` describes.

    async with FakeExchange.serving(SpotClient, keys=[key]) as exchange:
        client = SpotClient(key=key, server=exchange.server)

It accepts connections, checks signatures, logs sessions on, keeps subscriptions and user data, pings, holds the documented
limits, and counts. What methods answer comes from handlers and examples; what goes wrong from `on`.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Mapping
from decimal import Decimal
from typing import Any, Self, Unpack, cast

import msgspec

from wirewright_runtime.client import BaseClient
from wirewright_runtime.envelope import get
from wirewright_runtime.errors import AuthError, BadRequest, RateLimited
from wirewright_runtime.product import Product
from wirewright_runtime.request import Request
from wirewright_runtime.stream import Stream
from wirewright_runtime.testing.desk import Call, Desk, Refusal
from wirewright_runtime.testing.examples import Examples
from wirewright_runtime.testing.faults import Fault, Script, What, name_of
from wirewright_runtime.testing.frames import (
    limits_of,
    refusal_frame,
    reply_frame,
    shutdown_frame,
    stream_frame,
    tagged_event,
    user_frame,
)
from wirewright_runtime.testing.meter import Meter, Reading
from wirewright_runtime.testing.peers import Peer
from wirewright_runtime.testing.reception import ExchangeOptions
from wirewright_runtime.types import Json

_EXACT = msgspec.json.Decoder(float_hook=Decimal)


class FakeExchange(Desk):
    """An exchange on this machine.

    Args:
        product: What it speaks.
        keys: Keys of its users. Without any, every key is believed.
        methods: Request classes by method, so that orders are known by their client order id, and weights.
        examples: Results by method.
        clock: Where the time comes from.
        enforce: Whether connections that pass the documented limits are closed.
        pings: Whether it pings as documented, and drops who does not answer.
        lifetimes: Whether it closes connections that have reached the documented age.
        weight_limit: Weight of requests that a minute allows; answers tell it, and more is refused with HTTP status 429.
        ssl: Certificate and key, where clients are to come over TLS.
    """

    def __init__(
        self,
        product: Product,
        *,
        methods: Mapping[str, type[Request[object]]] | None = None,
        examples: Mapping[str, Json] | None = None,
        **options: Unpack[ExchangeOptions],
    ) -> None:
        super().__init__(product, methods=methods, examples=examples, **options)
        limit = options.get("weight_limit")
        self._examples: Examples | None = None
        self._meter = None if limit is None else Meter(limit, self._methods, self.clock)

    @classmethod
    def serving(cls, client: type[BaseClient], **options: Unpack[ExchangeOptions]) -> Self:
        """The exchange of a generated client, which answers every method with its documented example."""
        examples = Examples(client)
        exchange = cls(client.product, methods=examples.methods, examples=examples.results(), **options)
        exchange._examples = examples
        return exchange

    def event(self, cls: type | str) -> dict[str, Any]:
        """The documented example of an event, by its class; of an exchange that was made with `serving`."""
        if self._examples is None:
            raise LookupError("only FakeExchange.serving(...) knows the documented events")
        return dict(self._examples.event(cls))

    @property
    def weight_used(self) -> int:
        """Weight of the requests in this minute; 0 without a `weight_limit`."""
        return 0 if self._meter is None else self._meter.used

    # What it does by itself

    def push(self, stream: str | Stream[Any], payload: object, *more: object) -> int:
        """Send events to every subscriber of a stream; an empty name: to sockets whose streams need no subscribing.

        Returns how many connections got them.
        """
        name = stream if isinstance(stream, str) else stream.name
        passed = [event for event in (payload, *more) if not self._befalls(name, event)]
        listeners = self._listeners(name)
        for peer in listeners if passed else ():
            peer.say(*(stream_frame(peer.socket, name, self.worded(peer, name, event)) for event in passed))
        return len(listeners) if passed else 0

    def _listeners(self, stream: str) -> list[Peer]:
        return [peer for peer in self.reachable if self.carries(peer, stream)]

    def carries(self, peer: Peer, stream: str) -> bool:
        """Whether a connection gets the events of a stream."""
        return stream in peer.streams or (not stream and peer.socket.subscribe is None)

    def worded(self, peer: Peer, stream: str, event: object) -> object:
        """An event of a stream (of user data: no name) as a connection asked to have it."""
        return event

    def _befalls(self, stream: str, event: object) -> bool:
        """Whether a fault meets an event of a stream, in place of its subscribers."""
        fault = self._faults.next(stream, "stall", "gap", "delay", "drop", "close", "say", "twice")
        if fault is None:
            return False
        for peer in self._listeners(stream):
            frame = stream_frame(peer.socket, stream, event)
            if fault.kind == "delay":
                self.later(peer, fault.seconds, lambda peer, frame=frame: peer.say(frame))  # type: ignore[misc]
            elif fault.kind == "drop":
                peer.abort()
            elif fault.kind == "close":
                peer.close(int(fault.code), fault.message)
            elif fault.kind in ("say", "twice"):
                peer.say(*((fault.text,) if fault.kind == "say" else (frame, frame)))
        return True

    def push_user(self, event: object, *more: object, user: str = "") -> int:
        """Send user data to every subscription (of one API key). Returns how many got them."""
        got = 0
        for peer in self.reachable:
            for id, owner in list(peer.user_data.items()):
                if user in ("", owner):
                    peer.say(*(user_frame(peer.socket, id, self.worded(peer, "", one)) for one in (event, *more)))
                    got += 1
        return got

    def end_user_data(self, **fields: Json) -> None:
        """End every user data subscription, with the documented event and its further fields."""
        self._end_user_data([scheme.terminated for scheme in self.product.user_data], fields)

    def expire_listen_keys(self, **fields: Json) -> None:
        """End every listen key now, with the documented event and its further fields."""
        self._end_user_data([scheme.expired for scheme in self.product.user_data], fields)
        self.listen_keys = dict.fromkeys(self.listen_keys, 0.0)

    def _end_user_data(self, tags: list[str], fields: dict[str, Json]) -> None:
        for tag in filter(None, tags):
            for peer in [peer for peer in self.peers if peer.socket.event is not None]:
                for id in peer.user_data:
                    peer.say(user_frame(peer.socket, id, tagged_event(peer.socket, tag) | fields))
                peer.user_data.clear()

    def announce_shutdown(self, shape: str = "", *, name: str = "") -> None:
        """Announce the end of connections. `shape`: "raw", "combined" or "event"; by default the socket's own."""
        for peer in self.of(name):
            if peer.socket.shutdown and peer.socket.event is not None:
                peer.say(shutdown_frame(peer.socket, shape))

    # What goes wrong

    def on(self, what: What, *, times: int | None = 1) -> Script:
        """Faults for the next request of a method (or class), or for a stream; `times=None`: for all that follow."""
        return Script(self._faults, name_of(what), times)

    def log_off(self) -> None:
        """End every session, as an exchange does whose user revoked the key."""
        revoked = Fault(kind="refuse", code=self.code_of(AuthError), message="revoked", status=401)
        for peer in list(self.peers):
            if peer.logged_on:
                peer.logged_on = ""
                self._refuse(peer, None, revoked)

    # Messages

    def heard(self, peer: Peer, text: bytes) -> None:
        """A text message came."""
        self.count(peer, "text")
        socket = peer.socket
        if socket.ping is not None and socket.ping.message and text == socket.ping.message.encode():
            peer.say({"pong": True})
            return
        try:
            frame = _EXACT.decode(text)
        except msgspec.DecodeError:
            if socket.plain:
                self.heard(peer, msgspec.json.encode(text.decode()))
                return
            not_json = Fault(kind="refuse", code=self.code_of(BadRequest), message="not JSON", status=400)
            self._refuse(peer, None, not_json)
            return
        peer.texts.append(frame)
        method = self.method_of(peer, frame)
        if not method or socket.request is None:
            return
        id = get(frame, socket.request.id) if socket.request.id else None
        params = get(frame, socket.request.params) if socket.request.params else frame
        self.counters.requests[method] += 1
        fault = self._faults.next(method)
        call = Call(peer, id if isinstance(id, (str, int)) else None, method, {}, "")
        if fault is not None and fault.kind == "delay":
            self.start_beside(self._answer_later(call, params, fault.seconds))
        else:
            self._answer(call, params, fault)

    def method_of(self, peer: Peer, frame: Json) -> str:
        """Which method a message calls; empty: none, and nobody answers it."""
        shape = peer.socket.request
        return str(get(frame, shape.method)) if shape is not None and shape.method else ""

    async def _answer_later(self, call: Call, params: Json, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self._answer(call, params, None)

    def _answer(self, call: Call, params: Json, fault: Fault | None) -> None:
        """Do what a request asks for, or what was scripted instead."""
        peer, reading = call.peer, self._weigh(call)
        if fault is not None and fault.kind == "drop":
            peer.abort()
        elif fault is not None and fault.kind == "close":
            peer.close(int(fault.code), fault.message)
        elif fault is not None and fault.kind == "refuse":
            self._refuse(peer, call.id, fault)
        elif reading is not None and reading.passed:
            self._refuse(peer, call.id, self._too_many(reading))
        else:
            self._perform(call, params, fault, reading)

    def _weigh(self, call: Call) -> Reading | None:
        reply = call.peer.socket.reply
        answers = reply is not None and bool(reply.rate_limits)
        return self._meter.count(call.method) if self._meter is not None and answers else None

    def _too_many(self, reading: Reading) -> Fault:
        return Fault(
            kind="refuse",
            code=self.code_of(RateLimited),
            message=f"Too much request weight used; current limit is {reading.limit} request weight per 1 MINUTE.",
            status=429,
            retry_at=reading.retry_at,
        )

    def _perform(self, call: Call, params: Json, fault: Fault | None, reading: Reading | None) -> None:
        try:
            result = self.perform(call, params)
        except Refusal as refusal:
            self._conclude(call, self._refusal(call.peer, call.id, refusal.fault), fault)
            return
        if inspect.isawaitable(result):
            self.start_beside(self._finish_later(call, result, fault, reading))
        else:
            self._finish(call, result, fault, reading)

    async def _finish_later(
        self, call: Call, work: Awaitable[Any], fault: Fault | None, reading: Reading | None
    ) -> None:
        try:
            result = await work
        except Refusal as refusal:
            self._conclude(call, self._refusal(call.peer, call.id, refusal.fault), fault)
        else:
            self._finish(call, result, fault, reading)

    def _finish(self, call: Call, result: object, fault: Fault | None, reading: Reading | None) -> None:
        reply, shape = self.reply(call.peer, call.id, result), call.peer.socket.reply
        if reading is not None and shape is not None:
            limits_of(shape, cast("dict[str, object]", reply), reading.limits)
        self._conclude(call, reply, fault)

    def _conclude(self, call: Call, answer: object, fault: Fault | None) -> None:
        """The request was heard: say what became of it, unless a fault swallows the answer."""
        kind = fault.kind if fault is not None else ""
        if answer is None:
            return
        if kind == "drop_after":
            call.peer.abort()
        elif kind == "say" and fault is not None:
            call.peer.say(fault.text)
        elif kind != "stall":
            call.peer.say(*[answer] * (2 if kind == "twice" else 1))

    def reply(self, peer: Peer, id: str | int | None, result: object) -> object:
        """A successful answer, in the product's form; one that is the whole frame and no object stays what it is."""
        assert peer.socket.reply is not None
        frame = reply_frame(peer.socket.reply, id, result)
        return frame if peer.socket.reply.result or isinstance(result, Mapping) else result

    def _refuse(self, peer: Peer, id: str | int | None, fault: Fault) -> None:
        frame = self._refusal(peer, id, fault)
        if frame:
            peer.say(frame)

    def _refusal(self, peer: Peer, id: str | int | None, fault: Fault) -> dict[str, object] | None:
        """An error in the product's form; None where it has none."""
        shape = peer.socket.reply
        if shape is None or not (shape.error or shape.message):
            return None
        retry_at = fault.retry_at or (self.now_ms() + int(fault.retry_after * 1000) if fault.retry_after else 0)
        return refusal_frame(shape, id, fault, retry_at)
