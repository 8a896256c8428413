"""A client against the loopback exchange, over real sockets."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest
from mini_wire.mini import MiniClient, requests
from mini_wire.mini.enums import OrderStatus, Side
from mini_wire.mini.events import AggTrade, BookTicker, ExecutionReport
from mini_wire.mini.models import OrderAck, PlacedOrder
from mini_wire.mini.streams import AggTradeStream, AllMiniTickerStream, BookTickerStream
from mini_world import HMAC, ORDER, agg_trade, mini, report, run

from wirewright_runtime import (
    AuthError,
    ClientClosed,
    Gap,
    SubscribeError,
    UnknownEvent,
)


def test_requests_are_typed_values() -> None:
    async def main() -> None:
        async with mini() as (_, client):
            average = await client.api.avg_price(symbol="BTCUSDT")
            assert average.price == Decimal(0)
            assert str(average.price) == "0E-8"
            placed = await client.api.order_place(**ORDER)
            assert isinstance(placed, PlacedOrder)
            assert placed.order_id == 8389766036995847940
            assert placed.side is Side.BUY
            ack = await client.api.order_place(**ORDER, new_order_resp_type="ACK")
            assert isinstance(ack, OrderAck)
            reply = await client.call(requests.AvgPrice(symbol="BTCUSDT"))
            assert reply.result == average
            assert reply.rate_limits == ()

    run(main)


def test_streams_are_typed_by_their_event() -> None:
    async def main() -> None:
        async with mini() as (exchange, client):
            both = AggTradeStream(symbol="BTCUSDT") | BookTickerStream(symbol="btcusdt")
            async with client.stream(both) as events:
                exchange.push("btcusdt@aggTrade", agg_trade(1))
                exchange.push("btcusdt@bookTicker", {"u": 1, "s": "BTCUSDT", "b": "1.0", "a": "2"})
                first, second = await anext(events), await anext(events)
            assert isinstance(first, AggTrade)
            assert isinstance(second, BookTicker)
            assert exchange.counters.requests["UNSUBSCRIBE"] <= 1

    run(main)


def test_an_array_of_events_is_a_tuple() -> None:
    async def main() -> None:
        async with mini() as (exchange, client), client.stream(AllMiniTickerStream()) as events:
            exchange.push("!miniTicker@arr", [{"e": "24hrMiniTicker", "E": 1, "s": "BTCUSDT", "c": "1.20"}])
            tickers = await anext(events)
            assert [ticker.close_price for ticker in tickers] == [Decimal("1.20")]

    run(main)


def test_tagged_events_say_their_stream() -> None:
    async def main() -> None:
        streams = [AggTradeStream(symbol=symbol) for symbol in ("btcusdt", "ethusdt")]
        async with mini() as (exchange, client), client.stream(streams) as events:
            exchange.push("ethusdt@aggTrade", agg_trade(7, "ETHUSDT"))
            async for stream, event in events.tagged():
                assert stream == streams[1]
                assert event.agg_trade_id == 7
                break

    run(main)


def test_user_data_yields_events_and_what_is_unknown() -> None:
    async def main() -> None:
        async with mini() as (exchange, client), client.user_data() as events:
            exchange.push_user(report(1), {"e": "newThing", "x": 1})
            first, second = await anext(events), await anext(events)
            assert isinstance(first, ExecutionReport)
            assert first.status is OrderStatus.NEW
            assert second == UnknownEvent("newThing", b'{"e":"newThing","x":1}')

    run(main)


def test_two_readers_share_one_subscription() -> None:
    async def main() -> None:
        stream = AggTradeStream(symbol="btcusdt")
        async with mini() as (exchange, client), client.stream(stream) as first:
            async with client.stream(stream) as second:
                exchange.push("btcusdt@aggTrade", agg_trade(1))
                assert await anext(first) == await anext(second)
            exchange.push("btcusdt@aggTrade", agg_trade(2))
            assert (await anext(first)).agg_trade_id == 2
            assert exchange.counters.subscribed["btcusdt@aggTrade"] == 1
            assert exchange.counters.requests["UNSUBSCRIBE"] == 0

    run(main)


def test_a_refused_stream_is_told_and_forgotten() -> None:
    async def main() -> None:
        async with mini() as (exchange, client):
            exchange.on("bad@aggTrade", times=None).refuse(2, "Invalid stream")
            good, bad = AggTradeStream(symbol="good"), AggTradeStream(symbol="bad")
            with pytest.raises(SubscribeError, match="Invalid stream") as caught:
                async with client.stream([good, bad]):
                    pass
            assert caught.value.streams == ("bad@aggTrade",)
            assert client.stats().streams == ()
            async with client.stream(good) as events:
                exchange.push("good@aggTrade", agg_trade(1, "GOOD"))
                assert (await anext(events)).symbol == "GOOD"

    run(main)


def test_a_signed_method_needs_a_key() -> None:
    async def main() -> None:
        async with mini(key=None) as (exchange, client):
            with pytest.raises(AuthError, match="order.place: needs an API key.*apiKey.*key=") as caught:
                await client.api.order_place(**ORDER)
            assert caught.value.outcome == "not_sent"
            with pytest.raises(AuthError, match="user data needs an API key"):
                async with client.user_data():
                    pass
            assert exchange.counters.requests.total() == 0

    run(main)


def test_closing_wakes_everybody() -> None:
    async def main() -> None:
        async with mini() as (exchange, client):
            exchange.on(requests.AvgPrice, times=None).stall()
            waiters = [asyncio.create_task(client.api.avg_price(symbol="BTCUSDT")) for _ in range(50)]
            streams = [client.stream(AggTradeStream(symbol=f"s{number}")) for number in range(20)]
            readers = []
            for stream in streams:
                await stream.__aenter__()
                readers.append(asyncio.create_task(anext(stream)))
            await asyncio.sleep(0.05)
            async with asyncio.timeout(1.0):
                await client.close()
                told = await asyncio.gather(*waiters, *readers, return_exceptions=True)
            assert {type(error) for error in told} <= {ClientClosed}, told
            await client.close()

    run(main)


def test_a_client_belongs_to_one_event_loop() -> None:
    async def first() -> MiniClient:
        client = MiniClient(key=HMAC, server="testnet")
        client.stats()
        return client

    async def second() -> None:
        with pytest.raises(RuntimeError, match="another event loop"):
            await client.api.avg_price(symbol="BTCUSDT")

    client = asyncio.run(first())
    asyncio.run(second())


def test_a_gap_is_not_an_event_unless_asked_for() -> None:
    async def main() -> None:
        async with mini() as (exchange, client):
            async with client.stream(AggTradeStream(symbol="btcusdt"), gaps="mark") as events:
                exchange.push("btcusdt@aggTrade", agg_trade(1))
                assert isinstance(await anext(events), AggTrade)
                exchange.drop_connections("streams")
                while exchange.push("btcusdt@aggTrade", agg_trade(5)) == 0:
                    await asyncio.sleep(0.01)
                gap = await anext(events)
                assert isinstance(gap, Gap)
                assert gap.dropped == 3
                assert gap.reason == "reconnect"
                following = await anext(events)
                assert isinstance(following, AggTrade)
                assert following.agg_trade_id == 5

    run(main)
