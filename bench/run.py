"""Measures contestants over loopback and writes a table of ratios.

    python bench/run.py                         this client and the floors
    python bench/run.py --peers                 and what others publish, installed beside
    python bench/run.py --rounds 5 --write      more rounds; writes docs/performance.md and the plots

A round runs every contestant once for each workload, in a random order, each with a fresh exchange. Ratios are taken
within a round, against the frame loop, and their median is told: these machines are noisy, and noise hits neighbours alike.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

from contestants import CONTESTANTS
from workloads import WORKLOADS, Streams

HERE = Path(__file__).parent
FLOOR = "floor: frame loop"
ENVIRONMENTS = HERE / ".environments"
LIMIT = 120


def python_of(name: str) -> str:
    """The interpreter of a contestant: this one, or that of its environment."""
    if "peer" not in CONTESTANTS[name]:
        return sys.executable
    return str(ENVIRONMENTS / name.replace(" ", "-") / "bin" / "python")


def install(name: str) -> bool:
    """An environment for a peer. False if it cannot be had."""
    folder = Path(python_of(name)).parents[1]
    if not (folder / ".ready").exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        if subprocess.run([*pip, *CONTESTANTS[name]["peer"]], check=False).returncode:
            return False
        (folder / ".ready").touch()
    return True


def measure(name: str, workload: str) -> dict[str, Any] | None:
    """One figure; None if the contestant gave none."""
    exchange = subprocess.Popen(
        [sys.executable, str(HERE / "exchange.py"), workload], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert exchange.stdout is not None
    try:
        port = exchange.stdout.readline().strip()
        told = subprocess.run(
            [python_of(name), str(HERE / "measure.py"), name, workload, port],
            capture_output=True,
            text=True,
            timeout=LIMIT,
        )
        found = [line for line in told.stdout.splitlines() if line.startswith("RESULT ")]
        if not found:
            print(f"{name}: {workload}: nothing was measured\n{told.stderr[-800:]}", file=sys.stderr)
        return json.loads(found[-1].removeprefix("RESULT ")) if found else None
    except subprocess.TimeoutExpired:
        print(f"{name}: {workload}: no result in {LIMIT} seconds", file=sys.stderr)
        return None
    finally:
        exchange.kill()
        exchange.wait()


Results = dict[tuple[str, str], list[dict[str, Any] | None]]


def rounds(names: list[str], workloads: list[str], count: int) -> Results:
    """Every figure, by contestant and workload; a round's figures stand at the same place."""
    results: Results = defaultdict(list)
    for number in range(count):
        jobs = [(name, workload) for workload in workloads for name in names if takes(name, workload)]
        random.Random(number).shuffle(jobs)
        for name, workload in jobs:
            found = measure(name, workload)
            results[name, workload].append(found)
            print(f"round {number + 1}  {workload:12} {name:26} {_shown(found)}", flush=True)
    return results


def takes(name: str, workload: str) -> bool:
    """Whether a contestant has to do with a workload."""
    return ("streams" if isinstance(WORKLOADS[workload], Streams) else "requests") in CONTESTANTS[name]


def _shown(found: dict[str, Any] | None) -> str:
    return "-" if found is None else "  ".join(f"{key} {value:8.2f}" for key, value in found.items())


def ratio(results: Results, name: str, workload: str, key: str) -> float | None:
    """The median over rounds of a contestant's figure as a multiple of the floor's in that round."""
    pairs = zip(results.get((name, workload), []), results.get((FLOOR, workload), []), strict=False)
    found = [mine[key] / floor[key] for mine, floor in pairs if mine and floor]
    return statistics.median(found) if found else None


def columns(workloads: list[str]) -> list[tuple[str, str, str]]:
    """(heading, workload, key) of the table."""
    found: list[tuple[str, str, str]] = []
    for name in workloads:
        keys = ["cpu_us"] if isinstance(WORKLOADS[name], Streams) else ["alone_us", "together_us"]
        found += [(name if len(keys) == 1 else f"{name}, {key.removesuffix('_us')}", name, key) for key in keys]
    return found


def table(results: Results, names: list[str], workloads: list[str]) -> str:
    """Ratios as Markdown."""
    heads = columns(workloads)
    lines = [f"| | gives | {' | '.join(head for head, _, _ in heads)} |", f"| --- | --- |{' ---: |' * len(heads)}"]
    for name in names:
        cells = [ratio(results, name, workload, key) for _, workload, key in heads]
        if any(cell is not None for cell in cells):
            shown = " | ".join("" if cell is None else f"{cell:.2f}" for cell in cells)
            lines.append(f"| {name} | {CONTESTANTS[name]['gives']} | {shown} |")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--peers", action="store_true", help="install and measure what others publish, too")
    parser.add_argument("--workload", action="append", choices=list(WORKLOADS), help="default: all")
    parser.add_argument(
        "--contestant", action="append", choices=list(CONTESTANTS), help="default: all; the floor is added"
    )
    parser.add_argument("--write", action="store_true", help="write docs/performance.md and the plots")
    asked = parser.parse_args()
    names = [name for name in CONTESTANTS if (asked.peers or "peer" not in CONTESTANTS[name])]
    if asked.contestant:
        names = [name for name in names if name in {*asked.contestant, FLOOR}]
    names = [name for name in names if "peer" not in CONTESTANTS[name] or install(name)]
    workloads = asked.workload or list(WORKLOADS)
    results = rounds(names, workloads, asked.rounds)
    print("\nCPU time as a multiple of the frame loop's:\n")
    print(table(results, names, workloads))
    if asked.write:
        from page import write_page

        write_page(results, names, workloads, asked.rounds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
