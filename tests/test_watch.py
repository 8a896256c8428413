"""The watch over secrets finds what it looks for."""

from __future__ import annotations

import logging

import pytest
from watch import Watch

from wirewright_runtime import ConnectFailed


def watching() -> Watch:
    watch = Watch()
    watch.learn("what-nobody-may-know")
    watch.learn(b"-----BEGIN KEY-----\nMC4CAQAwBQYDK2Vw\n-----END KEY-----")
    return watch


@pytest.mark.parametrize("shown", ["a what-nobody-may-know b", "MC4CAQAwBQYDK2Vw"])
def test_what_is_shown_is_found_wherever_it_was_said(shown: str) -> None:
    watch = watching()
    watch.said.append(f"harmless, then {shown}")
    assert watch.leaks(watch.told())

    hidden = ConnectFailed("no connection")
    hidden.__cause__ = ValueError(shown)
    watch.errors.append(hidden)
    assert watch.leaks(watch.told())

    try:
        raise ValueError(shown)
    except ValueError as error:
        info = (ValueError, error, error.__traceback__)
    watch.emit(logging.LogRecord("x", logging.DEBUG, "", 0, "a failure", (), info))
    assert watch.leaks(watch.told())


def test_what_is_harmless_is_not() -> None:
    watch = watching()
    watch.learn("short")
    watch.said.append("a short text, BEGIN KEY and all")
    assert watch.leaks(watch.told()) == []
    assert watch.told() == []


def test_an_error_that_only_the_event_loop_noticed_is_kept() -> None:
    watch = watching()
    watch.emit(logging.LogRecord("asyncio", logging.ERROR, "", 0, "Task exception was never retrieved", (), None))
    assert watch.unnoticed == ["Task exception was never retrieved"]
