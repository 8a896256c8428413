"""Collects what is secret and what is said, and compares."""

from __future__ import annotations

import logging
import traceback

from wirewright_runtime import WireError

_SHORTEST = 8  # what is shorter is no secret, and found everywhere
_NOT_OURS = ("websockets/streams.py",)  # its proxy handshake trips over a proxy that hangs up


class Watch(logging.Handler):
    """Collects what is secret, and what is said."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.secrets: set[str] = set()
        self.testing = False
        """Whether a test runs. What is made outside of one is remembered for all of them."""
        self.lasting: set[str] = set()
        self.said: list[str] = []
        self.errors: list[WireError] = []
        self.unnoticed: list[str] = []

    def learn(self, secret: object) -> None:
        """Something that must not be shown."""
        text = secret.decode("latin-1") if isinstance(secret, bytes) else str(secret)
        for line in text.splitlines():
            if len(line.strip()) >= _SHORTEST and "-----" not in line:
                (self.secrets if self.testing else self.lasting).add(line.strip())

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        if record.exc_info and record.exc_info[1] is not None:
            text += "".join(traceback.format_exception(record.exc_info[1]))
        self.said.append(text)
        noise = any(known in text for known in _NOT_OURS)
        if record.name == "asyncio" and record.levelno >= logging.ERROR and not noise:
            self.unnoticed.append(text)

    def told(self) -> list[str]:
        """Everything that was said since the last time."""
        said = self.said + [_chain(error) for error in self.errors]
        self.said, self.errors = [], []
        return said

    def leaks(self, said: list[str]) -> list[str]:
        """What was said and should not have been, with the secret cut short."""
        everything = "\n".join(said)
        return [
            f"{secret[:4]}... in: {_around(everything, secret)}"
            for secret in self.secrets | self.lasting
            if secret in everything
        ]


def _chain(error: BaseException | None) -> str:
    told = ""
    while error is not None:
        told += f"{error!s} {error!r}\n"
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return told


def _around(text: str, secret: str) -> str:
    at = text.index(secret)
    return text[max(0, at - 80) : at].replace("\n", " ") + "<here>"
