"""The client on uvloop, which reads on while there is something to read."""

from __future__ import annotations

import json

import pytest
from mini_wire.mini import MiniClient
from mini_wire.mini.streams import AggTradeStream
from mini_world import agg_trade
from websockets.asyncio.server import ServerConnection, serve
from websockets.frames import Frame, Opcode

from wirewright_runtime import Server, WebSocketTransport

uvloop = pytest.importorskip("uvloop")

EVENTS = 60_000
STREAM = AggTradeStream(symbol="btcusdt")


async def flood(connection: ServerConnection) -> None:
    """Acknowledges a subscription, and sends six times what a reader's buffer holds in one piece."""
    command = json.loads(await connection.recv())
    await connection.send(json.dumps({"id": command["id"], "result": None}))
    trades = ({"stream": STREAM.name, "data": agg_trade(number)} for number in range(EVENTS))
    frames = (Frame(Opcode.TEXT, json.dumps(trade).encode()).serialize(mask=False) for trade in trades)
    connection.transport.write(b"".join(frames))
    await connection.wait_closed()


@pytest.mark.parametrize("fast", [True, False])
def test_readers_get_their_turn_between_reads(fast: bool) -> None:
    async def main() -> None:
        async with serve(flood, "127.0.0.1", 0, compression=None) as server:
            port = server.sockets[0].getsockname()[1]
            place = Server.at(f"ws://127.0.0.1:{port}")
            async with MiniClient(server=place, transport=WebSocketTransport(fast)) as client:
                async with client.stream(STREAM, gaps="raise") as trades:
                    numbers = [(await anext(trades)).agg_trade_id for _ in range(EVENTS)]
                assert numbers == list(range(EVENTS))

    uvloop.run(main())
