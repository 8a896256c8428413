"""What a user writes against the generated package, and what a type checker must make of it.

`# is: T` behind a `reveal_type` says what both mypy and pyright must reveal; `# error` marks a line that both must refuse.
This file is checked, never run.
"""

from __future__ import annotations

from decimal import Decimal
from typing import reveal_type

from binance_wire.spot import SpotClient, requests
from binance_wire.spot.catalog import EVENTS, METHODS, STREAMS
from binance_wire.spot.enums import OrderType, Side, TimeInForce
from binance_wire.spot.events import AggTrade, ExecutionReport
from binance_wire.spot.streams import AggTradeStream, AllMiniTickerStream, BookTickerStream, KlineStream
from wirewright_runtime import (
    Blocking,
    ClientClosed,
    ConnectFailed,
    ConnectionLost,
    Gap,
    HmacKey,
    NotConnected,
    OutcomeUnknown,
    PartialFailure,
    RequestTimeout,
    Server,
    SubscribeError,
    UnknownEvent,
    moment,
)


async def clients() -> None:
    reveal_type(SpotClient())  # is: SpotClient
    SpotClient(key=HmacKey("key", "secret"), server="testnet", time_unit="MICROSECOND", request_timeout=3.0)
    SpotClient(server=Server.at("ws://127.0.0.1:9443"))
    SpotClient(server="nowhere")  # error
    SpotClient(time_unit="MINUTE")  # error
    SpotClient(no_such_option=1)  # error
    async with SpotClient() as client:
        reveal_type(client)  # is: SpotClient


async def market(client: SpotClient) -> None:
    book = await client.api.depth(symbol="BTCUSDT", limit=5)
    reveal_type(book)  # is: OrderBook
    reveal_type(book.bids)  # is: Levels[PriceLevel]
    reveal_type(book.bids[0].price)  # is: Decimal
    reveal_type(await client.api.ticker_price(symbol="BTCUSDT"))  # is: PriceTicker
    reveal_type(await client.api.ticker_price(symbols=["BTCUSDT"]))  # is: list[PriceTicker]
    reveal_type(await client.api.ticker_price())  # is: list[PriceTicker]
    await client.api.depth()  # error
    await client.api.depth("BTCUSDT")  # error
    await client.api.depth(symbol="BTCUSDT", limit="5")  # error


async def orders(client: SpotClient) -> None:
    order = await client.api.order_place(
        symbol="BTCUSDT",
        side=Side.BUY,
        type=OrderType.LIMIT,
        time_in_force=TimeInForce.GTC,
        quantity=Decimal("0.001"),
        price="65000",
    )
    reveal_type(order)  # is: PlacedOrder
    reveal_type(order.status)  # is: OrderStatus
    ack = await client.api.order_place(symbol="B", side="BUY", type="MARKET", quantity=1, new_order_resp_type="ACK")
    reveal_type(ack)  # is: OrderAck
    reply = await client.call(requests.OrderPlace(symbol="B", side="BUY", type="MARKET", quantity="1"))
    reveal_type(reply)  # is: Reply[PlacedOrder]
    reveal_type(reply.result)  # is: PlacedOrder
    reveal_type(await client.api.order_place_limit(symbol="B", side="SELL", quantity=1, price=2))  # is: PlacedOrder
    await client.api.order_place_limit(symbol="B", side="SELL", quantity=1)  # error
    await client.api.order_place(symbol="B", side="BUY", type="MARKET", quantity=0.1)  # error
    await client.api.order_place(symbol="B", side="UP", type="MARKET", quantity=1)  # error
    requests.OrderPlace(symbol="B", side="BUY", type="MARKET", quantity=0.1)  # error
    order.price = Decimal(1)  # error


async def streams(client: SpotClient) -> None:
    async with client.stream(AggTradeStream(symbol="btcusdt")) as trades:
        reveal_type(trades)  # is: Subscription[AggTrade]
        async for trade in trades:
            reveal_type(trade)  # is: AggTrade
            reveal_type(trade.price)  # is: Decimal
            reveal_type(moment(trade.event_time))  # is: datetime
            print(moment(trade.event_time) < trade.trade_time)  # error
    async with client.stream(AggTradeStream(symbol="a") | BookTickerStream(symbol="b")) as events:
        async for event in events:
            reveal_type(event)  # is: AggTrade | BookTicker
            if isinstance(event, AggTrade):
                reveal_type(event)  # is: AggTrade
    async with client.stream([KlineStream(symbol="a", interval="1m")], gaps="mark") as klines:
        async for kline in klines:
            reveal_type(kline)  # is: Kline | Gap
    async with client.stream(AllMiniTickerStream()) as tickers:
        async for listed in tickers:
            reveal_type(listed[0])  # is: MiniTicker
    async with client.stream(AggTradeStream(symbol="a") | BookTickerStream(symbol="b"), gaps="raise") as tagged:
        async for stream, event in tagged.tagged():
            reveal_type(stream)  # is: Stream[object] | None
            reveal_type(event)  # is: AggTrade | BookTicker
    KlineStream(symbol="a", interval="1 minute")  # error
    KlineStream(symbol="a")  # error


async def account(client: SpotClient) -> None:
    async with client.user_data() as events:
        async for event in events:
            if isinstance(event, ExecutionReport):
                reveal_type(event.order_id)  # is: int
            elif isinstance(event, Gap):
                reveal_type(event.dropped)  # is: int | None
            elif isinstance(event, UnknownEvent):
                reveal_type(event.raw)  # is: bytes


async def unsure(client: SpotClient, error: OutcomeUnknown) -> None:
    found = await client.settle(error)
    if found is None:
        return
    raw = await client.call_raw("something.new", {"symbol": "BTCUSDT"})
    reveal_type(raw.id)  # is: str | int


async def outcomes(client: SpotClient) -> None:
    """Every outcome of an error can be asked for: what its class says is only what it mostly is."""
    try:
        await client.api.ping()
    except (ConnectionLost, RequestTimeout, ClientClosed, SubscribeError, PartialFailure) as error:
        if error.outcome == "not_sent" or error.outcome == "rejected":
            print("once more")
    except (ConnectFailed, NotConnected) as error:
        if error.outcome == "unknown":
            print("look first")


def without_a_loop() -> None:
    with Blocking(SpotClient()) as spot:
        reveal_type(spot.client)  # is: SpotClient
        reveal_type(spot.run(spot.client.api.depth(symbol="BTCUSDT")))  # is: OrderBook
        with spot.reading(lambda: spot.client.stream(AggTradeStream(symbol="a"), gaps="mark")) as trades:
            for trade in trades:
                reveal_type(trade)  # is: AggTrade | Gap


def catalogs() -> None:
    reveal_type(METHODS["order.place"].weight)  # is: int
    reveal_type(STREAMS["<symbol>@depth"].source)  # is: str
    reveal_type(EVENTS["executionReport"].source)  # is: str
