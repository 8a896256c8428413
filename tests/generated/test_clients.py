"""The generated clients at work, against a loopback exchange that knows no more than they do."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from decimal import Decimal
from functools import wraps
from importlib import import_module
from typing import Any, get_overloads

import msgspec
import pytest

from binance_wire.spot import SpotClient, catalog, models, requests
from binance_wire.spot.enums import OrderType, Side
from wirewright_runtime import HmacKey, InsufficientBalance, OrderRejected, RequestSpec
from wirewright_runtime.testing import Call, FakeExchange, Refusal

KEY = HmacKey("key", "secret")
ACK = {"symbol": "BTCUSDT", "orderId": 1, "orderListId": -1, "clientOrderId": "x", "transactTime": 1}


def in_a_loop(test: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    """Run a test in an event loop of its own."""

    @wraps(test)
    def run() -> None:
        asyncio.run(test())

    return run


@asynccontextmanager
async def spot(**options: Any) -> AsyncIterator[tuple[FakeExchange, SpotClient]]:
    exchange = FakeExchange(SpotClient.product, keys=[KEY], methods=catalog.METHODS)
    exchange.answer("time", {"serverTime": 1})
    async with exchange, SpotClient(key=KEY, server=exchange.server, transport=exchange.transport, **options) as client:
        yield exchange, client


@in_a_loop
async def test_the_deciding_argument_is_always_sent() -> None:
    sent: list[dict[str, Any]] = []

    def place(call: Call) -> object:
        sent.append(call.params)
        return ACK

    async with spot() as (exchange, client):
        exchange.handle("order.place", place)
        ack = await client.api.order_place(
            symbol="BTCUSDT", side=Side.BUY, type="MARKET", quantity=Decimal("1E-3"), new_order_resp_type="ACK"
        )
        assert type(ack) is models.OrderAck
        await client.call(requests.OrderPlaceAck(symbol="B", side="SELL", type=OrderType.MARKET, quantity="1"))
    assert sent[0]["newOrderRespType"] == sent[1]["newOrderRespType"] == "ACK"
    assert sent[0]["quantity"] == "0.001"


@in_a_loop
async def test_a_variant_is_picked_by_what_is_given() -> None:
    async with spot() as (exchange, client):
        exchange.handle("ticker.price", lambda call: _price(call) if "symbol" in call.params else [_price(call)])
        assert (await client.api.ticker_price(symbol="BTCUSDT")).price == Decimal("1.00")
        assert [one.price for one in await client.api.ticker_price(symbols=["A", "B"])] == [Decimal("1.00")]
        with pytest.raises(ValueError, match=r"ticker.price: symbols does not go together with symbol='A'"):
            await client.api.ticker_price(symbol="A", symbols=["B"])  # type: ignore[call-overload]


def _price(call: Call) -> dict[str, str]:
    return {"symbol": call.params.get("symbol", "B"), "price": "1.00"}


@in_a_loop
async def test_an_unknown_value_of_a_deciding_argument_is_refused() -> None:
    async with spot() as (_, client):
        with pytest.raises(ValueError, match=r"order.place: newOrderRespType='MORE' is none of what it takes"):
            await client.api.order_place(symbol="B", side="BUY", type="MARKET", new_order_resp_type="MORE")  # type: ignore


@in_a_loop
async def test_rules_are_checked_before_anything_is_sent() -> None:
    async with spot() as (exchange, client):
        with pytest.raises(ValueError, match=r"order.place: time_in_force must be given when type is LIMIT"):
            await client.api.order_place(symbol="B", side="BUY", type="LIMIT", quantity=1, price=1)
        with pytest.raises(
            ValueError, match=r"iceberg_qty may be sent only when time_in_force is GTC or type is LIMIT_M"
        ):
            await client.api.order_place(
                symbol="B", side="BUY", type="LIMIT", time_in_force="IOC", quantity=1, price=1, iceberg_qty=1
            )
        with pytest.raises(TypeError, match=r"order.place: quantity must be Decimal, int or str, not float"):
            await client.api.order_place(symbol="B", side="BUY", type="MARKET", quantity=0.1)  # type: ignore
        assert not exchange.counters.requests["order.place"]


@in_a_loop
async def test_a_message_tells_more_than_its_code() -> None:
    messages = ["Account has insufficient balance for requested action.", "Something else."]
    async with spot() as (exchange, client):

        def refuse(call: Call) -> object:
            raise Refusal(-2010, messages.pop(0))

        exchange.handle("order.place", refuse)
        place = client.api.order_place_market
        with pytest.raises(InsufficientBalance):
            await place(symbol="B", side="BUY", quantity=1)
        with pytest.raises(OrderRejected) as caught:
            await place(symbol="B", side="BUY", quantity=1)
        assert type(caught.value) is OrderRejected
        assert caught.value.code == -2010


@in_a_loop
async def test_a_query_parameter_goes_to_the_sockets_that_take_it() -> None:
    paths: list[str] = []
    async with spot(time_unit="MICROSECOND", return_rate_limits=False) as (exchange, client):
        admit = exchange.admit
        exchange.admit = lambda path, headers: (paths.append(path), admit(path, headers))[1]  # type: ignore
        exchange.answer("avgPrice", {"mins": 5, "price": "1", "closeTime": 1})
        await client.api.avg_price(symbol="B")
        stream = import_module("binance_wire.spot.streams").AggTradeStream(symbol="B")
        async with client.stream(stream):
            pass
    assert sorted(paths) == ["/stream?timeUnit=MICROSECOND", "/ws-api/v3?timeUnit=MICROSECOND&returnRateLimits=false"]


def keywords(function: Callable[..., Any]) -> set[str]:
    """What a type checker lets a caller name: with overloads, they say it."""
    shapes = get_overloads(function) or [function]
    return {name for shape in shapes for name in inspect.signature(shape).parameters}


@in_a_loop
async def test_a_wrong_argument_is_told_with_method_and_name() -> None:
    async with spot() as (exchange, client):
        with pytest.raises(TypeError, match=r"order.place: there is no parameter prize; extra= takes"):
            await client.api.order_place(symbol="B", side="BUY", type="MARKET", prize=1)  # type: ignore[call-overload]
        with pytest.raises(TypeError, match=r"order.place: Missing required argument 'side'"):
            await client.api.order_place(symbol="B", type="MARKET", quantity=1)  # type: ignore[call-overload]
        with pytest.raises(ValueError, match=r"depth: limit must be at most 5000, not 5001"):
            await client.api.depth(symbol="B", limit=5001)
        assert not exchange.counters.requests["order.place"] + exchange.counters.requests["depth"]


@pytest.mark.parametrize("product", ["spot", "usdm", "coinm"])
def test_each_api_method_is_one_statement_about_its_request(product: str) -> None:
    """Every method of the exchange is a method of `api`, with its parameters, and documented."""
    package = f"binance_wire.{product}"
    api = import_module(f"{package}.api").Api
    every = import_module(f"{package}.catalog").METHODS
    functions = {name: item for name, item in inspect.getmembers(api, inspect.isfunction) if not name.startswith("_")}
    for name, function in functions.items():
        assert function.__doc__ and "Args:" in function.__doc__ and "Source: specs/" in function.__doc__, name
    for wire, request in every.items():
        assert isinstance(request.spec, RequestSpec), wire
        fields = {field.name for field in msgspec.structs.fields(request)}
        assert any(fields <= keywords(function) for function in functions.values()), wire
    assert len(functions) >= len(every)
