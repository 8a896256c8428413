"""What is known of a request, whatever happens to it."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from mini_wire.mini import requests
from mini_world import mini, place_order, run, virtually

from wirewright_runtime import (
    ApiError,
    Auth,
    ClientClosed,
    ClockError,
    ConnectionLost,
    DecodeError,
    HmacKey,
    Hooks,
    InsufficientBalance,
    IpBanned,
    NotConnected,
    Orphan,
    OutcomeUnknown,
    PartialFailure,
    RateLimited,
    RequestTimeout,
    UnknownOrder,
    WireError,
)
from wirewright_runtime.product import Product, ReplyShape, Socket
from wirewright_runtime.reply import ReplyReader
from wirewright_runtime.testing import VirtualClock

PLACE = requests.OrderPlace(
    symbol="BTCUSDT", side="BUY", type="LIMIT", time_in_force="GTC", price="1.0", quantity=Decimal("0.00000001")
)


def test_an_order_whose_answer_is_lost_is_unknown_and_sent_once() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock, retry_reads=5) as (exchange, client):
            exchange.on(requests.OrderPlace).accept_then_drop()
            with pytest.raises(OutcomeUnknown, match="order.place: it is not known") as caught:
                await client.call(PLACE)
            error = caught.value
            assert isinstance(error.__cause__, ConnectionLost)
            assert error.outcome == "unknown"
            assert error.client_order_id is not None
            assert exchange.counters.orders == {error.client_order_id: 1}
            assert exchange.counters.double_sends == 0
            settled = await client.settle(error)
            assert settled is not None
            assert settled.client_order_id == error.client_order_id
            assert settled.order_id == 8389766036995847940

    virtually(main)


def test_settling_waits_until_an_order_can_no_longer_arrive() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client):
            exchange.on(requests.OrderPlace).drop()
            with pytest.raises(OutcomeUnknown) as caught:
                await client.call(PLACE, recv_window=3000)
            begun = clock.monotonic()
            assert await client.settle(caught.value) is None
            assert clock.monotonic() - begun >= 2.9
            assert exchange.counters.requests["order.place"] == 1

    virtually(main)


def test_an_order_that_is_not_answered_in_time_is_unknown_and_its_late_answer_is_told() -> None:
    async def main(clock: VirtualClock) -> None:
        orphans: list[Orphan] = []
        async with mini(clock, hooks=Hooks(orphan=orphans.append)) as (exchange, client):
            exchange.on(requests.OrderPlace).delay(5)
            with pytest.raises(OutcomeUnknown) as caught:
                await client.call(PLACE, timeout=1)
            assert isinstance(caught.value.__cause__, RequestTimeout)
            await clock.advance(seconds=10)
            assert [orphan.method for orphan in orphans] == ["order.place"]
            assert b"8389766036995847940" in orphans[0].raw
            assert client.stats().connections[0].orphans == 1

    virtually(main)


def test_a_read_that_times_out_leaves_nothing_behind() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client):
            exchange.on(requests.AvgPrice).stall()
            with pytest.raises(RequestTimeout) as caught:
                await client.api.avg_price(symbol="BTCUSDT", timeout=0.5)
            assert caught.value.outcome == "unknown"
            assert caught.value.method == "avgPrice"
            assert client.stats().in_flight == 0
            assert client.stats().connections[0].in_flight == 0

    virtually(main)


@pytest.mark.parametrize("changes_state", [True, False])
def test_an_answer_that_says_unknown(changes_state: bool) -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client):
            request = PLACE if changes_state else requests.OrderStatus(symbol="B", order_id=1)
            for code, status in ((-1007, 408), (-1, 500), (-9, 503)):
                exchange.on(request.method).refuse(code, "Timeout waiting for response.", status=status)
                with pytest.raises(OutcomeUnknown if changes_state else ApiError) as caught:
                    await client.call(request)
                assert caught.value.outcome == "unknown"

    virtually(main)


def test_errors_have_the_class_and_outcome_of_their_code() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client):
            cases: list[tuple[int, int, type[WireError], str]] = [
                (-2010, 400, InsufficientBalance, "rejected"),
                (-2013, 400, UnknownOrder, "rejected"),
                (-9999, 400, ApiError, "rejected"),
                (-2021, 409, PartialFailure, "accepted"),
                (-1003, 429, RateLimited, "rejected"),
            ]
            for code, status, error, outcome in cases:
                exchange.on(requests.OrderPlace).refuse(code, "No.", status=status, data={"half": 1})
                with pytest.raises(error) as caught:
                    await client.call(PLACE)
                assert type(caught.value) is error
                assert isinstance(caught.value, ApiError)
                assert (caught.value.code, caught.value.msg, caught.value.status) == (code, "No.", status)
                assert caught.value.data == {"half": 1}
                assert caught.value.outcome == outcome

    virtually(main)


def test_a_ban_is_kept_without_touching_the_network() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client):
            until = int(clock.wall() * 1000) + 90_000
            exchange.on(requests.AvgPrice).refuse(-1003, "banned", status=418, data={"retryAfter": until})
            with pytest.raises(IpBanned) as caught:
                await client.api.avg_price(symbol="B")
            assert caught.value.until == until
            sent = exchange.counters.requests.total()
            for _ in range(10):
                with pytest.raises(IpBanned, match="not sent") as again:
                    await client.api.avg_price(symbol="B")
                assert again.value.outcome == "not_sent"
            assert exchange.counters.requests.total() == sent
            await clock.advance(seconds=91)
            await client.api.avg_price(symbol="B")

    virtually(main)


def test_a_success_that_does_not_decode_was_still_accepted() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client):
            exchange.handle("order.place", lambda call: place_order(call) | {"price": "many"})
            with pytest.raises(DecodeError, match=r"order.place: .*Invalid decimal") as caught:
                await client.call(PLACE)
            assert caught.value.outcome == "accepted"
            assert caught.value.path == "$.result.price"
            assert b'"many"' in caught.value.raw

    virtually(main)


def test_canceling_a_call_leaves_nothing_behind() -> None:
    async def main(clock: VirtualClock) -> None:
        orphans: list[Orphan] = []
        async with mini(clock, hooks=Hooks(orphan=orphans.append)) as (exchange, client):
            await client.connect()
            exchange.on(requests.OrderPlace, times=None).delay(1)
            calls = [asyncio.create_task(client.call(PLACE)) for _ in range(100)]
            await clock.advance(seconds=0.5)
            for call in calls:
                call.cancel()
            told = await asyncio.gather(*calls, return_exceptions=True)
            assert {type(error) for error in told} == {asyncio.CancelledError}
            assert client.stats().in_flight == 0
            await clock.advance(seconds=2)
            assert len(orphans) == 100
            assert exchange.counters.double_sends == 0

    virtually(main)


def test_answers_in_any_order_reach_who_asked() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client):

            async def late(call: Any) -> dict[str, object]:
                await asyncio.sleep(10 - int(call.params["symbol"]))
                return {"mins": int(call.params["symbol"]), "price": "1", "closeTime": 1}

            exchange.handle("avgPrice", late)
            prices = await asyncio.gather(*(client.api.avg_price(symbol=str(number)) for number in range(1, 10)))
            assert [price.minutes for price in prices] == list(range(1, 10))

    virtually(main)


def test_an_answer_that_comes_twice_harms_nobody() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client):
            exchange.on(requests.AvgPrice, times=3).answer_twice()
            for _ in range(6):
                await client.api.avg_price(symbol="B")
            assert client.stats().connections[0].orphans == 3

    virtually(main)


def test_an_error_without_an_id_concerns_no_request() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client):
            exchange.on(requests.AvgPrice).delay(1)
            call = asyncio.create_task(client.api.avg_price(symbol="B"))
            await clock.advance(seconds=0.5)
            exchange.of("api")[0].say(
                {"id": None, "status": 400, "error": {"code": -1100, "msg": "Illegal"}}, [1], 3, "x"
            )
            await call
            assert client.stats().strays == 4
            assert client.stats().connections[0].garbage == 1

    virtually(main)


def test_the_same_id_twice_is_refused_here() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client):
            exchange.on(requests.AvgPrice).delay(1)
            first = asyncio.create_task(client.call(requests.AvgPrice(symbol="B"), id="mine"))
            await clock.advance(seconds=0.1)
            with pytest.raises(ValueError, match="'mine' is under way already"):
                await client.call(requests.AvgPrice(symbol="B"), id="mine")
            assert (await first).id == "mine"
            assert exchange.counters.requests["avgPrice"] == 1

    virtually(main)


def test_a_clock_that_is_off_is_measured_and_used() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client):
            exchange.clock_offset_ms = -30_000
            await client.call(PLACE)
            assert client.stats().clock_offset_ms == pytest.approx(-30_000, abs=5)

    virtually(main)


def test_a_clock_that_steps_is_measured_again_and_only_reads_are_repeated() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client):
            await client.connect()
            clock.step_wall(-20)
            exchange.clock_offset_ms = 20_000
            with pytest.raises(ClockError) as caught:
                await client.call(PLACE)
            assert caught.value.outcome == "rejected"
            assert exchange.counters.requests["order.place"] == 1
            clock.step_wall(-20)
            exchange.clock_offset_ms += 20_000
            with pytest.raises(UnknownOrder):
                await client.api.order_status(symbol="B", orig_client_order_id="x")
            assert exchange.counters.requests["order.status"] == 2

    virtually(main)


def test_a_user_who_knows_the_offset_decides() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client):
            exchange.clock_offset_ms = 4000
            client.set_time_offset_ms(4000)
            await client.call(PLACE)
            assert exchange.counters.requests["time"] == 0

    virtually(main)


def test_the_clock_is_measured_every_hour() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client):
            await client.connect()
            exchange.clock_offset_ms = 700
            await clock.advance(hours=1, seconds=10)
            assert client.stats().clock_offset_ms == pytest.approx(700, abs=5)
            assert exchange.counters.requests["time"] == 6

    virtually(main)


def test_reads_are_repeated_for_who_asked_for_it() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock, retry_reads=1) as (exchange, client):
            await client.connect()
            exchange.on(requests.AvgPrice).drop()
            await client.api.avg_price(symbol="B")
            assert exchange.counters.requests["avgPrice"] == 2

    virtually(main)


def test_requests_above_the_bound_wait_in_order() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock, max_in_flight=3) as (exchange, client):
            await client.connect()
            exchange.on(requests.AvgPrice, times=None).delay(1)
            calls = [asyncio.create_task(client.api.avg_price(symbol=f"S{number}")) for number in range(9)]
            await clock.advance(seconds=0.5)
            assert exchange.counters.requests["avgPrice"] == 3
            assert client.stats().in_flight == 9
            calls[4].cancel()
            with pytest.raises(NotConnected, match="3 requests were under way"):
                await client.api.avg_price(symbol="LATE", timeout=0.1)
            await asyncio.gather(*calls, return_exceptions=True)
            asked = [text["params"]["symbol"] for text in exchange.of("api")[0].texts if text["method"] == "avgPrice"]
            assert asked == ["S0", "S1", "S2", "S3", "S5", "S6", "S7", "S8"]
            assert client.stats().in_flight == 0

    virtually(main)


@pytest.mark.parametrize("width", [1, 500])
def test_thousands_of_requests_leave_nothing_behind(width: int) -> None:
    async def main() -> None:
        async with mini(max_in_flight=256) as (_, client):
            for _ in range(2000 // width):
                await asyncio.gather(*(client.api.avg_price(symbol="B") for _ in range(width)))
            stats = client.stats()
            assert stats.in_flight == 0
            assert stats.connections[0].in_flight == 0
            assert stats.connections[0].orphans == 0

    run(main)


def test_what_the_peer_does_not_read_is_a_lost_connection_and_the_request_was_not_sent() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock, memory=True, write_timeout=5.0) as (exchange, client):
            await client.connect()
            socket = exchange.of("api")[0]._socket  # type: ignore[attr-defined]
            socket.stuck = 10_000
            with pytest.raises(ConnectionLost, match="took nothing for 5 seconds") as caught:
                await client.call(PLACE)
            assert caught.value.outcome == "not_sent"

    virtually(main)


def test_limits_are_learned_and_shown() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock, soft_limit=0.9) as (exchange, client):
            limits = [
                {
                    "rateLimitType": "REQUEST_WEIGHT",
                    "interval": "MINUTE",
                    "intervalNum": 1,
                    "limit": 6000,
                    "count": 5399,
                }
            ]
            peer_reply = exchange.reply

            def reply(peer: Any, id: Any, result: object) -> dict[str, object]:
                return peer_reply(peer, id, result) | {"rateLimits": limits}

            exchange.reply = reply  # type: ignore[method-assign]
            told = await client.call(requests.AvgPrice(symbol="B"))
            assert [limit.count for limit in told.rate_limits] == [5399]
            assert client.rate_limits == told.rate_limits
            with pytest.raises(RateLimited, match="the client's own limit") as caught:
                await client.api.avg_price(symbol="B")
            assert caught.value.outcome == "not_sent"
            assert caught.value.until is not None
            await clock.advance(seconds=61)
            await client.api.avg_price(symbol="B")

    virtually(main)


def test_a_method_that_the_specs_do_not_know() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client):
            exchange.answer("new.method", {"a": 1.50, "b": [1]})
            reply = await client.call_raw("new.method", {"x": Decimal("0.10"), "skip": None}, security=Auth.SIGNED)  # type: ignore[dict-item]
            assert reply.result == {"a": Decimal("1.5"), "b": [1]}
            sent = exchange.of("api")[0].texts[-1]["params"]
            assert sent["x"] == "0.10"
            assert "skip" not in sent
            assert "signature" in sent
            exchange.on("new.method").accept_then_drop()
            with pytest.raises(OutcomeUnknown):
                await client.call_raw("new.method", {})

    virtually(main)


def test_extra_parameters_are_signed_and_may_say_what_the_specs_do_not() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client):
            await client.call(PLACE, extra={"side": "SHORT", "newFlag": True, "币": "安"})
            sent = exchange.of("api")[0].texts[-1]["params"]
            assert (sent["side"], sent["newFlag"], sent["币"]) == ("SHORT", True, "安")
            with pytest.raises(ValueError, match="signature in extra= belongs to the client"):
                await client.call(PLACE, extra={"signature": "x"})
            with pytest.raises(TypeError, match="x must be .*not float"):
                await client.call(PLACE, extra={"x": 0.1})  # type: ignore[dict-item]

    virtually(main)


def test_a_window_is_checked_and_signed() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client):
            await client.call(PLACE, recv_window=Decimal("500.250"))
            assert exchange.of("api")[0].texts[-1]["params"]["recvWindow"] == Decimal("500.250")
            with pytest.raises(ValueError, match="order.place: recv_window must be more than 0 and at most 60000"):
                await client.call(PLACE, recv_window=60001)

    virtually(main)


def test_closing_under_an_order_says_that_it_is_unknown() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client):
            exchange.on(requests.OrderPlace).stall()
            call = asyncio.create_task(client.call(PLACE))
            await clock.advance(seconds=1)
            await client.close()
            with pytest.raises(OutcomeUnknown) as caught:
                await call
            assert isinstance(caught.value.__cause__, ClientClosed)
            with pytest.raises(ClientClosed):
                await client.call(PLACE)

    virtually(main)


def test_a_wrong_secret_is_an_auth_error_with_the_server_named() -> None:
    async def main(clock: VirtualClock) -> None:
        from mini_wire.mini import MiniClient

        async with mini(clock) as (exchange, _):
            key = HmacKey("api-key-of-alice", "another secret")
            async with MiniClient(key=key, server=exchange.server, clock=clock) as client:
                with pytest.raises(
                    ApiError, match=r"Signature .* \(INVALID_SIGNATURE -1022\) \[custom server: ws://127"
                ):
                    await client.call(PLACE)

    virtually(main)


def test_unicode_is_signed_as_it_is() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock) as (exchange, client):
            request = msgspec.structs.replace(PLACE, symbol="币安人生USDT", new_client_order_id="１２３４５６")
            assert (await client.call(request)).result.symbol == "币安人生USDT"
            assert exchange.counters.orders == {"１２３４５６": 1}

    virtually(main)


def test_requests_of_one_turn_leave_together_and_one_alone_leaves_at_once() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock, memory=True) as (_, client):
            await client.connect()
            (link,) = client.links().values()
            sent: list[int] = []
            send = link.send
            link.send = lambda *texts: (sent.append(len(texts)), send(*texts))[-1]  # type: ignore[method-assign]
            await client.api.avg_price(symbol="BTCUSDT")
            assert sent == [1]
            await asyncio.gather(*(client.api.avg_price(symbol="BTCUSDT") for _ in range(50)))
            assert sent == [1, 1, 49]

    virtually(main)


def test_what_waits_for_the_end_of_the_turn_was_not_sent_if_the_connection_ends_first() -> None:
    async def main(clock: VirtualClock) -> None:
        async with mini(clock, memory=True) as (exchange, client):
            await client.connect()
            orders = [asyncio.create_task(client.call(PLACE)) for _ in range(3)]
            await asyncio.sleep(0)  # the first is written; the others wait for the end of the turn
            exchange.drop_connections()
            outcomes = [error.outcome for error in await asyncio.gather(*orders, return_exceptions=True)]  # type: ignore[union-attr]
            assert outcomes == ["unknown", "not_sent", "not_sent"]
            assert exchange.counters.requests["order.place"] <= 1

    virtually(main)


@pytest.mark.parametrize(
    "reply",
    [ReplyShape(), ReplyShape(result="/a", error="/a/error", status="/a/status", ok=("ok",))],
)
def test_a_success_of_another_form_was_accepted_wherever_the_result_stands(reply: ReplyShape) -> None:
    socket = Socket("api", "api", "/", reply=reply)
    product = Product(name="other", title="Other", servers={}, sockets=(socket,))
    with pytest.raises(DecodeError, match=r"book\.get: the data do not") as caught:
        ReplyReader(product, socket, "book.get", dict[str, int]).read(b'{"a": {"status": "ok", "b": []}}')
    assert caught.value.outcome == "accepted"
