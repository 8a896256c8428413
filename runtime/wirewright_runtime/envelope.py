"""The exchange's outer JSON: what kind of frame this is, and how a request is wrapped.

Nearly every frame begins with its id or with its stream's name (``{"stream":"btcusdt@trade",``): the text up to there is
the key under which its receiver is kept, so that nothing has to be decoded. All other frames are read by pointers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from operator import attrgetter
from typing import Any, NamedTuple, cast

import msgspec

from wirewright_runtime.product import RequestShape, Socket
from wirewright_runtime.types import Json
from wirewright_runtime.unions import ANYTHING


class Reading(NamedTuple):
    """What a frame says of itself. `id` is None where it has none, or null; `at` is where the event with the tag stands."""

    id: str | int | None
    failed: bool
    stream: str
    tag: str
    at: str
    subscription: str | int | None
    is_event: bool


class Envelope:
    """Reads and writes the frames of one kind of socket."""

    def __init__(self, socket: Socket) -> None:
        self.socket = socket
        reply, event, stream = socket.reply, socket.event, socket.stream
        self.stream_head = _head(stream.keys) if stream else b""
        """How the frame of a stream begins, up to its name; empty if that varies."""
        self.reply_head = _head((reply.id,)) if reply and not self.stream_head else b""
        """The same for a reply and its id."""
        head = self.stream_head or self.reply_head
        self._key = re.compile(rb'"%s"\s*:\s*"?([^",}\s]+)' % re.escape(head[2:-3])) if head else None
        self._id = reply.id if reply else ""
        self._error = reply.error if reply else ""
        self._bare = (reply.bare if reply else None) or ()
        self._keys = stream.keys if stream else ()
        self._separator = stream.separator if stream else ""
        self._payload = event.payload if event else ""
        self._subscription = event.subscription if event else ""
        payloads = dict.fromkeys((self._payload, *((stream.payload,) if stream else ()), ""))
        self._tags = {payload + event.tag: payload for payload in payloads} if event and event.tag else {}
        wanted = dict.fromkeys(
            (self._id, self._error, self._payload, self._subscription, *self._keys, *self._tags, *self._bare)
        )
        inner = [pointer for pointer in wanted if pointer and not any(p.startswith(pointer + "/") for p in wanted)]
        self._pick = Picker(tuple(inner))
        self._encode = msgspec.json.Encoder(decimal_format="number").encode
        self._keys_of_request = _flat(socket.request)

    def read(self, raw: bytes) -> Reading:
        """What a frame is. Raises `msgspec.DecodeError` if it is no JSON."""
        values = self._pick(raw)
        found = values.get(self._id)
        error = values.get(self._error)
        bare = bool(self._bare) and is_bare(*map(values.get, self._bare))
        name = self._separator.join(str(values[key]) for key in self._keys if values.get(key) is not None)
        at = next((pointer for pointer in self._tags if values.get(pointer) is not None), "")
        tag = str(values[at]) if at else ""
        subscription = values.get(self._subscription)
        return Reading(
            found if isinstance(found, (str, int)) else None,
            bare or not says_nothing(error),
            name,
            tag,
            self._tags.get(at, self._payload),
            subscription if isinstance(subscription, (str, int)) else None,
            bool(tag) or values.get(self._payload) is not None,
        )

    def text_of(self, message: object) -> bytes:
        """What a message is on the wire."""
        return message.encode() if self.socket.plain and isinstance(message, str) else self._encode(message)

    def key_in(self, beginning: bytes) -> bytes:
        """The key that stands in the beginning of a frame, however it is spaced; empty if there is none."""
        found = self._key.search(beginning) if self._key else None
        return (self.stream_head or self.reply_head) + found[1] if found else b""

    def write(self, id: str | int | None, method: str, params: Mapping[str, object] | list[str] | None) -> bytes:
        """A request, or a control command, as text."""
        frame: dict[str, object]
        if self._keys_of_request is not None:
            id_key, method_key, params_key = self._keys_of_request
            frame = {id_key: id, method_key: method}
            if params:
                frame[params_key] = params
            return self._encode(frame)
        shape = self.socket.request
        if shape is None:
            raise ValueError(f"socket {self.socket.name!r} takes no requests")
        if (
            isinstance(params, Mapping) and "" in params
        ):  # the message is no object of ours: one parameter, the whole of it
            return self.text_of(params[""])
        frame = {}
        if shape.id and id is not None:
            put(frame, shape.id, id)
        if shape.method:
            put(frame, shape.method, method)
        for pointer, value in shape.constants.items():
            put(frame, pointer, value)
        if params:
            if shape.params:
                put(frame, shape.params, params)
            elif isinstance(params, Mapping):
                frame.update(params)
        return self._encode(frame)


def _flat(shape: RequestShape | None) -> tuple[str, str, str] | None:
    """The keys of id, method and parameters, where they all stand in the frame itself."""
    if shape is None or shape.constants:
        return None
    pointers = (shape.id, shape.method, shape.params)
    if any(pointer.count("/") != 1 for pointer in pointers):
        return None
    return shape.id[1:], shape.method[1:], shape.params[1:]


def put(frame: dict[str, object], pointer: str, value: object) -> None:
    """Set what stands at a JSON pointer."""
    *path, last = pointer.lstrip("/").split("/")
    for key in path:
        frame = cast("dict[str, object]", frame.setdefault(key, {}))
    frame[last] = value


def get(value: Json, pointer: str) -> Json:
    """What stands at a JSON pointer, or None."""
    for key in pointer.split("/")[1:]:
        if isinstance(value, dict):
            value = value.get(key)
        elif isinstance(value, list) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        else:
            return None
    return value


def says_nothing(error: object) -> bool:
    """Whether what stands where an error is told tells of none."""
    return error is None or error == "" or error == []


def is_bare(code: object, message: object) -> bool:
    """Whether these are the code and the message of a refusal that stand outside of their object."""
    return isinstance(code, int) and isinstance(message, str)


def _head(pointers: tuple[str, ...]) -> bytes:
    """How a frame begins whose first key is a text that these pointers find."""
    if len(pointers) != 1 or pointers[0].count("/") != 1:
        return b""
    return b'{"%s":"' % pointers[0][1:].encode()


class Picker:
    """Takes the values at some pointers out of JSON and skips the rest undecoded."""

    def __init__(self, pointers: tuple[str, ...]) -> None:
        self._pointers = pointers
        self._decoder = msgspec.json.Decoder(frame_type(dict.fromkeys(pointers, Any)))
        self._take = taker(pointers)

    def __call__(self, raw: bytes) -> dict[str, object]:
        """Value by pointer; what is not there is None."""
        try:
            return dict(zip(self._pointers, self._take(self._decoder.decode(raw)), strict=True))
        except msgspec.ValidationError:  # JSON of another form than the pointers expect
            anything = ANYTHING.decode(raw)
            return {pointer: get(anything, pointer) for pointer in self._pointers}


def frame_type(types: Mapping[str, Any]) -> Any:
    """A type that holds just these values, by pointer; what is not there is None. Read it with a `taker`."""
    return _frame_type(tuple(types.items()))


@cache
def _frame_type(types: tuple[tuple[str, Any], ...]) -> Any:
    """A class is made once for each shape, not for each subscription: classes are dear, and stay."""
    branches: dict[str, dict[str, Any]] = {}
    for pointer, type in types:
        if not pointer:
            return type
        key, _, rest = pointer[1:].partition("/")
        branches.setdefault(key, {})[f"/{rest}" if rest else ""] = type
    if any(key.isdigit() for key in branches):
        return list[frame_type(branches["0"])] if list(branches) == ["0"] else Any  # type: ignore[misc]
    fields: list[Any] = []
    for key, below in branches.items():
        inner = frame_type(below)
        nullable = inner if inner is Any or inner is msgspec.Raw else inner | None
        fields.append((_attribute(key), nullable, msgspec.field(name=key, default=None)))
    return msgspec.defstruct("Frame", fields, gc=False)


def _attribute(key: str) -> str:
    return f"at_{key.encode().hex()}"


def taker(pointers: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    """A function that takes the values at these pointers out of a `frame_type` of them."""
    paths = [tuple(pointer.split("/")[1:]) for pointer in pointers]
    if len(paths) > 1 and all(len(path) == 1 for path in paths):
        return attrgetter(*(_attribute(key) for (key,) in paths))
    named = [(path, tuple(map(_attribute, path))) for path in paths]
    return lambda frame: tuple(_follow(frame, path, attributes) for path, attributes in named)


def _follow(value: Any, path: tuple[str, ...], attributes: tuple[str, ...]) -> Any:
    for position, key in enumerate(path):
        if isinstance(value, msgspec.Struct):
            value = getattr(value, attributes[position])
        elif isinstance(value, list) and key == "0":
            items = cast("list[object]", value)
            value = items[0] if items else None
        else:
            return get(cast("Json", value), "/" + "/".join(path[position:]))
    return value
