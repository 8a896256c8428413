"""Logs that say less: of warnings that are alike ten a minute, of a library nothing that could hold a secret."""

from __future__ import annotations

import logging
from collections.abc import Callable, MutableMapping
from typing import Any

_MOST = 10
_WITHIN = 60.0


class DiscreetLog(logging.LoggerAdapter["logging.Logger | logging.LoggerAdapter[Any]"]):
    """The log of a library without what it says about its work: that holds every frame, so signatures and keys."""

    def isEnabledFor(self, level: int) -> bool:
        return level > logging.INFO and super().isEnabledFor(level)


class SparingLog(logging.LoggerAdapter["logging.Logger | logging.LoggerAdapter[Any]"]):
    """Passes everything on that is no repetition. Messages are alike that have the same text before it is filled in.

    Args:
        log: Where it goes.
        now: Seconds that only grow.
    """

    def __init__(self, log: logging.Logger | logging.LoggerAdapter[Any], now: Callable[[], float]) -> None:
        super().__init__(log, {})
        self._now = now
        self._seen: dict[str, tuple[float, int]] = {}
        """Since when a message is counted, and how often it came since."""

    def process(self, msg: Any, kwargs: MutableMapping[str, Any]) -> tuple[Any, MutableMapping[str, Any]]:
        return msg, kwargs

    def log(self, level: int, msg: object, *args: object, **kwargs: Any) -> None:
        if level < logging.WARNING:
            super().log(level, msg, *args, stacklevel=kwargs.pop("stacklevel", 1) + 1, **kwargs)
            return
        text, now = str(msg), self._now()
        since, count = self._seen.get(text, (now, 0))
        if now - since >= _WITHIN:
            left_out, since, count = max(0, count - _MOST), now, 0
            text += f" ({left_out} like it were left out)" if left_out else ""
        self._seen[str(msg)] = since, count + 1
        if count < _MOST:
            super().log(level, text, *args, stacklevel=kwargs.pop("stacklevel", 1) + 1, **kwargs)
