"""`client.api`: one method per method of the exchange, each a thin wrapper around its request."""

from __future__ import annotations

from dataclasses import dataclass

from wirewright.model.api import Method, Parameter, Variant
from wirewright.render import docs
from wirewright.render.annotations import spell
from wirewright.render.arguments import Argument, argument, options, passed_on, required_first
from wirewright.render.context import Context, source_of
from wirewright.render.helpers import helper_name, render_helper
from wirewright.render.module import old_names, render_class
from wirewright.render.python import Code, construct
from wirewright.render.requests import own_parameters, shared_parameters
from wirewright.render.sections import Item


@dataclass(frozen=True)
class Overload:
    arguments: list[Argument]
    result: str


def render_api(context: Context) -> dict[str, str]:
    title = f"Methods of {context.title}"
    items = [_item(context, method) for method in context.api.methods]
    return render_class(context, "api", f"{title}.", f"{title}, as `client.api`.", items)


def _item(context: Context, method: Method) -> Item:
    text = context.templates.render("method.py.jinja", **_view(context, method))
    helpers = [render_helper(context, method, helper) for helper in method.helpers]
    names = (method.name, *(helper_name(method, helper) for helper in method.helpers))
    return Item(names, "\n".join([text, *helpers]), method.section, method.origin.file)


def _view(context: Context, method: Method) -> dict[str, object]:
    """Without overloads a method makes its one request; with them it spells only what decides, and picks what fits."""
    deciders = {choice.parameter for variant in method.variants for choice in variant.choices}
    by_value = {choice.parameter for variant in method.variants for choice in variant.choices if choice.value}
    varies = len(method.variants) > 1
    every = required_first(_keyword(context, method, parameter) for parameter in method.parameters)
    own = [one for one in every if one.name in deciders or not varies]
    source = source_of(method.origin, method.title)
    return {
        "name": method.name,
        "overloads": _overloads(context, method) if varies else [],
        "arguments": [*own, *options(method)],
        "result": " | ".join(dict.fromkeys(context.qualified.received(variant.result) for variant in method.variants)),
        "doc": docs.method_doc(method, context.api, source, [*every, *options(method)]),
        "requests": [variant.name for variant in method.variants],
        "given": passed_on(one for one in own if one.name not in by_value),
        "deciding": _deciding_arguments(method, deciders),
        "options": passed_on(options(method)),
        "old_names": old_names(context, "api", method.name),
    }


def _deciding_arguments(method: Method, deciders: set[str]) -> str:
    return construct({p.wire: Code(p.name) for p in method.parameters if p.name in deciders})


def _keyword(context: Context, method: Method, parameter: Parameter) -> Argument:
    """A parameter of the method as a whole. One that decides by its value has the value of the first variant."""
    value = next((choice.value for choice in method.variants[0].choices if choice.parameter == parameter.name), "")
    default = spell(value, parameter.type) if value else ""
    doc = docs.parameter_doc(parameter, method.rules)
    return argument(context, parameter, parameter.required, default, doc)


def _overloads(context: Context, method: Method) -> list[Overload]:
    """One for each shape of the answer. Variants that differ in the value of one argument only have one together."""
    alike: dict[object, list[Variant]] = {}
    for variant in method.variants:
        by_value = tuple(choice.parameter for choice in variant.choices if choice.value)
        presence = tuple(choice for choice in variant.choices if not choice.value)
        one = (variant.result, by_value, presence) if len(by_value) == 1 else variant.name
        alike.setdefault(one, []).append(variant)
    return [_overload(context, method, variants) for variants in alike.values()]


def _overload(context: Context, method: Method, variants: list[Variant]) -> Overload:
    variant = variants[0]
    choices = {choice.parameter: choice.value for choice in variant.choices if choice.value}
    own = {parameter.name: required for parameter, required in own_parameters(method, variant)}
    shared = {parameter.name: parameter.required for parameter in shared_parameters(method)}
    taken = own | shared
    arguments: list[Argument] = []
    for parameter in method.parameters:
        if parameter.name in choices:
            values = [one.value for each in variants for one in each.choices if one.parameter == parameter.name]
            arguments.append(_deciding(context, method, parameter, values))
        elif parameter.name in taken:
            arguments.append(argument(context, parameter, taken[parameter.name]))
    return Overload([*required_first(arguments), *options(method)], context.qualified.received(variant.result))


def _deciding(context: Context, method: Method, parameter: Parameter, values: list[str]) -> Argument:
    """The argument whose value decides: its literal type, which the first variant has as the default."""
    defaults = {first.parameter: first.value for first in method.variants[0].choices}
    literals = f"Literal[{', '.join(context.qualified.literals(parameter.type, values))}]"
    if parameter.required or defaults.get(parameter.name) not in values:
        return Argument(parameter.name, literals)
    return Argument(parameter.name, literals, spell(defaults[parameter.name], parameter.type))
