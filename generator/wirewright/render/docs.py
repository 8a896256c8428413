"""What a docstring says of a request, a parameter or a field: prose made of the model's facts."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from wirewright.model.api import (
    Api,
    Auth,
    Choice,
    Helper,
    Method,
    Parameter,
    Rule,
    RuleKind,
    Variant,
    Weight,
    WeightCase,
)
from wirewright.model.naming import words
from wirewright.model.types import Array, Field, Ref
from wirewright.render.prose import first_sentence, hang, sentence, wrap

AUTH = {
    Auth.NONE: "Not signed.",
    Auth.KEY: "Carries the API key ({security}).",
    Auth.SIGNED: "Signed ({security}).",
    Auth.SESSION: "Needs a session that is logged on ({security}).",
    Auth.TOKEN: "Needs a token ({security}).",
}


def spoken(name: str) -> str:
    """A name as words, where the sources say nothing: `event_time`, `EventTime` -> `Event time.`"""
    spelled = re.sub(r"\bid\b", "ID", " ".join(words(name)).lower())
    return f"{spelled[:1].upper()}{spelled[1:]}."


class Named(Protocol):
    """What has a name, and maybe words."""

    @property
    def name(self) -> str: ...
    @property
    def doc(self) -> str: ...


def described(thing: Named) -> str:
    """What the sources say of a thing; else its name as words."""
    return sentence(thing.doc) or spoken(thing.name)


def field_doc(field: Field) -> str:
    text = described(field)
    return f"{text} Only there if {sentence(field.when)}" if field.when else text


def parameter_doc(parameter: Parameter, rules: Iterable[Rule] = ()) -> str:
    """The description, then default and limits where it does not say them, then the rules."""
    parts = [described(parameter), _limits(parameter)]
    parts += _rules(list(_joined(rules, parameter.name)), parameter.name)
    return " ".join(dict.fromkeys(part for part in parts if part))


def method_summary(method: Method) -> str:
    return sentence(first_sentence(method.doc) or method.title or spoken(method.name))


def variant_doc(method: Method, variant: Variant) -> str:
    """What one variant's class says: the method's summary and what decides for it."""
    summary = method_summary(method)
    if not variant.choices:
        return summary
    return f"{summary}\n\nThe answer {' and '.join(_choice(choice) for choice in variant.choices)}."


def method_doc(method: Method, api: Api, source: str, arguments: Iterable[Named]) -> list[str]:
    """The docstring of an `api` method, line by line."""
    about = wrap(method.doc or method_summary(method))
    if method.deprecated:
        about += ["", *wrap(f"Deprecated: {sentence(method.deprecated)}")]
    raises = [f"    {line}" for error, text in _errors(method, api) for line in hang(error, text)]
    return with_arguments(about, arguments, _ending(method, api, source), raises)


def helper_doc(method: Method, helper: Helper, api: Api, source: str, arguments: Iterable[Named]) -> list[str]:
    """The docstring of a helper, line by line."""
    fixed = _list([f"`{name}` `{value}`" for name, value in helper.sets])
    about = wrap(sentence(helper.doc) or method_summary(method))
    about += ["", *wrap(f"`{method.name}` with {fixed}.")]
    return with_arguments(about, arguments, _ending(method, api, source))


def with_arguments(
    about: Iterable[str], arguments: Iterable[Named], ending: Sequence[str] = (), raises: Sequence[str] = ()
) -> list[str]:
    """A docstring's lines: what is done, the arguments, the errors, and what stands at the end."""
    listed = [f"    {line}" for one in arguments for line in hang(one.name, one.doc)]
    errors = ["", "Raises:", *raises] if raises else []
    return [*about, "", "Args:", *listed, *errors, *(["", *ending] if ending else [])]


def _errors(method: Method, api: Api) -> list[tuple[str, str]]:
    """The errors worth knowing, each with its class."""
    known = {str(error.code): error for error in api.errors}
    found = [(code, known.get(code)) for code in method.errors]
    return [
        (error.error or "ApiError", f"{sentence(error.doc) or error.name} ({code})") if error else ("ApiError", code)
        for code, error in found
    ]


def weight_text(method: Method) -> str:
    """`Weight 5; 25 with limit 101 to 500.`"""
    weight, lists = method.weight, {one.name for one in method.parameters if isinstance(one.type, Array)}
    counted = [case for case in weight.cases if case.weight != weight.base or case.per_item]
    cases = [f"{case.weight} {_case(case, lists)}" for case in counted]
    cases = [*_variant_weights(method, cases), *cases]
    success = f" ({weight.success} if it succeeds)" if weight.success is not None else ""
    return f"Weight {'; '.join([f'{weight.base}{success}', *cases])}."


def _variant_weights(method: Method, cases: Sequence[str]) -> Iterator[str]:
    """What some variants weigh, with the choices that all of these share, where no case says it already."""
    by_weight: dict[int, list[Variant]] = {}
    for variant in method.variants:
        if variant.weight is not None and variant.weight.base != method.weight.base:
            by_weight.setdefault(variant.weight.base, []).append(variant)
    for weight, variants in by_weight.items():
        shared = [one for one in variants[0].choices if all(one in variant.choices for variant in variants)]
        told = (one for one in cases if one.startswith(f"{weight} "))
        if not any(all(f"`{choice.parameter}`" in one for choice in shared) for one in told):
            yield f"{weight} {' and '.join(map(_choice, shared))}"


def has_weights(api: Api) -> bool:
    """Whether the API counts what requests weigh at all."""
    return any(method.weight != Weight(1) for method in api.methods)


def has_security(api: Api) -> bool:
    """Whether methods say what they ask of their caller."""
    return any(method.security != "NONE" for method in api.methods)


def _ending(method: Method, api: Api, source: str) -> list[str]:
    """What a request costs and needs, and where that is said."""
    facts = [weight_text(method)] if has_weights(api) else []
    if method.order_count:
        facts.append(f"Counts as {method.order_count} unfilled order{'s' if method.order_count > 1 else ''}.")
    if has_security(api) or method.auth is not Auth.NONE:
        facts.append(AUTH[method.auth].format(security=method.security).replace(" (NONE)", ""))
    if method.http:
        facts.append(f"Over HTTP (`{method.http}`), which needs the extra `[rest]`.")
    if method.data_source:
        facts.append(f"Data source: {method.data_source.rstrip('.')}.")
    if isinstance(method.error_data, Ref):
        facts.append(f"The `data` of an error is a `models.{method.error_data.name}`, where the exchange sent some.")
    return [*wrap(" ".join(facts)), f"Source: {source}"]


def _limits(parameter: Parameter) -> str:
    said = parameter.doc.lower()
    limits = [
        f"{word} {value}"
        for word, value in (
            ("default", parameter.default),
            ("at least", parameter.minimum),
            ("at most", parameter.maximum),
        )
        if value is not None and not _says(said, word, value)
    ]
    return f"{', '.join(limits).capitalize()}." if limits else ""


def _says(text: str, word: str, value: str) -> bool:
    """Whether a description names a limit by itself."""
    said = {"default": "default", "at least": "min", "at most": "max"}
    return said[word] in text and re.search(rf"(?<![\w.]){re.escape(value.lower())}(?![\w])", text) is not None


def _rules(rules: list[Rule], name: str) -> Iterable[str]:
    """What rules say to one parameter. What is wanted in a case, and allowed in no other, is said at once."""
    only = {_case_of(rule) for rule in rules if rule.kind is RuleKind.ONLY_THEN}
    wanted = (RuleKind.MANDATORY, RuleKind.EXACTLY_ONE, RuleKind.AT_LEAST_ONE)
    both = {_case_of(rule) for rule in rules if rule.kind in wanted and name in rule.parameters} & only
    pairs = [rule for rule in rules if _is_pair(rule) and name in rule.parameters]
    if pairs:
        yield f"Not together with {_quoted([one for rule in pairs for one in rule.parameters if one != name], 'or')}."
    for rule in (one for one in rules if not _is_pair(one)):
        case = _case_of(rule)
        if rule.kind in wanted and case in both and name in rule.parameters:
            yield f"{_rule(rule, name).removesuffix('.')}, and only then."
        elif not (rule.kind is RuleKind.ONLY_THEN and case in both):
            yield _rule(rule, name)


def _is_pair(rule: Rule) -> bool:
    """Whether two parameters exclude each other."""
    return rule.kind is RuleKind.AT_MOST_ONE and not rule.when and len(rule.parameters) == 2


def _case_of(rule: Rule) -> object:
    """When a rule holds."""
    cases = [(rule.when, rule.values), *rule.alternatives] if rule.when else []
    return frozenset((name, frozenset(values)) for name, values in cases)


def _joined(rules: Iterable[Rule], name: str) -> Iterable[Rule]:
    """The rules that speak of a parameter. Those that ask the same for several values of one argument are one."""
    joined: dict[object, Rule] = {}
    for rule in rules:
        alone = rule.kind in (RuleKind.MANDATORY, RuleKind.ONLY_THEN, RuleKind.NOT_THEN)
        if alone and name not in rule.parameters:
            continue
        simple = rule.values and not rule.alternatives
        key = (rule.kind, () if alone else rule.parameters, rule.when) if simple else id(rule)
        known = joined.get(key)
        joined[key] = rule if known is None else replace(known, values=tuple(dict.fromkeys(known.values + rule.values)))
    return joined.values()


def _rule(rule: Rule, name: str) -> str:
    """What a rule says to one parameter, if it speaks of it."""
    if rule.kind is RuleKind.ONLY_WITH:
        return f"Only together with {_quoted(rule.parameters)}." if rule.when == name else ""
    if name not in rule.parameters:
        return ""
    these = _list(["this", *(f"`{parameter}`" for parameter in rule.parameters if parameter != name)])
    texts = {
        RuleKind.MANDATORY: "Mandatory",
        RuleKind.ONLY_THEN: "Only",
        RuleKind.NOT_THEN: "Not",
        RuleKind.EXACTLY_ONE: f"Exactly one of {these} must be given",
        RuleKind.AT_LEAST_ONE: f"At least one of {these} must be given",
        RuleKind.AT_MOST_ONE: f"At most one of {these} may be given",
    }
    return f"{texts[rule.kind]} {_when(rule)}".strip() + "."


def _quoted(names: Iterable[str], word: str = "and") -> str:
    return _list([f"`{name}`" for name in names], word)


def _when(rule: Rule) -> str:
    conditions = [(rule.when, rule.values), *rule.alternatives] if rule.when else []
    texts = [f"`{name}` is {_quoted(values, 'or')}" if values else f"`{name}` is given" for name, values in conditions]
    return f"if {_list(texts, 'or')}" if texts else ""


def _choice(choice: Choice) -> str:
    if choice.value:
        return f"with `{choice.parameter}` `{choice.value}`"
    return f"without `{choice.parameter}`" if choice.absent else f"with `{choice.parameter}`"


def _case(case: WeightCase, lists: Container[str]) -> str:
    if case.per_item:
        most = f", at most {case.cap}" if case.cap else ""
        return f"for each of `{case.parameter}`{most}"
    if case.minimum is not None or case.maximum is not None:
        words = [f"`{case.parameter}`", _range(case.minimum, case.maximum)]
        return " ".join(["with", *(reversed(words) if case.parameter in lists else words)])
    said = case.case or f"`{case.parameter}`"
    return said if said.startswith("with") else f"with {said}"


def _range(minimum: int | None, maximum: int | None) -> str:
    if minimum is None:
        return f"up to {maximum}"
    return f"{minimum} or more" if maximum is None else f"{minimum} to {maximum}"


def _list(items: list[str], word: str = "and") -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {word} {items[-1]}" if items else ""
