"""Faults 15 to 26: the WebSocket protocol, and frames that belong to nobody."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import frames
import msgspec
import pytest
from fault_world import BOOK, ORDER, TRADES, agg_trade, book_ticker, run, spot, usdm, virtually

from binance_wire.usdm.streams import AggTradeStream as UsdmTradeStream
from wirewright_runtime import (
    ApiError,
    ConnectionLost,
    DecodeError,
    Hooks,
    MessageTooLarge,
    Orphan,
    RequestTimeout,
    StateChange,
    UnknownEvent,
    WebSocketTransport,
)
from wirewright_runtime.testing import Call, FakeExchange, Refusal, VirtualClock


def event(number: int) -> bytes:
    """A trade as it stands on the wire."""
    return msgspec.json.encode({"stream": TRADES.name, "data": agg_trade(number)})


async def until_quiet() -> None:
    """Let everything happen that is due now."""
    for _ in range(20):
        await asyncio.sleep(0)
    await asyncio.sleep(0.001)


# 15, 16


@pytest.mark.parametrize("fast", [True, False])
def test_f15_a_ping_is_answered_once_though_nobody_reads(fast: bool) -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock, transport=WebSocketTransport(fast=fast)) as (exchange, client):
            async with client.stream(TRADES) as events:
                peer = exchange.of("streams")[0]
                exchange.push(TRADES, *(agg_trade(number) for number in range(5_000)))
                pinged_at = clock.monotonic()
                peer.ping(b"payload \x00\xff")
                exchange.push(TRADES, *(agg_trade(number) for number in range(5_000, 10_000)))
                await until_quiet()
                assert events.pending == 10_000
                assert peer.pongs == [b"payload \x00\xff"]
                assert clock.monotonic() - pinged_at <= 0.05
                await clock.advance(minutes=10)
                assert len(peer.pongs) == len(peer.pings)
                assert exchange.counters.wrong_pongs == 0

    virtually(main)


def test_f15_a_ping_is_answered_in_the_read_that_brings_it_while_user_code_is_busy() -> None:
    async def main(clock: VirtualClock) -> None:
        order: list[str] = []
        async with spot(clock) as (exchange, client), client.stream(TRADES) as events:
            exchange.push(TRADES, agg_trade(1))
            exchange.of("streams")[0].ping(b"now")
            exchange.push(TRADES, agg_trade(2))
            ponged = exchange.ponged
            exchange.ponged = lambda peer, payload: (order.append("pong"), ponged(peer, payload))[1]  # type: ignore
            async for _ in events:
                order.append("event")
                await asyncio.sleep(3)  # a reader that takes its time
                if order.count("event") == 2:
                    break
            assert order == ["event", "pong", "event"] or order == ["pong", "event", "event"]

    virtually(main)


def test_f16_a_flood_of_pings_stays_within_the_limit_and_data_flow() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client), client.stream(TRADES) as events:
            peer = exchange.of("streams")[0]
            for number in range(1000):
                peer.ping(b"%d" % number)
                exchange.push(TRADES, agg_trade(number))
                await asyncio.sleep(0.01)
            await clock.advance(seconds=2)
            assert peer.pongs[-1] == b"999"
            assert [int(pong) for pong in peer.pongs] == sorted({int(pong) for pong in peer.pongs})
            assert exchange.counters.most_per_second <= 5
            assert exchange.counters.kicked == 0
            assert [(await anext(events)).agg_trade_id for _ in range(1000)] == list(range(1000))

    virtually(main)


# 17, 18, 19

CLOSES = {
    **{str(code): frames.close(code, b"go away") for code in range(1000, 1016)},
    "without code": frames.frame(frames.CLOSE),
    "private code": frames.close(4999),
}


@pytest.mark.parametrize("how", [*CLOSES, "without a word"])
def test_f17_every_close_by_the_exchange_is_a_loss(how: str) -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client), client.stream(TRADES) as events:
            exchange.on("avgPrice").stall()
            asking = asyncio.create_task(client.api.avg_price(symbol="BTCUSDT"))
            await until_quiet()
            for peer in list(exchange.peers):
                peer.send_raw(CLOSES[how]) if how in CLOSES else peer.abort()
            with pytest.raises(ConnectionLost):
                await asking
            await clock.advance(seconds=10)
            assert exchange.push(TRADES, agg_trade(1)) == 1
            assert (await anext(events)).agg_trade_id == 1
            assert exchange.counters.connections == 4

    virtually(main)


def test_f18_a_close_for_policy_slows_the_client_down_and_says_why() -> None:
    async def main(clock: VirtualClock) -> None:
        changes: list[StateChange] = []
        many = [type(TRADES)(symbol=f"s{number}") for number in range(1024)]
        async with spot(clock, hooks=Hooks(state=changes.append)) as (exchange, client), client.stream(many):
            exchange.close_connections(1008, "Too many requests", "streams")
            exchange.counters.dials.clear()
            exchange.counters.commands.clear()
            closed_at = clock.monotonic()
            await clock.advance(seconds=30)
            assert exchange.counters.dials[0] - closed_at >= 5
            assert len(exchange.of("streams")[0].streams) == 1024
            assert len(exchange.counters.commands) == 6
            assert exchange.counters.most_commands(1.0) == 1
            assert any("code 1008: Too many requests" in change.reason for change in changes)

    virtually(main)


def test_f18_what_was_slowed_down_recovers_in_an_hour_without_complaints() -> None:
    async def main(clock: VirtualClock) -> None:
        many = [UsdmTradeStream(symbol=f"s{number}") for number in range(1024)]
        async with usdm(clock) as (exchange, client), client.stream(many, idle=None):

            async def commands_after_a_complaint() -> int:
                exchange.counters.commands.clear()
                exchange.close_connections(1008, "Too many requests", "market")
                await clock.advance(minutes=1)
                return exchange.counters.most_commands(1.0)

            speeds = [await commands_after_a_complaint() for _ in range(4)]
            assert speeds[0] > speeds[-1] == 1
            await clock.advance(hours=2)
            assert await commands_after_a_complaint() == speeds[0]

    virtually(main)


def test_f19_a_message_that_is_too_large_names_its_stream() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock, max_message_size=10_000) as (exchange, client):
            async with client.stream(TRADES) as trades, client.stream(BOOK) as books:
                exchange.push(TRADES, agg_trade(1) | {"s": "x" * 20_000})
                with pytest.raises(MessageTooLarge, match="btcusdt@aggTrade: a message of 20[0-9]{3} bytes") as told:
                    await anext(trades)
                assert (told.value.limit, told.value.stream) == (10_000, TRADES.name)
                await clock.advance(seconds=10)
                exchange.push(BOOK, book_ticker(7))
                exchange.push(TRADES, agg_trade(2))
                assert (await anext(books)).update_id == 7
                assert (await anext(trades)).agg_trade_id == 2

    virtually(main)


def test_f19_a_message_that_is_too_large_names_its_request() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock, max_message_size=10_000) as (exchange, client):
            exchange.answer("avgPrice", {"mins": 5, "price": "1", "closeTime": 1, "filler": "x" * 20_000})
            exchange.on("order.status").stall()
            other = asyncio.create_task(client.api.order_status(symbol="BTCUSDT", order_id=1))
            await until_quiet()
            with pytest.raises(MessageTooLarge, match="avgPrice: a message of .* bytes"):
                await client.api.avg_price(symbol="BTCUSDT")
            with pytest.raises(ConnectionLost, match=r"order\.status: ") as told:
                await other
            assert not isinstance(told.value, MessageTooLarge)

    virtually(main)


@pytest.mark.parametrize(
    "spaced", ['{"id": "%s", "status": 200, "result": "%s"}', '{ "status":200,"id" :"%s","result":"%s"}']
)
def test_f19_a_message_that_is_too_large_names_its_request_however_it_is_spaced(spaced: str) -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock, max_message_size=10_000) as (exchange, client):

            def large(call: Call) -> object:
                call.peer.say((spaced % (call.id, "x" * 20_000)).encode())
                raise Refusal(0, "never read")

            exchange.handle("avgPrice", large)
            with pytest.raises(MessageTooLarge, match="avgPrice: a message of .* bytes"):
                await client.api.avg_price(symbol="BTCUSDT")
            async with client.stream(TRADES) as events:
                for peer in exchange.of("streams"):
                    peer.say(b'{"data": {"e": "aggTrade"}, "stream": "btcusdt@aggTrade", "z": "%s"}' % (b"x" * 20_000))
                with pytest.raises(MessageTooLarge, match="btcusdt@aggTrade: a message of .* bytes") as told:
                    await anext(events)
                assert told.value.stream == "btcusdt@aggTrade"

    virtually(main)


def test_f19_messages_that_are_too_large_again_and_again_make_no_storm() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock, max_message_size=10_000) as (exchange, client), client.stream(TRADES) as events:
            told = 0
            for _ in range(600):
                exchange.push(TRADES, agg_trade(1) | {"s": "x" * 20_000})
                await clock.advance(seconds=1)
            while events.pending:
                try:
                    await anext(events)
                except MessageTooLarge:
                    told += 1
            assert exchange.counters.most_dials(60) <= 15
            assert told >= exchange.counters.connections - 1

    virtually(main)


# 20, 21, 22


def test_f20_messages_in_pieces_are_put_together_and_others_left_aside() -> None:
    async def main() -> None:
        async with spot() as (exchange, client), client.stream(TRADES) as events:
            peer = exchange.of("streams")[0]
            text = event(1)
            pieces = (
                frames.frame(frames.TEXT, text[:10], fin=False),
                frames.frame(frames.PING, b"inside"),
                frames.frame(frames.CONTINUATION, text[10:40], fin=False),
                frames.frame(frames.CONTINUATION, text[40:]),
                frames.frame(frames.TEXT),
                frames.frame(frames.BINARY, b"\x00\x01"),
                frames.frame(frames.TEXT, event(2)),
            )
            for piece in pieces:
                peer.send_raw(piece)
            assert [(await anext(events)).agg_trade_id for _ in range(2)] == [1, 2]
            (connection,) = client.stats().connections
            assert (connection.binaries, connection.garbage, connection.reconnects) == (1, 0, 0)
            while not peer.pongs:
                await asyncio.sleep(0.01)
            assert peer.pongs == [b"inside"]

    run(main)


def test_f20_compressed_messages_are_inflated_within_the_limit() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock, compression=True, max_message_size=100_000) as (exchange, client):
            async with client.stream(TRADES) as events:
                exchange.push(TRADES, agg_trade(1), agg_trade(2) | {"s": "x" * 90_000})
                assert [(await anext(events)).agg_trade_id for _ in range(2)] == [1, 2]
                exchange.push(TRADES, agg_trade(3) | {"s": "x" * 10_000_000})  # ten kilobytes on the wire
                with pytest.raises(MessageTooLarge):
                    await anext(events)
                await clock.advance(seconds=10)
                exchange.push(TRADES, agg_trade(4))
                assert (await anext(events)).agg_trade_id == 4

    virtually(main)


HALF = b'{"a":"\xff"}'
NO_JSON = [b'{"stream":"unknown@aggTrade","da', b"\xff\xfe\xfd", HALF, b"}{", b"[" * 100_000]


@pytest.mark.parametrize("garbage", NO_JSON, ids=["cut", "no text", "half a text", "braces", "deep"])
def test_f21_what_is_no_json_is_counted_and_hurts_nobody(garbage: bytes, caplog: pytest.LogCaptureFixture) -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client), client.stream(TRADES) as events:
            exchange.on("avgPrice").delay(1)
            asking = asyncio.create_task(client.api.avg_price(symbol="BTCUSDT"))
            await until_quiet()
            for _ in range(90):
                for peer in exchange.peers:
                    peer.send_raw(frames.frame(frames.TEXT, garbage))
                await clock.advance(seconds=1)
            exchange.push(TRADES, agg_trade(1))
            assert (await anext(events)).agg_trade_id == 1
            await asking
            assert client.stats().strays == 180
            if garbage != HALF:  # this is JSON, and its text is nobody's
                assert [connection.garbage for connection in client.stats().connections] == [90, 90]
            assert exchange.counters.connections == 2

    virtually(main)
    warnings = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert len([line for line in warnings if "is no JSON" in line or "is nobody's" in line]) == 2
    assert not any("unknown@aggTrade" in line for line in warnings)


@pytest.mark.parametrize("broken", [event(1)[:60], event(1).replace(b'"0.10"', b'"\xff"'), event(1)[:-1]])
def test_f21_an_event_that_is_broken_is_told_to_its_reader_who_goes_on(broken: bytes) -> None:
    async def main() -> None:
        async with spot() as (exchange, client), client.stream(TRADES) as events:
            exchange.of("streams")[0].send_raw(frames.frame(frames.TEXT, broken))
            exchange.push(TRADES, agg_trade(2))
            with pytest.raises(DecodeError) as told:
                await anext(events)
            assert told.value.raw == broken
            assert (await anext(events)).agg_trade_id == 2

    run(main)


@pytest.mark.parametrize("shape", [b"[1,2]", b'["stream"]', b'"text"', b"17", b"null", b"true", b"{}", b"[]"])
def test_f22_json_of_another_shape_is_counted_and_hurts_nobody(shape: bytes) -> None:
    async def main() -> None:
        strange: list[UnknownEvent] = []
        async with spot(hooks=Hooks(unknown=strange.append)) as (exchange, client), client.stream(TRADES) as events:
            await client.connect()
            for peer in exchange.peers:
                peer.send_raw(frames.frame(frames.TEXT, shape))
            exchange.push(TRADES, agg_trade(1))
            assert (await anext(events)).agg_trade_id == 1
            await client.api.avg_price(symbol="BTCUSDT")
            assert client.stats().strays == 2
            assert [event.raw for event in strange] == [shape, shape]
            assert exchange.counters.connections == 2

    run(main)


# 23, 24, 25, 26


def test_f23_an_answer_to_nobody_reaches_nobody() -> None:
    async def main(clock: VirtualClock) -> None:
        orphans: list[Orphan] = []
        async with spot(clock, hooks=Hooks(orphan=orphans.append)) as (exchange, client):
            await client.connect()
            exchange.on("time").stall()
            waiting = asyncio.create_task(client.api.time(timeout=60))
            await until_quiet()
            peer = exchange.of("api")[0]
            id = peer.texts[-1]["id"]
            for other in (f"{id}1", id[:-1], "nobody", 17):  # an id that contains or is contained is another one
                peer.say({"id": other, "status": 200, "result": {"serverTime": 666}})
            exchange.on("avgPrice").answer_twice()
            await client.api.avg_price(symbol="BTCUSDT")
            exchange.on("avgPrice").delay(5)
            with pytest.raises(RequestTimeout):
                await client.api.avg_price(symbol="BTCUSDT", timeout=1)
            await clock.advance(seconds=10)
            assert not waiting.done()
            peer.say({"id": id, "status": 200, "result": {"serverTime": 42}})
            assert (await waiting).server_time == 42
            assert [orphan.method for orphan in orphans if orphan.method] == ["avgPrice"]
            assert client.stats().connections[0].orphans == 6
            assert client.stats().in_flight == 0

    virtually(main)


def test_f24_an_error_without_an_id_belongs_to_the_connection(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        async with spot() as (exchange, client), client.stream(TRADES) as events:
            exchange.on("order.place").delay(0.1)
            ordering = asyncio.create_task(client.api.order_place(**ORDER))
            while not exchange.counters.requests["order.place"]:
                await asyncio.sleep(0.01)
            refusal = {"code": -1135, "msg": "Invalid JSON"}
            exchange.of("api")[0].say({"id": None, "status": 400, "error": refusal})
            exchange.of("streams")[0].say({"id": None, "error": refusal})
            exchange.of("streams")[0].say(refusal)  # the form that the documentation shows
            assert (await ordering).symbol == "BTCUSDT"
            exchange.push(TRADES, agg_trade(1))
            assert (await anext(events)).agg_trade_id == 1
            assert exchange.counters.connections == 2

    run(main)
    assert caplog.text.count("Invalid JSON") == 3


def test_f25_answers_out_of_order_reach_those_who_asked() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client):
            exchange.handle("ticker.price", lambda call: {"symbol": call.params["symbol"], "price": "1"})
            for seconds in (3, 2, 1):
                exchange.on("ticker.price").delay(seconds)
            exchange.on("ticker.price").refuse(-1121, "Invalid symbol.")
            order: list[str] = []

            async def ask(symbol: str) -> None:
                try:
                    order.append((await client.api.ticker_price(symbol=symbol)).symbol)
                except ApiError:
                    order.append(f"no {symbol}")

            await asyncio.gather(*(ask(symbol) for symbol in "ABCD"))
            assert order == ["no D", "C", "B", "A"]

    virtually(main)


def test_f26_events_before_their_acknowledgement_and_before_the_first_read_are_delivered() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client):
            exchange.on("SUBSCRIBE").delay(3)
            entering = asyncio.create_task(_enter(client, exchange))
            await clock.advance(seconds=1)
            exchange.of("streams")[0].say(event(1), event(2))
            assert await entering == [1, 2, 3, 4]

    virtually(main)


async def _enter(client: Any, exchange: FakeExchange) -> list[int]:
    async with client.stream(TRADES) as events:
        exchange.push(TRADES, agg_trade(3))
        await asyncio.sleep(5)
        exchange.push(TRADES, agg_trade(4))
        return [(await anext(events)).agg_trade_id for _ in range(4)]


def test_f26_an_event_behind_the_handshake_is_delivered() -> None:
    async def main() -> None:
        async with usdm() as (exchange, client):
            opened = exchange.opened

            def greet(peer: Any) -> None:
                opened(peer)
                if peer.socket.name == "private":
                    peer.say({"e": "novelty", "E": 1})

            exchange.opened = greet  # type: ignore[method-assign]
            async with client.user_data() as events:
                first = await anext(events)
                assert isinstance(first, UnknownEvent)
                assert first.type == "novelty"

    run(main)
