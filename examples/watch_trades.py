"""Watch trades and the best prices of a symbol: public streams, no account needed.

python examples/watch_trades.py --server ws://127.0.0.1:9443 --count 5
"""

from __future__ import annotations

import argparse
import asyncio

from binance_wire.spot import SpotClient
from binance_wire.spot.events import AggTrade
from binance_wire.spot.streams import AggTradeStream, BookTickerStream
from wirewright_runtime import Server


async def watch(server: Server, symbol: str, count: int) -> None:
    streams = AggTradeStream(symbol=symbol) | BookTickerStream(symbol=symbol)
    async with SpotClient(server=server) as client, client.stream(streams) as events:
        async for event in events:  # AggTrade | BookTicker
            if isinstance(event, AggTrade):
                print(f"trade {event.price} x {event.quantity}")
            else:
                print(f"best  {event.bid_price} / {event.ask_price}")
            count -= 1
            if count <= 0:
                break


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", required=True, help="address of the exchange, such as ws://127.0.0.1:9443")
    parser.add_argument("--symbol", default="BTCUSDT")
    parser.add_argument("--count", type=int, default=10, help="how many events to show")
    arguments = parser.parse_args()
    asyncio.run(watch(Server.at(arguments.server), arguments.symbol, arguments.count))


if __name__ == "__main__":
    main()
