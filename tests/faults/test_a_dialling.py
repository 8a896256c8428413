"""Faults 1 to 14: dialling, and the network below the protocol."""

from __future__ import annotations

import asyncio
import base64
import itertools
import logging
import random
import re
import socket
import ssl
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from certificates import Authority
from fault_world import HMAC, ORDER, TRADES, agg_trade, run, spot, usdm, virtually
from proxy import LoopbackProxy

from binance_wire.spot import SpotClient
from binance_wire.usdm.streams import AggTradeStream as UsdmTradeStream
from wirewright_runtime import (
    ConnectFailed,
    ConnectionLost,
    ConnectRejected,
    Hooks,
    IpBanned,
    OutcomeUnknown,
    ProxyError,
    RateLimited,
    Server,
    StaleConnection,
    StateChange,
    TlsError,
    WireError,
)
from wirewright_runtime.testing import FakeExchange, VirtualClock


class Longest(random.Random):
    """Chance that always takes the longest pause."""

    def uniform(self, a: float, b: float) -> float:
        return b


class Hasty(random.Random):
    """Chance that never pauses."""

    def uniform(self, a: float, b: float) -> float:
        return a


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something to become true."""
    while not condition():
        await asyncio.sleep(0.01)


# 1


def test_f01_a_name_that_is_not_found_is_told_to_who_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    async def nowhere(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    async def main(clock: VirtualClock) -> None:
        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", nowhere)
        async with SpotClient(server=Server.at("ws://exchange.invalid"), clock=clock) as client:
            with pytest.raises(
                ConnectFailed, match=r"ws://exchange\.invalid/ws-api/v3.*Name or service not known"
            ) as told:
                await client.api.avg_price(symbol="BTCUSDT")
            with pytest.raises(ConnectFailed):
                async with client.stream(TRADES):
                    pass
            assert told.value.outcome == "not_sent"
            assert isinstance(_root(told.value), socket.gaierror)
            assert clock.monotonic() <= 10

    virtually(main)


def test_f01_a_refused_connection_is_told_to_who_asked() -> None:
    async def main() -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        async with SpotClient(server=Server.at(f"ws://127.0.0.1:{port}")) as client:
            with pytest.raises(ConnectFailed) as told:
                await client.connect()
            assert isinstance(_root(told.value), ConnectionRefusedError)

    run(main)


def test_f01_what_was_live_comes_back_with_growing_pauses() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock, random=Longest()) as (exchange, client), client.stream(TRADES) as events:
            exchange.refuse_connections(seconds=200)
            exchange.drop_connections()
            exchange.counters.dials.clear()
            lost_at = clock.monotonic()
            await clock.advance(seconds=235)
            times = [lost_at, *exchange.counters.dials]
            pauses = [after - before for before, after in itertools.pairwise(times)]
            assert pauses[:8] == pytest.approx([0.25, 0.5, 1, 2, 4, 8, 16, 30], abs=0.1)
            assert pauses[8:] == pytest.approx([30] * len(pauses[8:]), abs=0.1)
            exchange.push(TRADES, agg_trade(1))
            assert (await anext(events)).agg_trade_id == 1

    virtually(main)


def test_f01_pauses_are_drawn_anew_for_every_client() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock, random=random.Random(1)) as (exchange, client), client.stream(TRADES):
            exchange.refuse_connections(seconds=30)
            exchange.drop_connections()
            exchange.counters.dials.clear()
            await clock.advance(seconds=40)
            pauses = [b - a for a, b in itertools.pairwise(exchange.counters.dials)]
            assert pauses != sorted(pauses), "full jitter: a later pause may be the shorter one"

    virtually(main)


# 2


@pytest.mark.parametrize("scheme", ["ws", "wss"])
def test_f02_a_handshake_that_never_completes_is_given_up(scheme: str) -> None:
    async def main(clock: VirtualClock) -> None:
        came, left = 0, 0

        async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal came, left
            came += 1
            while await reader.read(1000):
                pass
            left += 1
            writer.close()

        server = await asyncio.start_server(swallow, "127.0.0.1", 0)
        async with server:
            address = f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            async with SpotClient(server=Server.at(address), clock=clock) as client:
                with pytest.raises(ConnectFailed, match="within 10 seconds"):
                    await client.connect()
                assert clock.monotonic() == pytest.approx(10, abs=0.5)
                await asyncio.sleep(0.5)
                assert (came, left) == (1, 1), "the socket is closed"

    virtually(main)


# 3


@pytest.mark.parametrize(("status", "error"), [(429, RateLimited), (418, IpBanned)])
def test_f03_a_ban_on_upgrade_holds_for_every_client_of_the_process(status: int, error: type[RateLimited]) -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client):
            exchange.reject_handshakes(status, retry_after=120)
            with pytest.raises(error) as caught:
                await client.connect()
            assert caught.value.until is not None
            assert 119 < caught.value.until / 1000 - clock.wall() <= 120
            async with SpotClient(key=HMAC, server=exchange.server, clock=clock) as other:
                with pytest.raises(error):
                    await other.connect()
                with pytest.raises(error):
                    async with other.stream(TRADES):
                        pass
                with pytest.raises(error):
                    await other.api.order_place(**ORDER)
            assert len(exchange.counters.dials) == 1
            await clock.advance(seconds=121)
            await client.connect()

    virtually(main)


def test_f03_a_wait_that_cannot_be_meant_is_a_minute() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client):
            exchange.reject_handshakes(429, retry_after=10**20)
            with pytest.raises(RateLimited) as caught:
                await client.connect()
            assert caught.value.until is not None
            assert 59 < caught.value.until / 1000 - clock.wall() <= 60

    virtually(main)


def test_f03_a_connection_that_was_live_waits_for_the_end_of_the_ban() -> None:
    async def main(clock: VirtualClock) -> None:
        async with usdm(clock) as (exchange, client), client.stream(UsdmTradeStream(symbol="btcusdt")):
            exchange.reject_handshakes(418, retry_after=300)
            exchange.drop_connections()
            exchange.counters.dials.clear()
            await clock.advance(seconds=299)
            assert len(exchange.counters.dials) == 1
            with pytest.raises(IpBanned):
                await client.api.order_place(**ORDER)
            await clock.advance(seconds=30)
            assert len(exchange.of("market")) == 1
            order = await client.api.order_place(**ORDER)
            assert exchange.counters.orders == {order.client_order_id: 1}

    virtually(main)


# 4, 5


@pytest.mark.parametrize("status", [403, 451])
def test_f04_a_forbidden_client_is_told_and_does_not_knock_again(status: int) -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client):
            exchange.reject_handshakes(status, times=100, body="<html>blocked</html>" + "x" * 5000)
            for _ in range(5):
                with pytest.raises(ConnectRejected, match=f"HTTP {status}: <html>blocked") as told:
                    await client.connect()
                assert told.value.status == status
                assert len(told.value.body) == 1024
                await clock.advance(seconds=1)
            assert len(exchange.counters.dials) == 1

    virtually(main)


def test_f04_a_client_that_becomes_forbidden_is_told_in_its_streams() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client), client.stream(TRADES) as events:
            exchange.reject_handshakes(403, times=100)
            exchange.drop_connections()
            exchange.counters.dials.clear()
            with pytest.raises(ConnectRejected):
                await anext(events)
            await clock.advance(minutes=10)
            assert len(exchange.counters.dials) == 1

    virtually(main)


def test_f04_a_redirection_to_another_host_is_told_and_not_followed() -> None:
    async def main() -> None:
        async with FakeExchange.serving(SpotClient) as other:

            async def redirect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                await reader.readuntil(b"\r\n\r\n")
                place = f"{other.server.api}/ws-api/v3".encode()
                writer.write(b"HTTP/1.1 302 Found\r\nLocation: " + place + b"\r\nContent-Length: 0\r\n\r\n")
                writer.close()

            async with await asyncio.start_server(redirect, "127.0.0.1", 0) as server:
                port = server.sockets[0].getsockname()[1]
                async with SpotClient(server=Server.at(f"ws://127.0.0.1:{port}")) as client:
                    with pytest.raises(ConnectRejected) as caught:
                        await client.api.avg_price(symbol="BTCUSDT")
                    assert caught.value.status == 302
            assert other.counters.dials == []

    asyncio.run(main())


def test_f05_a_server_error_on_upgrade_shows_its_page() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client):
            exchange.reject_handshakes(502, body="<html>Bad Gateway</html>")
            with pytest.raises(ConnectRejected, match="HTTP 502: <html>Bad Gateway</html>"):
                await client.connect()
            await client.connect()

    virtually(main)


def test_f05_a_server_error_on_upgrade_is_tried_again_with_pauses() -> None:
    async def main(clock: VirtualClock) -> None:
        changes: list[StateChange] = []
        options: dict[str, Any] = {"random": Longest(), "hooks": Hooks(state=changes.append)}
        async with spot(clock, **options) as (exchange, client), client.stream(TRADES) as events:
            exchange.reject_handshakes(503, times=6, body="<html>maintenance</html>")
            exchange.drop_connections()
            exchange.counters.dials.clear()
            await clock.advance(seconds=40)
            assert len(exchange.counters.dials) == 7
            assert any("maintenance" in change.reason for change in changes)
            exchange.push(TRADES, agg_trade(1))
            assert (await anext(events)).agg_trade_id == 1

    virtually(main)


# 6


def test_f06_a_certificate_is_believed_from_a_trusted_authority_only() -> None:
    async def main() -> None:
        authority, stranger = Authority(), Authority()
        cases = [
            (stranger.server(), "self-signed|unable to get local issuer|certificate signature failure"),
            (authority.server("other.example"), "IP address mismatch"),
            (authority.server(expired=True), "expired"),
        ]
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)  # the exchange is refused, too
        for context, why in cases:
            async with FakeExchange(SpotClient.product, ssl=context) as exchange:
                async with SpotClient(server=exchange.server, ssl=authority.trust()) as client:
                    with pytest.raises(TlsError, match=f"certificate verify failed.*({why})"):
                        await client.connect()
                    assert exchange.counters.connections == 0
        async with FakeExchange(SpotClient.product, ssl=authority.server()) as exchange:
            async with SpotClient(server=exchange.server) as client:
                with pytest.raises(TlsError):  # the system's authorities do not know ours
                    await client.connect()
            async with SpotClient(server=exchange.server, ssl=authority.trust()) as client:
                async with client.stream(TRADES) as events:
                    exchange.push(TRADES, agg_trade(1))
                    assert (await anext(events)).agg_trade_id == 1
        await asyncio.sleep(0.05)

    run(main)


def test_f06_there_is_no_insecure_mode() -> None:
    blind, nameless = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ssl.create_default_context()
    blind.check_hostname, nameless.check_hostname = False, False
    blind.verify_mode = ssl.CERT_NONE
    for context in (blind, nameless):
        with pytest.raises(ValueError, match="anybody's certificate"):
            SpotClient(ssl=context)


# 7


def test_f07_a_proxy_passes_connections_on_and_its_failures_are_its_own(caplog: pytest.LogCaptureFixture) -> None:
    async def main(clock: VirtualClock) -> None:
        changes: list[StateChange] = []
        async with LoopbackProxy() as proxy:
            address = f"http://user:hunter2@127.0.0.1:{proxy.port}"
            options: dict[str, Any] = {"proxy": address, "hooks": Hooks(state=changes.append)}
            async with spot(clock, **options) as (exchange, client), client.stream(TRADES) as events:
                exchange.push(TRADES, agg_trade(1))
                assert (await anext(events)).agg_trade_id == 1
                assert base64.b64encode(b"user:hunter2") in proxy.heads[0]
                await proxy.stop()
                await until(lambda: any("the proxy to" in change.reason for change in changes))
                with pytest.raises(ProxyError):
                    await client.connect()
                await proxy.start()
                await clock.advance(seconds=60)
                exchange.push(TRADES, agg_trade(2))
                assert (await anext(events)).agg_trade_id == 2
                proxy.status = 407
                proxy.break_off()
                await until(lambda: any("407" in change.reason for change in changes))
                with pytest.raises(ProxyError, match="407"):
                    await client.connect()
        said = f"{changes!r} {client!r}"
        assert "hunter2" not in said

    with caplog.at_level(logging.DEBUG):
        virtually(main)
    assert "hunter2" not in caplog.text
    assert base64.b64encode(b"user:hunter2").decode() not in caplog.text


# 8


def test_f08_a_flapping_link_stays_within_the_budget_that_clients_share() -> None:
    async def main(clock: VirtualClock) -> None:
        async with FakeExchange(SpotClient.product, clock=clock, enforce=False) as exchange:
            opened = exchange.opened

            def open_and_drop(peer: Any) -> None:
                opened(peer)
                peer.abort()

            exchange.opened = open_and_drop  # type: ignore[method-assign]
            options: dict[str, Any] = {"server": exchange.server, "clock": clock, "random": Hasty()}
            async with SpotClient(**options) as one, SpotClient(**options) as two:
                asking = [asyncio.create_task(_keep_asking(client)) for client in (one, two)]
                await clock.advance(minutes=20)
                for task in asking:
                    task.cancel()
                await asyncio.gather(*asking, return_exceptions=True)
            counters = exchange.counters
            assert counters.most_dials(10) <= 20
            assert counters.most_dials(60) <= 70
            assert 200 < counters.most_dials(300) < 300
            assert counters.kicked == 0

    virtually(main)


async def _keep_asking(client: SpotClient) -> None:
    while True:
        try:
            await client.api.avg_price(symbol="BTCUSDT")
        except WireError:
            await asyncio.sleep(0.05)


# 9


@pytest.mark.parametrize("reset", [True, False])
@pytest.mark.parametrize("changes_state", [True, False])
def test_f09_a_broken_connection_is_told_to_requests_at_once(reset: bool, changes_state: bool) -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client):
            call: Awaitable[Any] = (
                client.api.order_place(**ORDER) if changes_state else client.api.avg_price(symbol="BTCUSDT")
            )
            exchange.on("order.place" if changes_state else "avgPrice").stall()
            asking = asyncio.ensure_future(call)
            await until(lambda: exchange.counters.requests.total() >= (4 if changes_state else 1))
            exchange.of("api")[0].send_raw(b'\x81\x7e\x01\x00{"id":')  # half a frame
            broken_at = clock.monotonic()
            exchange.drop_connections(reset=reset)
            with pytest.raises(OutcomeUnknown if changes_state else ConnectionLost) as told:
                await asking
            assert told.value.outcome == "unknown"
            assert clock.monotonic() - broken_at <= 0.1
            await until(lambda: len(exchange.of("api")) == 1)
            assert exchange.counters.double_sends == 0

    virtually(main)


# 10


def test_f10_a_vanished_peer_is_noticed_on_spot_by_its_missing_pings() -> None:
    async def main(clock: VirtualClock) -> None:
        changes: list[StateChange] = []
        async with (
            spot(clock, hooks=Hooks(state=changes.append)) as (exchange, client),
            client.stream(TRADES) as events,
        ):
            exchange.on("avgPrice").stall()
            asking = asyncio.create_task(client.api.avg_price(symbol="BTCUSDT", timeout=1000))
            await clock.advance(seconds=100)
            frozen_at = clock.monotonic()
            exchange.freeze()
            with pytest.raises(StaleConnection, match="nothing was heard for 45 seconds"):
                await asking
            assert clock.monotonic() - frozen_at <= 60
            await clock.advance(seconds=30)
            assert {change.connection for change in changes if change.state == "lost"} == {"api", "streams"}
            exchange.push(TRADES, agg_trade(1))
            assert (await anext(events)).agg_trade_id == 1

    virtually(main)


def test_f10_a_vanished_peer_is_noticed_on_futures_by_a_question_without_answer() -> None:
    async def main(clock: VirtualClock) -> None:
        lost: list[float] = []
        hooks = Hooks(state=lambda change: lost.append(clock.monotonic()) if change.state == "lost" else None)
        async with usdm(clock, hooks=hooks) as (exchange, client), client.stream(UsdmTradeStream(symbol="btcusdt")):
            await clock.advance(seconds=100)
            assert not lost
            frozen_at = clock.monotonic()
            exchange.freeze()
            await until(lambda: bool(lost))
            assert lost[0] - frozen_at <= 30 + 1

    virtually(main)


# 11


class Standing(VirtualClock):
    """Virtual time in which the program is watched for standing still, as in real time."""

    stalls = True


def test_f11_a_machine_that_slept_begins_anew_and_signs_nothing_old() -> None:
    async def main(clock: VirtualClock) -> None:
        changes: list[StateChange] = []
        async with (
            spot(clock, hooks=Hooks(state=changes.append)) as (exchange, client),
            client.stream(TRADES) as events,
        ):
            await client.connect()
            await clock.advance(seconds=30)
            exchange.counters.dials.clear()
            clock.jump(7200)
            woke_at = clock.monotonic()
            await until(lambda: len([change for change in changes if change.state == "lost"]) == 2)
            assert clock.monotonic() - woke_at <= 2
            exchange.counters.requests.clear()
            order = await client.api.order_place(**ORDER)  # the exchange checks the timestamp
            assert exchange.counters.orders == {order.client_order_id: 1}
            await clock.advance(seconds=10)
            assert len(exchange.counters.dials) == 2
            assert exchange.counters.requests["time"] <= 3
            exchange.push(TRADES, agg_trade(1))
            assert (await anext(events)).agg_trade_id == 1

    virtually(main)


def test_f11_a_machine_whose_clock_stood_while_it_slept_begins_anew_too() -> None:
    async def main(clock: VirtualClock) -> None:
        changes: list[StateChange] = []
        options: dict[str, Any] = {"hooks": Hooks(state=changes.append)}
        async with spot(clock, **options) as (_, client), client.stream(TRADES):
            await clock.advance(seconds=30)
            clock.step_wall(7200)
            await clock.advance(seconds=2)
            assert any("this machine slept for 7200 seconds" in change.reason for change in changes)

    virtually(main, Standing())


# 12


def test_f12_every_dial_looks_the_name_up_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.2", 0))
        except OSError:
            pytest.skip("this machine has one loopback address only")

    async def main(clock: VirtualClock) -> None:
        loop = asyncio.get_running_loop()
        addresses = ["127.0.0.1"]
        asked: list[str] = []
        real = loop.getaddrinfo

        async def look_up(host: Any, port: Any, **options: Any) -> Any:
            asked.append(host)
            return await real(addresses[-1] if host == "exchange.example" else host, port, **options)

        monkeypatch.setattr(loop, "getaddrinfo", look_up)
        first, second = (FakeExchange.serving(SpotClient, clock=clock) for _ in range(2))
        async with first:
            port = int(str(first.server.everything).rpartition(":")[2])
            await second.start(port, "127.0.0.2")
            server = Server.at(f"ws://exchange.example:{port}")
            async with SpotClient(server=server, clock=clock) as client, client.stream(TRADES) as events:
                assert len(first.peers) == 1
                addresses.append("127.0.0.2")
                first.drop_connections()
                await until(lambda: len(second.peers) == 1)
                await clock.advance(seconds=1)
                second.push(TRADES, agg_trade(1))
                assert (await anext(events)).agg_trade_id == 1
                assert asked == ["exchange.example"] * 2
            await second.stop()

    virtually(main)


# 13


def test_f13_a_peer_that_takes_nothing_is_given_up_and_requests_know_whether_they_left() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client):
            await client.connect()
            await client.api.avg_price(symbol="BTCUSDT")
            exchange.stop_reading("api")
            begun = clock.monotonic()
            left = asyncio.create_task(client.api.order_place(**ORDER, timeout=60))
            await asyncio.sleep(0)
            large = asyncio.create_task(client.call_raw("order.large", {"note": "x" * 30_000_000}, timeout=60))
            await asyncio.sleep(0)
            behind = asyncio.create_task(client.api.order_place(**ORDER, timeout=60))
            with pytest.raises(OutcomeUnknown, match="the peer took nothing for 10 seconds"):
                await left
            for stayed in (large, behind):
                with pytest.raises(ConnectionLost) as told:
                    await stayed
                assert told.value.outcome == "not_sent"
            assert clock.monotonic() - begun == pytest.approx(10, abs=1)
            await client.api.avg_price(symbol="BTCUSDT")
            assert not exchange.counters.orders

    virtually(main)


# 14


def test_f14_a_program_that_stands_still_for_a_moment_keeps_its_connection(caplog: pytest.LogCaptureFixture) -> None:
    async def main(clock: VirtualClock) -> None:
        lags: list[float] = []
        async with spot(clock, hooks=Hooks(lag=lags.append)) as (exchange, client), client.stream(TRADES) as events:
            await clock.advance(seconds=10)
            clock.jump(5)
            exchange.push(TRADES, agg_trade(1))
            assert (await anext(events)).agg_trade_id == 1
            await clock.advance(seconds=10)
            assert lags == [pytest.approx(5, abs=1)]
            assert client.stats().longest_lag == lags[0]
            assert exchange.counters.connections == 1

    virtually(main, Standing())
    assert caplog.text.count("the program stood still") == 1


def test_f14_a_connection_lost_by_standing_still_is_not_blamed_on_the_exchange() -> None:
    async def main(clock: VirtualClock) -> None:
        changes: list[StateChange] = []
        options: dict[str, Any] = {"hooks": Hooks(state=changes.append)}
        async with spot(clock, **options) as (exchange, client), client.stream(TRADES):
            await clock.advance(seconds=10)
            clock.jump(70)
            exchange.close_connections(1008, "Pong timeout")  # what an exchange does that got no pong for a minute
            await until(lambda: any(change.state == "lost" for change in changes))
            reason = next(change.reason for change in changes if change.state == "lost")
            assert re.search("Pong timeout; this program had stood still for (69|70) seconds", reason)

    virtually(main, Standing())


def _root(error: BaseException) -> BaseException:
    while error.__cause__ is not None:
        error = error.__cause__
    return error
