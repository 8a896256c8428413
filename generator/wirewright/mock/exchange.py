"""A server on this machine for everything that a spec describes: it answers, pushes, checks, and says what is wrong.

async with MockExchange(api) as exchange:
    client = ChatClient(server=exchange.server)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from wirewright.mock.addresses import BARE
from wirewright.mock.answers import Answers, variant_of
from wirewright.mock.binance import Binance
from wirewright.mock.feed import Feed
from wirewright.mock.listening import Ear, Wrong
from wirewright.mock.payloads import places
from wirewright.mock.product import product_of, requests_of
from wirewright.mock.values import get, is_list, is_object, put
from wirewright.model.api import Api, Method
from wirewright.model.types import Kind, Nullable, Scalar, Type
from wirewright_runtime import BadRequest, Clock, Credential, Ed25519Key, HmacKey, Product, RsaKey
from wirewright_runtime.testing import Call, Entry, FakeExchange, Peer, Refusal

Tell = Callable[[str], None]
SECRET = re.compile("key|secret|token|signature|password|credential", re.IGNORECASE)
"""Names of what is told to nobody."""

TIMES = (Scalar(Kind.TIME), Nullable(Scalar(Kind.TIME)))
RULES = {"binance": Binance}


def silent(_line: str) -> None:
    """Say nothing."""


class MockExchange(FakeExchange):
    """Serves an API of the model.

    Args:
        api: What it serves.
        product: The same as the runtime takes it, where it is not as the model says.
        keys: Keys of its users. Without any, every key is believed.
        clock: Where the time comes from.
        tell: Gets a line for everything worth knowing: connections, and what is wrong with a message.
        weight_limit: Weight of requests that a minute allows; answers tell it, and more is refused.
    """

    def __init__(
        self,
        api: Api,
        *,
        product: Product | None = None,
        keys: Iterable[Credential] = (),
        clock: Clock | None = None,
        tell: Tell = silent,
        weight_limit: int | None = None,
    ) -> None:
        self.users = [key for key in keys if isinstance(key, (HmacKey, RsaKey, Ed25519Key))]
        served = product or product_of(api)
        super().__init__(
            RULES[api.mock].served(served) if api.mock in RULES else served,
            keys=self.users,
            methods=requests_of(api),
            clock=clock or Clock(),
            weight_limit=weight_limit,
        )
        self.api = api
        self.tell = tell
        self.answers = Answers(api)
        self.ear = Ear(api)
        self.feed = Feed(api, self)
        self.rules = RULES[api.mock](self) if api.mock in RULES else None
        self._listen_keys: dict[str, str] = {}
        self._user_events = {tag: event.type for event in api.events if event.user_data for tag in event.tags}

    def add_key(self, key: Credential) -> None:
        """One more user."""
        super().add_key(key)
        if isinstance(key, (HmacKey, RsaKey, Ed25519Key)):
            self.users.append(key)

    async def stop(self) -> None:
        """Drop everything."""
        self.feed.stop()
        await super().stop()

    def knows(self, name: str) -> bool:
        """Whether a method, a command or a stream is called so."""
        commands = [one for socket in self.product.sockets for one in (socket.subscribe, socket.unsubscribe)]
        named = [*(method.wire for method in self.api.methods), *(one.method for one in commands if one is not None)]
        return name in named or self.feed.find(name) is not None

    def opened(self, peer: Peer) -> None:
        """A connection is open."""
        super().opened(peer)
        self.tell(f"connection {peer.number}: opened, {peer.socket.path}")
        for line in self.ear.missing_at(self.socket_of(peer), peer.query, peer.headers):
            self.tell(f"connection {peer.number}: {line}")
        if self.rules is not None:
            self.rules.opened(peer)
        if peer.socket.subscribe is None:
            self.feed.greet(peer)

    def gone(self, peer: Peer) -> None:
        """A connection ended."""
        super().gone(peer)
        self.feed.end(peer)
        self.tell(f"connection {peer.number}: closed")

    def subscribed(self, peer: Peer, name: str) -> None:
        """A connection has a new stream: its events begin."""
        found = self.feed.find(name)
        if found is None:
            called = "a name" if name.isalnum() else repr(name)  # a listen key has no sign in it
            self.tell(f"connection {peer.number}: {called} is acknowledged and stays silent: no stream is called so")
        elif not self.carries(peer, name):
            own, asked = found.stream.socket, self.socket_of(peer)
            self.tell(
                f"connection {peer.number}: {name!r} is acknowledged and stays silent: it is on {own}, not on {asked}"
            )
        self.feed.start(name)

    def carries(self, peer: Peer, stream: str) -> bool:
        """Whether a connection gets the events of a stream: only where they are served."""
        found = self.feed.find(stream) if stream else None
        routed = found is None or found.stream.socket == self.socket_of(peer)
        return routed and super().carries(peer, stream)

    def socket_of(self, peer: Peer) -> str:
        """Which of the model's sockets a connection is."""
        return peer.socket.name.removesuffix(BARE)

    def method_of(self, peer: Peer, frame: Any) -> str:
        """Which method a message calls; a message that nobody answers is only looked at."""
        named = super().method_of(peer, frame) if self._has_names(peer) else ""
        ruled = self.rules is not None and named in self.rules.rules
        if named and (ruled or named in self._commands(peer) or self.ear.method(self.socket_of(peer), named)):
            return named
        heard = self.ear.hear(self.socket_of(peer), frame)
        if isinstance(heard.said, Method):
            return heard.said.wire
        if heard.said is None:
            self.tell(f"connection {peer.number}: nobody knows this message: {shown(frame)}")
            return named
        self._complain(peer, heard.said.name, heard.wrong)
        return ""

    def answer_to(self, call: Call, known: Any) -> Any:
        """What a method gives: a handler's result, what a rule says, or the example with what was asked put in."""
        method = self.ear.method(self.socket_of(call.peer), call.method, call.params)
        rule = self.rules.rules.get(call.method) if self.rules is not None else None
        if call.method in self.handlers or (method is None and rule is None):
            if self.rules is not None and call.method not in self.handlers:
                raise self.rules.refusals.unknown_method()
            return super().answer_to(call, known)
        if method is None:
            return rule(call) if rule is not None else None
        self._check(call, method)
        result = rule(call) if rule is not None else self._example(call, method, known)
        return self._whole(call, self._in_unit(call.peer, result, variant_of(method, call.params).result))

    def _example(self, call: Call, method: Method, known: Any) -> Any:
        """The documented example, with what was asked and what is known put in."""
        result = self.answers.answer(method, call.params)
        if method.security == "NONE":
            self.dress(result, variant_of(method, call.params).result, str(call.params.get("symbol", "")))
        if is_object(known) and is_object(result):
            result |= known
            self._remember_listen_key(call, result)
        return result

    def _check(self, call: Call, method: Method) -> None:
        """Say what is wrong with a request, and refuse it where there is a way to."""
        wrong = tuple(self.ear.check(method, call.params, "$", self._address_of(call.peer)))
        self._complain(call.peer, call.method, wrong)
        if self.rules is not None:
            self.rules.refusals.check(method, call, wrong)
        elif wrong and self._has_errors(call.peer):
            raise Refusal(self.code_of(BadRequest), "; ".join(map(str, wrong)))

    def no_entry(self, why: Entry) -> Refusal:
        """The error for a request whose sender is not known."""
        own = self.rules.refusals.no_entry(why) if self.rules is not None else None
        return own or super().no_entry(why)

    def dress(self, payload: Any, kind: Type, symbol: str, number: int = 0) -> None:
        """Make market data look as the rules would have them."""
        if self.rules is not None:
            self.rules.dress(payload, kind, symbol, number)

    def push_to(self, user: str, event: object) -> None:
        """Send user data to one user: to subscriptions under the API key, and under its listen keys."""
        for owner in (user, *(key for key, holder in self._listen_keys.items() if holder == user)):
            self.push_user(event, user=owner)

    def worded(self, peer: Peer, stream: str, event: Any) -> Any:
        """An event with its times in the unit that the connection asked for."""
        found = self.feed.find(stream) if stream else None
        kind = found.stream.event if found is not None else self._user_events.get(str(get(event, "/e")))
        return event if kind is None else self._in_unit(peer, event, kind)

    def _in_unit(self, peer: Peer, payload: Any, kind: Type) -> Any:
        if peer.query.get("timeUnit", "").upper() != "MICROSECOND":
            return payload
        copy = msgspec.json.decode(msgspec.json.encode(payload))
        for place in places(copy, kind, self.ear.types):
            if place.field.type in TIMES and isinstance(place.value, int) and place.value > 0:
                place.set(place.value * 1000)
        return copy

    def _remember_listen_key(self, call: Call, result: Any) -> None:
        for scheme in self.product.user_data:
            if scheme.start == call.method and scheme.key in result:
                self._listen_keys[str(result[scheme.key])] = call.user

    def _whole(self, call: Call, result: Any) -> Any:
        """Where a reply is the whole frame, its id is that of the request, and a text is JSON."""
        shape = call.peer.socket.reply
        if shape is None or shape.result:
            return result
        if shape.id and is_object(result):
            put(result, shape.id, call.id)
        return msgspec.json.encode(result) if isinstance(result, str) else result

    def _complain(self, peer: Peer, name: str, wrong: Iterable[Wrong]) -> None:
        for one in wrong:
            told = f"{one.where}: {one.kind}" if SECRET.search(one.where) else one
            self.tell(f"connection {peer.number}: {name}: {told}")

    def _has_names(self, peer: Peer) -> bool:
        return peer.socket.request is not None and bool(peer.socket.request.method)

    def _has_errors(self, peer: Peer) -> bool:
        shape = peer.socket.reply
        return shape is not None and bool(shape.error or shape.message)

    def _commands(self, peer: Peer) -> set[str]:
        commands = peer.socket.subscribe, peer.socket.unsubscribe, peer.socket.list
        return {command.method for command in commands if command is not None}

    def _address_of(self, peer: Peer) -> set[str]:
        """Parameters that the address of a connection holds."""
        own = next((one for one in self.api.sockets if one.name == self.socket_of(peer)), None)
        return {one.name for one in own.parameters} if own is not None else set()


def shown(frame: Any) -> str:
    """A message as it fits on a line, without what nobody but its sender should see."""
    if is_object(frame):
        frame = {name: "..." if SECRET.search(name) else shown(one) for name, one in frame.items()}
        text = "{" + ", ".join(f"{name}: {one}" for name, one in frame.items()) + "}"
    else:
        text = "[...]" if is_list(frame) else str(frame)
    return text if len(text) <= 80 else text[:77] + "..."
