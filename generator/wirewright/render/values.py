"""The runtime's value classes, as far as generated code makes instances of them.

The generator does not import the runtime, so their names, fields and defaults stand here again; a test compares both.
`construct` writes an instance of one as the call that makes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from wirewright.model import api as model
from wirewright.render.python import Code

T = TypeVar("T")


def positional() -> T:  # type: ignore[type-var]
    """A field that is written without its name."""
    return field(metadata={"positional": True})


@dataclass(frozen=True)
class Choice:
    parameter: str = field(metadata={"positional": True})
    value: str = field(default="", metadata={"positional": True})
    absent: bool = False


@dataclass(frozen=True)
class WeightCase:
    weight: int = field(metadata={"positional": True})
    parameter: str = ""
    minimum: int | None = None
    maximum: int | None = None
    per_item: bool = False
    cap: int | None = None
    case: str = ""


@dataclass(frozen=True)
class Rule:
    kind: str = field(metadata={"positional": True})
    parameters: tuple[str, ...] = field(metadata={"spread": True})
    when: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Settle:
    method: str = field(metadata={"positional": True})
    parameters: Mapping[str, str] = field(metadata={"positional": True})


@dataclass(frozen=True)
class RequestSpec:
    auth: Code = Code("Auth.NONE")
    changes_state: bool = False
    client_order_id: str = ""
    settle: Settle | None = None
    rules: tuple[Rule, ...] = ()
    weights: tuple[WeightCase, ...] = ()
    order_count: int = 0
    socket: str = ""
    address: tuple[str, ...] = ()
    replies: bool = True
    reply_tags: tuple[tuple[str, str | int | bool], ...] = ()
    http: str = ""
    deprecated: str = ""


@dataclass(frozen=True)
class SequenceKey:
    last: str = ""
    first: str = ""
    previous: str = ""
    step: int = 0
    key: str = ""


@dataclass(frozen=True)
class StreamSpec:
    patterns: tuple[str, ...] = field(metadata={"spread": True})
    socket: str
    every: float | None = None
    every_by: Mapping[str, float] = field(default_factory=dict[str, float])
    sequence: SequenceKey | None = None
    auth: Code = Code("Auth.NONE")
    address: tuple[str, ...] = ()
    deprecated: str = ""
