"""One form for every AsyncAPI version, seen from the client. Schemas stay as written until somebody needs their types."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from wirewright.load.node import Node
from wirewright.model.types import Origin


@dataclass(frozen=True)
class Variable:
    """A variable of a server, or a parameter of a channel's address."""

    name: str
    origin: Origin
    values: tuple[str, ...] = ()
    default: str | None = None
    doc: str = ""


@dataclass(frozen=True)
class ServerEntry:
    name: str
    protocol: str
    host: str
    path: str
    origin: Origin
    node: Node
    doc: str = ""
    variables: tuple[Variable, ...] = ()
    security: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class MessageEntry:
    """A message. `payload` is None where it is in a format that is no JSON schema, or could not be read."""

    name: str
    origin: Origin
    payload: Node | None
    title: str = ""
    doc: str = ""
    headers: Node | None = None
    correlation_location: str = ""  # where its id is, as the document says it
    examples: tuple[Node, ...] = ()
    content_type: str = ""
    binary: bool = False

    @property
    def correlation(self) -> str:
        """Where its id is in the payload, as a JSON pointer: "/reqid"."""
        match = re.fullmatch(r"\$message\.payload#?(/.*)", self.correlation_location)
        return match.group(1) if match else ""


@dataclass(frozen=True)
class Channel:
    name: str
    address: str | None
    origin: Origin
    node: Node
    doc: str = ""
    parameters: tuple[Variable, ...] = ()
    query: Node | None = None  # of the ws binding: an object schema
    headers: Node | None = None
    servers: tuple[str, ...] = ()  # empty: all
    messages: tuple[MessageEntry, ...] = ()

    @property
    def has_socket(self) -> bool:
        """Whether an `x-socket` says what kind of socket it is."""
        return "x-socket" in self.node.map


@dataclass(frozen=True)
class Operation:
    name: str
    sends: bool  # the client does
    channel: str
    origin: Origin
    node: Node
    messages: tuple[MessageEntry, ...] = ()
    replies: tuple[MessageEntry, ...] | None = None  # None: no reply is spoken of
    reply_channel: str = ""
    title: str = ""
    doc: str = ""
    security: tuple[str, ...] = ()


@dataclass(frozen=True)
class Security:
    name: str
    type: str
    origin: Origin
    node: Node
    location: str = ""
    parameter: str = ""
    doc: str = ""


@dataclass(frozen=True)
class Perspective:
    """Which side the document describes, and how that is known."""

    side: str  # "client" or "server"
    why: str
    stated: bool
    sure: bool = True


@dataclass(frozen=True)
class Document:
    version: str
    origin: Origin
    root: Node
    title: str = ""
    doc: str = ""
    api_version: str = ""
    perspective: Perspective = field(default_factory=lambda: Perspective("server", "", False))
    servers: tuple[ServerEntry, ...] = ()
    channels: tuple[Channel, ...] = ()
    operations: tuple[Operation, ...] = ()
    messages: tuple[MessageEntry, ...] = ()
    schemas: Mapping[str, Node] = field(default_factory=dict[str, Node])
    security: tuple[Security, ...] = ()
