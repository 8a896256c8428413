"""Every example of `docs/testing.md` runs, and every fault and counter that it names exists."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from binance_wire.spot import SpotClient
from wirewright_runtime.testing import Counters, FakeExchange, Script

PAGE = (Path(__file__).parents[2] / "docs" / "testing.md").read_text()


def examples() -> dict[str, Any]:
    """The functions of all blocks, in one name space, as a reader would put them into one file."""
    names: dict[str, Any] = {"__name__": "page"}
    for number, block in enumerate(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL), 1):
        exec(compile(block, f"docs/testing.md, example {number}", "exec"), names)
    return {name: function for name, function in names.items() if name.startswith("test_")}


@pytest.mark.parametrize("name", re.findall(r"^def (test_\w+)", PAGE, re.MULTILINE))
def test_an_example_runs(name: str) -> None:
    examples()[name]()


def test_what_the_page_names_exists() -> None:
    faults = re.findall(r"^\| `\.(\w+)\(", PAGE, re.MULTILINE)
    assert set(faults) == {name for name in vars(Script) if not name.startswith("_")} - {"resume"}
    exchange, counters = FakeExchange.serving(SpotClient), Counters()
    table = PAGE.split("## Counters")[1].split("## Time")[0]
    for name in re.findall(r"`(\w+)(?:\(\w*\))?`", table.split("`exchange.peers`")[0].split("| --- | --- |")[1]):
        assert hasattr(counters, name), name
    connections = PAGE.split("| fault | to connections")[1].split("\n\n")[0]
    for name in re.findall(r"`(\w+)\(", connections):
        assert hasattr(exchange, name), name
