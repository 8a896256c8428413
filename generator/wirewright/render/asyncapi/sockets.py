"""Servers, sockets, security and user data in the words of docs/spec-format.md, section 9: what `load/sockets.py` reads."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from wirewright.model.api import Api, QueryParameter, SecurityScheme, Server, Socket
from wirewright.render.asyncapi.plain import members
from wirewright.render.asyncapi.schemas import described, lean, limited, schema_of

Entry = dict[str, Any]
_SOCKET_PARTS = ("path", "query", "headers", "parameters", "address")


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
    path = dict(server.paths).get(role, "")
    made: Entry = {
        "host": parts.netloc.replace("%7B", "{").replace("%7D", "}"),
        "protocol": parts.scheme,
        "pathname": path,
        "description": server.doc,
        "variables": {one.wire: _variable(one) for one in server.variables if f"{{{one.wire}}}" in address + path},
        "security": [{"$ref": f"#/components/securitySchemes/{one}"} for one in server.security],
        "x-server": {"name": server.name, "role": role},
    }
    return lean(made)


def _variable(one: QueryParameter) -> Entry:
    default = {"default": one.default} if one.default is not None else {}
    return {**lean({"enum": list(getattr(one.type, "values", ()))}), **default, **lean({"description": one.doc})}


def server_refs(api: Api, role: str) -> list[Entry]:
    return [{"$ref": f"#/servers/{key}"} for key, one in servers(api).items() if one["x-server"]["role"] == role]


def socket_channel(api: Api, socket: Socket, messages: dict[str, Entry]) -> Entry:
    asked = {name: _query(given) for name, given in (("query", socket.query), ("headers", socket.headers)) if given}
    return {
        "address": socket.address or socket.path,
        **lean({"servers": server_refs(api, socket.role)}),
        **lean({"parameters": {one.wire: _variable(one) for one in socket.parameters}}),
        "bindings": {"ws": {"method": "GET", **asked, "bindingVersion": "0.1.0"}},
        "messages": messages,
        "x-socket": _x_socket(socket),
    }


def _query(given: tuple[QueryParameter, ...]) -> Entry:
    properties = {
        one.wire: described(limited(schema_of(one.type), one.limits), one.doc, x_default=one.default) for one in given
    }
    required = [one.wire for one in given if one.required]
    return {"type": "object", **lean({"required": required}), "properties": properties}


def _x_socket(socket: Socket) -> Entry:
    made: Entry = members(socket, without=_SOCKET_PARTS)
    if socket.request is not None and socket.request.constants:
        made["request"]["constants"] = dict(socket.request.constants)
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
        made["x-signing"] = members(scheme.signing)
    return made
