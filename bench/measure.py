"""One contestant, one workload, in a process of its own: prints one line of JSON.

    python bench/measure.py CONTESTANT WORKLOAD PORT

CPU time is user and system time of the whole process between two messages, so that start-up and connecting are not in it.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import resource
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn

from contestants import CONTESTANTS
from workloads import WORKLOADS, Requests, Streams


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def finish(**found: Any) -> NoReturn:
    """Say it, and end at once: some clients cannot be stopped."""
    print(
        "RESULT " + json.dumps(found | {"peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}),
        flush=True,
    )
    os._exit(0)


def counter(workload: Streams) -> Callable[[], None]:
    """What a contestant calls for each message."""
    count, begun = 0, (0.0, 0.0)

    def seen() -> None:
        nonlocal count, begun
        count += 1
        if count == workload.warm:
            begun = cpu(), time.perf_counter()
        elif count == workload.warm + workload.messages:
            used, took = cpu() - begun[0], time.perf_counter() - begun[1]
            finish(cpu_us=used / workload.messages * 1e6, busy=used / took)

    return seen


async def drive(workload: Requests, call: Callable[[], Awaitable[object]]) -> None:
    """Requests one after the other, and then with 100 in flight."""

    async def some(count: int) -> None:
        for _ in range(count):
            await call()

    await some(workload.warm)
    begun = cpu()
    await some(workload.alone)
    alone = (cpu() - begun) / workload.alone * 1e6
    begun = cpu()
    await asyncio.gather(*(some(workload.together // 100) for _ in range(100)))
    finish(alone_us=alone, together_us=(cpu() - begun) / workload.together * 1e6)


def main() -> None:
    name, workload, port = sys.argv[1], WORKLOADS[sys.argv[2]], int(sys.argv[3])
    logging.disable(logging.CRITICAL)
    contestant, url = CONTESTANTS[name], f"ws://127.0.0.1:{port}"
    if contestant.get("uvloop"):
        import uvloop

        run: Callable[..., Any] = uvloop.run
    else:
        run = asyncio.run
    if isinstance(workload, Streams):
        run(contestant["streams"](url, workload, counter(workload)))
    else:
        run(contestant["requests"](url, workload, lambda call: drive(workload, call)))


if __name__ == "__main__":
    main()
