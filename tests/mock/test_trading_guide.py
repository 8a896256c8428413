"""Every example of `docs/guide.md` is strictly typed, and does what the page says."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from mock_world import ROOT

from binance_wire.spot import SpotClient
from wirewright.mock import mock_product
from wirewright.mock.exchange import MockExchange
from wirewright_runtime import HmacKey

KEY = HmacKey("api-key-of-a-reader", "secret-of-a-reader")
GUIDE = (ROOT / "docs/guide.md").read_text()
MODULE = "\n\n".join(re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL))
FUNCTIONS = re.findall(r"^(?:async )?def (\w+)", MODULE, re.MULTILINE)


def page() -> SimpleNamespace:
    """The examples in one name space, as a reader would put them into one file."""
    names: dict[str, Any] = {"__name__": "page"}
    exec(compile(MODULE, "docs/guide.md", "exec"), names)
    return SimpleNamespace(**names)


def with_client(run: Callable[[SimpleNamespace, SpotClient, MockExchange], Any]) -> None:
    async def main() -> None:
        async with mock_product("spot", keys=[KEY], weight_limit=6000) as exchange, asyncio.timeout(30):
            async with SpotClient(key=KEY, server=exchange.server, recv_window=1000) as client:
                await run(page(), client, exchange)

    asyncio.run(main())


def test_orders_are_placed_moved_and_canceled() -> None:
    async def run(here: SimpleNamespace, client: SpotClient, exchange: MockExchange) -> None:
        first = await here.buy(client, Decimal(60000))
        exchange.on("order.place").accept_then_drop()
        second = await here.buy(client, Decimal(60001))
        assert len({first, second, None}) == 3
        exchange.on("order.place").drop()
        assert await here.buy(client, Decimal(60002)) is None
        assert await here.buy(client, Decimal("0.001")) is None
        moved = await here.move(client, first, Decimal(59000))
        assert moved not in (None, first)
        assert await here.move(client, 404, Decimal(59000)) is None
        assert await here.cancel(client, moved)
        assert await here.cancel(client, moved)
        exchange.on("order.cancel").accept_then_drop()
        assert await here.cancel(client, second)
        third = await here.buy(client, Decimal(60003))
        exchange.on("order.cancel").drop()
        assert not await here.cancel(client, third)
        assert exchange.counters.double_sends == 0

    with_client(run)


def test_streams_are_read(capsys: pytest.CaptureFixture[str]) -> None:
    async def run(here: SimpleNamespace, client: SpotClient, exchange: MockExchange) -> None:
        await here.watch(client)
        await here.scan(client, ["BTCUSDT", "ETHUSDT"])
        await here.guarded(client)
        assert here.unhealthy(client) == []
        book = await here.keep_book(client, "BTCUSDT")
        assert max(book.bids) < min(book.asks)
        await here.poll(client)
        await here.newer(client)

    with_client(run)
    assert "NEW True" in capsys.readouterr().out


def test_the_account_is_followed(capsys: pytest.CaptureFixture[str]) -> None:
    async def run(here: SimpleNamespace, client: SpotClient, exchange: MockExchange) -> None:
        following = asyncio.create_task(here.follow(client))
        while not any(peer.user_data for peer in exchange.peers):
            await asyncio.sleep(0.01)
        await here.buy(client, Decimal(60000))
        await following

    with_client(run)
    assert "NEW 0.00000000" in capsys.readouterr().out


def test_clients_are_made() -> None:
    async def run(here: SimpleNamespace, client: SpotClient, exchange: MockExchange) -> None:
        await here.connect(KEY, exchange.server)
        await here.observed(KEY, exchange.server)
        exchange.add_key(HmacKey("another", "secret-of-another"))
        new = await here.rotate(client, HmacKey("another", "secret-of-another"), exchange.server)
        await new.close()
        await asyncio.to_thread(here.without_asyncio, KEY, exchange.server)

    with_client(run)


def test_no_example_is_forgotten() -> None:
    used = set(re.findall(r"\bhere\.(\w+)", (ROOT / "tests/mock/test_trading_guide.py").read_text()))
    methods = {"apply", "__init__", "told"}  # of what is used by others
    assert {name for name in FUNCTIONS if name not in methods} == used


def test_the_examples_are_strictly_typed(tmp_path: Path) -> None:
    (tmp_path / "guide.py").write_text(MODULE)
    for number, page in enumerate([ROOT / "README.md", *(ROOT / "generated/binance_wire").glob("*/README.md")]):
        (block,) = re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL)
        (tmp_path / f"readme_{number}.py").write_text(block)
    paths = [str(ROOT / "runtime"), str(ROOT / "generated")]
    settings = {"include": ["."], "extraPaths": paths, "typeCheckingMode": "strict"}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings))
    for checker in (
        ["mypy", "--strict", "--config-file", str(ROOT / "pyproject.toml"), *map(str, tmp_path.glob("*.py"))],
        ["pyright", "--pythonpath", sys.executable, "-p", str(tmp_path)],
    ):
        run = subprocess.run([sys.executable, "-m", *checker], cwd=tmp_path, capture_output=True, text=True)
        assert run.returncode == 0, run.stdout + run.stderr


def test_every_question_leads_somewhere() -> None:
    headings = {
        f"#{title.lower().replace(' ', '-').replace(',', '')}" for title in re.findall(r"^## (.*)", GUIDE, re.M)
    }
    assert set(re.findall(r"\]\((#[^)]*)\)", GUIDE)) == headings
