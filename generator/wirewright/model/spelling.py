"""The same method with its parameters called otherwise: by their names of Python, or as they are on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from wirewright.model.api import Choice, Helper, Method, Rule, Weight


def respelled(method: Method, names: Mapping[str, str]) -> Method:
    """Everything that speaks of parameters speaks of them by another name; the parameters themselves stay."""

    def name(one: str) -> str:
        return names.get(one, one) if one else one

    settle = method.settle
    if settle is not None:
        settle = replace(settle, parameters=tuple((theirs, name(own)) for theirs, own in settle.parameters))
    return replace(
        method,
        rules=tuple(_rule(one, names) for one in method.rules),
        weight=_weight(method.weight, names),
        client_order_id=name(method.client_order_id),
        settle=settle,
        helpers=tuple(_helper(one, names) for one in method.helpers),
        variants=tuple(
            replace(
                one,
                choices=tuple(_choice(choice, names) for choice in one.choices),
                weight=_weight(one.weight, names) if one.weight is not None else None,
            )
            for one in method.variants
        ),
    )


def _rule(rule: Rule, names: Mapping[str, str]) -> Rule:
    return replace(
        rule,
        parameters=tuple(names.get(one, one) for one in rule.parameters),
        when=names.get(rule.when, rule.when),
        alternatives=tuple((names.get(when, when), values) for when, values in rule.alternatives),
    )


def _weight(weight: Weight, names: Mapping[str, str]) -> Weight:
    cases = tuple(replace(one, parameter=names.get(one.parameter, one.parameter)) for one in weight.cases)
    return replace(weight, cases=cases)


def _helper(helper: Helper, names: Mapping[str, str]) -> Helper:
    return replace(
        helper,
        sets=tuple((names.get(one, one), value) for one, value in helper.sets),
        mandatory=tuple(names.get(one, one) for one in helper.mandatory),
        optional=tuple((names.get(one, one), default) for one, default in helper.optional),
    )


def _choice(choice: Choice, names: Mapping[str, str]) -> Choice:
    return replace(choice, parameter=names.get(choice.parameter, choice.parameter))
