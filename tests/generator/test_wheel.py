"""The wheel, installed into an empty environment: the base runs generated clients, the extra adds the generator."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SITE = Path(sysconfig.get_path("purelib"))
BASE = ("websockets", "msgspec", "cryptography", "cffi", "_cffi_backend", "pycparser")
CASE = ROOT / "tests" / "cases" / "mini"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return next(out.glob("*.whl"))


def environment(folder: Path, wheel: Path, wanted: Callable[[str], bool]) -> Path:
    """An environment with the wheel, and with those libraries of this one that are wanted. Gives its Python."""
    venv.create(folder, with_pip=False, symlinks=True)
    site = next(folder.glob("lib/python*/site-packages"))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    for entry in SITE.iterdir():
        if wanted(entry.name) and not (site / entry.name).exists():
            (site / entry.name).symlink_to(entry)
    return folder / "bin" / "python"


@pytest.fixture(scope="module")
def base(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return environment(tmp_path_factory.mktemp("base"), wheel, lambda name: name.split(".")[0].split("-")[0] in BASE)


@pytest.fixture(scope="module")
def full(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return environment(tmp_path_factory.mktemp("full"), wheel, lambda name: "wirewright" not in name)


def run(python: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run([python, *arguments], cwd=cwd, env=clean, capture_output=True, text=True)


def test_the_base_imports_generated_clients_and_nothing_of_the_generator(base: Path, tmp_path: Path) -> None:
    code = (
        "import binance_wire.spot, binance_wire.usdm, binance_wire.coinm, wirewright_runtime, sys\n"
        "from binance_wire.spot import SpotClient\n"
        "heavy = {'jinja2', 'yaml', 'black', 'typer', 'rich', 'wirewright', 'cryptography'}\n"
        "print(SpotClient(), sorted(heavy & set(sys.modules)))"
    )
    done = run(base, "-c", code, cwd=tmp_path)
    assert done.stdout == "<SpotClient production, no key> []\n", done.stderr


def test_the_base_says_which_extra_the_command_needs(base: Path, tmp_path: Path) -> None:
    done = run(base, "-m", "wirewright", "generate", cwd=tmp_path)
    assert done.returncode == 2
    assert "install the extra [generator]" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_extra_generates_with_the_templates_of_the_wheel(full: Path, tmp_path: Path) -> None:
    shutil.copytree(CASE / "specs", tmp_path / "specs")
    shutil.copy(CASE / "wirewright.toml", tmp_path)
    done = run(full, "-m", "wirewright", "generate", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for file in (CASE / "expected").rglob("*.py"):
        made = tmp_path / "expected" / file.relative_to(CASE / "expected")
        assert made.read_text() == file.read_text(), file.name
    assert run(full, "-m", "wirewright", "check", cwd=tmp_path).returncode == 0


@pytest.fixture(scope="module")
def exchange(full: Path, tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    """The loopback exchange that comes with the extra, far from any checkout: its address."""
    command = [full, "-u", "-m", "wirewright", "mock", "spot", "--port", "0"]
    folder = tmp_path_factory.mktemp("anywhere")
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        yield first.partition(" at ")[2].partition(" ")[0]
        process.terminate()
        assert process.wait(20) == 0, first + process.stdout.read()


@pytest.mark.parametrize("name", ["watch_trades", "place_order", "user_data"])
def test_the_base_runs_the_examples(base: Path, exchange: str, name: str, tmp_path: Path) -> None:
    more = ("--seconds", "0.5") if name == "user_data" else ()
    done = run(base, str(ROOT / "examples" / f"{name}.py"), "--server", exchange, *more, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) > 1


def test_the_wheel_holds_no_tests_and_says_that_it_is_typed(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {f"{package}/py.typed" for package in ("wirewright", "wirewright_runtime", "binance_wire")} <= names
    assert {"wirewright/templates/module.py.jinja", "binance_wire/spot/examples.json"} <= names
    tops = {name.split("/")[0] for name in names if ".dist-info" not in name}
    assert tops == {"wirewright", "wirewright_runtime", "binance_wire"}
