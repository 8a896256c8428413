"""An `Api` from a document that was made of one: methods from operations, streams from channels, types from schemas."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import count

from wirewright.errors import Problem
from wirewright.load.emitted.schemas import named_of, type_of
from wirewright.load.keys import Keys
from wirewright.load.node import Node
from wirewright.load.resolved import Document
from wirewright.load.sockets import read_security, read_sockets
from wirewright.load.whole import api_of_whole
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
from wirewright.model.types import Type

FORMAT = 1


def is_emitted(document: Document) -> bool:
    """Whether a document says that it was made of a model."""
    return document.root.part("x-model").text("format") == str(FORMAT)


def api_of_emitted(document: Document, name: str) -> tuple[Api, list[Problem]]:
    """The model that the document was made of. What AsyncAPI has no word for comes from its `x-` keys."""
    reader = _Reader(document.root)
    keys, root, model = reader.keys, document.root, document.root.part("x-model")
    sockets = tuple(read_sockets(document, keys, reader.query))
    by_name = {one.name: one for one in sockets}
    api = replace(
        api_of_whole(document, keys, sockets, model.text("name") or name),
        class_name=model.text("class-name"),
        title=document.title,
        version="" if document.api_version == "0" else document.api_version,
        security=tuple(reader.security(document)),
        methods=tuple(reader.methods(by_name)),
        messages=tuple(reader.sent()),
        streams=tuple(reader.streams()),
        events=tuple(reader.events(by_name)),
        types=tuple(named_of(one, node, keys) for one, node in document.schemas.items()),
        errors=tuple(keys.read(ErrorCode, one) for one in root.part("x-errors").list),
        error_messages=tuple(keys.read(ErrorMessage, one) for one in root.part("x-error-messages").list),
        deprecations=tuple(keys.read(Deprecation, one) for one in root.part("x-deprecations").list),
        operations=(),
    )
    return api, keys.problems


class _Reader:
    def __init__(self, root: Node) -> None:
        self.root = root
        self.keys = Keys(type_of)
        self.said = root.part("components").part("messages").map

    def security(self, document: Document) -> Iterator[SecurityScheme]:
        """The schemes. One whose details the model does not hold was written as another one."""
        for one in document.security:
            stated = one.node.get("x-scheme")
            if stated is not None:
                yield self.keys.read(SecurityScheme, stated, name=one.name, doc=one.doc)
            else:
                yield read_security(one, self.keys)

    def query(self, node: Node | None, owner: str) -> Iterator[QueryParameter]:
        for wire, one in node.part("properties").map.items() if node is not None else ():
            yield self.keys.read(
                QueryParameter,
                one,
                prefix="x-",
                wire=wire,
                name=snake(wire),
                type=type_of(one),
                required=wire in node.texts("required") if node is not None else False,
                doc=one.text("description"),
            )

    # Methods

    def methods(self, sockets: Mapping[str, Socket]) -> Iterator[Method]:
        for node in self.root.part("operations").map.values():
            if "x-method" in node.map:
                yield self._method(node, node.map["x-method"], sockets)

    def _method(self, node: Node, said: Node, sockets: Mapping[str, Socket]) -> Method:
        request = self._messages(node)[0]
        replies = [one for one in self._messages(node.part("reply")) if "x-variant" in one.map]
        http = said.text("http")
        socket_name = said.text("socket") if http else self._channel(node).part("x-socket").text("name")
        socket = None if http else sockets.get(socket_name)
        wire = said.text("wire") if http else request.text("name")
        shape = socket.request if socket is not None else None
        parameters = tuple(self._parameters(_schema_at(request.part("payload"), shape.params if shape else "")))
        result = socket.reply.result if socket is not None and socket.reply is not None else ""
        variants = tuple(
            self.keys.read(Variant, one.part("x-variant"), result=type_of(_schema_at(one.part("payload"), result)))
            for one in replies
        )
        placed = [pair for one in replies for pair in zip(_places(one), _examples(one, result), strict=False)]
        examples = [example for _, example in sorted(placed, key=lambda pair: pair[0])]
        method = self.keys.read(
            Method,
            said,
            wire=wire,
            name=said.text("name") or snake(wire),
            variants=variants,
            socket=socket_name,
            origin=node.origin,
            title=_title(request, request.text("name")),
            doc=node.text("description"),
            parameters=parameters,
            examples=tuple(_typed(examples, variants)),
            request_example=next((one.part("payload").json() for one in request.part("examples").list), ""),
        )
        return respelled(method, {one.wire: one.name for one in parameters})

    def _channel(self, node: Node) -> Node:
        return self.root.at(node.part("channel").text("$ref").removeprefix("#")) or node

    def _messages(self, node: Node) -> list[Node]:
        """The messages of an operation or its reply."""
        names = [one.text("$ref").rpartition("/")[2] for one in node.part("messages").list]
        return [self.said[name] for name in names if name in self.said]

    def _parameters(self, schema: Node) -> Iterator[Parameter]:
        required = schema.texts("required")
        for wire, node in schema.part("properties").map.items():
            if not node.true("x-runtime"):
                yield self.keys.read(
                    Parameter,
                    node,
                    prefix="x-",
                    wire=wire,
                    name=node.text("x-name") or snake(wire, REQUEST_ATTRIBUTES, "parameter"),
                    type=type_of(node),
                    required=wire in required or node.true("x-required"),
                    doc=node.text("description"),
                    deprecated_names=node.texts("x-old-names"),
                )

    # Streams, events, what is only sent

    def streams(self) -> Iterator[Stream]:
        for key, node in self.root.part("channels").map.items():
            said = node.get("x-stream")
            if said is None:
                continue
            message = self.said.get(next(iter(node.part("messages").map), ""), Node({}, node.origin))
            event = type_of(message.part("payload"))
            listed = said.part("examples").list
            examples = [Example(one.text("label"), one.text("json"), event, one.origin) for one in listed]
            yield self.keys.read(
                Stream,
                said,
                name=key,
                event=event,
                origin=node.origin,
                title=_title(node, key),
                doc=node.text("description"),
                parameters=tuple(self._parameters(Node({"properties": said.part("parameters")}, node.origin))),
                examples=tuple(examples or _examples(message, "", event)),
            )

    def events(self, sockets: Mapping[str, Socket]) -> Iterator[Event]:
        for key, node in self.said.items():
            said = node.get("x-event")
            if said is None:
                continue
            socket = sockets.get(said.text("socket"))
            in_stream = socket is not None and socket.stream is not None and not said.true("user-data")
            pointer = socket.event.payload if socket is not None and socket.event is not None and not in_stream else ""
            kind = type_of(_schema_at(node.part("payload"), pointer))
            name = node.text("name") or key
            yield self.keys.read(
                Event,
                said,
                type=kind,
                name=name,
                title=_title(node, name),
                doc=node.text("description"),
                examples=tuple(_examples(node, pointer, kind)),
            )

    def sent(self) -> Iterator[Message]:
        for node in self.said.values():
            if "x-message" in node.map:
                kind, socket = type_of(node.part("payload")), node.part("x-message").text("socket")
                examples = tuple(_examples(node, "", kind))
                yield Message(node.text("name"), kind, socket, node.origin, node.text("description"), examples)


def _title(node: Node, name: str) -> str:
    return node.text("title") if node.text("title") != name else ""


def _schema_at(schema: Node, pointer: str) -> Node:
    """The schema of what a pointer names inside of a frame."""
    for token in pointer.strip("/").split("/") if pointer else ():
        schema = schema.part("properties").part(token)
    return schema


def _examples(message: Node, pointer: str, kind: Type | None = None) -> Iterator[Example]:
    for one in message.part("examples").list:
        data = one.part("payload").at(pointer)
        if data is not None:
            yield Example(one.text("name"), data.json(), kind, one.origin)


def _places(message: Node) -> Iterable[int]:
    """Where the examples of a message stand among those of its method."""
    places = message.get("x-places")
    return map(int, message.texts("x-places")) if places is not None else count()


def _typed(examples: list[Example], variants: tuple[Variant, ...]) -> Iterator[Example]:
    """Each example with the type of the variant that it is labelled by."""
    results: dict[str, Type] = {one.name: one.result for one in variants}
    first = variants[0].result if variants else None
    for one in examples:
        yield replace(one, type=results.get(one.label, first))
