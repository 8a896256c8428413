"""`client.api`: one method per method of the exchange, each a thin wrapper around its request."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from wirewright.model.api import Auth, Choice, Method, Parameter, Variant
from wirewright.model.naming import cap
from wirewright.model.types import EnumType, Ref
from wirewright.render import docs
from wirewright.render.annotations import optional
from wirewright.render.context import Context, source_of
from wirewright.render.module import Item, render_module
from wirewright.render.prose import sentence
from wirewright.render.python import literal
from wirewright.render.requests import own_parameters


@dataclass(frozen=True)
class Argument:
    """A keyword of an `api` method."""

    name: str
    type: str
    default: str = ""

    def __str__(self) -> str:
        return f"{self.name}: {self.type}{f' = {self.default}' if self.default else ''}"


@dataclass(frozen=True)
class Signature:
    arguments: tuple[Argument, ...]
    result: str


@dataclass(frozen=True)
class MethodView:
    """An `api` method. Without overloads it makes its one request; with them it picks the variant that fits."""

    name: str
    signature: Signature
    overloads: tuple[Signature, ...]
    doc: tuple[str, ...]
    requests: tuple[str, ...]
    parameters: tuple[str, ...]
    options: tuple[str, ...]
    deprecated: str
    old_names: tuple[str, ...]


def render_api(context: Context) -> dict[str, str]:
    title = f"Methods of {context.title}"
    items = [_item(context, method) for method in context.api.methods]

    def frame(section: str, body: str) -> str:
        return context.templates.render("api.py.jinja", name=class_name(section), doc=f"{title}.", body=body)

    return render_module(context, "api", f"{title}, as `client.api`.", items, frame)


def class_name(section: str) -> str:
    return f"{cap(section)}Api" if section else "Api"


def _item(context: Context, method: Method) -> Item:
    view = _view(context, method)
    text = context.templates.render("method.py.jinja", method=view)
    return Item((method.name,), text, method.section, method.origin.file)


def _view(context: Context, method: Method) -> MethodView:
    own = [_argument(context, parameter) for parameter in method.parameters]
    options = _options(method)
    overloads = _overloads(context, method) if len(method.variants) > 1 else ()
    results = dict.fromkeys(context.annotations.received(variant.result) for variant in method.variants)
    source = source_of(method.origin, method.title)
    return MethodView(
        method.name,
        Signature((*own, *options), " | ".join(results)),
        overloads,
        tuple(docs.method_doc(method, context.api, source, _argument_docs(method, options))),
        tuple(variant.name for variant in method.variants),
        tuple(argument.name for argument in own),
        tuple(argument.name for argument in options),
        sentence(method.deprecated),
        tuple(old.old for old in context.api.deprecations if old.module == "api" and old.new == method.name),
    )


def _argument(context: Context, parameter: Parameter) -> Argument:
    """A parameter as a keyword; one that decides between variants may be left out if some variant does without it."""
    type_ = context.annotations.sent(parameter.type)
    return Argument(parameter.name, type_) if parameter.required else Argument(parameter.name, optional(type_), "None")


def _options(method: Method) -> tuple[Argument, ...]:
    """What every call takes beside the exchange's parameters."""
    window = [Argument("recv_window", "Amount | None", "None")] if method.auth is Auth.SIGNED else []
    extra = Argument("extra", "Mapping[str, Parameter] | None", "None")
    return (Argument("timeout", "float | None", "None"), *window, extra)


def _argument_docs(method: Method, options: Iterable[Argument]) -> list[tuple[str, str]]:
    texts = {"timeout": docs.TIMEOUT, "recv_window": docs.WINDOW, "extra": docs.EXTRA}
    own = [(parameter.name, docs.parameter_doc(parameter, method.rules)) for parameter in method.parameters]
    return own + [(option.name, texts[option.name]) for option in options]


def _overloads(context: Context, method: Method) -> tuple[Signature, ...]:
    return tuple(_overload(context, method, variant) for variant in method.variants)


def _overload(context: Context, method: Method, variant: Variant) -> Signature:
    choices = {choice.parameter: choice for choice in variant.choices if choice.value}
    own = {parameter.name: required for parameter, required in own_parameters(method, variant)}
    deciding = {choice.parameter for other in method.variants for choice in other.choices}
    arguments: list[Argument] = []
    for parameter in method.parameters:
        if parameter.name in choices:
            arguments.append(_deciding(context, method, parameter, choices[parameter.name]))
        elif parameter.name in own:
            arguments.append(_given(context, parameter, own[parameter.name]))
        elif parameter.name not in deciding:
            arguments.append(_argument(context, parameter))
    result = context.annotations.received(variant.result)
    return Signature((*arguments, *_options(method)), result)


def _given(context: Context, parameter: Parameter, required: bool) -> Argument:
    type_ = context.annotations.sent(parameter.type)
    return Argument(parameter.name, type_) if required else Argument(parameter.name, optional(type_), "None")


def _deciding(context: Context, method: Method, parameter: Parameter, choice: Choice) -> Argument:
    """The argument whose value decides: its literal type, which the first variant has as the default."""
    defaults = {first.parameter: first.value for first in method.variants[0].choices}
    literals = f"Literal[{', '.join(_literals(context, parameter, choice.value))}]"
    if parameter.required or defaults.get(parameter.name) != choice.value:
        return Argument(parameter.name, literals)
    return Argument(parameter.name, literals, literal(choice.value))


def _literals(context: Context, parameter: Parameter, value: str) -> list[str]:
    """A value as a literal, and as the enumeration's member where there is one."""
    members = [
        f"{named.name}.{member.name}"
        for named in context.api.types
        if isinstance(named, EnumType) and parameter.type == Ref(named.name)
        for member in named.values
        if member.wire == value
    ]
    return [*members, literal(value)]
