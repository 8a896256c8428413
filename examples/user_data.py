"""Watch what happens in your account: orders, executions, balances.

    python examples/user_data.py --server ws://127.0.0.1:9443 --seconds 60

The key comes from the environment (API_KEY and API_SECRET); without one it is the test key of `wirewright mock spot`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
from typing import Literal

from binance_wire.spot import SpotClient
from binance_wire.spot.events import ExecutionReport, OutboundAccountPosition, UserDataEvent
from wirewright_runtime import Gap, HmacKey, Server, UnknownEvent


def show(event: UserDataEvent | Gap | UnknownEvent) -> None:
    match event:
        case ExecutionReport():
            print(f"order {event.order_id}: {event.execution_type}, now {event.status}, {event.price} {event.symbol}")
        case OutboundAccountPosition():
            print("balances: " + ", ".join(f"{one.free} {one.asset}" for one in event.balances))
        case Gap():  # events are missing here: ask for open orders and balances again
            print(f"GAP: {event.reason}; what happened between {event.since} and {event.until} was not seen")
        case UnknownEvent():  # newer than this client: its JSON is there
            print(f"unknown event {event.type}: {event.raw.decode()}")
        case _:
            print(event)


async def watch(server: Server | Literal["testnet"], key: HmacKey, seconds: float | None) -> None:
    async with SpotClient(key=key, server=server) as client, client.user_data() as events:
        print("listening")
        try:
            async with asyncio.timeout(seconds):
                async for event in events:
                    show(event)
        except TimeoutError:
            print(f"{seconds:g} seconds are over")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", type=Server.at, default="testnet", help="such as ws://127.0.0.1:9443")
    parser.add_argument("--seconds", type=float, help="how long; without it until Ctrl-C")
    arguments = parser.parse_args()
    key = HmacKey(os.environ.get("API_KEY", "test-api-key"), os.environ.get("API_SECRET", "test-secret"))
    with contextlib.suppress(KeyboardInterrupt):  # Ctrl-C ends it: the client is closed on the way
        asyncio.run(watch(arguments.server, key, arguments.seconds))


if __name__ == "__main__":
    main()
