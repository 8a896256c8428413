"""Faults 60 to 72: authentication, time, user data. Threads 3, 14 and 15 of the list of pain."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as new_ec_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as new_rsa_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from fault_world import HMAC, ORDER, TRADES, agg_trade, report, spot, usdm, virtually

from binance_wire.spot import SpotClient
from binance_wire.spot.events import EventStreamTerminated, ExecutionReport
from binance_wire.usdm.events import OrderTradeUpdate
from wirewright_runtime import (
    AuthError,
    ClockError,
    Ed25519Key,
    Gap,
    HmacKey,
    Hooks,
    NotConnected,
    RsaKey,
    UnknownEvent,
    UserDataTerminated,
    moment,
)
from wirewright_runtime.testing import FakeExchange, VirtualClock

SECRET = Ed25519PrivateKey.generate()
ED25519 = Ed25519Key("api-key-of-alice", SECRET.private_bytes_raw())


def ids(events: list[Any]) -> list[Any]:
    """Execution ids, and what is no execution report as it is."""
    return [event.execution_id if isinstance(event, ExecutionReport) else event for event in events]


def orders_of(exchange: FakeExchange) -> list[dict[str, Any]]:
    """Parameters of every order that the exchange has seen."""
    texts = [text for peer in exchange.peers for text in peer.texts]
    return [text["params"] for text in texts if text.get("method") == "order.place"]


# 60 to 62: the session


def test_f60_refused_logon_tells_every_waiter_at_once_and_market_data_go_on() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock, key=ED25519) as (exchange, client), client.stream(TRADES) as trades:
            exchange.on("session.logon", times=None).refuse(-2015, "Invalid API-key.", status=401)
            calls = [asyncio.create_task(client.api.order_place(**ORDER)) for _ in range(50)]
            told = await asyncio.gather(*calls, return_exceptions=True)
            assert {type(error) for error in told} == {AuthError}
            assert {getattr(error, "code", None) for error in told} == {-2015}
            assert {getattr(error, "outcome", None) for error in told} == {"not_sent"}
            assert clock.monotonic() < 0.1
            await clock.advance(seconds=30)
            with pytest.raises(AuthError):
                await client.api.order_place(**ORDER)
            assert exchange.counters.requests["session.logon"] == 1, "no loop of logons"
            exchange.push(TRADES, agg_trade(1))
            assert (await anext(trades)).agg_trade_id == 1

    virtually(main)


def test_f61_logon_without_answer_is_not_believed() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock, key=ED25519) as (exchange, client):
            exchange.on("session.logon").stall()
            with pytest.raises(NotConnected, match=r"session.logon: no answer") as caught:
                await client.api.order_place(**ORDER)
            assert caught.value.outcome == "not_sent"
            assert clock.monotonic() <= 5.1
            await client.api.order_place(**ORDER)
            assert exchange.counters.connections == 2

            exchange.drop_connections("api")
            exchange.on("session.logon").stall()
            await clock.advance(seconds=0.01)
            waiting = await client.api.order_place(**ORDER, timeout=30)
            assert exchange.counters.connections == 4, "the one that was not logged on was replaced"
            assert waiting.client_order_id
            assert all(peer.logged_on for peer in exchange.of("api"))
            assert exchange.counters.double_sends == 0

    virtually(main)


def test_f62_session_that_lost_its_logon_is_logged_on_before_the_next_signed_request() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock, key=ED25519) as (exchange, client):
            await client.api.order_place(**ORDER)
            exchange.drop_connections()
            await clock.advance(seconds=0.01)
            await asyncio.gather(*(client.api.order_place(**ORDER) for _ in range(10)))
            methods = [text["method"] for text in exchange.of("api")[0].texts]
            assert methods.index("session.logon") < methods.index("order.place")
            assert all("signature" not in params for params in orders_of(exchange))

    virtually(main)


def test_f62_session_that_ended_unnoticed_is_found_out_and_no_order_is_sent_twice() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock, key=ED25519) as (exchange, client):
            await client.api.order_place(**ORDER, new_client_order_id="first")
            exchange.of("api")[0].logged_on = ""
            found = await client.api.order_status(symbol="BTCUSDT", orig_client_order_id="first")
            assert found.client_order_id == "first", "a read is asked again, signed"
            await clock.advance(seconds=10)
            assert [peer.logged_on for peer in exchange.of("api")] == ["api-key-of-alice"]

            exchange.of("api")[0].logged_on = ""
            with pytest.raises(AuthError) as caught:
                await client.api.order_place(**ORDER, new_client_order_id="second")
            assert caught.value.outcome == "rejected"
            assert exchange.counters.orders["second"] == 0
            await client.api.order_place(**ORDER, new_client_order_id="second")
            assert exchange.counters.double_sends == 0

    virtually(main)


def test_f62_after_the_users_own_logout_requests_are_signed_one_by_one() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock, key=ED25519) as (exchange, client):
            await client.api.order_place(**ORDER)
            await client.api.session_logout()
            await client.api.order_place(**ORDER)
            await client.api.session_logon()
            await client.api.order_place(**ORDER)
            assert ["signature" in params for params in orders_of(exchange)] == [False, True, False]

    virtually(main)


# 63 to 65: time


@pytest.mark.parametrize("offset", [3_000, -30_000])
def test_f63_clock_that_is_off_is_measured_at_connect_and_every_hour(offset: int) -> None:
    async def main(clock: VirtualClock) -> None:
        for world in (spot, usdm):
            async with world(clock) as (exchange, client):  # type: ignore[operator]
                exchange.clock_offset_ms = offset
                await client.api.order_place(**ORDER)
                assert abs(client.stats().clock_offset_ms - offset) <= 1
                exchange.clock_offset_ms = offset // 2
                await clock.advance(hours=1, seconds=1)
                assert abs(client.stats().clock_offset_ms - offset // 2) <= 1
                await client.api.order_place(**ORDER)
                assert exchange.counters.double_sends == 0

    virtually(main)


def test_f63_refused_timestamp_is_repeated_for_reads_and_never_for_orders() -> None:
    async def main(clock: VirtualClock) -> None:
        for world in (spot, usdm):
            async with world(clock) as (exchange, client):  # type: ignore[operator]
                await client.api.order_place(**ORDER, new_client_order_id="first")
                exchange.clock_offset_ms = 60_000
                found = await client.api.order_status(symbol="BTCUSDT", orig_client_order_id="first")
                assert found.client_order_id == "first"
                assert exchange.counters.requests["order.status"] == 2
                exchange.clock_offset_ms = -60_000
                with pytest.raises(ClockError) as caught:
                    await client.api.order_place(**ORDER, new_client_order_id="second")
                assert caught.value.outcome == "rejected"
                assert caught.value.code == -1021
                assert exchange.counters.requests["order.place"] == 2
                await client.api.order_place(**ORDER, new_client_order_id="second")

    virtually(main)


class _Stepping(VirtualClock):
    """A clock that the client watches for steps."""

    stalls = True


@pytest.mark.parametrize("step", [-3600.0, -30.0, 20.0])
def test_f64_wall_clock_that_steps_disturbs_no_timer_and_is_measured_again(step: float) -> None:
    clock = _Stepping()

    async def main(_: VirtualClock) -> None:
        async with spot(clock) as (exchange, client), client.stream(TRADES, gaps="raise") as trades:
            await client.connect()
            exchange.on("avgPrice").stall()
            begun = clock.monotonic()
            read = asyncio.create_task(client.api.avg_price(symbol="BTCUSDT", timeout=5))
            await clock.advance(seconds=1)
            clock.step_wall(step)
            exchange.clock_offset_ms = round(-step * 1000)  # the exchange's time is what it was
            with pytest.raises(Exception, match=r"avgPrice: no answer in time"):
                await read
            assert clock.monotonic() - begun == pytest.approx(5, abs=0.1), "deadlines do not step"
            await client.api.order_place(**ORDER)
            assert abs(client.stats().clock_offset_ms + step * 1000) <= 1
            exchange.push(TRADES, agg_trade(1))
            assert (await anext(trades)).agg_trade_id == 1
            assert exchange.counters.connections == 2, "no connection was given up"

    virtually(main, clock)


def test_f65_microseconds_stay_whole_numbers_and_do_not_mix_with_milliseconds() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock, time_unit="MICROSECOND") as (exchange, client):
            exchange.clock_offset_ms = 2_000
            exchange.handle("time", lambda _: {"serverTime": exchange.now_ms() * 1000 + 7})
            await client.api.order_place(**ORDER, recv_window=5000)
            assert abs(client.stats().clock_offset_ms - 2_000) <= 1
            assert orders_of(exchange)[0]["recvWindow"] == 5000
            with pytest.raises(ValueError, match=r"order.place: recv_window must be .* at most 60000 milliseconds"):
                await client.api.order_place(**ORDER, recv_window=5_000_000)
            async with client.stream(TRADES) as trades:
                exchange.push(TRADES, agg_trade(1) | {"E": 1_790_000_000_123_456, "T": 1_790_000_000_123})
                trade = await anext(trades)
            assert trade.event_time == 1_790_000_000_123_456
            assert moment(trade.event_time).microsecond == 123_456
            assert moment(trade.event_time) > moment(trade.trade_time), "of either unit, in order"
            mixed: Any = trade.trade_time
            with pytest.raises(TypeError):
                assert moment(trade.event_time) > mixed

    virtually(main)


# 66 to 71: user data


def test_f66_user_data_that_end_are_subscribed_again_with_a_gap() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client), client.user_data() as events:
            exchange.push_user(report(1))
            exchange.end_user_data(E=1)
            await clock.advance(seconds=1)
            assert exchange.push_user(report(2)) == 1
            first, notice, gap, second = [await anext(events) for _ in range(4)]
            assert ids([first, second]) == [1, 2]
            assert isinstance(notice, EventStreamTerminated)
            assert isinstance(gap, Gap)
            assert gap.reason == "terminated"

    virtually(main)


def test_f66_session_that_ended_unnoticed_with_its_user_data_is_begun_anew() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock, key=ED25519) as (exchange, client), client.user_data() as events:
            exchange.of("api")[0].logged_on = ""
            exchange.end_user_data(E=1)
            await clock.advance(seconds=1)
            assert exchange.push_user(report(1)) == 1
            notice, gap, event = [await anext(events) for _ in range(3)]
            assert isinstance(notice, EventStreamTerminated)
            assert isinstance(gap, Gap)
            assert ids([event]) == [1]

    virtually(main)


def test_f66_revoked_key_ends_user_data_with_an_error_and_a_new_reader_begins_anew() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client):
            async with client.user_data() as events:
                exchange.on("userDataStream.subscribe.signature").refuse(-2015, "Invalid API-key.", status=401)
                exchange.end_user_data(E=1)
                await clock.advance(seconds=1)
                assert isinstance(await anext(events), EventStreamTerminated)
                assert isinstance(await anext(events), Gap)
                for _ in range(2):
                    with pytest.raises(UserDataTerminated) as caught:
                        await anext(events)
                assert isinstance(caught.value.__cause__, AuthError)
                async with client.user_data() as others:  # while the one that ended is still there
                    assert exchange.push_user(report(1)) == 1
                    assert ids([await anext(others)]) == [1]
            assert exchange.push_user(report(2)) == 0, "nobody reads, nothing is subscribed"

    virtually(main)


def test_f66_logout_elsewhere_is_told_to_the_reader() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock, key=ED25519) as (exchange, client), client.user_data() as events:
            exchange.on("session.logon", times=None).refuse(-2015, "Invalid API-key.", status=401)
            exchange.log_off()
            with pytest.raises((AuthError, UserDataTerminated)):
                while True:
                    await asyncio.wait_for(anext(events), 60)
            assert clock.monotonic() <= 60

    virtually(main)


def test_f67_new_subscription_ids_are_mapped_and_accounts_never_cross() -> None:
    async def main(clock: VirtualClock) -> None:
        bob = HmacKey("api-key-of-bob", "secret-of-bob")
        strays: list[UnknownEvent] = []
        async with spot(clock, hooks=Hooks(unknown=strays.append)) as (exchange, client):
            exchange.add_key(bob)
            async with SpotClient(key=bob, server=exchange.server, clock=clock) as other:
                async with client.user_data() as mine, other.user_data() as theirs:
                    for number in range(1, 4):
                        exchange.push_user(report(number), user="api-key-of-alice")
                        exchange.push_user(report(100 + number), user="api-key-of-bob")
                        exchange.drop_connections()
                        await clock.advance(seconds=2)
                        for peer in exchange.of("api"):  # the next id is another one
                            assert list(peer.user_data) == [0]
                    got = [await anext(mine) for _ in range(6)], [await anext(theirs) for _ in range(6)]
                    numbers = [[event for event in ids(events) if not isinstance(event, Gap)] for events in got]
                    assert numbers == [[1, 2, 3], [101, 102, 103]]
                    alices = next(peer for peer in exchange.of("api") if "api-key-of-alice" in peer.user_data.values())
                    alices.say({"subscriptionId": 7, "event": report(9)})
                    exchange.push_user(report(4), user="api-key-of-alice")
                    assert ids([await anext(mine)]) == [4]
            assert len(strays) == 1, "an event of nobody's subscription is told, not delivered"

    virtually(main)


def order_update(number: int) -> dict[str, Any]:
    """An order update of USD-M with that trade id."""
    from fault_world import document

    event: dict[str, Any] = document("usdm")["events"]["OrderTradeUpdate"][0]["json"]
    return event | {"E": 1_790_000_000_000 + number}


def numbers(events: list[Any]) -> list[Any]:
    """Numbers of order updates, and what is none as it is."""
    return [e.event_time - 1_790_000_000_000 if isinstance(e, OrderTradeUpdate) else e for e in events]


def test_f68_listen_key_that_cannot_be_prolonged_is_made_again_before_it_ends() -> None:
    async def main(clock: VirtualClock) -> None:
        async with usdm(clock) as (exchange, client), client.user_data() as events:
            exchange.on("userDataStream.ping", times=None).stall()
            for number in range(1, 131):
                await clock.advance(minutes=1)
                assert exchange.push_user(order_update(number)) >= 1, number
                if number == 59:
                    exchange.on("userDataStream.ping").resume()
            assert numbers([await anext(events) for _ in range(130)]) == list(range(1, 131))

    virtually(main)


def test_f68_listen_key_that_is_unknown_is_made_again_and_the_old_connection_goes_on_until_then() -> None:
    async def main(clock: VirtualClock) -> None:
        async with usdm(clock) as (exchange, client), client.user_data() as events:
            exchange.listen_keys["listen-key-1"] = 0.0
            await clock.advance(minutes=31)
            assert exchange.counters.requests["userDataStream.start"] == 2
            assert [peer.address for peer in exchange.of("private")] == ["/private/ws/listen-key-2"]
            assert exchange.push_user(order_update(1)) == 1
            gap, event = await anext(events), await anext(events)
            assert isinstance(gap, Gap)
            assert numbers([event]) == [1]

    virtually(main)


def test_f69_two_notices_of_one_expired_listen_key_are_one_recovery() -> None:
    async def main(clock: VirtualClock) -> None:
        async with usdm(clock) as (exchange, client), client.user_data() as events:
            expired = {"e": "listenKeyExpired", "E": 1, "listenKey": "listen-key-1"}
            exchange.listen_keys["listen-key-1"] = 0.0
            exchange.of("private")[0].say(expired, expired)
            await clock.advance(seconds=10)
            assert exchange.counters.requests["userDataStream.start"] == 2
            assert exchange.push_user(order_update(1)) == 1
            told = [await anext(events) for _ in range(4)]
            assert [type(one).__name__ for one in told] == [*["ListenKeyExpired"] * 2, "Gap", "OrderTradeUpdate"]
            assert "listen-key" not in repr(told)

    virtually(main)


def test_f69_recovery_that_fails_is_tried_again_with_patience_or_ends_with_an_error() -> None:
    async def main(clock: VirtualClock) -> None:
        async with usdm(clock) as (exchange, client), client.user_data() as events:
            exchange.on("userDataStream.start", times=3).refuse(-1001, "busy", status=503)
            exchange.expire_listen_keys(E=1, listenKey="listen-key-x")
            await clock.advance(seconds=30)
            assert exchange.counters.requests["userDataStream.start"] == 5
            assert exchange.push_user(order_update(1)) == 1
            assert numbers([await anext(events) for _ in range(3)])[-1] == 1

            exchange.on("userDataStream.start", times=None).refuse(-2015, "Invalid API-key.", status=401)
            exchange.expire_listen_keys(E=1, listenKey="listen-key-x")
            await clock.advance(seconds=30)
            with pytest.raises(UserDataTerminated) as caught:
                while True:
                    await anext(events)
            assert isinstance(caught.value.__cause__, AuthError)

    virtually(main)


def test_f70_listen_token_is_renewed_early_on_the_same_connection_and_nothing_remains() -> None:
    async def main(clock: VirtualClock) -> None:
        tokens: list[str] = []

        async def fetch() -> dict[str, Any]:
            tokens.append(f"token-number-{len(tokens) + 1}")
            return {"token": tokens[-1], "expirationTime": int(clock.wall() * 1000) + 600_000}

        async with spot(clock, listen_token=fetch) as (exchange, client):
            async with client.user_data(scheme="listen-token") as events:
                for number in range(1, 1801):
                    exchange.push_user(report(number))
                    await clock.advance(seconds=2)
                assert ids([await anext(events) for _ in range(1800)]) == list(range(1, 1801))
                assert 6 <= len(tokens) <= 7
                assert exchange.counters.connections == 1
                assert len(exchange.of("api")[0].user_data) == 1
                current = client._alive().session.line().current
                assert current is not None
                assert [type(feed).__name__ for feed in current.user_feeds.values()] == ["Topic"]

    virtually(main)


def test_f70_listen_token_without_an_end_does_not_spin() -> None:
    async def main(clock: VirtualClock) -> None:
        fetched: list[float] = []

        async def fetch() -> dict[str, Any]:
            fetched.append(clock.monotonic())
            return {"token": "token-without-an-end"}

        async with spot(clock, listen_token=fetch) as (_, client), client.user_data(scheme="listen-token"):
            await clock.advance(hours=3)
            assert len(fetched) <= 4

    virtually(main)


def test_f70_end_of_a_listen_token_that_is_told_when_it_is_used_counts() -> None:
    async def main(clock: VirtualClock) -> None:
        tokens: list[str] = []

        async def fetch() -> str:
            tokens.append(f"token-number-{len(tokens) + 1}")
            return tokens[-1]

        async with spot(clock, listen_token=fetch) as (exchange, client):
            ends = int(clock.wall() * 1_000_000) + 600_000_000  # microseconds, as a connection may be asked for
            exchange.answer("userDataStream.subscribe.listenToken", {"expirationTime": ends})
            async with client.user_data(scheme="listen-token"):
                await clock.advance(seconds=539)
                assert len(tokens) == 1
                await clock.advance(seconds=2)
                assert len(tokens) == 2

    virtually(main)


def test_f70_connection_that_is_lost_while_a_listen_token_is_renewed_repeats_nothing_later() -> None:
    async def main(clock: VirtualClock) -> None:
        async def fetch() -> dict[str, Any]:
            return {"token": "a-token", "expirationTime": int(clock.wall() * 1000) + 600_000}

        async with spot(clock, listen_token=fetch) as (exchange, client):
            async with client.user_data(scheme="listen-token") as events:
                await clock.advance(seconds=541)
                peer = exchange.of("api")[0]
                newer = max(peer.user_data)
                assert len(peer.user_data) == 2
                peer.say(
                    {"subscriptionId": newer, "event": report(1)}
                )  # the older subscription does not bring it any more
                await clock.advance(seconds=0.1)
                exchange.drop_connections()
                await clock.advance(seconds=2)
                exchange.push_user(report(2))
                await clock.advance(seconds=60)
                exchange.push_user(report(3))
                gap, *others = [await anext(events) for _ in range(3)]
                assert isinstance(gap, Gap)
                assert ids(others) == [2, 3]

    virtually(main)


def test_f71_gap_is_reconciled_before_newer_events_even_where_these_are_faster() -> None:
    async def main(clock: VirtualClock) -> None:
        seen: list[object] = []

        async def reconcile(gap: Gap) -> None:
            seen.append(gap)
            await client.api.open_orders_status(symbol="BTCUSDT")
            await asyncio.sleep(1)
            seen.append("reconciled")

        async with spot(clock, reconcile=reconcile) as (exchange, client), client.user_data() as events:
            exchange.push_user(report(1))
            seen.extend(ids([await anext(events)]))

            exchange.on("userDataStream.subscribe.signature").delay(1)
            exchange.drop_connections()
            await clock.advance(seconds=0.5)
            exchange.of("api")[0].say({"subscriptionId": 0, "event": report(2)})  # faster than the answer
            await clock.advance(seconds=2)
            for _ in range(2):
                seen.extend(ids([await anext(events)]))
            kinds = [one if isinstance(one, (int, str)) else type(one).__name__ for one in seen]
            assert kinds == [1, "Gap", "reconciled", "Gap", 2]

    virtually(main)


def test_f71_reconciling_that_fails_releases_nothing_and_is_tried_again() -> None:
    async def main(clock: VirtualClock) -> None:
        attempts = 0

        async def reconcile(_: Gap) -> None:
            nonlocal attempts
            attempts += 1
            if attempts < 3:
                raise OSError("the user's own database is away")

        async with spot(clock, reconcile=reconcile) as (exchange, client), client.user_data() as events:
            exchange.drop_connections()
            await clock.advance(seconds=2)
            exchange.push_user(report(1))
            for _ in range(2):
                with pytest.raises(OSError, match="database is away"):
                    await anext(events)
            assert isinstance(await anext(events), Gap)
            assert ids([await anext(events)]) == [1]

    virtually(main)


def test_u03_user_data_come_back_within_a_second_with_a_fresh_signature() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client), client.user_data() as events:
            await clock.advance(hours=2)
            old = exchange.of("api")[0]
            exchange.drop_connections()
            await clock.advance(seconds=1)
            asked = [t["params"] for t in exchange.of("api")[0].texts if "subscribe" in t["method"]]
            before = [t["params"] for t in old.texts if "subscribe" in t["method"]]
            assert asked[0]["timestamp"] - before[0]["timestamp"] >= 7_200_000
            assert asked[0]["signature"] != before[0]["signature"]
            exchange.push_user(report(1))
            assert isinstance(await anext(events), Gap)
            assert ids([await anext(events)]) == [1]

    virtually(main)


# 72: keys

RSA = new_rsa_key(public_exponent=65537, key_size=2048)
PEM, PKCS8 = Encoding.PEM, PrivateFormat.PKCS8
LOCKED = BestAvailableEncryption(b"open sesame")


def test_f72_every_form_of_a_key_signs_the_same() -> None:
    forms: list[tuple[str | bytes, str | None]] = [
        (SECRET.private_bytes_raw(), None),
        (SECRET.private_bytes(PEM, PKCS8, NoEncryption()), None),
        (SECRET.private_bytes(PEM, PKCS8, NoEncryption()).decode(), None),
        ("\r\n" + SECRET.private_bytes(PEM, PKCS8, NoEncryption()).decode().replace("\n", "\r\n"), None),
        (SECRET.private_bytes(PEM, PKCS8, LOCKED), "open sesame"),
        (SECRET.private_bytes(Encoding.DER, PKCS8, NoEncryption()), None),
    ]
    keys = [Ed25519Key("alice", data, password=password) for data, password in forms]
    assert len({key._sign(b"a=1") for key in keys}) == 1
    locked = RSA.private_bytes(PEM, PKCS8, LOCKED)
    plain = RSA.private_bytes(PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    assert RsaKey("alice", locked, password="open sesame")._sign(b"a") == RsaKey("alice", plain)._sign(b"a")


@pytest.mark.parametrize(
    ("kind", "data", "says"),
    [
        (Ed25519Key, RSA.private_bytes(PEM, PKCS8, NoEncryption()), "use RsaKey"),
        (RsaKey, SECRET.private_bytes(PEM, PKCS8, NoEncryption()), "use Ed25519Key"),
        (RsaKey, new_ec_key(SECP256R1()).private_bytes(PEM, PKCS8, NoEncryption()), "a key of another kind"),
        (Ed25519Key, SECRET.private_bytes(PEM, PKCS8, LOCKED), "give password="),
        (Ed25519Key, SECRET.public_key().public_bytes(PEM, PublicFormat.SubjectPublicKeyInfo), "the public key"),
        (Ed25519Key, "A" * 64, "not valid"),
        (HmacKey, SECRET.private_bytes(PEM, PKCS8, NoEncryption()), "use RsaKey or Ed25519Key"),
        (HmacKey, "  ", "empty"),
    ],
    ids=["rsa-as-ed25519", "ed25519-as-rsa", "ec", "locked", "public", "hmac-secret", "pem-as-hmac", "empty"],
)
def test_f72_wrong_kind_of_key_is_told_when_it_is_made(kind: Any, data: str | bytes, says: str) -> None:
    with pytest.raises(ValueError, match=says) as caught:
        kind("api-key", data)
    text = data if isinstance(data, str) else data.decode()
    assert not text.strip() or text.strip() not in str(caught.value)


def test_u14_no_permutation_and_no_added_parameter_changes_a_signature() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client):
            await client.api.order_place(**ORDER, extra={"aaa": "1", "zzz": True})
            await client.call_raw("order.place", {"symbol": "B", "newClientOrderId": "1"}, security=_signed())
            assert [params.get("aaa") for params in orders_of(exchange)] == ["1", None]
            assert HMAC.kind == "hmac"

    virtually(main)


def test_u15_symbols_of_any_script_are_signed_as_they_are() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client):
            for symbol in ("币安人生USDT", "１２３４５６", "ÄÖÜ-ß", "a%20b+c&d=e"):
                await client.api.order_place(**(ORDER | {"symbol": symbol}))
                assert orders_of(exchange)[-1]["symbol"] == symbol

    virtually(main)


def _signed() -> Any:
    from wirewright_runtime import Auth

    return Auth.SIGNED
