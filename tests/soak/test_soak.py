"""A short soak, and that its counts can be anything but zero."""

from __future__ import annotations

import pytest
from ledger import Ledger, Reading
from soak import soak

from wirewright_runtime import Gap

GAP = Gap(since=0, until=1, dropped=None, reason="reconnect")


@pytest.mark.parametrize("seed", [1, 2])
def test_a_short_soak_breaks_no_promise(seed: int) -> None:
    said: list[str] = []
    ledger = soak(0, seed, hours=0.25, say=said.append)
    assert ledger.line() == "lost 0, duplicated 0, double sends 0, silent 0, leaked 0", said
    assert ledger.frames > 1000
    assert ledger.reconnects > 5
    assert ledger.requests > 10


def test_the_ledger_sees_what_is_lost_repeated_and_told_wrongly() -> None:
    ledger, reading = Ledger(), Reading("trades")
    for number in (1, 2, 5, 5, 4, 6):
        ledger.saw(reading, number, 0.0)
    ledger.met(reading, GAP, 0.0)
    ledger.saw(reading, 10, 0.0)
    ledger.told("a", "accepted", executed=False)
    ledger.told("b", "rejected", executed=True)
    ledger.told("c", "rejected", executed=False)
    assert ledger.line() == "lost 2, duplicated 2, double sends 0, silent 2, leaked 0"
    assert "5 after 2" in ledger.examples["lost"]
