"""What all slots of a client share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from itertools import count
from typing import Any, TypeVar

from wirewright_runtime.clock import ExchangeTime
from wirewright_runtime.product import Product
from wirewright_runtime.settings import Settings
from wirewright_runtime.signing import Credential
from wirewright_runtime.subscriptions import Topics
from wirewright_runtime.transport import Transport

T = TypeVar("T")


class Surroundings:
    """The product, the user's settings and key, time, topics and tasks."""

    def __init__(
        self,
        product: Product,
        settings: Settings,
        key: Credential | None,
        time: ExchangeTime,
        topics: Topics,
        transport: Transport,
    ) -> None:
        self.loop = asyncio.get_running_loop()
        self.product = product
        self.settings = settings
        self.log = settings.logger
        self.key = key
        self.time = time
        self.topics = topics
        self.transport = transport
        self.dials = count(1)
        self.tasks: set[asyncio.Task[None]] = set()
        self.beat_due: float | None = None
        """When the program should show next that it does not stand still."""

    def stood_still(self) -> float:
        """Seconds for which nothing was done here, up to now."""
        return 0.0 if self.beat_due is None else max(0.0, self.loop.time() - self.beat_due)

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run something beside everything else. The session waits for it when it closes; a failure is logged."""
        task = self.loop.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.log.error("a background task failed", exc_info=error)

    def tell(self, hook: Callable[[T], None] | None, what: T) -> None:
        """Call a hook. It belongs to the user and may fail; the client goes on."""
        if hook is not None:
            try:
                hook(what)
            except Exception:
                self.log.exception("a hook failed")
