"""Watch the trades and the best prices of a symbol: public streams, no account needed.

    python examples/watch_trades.py --server ws://127.0.0.1:9443

Without --server it connects to the exchange's testnet.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
from typing import Literal

from binance_wire.spot import SpotClient
from binance_wire.spot.events import AggTrade
from binance_wire.spot.streams import AggTradeStream, BookTickerStream
from wirewright_runtime import Server


async def watch(server: Server | Literal["testnet"], symbol: str, count: int) -> None:
    streams = AggTradeStream(symbol=symbol) | BookTickerStream(symbol=symbol)
    async with SpotClient(server=server) as client, client.stream(streams) as events:
        async for event in events:  # AggTrade | BookTicker
            if isinstance(event, AggTrade):
                side = "sold" if event.is_buyer_maker else "bought"
                print(f"{event.symbol}: {event.quantity} {side} at {event.price} (trade {event.agg_trade_id})")
            else:
                print(f"{event.symbol}: best bid {event.bid_price}, best ask {event.ask_price}")
            count -= 1
            if count == 0:
                return


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", type=Server.at, default="testnet", help="such as ws://127.0.0.1:9443")
    parser.add_argument("--symbol", default="BTCUSDT")
    parser.add_argument("--count", type=int, default=6, help="how many events to show; 0: all")
    arguments = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):  # Ctrl-C ends it: the client is closed on the way
        asyncio.run(watch(arguments.server, arguments.symbol, arguments.count))


if __name__ == "__main__":
    main()
