"""Everything at once, without an account: starts a loopback exchange, and runs the three examples against it.

python examples/demo.py
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
PYTHON = (sys.executable, "-u")


@contextmanager
def exchange(*options: str) -> Generator[str]:
    """A loopback exchange on a free port; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ("wirewright", "mock", "spot", "--port", str(port), "--quiet", *options)
    announce(command)
    with subprocess.Popen((*PYTHON, "-m", *command), cwd=HERE.parent) as process:
        try:
            wait_for(port, process)
            yield f"ws://127.0.0.1:{port}"
        finally:
            process.terminate()


def wait_for(port: int, process: subprocess.Popen[bytes], seconds: float = 30) -> None:
    """Until somebody listens at the port."""
    until = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise SystemExit("the loopback exchange did not start")


def start(name: str, server: str, *options: str) -> subprocess.Popen[bytes]:
    command = (f"examples/{name}.py", "--server", server, *options)
    announce(("python", *command))
    return subprocess.Popen((*PYTHON, HERE / f"{name}.py", "--server", server, *options))


def finish(*processes: subprocess.Popen[bytes]) -> None:
    if any(process.wait(timeout=60) for process in processes):
        raise SystemExit("an example failed")


def announce(command: Sequence[str]) -> None:
    shown = " ".join(f"'{part}'" if " " in part else part for part in command)
    print(f"\n$ {shown}", flush=True)


def main() -> None:
    with exchange() as server:
        finish(start("watch_trades", server))
        account = start("user_data", server, "--seconds", "3")
        time.sleep(1)  # until it listens
        finish(start("place_order", server), account)
    with exchange("--faults", "order.place: accept_then_drop") as server:  # the order arrives, its answer does not
        finish(start("place_order", server))


if __name__ == "__main__":
    main()
