"""The client in one page: requests, the same request as a value, several streams at once, the account's own events.

python examples/tour.py --server ws://127.0.0.1:9443
"""

from __future__ import annotations

import argparse
import asyncio
import os
from decimal import Decimal

from binance_wire.spot import SpotClient, requests
from binance_wire.spot.enums import OrderType, Side, TimeInForce
from binance_wire.spot.events import AggTrade, ExecutionReport
from binance_wire.spot.streams import AggTradeStream, BookTickerStream
from wirewright_runtime import HmacKey, Server


async def tour(server: Server, key: HmacKey) -> None:
    async with SpotClient(key=key, server=server) as client:
        book = await client.api.depth(symbol="BTCUSDT", limit=5)  # the exchange's name, spelled as Python
        print(f"best bid {book.bids[0].price}, best ask {book.asks[0].price}")  # exact: decimal.Decimal

        async with client.user_data() as account:
            order = await client.api.order_place(
                symbol="BTCUSDT",
                side=Side.BUY,  # or "BUY"
                type=OrderType.LIMIT,
                time_in_force=TimeInForce.GTC,
                quantity=Decimal("0.001"),
                price="60000",
            )
            print(f"order {order.order_id} is {order.status}")
            request = requests.OrderPlace(symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.001")
            reply = await client.call(request)  # the same as a value: Reply[PlacedOrder]
            print(f"{reply.result.status}, {len(reply.result.fills)} fills; limits {reply.rate_limits}")
            async for event in account:  # ExecutionReport | OutboundAccountPosition | ... | Gap | UnknownEvent
                if isinstance(event, ExecutionReport):
                    print(f"report: order {event.order_id} is {event.status}")
                    if event.order_id == reply.result.order_id and event.status == "FILLED":
                        break

        streams = AggTradeStream(symbol="btcusdt") | BookTickerStream(symbol="btcusdt")
        async with client.stream(streams) as events:
            for _ in range(4):
                event_of_market = await anext(events)  # AggTrade | BookTicker, exactly
                if isinstance(event_of_market, AggTrade):
                    print(f"trade at {event_of_market.price}")
                else:
                    print(f"best bid {event_of_market.bid_price}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", type=Server.at, required=True, help="such as ws://127.0.0.1:9443")
    arguments = parser.parse_args()
    key = HmacKey(os.environ.get("API_KEY", "test-api-key"), os.environ.get("API_SECRET", "test-secret"))
    asyncio.run(tour(arguments.server, key))


if __name__ == "__main__":
    main()
