"""Enumerations, open to values that the specs do not know, and the literals by which a caller may name them."""

from __future__ import annotations

from wirewright.model.types import EnumType, Ref, StructType, Type
from wirewright.render.context import Context
from wirewright.render.module import render_module, with_old_names
from wirewright.render.sections import Item


def render_enums(context: Context) -> dict[str, str]:
    sent = context.annotations.enums_sent(_sent_types(context))
    items = [_item(context, named, named.name in sent) for named in context.api.types if isinstance(named, EnumType)]
    return render_module(context, "enums", f"Enumerations of {context.title}.", items)


def _sent_types(context: Context) -> list[Type]:
    api = context.api
    parameters = [p for method in api.methods for p in method.parameters]
    parameters += [p for stream in api.streams for p in stream.parameters]
    asked = [q for socket in api.sockets for q in (*socket.query, *socket.headers, *socket.parameters)]
    asked += [variable for server in api.servers for variable in server.variables]
    messages = {message.type for message in api.messages}
    structs = [named for named in api.types if isinstance(named, StructType) and Ref(named.name) in messages]
    fields = [field for struct in structs for field in struct.fields]
    return [*(p.type for p in parameters), *(q.type for q in asked), *messages, *(field.type for field in fields)]


def _item(context: Context, enum: EnumType, sent: bool) -> Item:
    is_number = bool(enum.values) and all(isinstance(value.wire, int) for value in enum.values)
    values = {value.name: value for value in enum.values}
    literals = context.annotations.literals
    text = context.templates.render(
        "enum.py.jinja",
        enum=enum,
        base="OpenIntEnum" if is_number else "OpenEnum",
        old_values=[(old_name, values[name]) for old_name, name in enum.deprecated],
        is_sent=sent,
        subsets=[(subset, literals(Ref(enum.name), subset.values)) for subset in enum.subsets],
    )
    names, text = with_old_names(context, "enums", enum.name, text)
    given = [f"{enum.name}Like", *(f"{subset.name}Like" for subset in enum.subsets)] if sent else []
    return Item((*names, *given), text, "", enum.origin.file)
