"""`wirewright check` on a real project: what is stale, missing, orphaned or edited by hand is told with its difference."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from wirewright.cli import app
from wirewright.write.files import MARK

CASE = Path(__file__).parents[1] / "cases/mini"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = Path(shutil.copytree(CASE, tmp_path / "mini"))
    monkeypatch.chdir(made)
    assert run("generate", "--force").exit_code == 0  # its manifest is not a part of the case
    return made


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), catch_exceptions=False)


def test_each_kind_of_difference_is_told(project: Path) -> None:
    out = project / "expected"
    assert run("check").exit_code == 0
    specs = project / "specs/mini/market.md"
    specs.write_text(specs.read_text().replace("**Weight:** 2", "**Weight:** 3", 1))
    (out / "mini/streams.py").unlink()
    (out / "mini/gone.py").write_text(f"# {MARK}\nGONE = 1\n")
    (out / "mini/enums.py").write_text((out / "mini/enums.py").read_text().replace("class Side(", "class Sides("))
    (out / "mini/notes.txt").write_text("mine")
    result = run("check")
    assert result.exit_code == 1
    told = result.stdout
    assert "mini/requests.py: stale\n--- " in told
    assert "-    weight: ClassVar[int] = 2\n+    weight: ClassVar[int] = 3\n" in told
    assert "mini/streams.py: missing\n--- " in told
    assert "+class AggTradeStream(Stream[events.AggTrade]" in told
    assert "mini/gone.py: orphaned\n--- " in told
    assert "-GONE = 1\n" in told
    assert "mini/enums.py: edited by hand\n--- " in told
    assert "-class Sides(OpenEnum):\n+class Side(OpenEnum):\n" in told
    assert "mini/notes.txt: not generated\n" in told
    assert "run `wirewright generate`" in result.stderr
    assert "`wirewright generate --force` overwrites it" in result.stderr
    headlines = {line for line in told.splitlines() if line.endswith((": stale", ": missing", ": orphaned"))}
    assert not any("mini/events.py" in line for line in headlines)


@pytest.mark.parametrize(
    ("folder", "around"),
    [
        (".", {"PYTHONHASHSEED": "1", "LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0"}),
        ("specs", {"PYTHONHASHSEED": "4711", "LC_ALL": "tr_TR.UTF-8", "TZ": "Asia/Tokyo"}),
    ],
)
def test_the_same_specs_give_the_same_bytes(project: Path, folder: str, around: dict[str, str]) -> None:
    """Twice in a row, whatever the seed of hashes, the locale, the working directory and the clock."""
    before = {path: path.read_bytes() for path in (project / "expected").rglob("*") if path.is_file()}
    for _ in range(2):
        command = [sys.executable, "-m", "wirewright", "generate", "--force"]
        subprocess.run(command, cwd=project / folder, env=os.environ | around, check=True, capture_output=True)
        assert {path: path.read_bytes() for path in (project / "expected").rglob("*") if path.is_file()} == before
