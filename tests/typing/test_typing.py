"""Both type checkers see in user code what the package promises: exact types, and errors where something is wrong."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from wirewright.config import load_config

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SAMPLE = HERE / "user_sample.py"

Seen = dict[int, list[str]]  # by line


def expected() -> tuple[Seen, set[int]]:
    """The revealed types and the lines with an error."""
    types: Seen = {}
    errors: set[int] = set()
    for number, line in enumerate(SAMPLE.read_text().splitlines(), 1):
        if found := re.search(r"\)  # is: (.*)$", line):
            types[number] = [found[1]]
        if line.endswith("# error"):
            errors.add(number)
    return types, errors


def short(text: str) -> str:
    """A type without the modules of its names, without what pyright and mypy write in their own ways."""
    text = re.sub(r"\b(?:\w+\.)+(\w+)", r"\1", text.replace("builtins.", "").replace("*", ""))
    return re.sub(r"Union\[(.*)\]", lambda match: match[1].replace(", ", " | "), text)


def by_mypy() -> tuple[Seen, set[int]]:
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--hide-error-context", str(SAMPLE)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    types: Seen = {}
    errors: set[int] = set()
    for line in run.stdout.splitlines():
        found = re.match(r".*user_sample\.py:(\d+): (error|note): (.*)$", line)
        assert found, line + run.stderr
        if revealed := re.match(r'Revealed type is "(.*)"', found[3]):
            types.setdefault(int(found[1]), []).append(short(revealed[1]))
        elif found[2] == "error":
            errors.add(int(found[1]))
    return types, errors


def by_pyright() -> tuple[Seen, set[int]]:
    command = [sys.executable, "-m", "pyright", "--outputjson", str(SAMPLE)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    types: Seen = {}
    errors: set[int] = set()
    for found in json.loads(run.stdout)["generalDiagnostics"]:
        line = found["range"]["start"]["line"] + 1
        if found["severity"] == "error":
            errors.add(line)
        elif revealed := re.match(r'Type of ".*" is "(.*)"', found["message"], re.DOTALL):
            types.setdefault(line, []).append(short(revealed[1]))
    return types, errors


@pytest.mark.parametrize("checker", [by_mypy, by_pyright], ids=["mypy", "pyright"])
def test_user_code_has_exact_types(checker: object) -> None:
    assert callable(checker)
    wanted, wrong = expected()
    seen, errors = checker()
    assert differences(wanted, seen) == {}
    assert errors == wrong


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The expected packages of all golden cases, under the names that they are imported by."""
    folder = tmp_path_factory.mktemp("packages")
    for config in sorted((ROOT / "tests/cases").glob("*/wirewright.toml")):
        for package in load_config(config).packages:
            shutil.copytree(package.out, folder / package.name)
    settings = {"include": ["."], "extraPaths": [".", str(ROOT / "runtime")], "typeCheckingMode": "strict"}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    return folder


def test_every_golden_package_is_strictly_typed_for_mypy(packages: Path) -> None:
    names = [part for folder in packages.iterdir() if folder.is_dir() for part in ("-p", folder.name)]
    command = [sys.executable, "-m", "mypy", "--config-file=", "--strict", *names]
    places = os.pathsep.join([str(packages), str(ROOT / "runtime")])
    run = subprocess.run(command, cwd=packages, env=os.environ | {"MYPYPATH": places}, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


def test_every_golden_package_is_strictly_typed_for_pyright(packages: Path) -> None:
    command = [sys.executable, "-m", "pyright", "--pythonpath", sys.executable]
    run = subprocess.run(command, cwd=packages, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


def differences(wanted: Mapping[int, list[str]], seen: Mapping[int, list[str]]) -> dict[int, tuple[object, object]]:
    lines = wanted.keys() | seen.keys()
    return {line: (wanted.get(line), seen.get(line)) for line in lines if wanted.get(line) != seen.get(line)}
