"""What the `x-` keys of a document say of servers, sockets, signing and user data (docs/spec-format.md, section 8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

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

_EMPTY = Node({}, Origin(""))
_SOCKET_KEYS = {"name", "role", "lifetime", "ping", "limits", "symbol-case", "request", "reply", "event", "stream"}
_SOCKET_KEYS |= {"commands", "shutdown", "source"}
WEBSOCKET = ("ws", "wss", "")


@dataclass
class Keys:
    """Reads extensions; a key that nobody knows is told, because it is probably misspelled."""

    problems: list[Problem] = field(default_factory=list[Problem])

    def known(self, node: Node, keys: set[str], owner: str) -> None:
        for key in node.map:
            if key not in keys and not key.startswith("x-"):
                right = "one of: " + ", ".join(sorted(keys))
                self.problems.append(Problem(node.key_origin(key), f"`{key}` is unknown in `{owner}`", right))

    def number(self, node: Node, key: str) -> float | None:
        value = node.get(key)
        if value is None or value.value is None:
            return None
        if isinstance(value.value, int | Decimal) and not isinstance(value.value, bool):
            return float(value.value) if float(value.value) != int(value.value) else int(value.value)
        self.problems.append(Problem(value.origin, f"`{key}` is {value.text()!r}", "write a number"))
        return None

    def whole(self, node: Node, key: str, default: int) -> int:
        number = self.number(node, key)
        return default if number is None else int(number)


def _part(node: Node, key: str) -> Node:
    return node.get(key) or _EMPTY


def read_socket(channel: Channel, keys: Keys, query: Sequence[QueryParameter], headers: Sequence[QueryParameter]) -> Socket:
    """The socket of a channel, as its `x-socket` says."""
    node = (channel.extensions or _EMPTY).get("x-socket") or _EMPTY
    keys.known(node, _SOCKET_KEYS, "x-socket")
    limits, commands, ping = _part(node, "limits"), _part(node, "commands"), node.get("ping")
    keys.known(limits, {"streams", "messages", "dials"}, "x-socket.limits")
    keys.known(commands, {"subscribe", "unsubscribe", "list"}, "x-socket.commands")
    streams = keys.number(limits, "streams")
    return Socket(
        name=node.text("name") or snake(channel.name),
        role=node.text("role", "api"),
        path=channel.address or "",
        origin=channel.origin,
        query=tuple(query),
        headers=tuple(headers),
        request=_request(node.get("request"), keys),
        reply=_reply(node.get("reply"), keys),
        event=_event(node.get("event"), keys),
        stream=_stream(node.get("stream"), keys),
        subscribe=_command(commands.get("subscribe"), keys),
        unsubscribe=_command(commands.get("unsubscribe"), keys),
        list=_command(commands.get("list"), keys),
        streams=None if streams is None else int(streams),
        messages=_rate(limits.get("messages"), keys),
        dials=_rate(limits.get("dials"), keys),
        ping=_ping(ping, keys),
        lifetime=keys.number(node, "lifetime"),
        shutdown=node.text("shutdown"),
        symbol_case=node.text("symbol-case", "lower"),
        source=node.text("source") or (channel.extensions or _EMPTY).text("x-source"),
    )


def _request(node: Node | None, keys: Keys) -> RequestShape | None:
    if node is None:
        return None
    keys.known(node, {"id", "method", "params", "id-type", "constants"}, "x-socket.request")
    constants = tuple(
        (key, value.value) for key, value in _part(node, "constants").map.items() if isinstance(value.value, str | int | bool)
    )
    return RequestShape(node.text("id"), node.text("method"), node.text("params"), node.text("id-type", "string"), constants)


def _reply(node: Node | None, keys: Keys) -> ReplyShape | None:
    if node is None:
        return None
    names = {"id", "status", "ok", "result", "error", "code", "message", "data", "retry-after", "rate-limits"}
    keys.known(node, names, "x-socket.reply")
    ok = node.get("ok")
    values = tuple(one.value for one in ok.list if isinstance(one.value, str | int | bool)) if ok is not None else ()
    return ReplyShape(
        id=node.text("id"),
        status=node.text("status"),
        ok=values,
        result=node.text("result"),
        error=node.text("error"),
        code=node.text("code"),
        message=node.text("message"),
        data=node.text("data"),
        retry_after=node.text("retry-after"),
        rate_limits=node.text("rate-limits"),
    )


def _event(node: Node | None, keys: Keys) -> EventShape | None:
    if node is None:
        return None
    keys.known(node, {"payload", "tag", "subscription"}, "x-socket.event")
    return EventShape(node.text("payload"), node.text("tag"), node.text("subscription"))


def _stream(node: Node | None, keys: Keys) -> StreamShape | None:
    if node is None:
        return None
    keys.known(node, {"key", "keys", "payload", "separator"}, "x-socket.stream")
    return StreamShape(node.texts("keys") or node.texts("key"), node.text("payload"), node.text("separator", ":"))


def _command(node: Node | None, keys: Keys) -> Command | None:
    if node is None:
        return None
    keys.known(node, {"method", "params", "batch"}, "x-socket.commands")
    return Command(node.text("method"), node.text("params", "names"), keys.whole(node, "batch", 200))


def _rate(node: Node | None, keys: Keys) -> Rate | None:
    if node is None:
        return None
    keys.known(node, {"count", "seconds", "counts"}, "x-socket.limits")
    return Rate(keys.whole(node, "count", 0), keys.number(node, "seconds") or 1, node.texts("counts"))


def _ping(node: Node | None, keys: Keys) -> Ping | None:
    if node is None:
        return None
    keys.known(node, {"from", "interval", "timeout"}, "x-socket.ping")
    return Ping(node.text("from", "server"), keys.number(node, "interval") or 20, keys.number(node, "timeout") or 60)


def read_security(entry: Security, keys: Keys) -> SecurityScheme:
    node = (entry.extensions or _EMPTY).get("x-signing")
    signing = _signing(node, keys) if node is not None else None
    return SecurityScheme(entry.name, entry.type, entry.location, entry.parameter, entry.doc, signing)


def _signing(node: Node, keys: Keys) -> Signing:
    names = {"canonical", "key", "signature", "timestamp", "window", "logon", "clock"}
    keys.known(node, names, "x-signing")
    window, logon, clock = _part(node, "window"), _part(node, "logon"), _part(node, "clock")
    return Signing(
        scheme=node.text("canonical", "sorted-pairs"),
        key=node.text("key", "apiKey"),
        signature=node.text("signature", "signature"),
        timestamp=node.text("timestamp", "timestamp"),
        window=window.text("name") or window.text(),
        window_maximum=keys.whole(window, "maximum", 0),
        logon=logon.text("method"),
        status=logon.text("status"),
        logout=logon.text("logout"),
        logon_keys=logon.texts("keys"),
        clock_method=clock.text("method"),
        clock_result=clock.text("result"),
        clock_refused=keys.whole(clock, "refused", 0),
    )


def read_user_data(document: Document, keys: Keys) -> tuple[UserData, ...]:
    listed = document.extension("x-user-data")
    return tuple(_user_data(node, keys) for node in listed.list) if listed is not None else ()


def _user_data(node: Node, keys: Keys) -> UserData:
    names = {"scheme", "keys", "subscribe", "unsubscribe", "subscription", "terminated", "start", "keepalive", "stop", "key"}
    keys.known(node, names | {"result", "expiry", "socket", "query", "expired", "deprecated"}, "x-user-data")
    keepalive = _part(node, "keepalive")
    return UserData(
        scheme=node.text("scheme"),
        subscribe=node.text("subscribe"),
        unsubscribe=node.text("unsubscribe"),
        keys=node.texts("keys"),
        subscription=node.text("subscription"),
        terminated=node.text("terminated"),
        start=node.text("start"),
        keepalive=keepalive.text("method"),
        keepalive_every=keys.number(keepalive, "every") or 0,
        expires=keys.number(keepalive, "expires") or 0,
        stop=node.text("stop"),
        key=node.text("key"),
        result=node.text("result"),
        expiry=node.text("expiry"),
        socket=node.text("socket"),
        query=node.text("query"),
        expired=node.text("expired"),
        deprecated=node.text("deprecated"),
    )


# Servers


def is_websocket(server: ServerEntry) -> bool:
    return server.protocol in WEBSOCKET


def read_servers(document: Document, sockets: Sequence[Socket], keys: Keys) -> tuple[tuple[Server, ...], tuple[Socket, ...]]:
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
            keys.known(one, {"name", "role"}, "x-server")
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
        (role, f"{entry.protocol or 'wss'}://{entry.host}{'' if role in common else entry.path}") for role, entry in entries
    )
    variables = {one.name: variable(one) for _, entry in entries for one in entry.variables}
    first = entries[0][1]
    return Server(name, addresses, first.origin, first.doc, tuple(variables.values()))


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
        found.append(QueryParameter(wire, snake(wire), kind, wire in required, text, schemas.doc(one)))
    return tuple(found)
