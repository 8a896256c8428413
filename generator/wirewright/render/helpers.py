"""Helpers: an everyday use of a method as a method of its own, so that a type checker names the argument that is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from wirewright.model.api import Helper, Method, Parameter
from wirewright.render import docs
from wirewright.render.annotations import spell
from wirewright.render.arguments import Signature, argument, call_text, option_docs, options, passed_on
from wirewright.render.context import Context, source_of


@dataclass(frozen=True)
class HelperView:
    name: str
    signature: Signature
    doc: tuple[str, ...]
    request: str
    given: str
    options: str


def helper_name(method: Method, helper: Helper) -> str:
    return f"{method.name}_{helper.name}"


def render_helper(context: Context, method: Method, helper: Helper) -> str:
    taken = sorted(_taken(method, helper), key=lambda one: not one[1])
    own = tuple(argument(context, parameter, required, default) for parameter, required, default in taken)
    by_name = {parameter.name: parameter for parameter in method.parameters}
    fixed = [f"{name}={spell(value, by_name[name].type)}" for name, value in helper.sets]
    arguments = [(parameter.name, docs.parameter_doc(parameter, beside=method.parameters)) for parameter, _, _ in taken]
    source = source_of(helper.origin, method.title)
    variant = method.variants[0]
    view = HelperView(
        helper_name(method, helper),
        Signature((*own, *options(method)), context.qualified.received(variant.result)),
        tuple(docs.helper_doc(method, helper, context.api, source, [*arguments, *option_docs(method)])),
        variant.name,
        call_text([*fixed, *(f"{one.name}={one.name}" for one in own)]),
        passed_on(options(method)),
    )
    return context.templates.render("helper.py.jinja", helper=view)


def _taken(method: Method, helper: Helper) -> Iterator[tuple[Parameter, bool, str]]:
    """The parameters that a helper takes: (parameter, required, default as Python text)."""
    fixed, optional = dict(helper.sets), dict(helper.optional)
    for parameter in method.parameters:
        if parameter.name in fixed:
            continue
        if parameter.required or parameter.name in helper.mandatory:
            yield parameter, True, ""
        elif parameter.name in optional:
            default = optional[parameter.name]
            yield parameter, False, "" if default is None else spell(default, parameter.type)
