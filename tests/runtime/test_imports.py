"""Each module of the runtime knows only those before it, and importing it is cheap and without effects."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from msgspec import Struct
from msgspec.structs import fields

from wirewright_runtime import product

ROOT = Path(__file__).parents[2] / "runtime" / "wirewright_runtime"

FLOORS = [
    "errors",
    "clock",
    "hidden",
    "home",
    "levels",
    "types",
    "unions",
    "product",
    "bounds",
    "request",
    "stream",
    "decode",
    "envelope",
    "transport",
    "stats",
    "sparing",
    "settings",
    "rules",
    "codec",
    "signing",
    "addresses",
    "limits",
    "correlation",
    "sequence",
    "overflow",
    "readers",
    "subscriptions",
    "surroundings",
    "feeds",
    "connection",
    "handover",
    "reply",
    "outcome",
    "gate",
    "proof",
    "rest",
    "rpc",
    "heartbeat",
    "carrier",
    "dialling",
    "slot",
    "user_data",
    "session",
    "websocket",
    "record",
    "telemetry",
    "client",
    "api",
    "blocking",
    "__init__",
]

TESTING = [
    "flight",
    "clock",
    "encode",
    "transport",
    "faults",
    "peers",
    "counters",
    "frames",
    "meter",
    "examples",
    "reception",
    "desk",
    "exchange",
    "__init__",
]


def imported(path: Path) -> set[str]:
    """Modules of the runtime that a file imports, from `wirewright_runtime` on."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
        elif isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
    return names


def test_every_module_has_its_floor() -> None:
    assert sorted(path.stem for path in ROOT.glob("*.py")) == sorted(FLOORS)
    assert sorted(path.stem for path in (ROOT / "testing").glob("*.py")) == sorted(TESTING)


@pytest.mark.parametrize("module", FLOORS)
def test_a_module_knows_only_those_before_it(module: str) -> None:
    below = FLOORS[: FLOORS.index(module)]
    for name in imported(ROOT / f"{module}.py"):
        package, _, rest = name.partition(".")
        assert package not in ("wirewright", "binance_wire")
        if package == "wirewright_runtime":
            assert rest in below, f"{module} imports {rest}, which stands above it"


@pytest.mark.parametrize("module", TESTING)
def test_the_testing_package_stands_beside(module: str) -> None:
    below = TESTING[: TESTING.index(module)]
    for name in imported(ROOT / "testing" / f"{module}.py"):
        package, _, rest = name.partition(".")
        assert package not in ("wirewright", "binance_wire")
        if package == "wirewright_runtime":
            own = rest.removeprefix("testing.")
            assert own in below if rest.startswith("testing") else rest in FLOORS
    assert not any("testing" in name for floor in FLOORS for name in imported(ROOT / f"{floor}.py"))


def test_only_the_transport_knows_the_websocket_library() -> None:
    for module in FLOORS:
        if module != "websocket":
            assert not any(name.startswith("websockets") for name in imported(ROOT / f"{module}.py")), module


def test_no_state_lives_in_a_module_but_the_hosts() -> None:
    found: list[str] = []
    for module in FLOORS:
        for node in ast.parse((ROOT / f"{module}.py").read_text()).body:
            value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
            made = isinstance(value, (ast.Dict, ast.List, ast.Set)) and module != "__init__"
            called = isinstance(value, ast.Call) and getattr(value.func, "id", getattr(value.func, "attr", "")) in (
                "dict", "list", "set", "deque", "defaultdict", "OrderedDict", "WeakKeyDictionary", "Counter",
            )  # fmt: skip
            if made or called:
                found.append(f"{module}: {ast.unparse(node)[:40]}")
    assert [name.partition(":")[0] for name in found] == ["product", "limits", "limits"], found


def test_importing_has_no_effect_and_is_cheap() -> None:
    code = """
import resource, sys, threading
def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
import websockets.asyncio.client, msgspec
before = cpu()
import wirewright_runtime
spent = cpu() - before
assert threading.active_count() == 1
assert not any(name.split(".")[0] in ("cryptography", "httpx", "hypothesis", "pytest") for name in sys.modules)
assert "wirewright_runtime.testing" not in sys.modules
print(spent)
"""
    runs = [
        float(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True).stdout) for _ in range(3)
    ]
    assert min(runs) < 0.1


def test_what_differs_between_exchanges_is_never_a_default() -> None:
    classes = [kind for kind in vars(product).values() if isinstance(kind, type) and issubclass(kind, Struct)]
    texts = {str(one.default) for kind in classes for one in fields(kind) if isinstance(one.default, str)}
    numbers = {one.default for kind in classes for one in fields(kind) if type(one.default) in (int, float)}
    assert texts == {"", "string", "names", ":", "header", "Authorization", "token"}
    assert numbers == {0, 200}  # 200: as many streams as one command may name
