"""Rules between the parameters of a request, checked before a byte is sent.

A rule speaks of parameters that are given, in the case that another one is given or has a value. Most requests break none:
so a check looks first at what is given, then at the case, and finds words last.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from wirewright_runtime.request import Rule

Given: TypeAlias = Mapping[str, object]


class Check:
    """One rule, ready to be checked often.

    Args:
        rule: The rule.
        text: How a value is written, as the rule's values are.
    """

    __slots__ = ("_cases", "_inverse", "_is_fine", "_rule", "_text")

    def __init__(self, rule: Rule, text: Callable[[object], str]) -> None:
        self._rule = rule
        self._text = text
        self._cases = [(when, frozenset(values)) for when, values in rule.conditions]
        self._inverse = rule.kind == "only then"
        self._is_fine = _whatever_the_case(rule)

    def problem(self, given: Given) -> str:
        """How the rule is broken, in words; empty if it is not. `given` are the parameters that are not None, by name."""
        if self._is_fine(given) or self._in_force(given) == self._inverse:
            return ""
        return _words(self._rule, [name for name in self._rule.parameters if name in given])

    def _in_force(self, given: Given) -> bool:
        for when, values in self._cases:
            if (value := given.get(when)) is not None and (not values or self._text(value) in values):
                return True
        return not self._cases


def _whatever_the_case(rule: Rule) -> Callable[[Given], bool]:
    """Whether what is given breaks the rule in no case."""
    first, *others = rule.parameters
    names = frozenset(rule.parameters)
    if rule.kind in ("only then", "not then"):
        return names.isdisjoint if others else lambda given: first not in given
    if rule.kind in ("mandatory", "only with"):
        return (lambda given: names <= given.keys()) if others else lambda given: first in given
    if rule.kind == "at least one of":
        return lambda given: not names.isdisjoint(given)
    allowed = (1,) if rule.kind == "exactly one of" else (0, 1)
    return lambda given: len(names & given.keys()) in allowed


def _words(rule: Rule, given: list[str]) -> str:
    """What is wrong, where the rule is broken."""
    cases = [f"{when} is {' or '.join(values)}" if values else f"{when} is given" for when, values in rule.conditions]
    case = f" when {' or '.join(cases)}" if cases else ""
    names = ", ".join(rule.parameters)
    if rule.kind == "only then":
        return f"{given[0]} may be sent only{case}"
    if rule.kind == "not then":
        return f"{given[0]} may not be sent{case}"
    if rule.kind in ("mandatory", "only with"):
        return f"{', '.join(name for name in rule.parameters if name not in given)} must be given{case}"
    if rule.kind == "at least one of":
        return f"at least one of {names} must be given{case}"
    return (
        f"only one of {names} may be given{case}, not {' and '.join(given)}"
        if given
        else f"one of {names} must be given{case}"
    )
