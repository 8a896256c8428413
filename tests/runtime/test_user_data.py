"""User data by every scheme, and what may happen to each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random
from typing import Any, ClassVar

import msgspec
import pytest
from mini_wire.mini import MiniClient, catalog
from mini_wire.mini.streams import AggTradeStream
from mini_world import HMAC, PRODUCT, keep_orders, mini, report, virtually

from wirewright_runtime import (
    ApiError,
    AuthError,
    EventShape,
    Gap,
    Product,
    Socket,
    StreamShape,
    SubscribeError,
    UserData,
    UserDataTerminated,
)
from wirewright_runtime.testing import FakeExchange, VirtualClock

LISTEN_KEY = UserData(
    "listen-key",
    start="userDataStream.start",
    keepalive="userDataStream.ping",
    keepalive_every=1800,
    expires=3600,
    stop="userDataStream.stop",
    key="listenKey",
    socket="private",
    query="listenKey",
    expired="listenKeyExpired",
)
PRIVATE = Socket(
    name="private",
    role="streams",
    path="/private/stream",
    event=EventShape(tag="/e"),
    stream=StreamShape(("/stream",), "/data"),
    lifetime=86400,
)
LISTEN_TOKEN = UserData(
    "listen-token",
    subscribe="userDataStream.subscribe.listenToken",
    unsubscribe="userDataStream.unsubscribe",
    subscription="subscriptionId",
    terminated="eventStreamTerminated",
    key="listenToken",
    expires=3600,
    expiry="expirationTime",
)


def product_with(scheme: UserData, *sockets: Socket) -> Product:
    return msgspec.structs.replace(PRODUCT, sockets=(*PRODUCT.sockets, *sockets), user_data=(scheme,))


@asynccontextmanager
async def world(
    clock: VirtualClock, product: Product, **options: Any
) -> AsyncIterator[tuple[FakeExchange, MiniClient]]:
    """A client and an exchange of a product that is like the sample but for its user data."""

    class Client(MiniClient):
        product: ClassVar[Product] = PRODUCT

    Client.product = product
    exchange = FakeExchange(product, keys=[HMAC], methods=catalog.METHODS, clock=clock)
    keep_orders(exchange)
    async with exchange, Client(key=HMAC, server=exchange.server, clock=clock, **options) as client:
        yield exchange, client


def numbers(events: list[Any]) -> list[Any]:
    return [getattr(event, "execution_id", event) for event in events]


def test_a_listen_key_is_kept_alive_for_days() -> None:
    async def main(clock: VirtualClock) -> None:
        async with world(clock, product_with(LISTEN_KEY, PRIVATE)) as (exchange, client), client.user_data() as events:
            for number in range(1, 73):
                await clock.advance(hours=1)
                assert exchange.push_user(report(number)) >= 1
            got = numbers([await anext(events) for _ in range(72)])
            assert got == list(range(1, 73))
            assert exchange.counters.requests["userDataStream.start"] == 1
            assert 140 <= exchange.counters.requests["userDataStream.ping"] <= 146
            assert "listenKey=listen-key-1" not in repr(client.stats())

    virtually(main)


def test_a_listen_key_whose_keepalive_fails_for_an_hour_is_made_anew_in_time() -> None:
    async def main(clock: VirtualClock) -> None:
        async with world(clock, product_with(LISTEN_KEY, PRIVATE)) as (exchange, client), client.user_data() as events:
            exchange.on("userDataStream.ping", times=None).stall()
            number = 0
            for _ in range(100):
                await clock.advance(minutes=1)
                number += 1
                assert exchange.push_user(report(number)) >= 1, number
            assert numbers([await anext(events) for _ in range(number)]) == list(range(1, number + 1))
            assert exchange.counters.requests["userDataStream.start"] >= 2

    virtually(main)


def test_a_listen_key_that_expires_is_replaced_once_however_often_it_is_told() -> None:
    async def main(clock: VirtualClock) -> None:
        async with world(clock, product_with(LISTEN_KEY, PRIVATE)) as (exchange, client), client.user_data() as events:
            peer = exchange.of("private")[0]
            expired = {"e": "listenKeyExpired", "listenKey": "listen-key-1"}
            exchange.listen_keys.clear()
            peer.say({"stream": "listen-key-1", "data": expired}, {"stream": "listen-key-1", "data": expired})
            await clock.advance(seconds=1)
            assert exchange.counters.requests["userDataStream.start"] == 2
            assert len(exchange.of("private")) == 2
            assert exchange.of("private")[-1].query == {"listenKey": "listen-key-1"}
            await clock.advance(seconds=10)
            assert len(exchange.of("private")) == 1
            exchange.push_user(report(1))
            told = [await anext(events) for _ in range(4)]
            assert isinstance(told[2], Gap)
            assert numbers(told)[-1] == 1
            assert "listen-key-1" not in repr(told)

    virtually(main)


def test_a_key_that_is_refused_is_told_and_asked_for_again_by_the_next_reader() -> None:
    async def main(clock: VirtualClock) -> None:
        async with world(clock, product_with(LISTEN_KEY, PRIVATE)) as (exchange, client):
            exchange.on("userDataStream.start").refuse(-2015, "Invalid API-key.", status=401)
            with pytest.raises(AuthError, match="Invalid API-key"):
                async with client.user_data():
                    pass
            assert exchange.of("private") == []
            async with client.user_data() as events:
                exchange.push_user(report(1))
                assert numbers([await anext(events)]) == [1]

    virtually(main)


def test_events_after_the_end_of_a_key_come_at_once() -> None:
    async def main(clock: VirtualClock) -> None:
        async with world(clock, product_with(LISTEN_KEY, PRIVATE)) as (exchange, client), client.user_data() as events:
            exchange.push_user(report(1))
            exchange.expire_listen_keys()
            await clock.advance(seconds=1)
            assert exchange.push_user(report(2)) == 1, "the old connection is open, but brings nothing"
            await clock.advance(seconds=0.1)
            assert events.pending == 4
            told = [await anext(events) for _ in range(4)]
            assert isinstance(told[2], Gap) and told[2].reason == "terminated"
            assert numbers([told[0], told[3]]) == [1, 2]

    virtually(main)


def test_a_refused_keepalive_makes_a_new_key_and_the_old_connection_goes_on_until_then() -> None:
    async def main(clock: VirtualClock) -> None:
        async with world(clock, product_with(LISTEN_KEY, PRIVATE)) as (exchange, client), client.user_data() as events:
            exchange.on("userDataStream.ping").refuse(-1125, "This listenKey does not exist.")
            exchange.listen_keys["listen-key-1"] = 0.0
            await clock.advance(seconds=1801)
            assert exchange.counters.requests["userDataStream.start"] == 2
            await clock.advance(seconds=10)
            assert [peer.query["listenKey"] for peer in exchange.of("private")] == ["listen-key-2"]
            assert exchange.push_user(report(1)) == 1
            gap, event = await anext(events), await anext(events)
            assert isinstance(gap, Gap), "nobody knows since when the key had been dead"
            assert numbers([event]) == [1]

    virtually(main)


@pytest.mark.parametrize(
    "seed", [0, 10, 23]
)  # the key is asked for before, and after, its connection is back; a dial waits for 1e-16 s
def test_a_listen_key_that_ended_while_disconnected_is_made_anew(seed: int) -> None:
    async def main(clock: VirtualClock) -> None:
        product, chance = product_with(LISTEN_KEY, PRIVATE), Random(seed)
        async with world(clock, product, random=chance) as (exchange, client), client.user_data() as events:
            exchange.refuse_connections(seconds=3 * 3600)
            exchange.drop_connections()
            await clock.advance(hours=3, minutes=2)
            assert exchange.push_user(report(7)) == 1
            gap, event = await anext(events), await anext(events)
            assert isinstance(gap, Gap), "one interruption is told once"
            assert numbers([event]) == [7]
            await clock.advance(minutes=10)
            assert events.pending == 0

    virtually(main)


def test_leaving_gives_the_listen_key_back_and_closes_its_connection() -> None:
    async def main(clock: VirtualClock) -> None:
        async with world(clock, product_with(LISTEN_KEY, PRIVATE)) as (exchange, client):
            for _ in range(2):
                async with client.user_data():
                    assert len(exchange.of("private")) == 1
                await clock.advance(seconds=1)
                assert exchange.of("private") == []
            assert exchange.counters.requests["userDataStream.stop"] == 2

    virtually(main)


def test_a_listen_token_is_renewed_early_and_nothing_is_repeated() -> None:
    async def main(clock: VirtualClock) -> None:
        tokens: list[str] = []

        async def fetch() -> dict[str, Any]:
            tokens.append(f"token-{len(tokens) + 1}")
            return {"listenToken": tokens[-1], "expirationTime": int(clock.wall() * 1000) + 600_000}

        product = product_with(LISTEN_TOKEN)
        async with world(clock, product, listen_token=fetch) as (exchange, client), client.user_data() as events:
            for number in range(1, 3601):
                exchange.push_user(report(number))
                await clock.advance(seconds=1)
            assert numbers([await anext(events) for _ in range(3600)]) == list(range(1, 3601))
            assert 6 <= len(tokens) <= 7
            assert len(exchange.of("api")[0].user_data) == 1

    virtually(main)


def test_a_token_without_an_end_does_not_spin() -> None:
    async def main(clock: VirtualClock) -> None:
        count = 0

        async def fetch() -> str:
            nonlocal count
            count += 1
            return "token"

        product = product_with(LISTEN_TOKEN)
        async with world(clock, product, listen_token=fetch) as (_, client), client.user_data():
            await clock.advance(hours=2)
            assert count == 3

    virtually(main)


def test_a_token_needs_someone_who_fetches_it() -> None:
    async def main(clock: VirtualClock) -> None:
        async with world(clock, product_with(LISTEN_TOKEN)) as (_, client):
            with pytest.raises(Exception, match="needs listen_token="):
                async with client.user_data():
                    pass
            assert client.stats().streams == ()

    virtually(main)


def test_a_subscription_that_the_exchange_ends_is_made_again_and_marked() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client), client.user_data() as events:
            exchange.push_user(report(1))
            exchange.end_user_data()
            await clock.advance(seconds=1)
            assert exchange.push_user(report(2)) == 1
            told = [await anext(events) for _ in range(4)]
            assert numbers(told)[0] == 1
            assert getattr(told[1], "type", "") == "eventStreamTerminated"
            gap = told[2]
            assert isinstance(gap, Gap)
            assert gap.reason == "terminated"
            assert numbers(told)[3] == 2

    virtually(main)


@pytest.mark.parametrize("resubscribe", [False, True])
def test_a_subscription_that_cannot_be_made_again_ends_with_an_error(resubscribe: bool) -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock, resubscribe=resubscribe) as (exchange, client), client.user_data() as events:
            exchange.on("userDataStream.subscribe.signature").refuse(-2015, "Invalid API-key", status=401)
            exchange.end_user_data()
            await clock.advance(seconds=1)
            await anext(events)
            assert isinstance(await anext(events), Gap)
            for _ in range(2):
                with pytest.raises(UserDataTerminated, match="eventStreamTerminated") as caught:
                    await anext(events)
            assert isinstance(caught.value.__cause__, ApiError) is resubscribe

    virtually(main)


def test_user_data_refused_after_a_reconnect_end_with_the_error() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client), client.user_data() as events:
            exchange.on("userDataStream.subscribe.signature", times=None).refuse(-1022, "revoked", status=401)
            exchange.drop_connections("api")
            with pytest.raises(AuthError, match="revoked"):
                await anext(events)
            await clock.advance(minutes=5)
            assert exchange.counters.requests["userDataStream.subscribe.signature"] == 2

    virtually(main)


def test_user_data_refused_at_first_are_told_at_once() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client):
            exchange.on("userDataStream.subscribe.signature").refuse(-1000, "no", status=400)
            with pytest.raises(ApiError, match="no"):
                async with client.user_data():
                    pass
            async with client.user_data() as events:
                exchange.push_user(report(1))
                assert numbers([await anext(events)]) == [1]

    virtually(main)


def test_who_gives_up_entering_leaves_no_subscription_behind() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client):
            await client.connect()
            subscribe = "userDataStream.subscribe.signature"
            exchange.on(subscribe).stall()
            entering = asyncio.create_task(client.user_data().__aenter__())
            await clock.advance(seconds=0.5)
            entering.cancel()
            with pytest.raises(asyncio.CancelledError):
                await entering
            async with client.user_data() as events:  # at once: what is given back must not take this
                await clock.advance(seconds=5)
                (peer,) = exchange.of("api")
                assert len(peer.user_data) == 1
                exchange.push_user(report(1))
                assert numbers([await anext(events)]) == [1]
            assert (exchange.counters.requests[subscribe], peer.user_data) == (2, {})

    virtually(main)


def test_an_event_before_the_acknowledgement_is_delivered() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client):
            exchange.on("userDataStream.subscribe.signature").delay(1)
            entering = asyncio.create_task(client.user_data().__aenter__())
            await clock.advance(seconds=0.9)
            exchange.of("api")[0].say({"subscriptionId": 0, "event": report(1)})
            events = await entering
            assert numbers([await anext(events)]) == [1]
            await events.close()

    virtually(main)


def test_ids_that_begin_again_on_each_connection_are_mapped_again() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client), client.user_data() as events:
            for number in range(1, 6):
                for peer in exchange.of("api"):
                    peer.next_subscription = 0
                assert exchange.push_user(report(number)) == 1
                assert list(exchange.of("api")[0].user_data) == [0]
                assert numbers([await anext(events)]) == [number]
                exchange.of("api")[0].say({"subscriptionId": 99, "event": report(100)})
                await asyncio.sleep(0.01)
                assert events.pending == 0
                exchange.drop_connections("api")
                await clock.advance(seconds=12)
                assert isinstance(await anext(events), Gap)

    virtually(main)


def test_two_readers_of_user_data_share_one_subscription() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client), client.user_data() as first:
            async with client.user_data() as second:
                exchange.push_user(report(1))
                assert numbers([await anext(first), await anext(second)]) == [1, 1]
            exchange.push_user(report(2))
            assert numbers([await anext(first)]) == [2]
            assert exchange.counters.requests["userDataStream.subscribe.signature"] == 1
            assert exchange.counters.requests["userDataStream.unsubscribe"] == 0

    virtually(main)


def test_a_reader_that_comes_back_during_a_renewal_reads_nothing_twice() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client):
            async with client.user_data() as events:
                exchange.push_user(report(1))
                exchange.announce_shutdown(name="api")
                await clock.advance(seconds=1)
                assert len(exchange.of("api")) == 2, "the old connection goes on beside the new one"
                assert numbers([await anext(events)]) == [1]
            async with client.user_data() as events:
                for number in (2, 3):
                    exchange.push_user(report(number))
                await clock.advance(seconds=10)
                assert events.pending == 2
                assert numbers([await anext(events) for _ in range(2)]) == [2, 3]

    virtually(main)


def test_a_stream_refused_after_a_reconnect_is_told() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client), client.stream(AggTradeStream(symbol="b")) as events:
            exchange.on("b@aggTrade", times=None).refuse(2, "delisted")
            exchange.drop_connections("streams")
            for _ in range(2):
                with pytest.raises(SubscribeError, match="b@aggTrade was refused: delisted"):
                    await anext(events)

    virtually(main)
