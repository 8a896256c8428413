"""A second exchange, nothing like the first: subscriptions are objects, calls carry a token, amounts are JSON numbers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from kraken_wire import KrakenClient, models
from kraken_wire.catalog import EVENTS, METHODS, STREAMS
from kraken_wire.enums import EventType
from kraken_wire.events import Book, Ticker
from kraken_wire.streams import BookStream, ExecutionsStream, TickerStream, TradeStream
from loops import run, virtually

from wirewright.mock import MockExchange, mock_document
from wirewright_runtime import ApiError, AuthError, Gap, OutcomeUnknown, SubscribeError, Token
from wirewright_runtime.testing import VirtualClock, encode
import msgspec

SPEC = Path(__file__).parents[2] / "specs" / "kraken"
TOKEN = Token("a-very-secret-token")


@asynccontextmanager
async def kraken(clock: VirtualClock | None = None, **options: Any) -> AsyncIterator[tuple[MockExchange, KrakenClient]]:
    time = {} if clock is None else {"clock": clock}
    exchange = mock_document(SPEC, **time)
    async with exchange, KrakenClient(server=exchange.server, **time, **{"key": TOKEN, **options}) as client:
        yield exchange, client


def test_every_method_and_stream_through_a_real_socket() -> None:
    async def main() -> None:
        async with kraken() as (_, client):
            pong = await client.api.ping()
            assert isinstance(pong, models.Pong) and pong.method == "pong"
            added = await client.api.add_order_limit(side="buy", symbol="BTC/USD", order_qty="0.1", limit_price=65000)
            assert added.result.order_id
            canceled = await client.api.cancel_order(order_id=[added.result.order_id])
            assert canceled.success
            wanted = (TickerStream(symbol="BTC/USD"), TradeStream(symbol="BTC/USD"), ExecutionsStream())
            for stream in (*wanted, BookStream(symbol="BTC/USD", depth=10)):
                async with asyncio.timeout(20), client.stream(stream) as events:
                    assert type(await anext(events)) is stream.event

    run(main)


def test_the_catalog_names_everything() -> None:
    assert list(METHODS) == ["ping", "add_order", "cancel_order"]
    assert list(STREAMS) == ["ticker:<symbol>", "trade:<symbol>", "book:<symbol>", "executions"]
    assert {"heartbeat", "status", "ticker", "trade", "book", "executions"} <= set(EVENTS)


def test_every_documented_payload_decodes_and_encodes_again() -> None:
    document = json.loads(resources.files("kraken_wire").joinpath("examples.json").read_text(), parse_float=Decimal)
    checked = 0
    for name, samples in document["events"].items():
        event = next(kind for kind in EVENTS.values() if kind.__name__ == name)
        for sample in samples:
            text = msgspec.json.encode(sample["json"], order=None)
            decoded = msgspec.json.decode(text, type=event)
            again = json.loads(encode(decoded), parse_float=Decimal)
            assert _plain(again) == _plain(sample["json"]), name
            checked += 1
    assert checked >= 6


def _plain(value: Any) -> Any:
    """Amounts as text: how many places they have is a part of them."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, Decimal | int) and not isinstance(value, bool) else value


def test_amounts_are_exact_in_both_directions() -> None:
    async def main(clock: VirtualClock) -> None:
        async with kraken(clock) as (exchange, client):
            await client.api.add_order_limit(
                side="buy", symbol="BTC/USD", order_qty=Decimal("0.00000001"), limit_price="65000.10"
            )
            asked = exchange.of("private")[0].texts[-1]["params"]
            assert (str(asked["order_qty"]), str(asked["limit_price"])) in (
                ("1E-8", "65000.10"),
                ("0.00000001", "65000.10"),
            )
            assert asked["token"] == "a-very-secret-token" and asked["cl_ord_id"]
            async with client.stream(BookStream(symbol="BTC/USD", depth=10)) as events:
                level = b'{"price":0.5657,"qty":1098.39475580}'
                book = b'{"channel":"book","type":"update","data":[{"symbol":"BTC/USD","bids":[%s],"asks":[],"checksum":1}]}'
                exchange.push("book:BTC/USD", msgspec.Raw(book % level))
                while (event := await anext(events)).entries[0].checksum != 1:
                    pass
                assert isinstance(event, Book) and event.type is EventType.UPDATE
                assert str(event.entries[0].bids[0].quantity) == "1098.39475580"

    virtually(main)


def test_a_reconnect_subscribes_everything_again_with_its_parameters() -> None:
    async def main(clock: VirtualClock) -> None:
        async with kraken(clock) as (exchange, client):
            both = TickerStream(symbol="BTC/USD") | BookStream(symbol="ETH/USD", depth=25)
            async with client.stream(both, gaps="mark") as events:
                exchange.drop_connections()
                await clock.advance(seconds=5)
                asked = [text["params"] for text in exchange.of("public")[0].texts if text["method"] == "subscribe"]
                assert {"channel": "book", "symbol": ["ETH/USD"], "depth": 25, "snapshot": True} in asked
                assert {"channel": "ticker", "symbol": ["BTC/USD"], "event_trigger": "trades", "snapshot": True} in asked
                kinds = {type(await anext(events)) for _ in range(6)}
                assert Gap in kinds and kinds <= {Gap, Ticker, Book}

    virtually(main)


def test_refusals_are_errors_of_their_kind_and_show_no_token() -> None:
    async def main(clock: VirtualClock) -> None:
        async with kraken(clock) as (exchange, client):
            exchange.on("add_order").refuse("", "EOrder:Insufficient funds")
            with pytest.raises(ApiError, match="EOrder:Insufficient funds") as caught:
                await client.api.add_order_market(side="buy", symbol="BTC/USD", order_qty=1)
            assert caught.value.outcome == "rejected" and "secret" not in repr(caught.value)
            exchange.on("ticker:NO/PAIR", times=None).refuse("", "Currency pair not supported NO/PAIR")
            with pytest.raises(SubscribeError, match="Currency pair not supported"):
                async with client.stream(TickerStream(symbol="NO/PAIR")):
                    pass
            exchange.on("add_order").accept_then_drop()
            with pytest.raises(OutcomeUnknown) as unknown:
                await client.api.add_order_market(side="buy", symbol="BTC/USD", order_qty=1)
            assert unknown.value.client_order_id
            with pytest.raises(ValueError, match="limit_price"):
                await client.api.add_order(side="buy", symbol="BTC/USD", order_type="limit", order_qty=1)
        async with kraken(clock, key=None) as (_, client):
            with pytest.raises(AuthError, match="needs a token"):
                await client.api.add_order_market(side="buy", symbol="BTC/USD", order_qty=1)

    virtually(main)
