"""`wirewright mock` as a user runs it, and the examples against it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from mock_world import ROOT
from typer.testing import CliRunner

from wirewright.cli import app

PYTHON = (sys.executable, "-u")


@pytest.fixture(autouse=True)
def interrupts() -> Generator[None]:
    """What is started here can be interrupted, also where a shell in the background has left that ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@contextmanager
def serving(*arguments: str) -> Generator[tuple[subprocess.Popen[str], str]]:
    """The command at a free port; gives its address."""
    command = (*PYTHON, "-m", "wirewright", "mock", *arguments, "--port", "0")
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            assert process.stdout is not None
            while " at ws://" not in (line := process.stdout.readline()):
                assert process.poll() is None, line
            yield process, line.partition(" at ")[2].split()[0]
        finally:
            process.kill()


def end(process: subprocess.Popen[str], how: signal.Signals) -> str:
    """End the command; gives what else it said."""
    process.send_signal(how)
    assert process.stdout is not None
    rest = process.stdout.read()
    assert process.wait(20) == 0, rest
    return rest


def run(name: str, *arguments: str) -> str:
    """An example's output."""
    done = subprocess.run(
        (*PYTHON, str(ROOT / "examples" / f"{name}.py"), *arguments),
        capture_output=True,
        text=True,
        timeout=60,
        env={name: value for name, value in os.environ.items() if not name.startswith("API_")},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM], ids=lambda one: one.name)
def test_it_says_what_it_serves_and_ends_cleanly(how: signal.Signals) -> None:
    with serving("spot") as (process, address):
        rest = end(process, how)
    assert f"{address}/ws-api/v3" in rest
    assert "API key test-api-key, secret test-secret" in rest
    assert "Traceback" not in rest


def test_a_port_in_use_is_one_clear_message() -> None:
    with serving("spot") as (_, address):
        port = address.rpartition(":")[2]
        command = (*PYTHON, "-m", "wirewright", "mock", "spot", "--port", port)
        second = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30)
    assert second.returncode == 1
    told = [line for line in second.stderr.splitlines() if line]
    assert told == [
        f"wirewright mock: port {port} of 127.0.0.1 is in use: choose another one with --port, or 0 for a free one"
    ]


def test_a_document_is_served_and_listened_to() -> None:
    with serving("tests/cases/chat/chat.yaml") as (process, _):
        rest = end(process, signal.SIGINT)
    assert "/v1/rooms/{room_id}" in rest
    assert "API key" not in rest


def test_a_wrong_key_is_refused() -> None:
    command = (*PYTHON, "-m", "wirewright", "mock", "spot", "--key", "nonsense")
    refused = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30)
    assert refused.returncode == 2
    assert (
        refused.stderr.strip()
        == "wirewright mock: a key is API_KEY:SECRET, or API_KEY:FILE with the private key as PEM"
    )


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("spot", "--key", "name:missing.pem"), "there is no file 'missing.pem' with a private key"),
        (("spot", "--faults", "order.plac: drop"), "there is no method and no stream 'order.plac'"),
        (("spot", "--faults", "btcusdt@aggTrad: gap(1)"), "there is no method and no stream 'btcusdt@aggTrad'"),
        (("spott",), "'spott'; coinm, spot, usdm come with wirewright"),
    ],
    ids=lambda one: one[-1] if isinstance(one, tuple) else "",
)
def test_a_mistake_is_told_before_anything_is_served(
    arguments: tuple[str, ...], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ["mock", *arguments])
    assert result.exit_code == 2
    assert says in " ".join(result.stderr.replace("│", " ").split())


def test_an_example_takes_its_options() -> None:
    with serving("spot") as (_, address):
        trades = run("watch_trades", "--server", address, "--symbol", "ETHUSDT", "--count", "4")
    assert len(trades.splitlines()) == 4
    assert trades.count("ETHUSDT") == 4


@pytest.mark.parametrize("example", [("watch_trades", "--count", "0"), ("user_data",)], ids=lambda one: one[0])
def test_an_example_that_is_interrupted_says_nothing_more(example: tuple[str, ...]) -> None:
    with serving("spot") as (_, address):
        command = (*PYTHON, str(ROOT / "examples" / f"{example[0]}.py"), *example[1:], "--server", address)
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline()
            process.send_signal(signal.SIGINT)
            try:
                _, errors = process.communicate(timeout=30)
            finally:
                process.kill()
    assert (process.returncode, errors) == (0, "")


def test_the_tour_sees_everything() -> None:
    with serving("spot") as (_, address):
        shown = run("tour", "--server", address)
    for part in (
        "best bid 65000.00",
        "is NEW",
        "FILLED, 1 fills",
        "limit=6000",
        "report: order",
        "trade at",
        "best bid",
    ):
        assert part in shown


def test_the_demo_ends_by_itself(tmp_path: Path) -> None:
    shown = run("demo")
    assert [shown.count(name) for name in ("watch_trades.py", "user_data.py", "place_order.py")] == [1, 1, 2]
    assert "TRADE" not in shown
    for part in ("is NEW", "CANCELED, now CANCELED", "seconds are over", "no answer", "settled: order"):
        assert part in shown
