"""What an import costs: CPU and memory of the client above the interpreter and its two libraries.

python bench/imports.py
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from tempfile import TemporaryDirectory

ROUNDS = 11
LIBRARIES = "import asyncio, msgspec, websockets.asyncio.client"
CASES = {
    "websockets and msgspec": LIBRARIES,
    "binance_wire.spot and a client": f"{LIBRARIES}\nfrom binance_wire.spot import SpotClient\nSpotClient()",
    "binance_wire.usdm.models": f"{LIBRARIES}\nimport binance_wire.usdm.models",
}
_CODE = """
import resource
{code}
used = resource.getrusage(resource.RUSAGE_SELF)
print(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
"""


def measure(code: str, cache: str) -> tuple[float, float]:
    """CPU seconds and peak MiB of a fresh interpreter that runs this, with its bytecode in a folder."""
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    told = subprocess.run(
        [sys.executable, "-c", _CODE.format(code=code)],
        env=clean | {"PYTHONPYCACHEPREFIX": cache},
        capture_output=True,
        text=True,
        check=True,
    )
    seconds, peak = map(float, told.stdout.split())
    return seconds, peak


def measured() -> dict[str, tuple[float, float]]:
    """Milliseconds of CPU above the libraries, and peak MiB, by case: medians of interleaved rounds."""
    with TemporaryDirectory() as cache:
        for code in CASES.values():  # compiles: an installed package is compiled, too
            measure(code, cache)
        rounds = [{name: measure(code, cache) for name, code in CASES.items()} for _ in range(ROUNDS)]
    base = next(iter(CASES))
    return {
        name: (
            statistics.median(one[name][0] - one[base][0] for one in rounds) * 1000,
            statistics.median(one[name][1] for one in rounds),
        )
        for name in CASES
    }


def main() -> None:
    for name, (extra, peak) in measured().items():
        print(f"{name:32} {extra:6.0f} ms of CPU above the libraries, peak {peak:.0f} MiB")


if __name__ == "__main__":
    main()
