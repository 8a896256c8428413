"""What the `x-` keys of a document say of servers, sockets, signing and user data (docs/spec-format.md, section 8)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from wirewright.errors import Problem
from wirewright.load.keys import Keys
from wirewright.load.node import Node
from wirewright.load.resolved import Channel, Document, Security, ServerEntry, Variable
from wirewright.load.schema import Schemas
from wirewright.model.api import QueryParameter, SecurityScheme, Server, Signing, Socket
from wirewright.model.naming import REQUEST_ATTRIBUTES, STREAM_ATTRIBUTES, cap, snake
from wirewright.model.types import Kind, Literal, Scalar

WEBSOCKET = ("ws", "wss", "")


def read_sockets(
    document: Document, keys: Keys, query: Callable[[Node | None, str], Iterable[QueryParameter]]
) -> Iterator[Socket]:
    """The sockets that the channels of a document describe. `query` reads the query or the headers of one."""
    for channel in document.channels:
        if channel.has_socket:
            owner = channel.node.part("x-socket").text("name") or channel.name
            yield read_socket(channel, keys, query(channel.query, owner), query(channel.headers, owner))


def read_socket(
    channel: Channel, keys: Keys, query: Iterable[QueryParameter], headers: Iterable[QueryParameter]
) -> Socket:
    """The socket of a channel, as its `x-socket` says."""
    said = channel.node.part("x-socket")
    node = said if said.text("name") else said.with_map({**said.map, "name": Node(snake(channel.name), said.origin)})
    socket = keys.read(
        Socket,
        node,
        "x-socket",
        path=channel.address or "",
        origin=channel.origin,
        query=tuple(query),
        headers=tuple(headers),
        parameters=tuple(variable(one) for one in channel.parameters),
        address=channel.address or "",
    )
    if socket.shutdown and (socket.event is None or not socket.event.tag):
        told = f"socket {socket.name!r} announces its end by {socket.shutdown!r}, but nothing says where an event has its tag"
        keys.problems.append(Problem(node.origin, told, "write `event: {tag: /e}`, with the pointer to the tag"))
    return socket


def read_security(entry: Security, keys: Keys) -> SecurityScheme:
    said = entry.node.get("x-signing")
    signing = keys.read(Signing, said, "x-signing") if said is not None else None
    return SecurityScheme(entry.name, entry.type, entry.location, entry.parameter, entry.doc, signing)


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
    node = entry.node.get("x-server")
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


def read_query(schemas: Schemas, node: Node | None, owner: str) -> tuple[QueryParameter, ...]:
    """The query (or the headers) of a handshake, as the ws binding has it: an object schema."""
    if node is None:
        return ()
    schema = schemas.merged(node)
    required = schema.texts("required")
    found: list[QueryParameter] = []
    for wire, one in schema.part("properties").map.items():
        kind = schemas.type_of(one, cap(owner, ()) + cap(wire, ()))
        default = one.get("default")
        text = default.text() if default is not None and default.atom is not None else None
        limits = schemas.limits(one)
        found.append(QueryParameter(wire, snake(wire), kind, wire in required, text, schemas.doc(one), limits))
    return tuple(found)
