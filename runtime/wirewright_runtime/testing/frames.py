"""How an exchange words what it says: events, answers and refusals in the form that a socket's data describe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import msgspec

from wirewright_runtime.envelope import put
from wirewright_runtime.product import ReplyShape, Socket
from wirewright_runtime.testing.encode import encode
from wirewright_runtime.testing.faults import Fault

Frame = dict[str, object]


def as_json(payload: object) -> object:
    """A payload as it can stand in a frame: models and ready JSON as they are on the wire."""
    if isinstance(payload, msgspec.Raw):
        return payload
    if isinstance(payload, bytes):
        return msgspec.Raw(payload)
    value: object = payload
    parts = cast("list[object]", payload) if isinstance(payload, list) else [payload]
    return msgspec.Raw(encode(value)) if any(isinstance(part, msgspec.Struct) for part in parts) else value


def stream_frame(socket: Socket, stream: str, payload: object) -> object:
    """An event of a stream."""
    shape, payload = socket.stream, as_json(payload)
    if shape is None or not shape.payload:
        return payload
    frame: Frame = {}
    if len(shape.keys) == 1:
        put(frame, shape.keys[0], stream)
    else:
        for pointer, value in zip(shape.keys, stream.split(shape.separator), strict=False):
            put(frame, pointer, value)
    put(frame, shape.payload, payload)
    return frame


def user_frame(socket: Socket, id: int | str, event: object) -> object:
    """An event of a user data subscription."""
    if socket.stream is not None:
        return stream_frame(socket, str(id), event)
    shape, event = socket.event, as_json(event)
    if shape is None or not shape.payload:
        return event
    frame: Frame = {}
    if shape.subscription:
        put(frame, shape.subscription, id)
    put(frame, shape.payload, event)
    return frame


def tagged_event(socket: Socket, tag: str) -> Frame:
    """An event that consists of its type."""
    return {socket.event.tag.lstrip("/") if socket.event is not None else "e": tag}


def shutdown_frame(socket: Socket, shape: str) -> object:
    """The announcement that a connection will end: "raw", "combined" or "event"; empty: the socket's own shape."""
    event = tagged_event(socket, socket.shutdown)
    if socket.event is None or shape == "raw" or (not shape and not socket.event.payload):
        return event
    if shape == "combined" and socket.stream is not None:
        return stream_frame(socket, f"!{socket.shutdown}", event)
    frame: Frame = {}
    put(frame, socket.event.payload, event)
    return frame


def reply_frame(shape: ReplyShape, id: str | int | None, result: object) -> Frame:
    """A successful answer."""
    frame: Frame = {}
    if shape.id:
        put(frame, shape.id, id)
    if shape.status and shape.ok:
        put(frame, shape.status, shape.ok[0])
    if shape.result:
        put(frame, shape.result, as_json(result))
    elif isinstance(result, Mapping):
        frame.update(cast("Mapping[str, object]", result))
    return frame


def refusal_frame(shape: ReplyShape, id: str | int | None, fault: Fault, retry_at: int = 0) -> Frame:
    """An error; `retry_at` is when the next request is welcome, in milliseconds."""
    frame: Frame = {}
    if shape.id:
        put(frame, shape.id, id)
    if shape.status:
        numbers = not shape.ok or (isinstance(shape.ok[0], int) and not isinstance(shape.ok[0], bool))
        put(frame, shape.status, fault.status if numbers else False)
    if shape.code:
        put(frame, shape.code, fault.code)
    put(frame, shape.message or shape.error, fault.message)
    if shape.data and fault.data is not None:
        put(frame, shape.data, fault.data)
    if shape.retry_after and retry_at:
        put(frame, shape.retry_after, retry_at)
    return frame


def limits_of(shape: ReplyShape, frame: Frame, limits: list[dict[str, object]]) -> None:
    """Add the limits on requests to an answer, under the product's names."""
    if shape.rate_limits and shape.rate_limit is not None:
        names: dict[str, str] = msgspec.structs.asdict(shape.rate_limit)
        put(frame, shape.rate_limits, [{names[name]: value for name, value in limit.items()} for limit in limits])
