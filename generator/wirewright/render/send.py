"""`client.send`: the messages that a client may send and nobody answers, one function each."""

from __future__ import annotations

from dataclasses import replace

from wirewright.model.api import Message, QueryParameter
from wirewright.model.types import Field, Kind, Literal, Nullable, Ref, Scalar, StructType, Type
from wirewright.render import docs
from wirewright.render.annotations import optional
from wirewright.render.arguments import TIMEOUT, Argument, call_text, required_first
from wirewright.render.context import Context, source_of
from wirewright.render.module import render_class
from wirewright.render.prose import wrap
from wirewright.render.python import Code, construct, literal
from wirewright.render.sections import Item
from wirewright.render.structs import fields_of


def render_send(context: Context) -> dict[str, str]:
    if not context.api.messages:
        return {}
    title = f"Messages to {context.title} that nobody answers, as `client.send`."
    items = [_item(context, message) for message in context.api.messages]
    return render_class(context, "send", title, title, items)


def _item(context: Context, message: Message) -> Item:
    arguments = _arguments(context, message)
    struct = _struct(context, message.type)
    about = docs.described(replace(message, doc=message.doc or (struct.doc if struct else "")))
    text = context.templates.render(
        "message.py.jinja",
        name=message.name,
        arguments=arguments,
        doc=docs.with_arguments(wrap(about), arguments, [f"Source: {source_of(message.origin, '')}"]),
        payload=_payload(context, struct, _taken(context, message)) if struct else "payload",
        route=_route(context, message),
    )
    return Item((message.name,), text, "", message.origin.file)


def needed(context: Context, message: Message) -> list[Argument]:
    """What a caller of the function must give."""
    return [argument for argument in _arguments(context, message) if not argument.default]


def _arguments(context: Context, message: Message) -> list[Argument]:
    """The message, or its fields; the variables of its address; how long to wait."""
    struct, taken = _struct(context, message.type), _taken(context, message)
    if struct is None:
        own = [Argument("payload", context.qualified.received(message.type), doc="The message.")]
    else:
        own = [_argument(context, field, taken) for field in fields_of(struct) if constant_of(field) is None]
    address = [_variable(context, variable) for variable in _variables(context, message)]
    return required_first([*own, *address, replace(TIMEOUT, doc="Seconds to wait for a connection.")])


def _variables(context: Context, message: Message) -> tuple[QueryParameter, ...]:
    """The variables of the address that a message goes to."""
    return next((one.parameters for one in context.api.sockets if one.name == message.socket), ())


def _taken(context: Context, message: Message) -> frozenset[str]:
    """Names that no field of the message may have as an argument."""
    variables = {variable.name for variable in _variables(context, message)}
    return frozenset(variables | {"self", "timeout", "models", "events", "enums"})


def _route(context: Context, message: Message) -> str:
    """The socket, where it is not the one for requests, and the variables of its address."""
    socket = "" if message.socket == context.request_socket else f"socket={literal(message.socket)}, "
    address = {variable.name: Code(variable.name) for variable in _variables(context, message)}
    return socket + (f"address={construct(address)}, " if address else "")


def constant_of(field: Field) -> str | None:
    """The value of a field that can have no other, as Python text: nobody needs to give it."""
    match field.type:
        case Literal((value,)) if field.required:
            return literal(value)
        case Scalar(Kind.NULL) if field.required:
            return "None"
        case _:
            return None


def _payload(context: Context, struct: StructType, taken: frozenset[str]) -> str:
    """The call that makes the message from the function's arguments."""
    values = [f"{field.name}={constant_of(field) or _given(context, field, taken)}" for field in fields_of(struct)]
    return f"{context.qualified.received(Ref(struct.name))}({call_text(values)})"


def _given(context: Context, field: Field, taken: frozenset[str]) -> str:
    """The argument as the message holds it: a caller may give a literal for a value of an enumeration."""
    name, enum = _name(field, taken), _enum(context, field.type)
    if not enum:
        return name
    made = f"{enum}({name})"
    return made if field.required and not isinstance(field.type, Nullable) else f"None if {name} is None else {made}"


def _enum(context: Context, type_: Type) -> str:
    """The enumeration that a field is of; empty for every other type."""
    inner = type_.type if isinstance(type_, Nullable) else type_
    return (
        context.qualified.received(inner) if isinstance(inner, Ref) and context.annotations.enums_sent([inner]) else ""
    )


def _name(field: Field, taken: frozenset[str]) -> str:
    return f"{field.name}_" if field.name in taken else field.name


def _argument(context: Context, field: Field, taken: frozenset[str]) -> Argument:
    kind = field.type if field.required else Nullable(field.type)
    type_ = context.qualified.sent(kind) if _enum(context, field.type) else context.qualified.received(kind)
    name, doc = _name(field, taken), docs.field_doc(field)
    return Argument(name, type_, doc=doc) if field.required else Argument(name, optional(type_), "None", doc)


def _variable(context: Context, variable: QueryParameter) -> Argument:
    default = literal(variable.default) if variable.default is not None else ""
    return Argument(variable.name, context.qualified.sent(variable.type), default, docs.described(variable))


def _struct(context: Context, type_: Type) -> StructType | None:
    named = next((named for named in context.api.types if type_ == Ref(named.name)), None)
    return named if isinstance(named, StructType) and not named.array_like else None
