"""Orders at the loopback exchange: what was placed can be asked for, and everything stays consistent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from mock_world import ALICE, ED25519, in_virtual_time, world

from binance_wire.spot import models
from wirewright_runtime import (
    ApiError,
    FilterFailure,
    InsufficientBalance,
    OrderRejected,
    OutcomeUnknown,
    PartialFailure,
    UnknownOrder,
)
from wirewright_runtime.testing import VirtualClock

LIMIT: dict[str, Any] = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "time_in_force": "GTC"}


async def rest(client: Any, **more: Any) -> Any:
    """A limit order below the market."""
    return await client.api.order_place(**LIMIT | {"quantity": "0.5", "price": "60000"} | more)


@in_virtual_time
async def test_a_limit_order_rests_until_it_is_canceled(clock: VirtualClock) -> None:
    async with world("spot", clock) as (_, client):
        placed = await rest(client, new_client_order_id="mine")
        assert (placed.symbol, placed.client_order_id, placed.status) == ("BTCUSDT", "mine", "NEW")
        assert placed.original_quantity == Decimal("0.5")
        assert placed.fills == []
        by_id = await client.api.order_status(symbol="BTCUSDT", order_id=placed.order_id)
        by_name = await client.api.order_status(symbol="BTCUSDT", orig_client_order_id="mine")
        assert by_id == by_name
        assert by_id.order_id == placed.order_id
        assert [one.order_id for one in await client.api.open_orders_status()] == [placed.order_id]
        canceled = await client.api.order_cancel(symbol="BTCUSDT", order_id=placed.order_id)
        assert isinstance(canceled, models.CanceledOrder)
        assert (canceled.status, canceled.original_client_order_id) == ("CANCELED", "mine")
        assert await client.api.open_orders_status(symbol="BTCUSDT") == []
        assert (await client.api.order_status(symbol="BTCUSDT", order_id=placed.order_id)).status == "CANCELED"
        with pytest.raises(UnknownOrder):
            await client.api.order_cancel(symbol="BTCUSDT", order_id=placed.order_id)


@in_virtual_time
async def test_a_market_order_fills_at_once(clock: VirtualClock) -> None:
    async with world("spot", clock) as (_, client):
        order = await client.api.order_place_market(symbol="BTCUSDT", side="SELL", quantity=2)
        assert (order.status, order.executed_quantity) == ("FILLED", 2)
        assert [(fill.price, fill.quantity) for fill in order.fills] == [(Decimal(65000), 2)]
        trades = await client.api.my_trades(symbol="BTCUSDT")
        assert [(one.order_id, one.trade_id) for one in trades] == [(order.order_id, order.fills[0].trade_id)]
        account = await client.api.account_status()
        assert {one.asset: one.free for one in account.balances} == {"BTC": 999998, "USDT": 1130000}


@in_virtual_time
async def test_a_limit_order_that_crosses_fills_and_an_impatient_one_expires(clock: VirtualClock) -> None:
    async with world("spot", clock) as (_, client):
        assert (await rest(client, price="66000")).status == "FILLED"
        assert (await rest(client, time_in_force="IOC")).status == "EXPIRED"
        with pytest.raises(OrderRejected, match="immediately match"):
            await client.api.order_place(symbol="BTCUSDT", side="SELL", type="LIMIT_MAKER", quantity=1, price=64000)


@in_virtual_time
async def test_an_answer_has_the_shape_that_was_asked_for(clock: VirtualClock) -> None:
    async with world("spot", clock) as (_, client):
        shapes = {"ACK": models.OrderAck, "RESULT": models.OrderReport, "FULL": models.PlacedOrder}
        for wanted, shape in shapes.items():
            assert type(await rest(client, new_order_resp_type=wanted)) is shape


@in_virtual_time
async def test_cancel_and_replace_succeed_and_fail_each_alone(clock: VirtualClock) -> None:
    async with world("spot", clock) as (_, client):
        placed = await rest(client)
        replace = client.api.order_cancel_replace
        new: dict[str, Any] = LIMIT | {"quantity": "0.25", "price": "61000"}
        both = await replace(
            **new,
            cancel_replace_mode="STOP_ON_FAILURE",
            cancel_order_id=placed.order_id,
            cancel_new_client_order_id="old-one",
            new_client_order_id="new-one",
        )
        assert (both.cancel_response.order_id, both.new_order_response.price) == (placed.order_id, 61000)
        assert both.cancel_response.client_order_id == "old-one"
        assert both.new_order_response.client_order_id == "new-one"
        with pytest.raises(PartialFailure) as failed:
            await replace(**new, cancel_replace_mode="ALLOW_FAILURE", cancel_order_id=placed.order_id)
        assert (failed.value.code, failed.value.status) == (-2021, 409)
        half = failed.value.data
        assert isinstance(half, models.CancelReplaceFailure)
        assert half.cancel_response == models.Refusal(code=-2011, message="Unknown order sent.")
        assert isinstance(half.new_order_response, models.OrderReport)
        with pytest.raises(PartialFailure) as failed:
            await replace(**new, cancel_replace_mode="STOP_ON_FAILURE", cancel_order_id=placed.order_id)
        assert failed.value.code == -2022
        assert len(await client.api.open_orders_status(symbol="BTCUSDT")) == 2


@in_virtual_time
async def test_an_amended_order_keeps_its_id(clock: VirtualClock) -> None:
    async with world("spot", clock) as (_, client):
        placed = await rest(client, new_client_order_id="first")
        amended = await client.api.order_amend_keep_priority(
            symbol="BTCUSDT", order_id=placed.order_id, new_qty="0.25", new_client_order_id="second"
        )
        assert amended.amended_order.order_id == placed.order_id
        now = await client.api.order_status(symbol="BTCUSDT", orig_client_order_id="second")
        assert now.original_quantity == Decimal("0.25")
        history = await client.api.order_amendments(symbol="BTCUSDT", order_id=placed.order_id)
        assert [(one.original_quantity, one.new_quantity) for one in history] == [(Decimal("0.5"), Decimal("0.25"))]
        with pytest.raises(ApiError, match="quantity increase"):
            await client.api.order_amend_keep_priority(symbol="BTCUSDT", order_id=placed.order_id, new_qty="0.3")


@in_virtual_time
async def test_a_list_lives_and_ends_together(clock: VirtualClock) -> None:
    async with world("spot", clock) as (_, client):
        oco = await client.api.order_list_place_oco(
            symbol="BTCUSDT", side="SELL", quantity=1, above_type="LIMIT_MAKER", above_price="70000",
            below_type="STOP_LOSS", below_stop_price="60000", list_client_order_id="both",
        )  # fmt: skip
        assert [one.order_type for one in oco.order_reports] == ["LIMIT_MAKER", "STOP_LOSS"]
        assert {one.order_list_id for one in oco.order_reports} == {oco.order_list_id}
        known = await client.api.order_list_status(orig_client_order_id="both")
        assert known.order_list_id == oco.order_list_id
        assert len(await client.api.open_order_lists_status()) == 1
        canceled = await client.api.order_cancel(symbol="BTCUSDT", order_id=oco.orders[0].order_id)
        assert isinstance(canceled, models.CanceledOrderList)
        assert {one.status for one in canceled.order_reports} == {"CANCELED"}
        assert await client.api.open_order_lists_status() == []
        assert len(await client.api.all_order_lists()) == 1


@in_virtual_time
async def test_a_working_order_sets_off_the_pending_one(clock: VirtualClock) -> None:
    async with world("spot", clock) as (_, client):
        place = client.api.order_list_place_oto
        pending: dict[str, Any] = {"pending_type": "LIMIT_MAKER", "pending_side": "SELL", "pending_price": "70000"}
        working: dict[str, Any] = {"working_type": "LIMIT", "working_side": "BUY", "working_time_in_force": "GTC"}
        sent = {"symbol": "BTCUSDT", "working_quantity": 1, "pending_quantity": 1} | pending | working
        waiting = await place(**sent, working_price="60000")
        assert [one.status for one in waiting.order_reports] == ["NEW", "PENDING_NEW"]
        started = await place(**sent, working_price="66000")
        assert [one.status for one in started.order_reports] == ["FILLED", "NEW"]


@in_virtual_time
async def test_when_one_of_a_pending_pair_fills_the_other_expires(clock: VirtualClock) -> None:
    async with world("spot", clock) as (_, client):
        placed = await client.api.order_list_place_otoco(
            symbol="BTCUSDT", working_type="LIMIT", working_side="BUY", working_price="66000", working_quantity=1,
            working_time_in_force="GTC", pending_side="SELL", pending_quantity=1, pending_above_type="LIMIT_MAKER",
            pending_above_price="64000", pending_below_type="STOP_LOSS", pending_below_stop_price="50000",
        )  # fmt: skip
        told = {one.order_type: (one.status, one.side) for one in placed.order_reports}
        assert told == {"LIMIT": ("FILLED", "BUY"), "LIMIT_MAKER": ("FILLED", "SELL"), "STOP_LOSS": ("EXPIRED", "SELL")}
        assert placed.list_order_status == "ALL_DONE"


@in_virtual_time
async def test_a_refused_list_leaves_nothing(clock: VirtualClock) -> None:
    async with world("spot", clock) as (_, client):
        oco = client.api.order_list_place_oco
        with pytest.raises(OrderRejected, match="immediately match"):
            await oco(
                symbol="BTCUSDT", side="SELL", quantity=1, above_type="STOP_LOSS", above_stop_price="70000",
                below_type="LIMIT_MAKER", below_price="64000",
            )  # fmt: skip
        assert await client.api.all_order_lists() == []
        assert await client.api.all_orders(symbol="BTCUSDT") == []


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@in_virtual_time
async def test_the_deprecated_list_is_a_limit_order_and_a_stop(clock: VirtualClock) -> None:
    async with world("spot", clock) as (_, client):
        placed = await client.api.order_list_place(
            symbol="BTCUSDT", side="SELL", quantity=1, price="70000", limit_client_order_id="limit",
            stop_price="60000", stop_limit_price="59000", stop_limit_time_in_force="GTC", stop_client_order_id="stop",
        )  # fmt: skip
        limit, stop = placed.order_reports
        assert (limit.order_type, limit.price, limit.client_order_id) == ("LIMIT_MAKER", 70000, "limit")
        assert (stop.order_type, stop.price, stop.client_order_id) == ("STOP_LOSS_LIMIT", 59000, "stop")
        assert stop.stop_price == 60000


@pytest.mark.parametrize(("product", "symbol"), [("spot", "BTCUSDT"), ("usdm", "BTCUSDT"), ("coinm", "BTCUSD_PERP")])
@pytest.mark.parametrize("changed", [{"price": "0"}, {"quantity": "0"}], ids=["price", "quantity"])
def test_nothing_for_nothing(product: str, symbol: str, changed: dict[str, Any]) -> None:
    @in_virtual_time
    async def test(clock: VirtualClock) -> None:
        async with world(product, clock) as (_, client):
            with pytest.raises(FilterFailure):
                await rest(client, symbol=symbol, **changed)

    test()


@in_virtual_time
async def test_what_cannot_be_is_refused_with_the_exchanges_codes(clock: VirtualClock) -> None:
    async with world("spot", clock) as (_, client):
        with pytest.raises(FilterFailure, match="NOTIONAL"):
            await rest(client, quantity="0.00001")
        with pytest.raises(InsufficientBalance) as refused:
            await rest(client, quantity="1000")
        assert refused.value.code == -2010
        await rest(client, new_client_order_id="twice")
        with pytest.raises(OrderRejected, match="Duplicate order sent"):
            await rest(client, new_client_order_id="twice")
        with pytest.raises(UnknownOrder) as unknown:
            await client.api.order_status(symbol="BTCUSDT", order_id=1)
        assert unknown.value.code == -2013


@in_virtual_time
async def test_a_lost_answer_is_settled(clock: VirtualClock) -> None:
    async with world("spot", clock) as (exchange, client):
        exchange.on("order.place").accept_then_drop()
        with pytest.raises(OutcomeUnknown) as lost:
            await rest(client)
        found = await client.settle(lost.value)
        assert isinstance(found, models.Order)
        assert found.client_order_id == lost.value.client_order_id


@in_virtual_time
async def test_users_see_their_own_orders_only(clock: VirtualClock) -> None:
    async with world("spot", clock, key=ALICE) as (exchange, alice):
        placed = await rest(alice)
        async with type(alice)(key=ED25519, server=exchange.server, clock=clock) as carol:
            assert await carol.api.open_orders_status() == []
            with pytest.raises(UnknownOrder):
                await carol.api.order_status(symbol="BTCUSDT", order_id=placed.order_id)


@pytest.mark.parametrize(("product", "symbol"), [("usdm", "BTCUSDT"), ("coinm", "BTCUSD_PERP")])
def test_a_futures_order_is_placed_modified_and_canceled(product: str, symbol: str) -> None:
    @in_virtual_time
    async def test(clock: VirtualClock) -> None:
        async with world(product, clock) as (_, client):
            placed = await client.api.order_place(**LIMIT | {"symbol": symbol, "quantity": "3", "price": "60000"})
            changed = await client.api.order_modify(
                symbol=symbol, order_id=placed.order_id, side="BUY", quantity="2", price="61000"
            )
            assert (changed.order_id, changed.original_quantity, changed.price) == (placed.order_id, 2, 61000)
            await client.api.order_cancel(symbol=symbol, order_id=placed.order_id)
            now = await client.api.order_status(symbol=symbol, order_id=placed.order_id)
            assert (now.status, now.symbol) == ("CANCELED", symbol)

    test()


@in_virtual_time
async def test_a_conditional_order_waits_until_it_is_canceled(clock: VirtualClock) -> None:
    async with world("usdm", clock) as (_, client), client.user_data() as events:
        placed = await client.api.algo_order_place(
            algo_type="CONDITIONAL",
            symbol="BTCUSDT",
            side="SELL",
            type="STOP_MARKET",
            quantity=1,
            trigger_price="60000",
        )
        assert (placed.symbol, placed.trigger_price, placed.algo_status) == ("BTCUSDT", 60000, "NEW")
        canceled = await client.api.algo_order_cancel(algo_id=placed.algo_id)
        assert canceled.algo_id == placed.algo_id
        assert [(await anext(events)).order.algo_status for _ in range(2)] == ["NEW", "CANCELED"]
        with pytest.raises(UnknownOrder):
            await client.api.algo_order_cancel(algo_id=placed.algo_id)
