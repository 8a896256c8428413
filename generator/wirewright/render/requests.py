"""Requests as values: one class per method, or per shape of a method's answer."""

from __future__ import annotations

from typing import Any

from wirewright.model.api import Choice, Method, Parameter, Rule, RuleKind, Variant
from wirewright.model.naming import cap
from wirewright.model.types import Array, Kind, Scalar
from wirewright.render import docs
from wirewright.render.annotations import optional, typed
from wirewright.render.context import Context, source_of
from wirewright.render.fields import FieldView, default_text
from wirewright.render.module import Frame, render_module, with_old_names
from wirewright.render.python import Call, Code, construct
from wirewright.render.sections import Item
from wirewright.render.values import like, value

Class = dict[str, Any]  # what the template places
_SIZED = (Kind.INTEGER, Kind.TIME, Kind.DECIMAL, Kind.NUMBER)


def render_requests(context: Context) -> dict[str, str]:
    items = [_item(context, method) for method in context.api.methods]
    return render_module(context, "requests", f"Requests of {context.title} as values.", items, _frame(context))


def parameters_name(method: Method) -> str:
    """The class that holds what the variants of a method share."""
    return f"{cap(method.wire)}Parameters"


def shared_parameters(method: Method) -> list[Parameter]:
    """The parameters that every variant has as they are."""
    deciding = {choice.parameter for variant in method.variants for choice in variant.choices}
    excluded = {name for variant in method.variants for name in _excluded(method, variant)}
    return [parameter for parameter in method.parameters if parameter.name not in deciding | excluded]


def own_parameters(method: Method, variant: Variant) -> list[tuple[Parameter, bool]]:
    """What a variant has beyond the shared: (parameter, required). One that decides by its value is sent by itself."""
    choices = {choice.parameter: choice for choice in variant.choices}
    shared, excluded = shared_parameters(method), _excluded(method, variant)
    own = [parameter for parameter in method.parameters if parameter not in shared and parameter.name not in excluded]
    return [
        (parameter, parameter.required or parameter.name in choices)
        for parameter in own
        if parameter.name not in choices or _is_given(choices[parameter.name])
    ]


def _excluded(method: Method, variant: Variant) -> set[str]:
    """Parameters that cannot be given, because one that excludes them decides for this variant."""
    given = {choice.parameter for choice in variant.choices if _is_given(choice)}
    exclusive = (RuleKind.AT_MOST_ONE, RuleKind.EXACTLY_ONE)
    rules = [rule for rule in method.rules if rule.kind in exclusive and not rule.when]
    return {name for rule in rules if given & set(rule.parameters) for name in rule.parameters} - given


def _is_given(choice: Choice) -> bool:
    return not choice.value and not choice.absent


def _frame(context: Context) -> Frame:
    """Requests with variants have a generic base, which needs a type variable."""
    varied = {parameters_name(method) for method in context.api.methods if len(method.variants) > 1}

    def frame(_section: str, body: str) -> str:
        needs = any(f"class {name}(" in body for name in varied)
        return f'R = TypeVar("R")\n\n\n{body}' if needs else body

    return frame


def _item(context: Context, method: Method) -> Item:
    classes = [_single(context, method)] if len(method.variants) == 1 else _varied(context, method)
    texts = {one["name"]: context.templates.render("request.py.jinja", **one) for one in classes}
    made = [with_old_names(context, "requests", name, text.strip("\n")) for name, text in texts.items()]
    names = tuple(name for named, _ in made for name in named)
    return Item(names, "\n\n\n".join(text for _, text in made), method.section, method.origin.file)


def _varied(context: Context, method: Method) -> list[Class]:
    """What variants share, and each of them."""
    shared = {
        "name": parameters_name(method),
        "base": "Request[R], Generic[R]",
        "doc": f"Parameters that {_names(method)} share.",
        **_constants(context, method),
        "fields": [field_view(context, method, parameter) for parameter in shared_parameters(method)],
    }
    return [shared, *(_variant(context, method, variant) for variant in method.variants)]


def _single(context: Context, method: Method) -> Class:
    variant = method.variants[0]
    return {
        "name": variant.name,
        "base": f"Request[{context.qualified.received(variant.result)}]",
        "doc": docs.method_summary(method),
        **_constants(context, method),
        "fields": [field_view(context, method, parameter) for parameter in method.parameters],
    }


def _variant(context: Context, method: Method, variant: Variant) -> Class:
    return {
        "name": variant.name,
        "base": f"{parameters_name(method)}[{context.qualified.received(variant.result)}]",
        "doc": docs.variant_doc(method, variant),
        "choices": construct(tuple(_choice(method, choice) for choice in variant.choices)),
        **({"weight": variant.weight.base} if variant.weight is not None and variant.weight != method.weight else {}),
        "fields": [field_view(context, method, one, required) for one, required in own_parameters(method, variant)],
    }


def field_view(context: Context, method: Method, parameter: Parameter, required: bool | None = None) -> FieldView:
    needed = parameter.required if required is None else required
    type_ = context.qualified.parameter(parameter)
    return FieldView(
        parameter.name,
        type_ if needed else optional(type_),
        default_text(parameter.wire, parameter.name, needed),
        docs.parameter_doc(parameter, _rules(method)),
    )


def _rules(method: Method) -> list[Rule]:
    """The rules between the fields of one class: what classes exclude by their shape needs no words."""
    excluded = {name for variant in method.variants for name in _excluded(method, variant)}
    return [rule for rule in method.rules if rule.when or not excluded.intersection(rule.parameters)]


def _constants(context: Context, method: Method) -> Class:
    """The constants of a request's class: those that say something."""
    spec, no_spec = request_spec(context, method), value("RequestSpec")
    has_security = method.security != "NONE" or docs.has_security(context.api)
    return {
        "method": method.wire,
        **({"weight": method.weight.base} if docs.has_weights(context.api) else {}),
        **({"security": method.security} if has_security else {}),
        **({"spec": construct(spec)} if spec != no_spec else {}),
        "source": source_of(method.origin, method.title),
    }


def request_spec(context: Context, method: Method) -> Call:
    """What the runtime must know of a method beyond its parameters."""
    by_value = {choice.parameter for variant in method.variants for choice in variant.choices if choice.value}
    return value(
        "RequestSpec",
        auth=Code(f"Auth.{method.auth.name}"),
        changes_state=method.changes_state,
        client_order_id=method.client_order_id,
        settle=like("Settle", method.settle, parameters=dict(method.settle.parameters)) if method.settle else None,
        rules=tuple(like("Rule", rule, kind=rule.kind.value) for rule in method.rules if rule.when not in by_value),
        bounds=tuple(_bounds(parameter) for parameter in method.parameters if _is_bound(parameter)),
        weights=tuple(like("WeightCase", case, case="") for case in method.weight.cases if case.parameter),
        order_count=method.order_count,
        socket="" if method.socket == context.request_socket else method.socket,
        address=address_of(context, method.socket, [parameter.name for parameter in method.parameters]),
        replies=method.wants_reply,
        reply_tags=method.reply_tags,
        constants=method.constants,
        failure=Code(context.qualified.received(method.error_data)) if method.error_data else None,
        http=method.http,
        deprecated=method.deprecated,
    )


def address_of(context: Context, socket: str, names: list[str]) -> tuple[str, ...]:
    """Which of the parameters fill in the socket's address."""
    variables = {parameter.name for kind in context.api.sockets if kind.name == socket for parameter in kind.parameters}
    return tuple(name for name in names if name in variables)


def _is_bound(parameter: Parameter) -> bool:
    """Whether a parameter has limits that can be checked: those of a size, or of the form of a text."""
    if parameter.pattern:
        return True
    sized = isinstance(parameter.type, Array) or (isinstance(parameter.type, Scalar) and parameter.type.kind in _SIZED)
    return sized and (parameter.minimum is not None or parameter.maximum is not None)


def _bounds(parameter: Parameter) -> Call:
    minimum, maximum = (_limit(limit, parameter) for limit in (parameter.minimum, parameter.maximum))
    return value("Bounds", parameter=parameter.name, minimum=minimum, maximum=maximum, pattern=parameter.pattern)


def _limit(text: str | None, parameter: Parameter) -> int | str | None:
    """A limit of a whole number as a number, of an amount as its text."""
    exact = parameter.type in (Scalar(Kind.DECIMAL), Scalar(Kind.NUMBER))
    return text if text is None or exact else int(text)


def _choice(method: Method, choice: Choice) -> Call:
    parameter = next(parameter for parameter in method.parameters if parameter.name == choice.parameter)
    wanted = typed(choice.value, parameter.type) if choice.value else None
    return value("Choice", parameter=parameter.wire, value=wanted, absent=choice.absent)


def _names(method: Method) -> str:
    names = [f"`{variant.name}`" for variant in method.variants]
    return f"{', '.join(names[:-1])} and {names[-1]}"
