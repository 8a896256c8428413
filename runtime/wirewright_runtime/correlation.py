"""Which answer belongs to whom. Every question has a deadline; one timer serves them all.

A question ends in exactly one way: answered, out of time, abandoned by its asker, or failed with its connection. An
answer to a question that is over is counted and told, and never reaches anybody else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from itertools import count
from typing import TypeAlias

from wirewright_runtime.errors import RequestTimeout, WireError

_REMEMBERED = 1024


Id: TypeAlias = str | int
Tags: TypeAlias = tuple[tuple[str, str | int | bool], ...]


class Question:
    """Something asked, and the future of its answer."""

    __slots__ = ("deadline", "end", "future", "id", "key", "label", "tags")

    def __init__(
        self, id: Id, key: bytes, label: str, future: asyncio.Future[bytes], deadline: float, tags: Tags
    ) -> None:
        self.id = id
        self.key = key
        self.label = label
        self.future = future
        self.deadline = deadline
        self.tags = tags
        self.end = 0
        """Where its last byte stands in all that the connection wrote."""


class Correlation:
    """The open questions of one connection."""

    def __init__(self, loop: asyncio.AbstractEventLoop, prefix: str, *, numbers: bool, head: bytes = b"") -> None:
        self._loop = loop
        self._head = head
        self._prefix = prefix
        self._numbers = numbers
        self._count = count(1)
        self._open: dict[bytes, Question] = {}
        self._over: dict[bytes, str] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._ended = False
        self.orphans = 0
        self.on_orphan: Callable[[str, bytes], None] | None = None

    def __len__(self) -> int:
        return len(self._open)

    def key_of(self, id: Id) -> bytes:
        """Under which key an answer to this id is found: the beginning of its frame."""
        return self._head + str(id).encode()

    def ask(self, label: str, deadline: float, id: Id | None = None, tags: Tags = ()) -> Question:
        """Open a question that has until `deadline`, in the loop's time. Whoever asks must `close` it.

        Without an id it gets one that this connection has not used.
        """
        if id is None:
            number = next(self._count)
            id = number if self._numbers else f"{self._prefix}{number}"
        key = self._head + str(id).encode()
        if key in self._open or key in self._over:
            state = "is under way already" if key in self._open else "was given up, and its answer may still come"
            raise ValueError(f"{label}: a request with id {id!r} {state}")
        question = self._open[key] = Question(id, key, label, self._loop.create_future(), deadline, tags)
        if (self._timer is None or deadline < self._timer.when()) and not self._ended:
            self._schedule(deadline)
        return question

    def resolve(self, key: bytes, raw: bytes) -> bool:
        """Give an answer to its question. False if nobody ever asked."""
        question = self._open.pop(key, None)
        if question is None:
            label = self._over.pop(key, None)
            if label is not None:
                self.orphan(label, raw)
            return label is not None
        if question.future.done():
            self.orphan(question.label, raw)
        else:
            question.future.set_result(raw)
        return True

    def resolve_tagged(self, fits: Callable[[Tags], bool], raw: bytes) -> bool:
        """Give an answer without an id to the oldest question that waits for one like it."""
        for question in self._open.values():
            if question.tags and fits(question.tags):
                return self.resolve(question.key, raw)
        return False

    @property
    def tagged(self) -> bool:
        """Whether a question waits for an answer without an id."""
        return any(question.tags for question in self._open.values())

    def close(self, question: Question) -> None:
        """The asker waits no longer. An answer that still comes is an orphan."""
        if self._open.pop(question.key, None) is not None:
            self._over[question.key] = question.label
            if len(self._over) > _REMEMBERED:
                del self._over[next(iter(self._over))]

    def fail(self, error: Callable[[Question], WireError]) -> None:
        """The connection is gone: answer every question with an error."""
        self._ended = True
        questions, self._open = list(self._open.values()), {}
        self._over.clear()
        self._stop()
        _fail(questions, error)

    def orphan(self, label: str, raw: bytes) -> None:
        """Count an answer that nobody waits for."""
        self.orphans += 1
        if self.on_orphan is not None:
            self.on_orphan(label, raw)

    def _schedule(self, deadline: float) -> None:
        self._stop()
        self._timer = self._loop.call_at(deadline, self._expire)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _expire(self) -> None:
        self._timer = None
        now = self._loop.time()
        late = [question for question in self._open.values() if question.deadline <= now]
        for question in late:
            self.close(question)
        _fail(late, lambda question: RequestTimeout(f"{question.label}: no answer in time", method=question.label))
        if self._open:
            self._schedule(min(question.deadline for question in self._open.values()))


def _fail(questions: Iterable[Question], error: Callable[[Question], WireError]) -> None:
    for question in questions:
        if not question.future.done():
            question.future.set_exception(error(question))
