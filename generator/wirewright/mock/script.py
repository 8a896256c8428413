"""Faults as text: what `wirewright mock --faults` takes, inline or from a file.

    order.place: accept_then_drop
    order.status x2: refuse(-1003, "Too many requests.", status=429)
    time always: delay(0.5)
    btcusdt@aggTrade: gap(3)
    after 30: drop_connections("streams")
    every 60: close_connections(1001, "going away")

One fault a line (inline also `;` between them), `#` begins a comment. Left of the colon: a method or stream, and how many
times (`x2`, `always`; once by default); or a time in seconds. Right of it: a fault by its name in
`wirewright_runtime.testing`, with its arguments.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wirewright.errors import Problem, SpecError
from wirewright.model.types import Origin
from wirewright_runtime.testing import FakeExchange
from wirewright_runtime.testing import Script as Faults

AT_A_TIME = (
    "announce_shutdown",
    "close_connections",
    "drop_connections",
    "end_user_data",
    "expire_listen_keys",
    "freeze",
    "log_off",
    "refuse_connections",
    "reject_handshakes",
    "stop_reading",
)
ON_REQUESTS = tuple(name for name, _ in inspect.getmembers(Faults, inspect.isfunction) if not name.startswith("_"))


@dataclass(frozen=True, eq=False)
class Line:
    """One fault: on a method or stream (`times` None: always), or at a time."""

    what: str
    times: int | None
    seconds: float
    repeats: bool
    name: str
    arguments: tuple[Any, ...]
    keywords: Mapping[str, Any]


class Script:
    """The faults of one run."""

    def __init__(self, lines: tuple[Line, ...] = ()) -> None:
        self.lines = lines
        self._timers: dict[Line, asyncio.TimerHandle] = {}

    @classmethod
    def read(cls, text: str) -> Script:
        """From a file's name, or from the faults themselves. Raises `SpecError` with everything that is wrong."""
        path = Path(text) if "\n" not in text and ":" not in text else None
        if path is not None and not path.is_file():
            raise SpecError(
                [Problem(Origin("--faults"), f"there is no file {text!r}", "name one, or write METHOD: FAULT")]
            )
        where, given = (str(path), path.read_text(encoding="utf-8")) if path is not None else ("--faults", text)
        lines: list[Line] = []
        problems: list[Problem] = []
        for number, line in enumerate(given.splitlines(), 1):
            for piece in _pieces(line):
                try:
                    lines.append(parse(piece))
                except ValueError as error:
                    problems.append(Problem(Origin(where, number), str(error), "write METHOD: FAULT(arguments)"))
        if problems:
            raise SpecError(problems)
        return cls(tuple(lines))

    def check(self, knows: Callable[[str], bool]) -> None:
        """Raises `ValueError` where a fault would wait for a method or stream that will never come."""
        for line in self.lines:
            if line.what and not knows(line.what):
                raise ValueError(f"--faults: there is no method and no stream {line.what!r}")

    def start(self, exchange: FakeExchange) -> None:
        """Let the faults wait for their requests and times."""
        for line in self.lines:
            if line.what:
                getattr(exchange.on(line.what, times=line.times), line.name)(*line.arguments, **line.keywords)
            else:
                self._later(exchange, line)

    def stop(self) -> None:
        """No more faults at times."""
        for timer in self._timers.values():
            timer.cancel()

    def _later(self, exchange: FakeExchange, line: Line) -> None:
        self._timers[line] = asyncio.get_running_loop().call_later(line.seconds, self._do, exchange, line)

    def _do(self, exchange: FakeExchange, line: Line) -> None:
        getattr(exchange, line.name)(*line.arguments, **line.keywords)
        if line.repeats:
            self._later(exchange, line)


def parse(text: str) -> Line:
    """One fault from its line. Raises `ValueError`."""
    left, colon, right = text.partition(": ")
    if not colon or not right.strip():
        raise ValueError(f"{text!r} is no fault")
    what, times, seconds, repeats = _when(left.strip())
    name, arguments, keywords = _call(right.strip())
    known = ON_REQUESTS if what else AT_A_TIME
    if name not in known:
        raise ValueError(f"{name!r} is no fault here; there are {', '.join(known)}")
    owner: Callable[..., object] = getattr(Faults if what else FakeExchange, name)
    try:
        inspect.signature(owner).bind(None, *arguments, **keywords)
    except TypeError as error:
        raise ValueError(f"{name}: {error}") from None
    return Line(what, times, seconds, repeats, name, arguments, keywords)


def _when(text: str) -> tuple[str, int | None, float, bool]:
    """The left side: a method or stream and how often, or a time."""
    at = re.fullmatch(r"(after|every) ([0-9.]+)", text)
    if at:
        return "", None, float(at[2]), at[1] == "every"
    found = re.fullmatch(r"(\S+?)(?: (?:x([0-9]+)|(always)))?", text)
    if not found:
        raise ValueError(f"{text!r} is neither a method or stream (with x2 or always) nor a time (after 30, every 60)")
    return found[1], None if found[3] else int(found[2] or 1), 0.0, False


def _call(text: str) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
    """The right side: a name, maybe with literal arguments."""
    try:
        node = ast.parse(text, mode="eval").body
        call = node if isinstance(node, ast.Call) else ast.Call(node, [], [])
        if not isinstance(call.func, ast.Name):
            raise ValueError
        arguments = tuple(ast.literal_eval(one) for one in call.args)
        keywords = {one.arg: ast.literal_eval(one.value) for one in call.keywords if one.arg}
    except (SyntaxError, ValueError):
        raise ValueError(f"{text!r} is no fault: write its name and plain arguments, such as delay(0.5)") from None
    return call.func.id, arguments, keywords


def _pieces(line: str) -> list[str]:
    """The faults on a line, without the comment."""
    bare = re.match(r"""(?:[^#"']|"[^"]*"|'[^']*')*""", line)
    split = re.findall(r"""(?:[^;"']|"[^"]*"|'[^']*')+""", bare[0] if bare else "")
    return [piece.strip() for piece in split if piece.strip()]
