"""Clients in programs without an event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from mini_wire.mini import MiniClient, catalog
from mini_wire.mini.streams import AggTradeStream
from mini_world import HMAC, ORDER, PRODUCT, agg_trade, keep_orders

from wirewright_runtime import Blocking, ClientClosed, ConnectFailed, Gap, Server
from wirewright_runtime.testing import FakeExchange

TRADES = AggTradeStream(symbol="btcusdt")


@contextmanager
def exchange_in_a_thread() -> Iterator[tuple[FakeExchange, asyncio.AbstractEventLoop]]:
    """An exchange whose event loop is not that of the test."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def begin() -> FakeExchange:
        exchange = FakeExchange(PRODUCT, keys=[HMAC], methods=catalog.METHODS)
        exchange.answer("avgPrice", {"mins": 5, "price": "1.00", "closeTime": 1})
        keep_orders(exchange)
        await exchange.start()
        return exchange

    exchange = asyncio.run_coroutine_threadsafe(begin(), loop).result()
    try:
        yield exchange, loop
    finally:
        asyncio.run_coroutine_threadsafe(exchange.stop(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def test_requests_and_streams_without_an_event_loop() -> None:
    before = threading.active_count()
    with exchange_in_a_thread() as (exchange, loop):
        with Blocking(MiniClient(key=HMAC, server=exchange.server)) as mini:
            assert mini.run(mini.client.api.avg_price(symbol="BTCUSDT")).close_time == 1
            with mini.reading(lambda: mini.client.stream(TRADES, gaps="mark")) as events:
                loop.call_soon_threadsafe(exchange.push, "btcusdt@aggTrade", agg_trade(1), agg_trade(2))
                got: list[Any] = [next(events), next(events)]
            assert [event.agg_trade_id for event in got if not isinstance(event, Gap)] == [1, 2]
            assert mini.call(mini.client.stats).in_flight == 0
        with pytest.raises(RuntimeError, match="inside of its `with`"):
            mini.run(mini.client.api.avg_price(symbol="BTCUSDT"))
    assert threading.active_count() == before


def test_several_threads_get_their_own_answers() -> None:
    with exchange_in_a_thread() as (exchange, _), Blocking(MiniClient(key=HMAC, server=exchange.server)) as mini:

        def place(number: int) -> str:
            return mini.run(mini.client.api.order_place(**ORDER, new_client_order_id=f"mine-{number}")).client_order_id  # type: ignore[no-any-return]

        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(place, range(40))) == [f"mine-{number}" for number in range(40)]
        assert exchange.counters.double_sends == 0


def test_errors_come_out_and_reading_goes_on_behind_them() -> None:
    with exchange_in_a_thread() as (exchange, loop), Blocking(MiniClient(server=exchange.server)) as mini:
        with mini.reading(lambda: mini.client.stream(TRADES, idle=0.1)) as events:
            with pytest.raises(Exception, match="brought nothing"):
                next(events)
            loop.call_soon_threadsafe(exchange.push, "btcusdt@aggTrade", agg_trade(1))
            assert next(events).agg_trade_id == 1
    with Blocking(MiniClient(server=Server.at("ws://127.0.0.1:9"))) as mini, pytest.raises(ConnectFailed):
        mini.run(mini.client.connect())


def test_closing_wakes_the_threads_that_wait() -> None:
    with exchange_in_a_thread() as (exchange, _), ThreadPoolExecutor(4) as pool:
        with Blocking(MiniClient(server=exchange.server)) as mini:

            def read() -> object:
                with mini.reading(lambda: mini.client.stream(TRADES)) as events:
                    return next(events)

            waiting = [pool.submit(read) for _ in range(4)]
            while len(mini.call(mini.client.stats).streams) < 1:
                pass
            mini.run(mini.client.close())
            for one in waiting:
                assert isinstance(one.exception(timeout=10), ClientClosed)


def test_its_own_thread_is_told_to_await() -> None:
    with Blocking(MiniClient(server=Server.at("ws://127.0.0.1:9"))) as mini:
        with pytest.raises(RuntimeError, match="own thread"):
            mini.call(lambda: mini.run(mini.client.connect()))
