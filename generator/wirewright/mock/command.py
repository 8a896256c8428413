"""`wirewright mock`: serve until Ctrl-C."""

from __future__ import annotations

import asyncio
import errno
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress

from wirewright.load import Loaded
from wirewright.mock.exchange import MockExchange, silent
from wirewright.mock.keys import demo_key, read_key, shown
from wirewright.mock.loading import bundled, mock_api, usable
from wirewright.mock.script import Script

__all__ = ["PortTaken", "Script", "bundled", "prepare", "serve"]

Say = Callable[[str], None]
WEIGHT_LIMIT = 6000  # of requests in a minute


def prepare(loaded: Loaded, keys: Sequence[str], say: Say, *, quiet: bool = False) -> MockExchange:
    """An exchange for what was loaded. Raises `SpecError` where that cannot be served, `ValueError` for a key."""
    api = usable(loaded)
    told = [one for one in loaded.problems if one.warning]
    if told and not quiet:
        say(f"{len(told)} {'warning' if len(told) == 1 else 'warnings'}: `wirewright validate` shows what is doubtful.")
    known = [demo_key(), *map(read_key, keys)]
    return mock_api(api, keys=known, tell=silent if quiet else say, weight_limit=WEIGHT_LIMIT)


class PortTaken(Exception):
    """The address cannot be listened at."""


def serve(exchange: MockExchange, *, host: str, port: int, script: Script, say: Say, quiet: bool = False) -> None:
    """Serve until somebody presses Ctrl-C. Raises `PortTaken` where nothing can listen."""
    with suppress(KeyboardInterrupt):  # where an event loop cannot listen to signals
        asyncio.run(_serve(exchange, host, port, script, say, quiet))


async def _serve(exchange: MockExchange, host: str, port: int, script: Script, say: Say, quiet: bool) -> None:
    try:
        await exchange.start(port, host)
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        why = (
            "is in use: choose another one with --port, or 0 for a free one" if taken else f"is not to be had: {error}"
        )
        raise PortTaken(f"port {port} of {host} {why}") from None
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):
            loop.add_signal_handler(one, ended.set)
    try:
        for line in greeting(exchange)[: 1 if quiet else None]:
            say(line)
        script.start(exchange)
        await ended.wait()
    finally:
        script.stop()
        await exchange.stop()
        requests = sum(exchange.counters.requests.values())
        if not quiet:
            say(f"{exchange.api.title}: {exchange.counters.connections} connections, {requests} requests. Bye.")


def greeting(exchange: MockExchange) -> list[str]:
    """Where it listens, what it serves, and the keys that it accepts."""
    api = exchange.api
    counted = [(len(api.methods), "methods"), (len(api.messages), "messages"), (len(api.streams), "streams")]
    what = ", ".join(f"{number} {name}" for number, name in counted if number)
    return [
        f"{api.title} at {exchange.address} ({what or 'nothing that is sent or received'})",
        *(f"  {socket.name:12} {exchange.address}{socket.path}" for socket in exchange.product.sockets),
        *shown(exchange),
        "Press Ctrl-C to end.",
    ]
