"""Readers: between a socket, which never waits, and user code, which may.

The socket's side appends to the backlog and, once a read, calls `flush`. Events are decoded here, when they are taken
out. A subscription has one reader at a time; what ends it (the user, the client, an error) is met behind the last event.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, Generic, Literal, Self, TypeAlias, TypeVar, cast

from wirewright_runtime.decode import decode_error
from wirewright_runtime.errors import UNDECODABLE, ConnectionLost, DecodeError, StreamOverflow, WireError
from wirewright_runtime.overflow import Backlog, Dropped, Fail, Marker, Overflow, Source
from wirewright_runtime.settings import LOG, Log
from wirewright_runtime.stream import Stream
from wirewright_runtime.types import Gap

E_co = TypeVar("E_co", covariant=True)
T = TypeVar("T")

Gaps: TypeAlias = Literal["log", "mark", "raise"]
Idle: TypeAlias = float | Literal["auto"] | None


_UNDECODABLE = (*UNDECODABLE, DecodeError)


class _Iterator(AsyncIterator[T]):
    """Goes on behind an error, and leaves nothing to be finalised, as a generator would."""

    def __init__(self, next_one: Callable[[], Awaitable[T]]) -> None:
        self._next_one = next_one

    def __anext__(self) -> Awaitable[T]:
        return self._next_one()


class Subscription(Generic[E_co]):
    """Events as they come: ``async with client.stream(...) as events: async for event in events: ...``.

    Entering waits until the exchange has acknowledged the subscription. It raises `SubscribeError`, or what broke the
    connection meanwhile; leaving ends it. While the client reconnects, the loop waits. Errors (a gap if asked for, a
    stream that stalled, an event that does not decode) are raised once; the next ``async for`` goes on behind them.
    """

    def __init__(
        self,
        streams: Sequence[Stream[Any]],
        backlog: Backlog,
        *,
        overflow: Overflow,
        gaps: Gaps,
        idle: Idle,
        enter: Callable[[Subscription[Any]], Awaitable[None]],
        leave: Callable[[Subscription[Any]], Awaitable[None]],
        reconcile: Callable[[Gap], Awaitable[None]] | None = None,
        log: Log = LOG,
    ) -> None:
        self.streams = tuple(streams)
        self.backlog = backlog
        self.items = backlog.items
        self.gaps: Gaps = gaps
        self.idle: Idle = idle
        self.sources: set[Source] = set()
        self._fails = isinstance(overflow, Fail) or gaps == "raise"
        self._enter = enter
        self._leave = leave
        self._reconcile = reconcile
        self._log = log
        self._waiter: asyncio.Future[None] | None = None
        self._callback: Callable[[], None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end: WireError | None = None
        self._entered = self._closed = False

    @property
    def pending(self) -> int:
        """Events that wait to be read."""
        return len(self.items)

    @property
    def dropped(self) -> int:
        """Events that were dropped so far because this reader was too slow."""
        return self.backlog.dropped

    @property
    def is_ended(self) -> bool:
        """Whether nothing is added any more; what waits can still be read."""
        return self._closed

    # The socket's side

    def put(self, source: Source | None, marker: Marker) -> None:
        """Tell the reader something, at this place between the events."""
        if not self._closed:
            self.items.append((source, marker))
            self.flush()

    def flush(self) -> None:
        """After a read: keep the bound, and wake the reader."""
        if len(self.items) > self.backlog.limit:
            self.backlog.bound()
        if self._callback is not None:
            self._callback()
        elif self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def finish(self, error: WireError | None) -> None:
        """Nothing follows; with an error, that is why."""
        if not self._closed:
            self._end, self._closed = error, True
            self.flush()

    # The user's side

    async def __aenter__(self) -> Self:
        if self._loop is not None or self._closed:
            raise RuntimeError("a subscription is entered once: make another with client.stream(...)")
        self._loop = asyncio.get_running_loop()
        try:
            await self._enter(self)
        except BaseException:
            self._closed = True
            raise
        self._entered = True
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """End the subscription. A loop over it ends when the events at hand are read."""
        self.finish(None)
        if self._entered:  # also when an error ended it: what it held must be let go
            self._entered = False
            await self._leave(self)

    def __aiter__(self) -> AsyncIterator[E_co]:
        return self

    async def __anext__(self) -> E_co:
        while True:
            if not self.items:
                await self._wait()
            source, raw = self.items.popleft()
            if type(raw) is bytes:
                try:  # the same as `_decoded`: this is where the time of a client goes
                    value = source.decode(raw)  # type: ignore[union-attr]
                    if source.framed:  # type: ignore[union-attr]
                        value = value.part
                    finish = source.finish  # type: ignore[union-attr]
                    return value if finish is None else finish(value)  # type: ignore[no-any-return]
                except _UNDECODABLE as error:
                    raise _undecodable(source, raw, error) from None  # type: ignore[arg-type]
            gap = await self._met(source, raw)  # type: ignore[arg-type]
            if gap is not None:
                return gap  # type: ignore[return-value]

    def tagged(self) -> AsyncIterator[tuple[Stream[object] | None, E_co]]:
        """Pairs of stream and event, where an event does not say which stream it is of."""
        return _Iterator(self._next_pair)

    async def _next_pair(self) -> tuple[Stream[object] | None, E_co]:
        while True:
            if not self.items:
                await self._wait()
            source, raw = self.items.popleft()
            stream = None if source is None else source.stream
            if type(raw) is bytes and source is not None:
                return stream, cast("E_co", _decoded(source, raw))
            if (gap := await self._met(source, cast("Marker", raw))) is not None:
                return stream, cast("E_co", gap)

    async def each(
        self,
        callback: Callable[[E_co], Awaitable[None] | None],
        *,
        on_error: Callable[[Exception, E_co | None], None] | None = None,
        in_thread: bool = False,
    ) -> None:
        """Call `callback` with each event, in order, until the subscription ends.

        A plain function is called straight after the read that brought the event, without waking a task. What it raises
        goes to `on_error` with the event, or ends this call; it never reaches the socket.

        Args:
            callback: A function or an ``async def`` function of one event.
            on_error: Called with what `callback` raised and the event, or with an error of the stream itself and None.
            in_thread: Whether `callback` is a plain function that takes its time: it is called in a thread, one event
                after the other, while the client goes on.
        """
        if in_thread:
            slow: Callable[[Any], Any] = callback

            async def called(event: Any) -> None:
                await asyncio.to_thread(slow, event)

            await self._await_each(called, on_error)
        elif inspect.iscoroutinefunction(callback):
            await self._await_each(cast("Callable[[E_co], Awaitable[None]]", callback), on_error)
        else:
            await self._call_each(cast("Callable[[E_co], object]", callback), on_error)

    async def _await_each(
        self, callback: Callable[[E_co], Awaitable[None]], on_error: Callable[[Exception, E_co | None], None] | None
    ) -> None:
        while not self._is_over():
            event: E_co | None = None
            try:
                event = await anext(self)
                await callback(event)
            except StopAsyncIteration:
                return
            except Exception as error:
                if on_error is None or error is self._end:
                    raise
                on_error(error, event)

    async def _call_each(
        self, callback: Callable[[E_co], object], on_error: Callable[[Exception, E_co | None], None] | None
    ) -> None:
        self._own()
        over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        busy = False

        def drain() -> None:
            nonlocal busy
            if busy or over.done():  # the callback itself caused a read
                return
            busy = True
            try:
                while self.items and not over.done():
                    self._call_one(callback, on_error)
            except Exception as error:
                over.set_exception(error)
            finally:
                busy = False
            if self._is_over() and not over.done():
                over.set_result(None)

        self._callback = drain
        try:
            drain()
            await over
        finally:
            self._callback = None
        if self._end is not None:
            raise self._end

    def _call_one(
        self, callback: Callable[[E_co], object], on_error: Callable[[Exception, E_co | None], None] | None
    ) -> None:
        event: Any = None
        try:
            source, raw = self.items.popleft()
            if type(raw) is bytes and source is not None:
                event = _decoded(source, raw)
            else:
                event = self._met_now(source, cast("Marker", raw))
                if event is None:
                    return
            result = callback(event)
        except Exception as error:
            if on_error is None:
                raise
            on_error(error, event)
            return
        if result is not None and inspect.isawaitable(result):
            cast("Any", result).close()
            raise TypeError("the callback gives a coroutine: pass the `async def` function itself")

    def _met_now(self, source: Source | None, marker: Marker) -> Gap | None:
        """`_met` for callers that cannot wait."""
        step = self._met(source, marker)
        try:
            step.send(None)
        except StopIteration as done:
            return cast("Gap | None", done.value)
        step.close()
        raise RuntimeError("a reconcile hook needs `async for` or an async callback")

    def _is_over(self) -> bool:
        return self._closed and not self.items

    def _own(self) -> asyncio.AbstractEventLoop:
        """One reader at a time, in the loop where the subscription lives."""
        loop = self._loop
        if loop is None:
            raise RuntimeError("enter the subscription first: async with client.stream(...) as events")
        if asyncio.get_running_loop() is not loop:
            raise RuntimeError("this subscription belongs to another event loop")
        if self._waiter is not None or self._callback is not None:
            raise RuntimeError("another task reads this subscription already: give each its own")
        return loop

    async def _wait(self) -> None:
        """Wait for something to read. Raises what ended the subscription, `StopAsyncIteration` if it was the user."""
        while not self.items:
            loop = self._own()
            if self._closed:
                raise self._end if self._end is not None else StopAsyncIteration
            self._waiter = loop.create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None

    async def _met(self, source: Source | None, marker: Marker) -> Gap | None:
        """A mark was reached: raise it, or give the gap that the user wants to see."""
        if isinstance(marker, WireError):
            raise marker
        if isinstance(marker, Dropped):
            if self._fails:
                raise StreamOverflow(f"the reader was too slow: {marker.count} events are lost", dropped=marker.count)
            marker = marker.as_gap()
        if self._reconcile is not None:
            try:
                await self._reconcile(marker)
            except BaseException:  # not reconciled: the next read begins with it, and releases nothing before
                self.items.appendleft((source, marker))
                raise
        if self.gaps == "raise":
            raise ConnectionLost(f"{marker.stream or 'the subscription'}: events are missing ({marker.reason})")
        if self.gaps == "mark":
            return marker
        lost = "an unknown number of" if marker.dropped is None else marker.dropped
        self._log.warning("%s: %s events are missing (%s)", marker.stream or "subscription", lost, marker.reason)
        return None


def _decoded(source: Source, raw: bytes) -> Any:
    try:
        value = source.decode(raw)
        value = value.part if source.framed else value
        return value if source.finish is None else source.finish(value)
    except _UNDECODABLE as error:
        raise _undecodable(source, raw, error) from None


def _undecodable(source: Source, raw: bytes, error: Exception) -> DecodeError:
    source.undecodable += 1
    return error if isinstance(error, DecodeError) else decode_error(error, raw)
