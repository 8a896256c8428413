"""What a schema asks of a value beside its type: checked in what clients send, kept by samples where that is possible."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sized
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from wirewright.mock.values import is_list
from wirewright.model.types import Limits

FORMATS = {
    "date": "2026-01-31",
    "date-time": "2026-01-31T12:00:00Z",
    "duration": "PT1M",
    "email": "ada@example.com",
    "hostname": "example.com",
    "ipv4": "127.0.0.1",
    "ipv6": "::1",
    "time": "12:00:00Z",
    "uri": "https://example.com/",
    "url": "https://example.com/",
    "uuid": "123e4567-e89b-12d3-a456-426614174000",
}
USUAL = (
    "A", "a", "0", "1", "AA", "aa", "00", "AAA", "000", "A/A", "A-A", "a-a", "a_a", "a.a", "A1", "a1",
    "+1", "+10", "#000000", "AAA/AAA",
)  # fmt: skip
"""Texts that many patterns take, alone or behind the words that a pattern begins with."""
_BEGINNING = re.compile(r"\^?([\w #:/-]*)")
_COUNT = re.compile(r"\{(\d{1,3})\b")

_OUTSIDE: Mapping[str, tuple[str, Callable[[Decimal, Decimal], bool]]] = {
    "minimum": ("less than", operator.lt),
    "maximum": ("more than", operator.gt),
    "exclusiveMinimum": ("not more than", operator.le),
    "exclusiveMaximum": ("not less than", operator.ge),
}
_SIZES = {"Length": "characters", "Items": "items", "Properties": "properties"}
_SIZED = {"Length": str, "Items": list, "Properties": dict}


def broken(limits: Limits | None, value: Any) -> Iterator[str]:
    """What is wrong with a value that has the right type."""
    if limits is None or value is None:
        return
    for key, text in limits.bounds:
        yield from _bound(key, text, value)
    if limits.pattern and isinstance(value, str) and not _matches(limits.pattern, value):
        yield f"{value!r} does not match {limits.pattern}"
    for one in value if is_list(value) else ():
        yield from broken(limits.item, one)


def kept(limits: Limits | None, value: Any) -> Any:
    """A sample changed so that it keeps the limits; a pattern is kept only where a usual text does."""
    if limits is None:
        return value
    bounds = dict(limits.bounds)
    if isinstance(value, str):
        usual = FORMATS.get(limits.format, value)
        tries = (usual, value, *FORMATS.values(), *USUAL, *_likely(limits.pattern))
        return next((one for one in tries if not any(broken(limits, one))), _sized(usual, bounds))
    if is_list(value) and value:
        wanted = max(len(value), int(bounds.get("minItems", 0)))
        return [kept(limits.item, one) for one in (value * wanted)[:wanted]]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _clamped(value, bounds)
    return value


def _likely(pattern: str) -> Iterator[str]:
    """Texts that may have a pattern: what it begins with, and behind that a usual text, or one sign as often as it counts."""
    found, count = _BEGINNING.match(pattern), _COUNT.search(pattern)
    beginning = found[1] if found else ""
    yield from (beginning + text for text in USUAL)
    if count:
        yield from (beginning + sign * int(count[1]) for sign in "aA0")


def _bound(key: str, text: str, value: Any) -> Iterator[str]:
    """What is wrong with a value by one bound."""
    kind = next((one for one in _SIZES if key.endswith(one)), "")
    edge = _number(text)
    if edge is None:
        return
    if kind:
        size = len(cast("Sized", value)) if isinstance(value, _SIZED[kind]) else None
        if size is not None and (size < edge if key.startswith("min") else size > edge):
            yield f"{size} {_SIZES[kind]} are {'less' if key.startswith('min') else 'more'} than {text}"
    elif key in _OUTSIDE and isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        words, is_outside = _OUTSIDE[key]
        if is_outside(Decimal(str(value)), edge):
            yield f"{value} is {words} {text}"


def _number(text: str) -> Decimal | None:
    """A bound as a number; old documents also write `exclusiveMinimum: true`."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _matches(pattern: str, text: str) -> bool:
    """Whether a text has a pattern; one that Python cannot read says nothing."""
    try:
        return re.search(pattern, text) is not None
    except re.error:
        return True


def _sized(text: str, bounds: Mapping[str, str]) -> str:
    """A text of an allowed length."""
    shortest, longest = _number(bounds.get("minLength", "0")), _number(bounds.get("maxLength", "1000000"))
    wanted = min(max(len(text), int(shortest or 0)), int(longest or 0))
    return (text * (wanted // max(1, len(text)) + 1))[:wanted]


def _clamped(value: int | float, bounds: Mapping[str, str]) -> int | float:
    """A number within its bounds."""
    for key, text in bounds.items():
        edge = _number(text)
        if edge is not None and key in _OUTSIDE and _OUTSIDE[key][1](Decimal(str(value)), edge):
            step = {"exclusiveMinimum": 1, "exclusiveMaximum": -1}.get(key, 0)
            value = type(value)(edge + step)
    return value
