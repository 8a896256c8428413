"""Requests as values, and what a generated client knows of each method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from inspect import get_annotations
from typing import Any, ClassVar, Generic, Literal, TypeAlias, TypeVar, cast

import msgspec

from wirewright_runtime.bounds import Bounds
from wirewright_runtime.hidden import hides_secrets
from wirewright_runtime.types import Auth, Security, type_argument

R_co = TypeVar("R_co", covariant=True)

RuleKind: TypeAlias = Literal[
    "mandatory", "exactly one of", "at least one of", "at most one of", "only then", "not then", "only with"
]


class Rule:
    """A rule between parameters, checked before a byte is sent.

    Args:
        kind: What is asked of the parameters.
        parameters: Their Python names.
        when: Parameter that brings the rule into force; empty: always.
        values: Values of `when` that do; empty: any.
        alternatives: Further pairs of these two: one that holds is enough.
    """

    __slots__ = ("conditions", "kind", "parameters")

    def __init__(
        self,
        kind: RuleKind,
        *parameters: str,
        when: str = "",
        values: Sequence[str] = (),
        alternatives: Sequence[tuple[str, Sequence[str]]] = (),
    ) -> None:
        self.kind: RuleKind = kind
        self.parameters = parameters
        self.conditions = ((when, tuple(values)), *alternatives) if when else ()


class WeightCase(msgspec.Struct, frozen=True):
    """What a request weighs in one case: by the size of a number or list, or (without bounds) by presence."""

    weight: int
    parameter: str = ""
    minimum: int | None = None
    maximum: int | None = None
    per_item: bool = False
    cap: int | None = None
    case: str = ""


class Choice(msgspec.Struct, frozen=True):
    """The argument that decides a variant, by wire name. A value is always sent; without one, presence decides."""

    parameter: str
    value: str | int | bool | None = None
    absent: bool = False

    @property
    def words(self) -> str:
        """What has to be given, for people."""
        if self.value is not None:
            return f"{self.parameter}={self.value!r}"
        return f"no {self.parameter}" if self.absent else self.parameter

    def fits(self, given: object) -> bool:
        """Whether an argument decides for this variant."""
        if self.value is not None:
            return given == self.value
        return (given is None) == self.absent


class Settle(msgspec.Struct, frozen=True):
    """The method that tells what became of a request: its parameters by wire name, and whose values of ours they take."""

    method: str
    parameters: Mapping[str, str]


class RequestSpec(msgspec.Struct, frozen=True, kw_only=True):
    """What the runtime must know of a method beyond its parameters."""

    auth: Auth = Auth.NONE
    changes_state: bool = False
    client_order_id: str = ""
    settle: Settle | None = None
    rules: tuple[Rule, ...] = ()
    bounds: tuple[Bounds, ...] = ()
    weights: tuple[WeightCase, ...] = ()
    order_count: int = 0
    socket: str = ""
    address: tuple[str, ...] = ()
    replies: bool = True
    reply_tags: tuple[tuple[str, str | int | bool], ...] = ()
    constants: tuple[tuple[str, str | int | bool], ...] = ()
    failure: Any = None
    http: str = ""
    deprecated: str = ""


class Request(msgspec.Struct, Generic[R_co], frozen=True, kw_only=True):
    """Base of every request: its parameters as fields, and the type of its result as the argument."""

    method: ClassVar[str] = ""
    weight: ClassVar[int] = 1
    security: ClassVar[Security] = Security.NONE
    spec: ClassVar[RequestSpec] = RequestSpec()
    source: ClassVar[str] = ""
    choices: ClassVar[tuple[Choice, ...]] = ()
    result: ClassVar[object] = None

    def __init_subclass__(cls, **settings: Any) -> None:
        super().__init_subclass__(**settings)
        hides_secrets(cls, get_annotations(cls))
        cls.result = type_argument(cls, Request)


def weight_of(request: Request[object]) -> int:
    """What this very request weighs, as the specs tell it."""
    for case in request.spec.weights:
        value: Any = getattr(request, case.parameter, None) if case.parameter else None
        if value is None and (case.parameter or case.case):
            continue
        size = value if isinstance(value, int) else _length(value)
        if case.minimum is not None and (size is None or size < case.minimum):
            continue
        if case.maximum is not None and (size is None or size > case.maximum):
            continue
        weight = case.weight * (size if case.per_item and size is not None else 1)
        return weight if case.cap is None else min(weight, case.cap)
    return request.weight


def _length(value: Any) -> int | None:
    return None if isinstance(value, str) or not isinstance(value, Sequence) else len(cast("Sequence[object]", value))
