"""Each client of generated packages talks to the mock of its document: one of each stream, request and message.

    python tests/documents/talk.py FOLDER '{"document": "package"}'

One JSON line per package: what went wrong.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import sys
from collections.abc import Awaitable, Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, get_type_hints

import msgspec
from examine import modules_of, names_of

from wirewright.config import document_config
from wirewright.load import load_product
from wirewright.mock import MockExchange, mock_api
from wirewright.mock.payloads import sample
from wirewright.model.api import Api, Message, Method, Stream
from wirewright.model.types import Ref, StructType, Type
from wirewright.render.annotations import Annotations
from wirewright.render.context import Context
from wirewright.render.environment import Templates
from wirewright_runtime import BaseClient, Gap, Token, UnknownEvent, UnknownVariant, UserPassword
from wirewright_runtime.decode import decoding

PATIENCE = 1.5


class Talk:
    """One client and the mock of its document."""

    def __init__(self, package: str, folder: Path, api: Api) -> None:
        self.api = Context(api, package, Templates(None)).api
        self.types = {one.name: one for one in api.types}
        self.modules = modules_of(package, folder)
        self.faults: list[str] = []
        self._spelled = Annotations(self.api.types, qualified=True)
        self._names = names_of(self.modules)

    async def run(self) -> None:
        async with mock_api(self.api, tell=self._hear) as exchange, self._client(exchange) as client:
            for stream in self.api.streams:
                await self._trying(f"stream {stream.name}", lambda one=stream: self._receive(client, one))
            for method in self.api.methods:
                await self._trying(f"api.{method.name}", lambda one=method: self._ask(client, one))
            for message in self.api.messages:
                await self._trying(f"send.{message.name}", lambda one=message: self._send(client, one))
            await asyncio.sleep(0.02)

    def _hear(self, line: str) -> None:
        if "opened" not in line and "closed" not in line:
            self.faults.append(f"the mock says: {line[:300]}")

    async def _trying(self, what: str, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await asyncio.wait_for(work(), 2 * PATIENCE)
        except Exception as error:
            self.faults.append(f"{what}: {type(error).__name__}: {str(error)[:300]}")

    def _client(self, exchange: MockExchange) -> Any:
        module = vars(self.modules["client"])
        kind = next(one for one in module.values() if isinstance(one, type) and one.__module__ == module["__name__"])
        assert issubclass(kind, BaseClient)
        given: dict[str, Any] = {"server": exchange.server}
        hints = get_type_hints(kind.__init__)
        for name, parameter in inspect.signature(kind.__init__).parameters.items():
            if name == "key":
                given["key"] = UserPassword("me", "secret") if "UserPassword" in str(hints["key"]) else Token("secret")
            elif name not in ("self", "server", "options") and parameter.default is parameter.empty:
                given[name] = self._option(name)
        return kind(**given)

    def _option(self, name: str) -> Any:
        options = [one for socket in self.api.sockets for one in (*socket.query, *socket.headers)]
        options += [one for server in self.api.servers for one in server.variables]
        return next((self.value(one.type) for one in options if one.name == name.rstrip("_")), "text")

    def value(self, kind: Type) -> Any:
        """A value of a type as a user would give it."""
        annotation = eval(self._spelled.received(kind), self._names)
        return decoding(annotation)(msgspec.json.encode(sample(kind, self.types)))

    async def _receive(self, client: Any, stream: Stream) -> None:
        given = {one.name: self.value(one.type) for one in stream.parameters if one.required}
        wanted = (
            set[str]()
            if not isinstance(stream.event, Ref)
            else {one.type.name for one in self.api.events if one.socket == stream.socket and isinstance(one.type, Ref)}
        )
        seen: set[str] = set()
        kind = getattr(self.modules["streams"], stream.name)
        async with client.stream(kind(**given)) as events:
            try:
                async with asyncio.timeout(PATIENCE):
                    async for event in events:
                        if isinstance(event, Gap | UnknownEvent | UnknownVariant):
                            raise ValueError(f"received {str(event)[:200]}")
                        seen.add(type(event).__name__)
                        if not self._structs(wanted) - seen:
                            return
            except TimeoutError:
                missing = ", ".join(sorted(self._structs(wanted) - seen))
                raise ValueError(f"received {len(seen)} kinds of {len(wanted)}, but not {missing}") from None

    def _structs(self, names: set[str]) -> set[str]:
        """Those that arrive as instances of a class of their name."""
        return {name for name in names if isinstance(self.types.get(name), StructType)}

    async def _ask(self, client: Any, method: Method) -> None:
        given = {one.name: self.value(one.type) for one in method.parameters if one.required}
        answer = await getattr(client.api, method.name)(**given)
        if isinstance(answer, UnknownVariant):
            raise ValueError(f"answered by {answer}")

    async def _send(self, client: Any, message: Message) -> None:
        function = getattr(client.send, message.name)
        await function(**dict(self._arguments(function, message)))

    def _arguments(self, function: Any, message: Message) -> Iterator[tuple[str, Any]]:
        whole = self.value(message.type)
        address = {one.name: one for socket in self.api.sockets for one in socket.parameters}
        for name, parameter in inspect.signature(function).parameters.items():
            if parameter.default is not parameter.empty:
                continue
            if name == "payload" and not hasattr(whole, "payload"):
                yield name, whole
            elif name in address and not hasattr(whole, f"{name}_"):
                yield name, self.value(address[name].type)
            else:
                yield name, getattr(whole, name if hasattr(whole, name) else name.rstrip("_"))


async def talk(document: Path, package: str, folder: Path) -> list[str]:
    """What went wrong between a client and the mock of its document."""
    (product,) = document_config(document, package, folder).packages[0].products
    api, _ = load_product(product)
    assert api is not None
    found = Talk(package, folder, api)
    await asyncio.wait_for(found.run(), 60)
    return found.faults


def main() -> None:
    folder = Path(sys.argv[1])
    sys.path.insert(0, str(folder))
    for document, package in json.loads(sys.argv[2]).items():
        try:
            faults = asyncio.run(talk(Path(document), package, folder))
        except Exception as error:
            faults = [f"{type(error).__name__}: {str(error)[:300]}"]
        print(json.dumps({"package": package, "faults": faults}), flush=True)


if __name__ == "__main__":
    import_module("examine")
    main()
