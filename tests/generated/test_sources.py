"""Numbers of the exchange say where they come from, and when they were true."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
SPECS = ROOT / "specs" / "binance"
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
SECTIONS = [
    pytest.param(part, id=f"{file.parent.name}/{file.stem}: {part.splitlines()[0]}")
    for file in sorted(SPECS.glob("*/*.md"))
    for part in re.split(r"^## ", file.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    if re.search(r"\*\*(Weight|Stream Name|Event|Codes):\*\*|^\| Code \|", part, re.MULTILINE)
]


@pytest.mark.parametrize("section", SECTIONS)
def test_a_method_a_stream_and_an_event_have_a_source_with_a_date(section: str) -> None:
    source = re.search(r"^\*\*Source:\*\* (.+)$", section, re.MULTILINE)
    assert source and DATE.search(source[1])


@pytest.mark.parametrize("product", ["spot", "usdm", "coinm"])
def test_servers_and_sockets_have_a_source_with_a_date(product: str) -> None:
    document: dict[str, Any] = yaml.safe_load((SPECS / product / "asyncapi.yaml").read_text(encoding="utf-8"))
    for name, server in document["servers"].items():
        assert server["x-source"] and DATE.search(str(server["x-date"])), name
    sockets = [channel["x-socket"] for channel in document["channels"].values() if "x-socket" in channel]
    assert len(sockets) >= 3
    for socket in sockets:
        assert socket["x-source"] and DATE.search(str(socket["x-date"])), socket["name"]
