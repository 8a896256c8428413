"""Who is measured: this client, floors (the least that a client could do), and peers that others publish.

A contestant of streams calls `seen()` for each message that its user has in hand, typed as it gives it. A contestant of
requests gives a coroutine function that makes one. Peers are used as their documentation tells their users.
"""

from __future__ import annotations

import asyncio
import hmac
import itertools
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from workloads import SUFFIXES, SYMBOLS, Requests, Streams

Seen = Callable[[], None]
Call = Callable[[], Awaitable[object]]
Drive = Callable[[Call], Awaitable[None]]

ORDER: dict[str, Any] = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "price": "91234.56",
    "quantity": "0.00847",
}
SECRET = "s" * 64


# This client


def _binance_wire(workload: Streams) -> list[Any]:
    from binance_wire.spot import streams

    makers: dict[str, Callable[[str], Any]] = {
        "aggTrade": lambda symbol: streams.AggTradeStream(symbol=symbol),
        "bookTicker": lambda symbol: streams.BookTickerStream(symbol=symbol),
        "kline": lambda symbol: streams.KlineStream(symbol=symbol, interval="1m"),
        "depth": lambda symbol: streams.DiffBookDepthStream(symbol=symbol, update_speed="100ms"),
    }
    return [makers[kind](symbol) for symbol in SYMBOLS[: workload.symbols] for kind in workload.mix]


async def wire_streams(url: str, workload: Streams, seen: Seen, *, fast: bool | None = None) -> None:
    from binance_wire.spot import SpotClient
    from wirewright_runtime import Server, WebSocketTransport

    async with (
        SpotClient(server=Server.at(url), transport=WebSocketTransport(fast)) as client,
        client.stream(_binance_wire(workload)) as events,
    ):
        async for _ in events:
            seen()


async def wire_streams_plain(url: str, workload: Streams, seen: Seen) -> None:
    await wire_streams(url, workload, seen, fast=False)


async def wire_requests(url: str, workload: Requests, drive: Drive, key: Any = None) -> None:
    from binance_wire.spot import SpotClient
    from wirewright_runtime import HmacKey, Server

    async with SpotClient(key=key or HmacKey("k" * 64, SECRET), server=Server.at(url)) as client:
        api = client.api
        calls: dict[str, Call] = {
            "time": api.time,
            "depth": lambda: api.depth(symbol="BTCUSDT", limit=100),
            "order.place": lambda: api.order_place(**ORDER, time_in_force="GTC"),
        }
        await drive(calls[workload.method])


async def wire_requests_ed25519(url: str, workload: Requests, drive: Drive) -> None:
    from wirewright_runtime import Ed25519Key

    await wire_requests(url, workload, drive, Ed25519Key("k" * 64, bytes(range(32))))


# Floors


def _decoders(*, exact: bool) -> dict[str, Any]:
    """A decoder for each kind. `exact`: amounts are Decimal, as this client gives them; else text."""
    from decimal import Decimal

    import msgspec

    amount: Any = Decimal if exact else str
    level = tuple[str, str]

    def struct(name: str, **fields: Any) -> Any:
        return msgspec.defstruct(name, list(fields.items()), frozen=True)

    times, flags = {"E": int, "s": str}, {"T": int, "m": bool}
    candle = struct("Candle", **dict.fromkeys("tTfLn", int), **dict.fromkeys("ochlvqVQ", amount), x=bool)
    sides: Any = msgspec.Raw if exact else list[level]
    kinds = {
        "aggTrade": struct("Trade", **times, a=int, p=amount, q=amount, **flags),
        "bookTicker": struct("Ticker", u=int, s=str, **dict.fromkeys("bBaA", amount)),
        "kline": struct("Kline", **times, k=candle),
        "depth": struct("Depth", **times, U=int, u=int, b=sides, a=sides),
    }
    return {kind: msgspec.json.Decoder(type_).decode for kind, type_ in kinds.items()}


def _decode_of(workload: Streams, *, exact: bool) -> Callable[[bytes], object]:
    """How a message of the workload is decoded: by the kind that its envelope names, where there are several."""
    decoders = _decoders(exact=exact)
    if len(workload.mix) == 1:
        return decoders[next(iter(workload.mix))]
    import msgspec

    envelope = msgspec.json.Decoder(msgspec.defstruct("Envelope", [("stream", str), ("data", msgspec.Raw)])).decode
    by_letter = {kind[0]: decode for kind, decode in decoders.items()}

    def decode(raw: bytes) -> object:
        frame = envelope(raw)
        return by_letter[frame.stream.partition("@")[2][0]](frame.data)

    return decode


def _address(url: str, workload: Streams) -> str:
    names = "/".join(workload.names)
    return f"{url}/stream?streams={names}" if len(workload.names) > 1 else f"{url}/ws/{names}"


async def recv_streams(url: str, workload: Streams, seen: Seen) -> None:
    """`websockets` as its documentation shows it, and a typed decoder."""
    from websockets.asyncio.client import connect

    decode = _decode_of(workload, exact=False)
    async with connect(_address(url, workload), max_size=None) as socket:
        while True:
            decode((await socket.recv()).encode())  # type: ignore[union-attr]
            seen()


async def _loop_streams(url: str, workload: Streams, seen: Seen, *, exact: bool) -> None:
    """A frame loop of one's own over a buffer, one wake-up a read: what is left if nothing is promised."""
    from websockets.asyncio.client import connect

    decode = _decode_of(workload, exact=exact)
    frames: deque[bytes] = deque()
    more = asyncio.Event()
    async with connect(_address(url, workload), max_size=None, create_connection=_loop(frames, more)):
        while True:
            if not frames:
                more.clear()
                await more.wait()
            decode(frames.popleft())
            seen()


async def loop_streams(url: str, workload: Streams, seen: Seen) -> None:
    await _loop_streams(url, workload, seen, exact=False)


async def loop_streams_exact(url: str, workload: Streams, seen: Seen) -> None:
    await _loop_streams(url, workload, seen, exact=True)


def _loop(frames: deque[bytes], more: asyncio.Event | None = None, told: Callable[[], None] | None = None) -> type:
    """A connection of `websockets` that slices text frames out of what it reads. Only for servers that send no others."""
    from websockets.asyncio.client import ClientConnection

    class Loop(ClientConnection, asyncio.BufferedProtocol):
        def __init__(self, *args: Any, **settings: Any) -> None:
            super().__init__(*args, **settings)
            self._buffer, self._used, self._opened = bytearray(2**18), 0, False
            self._view = memoryview(self._buffer)

        def get_buffer(self, sizehint: int) -> memoryview:
            return self._view[self._used :]

        def buffer_updated(self, nbytes: int) -> None:
            size, start = self._used + nbytes, 0
            if not self._opened:
                end = self._buffer.find(b"\r\n\r\n", 0, size) + 4
                if end == 3:
                    self._used = size
                    return
                self._opened, start = True, end
                ClientConnection.data_received(self, bytes(self._view[:end]))
            start = self._slice(start, size)
            self._buffer[: size - start] = self._buffer[start:size]
            self._used = size - start
            if more is not None and frames:
                more.set()
            if told is not None:
                told()

        def _slice(self, i: int, size: int) -> int:
            buffer, view, add = self._buffer, self._view, frames.append
            while size - i >= 4:
                length, head = buffer[i + 1], 2
                if length == 126:
                    length, head = buffer[i + 2] << 8 | buffer[i + 3], 4
                end = i + head + length
                if end > size:
                    break
                if buffer[i] == 0x81:
                    add(bytes(view[i + head : end]))
                i = end
            return i

    return Loop


async def loop_requests(url: str, workload: Requests, drive: Drive, *, exact: bool = False) -> None:
    """The least that a request takes: an id, a signature where it is an order, a future, and a typed answer.

    `exact`: the answer is what this client gives, all of its fields with amounts as Decimal and sides undecoded.
    """
    import msgspec
    from websockets.asyncio.client import connect

    frames: deque[bytes] = deque()
    pending: dict[str, asyncio.Future[object]] = {}
    decode, encode = msgspec.json.Decoder(_reply(workload.method, exact=exact)).decode, msgspec.json.encode
    numbers, loop = itertools.count(1), asyncio.get_running_loop()

    def told() -> None:
        while frames:
            reply: Any = decode(frames.popleft())
            pending.pop(reply.id).set_result(reply.result)

    async with connect(f"{url}/ws-api/v3", max_size=None, create_connection=_loop(frames, told=told)) as socket:

        async def call() -> object:
            id = str(next(numbers))
            future = pending[id] = loop.create_future()
            params = _params(workload.method)
            socket.protocol.send_text(encode({"id": id, "method": workload.method, "params": params}))
            socket.send_data()
            return await future

        await drive(call)


async def loop_requests_exact(url: str, workload: Requests, drive: Drive) -> None:
    await loop_requests(url, workload, drive, exact=True)


def _params(method: str) -> dict[str, Any]:
    if method == "depth":
        return {"symbol": "BTCUSDT", "limit": 100}
    if method == "time":
        return {}
    params = {**ORDER, "timeInForce": "GTC", "timestamp": 1_795_219_200_000, "apiKey": "k" * 64}
    text = "&".join(f"{name}={params[name]}" for name in sorted(params))
    return {**params, "signature": hmac.digest(SECRET.encode(), text.encode(), "sha256").hex()}


def _reply(method: str, *, exact: bool) -> Any:
    import msgspec

    levels: Any = msgspec.Raw if exact else list[tuple[str, str]]
    book = msgspec.defstruct("Book", [("lastUpdateId", int), ("bids", levels), ("asks", levels)])
    time = msgspec.defstruct("Time", [("serverTime", int)])
    result = {"time": time, "depth": book, "order.place": _placed(exact=exact)}[method]
    return msgspec.defstruct("Reply", [("id", str), ("status", int), ("result", result)])


def _placed(*, exact: bool) -> Any:
    from decimal import Decimal

    import msgspec

    amounts = ("price", "origQty", "executedQty", "cummulativeQuoteQty")
    if not exact:
        return msgspec.defstruct(
            "Placed", [("orderId", int), *((name, str) for name in (*amounts, "status", "symbol"))]
        )
    numbers = ("orderId", "orderListId", "transactTime", "workingTime")
    texts = ("symbol", "clientOrderId", "status", "timeInForce", "type", "side", "selfTradePreventionMode")
    bought = dict.fromkeys(("price", "qty", "commission"), Decimal) | {"commissionAsset": str, "tradeId": int}
    fills = list[msgspec.defstruct("Fill", list(bought.items()))]  # type: ignore[misc]
    fields = dict.fromkeys((*amounts, "origQuoteOrderQty"), Decimal) | dict.fromkeys(numbers, int)
    return msgspec.defstruct("Placed", list((fields | dict.fromkeys(texts, str) | {"fills": fills}).items()))


# Peers: each in an environment of its own


async def python_binance_streams(url: str, workload: Streams, seen: Seen) -> None:
    from binance import AsyncClient, BinanceSocketManager  # type: ignore[import-not-found]

    manager = BinanceSocketManager(AsyncClient("k" * 64, SECRET))
    manager.STREAM_URL = f"{url}/"
    if len(workload.names) > 1:
        socket = manager.multiplex_socket(workload.names)
    else:
        kind = next(iter(workload.mix))
        makers = {"aggTrade": "aggtrade_socket", "bookTicker": "symbol_book_ticker_socket", "kline": "kline_socket"}
        socket = getattr(manager, makers.get(kind, "depth_socket"))(
            SYMBOLS[0], **({"interval": 100} if kind == "depth" else {})
        )
    async with socket as stream:
        while True:
            message = await stream.recv()
            assert "error" not in message.get("e", "")
            seen()


async def python_binance_requests(url: str, workload: Requests, drive: Drive) -> None:
    from binance import AsyncClient

    client = AsyncClient("k" * 64, SECRET)
    client.ws_api._url = f"{url}/ws-api/v3"
    calls: dict[str, Call] = {
        "time": client.ws_get_time,
        "depth": lambda: client.ws_get_order_book(symbol="BTCUSDT", limit=100),
        "order.place": lambda: client.ws_create_order(**ORDER, timeInForce="GTC", newOrderRespType="FULL"),
    }
    await drive(calls[workload.method])


async def unicorn_streams(url: str, workload: Streams, seen: Seen) -> None:
    from unicorn_binance_websocket_api import BinanceWebSocketApiManager  # type: ignore[import-not-found]

    manager = BinanceWebSocketApiManager(
        exchange="binance.com",
        output_default="dict",
        warn_on_update=False,
        disable_colorama=True,
        websocket_base_uri=f"{url}/",
        websocket_library="picows",
    )

    def on_message(message: dict[str, Any]) -> None:
        if "data" in message:
            seen()

    channels = [SUFFIXES[kind] for kind in workload.mix]
    markets = [symbol.lower() for symbol in SYMBOLS[: workload.symbols]]
    manager.create_stream(channels=channels, markets=markets, process_stream_data=on_message)
    await asyncio.sleep(600)


CONTESTANTS: dict[str, dict[str, Any]] = {
    "binance_wire": {"streams": wire_streams, "requests": wire_requests, "gives": "typed, Decimal"},
    "binance_wire, uvloop": {
        "streams": wire_streams,
        "requests": wire_requests,
        "gives": "typed, Decimal",
        "uvloop": True,
    },
    "binance_wire, fallback": {"streams": wire_streams_plain, "gives": "typed, Decimal"},
    "binance_wire, Ed25519": {"requests": wire_requests_ed25519, "gives": "typed, Decimal"},
    "floor: recv()": {"streams": recv_streams, "gives": "typed, str"},
    "floor: frame loop": {"streams": loop_streams, "requests": loop_requests, "gives": "typed, str"},
    "floor: frame loop, exact": {
        "streams": loop_streams_exact,
        "requests": loop_requests_exact,
        "gives": "typed, Decimal",
    },
    "python-binance": {
        "streams": python_binance_streams,
        "requests": python_binance_requests,
        "gives": "dict",
        "peer": ["python-binance"],
    },
    "unicorn with picows": {
        "streams": unicorn_streams,
        "gives": "dict",
        "peer": ["unicorn-binance-websocket-api", "picows"],
    },
}
"""`peer`: what pip installs for it."""
