"""Faults in a line: what an exchange does to the next request, subscription or event.

exchange.on(OrderPlace).accept_then_drop()          # executed, but the answer never comes
exchange.on("order.status", times=2).refuse(-1003, "Too many requests.", status=429)
exchange.on(AggTradeStream(symbol="btcusdt")).stall()
"""

from __future__ import annotations

from collections import defaultdict, deque
from typing import Literal, TypeAlias

from msgspec import Struct

from wirewright_runtime.request import Request
from wirewright_runtime.stream import Stream

What: TypeAlias = "str | type[Request[object]] | Stream[object]"
Kind: TypeAlias = Literal["drop_after", "drop", "stall", "delay", "close", "refuse", "say", "twice", "gap"]


class Fault(Struct, frozen=True, kw_only=True):
    """One fault."""

    kind: Kind
    seconds: float = 0
    code: int | str = 0
    message: str = ""
    status: int | None = None
    data: object = None
    text: bytes = b""


class Faults:
    """The faults that wait for their request, by method or stream."""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[Fault]] = defaultdict(deque)
        self._lasting: dict[str, list[Fault]] = defaultdict(list)

    def add(self, name: str, fault: Fault, times: int | None) -> None:
        """A fault for the next `times` requests; None: for all."""
        if times is None:
            self._lasting[name].append(fault)
        else:
            self._waiting[name].extend([fault] * times)

    def next(self, name: str) -> Fault | None:
        """The fault that meets a request now."""
        if self._waiting[name]:
            return self._waiting[name].popleft()
        return self._lasting[name][-1] if self._lasting[name] else None

    def clear(self, name: str) -> None:
        """No more faults there."""
        self._waiting.pop(name, None)
        self._lasting.pop(name, None)


class Script:
    """What happens to a request, subscription or event. Each method adds one fault."""

    def __init__(self, faults: Faults, name: str, times: int | None) -> None:
        self._faults = faults
        self._name = name
        self._times = times

    def _add(self, fault: Fault, times: int | None = 0) -> Script:
        self._faults.add(self._name, fault, self._times if times == 0 else times)
        return self

    def accept_then_drop(self) -> Script:
        """Execute it, then drop the connection without an answer."""
        return self._add(Fault(kind="drop_after"))

    def drop(self) -> Script:
        """Drop the connection; the request is not executed."""
        return self._add(Fault(kind="drop"))

    def stall(self) -> Script:
        """A request: execute it, never answer. A stream: acknowledge it, and send nothing until `resume`."""
        return self._add(Fault(kind="stall"))

    def delay(self, seconds: float) -> Script:
        """Answer later."""
        return self._add(Fault(kind="delay", seconds=seconds))

    def close(self, code: int = 1008, reason: str = "") -> Script:
        """Close the connection instead of answering."""
        return self._add(Fault(kind="close", code=code, message=reason))

    def refuse(self, code: int | str, message: str = "refused", *, status: int = 400, data: object = None) -> Script:
        """Answer with an error."""
        return self._add(Fault(kind="refuse", code=code, message=message, status=status, data=data))

    def say(self, text: bytes) -> Script:
        """Send these bytes instead of the answer."""
        return self._add(Fault(kind="say", text=text))

    def answer_twice(self) -> Script:
        """Send the answer two times."""
        return self._add(Fault(kind="twice"))

    def gap(self, events: int = 1) -> Script:
        """Lose the next events of a stream."""
        return self._add(Fault(kind="gap"), events)

    def resume(self) -> Script:
        """End every fault here."""
        self._faults.clear(self._name)
        return self


def name_of(what: What) -> str:
    """Under which name faults are kept."""
    if isinstance(what, str):
        return what
    return what.name if isinstance(what, Stream) else what.method
