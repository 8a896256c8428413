"""Products that are nothing like the sample: what differs between APIs is data."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

import msgspec
import pytest
from mini_world import virtually

from wirewright_runtime import (
    Amount,
    ApiError,
    Auth,
    AuthError,
    BaseApi,
    BaseClient,
    BaseSend,
    Command,
    Credential,
    Event,
    EventShape,
    Gap,
    Handshake,
    Model,
    Parameter,
    Ping,
    Product,
    ReplyShape,
    Request,
    RequestShape,
    RequestSpec,
    Server,
    Settle,
    Socket,
    Stream,
    StreamShape,
    StreamSpec,
    SubscribeError,
    Token,
    UnknownVariant,
    UserPassword,
    field,
    one_of,
)
from wirewright_runtime.envelope import Envelope
from wirewright_runtime.testing import Call, FakeExchange, Refusal, VirtualClock

# An exchange where a subscription is an object, an id a number, a success a boolean, and a private call carries a token.


class Ticker(Model, frozen=True, kw_only=True):
    symbol: str
    bid: Decimal


class TickerUpdate(Event, frozen=True, kw_only=True, tag_field="channel", tag="ticker"):
    type: str
    data: list[Ticker]


class TickerStream(Stream[TickerUpdate], frozen=True, kw_only=True):
    spec: ClassVar[StreamSpec] = StreamSpec("ticker", socket="public")

    symbol: str

    @property
    def name(self) -> str:
        return f"ticker:{self.symbol}"

    @property
    def params(self) -> Mapping[str, Parameter]:
        return {"channel": "ticker", "symbol": [self.symbol], "snapshot": False}


class Executions(Event, frozen=True, kw_only=True, tag_field="channel", tag="executions"):
    data: list[dict[str, str]]


class ExecutionsStream(Stream[Executions], frozen=True, kw_only=True):
    spec: ClassVar[StreamSpec] = StreamSpec("executions", socket="private", auth=Auth.TOKEN)

    @property
    def name(self) -> str:
        return "executions"

    @property
    def params(self) -> Mapping[str, Parameter]:
        return {"channel": "executions"}


class AddedOrder(Model, frozen=True, kw_only=True):
    order_id: str


class AddOrder(Request[AddedOrder], frozen=True, kw_only=True):
    method: ClassVar[str] = "add_order"
    spec: ClassVar[RequestSpec] = RequestSpec(
        auth=Auth.TOKEN,
        changes_state=True,
        client_order_id="cl_ord_id",
        socket="private",
        settle=Settle("query_orders", {"cl_ord_id": "cl_ord_id"}),
    )

    symbol: str
    order_qty: Decimal | float
    limit_price: Amount | None = None
    cl_ord_id: str | None = None


def crypto_socket(name: str, role: str) -> Socket:
    return Socket(
        name=name,
        role=role,
        path="/v2",
        request=RequestShape(id="/req_id", method="/method", params="/params", id_type="integer"),
        reply=ReplyShape(
            id="/req_id", status="/success", ok=(True,), result="/result", error="/error", message="/error"
        ),
        event=EventShape(tag="/channel"),
        stream=StreamShape(("/channel", "/data/0/symbol")),
        subscribe=Command("subscribe", "object"),
        unsubscribe=Command("unsubscribe", "object"),
        ping=Ping("client", 30, 60, message='{"method":"ping"}'),
    )


CRYPTO = Product(
    name="crypto",
    title="Crypto",
    servers={"production": Server(others={"public": "wss://ws.example.com", "private": "wss://ws-auth.example.com"})},
    sockets=(crypto_socket("public", "public"), crypto_socket("private", "private")),
    token="token",
)


class CryptoClient(BaseClient):
    product: ClassVar[Product] = CRYPTO


@asynccontextmanager
async def crypto(
    clock: VirtualClock, key: Credential | None = None
) -> AsyncIterator[tuple[FakeExchange, CryptoClient]]:
    exchange = FakeExchange(CRYPTO, clock=clock, methods={"add_order": AddOrder})
    async with exchange, CryptoClient(key=key, server=exchange.server, clock=clock) as client:
        yield exchange, client


def ticker(symbol: str, bid: str) -> bytes:
    return b'{"channel":"ticker","type":"update","data":[{"symbol":"%s","bid":%s}]}' % (symbol.encode(), bid.encode())


def test_subscriptions_that_are_objects() -> None:
    async def main(clock: VirtualClock) -> None:
        async with crypto(clock) as (exchange, client):
            both = TickerStream(symbol="BTC/USD") | TickerStream(symbol="ETH/USD")
            async with client.stream(both, gaps="mark") as events:
                peer = exchange.of("public")[0]
                assert peer.texts[0] == {
                    "req_id": 1,
                    "method": "subscribe",
                    "params": {"channel": "ticker", "symbol": ["BTC/USD"], "snapshot": False},
                }
                assert list(peer.streams) == ["ticker:BTC/USD", "ticker:ETH/USD"]
                peer.say({"channel": "heartbeat"}, {"channel": "status", "data": [{"system": "online"}]})
                exchange.push("ticker:BTC/USD", ticker("BTC/USD", "65000.10"))
                exchange.push("ticker:ETH/USD", ticker("ETH/USD", "3000.0000000001"))
                first, second = await anext(events), await anext(events)
                assert isinstance(first, TickerUpdate)
                assert str(first.data[0].bid) == "65000.10"
                assert isinstance(second, TickerUpdate)
                assert str(second.data[0].bid) == "3000.0000000001"
                exchange.drop_connections()
                await clock.advance(seconds=2)
                exchange.push("ticker:ETH/USD", ticker("ETH/USD", "1"))
                assert isinstance(await anext(events), Gap)
            assert client.stats().unknown_events == 2
            await clock.advance(seconds=1)
            assert exchange.of("public")[0].streams == {}

    virtually(main)


def test_a_refusal_without_a_code() -> None:
    async def main(clock: VirtualClock) -> None:
        async with crypto(clock) as (exchange, client):
            exchange.on("ticker:BAD", times=None).refuse("", "Currency pair not supported")
            with pytest.raises(SubscribeError, match="ticker:BAD was refused: Currency pair not supported"):
                async with client.stream(TickerStream(symbol="BAD")):
                    pass

    virtually(main)


def test_a_token_travels_with_private_calls_and_streams() -> None:
    async def main(clock: VirtualClock) -> None:
        def add(call: Call) -> dict[str, str]:
            if call.params["token"] != "very-secret-token":
                raise Refusal("", "EGeneral:Invalid token")
            return {"order_id": "O1"}

        async with crypto(clock, Token("very-secret-token")) as (exchange, client):
            exchange.handle("add_order", add)
            order = AddOrder(symbol="BTC/USD", order_qty=Decimal("1E-7"), limit_price="65000.10")
            reply = await client.call(order)
            assert (reply.result.order_id, reply.id) == ("O1", 1)
            params = exchange.of("private")[0].texts[0]["params"]
            assert params.pop("cl_ord_id")
            assert params == {
                "symbol": "BTC/USD",
                "order_qty": Decimal("1E-7"),
                "limit_price": "65000.10",
                "token": "very-secret-token",
            }
            async with client.stream(ExecutionsStream()) as events:
                assert exchange.of("private")[0].texts[-1]["params"]["token"] == "very-secret-token"
                exchange.push("executions", {"channel": "executions", "data": [{"exec_id": "E1"}]})
                assert (await anext(events)).data == [{"exec_id": "E1"}]
        async with crypto(clock) as (exchange, client):
            exchange.handle("add_order", add)
            with pytest.raises(AuthError, match="add_order: needs a token for its parameter 'token'"):
                await client.call(order)
        async with crypto(clock, Token("wrong")) as (exchange, client):
            exchange.handle("add_order", add)
            with pytest.raises(ApiError, match="add_order: EGeneral:Invalid token") as caught:
                await client.call(order)
            assert caught.value.outcome == "rejected"
            assert "wrong" not in str(caught.value)

    virtually(main)


# A chat, as an AsyncAPI document may describe it: rooms as addresses, no ids, messages told apart by their form.


class Said(Event, frozen=True, kw_only=True):
    user: str
    text: str


class Joined(Event, frozen=True, kw_only=True):
    joined: str


class Say(Model, frozen=True, kw_only=True, tag_field="type", tag="say"):
    text: str = field(name="body")
    volume: float | None = None


class Members(Model, frozen=True, kw_only=True):
    type: str
    members: list[str]


class ListMembers(Request[Members], frozen=True, kw_only=True):
    method: ClassVar[str] = "list_members"
    spec: ClassVar[RequestSpec] = RequestSpec(socket="chat", address=("room",), reply_tags=(("/type", "members"),))

    room: str = field(name="_room")


if TYPE_CHECKING:
    RoomEvent: TypeAlias = Said | Joined | UnknownVariant
else:
    RoomEvent = one_of("RoomEvent", {("user", "text"): Said, ("joined",): Joined})


class RoomStream(Stream[RoomEvent], frozen=True, kw_only=True):
    spec: ClassVar[StreamSpec] = StreamSpec(socket="chat", address=("room",))

    room: str


CHAT = Product(
    name="chat",
    title="Chat",
    servers={"production": Server(streams="wss://chat.example.com")},
    sockets=(
        Socket(
            name="chat",
            role="streams",
            path="/rooms/{room}",
            request=RequestShape(method="/type"),
            reply=ReplyShape(error="/error", message="/error"),
            handshake=(
                Handshake(location="header", name="Authorization", prefix="Bearer "),
                Handshake(location="query", name="api_key"),
            ),
            query={"v": "1"},
            headers={"X-Client": "wirewright"},
        ),
    ),
)


class ChatSend(BaseSend):
    async def say(self, *, room: str, text: str, volume: float | None = None) -> None:
        await self._message(Say(text=text, volume=volume), socket="chat", address={"room": room})


class ChatClient(BaseClient):
    product: ClassVar[Product] = CHAT

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.send = ChatSend(self)
        self.api = BaseApi(self)


@asynccontextmanager
async def chat(clock: VirtualClock, key: Credential | None) -> AsyncIterator[tuple[FakeExchange, ChatClient]]:
    exchange = FakeExchange(CHAT, clock=clock)
    async with exchange, ChatClient(key=key, server=exchange.server, clock=clock) as client:
        yield exchange, client


def test_a_part_of_an_address_is_not_empty() -> None:
    async def main(clock: VirtualClock) -> None:
        refused = "room must not be empty: it is a part of the address /rooms/{room}"
        async with chat(clock, Token("abc")) as (exchange, client):
            with pytest.raises(ValueError, match=refused):
                await client.call(ListMembers(room=""))
            with pytest.raises(ValueError, match=refused):
                await client.send.say(room="", text="hi")
            with pytest.raises(ValueError, match=refused):
                async with client.stream(RoomStream(room="")):
                    raise AssertionError("no stream without a room")
            assert not exchange.of("chat")

    virtually(main)


def test_rooms_are_connections_of_their_own_and_messages_are_told_apart_by_their_keys() -> None:
    async def main(clock: VirtualClock) -> None:
        async with chat(clock, Token("abc")) as (exchange, client):
            rooms = [RoomStream(room="a b/c"), RoomStream(room="two")]
            async with client.stream(rooms) as events:
                first, second = exchange.of("chat")
                assert (first.path, second.path) == ("/rooms/a b/c", "/rooms/two")
                assert first.query == {"v": "1", "api_key": "abc"}
                assert first.headers["Authorization"] == "Bearer abc"
                assert first.headers["X-Client"] == "wirewright"
                first.say({"user": "u", "text": "hello"})
                await asyncio.sleep(0.01)
                second.say({"joined": "v"}, {"left": "w"})
                got = [await anext(events) for _ in range(3)]
                assert got == [Said(user="u", text="hello"), Joined(joined="v"), UnknownVariant(None, b'{"left":"w"}')]
                await client.send.say(room="two", text="hi", volume=0.5)
                await asyncio.sleep(0.01)
                assert second.texts == [{"type": "say", "body": "hi", "volume": Decimal("0.5")}]
                with pytest.raises(TypeError, match="Say: text must be str, not int"):
                    await client.send.say(room="two", text=5)  # type: ignore[arg-type]
                assert exchange.counters.connections == 2
            await clock.advance(seconds=10)
            assert [peer.path for peer in exchange.of("chat")] == ["/rooms/two"]

    virtually(main)


# A socket whose texts are no JSON.


class Echo(Request[str], frozen=True, kw_only=True):
    method: ClassVar[str] = "echo"
    spec: ClassVar[RequestSpec] = RequestSpec(socket="tape", reply_tags=(("", True),))

    text: str = field(name="")


class TapeStream(Stream[str], frozen=True, kw_only=True):
    spec: ClassVar[StreamSpec] = StreamSpec(socket="tape")


TAPE = Product(
    name="tape",
    title="Tape",
    servers={"production": Server(streams="wss://tape.example.com")},
    sockets=(
        Socket(
            name="tape",
            role="streams",
            path="/tape",
            plain=True,
            request=RequestShape(method=""),
            reply=ReplyShape(id=""),
        ),
    ),
)


class TapeClient(BaseClient):
    product: ClassVar[Product] = TAPE


@pytest.mark.parametrize(("plain", "sent"), [(True, b"say \xc3\xa9"), (False, b'"say \xc3\xa9"')])
def test_a_text_is_sent_as_it_is_where_texts_are_plain(plain: bool, sent: bytes) -> None:
    envelope = Envelope(msgspec.structs.replace(TAPE.sockets[0], plain=plain))
    assert envelope.text_of("say é") == envelope.write(None, "", {"": "say é"}) == sent
    assert envelope.text_of({"a": 1}) == b'{"a":1}'


def test_a_frame_that_is_no_json_is_a_text_where_texts_are_plain() -> None:
    async def main(clock: VirtualClock) -> None:
        exchange = FakeExchange(TAPE, clock=clock)
        async with exchange, TapeClient(server=exchange.server, clock=clock) as client:
            async with client.stream(TapeStream()) as events:
                (peer,) = exchange.of("tape")
                peer.say('up 3 "points"', '"quoted"')
                assert [await anext(events) for _ in range(2)] == ['up 3 "points"', "quoted"]
                asked = asyncio.ensure_future(client.call(Echo(text="who is there?")))
                await asyncio.sleep(0.01)
                assert peer.texts == ["who is there?"]
                peer.say("me: no JSON")
                assert (await asked).result == "me: no JSON"
            assert sum(one.garbage for one in client.stats().connections) == 0

    virtually(main)


def test_an_answer_without_an_id_is_known_by_its_form() -> None:
    async def main(clock: VirtualClock) -> None:
        async with chat(clock, Token("abc")) as (exchange, client):
            exchange.handle("list_members", lambda call: {"type": "members", "members": ["u"]})
            async with client.stream(RoomStream(room="two")) as events:
                both = await asyncio.gather(*(client.call(ListMembers(room="two")) for _ in range(2)))
                assert [reply.result.members for reply in both] == [["u"], ["u"]]
                exchange.of("chat")[0].say({"type": "members", "members": []})
                assert await anext(events) == UnknownVariant(None, b'{"type":"members","members":[]}')

    virtually(main)


def test_user_and_password_in_the_handshake() -> None:
    async def main(clock: VirtualClock) -> None:
        import msgspec

        basic = msgspec.structs.replace(
            CHAT.sockets[0],
            handshake=(
                Handshake(prefix="Basic "),
                Handshake(location="query", name="u", role="user"),
                Handshake(location="query", name="p", role="password"),
            ),
        )

        class Client(ChatClient):
            product: ClassVar[Product] = msgspec.structs.replace(CHAT, sockets=(basic,))

        exchange = FakeExchange(Client.product, clock=clock)
        key = UserPassword("me", "hunter2 &")
        async with exchange, Client(key=key, server=exchange.server, clock=clock) as client:
            async with client.stream(RoomStream(room="x")):
                peer = exchange.of("chat")[0]
                assert peer.headers["Authorization"] == "Basic " + base64.b64encode(b"me:hunter2 &").decode()
                assert (peer.query["u"], peer.query["p"]) == ("me", "hunter2 &")
                assert "hunter2" not in f"{client!r} {client.stats()} {key!r}"
        async with Client(server="production") as client:
            with pytest.raises(AuthError, match="Chat needs a credential to connect"):
                async with client.stream(RoomStream(room="x")):
                    pass

    virtually(main)


def test_a_server_without_an_address_for_the_socket_is_told() -> None:
    async def main(clock: VirtualClock) -> None:
        async with CryptoClient(server=Server(api="ws://127.0.0.1:1"), clock=clock) as client:
            with pytest.raises(ValueError, match="Crypto: server 'custom server' has no address for 'public'"):
                async with client.stream(TickerStream(symbol="B")):
                    pass
        with pytest.raises(ValueError, match="Crypto has no server 'testnet'; there are production, or Server"):
            CryptoClient(server="testnet")

    virtually(main)
