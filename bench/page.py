"""Writes `docs/performance.md` and the plots: what was measured, on what, and when."""

from __future__ import annotations

import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from imports import measured as imported
from run import HERE, Results, columns, python_of, ratio, table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROOT = HERE.parent
PLOTS = HERE / "plots"
TEXT = """# Performance

Made by `make bench-peers` on {date}: {machine}, Python {python}, rounds: {rounds}. {versions}.

CPU time (user and system) of the whole client process over loopback without TLS, as a multiple of the frame loop's in the
same round; medians over the rounds. Smaller is better. Times are no promise: these machines are shared, and a ratio under
1.1 is none.

{table}

* **Streams** (`aggTrade` to `combined`) are as fast as the client takes them; `paced` sends one message every 0.2 ms, so
  that each is a wake-up. `combined` is 20 streams of four kinds on one connection.
* **Requests** are made one at a time (`alone`) and with 100 in flight (`together`); orders are signed.
* **floor: frame loop** slices frames out of a buffer and decodes amounts as text: it reconnects nothing, bounds nothing and
  notices nothing. **exact** is the same with `Decimal`, which is what this client gives: the difference between the two is the price of
  exact amounts (a third of a microsecond each), and no client can give them for less. **floor: recv()** is `websockets` as
  its documentation shows it.
* **fallback** is the way of reading for versions of `websockets` that the fast one was not tested with.

![CPU time by workload](../bench/plots/streams.png)

## Where the time goes

* **aggTrade, bookTicker, kline** miss 1.3 times the loop that gives text: an exact amount costs 0.3 µs to make, and there are two, four and eight
  of them; against the loop with exact amounts they are at 1.1 to 1.3. The rest is the envelope of a combined stream and one `await` per event: on
  the socket's side this client is below that loop (heads read by `struct`, frames copied by `tobytes`, a read of one stream recognised by its least
  and its greatest frame, of several by first bytes that are learned). Tried and left: slices of the payload instead of decoding the envelope (no
  gain), an async generator instead of `__anext__` (3 % fewer instructions, and something to finalise). Not done: amounts made when they are looked
  at, which would turn fields into properties.
* **Orders** signed with HMAC miss 1.4 times the floor: 1.5 alone and 1.9 with 100 in flight (with Ed25519, where a session is logged on, 1.2 and
  1.45). An order's answer holds fourteen exact amounts, and nine fields and three fills that the floor skips: a loop that gives the same is at 1.1 to
  1.2 times the floor, and against that one orders are at 1.3 and 1.6. What is left is what is promised: amounts and texts by pattern, an id made up, a deadline, an owner, limits, and the way through four coroutines.
  Rules between parameters are checked once for each shape of a request, the key's HMAC is begun once, requests of one turn of the loop leave in one write.
  In a program at work each of these costs about twice what it costs in a loop of its own. The table is one hour of one machine: at another hour of that
  day the same code lay at 1.5 to 1.6 alone and 2.0 to 2.5 with 100 in flight (with Ed25519 at 1.4 and 1.8), and bookTicker at 2.7. Tried: two copies of SHA-256 instead of one of HMAC (0.4 µs less,
  for a MAC of our own making). Not done: text instead of exact amounts.
* **paced** swings most, between 1.0 and 1.4 from round to round: it is mostly the kernel's and the loop's work for a wake-up.
* **depth** is under the loop that decodes levels: sides are kept as bytes until somebody looks.

## Import

| | CPU above `websockets` and `msgspec` | peak memory |
| --- | ---: | ---: |
{imports}

## Growth

`make bench` measures how cost grows, as a multiple of the smallest case in the same run. On a quiet machine (2026-11-27): a message among 1,024 streams
of a connection costs 1.16 of a message where there is one, a message for 50 readers 1.07, a request among 10,000 in flight 1.12 of one among ten. An idle
subscription holds 2.4 KiB, and a million events leave no memory behind.

![Growth](../bench/plots/growth.png)

## Generation

CPU time of whole processes, as a multiple of `wirewright --help` (0.17 s) in the same run, on a quiet machine (2026-11-27):

| | times `--help` |
| --- | ---: |
| nothing changed | 1.3 |
| one table changed | 11 |
| all three products from nothing | 49 |
| a document of 5, 50, 500 messages | 4.5, 7.9, 49 |

## How it is measured

`bench/run.py` starts an exchange and a client for every figure, each in a process of its own, in a random order within a
round. CPU time is taken between two messages, so that start-up and connecting are not in it. `bench/guard.py`, a part of
`make check`, compares the client with a floor inside one process and fails at 1.5 times the ratio that is recorded in
`bench/guard.json`; no test looks at a clock on the wall.
"""


def write_page(results: Results, names: list[str], workloads: list[str], rounds: int) -> None:
    """Write the page and the plot of the streams."""
    text = TEXT.format(
        date=datetime.now(UTC).date().isoformat(),
        machine=f"{platform.system()} {platform.machine()}, shared virtual machine",
        python=platform.python_version(),
        rounds=rounds,
        versions=", ".join(_versions(names)),
        table=table(results, names, workloads),
        imports="\n".join(
            f"| {name} | {extra:.0f} ms | {peak:.0f} MiB |" for name, (extra, peak) in imported().items()
        ),
    )
    (ROOT / "docs" / "performance.md").write_text(text)
    _plot(results, names, workloads)


def _versions(names: list[str]) -> list[str]:
    """What was measured: the libraries of this client, and what each peer's environment holds."""
    found = [f"{name} {version(name)}" for name in ("websockets", "msgspec")]
    for name in names:
        python = python_of(name)
        if Path(python).parent != Path(python_of(names[0])).parent:
            package = name.split(" ")[0]
            code = f"import importlib.metadata as m; print(m.version({package!r}))"
            told = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
            found += [f"{package} {told.stdout.strip()}"] if told.returncode == 0 else []
    return found


def _plot(results: Results, names: list[str], workloads: list[str]) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    heads = [head for head in columns(workloads) if head[2] == "cpu_us"]
    figure, axes = pyplot.subplots(figsize=(9, 4))
    _bars(axes, results, names, heads)
    axes.set_ylabel("CPU per message, x the frame loop")
    axes.set_yscale("log")
    axes.legend(fontsize=7)
    PLOTS.mkdir(exist_ok=True)
    figure.savefig(PLOTS / "streams.png", dpi=120, bbox_inches="tight")


def _bars(axes: Axes, results: Results, names: list[str], heads: list[tuple[str, str, str]]) -> None:
    width = 0.8 / max(1, len(names))
    for at, name in enumerate(names):
        values = [ratio(results, name, workload, key) for _, workload, key in heads]
        if any(value is not None for value in values):
            places = [place + at * width for place in range(len(heads))]
            axes.bar(places, [value or 0.0 for value in values], width, label=name)
    axes.set_xticks([place + 0.4 for place in range(len(heads))], [head for head, _, _ in heads])
