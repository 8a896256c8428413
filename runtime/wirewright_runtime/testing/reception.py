"""Where connections arrive: how they are let in, pinged, held to the documented limits, and how they go."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from ssl import SSLContext
from typing import Self, TypedDict, Unpack
from weakref import WeakSet

from wirewright_runtime.clock import SYSTEM, Clock
from wirewright_runtime.product import Product, Server, Socket
from wirewright_runtime.signing import Credential
from wirewright_runtime.testing.counters import Counters
from wirewright_runtime.testing.peers import BROKEN_OFF, MemoryTransport, Peer, Rejection, SocketPeer


class ExchangeOptions(TypedDict, total=False):
    """What may be decided about a `FakeExchange`, as its class tells."""

    keys: Iterable[Credential]
    clock: Clock
    enforce: bool
    pings: bool
    lifetimes: bool
    weight_limit: int | None
    ssl: SSLContext | None


class Reception:
    """The connections of a loopback exchange. What is said on them is for a subclass."""

    def __init__(self, product: Product, **options: Unpack[ExchangeOptions]) -> None:
        self.product = product
        self.clock = options.get("clock", SYSTEM)
        self.counters = Counters()
        self.peers: list[Peer] = []
        """Open connections, oldest first."""
        self.enforce = options.get("enforce", True)
        self.pings = options.get("pings", True)
        self.lifetimes = options.get("lifetimes", True)
        self._ssl = options.get("ssl")
        self._admission: deque[Rejection] = deque()
        self._closed_until = 0.0
        self._dials: deque[float] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._timers: dict[Peer, list[asyncio.TimerHandle]] = {}
        self._spoken: dict[Peer, deque[float]] = {}
        self._listener: asyncio.Server | None = None
        self._met: WeakSet[Peer] = WeakSet()  # also those whose handshake is not over
        self._host, self._port = "127.0.0.1", 0

    # Life

    async def start(self, port: int = 0, host: str = "127.0.0.1") -> None:
        """Listen on a port (0: a free one) of the loopback interface, or of another one."""
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(self._meet, host, port, ssl=self._ssl)
        self._host = f"[{host}]" if ":" in host else host
        self._port = int(self._listener.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Drop everything."""
        if self._listener is not None:
            self._listener.close()
        for peer in (*self.peers, *self._met):
            peer.abort()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)

    def _meet(self) -> SocketPeer:
        peer = SocketPeer(self)
        self._met.add(peer)
        return peer

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def address(self) -> str:
        """Where it listens, such as ``"ws://127.0.0.1:9443"``."""
        return f"ws://{self._host}:{self._port}"

    @property
    def server(self) -> Server:
        """Where clients find it. Roles whose sockets have the same path get addresses of their own."""
        address = f"{'ws' if self._ssl is None else 'wss'}://{self._host}:{self._port}"
        paths = [socket.path for socket in self.product.sockets]
        if len(set(paths)) == len(paths):
            return Server.at(address)
        return Server(others={socket.role: f"{address}/~{socket.role}" for socket in self.product.sockets})

    @property
    def transport(self) -> MemoryTransport:
        """A transport that reaches it without sockets, for a client's `transport=`."""
        return MemoryTransport(self)

    def heard(self, peer: Peer, text: bytes) -> None:
        """A text message came."""
        raise NotImplementedError

    def welcome(self, peer: Peer) -> None:
        """A connection is open: what it receives without asking."""

    def start_beside(self, work: Awaitable[None]) -> None:
        """Do something beside everything else, until the exchange stops."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # What goes wrong

    def refuse_connections(self, seconds: float) -> None:
        """Break off every connection attempt for a while."""
        self._closed_until = self.clock.monotonic() + seconds

    def reject_handshakes(
        self, status: int | None, *, times: int = 1, retry_after: float | None = None, body: str = ""
    ) -> None:
        """Answer the next handshakes with an HTTP error; without a status never answer them."""
        headers = {} if retry_after is None else {"Retry-After": f"{retry_after:g}"}
        self._admission.extend([Rejection(status, headers, body)] * times)

    def drop_connections(self, name: str = "", *, reset: bool = False) -> None:
        """Drop every connection (of one kind of socket) without a word; `reset`: the network says so with a RST."""
        for peer in self.of(name):
            peer.reset() if reset else peer.abort()

    def close_connections(self, code: int = 1000, reason: str = "", name: str = "") -> None:
        """Close every connection (of one kind of socket)."""
        for peer in self.of(name):
            peer.close(code, reason)

    def freeze(self, name: str = "") -> None:
        """Vanish: connections stay open, and nothing passes any more."""
        for peer in self.of(name):
            peer.freeze()

    def stop_reading(self, name: str = "") -> None:
        """Take nothing more from connections (of one kind of socket): what the client writes stays with it."""
        for peer in self.of(name):
            peer.stop_reading()

    def of(self, name: str = "") -> list[Peer]:
        """Open connections of one kind of socket."""
        return [peer for peer in self.peers if name in ("", peer.socket.name)]

    @property
    def reachable(self) -> list[Peer]:
        """Open connections on which something passes."""
        return [peer for peer in self.peers if peer.is_open and not peer.frozen]

    # Connections come and go

    def admit(self, path: str, headers: Mapping[str, str]) -> Rejection | None:
        """Whether a handshake is accepted."""
        now = self.clock.monotonic()
        self.counters.dials.append(now)
        rejection = self._rejection(path.partition("?")[0], now)
        self.counters.rejected += rejection is not None
        return rejection

    def _rejection(self, path: str, now: float) -> Rejection | None:
        if now < self._closed_until:
            return BROKEN_OFF
        if self._admission:
            return self._admission.popleft()
        socket = self._socket_at(path)
        if socket is None:
            return Rejection(404, body=f"there is nothing at {path}")
        rate = socket.dials
        if self.enforce and rate is not None:
            self._dials.append(now)
            while self._dials[0] <= now - rate.seconds:
                self._dials.popleft()
            if len(self._dials) > rate.count:
                return Rejection(429, {"Retry-After": "60"})
        return None

    def opened(self, peer: Peer) -> None:
        """A connection is open."""
        socket = self._socket_at(peer.address)
        assert socket is not None, "or it had not been admitted"
        peer.socket = socket
        peer.number = self.counters.connections = self.counters.connections + 1
        peer.opened_at = self.clock.monotonic()
        self.peers.append(peer)
        self.counters.most_open = max(self.counters.most_open, len(self.peers))
        self._spoken[peer] = deque()
        self._timers[peer] = []
        self.welcome(peer)
        if socket.ping is not None and socket.ping.sender == "server" and self.pings:
            self.later(peer, socket.ping.interval, self._ping)
        if socket.lifetime and self.lifetimes:
            self.later(peer, socket.lifetime, lambda peer: peer.close(1001, "too old"))

    def later(self, peer: Peer, seconds: float, work: Callable[[Peer], None]) -> None:
        loop = asyncio.get_running_loop()
        timers = self._timers.get(peer)
        if timers is not None:
            timers[:] = [timer for timer in timers if not timer.cancelled() and timer.when() > loop.time()]
            timers.append(loop.call_later(seconds, work, peer))

    def _ping(self, peer: Peer) -> None:
        ping = peer.socket.ping
        assert ping is not None
        missed = len(peer.pings) - len(peer.pongs)
        if missed * ping.interval >= ping.timeout:
            peer.abort()
            return
        peer.ping(str(int(self.clock.wall() * 1000)).encode())
        self.later(peer, ping.interval, self._ping)

    def gone(self, peer: Peer) -> None:
        """A connection ended."""
        if peer in self.peers:
            self.peers.remove(peer)
        for timer in self._timers.pop(peer, ()):
            timer.cancel()
        self._spoken.pop(peer, None)

    def pinged(self, peer: Peer) -> None:
        """The client pinged."""
        self.count(peer, "ping")

    def ponged(self, peer: Peer, payload: bytes) -> None:
        """A pong came."""
        self.counters.pongs += 1
        if payload not in peer.pings or peer.pongs.count(payload) > peer.pings.count(payload):
            self.counters.wrong_pongs += 1
        self.count(peer, "pong")

    def count(self, peer: Peer, kind: str) -> None:
        rate = peer.socket.messages
        if rate is None or (rate.counts and kind not in rate.counts) or peer not in self._spoken:
            return
        now, spoken = self.clock.monotonic(), self._spoken[peer]
        spoken.append(now)
        while spoken[0] <= now - rate.seconds:
            spoken.popleft()
        self.counters.most_per_second = max(self.counters.most_per_second, len(spoken))
        if self.enforce and len(spoken) > rate.count:
            self.counters.kicked += 1
            peer.close(1008, "Too many requests")

    def _socket_at(self, path: str) -> Socket | None:
        role = path[2:].partition("/")[0] if path.startswith("/~") else ""
        path = (path.removeprefix(f"/~{role}") if role else path).rstrip("/")
        keyed = {scheme.socket for scheme in self.product.user_data if scheme.socket and not scheme.query}
        for socket in sorted(self.product.sockets, key=lambda socket: socket.path.count("{")):
            own = socket.path.partition("?")[0].rstrip("/")
            pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(own))
            if role and socket.role != role:
                continue
            if re.fullmatch(pattern, path) or (socket.name in keyed and path.startswith(f"{own}/")):
                return socket
        return None
