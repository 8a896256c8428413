"""How cost grows: with streams on a connection, with readers of a stream, with requests in flight; and what memory stays.

    python bench/growth.py [--plot]

No socket: frames are handed to the client at its transport (see `guard.py`). Every figure is a multiple of the smallest
case in the same run; memory is what `tracemalloc` and the process's resident size say.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import resource
import time
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import msgspec
from guard import Transport

from binance_wire.spot import SpotClient
from binance_wire.spot.streams import AggTradeStream
from wirewright_runtime import Buffer
from wirewright_runtime.testing import VirtualClock

PLOT = Path(__file__).parent / "plots" / "growth.png"
EVENTS = 20_000
TURNS = 5
STREAMS = (1, 4, 16, 64, 256, 1024)
READERS = (1, 2, 5, 10, 25, 50)
IN_FLIGHT = (10, 100, 1_000, 10_000)


def frame(number: int, symbol: str) -> bytes:
    trade = {"e": "aggTrade", "E": 1, "s": symbol, "a": number, "p": "64123.45", "q": "0.012", "f": 1, "l": 2, "T": 3}
    return msgspec.json.encode({"stream": f"{symbol.lower()}@aggTrade", "data": trade | {"m": True, "M": True}})


CLOCK = VirtualClock()  # a thousand commands are paced to some minutes, which nobody needs to wait for


@asynccontextmanager
async def client() -> AsyncIterator[tuple[SpotClient, Transport]]:
    transport = Transport()
    async with SpotClient(transport=transport, clock=CLOCK, max_in_flight=20_000, request_timeout=600) as made:
        yield made, transport


async def per_event(streams: int, readers: int) -> float:
    """CPU seconds for each event that a reader gets."""
    symbols = [f"S{number}USDT" for number in range(streams)]
    told = [frame(number, symbols[number % streams]) for number in range(EVENTS)]
    wanted = [AggTradeStream(symbol=symbol) for symbol in symbols]
    async with client() as (made, transport), AsyncExitStack() as stack:
        subscriptions = [made.stream(wanted, overflow=Buffer(10**6), idle=None) for _ in range(readers)]
        readings = [await stack.enter_async_context(one) for one in subscriptions]
        (link,) = transport.links
        best = float("inf")
        for _ in range(TURNS):
            gc.collect()
            begun = time.process_time()
            for start in range(0, EVENTS, 200):
                link.receiver.on_frames(told[start : start + 200])
                for events in readings:
                    for _ in range(200):
                        await anext(events)
            best = min(best, time.process_time() - begun)
    return best / EVENTS / readers


async def per_request(in_flight: int) -> float:
    """CPU seconds for each of so many requests that are under way at once."""
    async with client() as (made, _):
        await made.api.time()
        best = float("inf")
        for _ in range(TURNS):
            gc.collect()
            begun = time.process_time()
            for _ in range(max(1, 2_000 // in_flight)):
                await asyncio.gather(*(made.api.time() for _ in range(in_flight)))
            best = min(best, (time.process_time() - begun) / max(1, 2_000 // in_flight))
    return best / in_flight


async def per_subscription() -> float:
    """Bytes that each of 1,000 idle subscriptions takes."""
    async with client() as (made, _), AsyncExitStack() as stack:
        await stack.enter_async_context(made.stream(AggTradeStream(symbol="first"), idle=None))
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        for number in range(1_000):
            await stack.enter_async_context(made.stream(AggTradeStream(symbol=f"S{number}USDT"), idle=None))
        gc.collect()
        taken = tracemalloc.get_traced_memory()[0] - before
        tracemalloc.stop()
    return taken / 1_000


async def after_a_million() -> float:
    """By how many MiB the process's peak has grown after 10^6 events."""
    told = [frame(number, "BTCUSDT") for number in range(1_000)]
    async with client() as (made, transport), made.stream(AggTradeStream(symbol="btcusdt"), idle=None) as events:
        (link,) = transport.links

        async def thousand() -> None:
            link.receiver.on_frames(told)
            for _ in range(1_000):
                await anext(events)

        for _ in range(20):
            await thousand()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for _ in range(1_000):
            await thousand()
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


async def measured() -> dict[str, dict[int, float]]:
    streams = {count: await per_event(count, 1) for count in STREAMS}
    readers = {count: await per_event(1, count) for count in READERS}
    in_flight = {count: await per_request(count) for count in IN_FLIGHT}
    found = {"streams on a connection": streams, "readers of a stream": readers, "requests in flight": in_flight}
    return {name: {at: value / next(iter(row.values())) for at, value in row.items()} for name, row in found.items()}


def plot(found: dict[str, dict[int, float]]) -> None:
    """Cost of each as a multiple of the smallest case."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 3.5))
    for name, row in found.items():
        axes.plot(list(row), list(row.values()), marker="o", label=name)
    axes.set(xscale="log", ylim=(0, 2), xlabel="how many", ylabel="CPU per message, x the smallest case")
    axes.legend()
    axes.grid(alpha=0.3)
    PLOT.parent.mkdir(exist_ok=True)
    figure.savefig(PLOT, dpi=120, bbox_inches="tight")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plot", action="store_true", help=f"write {PLOT.name}")
    found = CLOCK.run(measured())
    for name, row in found.items():
        print(f"{name:26}", "  ".join(f"{at}: {value:.2f}" for at, value in row.items()))
    memory = {"bytes for an idle subscription": round(CLOCK.run(per_subscription()))}
    memory["MiB more after 10^6 events"] = round(CLOCK.run(after_a_million()), 1)
    print(json.dumps(memory))
    if parser.parse_args().plot:
        plot(found)


if __name__ == "__main__":
    main()
