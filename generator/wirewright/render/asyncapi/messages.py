"""Requests, replies, events and commands as messages."""

from __future__ import annotations

from typing import Any, cast

from wirewright.model.api import Api, Auth, Event, Example, Message, Method, Parameter, Socket, Stream, Variant
from wirewright.model.naming import REQUEST_ATTRIBUTES, cap, snake
from wirewright.model.types import Kind, Scalar
from wirewright.render.asyncapi.envelope import Part, frame_data, frame_schema
from wirewright.render.asyncapi.plain import members, payload
from wirewright.render.asyncapi.schemas import Schema, described, limited, schema_of

Entry = dict[str, Any]
ID: Schema = {"type": ["string", "integer", "null"], "description": "Repeated by the reply."}
STATUS: Schema = {"type": ["integer", "string", "boolean"], "description": "Whether it went well."}


# Requests


def request_key(method: Method) -> str:
    return cap(method.wire, ()) + "Request"


def request_message(method: Method, socket: Socket | None, api: Api) -> Entry:
    """What a method sends: its envelope, and a schema for each parameter."""
    parameters = parameters_schema(method.parameters, _runtime_parameters(method, api))
    shape = socket.request if socket is not None else None
    parts: list[Part] = []
    if shape is not None and not method.http:
        beside = (
            {"x-runtime": True} if not shape.params else {}
        )  # tells the frame's own keys from parameters beside them
        parts += [(shape.id, {**ID, **beside}, True)] if shape.id else []
        parts += [(shape.method, {"type": "string", "const": method.wire, **beside}, True)] if shape.method else []
        constants = (*shape.constants, *method.constants)
        parts += [(f"/{wire}", {"const": value, **beside}, True) for wire, value in constants]
        required = any(one.required for one in method.parameters)
        parts.append((shape.params, parameters, required)) if parameters.get("properties") or shape.params else None
    made: Entry = {"name": method.wire, "title": method.title or method.wire}
    if shape is not None and shape.id and not method.http:
        made["correlationId"] = {"$ref": f"#/components/correlationIds/{_id_name(socket)}Request"}
    made["payload"] = frame_schema(parts) if parts else parameters
    if method.request_example:
        made["examples"] = [{"payload": payload(method.request_example)}]
    return made


def _id_name(socket: Socket | None) -> str:
    return snake(socket.name) if socket is not None else ""


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
    made: Schema = {"type": "object"}
    required = [one.wire for one in parameters if one.required]
    if required:
        made["required"] = required
    made["properties"] = {one.wire: parameter_schema(one) for one in parameters} | dict(runtime)
    return made


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
    made: Entry = {"name": reply_key(variant), "title": f"Reply to {method.title or method.wire}"}
    if shape is None:
        made["payload"] = result
    else:
        if shape.id:
            made["correlationId"] = {"$ref": f"#/components/correlationIds/{_id_name(socket)}Reply"}
        parts: list[Part] = [(shape.id, ID, True)] if shape.id else []
        if shape.status and shape.status != shape.result:
            parts.append((shape.status, {"enum": list(shape.ok)} if shape.ok else STATUS, True))
        parts.append((shape.result, result, True))
        if shape.rate_limits:
            parts.append((shape.rate_limits, {"type": "array", "items": {"type": "object"}}, False))
        made["payload"] = frame_schema(parts)
    shown = [index for index, one in enumerate(method.examples) if _belongs(one, method, variant, first)]
    if shown:
        made["examples"] = [_reply_example(method.examples[index], method, shape) for index in shown]
    if shown and len(method.variants) > 1:
        made["x-places"] = shown  # among the examples of the method
    made["x-variant"] = members(variant, without=("result",))
    return made


def _belongs(example: Example, method: Method, variant: Variant, first: bool) -> bool:
    names = {one.name for one in method.variants}
    return example.label == variant.name if example.label in names else first


def _reply_example(example: Example, method: Method, shape: Any) -> Entry:
    data = payload(example.json)
    if shape is not None:
        request: Any = payload(method.request_example) if method.request_example else {}
        ident = cast("dict[str, Any]", request).get("id", "1") if isinstance(request, dict) else "1"
        status = [(shape.status, shape.ok[0])] if shape.status and shape.ok and shape.status != shape.result else []
        idents = [(shape.id, ident)] if shape.id else []
        data = frame_data([*idents, *status, (shape.result, data)])
    return {**({"name": example.label} if example.label else {}), "payload": data}


def error_message(socket: Socket) -> Entry | None:
    """How a socket says that a request went wrong."""
    shape = socket.reply
    if shape is None or not shape.error:
        return None
    parts: list[Part] = [(shape.id, ID, True)] if shape.id else []
    if shape.status:
        parts.append((shape.status, STATUS, True))
    if shape.code:
        parts.append((shape.code, {"type": ["integer", "string"]}, True))
    if shape.message:
        parts.append((shape.message, {"type": "string"}, False))
    if shape.data:
        parts.append((shape.data, {}, False))
    made: Entry = {"name": f"{_id_name(socket)}Error", "title": "Error", "payload": frame_schema(parts)}
    if shape.id:
        made["correlationId"] = {"$ref": f"#/components/correlationIds/{_id_name(socket)}Reply"}
    return made


# Events


def event_message(event: Event, socket: Socket | None) -> Entry:
    """Something the server pushes outside a request; on a socket of streams, what stands inside the stream's frame."""
    shape = socket.event if socket is not None and not _in_stream(event, socket) else None
    made: Entry = {"name": event.name, "title": event.title or event.name}
    if event.doc:
        made["description"] = event.doc
    body = schema_of(event.type)
    made["payload"] = frame_schema(_event_parts(shape, body)) if shape is not None and shape.payload else body
    examples = [_event_example(one, shape) for one in event.examples]
    if examples:
        made["examples"] = examples
    made["x-event"] = members(event, without=("type", "name", "title", "doc", "examples"))
    return made


def _in_stream(event: Event, socket: Socket) -> bool:
    return socket.stream is not None and not event.user_data


def _event_parts(shape: Any, body: Schema) -> list[Part]:
    subscription: list[Part] = [(shape.subscription, {"type": "integer"}, False)] if shape.subscription else []
    return [*subscription, (shape.payload, body, True)]


def _event_example(example: Example, shape: Any) -> Entry:
    data = payload(example.json)
    if shape is not None and shape.payload:
        data = frame_data([(shape.payload, data)])
    return {**({"name": example.label} if example.label else {}), "payload": data}


def stream_message(stream: Stream) -> Entry:
    """What a stream brings, where no event of the product says it already."""
    made: Entry = {"name": stream.name, "title": stream.title or stream.name, "payload": schema_of(stream.event)}
    if stream.examples:
        made["examples"] = [_event_example(one, None) for one in stream.examples]
    return made


def sent_message(message: Message) -> Entry:
    """A message that nobody answers."""
    made: Entry = {"name": message.name, "payload": schema_of(message.type)}
    if message.doc:
        made["description"] = message.doc
    if message.examples:
        made["examples"] = [_event_example(one, None) for one in message.examples]
    made["x-message"] = {"socket": message.socket}
    return made


def command_message(socket: Socket, command: str, method: str) -> Entry:
    """A command of a socket of streams."""
    shape = socket.request
    parts: list[Part] = []
    if shape is not None:
        names = {"type": "array", "items": {"type": "string"}, "description": "Names of streams."}
        parts = [(shape.id, ID, True), (shape.method, {"type": "string", "const": method}, True)]
        parts += [(shape.params, names, True)] if command != "list" and shape.params else []
    return {
        "name": f"{_id_name(socket)}{command.capitalize()}",
        "title": f"{command.capitalize()} streams" if command != "list" else "List the streams that are subscribed",
        "payload": frame_schema(parts),
        "x-command": command,
    }
