"""The AsyncAPI document of a folder that has none: what the pages tell of addresses, methods, signing and enumerations."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from wirewright.load.endpoints.endpoint import Endpoint, Listing, Tables
from wirewright.model.naming import cap
from wirewright.pages.facts import wire_of

_ADDRESS = re.compile(r"wss://[A-Za-z0-9.:-]+(?:/[A-Za-z0-9/_-]*)?")
UNKNOWN = "wss://example.invalid"


def skeleton(title: str, pages: Sequence[tuple[str, Tables]]) -> list[str]:
    """The lines of a document with one server, its sockets, a request that names every method, and the enumerations.

    Args:
        pages: Text and content of each page.
    """
    endpoints = [one for _, tables in pages for one in tables.endpoints]
    methods = list(dict.fromkeys(one.wire for one in endpoints if one.kind == "method"))
    streams = any(one.kind == "stream" for one in endpoints)
    api = _address(pages, "method")
    feed = _address(pages, "stream")
    lines = [
        "asyncapi: 2.6.0",
        f"info: {{title: {title}, version: '0'}}",
        "defaultContentType: application/json",
        "x-perspective: client",
        "servers:",
        *(_server("api", api) if methods or not streams else []),
        *(_server("streams", feed) if streams else []),
        "channels:",
        *(_requests(api, bool(_signed(endpoints))) if methods or not streams else []),
        *(_streams() if streams else []),
        "components:",
        *_security(endpoints),
        "  messages:",
        *(_messages(methods) if methods or not streams else []),
        *(_commands() if streams else []),
    ]
    schemas = [line for listing in _distinct(pages) for line in _enumeration(listing)]
    return [*lines, "  schemas:", *schemas] if schemas else lines


def _address(pages: Sequence[tuple[str, Tables]], kind: str) -> str:
    """The first address on a page that has endpoints of a kind."""
    for text, tables in pages:
        found = _ADDRESS.search(text) if any(one.kind == kind for one in tables.endpoints) else None
        if found:
            return found.group()
    return UNKNOWN


def _server(role: str, address: str) -> list[str]:
    parts = urlsplit(address)
    return [
        f"  production-{role}:",
        f"    url: wss://{parts.netloc}",
        "    protocol: wss",
        f"    x-server: {{name: production, role: {role}}}",
    ]


def _requests(address: str, signed: bool) -> list[str]:
    path = urlsplit(address).path.rstrip("/") or "/"
    security = ["      security: [{apiKey: []}, {signature: []}]"] if signed else []
    return [
        f"  {path}:",
        "    servers: [production-api]",
        "    bindings: {ws: {method: GET, bindingVersion: 0.1.0}}",
        "    x-socket:",
        "      name: api",
        "      role: api",
        "      request: {id: /id, method: /method, params: /params, id-type: string}",
        "      reply:",
        "        {id: /id, status: /status, ok: [200], result: /result, error: /error, code: /error/code,",
        "         message: /error/msg, rate-limits: /rateLimits}",
        "      event: {payload: /event, tag: /e}",
        "    subscribe:",
        "      operationId: sendRequest",
        *security,
        "      message: {$ref: '#/components/messages/Request'}",
        "    publish:",
        "      operationId: receiveResponse",
        "      message: {$ref: '#/components/messages/Response'}",
    ]


def _streams() -> list[str]:
    return [
        "  /stream:",
        "    servers: [production-streams]",
        "    bindings: {ws: {method: GET, bindingVersion: 0.1.0}}",
        "    x-socket:",
        "      name: streams",
        "      role: streams",
        "      request: {id: /id, method: /method, params: /params, id-type: integer}",
        "      reply: {id: /id, result: /result, error: /error, code: /error/code, message: /error/msg}",
        "      event: {payload: '', tag: /e}",
        "      stream: {key: /stream, payload: /data}",
        "      commands:",
        "        subscribe: {method: SUBSCRIBE, params: names, batch: 200}",
        "        unsubscribe: {method: UNSUBSCRIBE, params: names, batch: 200}",
        "    subscribe:",
        "      operationId: sendCommand",
        "      message: {$ref: '#/components/messages/Command'}",
        "    publish:",
        "      operationId: receiveStreamEvent",
        "      message: {$ref: '#/components/messages/StreamEvent'}",
    ]


def _messages(methods: Sequence[str]) -> list[str]:
    names = [f"              - {one}" for one in methods]
    return [
        "    Request:",
        "      correlationId: {location: '$message.payload#/id'}",
        "      payload:",
        "        type: object",
        "        required: [id, method]",
        "        properties:",
        "          id: {type: string}",
        "          method:",
        "            type: string",
        *(["            enum:", *names] if names else []),
        "          params: {type: object}",
        "    Response:",
        "      correlationId: {location: '$message.payload#/id'}",
        "      payload:",
        "        type: object",
        "        properties:",
        "          id: {type: string}",
        "          status: {type: integer}",
    ]


def _commands() -> list[str]:
    return [
        "    Command:",
        "      payload: {type: object, properties: {id: {type: integer}, method: {type: string}, params: {type: array}}}",
        "    StreamEvent:",
        "      payload: {type: object, properties: {stream: {type: string}, data: {type: object}}}",
    ]


def _signed(endpoints: Sequence[Endpoint]) -> set[str]:
    found = {wire_of(row) for one in endpoints for row in one.parameters}
    return found & {"apiKey", "signature", "timestamp", "recvWindow"} if "signature" in found else set()


def _security(endpoints: Sequence[Endpoint]) -> list[str]:
    """The signing rule, by the parameters that signed requests have."""
    names = _signed(endpoints)
    if not names:
        return []
    window = ["        window: {name: recvWindow}"] if "recvWindow" in names else []
    return [
        "  securitySchemes:",
        "    apiKey: {type: apiKey, in: user}",
        "    signature:",
        "      type: apiKey",
        "      in: password",
        "      x-signing:",
        "        canonical: sorted-pairs",
        "        key: apiKey",
        "        signature: signature",
        "        timestamp: timestamp",
        *window,
    ]


def _distinct(pages: Sequence[tuple[str, Tables]]) -> Iterator[Listing]:
    """Each enumeration once; keys that two of them have belong to neither."""
    listed: dict[str, Listing] = {}
    for _, tables in pages:
        for one in tables.listings:
            listed.setdefault(cap(one.title), one)
    owners = Counter(key for one in listed.values() for key in one.keys)
    for one in listed.values():
        yield replace(one, keys=tuple(key for key in one.keys if owners[key] == 1))


def _enumeration(listing: Listing) -> list[str]:
    values = ", ".join(_scalar(one.text) for one in listing.values)
    lines = [f"    {cap(listing.title)}:", "      type: string", f"      enum: [{values}]"]
    if listing.keys:
        lines.append(f"      x-fields: [{', '.join(listing.keys)}]")
    return lines


def _scalar(text: str) -> str:
    """A value as YAML has it: quoted where it could be read as something else."""
    return text if re.fullmatch(r"[A-Z][A-Z0-9_]{3,}", text) and text not in ("TRUE", "NULL", "FALSE") else f"'{text}'"
