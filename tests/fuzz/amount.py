"""How much is tried: little in every run, much with ``WIREWRIGHT_FUZZ=20`` (`make fuzz`)."""

from __future__ import annotations

import os
from typing import Any

from hypothesis import HealthCheck

TIMES = int(os.environ.get("WIREWRIGHT_FUZZ", "1"))


def examples(count: int) -> dict[str, Any]:
    """Settings for that many examples."""
    return {
        "max_examples": count * TIMES,
        "deadline": None,
        "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    }
