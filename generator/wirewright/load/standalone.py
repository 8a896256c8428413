"""A document alone as an `Api`: operations with a reply are methods, plain sends are messages, what arrives are events.

Channels at one address share a socket; what it pushes is one stream, typed by all the events that come there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from wirewright.errors import Problem
from wirewright.load.conform import final_branch, mismatches
from wirewright.load.document import Files
from wirewright.load.joining import JSON, bare
from wirewright.load.json_text import read_json
from wirewright.load.keys import Keys
from wirewright.load.lines import Asked, Line, Lines
from wirewright.load.payloads import Payloads
from wirewright.load.pool import Pool
from wirewright.load.resolved import Document, MessageEntry, Operation
from wirewright.load.schema import Schemas
from wirewright.load.sockets import read_query, read_socket, variable
from wirewright.load.unions import said_tag, shared_tag, values_at
from wirewright.load.units import tell_time_units
from wirewright.load.whole import api_of_whole
from wirewright.model.api import (
    Api,
    Event,
    Example,
    Message,
    Method,
    Parameter,
    ReplyShape,
    RequestShape,
    Socket,
    Stream,
    Variant,
)
from wirewright.model.json_class import json_class
from wirewright.model.modules import closure, reached, used_by
from wirewright.model.naming import METHOD_NAMES, REQUEST_ATTRIBUTES, Names, cap, snake
from wirewright.model.types import Field, Kind, Literal, Origin, Ref, Scalar, StructType

_NO_SHAPE = RequestShape("", "", "")


@dataclass(frozen=True)
class Answers:
    """What wirewright.toml answers where a document leaves a question open."""

    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    replies: Mapping[str, str] = field(default_factory=dict[str, str])  # name of a request message -> of its reply
    channels: str = "auto"  # or "paths", "topics": what an address without a slash is


def api_of_document(
    document: Document, files: Files, name: str, answers: Answers | None = None, strict: bool = False
) -> tuple[Api, list[Problem]]:
    """The `Api` of one document, called `name`."""
    answers = answers or Answers()
    pool = Pool(strict=strict, tags=answers.tags)
    schemas, keys = Schemas(files, pool), Keys()
    schemas.declare(document.schemas)
    for wire, node in document.schemas.items():
        schemas.type_of(node, cap(wire, ()))
    payloads = Payloads(schemas, pool)
    lines = Lines(document, payloads, answers.replies, answers.channels)
    found = lines.read(name)
    for message in document.messages:
        payloads.type_of(message)
    schemas.finish()
    maker = _Maker(lines, payloads, pool)
    maker.always_say_which(found)
    plain = [_socket(line, schemas, keys) for line in found]
    sockets = [maker.say(line, socket) for line, socket in zip(found, plain, strict=True)]
    api = api_of_whole(document, keys, sockets, name)
    if not api.servers:
        right = "the client is generated all the same; its user has to give an address"
        pool.warn(document.origin, "the document has no WebSocket server", right)
    schemas.finish()
    asked = {name for one in document.servers for name in one.security}
    asked |= {name for one in document.operations for name in one.security}
    api = replace(
        api,
        methods=tuple(maker.methods),
        messages=tuple(maker.messages),
        streams=tuple(maker.streams),
        events=tuple(_heard(maker.events, maker.streams, pool)),
        types=tuple(pool.types.values()),
        security=tuple(one for one in api.security if not asked or one.name in asked),
        sources=(document.origin.file,),
    )
    return tell_time_units(api, document.root), [*pool.problems, *keys.problems]


def _heard(events: Sequence[Event], streams: Sequence[Stream], pool: Pool) -> Iterator[Event]:
    """The events that streams bring, without those that nothing tells from others."""
    found = reached([stream.event for stream in streams], pool.types)
    unions = {stream.socket for stream in streams if isinstance(stream.event, Ref)}
    return (one for one in events if one.socket not in unions or (isinstance(one.type, Ref) and one.type.name in found))


def _socket(line: Line, schemas: Schemas, keys: Keys) -> Socket:
    first = line.channels[0]
    with_binding = next((one for one in line.channels if one.query or one.headers), first)
    query = read_query(schemas, with_binding.query, line.name)
    headers = read_query(schemas, with_binding.headers, line.name)
    parameters = () if line.topics else tuple(variable(one) for one in first.parameters)
    for channel in line.channels:
        if channel.has_socket:
            return replace(read_socket(channel, keys, query, headers), parameters=parameters)
    path = "" if line.topics else first.address or ""
    topics = sorted({one.address or "" for one in line.channels}) if line.topics else ()
    socket = Socket(line.name, line.role, path, first.origin, query, headers, parameters, address=path)
    return replace(socket, topics=tuple(topics))


class _Maker:
    """Makes what is said on each line; names of methods, messages and streams are unique among all of them."""

    def __init__(self, lines: Lines, payloads: Payloads, pool: Pool) -> None:
        self.lines = lines
        self.payloads = payloads
        self.pool = pool
        self._names = Names()
        self._seen_events = set[str]()
        self.methods = list[Method]()
        self.messages = list[Message]()
        self.streams = list[Stream]()
        self.events = list[Event]()

    def always_say_which(self, lines: Sequence[Line]) -> None:
        """Lets messages that only clients send always say which they are, also where their schema does not require it."""
        types = self.pool.types
        heard = [message for line in lines for _, message in line.received]
        heard += [reply for line in lines for asked in line.asked for reply in asked.replies]
        kinds = [kind for message in heard if (kind := self.payloads.type_of(message)) is not None]
        arriving = closure(reached(kinds, types), lambda name: used_by(types[name]) & types.keys())
        for line in lines:
            said = [*(asked.message for asked in line.asked), *line.sent]
            structs = [struct for message in said for struct in self._structs(message)]
            wire = said_tag(structs, types)
            for struct in structs:
                if wire and struct.name not in arriving:
                    fields = tuple(replace(one, required=one.required or one.wire == wire) for one in struct.fields)
                    types[struct.name] = replace(struct, fields=fields)

    def say(self, line: Line, socket: Socket) -> Socket:
        """Makes all that is said on a line. Gives its socket, with the shape of what is asked there."""
        socket = replace(self._shaped(line, socket), plain=any(map(self._is_plain, line.messages)))
        for asked in line.asked:
            self.methods += self._methods(asked, socket)
        for message in dict.fromkeys(line.sent):
            self.messages += self._messages(message, socket)
        tag = shared_tag([one for _, message in line.received for one in self._structs(message)], self.pool.types)
        for operation, message in line.received:
            self.events += self._events(operation, message, socket, tag)
        self.streams += self._streams(line, socket)
        return socket

    def _is_plain(self, message: MessageEntry) -> bool:
        """Whether a message is a plain text. A number or an object that calls itself one is JSON all the same."""
        kind = self.payloads.type_of(message)
        return (
            message.content_type.startswith("text/")
            and kind is not None
            and json_class(kind, self.pool.types) == "text"
        )

    def _structs(self, message: MessageEntry) -> list[StructType]:
        return self.payloads.structs(self.payloads.type_of(message))

    # The shape of requests and replies

    def _shaped(self, line: Line, socket: Socket) -> Socket:
        """The socket with the shape of its requests and replies, read off their payloads where nobody states it."""
        if not line.asked or socket.request is not None:
            return socket
        structs = [struct for asked in line.asked for struct in self._structs(asked.message)]
        pointer, answer = self.lines.ids(line)
        method = shared_tag(structs, self.pool.types)
        params = self._params_pointer(structs, pointer, method)
        ids = [bare(one.type) for struct in structs for one in struct.fields if f"/{one.wire}" == pointer]
        kind = "integer" if Scalar(Kind.INTEGER) in ids else "string"
        return replace(socket, request=RequestShape(pointer, method, params, kind), reply=ReplyShape(answer))

    def _params_pointer(self, structs: list[StructType], pointer: str, method: str) -> str:
        """The one property that holds a request's parameters, beside its id and its method; empty: they stand beside these."""
        rest = [one for struct in structs for one in struct.fields if f"/{one.wire}" not in (pointer, method)]
        wires = {one.wire for one in rest}
        nested = any(self._fields_of(one) for one in rest)
        return f"/{wires.pop()}" if len(wires) == 1 and nested and method.count("/") == 1 else ""

    def _fields_of(self, one: Field) -> tuple[Field, ...]:
        structs = self.payloads.structs(bare(one.type))
        return structs[0].fields if len(structs) == 1 else ()

    # Methods

    def _methods(self, asked: Asked, socket: Socket) -> Iterator[Method]:
        """One method for each value that the method's name can have in the message."""
        structs, pointer = self._structs(asked.message), (socket.request or _NO_SHAPE).method
        values = values_at(structs[0], pointer, self.pool.types) if len(structs) == 1 and pointer else ()
        origin, operation = asked.operation.origin, asked.operation
        result = self.payloads.union(cap(asked.name, ()) + "Reply", asked.replies, origin, "models")
        for value in values or (asked.name,):
            name = str(value) if len(values) > 1 else asked.name
            unique, _ = self._names.claim(snake(name, METHOD_NAMES), origin)
            python = cap(unique if unique != snake(name) else name)
            parameters, constants = self._parameters(asked, structs, socket)
            yield Method(
                wire=str(value),
                name=unique,
                variants=(Variant(python, result if result is not None else JSON),),
                socket=socket.name,
                origin=origin,
                title=operation.title or asked.message.title,
                doc=operation.doc or asked.message.doc,
                parameters=parameters,
                constants=constants,
                request_example=asked.message.examples[0].json() if asked.message.examples else "",
                examples=tuple(self._examples(asked.replies)),
                reply_tags=() if (socket.reply or ReplyShape("")).id else self._reply_tags(asked),
                operation=operation.name,
            )

    def _parameters(
        self, asked: Asked, structs: list[StructType], socket: Socket
    ) -> tuple[tuple[Parameter, ...], tuple[tuple[str, str | int | bool], ...]]:
        """What a caller gives, and what is always the same: the address's parameters, and the fields of the request.

        A message that is no object is one parameter, the whole of it.
        """
        origin = asked.message.origin
        if len(structs) != 1:
            kind = self.payloads.type_of(asked.message)
            whole = [Parameter("", "payload", kind, origin, required=True, doc="The whole message.")] if kind else []
            return (*_address(socket, origin), *whole), ()
        fields = self._asked_fields(structs[0], socket.request or _NO_SHAPE)
        names, parameters = Names([one.name for one in socket.parameters]), list[Parameter]()
        constants = tuple((one.wire, value) for one in fields if (value := _constant(one)) is not None)
        for one in fields:
            if _constant(one) is None:
                name, _ = names.claim(snake(one.wire, REQUEST_ATTRIBUTES, "parameter"), one.origin)
                parameters.append(
                    Parameter(one.wire, name, one.type, one.origin, one.required, doc=one.doc, limits=one.limits)
                )
        return (*_address(socket, origin, {one.wire for one in fields}), *parameters), constants

    def _asked_fields(self, struct: StructType, shape: RequestShape) -> list[Field]:
        """The fields of a request without its id and its method; those that hold its parameters, where one does."""
        fields = [one for one in struct.fields if f"/{one.wire}" not in (shape.id, shape.method)]
        if shape.params:
            return [part for one in fields if f"/{one.wire}" == shape.params for part in self._fields_of(one)]
        return fields

    def _reply_tags(self, asked: Asked) -> tuple[tuple[str, str | int | bool], ...]:
        """What a reply without an id is known by: the values of a property that its schema limits; else anything is one."""
        structs = [struct for reply in asked.replies for struct in self._structs(reply)]
        pointer = shared_tag(structs, self.pool.types) or shared_tag(structs[:1], self.pool.types)
        values = [value for one in structs if pointer for value in values_at(one, pointer, self.pool.types)]
        if not values:
            what = f"nothing ties a reply to {asked.name!r}: the next message is taken for it"
            right = "give requests and replies an id and declare it as `correlationId`"
            self.pool.warn(asked.operation.origin, what, right)
            return (("", True),)
        return tuple((pointer, value) for value in dict.fromkeys(values))

    # Messages, events, streams

    def _messages(self, message: MessageEntry, socket: Socket) -> Iterator[Message]:
        kind = self.payloads.type_of(message)
        if kind is None:
            return
        name, _ = self._names.claim(snake(message.name, METHOD_NAMES, "message"), message.origin)
        operation = next((one for one in self.lines.document.operations if one.sends and message in one.messages), None)
        examples = tuple(self._examples([message]))
        owner = operation.name if operation is not None else ""
        yield Message(name, kind, socket.name, message.origin, message.doc, examples, owner)

    def _events(self, operation: Operation, message: MessageEntry, socket: Socket, tag: str) -> Iterator[Event]:
        """The events that a message stands for: one, or one for each branch of a union."""
        kind = self.payloads.type_of(message)
        if kind is None:
            return
        named = self.payloads.named(message, kind)
        structs = {one.name: one for one in self.payloads.structs(named)}
        for one in structs.values():
            self.pool.types[one.name] = replace(one, module="events")
        examples = list(self._examples([message]))
        for name in structs or [named.name]:
            if name in self._seen_events:
                continue
            self._seen_events.add(name)
            tags = values_at(structs[name], tag, self.pool.types) if structs and tag else ()
            alone = message.title or (operation.doc if len(operation.messages) == 1 else "")
            doc = structs[name].doc if len(structs) > 1 else message.doc or alone
            texts = tuple(dict.fromkeys(str(value) for value in tags))
            own = [one for one in examples if len(structs) < 2 or self._is(name, one, structs)]
            event = Event(Ref(name), name, texts, message.origin, message.title, doc, socket.name, examples=tuple(own))
            yield replace(event, operation=operation.name)

    def _is(self, name: str, example: Example, structs: Mapping[str, StructType]) -> bool:
        """Whether an example of several branches is of this one: by the union's own rule, else by what fits first."""
        node = read_json(example.json, "")[0][0]
        found = final_branch(node, example.type, self.pool.types)
        fitting = (one for one in structs if not any(mismatches(node, Ref(one), self.pool.types)))
        return name == (found.name if found is not None else next(fitting, ""))

    def _streams(self, line: Line, socket: Socket) -> Iterator[Stream]:
        messages = [message for _, message in line.received]
        name, channel = cap(line.name, ()), line.channels[0]
        kind = self.payloads.union(f"{name}Event", messages, channel.origin, "events") if messages else None
        if kind is None:
            return
        yield Stream(
            name=self._names.claim(cap(f"{name}Stream"), channel.origin)[0],
            patterns=(),
            event=kind,
            socket=socket.name,
            origin=channel.origin,
            parameters=tuple(_address(socket, channel.origin)),
            title=channel.name,
            doc=_of_several(line) or channel.doc or next((one.doc for one, _ in line.received if one.doc), ""),
        )

    def _examples(self, messages: Sequence[MessageEntry]) -> Iterator[Example]:
        """The examples that their types can read; the others are told and left out."""
        for message in messages:
            kind = self.payloads.type_of(message)
            if kind is None:
                continue
            found = [(node, next(iter(mismatches(node, kind, self.pool.types)), None)) for node in message.examples]
            yield from (Example(message.name, node.json(), kind, node.origin) for node, wrong in found if wrong is None)
            faults = [wrong for _, wrong in found if wrong is not None]
            if faults:
                several = f"{len(faults)} examples of {message.name!r} are not what their schema says and are left out"
                one = f"an example of {message.name!r} is not what its schema says and is left out"
                what = f"{several if len(faults) > 1 else one}: {faults[0][1]}"
                self.pool.warn(faults[0][0].origin, what, "mend the examples or the schema")


def _of_several(line: Line) -> str:
    """What a stream brings that is all of several channels; empty for one channel, which has words of its own."""
    heard = list(dict.fromkeys(one.channel for one, _ in line.received))
    more = f" and {len(heard) - 3} more" if len(heard) > 3 else ""
    return f"What comes of {', '.join(f'`{one}`' for one in heard[:3])}{more}." if len(heard) > 1 else ""


def _address(socket: Socket, origin: Origin, taken: Collection[str] = ()) -> Iterator[Parameter]:
    """The variables of a socket's address as parameters. They are no part of the message: `taken` are the keys of that."""
    for one in socket.parameters:
        wire = f"{{{one.wire}}}" if one.wire in taken else one.wire
        needed = one.default is None
        yield Parameter(wire, one.name, one.type, origin, needed, one.default, doc=one.doc, limits=one.limits)


def _constant(one: Field) -> str | int | bool | None:
    """The value of a field that must be there and can have no other: always sent, never asked for."""
    return one.type.values[0] if one.required and isinstance(one.type, Literal) and len(one.type.values) == 1 else None
