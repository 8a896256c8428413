"""The client of a document that nobody prepared, against a server that speaks as the document says."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from websockets.asyncio.server import ServerConnection, serve

from wirewright_runtime import Server, Token, UnknownEvent

EXPECTED = Path(__file__).parents[1] / "cases" / "chat" / "expected"
SAID = {"type": "said", "id": 1, "text": "hi", "mood": "puzzled"}


def chat(module: str) -> Any:
    """A module of the golden package, under the name that its modules use."""
    if "chat_wire" not in sys.modules:
        package = sys.modules["chat_wire"] = ModuleType("chat_wire")
        package.__path__ = [str(EXPECTED)]
    return import_module(f"chat_wire.{module}")


class Room:
    """A server with one room."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.path = self.credential = self.program = ""

    async def talk(self, socket: ServerConnection) -> None:
        assert socket.request
        headers = socket.request.headers
        self.path, self.credential, self.program = socket.request.path, headers["Authorization"], headers["X-Client"]
        await socket.send(json.dumps(SAID))
        await socket.send('{"type": "waved"}')
        async for text in socket:
            self.heard.append(message := json.loads(text))
            if message["type"] == "whoIsHere":
                await socket.send(json.dumps({"type": "people", "id": message["id"], "names": ["Ada"]}))
            if message["type"] == "say":
                await socket.send(json.dumps({"type": "joined", "name": message["text"]}))


@asynccontextmanager
async def room() -> AsyncIterator[tuple[Room, Any]]:
    made = Room()
    async with serve(made.talk, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        address = Server.at(f"ws://127.0.0.1:{port}")
        async with chat("client").ChatClient(key=Token("secret"), server=address, history=3, x_client="me") as client:
            yield made, client


def test_what_is_pushed_is_received_from_the_first_frame_on() -> None:
    async def main() -> None:
        async with room() as (server, client), client.stream(chat("streams").RoomStream(room_id="a b")) as events:
            first, second = await anext(events), await anext(events)
            assert isinstance(first, chat("events").Said)
            assert (first.text, first.mood.is_known) == ("hi", False)
            assert isinstance(second, UnknownEvent)
            assert second.type == "waved"
            assert (server.path, server.credential) == ("/v1/rooms/a%20b?history=3", "Bearer secret")
            assert server.program == "me"

    asyncio.run(main())


def test_messages_and_requests_share_the_socket_with_what_is_pushed() -> None:
    async def main() -> None:
        async with room() as (server, client), client.stream(chat("streams").RoomStream(room_id="7")) as events:
            people = await client.api.ask_who_is_here(room_id="7")
            await client.send.say(text="Bo", reply_to=1, room_id="7")
            assert people.names == ["Ada"]
            seen = [await anext(events) for _ in range(3)]
            assert seen[2].name == "Bo"
            assert server.heard[0] == {"type": "whoIsHere", "id": people.id}
            assert server.heard[1] == {"type": "say", "text": "Bo", "replyTo": 1}

    asyncio.run(main())


def test_a_variable_of_the_server_fills_its_address() -> None:
    client = chat("client").ChatClient(region="us")
    assert client._addresses.of("api") == "wss://us.chat.example.com"
