"""What a user writes against the generated package, and what a type checker must make of it.

`# is: T` behind a `reveal_type` says what both mypy and pyright must reveal; `# error` marks a line that both must refuse.
This file is checked, never run.
"""

from __future__ import annotations

from decimal import Decimal
from typing import reveal_type

from binance_wire.spot import SpotClient, models, requests
from binance_wire.spot.catalog import EVENTS, METHODS, STREAMS
from binance_wire.spot.enums import OrderType, Side, TimeInForce
from binance_wire.spot.events import AggTrade, ExecutionReport
from binance_wire.spot.streams import AggTradeStream, AllMiniTickerStream, BookTickerStream, KlineStream
from binance_wire.usdm import UsdmClient
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


async def mistakes(client: SpotClient, futures: UsdmClient) -> None:
    client.api.ping()  # error
    book = client.api.depth(symbol="B")
    print(book.bids)  # error
    print((await client.api.trades_recent(symbol="B")).price)  # error
    print((await client.call(requests.AvgPrice(symbol="B"))).price)  # error
    await client.call(requests.OrderPlaceAck)  # error
    ack = await client.api.order_place(symbol="B", side="BUY", type="MARKET", quantity=1, new_order_resp_type="ACK")
    print(ack.status)  # error
    await client.api.order_place_limit(symbol="B", side="buy", quantity=1, price=2)  # error
    await client.api.order_place_limit(symbol="B", side="BUY", quantity=1, price=2, post_only=True)  # error
    await client.api.order_cancel(order_id=1)  # error
    await futures.api.order_place_limit(symbol="B", side="BUY", quantity=1, price=1, position_side="BUY")  # error
    await futures.api.exchange_info()  # error
    async with client.stream(AggTradeStream(symbol="b"), gaps="mark") as marked:
        print((await anext(marked)).price)  # error
    async with client.stream(AggTradeStream(symbol="b") | BookTickerStream(symbol="b")) as both:
        print((await anext(both)).price)  # error
    with client.stream(AggTradeStream(symbol="b")):  # error
        pass
    client.stream("btcusdt@aggTrade")  # error
    client.user_data(gaps="log")  # error
    SpotClient(key=("key", "secret"))  # error
    AggTradeStream("btcusdt")  # error


async def failures(client: SpotClient) -> None:
    try:
        await client.api.order_cancel_replace_market(
            symbol="B", side="BUY", cancel_replace_mode="STOP_ON_FAILURE", quantity=1, cancel_order_id=1
        )
    except PartialFailure as error:
        if isinstance(error.data, models.CancelReplaceFailure):
            reveal_type(error.data.cancel_response)  # is: CanceledOrder | Refusal | UnknownVariant
            reveal_type(error.data)  # is: CancelReplaceFailure


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
