"""What is pushed and what is sent without an answer: streams, events, messages. Paired by pattern, by tag, by operation and shape."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from wirewright.diff.change import Finding, came_or_went
from wirewright.diff.operations import Operations, owner_is_told
from wirewright.diff.pairing import pair_best, properties
from wirewright.diff.parameters import Parameters
from wirewright.diff.prose import prose_of_endpoints
from wirewright.diff.rules import Direction
from wirewright.diff.schema import Node, Place
from wirewright.diff.words import from_to, values_words
from wirewright.model.api import Api, Event, Message, Parameter, Stream
from wirewright.model.check import references
from wirewright.model.types import NamedType, Ref, StructType, Tag, Type

SENT, RECEIVED = Direction.SENT, Direction.RECEIVED


class Pushed:
    """Compares streams, events and messages of two models; each gets a node of its own."""

    def __init__(
        self, old: Api, new: Api, parameters: Parameters, operations: Operations, sockets: dict[str, str]
    ) -> None:
        self.old = old
        self.new = new
        self.parameters = parameters
        self.schemas = parameters.schemas
        self.operations = operations
        self.sockets = sockets
        self._told: dict[str, set[str]] = {
            "old": set(),
            "new": set(),
        }  # names of events that came or went with a stream

    def compare(self) -> Iterator[tuple[str, Node]]:
        yield from self._streams()
        yield from self._events()
        yield from self._messages()

    # Streams

    def _streams(self) -> Iterator[tuple[str, Node]]:
        old = [one for one in self.old.streams if one.patterns or one.params]
        new = [one for one in self.new.streams if one.patterns or one.params]
        for one in self.new.streams:  # of a document's channel: its events tell everything but words
            was = next((was for was in self.old.streams if self.sockets.get(was.socket) == one.socket), None)
            if was is not None and not (one.patterns or one.params):
                yield one.name, Node(list(prose_of_endpoints(was, one, f"stream {one.name}", RECEIVED, "title")))
        pairs, removed, added = pair_best(old, new, same_stream, 0.3)
        for one, other in pairs:
            node = Node()
            self._stream(one, other, node)
            yield _label(other), node
        for side, listed in (("old", removed), ("new", added)):
            for one in listed:
                yield _label(one), Node([self._stream_alone(one, side)])

    def _stream_alone(self, one: Stream, side: str) -> Finding:
        is_gone = side == "old"
        events = list(references(one.event))
        others = self.old.streams if is_gone else self.new.streams
        own = [name for name in events if not any(name in references(more.event) for more in others if more is not one)]
        self._told[side].update(own)
        name = "operation-removed" if is_gone else "operation-added"
        symbols = (f"streams.{one.name}", *(f"events.{event}" for event in own))
        return came_or_went(name, RECEIVED, f"stream {_label(one)}", is_gone, one.origin, symbols)

    def _stream(self, old: Stream, new: Stream, node: Node) -> None:
        place = Place(f"stream {_label(new)}", old.origin, new.origin, (f"streams.{new.name}",))
        self._patterns(old, new, place, node)
        self.parameters.compare(
            old.parameters,
            new.parameters,
            _label(new),
            new.origin,
            node,
            lambda one: (f"streams.{new.name}.{one.name}",),
        )
        if (old.interval, _speeds(old)) != (new.interval, _speeds(new)):
            words = from_to(_pace(old), _pace(new))
            if old.interval != new.interval or _changed_speeds(old, new):
                self._tell("update-speed-changed", f"update speed {words}", place, node)
        if old.sequence != new.sequence and not self.schemas.guessed:
            self._tell("sequence-changed", "", place, node)
        if old.auth != new.auth:
            words = from_to(old.auth.value, new.auth.value)
            self._tell("security-changed", f"security {words}", place, node)
        if old.params != new.params:
            self._tell("command-changed", "the parameters of its subscription were changed", place, node)
        if bool(old.deprecated) != bool(new.deprecated):
            self._tell("deprecated" if new.deprecated else "undeprecated", new.deprecated, place, node)
        if old.name != new.name:
            symbols = (f"streams.{old.name}", f"streams.{new.name}")
            node.findings.append(
                self.schemas.names.renamed(old.name, new.name, RECEIVED, old.origin, new.origin, symbols)
            )
        node.findings += prose_of_endpoints(old, new, _label(new), RECEIVED)
        inner = replace(place, subject=f"event of {_label(new)}")
        self.schemas.compare(old.event, new.event, inner, RECEIVED, node)

    def _patterns(self, old: Stream, new: Stream, place: Place, node: Node) -> None:
        """Names that came or went. Those that end with an update speed are told as its values."""
        before, after = {_blank(one): one for one in old.patterns}, {_blank(one): one for one in new.patterns}
        removed = [one for key, one in before.items() if key not in after]
        added = [one for key, one in after.items() if key not in before]
        speeds = {f"@{value}" for value in (*_values(old), *_values(new))}
        removed, added = (
            [one for one in listed if not any(one.endswith(speed) for speed in speeds)] for listed in (removed, added)
        )
        if removed and added:
            what = f"name {from_to(values_words(removed), values_words(added))}"
            self._tell("stream-pattern-removed", what, place, node)
        elif removed:
            self._tell("stream-pattern-removed", f"name {values_words(removed)} removed", place, node)
        elif added:
            self._tell("stream-pattern-added", f"name {values_words(added)} added", place, node)

    # Events

    def _events(self) -> Iterator[tuple[str, Node]]:
        pairs, removed, added = pair_best(self.old.events, self.new.events, self._same_event)
        for one, other in pairs:
            node = Node()
            self._event(one, other, node)
            yield _event_label(other), node
        for side, listed in (("old", removed), ("new", added)):
            for one in listed:
                names = set(references(one.type))
                if owner_is_told(self.operations, side, [one.operation]) or names & self._told[side]:
                    continue
                yield _event_label(one), Node([self._event_alone(one, side == "old")])

    def _same_event(self, one: Event, other: Event) -> float:
        """By tag; else by name in a product, or by operation and shape in a document."""
        if one.socket and other.socket and self.sockets and self.sockets.get(one.socket) != other.socket:
            return 0.0
        if one.tags and other.tags and set(one.tags) & set(other.tags):
            return 1.0
        if not one.operation and not other.operation:
            return 0.9 if one.name == other.name else 0.0
        alike = self.schemas.likeness.of(one.type, other.type)
        if self.operations.known.get(one.operation) != other.operation:
            return 0.6 if alike == 1 else 0.0  # a message of several operations belongs to the first of them
        only = _alone_in(self.old.events, one.operation) and _alone_in(self.new.events, other.operation)
        return 0.5 + 0.4 * alike if only else 0.9 * alike

    def _event(self, old: Event, new: Event, node: Node) -> None:
        place = Place(f"event {new.name}", old.origin, new.origin, (f"events.{new.name}",))
        added = [tag for tag in new.tags if tag not in old.tags]
        removed = [tag for tag in old.tags if tag not in new.tags]
        before, after = self._tag(old.type, self.schemas.old), self._tag(new.type, self.schemas.new)
        if new.operation and before is not None and after is not None and before.property != after.property:
            what = "told apart by another property: " + from_to(f"`{before.property}`", f"`{after.property}`")
            subject = f"events of {new.socket}" if new.socket else place.subject
            self.schemas.tell("tag-property-changed", what, replace(place, subject=subject), RECEIVED, node)
        elif old.tags and new.tags and set(old.tags) & set(new.tags):
            if added:
                self.schemas.tell("event-tag-added", f"tag {values_words(added)} added", place, RECEIVED, node)
            if removed:
                self.schemas.tell("event-tag-removed", f"tag {values_words(removed)} removed", place, RECEIVED, node)
        elif old.tags and new.tags and not new.operation and (before is None or after is None):
            what = from_to(values_words(old.tags), values_words(new.tags))
            self.schemas.tell("tag-value-changed", what, place, RECEIVED, node)
        if not self._is_streamed(new):
            elsewhere = "" if new.operation else "description"  # a table describes an event and its type at once
            node.findings += prose_of_endpoints(old, new, place.subject, RECEIVED, elsewhere)
        self.schemas.compare(old.type, new.type, place, RECEIVED, node)

    def _is_streamed(self, event: Event) -> bool:
        """Whether a stream says the same words: a table describes both at once."""
        return any(one.origin == event.origin for one in self.new.streams)

    def _tag(self, kind: Type, types: Mapping[str, NamedType]) -> Tag | None:
        named = types.get(kind.name) if isinstance(kind, Ref) else None
        return named.tag if isinstance(named, StructType) else None

    def _event_alone(self, one: Event, is_gone: bool) -> Finding:
        tagged = any(event.tags for event in self.old.events if event.socket == one.socket) or not self.old.events
        name = "message-removed" if is_gone else "message-added-tagged" if one.tags and tagged else "message-added"
        symbols = (f"events.{one.name}",)
        return came_or_went(name, RECEIVED, f"event {_event_label(one)}", is_gone, one.origin, symbols)

    # Messages

    def _messages(self) -> Iterator[tuple[str, Node]]:
        pairs, removed, added = pair_best(self.old.messages, self.new.messages, self._same_message)
        for one, other in pairs:
            node = Node()
            place = Place(f"message {other.name}", one.origin, other.origin, (f"send.Send.{other.name}",))
            self.schemas.compare(one.type, other.type, place, SENT, node)
            if one.name != other.name:
                symbols = (f"send.Send.{one.name}", f"send.Send.{other.name}")
                node.findings.append(
                    self.schemas.names.renamed(one.name, other.name, SENT, one.origin, other.origin, symbols)
                )
            node.findings += prose_of_endpoints(one, other, f"message {other.name}", SENT)
            yield other.operation or other.name, node
        for side, listed in (("old", removed), ("new", added)):
            for one in listed:
                if not owner_is_told(self.operations, side, [one.operation]):
                    yield one.operation or one.name, Node([self._message_alone(one, side == "old")])

    def _same_message(self, one: Message, other: Message) -> float:
        if self.sockets and self.sockets.get(one.socket) != other.socket:
            return 0.0
        alike = self.schemas.likeness.of(one.type, other.type)
        if one.operation and self.operations.known.get(one.operation) != other.operation:
            return 0.6 if alike == 1 else 0.0
        only = _alone_in(self.old.messages, one.operation) and _alone_in(self.new.messages, other.operation)
        return 0.5 + 0.5 * alike if only else alike + (0.01 if one.name == other.name else 0.0)

    def _message_alone(self, one: Message, is_gone: bool) -> Finding:
        values = properties(one.type, self.schemas.old if is_gone else self.schemas.new) or {}
        tagged = any(len(few) == 1 for few in values.values())
        name = "message-removed" if is_gone else "message-added-tagged" if tagged else "message-added"
        return came_or_went(name, SENT, f"message {one.name}", is_gone, one.origin, (f"send.Send.{one.name}",))

    def _tell(self, name: str, what: str, place: Place, node: Node) -> None:
        self.schemas.tell(name, what, place, RECEIVED, node)


def _alone_in(listed: Sequence[Event] | Sequence[Message], operation: str) -> bool:
    return sum(one.operation == operation for one in listed) == 1


def same_stream(one: Stream, other: Stream) -> float:
    """By patterns; else by class, where every name changed."""
    before, after = set(map(_blank, one.patterns)), set(map(_blank, other.patterns))
    if one.params or other.params:
        return 1.0 if one.name == other.name else 0.0
    shared = len(before & after) / max(1, len(before | after))
    return 0.5 + shared / 2 if shared else 0.4 if one.name == other.name else 0.0


def _blank(pattern: str) -> str:
    """A pattern whose placeholders have no names: what they are called is not on the wire."""
    return re.sub(r"<[^<>]*>", "<>", pattern)


def _label(stream: Stream) -> str:
    return stream.patterns[0] if stream.patterns else stream.name


def _event_label(event: Event) -> str:
    return " ".join(event.tags) or event.name


def _values(stream: Stream) -> tuple[str, ...]:
    speed = next((one for one in stream.parameters if one.name == "update_speed"), None)
    return tuple(map(str, getattr(speed.type, "values", ()))) if isinstance(speed, Parameter) else ()


def _speeds(stream: Stream) -> dict[str, float]:
    return dict(stream.intervals)


def _changed_speeds(old: Stream, new: Stream) -> bool:
    """Whether one value means another pace now; values that came or went are told of the parameter."""
    before, after = _speeds(old), _speeds(new)
    return any(before[value] != after[value] for value in before.keys() & after.keys())


def _pace(stream: Stream) -> str:
    base = f"{stream.interval:g} s" if stream.interval is not None else "real time"
    return ", ".join([base, *(f"`{value}` {seconds:g} s" for value, seconds in stream.intervals)])
