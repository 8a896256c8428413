"""The two ways of reading a socket say the same, however the bytes are cut."""

from __future__ import annotations

import asyncio
import itertools
import logging
import operator
import ssl
import struct
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mini_wire.mini.streams import AggTradeStream
from mini_world import agg_trade, mini, run
from websockets.client import ClientProtocol
from websockets.protocol import State
from websockets.uri import parse_uri

from wirewright_runtime import ConnectFailed, ConnectRejected, MessageTooLarge, ProxyError, TlsError, WebSocketTransport
from wirewright_runtime.errors import ConnectionLost
from wirewright_runtime.transport import Target
from wirewright_runtime.websocket import FastSocket, PlainSocket, SocketLink

LIMIT = 100_000


class Log:
    """A receiver that writes down what it is told."""

    def __init__(self) -> None:
        self.said: list[Any] = []

    def on_frames(self, frames: list[bytes]) -> None:
        self.said.extend(frames)

    def on_ping(self, payload: bytes) -> None:
        self.said.append(("ping", payload))

    def on_binary(self, size: int) -> None:
        self.said.append(("binary", size))

    def on_lost(self, error: ConnectionLost) -> None:
        head = error.head if isinstance(error, MessageTooLarge) else b""
        self.said.append((type(error), error.code, head))


class Wire:
    """A transport that goes nowhere."""

    def __init__(self) -> None:
        self.written = b""
        self.closed = False

    def write(self, data: bytes) -> None:
        self.written += data

    def can_write_eof(self) -> bool:
        return False

    def close(self) -> None:
        self.closed = True

    abort = close

    def set_write_buffer_limits(self, *_: object) -> None: ...
    def pause_reading(self) -> None: ...
    def resume_reading(self) -> None: ...
    def is_closing(self) -> bool:
        return self.closed


def frame(
    opcode: int, payload: bytes = b"", *, fin: bool = True, mask: bool = False, length: int | None = None
) -> bytes:
    size = len(payload) if length is None else length
    head = bytes([opcode | (0x80 if fin else 0)])
    bit = 0x80 if mask else 0
    if size < 126:
        head += bytes([bit | size])
    elif size < 2**16:
        head += bytes([bit | 126]) + struct.pack("!H", size)
    else:
        head += bytes([bit | 127]) + struct.pack("!Q", size)
    return head + (b"\0\0\0\0" if mask else b"") + payload


def handshake(protocol: ClientProtocol) -> bytes:
    """The server's answer to the handshake that a client has begun."""
    from websockets.utils import accept_key

    request = protocol.connect()
    protocol.send_request(request)
    accept = accept_key(request.headers["Sec-WebSocket-Key"])
    return (
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {accept}\r\n\r\n"
    ).encode()


def read(kind: type[PlainSocket], stream: bytes, cuts: list[int], *, greeting_cut: int = 0) -> tuple[list[Any], bytes]:
    """What a socket says when it is fed these bytes in these pieces, and what it writes."""

    async def main() -> tuple[list[Any], bytes]:
        protocol = ClientProtocol(parse_uri("ws://127.0.0.1/"), max_size=LIMIT)
        socket = kind(protocol, ping_interval=None, max_queue=None)
        wire, log = Wire(), Log()
        socket.connection_made(wire)  # type: ignore[arg-type]
        greeting = handshake(protocol)
        protocol.data_to_send()
        feed = feeder(socket)
        if greeting_cut:  # the first frames stand right behind the handshake
            feed(greeting + stream[:greeting_cut])
        else:
            feed(greeting[:20])
            feed(greeting[20:])
        assert protocol.state is not State.CONNECTING
        socket.begin(log)
        edges = sorted({greeting_cut, *(cut for cut in cuts if greeting_cut < cut < len(stream)), len(stream)})
        for start, end in itertools.pairwise(edges):
            feed(stream[start:end])
        if protocol.state is not State.CLOSED:
            socket.eof_received()
        socket.connection_lost(None)
        await asyncio.sleep(0)
        pongs = wire.written
        socket.forget()
        return log.said, pongs

    return asyncio.run(main())


def feeder(socket: PlainSocket) -> Callable[[bytes], None]:
    if not isinstance(socket, FastSocket):
        return socket.data_received

    def feed(data: bytes) -> None:
        while data:
            buffer = socket.get_buffer(-1)
            count = min(len(buffer), len(data))
            buffer[:count] = data[:count]
            socket.buffer_updated(count)
            data = data[count:]

    return feed


def merged(said: list[Any]) -> list[Any]:
    """What was said in its order; pings and binary messages, which are told at once, by themselves behind it."""
    early = [word for word in said if isinstance(word, tuple) and word[0] in ("ping", "binary")]
    return [word for word in said if word not in early] + early


PIECES = {
    "text": frame(1, b'{"a":1}'),
    "empty text": frame(1),
    "longer text": frame(1, b"x" * 300),
    "text of two bytes of length": frame(1, b"u" * 126),
    "the longest of these": frame(1, b"v" * 65_535),
    "long text": frame(1, b"y" * 70_000),
    "binary": frame(2, b"\x00\x01"),
    "fragments": frame(1, b"one", fin=False) + frame(9, b"inside") + frame(0, b"two", fin=False) + frame(0, b"three"),
    "a beginning": frame(1, b"one", fin=False),
    "an end": frame(0, b"two"),
    "ping": frame(9, b"payload"),
    "pong": frame(10, b"nobody asked"),
    "close": frame(8, struct.pack("!H", 1001) + b"going"),
    "close without code": frame(8),
    "masked": frame(1, b"x", mask=True),
    "reserved opcode": frame(3, b"x"),
    "reserved bit": bytes([0xC1, 1]) + b"x",
    "too large": frame(1, b"z" * (LIMIT + 1)),
    "announced too large": frame(1, b"", length=2**40),
    "fragmented control": frame(9, b"x", fin=False),
    "continuation of nothing": frame(0, b"x"),
}


LASTING = [
    "text",
    "empty text",
    "longer text",
    "text of two bytes of length",
    "the longest of these",
    "long text",
    "binary",
    "fragments",
    "a beginning",
    "an end",
    "ping",
    "pong",
]  # after the others nothing comes any more
CONVERSATIONS = st.builds(
    operator.add, st.lists(st.sampled_from(LASTING), max_size=8), st.lists(st.sampled_from(sorted(PIECES)), max_size=2)
)


@settings(max_examples=300, deadline=None)
@given(CONVERSATIONS, st.data())
def test_both_ways_say_the_same_wherever_the_bytes_are_cut(names: list[str], data: st.DataObject) -> None:
    stream = b"".join(PIECES[name] for name in names)
    edges = [0, *itertools.accumulate(len(PIECES[name]) for name in names)]
    near = st.builds(int.__add__, st.sampled_from(edges), st.integers(-2, 12))  # where heads and ends are
    cuts = data.draw(st.lists(st.one_of(near, st.integers(0, len(stream))), max_size=12))
    greeting_cut = data.draw(st.integers(0, min(len(stream), 40)))
    plain, _ = read(PlainSocket, stream, cuts, greeting_cut=greeting_cut)
    fast, _ = read(FastSocket, stream, cuts, greeting_cut=greeting_cut)
    assert merged(fast) == merged(plain)


@pytest.mark.parametrize("inside", ["text", "longer text", "long text", "empty text"])
def test_no_text_may_begin_inside_of_another(inside: str) -> None:
    stream = b"".join(PIECES[name] for name in ("text", "a beginning", "ping", inside, "an end"))
    expected = merged(read(PlainSocket, stream, [])[0])
    assert expected[0] == b'{"a":1}'
    assert len(expected) == 3  # the text, that it is over, the ping
    for cut in range(1, 60):
        assert merged(read(FastSocket, stream, [cut])[0]) == expected, cut


def test_every_single_cut_of_a_short_conversation() -> None:
    stream = b"".join(PIECES[name] for name in ("text", "ping", "longer text", "fragments", "binary", "text", "close"))
    expected, _ = read(PlainSocket, stream, [])
    assert len(merged(expected)) == 8
    for cut in range(1, len(stream)):
        assert merged(read(FastSocket, stream, [cut])[0]) == merged(expected), cut
    assert merged(read(FastSocket, stream, list(range(len(stream))))[0]) == merged(expected)


def test_the_way_of_reading_is_the_one_that_this_run_is_about(request: pytest.FixtureRequest) -> None:
    plain = request.config.getoption("--reading") == "plain"
    assert WebSocketTransport()._socket is (PlainSocket if plain else FastSocket)


def test_a_version_that_nobody_has_tested_is_read_the_plain_way_and_that_is_said_where_the_client_logs(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("wirewright_runtime.websocket.websockets_version", "99.0")
    caplog.set_level(logging.INFO)

    async def main() -> None:
        async with mini(logger=logging.getLogger("desk.alice")) as (_, client):
            await client.connect()
            (link,) = client.links().values()
            assert isinstance(link, SocketLink) and isinstance(link.connection, PlainSocket)

    run(main)
    assert [record.name for record in caplog.records if "not tested" in record.getMessage()] == ["desk.alice"]


@pytest.mark.parametrize("kind", [FastSocket, PlainSocket])
def test_pings_are_left_to_the_connection(kind: type[PlainSocket]) -> None:
    said, written = read(kind, PIECES["ping"], [])
    assert said[0] == ("ping", b"payload")
    assert written == b""


@pytest.mark.parametrize("kind", [FastSocket, PlainSocket])
def test_a_message_that_is_too_large_is_known_by_how_it_begins_wherever_it_is_cut(kind: type[PlainSocket]) -> None:
    large = b'{"stream":"btcusdt@trade","data":"' + b"z" * LIMIT
    for stream in (PIECES["text"] + frame(1, large), frame(1, large[:-9], fin=False) + frame(0, large[-9:])):
        for cut in range(1, len(stream) - LIMIT + 300, 7):
            ((*_, head),) = [word for word in read(kind, stream, [cut])[0] if isinstance(word, tuple)]
            assert head == large[:256], cut


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400), st.lists(st.integers(0, 400), max_size=5))
def test_random_bytes_end_the_same_way(noise: bytes, cuts: list[int]) -> None:
    assert merged(read(FastSocket, noise, cuts)[0]) == merged(read(PlainSocket, noise, cuts)[0])


def test_a_buffer_grows_for_a_message_that_does_not_fit() -> None:
    async def main() -> None:
        async with mini(max_message_size=2**22) as (exchange, client):
            async with client.stream(AggTradeStream(symbol="btcusdt")) as events:
                large = agg_trade(1) | {"s": "x" * 2_000_000}
                exchange.push("btcusdt@aggTrade", large, agg_trade(2), large)
                assert [len((await anext(events)).symbol) for _ in range(3)] == [2_000_000, 7, 2_000_000]

    run(main)


@pytest.mark.parametrize("fast", [True, False])
def test_both_ways_over_a_real_socket(fast: bool) -> None:
    async def main() -> None:
        async with mini(transport=WebSocketTransport(fast=fast)) as (exchange, client):
            async with client.stream(AggTradeStream(symbol="btcusdt")) as events:
                peer = exchange.of("streams")[0]
                peer.ping(b"one")
                exchange.push("btcusdt@aggTrade", *(agg_trade(number) for number in range(3000)))
                assert [(await anext(events)).agg_trade_id for _ in range(3000)] == list(range(3000))
                await asyncio.sleep(0.05)
                assert peer.pongs == [b"one"]
                assert exchange.counters.wrong_pongs == 0
                peer.close(1012, "restart")
                while not exchange.push("btcusdt@aggTrade", agg_trade(3000)):
                    await asyncio.sleep(0.01)
                assert (await anext(events)).agg_trade_id == 3000

    run(main)


def test_compression_is_understood_where_it_is_wanted() -> None:
    async def main() -> None:
        from websockets.asyncio.server import ServerConnection, serve

        async def talk(connection: ServerConnection) -> None:
            await connection.send('{"a":"' + "x" * 1000 + '"}')
            await connection.send("z" * (LIMIT + 1))
            await connection.wait_closed()

        async with serve(talk, "127.0.0.1", 0, compression="deflate") as server:
            port = server.sockets[0].getsockname()[1]
            log = Log()
            target = Target(url=f"ws://127.0.0.1:{port}", compression=True, max_message_size=LIMIT)
            link = await WebSocketTransport().open(target, log)
            await asyncio.sleep(0.1)
            assert len(log.said[0]) == 1008
            assert log.said[1] == (MessageTooLarge, 1009, b"")
            await link.close()

    run(main)


async def refusing(answer: bytes) -> tuple[asyncio.Server, str]:
    """A server that answers every connection with these bytes and closes it."""

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    return server, f"127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize(
    ("scheme", "answer", "error", "says"),
    [
        ("ws", b"HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy", ConnectRejected, "HTTP 503: busy"),
        ("ws", b"HTTP/1.1 429 No\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n", ConnectRejected, "HTTP 429"),
        ("ws", b"SSH-2.0-OpenSSH\r\n", ConnectFailed, "no connection to ws://"),
        ("ws", b"", ConnectFailed, "no connection to ws://"),
        ("wss", b"HTTP/1.1 200 OK\r\n\r\n", TlsError, "no TLS connection to wss://"),
    ],
)
def test_what_is_no_websocket(scheme: str, answer: bytes, error: type[Exception], says: str) -> None:
    async def main() -> None:
        server, place = await refusing(answer)
        async with server:
            with pytest.raises(error, match=says) as caught:
                await WebSocketTransport().open(Target(url=f"{scheme}://{place}/ws?listenKey=secret"), Log())
            assert "secret" not in str(caught.value)
            if "Retry" in str(answer):
                assert getattr(caught.value, "retry_after", None) == 7

    run(main)


def test_a_certificate_that_nobody_vouches_for_is_refused() -> None:
    async def main() -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certify(context)
        server = await asyncio.start_server(lambda r, w: w.close(), "127.0.0.1", 0, ssl=context)
        async with server:
            port = server.sockets[0].getsockname()[1]
            asyncio.get_running_loop().set_exception_handler(lambda *_: None)
            with pytest.raises(TlsError, match="certificate verify failed"):
                await WebSocketTransport().open(Target(url=f"wss://127.0.0.1:{port}"), Log())
            await asyncio.sleep(0.1)  # the server hears of it, too

    run(main)


def certify(context: ssl.SSLContext) -> None:
    """Give a server a certificate that it signed itself."""
    import datetime
    import tempfile

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    with tempfile.NamedTemporaryFile(suffix=".pem") as file:
        file.write(certificate.public_bytes(serialization.Encoding.PEM))
        file.write(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        file.flush()
        context.load_cert_chain(file.name)


@pytest.mark.parametrize("answer", [b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", b""])
def test_a_proxy_that_fails_is_named_without_its_password(answer: bytes, caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        server, place = await refusing(answer)
        async with server:
            target = Target(url="wss://exchange.example/ws", proxy=f"http://user:hunter2@{place}")
            with pytest.raises(ProxyError, match="the proxy to wss://exchange.example/ws failed") as caught:
                await WebSocketTransport().open(target, Log())
            assert "hunter2" not in f"{caught.value!r} {caught.value}"
        down = Target(url="ws://exchange.example/ws", proxy="http://user:hunter2@127.0.0.1:9")
        with pytest.raises(ProxyError) as refused:
            await WebSocketTransport().open(down, Log())
        assert "hunter2" not in str(refused.value)

    caplog.set_level(logging.DEBUG)
    run(main)
    assert "hunter2" not in caplog.text
