"""Streams and events from their tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from wirewright.errors import Problem
from wirewright.load.endpoints.endpoint import Endpoint
from wirewright.load.endpoints.exchange import event_name
from wirewright.load.examples import Scope, paths_in
from wirewright.load.joining import JSON
from wirewright.load.json_text import read_json
from wirewright.load.markdown import plain
from wirewright.load.methods import Tools, read_parameter, values_in_tables
from wirewright.load.node import Node
from wirewright.load.rules import codes, read_sequence
from wirewright.model.api import Auth, Event, Example, Parameter, Socket, Stream
from wirewright.model.naming import STREAM_ATTRIBUTES, Names, cap, snake
from wirewright.model.types import AliasType, Array, Kind, Literal, Ref, Scalar, Tag, Type

_PLACEHOLDER = re.compile(r"<([\w-]+)>")
_EVENT = re.compile(r"(?P<list>(?:list|array)\s+of\s+)?`?(?P<name>\w+)`?(?:\s+as\s+`?(?P<alias>\w+)`?)?", re.IGNORECASE)
_SPEED = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|seconds?|minutes?|m)\b")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0}
_KNOWN = {"symbol": "Trading pair, such as `BTCUSDT`.", "pair": "Pair of assets, such as `BTCUSD`."}


def read_stream(endpoint: Endpoint, tools: Tools) -> tuple[Stream, list[Event]]:
    """A stream, and the event that it brings."""
    socket = tools.socket(endpoint.label("route"), speaks=False)
    route = endpoint.label("route").strip("`/ ")
    if route and tools.sockets and (socket is None or socket.name != route):
        right = f"there are {', '.join(one.name for one in tools.sockets)}"
        tools.problem(Problem(endpoint.where("route"), f"no socket is called {endpoint.label('route')!r}", right))
    patterns = tuple(split_patterns(endpoint.wire))
    parameters = tuple(_parameters(endpoint, patterns, tools))
    kind, events = _events(endpoint, tools, socket)
    name = endpoint.label("stream class").strip("` ") or f"{_name_of(kind)}Stream"
    return Stream(
        name=name,
        patterns=patterns,
        event=kind,
        socket=socket.name if socket is not None else "",
        origin=endpoint.origin,
        parameters=parameters,
        section=endpoint.section,
        title=endpoint.title,
        doc=endpoint.doc,
        interval=_interval(endpoint.label("update speed")),
        intervals=tuple(_intervals(parameters)),
        sequence=read_sequence(endpoint, tools.problems),
        since=endpoint.label("since"),
        deprecated=endpoint.label("deprecated"),
        auth=_auth(endpoint, tools),
        params=_subscription(endpoint, parameters, tools),
        examples=tuple(_examples(endpoint, kind, socket)),
    ), events


def read_event(endpoint: Endpoint, tools: Tools) -> list[Event]:
    """An event outside of any stream: user data, or a notice to the connection."""
    socket = next((one for one in tools.sockets if one.name == endpoint.label("route").strip("`/ ")), None)
    pushing = sorted((one for one in tools.sockets if one.event is not None), key=lambda one: one.stream is not None)
    socket = socket or next(iter(pushing), None)
    return _events(endpoint, tools, socket)[1]


def split_patterns(text: str) -> Iterator[str]:
    """`` `<symbol>@depth` or `<symbol>@depth@100ms` `` -> both."""
    clean = plain(text.replace("\n", " , ")).replace("`", " ")
    for part in re.split(r"\s+(?:or|OR|and|或|或者|和)\s+|[,;]|\s{2,}|\s+/\s+", clean):
        if part.strip():
            yield part.strip()


# The event


def _events(endpoint: Endpoint, tools: Tools, socket: Socket | None) -> tuple[Type, list[Event]]:
    """The type of the event and the events that the table describes."""
    kind, inner, alias = _event_type(endpoint, tools)
    pointer = _tag_pointer(socket, tools)
    payloads = [_payload(sample.node, socket) for sample in endpoint.samples]
    items = [item for node in payloads for item in (node.list if node.is_list else [node])]
    tags = _tags(endpoint, items, pointer)
    scope = Scope(tools.words.section(endpoint), shown=frozenset(path for item in items for path in paths_in(item)))
    for item in items:
        tools.inference.observe(inner, item, scope, "events")
    if isinstance(inner, Ref):
        tag = Tag(pointer.strip("/"), tags) if tags else None
        tools.inference.describe(inner.name, "" if alias else endpoint.doc, endpoint.origin, "events", tag)
    elif not endpoint.from_page:
        what = f"the event of {endpoint.title!r} has no name"
        tools.problem(Problem(endpoint.where("event"), what, "write **Event:** and a name in CapWords"))
    if alias:
        tools.pool.types[alias] = AliasType(alias, Array(inner), endpoint.origin, endpoint.doc, "events")
    user_data = endpoint.kind == "event" and not endpoint.label("scope").lower().startswith("connection")
    event = Event(
        type=kind,
        name=_name_of(kind),
        tags=() if alias else tuple(str(tag) for tag in tags),
        origin=endpoint.origin,
        title=endpoint.title,
        doc=endpoint.doc,
        socket=socket.name if socket is not None else "",
        user_data=user_data and "serverShutdown" not in tags,
        sequence=read_sequence(endpoint, tools.problems),
        examples=tuple(_examples(endpoint, kind, socket)),
    )
    return kind, [event]


def _event_type(endpoint: Endpoint, tools: Tools) -> tuple[Type, Type, str]:
    """The type of what arrives, of one event in it, and the name that a list of events has."""
    text = endpoint.label("event")
    match = _EVENT.fullmatch(text.strip()) if text else None
    if match is None or endpoint.from_page:
        name = cap((match.group("name") if match else "") or event_name(endpoint), ())
        is_list = bool(endpoint.samples) and all(sample.node.is_list for sample in endpoint.samples)
        return (Array(Ref(name)) if is_list else Ref(name)), Ref(name), ""
    inner = Ref(match.group("name"))
    if not match.group("list"):
        return inner, inner, ""
    alias = match.group("alias") or ""
    if not alias:
        return Array(inner), inner, ""
    tools.pool.claim(alias, endpoint.origin)
    return Ref(alias), inner, alias


def _tag_pointer(socket: Socket | None, tools: Tools) -> str:
    if socket is not None and socket.event is not None and socket.event.tag:
        return socket.event.tag
    return next((one.event.tag for one in tools.sockets if one.event is not None and one.event.tag), "/e")


def _payload(node: Node, socket: Socket | None) -> Node:
    """An event without the envelope that its example may show."""
    shapes = [shape.payload for shape in (socket.event, socket.stream) if shape is not None] if socket else []
    for pointer in shapes or ("/event", "/data"):
        inner = node.at(pointer) if pointer else None
        if inner is not None and (inner.is_map or inner.is_list) and len(node.map) <= 3:
            return inner
    return node


def _tags(endpoint: Endpoint, items: list[Node], pointer: str) -> tuple[str | int | bool, ...]:
    stated = codes(endpoint.label("event type")) if endpoint.label("event type") else []
    found = [node.value for item in items if (node := item.at(pointer)) is not None and isinstance(node.value, str)]
    return tuple(dict.fromkeys([*stated, *found]))


def _examples(endpoint: Endpoint, kind: Type, socket: Socket | None) -> Iterator[Example]:
    for sample in endpoint.samples:
        node = _payload(sample.node, socket)
        if (
            node.value not in ({}, [])
            and not node.partial
            and not (node.is_list and not any(item.map or item.list for item in node.list))
        ):
            yield Example(sample.label, node.json(), kind, node.origin)


def _name_of(kind: Type) -> str:
    if isinstance(kind, Ref):
        return kind.name
    return (
        f"All{kind.item.name.removeprefix('All')}"
        if isinstance(kind, Array) and isinstance(kind.item, Ref)
        else "Event"
    )


# How it is subscribed


def _auth(endpoint: Endpoint, tools: Tools) -> Auth:
    """What a subscription carries: nothing, or the token of the client."""
    text = endpoint.label("auth").strip("` ").lower() or Auth.NONE.value
    known = {auth.value: auth for auth in (Auth.NONE, Auth.TOKEN)}
    if text not in known:
        right = f"write {' or '.join(known)}"
        tools.problem(Problem(endpoint.where("auth"), f"a subscription cannot carry {text!r}", right))
    return known.get(text, Auth.NONE)


def _subscription(endpoint: Endpoint, parameters: tuple[Parameter, ...], tools: Tools) -> str:
    """The parameters of a subscription that is an object, as JSON with placeholders."""
    text = endpoint.label("subscription").strip("` \n")
    if not text:
        return ""
    where = endpoint.where("subscription")
    nodes, problems = read_json(text, where.file, where.line)
    tools.problems += problems
    known = {name for one in parameters for name in (one.wire, one.name)}
    for name in _PLACEHOLDER.findall(text):
        if name not in known:
            right = "add its row to **Parameters:**"
            tools.problem(Problem(where, f"the subscription needs <{name}>, which is no parameter", right))
    return nodes[0].json() if nodes else ""


# The name of the stream


def _parameters(endpoint: Endpoint, patterns: tuple[str, ...], tools: Tools) -> Iterator[Parameter]:
    rows = {snake(row.wire): row for row in endpoint.parameters}
    named = (*patterns, endpoint.label("subscription"))
    placed = list(dict.fromkeys(name for text in named for name in _PLACEHOLDER.findall(text)))
    suffixes = _suffixes(patterns)
    names = Names()
    for wire in [*placed, *(["updateSpeed"] if suffixes else [])]:
        row = rows.get(snake(wire))
        name, _ = names.claim(snake(wire, STREAM_ATTRIBUTES), endpoint.origin)
        if row is not None:
            one = read_parameter(endpoint, row, wire, name, tools)
            kind = one.type if one.type != JSON else Scalar(Kind.STRING)
            yield replace(one, type=kind, required=one.required and wire in placed)
        elif wire == "updateSpeed" and suffixes:
            yield Parameter(wire, name, Literal(tuple(suffixes)), endpoint.origin)
        else:
            yield _without_row(endpoint, wire, name, tools)


def _without_row(endpoint: Endpoint, wire: str, name: str, tools: Tools) -> Parameter:
    values = values_in_tables(endpoint, wire) or _listed_in_notes(endpoint, wire)
    if not values and wire not in _KNOWN:
        right = "add its row to **Parameters:**, with a type or its values"
        what = f"the placeholder <{wire}> has no values"
        tools.problem(Problem(endpoint.where("stream"), what, right))
    kind: Type = Literal(tuple(values)) if values else Scalar(Kind.STRING)
    return Parameter(wire, name, kind, endpoint.origin, required=True, doc=_KNOWN.get(wire, ""))


def _listed_in_notes(endpoint: Endpoint, wire: str) -> list[str]:
    """The exchange's pages: `Window Sizes: 1h,4h,1d`; `Valid <levels> are 5, 10, or 20`."""
    words = wire.replace("_", " ").replace("-", " ").lower()
    for text in (*(note.text for note in endpoint.notes), endpoint.doc):
        match = re.search(rf"{words}s?:\s*(.+)$", text.lower()) or re.search(
            rf"valid\W+{words}\W+are\s+([^.]+)", text.lower()
        )
        if match:
            return re.findall(r"[\w]+", match.group(1).replace(" or ", " ").replace(" and ", " "))
    return []


def _suffixes(patterns: tuple[str, ...]) -> list[str]:
    """What stands behind a name that is another one plus a literal ending: an update speed."""
    base = min(patterns, key=len, default="")
    return [
        one[len(base) + 1 :]
        for one in patterns
        if one != base and one.startswith(base + "@") and "<" not in one[len(base) :]
    ]


# Speed


def _interval(text: str) -> float | None:
    """Seconds between events, where they come at a fixed pace."""
    if not text or re.match(r"real[- ]?time", text.strip(), re.IGNORECASE):
        return None
    return _seconds(text)


def paces(text: str) -> set[float | None]:
    """Every time that a text names, in seconds: `1000ms (1s)` names one."""
    return {_seconds(found.group()) for found in _SPEED.finditer(text)}


def _seconds(text: str) -> float | None:
    match = _SPEED.search(text)
    return round(float(match.group(1)) * _SECONDS.get(match.group(2)[:2].rstrip("e"), 60.0), 6) if match else None


def _intervals(parameters: tuple[Parameter, ...]) -> Iterator[tuple[str, float]]:
    for one in parameters:
        if one.name == "update_speed" and isinstance(one.type, Literal):
            for value in one.type.values:
                seconds = _seconds(str(value))
                if seconds is not None:
                    yield str(value), seconds
