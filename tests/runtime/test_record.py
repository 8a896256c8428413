"""Recordings: what came is kept without secrets, and comes again, byte for byte."""

from __future__ import annotations

import asyncio
import gzip
from pathlib import Path
from typing import Any

import pytest
from mini_wire.mini import MiniClient
from mini_wire.mini.streams import AggTradeStream
from mini_world import HMAC, agg_trade, mini, report, virtually

from wirewright_runtime import ConnectFailed, Target, WebSocketTransport
from wirewright_runtime.record import Player, Recorder, read_recording
from wirewright_runtime.testing import VirtualClock

TRADES = AggTradeStream(symbol="btcusdt")


async def program(client: MiniClient, events: int) -> list[Any]:
    """What a user might run: the same when recorded and when played."""
    seen: list[Any] = [await client.api.avg_price(symbol="BTCUSDT")]
    async with client.stream(TRADES, gaps="mark") as trades, client.user_data() as mine:
        while len(seen) <= events:
            seen.append(await anext(trades))
        seen.append(await anext(mine))
    return seen


def record(path: Path) -> list[Any]:
    """Records a lost connection between two trades, hours apart. Gives what the program saw."""
    seen: list[Any] = []

    async def main(clock: VirtualClock) -> None:
        with Recorder(path) as recorder:
            async with mini(clock, transport=recorder) as (exchange, client):

                async def act() -> None:
                    await clock.advance(seconds=5)
                    exchange.push(TRADES.name, agg_trade(1), agg_trade(2))
                    exchange.push_user(report(7))
                    await clock.advance(hours=1)
                    exchange.drop_connections("streams")
                    await clock.advance(hours=1)
                    exchange.push(TRADES.name, agg_trade(9))

                acting = asyncio.create_task(act())
                seen.extend(await program(client, 4))
                await acting

    virtually(main)
    return seen


def test_a_recording_holds_no_secret_and_nothing_that_was_sent(tmp_path: Path) -> None:
    record(tmp_path / "day.wire.gz")
    text = gzip.decompress((tmp_path / "day.wire.gz").read_bytes()).decode()
    assert "api-key-of-alice" not in text and "signature" not in text.replace("subscribe.signature", "")
    assert '"out"' in text and "order.place" not in text


class _Said:
    exact = True
    written = 0

    def send(self, *texts: bytes) -> None: ...
    def ping(self, payload: bytes = b"") -> None: ...
    def pong(self, payload: bytes) -> None: ...
    def abort(self) -> None: ...
    def unsent(self) -> int:
        return 0

    async def close(self) -> None: ...


class _Says:
    """A transport whose every socket says something."""

    def __init__(self, *said: bytes) -> None:
        self.said = list(said)

    async def open(self, target: Target, receiver: Any) -> _Said:
        receiver.on_frames(self.said)
        return _Said()


class _Heard:
    def __init__(self) -> None:
        self.frames: list[bytes] = []

    def on_frames(self, frames: list[bytes]) -> None:
        self.frames += frames

    def on_ping(self, payload: bytes) -> None: ...
    def on_binary(self, size: int) -> None: ...
    def on_lost(self, error: Exception) -> None: ...


SECRET_FRAMES = (
    b'{"id":1,"result":{"listenKey":"pq0Zy\\"5","apiKey" : "vmPUZE"}}',
    b'{"stream":"pq0Zy\\"5","data":{"e":"x","q":"1"}}',
    b'{"stream":"in-the-path","data":"in-the-query"}',
    b"\xff\xfe not utf-8",
)


@pytest.mark.asyncio
async def test_secrets_are_masked_wherever_they_come_back(tmp_path: Path) -> None:
    file, heard = tmp_path / "a.gz", _Heard()
    target = Target(url="wss://x/ws/in-the-path?listenKey=in-the-query&timeUnit=MS", shown="wss://x/ws/{listenKey}")
    with Recorder(file, transport=_Says(*SECRET_FRAMES)) as recorder:
        await recorder.open(target, heard)
    assert heard.frames == list(SECRET_FRAMES)
    text = gzip.decompress(file.read_bytes()).decode()
    for secret in ("pq0Zy", "vmPUZE", "in-the-path", "in-the-query"):
        assert secret not in text
    (kept,) = (entry.what[0] for entry in read_recording(file) if entry.kind == "in")
    assert [len(frame.encode("utf-8", "surrogateescape")) for frame in kept] == list(map(len, SECRET_FRAMES))
    assert kept[3].encode("utf-8", "surrogateescape") == SECRET_FRAMES[3]


def test_a_recording_that_was_cut_off_gives_what_it_has(tmp_path: Path) -> None:
    record(tmp_path / "day.wire.gz")
    whole = (tmp_path / "day.wire.gz").read_bytes()
    (tmp_path / "cut.wire.gz").write_bytes(whole[: len(whole) * 2 // 3])
    cut, all_entries = list(read_recording(tmp_path / "cut.wire.gz")), list(read_recording(tmp_path / "day.wire.gz"))
    assert 0 < len(cut) < len(all_entries) and cut == all_entries[: len(cut)]


@pytest.mark.parametrize(
    "content",
    [b"", b"text", gzip.compress(b"{}"), gzip.compress(b'["head",0,0,"other"]\n')],
    ids=["nothing", "text", "an object", "another form"],
)
def test_what_is_no_recording_is_said_to_be_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(ValueError, match="no recording"):
        Player(tmp_path / "x")


def test_a_recording_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"precious")
    with pytest.raises(FileExistsError):
        Recorder(tmp_path / "x", transport=WebSocketTransport())


def test_where_the_recording_ends_dialling_fails(tmp_path: Path) -> None:
    record(tmp_path / "day.wire.gz")

    async def main(clock: VirtualClock) -> None:
        player = Player(tmp_path / "day.wire.gz", speed=100)
        async with MiniClient(key=HMAC, clock=clock, transport=player) as client:
            await program(client, 4)
            await clock.advance(hours=3)
        other = MiniClient(key=HMAC, clock=clock, transport=player, connect_timeout=1)
        async with other:
            with pytest.raises(ConnectFailed, match="no more connections"):
                await other.connect()
        assert player.finished.is_set()

    virtually(main)
