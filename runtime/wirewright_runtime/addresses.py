"""Where the sockets of a client are, and what its handshakes say."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from urllib.parse import quote, urlencode

from wirewright_runtime.errors import AuthError
from wirewright_runtime.product import Handshake, Product, Server, Socket, without_password
from wirewright_runtime.settings import Settings
from wirewright_runtime.signing import Credential, Token, UserPassword
from wirewright_runtime.transport import Target

Variables = tuple[tuple[str, str], ...]
"""Names and values of what an address leaves open."""


class Addresses:
    """The addresses of one server, with the query and the headers that a user gave his client."""

    def __init__(
        self,
        product: Product,
        server: Server,
        server_name: str,
        query: Mapping[str, str],
        headers: Mapping[str, str],
        key: Credential | None,
    ) -> None:
        self._product = product
        self._server = server
        self._server_name = server_name
        self._query = dict(query)
        self._headers = dict(headers)
        self._key = key

    def of(self, role: str, what: str = "") -> str:
        """The address for a role, such as "api" or "rest"."""
        address = self._server.address(role)
        if address is None:
            wanted = what or repr(role)
            raise ValueError(f"{self._product.title}: server {self._server_name!r} has no address for {wanted}")
        return address

    def shown(self, role: str) -> str:
        """The same for people: the server's name, and no password."""
        return f"{self._server_name}: {without_password(self.of(role))}"

    def target(self, socket: Socket, variables: Variables, query: Mapping[str, str], settings: Settings) -> Target:
        """What to open. `query` is what only this connection says; an empty name in it is the last part of the path."""
        address, path = self.of(socket.role), socket.path
        for name, value in variables:
            path = path.replace(f"{{{name}}}", quote(value, safe=""))
        asked = dict(socket.query) | {name: self._query[name] for name in socket.options if name in self._query}
        asked |= query
        headers = dict(socket.headers) | {name: self._headers[name] for name in socket.options if name in self._headers}
        for handshake in socket.handshake:
            place = headers if handshake.location == "header" else asked
            place[handshake.name] = handshake.prefix + self._credential(handshake)
        shown = without_password(address) + path
        if "" in asked:
            key = quote(asked.pop(""), safe="")
            path = re.sub(r"\{\w+\}", lambda _: key, path) if "{" in path else f"{path.rstrip('/')}/{key}"
        return Target(
            url=address + path + (f"?{urlencode(asked, quote_via=quote)}" if asked else ""),
            shown=shown,
            headers=headers,
            ssl=settings.ssl,
            proxy=settings.proxy,
            timeout=settings.connect_timeout,
            close_timeout=settings.close_timeout,
            max_message_size=settings.max_message_size,
            compression=settings.compression,
        )

    def _credential(self, handshake: Handshake) -> str:
        key = self._key
        if isinstance(key, UserPassword):
            if handshake.prefix.strip().lower() == "basic":
                return base64.b64encode(f"{key.user}:{key.password}".encode()).decode()
            return key.user if handshake.role == "user" else key.password
        if isinstance(key, Token):
            return key.token
        if key is not None:
            return key.api_key
        raise AuthError(f"{self._product.title} needs a credential to connect: give the client key=...")
