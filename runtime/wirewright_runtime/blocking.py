"""For programs without an event loop: one in a thread of its own, in which a client lives, and doors to it.

    with Blocking(SpotClient(key=key)) as spot:
        book = spot.run(spot.client.api.depth(symbol="BTCUSDT"))
        with spot.reading(lambda: spot.client.stream(AggTradeStream(symbol="btcusdt"))) as trades:
            for trade in trades:
                ...

Several threads may use one `Blocking`; each gets its own answers.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Generator, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, Generic, Self, TypeVar, cast

from wirewright_runtime.client import BaseClient
from wirewright_runtime.readers import Subscription

C = TypeVar("C", bound=BaseClient)
E = TypeVar("E")
T = TypeVar("T")

_OVER = object()


class _Events(Iterator[E]):
    """Goes on behind an error, as `async for` does."""

    def __init__(self, blocking: Blocking[Any], subscription: Subscription[E]) -> None:
        self._blocking = blocking
        self._subscription = subscription

    def __next__(self) -> E:
        event = self._blocking.run(self._next())
        if event is _OVER:
            raise StopIteration
        return cast("E", event)

    async def _next(self) -> object:
        return await anext(self._subscription, _OVER)


class Blocking(Generic[C]):
    """A client in a thread of its own. Use it in a ``with`` statement.

    Args:
        client: A client that was not used yet. What it does is done in the thread.
    """

    def __init__(self, client: C) -> None:
        self.client = client
        self._opened: Future[asyncio.AbstractEventLoop] = Future()
        self._closing = asyncio.Event()
        self._thread = threading.Thread(target=self._live, name=f"wirewright {client!r}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._opened.result()
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.result().call_soon_threadsafe(self._closing.set)
        self._thread.join()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for a coroutine of the client: ``spot.run(spot.client.api.ping())``. Its errors are raised here."""
        try:
            loop = self._loop()
        except RuntimeError:
            work.close()
            raise
        future = asyncio.run_coroutine_threadsafe(work, loop)
        try:
            return future.result()
        except BaseException:  # such as Ctrl-C
            future.cancel()
            raise

    def call(self, function: Callable[[], T]) -> T:
        """Call a function where the client lives: ``spot.call(spot.client.stats)``."""

        async def called() -> T:
            return function()

        return self.run(called())

    @contextmanager
    def reading(self, subscribe: Callable[[], Subscription[E]]) -> Generator[Iterator[E], None, None]:
        """Receive what a subscription brings, in a ``for`` loop. What an ``async for`` would raise is raised there."""
        subscription = self.call(subscribe)
        self.run(subscription.__aenter__())
        try:
            yield _Events(self, subscription)
        finally:
            self.run(subscription.close())

    def _loop(self) -> asyncio.AbstractEventLoop:
        if threading.current_thread() is self._thread:
            raise RuntimeError("this is the client's own thread: await it here")
        if not self._opened.done() or not self._thread.is_alive():
            raise RuntimeError("use it inside of its `with` statement")
        return self._opened.result()

    def _live(self) -> None:
        try:
            asyncio.run(self._stay())
        except BaseException as error:
            if self._opened.done():
                raise
            self._opened.set_exception(error)

    async def _stay(self) -> None:
        async with self.client:
            self._opened.set_result(asyncio.get_running_loop())
            await self._closing.wait()
