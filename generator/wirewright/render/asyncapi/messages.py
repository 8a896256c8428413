"""Requests, replies, events and commands as messages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from wirewright.model.api import (
    Api,
    Auth,
    Event,
    EventShape,
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
from wirewright.model.naming import REQUEST_ATTRIBUTES, cap, snake
from wirewright.model.types import Kind, Scalar
from wirewright.render.asyncapi.envelope import Part, frame_data, frame_schema
from wirewright.render.asyncapi.plain import members, payload
from wirewright.render.asyncapi.schemas import Schema, described, lean, limited, schema_of

Entry = dict[str, Any]
ID: Schema = {"type": ["string", "integer", "null"], "description": "Repeated by the reply."}
STATUS: Schema = {"type": ["integer", "string", "boolean"], "description": "Whether it went well."}


# Requests


def request_key(method: Method) -> str:
    return cap(method.wire, ()) + "Request"


def request_message(method: Method, socket: Socket | None, api: Api) -> Entry:
    """What a method sends: its envelope, and a schema for each parameter."""
    parameters = parameters_schema(method.parameters, _runtime_parameters(method, api))
    shape = socket.request if socket is not None and not method.http else None
    examples = [{"payload": payload(method.request_example)}] if method.request_example else []
    return {
        "name": method.wire,
        "title": method.title or method.wire,
        **_correlated(socket, shape, "Request"),
        "payload": frame_schema(_request_parts(method, shape, parameters)) if shape is not None else parameters,
        **lean({"examples": examples}),
    }


def _request_parts(method: Method, shape: RequestShape, parameters: Schema) -> Iterator[Part]:
    # tells the frame's own keys from parameters beside them
    beside = {"x-runtime": True} if not shape.params else {}
    if shape.id:
        yield shape.id, {**ID, **beside}, True
    if shape.method:
        yield shape.method, {"type": "string", "const": method.wire, **beside}, True
    for wire, constant in (*shape.constants, *method.constants):
        yield f"/{wire}", {"const": constant, **beside}, True
    if parameters.get("properties") or shape.params:
        yield shape.params, parameters, any(one.required for one in method.parameters)


def _correlated(socket: Socket | None, shape: RequestShape | ReplyShape | None, part: str) -> Entry:
    """Where a message carries its id, if it carries one."""
    if socket is None or shape is None or not shape.id:
        return {}
    return {"correlationId": {"$ref": f"#/components/correlationIds/{snake(socket.name)}{part}"}}


def _runtime_parameters(method: Method, api: Api) -> list[tuple[str, Schema]]:
    """What the client adds by itself: key, time and signature."""
    signing = next((one.signing for one in api.security if one.signing is not None), None)
    if signing is None or method.auth not in (Auth.SIGNED, Auth.KEY) or method.http:
        return []
    text, time = schema_of(Scalar(Kind.STRING)), schema_of(Scalar(Kind.TIME))
    parts = [(signing.key, text, "API key.")]
    if method.auth is Auth.SIGNED:
        parts += [
            (signing.window, {"type": ["number", "integer"]}, "How long the request is valid, in milliseconds."),
            (signing.timestamp, time, "When the request was made."),
            (signing.signature, text, "Signature of the request; a session that is logged on needs none."),
        ]
    return [(name, described(schema, doc, x_runtime=True)) for name, schema, doc in parts if name]


def parameters_schema(parameters: tuple[Parameter, ...], runtime: list[tuple[str, Schema]]) -> Schema:
    required = [one.wire for one in parameters if one.required]
    properties = {one.wire: parameter_schema(one) for one in parameters} | dict(runtime)
    return {"type": "object", **lean({"required": required}), "properties": properties}


def parameter_schema(one: Parameter) -> Schema:
    schema = limited(schema_of(one.type), one.limits)
    named = snake(one.wire, REQUEST_ATTRIBUTES, "parameter") == one.name
    return described(
        schema,
        one.doc,
        x_name="" if named else one.name,
        x_default=one.default,
        x_minimum=one.minimum,
        x_maximum=one.maximum,
        x_values=list(one.values),
        x_pattern=one.pattern,
        x_old_names=list(one.deprecated_names),
    )


# Replies


def reply_key(variant: Variant) -> str:
    return f"{variant.name}Reply"


def reply_message(method: Method, variant: Variant, socket: Socket | None, first: bool) -> Entry:
    """One shape of a method's answer."""
    shape = socket.reply if socket is not None and not method.http else None
    result = schema_of(variant.result)
    shown = [index for index, one in enumerate(method.examples) if _belongs(one, method, variant, first)]
    examples = [_reply_example(method.examples[index], method, shape) for index in shown]
    return {
        "name": reply_key(variant),
        "title": f"Reply to {method.title or method.wire}",
        **_correlated(socket, shape, "Reply"),
        "payload": frame_schema(_reply_parts(shape, result)) if shape is not None else result,
        **lean({"examples": examples}),
        **({"x-places": shown} if shown and len(method.variants) > 1 else {}),  # among the examples of the method
        "x-variant": members(variant, without=("result",)),
    }


def _reply_parts(shape: ReplyShape, result: Schema) -> Iterator[Part]:
    if shape.id:
        yield shape.id, ID, True
    if shape.status and shape.status != shape.result:
        yield shape.status, {"enum": list(shape.ok)} if shape.ok else STATUS, True
    yield shape.result, result, True
    if shape.rate_limits:
        yield shape.rate_limits, {"type": "array", "items": {"type": "object"}}, False


def _belongs(example: Example, method: Method, variant: Variant, first: bool) -> bool:
    names = {one.name for one in method.variants}
    return example.label == variant.name if example.label in names else first


def _reply_example(example: Example, method: Method, shape: ReplyShape | None) -> Entry:
    data = payload(example.json)
    if shape is not None:
        request: Any = payload(method.request_example) if method.request_example else {}
        ident = cast("dict[str, Any]", request).get("id", "1") if isinstance(request, dict) else "1"
        status = [(shape.status, shape.ok[0])] if shape.status and shape.ok and shape.status != shape.result else []
        idents = [(shape.id, ident)] if shape.id else []
        data = frame_data([*idents, *status, (shape.result, data)])
    return _named(example, data)


def _named(example: Example, data: Any) -> Entry:
    return {**lean({"name": example.label}), "payload": data}


def error_message(socket: Socket) -> Entry | None:
    """How a socket says that a request went wrong."""
    shape = socket.reply
    if shape is None or not shape.error:
        return None
    every: list[Part] = [
        (shape.id, ID, True),
        (shape.status, STATUS, True),
        (shape.code, {"type": ["integer", "string"]}, True),
        (shape.message, {"type": "string"}, False),
        (shape.data, {}, False),
    ]
    return {
        "name": f"{snake(socket.name)}Error",
        "title": "Error",
        "payload": frame_schema(part for part in every if part[0]),
        **_correlated(socket, shape, "Reply"),
    }


# Events


def event_message(event: Event, socket: Socket | None) -> Entry:
    """Something the server pushes outside a request; on a socket of streams, what stands inside the stream's frame."""
    shape = socket.event if socket is not None and not _in_stream(event, socket) else None
    body = schema_of(event.type)
    return {
        "name": event.name,
        "title": event.title or event.name,
        **lean({"description": event.doc}),
        "payload": frame_schema(_event_parts(shape, body)) if shape is not None and shape.payload else body,
        **_examples(event.examples, shape),
        "x-event": members(event, without=("type", "name", "title", "doc", "examples")),
    }


def _in_stream(event: Event, socket: Socket) -> bool:
    return socket.stream is not None and not event.user_data


def _event_parts(shape: EventShape, body: Schema) -> list[Part]:
    subscription: list[Part] = [(shape.subscription, {"type": "integer"}, False)] if shape.subscription else []
    return [*subscription, (shape.payload, body, True)]


def _examples(examples: tuple[Example, ...], shape: EventShape | None = None) -> Entry:
    pointer = shape.payload if shape is not None else ""
    return lean({"examples": [_named(one, frame_data([(pointer, payload(one.json))])) for one in examples]})


def stream_message(stream: Stream) -> Entry:
    """What a stream brings, where no event of the product says it already."""
    made: Entry = {"name": stream.name, "title": stream.title or stream.name, "payload": schema_of(stream.event)}
    return made | _examples(stream.examples)


def sent_message(message: Message) -> Entry:
    """A message that nobody answers."""
    return {
        "name": message.name,
        "payload": schema_of(message.type),
        **lean({"description": message.doc}),
        **_examples(message.examples),
        "x-message": {"socket": message.socket},
    }


def command_message(socket: Socket, command: str, method: str) -> Entry:
    """A command of a socket of streams."""
    shape = socket.request
    parts: list[Part] = []
    if shape is not None:
        names = {"type": "array", "items": {"type": "string"}, "description": "Names of streams."}
        parts = [(shape.id, ID, True), (shape.method, {"type": "string", "const": method}, True)]
        parts += [(shape.params, names, True)] if command != "list" and shape.params else []
    return {
        "name": f"{snake(socket.name)}{command.capitalize()}",
        "title": f"{command.capitalize()} streams" if command != "list" else "List the streams that are subscribed",
        "payload": frame_schema(parts),
        "x-command": command,
    }
