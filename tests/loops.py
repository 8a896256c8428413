"""How tests run a coroutine: in a real event loop, or in virtual time. Whatever is left over afterwards is an error."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from wirewright_runtime.testing import VirtualClock


def run(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run in a real event loop, and see that nothing is left."""
    asyncio.run(_alone(_in_time(main(), 120)))


def virtually(main: Callable[[VirtualClock], Coroutine[Any, Any, None]], clock: VirtualClock | None = None) -> None:
    """Run in virtual time, and see that nothing is left."""
    clock = clock or VirtualClock()
    clock.run(_alone(_in_time(main(clock), 40 * 86400)))


async def _in_time(main: Awaitable[None], seconds: float) -> None:
    """What waits for something that never comes ends as an error, also in virtual time, where all eternity takes long."""
    async with asyncio.timeout(seconds):
        await main


async def _alone(main: Awaitable[None]) -> None:
    await main
    await asyncio.sleep(0)
    loop = asyncio.get_running_loop()
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    assert not tasks, f"left behind: {tasks}"
    timers = [timer for timer in getattr(loop, "_scheduled", []) if not timer.cancelled()]
    assert not timers, f"left behind: {timers}"
