"""A loopback exchange that knows no exchange: it speaks what a `Product` describes.

    async with FakeExchange(SpotClient.product, keys=[key]) as exchange:
        exchange.answer("avgPrice", {"mins": 5, "price": "1.00", "closeTime": 1})
        client = SpotClient(key=key, server=exchange.server)

It accepts connections, checks signatures, logs sessions on, keeps subscriptions and user data, pings, holds the documented
limits, and counts. What methods answer comes from handlers and examples; what goes wrong from `on`.
"""

from __future__ import annotations

import asyncio
import inspect
import re
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, Self, cast

import msgspec

from wirewright_runtime.clock import SYSTEM, Clock
from wirewright_runtime.envelope import get, put
from wirewright_runtime.errors import ApiError, AuthError, BadRequest, ClockError
from wirewright_runtime.product import Command, Product, Server, Socket, UserData
from wirewright_runtime.request import Request
from wirewright_runtime.signing import Credential, Ed25519Key, HmacKey, RsaKey, SocketText
from wirewright_runtime.testing.faults import Fault, Faults, Script, What, name_of
from wirewright_runtime.testing.peers import MemoryTransport, Peer, Rejection, SocketPeer
from wirewright_runtime.types import Auth, Json

Params = dict[str, Any]
_EXACT = msgspec.json.Decoder(float_hook=Decimal)


class Refusal(Exception):
    """Raised by a handler: the request is answered with this error."""

    def __init__(self, code: int | str, message: str, *, status: int = 400, data: object = None) -> None:
        super().__init__(message)
        self.fault = Fault(kind="refuse", code=code, message=message, status=status, data=data)


class Call:
    """One request, as a handler gets it."""

    def __init__(self, peer: Peer, id: str | int | None, method: str, params: Params, user: str) -> None:
        self.peer = peer
        self.id = id
        self.method = method
        self.params = params
        self.user = user
        """API key of the sender, if the request is signed or the session logged on."""


Handler = Callable[[Call], Any]


class Counters:
    """What the exchange has seen."""

    def __init__(self) -> None:
        self.requests: Counter[str] = Counter()
        """Requests by method."""
        self.orders: Counter[str] = Counter()
        """Requests that change state, by client order id."""
        self.subscribed: Counter[str] = Counter()
        """SUBSCRIBE commands by stream."""
        self.connections = 0
        self.rejected = 0
        self.pongs = 0
        self.wrong_pongs = 0
        """Pongs that answered no ping, or a second time."""
        self.kicked = 0
        """Connections closed because they passed a limit."""
        self.most_per_second = 0
        """Most frames that a connection sent within one second, of those that count toward its limit."""
        self.most_open = 0
        """Most connections that were open at once."""

    @property
    def double_sends(self) -> int:
        """Requests that change state and came more than once."""
        return sum(count - 1 for count in self.orders.values())


class FakeExchange:
    """An exchange on this machine.

    Args:
        product: What it speaks.
        keys: Keys of its users. Without any, every key is believed.
        methods: Request classes by method, so that orders are known by their client order id.
        examples: Results by method.
        clock: Where the time comes from.
        enforce: Whether connections that pass the documented limits are closed.
        pings: Whether it pings as documented, and drops who does not answer.
        lifetimes: Whether it closes connections that have reached the documented age.
    """

    def __init__(
        self,
        product: Product,
        *,
        keys: Iterable[Credential] = (),
        methods: Mapping[str, type[Request[object]]] | None = None,
        examples: Mapping[str, Json] | None = None,
        clock: Clock = SYSTEM,
        enforce: bool = True,
        pings: bool = True,
        lifetimes: bool = True,
    ) -> None:
        self.product = product
        self.clock = clock
        self.clock_offset_ms = 0
        """How far the exchange's clock is ahead of this machine's."""
        self.counters = Counters()
        self.peers: list[Peer] = []
        """Open connections, oldest first."""
        self.enforce = enforce
        self.pings = pings
        self.lifetimes = lifetimes
        self.handlers: dict[str, Handler] = {}
        self.listen_keys: dict[str, float] = {}
        """When each listen key ends, in seconds of the clock."""
        self._keys = {key.api_key: key for key in keys if isinstance(key, (HmacKey, RsaKey, Ed25519Key))}
        self._methods = dict(methods or {})
        self._examples = dict(examples or {})
        self._faults = Faults()
        self._admission: deque[Rejection] = deque()
        self._closed_until = 0.0
        self._dials: deque[float] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._timers: dict[Peer, list[asyncio.TimerHandle]] = {}
        self._spoken: dict[Peer, deque[float]] = {}
        self._listener: asyncio.Server | None = None
        self._port = 0

    # Life

    async def start(self, port: int = 0) -> None:
        """Listen on a port of the loopback interface."""
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(lambda: SocketPeer(self), "127.0.0.1", port)
        self._port = int(self._listener.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Drop everything."""
        if self._listener is not None:
            self._listener.close()
        for peer in list(self.peers):
            peer.abort()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def server(self) -> Server:
        """Where clients find it. Roles whose sockets have the same path get addresses of their own."""
        address = f"ws://127.0.0.1:{self._port}"
        paths = [socket.path for socket in self.product.sockets]
        if len(set(paths)) == len(paths):
            return Server.at(address)
        return Server(others={socket.role: f"{address}/~{socket.role}" for socket in self.product.sockets})

    @property
    def transport(self) -> MemoryTransport:
        """A transport that reaches it without sockets, for a client's `transport=`."""
        return MemoryTransport(self)

    # What it answers

    def answer(self, method: str, result: Json) -> None:
        """Always answer a method with this result."""
        self._examples[method] = result

    def example(self, method: str) -> Any:
        """What a method answers where nobody handles it."""
        return self._examples[method]

    def handle(self, method: str, handler: Handler) -> None:
        """Answer a method with what a function gives: a result, an awaitable of one, or a raised `Refusal`."""
        self.handlers[method] = handler

    # What it does by itself

    def push(self, stream: str, payload: object, *more: object) -> int:
        """Send events to every subscriber of a stream; an empty name: to sockets whose streams need no subscribing.

        Returns how many connections got them.
        """
        got = 0
        passed = [event for event in (payload, *more) if not self._lost(stream)]
        for peer in self.reachable:
            socket = peer.socket
            if socket is not None and passed and (stream in peer.streams or (not stream and socket.subscribe is None)):
                peer.say(*(self._framed(socket, stream, event) for event in passed))
                got += 1
        return got

    def _lost(self, stream: str) -> bool:
        fault = self._faults.next(stream)
        return fault is not None and fault.kind in ("stall", "gap")

    def _framed(self, socket: Socket, stream: str, payload: object) -> object:
        shape = socket.stream
        if shape is None or not shape.payload:
            return payload
        frame: dict[str, object] = {}
        for pointer, value in (
            zip(shape.keys, stream.split(shape.separator), strict=False) if len(shape.keys) > 1 else ()
        ):
            put(frame, pointer, value)
        if len(shape.keys) == 1:
            put(frame, shape.keys[0], stream)
        put(frame, shape.payload, msgspec.Raw(payload) if isinstance(payload, bytes) else payload)
        return frame

    def push_user(self, event: object, *more: object, user: str = "") -> int:
        """Send user data to every subscription (of one API key). Returns how many got them."""
        got = 0
        for peer in self.reachable:
            for id, owner in list(peer.user_data.items()):
                if not user or owner == user:
                    peer.say(*(self._user_frame(peer, id, one) for one in (event, *more)))
                    got += 1
        return got

    def _user_frame(self, peer: Peer, id: int | str, event: object) -> object:
        socket = peer.socket
        assert socket is not None
        if socket.stream is not None:
            return self._framed(socket, str(id), event)
        shape = socket.event
        if shape is None or not shape.payload:
            return event
        frame: dict[str, object] = {}
        if shape.subscription:
            put(frame, shape.subscription, id)
        put(frame, shape.payload, event)
        return frame

    def end_user_data(self) -> None:
        """End every user data subscription, with the documented event."""
        for scheme in self.product.user_data:
            tag = scheme.terminated
            for peer in list(self.peers):
                if tag and peer.socket is not None and peer.socket.event is not None:
                    for id in list(peer.user_data):
                        peer.say(self._user_frame(peer, id, {peer.socket.event.tag.lstrip("/"): tag}))
                    peer.user_data.clear()

    def announce_shutdown(self, shape: str = "", *, name: str = "") -> None:
        """Announce the end of connections. `shape`: "raw", "combined" or "event"; by default the socket's own."""
        for peer in list(self.peers):
            socket = peer.socket
            if socket is None or not socket.shutdown or (name and socket.name != name) or socket.event is None:
                continue
            event = {socket.event.tag.lstrip("/"): socket.shutdown}
            if shape == "raw" or (not shape and not socket.event.payload):
                peer.say(event)
            elif shape == "combined" and socket.stream is not None:
                peer.say(self._framed(socket, f"!{socket.shutdown}", event))
            else:
                frame: dict[str, object] = {}
                put(frame, socket.event.payload, event)
                peer.say(frame)

    # What goes wrong

    def on(self, what: What, *, times: int | None = 1) -> Script:
        """Faults for the next request of a method (or class), or for a stream; `times=None`: for all that follow."""
        name = name_of(what)
        return Script(self._faults, name, None if self._is_stream(name) and times == 1 else times)

    def _is_stream(self, name: str) -> bool:
        return "@" in name or name.startswith("!")

    def refuse_connections(self, seconds: float) -> None:
        """Break off every connection attempt for a while."""
        self._closed_until = self.clock.monotonic() + seconds

    def reject_handshakes(
        self, status: int | None, *, times: int = 1, retry_after: float | None = None, body: str = ""
    ) -> None:
        """Answer the next handshakes with an HTTP error; without a status never answer them."""
        headers = {} if retry_after is None else {"Retry-After": f"{retry_after:g}"}
        self._admission.extend([Rejection(status, headers, body)] * times)

    def drop_connections(self, name: str = "") -> None:
        """Drop every connection (of one kind of socket) without a word."""
        for peer in self.of(name):
            peer.abort()

    def close_connections(self, code: int = 1000, reason: str = "", name: str = "") -> None:
        """Close every connection (of one kind of socket)."""
        for peer in self.of(name):
            peer.close(code, reason)

    def freeze(self, name: str = "") -> None:
        """Vanish: connections stay open, and nothing passes any more."""
        for peer in self.of(name):
            peer.frozen = True

    def log_off(self) -> None:
        """End every session, as an exchange does whose user revoked the key."""
        for peer in list(self.peers):
            if peer.logged_on:
                peer.logged_on = ""
                self._refuse(
                    peer, None, Fault(kind="refuse", code=self._code(AuthError), message="revoked", status=401)
                )

    def of(self, name: str = "") -> list[Peer]:
        """Open connections of one kind of socket."""
        return [peer for peer in self.peers if not name or (peer.socket is not None and peer.socket.name == name)]

    @property
    def reachable(self) -> list[Peer]:
        """Open connections on which something passes."""
        return [peer for peer in self.peers if peer.is_open and not peer.frozen]

    # Connections come and go

    def admit(self, path: str, headers: Mapping[str, str]) -> Rejection | None:
        """Whether a handshake is accepted."""
        now = self.clock.monotonic()
        if now < self._closed_until:
            self.counters.rejected += 1
            return Rejection(503)
        if self._admission:
            self.counters.rejected += 1
            return self._admission.popleft()
        socket = self._socket_at(path.partition("?")[0])
        if socket is None:
            return Rejection(404, body=f"there is nothing at {path}")
        rate = socket.dials
        if self.enforce and rate is not None:
            self._dials.append(now)
            while self._dials[0] <= now - rate.seconds:
                self._dials.popleft()
            if len(self._dials) > rate.count:
                return Rejection(429, {"Retry-After": "60"})
        return None

    def opened(self, peer: Peer) -> None:
        """A connection is open."""
        peer.socket = self._socket_at(peer.address)
        peer.number = self.counters.connections = self.counters.connections + 1
        peer.opened_at = self.clock.monotonic()
        self.peers.append(peer)
        self.counters.most_open = max(self.counters.most_open, len(self.peers))
        self._spoken[peer] = deque()
        self._timers[peer] = []
        self._welcome_user(peer)
        socket = peer.socket
        if socket is not None and socket.ping is not None and socket.ping.sender == "server" and self.pings:
            self._later(peer, socket.ping.interval, self._ping)
        if socket is not None and socket.lifetime and self.lifetimes:
            self._later(peer, socket.lifetime, lambda peer: peer.close(1001, "too old"))

    def _later(self, peer: Peer, seconds: float, work: Callable[[Peer], None]) -> None:
        loop = asyncio.get_running_loop()
        timers = self._timers.get(peer)
        if timers is not None:
            timers[:] = [timer for timer in timers if not timer.cancelled() and timer.when() > loop.time()]
            timers.append(loop.call_later(seconds, work, peer))

    def _ping(self, peer: Peer) -> None:
        assert peer.socket is not None
        assert peer.socket.ping is not None
        ping = peer.socket.ping
        missed = len(peer.pings) - len(peer.pongs)
        if missed * ping.interval >= ping.timeout:
            peer.abort()
            return
        peer.ping(str(int(self.clock.wall() * 1000)).encode())
        self._later(peer, ping.interval, self._ping)

    def gone(self, peer: Peer) -> None:
        """A connection ended."""
        if peer in self.peers:
            self.peers.remove(peer)
        for timer in self._timers.pop(peer, ()):
            timer.cancel()
        self._spoken.pop(peer, None)

    def pinged(self, peer: Peer) -> None:
        """The client pinged."""
        self._count(peer, "ping")

    def ponged(self, peer: Peer, payload: bytes) -> None:
        """A pong came."""
        self.counters.pongs += 1
        if payload not in peer.pings or peer.pongs.count(payload) > peer.pings.count(payload):
            self.counters.wrong_pongs += 1
        self._count(peer, "pong")

    def _count(self, peer: Peer, kind: str) -> None:
        rate = peer.socket.messages if peer.socket is not None else None
        if rate is None or (rate.counts and kind not in rate.counts) or peer not in self._spoken:
            return
        now, spoken = self.clock.monotonic(), self._spoken[peer]
        spoken.append(now)
        while spoken[0] <= now - rate.seconds:
            spoken.popleft()
        self.counters.most_per_second = max(self.counters.most_per_second, len(spoken))
        if self.enforce and len(spoken) > rate.count:
            self.counters.kicked += 1
            peer.close(1008, "Too many requests")

    def _socket_at(self, path: str) -> Socket | None:
        role = path[2:].partition("/")[0] if path.startswith("/~") else ""
        path = path.removeprefix(f"/~{role}") if role else path
        keyed = {scheme.socket for scheme in self.product.user_data if scheme.socket and not scheme.query}
        for socket in self.product.sockets:
            pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(socket.path))
            if role and socket.role != role:
                continue
            if re.fullmatch(pattern, path) or (socket.name in keyed and path.startswith(socket.path.rstrip("/") + "/")):
                return socket
        return None

    # Messages

    def heard(self, peer: Peer, text: bytes) -> None:
        """A text message came."""
        self._count(peer, "text")
        socket = peer.socket
        if socket is None or socket.request is None:
            return
        if socket.ping is not None and text == socket.ping.message.encode():
            peer.say({"pong": True})
            return
        try:
            frame = _EXACT.decode(text)
        except msgspec.DecodeError:
            self._refuse(peer, None, Fault(kind="refuse", code=self._code(BadRequest), message="not JSON", status=400))
            return
        peer.texts.append(frame)
        id = get(frame, socket.request.id)
        method = str(get(frame, socket.request.method))
        params = get(frame, socket.request.params) if socket.request.params else frame
        self.counters.requests[method] += 1
        fault = self._faults.next(method)
        call = Call(peer, id if isinstance(id, (str, int)) else None, method, {}, "")
        if fault is not None and fault.kind == "delay":
            self._start(self._answer_later(call, params, fault.seconds))
        else:
            self._answer(call, params, fault)

    async def _answer_later(self, call: Call, params: Json, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self._answer(call, params, None)

    def _answer(self, call: Call, params: Json, fault: Fault | None) -> None:
        """Do what a request asks for, or what was scripted instead."""
        peer = call.peer
        if fault is not None and fault.kind == "drop":
            peer.abort()
        elif fault is not None and fault.kind == "close":
            peer.close(int(fault.code), fault.message)
        elif fault is not None and fault.kind == "refuse":
            self._refuse(peer, call.id, fault)
        else:
            try:
                result = self._perform(call, params)
            except Refusal as refusal:
                self._refuse(peer, call.id, refusal.fault)
                return
            if inspect.isawaitable(result):
                self._start(self._finish_later(call, result, fault))
            else:
                self._finish(call, result, fault)

    async def _finish_later(self, call: Call, work: Awaitable[Any], fault: Fault | None) -> None:
        try:
            result = await work
        except Refusal as refusal:
            self._refuse(call.peer, call.id, refusal.fault)
        else:
            self._finish(call, result, fault)

    def _finish(self, call: Call, result: object, fault: Fault | None) -> None:
        """The request is executed: say so, unless a fault swallows the answer."""
        kind = fault.kind if fault is not None else ""
        if kind == "drop_after":
            call.peer.abort()
        elif kind == "say" and fault is not None:
            call.peer.say(fault.text)
        elif kind != "stall":
            reply = self.reply(call.peer, call.id, result)
            call.peer.say(*[reply] * (2 if kind == "twice" else 1))

    def _start(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def reply(self, peer: Peer, id: str | int | None, result: object) -> dict[str, object]:
        """A successful answer, in the product's form."""
        assert peer.socket is not None
        assert peer.socket.reply is not None
        shape = peer.socket.reply
        frame: dict[str, object] = {}
        put(frame, shape.id, id)
        if shape.status and shape.ok:
            put(frame, shape.status, shape.ok[0])
        if shape.result:
            put(frame, shape.result, result)
        elif isinstance(result, Mapping):
            frame.update(cast("Mapping[str, object]", result))
        return frame

    def _refuse(self, peer: Peer, id: str | int | None, fault: Fault) -> None:
        assert peer.socket is not None
        shape = peer.socket.reply
        if shape is None:
            return
        frame: dict[str, object] = {}
        put(frame, shape.id, id)
        if shape.status:
            numbers = not shape.ok or (isinstance(shape.ok[0], int) and not isinstance(shape.ok[0], bool))
            put(frame, shape.status, fault.status if numbers else False)
        if shape.code:
            put(frame, shape.code, fault.code)
        put(frame, shape.message or shape.error, fault.message)
        if shape.data and fault.data is not None:
            put(frame, shape.data, fault.data)
        peer.say(frame)

    def _code(self, error: type[ApiError]) -> int | str:
        """The product's code for a class of errors."""
        return next((code for code, known in self.product.errors.items() if known.error is error), -1)

    # What requests do

    def _perform(self, call: Call, params: Json) -> Any:
        peer, socket = call.peer, call.peer.socket
        assert socket is not None
        for command, work in ((socket.subscribe, self._subscribe), (socket.unsubscribe, self._unsubscribe)):
            if command is not None and call.method == command.method:
                return work(peer, socket, command, params)
        if socket.list is not None and call.method == socket.list.method:
            return sorted(peer.streams)
        call.params = dict(params) if isinstance(params, dict) else {}
        call.user = self._authenticate(call)
        self._count_order(call)
        built_in = self._built_in(call)
        if built_in is not None:
            return built_in
        handler = self.handlers.get(call.method)
        if handler is not None:
            return handler(call)
        if call.method not in self._examples:
            raise Refusal(self._code(BadRequest), f"unknown method {call.method}")
        return self._examples[call.method]

    def _count_order(self, call: Call) -> None:
        cls = self._methods.get(call.method)
        if cls is not None and cls.spec.changes_state:
            wires = dict(zip(cls.__struct_fields__, cls.__struct_encode_fields__, strict=True))
            order_id = call.params.get(wires.get(cls.spec.client_order_id, ""))
            self.counters.orders[str(call.id) if order_id is None else str(order_id)] += 1

    def _authenticate(self, call: Call) -> str:
        """Who sent a request. Refuses a wrong signature, a wrong clock and a missing proof."""
        signing, params = self.product.signing, call.params
        if signing is None:
            return ""
        cls = self._methods.get(call.method)
        signed = signing.signature in params
        if not signed:
            if cls is not None and cls.spec.auth is Auth.SIGNED and not call.peer.logged_on:
                raise Refusal(self._code(AuthError), "the request is not signed", status=401)
            return call.peer.logged_on
        user = str(params.get(signing.key, ""))
        self._check_time(params.get(signing.timestamp), params.get(signing.window, signing.window_default))
        if self._keys:
            key = self._keys.get(user)
            rest = {name: value for name, value in params.items() if name != signing.signature}
            if key is None or key.sign_socket(SocketText(rest)) != params[signing.signature]:
                raise Refusal(self._code(AuthError), "Signature for this request is not valid.", status=401)
        return user

    def _check_time(self, timestamp: object, window: object) -> None:
        late = self.now_ms() - timestamp if isinstance(timestamp, int) else None
        if late is None or late > float(str(window)) or late < -1000:
            raise Refusal(self._code(ClockError), "Timestamp for this request is outside of the recvWindow.")

    def now_ms(self) -> int:
        """The exchange's time."""
        return int(self.clock.wall() * 1000) + self.clock_offset_ms

    def _built_in(self, call: Call) -> Json:
        """What a product describes as data: the clock, the session, user data."""
        signing, peer = self.product.signing, call.peer
        if signing is not None and signing.clock_method == call.method and call.method not in self.handlers:
            return {signing.clock_result: self.now_ms()}
        if signing is not None and signing.logon and call.method == signing.logon:
            peer.logged_on = call.user
            return {signing.key: call.user}
        if signing is not None and signing.logout and call.method == signing.logout:
            peer.logged_on = ""
            return {}
        for scheme in self.product.user_data:
            answer = self._user_method(call, scheme)
            if answer is not None:
                return answer
        return None

    # Streams

    def _names(self, socket: Socket, command: Command, params: Json) -> list[str]:
        """The streams that a command names."""
        if command.params == "names":
            return [str(name) for name in params] if isinstance(params, list) else []
        shape = socket.stream
        names = [""]
        for pointer in shape.keys if shape is not None else ():
            value = get(params, "/" + pointer.rpartition("/")[2])
            values = value if isinstance(value, list) else [] if value is None else [value]
            separator = shape.separator if shape is not None else ""
            names = [f"{name}{separator if name else ''}{one}" for name in names for one in values] or names
        return names

    def _subscribe(self, peer: Peer, socket: Socket, command: Command, params: Json) -> object:
        names = self._names(socket, command, params)
        for name in names:
            self.counters.subscribed[name] += 1
            fault = self._faults.next(name)
            if fault is not None and fault.kind == "refuse":
                raise Refusal(fault.code, fault.message, status=fault.status or 400)
        if socket.streams is not None and len(set(peer.streams) | set(names)) > socket.streams:
            raise Refusal(self._code(BadRequest), "too many streams")
        peer.streams.update(dict.fromkeys(names, params))
        return params if command.params == "object" else None

    def _unsubscribe(self, peer: Peer, socket: Socket, command: Command, params: Json) -> object:
        for name in self._names(socket, command, params):
            peer.streams.pop(name, None)
        return params if command.params == "object" else None

    # User data

    def _user_method(self, call: Call, scheme: UserData) -> Json:
        peer, params, method = call.peer, call.params, call.method
        if scheme.subscribe and method == scheme.subscribe:
            if scheme.scheme == "session" and not peer.logged_on:
                raise Refusal(self._code(AuthError), "the session is not logged on", status=401)
            id = peer.next_subscription
            peer.next_subscription += 1
            peer.user_data[id] = call.user or str(params.get(scheme.key, ""))
            return {scheme.subscription: id} if scheme.subscription else {}
        if scheme.unsubscribe and method == scheme.unsubscribe:
            wanted = params.get(scheme.subscription)
            for known in [known for known in peer.user_data if wanted in (None, known)]:
                del peer.user_data[known]
            return {}
        return self._listen_key_method(call, scheme)

    def _listen_key_method(self, call: Call, scheme: UserData) -> Json:
        now, ends = self.clock.monotonic(), self.clock.monotonic() + (scheme.expires or 3600)
        valid = [key for key, end in self.listen_keys.items() if end > now]
        if scheme.start and call.method == scheme.start:
            key = valid[-1] if valid else f"listen-key-{len(self.listen_keys) + 1}"
            self.listen_keys[key] = ends
            return {scheme.key: key}
        if scheme.keepalive and call.method == scheme.keepalive:
            key = str(call.params.get(scheme.key) or (valid[-1] if valid else ""))
            if key not in valid:
                raise Refusal(-1125, "This listenKey does not exist.")
            self.listen_keys[key] = ends
            return {scheme.key: key}
        if scheme.stop and call.method == scheme.stop:
            self.listen_keys.clear()
            return {}
        return None

    def _welcome_user(self, peer: Peer) -> None:
        """A connection with a listen key receives user data at once."""
        for scheme in self.product.user_data:
            if peer.socket is None or not scheme.socket or peer.socket.name != scheme.socket:
                continue
            key = peer.query.get(scheme.query, "") if scheme.query else peer.path.rpartition("/")[2]
            if self.listen_keys.get(key, 0) > self.clock.monotonic():
                peer.user_data[key] = key

    def expire_listen_keys(self) -> None:
        """End every listen key now, with the documented event."""
        for scheme in self.product.user_data:
            for peer in list(self.peers):
                if scheme.expired and peer.socket is not None and peer.socket.event is not None and peer.user_data:
                    id = next(iter(peer.user_data))
                    peer.say(self._user_frame(peer, id, {peer.socket.event.tag.lstrip("/"): scheme.expired}))
                    peer.user_data.clear()
        self.listen_keys = dict.fromkeys(self.listen_keys, 0.0)
