"""Where a server is, however its document says so: `url` or `host`, with or without a scheme and a path."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from wirewright.load.node import Node
from wirewright.load.resolved import Variable

PLACEHOLDER = re.compile(r"\{([^{}/]+)\}")
_URL = re.compile(r"(?:(?P<scheme>[A-Za-z][\w+.-]*|\{[^{}/]+\})://)?(?P<host>[^/]*)(?P<path>/.*)?", re.DOTALL)
_SPELLINGS = {  # of a protocol that is a WebSocket
    **dict.fromkeys(("ws", "websocket", "websockets", "ws-json"), "ws"),
    **dict.fromkeys(("wss", "secure-websocket", "websocket-secure", "websocket secure", "wss-json"), "wss"),
}
_SCHEMES = ("ws", "wss", "http", "https")


@dataclass(frozen=True)
class Address:
    """`protocol` is how the document calls it, in small letters, but for a WebSocket, which is `ws` or `wss`."""

    protocol: str
    host: str
    path: str


def address_of(node: Node, variables: Mapping[str, Variable]) -> Address:
    """The address of a server. What a variable stands for is looked up where it decides the protocol."""
    match = _URL.fullmatch(node.text("url") or node.text("host"))
    scheme, host, path = match.group("scheme", "host", "path") if match else (None, "", None)
    path = f"{path or ''}{_joined(node.text('pathname'))}"
    stated = node.text("protocol").lower().strip()
    scheme = _value(scheme or "", variables).lower()
    first = PLACEHOLDER.match(host)
    if not scheme and first is not None:  # "{host}:8080", with a default of "ws://localhost"
        scheme = _value(first.group(), variables).lower().partition("://")[0]
    scheme = scheme if scheme in _SCHEMES else ""
    protocol = _SPELLINGS.get(stated, stated)
    if scheme in _SPELLINGS or (protocol in ("ws", "") and scheme):
        protocol = _SPELLINGS.get(scheme, protocol or scheme)
    return Address(protocol, host, path.rstrip("/?"))


def without_scheme(variable: Variable) -> Variable:
    """A variable of a host whose default is a whole address: the scheme is said elsewhere."""
    scheme, found, rest = (variable.default or "").partition("://")
    return replace(variable, default=rest) if found and scheme.lower() in _SCHEMES else variable


def _value(text: str, variables: Mapping[str, Variable]) -> str:
    found = PLACEHOLDER.fullmatch(text)
    variable = variables.get(found[1]) if found else None
    return (variable.default or next(iter(variable.values), "")) if variable is not None else text


def _joined(path: str) -> str:
    return path if not path or path.startswith("/") else f"/{path}"
