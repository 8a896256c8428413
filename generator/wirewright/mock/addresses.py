"""Addresses beside those that generated clients use, and the command that turns one kind of connection into another.

`/ws` brings bare events where `/stream` names their stream; `/ws/<stream>` and `/stream?streams=<stream>/<stream>` subscribe
by themselves; `SET_PROPERTY` turns one into the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from wirewright_runtime import Product, Socket
from wirewright_runtime.testing import Call, Peer

BARE = "-bare"


def with_bare(product: Product) -> Product:
    """The product with a socket for bare events beside each that names streams."""
    return msgspec.structs.replace(product, sockets=(*product.sockets, *_bare_sockets(product)))


def _bare_sockets(product: Product) -> Iterator[Socket]:
    for socket in product.sockets:
        if socket.stream is not None and socket.path.endswith("/stream"):
            path = socket.path.removesuffix("stream") + "ws"
            yield msgspec.structs.replace(socket, name=socket.name + BARE, path=path, stream=None)
            yield msgspec.structs.replace(socket, name=socket.name + BARE, path=f"{path}/{{stream}}", stream=None)


def streams_at(peer: Peer) -> list[str]:
    """The streams that an address names."""
    asked = [name for name in peer.query.get("streams", "").split("/") if name]
    last = peer.path.rpartition("/")[2]
    return asked or ([last] if "/ws/" in peer.path and ("@" in last or last.startswith("!")) else [])


def settle(peer: Peer, product: Product) -> None:
    """A connection that an address with a stream opened is one for bare events, whatever else the address could mean."""
    if "/ws/" in peer.path:
        path = peer.path.rpartition("/")[0]
        peer.socket = next((one for one in product.sockets if one.path == path), peer.socket)


def is_combined(peer: Peer) -> bool:
    """Whether events come with the name of their stream."""
    return peer.socket.stream is not None


def combine(call: Call, product: Product, value: Any) -> None:
    """Let events come with the name of their stream, or bare."""
    name = call.peer.socket.name.removesuffix(BARE) + ("" if value else BARE)
    call.peer.socket = next(one for one in product.sockets if one.name == name)
