"""Everything at once, without an account: starts a loopback exchange, and runs the three examples against it.

python examples/demo.py
"""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
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


class Example:
    """One of the examples at work: its lines appear as it says them, each behind its name."""

    def __init__(self, name: str, server: str, *options: str) -> None:
        announce(("python", f"examples/{name}.py", "--server", server, *options))
        command = (*PYTHON, str(HERE / f"{name}.py"), "--server", server, *options)
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.speaks = threading.Event()
        self.reader = threading.Thread(target=self.show, args=(name,))
        self.reader.start()

    def show(self, name: str) -> None:
        for line in self.process.stdout or ():
            sys.stdout.write(f"  {name:12} | {line}")
            sys.stdout.flush()
            self.speaks.set()

    def finish(self) -> None:
        self.reader.join(60)
        if self.process.wait(timeout=60):
            raise SystemExit("an example failed")


def announce(command: Sequence[str]) -> None:
    shown = " ".join(f"'{part}'" if " " in part else part for part in command)
    print(f"\n$ {shown}", flush=True)


def main() -> None:
    with exchange() as server:
        Example("watch_trades", server).finish()
        account = Example("user_data", server, "--seconds", "3")
        account.speaks.wait(30)  # that it listens
        Example("place_order", server).finish()
        account.finish()
    with exchange("--faults", "order.place: accept_then_drop") as server:  # the order arrives, its answer does not
        Example("place_order", server).finish()


if __name__ == "__main__":
    main()
