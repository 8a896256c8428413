"""Events that nobody asked for by a request: streams at their documented pace, and what a document's server says by itself.

An event is the documented example with the current time, the subscribed symbol and numbers that grow.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from wirewright.load.conform import mismatches
from wirewright.mock.answers import item_of
from wirewright.mock.listening import node_of
from wirewright.mock.payloads import Place, Types, places, sample
from wirewright.model.api import Api, Event, Stream
from wirewright.model.modules import reached
from wirewright.model.types import EnumType, Kind, Ref, Scalar, Type

if TYPE_CHECKING:
    from wirewright.mock.exchange import MockExchange
    from wirewright_runtime.testing import Peer

DRIVEN_BY_EVENTS = 0.5
"""Seconds between events where the documents say that they come when something happens."""

_SOON = 0.02
_A_TIME = 10**11  # milliseconds since 1970; what is smaller is a placeholder


@dataclass(frozen=True)
class Subscribed:
    """A stream and the values that its name gave to the placeholders, by Python name."""

    stream: Stream
    values: Mapping[str, str]

    @property
    def pace(self) -> float:
        speeds = dict(self.stream.intervals)
        return speeds.get(self.values.get("update_speed", ""), self.stream.interval or DRIVEN_BY_EVENTS)


class Feed:
    """Pushes events to whoever subscribed to them."""

    def __init__(self, api: Api, exchange: MockExchange) -> None:
        self.types: Types = {one.name: one for one in api.types}
        self._api = api
        self._exchange = exchange
        self._patterns = [(_pattern(one, name), one) for one in api.streams for name in one.patterns]
        self._timers: dict[object, asyncio.TimerHandle] = {}
        self._count: Counter[str] = Counter()
        self._found: dict[str, Subscribed | None] = {}
        self._last: dict[str, int] = {}

    def last(self, beginning: str, default: int) -> int:
        """The last number of the streams whose names begin so."""
        return max((number for name, number in self._last.items() if name.startswith(beginning)), default=default)

    def find(self, name: str) -> Subscribed | None:
        """The stream that a name means."""
        if name not in self._found:
            matches = ((pattern.fullmatch(name), stream) for pattern, stream in self._patterns)
            found = [Subscribed(stream, _given(stream, match)) for match, stream in matches if match]
            found.sort(key=lambda one: not self._looks_right(one))
            self._found[name] = found[0] if found else None
        return self._found[name]

    def _looks_right(self, found: Subscribed) -> bool:
        """Whether a symbol is spelled like the documented ones: where a pair has a stream of the same name, `_` tells."""
        symbol = found.values.get("symbol")
        fields = places(self._example(found.stream), found.stream.event, self.types)
        shown = [str(one.value) for one in fields if one.field.name == "symbol"]
        return symbol is None or not shown or ("_" in symbol) == ("_" in shown[0])

    def start(self, name: str) -> None:
        """Push the events of a stream, as long as somebody has it."""
        if name not in self._timers and self.find(name) is not None:
            self._timers[name] = asyncio.get_running_loop().call_later(_SOON, self._tick, name)

    def greet(self, peer: Peer) -> None:
        """Push what a socket brings without being asked: one event of each kind at once, then one each second."""
        name = peer.socket.name
        events = [one for stream in self._api.streams if stream.socket == name for one in self._brought_by(stream)]
        if events:
            self._timers[peer] = asyncio.get_running_loop().call_later(_SOON, self._say, peer, events, 0)

    def end(self, what: object) -> None:
        """No more events for a connection or of a stream."""
        timer = self._timers.pop(what, None)
        if timer is not None:
            timer.cancel()

    def stop(self) -> None:
        """No more events."""
        for what in list(self._timers):
            self.end(what)

    def event(self, name: str) -> Any:
        """The next event of a stream."""
        found = self.find(name)
        if found is None:
            raise LookupError(f"no stream of {self._api.title} is called {name!r}")
        number = self._count[name]
        self._count[name] += 1
        payload = self._example(found.stream)
        fields = list(places(payload, found.stream.event, self.types))
        self._last[name] = self._count_on(found.stream, fields, number)
        self._fill(fields, found.values)
        bring_up_to_date(fields, self._exchange.now_ms())
        symbol = found.values.get("symbol") or found.values.get("pair", "")
        self._exchange.dress(payload, found.stream.event, symbol, number)
        return payload

    def _brought_by(self, stream: Stream) -> list[Event]:
        """The events that a stream may bring; itself as one where it has no named events."""
        names = reached([stream.event], self.types)
        found = [one for one in self._api.events if isinstance(one.type, Ref) and one.type.name in names]
        found += [one for one in self._api.events if one.socket == stream.socket and one not in found]
        events = [one for one in found if not one.user_data]
        return events or [Event(stream.event, stream.name, (), stream.origin, examples=stream.examples)]

    def _tick(self, name: str) -> None:
        del self._timers[name]
        found = self.find(name)
        if found is not None and any(name in peer.streams for peer in self._exchange.peers):
            self._exchange.push(name, self.event(name))
            self._timers[name] = asyncio.get_running_loop().call_later(found.pace, self._tick, name)

    def _say(self, peer: Peer, events: list[Event], turn: int) -> None:
        now = events if turn == 0 else [events[turn % len(events)]]
        peer.say(*(msgspec.json.encode(self._pushed(one)) for one in now))
        self._timers[peer] = asyncio.get_running_loop().call_later(1.0, self._say, peer, events, turn + 1)

    def _pushed(self, event: Event) -> Any:
        documented = [decoded(one.json) for one in event.examples if is_of(one.json, event.type, self.types)]
        payload = documented[0] if documented else sample(event.type, self.types)
        bring_up_to_date(list(places(payload, event.type, self.types)), self._exchange.now_ms())
        return payload

    def _example(self, stream: Stream) -> Any:
        fitting = [one for one in stream.examples if one.type == stream.event]
        return decoded(fitting[0].json) if fitting else self._made(stream.event)

    def _made(self, kind: Type) -> Any:
        """A payload that no example shows: of a list one of its events, where another stream has an example of that."""
        item = item_of(kind, self.types)
        shown = [one for stream in self._api.streams for one in stream.examples if one.type == item]
        return [decoded(shown[0].json)] if item != kind and shown else sample(kind, self.types)

    def _fill(self, fields: list[Place], values: Mapping[str, str]) -> None:
        for place in fields:
            value = values.get(place.field.name)
            if value is not None and isinstance(place.value, str):
                place.set(self._spelled(place, value))

    def _spelled(self, place: Place, value: str) -> str:
        """A value as events write it: symbols are lower case in names of streams, and upper case in events."""
        kind = place.field.type
        named = self.types.get(kind.name) if isinstance(kind, Ref) else None
        if isinstance(named, EnumType):
            return next((str(one.wire) for one in named.values if str(one.wire).lower() == value.lower()), value)
        return value.upper() if place.field.name in ("symbol", "pair") else value

    def _count_on(self, stream: Stream, fields: list[Place], number: int) -> int:
        """Let numbers grow as the stream's sequence says, and every id with them; gives the last number of the event."""
        sequence = stream.sequence
        wires = {place.field.wire: place for place in fields}
        last = wires.get(sequence.last or sequence.key) if sequence is not None else None
        if sequence is not None and last is not None and isinstance(last.value, int):
            first = wires.get(sequence.first)
            span = last.value - first.value + 1 if first is not None else 1
            now = last.value + number * span
            last.set(now)
            if first is not None:
                first.set(now - span + 1)
            if sequence.previous in wires:
                wires[sequence.previous].set(now - span)
        in_order = {sequence.last, sequence.first, sequence.previous} if sequence is not None else set[str]()
        ids = [one for one in fields if one.field.name.endswith("_id") and type(one.value) is int and one.value > 0]
        ids = [one for one in ids if one.field.wire not in in_order]
        span = max((one.value for one in ids), default=0) - min((one.value for one in ids), default=0) + 1
        for one in ids:
            one.set(one.value + number * (span if span < 10_000 else 1))
        return last.value if last is not None and isinstance(last.value, int) else 0


def bring_up_to_date(fields: list[Place], now: int) -> None:
    """Shift the times of an event so that it happens now; what lies between them stays."""
    every = [one for one in fields if one.field.type == Scalar(Kind.TIME) and isinstance(one.value, int)]
    times = [one for one in every if one.value > _A_TIME]
    stamped = [one for one in times if one.field.name == "event_time"]
    shift = now - max((one.value for one in stamped or times), default=now)
    for one in times:
        one.set(one.value + shift)
    for one in every:
        if one.field.name == "event_time":
            one.set(now)


def decoded(json: str) -> Any:
    """An example as plain data."""
    return msgspec.json.decode(json.encode())


def is_of(json: str, kind: Type, types: Types) -> bool:
    """Whether an example is of a type: that of a message with several forms is of one of them."""
    value = msgspec.json.Decoder(float_hook=Decimal).decode(json.encode())
    return not any(mismatches(node_of(value), kind, types))


def _pattern(stream: Stream, name: str) -> re.Pattern[str]:
    """A regular expression for the names that a pattern describes. An optional placeholder takes its separator along."""
    names = {one.wire: one.name for one in stream.parameters}
    optional = {one.wire for one in stream.parameters if not one.required}
    text = ""
    for piece in re.split(r"([@_]?<[\w-]+>)", name):
        wire = piece.strip("@_<>")
        if not piece.endswith(">"):
            text += re.escape(piece)
            continue
        separator = re.escape(piece[: piece.index("<")])
        group = f"{separator}(?P<{names.get(wire, wire)}>[^@]+?)"
        text += f"(?:{group})?" if wire in optional else group
    return re.compile(text)


def _given(stream: Stream, match: re.Match[str]) -> Mapping[str, str]:
    """The values of the placeholders, by Python name; a symbol says its pair too."""
    given = {name: value for name, value in match.groupdict().items() if value is not None}
    speed = next(iter(_speeds(stream, match.string)), None)
    if "symbol" in given:
        given.setdefault("pair", given["symbol"].partition("_")[0])
    return given | ({"update_speed": speed} if speed and "update_speed" not in given else {})


def _speeds(stream: Stream, name: str) -> Iterator[str]:
    """The update speed that a name ends with, where a pattern writes it out."""
    return (speed for speed, _ in stream.intervals if name.endswith(f"@{speed}"))
