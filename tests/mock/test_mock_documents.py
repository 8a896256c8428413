"""Documents that nobody prepared: every request answered, every message understood, every event pushed, as their types say."""

from __future__ import annotations

import asyncio
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from mock_world import ROOT, run
from websockets.asyncio.client import ClientConnection, connect

from wirewright.errors import SpecError
from wirewright.load.conform import mismatches
from wirewright.mock import MockExchange, mock_document
from wirewright.mock.limits import kept
from wirewright.mock.listening import node_of
from wirewright.mock.payloads import sample
from wirewright.mock.values import put
from wirewright.model.api import Method, Socket
from wirewright.model.types import Type

CORPUS = ROOT.parent / "shared" / "corpus"
CHAT = ROOT / "tests" / "cases" / "chat" / "chat.yaml"


def documents() -> list[Path]:
    """Our own, and those of others where they are there."""
    alone = sorted(path for path in CORPUS.glob("*.*") if path.name != "index.json")
    return [CHAT, *alone, *CORPUS.glob("*/backend/asyncapi.yaml")]


class Stranger:
    """Talks to a document's exchange on one of its sockets, and knows nothing but the model."""

    def __init__(self, exchange: MockExchange, socket: Socket, connection: ClientConnection) -> None:
        self.exchange, self.socket, self.connection = exchange, socket, connection
        self.types = {one.name: one for one in exchange.api.types}

    async def hear(self) -> Any:
        """The next message, with exact numbers."""
        async with asyncio.timeout(5):
            return msgspec.json.Decoder(float_hook=Decimal).decode(await self.connection.recv())

    def fits(self, value: Any, kind: Type) -> bool:
        return not any(mismatches(node_of(value), kind, self.types))

    async def events(self) -> int:
        """One event of each kind comes by itself."""
        pushed = any(stream.socket == self.socket.name for stream in self.exchange.api.streams)
        wanted = [one for one in self.exchange.api.events if pushed and one.socket == self.socket.name]
        for event in wanted:
            assert self.fits(await self.hear(), event.type), event.name
        return len(wanted)

    async def ask(self, method: Method) -> None:
        """A request is answered as its type says; events in between are left out."""
        await self.connection.send(json.dumps(self.request(method)))
        while method.wants_reply:
            heard = await self.hear()
            shape = self.socket.reply
            answer = heard.get(shape.result[1:]) if shape is not None and shape.result else heard
            if self.fits(answer, method.variants[0].result):
                return

    def request(self, method: Method) -> Any:
        """A sample of a request."""
        ours = {one.name for one in self.socket.parameters}
        parameters = [one for one in method.parameters if one.name not in ours]
        if [one.wire for one in parameters] == [""]:
            return sample(parameters[0].type, self.types)
        frame: dict[str, Any] = {}
        inside = self.socket.request.params if self.socket.request is not None else ""
        for one in parameters:
            put(frame, f"{inside}/{one.wire}", kept(one.limits, sample(one.type, self.types)))
        if self.socket.request is not None and self.socket.request.id:
            put(frame, self.socket.request.id, 7 if self.socket.request.id_type == "integer" else "7")
        if self.socket.request is not None and self.socket.request.method:
            put(frame, self.socket.request.method, method.wire)
        return frame

    async def talk(self) -> int:
        """Says one of everything; gives how many things passed."""
        methods = [one for one in self.exchange.api.methods if one.socket == self.socket.name]
        messages = [one for one in self.exchange.api.messages if one.socket == self.socket.name]
        passed = await self.events()
        for method in methods:
            await self.ask(method)
        for message in messages:
            await self.connection.send(json.dumps(sample(message.type, self.types)))
        return passed + len(methods) + len(messages)


async def talk(exchange: MockExchange) -> int:
    """Talks on every socket of a document."""
    passed = 0
    for socket in exchange.api.sockets:
        path = re.sub(r"\{[^}]*\}", "x", socket.path)
        async with connect(f"{exchange.address}/{path.lstrip('/')}") as connection:
            passed += await Stranger(exchange, socket, connection).talk()
    return passed


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.stem)
def test_a_document_is_served(path: Path) -> None:
    told: list[str] = []

    async def main() -> None:
        async with mock_document(path, tell=told.append) as exchange:
            everything = (*exchange.api.methods, *exchange.api.messages)
            assert await talk(exchange) >= len(everything)

    run(main)
    assert [line for line in told if not re.search("opened|closed", line)] == []


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ({"type": "say", "text": 3}, "say: $.text: 3 is not text"),
        ({"type": "say"}, "say: $: 'text' of Say is missing"),
        ({"type": "dance", "token": "hush"}, "nobody knows this message: {type: dance, token: ...}"),
    ],
    ids=["type", "missing", "unknown"],
)
def test_what_is_wrong_with_a_message_is_said(message: dict[str, Any], told: str) -> None:
    lines: list[str] = []

    async def main() -> None:
        async with mock_document(CHAT, tell=lines.append) as exchange:
            async with connect(f"{exchange.address}/v1/rooms/7") as connection:
                await connection.send(json.dumps(message))
                while len(lines) < 2:
                    await connection.recv()

    run(main)
    assert lines[1] == f"connection 1: {told}"


def test_what_a_handshake_lacks_is_said(tmp_path: Path) -> None:
    path = tmp_path / "asked.yaml"
    binding = "{ws: {query: {type: object, required: [room], properties: {room: {type: string}}}}}"
    path.write_text(LIMITED.replace("address: /line", f"address: /line\n    bindings: {binding}"))
    lines: list[str] = []

    async def main() -> None:
        async with mock_document(path, tell=lines.append) as exchange:
            for query in ("", "?room=7"):
                async with connect(f"{exchange.address}/line{query}"):
                    pass

    run(main)
    assert [line for line in lines if "missing" in line] == ["connection 1: the query parameter 'room' is missing"]


LIMITED = """
asyncapi: 3.0.0
info: {title: Limited, version: '1'}
channels:
  line:
    address: /line
    messages:
      set:
        payload:
          type: object
          required: [level, name]
          properties:
            level: {type: integer, minimum: 3, maximum: 9}
            name: {type: string, pattern: '^[A-Z]+/[A-Z]+$'}
            marks: {type: array, minItems: 2, items: {type: string, maxLength: 1}}
operations:
  take:
    action: receive
    channel: {$ref: '#/channels/line'}
    messages: [{$ref: '#/channels/line/messages/set'}]
"""


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({}, []),
        ({"level": 2}, ["$.level: 2 is less than 3"]),
        ({"level": 10, "name": "ab"}, ["$.level: 10 is more than 9", "$.name: 'ab' does not match ^[A-Z]+/[A-Z]+$"]),
        ({"marks": ["aa"]}, ["$.marks: 1 items are less than 2", "$.marks: 2 characters are more than 1"]),
    ],
    ids=["sample", "minimum", "pattern", "list"],
)
def test_the_limits_of_a_schema_are_checked_and_kept(change: dict[str, Any], told: list[str], tmp_path: Path) -> None:
    path = tmp_path / "limited.yaml"
    path.write_text(LIMITED)
    exchange = mock_document(path)
    (message,) = exchange.api.messages
    frame = sample(message.type, exchange.ear.types) | change
    assert [str(one) for one in exchange.ear.hear("line", frame).wrong] == told


def test_what_a_request_must_have_may_be_null_where_its_schema_says_so(tmp_path: Path) -> None:
    path = tmp_path / "asked.yaml"
    answered = "    reply: {channel: {$ref: '#/channels/line'}, messages: [{$ref: '#/channels/line/messages/set'}]}\n"
    path.write_text(LIMITED.replace("name: {type: string,", "name: {type: [string, 'null'],") + answered)
    exchange = mock_document(path)
    (method,) = exchange.api.methods
    wrong = [
        str(one)
        for params in ({"level": 3, "name": None}, {"level": None})
        for one in exchange.ear.check(method, params)
    ]
    assert wrong == ["$.level: 'level' is null", "$.name: 'name' is missing"]


def test_a_document_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(SpecError):
        mock_document(ROOT / "pyproject.toml")
