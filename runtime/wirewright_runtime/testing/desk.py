"""What requests do at a loopback exchange: who sent them is checked, the built-in ones are done, the others are handled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeAlias, Unpack, cast

from wirewright_runtime.envelope import get
from wirewright_runtime.errors import ApiError, AuthError, BadRequest, ClockError
from wirewright_runtime.product import Command, Product, Socket, UserData
from wirewright_runtime.request import Request
from wirewright_runtime.signing import Credential, Ed25519Key, HmacKey, RsaKey, SocketText
from wirewright_runtime.testing.faults import Fault, Faults
from wirewright_runtime.testing.peers import Peer
from wirewright_runtime.testing.reception import ExchangeOptions, Reception
from wirewright_runtime.types import Auth, Json

Params = dict[str, Any]
Entry: TypeAlias = Literal["unsigned", "unknown", "signature"]
"""Why a request is not let in: it has no signature, an API key that nobody knows, or a wrong signature."""


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


class Desk(Reception):
    """Where the requests of every connection arrive. How they are worded is for a subclass."""

    def __init__(
        self,
        product: Product,
        *,
        methods: Mapping[str, type[Request[object]]] | None = None,
        examples: Mapping[str, Json] | None = None,
        **options: Unpack[ExchangeOptions],
    ) -> None:
        super().__init__(product, **options)
        self.handlers: dict[str, Handler] = {}
        """The functions that answer, by method."""
        self.listen_keys: dict[str, float] = {}
        """When each listen key ends, in seconds of the clock."""
        self.clock_offset_ms = 0
        """How far the exchange's clock is ahead of this machine's."""
        self._results = dict(examples or {})
        self._keys: dict[str, HmacKey | RsaKey | Ed25519Key] = {}
        self._methods = dict(methods or {})
        self._faults = Faults()
        for key in options.get("keys", ()):
            Desk.add_key(self, key)  # what a subclass does more is for those who come later

    def add_key(self, key: Credential) -> None:
        """One more user."""
        if isinstance(key, (HmacKey, RsaKey, Ed25519Key)):
            self._keys[key.api_key] = key

    def answer(self, method: str, result: Any) -> None:
        """Always answer a method with this result: JSON, or a model."""
        self._results[method] = result

    def example(self, method: str) -> Any:
        """What a method answers where nobody handles it."""
        return self._results[method]

    def handle(self, method: str, handler: Handler) -> None:
        """Answer a method with what a function gives: a result, an awaitable of one, or a raised `Refusal`."""
        self.handlers[method] = handler

    def now_ms(self) -> int:
        """The exchange's time."""
        return int(self.clock.wall() * 1000) + self.clock_offset_ms

    def code_of(self, error: type[ApiError]) -> int | str:
        """The product's code for a class of errors."""
        return next((code for code, known in self.product.errors.items() if known.error is error), -1)

    # What a product's own exchange may do otherwise

    def answer_to(self, call: Call, known: Json) -> Any:
        """The result of a request whose sender is known, or an awaitable of it: a handler's, or the example.

        Args:
            call: The request.
            known: What the product's data decide by themselves (clock, session, user data); None: nothing.
        """
        if known is not None:
            return known
        handler = self.handlers.get(call.method)
        if handler is not None:
            return handler(call)
        if call.method not in self._results:
            raise Refusal(self.code_of(BadRequest), f"unknown method {call.method}")
        return self._results[call.method]

    def subscribed(self, peer: Peer, name: str) -> None:
        """A connection has a stream that it did not have. This exchange pushes only what it is told to."""

    def no_entry(self, why: Entry) -> Refusal:
        """The error for a request whose sender is not known."""
        unsigned = "the request is not signed"
        message = unsigned if why == "unsigned" else "Signature for this request is not valid."
        return Refusal(self.code_of(AuthError), message, status=401)

    # Requests

    def perform(self, call: Call, params: Json) -> Any:
        """What a request results in; maybe an awaitable of it. Raises `Refusal`."""
        peer, socket = call.peer, call.peer.socket
        for command, work in ((socket.subscribe, self._subscribe), (socket.unsubscribe, self._unsubscribe)):
            if command is not None and call.method == command.method:
                self.counters.commands.append(self.clock.monotonic())
                return work(peer, socket, command, params)
        if socket.list is not None and call.method == socket.list.method:
            return sorted(peer.streams)
        call.params = dict(params) if isinstance(params, dict) else {} if params is None else {"": params}
        call.user = self._authenticate(call)
        self._count_order(call)
        return self.answer_to(call, self._built_in(call))

    def _count_order(self, call: Call) -> None:
        cls = self._methods.get(call.method)
        if cls is not None and cls.spec.changes_state:
            wires = dict(zip(cls.__struct_fields__, cls.__struct_encode_fields__, strict=True))
            order_id = call.params.get(wires.get(cls.spec.client_order_id, ""))
            self.counters.orders[str(call.id) if order_id is None else str(order_id)] += 1

    # Who sent it

    def _authenticate(self, call: Call) -> str:
        """Who sent a request. Refuses a wrong signature, a wrong clock and a missing proof."""
        signing, params = self.product.signing, call.params
        if signing is None:
            return ""
        cls = self._methods.get(call.method)
        auth = cls.spec.auth if cls is not None else Auth.NONE
        user = str(params.get(signing.key, ""))
        key = self._keys.get(user)
        if signing.signature not in params:
            if auth is Auth.SIGNED and not call.peer.logged_on:
                raise self.no_entry("unsigned")
            if auth is Auth.KEY and self._keys and key is None:
                raise self.no_entry("unknown")
            return call.peer.logged_on or (user if auth is Auth.KEY else "")
        self._check_time(params.get(signing.timestamp), params.get(signing.window, signing.window_default))
        rest = {name: value for name, value in params.items() if name != signing.signature}
        if self._keys and key is None:
            raise self.no_entry("unknown")
        if key is not None and key.sign_socket(SocketText(rest)) != params[signing.signature]:
            raise self.no_entry("signature")
        return user

    def _check_time(self, timestamp: object, window: object) -> None:
        late = self.now_ms() - timestamp if isinstance(timestamp, int) else None
        if late is None or late > float(str(window)) or late < -1000:
            code = self.product.signing.clock_refused if self.product.signing is not None else 0
            raise Refusal(code or self.code_of(ClockError), "Timestamp for this request is outside of the recvWindow.")

    # What a product describes as data: the clock, the session

    def _built_in(self, call: Call) -> Json:
        signing, peer = self.product.signing, call.peer
        known = cast("dict[str, Json]", self._results.get(call.method) or {})
        if signing is not None and signing.status and signing.status == call.method not in self.handlers:
            return known | {signing.key: peer.logged_on or None, signing.clock_result: self.now_ms()}
        if signing is not None and signing.clock_method == call.method and call.method not in self.handlers:
            return {signing.clock_result: self.now_ms()}
        if signing is not None and signing.logon and call.method == signing.logon:
            peer.logged_on = call.user
            return known | {signing.key: call.user}
        if signing is not None and signing.logout and call.method == signing.logout:
            peer.logged_on = ""
            return known | {signing.key: None}
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
            fault = self._faults.next(name, "refuse")
            if fault is not None:
                raise Refusal(fault.code, fault.message, status=fault.status or 400)
        if socket.streams is not None and len(set(peer.streams) | set(names)) > socket.streams:
            raise Refusal(self.code_of(BadRequest), "too many streams")
        new = [name for name in names if name not in peer.streams]
        peer.streams.update(dict.fromkeys(names, params))
        for name in new:
            self.subscribed(peer, name)
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
                raise Refusal(self.code_of(AuthError), "the session is not logged on", status=401)
            id = peer.next_subscription
            peer.next_subscription += 1
            peer.user_data[id] = call.user or str(params.get(scheme.key, ""))
            answer = cast("dict[str, Json]", self._results.get(method) or {})
            return answer | ({scheme.subscription: id} if scheme.subscription else {})
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
                raise Refusal(self.code_of(BadRequest), f"This {scheme.key} does not exist.")
            self.listen_keys[key] = ends
            return {scheme.key: key}
        if scheme.stop and call.method == scheme.stop:
            self.listen_keys.clear()
            return {}
        return None

    def welcome(self, peer: Peer) -> None:
        """A connection with a listen key receives user data at once."""
        for scheme in self.product.user_data:
            key = peer.query.get(scheme.query, "") if scheme.query else peer.path.rpartition("/")[2]
            if peer.socket.name == scheme.socket and self.listen_keys.get(key, 0) > self.clock.monotonic():
                peer.user_data[key] = key
