"""Faults 27 to 39 and 45: what exchanges do by design, and what they do to streams."""

from __future__ import annotations

import pytest
from fault_world import TRADES, agg_trade, spot, usdm, virtually

from binance_wire.usdm.streams import AggTradeStream as UsdmAggTradeStream
from binance_wire.usdm.streams import BookTickerStream as UsdmBookTickerStream
from wirewright_runtime import Hooks
from wirewright_runtime.testing import VirtualClock


@pytest.mark.parametrize("shape", ["combined", "raw"])
def test_f28_a_shutdown_notice_replaces_the_connection_at_once(shape: str) -> None:
    """The old connection is read until the new one has taken over, though the exchange closes it soon."""

    async def main(clock: VirtualClock) -> None:
        notices: list[str] = []
        hooks = Hooks(notice=lambda notice: notices.append(notice.type))
        async with spot(clock, hooks=hooks) as (exchange, client), client.stream(TRADES, gaps="raise") as events:
            exchange.push(TRADES.name, agg_trade(1))
            exchange.announce_shutdown(shape, name="streams")
            exchange.push(TRADES.name, agg_trade(2))
            await clock.advance(seconds=0.1)
            old, fresh = exchange.of("streams")
            assert TRADES.name in fresh.streams
            exchange.push(TRADES.name, agg_trade(3))
            old.close(1001)
            exchange.push(TRADES.name, agg_trade(4))
            assert [(await anext(events)).agg_trade_id for _ in range(4)] == [1, 2, 3, 4]
            assert notices == ["serverShutdown"]

    virtually(main)


def test_f28_a_notice_on_every_kind_of_futures_socket() -> None:
    async def main(clock: VirtualClock) -> None:
        trades, book = UsdmAggTradeStream(symbol="btcusdt"), UsdmBookTickerStream(symbol="btcusdt")
        async with usdm(clock) as (exchange, client), client.user_data():
            async with client.stream(trades), client.stream(book):
                before = {peer.number for peer in exchange.peers}
                exchange.announce_shutdown()
                await clock.advance(seconds=60)
                assert sorted(peer.socket.name for peer in exchange.peers if peer.socket) == [
                    "api",
                    "market",
                    "private",
                    "public",
                ]
                assert not before & {peer.number for peer in exchange.peers}
                assert exchange.push(book.name, {}) == exchange.push(trades.name, {}) == 1

    virtually(main)
