"""Makes the hand-written sample package importable as `mini_wire`, the name that its modules use."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

SAMPLE = Path(__file__).parents[1] / "cases" / "mini" / "expected"

if "mini_wire" not in sys.modules:
    package = ModuleType("mini_wire")
    package.__path__ = [str(SAMPLE)]
    sys.modules["mini_wire"] = package
