"""`client.api`: one method per method of the exchange, each a thin wrapper around its request."""

from __future__ import annotations

from dataclasses import dataclass

from wirewright.model.api import Method, Parameter, Variant
from wirewright.render import docs
from wirewright.render.annotations import spell
from wirewright.render.arguments import Argument, Signature, argument, option_docs, options, passed_on, required_first
from wirewright.render.context import Context, source_of
from wirewright.render.helpers import helper_name, render_helper
from wirewright.render.module import old_names, render_class
from wirewright.render.python import Code, construct
from wirewright.render.requests import own_parameters, shared_parameters
from wirewright.render.sections import Item


@dataclass(frozen=True)
class MethodView:
    """An `api` method. Without overloads it makes its one request; with them it picks the variant that fits."""

    name: str
    signature: Signature  # with overloads: of what decides, the overloads say the rest
    overloads: tuple[Signature, ...]
    doc: tuple[str, ...]
    requests: tuple[str, ...]
    given: str  # the arguments of the request
    deciding: str  # of several requests: the arguments that decide, by wire name
    options: str  # the arguments of the call beside it
    old_names: tuple[str, ...]


def render_api(context: Context) -> dict[str, str]:
    title = f"Methods of {context.title}"
    items = [_item(context, method) for method in context.api.methods]
    return render_class(context, "api", f"{title}.", f"{title}, as `client.api`.", items)


def _item(context: Context, method: Method) -> Item:
    view = _view(context, method)
    text = context.templates.render("method.py.jinja", method=view)
    helpers = [render_helper(context, method, helper) for helper in method.helpers]
    names = (method.name, *(helper_name(method, helper) for helper in method.helpers))
    return Item(names, "\n".join([text, *helpers]), method.section, method.origin.file)


def _view(context: Context, method: Method) -> MethodView:
    overloads = _overloads(context, method) if len(method.variants) > 1 else ()
    deciders = {choice.parameter for variant in method.variants for choice in variant.choices}
    spelled = [one for one in method.parameters if one.name in deciders or not overloads]
    own = required_first(_keyword(context, method, parameter) for parameter in spelled)
    by_value = {choice.parameter for variant in method.variants for choice in variant.choices if choice.value}
    results = dict.fromkeys(context.qualified.received(variant.result) for variant in method.variants)
    source = source_of(method.origin, method.title)
    return MethodView(
        method.name,
        Signature((*own, *options(method)), " | ".join(results)),
        overloads,
        tuple(docs.method_doc(method, context.api, source, _argument_docs(method))),
        tuple(variant.name for variant in method.variants),
        passed_on(argument for argument in own if argument.name not in by_value),
        _deciding_arguments(method, deciders),
        passed_on(options(method)),
        old_names(context, "api", method.name),
    )


def _deciding_arguments(method: Method, deciders: set[str]) -> str:
    return construct({p.wire: Code(p.name) for p in method.parameters if p.name in deciders})


def _keyword(context: Context, method: Method, parameter: Parameter) -> Argument:
    """A parameter of the method as a whole. One that decides by its value has the value of the first variant."""
    value = next((choice.value for choice in method.variants[0].choices if choice.parameter == parameter.name), "")
    return argument(context, parameter, parameter.required, spell(value, parameter.type) if value else "")


def _argument_docs(method: Method) -> list[tuple[str, str]]:
    listed = sorted(method.parameters, key=lambda parameter: not parameter.required)
    own = [(parameter.name, docs.parameter_doc(parameter, method.rules, method.parameters)) for parameter in listed]
    return own + option_docs(method)


def _overloads(context: Context, method: Method) -> tuple[Signature, ...]:
    """One for each shape of the answer. Variants that differ in the value of one argument only have one together."""
    alike: dict[object, list[Variant]] = {}
    for variant in method.variants:
        by_value = tuple(choice.parameter for choice in variant.choices if choice.value)
        presence = tuple(choice for choice in variant.choices if not choice.value)
        one = (variant.result, by_value, presence) if len(by_value) == 1 else variant.name
        alike.setdefault(one, []).append(variant)
    return tuple(_overload(context, method, variants) for variants in alike.values())


def _overload(context: Context, method: Method, variants: list[Variant]) -> Signature:
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
    result = context.qualified.received(variant.result)
    return Signature((*required_first(arguments), *options(method)), result)


def _deciding(context: Context, method: Method, parameter: Parameter, values: list[str]) -> Argument:
    """The argument whose value decides: its literal type, which the first variant has as the default."""
    defaults = {first.parameter: first.value for first in method.variants[0].choices}
    literals = f"Literal[{', '.join(context.qualified.literals(parameter.type, values))}]"
    if parameter.required or defaults.get(parameter.name) not in values:
        return Argument(parameter.name, literals)
    return Argument(parameter.name, literals, spell(defaults[parameter.name], parameter.type))
