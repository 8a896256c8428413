"""What is pushed and what is sent without an answer: streams, events, messages. Paired by pattern, by tag, by operation and shape."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from wirewright.diff.operations import Operations
from wirewright.diff.pairing import properties
from wirewright.diff.parameters import Parameters
from wirewright.diff.place import Node, Place, alone, side_by_side
from wirewright.diff.prose import tell_deprecation, tell_prose
from wirewright.diff.rules import Direction
from wirewright.diff.words import change_of, from_to, values_words
from wirewright.model.api import Api, Event, Message, Parameter, Stream
from wirewright.model.check import references
from wirewright.model.naming import blank
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
        self._told: dict[bool, set[str]] = {True: set(), False: set()}  # events that went or came with a stream

    def compare(self) -> Iterator[tuple[str, Node]]:
        yield from self._streams()
        yield from side_by_side(
            self.old.events, self.new.events, self._same_event, _event_label, self._event, self._event_alone
        )
        yield from side_by_side(
            self.old.messages,
            self.new.messages,
            self._same_message,
            lambda one: one.operation or one.name,
            self._message,
            self._message_alone,
        )

    # Streams

    def _streams(self) -> Iterator[tuple[str, Node]]:
        for one in self.new.streams:  # of a document's channel: its events tell everything but words
            was = next((was for was in self.old.streams if self.sockets.get(was.socket) == one.socket), None)
            if was is not None and not _is_subscribed(one):
                at = Place(Node(), RECEIVED, f"stream {one.name}", was.origin, one.origin)
                tell_prose(was, one, at, "title")
                yield one.name, at.node
        old, new = (list(filter(_is_subscribed, api.streams)) for api in (self.old, self.new))
        yield from side_by_side(old, new, same_stream, _label, self._stream, self._stream_alone, 0.3)

    def _stream_alone(self, one: Stream, is_gone: bool, node: Node) -> None:
        events = list(references(one.event))
        others = self.old.streams if is_gone else self.new.streams
        own = [name for name in events if not any(name in references(more.event) for more in others if more is not one)]
        self._told[is_gone].update(own)
        symbols = (f"streams.{one.name}", *(f"events.{event}" for event in own))
        alone(node, "operation", RECEIVED, f"stream {_label(one)}", is_gone, one.origin, symbols)

    def _stream(self, old: Stream, new: Stream, node: Node) -> None:
        at = Place(node, RECEIVED, f"stream {_label(new)}", old.origin, new.origin, (f"streams.{new.name}",))
        bare = replace(at, subject=_label(new))
        self._patterns(old, new, at)
        self.parameters.compare(old.parameters, new.parameters, bare, lambda one: (f"streams.{new.name}.{one.name}",))
        if old.interval != new.interval or _changed_speeds(old, new):
            at.tell("update-speed-changed", f"update speed {from_to(_pace(old), _pace(new))}")
        if old.sequence != new.sequence and not self.schemas.guessed:
            at.tell("sequence-changed")
        if old.auth != new.auth:
            at.tell("security-changed", f"security {from_to(old.auth.value, new.auth.value)}")
        if old.params != new.params:
            at.tell("command-changed", "the parameters of its subscription were changed")
        tell_deprecation(old, new, at)
        if old.name != new.name:
            names = replace(at, symbols=(f"streams.{old.name}", f"streams.{new.name}"))
            self.schemas.names.renamed(old.name, new.name, names)
        tell_prose(old, new, bare)
        self.schemas.compare(old.event, new.event, replace(at, subject=f"event of {_label(new)}"))

    def _patterns(self, old: Stream, new: Stream, at: Place) -> None:
        """Names that came or went. Those that end with an update speed are told as its values."""
        speeds = tuple(f"@{value}" for value in (*_values(old), *_values(new)))
        before, after = ({blank(one): one for one in stream.patterns} for stream in (old, new))
        removed = [one for key, one in before.items() if key not in after and not one.endswith(speeds)]
        added = [one for key, one in after.items() if key not in before and not one.endswith(speeds)]
        if removed and added:
            at.tell("stream-pattern-removed", f"name {from_to(values_words(removed), values_words(added))}")
        elif removed:
            at.tell("stream-pattern-removed", f"name {values_words(removed)} removed")
        elif added:
            at.tell("stream-pattern-added", f"name {values_words(added)} added")

    # Events

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
        at = Place(node, RECEIVED, f"event {new.name}", old.origin, new.origin, (f"events.{new.name}",))
        self._tags(old, new, at)
        if not self._is_streamed(new):
            elsewhere = "" if new.operation else "description"  # a table describes an event and its type at once
            tell_prose(old, new, at, elsewhere)
        self.schemas.compare(old.type, new.type, at)

    def _tags(self, old: Event, new: Event, at: Place) -> None:
        """What the event is known by."""
        before, after = self._tag(old.type, self.schemas.old), self._tag(new.type, self.schemas.new)
        if new.operation and before is not None and after is not None and before.property != after.property:
            what = "told apart by another property: " + change_of(before.property, after.property)
            place = replace(at, subject=f"events of {new.socket}") if new.socket else at
            place.tell("tag-property-changed", what)
        elif set(old.tags) & set(new.tags):
            added = [tag for tag in new.tags if tag not in old.tags]
            removed = [tag for tag in old.tags if tag not in new.tags]
            if added:
                at.tell("event-tag-added", f"tag {values_words(added)} added")
            if removed:
                at.tell("event-tag-removed", f"tag {values_words(removed)} removed")
        elif old.tags and new.tags and not new.operation and (before is None or after is None):
            at.tell("tag-value-changed", from_to(values_words(old.tags), values_words(new.tags)))

    def _is_streamed(self, event: Event) -> bool:
        """Whether a stream says the same words: a table describes both at once."""
        return any(one.origin == event.origin for one in self.new.streams)

    def _tag(self, kind: Type, types: Mapping[str, NamedType]) -> Tag | None:
        named = types.get(kind.name) if isinstance(kind, Ref) else None
        return named.tag if isinstance(named, StructType) else None

    def _event_alone(self, one: Event, is_gone: bool, node: Node) -> None:
        if self.operations.is_told(one.operation, is_gone) or set(references(one.type)) & self._told[is_gone]:
            return
        tagged = any(event.tags for event in self.old.events if event.socket == one.socket) or not self.old.events
        subject, symbols, tagged = f"event {_event_label(one)}", (f"events.{one.name}",), bool(one.tags) and tagged
        alone(node, "message", RECEIVED, subject, is_gone, one.origin, symbols, tagged=tagged)

    # Messages

    def _message(self, old: Message, new: Message, node: Node) -> None:
        at = Place(node, SENT, f"message {new.name}", old.origin, new.origin, (f"send.Send.{new.name}",))
        self.schemas.compare(old.type, new.type, at)
        if old.name != new.name:
            names = replace(at, symbols=(f"send.Send.{old.name}", f"send.Send.{new.name}"))
            self.schemas.names.renamed(old.name, new.name, names)
        tell_prose(old, new, at)

    def _same_message(self, one: Message, other: Message) -> float:
        if self.sockets and self.sockets.get(one.socket) != other.socket:
            return 0.0
        alike = self.schemas.likeness.of(one.type, other.type)
        if one.operation and self.operations.known.get(one.operation) != other.operation:
            return 0.6 if alike == 1 else 0.0
        only = _alone_in(self.old.messages, one.operation) and _alone_in(self.new.messages, other.operation)
        return 0.5 + 0.5 * alike if only else alike + (0.01 if one.name == other.name else 0.0)

    def _message_alone(self, one: Message, is_gone: bool, node: Node) -> None:
        if self.operations.is_told(one.operation, is_gone):
            return
        values = properties(one.type, self.schemas.old if is_gone else self.schemas.new) or {}
        tagged = any(len(few) == 1 for few in values.values())
        symbols = (f"send.Send.{one.name}",)
        alone(node, "message", SENT, f"message {one.name}", is_gone, one.origin, symbols, tagged=tagged)


def _is_subscribed(one: Stream) -> bool:
    return bool(one.patterns or one.params)


def _alone_in(listed: Sequence[Event] | Sequence[Message], operation: str) -> bool:
    return sum(one.operation == operation for one in listed) == 1


def same_stream(one: Stream, other: Stream) -> float:
    """By patterns; else by class, where every name changed."""
    before, after = set(map(blank, one.patterns)), set(map(blank, other.patterns))
    if one.params or other.params:
        return 1.0 if one.name == other.name else 0.0
    shared = len(before & after) / max(1, len(before | after))
    return 0.5 + shared / 2 if shared else 0.4 if one.name == other.name else 0.0


def _label(stream: Stream) -> str:
    return stream.patterns[0] if stream.patterns else stream.name


def _event_label(event: Event) -> str:
    return " ".join(event.tags) or event.name


def _values(stream: Stream) -> tuple[str, ...]:
    speed = next((one for one in stream.parameters if one.name == "update_speed"), None)
    return tuple(map(str, getattr(speed.type, "values", ()))) if isinstance(speed, Parameter) else ()


def _changed_speeds(old: Stream, new: Stream) -> bool:
    """Whether one value means another pace now; values that came or went are told of the parameter."""
    before, after = dict(old.intervals), dict(new.intervals)
    return any(before[value] != after[value] for value in before.keys() & after.keys())


def _pace(stream: Stream) -> str:
    base = f"{stream.interval:g} s" if stream.interval is not None else "real time"
    return ", ".join([base, *(f"`{value}` {seconds:g} s" for value, seconds in stream.intervals)])
