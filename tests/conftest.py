"""No test of the whole suite may show a secret.

While it runs, every key, password and token that is made, every signature and every listen key is remembered. What the
tests say meanwhile (log records of all levels with their causes, output, the texts of errors and of what caused them,
reports and warnings) is searched for them. The test that said one fails. So does one during which an event loop had to
report an error that nobody else noticed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from watch import Watch

from wirewright_runtime import WireError, signing, user_data, websocket

_LOUD = ("wirewright", "websockets", "asyncio", "httpx", "httpcore")
WATCH = Watch()


def _learning(function: Callable[..., Any], what: Callable[..., object]) -> Callable[..., Any]:
    """The same function, from which something secret is learned."""

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        WATCH.learn(what(result, *args, **kwargs))
        return result

    return wrapped


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--reading",
        choices=["fast", "plain"],
        default="fast",
        help="plain: read sockets the way that is taken with versions of websockets that nobody has tested",
    )


def pytest_configure(config: pytest.Config) -> None:
    """From the first import on."""
    if config.getoption("--reading") == "plain":
        websocket._TESTED = ()
    kinds: list[Any] = [signing.HmacKey, signing.RsaKey, signing.Ed25519Key]
    for kind in kinds:
        kind.__init__ = _learning(
            kind.__init__, lambda _, key, api_key, secret=b"", *more, **named: _text(secret, named)
        )
        kind._sign = _learning(kind._sign, lambda signature, *_: signature)
    signing.Token.__init__ = _learning(signing.Token.__init__, lambda _, key, token: token)  # type: ignore[method-assign]
    signing.UserPassword.__init__ = _learning(  # type: ignore[method-assign]
        signing.UserPassword.__init__, lambda _, key, user, password: password
    )
    named = user_data.ListenKeyFeed._named
    user_data.ListenKeyFeed._named = _learning(named, lambda _, feed, key: key)  # type: ignore[method-assign]
    begin = WireError.__init__

    def remembered(self: WireError, *args: Any, **kwargs: Any) -> None:
        begin(self, *args, **kwargs)
        WATCH.said.append(str(self))
        if len(WATCH.errors) < 50:  # those hold on to what they saw
            WATCH.errors.append(self)

    WireError.__init__ = remembered  # type: ignore[method-assign]
    logging.getLogger().addHandler(WATCH)
    for name in _LOUD:
        logging.getLogger(name).setLevel(logging.DEBUG)


def _text(secret: object, named: dict[str, object]) -> str:
    found = [secret, named.get("secret", b""), named.get("private_key", b""), named.get("password") or b""]
    return "\n".join(one.decode("latin-1") if isinstance(one, bytes) else str(one) for one in found)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_logstart() -> None:
    WATCH.secrets, WATCH.testing = set(), True


def pytest_runtest_logfinish() -> None:
    WATCH.testing = False


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """After each phase of a test: what did it say?"""
    report: Any = yield
    said = [*WATCH.told(), *(text for _, text in report.sections), str(report.longrepr or "")]
    leaks, unnoticed = WATCH.leaks(said), WATCH.unnoticed
    WATCH.unnoticed = []
    if report.passed and (leaks or unnoticed):
        report.outcome = "failed"
        report.longrepr = "\n".join(
            [*(f"a secret was shown: {leak}" for leak in leaks), *(f"nobody noticed: {text}" for text in unnoticed)]
        )
    return report
