"""Place a limit order far below the market, look at it, cancel it; with everything that can go wrong on the way.

    python examples/place_order.py --server ws://127.0.0.1:9443

The key comes from the environment (API_KEY and API_SECRET), never from the command line. Without one it is the test key
of `wirewright mock spot`. Without --server it connects to the exchange's testnet.
"""

from __future__ import annotations

import argparse
import asyncio
import os
from decimal import Decimal
from typing import Literal

from binance_wire.spot import SpotClient
from binance_wire.spot.models import Order
from wirewright_runtime import ApiError, HmacKey, OutcomeUnknown, Server


async def place(client: SpotClient, symbol: str) -> int | None:
    """Place the order; gives its id, or None if the exchange does not have it."""
    book = await client.api.depth(symbol=symbol, limit=5)
    price = (book.bids[0].price * Decimal("0.9")).quantize(Decimal("0.01"))
    print(f"the best bid is {book.bids[0].price}: buying at {price}")
    try:
        order = await client.api.order_place_limit(
            symbol=symbol, side="BUY", quantity=Decimal("0.001"), price=price, time_in_force="GTC"
        )
    except OutcomeUnknown as error:  # the answer was lost: never send it again, ask what became of it
        print(f"no answer: {error}")
        found = await client.settle(error)
        if not isinstance(found, Order):
            print("settled: the exchange does not have it")
            return None
        print(f"settled: order {found.order_id} is {found.status}")
        return found.order_id
    except ApiError as error:  # the exchange refused it, and says why
        print(f"refused: {error.msg} (code {error.code})")
        return None
    print(f"order {order.order_id} is {order.status}: {order.original_quantity} at {order.price}")
    return order.order_id


async def trade(server: Server | Literal["testnet"], key: HmacKey, symbol: str) -> None:
    async with SpotClient(key=key, server=server) as client:
        order_id = await place(client, symbol)
        if order_id is not None:
            await client.api.order_cancel(symbol=symbol, order_id=order_id)
            order = await client.api.order_status(symbol=symbol, order_id=order_id)
            print(f"order {order.order_id} is {order.status}, {order.executed_quantity:f} of it was executed")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", type=Server.at, default="testnet", help="such as ws://127.0.0.1:9443")
    parser.add_argument("--symbol", default="BTCUSDT")
    arguments = parser.parse_args()
    key = HmacKey(os.environ.get("API_KEY", "test-api-key"), os.environ.get("API_SECRET", "test-secret"))
    asyncio.run(trade(arguments.server, key, arguments.symbol))


if __name__ == "__main__":
    main()
