"""An `Api` from a document that was made of one: methods from operations, streams from channels, types from schemas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

from wirewright.errors import Problem
from wirewright.load.document import Files
from wirewright.load.emitted.plain import value_of
from wirewright.load.emitted.schemas import limits_of, named_of, type_of
from wirewright.load.node import Node
from wirewright.load.pool import Pool
from wirewright.load.resolved import Document
from wirewright.load.schema import Schemas
from wirewright.load.sockets import Keys, read_query, read_security, read_servers, read_socket, read_user_data, variable
from wirewright.model.api import (
    Api,
    Deprecation,
    ErrorCode,
    ErrorMessage,
    Event,
    Example,
    Message,
    Method,
    Parameter,
    QueryParameter,
    SecurityScheme,
    Socket,
    Stream,
    Variant,
)
from wirewright.model.naming import REQUEST_ATTRIBUTES, snake
from wirewright.model.spelling import respelled
from wirewright.model.types import Origin, Type

T = TypeVar("T")
_EMPTY = Node({}, Origin(""))
FORMAT = 1


def is_emitted(document: Document) -> bool:
    """Whether a document says that it was made of a model."""
    node = document.extension("x-model")
    return node is not None and node.text("format") == str(FORMAT)


def api_of_emitted(document: Document, files: Files, name: str) -> tuple[Api, list[Problem]]:
    """The model that the document was made of. What AsyncAPI has no word for comes from its `x-` keys."""
    keys = Keys()
    reader = _Reader(document, files)
    sockets = tuple(reader.sockets(keys))
    security = tuple(_security(read_security(one, keys), one.extensions) for one in document.security)
    servers, placed = read_servers(document, sockets, keys)
    model = document.extension("x-model") or _EMPTY
    by_name = {one.name: one for one in sockets}
    api = value_of(
        Api,
        model,
        name=model.text("name") or name,
        title=document.title,
        origin=document.origin,
        doc=document.doc,
        version="" if document.api_version == "0" else document.api_version,
        servers=servers,
        sockets=placed,
        methods=tuple(reader.methods(by_name)),
        messages=tuple(reader.sent()),
        streams=tuple(reader.streams()),
        events=tuple(reader.events(by_name)),
        types=tuple(named_of(one, node) for one, node in document.schemas.items()),
        errors=tuple(reader.listed("x-errors", ErrorCode)),
        error_messages=tuple(reader.listed("x-error-messages", ErrorMessage)),
        security=security,
        user_data=read_user_data(document, keys),
        amount_pattern=document.root.text("x-amount-pattern"),
        text_pattern=document.root.text("x-text-pattern"),
        deprecations=tuple(reader.listed("x-deprecations", Deprecation)),
        mock=document.root.text("x-mock"),
    )
    return api, keys.problems


def _security(scheme: SecurityScheme, node: Node | None) -> SecurityScheme:
    """A scheme whose details the model does not hold was written as another one."""
    said = node.get("x-scheme") if node is not None else None
    return value_of(SecurityScheme, said, name=scheme.name, doc=scheme.doc) if said is not None else scheme


class _Reader:
    def __init__(self, document: Document, files: Files) -> None:
        self.document = document
        self.root = document.root
        self.schemas = Schemas(files, Pool(strict=False))

    def listed(self, key: str, kind: type[T]) -> Iterator[T]:
        node = self.root.get(key)
        for one in node.list if node is not None else ():
            yield value_of(kind, one)

    def _at(self, pointer: str) -> Node:
        return self.root.at(pointer) or _EMPTY

    def _messages(self) -> Mapping[str, Node]:
        return self._at("/components/messages").map

    # Sockets

    def sockets(self, keys: Keys) -> Iterator[Socket]:
        for channel in self.document.channels:
            if channel.extensions is None or "x-socket" not in channel.extensions.map:
                continue
            owner = channel.extensions.map["x-socket"].text("name") or channel.name
            query = self._query(channel.query, owner)
            headers = self._query(channel.headers, owner)
            socket = read_socket(channel, keys, query, headers)
            yield replace(socket, parameters=tuple(variable(one) for one in channel.parameters))

    def _query(self, node: Node | None, owner: str) -> tuple[QueryParameter, ...]:
        given = read_query(node, self.schemas, owner)
        properties = (node.get("properties") or _EMPTY).map if node is not None else {}
        return tuple(
            replace(
                one,
                type=type_of(properties[one.wire]),
                default=_text(properties[one.wire], "x-default"),
                doc=properties[one.wire].text("description"),
                limits=limits_of(properties[one.wire].get("x-limits")),
            )
            for one in given
        )

    # Methods

    def methods(self, sockets: Mapping[str, Socket]) -> Iterator[Method]:
        for node in self._at("/operations").map.values():
            said = node.get("x-method")
            if said is not None:
                yield self._method(node, said, sockets)

    def _method(self, node: Node, said: Node, sockets: Mapping[str, Socket]) -> Method:
        request = self._message(node, "/messages")[0]
        replies = [one for one in self._message(node, "/reply/messages") if "x-variant" in one.map]
        http = said.text("http")
        channel = self._channel(node)
        socket_name = said.text("socket") if http else (channel.get("x-socket") or _EMPTY).text("name")
        socket = sockets.get(socket_name)
        wire = said.text("wire") if http else request.text("name")
        payload = request.map["payload"]
        shape = socket.request if socket is not None and not http else None
        schema = _schema_at(payload, shape.params) if shape is not None else payload
        parameters = tuple(_parameters(schema))
        names = {one.wire: one.name for one in parameters}
        result = socket.reply.result if socket is not None and socket.reply is not None and not http else ""
        variants = tuple(
            value_of(Variant, one.map["x-variant"], result=type_of(_schema_at(one.map["payload"], result)))
            for one in replies
        )
        placed = [pair for one in replies for pair in zip(_places(one), _examples(one, result), strict=False)]
        examples = [example for _, example in sorted(placed, key=lambda pair: pair[0])]
        method = value_of(
            Method,
            said,
            wire=wire,
            name=said.text("name") or snake(wire),
            variants=variants,
            socket=socket_name,
            origin=node.origin,
            title=request.text("title") if request.text("title") != request.text("name") else "",
            doc=node.text("description"),
            parameters=parameters,
            examples=tuple(_typed(examples, variants)),
            request_example=next((one.map["payload"].json() for one in _listed(request, "examples")), ""),
        )
        return respelled(method, names)

    def _channel(self, node: Node) -> Node:
        return self._at((node.get("channel") or _EMPTY).text("$ref").removeprefix("#"))

    def _message(self, node: Node, pointer: str) -> list[Node]:
        """The messages of an operation or its reply."""
        listed = node.at(pointer)
        names = [one.text("$ref").rpartition("/")[2] for one in listed.list] if listed is not None else []
        return [self._messages()[name] for name in names if name in self._messages()]

    # Streams, events, what is only sent

    def streams(self) -> Iterator[Stream]:
        for key, node in self._at("/channels").map.items():
            said = node.get("x-stream")
            if said is None:
                continue
            key_of_message = next(iter((node.get("messages") or _EMPTY).map), "")
            message = self._messages().get(key_of_message, _EMPTY)
            event = type_of(_inner(message))
            examples = [
                Example(one.text("label"), one.text("json"), event, one.origin) for one in _listed(said, "examples")
            ]
            shown = [replace(one, type=event) for one in _examples(message, "")]
            yield value_of(
                Stream,
                said,
                name=key,
                event=event,
                origin=node.origin,
                title="" if node.text("title") == key else node.text("title"),
                doc=node.text("description"),
                parameters=tuple(_parameters(Node({"properties": said.map["parameters"]}, node.origin))),
                examples=tuple(examples or shown),
            )

    def events(self, sockets: Mapping[str, Socket]) -> Iterator[Event]:
        for key, node in self._messages().items():
            said = node.get("x-event")
            if said is None:
                continue
            socket = sockets.get(said.text("socket"))
            in_stream = socket is not None and socket.stream is not None and not said.true("user-data")
            pointer = socket.event.payload if socket is not None and socket.event is not None and not in_stream else ""
            kind = type_of(_schema_at(node.map["payload"], pointer))
            name = node.text("name") or key
            yield value_of(
                Event,
                said,
                type=kind,
                name=name,
                title="" if node.text("title") == name else node.text("title"),
                doc=node.text("description"),
                examples=tuple(replace(one, type=kind) for one in _examples(node, pointer)),
            )

    def sent(self) -> Iterator[Message]:
        for node in self._messages().values():
            said = node.get("x-message")
            if said is not None:
                kind = type_of(node.map["payload"])
                examples = tuple(replace(one, type=kind) for one in _examples(node, ""))
                doc = node.text("description")
                yield Message(node.text("name"), kind, said.text("socket"), node.origin, doc, examples)


def _inner(message: Node) -> Node:
    return message.get("payload") or _EMPTY


def _listed(node: Node, key: str) -> list[Node]:
    found = node.get(key)
    return found.list if found is not None else []


def _text(node: Node, key: str) -> str | None:
    return node.text(key) if key in node.map else None


def _schema_at(schema: Node, pointer: str) -> Node:
    """The schema of what a pointer names inside of a frame."""
    for token in pointer.strip("/").split("/") if pointer else ():
        schema = (schema.get("properties") or _EMPTY).get(token) or _EMPTY
    return schema


def _parameters(schema: Node) -> Iterator[Parameter]:
    required = schema.texts("required")
    for wire, node in (schema.get("properties") or _EMPTY).map.items():
        if node.true("x-runtime"):
            continue
        yield Parameter(
            wire=wire,
            name=node.text("x-name") or snake(wire, REQUEST_ATTRIBUTES, "parameter"),
            type=type_of(node),
            origin=node.origin,
            required=wire in required or node.true("x-required"),
            default=_text(node, "x-default"),
            minimum=_text(node, "x-minimum"),
            maximum=_text(node, "x-maximum"),
            values=node.texts("x-values"),
            doc=node.text("description"),
            deprecated_names=node.texts("x-old-names"),
            pattern=node.text("x-pattern"),
            limits=limits_of(node.get("x-limits")),
        )


def _examples(message: Node, pointer: str) -> Iterator[Example]:
    for one in _listed(message, "examples"):
        data = one.map["payload"].at(pointer)
        if data is not None:
            yield Example(one.text("name"), data.json(), None, one.origin)


def _places(message: Node) -> Iterator[int]:
    """Where the examples of a message stand among those of its method."""
    places = message.get("x-places")
    count = len(_listed(message, "examples"))
    return (int(one.text()) for one in places.list) if places is not None else iter(range(count))


def _typed(examples: list[Example], variants: tuple[Variant, ...]) -> Iterator[Example]:
    """Each example with the type of the variant that it is labelled by."""
    results: dict[str, Type] = {one.name: one.result for one in variants}
    first = variants[0].result if variants else None
    for one in examples:
        yield replace(one, type=results.get(one.label, first))
