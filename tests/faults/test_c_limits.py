"""Faults 46 to 48: limits on requests, bans, and what the client knows of its budget."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from fault_world import HMAC, ORDER, TRADES, agg_trade, spot, usdm, virtually

from binance_wire.spot import SpotClient
from binance_wire.spot import catalog as spot_catalog
from wirewright_runtime import HmacKey, IpBanned, NotConnected, RateLimited, Reply, WireError
from wirewright_runtime.testing import FakeExchange, VirtualClock

TOO_MANY: dict[str, Any] = {"code": -1003, "message": "Too much request weight used.", "status": 429}


def test_f46_a_refused_request_closes_the_gate_for_every_client_of_the_process() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client):
            exchange.on("avgPrice").refuse(**TOO_MANY, retry_after=30)
            with pytest.raises(RateLimited, match="Too much request weight") as told:
                await client.api.avg_price(symbol="BTCUSDT")
            assert told.value.outcome == "rejected"
            assert told.value.retry_after(exchange.now_ms()) == pytest.approx(30, abs=0.1)
            async with SpotClient(key=HMAC, server=exchange.server, clock=clock) as other:
                for _ in range(50):  # no storm
                    for one in (client, other):
                        with pytest.raises(RateLimited, match="not sent") as kept:
                            await one.api.order_place(**ORDER)
                        assert kept.value.outcome == "not_sent"
                        assert kept.value.until == pytest.approx(told.value.until, abs=10)
                assert exchange.counters.requests["order.place"] == 0
                await clock.advance(seconds=31)
                await other.api.order_place(**ORDER)
                await client.api.order_place(**ORDER)

    virtually(main)


def test_f46_requests_wait_for_the_gate_where_the_user_wants_it() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock, when_limited="wait") as (exchange, client):
            exchange.on("avgPrice").refuse(**TOO_MANY, retry_after=30)
            with pytest.raises(RateLimited):
                await client.api.avg_price(symbol="BTCUSDT")
            begun = clock.monotonic()
            with pytest.raises(RateLimited, match="not sent"):  # it has less time than the gate is closed
                await client.api.order_place(**ORDER, timeout=20)
            assert clock.monotonic() == begun
            await asyncio.gather(*(client.api.order_place(**ORDER, timeout=60) for _ in range(20)))
            assert clock.monotonic() - begun == pytest.approx(30, abs=0.2)
            assert len(exchange.counters.orders) == 20
            assert exchange.counters.double_sends == 0

    virtually(main)


def test_f46_too_many_orders_close_the_gate_for_orders_of_that_account_only() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client):
            order = await client.api.order_place(**ORDER)
            exchange.on("order.place").refuse(-1015, "Too many new orders.", status=429, retry_after=10)
            with pytest.raises(RateLimited):
                await client.api.order_place(**ORDER)
            sent = exchange.counters.requests["order.place"]
            with pytest.raises(RateLimited, match="not sent"):
                await client.api.order_place(**ORDER)
            async with SpotClient(key=HMAC, server=exchange.server, clock=clock) as same:
                with pytest.raises(RateLimited, match="not sent"):
                    await same.api.order_place(**ORDER)
            bob = HmacKey("api-key-of-bob", "secret-of-bob")
            exchange.add_key(bob)
            async with SpotClient(key=bob, server=exchange.server, clock=clock) as another:
                await another.api.order_place(**ORDER)
            assert exchange.counters.requests["order.place"] == sent + 1
            # what protects the user still works: looking, and canceling
            await client.api.order_status(symbol="BTCUSDT", orig_client_order_id=order.client_order_id)
            await client.api.order_cancel(symbol="BTCUSDT", orig_client_order_id=order.client_order_id)
            await clock.advance(seconds=10.1)
            await client.api.order_place(**ORDER)

    virtually(main)


def test_f46_a_refusal_that_does_not_say_how_long_waits_for_the_next_minute() -> None:
    async def main(clock: VirtualClock) -> None:
        async with usdm(clock, weight_limit=40) as (exchange, client):
            await clock.advance(seconds=60 - clock.wall() % 60 + 20)
            with pytest.raises(RateLimited) as told:
                for _ in range(100):
                    await client.api.ticker_price(symbol="BTCUSDT")
            assert told.value.until == (clock.wall() // 60 + 1) * 60_000
            used = exchange.weight_used
            with pytest.raises(RateLimited, match="not sent"):
                await client.api.ticker_price(symbol="BTCUSDT")
            assert exchange.weight_used == used
            await clock.advance(seconds=41)
            await client.api.ticker_price(symbol="BTCUSDT")

    virtually(main)


def test_f46_the_code_of_a_limit_closes_the_gate_whatever_status_it_comes_with() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client):
            exchange.on("avgPrice").refuse(-1003, "Too many requests.", status=400)
            with pytest.raises(RateLimited) as told:
                await client.api.avg_price(symbol="BTCUSDT")
            assert told.value.until is not None
            for _ in range(10):
                with pytest.raises(RateLimited, match="not sent"):
                    await client.api.avg_price(symbol="BTCUSDT")
            assert exchange.counters.requests["avgPrice"] == 1

    virtually(main)


@pytest.mark.parametrize(("factor", "seconds"), [(1, 30), (1_000, 30), (10**12, 60)])
def test_f46_a_time_that_cannot_be_meant_does_not_close_the_gate_for_ever(factor: int, seconds: float) -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client):
            later = int(clock.wall() * 1000) + 30_000
            exchange.on("avgPrice").refuse(-1003, "Too many.", status=429, data={"retryAfter": later * factor})
            with pytest.raises(RateLimited) as told:
                await client.api.avg_price(symbol="BTCUSDT")
            assert told.value.retry_after(int(clock.wall() * 1000)) <= seconds
            await clock.advance(seconds=seconds + 1)
            await client.api.avg_price(symbol="BTCUSDT")

    virtually(main)


def test_f47_a_ban_is_told_to_every_caller_without_touching_the_network() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client), client.stream(TRADES) as events:
            exchange.on("avgPrice").refuse(-1003, "IP banned.", status=418, retry_after=300)
            with pytest.raises(IpBanned) as told:
                await client.api.avg_price(symbol="BTCUSDT")
            dials, requests = len(exchange.counters.dials), exchange.counters.requests.total()
            async with SpotClient(server=exchange.server, clock=clock) as other:
                for call in (
                    client.api.avg_price(symbol="BTCUSDT"),
                    client.api.order_place(**ORDER),
                    other.api.time(),
                    other.connect(),
                    other.stream(TRADES).__aenter__(),
                ):
                    with pytest.raises(IpBanned) as kept:
                        await call
                    assert kept.value.outcome == "not_sent"
                    assert kept.value.until == pytest.approx(told.value.until, abs=10)
            assert (len(exchange.counters.dials), exchange.counters.requests.total()) == (dials, requests)
            exchange.push(TRADES, agg_trade(1))  # what is open goes on
            assert (await anext(events)).agg_trade_id == 1
            await clock.advance(seconds=301)
            await client.api.avg_price(symbol="BTCUSDT")

    virtually(main)


def test_f47_a_ban_counts_for_what_reconnects_meanwhile() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client), client.stream(TRADES) as events:
            exchange.on("avgPrice").refuse(-1003, "IP banned.", status=418, retry_after=300)
            with pytest.raises(IpBanned):
                await client.api.avg_price(symbol="BTCUSDT")
            exchange.drop_connections()
            exchange.counters.dials.clear()
            await clock.advance(seconds=299)
            assert not exchange.counters.dials
            await clock.advance(seconds=10)
            exchange.push(TRADES, agg_trade(1))
            assert (await anext(events)).agg_trade_id == 1

    virtually(main)


def test_f48_the_limits_that_answers_tell_are_seen() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock, weight_limit=6000) as (exchange, client):
            assert client.rate_limits == ()
            await client.api.avg_price(symbol="BTCUSDT")
            reply: Reply[Any] = await client.call(spot_catalog.METHODS["avgPrice"](symbol="BTCUSDT"))  # type: ignore
            (limit,) = client.rate_limits
            assert reply.rate_limits == (limit,)
            assert (limit.kind, limit.interval, limit.number) == ("REQUEST_WEIGHT", "MINUTE", 1)
            assert (limit.limit, limit.count) == (6000, exchange.weight_used)

    virtually(main)


@pytest.mark.parametrize("at_once", [1, 50])
def test_f48_a_soft_limit_is_kept(at_once: int) -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock, weight_limit=100, soft_limit=0.9) as (exchange, client):
            await clock.advance(seconds=60 - clock.wall() % 60)
            await client.api.avg_price(symbol="BTCUSDT")
            refused = 0
            for _ in range(100 // at_once):
                calls = [client.api.avg_price(symbol="BTCUSDT") for _ in range(at_once)]
                for result in await asyncio.gather(*calls, return_exceptions=True):
                    refused += isinstance(result, RateLimited)
                    assert not isinstance(result, WireError) or result.outcome == "not_sent"
            assert 80 < exchange.weight_used <= 90
            assert refused >= 50
            assert client.rate_limits[0].count <= 90
            await clock.advance(seconds=60)
            await client.api.avg_price(symbol="BTCUSDT")

    virtually(main)


def test_f48_requests_wait_for_the_next_window_where_the_user_wants_it() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock, weight_limit=100, soft_limit=0.9, when_limited="wait") as (exchange, client):
            begun = clock.monotonic()
            await client.api.avg_price(symbol="BTCUSDT")
            await asyncio.gather(*(client.api.avg_price(symbol="BTCUSDT", timeout=600) for _ in range(200)))
            assert 180 <= clock.monotonic() - begun <= 360
            assert exchange.weight_used <= 90
            assert client.stats().in_flight == 0

    virtually(main)


def test_f48_what_is_not_sent_weighs_nothing() -> None:
    async def main(clock: VirtualClock) -> None:
        product = SpotClient.product
        async with FakeExchange(product, clock=clock, methods=spot_catalog.METHODS, weight_limit=100) as exchange:
            exchange.answer("avgPrice", {"mins": 5, "price": "1", "closeTime": 1})
            options: dict[str, Any] = {"soft_limit": 0.9, "request_timeout": 1.0, "connect_timeout": 0.5}
            async with SpotClient(server=exchange.server, clock=clock, **options) as client:
                await client.api.avg_price(symbol="BTCUSDT")
                exchange.refuse_connections(seconds=300)
                exchange.drop_connections()
                for _ in range(100):
                    with pytest.raises((NotConnected, WireError)):
                        await client.api.avg_price(symbol="BTCUSDT")
                await clock.advance(seconds=300)
                await client.api.avg_price(symbol="BTCUSDT")

    virtually(main)
