"""What orders set off in the user's own stream, in the words of each product."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest
from mock_world import ALICE, ED25519, in_virtual_time, module, world

from binance_wire.spot.events import ExecutionReport, OutboundAccountPosition
from wirewright_runtime.testing import VirtualClock

LIMIT: dict[str, Any] = {"side": "BUY", "type": "LIMIT", "time_in_force": "GTC", "price": "60000", "quantity": "2"}


@pytest.mark.parametrize("key", [ALICE, ED25519], ids=["signature", "session"])
def test_a_spot_user_hears_of_orders_and_balances(key: Any) -> None:
    @in_virtual_time
    async def test(clock: VirtualClock) -> None:
        async with world("spot", clock, key=key) as (_, client), client.user_data() as events:
            placed = await client.api.order_place(symbol="BTCUSDT", **LIMIT, new_client_order_id="mine")
            report, position = await anext(events), await anext(events)
            assert isinstance(report, ExecutionReport)
            assert (report.order_id, report.client_order_id) == (placed.order_id, "mine")
            assert (report.execution_type, report.status) == ("NEW", "NEW")
            assert isinstance(position, OutboundAccountPosition)
            assert {one.asset: one.locked for one in position.balances} == {"BTC": 0, "USDT": 120000}
            await client.api.order_cancel(symbol="BTCUSDT", order_id=placed.order_id)
            report = await anext(events)
            assert isinstance(report, ExecutionReport)
            assert (report.execution_type, report.original_client_order_id) == ("CANCELED", "mine")

    test()


@in_virtual_time
async def test_an_execution_says_price_and_trade(clock: VirtualClock) -> None:
    async with world("spot", clock) as (_, client), client.user_data() as events:
        order = await client.api.order_place_market(symbol="BTCUSDT", side="SELL", quantity=2)
        seen = [await anext(events) for _ in range(4)]
        reports = [one for one in seen if isinstance(one, ExecutionReport)]
        assert [one.execution_type for one in reports] == ["NEW", "TRADE"]
        assert reports[1].trade_id == order.fills[0].trade_id
        assert (reports[1].last_executed_price, reports[1].last_executed_quantity) == (Decimal(65000), 2)


@in_virtual_time
async def test_nobody_hears_of_anybody_else(clock: VirtualClock) -> None:
    async with world("spot", clock) as (exchange, alice):
        async with type(alice)(key=ED25519, server=exchange.server, clock=clock) as carol:
            async with carol.user_data() as events:
                await alice.api.order_place_market(symbol="BTCUSDT", side="SELL", quantity=2)
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(5):
                        await anext(events)


@pytest.mark.parametrize(("product", "symbol"), [("usdm", "BTCUSDT"), ("coinm", "BTCUSD_PERP")])
def test_a_futures_user_hears_of_orders_and_positions(product: str, symbol: str) -> None:
    @in_virtual_time
    async def test(clock: VirtualClock) -> None:
        events_of = module(product, "events")
        async with world(product, clock) as (_, client), client.user_data() as events:
            order = await client.api.order_place(symbol=symbol, side="BUY", type="MARKET", quantity="3")
            new, account, trade = [await anext(events) for _ in range(3)]
            assert isinstance(new, events_of.OrderTradeUpdate)
            assert isinstance(account, events_of.AccountUpdate)
            assert isinstance(trade, events_of.OrderTradeUpdate)
            assert (new.order.order_id, new.order.status) == (order.order_id, "NEW")
            assert (trade.order.status, trade.order.symbol) == ("FILLED", symbol)
            assert (trade.order.position_side, trade.order.close_position) == ("BOTH", False)
            assert [one.position_amount for one in account.changes.positions] == [3]

    test()
