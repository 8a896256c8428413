"""Helpers: an everyday use of a method as a method of its own, so that a type checker names the argument that is missing."""

from __future__ import annotations

from collections.abc import Iterator

from wirewright.model.api import Helper, Method, Parameter
from wirewright.render import docs
from wirewright.render.annotations import spell
from wirewright.render.arguments import argument, call_text, options, passed_on
from wirewright.render.context import Context, source_of


def helper_name(method: Method, helper: Helper) -> str:
    return f"{method.name}_{helper.name}"


def render_helper(context: Context, method: Method, helper: Helper) -> str:
    taken = sorted(_taken(method, helper), key=lambda one: not one[1])
    own = [argument(context, one, required, default, docs.parameter_doc(one)) for one, required, default in taken]
    by_name = {parameter.name: parameter for parameter in method.parameters}
    fixed = [f"{name}={spell(value, by_name[name].type)}" for name, value in helper.sets]
    source = source_of(helper.origin, method.title)
    variant = method.variants[0]
    return context.templates.render(
        "helper.py.jinja",
        name=helper_name(method, helper),
        arguments=[*own, *options(method)],
        result=context.qualified.received(variant.result),
        doc=docs.helper_doc(method, helper, context.api, source, [*own, *options(method)]),
        request=variant.name,
        given=call_text([*fixed, *(f"{one.name}={one.name}" for one in own)]),
        options=passed_on(options(method)),
    )


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
