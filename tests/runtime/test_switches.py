"""What users of other clients look for: switches of user data, a hint, a logger of one's own, the sockets beneath."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from mini_world import mini, report, run, virtually
from test_user_data import LISTEN_TOKEN, product_with, world
from websockets.asyncio.client import ClientConnection

from wirewright_runtime import Ed25519Key, Gap, SocketLink, StateChange, UserDataTerminated
from wirewright_runtime.testing import VirtualClock

ED25519 = Ed25519Key("api-key-of-carol", bytes(range(32)))


def test_user_data_that_are_not_to_come_back_end_with_a_word() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock, resubscribe=False) as (exchange, client), client.user_data() as events:
            exchange.push_user(report(1))
            exchange.drop_connections()
            await clock.advance(seconds=60)
            assert (await anext(events)).execution_id == 1
            with pytest.raises(UserDataTerminated) as caught:
                await anext(events)
            assert caught.value.reason == "reconnected"
            assert exchange.push_user(report(2)) == 0

    virtually(main)


def test_a_planned_renewal_is_no_reconnect() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock, resubscribe=False, lifetime=3600) as (exchange, client), client.user_data() as events:
            for number in range(1, 1441):
                exchange.push_user(report(number))
                await clock.advance(seconds=10)
            assert [(await anext(events)).execution_id for _ in range(1440)] == list(range(1, 1441))
            assert client.stats().connections[0].reconnects == 0

    virtually(main)


def test_user_data_come_back_after_the_delay() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock, resubscribe_delay=20) as (exchange, client), client.user_data() as events:
            exchange.drop_connections()
            await clock.advance(seconds=10)
            await client.api.avg_price(symbol="BTCUSDT")  # requests do not wait for it
            assert exchange.push_user(report(1)) == 0
            await clock.advance(seconds=20)
            assert exchange.push_user(report(2)) == 1
            gap, event = await anext(events), await anext(events)
            assert isinstance(gap, Gap) and event.execution_id == 2

    virtually(main)


def test_a_refused_resubscription_is_told() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock, resubscribe_delay=20) as (exchange, client), client.user_data() as events:
            exchange.on("userDataStream.subscribe.signature").refuse(-2015, "Invalid API-key.")
            exchange.drop_connections()
            await clock.advance(seconds=60)
            with pytest.raises(UserDataTerminated) as caught:
                await anext(events)
            assert caught.value.__cause__ is not None and caught.value.reason == "refused"

    virtually(main)


def test_a_listen_token_is_fetched_once_where_it_is_not_to_be_refreshed() -> None:
    async def main(clock: VirtualClock) -> None:
        tokens: list[str] = []

        async def fetch() -> dict[str, Any]:
            tokens.append("token")
            return {"listenToken": "token", "expirationTime": int(clock.wall() * 1000) + 600_000}

        options: dict[str, Any] = {"listen_token": fetch, "refresh_listen_token": False}
        async with world(clock, product_with(LISTEN_TOKEN), **options) as (_, client), client.user_data():
            await clock.advance(hours=2)
        assert tokens == ["token"]

    virtually(main)


@pytest.mark.parametrize(
    ("options", "hints"),
    [({}, 1), ({"latency_hint": False}, 0), ({"key": ED25519}, 0)],
    ids=["hmac", "mute", "ed25519"],
)
def test_the_hint_about_the_kind_of_key_is_given_once(
    options: dict[str, Any], hints: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "wirewright")

    async def main(clock: VirtualClock) -> None:
        async with mini(clock, **options) as (exchange, client):
            for _ in range(3):
                await client.connect()
                exchange.drop_connections()
                await clock.advance(seconds=60)

    virtually(main)
    assert caplog.text.count("latency_hint=False") == hints


def test_a_client_logs_where_it_is_told_to(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    own = logging.getLogger("desk.alice")

    async def main(clock: VirtualClock) -> None:
        async with mini(clock, logger=own) as (exchange, client):
            await client.connect()
            exchange.drop_connections()
            await clock.advance(seconds=60)

    virtually(main)
    assert not [record for record in caplog.records if record.name.startswith("wirewright")]
    changes: list[StateChange] = [
        vars(record)["wirewright"] for record in caplog.records if "wirewright" in vars(record)
    ]
    assert [change.state for change in changes][:4] == ["opening", "live", "lost", "opening"]


def test_the_sockets_beneath_can_be_reached() -> None:
    async def main() -> None:
        async with mini() as (_, client):
            assert client.links() == {}
            await client.connect()
            (link,) = client.links().values()
            assert isinstance(link, SocketLink) and isinstance(link.connection, ClientConnection)
            assert link.connection.remote_address[0] in ("127.0.0.1", "::1")

    run(main)
