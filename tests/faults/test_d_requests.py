"""Faults 49 to 59: what is known of a request, and above all of an order, whatever happens to it."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Iterator
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from fault_world import HMAC, ORDER, TRADES, agg_trade, keep_orders, spot, usdm, virtually
from loops import run
from payloads import PRODUCTS, examples, type_of

from binance_wire.coinm import CoinmClient
from binance_wire.spot import SpotClient, models, requests
from binance_wire.usdm import UsdmClient
from wirewright_runtime import (
    ApiError,
    AuthError,
    BadRequest,
    CancelRejected,
    ClientClosed,
    ClockError,
    ConnectFailed,
    ConnectionLost,
    ConnectRejected,
    DecodeError,
    FilterFailure,
    Hooks,
    InsufficientBalance,
    IpBanned,
    NotConnected,
    OpenEnum,
    OrderRejected,
    Orphan,
    OutcomeUnknown,
    PartialFailure,
    RateLimited,
    RequestTimeout,
    ServerBusy,
    StaleConnection,
    UnknownOrder,
    UnknownVariant,
    WireError,
)
from wirewright_runtime.decode import decoding
from wirewright_runtime.testing import Call, FakeExchange, Refusal, VirtualClock

PLACE = requests.OrderPlace(**ORDER)
WORLDS: list[Any] = [spot, usdm]

CANCEL_REPLACE: dict[str, Any] = ORDER | {"cancel_replace_mode": "STOP_ON_FAILURE", "cancel_order_id": 7}


def remember_states(exchange: FakeExchange) -> None:
    """Orders whose cancellation shows when they are asked for."""
    orders: dict[str, dict[str, Any]] = {}
    placed, stands, canceled = (exchange.example(f"order.{verb}") for verb in ("place", "status", "cancel"))

    def place(call: Call) -> dict[str, Any]:
        id = call.params["newClientOrderId"]
        orders[id] = {"symbol": call.params["symbol"], "clientOrderId": id, "orderId": 7, "status": "NEW"}
        return placed | orders[id]

    def known(call: Call) -> dict[str, Any]:
        if (order := orders.get(call.params.get("origClientOrderId", ""))) is None:
            raise Refusal(-2013, "Order does not exist.")
        return order

    def cancel(call: Call) -> dict[str, Any]:
        known(call)["status"] = "CANCELED"
        return canceled | known(call)

    exchange.handle("order.place", place)
    exchange.handle("order.status", lambda call: stands | known(call))
    exchange.handle("order.cancel", cancel)


# 49, 50: no answer


@pytest.mark.parametrize("world", WORLDS)
def test_f49_a_connection_that_ends_under_an_order_is_an_unknown_outcome(world: Any) -> None:
    """It is told in the moment in which the connection is seen to end, and the order is never sent again. (U25)"""

    async def main(clock: VirtualClock) -> None:
        async with world(clock, retry_reads=5) as (exchange, client):
            await client.connect()
            exchange.on("order.place").accept_then_drop()
            begun = clock.monotonic()
            with pytest.raises(
                OutcomeUnknown, match=r"order.place: it is not known .* client.settle\(error\)"
            ) as caught:
                await client.api.order_place(**ORDER)
            assert clock.monotonic() - begun <= 0.1
            error = caught.value
            assert type(error.__cause__) is ConnectionLost
            assert (error.outcome, error.method, error.code) == ("unknown", "order.place", None)
            assert error.client_order_id is not None
            assert str(error.client_order_id) in str(error)
            settled = await client.settle(error)
            assert settled.client_order_id == error.client_order_id
            await clock.advance(minutes=1)
            assert exchange.counters.orders == {error.client_order_id: 1}
            assert exchange.counters.double_sends == 0

    virtually(main)


def test_f49_everybody_under_way_is_told_before_anything_else_happens() -> None:
    async def main(clock: VirtualClock) -> None:
        order: list[str] = []
        async with spot(clock, hooks=Hooks(state=lambda change: order.append(change.state))) as (exchange, client):
            await client.connect()
            exchange.on("avgPrice", times=None).stall()

            async def ask() -> None:
                try:
                    await client.api.avg_price(symbol="BTCUSDT")
                except ConnectionLost as error:
                    order.append(str(error.outcome))

            asking = [asyncio.create_task(ask()) for _ in range(50)]
            await clock.advance(seconds=1)
            del order[:]
            dropped = clock.monotonic()
            exchange.drop_connections("api")
            await asyncio.gather(*asking)
            assert clock.monotonic() - dropped <= 0.1
            assert order == ["lost", *["unknown"] * 50] or order == ["lost", "opening", *["unknown"] * 50]

    virtually(main)


def test_f49_reads_are_repeated_only_for_who_asked_for_it() -> None:
    async def main(clock: VirtualClock) -> None:
        for retries in (0, 2):
            async with spot(clock, retry_reads=retries) as (exchange, client):
                await client.connect()
                exchange.on("avgPrice", times=2).drop()
                if retries:
                    await client.api.avg_price(symbol="BTCUSDT")
                else:
                    with pytest.raises(ConnectionLost):
                        await client.api.avg_price(symbol="BTCUSDT")
                assert exchange.counters.requests["avgPrice"] == 1 + retries

    virtually(main)


@pytest.mark.parametrize("world", WORLDS)
def test_f50_no_answer_in_time_is_unknown_and_a_late_one_is_told(world: Any) -> None:
    async def main(clock: VirtualClock) -> None:
        orphans: list[Orphan] = []
        async with world(clock, hooks=Hooks(orphan=orphans.append)) as (exchange, client):
            await client.connect()
            begun = clock.monotonic()
            exchange.on("order.place").delay(3)
            exchange.on("ticker.price").stall()
            with pytest.raises(OutcomeUnknown) as caught:
                await client.api.order_place(**ORDER, timeout=1)
            assert isinstance(caught.value.__cause__, RequestTimeout)
            with pytest.raises(RequestTimeout) as read:
                await client.api.ticker_price(symbol="BTCUSDT", timeout=0.5)
            assert (read.value.outcome, read.value.method) == ("unknown", "ticker.price")
            assert clock.monotonic() - begun == pytest.approx(1.5, abs=0.01)
            assert client.stats().in_flight == client.stats().connections[0].in_flight == 0
            await clock.advance(seconds=5)
            assert [orphan.method for orphan in orphans] == ["order.place"]
            assert caught.value.client_order_id.encode() in orphans[0].raw  # type: ignore[union-attr]

    virtually(main)


def test_f50_an_order_whose_time_is_over_does_not_leave() -> None:
    """The user's own code stands still just when the connection is there."""

    async def main(clock: VirtualClock) -> None:
        hooks = Hooks(state=lambda change: clock.jump(70 if change.state == "live" else 0))
        async with spot(clock, hooks=hooks) as (exchange, client):
            with pytest.raises((NotConnected, RequestTimeout)) as caught:
                await client.api.order_place(**ORDER, timeout=5)
            assert caught.value.outcome == "not_sent"
            await clock.advance(minutes=5)
            assert exchange.counters.requests["order.place"] == 0

    virtually(main)


# 51: no connection


def test_f51_without_a_connection_a_request_waits_within_its_own_time_and_is_signed_when_sent() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock, request_timeout=120.0) as (exchange, client):
            await client.connect()
            exchange.refuse_connections(seconds=12)
            exchange.drop_connections()
            await clock.advance(seconds=0.01)
            begun, dropped = clock.monotonic(), clock.wall()
            with pytest.raises(NotConnected, match="no connection within 3 seconds") as caught:
                await client.api.order_place(**ORDER, timeout=3)
            assert caught.value.outcome == "not_sent"
            assert clock.monotonic() - begun == pytest.approx(3, abs=0.01)
            waiting = asyncio.create_task(client.api.order_place(**ORDER, new_client_order_id="patient"))
            await waiting
            sent = [text for text in exchange.of("api")[0].texts if text["method"] == "order.place"]
            assert [text["params"]["newClientOrderId"] for text in sent] == ["patient"]
            assert sent[0]["params"]["timestamp"] >= (dropped + 11) * 1000, "signed when there was a connection again"
            assert exchange.counters.orders == {"patient": 1}

    virtually(main)


def test_f51_nothing_is_kept_for_a_later_connection() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock, memory=True, write_timeout=5.0) as (exchange, client):
            await client.connect()
            socket: Any = exchange.of("api")[0]._socket  # type: ignore[attr-defined]
            socket.stuck = 10_000
            told = await asyncio.gather(*(client.call(PLACE) for _ in range(20)), return_exceptions=True)
            assert {(type(one), one.outcome) for one in told} == {(ConnectionLost, "not_sent")}  # type: ignore[union-attr]
            await clock.advance(minutes=5)
            assert exchange.counters.requests["order.place"] == 0

    virtually(main)


def test_f51_over_tls_nobody_claims_that_an_order_did_not_leave() -> None:
    """There the bytes that wait are counted with their padding: an order before them may have left."""

    async def main(clock: VirtualClock) -> None:
        async with spot(clock, memory=True, write_timeout=5.0) as (exchange, client):
            await client.connect()
            socket: Any = exchange.of("api")[0]._socket  # type: ignore[attr-defined]
            socket.stuck, socket.exact = 10_000, False
            with pytest.raises(OutcomeUnknown):
                await client.call(PLACE)

    virtually(main)


# 52, 53, 54: what the exchange says


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize(("code", "status"), [(-1006, 500), (-1007, 408), (-1000, 500), (-1, 503), (-1008, 504)])
def test_f52_answers_that_say_unknown(world: Any, code: int, status: int) -> None:
    async def main(clock: VirtualClock) -> None:
        async with world(clock) as (exchange, client):
            if (world, code) == (usdm, -1008):  # there the exchange promises that nothing was done
                return
            exchange.on("order.place").refuse(code, "Timeout waiting for response.", status=status)
            with pytest.raises(OutcomeUnknown) as caught:
                await client.api.order_place(**ORDER)
            error, cause = caught.value, caught.value.__cause__
            assert isinstance(cause, ApiError)
            assert (error.code, cause.code, cause.status, cause.outcome) == (code, code, status, "unknown")
            assert await client.settle(error) is None
            assert exchange.counters.requests["order.place"] == 1

    virtually(main)


@pytest.mark.parametrize("world", WORLDS)
def test_f52_settling_waits_until_its_answer_is_final(world: Any) -> None:
    """An order may still arrive within its window; a cancellation finds its order in any case."""

    async def main(clock: VirtualClock) -> None:
        async with world(clock) as (exchange, client):
            remember_states(exchange)
            place = exchange.handlers["order.place"]

            def later(call: Call) -> object:
                asyncio.get_running_loop().call_later(2.9, place, call)
                raise Refusal(-1007, "Timeout", status=408)

            exchange.handle("order.place", later)
            with pytest.raises(OutcomeUnknown) as caught:
                await client.api.order_place(**ORDER, recv_window=3000)
            settled = await client.settle(caught.value)
            assert settled is not None
            assert settled.client_order_id == caught.value.client_order_id

            cancel = exchange.handlers["order.cancel"]

            def slowly(call: Call) -> object:
                asyncio.get_running_loop().call_later(2.9, cancel, call)
                raise Refusal(-1007, "Timeout", status=408)

            exchange.handle("order.cancel", slowly)
            with pytest.raises(OutcomeUnknown) as caught:
                await client.api.order_cancel(
                    symbol="BTCUSDT", orig_client_order_id=settled.client_order_id, recv_window=3000
                )
            assert not caught.value.creates
            settled = await client.settle(caught.value)
            assert settled.status == "CANCELED"
            begun = clock.monotonic()
            exchange.handle("order.place", place)
            exchange.on("order.place").drop()
            with pytest.raises(OutcomeUnknown) as caught:
                await client.api.order_place(**ORDER)
            assert await client.settle(caught.value) is None
            assert 6 <= clock.monotonic() - begun <= 9

    virtually(main)


def test_f52_settling_outlives_another_loss() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock, random=random.Random(52)) as (exchange, client):
            exchange.on("order.place").accept_then_drop()
            with pytest.raises(OutcomeUnknown) as caught:
                await client.call(PLACE)
            exchange.on("order.status").drop()
            exchange.refuse_connections(seconds=15)
            settled = await client.settle(caught.value)
            assert isinstance(settled, models.Order)
            assert settled.client_order_id == caught.value.client_order_id
            exchange.on("order.status").refuse(-2015, "Invalid API-key.", status=401)
            with pytest.raises(AuthError):
                await client.settle(caught.value)

    virtually(main)


@pytest.mark.parametrize("client", [SpotClient, UsdmClient, CoinmClient])
def test_f52_what_changes_state_names_the_method_that_tells(client: type[Any]) -> None:
    """Every such method of every product, but those for which the exchange has no method that could tell."""
    catalog = __import__(f"binance_wire.{client.product.name}.catalog", fromlist=["METHODS"])
    changing = {name: cls for name, cls in catalog.METHODS.items() if cls.spec.changes_state}
    unsettled = {name for name, cls in changing.items() if cls.spec.settle is None}
    assert unsettled <= {"algoOrder.place", "algoOrder.cancel"}
    assert {"order.place", "order.cancel"} <= set(changing)
    for name, cls in changing.items():
        settle = cls.spec.settle
        if settle is not None:
            asked = catalog.METHODS[settle.method]
            assert set(settle.parameters) <= set(asked.__struct_encode_fields__), name
            assert set(settle.parameters.values()) <= set(cls.__struct_fields__), name
        if "place" in name.lower():
            assert cls.spec.client_order_id, name


def halves(cancel: str, place: str) -> dict[str, Any]:
    """The data of a 409, as the documentation shows them."""
    refusal = {"code": -2010, "msg": "Account has insufficient balance for requested action."}
    return {"cancelResult": cancel, "newOrderResult": place, "cancelResponse": refusal, "newOrderResponse": refusal}


def test_f53_a_half_success_tells_both_halves_typed() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client):
            whole = exchange.example("order.cancelReplace")
            canceled = halves("SUCCESS", "FAILURE") | {"cancelResponse": whole["cancelResponse"]}
            exchange.on("order.cancelReplace").refuse(-2021, "Partially failed.", status=409, data=canceled)
            with pytest.raises(PartialFailure) as caught:
                await client.api.order_cancel_replace(**CANCEL_REPLACE)
            error = caught.value
            assert (error.outcome, error.code, error.status) == ("accepted", -2021, 409)
            assert isinstance(error.data, models.CancelReplaceFailure)
            assert isinstance(error.data.cancel_response, models.CanceledOrder)
            assert isinstance(error.data.new_order_response, models.Refusal)
            assert error.data.new_order_response.code == -2010
            exchange.on("order.cancelReplace").refuse(
                -2022, "Failed.", status=400, data=halves("FAILURE", "NOT_ATTEMPTED") | {"newOrderResponse": None}
            )
            with pytest.raises(PartialFailure) as caught:
                await client.api.order_cancel_replace(**CANCEL_REPLACE)
            assert caught.value.outcome == "rejected"
            assert isinstance(caught.value.data, models.CancelReplaceFailure)
            assert caught.value.data.new_order_response is None
            exchange.on("order.cancelReplace").refuse(-2021, "Of another form.", status=409, data={"half": 1})
            with pytest.raises(PartialFailure) as caught:
                await client.api.order_cancel_replace(**CANCEL_REPLACE)
            assert caught.value.data == {"half": 1}

    virtually(main)


@pytest.mark.parametrize(
    ("code", "message", "error", "name"),
    [
        (-2010, "Account has insufficient balance for requested action.", InsufficientBalance, ""),
        (-2010, "Order would immediately match and take.", OrderRejected, ""),
        (-2011, "Unknown order sent.", UnknownOrder, ""),
        (-2011, "Order was not canceled due to cancel restrictions.", CancelRejected, ""),
        (-2013, "Order does not exist.", UnknownOrder, ""),
        (-1013, "Filter failure: PRICE_FILTER", FilterFailure, "PRICE_FILTER"),
        (-1013, "Filter failure: MAX_NUM_ORDERS", FilterFailure, "MAX_NUM_ORDERS"),
        (-1013, "Invalid quantity.", FilterFailure, ""),
        (-1102, "Mandatory parameter 'price' was not sent.", BadRequest, ""),
        (-2015, "Invalid API-key, IP, or permissions for action.", AuthError, ""),
        (-1015, "Too many new orders.", RateLimited, ""),
        (-99999, "Something new.", ApiError, ""),
    ],
)
def test_f54_refusals_have_classes_of_their_own(code: int, message: str, error: type[ApiError], name: str) -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client):
            exchange.on("order.place").refuse(code, message)
            with pytest.raises(error) as caught:
                await client.call(PLACE)
            assert type(caught.value) is error
            assert (caught.value.outcome, caught.value.code, caught.value.msg) == ("rejected", code, message)
            assert caught.value.method == "order.place"
            if isinstance(caught.value, FilterFailure):
                assert caught.value.filter == name

    virtually(main)


@pytest.mark.parametrize("client", [SpotClient, UsdmClient, CoinmClient])
def test_u21_every_documented_code_is_a_class_with_an_outcome_and_never_a_value(client: type[Any]) -> None:
    async def main(clock: VirtualClock) -> None:
        product = client.product
        assert len(product.errors) > 60
        exchange = FakeExchange(product, keys=[HMAC], clock=clock)
        async with exchange, client(key=HMAC, server=exchange.server, clock=clock, transport=exchange.transport) as own:
            await own.connect()
            await asyncio.sleep(1)
            for code, known in product.errors.items():
                exchange.on("some.read", times=None).resume().refuse(code, "No.", status=400)
                with pytest.raises(ApiError) as caught:
                    await own.call_raw("some.read", changes_state=False)
                error = caught.value
                assert (error.code, error.msg, error.status) == (code, "No.", 400)
                assert error.outcome in ("rejected", "unknown", "accepted")
                assert (error.outcome == "unknown") <= (known.outcome == "unknown")
                assert error.__class__ is (ClockError if code == product.signing.clock_refused else known.error)
                if isinstance(error, RateLimited):  # it closed the gate
                    await asyncio.sleep(120)

    virtually(main)


# 55, 56, 57: many, canceled, twice


def test_f55_a_canceled_caller_leaves_nothing_behind_and_the_late_answer_is_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def main(clock: VirtualClock) -> None:
        orphans: list[Orphan] = []
        async with spot(clock, hooks=Hooks(orphan=orphans.append)) as (exchange, client):
            await client.connect()
            exchange.on("order.place").delay(1)
            placing = asyncio.create_task(client.api.order_place(**ORDER))
            await clock.advance(seconds=0.5)
            placing.cancel()
            with pytest.raises(asyncio.CancelledError):
                await placing
            assert client.stats().in_flight == client.stats().connections[0].in_flight == 0
            (id,) = [text["params"]["newClientOrderId"] for text in exchange.of("api")[0].texts[-1:]]
            assert f"order.place was canceled by its caller after it was sent (client order id {id})" in caplog.text
            await clock.advance(seconds=1)
            assert [orphan.method for orphan in orphans] == ["order.place"]
            assert id.encode() in orphans[0].raw
            assert client.stats().connections[0].orphans == 1

    virtually(main)


def test_f55_ten_thousand_cancellations_leave_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """Of requests and of reads of a stream, at random moments. (U22)"""

    async def main(clock: VirtualClock) -> None:
        chance = random.Random(22)
        async with spot(clock, memory=True) as (exchange, client), client.stream(TRADES) as events:
            await client.connect()
            seen: list[int] = []
            number = 0

            async def read() -> None:
                seen.append((await anext(events)).agg_trade_id)

            async def ask() -> None:
                await client.api.avg_price(symbol="BTCUSDT", timeout=chance.choice([0.001, 1.0]))

            for _ in range(5_000):
                reading, asking = asyncio.create_task(read()), asyncio.create_task(ask())
                for _ in range(chance.randrange(6)):
                    await asyncio.sleep(0)
                if chance.random() < 0.5:
                    number += 1
                    exchange.push(TRADES.name, agg_trade(number))
                for _ in range(chance.randrange(3)):
                    await asyncio.sleep(0)
                reading.cancel()
                asking.cancel()
                await asyncio.gather(reading, asking, return_exceptions=True)
            await asyncio.sleep(2)
            while events.pending:
                await read()
            assert seen == list(range(1, number + 1))
            stats = client.stats()
            assert stats.in_flight == stats.connections[0].in_flight == stats.connections[1].in_flight == 0
            assert (await client.api.avg_price(symbol="BTCUSDT")).minutes > 0
            asked = exchange.counters.requests["avgPrice"]
            assert 0 < stats.connections[1].orphans + stats.connections[0].orphans < asked

    with caplog.at_level(logging.WARNING, "asyncio"):
        virtually(main)
    assert "never retrieved" not in caplog.text
    assert "destroyed" not in caplog.text


def test_f56_a_second_request_with_an_id_under_way_is_refused_here() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client):
            price = requests.AvgPrice(symbol="BTCUSDT")
            exchange.on("avgPrice").delay(1)
            with pytest.raises(TypeError, match="avgPrice: id must be str or int, not float"):
                await client.call(price, id=1.5)  # type: ignore[arg-type]
            first = asyncio.create_task(client.call(price, id="mine"))
            await clock.advance(seconds=0.1)
            with pytest.raises(ValueError, match="'mine' is under way already"):
                await client.call(price, id="mine")
            assert (await first).id == "mine"
            assert (await client.call(price, id="mine")).id == "mine"
            exchange.on("avgPrice").delay(1)
            with pytest.raises(RequestTimeout):
                await client.call(price, id="mine", timeout=0.5)
            with pytest.raises(ValueError, match="'mine' was given up, and its answer may still come"):
                await client.call(price, id="mine")
            await clock.advance(seconds=1)
            assert (await client.call(price, id="mine")).id == "mine"
            assert exchange.counters.requests["avgPrice"] == 4

    virtually(main)


def test_f57_a_thousand_at_once_are_bounded_in_order_and_each_within_its_own_time() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client):
            await client.connect()
            open_now, most = 0, 0

            async def slowly(call: Call) -> dict[str, Any]:
                nonlocal open_now, most
                open_now += 1
                most = max(most, open_now)
                await asyncio.sleep(1)
                open_now -= 1
                return {"mins": 5, "price": call.params["symbol"], "closeTime": 1}

            exchange.handle("avgPrice", slowly)

            async def ask(number: int) -> object:
                return (await client.api.avg_price(symbol=str(number + 1), timeout=2.5)).price

            told = await asyncio.gather(*(ask(number) for number in range(1000)), return_exceptions=True)
            assert most == 256
            assert told[: 2 * 256] == [Decimal(number + 1) for number in range(2 * 256)]
            late = told[3 * 256 :]
            assert all(isinstance(one, NotConnected) and one.outcome == "not_sent" for one in late)
            assert all(isinstance(one, RequestTimeout) for one in told[2 * 256 : 3 * 256])
            asked = [text["params"]["symbol"] for text in exchange.of("api")[0].texts if text["method"] == "avgPrice"]
            assert asked == [str(number + 1) for number in range(3 * 256)]
            assert clock.monotonic() < 5
            await clock.advance(seconds=3)
            assert client.stats().in_flight == client.stats().connections[0].in_flight == 0

    virtually(main)


@pytest.mark.parametrize(("width", "count"), [(1, 10_000), (1000, 2_000)])
def test_u02_ten_thousand_requests_leave_nothing_behind(width: int, count: int) -> None:
    """Over a real socket, one after another and a thousand at once. (U2)"""

    async def main() -> None:
        async with spot(max_in_flight=1000) as (exchange, client):
            await client.connect()
            for _ in range(count // width):
                await asyncio.gather(*(client.api.avg_price(symbol="BTCUSDT") for _ in range(width)))
            stats, gate = client.stats(), client._alive().rpc.gate
            assert stats.in_flight == stats.connections[0].in_flight == stats.connections[0].orphans == 0
            assert len(gate._queue) == gate._busy == 0
            current = client._alive().session.line().current
            assert current is not None
            assert not current.questions._open
            assert not current.questions._over
            assert exchange.counters.requests["avgPrice"] == count

    run(main)


# 58: an answer that cannot be read


@pytest.mark.parametrize("world", WORLDS)
def test_f58_a_success_that_cannot_be_read_was_still_accepted(world: Any) -> None:
    async def main(clock: VirtualClock) -> None:
        async with world(clock) as (exchange, client):
            good = exchange.example("order.place")
            for bad in ({"orderId": "many"}, {"clientOrderId": None}, {"price": {"new": "shape"}}):
                exchange.handle("order.place", lambda _, bad=bad: good | bad)
                with pytest.raises(DecodeError, match="order.place: the data do not have") as caught:
                    await client.api.order_place(**ORDER)
                assert caught.value.outcome == "accepted"
                assert caught.value.path == f"$.result.{next(iter(bad))}"
                assert msgspec.json.decode(caught.value.raw)["result"] == good | bad
            exchange.handle("order.place", lambda _: ["no", "object"])
            with pytest.raises(DecodeError) as caught:
                await client.api.order_place(**ORDER)
            assert caught.value.outcome == "accepted"

    virtually(main)


def test_f58_an_answer_that_breaks_off_says_nothing_of_the_outcome() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client):
            await client.connect()

            def broken(call: Call) -> object:
                call.peer.say(b'{"id":"%s","status":200,"result":{"sym' % str(call.id).encode())
                raise Refusal(0, "never read")

            exchange.handle("order.place", broken)
            with pytest.raises(OutcomeUnknown) as caught:
                await client.call(PLACE)
            assert isinstance(caught.value.__cause__, DecodeError)

    virtually(main)


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"result": {}},
        {"status": None, "result": {}},
        {"status": "200", "result": {}},
        {"status": True, "result": {}},
        {"status": 302, "result": {}},
        {"status": 204},
    ],
)
def test_f58_an_answer_that_is_neither_a_success_nor_a_refusal_says_nothing_of_the_outcome(
    answer: dict[str, object],
) -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client):

            def strange(call: Call) -> object:
                call.peer.say(msgspec.json.encode({"id": call.id} | answer))
                raise Refusal(0, "never read")

            exchange.handle("order.place", strange)
            with pytest.raises(OutcomeUnknown, match="neither a result") as caught:
                await client.call(PLACE)
            assert isinstance(caught.value.__cause__, DecodeError)
            exchange.handle("ping", strange)
            with pytest.raises(DecodeError, match="ping: .* neither a result") as told:
                await client.api.ping()
            assert told.value.outcome == "unknown"

    virtually(main)


@pytest.mark.parametrize("error", [{}, {"error": None}, {"error": {}}, {"error": {"msg": None}}])
def test_f54_a_refusal_without_a_reason_is_a_refusal(error: dict[str, object]) -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client):

            def silent(call: Call) -> object:
                call.peer.say(msgspec.json.encode({"id": call.id, "status": 400} | error))
                raise Refusal(0, "never read")

            exchange.handle("order.place", silent)
            with pytest.raises(ApiError, match=r"^order\.place: no reason given$") as caught:
                await client.call(PLACE)
            assert caught.value.outcome == "rejected"

    virtually(main)


# 59: refused before anything is sent


@pytest.mark.parametrize(
    ("world", "arguments", "message"),
    [
        (spot, {"type": "LIMIT"}, "order.place: .*time_in_force must be given when type is LIMIT"),
        (spot, {"type": "MARKET"}, "one of quantity, quote_order_qty must be given when type is MARKET"),
        (spot, {"type": "MARKET", "quantity": 1, "quote_order_qty": 1}, "only one of quantity, quote_order_qty"),
        (
            spot,
            {"type": "MARKET", "quantity": 1, "stop_price": 1},
            "stop_price may be sent only when type is STOP_LOSS",
        ),
        (spot, {"type": "STOP_LOSS", "quantity": 1}, "at least one of stop_price, trailing_delta must be given"),
        (spot, {"type": "SOMETHING", "quantity": 1}, "order.place: type must be one of LIMIT"),
        (spot, {"type": "MARKET", "quantity": "-1"}, "order.place: quantity must be"),
        (spot, {"type": "MARKET", "quantity": 1, "symbol": ""}, "order.place: symbol must not be empty"),
        (usdm, {"type": "LIMIT", "time_in_force": "GTC", "quantity": 1}, "one of price, price_match must be given"),
        (usdm, {"type": "MARKET", "quantity": 1, "price_match": "QUEUE"}, "price_match may be sent only when type is"),
        (
            usdm,
            {"type": "LIMIT", "time_in_force": "GTD", "price": 1, "quantity": 1},
            "good_till_date must be given when",
        ),
    ],
)
def test_f59_conflicting_or_missing_fields_are_refused_before_a_byte_is_sent(
    world: Any, arguments: dict[str, Any], message: str
) -> None:
    async def main(clock: VirtualClock) -> None:
        async with world(clock) as (exchange, client):
            await client.connect()
            with pytest.raises(ValueError, match=message):
                await client.api.order_place(**{"symbol": "BTCUSDT", "side": "BUY"} | arguments)
            with pytest.raises(TypeError):
                await client.api.order_place(symbol="BTCUSDT", side="BUY")
            await clock.advance(seconds=1)
            assert exchange.counters.requests["order.place"] == 0
            assert client.stats().in_flight == 0

    virtually(main)


# The contract as a whole: every way to fail says what became of the request


Act = Callable[[FakeExchange, Any, VirtualClock], Awaitable[None]]


def script(prepare: Callable[[FakeExchange], object]) -> Act:
    """A fault that is set up before the request, on a connection that stands."""

    async def act(exchange: FakeExchange, client: Any, clock: VirtualClock) -> None:
        await client.connect()
        prepare(exchange)

    return act


async def never_connected(exchange: FakeExchange, client: Any, clock: VirtualClock) -> None:
    await exchange.stop()


async def handshake_refused(exchange: FakeExchange, client: Any, clock: VirtualClock) -> None:
    exchange.reject_handshakes(403, times=9, body="blocked")


async def banned(exchange: FakeExchange, client: Any, clock: VirtualClock) -> None:
    exchange.reject_handshakes(418, retry_after=60)


async def closed_before(exchange: FakeExchange, client: Any, clock: VirtualClock) -> None:
    await client.close()


async def closed_under_way(exchange: FakeExchange, client: Any, clock: VirtualClock) -> None:
    await client.connect()
    for method in ("order.place", "ticker.price"):
        exchange.on(method).stall()
    asyncio.get_running_loop().call_later(0.5, lambda: tasks.append(asyncio.ensure_future(client.close())))


async def closed_while_waiting(exchange: FakeExchange, client: Any, clock: VirtualClock) -> None:
    await client.connect()
    exchange.refuse_connections(seconds=60)
    exchange.drop_connections()
    await clock.advance(seconds=0.01)
    asyncio.get_running_loop().call_later(0.5, lambda: tasks.append(asyncio.ensure_future(client.close())))


async def vanished(exchange: FakeExchange, client: Any, clock: VirtualClock) -> None:
    await client.connect()
    exchange.freeze()


tasks: list[asyncio.Future[None]] = []
BOTH = ("order.place", "ticker.price")


def on_both(do: Callable[[Any], object]) -> Act:
    """The same fault for the order and for the read."""
    return script(lambda exchange: [do(exchange.on(method)) for method in BOTH])


WAYS: list[tuple[str, Act, type[WireError], str, str]] = [
    # what happens, the error of a read and its outcome; an order has OutcomeUnknown where that is "unknown"
    ("never connected", never_connected, ConnectFailed, "not_sent", "no connection to"),
    ("handshake refused", handshake_refused, ConnectRejected, "not_sent", "HTTP 403"),
    ("banned at the door", banned, IpBanned, "not_sent", "wants no connection"),
    ("closed before", closed_before, ClientClosed, "not_sent", "was closed"),
    ("closed under way", closed_under_way, ClientClosed, "unknown", "was closed"),
    ("closed while waiting", closed_while_waiting, ClientClosed, "not_sent", "was closed"),
    ("vanished", vanished, StaleConnection, "unknown", "nothing was heard"),
    ("dropped", on_both(lambda fault: fault.drop()), ConnectionLost, "unknown", "broke"),
    ("dropped after", on_both(lambda fault: fault.accept_then_drop()), ConnectionLost, "unknown", "broke"),
    ("closed by the exchange", on_both(lambda fault: fault.close(1001)), ConnectionLost, "unknown", "code 1001"),
    ("no answer", on_both(lambda fault: fault.stall()), RequestTimeout, "unknown", "no answer in time"),
    ("500", on_both(lambda fault: fault.refuse(-1000, "x", status=500)), ApiError, "unknown", "x"),
    ("503", on_both(lambda fault: fault.refuse(-1001, "x", status=503)), ServerBusy, "unknown", "x"),
    ("-1007", on_both(lambda fault: fault.refuse(-1007, "x", status=408)), ApiError, "unknown", "x"),
    ("400", on_both(lambda fault: fault.refuse(-1102, "x")), BadRequest, "rejected", "x"),
    ("401", on_both(lambda fault: fault.refuse(-2015, "x", status=401)), AuthError, "rejected", "x"),
    ("429", on_both(lambda fault: fault.refuse(-1003, "x", status=429)), RateLimited, "rejected", "x"),
    ("unreadable", on_both(lambda fault: fault.refuse("", "", status=200)), DecodeError, "accepted", "shape"),
]


@pytest.mark.parametrize(("way", "act", "error", "outcome", "says"), WAYS, ids=[way[0] for way in WAYS])
@pytest.mark.parametrize("reads", [True, False], ids=["read", "order"])
def test_f49_every_way_to_fail_says_what_became_of_the_request(
    way: str, act: Act, error: type[WireError], outcome: str, says: str, reads: bool
) -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock, request_timeout=100.0 if way == "vanished" else 10.0) as (exchange, client):
            await act(exchange, client, clock)
            unknown = outcome == "unknown" and not reads
            with pytest.raises(OutcomeUnknown if unknown else error, match=says) as caught:
                if reads:
                    await client.api.ticker_price(symbol="BTCUSDT")
                else:
                    await client.call(PLACE)
            assert caught.value.outcome == outcome
            if unknown:
                assert isinstance(caught.value.__cause__, error)
                assert isinstance(caught.value, OutcomeUnknown)
                assert caught.value.client_order_id
            await asyncio.gather(*tasks)
            tasks.clear()
            assert exchange.counters.double_sends == 0

    virtually(main)


async def truth(client: Any, error: OutcomeUnknown) -> bool:
    """Whether the order exists, asked for as long as it takes."""
    while True:
        try:
            return await client.settle(error) is not None
        except (ConnectionLost, NotConnected, RequestTimeout):
            await asyncio.sleep(1)


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("seed", range(8))
def test_u25_whatever_happens_the_outcome_is_the_truth_and_no_order_is_sent_twice(world: Any, seed: int) -> None:
    """Orders under random faults: what was placed exists once, what was not sent or refused never does, and what is
    unknown is what `settle` says."""

    async def main(clock: VirtualClock) -> None:
        chance = random.Random(seed)
        async with world(clock, random=random.Random(seed), retry_reads=3, enforce=False) as (exchange, client):
            orders = keep_orders(exchange)
            fault = exchange.on
            mishaps: list[Callable[[], object]] = [
                lambda: fault("order.place").accept_then_drop(),
                lambda: fault("order.place").drop(),
                lambda: fault("order.place").stall(),
                lambda: fault("order.place").delay(chance.uniform(0.5, 9)),
                lambda: fault("order.place").close(1001),
                lambda: fault("order.place").refuse(-1007, "Timeout", status=408),
                lambda: fault("order.place").refuse(-2010, "No.", status=400),
                lambda: fault("order.place").answer_twice(),
                lambda: fault("order.status").drop(),
                lambda: fault("order.status").delay(1),
                lambda: exchange.drop_connections(),
                lambda: exchange.refuse_connections(seconds=chance.uniform(0, 4)),
                lambda: exchange.announce_shutdown(),
            ]
            known: dict[str, str] = {}

            async def place(number: int) -> None:
                id = f"order-{number}"
                try:
                    await client.api.order_place(**ORDER, new_client_order_id=id, timeout=chance.uniform(0.5, 4))
                    known[id] = "placed"
                except OutcomeUnknown as error:
                    assert error.client_order_id == id
                    known[id] = "settled: placed" if await truth(client, error) else "settled: not placed"
                except WireError as error:
                    known[id] = str(error.outcome)

            placing: list[asyncio.Task[None]] = []
            for number in range(300):
                if chance.random() < 0.3:
                    chance.choice(mishaps)()
                placing.append(asyncio.create_task(place(number)))
                await asyncio.sleep(chance.uniform(0, 0.5))
            await asyncio.gather(*placing)
            await clock.advance(minutes=2)
            exist = {id: "placed" in outcome and "not" not in outcome for id, outcome in known.items()}
            assert {id: id in orders for id in known} == exist
            assert set(known.values()) <= {"placed", "settled: placed", "settled: not placed", "not_sent", "rejected"}
            assert len(set(known.values())) >= 4
            assert exchange.counters.double_sends == 0
            assert client.stats().in_flight == 0

    virtually(main)


# What is received is exact, and open to what is new


@pytest.mark.parametrize("number", [2**53 + 1, 8389766036995847940, 2**63 - 1])
def test_u18_whole_numbers_are_exact_both_ways(number: int) -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client):
            example = exchange.example("order.status")
            exchange.handle("order.status", lambda call: example | {"orderId": call.params["orderId"]})
            order = await client.api.order_status(symbol="BTCUSDT", order_id=number)
            assert order.order_id == number
            assert exchange.of("api")[0].texts[-1]["params"]["orderId"] == number

    virtually(main)


def changed(value: Any) -> Any:
    """The same payload as a later version of the exchange might send it: more fields, more elements, new values."""
    if isinstance(value, dict):
        return {key: changed(one) for key, one in value.items()} | {"fieldOfTomorrow": {"deep": [1, "2", None]}}
    if isinstance(value, list):
        return [changed(one) for one in value]
    return value


@pytest.mark.parametrize("product", PRODUCTS)
def test_u19_payloads_of_tomorrow_decode(product: str) -> None:
    """More fields everywhere, more elements in lists of fixed positions, and new values of every enumeration."""
    count = 0
    for where, payload in examples(product):
        type_ = type_of(product, payload.type)
        plain = msgspec.json.decode(payload.json)
        decoded = decoding(type_)(msgspec.json.encode(changed(plain)))
        assert type(decoded) is type(decoding(type_)(payload.json)), where
        for path in enums_in(decoded):
            again = decoding(type_)(msgspec.json.encode(replaced(plain, path)))
            found = at(again, path)
            assert isinstance(found, OpenEnum), f"{where}: {path}"
            assert (str(found), found.is_known) == (NEW, False), f"{where}: {path}"
            count += 1
    assert count > 50


NEW = "VALUE_OF_TOMORROW"
Path = tuple[tuple[str | int, str | int], ...]
"""To a value in a payload: each step by its key on the wire and by its name in Python."""


def enums_in(value: Any, path: Path = ()) -> Iterator[Path]:
    """Where the values of enumerations stand in something decoded."""
    if isinstance(value, OpenEnum):
        yield path
    elif isinstance(value, msgspec.Struct):
        wires: Any = value.__struct_encode_fields__
        if value.__struct_config__.array_like:
            wires = range(len(wires))
        for name, wire in zip(value.__struct_fields__, wires, strict=True):
            yield from enums_in(getattr(value, name), (*path, (wire, name)))
    elif isinstance(value, (list, tuple)):
        for index, one in enumerate(value):
            yield from enums_in(one, (*path, (index, index)))


def replaced(plain: Any, path: Path) -> Any:
    """The same JSON with a new value at one place."""
    if not path:
        return NEW
    (wire, _), *rest = path
    copy = plain.copy()
    copy[wire] = replaced(copy[wire], tuple(rest))
    return copy


def at(value: Any, path: Path) -> Any:
    """What stands there."""
    for _, name in path:
        value = value[name] if isinstance(name, int) else getattr(value, name)
    return value


@pytest.mark.parametrize("product", PRODUCTS)
def test_u20_what_does_not_fit_is_an_error_and_never_another_type(product: str) -> None:
    for where, payload in examples(product):
        type_ = type_of(product, payload.type)
        text = bytes(payload.json)
        wrong = b"[]" if text[:1] == b"{" else b"{}"
        if msgspec.json.decode(payload.json) in ({}, []):
            continue
        for raw in (wrong, b'"text"', b"7", b"null", text[:-1]):
            try:
                decoded = decoding(type_)(raw)
            except (DecodeError, msgspec.MsgspecError):
                continue
            empty = raw == b"[]" and not isinstance(decoded, UnknownVariant) and list(decoded) == []
            assert empty or isinstance(decoded, UnknownVariant), f"{where}: {raw[:20]!r} decodes to {decoded!r}"
