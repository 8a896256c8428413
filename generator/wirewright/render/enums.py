"""Enumerations, open to values that the specs do not know, and the literals by which a caller may name them."""

from __future__ import annotations

from dataclasses import dataclass

from wirewright.model.types import EnumType, EnumValue, Ref, StructType, Subset, Type
from wirewright.render import docs
from wirewright.render.context import Context
from wirewright.render.module import render_module, with_old_names
from wirewright.render.prose import sentence
from wirewright.render.python import literal
from wirewright.render.sections import Item


@dataclass(frozen=True)
class Member:
    name: str
    value: str
    doc: str


@dataclass(frozen=True)
class SubsetView:
    name: str
    literals: str
    doc: str


@dataclass(frozen=True)
class EnumView:
    name: str
    base: str
    doc: str
    members: tuple[Member, ...]
    old_members: tuple[Member, ...]
    literals: str  # what a caller may give, or "" where nobody gives it
    subsets: tuple[SubsetView, ...]


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
    view = EnumView(
        enum.name,
        "OpenIntEnum" if all(isinstance(value.wire, int) for value in enum.values) and enum.values else "OpenEnum",
        sentence(enum.doc) or docs.spoken(enum.name),
        tuple(_member(value) for value in enum.values),
        tuple(_old_member(enum, old_name, name) for old_name, name in enum.deprecated),
        ", ".join(literal(value.wire) for value in enum.values) if sent else "",
        tuple(_subset(context, enum, subset) for subset in enum.subsets) if sent else (),
    )
    names, text = with_old_names(context, "enums", enum.name, context.templates.render("enum.py.jinja", enum=view))
    given = [f"{enum.name}Like", *(f"{subset.name}Like" for subset in enum.subsets)] if sent else []
    return Item((*names, *given), text, "", enum.origin.file)


def _subset(context: Context, enum: EnumType, subset: Subset) -> SubsetView:
    literals = context.annotations.literals(Ref(enum.name), subset.values)
    return SubsetView(subset.name, ", ".join(literals), sentence(subset.doc) or docs.spoken(subset.name))


def _member(value: EnumValue) -> Member:
    return Member(value.name, literal(value.wire), sentence(value.doc))


def _old_member(enum: EnumType, old: str, name: str) -> Member:
    value = next(value for value in enum.values if value.name == name)
    return Member(old, literal(value.wire), f"Deprecated: renamed to `{name}`.")
