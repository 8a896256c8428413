"""Faults 1 to 14: dialling and the network below the protocol."""

from __future__ import annotations

import pytest
from fault_world import HMAC, ORDER, TRADES, spot, usdm, virtually

from wirewright_runtime import IpBanned, RateLimited
from wirewright_runtime.testing import VirtualClock


@pytest.mark.parametrize(("status", "error"), [(429, RateLimited), (418, IpBanned)])
def test_f03_ban_on_upgrade_holds_for_every_client_of_the_process(status: int, error: type[RateLimited]) -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client):
            exchange.reject_handshakes(status, retry_after=120)
            with pytest.raises(error) as caught:
                await client.connect()
            assert caught.value.until is not None
            assert 119 < caught.value.until / 1000 - clock.wall() <= 120
            other = type(client)(key=HMAC, server=exchange.server, clock=clock)
            async with other:
                with pytest.raises(error):
                    await other.connect()
                with pytest.raises(error):
                    async with other.stream(TRADES):
                        pass
                with pytest.raises(error):
                    await other.api.order_place(**ORDER)
            assert exchange.counters.rejected == 1
            assert exchange.counters.connections == 0
            await clock.advance(seconds=121)
            await client.connect()

    virtually(main)


def test_f03_a_ban_on_futures_too() -> None:
    async def main(clock: VirtualClock) -> None:
        async with usdm(clock) as (exchange, client):
            exchange.reject_handshakes(418, retry_after=60)
            with pytest.raises(IpBanned):
                await client.api.order_place(**ORDER)
            await clock.advance(seconds=61)
            order = await client.api.order_place(**ORDER)
            assert exchange.counters.orders == {order.client_order_id: 1}

    virtually(main)
