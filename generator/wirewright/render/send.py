"""`client.send`: the messages that a client may send and nobody answers, one function each."""

from __future__ import annotations

from dataclasses import dataclass

from wirewright.model.api import Message, QueryParameter
from wirewright.model.types import Field, Kind, Literal, Nullable, Ref, Scalar, StructType, Type
from wirewright.render import docs
from wirewright.render.annotations import optional
from wirewright.render.arguments import Argument, call_text, required_first
from wirewright.render.context import Context, source_of
from wirewright.render.module import render_class
from wirewright.render.prose import sentence, wrap
from wirewright.render.python import Code, construct, literal
from wirewright.render.sections import Item
from wirewright.render.structs import fields_of

TIMEOUT = "Seconds to wait for a connection."


@dataclass(frozen=True)
class MessageView:
    name: str
    arguments: tuple[Argument, ...]
    doc: tuple[str, ...]
    payload: str
    route: str  # the arguments that say where it goes, where that is not plain


def render_send(context: Context) -> dict[str, str]:
    if not context.api.messages:
        return {}
    title = f"Messages to {context.title} that nobody answers, as `client.send`."
    items = [_item(context, message) for message in context.api.messages]
    return render_class(context, "send", title, title, items)


def _item(context: Context, message: Message) -> Item:
    text = context.templates.render("message.py.jinja", message=_view(context, message))
    return Item((message.name,), text, "", message.origin.file)


def needed(context: Context, message: Message) -> list[Argument]:
    """What a caller of the function must give."""
    return [argument for argument in _view(context, message).arguments if not argument.default]


def _view(context: Context, message: Message) -> MessageView:
    variables = [
        variable for socket in context.api.sockets if socket.name == message.socket for variable in socket.parameters
    ]
    taken = frozenset(variable.name for variable in variables)
    struct = _struct(context, message.type)
    if struct is None:
        payload = "payload"
        own = [(Argument("payload", context.qualified.received(message.type)), "The message.")]
    else:
        fields = fields_of(struct)
        payload = _payload(context, struct, taken)
        own = [
            (_argument(context, field, taken), docs.field_doc(field)) for field in fields if constant_of(field) is None
        ]
    address = [_variable(context, variable) for variable in variables]
    listed = [*own, *address, (Argument("timeout", "float | None", "None"), TIMEOUT)]
    return MessageView(
        message.name,
        tuple(required_first(argument for argument, _ in listed)),
        tuple(_doc(message, struct, listed)),
        payload,
        _route(context, message, variables),
    )


def _route(context: Context, message: Message, variables: list[QueryParameter]) -> str:
    """The socket, where it is not the one for requests, and the variables of its address."""
    socket = "" if message.socket == context.request_socket else f"socket={literal(message.socket)}, "
    address = construct({variable.name: Code(variable.name) for variable in variables}) if variables else ""
    return socket + (f"address={address}, " if address else "")


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
    return (
        f"{field.name}_"
        if field.name in taken or field.name in {"self", "timeout", "models", "events", "enums"}
        else field.name
    )


def _argument(context: Context, field: Field, taken: frozenset[str]) -> Argument:
    kind = field.type if field.required else Nullable(field.type)
    type_ = context.qualified.sent(kind) if _enum(context, field.type) else context.qualified.received(kind)
    return Argument(_name(field, taken), type_ if field.required else optional(type_), "" if field.required else "None")


def _variable(context: Context, variable: QueryParameter) -> tuple[Argument, str]:
    type_ = context.qualified.sent(variable.type)
    default = literal(variable.default) if variable.default is not None else ""
    return Argument(variable.name, type_, default), sentence(variable.doc) or docs.spoken(variable.name)


def _doc(message: Message, struct: StructType | None, listed: list[tuple[Argument, str]]) -> list[str]:
    said = message.doc or (struct.doc if struct else "")
    about = wrap(sentence(said) or docs.spoken(message.name))
    arguments = [(argument.name, text) for argument, text in sorted(listed, key=lambda one: bool(one[0].default))]
    return docs.with_arguments(about, arguments, [f"Source: {source_of(message.origin, '')}"])


def _struct(context: Context, type_: Type) -> StructType | None:
    named = next((named for named in context.api.types if type_ == Ref(named.name)), None)
    return named if isinstance(named, StructType) and not named.array_like else None
