"""Servers, sockets, security and user data in the words of docs/spec-format.md, section 9: what `load/sockets.py` reads."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from wirewright.model.api import Api, QueryParameter, SecurityScheme, Server, Socket, UserData
from wirewright.render.asyncapi.plain import members
from wirewright.render.asyncapi.schemas import described, limited, schema_of

Entry = dict[str, Any]
_SOCKET_PARTS = ("path", "query", "headers", "parameters", "address", "source")


def servers(api: Api) -> dict[str, Entry]:
    """One AsyncAPI server for each role of a server."""
    found: dict[str, Entry] = {}
    for server in api.servers:
        for role, address in server.addresses:
            key = f"{server.name}-{role}" if len(server.addresses) > 1 else server.name
            found[key] = _server(server, role, address)
    return found


def _server(server: Server, role: str, address: str) -> Entry:
    parts = urlsplit(address.replace("{", "%7B").replace("}", "%7D"))
    host = parts.netloc.replace("%7B", "{").replace("%7D", "}")
    made: Entry = {"host": host, "protocol": parts.scheme}
    path = dict(server.paths).get(role, "")
    if path:
        made["pathname"] = path
    if server.doc:
        made["description"] = server.doc
    used = [one for one in server.variables if f"{{{one.wire}}}" in address + path]
    if used:
        made["variables"] = {one.wire: _variable(one) for one in used}
    if server.security:
        made["security"] = [{"$ref": f"#/components/securitySchemes/{one}"} for one in server.security]
    made["x-server"] = {"name": server.name, "role": role}
    return made


def _variable(one: QueryParameter) -> Entry:
    values = list(getattr(one.type, "values", ()))
    made: Entry = {"enum": values} if values else {}
    if one.default is not None:
        made["default"] = one.default
    return {**made, **({"description": one.doc} if one.doc else {})}


def server_refs(api: Api, role: str) -> list[Entry]:
    return [{"$ref": f"#/servers/{key}"} for key, one in servers(api).items() if one["x-server"]["role"] == role]


def socket_channel(api: Api, socket: Socket, messages: dict[str, Entry]) -> Entry:
    made: Entry = {"address": socket.address or socket.path}
    listed = server_refs(api, socket.role)
    if listed:
        made["servers"] = listed
    if socket.parameters:
        made["parameters"] = {one.wire: _variable(one) for one in socket.parameters}
    binding: Entry = {"method": "GET"}
    for name, given in (("query", socket.query), ("headers", socket.headers)):
        if given:
            binding[name] = _query(given)
    made["bindings"] = {"ws": {**binding, "bindingVersion": "0.1.0"}}
    made["messages"] = messages
    made["x-socket"] = _x_socket(socket)
    return made


def _query(given: tuple[QueryParameter, ...]) -> Entry:
    required = [one.wire for one in given if one.required]
    made: Entry = {"type": "object", **({"required": required} if required else {})}
    made["properties"] = {
        one.wire: described(limited(schema_of(one.type), one.limits), one.doc, x_default=one.default) for one in given
    }
    return made


def _x_socket(socket: Socket) -> Entry:
    made: Entry = members(socket, without=_SOCKET_PARTS)
    for key in ("streams", "messages", "dials"):
        if key in made:
            made.setdefault("limits", {})[key] = made.pop(key)
    for key in ("subscribe", "unsubscribe", "list"):
        if key in made:
            made.setdefault("commands", {})[key] = made.pop(key)
    if socket.ping is not None:
        made["ping"] = {"from": made["ping"].pop("sender", "server"), **made["ping"]}
    if socket.request is not None and socket.request.constants:
        made["request"]["constants"] = dict(socket.request.constants)
    if socket.source:
        made["x-source"] = socket.source
    return made


def security_scheme(scheme: SecurityScheme) -> Entry:
    made: Entry = {"type": scheme.type}
    if scheme.type in (
        "oauth2",
        "openIdConnect",
    ):  # where tokens come from, the model does not hold: this is how they go
        made = {"type": "http", "scheme": "bearer", "x-scheme": members(scheme, without=("name", "doc", "signing"))}
    elif scheme.type == "http":
        made["scheme"] = scheme.parameter
    elif scheme.type == "httpApiKey":
        made |= {"name": scheme.parameter, "in": scheme.location}
    elif scheme.type == "apiKey":
        made["in"] = scheme.location
    if scheme.doc:
        made["description"] = scheme.doc
    if scheme.signing is not None:
        made["x-signing"] = _x_signing(scheme)
    return made


def _x_signing(scheme: SecurityScheme) -> Entry:
    one = scheme.signing
    assert one is not None
    made: Entry = {"canonical": one.scheme, "key": one.key, "signature": one.signature, "timestamp": one.timestamp}
    if one.window:
        made["window"] = {"name": one.window, "maximum": one.window_maximum}
    if one.logon:
        parts = {"method": one.logon, "status": one.status, "logout": one.logout, "keys": list(one.logon_keys)}
        made["logon"] = {key: value for key, value in parts.items() if value}
    if one.clock_method:
        made["clock"] = {"method": one.clock_method, "result": one.clock_result, "refused": one.clock_refused}
    return {key: value for key, value in made.items() if value}


def x_user_data(one: UserData) -> Entry:
    made: Entry = members(one, without=("keepalive", "keepalive_every", "expires"))
    if one.keepalive:
        made["keepalive"] = {"method": one.keepalive, "every": one.keepalive_every, "expires": one.expires}
    return made
