"""Pings, pongs, silence and limits of one connection, over a scripted transport in virtual time."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import Any, ClassVar

import msgspec
import pytest
from mini_wire.mini import MiniClient
from mini_wire.mini.streams import AggTradeStream, BookTickerStream
from mini_world import PRODUCT, agg_trade, mini, run, virtually

from wirewright_runtime import (
    Clock,
    Hooks,
    MessageTooLarge,
    Ping,
    Product,
    Rate,
    StateChange,
    StreamStalled,
)
from wirewright_runtime.limits import Host, Pacer
from wirewright_runtime.testing import FakeExchange, ScriptedSocket, ScriptedTransport, VirtualClock

TRADES = AggTradeStream(symbol="btcusdt")


def with_ping(ping: Ping | None) -> Product:
    """The sample product, with another way of pinging."""
    sockets = tuple(msgspec.structs.replace(socket, ping=ping) for socket in PRODUCT.sockets)
    return msgspec.structs.replace(PRODUCT, sockets=sockets)


class Client(MiniClient):
    product: ClassVar[Product] = PRODUCT


def scripted(clock: VirtualClock, ping: Ping | None, **options: Any) -> tuple[Client, ScriptedTransport]:
    """A client whose subscriptions are acknowledged by nobody but this."""

    def answer(socket: ScriptedSocket) -> None:
        socket.on_text = lambda text: socket.say({"id": text["id"], "result": None}) if "id" in text else None

    transport = ScriptedTransport(answer)
    kind = type("OtherClient", (Client,), {"product": with_ping(ping)})
    return kind(server="testnet", transport=transport, clock=clock, **options), transport


def test_every_ping_is_answered_once_with_its_payload() -> None:
    async def main(clock: VirtualClock) -> None:
        client, transport = scripted(clock, Ping("server", 20, 60))
        async with client, client.stream(TRADES):
            socket = transport.sockets[0]
            for payload in (b"1", b"", b"\xff\x00"):
                socket.ping(payload)
                await clock.advance(seconds=1)
            assert socket.pongs == [b"1", b"", b"\xff\x00"]
            assert client.stats().connections[0].pongs == 3

    virtually(main)


def test_a_flood_of_pings_is_answered_with_the_newest_and_within_the_limit() -> None:
    async def main(clock: VirtualClock) -> None:
        client, transport = scripted(clock, Ping("server", 20, 60))
        async with client, client.stream(TRADES) as events:
            socket = transport.sockets[0]
            times: list[float] = []
            socket.on_pong = lambda payload: times.append(clock.monotonic())
            for number in range(300):
                socket.ping(b"%d" % number)
                socket.say({"stream": "btcusdt@aggTrade", "data": agg_trade(number)})
                await asyncio.sleep(0.01)
            await clock.advance(seconds=2)
            assert socket.pongs[-1] == b"299"
            assert [int(pong) for pong in socket.pongs] == sorted({int(pong) for pong in socket.pongs})
            for begin in times:
                assert sum(begin <= time < begin + 1 for time in times) <= 5
            assert events.pending == 300

    virtually(main)


@pytest.mark.parametrize(
    ("ping", "noticed", "asked"),
    [
        (Ping("server", 20, 60), 45, 0),
        (Ping("server", 180, 600), 30, 1),
        (None, 30, 1),
        (Ping("client", 15, 60), 25, 1),
    ],
)
def test_silence_is_noticed(ping: Ping | None, noticed: float, asked: int) -> None:
    async def main(clock: VirtualClock) -> None:
        changes: list[StateChange] = []
        client, transport = scripted(clock, ping, hooks=Hooks(state=changes.append))
        async with client, client.stream(TRADES):
            socket = transport.sockets[0]
            socket.answers = False
            begun = clock.monotonic()
            await clock.advance(seconds=noticed - 1)
            assert socket.is_open
            await clock.advance(seconds=2)
            assert not socket.is_open
            assert len(socket.pings) == asked
            lost = next(change for change in changes if change.state == "lost")
            assert lost.at / 1000 - begun - clock.wall() + clock.monotonic() == pytest.approx(noticed, abs=0.1)

    virtually(main)


@pytest.mark.parametrize(("ping", "hourly"), [(None, (170, 190)), (Ping("client", 30, 60), (118, 122))])
def test_a_quiet_peer_that_answers_is_kept(ping: Ping | None, hourly: tuple[int, int]) -> None:
    async def main(clock: VirtualClock) -> None:
        client, transport = scripted(clock, ping)
        async with client, client.stream(TRADES):
            await clock.advance(hours=1)
            assert len(transport.sockets) == 1
            assert hourly[0] <= len(transport.sockets[0].pings) <= hourly[1]

    virtually(main)


def test_a_ping_may_be_a_message() -> None:
    async def main(clock: VirtualClock) -> None:
        client, transport = scripted(clock, Ping("client", 30, 60, message='{"method":"ping"}'))
        async with client, client.stream(TRADES):
            socket = transport.sockets[0]
            subscribe = socket.on_text

            def answer(text: Any) -> None:
                if text == {"method": "ping"}:
                    socket.say({"method": "pong"})
                elif subscribe is not None:
                    subscribe(text)

            socket.on_text = answer
            await clock.advance(seconds=301)
            assert socket.sent.count({"method": "ping"}) == 10
            assert len(transport.sockets) == 1

    virtually(main)


def test_a_sleeping_machine_replaces_its_connections_on_waking() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client), client.stream(TRADES, gaps="log") as events:
            await clock.advance(seconds=30)
            clock.jump(7200)
            await clock.advance(seconds=2)
            assert exchange.counters.connections == 2
            exchange.push("btcusdt@aggTrade", agg_trade(1))
            assert (await anext(events)).agg_trade_id == 1
            stale = client.stats().connections[0]
            assert stale.reconnects == 1

    virtually(main)


class StandingClock(Clock):
    """A clock of a machine that slept: the wall has moved on, the monotonic clock has not."""

    def __init__(self) -> None:
        self.slept = 0.0

    def wall(self) -> float:
        return super().wall() + self.slept


def test_a_wall_clock_that_ran_ahead_means_that_the_machine_slept() -> None:
    async def main() -> None:
        clock = StandingClock()
        changes: list[StateChange] = []
        async with mini(clock, hooks=Hooks(state=changes.append)) as (exchange, client), client.stream(TRADES):
            await asyncio.sleep(1.1)
            clock.slept = 7200
            await asyncio.sleep(1.5)
            assert exchange.counters.connections == 2
            assert "this machine slept for 7200 seconds" in next(c.reason for c in changes if c.state == "lost")

    run(main)


def test_a_program_that_stands_still_is_told_so(caplog: pytest.LogCaptureFixture) -> None:
    import time

    async def main() -> None:
        lags: list[float] = []
        async with mini(hooks=Hooks(lag=lags.append)) as (exchange, client), client.stream(TRADES) as events:
            await asyncio.sleep(0.1)
            time.sleep(3)  # noqa: ASYNC251 the program stands still, on purpose
            exchange.push("btcusdt@aggTrade", agg_trade(1))
            assert (await anext(events)).agg_trade_id == 1
            await asyncio.sleep(0.1)
            assert exchange.counters.connections == 1
            assert len(lags) == 1
            assert 1.9 <= lags[0] <= 3.2
            assert client.stats().longest_lag == lags[0]

    with caplog.at_level(logging.WARNING, "wirewright.session"):
        run(main)
    assert caplog.text.count("the program stood still") == 1


def test_a_policy_close_slows_the_client_down() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client):
            many = [AggTradeStream(symbol=f"s{number}") for number in range(1000)]
            async with client.stream(many):
                exchange.close_connections(1008, "Too many requests", "streams")
                dropped = clock.monotonic()
                while exchange.counters.connections == 1:
                    await asyncio.sleep(0.1)
                assert clock.monotonic() - dropped >= 5
                exchange.counters.most_per_second = 0
                await clock.advance(seconds=30)
                assert len(exchange.of("streams")[0].streams) == 1000
                assert exchange.counters.most_per_second <= 2

    virtually(main)


def test_a_message_that_is_too_large_is_told_and_the_connection_comes_back() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock, max_message_size=10_000) as (exchange, client):
            async with client.stream(TRADES) as events:
                exchange.push("btcusdt@aggTrade", agg_trade(1) | {"s": "x" * 20_000})
                with pytest.raises(MessageTooLarge) as caught:
                    await anext(events)
                assert caught.value.limit == 10_000
                await clock.advance(seconds=10)
                exchange.push("btcusdt@aggTrade", agg_trade(2))
                assert (await anext(events)).agg_trade_id == 2
            exchange.answer("avgPrice", {"mins": 5, "price": "1", "closeTime": 1, "filler": "x" * 20_000})
            with pytest.raises(MessageTooLarge, match="avgPrice: a message of .* bytes"):
                await client.api.avg_price(symbol="B")

    virtually(main)


def test_an_idle_limit_of_the_users_own() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client):
            async with client.stream(BookTickerStream(symbol="b"), idle=5.0) as events:
                exchange.push("b@bookTicker", {"u": 1, "s": "B", "b": "1", "a": "2"})
                await anext(events)
                begun = clock.monotonic()
                with pytest.raises(StreamStalled, match="b@bookTicker stopped: silent for 5.0 seconds"):
                    await anext(events)
                assert clock.monotonic() - begun == pytest.approx(5, abs=0.1)
                assert client.stats().streams[0].stale
                exchange.push("b@bookTicker", {"u": 2, "s": "B", "b": "1", "a": "2"})
                assert (await anext(events)).update_id == 2
                assert not client.stats().streams[0].stale

    virtually(main)


def test_the_pacer_leaves_room_for_pongs() -> None:
    pacer = Pacer(Rate(5, 1.0, ("ping", "pong", "text")))
    for number in range(3):
        assert pacer.delay(0.1 * number) == 0
        pacer.sent(0.1 * number)
    assert pacer.delay(0.4) == pytest.approx(0.8)
    for _ in range(2):
        assert pacer.delay(0.4, "pong") == 0
        pacer.sent(0.4, "pong")
    assert pacer.delay(0.5, "pong") == pytest.approx(0.7)
    assert pacer.delay(2.0) == 0
    only_texts = Pacer(Rate(1, 1.0, ("text",)))
    only_texts.sent(0, "pong")
    assert only_texts.delay(0) == 0


def test_the_budget_of_a_host() -> None:
    host = Host()
    taken = 0
    now = 100.0
    while now < 400:
        if host.dial_delay(now, None) == 0:
            taken += 1
        now += 0.1
    assert 250 < taken < 300
    host = Host()
    assert [host.dial_delay(0.0, Rate(3, 60)) for _ in range(3)][-1] > 50
    host.close(1000.0, banned=True)
    assert host.dial_delay(500.0, None) == 500


def test_two_clients_of_one_clock_share_the_budget() -> None:
    async def main(clock: VirtualClock) -> None:
        async with FakeExchange(PRODUCT, clock=clock, enforce=False) as exchange:
            clients = [MiniClient(server=exchange.server, clock=clock) for _ in range(30)]
            for client in clients:
                await client.connect()
            assert clock.monotonic() >= 19
            for client in clients:
                await client.close()

    virtually(main)


def test_an_exchange_that_stops_drops_those_too_whose_handshake_is_not_over() -> None:
    async def main() -> None:
        async with FakeExchange(PRODUCT) as exchange:
            port = int(exchange.address.rpartition(":")[2])
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET / HTTP/1.1\r\n")
            await asyncio.sleep(0.05)
        async with asyncio.timeout(5):
            with suppress(ConnectionResetError):
                assert not await reader.read()
            writer.close()
            with suppress(ConnectionResetError):
                await writer.wait_closed()

    run(main)
