"""What the `x-` keys of a document say of servers, sockets, signing and user data (docs/spec-format.md, section 8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal
from typing import Any, TypeVar, get_type_hints

from wirewright.errors import Problem
from wirewright.load.node import Node
from wirewright.load.resolved import Channel, Document, Security, ServerEntry, Variable
from wirewright.load.schema import Schemas
from wirewright.model.api import (
    Command,
    EventShape,
    Ping,
    QueryParameter,
    Rate,
    ReplyShape,
    RequestShape,
    SecurityScheme,
    Server,
    Signing,
    Socket,
    StreamShape,
    UserData,
)
from wirewright.model.naming import REQUEST_ATTRIBUTES, STREAM_ATTRIBUTES, cap, snake
from wirewright.model.types import Kind, Literal, Origin, Scalar

T = TypeVar("T")
_EMPTY = Node({}, Origin(""))
WEBSOCKET = ("ws", "wss", "")


@dataclass
class Keys:
    """Reads extensions into data; a key that nobody knows is told, because it is probably misspelled."""

    problems: list[Problem] = field(default_factory=list[Problem])

    def read(self, kind: type[T], node: Node | None, owner: str, known: str = "", **given: Any) -> T | None:
        """A dataclass whose fields are the keys of a mapping; `given` are fields that are read in another way.

        Args:
            known: Further keys, which `given` has dealt with.
        """
        if node is None:
            return None
        hints = get_type_hints(kind)
        names = {one.name.replace("_", "-"): one.name for one in fields(kind) if one.name not in given}  # type: ignore[arg-type]
        self.check(node, {*names, *known.split()}, owner)
        found: dict[str, Any] = {
            name: self._value(node, key, hints[name]) for key, name in names.items() if key in node.map
        }
        return kind(**{name: value for name, value in found.items() if value is not None}, **given)

    def number(self, node: Node, key: str) -> float | None:
        value = node.get(key)
        if value is None or value.value is None:
            return None
        if isinstance(value.value, int | Decimal) and not isinstance(value.value, bool):
            return int(value.value) if value.value == int(value.value) else float(value.value)
        self.problems.append(Problem(value.origin, f"`{key}` is {value.text()!r}", "write a number"))
        return None

    def _value(self, node: Node, key: str, hint: object) -> object:
        if hint is str:
            return node.text(key)
        if hint == tuple[str, ...]:
            return node.texts(key)
        number = self.number(node, key)
        return int(number) if hint is int and number is not None else number

    def check(self, node: Node, known: set[str], owner: str) -> None:
        for key in node.map:
            if key not in known and not key.startswith("x-"):
                right = "one of: " + ", ".join(sorted(known))
                self.problems.append(Problem(node.key_origin(key), f"`{key}` is unknown in `{owner}`", right))


def _part(node: Node, key: str) -> Node:
    return node.get(key) or _EMPTY


def _atoms(node: Node, key: str) -> tuple[str | int | bool, ...]:
    listed = node.get(key)
    return tuple(one.value for one in listed.list if isinstance(one.value, str | int | bool)) if listed else ()


def read_socket(
    channel: Channel, keys: Keys, query: Sequence[QueryParameter], headers: Sequence[QueryParameter]
) -> Socket:
    """The socket of a channel, as its `x-socket` says."""
    node = _part(channel.extensions or _EMPTY, "x-socket")
    limits, commands, request, reply = (_part(node, key) for key in ("limits", "commands", "request", "reply"))
    stream, ping = _part(node, "stream"), _part(node, "ping")
    constants = tuple(
        (key, one.value)
        for key, one in _part(request, "constants").map.items()
        if isinstance(one.value, str | int | bool)
    )
    socket = keys.read(
        Socket,
        node,
        "x-socket",
        "name role lifetime ping limits request reply event stream commands source",
        name=node.text("name") or snake(channel.name),
        role=node.text("role", "api"),
        path=channel.address or "",
        origin=channel.origin,
        query=tuple(query),
        headers=tuple(headers),
        parameters=(),
        request=keys.read(
            RequestShape,
            node.get("request"),
            "request",
            "constants id method params",
            **{key: request.text(key) for key in ("id", "method", "params")},
            constants=constants,
        ),
        reply=keys.read(ReplyShape, node.get("reply"), "reply", "id ok", id=reply.text("id"), ok=_atoms(reply, "ok")),
        event=keys.read(
            EventShape,
            node.get("event"),
            "event",
            "payload tag",
            **{key: _part(node, "event").text(key) for key in ("payload", "tag")},
        ),
        stream=keys.read(
            StreamShape,
            node.get("stream"),
            "stream",
            "key keys payload",
            keys=stream.texts("keys") or stream.texts("key"),
            payload=stream.text("payload"),
        ),
        **{
            key: keys.read(Command, commands.get(key), f"commands.{key}")
            for key in ("subscribe", "unsubscribe", "list")
        },
        **{key: keys.read(Rate, limits.get(key), f"limits.{key}") for key in ("messages", "dials")},
        streams=None if (streams := keys.number(limits, "streams")) is None else int(streams),
        ping=keys.read(Ping, node.get("ping"), "ping", "from", sender=ping.text("from", "server")),
        lifetime=keys.number(node, "lifetime"),
        source=node.text("source") or node.text("x-source"),
        address=channel.address or "",
    )
    assert socket is not None
    if socket.shutdown and (socket.event is None or not socket.event.tag):
        told = f"socket {socket.name!r} announces its end by {socket.shutdown!r}, but nothing says where an event has its tag"
        keys.problems.append(Problem(node.origin, told, "write `event: {tag: /e}`, with the pointer to the tag"))
    return socket


def read_security(entry: Security, keys: Keys) -> SecurityScheme:
    node = _part(entry.extensions or _EMPTY, "x-signing")
    window, logon, clock = _part(node, "window"), _part(node, "logon"), _part(node, "clock")
    signing = keys.read(
        Signing,
        node if node.map else None,
        "x-signing",
        "canonical window logon clock",
        scheme=node.text("canonical", "sorted-pairs"),
        window=window.text("name") or window.text(),
        window_maximum=int(keys.number(window, "maximum") or 0),
        logon=logon.text("method"),
        status=logon.text("status"),
        logout=logon.text("logout"),
        logon_keys=logon.texts("keys"),
        clock_method=clock.text("method"),
        clock_result=clock.text("result"),
        clock_refused=int(keys.number(clock, "refused") or 0),
    )
    return SecurityScheme(entry.name, entry.type, entry.location, entry.parameter, entry.doc, signing)


def read_user_data(document: Document, keys: Keys) -> tuple[UserData, ...]:
    listed = document.extension("x-user-data")
    found: list[UserData] = []
    for node in listed.list if listed is not None else ():
        keepalive = _part(node, "keepalive")
        one = keys.read(
            UserData,
            node,
            "x-user-data",
            "keepalive",
            keepalive=keepalive.text("method"),
            keepalive_every=keys.number(keepalive, "every") or 0,
            expires=keys.number(keepalive, "expires") or 0,
        )
        found += [one] if one is not None else []
    return tuple(found)


# Servers


def is_websocket(server: ServerEntry) -> bool:
    return server.protocol in WEBSOCKET


def read_servers(
    document: Document, sockets: Sequence[Socket], keys: Keys
) -> tuple[tuple[Server, ...], tuple[Socket, ...]]:
    """Servers as the user knows them, and the sockets with their whole paths.

    Servers that `x-server` puts under one name are one. The path of an address goes to the sockets, so that another host can
    take its place; it stays where the servers of a role do not agree on it.
    """
    grouped: dict[str, list[tuple[str, ServerEntry]]] = {}
    paths: dict[str, set[str]] = {}
    for entry in document.servers:
        for name, role in _roles(entry, sockets, keys):
            grouped.setdefault(name, []).append((role, entry))
            paths.setdefault(role, set()).add(entry.path)
    common = {role: found.pop() for role, found in paths.items() if len(found) == 1}
    servers = tuple(_server(name, entries, common) for name, entries in grouped.items())
    return servers, tuple(replace(one, path=_joined(common.get(one.role, ""), one.path)) for one in sockets)


def _roles(entry: ServerEntry, sockets: Sequence[Socket], keys: Keys) -> list[tuple[str, str]]:
    """Under which names, and in which roles, a server is known."""
    node = (entry.extensions or _EMPTY).get("x-server")
    if node is not None:
        listed = node.list or [node]
        for one in listed:
            keys.check(one, {"name", "role"}, "x-server")
        return [(one.text("name") or entry.name, one.text("role", "api")) for one in listed]
    roles = dict.fromkeys(socket.role for socket in sockets) or ["api"]
    return [(entry.name, role) for role in roles] if is_websocket(entry) else []


def _joined(prefix: str, path: str) -> str:
    path = path if path.startswith("/") or not path else f"/{path}"
    if prefix and (path + "/").startswith(prefix + "/"):
        return path  # the channel repeats the path of the server
    return (prefix.rstrip("/") + ("" if path == "/" and prefix else path)) or "/"


def _server(name: str, entries: list[tuple[str, ServerEntry]], common: Mapping[str, str]) -> Server:
    addresses = tuple(
        (role, f"{entry.protocol or 'wss'}://{entry.host}{'' if role in common else entry.path}")
        for role, entry in entries
    )
    variables = {one.name: variable(one) for _, entry in entries for one in entry.variables}
    first = entries[0][1]
    paths = tuple((role, entry.path) for role, entry in entries)
    security = tuple(dict.fromkeys(one for _, entry in entries for one in entry.security))
    return Server(name, addresses, first.origin, first.doc, tuple(variables.values()), paths, security)


def variable(one: Variable) -> QueryParameter:
    """A variable of an address as a parameter: text, or one of its values."""
    kind = Literal(one.values) if one.values else Scalar(Kind.STRING)
    name = snake(one.name, REQUEST_ATTRIBUTES | STREAM_ATTRIBUTES, "parameter")
    return QueryParameter(one.name, name, kind, one.default is None, one.default, one.doc)


def read_query(node: Node | None, schemas: Schemas, owner: str) -> tuple[QueryParameter, ...]:
    """The query (or the headers) of a handshake, as the ws binding has it: an object schema."""
    if node is None:
        return ()
    schema = schemas.merged(node)
    required = schema.texts("required")
    found: list[QueryParameter] = []
    for wire, one in (schema.get("properties") or _EMPTY).map.items():
        kind = schemas.type_of(one, cap(owner, ()) + cap(wire, ()))
        default = one.get("default")
        text = default.text() if default is not None and default.atom is not None else None
        limits = schemas.limits(one)
        found.append(QueryParameter(wire, snake(wire), kind, wire in required, text, schemas.doc(one), limits))
    return tuple(found)
