"""The page for users of other clients: every name in the second column of its tables exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import wirewright_runtime
from binance_wire.coinm import CoinmClient
from binance_wire.spot import SpotClient
from binance_wire.usdm import UsdmClient

PAGE = (Path(__file__).parents[2] / "docs" / "coming-from.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (`.+?|\w[\w ]+?) \| (`.+?) \|.*\|$", PAGE, re.MULTILINE)
CLIENTS = {"SpotClient": SpotClient, "UsdmClient": UsdmClient, "CoinmClient": CoinmClient}


def resolve(name: str) -> None:
    """Raises if there is no such name."""
    first, *rest = name.split(".")
    if rest and rest[0] == "api":
        found = type(CLIENTS[first](key=None).api)
        rest = rest[1:]
    elif first == "ClientOptions" and rest:
        assert rest[0] in wirewright_runtime.ClientOptions.__annotations__, name
        return
    else:
        found = CLIENTS.get(first) or getattr(wirewright_runtime, first)
    if rest:
        assert rest[0] in dir(found) or rest[0] in getattr(found, "__slots__", ()), name


@pytest.mark.parametrize(("there", "here"), ROWS, ids=[there[:40] for there, _ in ROWS])
def test_what_the_page_names_is_there(there: str, here: str) -> None:
    names = re.findall(r"`([\w.]+)", here)
    assert names, there
    for name in names:
        resolve(name)


def test_all_methods_of_the_other_client_are_on_the_page() -> None:
    assert len([there for there, here in ROWS if re.match(r"`\w+`$", there) and "Client." in here]) >= 67
