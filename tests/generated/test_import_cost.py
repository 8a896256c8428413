"""Importing a client is cheap: little time beside that of the libraries below it, and no decoder before the first use."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

COST = """
from effort import calls

def below():
    import websockets.asyncio.client, msgspec

def own():
    import binance_wire.spot

print(calls(below), calls(own))
"""

DECODERS = """
import sys
import msgspec
import wirewright_runtime

made = []
for library in (msgspec.json, msgspec.msgpack):
    def count(*args, real=library.Decoder, **options):
        made.append(args)
        return real(*args, **options)
    library.Decoder = count
import binance_wire.{product}.models
assert not made, made
assert "cryptography" not in sys.modules
from wirewright_runtime.decode import decoding
from binance_wire.{product} import models
decoding(models.{model})
assert made, "the test counts"
"""


def run(code: str, cache: Path) -> str:
    """What a fresh interpreter prints, with its bytecode in a folder of the test."""
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    env = clean | {"PYTHONPYCACHEPREFIX": str(cache), "PYTHONPATH": str(Path(__file__).parents[1])}
    return subprocess.run([sys.executable, "-c", code], env=env, check=True, capture_output=True, text=True).stdout


def test_an_import_costs_little_beside_the_libraries(tmp_path: Path) -> None:
    run(COST, tmp_path)  # compiles
    below, own = map(int, run(COST, tmp_path).split())
    assert own < below


@pytest.mark.parametrize(("product", "model"), [("spot", "Order"), ("usdm", "Order"), ("coinm", "Order")])
def test_an_import_builds_no_decoder(product: str, model: str, tmp_path: Path) -> None:
    run(DECODERS.format(product=product, model=model), tmp_path)
