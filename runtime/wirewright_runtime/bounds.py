"""The least and the most that a parameter may be, and what its text looks like: checked before a byte is sent."""

from __future__ import annotations

import re
from decimal import Decimal

import msgspec


class Bounds(msgspec.Struct, frozen=True):
    """Limits of one parameter. Those of an amount are text, so that they are exact.

    Args:
        parameter: Its Python name.
        minimum: The least that it may be; of a list, how many items at least.
        maximum: The most.
        pattern: What a text must look like from end to end, as a regular expression.
    """

    parameter: str
    minimum: int | str | None = None
    maximum: int | str | None = None
    pattern: str = ""

    def problem(self, value: int | str | msgspec.Raw | list[object]) -> str:
        """What is wrong with a value as it would be sent, in words; empty if nothing is."""
        if self.pattern:
            fits = re.fullmatch(self.pattern, str(value)) is not None
            return "" if fits else f"must look like {self.pattern}, not {str(value)[:60]!r}"
        size = _size(value)
        verb, items = ("have", " items") if isinstance(value, list) else ("be", "")
        if self.minimum is not None and size < Decimal(self.minimum):
            return f"must {verb} at least {self.minimum}{items}, not {size}"
        if self.maximum is not None and size > Decimal(self.maximum):
            return f"must {verb} at most {self.maximum}{items}, not {size}"
        return ""


def _size(value: int | str | msgspec.Raw | list[object]) -> Decimal:
    if isinstance(value, msgspec.Raw):  # a JSON number
        return Decimal(bytes(value).decode())
    return Decimal(len(value) if isinstance(value, list) else value)
