"""Faults in a line: what an exchange does to the next request, subscription or event.

exchange.on(OrderPlace).accept_then_drop()          # executed, but the answer never comes
exchange.on("order.status", times=2).refuse(-1003, "Too many requests.", status=429, retry_after=30)
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
    retry_after: float = 0
    """Seconds after which the exchange takes the next request."""
    retry_at: int = 0
    """The same as a time in milliseconds."""


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

    def next(self, name: str, *kinds: Kind) -> Fault | None:
        """The fault (of these kinds) that meets a request or event now."""
        waiting, lasting = self._waiting[name], self._lasting[name]
        if waiting and (not kinds or waiting[0].kind in kinds):
            return waiting.popleft()
        return next((fault for fault in reversed(lasting) if not kinds or fault.kind in kinds), None)

    def clear(self, name: str) -> None:
        """No more faults there."""
        self._waiting.pop(name, None)
        self._lasting.pop(name, None)


class Script:
    """What happens to a request, to the subscribing of a stream, or to its events. Each method adds one fault.

    On a stream, `refuse` meets its subscriptions and `stall` its events, until `resume`; `gap`, `delay`, `drop`, `close`,
    `say` and `answer_twice` meet the next events.
    """

    def __init__(self, faults: Faults, name: str, times: int | None) -> None:
        self._faults = faults
        self._name = name
        self._times = times

    def _add(self, fault: Fault, times: int | None) -> Script:
        self._faults.add(self._name, fault, times)
        return self

    @property
    def _lasting(self) -> int | None:
        """How often a fault comes that on a stream lasts until `resume`."""
        of_stream = "@" in self._name or self._name.startswith("!")
        return None if of_stream and self._times == 1 else self._times

    def accept_then_drop(self) -> Script:
        """Execute the request, then drop the connection without an answer."""
        return self._add(Fault(kind="drop_after"), self._times)

    def drop(self) -> Script:
        """Drop the connection; the request is not executed."""
        return self._add(Fault(kind="drop"), self._times)

    def stall(self) -> Script:
        """A request: execute it, never answer. A stream: acknowledge it, and send nothing until `resume`."""
        return self._add(Fault(kind="stall"), self._lasting)

    def delay(self, seconds: float) -> Script:
        """Answer later, or send the event later."""
        return self._add(Fault(kind="delay", seconds=seconds), self._times)

    def close(self, code: int = 1008, reason: str = "") -> Script:
        """Close the connection instead of answering, or in place of the event."""
        return self._add(Fault(kind="close", code=code, message=reason), self._times)

    def refuse(
        self,
        code: int | str,
        message: str = "refused",
        *,
        status: int = 400,
        data: object = None,
        retry_after: float = 0,
    ) -> Script:
        """Answer with an error; `retry_after` is in seconds, where the product's errors can tell it."""
        fault = Fault(kind="refuse", code=code, message=message, status=status, data=data, retry_after=retry_after)
        return self._add(fault, self._lasting)

    def say(self, text: bytes) -> Script:
        """Send these bytes instead of the answer or the event."""
        return self._add(Fault(kind="say", text=text), self._times)

    def answer_twice(self) -> Script:
        """Send the answer or the event two times."""
        return self._add(Fault(kind="twice"), self._times)

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
