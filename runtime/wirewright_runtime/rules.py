"""Rules between the parameters of a request: how one is broken, in words."""

from __future__ import annotations

from collections.abc import Mapping

from wirewright_runtime.request import Rule, RuleKind


def broken(rule: Rule, given: Mapping[str, str]) -> str:
    """How a rule is broken; empty if it is not. `given` are the texts of the parameters that are not None, by name."""
    names = [name for name in rule.parameters if name in given]
    in_force = _in_force(rule, given) != (rule.kind == "only then")
    return _words(rule, names) if in_force and not _allows(rule.kind, len(names), len(rule.parameters)) else ""


def _in_force(rule: Rule, given: Mapping[str, str]) -> bool:
    cases = [when in given and (not values or given[when] in values) for when, values in rule.conditions]
    return any(cases) or not cases


def _allows(kind: RuleKind, count: int, of: int) -> bool:
    """Whether so many of a rule's parameters may be given, where it is in force."""
    match kind:
        case "only then" | "not then":
            return count == 0
        case "mandatory" | "only with":
            return count == of
        case "at least one of":
            return count > 0
        case "exactly one of":
            return count == 1
        case "at most one of":
            return count <= 1


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
    if not given:
        return f"one of {names} must be given{case}"
    return f"only one of {names} may be given{case}, not {' and '.join(given)}"
