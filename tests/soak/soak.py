"""Random faults for as long as you like: `python tests/soak/soak.py --seconds 600 --seed 1`, or `make soak`.

Each round is some hours in virtual time of a Spot client that reads streams and user data and places orders, against an
exchange that does its worst: over real loopback sockets and in memory by turns. The seed decides everything in a round
that chance decides. Every event is numbered, every order is compared with what the exchange knows of it.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging
import os
import random
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "faults")]

from fault_world import BOOK, ORDER, TRADES, agg_trade, book_ticker, report, spot  # noqa: E402
from ledger import Ledger, Reading  # noqa: E402

from binance_wire.spot import SpotClient  # noqa: E402
from wirewright_runtime import Ed25519Key, Gap, HmacKey, OutcomeUnknown, WireError  # noqa: E402
from wirewright_runtime.testing import FakeExchange, VirtualClock  # noqa: E402

_HOURS = 0.5
_SETTLED = 150.0
"""Seconds after which the truth about an order is known, or an error says that it cannot be found out now."""
_SILENT = 300.0
"""Seconds without an event, a gap or an error, while events are pushed, after which a reader was left alone."""
KEYS = (HmacKey("soak-api-key", "soak-secret-of-the-hmac-key"), Ed25519Key("soak-api-key", bytes(range(32))))


class Round:
    """Some hours of one client and its exchange."""

    def __init__(self, clock: VirtualClock, chance: random.Random, ledger: Ledger, hours: float) -> None:
        self.clock = clock
        self.chance = chance
        self.ledger = ledger
        self.ends = clock.monotonic() + hours * 3600
        self.exchange: FakeExchange
        self.client: SpotClient
        self.readings = {name: Reading(name) for name in ("trades", "book", "user data")}

    @property
    def goes_on(self) -> bool:
        """Whether there is time left."""
        return self.clock.monotonic() < self.ends

    async def run(self, *, memory: bool) -> None:
        """The whole of it."""
        options: dict[str, Any] = {"key": self.chance.choice(KEYS), "memory": memory, "random": self.chance}
        options["lifetime"] = self.chance.choice((None, 600.0))
        async with spot(self.clock, **options) as (self.exchange, self.client):
            self.orders: set[str] = set()
            place = self.exchange.handlers["order.place"]
            self.exchange.handle("order.place", lambda call: self._executed(call, place))
            work = (self._push(), self._trades(), self._book(), self._user_data(), self._place(), self._worst())
            tasks = [asyncio.create_task(one) for one in work]
            await self._watch(tasks)
            self.ledger.reconnects += self.exchange.counters.connections
            self.ledger.counts["double sends"] += self.exchange.counters.double_sends

    def _executed(self, call: Any, place: Callable[[Any], Any]) -> Any:
        self.orders.add(call.params["newClientOrderId"])
        return place(call)

    async def _watch(self, tasks: list[asyncio.Task[None]]) -> None:
        """Readers and callers end by themselves soon after the time is over, and nobody is left alone meanwhile."""
        while self.goes_on:
            await asyncio.sleep(10)
            now = self.clock.monotonic()
            for reading in self.readings.values():
                if now - reading.heard_at > _SILENT:
                    self.ledger.blame("silent", f"{reading.name}: nothing for {now - reading.heard_at:.0f} seconds")
                    reading.heard_at = now
        await self.client.close()
        _, left = await asyncio.wait(tasks, timeout=120)
        for task in left:
            self.ledger.blame("silent", f"still waits after the client was closed: {task}")
            task.cancel()
        for task in tasks:
            if task.done() and not task.cancelled() and (error := task.exception()) is not None:
                self.ledger.blame("silent", f"an error that is none of ours: {error!r}")

    # What the exchange has to say

    async def _push(self) -> None:
        """Numbered events, also while nobody listens; on quiet stretches in bursts."""
        number = 0
        while self.goes_on:
            for _ in range(self.chance.choice((1, 1, 1, 5, 20))):
                number += 1
                self.exchange.push(TRADES, agg_trade(number))
                self.exchange.push(BOOK, book_ticker(number))
                self.exchange.push_user(report(number))
            await asyncio.sleep(self.chance.uniform(0.01, 4))

    # Who reads

    async def _read(self, reading: Reading, subscribe: Callable[[], Any], number: Callable[[Any], int | None]) -> None:
        """Subscribe, read, and begin anew where it ends with an error."""
        while self.goes_on:
            try:
                async with subscribe() as events:
                    reading.last = None  # a subscription begins where it begins
                    async for event in events:
                        found = None if isinstance(event, Gap) else number(event)
                        if isinstance(event, Gap):
                            self.ledger.met(reading, event, self.clock.monotonic())
                        elif found is not None:
                            self.ledger.saw(reading, found, self.clock.monotonic())
            except WireError as error:
                self.ledger.met(reading, error, self.clock.monotonic())
                await asyncio.sleep(1)

    async def _trades(self) -> None:
        await self._read(
            self.readings["trades"], lambda: self.client.stream(TRADES, gaps="mark"), lambda e: e.agg_trade_id
        )

    async def _book(self) -> None:
        await self._read(self.readings["book"], lambda: self.client.stream(BOOK, gaps="mark"), lambda e: e.update_id)

    async def _user_data(self) -> None:
        await self._read(self.readings["user data"], self.client.user_data, lambda e: getattr(e, "execution_id", None))

    # Who trades

    async def _place(self) -> None:
        count = 0
        while self.goes_on:
            count += 1
            id, begun = f"soak-{count}", self.clock.monotonic()
            work = asyncio.ensure_future(self.client.api.order_place(**ORDER, new_client_order_id=id, timeout=8))
            if self.chance.random() < 0.1:
                self.clock_later(self.chance.uniform(0, 0.1), work.cancel)
            await self._outcome(id, work)
            if self.clock.monotonic() - begun > _SETTLED:
                self.ledger.blame("silent", f"{id} took {self.clock.monotonic() - begun:.0f} seconds")
            await asyncio.sleep(self.chance.uniform(0, 30))

    def clock_later(self, seconds: float, work: Callable[[], object]) -> None:
        """Do something later in the time of the round."""
        asyncio.get_running_loop().call_later(seconds, work)

    async def _outcome(self, id: str, work: asyncio.Future[Any]) -> None:
        try:
            await work
            self.ledger.told(id, "accepted", id in self.orders)
        except asyncio.CancelledError:
            return
        except OutcomeUnknown as error:
            try:
                found = await self.client.settle(error)
            except WireError:
                return  # told, and may be asked again
            self.ledger.told(id, "rejected" if found is None else "found", id in self.orders)
        except WireError as error:
            self.ledger.told(id, error.outcome or "none", id in self.orders)

    # What goes wrong

    async def _worst(self) -> None:
        while self.goes_on:
            await asyncio.sleep(min(60, self.chance.expovariate(1 / 40)))
            name = self.chance.choice(tuple(FAULTS))
            self.ledger.recent.append(f"{self.clock.monotonic():.1f} {name}")
            FAULTS[name](self)


def _fault(work: Callable[[FakeExchange, random.Random], object]) -> Callable[[Round], None]:
    return lambda round: void(work(round.exchange, round.chance))


def void(_: object) -> None:
    """The result of a fault is of no interest."""


def _garbage(exchange: FakeExchange, chance: random.Random) -> None:
    frames = [
        b"\xff\xfe",
        b"{",
        b"[" * 10_000,
        b"[1]",
        b"1e99999999999999999999",
        b'{"id":null,"error":{"code":1}}',
        b"",
    ]
    for peer in exchange.reachable:
        peer.say(*chance.sample(frames, 3))


def _ping_flood(exchange: FakeExchange, _: random.Random) -> None:
    for peer in exchange.reachable:
        for number in range(200):
            peer.ping(b"%d" % number)


def _request_fault(exchange: FakeExchange, chance: random.Random) -> None:
    script = exchange.on(chance.choice(("order.place", "order.status", "SUBSCRIBE", "time", "session.logon")))
    chance.choice(
        (
            script.accept_then_drop,
            script.drop,
            script.stall,
            script.answer_twice,
            lambda: script.delay(chance.uniform(0, 12)),
            lambda: script.close(chance.choice((1000, 1001, 1008, 1011))),
        )
    )()


def _step_clock(exchange: FakeExchange, chance: random.Random) -> None:
    exchange.clock_offset_ms = chance.randint(-5000, 5000)


FAULTS: dict[str, Callable[[Round], None]] = {
    "drop": _fault(lambda exchange, _: exchange.drop_connections()),
    "drop api": _fault(lambda exchange, _: exchange.drop_connections("api")),
    "drop streams": _fault(lambda exchange, _: exchange.drop_connections("streams")),
    "close": _fault(lambda exchange, chance: exchange.close_connections(chance.choice((1000, 1001, 1008, 1011, 1012)))),
    "shutdown": _fault(lambda exchange, chance: exchange.announce_shutdown(chance.choice(("", "raw", "event")))),
    "shutdown streams": _fault(lambda exchange, _: exchange.announce_shutdown(name="streams")),
    "refuse connections": _fault(lambda exchange, chance: exchange.refuse_connections(chance.uniform(0.1, 30))),
    "503": _fault(lambda exchange, _: exchange.reject_handshakes(503, times=2)),
    "mute handshake": _fault(lambda exchange, _: exchange.reject_handshakes(None)),
    "freeze": _fault(lambda exchange, chance: exchange.freeze(chance.choice(("api", "streams")))),
    "end user data": _fault(lambda exchange, _: exchange.end_user_data(E=1)),
    "log off": _fault(lambda exchange, _: exchange.log_off()),
    "garbage": _fault(_garbage),
    "pings": _fault(_ping_flood),
    "request": _fault(_request_fault),
    "request again": _fault(_request_fault),
    "clock": _fault(_step_clock),
}


async def _alone(work: Round, *, memory: bool) -> None:
    """Run a round, and count what it leaves behind."""
    await work.run(memory=memory)
    await asyncio.sleep(0)
    loop = asyncio.get_running_loop()
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        work.ledger.blame("leaked", f"a task: {task}")
    for timer in getattr(loop, "_scheduled", []):
        if not timer.cancelled() and "clock_later" not in repr(timer) and "Round" not in repr(timer):
            work.ledger.blame("leaked", f"a timer: {timer}")


def _descriptors() -> int:
    return len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0


def soak(seconds: float, seed: int, *, hours: float = _HOURS, say: Callable[[str], None] = print) -> Ledger:
    """Rounds until the time is over. Memory and descriptors are compared with those after three of them."""
    ledger = Ledger()
    began, count = time.monotonic(), 0
    first: tuple[int, int, int] | None = None
    while time.monotonic() - began < seconds or count < 1:
        clock, chance = VirtualClock(), random.Random(f"{seed}/{count}")
        clock.run(_alone(Round(clock, chance, ledger, hours), memory=bool(count % 2)))
        count += 1
        gc.collect()
        now = (len(gc.get_objects()), _descriptors(), threading.active_count())
        if count == 3:
            first = now
        say(
            f"round {count}: {ledger.frames} events, {ledger.reconnects} connections, {now[0]} objects; {ledger.line()}"
        )
    if first is not None:
        _compare(ledger, first, now)
    for kind, why in ledger.examples.items():
        say(f"{kind}: {why}")
    return ledger


def _compare(ledger: Ledger, first: tuple[int, int, int], last: tuple[int, int, int]) -> None:
    for name, before, after, slack in zip(
        ("objects", "descriptors", "threads"), first, last, (5_000, 0, 0), strict=True
    ):
        if after > before + slack:
            ledger.blame("leaked", f"{after - before} {name} more than after three rounds")


def main() -> int:
    """The command line."""
    logging.getLogger("wirewright").addHandler(logging.NullHandler())
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}, {arguments.seconds:.0f} seconds")
    ledger = soak(arguments.seconds, arguments.seed)
    print(f"{ledger.frames} events, {ledger.reconnects} connections, {ledger.requests} orders, seed {arguments.seed}")
    print(ledger.line())
    return 1 if any(ledger.counts.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
