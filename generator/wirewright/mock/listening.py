"""What clients say, held against the model: which method or message it is, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, cast

from wirewright.load.conform import mismatches
from wirewright.load.joining import bare
from wirewright.load.node import Atom, Node
from wirewright.mock.limits import broken
from wirewright.mock.payloads import Types, places
from wirewright.mock.values import get, is_list, is_object
from wirewright.model.api import Api, Message, Method, Parameter, RuleKind, Socket
from wirewright.model.types import Field, Kind, Nullable, Origin, Ref, Scalar, StructType, Type
from wirewright.model.types import Literal as Constant

_HERE = Origin("message")


@dataclass(frozen=True)
class Wrong:
    """One thing that is wrong with a message: where (``$.params.symbol``), and what."""

    kind: Literal["missing", "malformed", "combination"]
    where: str
    what: str
    parameter: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@dataclass(frozen=True)
class Heard:
    """What a message is, as far as anybody knows."""

    said: Method | Message | None
    wrong: tuple[Wrong, ...] = ()


class Ear:
    """Understands what is said on each kind of socket."""

    def __init__(self, api: Api) -> None:
        self.types: Types = {one.name: one for one in api.types}
        self._amount = re.compile(api.amount_pattern) if api.amount_pattern else None
        self._sockets = {one.name: one for one in api.sockets}
        self._methods = {one.name: [m for m in api.methods if m.socket == one.name] for one in api.sockets}
        self._messages = {one.name: [m for m in api.messages if m.socket == one.name] for one in api.sockets}

    def missing_at(self, socket: str, query: Mapping[str, str], headers: Mapping[str, str]) -> Iterator[str]:
        """What the handshake of a socket lacks: required query parameters and headers."""
        own = self._sockets.get(socket)
        sent = {name.lower() for name in headers}
        for one in own.query if own is not None else ():
            if one.required and one.wire not in query:
                yield f"the query parameter {one.wire!r} is missing"
        for one in own.headers if own is not None else ():
            if one.required and one.wire.lower() not in sent:
                yield f"the header {one.wire!r} is missing"

    def hear(self, socket: str, frame: Any) -> Heard:
        """What a message is: the method that it names, or else what fits best."""
        own = self._sockets.get(socket)
        if own is None:
            return Heard(None)
        named = self._named(own, frame)
        candidates = named or [one for one in self._methods[socket] if not self._has_name(own)]
        heard = [Heard(one, tuple(self.wrong_parameters(one, frame, own))) for one in candidates]
        messages = [one for one in self._messages[socket] if not named and not self._says_other(one, frame)]
        heard += [Heard(one, tuple(self._misfits(frame, one.type, "$"))) for one in messages]
        return min(heard, key=lambda one: len(one.wrong), default=Heard(None))

    def method(self, socket: str, wire: str, params: object = None) -> Method | None:
        """The method of that name; of several the one that these parameters fit best."""
        own = [one for one in self._methods.get(socket, ()) if one.wire == wire]
        if len(own) < 2:
            return own[0] if own else None
        return min(own, key=lambda one: sum(1 for _ in self.check(one, params)))

    def wrong_parameters(self, method: Method, frame: Any, socket: Socket | None = None) -> Iterator[Wrong]:
        """What is wrong with the parameters of a request."""
        socket = socket or self._sockets[method.socket]
        pointer = socket.request.params if socket.request is not None else ""
        params = get(frame, pointer) if pointer else frame
        yield from self.check(method, params, "$" + pointer.replace("/", "."), {one.name for one in socket.parameters})

    def check(
        self, method: Method, params: Any, where: str = "$", ours: frozenset[str] | set[str] = frozenset()
    ) -> Iterator[Wrong]:
        """The same for the parameters alone. `ours` are those that the address holds."""
        given = params if is_object(params) else dict[str, Any]()
        for one in method.parameters:
            if one.name in ours:
                continue
            place = f"{where}.{one.wire}" if one.wire else where
            value = given.get(one.wire) if one.wire else given.get("", params)  # the whole of a message
            if value is None:
                null = one.wire in given
                if (one.required or null) and not (null and isinstance(one.type, Nullable)):
                    what = "null" if null else "missing"
                    yield Wrong("missing", place, f"{one.wire!r} is {what}", one.wire)
            else:
                yield from self._malformed(one, value, place)
        yield from _broken_rules(method, given, where)

    def _malformed(self, one: Parameter, value: Any, where: str) -> Iterator[Wrong]:
        yield from self._misfits(value, one.type, where, one.wire)
        if bare(one.type) == Scalar(Kind.DECIMAL) and self._amount and not self._amount.fullmatch(str(value)):
            yield Wrong("malformed", where, f"{value!r} is no amount", one.wire)
        for what in broken(one.limits, value):
            yield Wrong("malformed", where, what, one.wire)
        if one.values and str(value) not in one.values:
            yield Wrong("malformed", where, f"{value!r} is not {' or '.join(one.values)}", one.wire)
        if isinstance(value, int) and not isinstance(value, bool):
            if one.minimum is not None and value < Decimal(one.minimum):
                yield Wrong("malformed", where, f"{value} is less than {one.minimum}", one.wire)
            if one.maximum is not None and value > Decimal(one.maximum):
                yield Wrong("malformed", where, f"{value} is more than {one.maximum}", one.wire)

    def _misfits(self, value: Any, kind: Type, where: str, wire: str = "") -> Iterator[Wrong]:
        """Where a value is not of its type, or breaks a limit of one of its fields."""
        root = node_of(value)
        for node, what in mismatches(root, kind, self.types, sent=True):
            yield Wrong("malformed", where + path_in(root, node), what, wire)
        for place in places(value, kind, self.types):
            for what in broken(place.field.limits, place.value):
                yield Wrong("malformed", where + place.path, what, wire)

    def _says_other(self, message: Message, frame: Any) -> bool:
        """Whether a message says of itself that it is another one: a property that never varies has another value."""
        named = self.types.get(message.type.name) if isinstance(message.type, Ref) else None
        constant = (
            [one for one in named.fields if isinstance(one.type, Constant)] if isinstance(named, StructType) else []
        )
        return is_object(frame) and any(one.wire in frame and frame[one.wire] not in _values(one) for one in constant)

    def _has_name(self, socket: Socket) -> bool:
        return socket.request is not None and bool(socket.request.method)

    def _named(self, socket: Socket, frame: Any) -> list[Method]:
        """The methods of the name that a request says: several where they differ in what they ask."""
        if socket.request is None or not socket.request.method:
            return []
        name = get(frame, socket.request.method)
        return [one for one in self._methods[socket.name] if one.wire == str(name)]


def _values(one: Field) -> tuple[object, ...]:
    return one.type.values if isinstance(one.type, Constant) else ()


def _broken_rules(method: Method, given: dict[str, Any], where: str) -> Iterator[Wrong]:
    """The rules between parameters that a request breaks."""
    wires = {one.name: one.wire for one in method.parameters}
    for rule in method.rules:
        cases = ((rule.when, rule.values), *rule.alternatives) if rule.when else ()
        holds = not cases or any(_holds(given.get(wires[name]), values) for name, values in cases)
        there = [wires[name] for name in rule.parameters if given.get(wires[name]) is not None]
        missing = [wires[name] for name in rule.parameters if wires[name] not in there]
        names = ", ".join(wires[name] for name in rule.parameters)
        if rule.kind is RuleKind.ONLY_THEN:
            if there and not holds:
                yield Wrong("combination", where, f"{there[0]!r} may not be sent here", there[0])
        elif not holds:
            continue
        elif rule.kind is RuleKind.NOT_THEN and there:
            yield Wrong("combination", where, f"{there[0]!r} may not be sent here", there[0])
        elif rule.kind in (RuleKind.MANDATORY, RuleKind.ONLY_WITH) and missing:
            yield Wrong("missing", f"{where}.{missing[0]}", f"{missing[0]!r} is missing", missing[0])
        elif rule.kind in (RuleKind.AT_LEAST_ONE, RuleKind.EXACTLY_ONE) and not there:
            yield Wrong("missing", f"{where}.{missing[0]}", f"one of {names} is missing", missing[0])
        elif rule.kind in (RuleKind.AT_MOST_ONE, RuleKind.EXACTLY_ONE) and len(there) > 1:
            yield Wrong("combination", where, f"only one of {names} may be sent", there[1])


def _holds(value: object, values: tuple[str, ...]) -> bool:
    return value is not None and (
        not values or (str(value).lower() if isinstance(value, bool) else str(value)) in values
    )


def node_of(value: Any) -> Node:
    """A JSON value as the checks of the loader take it."""
    if is_object(value):
        return Node({key: node_of(one) for key, one in value.items()}, _HERE)
    if is_list(value):
        return Node([node_of(one) for one in value], _HERE)
    return Node(cast(Atom, value), _HERE)


def path_in(root: Node, wanted: Node) -> str:
    """Where a node stands: ``.data[0].price``."""
    return next(_paths(root, wanted), "")


def _paths(root: Node, wanted: Node, path: str = "") -> Iterator[str]:
    if root is wanted:
        yield path
    for key, one in root.map.items():
        yield from _paths(one, wanted, f"{path}.{key}")
    for index, one in enumerate(root.list):
        yield from _paths(one, wanted, f"{path}[{index}]")
