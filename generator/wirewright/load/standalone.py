"""A document alone as an `Api`: operations with a reply are methods, plain sends are messages, what arrives are events.

Channels at one address share a socket; what it pushes is one stream, typed by all the events that come there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from wirewright.errors import Problem
from wirewright.load.conform import mismatches
from wirewright.load.document import Files
from wirewright.load.joining import JSON, any_of, json_class
from wirewright.load.pool import Pool
from wirewright.load.resolved import Channel, Document, MessageEntry, Operation, Security
from wirewright.load.schema import Schemas
from wirewright.load.sockets import (
    Keys,
    is_websocket,
    read_query,
    read_security,
    read_servers,
    read_socket,
    read_user_data,
    variable,
)
from wirewright.load.unions import shared_tag, structs_of, values_at
from wirewright.model.api import (
    Api,
    Auth,
    Event,
    Example,
    Message,
    Method,
    Parameter,
    QueryParameter,
    ReplyShape,
    RequestShape,
    Socket,
    Stream,
    Variant,
)
from wirewright.model.naming import EVENT_ATTRIBUTES, REQUEST_ATTRIBUTES, Names, cap, snake
from wirewright.model.types import (
    AliasType,
    Field,
    Kind,
    Nullable,
    Origin,
    Ref,
    Scalar,
    StructType,
    Type,
)

_ID_NAMES = ("id", "reqid", "req_id", "request_id", "requestId", "correlationId", "correlation_id", "messageId")
_ASKING = ("Request", "Command", "Cmd", "Query", "Req")
_ANSWERING = ("Response", "Reply", "Result", "Answer", "Ack", "Resp", "Res")


@dataclass(frozen=True)
class Answers:
    """What wirewright.toml answers where a document leaves a question open."""

    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    replies: Mapping[str, str] = field(default_factory=dict[str, str])  # name of a request message -> of its reply


@dataclass
class _Asked:
    """A message that the client sends and the messages that may answer it."""

    name: str
    operation: Operation
    message: MessageEntry
    replies: tuple[MessageEntry, ...]


@dataclass
class _Line:
    """One socket with everything that is said on it."""

    name: str
    role: str
    channels: list[Channel]
    asked: list[_Asked] = field(default_factory=list[_Asked])
    sent: list[MessageEntry] = field(default_factory=list[MessageEntry])
    received: list[tuple[Operation, MessageEntry]] = field(default_factory=list["tuple[Operation, MessageEntry]"])


def api_of_document(
    document: Document, files: Files, name: str, answers: Answers | None = None, strict: bool = False
) -> tuple[Api, list[Problem]]:
    """The `Api` of one document, called `name`."""
    return _Maker(document, files, answers or Answers(), strict).api(name)


class _Maker:
    def __init__(self, document: Document, files: Files, answers: Answers, strict: bool) -> None:
        self.document = document
        self.answers = answers
        self.problems: list[Problem] = []
        self.pool = Pool(strict=strict, tags=answers.tags)
        self.schemas = Schemas(files, self.pool)
        self.keys = Keys()
        self._kinds: dict[int, Type] = {}
        self._names = Names()
        self._seen_events = set[str]()

    def api(self, name: str) -> tuple[Api, list[Problem]]:
        document = self.document
        self.schemas.declare(document.schemas)
        for wire, node in document.schemas.items():
            self.schemas.type_of(node, cap(wire, ()))
        lines = list(self._lines(name))
        self._warn_unreadable()
        for line in lines:
            self._place(line)
        for message in document.messages:
            self.type_of(message)
        self.schemas.finish()
        sockets = [self._socket(line) for line in lines]
        found = [self._said(line, socket) for line, socket in zip(lines, sockets, strict=True)]
        servers, placed = read_servers(document, [shaped for shaped, *_ in found], self.keys)
        self._warn_servers(bool(servers))
        self.schemas.finish()
        api = Api(
            name=name,
            class_name=cap(name),
            title=document.title or name,
            origin=document.origin,
            doc=document.doc,
            version=document.api_version,
            servers=servers,
            sockets=placed,
            methods=tuple(one for _, methods, *_ in found for one in methods),
            messages=tuple(one for _, _, messages, *_ in found for one in messages),
            streams=tuple(one for *_, streams, _ in found for one in streams),
            events=tuple(one for *_, events in found for one in events),
            types=tuple(self.pool.types.values()),
            security=tuple(read_security(one, self.keys) for one in self._security()),
            user_data=read_user_data(document, self.keys),
            amount_pattern=document.root.text("x-amount-pattern"),
            mock=document.root.text("x-mock"),
            sources=(document.origin.file,),
        )
        return api, [*self.problems, *self.pool.problems, *self.keys.problems]

    def _security(self) -> Iterator[Security]:
        """The schemes that some server or operation asks for; all of them where none does."""
        asked = {name for one in self.document.servers for name in one.security}
        asked |= {name for one in self.document.operations for name in one.security}
        return (one for one in self.document.security if not asked or one.name in asked)

    # Which channels share a socket, and what is said there

    def _lines(self, name: str) -> Iterator[_Line]:
        wanted = {server.name for server in self.document.servers if is_websocket(server)}
        grouped: dict[tuple[str, tuple[str, ...]], list[Channel]] = {}
        used = {operation.channel for operation in self.document.operations}
        replying = {operation.reply_channel for operation in self.document.operations} - used
        for channel in self.document.channels:
            if channel.servers and wanted and not wanted & set(channel.servers):
                self._warn(
                    channel.origin, f"the channel {channel.name!r} is left out: it is on no WebSocket server", ""
                )
                continue
            if channel.name not in replying:
                grouped.setdefault((channel.address or "", tuple(sorted(channel.servers))), []).append(channel)
        names = Names()
        usual = next((servers for _, servers in grouped if servers), ())
        for (address, servers), channels in grouped.items():
            first = channels[0].name if len(channels) == 1 else address
            role = "api" if servers in ((), usual) else snake(servers[0])  # an address of its own
            yield _Line(names.claim(snake(first, fallback=snake(name)), channels[0].origin)[0], role, channels)

    def _place(self, line: _Line) -> None:
        """Sorts the operations of a socket's channels: what asks, what is only sent, what arrives."""
        on_line = {channel.name for channel in line.channels}
        operations = [one for one in self.document.operations if one.channel in on_line]
        arriving = [(one, message) for one in operations if not one.sends for message in one.messages]
        for operation in operations:
            for message in operation.messages if operation.sends else ():
                if self.type_of(message) is None:
                    continue
                replies = self._replies(operation, message, [one for _, one in arriving])
                if replies:
                    single = len(operation.messages) == 1
                    line.asked.append(_Asked(operation.name if single else message.name, operation, message, replies))
                else:
                    line.sent.append(message)
            if not operation.sends and operation.replies is not None:
                line.sent += operation.replies  # the server asks: the answer is ours to send
        for message in (
            *line.sent,
            *(part for one in line.asked for part in (one.message, *one.replies)),
            *(one for _, one in arriving),
        ):
            self.type_of(message)
        answered = [id(reply) for one in line.asked for reply in one.replies if one.operation.replies is None]
        line.received = [pair for pair in arriving if id(pair[1]) not in answered]

    def _replies(
        self, operation: Operation, message: MessageEntry, arriving: list[MessageEntry]
    ) -> tuple[MessageEntry, ...]:
        configured = self.answers.replies.get(message.name)
        if configured:
            return tuple(one for one in (*arriving, *self.document.messages) if one.name == configured)[:1]
        if operation.replies is not None:
            return operation.replies
        if self.document.version.startswith("3"):
            return ()
        pointer = message.correlation or self._usual_id((*operation.messages, *arriving))
        answering = [
            one for one in arriving if pointer and one is not message and (one.correlation or not message.correlation)
        ]
        return tuple(_of_same_name(message, answering) or answering)

    def _usual_id(self, messages: Sequence[MessageEntry]) -> str:
        """Where no id is declared: the property that every message has, if its name is one that ids usually have."""
        known = [self._properties(one) for one in messages]
        return next((f"/{name}" for name in _ID_NAMES if known and all(name in one for one in known)), "")

    def _properties(self, message: MessageEntry) -> Collection[str]:
        properties = self.schemas.merged(message.payload).get("properties") if message.payload is not None else None
        return properties.map if properties is not None else ()

    # Types

    def type_of(self, message: MessageEntry) -> Type | None:
        """The type of a message's payload; None where there is none to read."""
        if message.payload is None or message.binary:
            return None
        if id(message) not in self._kinds:
            name = cap(message.name or "Message", ())
            self._kinds[id(message)] = self.schemas.type_of(
                message.payload, name, "models", f"{name}Message", f"{name}Payload"
            )
        return self._kinds[id(message)]

    def _union(self, name: str, messages: Sequence[MessageEntry], origin: Origin, module: str) -> Type | None:
        """One type for several messages: a union of what are objects, beside what JSON itself tells from an object."""
        kinds = [kind for one in messages if (kind := self.type_of(one)) is not None]
        found = list(dict.fromkeys(kinds))
        objects = [kind for kind in found if json_class(kind, self.pool.types) == "object" and self._structs(kind)]
        if len(objects) > 1 and JSON not in found:
            unique = self.pool.claim(name, origin)
            self.pool.union(unique, objects, origin, module=module)
            self.schemas.finish()
            found = [Ref(unique), *(kind for kind in found if kind not in objects)]
        if len(found) < 2:
            return found[0] if found else None
        kind = any_of(found, self.pool.types)
        if kind == JSON:
            self._warn(
                origin,
                f"the messages of {name} cannot be told apart: one of them may be any JSON",
                "give each an object",
            )
        return kind

    # One socket

    def _socket(self, line: _Line) -> Socket:
        first = line.channels[0]
        with_binding = next((one for one in line.channels if one.query or one.headers), first)
        query = read_query(with_binding.query, self.schemas, line.name)
        headers = read_query(with_binding.headers, self.schemas, line.name)
        declared = next(
            (one for one in line.channels if one.extensions is not None and "x-socket" in one.extensions.map), None
        )
        parameters = tuple(variable(one) for one in first.parameters)
        if declared is not None:
            return replace(read_socket(declared, self.keys, query, headers), parameters=parameters)
        return Socket(line.name, line.role, first.address or "", first.origin, query, headers, parameters)

    def _said(
        self, line: _Line, socket: Socket
    ) -> tuple[Socket, list[Method], list[Message], list[Stream], list[Event]]:
        socket = self._shaped(line, socket)
        methods = [method for asked in line.asked for method in self._methods(asked, socket)]
        messages = [one for message in dict.fromkeys(line.sent) if (one := self._message(message, socket)) is not None]
        structs = [one for _, message in line.received for one in self._structs(self.type_of(message))]
        tag = shared_tag(structs, self.pool.types)
        events = [one for pair in _unique(line.received) for one in self._events(*pair, socket, tag)]
        return socket, methods, messages, list(self._streams(line, socket)), events

    def _shaped(self, line: _Line, socket: Socket) -> Socket:
        """The socket with the shape of its requests and replies, read off their payloads where nobody states it."""
        if not line.asked or socket.request is not None:
            return socket
        structs = [struct for asked in line.asked for struct in self._structs(self.type_of(asked.message))]
        pointer, answer = self._ids(line)
        method = shared_tag(structs, self.pool.types)
        params = self._params_pointer(structs, pointer, method)
        whole = any(_is_whole_number(struct, pointer) for struct in structs)
        request = RequestShape(pointer, method, params, "integer" if whole else "string")
        return replace(socket, request=request, reply=ReplyShape(answer))

    def _ids(self, line: _Line) -> tuple[str, str]:
        """Where requests and replies have the id that joins them; empty where they have none in common."""
        requests = [asked.message for asked in line.asked]
        replies = [reply for asked in line.asked for reply in asked.replies]
        declared = {one.correlation for one in requests}
        pointer = declared.pop() if len(declared) == 1 else ""
        if not pointer and not self.document.version.startswith("3"):
            pointer = self._usual_id((*requests, *replies))
            if pointer:
                right = "declare `correlationId` in the messages to settle it"
                self._warn(requests[0].origin, f"{pointer} is taken as the id that joins requests and replies", right)
        answers = {one.correlation or self._known_at(one, pointer) for one in replies}
        answer = answers.pop() if len(answers) == 1 and pointer else ""
        return (pointer, answer) if answer else ("", "")

    def _known_at(self, message: MessageEntry, pointer: str) -> str:
        """The pointer, if every form of a message has that property."""
        structs = self._structs(self.type_of(message))
        has = [any(f"/{one.wire}" == pointer for one in struct.fields) for struct in structs]
        return pointer if has and all(has) else ""

    def _params_pointer(self, structs: list[StructType], pointer: str, method: str) -> str:
        """The one property that holds a request's parameters, beside its id and its method; empty: they stand beside these."""
        rest = [one for struct in structs for one in struct.fields if f"/{one.wire}" not in (pointer, method)]
        wires = {one.wire for one in rest}
        nested = any(self._fields_of(one) for one in rest)
        return f"/{wires.pop()}" if len(wires) == 1 and nested and method.count("/") == 1 else ""

    def _structs(self, kind: Type | None) -> list[StructType]:
        return list(structs_of(kind, self.pool.types)) if kind is not None else []

    # Methods

    def _methods(self, asked: _Asked, socket: Socket) -> Iterator[Method]:
        kind = self.type_of(asked.message)
        structs = self._structs(kind)
        shape = socket.request or RequestShape("", "", "")
        values = values_at(structs[0], shape.method, self.pool.types) if len(structs) == 1 and shape.method else ()
        result = self._union(cap(asked.name, ()) + "Reply", asked.replies, asked.operation.origin, "models")
        for value in values or (asked.name,):
            many = len(values) > 1
            yield self._method(asked, socket, str(value), str(value) if many else asked.name, structs, kind, result)

    def _method(
        self,
        asked: _Asked,
        socket: Socket,
        wire: str,
        name: str,
        structs: list[StructType],
        kind: Type | None,
        result: Type | None,
    ) -> Method:
        origin = asked.operation.origin
        unique, _ = self._names.claim(snake(name), origin)
        python = cap(unique if unique != snake(name) else name)
        shape = socket.request or RequestShape("", "", "")
        parameters = self._address_parameters(socket, asked.message.origin)
        if len(structs) == 1:
            parameters += self._parameters(structs[0], shape, parameters)
        elif kind is not None:
            parameters.append(
                Parameter("", "payload", kind, asked.message.origin, required=True, doc="The whole message.")
            )
        tags = () if (socket.reply or ReplyShape("")).id else self._reply_tags(asked)
        result = result if result is not None else JSON
        return Method(
            wire=wire,
            name=unique,
            variants=(Variant(python, result),),
            socket=socket.name,
            origin=origin,
            title=asked.operation.title or asked.message.title,
            doc=asked.operation.doc or asked.message.doc,
            parameters=tuple(parameters),
            auth=Auth.NONE,
            request_example=asked.message.examples[0].json() if asked.message.examples else "",
            examples=tuple(self._examples(asked.replies)),
            reply_tags=tags,
        )

    def _parameters(self, struct: StructType, shape: RequestShape, taken: list[Parameter]) -> list[Parameter]:
        """The fields of a request as parameters. A field with one value only is a constant: always sent, never asked for."""
        names = Names([one.name for one in taken])
        fields = struct.fields
        if shape.params:
            inner = next((one for one in struct.fields if f"/{one.wire}" == shape.params), None)
            fields = self._fields_of(inner) if inner is not None else ()
        own = [one for one in fields if shape.params or f"/{one.wire}" not in (shape.id, shape.method)]
        found: list[Parameter] = []
        for one in own:
            name, _ = names.claim(snake(one.wire, REQUEST_ATTRIBUTES, "parameter"), one.origin)
            found.append(Parameter(one.wire, name, one.type, one.origin, one.required, doc=one.doc))
        return found

    def _fields_of(self, one: Field) -> tuple[Field, ...]:
        structs = self._structs(one.type.type if isinstance(one.type, Nullable) else one.type)
        return structs[0].fields if len(structs) == 1 else ()

    def _reply_tags(self, asked: _Asked) -> tuple[tuple[str, str], ...]:
        """What a reply without an id is known by: the values of a property that its schema limits."""
        structs = [struct for reply in asked.replies for struct in self._structs(self.type_of(reply))]
        pointer = shared_tag(structs[:1], self.pool.types)
        values = (
            [value for struct in structs for value in values_at(struct, pointer, self.pool.types)] if pointer else []
        )
        if not values:
            right = "give requests and replies an id and declare it as `correlationId`"
            self._warn(
                asked.operation.origin,
                f"nothing ties a reply to {asked.name!r}: the next message is taken for it",
                right,
            )
        return tuple((pointer, str(value)) for value in dict.fromkeys(values))

    def _address_parameters(self, socket: Socket, origin: Origin) -> list[Parameter]:
        return [_parameter(one, origin) for one in socket.parameters]

    # Messages, events, streams

    def _message(self, message: MessageEntry, socket: Socket) -> Message | None:
        kind = self.type_of(message)
        if kind is None:
            return None
        name, _ = self._names.claim(snake(message.name, fallback="message"), message.origin)
        return Message(name, kind, socket.name, message.origin, message.doc, tuple(self._examples([message])))

    def _events(self, operation: Operation, message: MessageEntry, socket: Socket, tag: str) -> Iterator[Event]:
        """The events that a message stands for: one, or one for each branch of a union."""
        kind = self.type_of(message)
        if kind is None:
            return
        if not isinstance(kind, Ref):
            name = self.pool.claim(cap(message.name or "Event", ()), message.origin, cap(message.name, ()) + "Message")
            self.pool.types[name] = AliasType(name, kind, message.origin, message.doc, "events")
            self._kinds[id(message)] = kind = Ref(name)
        structs = self._structs(kind)
        examples = list(self._examples([message]))
        for one in structs:
            self.pool.types[one.name] = _as_event(one)
        for name in [one.name for one in structs] or [kind.name]:
            if name in self._seen_events:
                continue
            self._seen_events.add(name)
            struct = next((one for one in structs if one.name == name), None)
            tags = values_at(struct, tag, self.pool.types) if struct is not None and tag else ()
            doc = struct.doc if struct is not None and len(structs) > 1 else message.doc or operation.doc
            texts = tuple(dict.fromkeys(str(value) for value in tags))
            yield Event(
                Ref(name), name, texts, message.origin, message.title, doc, socket.name, examples=tuple(examples)
            )
            examples = []

    def _streams(self, line: _Line, socket: Socket) -> Iterator[Stream]:
        messages = [message for _, message in line.received]
        name = cap(line.name, ())
        kind = self._union(f"{name}Event", messages, line.channels[0].origin, "events") if messages else None
        if kind is None:
            return
        unique, _ = self._names.claim(cap(f"{name}Stream"), line.channels[0].origin)
        channel = line.channels[0]
        yield Stream(
            name=unique,
            patterns=(),
            event=kind,
            socket=socket.name,
            origin=channel.origin,
            parameters=tuple(_parameter(one, channel.origin) for one in socket.parameters),
            title=channel.name,
            doc=channel.doc or next((one.doc for one, _ in line.received if one.doc), ""),
        )

    def _examples(self, messages: Sequence[MessageEntry]) -> Iterator[Example]:
        """The examples that their types can read; the others are told and left out."""
        for message in messages:
            kind = self.type_of(message)
            for node in message.examples:
                if kind is None:
                    break
                wrong = next(iter(mismatches(node, kind, self.pool.types)), None)
                if wrong is None:
                    yield Example(message.name, node.json(), kind, node.origin)
                else:
                    what = f"an example of {message.name!r} is not what its schema says and is left out: {wrong[1]}"
                    self._warn(wrong[0].origin, what, "mend the example or the schema")

    def _warn_unreadable(self) -> None:
        for message in dict.fromkeys(one for operation in self.document.operations for one in operation.messages):
            if message.binary:
                self._warn(
                    message.origin, f"the message {message.name!r} is left out: it is binary", "only JSON is read"
                )
            elif message.payload is None:
                self._warn(
                    message.origin, f"the message {message.name!r} is left out: its payload is unknown", "describe it"
                )

    def _warn_servers(self, found: bool) -> None:
        if not found:
            right = "the client is generated all the same; its user has to give an address"
            self._warn(self.document.origin, "the document has no WebSocket server", right)

    def _warn(self, origin: Origin, what: str, right: str) -> None:
        problem = Problem(origin, what, right, warning=True)
        if problem not in self.problems:
            self.problems.append(problem)


def _parameter(one: QueryParameter, origin: Origin) -> Parameter:
    return Parameter(one.wire, one.name, one.type, origin, one.default is None, one.default, doc=one.doc)


def _as_event(struct: StructType) -> StructType:
    """A struct as the class of an event, which has attributes of its own."""
    fields = [replace(one, name=one.name + "_") if one.name in EVENT_ATTRIBUTES else one for one in struct.fields]
    return replace(struct, fields=tuple(fields), module="events")


def _unique(pairs: list[tuple[Operation, MessageEntry]]) -> list[tuple[Operation, MessageEntry]]:
    """Each message once, however many operations carry it."""
    return list({id(message): (operation, message) for operation, message in reversed(pairs)}.values())[::-1]


def _of_same_name(request: MessageEntry, answers: list[MessageEntry]) -> list[MessageEntry]:
    """`OrderRequest` is answered by `OrderResponse`, if there is one."""
    stem = _stem(request.name, _ASKING)
    return [one for one in answers if _stem(one.name, _ANSWERING) == stem]


def _stem(name: str, endings: tuple[str, ...]) -> str:
    spelled = cap(name, ())
    return next((spelled.removesuffix(one) for one in endings if spelled.endswith(one)), spelled)


def _is_whole_number(struct: StructType, pointer: str) -> bool:
    kind = next((one.type for one in struct.fields if f"/{one.wire}" == pointer), None)
    kind = kind.type if isinstance(kind, Nullable) else kind
    return kind == Scalar(Kind.INTEGER)
