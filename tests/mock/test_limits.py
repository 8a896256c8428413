"""Samples keep the patterns of their schemas, in lists too."""

from __future__ import annotations

import re

import pytest

from wirewright.mock.limits import kept
from wirewright.model.types import Limits


@pytest.mark.parametrize(
    "pattern",
    [
        *(r"^agent_[a-z0-9]+$", r"^0x[0-9a-fA-F]{40}$", r"^ORD-\d{6}$", r"^[a-f0-9]{64}$", r"^[A-Z]{3}/[A-Z]{3}$"),
        *(r"^\d{4}-\d{2}-\d{2}$", r"^\+[1-9]\d{1,14}$", r"^[A-Z]+$"),
    ],
)
def test_a_sample_keeps_its_pattern(pattern: str) -> None:
    limits = Limits(pattern=pattern)
    assert re.search(pattern, kept(limits, "text"))
    assert [bool(re.search(pattern, one)) for one in kept(Limits(item=limits), ["text"])] == [True]
