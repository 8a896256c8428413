"""Nothing that a test may log holds a secret: every test of the catalogue reads its own log at the end."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from fault_world import HMAC


@pytest.fixture(autouse=True)
def _no_secret_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    with caplog.at_level(logging.DEBUG, "wirewright"):
        yield
    text = "".join(record.getMessage() for record in caplog.records)
    assert HMAC.api_key not in text
    assert "secret-of-alice" not in text
