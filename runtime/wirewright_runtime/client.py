"""What users hold in their hands: `BaseClient`, which generated code makes concrete."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Literal, Self, TypeVar, cast, get_args, overload

from wirewright_runtime.addresses import Addresses
from wirewright_runtime.clock import ExchangeTime
from wirewright_runtime.codec import signed_text
from wirewright_runtime.errors import (
    ClientClosed,
    ConnectionLost,
    NotConnected,
    OutcomeUnknown,
    RequestTimeout,
    ServerBusy,
    UnknownOrder,
)
from wirewright_runtime.home import check_home
from wirewright_runtime.overflow import Backlog, Buffer, Overflow
from wirewright_runtime.product import Product, Server
from wirewright_runtime.readers import Gaps, Idle, Subscription
from wirewright_runtime.request import Request, RequestSpec
from wirewright_runtime.rpc import Rpc
from wirewright_runtime.session import Session
from wirewright_runtime.settings import Observer, Settings, is_seconds
from wirewright_runtime.signing import Credential
from wirewright_runtime.stats import Stats
from wirewright_runtime.stream import Stream, Streams
from wirewright_runtime.subscriptions import Topics
from wirewright_runtime.surroundings import Surroundings
from wirewright_runtime.transport import Link
from wirewright_runtime.types import Amount, Auth, Gap, Json, Parameter, RateLimit, Reply
from wirewright_runtime.websocket import WebSocketTransport

R = TypeVar("R")
E = TypeVar("E")

_LATE_MS = 1000  # how wrong the measured clock may be, on top of a request's window
_SETTLE_PATIENCE = 60.0


class BaseClient:
    """A client of one product. It belongs to the event loop in which it is first used."""

    product: ClassVar[Product]

    def __init__(
        self,
        *,
        key: Credential | None = None,
        server: str | Server,
        query: Mapping[str, object] | None = None,
        headers: Mapping[str, object] | None = None,
        variables: Mapping[str, str] | None = None,
        **options: Any,
    ) -> None:
        self._settings = Settings(**options)
        self._key = _checked_key(key)
        self._server_name, found = self._find(server)
        found = found.with_variables(variables or {})
        self._addresses = Addresses(self.product, found, self._server_name, _texts(query), _texts(headers), key)
        self._time = ExchangeTime(self._settings.clock)
        self._life: _Life | None = None
        self._closing: _Life | None = None
        self._closed = False

    def __repr__(self) -> str:
        key = "no key" if self._key is None else f"{self._key.kind} key"
        return f"<{type(self).__name__} {self._server_name}, {key}>"

    def _find(self, server: str | Server) -> tuple[str, Server]:
        servers = self.product.servers
        if isinstance(server, Server):
            return "custom server", server
        if not isinstance(server, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"server must be one of {', '.join(servers)}, or Server(...), not {server!r}")
        name = server
        if name not in servers:
            raise ValueError(
                f"{self.product.title} has no server {name!r}; there are {', '.join(servers)}, or Server(...)"
            )
        return name, servers[name]

    # Life

    def _alive(self) -> _Life:
        """What lives in the event loop; made at first use."""
        life = self._life
        if life is None:
            if self._closed:
                raise ClientClosed(f"{self!r} was closed", outcome="not_sent")
            life = self._life = _Life(self)
        life.check()
        return life

    async def connect(self) -> None:
        """Open the connection for requests now instead of at the first one."""
        life = self._alive()
        await life.session.line().ready(self._settings.connect_timeout + self._settings.ack_timeout)

    async def close(self) -> None:
        """Close everything. Whoever still waits gets `ClientClosed`.

        May be called again. It goes on, within `close_timeout`, when its caller is canceled.
        """
        life = self._life
        if life is not None:
            life.check()
            self._life, self._closing = None, life
        self._closed = True
        if self._closing is not None:
            self._closing.check()
            await self._closing.close()
            self._closing = None

    async def __aenter__(self) -> Self:
        self._alive()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    # Requests

    async def call(
        self,
        request: Request[R],
        *,
        timeout: float | None = None,
        recv_window: Amount | None = None,
        extra: Mapping[str, Parameter] | None = None,
        id: str | int | None = None,
    ) -> Reply[R]:
        """Send a request and give its answer: the result, and what came with it.

        Args:
            request: A request of this product.
            timeout: Seconds to wait for the answer.
            recv_window: Milliseconds in which a signed request may be executed.
            extra: Parameters that this client does not know yet, by wire name. They are signed too. One that it knows takes
                the place of the request's own: so a value that it does not know can be sent.
            id: Id of the request on the wire. By default the client makes one.
        """
        return await self._alive().call(request, timeout, recv_window, extra, id)

    async def call_raw(
        self,
        method: str,
        params: Mapping[str, Parameter] | None = None,
        *,
        security: Auth = Auth.NONE,
        changes_state: bool = True,
        timeout: float | None = None,
        recv_window: Amount | None = None,
    ) -> Reply[Json]:
        """Send a method that this client does not know yet.

        Args:
            method: Its wire name.
            params: Its parameters by wire name.
            security: What it carries: nothing, the key, or a signature.
            changes_state: Whether a second copy could do harm.
            timeout: Seconds to wait for the answer.
            recv_window: Milliseconds in which a signed request may be executed.
        """
        life = self._alive()
        return await life.rpc.call_raw(
            life.session.line(),
            method,
            params or {},
            RequestSpec(auth=security, changes_state=changes_state),
            timeout,
            recv_window,
        )

    async def _send(
        self,
        message: object,
        *,
        socket: str = "",
        address: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> None:
        """Send a message that nobody answers."""
        life = self._alive()
        await life.rpc.send(life.session.line(socket, tuple((address or {}).items())), message, timeout=timeout)

    async def _settle(self, error: OutcomeUnknown, *queries: type[Request[R]]) -> R | None:
        """Ask what became of a request, until its answer is final: what the exchange knows, or None if it knows nothing.

        An order that is found was placed. Everything else (an order that is not found, one that should be canceled) is
        final when the exchange would refuse the request if it came only now.
        """
        query = next((query for query in queries if query.method == error.settled_by), None)
        if query is None:
            raise ValueError(f"{error.method}: the specs name no method that tells what became of it")
        wires = {query_field: wire for query_field, wire in _wires(query).items() if wire in error.parameters}
        request = query(**{name: error.parameters[wire] for name, wire in wires.items()})
        final_ms = error.valid_until + _LATE_MS
        if not error.creates:
            await self._alive().rpc.gate.pause(max(0, final_ms + 1 - self._time.now_ms()) / 1000)
        return await self._ask_until(final_ms, request)

    async def _ask_until(self, final_ms: int, request: Request[R]) -> R | None:
        """Ask until something is found, or nothing when it is final. A lost question is asked again, for a while."""
        loop = asyncio.get_running_loop()
        patience, pause = loop.time() + _SETTLE_PATIENCE, 0.1
        while True:
            final = self._time.now_ms() > final_ms
            try:
                return (await self.call(request)).result
            except UnknownOrder:
                if final:
                    return None
            except (ConnectionLost, NotConnected, RequestTimeout, ServerBusy):
                if loop.time() > patience:
                    raise
            await self._alive().rpc.gate.pause(pause)
            pause = min(2 * pause, 2.0)

    # Streams

    @overload
    def stream(
        self,
        streams: Stream[E] | Streams[E] | Iterable[Stream[E]],
        *,
        gaps: Literal["log", "raise"] = "log",
        overflow: Overflow | None = None,
        idle: Idle = "auto",
    ) -> Subscription[E]: ...
    @overload
    def stream(
        self,
        streams: Stream[E] | Streams[E] | Iterable[Stream[E]],
        *,
        gaps: Literal["mark"],
        overflow: Overflow | None = None,
        idle: Idle = "auto",
    ) -> Subscription[E | Gap]: ...
    def stream(
        self,
        streams: Stream[E] | Streams[E] | Iterable[Stream[E]],
        *,
        gaps: Gaps = "log",
        overflow: Overflow | None = None,
        idle: Idle = "auto",
    ) -> Subscription[E] | Subscription[E | Gap]:
        """Receive streams: ``async with client.stream(...) as events: async for event in events: ...``.

        Args:
            streams: One stream, several joined by ``|``, or several of one kind.
            gaps: Whether missing events are logged, stand as `Gap` between the events, or are raised.
            overflow: What happens when the reader is too slow. Default ``Buffer(10_000)``.
            idle: Seconds after which a silent stream raises `StreamStalled`; None: never; "auto": as documented.
        """
        wanted = [streams] if isinstance(streams, Stream) else list(streams)
        if not wanted:
            raise ValueError("there is no stream to receive")
        if not all(isinstance(stream, Stream) for stream in wanted):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError("streams are values such as those of the module `streams`, not their names")
        _check_reading(overflow, gaps, idle)
        life = self._alive()
        return life.reader(wanted, overflow or Buffer(), gaps, idle, life.session.subscribe, life.session.unsubscribe)

    def _user_data(
        self, overflow: Overflow | None, gaps: Literal["mark", "raise"], scheme: str | None = None
    ) -> Subscription[Any]:
        _check_reading(overflow, gaps, None)
        life = self._alive()
        return life.reader(
            [],
            overflow or Buffer(100_000),
            gaps,
            None,
            lambda reader: life.session.open_user_data(reader, scheme),
            life.session.close_user_data,
            self._settings.reconcile,
        )

    # What is seen

    def stats(self) -> Stats:
        """Everything that this client is doing, at this moment."""
        return self._alive().session.stats()

    def links(self) -> Mapping[str, Link]:
        """The open sockets beneath, by the name of their connection in `stats`. What is sent on them is your affair."""
        return {} if self._life is None else self._life.session.links()

    @property
    def rate_limits(self) -> tuple[RateLimit, ...]:
        """The exchange's limits as its last answers told them."""
        return () if self._life is None else self._life.rpc.gate.weights.snapshot()

    def set_time_offset_ms(self, offset: int) -> None:
        """Add this to the machine's clock when signing, instead of what the client measures."""
        self._time.fix(offset)


class _Life:
    """What of a client belongs to one event loop."""

    def __init__(self, client: BaseClient) -> None:
        self._loop = asyncio.get_running_loop()
        self._process = os.getpid()
        self._client = client
        settings, time = client._settings, client._time  # pyright: ignore[reportPrivateUsage]
        key = client._key  # pyright: ignore[reportPrivateUsage]
        topics = Topics(time.now_ms, lambda gap: around.tell(settings.hooks.gap, gap))
        transport = settings.transport or WebSocketTransport(log=settings.logger)
        around = Surroundings(client.product, settings, key, time, topics, transport)
        self.rpc = Rpc(around)
        self.session = Session(around, self.rpc, client._addresses)  # pyright: ignore[reportPrivateUsage]
        self._now_ms = time.now_ms
        self._ending: asyncio.Task[None] | None = None
        self._own: set[type] = set()
        observer = self._observer = settings.telemetry
        self._place = (client.product.name, client._server_name)  # pyright: ignore[reportPrivateUsage]
        self._detach = observer.attach(*self._place, self.session.stats) if observer is not None else None

    async def close(self) -> None:
        """End everything, once, however often it is asked for."""
        if self._ending is None:
            if self._detach is not None:
                self._detach()
            self._ending = self._loop.create_task(self.session.close())
        await asyncio.shield(self._ending)

    def check(self) -> None:
        """A client is of use in its own event loop, thread and process only."""
        try:
            if asyncio.get_running_loop() is self._loop:  # no loop runs in a process that was forked off
                return
        except RuntimeError:
            pass
        where = "event loop" if os.getpid() == self._process else "process"
        raise RuntimeError(f"{self._client!r} belongs to another {where}: make a client of its own there")

    def call(
        self,
        request: Request[R],
        timeout: float | None,
        recv_window: Amount | None,
        extra: Mapping[str, Parameter] | None,
        id: str | int | None = None,
    ) -> Awaitable[Reply[R]]:
        """A request on its way, over its socket or over HTTP, observed where somebody wants to."""
        if self._observer is not None:
            return self._observed(self._observer, request, timeout, recv_window, extra, id)
        return self._send(request, timeout, recv_window, extra, id)

    async def _observed(self, observer: Observer, request: Request[R], *sent: Any) -> Reply[R]:
        with observer.request(*self._place, request.method):
            return await self._send(request, *sent)

    def _send(
        self,
        request: Request[R],
        timeout: float | None,
        recv_window: Amount | None,
        extra: Mapping[str, Parameter] | None,
        id: str | int | None,
    ) -> Awaitable[Reply[R]]:
        if type(request) not in self._own:
            self._check(type(request))
        if request.spec.http:
            return self.session.rest().call(request, timeout, recv_window, extra)
        return self.rpc.call(self.session.line_of(request), request, timeout, recv_window, extra, id)

    def _check(self, kind: type) -> None:
        """Whether requests of this class are for this client."""
        check_home(kind, type(self._client), Request)
        self._own.add(kind)

    def reader(
        self,
        streams: list[Stream[Any]],
        overflow: Overflow,
        gaps: Gaps,
        idle: Idle,
        enter: Callable[[Subscription[Any]], Awaitable[None]],
        leave: Callable[[Subscription[Any]], Awaitable[None]],
        reconcile: Callable[[Gap], Awaitable[None]] | None = None,
    ) -> Subscription[Any]:
        """A subscription that is not entered yet."""
        for kind in set(map(type, streams)):
            check_home(kind, type(self._client), Stream)
        return Subscription(
            streams,
            Backlog(overflow, self._now_ms),
            overflow=overflow,
            gaps=gaps,
            idle=idle,
            enter=enter,
            leave=leave,
            reconcile=reconcile,
            log=self._client._settings.logger,  # pyright: ignore[reportPrivateUsage]
        )


def _checked_key(key: Credential | None) -> Credential | None:
    if key is not None and not isinstance(key, Credential):  # pyright: ignore[reportUnnecessaryIsInstance]
        kinds = ", ".join(kind.__name__ for kind in get_args(Credential))
        raise TypeError(f"key must be one of {kinds}, not {type(key).__name__}")
    return key


def _check_reading(overflow: object, gaps: object, idle: object) -> None:
    """What the type checker would have said."""
    if overflow is not None and not isinstance(overflow, Overflow):
        raise TypeError(f"overflow must be Buffer, DropOldest, Conflate or Fail, not {type(overflow).__name__}")
    if gaps not in ("log", "mark", "raise"):
        raise ValueError(f"gaps must be 'log', 'mark' or 'raise', not {gaps!r}")
    if idle not in (None, "auto") and not (is_seconds(idle) and idle):
        raise ValueError(f"idle must be a number of seconds, 'auto' or None, not {idle!r}")


def _wires(query: type[Request[Any]]) -> dict[str, str]:
    return dict(zip(query.__struct_fields__, query.__struct_encode_fields__, strict=True))


def _texts(values: Mapping[str, object] | None) -> dict[str, str]:
    """Values of the handshake as text, without those that are left out."""
    return {name: _text(value) for name, value in (values or {}).items() if value is not None}


def _text(value: object) -> str:
    """A value as text; a list is joined by commas."""
    parts = cast("Sequence[object]", value) if isinstance(value, (list, tuple)) else (value,)
    text = ",".join(map(signed_text, parts))
    if not text.isprintable():
        raise ValueError("a value of the handshake holds a line break, or another character that does not print")
    return text
