"""The same model gives the same bytes, whatever the environment."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SCRIPT = """
import hashlib, sys
sys.path.insert(0, sys.argv[1])
from mini_api import MINI
from wirewright.render.context import Context
from wirewright.render.environment import Templates
from wirewright.render.product import render_all
from wirewright.write.format import format_files
files = format_files(render_all(Context(MINI, "mini_wire.mini", Templates())))
print(hashlib.sha256(repr(files).encode()).hexdigest())
"""


def digest(cwd: Path, **environment: str) -> str:
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(HERE)],
        cwd=cwd, env=os.environ | environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return run.stdout


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> str:
    return digest(tmp_path_factory.mktemp("here"), PYTHONHASHSEED="0")


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONHASHSEED": "1"},
        {"PYTHONHASHSEED": "4711", "LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0"},
        {"PYTHONHASHSEED": "7", "LC_ALL": "tr_TR.UTF-8", "TZ": "Asia/Tokyo"},
    ],
)
def test_environment_does_not_matter(environment: dict[str, str], expected: str) -> None:
    assert digest(Path("/"), **environment) == expected
