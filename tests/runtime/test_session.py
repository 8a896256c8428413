"""The second life of a connection: lost, renewed, announced, refused. In virtual time, over real loopback sockets."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from mini_wire.mini import MiniClient, requests
from mini_wire.mini.events import AggTrade
from mini_wire.mini.streams import AggTradeStream, BookTickerStream, KlineStream
from mini_world import agg_trade, mini, report, run, virtually

from wirewright_runtime import (
    AuthError,
    ConnectFailed,
    ConnectionLost,
    ConnectRejected,
    Gap,
    HmacKey,
    Hooks,
    IpBanned,
    NoDataAfterSubscribe,
    NotConnected,
    RateLimited,
    Server,
    StateChange,
    StreamStalled,
    Subscription,
)
from wirewright_runtime.testing import FakeExchange, VirtualClock

TRADES = AggTradeStream(symbol="btcusdt")


async def pump(exchange: FakeExchange, numbers: range, every: float) -> None:
    """Push numbered trades, as long as there is somebody to get them."""
    for number in numbers:
        exchange.push("btcusdt@aggTrade", agg_trade(number))
        await asyncio.sleep(every)


async def numbers_of(events: Subscription[AggTrade], last: int) -> list[int]:
    """The numbers of all events up to one."""
    numbers: list[int] = []
    while not numbers or numbers[-1] < last:
        numbers.append((await anext(events)).agg_trade_id)
    return numbers


@pytest.mark.parametrize("memory", [False, True])
def test_a_hundred_renewals_lose_nothing_and_repeat_nothing(memory: bool) -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock, memory=memory, lifetime=600.0) as (exchange, client):
            async with client.stream(TRADES, gaps="raise") as events:
                last = 100 * 600
                pushing = asyncio.create_task(pump(exchange, range(1, last + 1), 1.0))
                assert await numbers_of(events, last) == list(range(1, last + 1))
                await pushing
            assert exchange.counters.connections >= 95
            assert exchange.counters.most_open <= 2
            assert exchange.counters.kicked == 0

    virtually(main)


def test_a_day_passes_in_no_time_and_the_connection_is_renewed_before_its_end() -> None:
    async def main(clock: VirtualClock) -> None:
        changes: list[StateChange] = []
        async with mini(clock, hooks=Hooks(state=changes.append)) as (exchange, client):
            async with client.stream(TRADES, idle=None):
                await clock.advance(hours=24)
                renewals = [change for change in changes if change.reason == "planned renewal"]
                assert len(renewals) == 1
                assert 22.4 * 3600 < (renewals[0].at / 1000 - clock.wall() + 24 * 3600) < 23.6 * 3600
                assert exchange.counters.connections == 2
                assert len(exchange.peers) == 1
                assert exchange.counters.wrong_pongs == 0

    virtually(main)


@pytest.mark.parametrize("shape", ["raw", "combined"])
def test_a_shutdown_notice_replaces_the_connection_at_once(shape: str) -> None:
    async def main(clock: VirtualClock) -> None:
        notices: list[str] = []
        hooks = Hooks(notice=lambda notice: notices.append(notice.type))
        async with mini(clock, hooks=hooks) as (exchange, client), client.stream(TRADES, gaps="raise") as events:
            exchange.push("btcusdt@aggTrade", agg_trade(1))
            asked = clock.monotonic()
            exchange.announce_shutdown(shape, name="streams")
            await asyncio.sleep(0.1)
            assert exchange.counters.connections == 2
            assert clock.monotonic() - asked <= 0.11
            exchange.push("btcusdt@aggTrade", agg_trade(2))
            exchange.close_connections(1001)  # the old one too: its time is over
            assert await numbers_of(events, 2) == [1, 2]
            assert notices == ["serverShutdown"]

    virtually(main)


def test_a_shutdown_notice_on_the_request_connection_moves_user_data_along() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client), client.user_data() as events:
            for number in range(1, 30):
                exchange.push_user(report(number))
                if number == 10:
                    exchange.announce_shutdown("event", name="api")
                await asyncio.sleep(0.5)
            got = [await anext(events) for _ in range(1, 30)]
            assert [getattr(event, "execution_id", event) for event in got] == list(range(1, 30))
            assert exchange.counters.connections == 2
            assert len(exchange.peers) == 1

    virtually(main)


def test_every_close_code_leads_to_a_new_connection() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client), client.stream(TRADES) as events:
            codes = (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014)
            for number, code in enumerate(codes):
                exchange.close_connections(code, "go away", "streams")
                await clock.advance(seconds=60)
                assert exchange.push("btcusdt@aggTrade", agg_trade(number)) == 1, code
                assert (await anext(events)).agg_trade_id == number

    virtually(main)


def test_user_data_come_back_within_a_second_and_the_gap_is_marked() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client), client.user_data() as events:
            exchange.push_user(report(1))
            exchange.drop_connections("api")
            await clock.advance(seconds=1)
            assert exchange.push_user(report(2)) == 1
            kinds = [await anext(events) for _ in range(3)]
            assert [type(kind).__name__ for kind in kinds] == ["ExecutionReport", "Gap", "ExecutionReport"]
            gap = kinds[1]
            assert isinstance(gap, Gap)
            assert (gap.reason, gap.dropped) == ("reconnect", None)
            assert 0 < gap.since <= gap.until

    virtually(main)


def test_the_reconcile_hook_runs_before_the_events_behind_a_gap() -> None:
    async def main(clock: VirtualClock) -> None:
        order: list[str] = []

        async def reconcile(gap: Gap) -> None:
            await asyncio.sleep(3)
            order.append(gap.reason)

        async with mini(clock, reconcile=reconcile) as (exchange, client), client.user_data() as events:
            exchange.drop_connections("api")
            await clock.advance(seconds=1)
            exchange.push_user(report(2))
            assert isinstance(await anext(events), Gap)
            order.append(type(await anext(events)).__name__)
            assert order == ["reconnect", "ExecutionReport"]

    virtually(main)


def test_a_vanished_exchange_is_noticed_within_a_minute() -> None:
    async def main(clock: VirtualClock) -> None:
        changes: list[StateChange] = []
        async with mini(clock, hooks=Hooks(state=changes.append)) as (exchange, client), client.stream(TRADES):
            await clock.advance(seconds=100)
            frozen = clock.monotonic()
            exchange.freeze()
            while not any(change.state == "lost" for change in changes):
                await asyncio.sleep(0.5)
            assert clock.monotonic() - frozen <= 60
            lost = next(change for change in changes if change.state == "lost")
            assert "nothing was heard" in lost.reason

    virtually(main)


def test_a_first_connection_that_fails_is_told_to_who_asked() -> None:
    async def main() -> None:
        async with MiniClient(server=Server.at("ws://127.0.0.1:9")) as client:
            with pytest.raises(ConnectFailed, match="no connection to ws://127.0.0.1:9/stream"):
                async with client.stream(TRADES):
                    pass
            with pytest.raises(ConnectFailed):
                await client.api.avg_price(symbol="BTCUSDT")
            assert {connection.state for connection in client.stats().connections} == {"failed"}

    run(main)


def test_a_handshake_that_is_never_answered_times_out() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client):
            exchange.reject_handshakes(None)
            with pytest.raises((ConnectFailed, NotConnected)):
                await client.connect()
            assert clock.monotonic() <= 10.5
            await client.connect()

    virtually(main)


def test_a_forbidden_client_does_not_knock_again() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client), client.stream(TRADES) as events:
            exchange.reject_handshakes(403, times=100, body="<html>blocked</html>")
            exchange.drop_connections()
            with pytest.raises(ConnectRejected, match="HTTP 403.*blocked") as caught:
                await anext(events)
            assert caught.value.status == 403
            await clock.advance(minutes=10)
            assert exchange.counters.rejected == 1

    virtually(main)


@pytest.mark.parametrize(("status", "error"), [(429, RateLimited), (418, IpBanned)])
def test_retry_after_holds_for_every_client_of_the_process(status: int, error: type[RateLimited]) -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client):
            exchange.reject_handshakes(status, retry_after=120)
            with pytest.raises(error) as caught:
                await client.connect()
            until = caught.value.until
            assert until is not None
            assert 110 < until / 1000 - clock.wall() <= 120
            async with MiniClient(server=exchange.server, clock=clock) as other:
                with pytest.raises(error):
                    await other.connect()
                with pytest.raises(error):
                    await other.api.avg_price(symbol="BTCUSDT")
            assert exchange.counters.rejected == 1
            assert exchange.counters.connections == 0
            await clock.advance(seconds=121)
            await client.connect()

    virtually(main)


def test_connections_refused_for_a_while_come_back_with_patience() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client), client.stream(TRADES) as events:
            exchange.refuse_connections(seconds=300)
            exchange.drop_connections()
            await clock.advance(minutes=6)
            assert exchange.push("btcusdt@aggTrade", agg_trade(1)) == 1
            assert (await anext(events)).agg_trade_id == 1
            assert exchange.counters.rejected <= 40

    virtually(main)


def test_a_flapping_link_stays_within_the_budget_of_dials() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock, enforce=False) as (exchange, client), client.stream(TRADES):
            for _ in range(1200):
                exchange.drop_connections()
                await clock.advance(seconds=0.25)
            assert exchange.counters.connections + exchange.counters.rejected < 300
            await clock.advance(minutes=1)
            assert len(exchange.peers) == 1

    virtually(main)


def test_streams_past_the_limit_get_a_second_connection_and_free_it_again() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client):
            many = [AggTradeStream(symbol=f"s{number}") for number in range(1100)]
            async with client.stream(many) as events:
                sizes = sorted(len(peer.streams) for peer in exchange.of("streams"))
                assert sizes == [76, 1024]
                exchange.push("s1099@aggTrade", agg_trade(3, "S1099"))
                assert (await anext(events)).symbol == "S1099"
            await clock.advance(seconds=30)
            assert exchange.of("streams") == []
            assert exchange.counters.kicked == 0
            assert exchange.counters.most_per_second <= 5

    virtually(main)


def test_subscribing_a_thousand_streams_three_times_stays_under_the_message_limit() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client):
            many = [AggTradeStream(symbol=f"s{number}") for number in range(1024)]
            async with client.stream(many):
                for _ in range(3):
                    exchange.drop_connections()
                    await clock.advance(minutes=2)
                assert len(exchange.of("streams")[0].streams) == 1024
            assert exchange.counters.kicked == 0
            assert exchange.counters.most_per_second <= 4

    virtually(main)


def test_an_acknowledged_stream_that_brings_nothing_is_told() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client):
            async with client.stream(KlineStream(symbol="btcusdt", interval="1m")) as events:
                begun = clock.monotonic()
                with pytest.raises(NoDataAfterSubscribe, match="btcusdt@kline_1m was acknowledged") as caught:
                    await anext(events)
                assert clock.monotonic() - begun <= 21
                assert caught.value.stream == "btcusdt@kline_1m"
                assert exchange.counters.subscribed["btcusdt@kline_1m"] == 1
                with pytest.raises(NoDataAfterSubscribe):
                    await anext(events)
                assert exchange.counters.subscribed["btcusdt@kline_1m"] == 2

    virtually(main)


def test_a_stream_that_stops_is_subscribed_again_and_then_its_connection_replaced() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client):
            both = AggTradeStream(symbol="btcusdt") | BookTickerStream(symbol="btcusdt")
            async with client.stream(both, idle=30.0, gaps="log") as events:
                exchange.push("btcusdt@aggTrade", agg_trade(1))
                exchange.push("btcusdt@bookTicker", {"u": 1, "s": "B", "b": "1", "a": "2"})
                await anext(events)
                await anext(events)
                stalled = 0
                for number in range(2, 40):
                    await clock.advance(seconds=5)
                    exchange.push("btcusdt@aggTrade", agg_trade(number))
                    try:
                        event: Any = await anext(events)
                        assert event.symbol == "BTCUSDT"
                    except StreamStalled as error:
                        stalled += 1
                        assert error.stream == "btcusdt@bookTicker"
                assert stalled >= 2
                assert exchange.counters.subscribed["btcusdt@bookTicker"] >= 2
                assert exchange.counters.connections == 2

    virtually(main)


def test_a_lost_acknowledgement_is_asked_for_again_and_then_the_connection_replaced() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client):
            exchange.on("SUBSCRIBE").stall()
            async with client.stream(TRADES):
                assert exchange.counters.requests["SUBSCRIBE"] == 2
            exchange.on("SUBSCRIBE", times=2).stall()
            async with client.stream(BookTickerStream(symbol="btcusdt")):
                assert exchange.counters.connections >= 2

    virtually(main)


def test_a_refused_logon_reaches_every_waiter_at_once_and_is_not_repeated() -> None:
    async def main(clock: VirtualClock) -> None:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        from wirewright_runtime import Ed25519Key

        good, bad = (Ed25519Key("api-key", Ed25519PrivateKey.generate().private_bytes_raw()) for _ in range(2))
        async with mini(clock, key=good) as (exchange, good_client):
            async with MiniClient(key=bad, server=exchange.server, clock=clock) as client:
                calls = [asyncio.create_task(client.api.order_status(symbol="B", order_id=1)) for _ in range(20)]
                told = await asyncio.gather(*calls, return_exceptions=True)
                assert {type(error) for error in told} == {AuthError}
                assert clock.monotonic() < 1
                assert "custom server: ws://127.0.0.1" in str(told[0])
                await clock.advance(seconds=30)
                assert exchange.counters.requests["session.logon"] == 1
                async with client.stream(TRADES) as events:
                    exchange.push("btcusdt@aggTrade", agg_trade(1))
                    assert (await anext(events)).agg_trade_id == 1
            await good_client.connect()
            assert exchange.of("api")[0].logged_on == "api-key"
            assert exchange.counters.requests["session.logon"] == 2

    virtually(main)


def test_a_logged_on_session_signs_nothing_more() -> None:
    async def main(clock: VirtualClock) -> None:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        from wirewright_runtime import Ed25519Key

        key = Ed25519Key("api-key", Ed25519PrivateKey.generate().private_bytes_raw())
        async with mini(clock, key=key) as (exchange, client), client.user_data() as events:
            await client.api.order_place(symbol="B", side="BUY", type="MARKET", quantity=1, new_client_order_id="mine")
            params = exchange.of("api")[0].texts[-1]["params"]
            assert "timestamp" in params
            assert "signature" not in params
            assert "apiKey" not in params
            exchange.log_off()
            await clock.advance(seconds=1)
            assert exchange.counters.requests["session.logon"] == 2
            exchange.push_user(report(1))
            kinds = [type(await anext(events)).__name__ for _ in range(2)]
            assert kinds == ["Gap", "ExecutionReport"]

    virtually(main)


def test_losing_the_fresh_connection_while_the_old_one_drains_goes_back_to_the_old_one() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client), client.stream(TRADES, gaps="mark") as events:
            exchange.push("btcusdt@aggTrade", agg_trade(1))
            exchange.announce_shutdown("raw", name="streams")
            await clock.advance(seconds=1)
            old, fresh = exchange.of("streams")
            fresh.abort()
            await clock.advance(seconds=0.01)
            exchange.push("btcusdt@aggTrade", agg_trade(2))
            await clock.advance(seconds=20)
            exchange.push("btcusdt@aggTrade", agg_trade(3))
            got = [await anext(events) for _ in range(3)]
            assert [getattr(event, "agg_trade_id", event) for event in got] == [1, 2, 3]
            assert old not in exchange.peers
            assert len(exchange.of("streams")) == 1

    virtually(main)


def test_one_connection_of_two_goes_quiet_and_only_it_is_replaced() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client):
            many = [AggTradeStream(symbol=f"s{number}") for number in range(1025)]
            async with client.stream(many, gaps="raise") as events:
                first, second = exchange.of("streams")
                second.frozen = True
                for number in range(1, 13):
                    exchange.push("s1@aggTrade", agg_trade(number, "S1"))
                    await clock.advance(seconds=5)
                got = [(await anext(events)).agg_trade_id for _ in range(12)]
                assert got == list(range(1, 13))
                assert first in exchange.peers
                assert exchange.counters.connections == 3

    virtually(main)


def test_waiting_for_a_connection_ends_with_the_requests_own_time() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client):
            await client.connect()
            exchange.refuse_connections(seconds=100)
            exchange.drop_connections()
            await clock.advance(seconds=0.01)
            begun = clock.monotonic()
            with pytest.raises(NotConnected, match="no connection within 3 seconds") as caught:
                await client.api.avg_price(symbol="BTCUSDT", timeout=3)
            assert caught.value.outcome == "not_sent"
            assert clock.monotonic() - begun == pytest.approx(3, abs=0.1)
            await clock.advance(seconds=140)
            assert exchange.counters.requests["avgPrice"] == 0
            await client.api.avg_price(symbol="BTCUSDT")

    virtually(main)


def test_a_read_under_way_learns_of_a_lost_connection_at_once() -> None:
    async def main() -> None:
        async with mini() as (exchange, client):
            exchange.on(requests.AvgPrice).accept_then_drop()
            await client.connect()
            begun = asyncio.get_running_loop().time()
            with pytest.raises(ConnectionLost) as caught:
                await client.api.avg_price(symbol="BTCUSDT")
            assert asyncio.get_running_loop().time() - begun < 0.1
            assert caught.value.outcome == "unknown"

    run(main)


def test_two_clients_do_not_share_anything_but_the_host() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client):
            other_key = HmacKey("api-key-of-bob", "secret-of-bob")
            exchange.add_key(other_key)
            async with MiniClient(key=other_key, server=exchange.server, clock=clock) as other:
                async with client.user_data() as mine, other.user_data() as theirs:
                    exchange.push_user(report(1), user="api-key-of-alice")
                    exchange.push_user(report(2), user="api-key-of-bob")
                    first, second = await anext(mine), await anext(theirs)
                    assert getattr(first, "execution_id", 0) == 1
                    assert getattr(second, "execution_id", 0) == 2

    virtually(main)
