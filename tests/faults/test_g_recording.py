"""Fault 90: a recording of a live run."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from fault_world import HMAC, TRADES, agg_trade, report, spot, virtually

from binance_wire.spot import SpotClient
from wirewright_runtime import Gap
from wirewright_runtime.record import Player, Recorder, read_recording
from wirewright_runtime.testing import FakeExchange, VirtualClock


async def program(client: SpotClient) -> list[Any]:
    """What a user might run: the same when recorded and when played."""
    seen: list[Any] = [await client.api.avg_price(symbol="BTCUSDT")]
    async with client.stream(TRADES, gaps="mark") as trades, client.user_data() as mine:
        seen += [await anext(trades) for _ in range(4)]
        seen.append(await anext(mine))
    return seen


async def live(clock: VirtualClock, exchange: FakeExchange) -> None:
    """Two trades, a lost connection, and a third, hours apart."""
    await clock.advance(seconds=5)
    exchange.push(TRADES.name, agg_trade(1), agg_trade(2))
    exchange.push_user(report(7))
    await clock.advance(hours=1)
    exchange.drop_connections("streams")
    await clock.advance(hours=1)
    exchange.push(TRADES.name, agg_trade(9))


def received(path: Path) -> dict[int, list[str]]:
    """The frames of each connection."""
    frames: dict[int, list[str]] = {}
    for entry in read_recording(path):
        if entry.kind == "in":
            frames.setdefault(entry.connection, []).extend(entry.what[0])
    return frames


def test_f90_a_recording_replays_byte_for_byte_into_the_same_events(tmp_path: Path) -> None:
    first, second = tmp_path / "live.wire.gz", tmp_path / "played.wire.gz"
    seen: list[Any] = []

    async def recorded(clock: VirtualClock) -> None:
        with Recorder(first) as recorder:
            async with spot(clock, transport=recorder) as (exchange, client):
                acting = asyncio.create_task(live(clock, exchange))
                seen.append(await program(client))
                await acting

    async def played(clock: VirtualClock) -> None:
        with Recorder(second, transport=Player(first)) as transport:
            async with SpotClient(key=HMAC, clock=clock, transport=transport) as client:
                seen.append(await program(client))
        assert clock.monotonic() > 2 * 3600

    virtually(recorded)
    virtually(played)
    before, after = seen
    assert [type(event) for event in before][3] is Gap
    assert [type(event) for event in after] == [type(event) for event in before]
    assert [event for event in after if not isinstance(event, Gap)] == [e for e in before if not isinstance(e, Gap)]
    assert received(first) == received(second)
