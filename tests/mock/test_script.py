"""Faults as text: `wirewright mock --faults`."""

from __future__ import annotations

from pathlib import Path

import pytest
from mock_world import in_virtual_time, world

from binance_wire.spot.streams import AggTradeStream
from wirewright.errors import SpecError
from wirewright.mock.script import AT_A_TIME, Script
from wirewright_runtime import ServerBusy
from wirewright_runtime.testing import FakeExchange, VirtualClock


@in_virtual_time
async def test_faults_meet_their_requests_and_streams(clock: VirtualClock) -> None:
    async with world("spot", clock) as (exchange, client):
        text = 'avgPrice x2: refuse(-1008, "Busy; slow down.", status=503)\nbtcusdt@aggTrade: gap(2)'
        Script.read(text).start(exchange)
        for _ in range(2):
            with pytest.raises(ServerBusy, match="slow down"):
                await client.api.avg_price(symbol="BTCUSDT")
        assert (await client.api.avg_price(symbol="BTCUSDT")).price
        async with client.stream(AggTradeStream(symbol="BTCUSDT")) as events:
            assert (await anext(events)).agg_trade_id == 12347  # the first two were lost


@in_virtual_time
async def test_faults_come_at_their_time(clock: VirtualClock) -> None:
    async with world("spot", clock) as (exchange, client):
        script = Script.read("after 30: drop_connections; every 60: close_connections(1001)")
        await client.api.ping()
        script.start(exchange)
        await clock.advance(seconds=29)
        assert exchange.counters.connections == 1
        await clock.advance(seconds=200)
        assert exchange.counters.connections == 5  # dropped once, closed three times
        script.stop()


def test_a_file_holds_the_same(tmp_path: Path) -> None:
    file = tmp_path / "faults.txt"
    file.write_text('# what goes wrong\norder.place always: delay(0.5)  # slow\n\ntime: say(b"no JSON")\n')
    slow, broken = Script.read(str(file)).lines
    assert (slow.what, slow.times, slow.name, slow.arguments) == ("order.place", None, "delay", (0.5,))
    assert (broken.what, broken.times, broken.arguments) == ("time", 1, (b"no JSON",))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("order.place: ", "is no fault"),
        ("order.place: explode", "'explode' is no fault here"),
        ("order.place: _add(1)", "'_add' is no fault here"),
        ("after 3: stop", "'stop' is no fault here"),
        ("time: delay(1, 2)", "too many positional arguments"),
        ("time: delay(open('x'))", "plain arguments"),
        ("time twice: drop", "neither a method or stream"),
        ("nowhere.txt", "there is no file 'nowhere.txt'"),
    ],
)
def test_what_is_wrong_is_told(text: str, says: str) -> None:
    with pytest.raises(SpecError) as refused:
        Script.read(text)
    assert says in str(refused.value.problems[0])


def test_everything_wrong_is_told_at_once() -> None:
    with pytest.raises(SpecError) as refused:
        Script.read("time: explode\ntime: delay(0.1)\nping: vanish")
    assert [one.origin.line for one in refused.value.problems] == [1, 3]


def test_every_fault_at_a_time_is_one_of_the_exchange() -> None:
    assert all(callable(getattr(FakeExchange, name)) for name in AT_A_TIME)
