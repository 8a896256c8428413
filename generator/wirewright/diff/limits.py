"""Bounds and patterns: which of two is the tighter one."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from wirewright.model.types import Limits

_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
Told = tuple[str, str]  # (rule, what)


def compare_limits(old: Limits | None, new: Limits | None) -> Iterator[Told]:
    """Which rule each difference falls under, and in words."""
    old, new = old or Limits(), new or Limits()
    before, after = dict(old.bounds), dict(new.bounds)
    for key in dict.fromkeys((*before, *after)):
        if before.get(key) != after.get(key):
            yield from _bound(key, before.get(key), after.get(key))
    if old.pattern != new.pattern:
        yield "pattern-changed", f"pattern {_shown(old.pattern)} became {_shown(new.pattern)}"
    if old.format != new.format:
        yield "pattern-changed", f"format {_shown(old.format)} became {_shown(new.format)}"
    if old.item != new.item:
        yield from ((name, f"items: {what}") for name, what in compare_limits(old.item, new.item))


def _bound(key: str, old: str | None, new: str | None) -> Iterator[Told]:
    what = f"{key} {_shown(old or '')} became {_shown(new or '')}"
    tighter = _is_tighter(key, old, new)
    if tighter is not None:
        yield "bound-tightened" if tighter else "bound-loosened", what


def _is_tighter(key: str, old: str | None, new: str | None) -> bool | None:
    """None: both say the same (`1` and `1.0`, `false` and nothing)."""
    if key == "uniqueItems" or {old, new} & {"true", "false"}:
        is_set = old == "true", new == "true"
        return None if is_set[0] == is_set[1] else is_set[1]
    before, after = _number(old), _number(new)
    if before == after:
        return None
    if before is None or after is None:
        return before is None
    if key == "multipleOf":
        return not (after != 0 and before % after == 0)
    return after > before if key in _LOWER else after < before


def _number(text: str | None) -> Decimal | None:
    try:
        return Decimal(text) if text is not None else None
    except InvalidOperation:
        return None


def _shown(text: str) -> str:
    return f"`{text}`" if text else "(none)"
