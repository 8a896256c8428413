"""Results and events: structs by `structs`, and beside them what is no struct (unions, lists of events, names for types)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wirewright.model.api import Api, Event, Stream
from wirewright.model.check import references
from wirewright.model.modules import closure, pushed_names, used_by
from wirewright.model.types import AliasType, Array, Branch, EnumType, Ref, StructType, Type, UnionType
from wirewright.render import docs
from wirewright.render.annotations import any_of
from wirewright.render.context import Context, source_of
from wirewright.render.module import render_module, with_old_names
from wirewright.render.prose import sentence
from wirewright.render.python import construct, literal
from wirewright.render.sections import SHARED, Item
from wirewright.render.streams import sequence_key
from wirewright.render.structs import Struct, render_structs

USER_DATA = "UserDataEvent"
UNKNOWN = {
    "UnknownVariant",
    "UnknownEvent",
}  # the runtime's; a union may have a class of its own for what it does not know

Payload = StructType | UnionType | AliasType


def render_models(context: Context) -> dict[str, str]:
    """Both modules, `models` and `events`: their structs are made in one call."""
    texts = _struct_texts(context)
    models = _items(context, "models", texts)
    events = _items(context, "events", texts) + _user_data_items(context)
    doc = f"Results of {context.title}, and the structures that they share."
    return render_module(context, "models", doc, models) | render_module(
        context, "events", f"Events that {context.title} pushes.", events
    )


def user_data_events(api: Api) -> list[Event]:
    return [event for event in api.events if event.user_data]


def is_event_class(named: StructType | AliasType) -> bool:
    """Whether the type becomes a class that events are instances of: a struct, or a list of events."""
    return isinstance(named, StructType) or (named.module == "events" and isinstance(named.type, Array))


def type_sections(api: Api) -> dict[str, str]:
    """The exchange's section that a type belongs to: the one that reaches it, or the shared one if several do."""
    pool = {named.name: named for named in api.types if not isinstance(named, EnumType)}
    roots: dict[str, set[str]] = {}
    for section, type_ in _roots(api):
        roots.setdefault(section, set()).update(name for name in references(type_) if name in pool)
    homes: dict[str, str] = {}
    for section, names in roots.items():
        for name in closure(names, lambda name: used_by(pool[name]) & pool.keys()):
            homes[name] = section if name not in homes else SHARED
    return homes


def _roots(api: Api) -> Iterator[tuple[str, Type]]:
    for method in api.methods:
        yield from ((method.section, variant.result) for variant in method.variants)
        yield from ((method.section, parameter.type) for parameter in method.parameters)
    yield from ((stream.section or "streams", stream.event) for stream in api.streams)
    yield from (("user_data" if event.user_data else "events", event.type) for event in api.events)
    yield from (("messages", message.type) for message in api.messages)


def _struct_texts(context: Context) -> dict[str, str]:
    pushed = pushed_names(context.api)
    structs = [_struct(context, named, pushed) for named in context.api.types if isinstance(named, StructType)]
    return render_structs(structs, context.annotations, context.api.types, context.templates.folders)


def _struct(context: Context, struct: StructType, pushed: frozenset[str]) -> Struct:
    doc = _doc(context.api, struct)
    if struct.name not in pushed:
        return Struct(struct, "Model", doc)
    event = next((event for event in context.api.events if event.type == Ref(struct.name)), None)
    streamed = any(struct.name in references(stream.event) for stream in context.api.streams)
    sequence = construct(sequence_key(event.sequence)) if event and event.sequence and not streamed else ""
    return Struct(struct, "Event", doc, _event_source(context.api, struct), sequence)


def _doc(api: Api, struct: StructType) -> str:
    """What the specs say of a struct; else what its event or message is for, or which method answers with it."""
    said = [part.doc or part.title for part in api.events if part.type == Ref(struct.name)]
    said += [message.doc for message in api.messages if message.type == Ref(struct.name)]
    answering = (m for m in api.methods for variant in m.variants if struct.name in references(variant.result))
    said += [f"Answer to `{method.name}`: {docs.method_summary(method)}" for method in answering]
    return sentence(struct.doc) or next((sentence(text) for text in said if text), docs.spoken(struct.name))


def _event_source(api: Api, named: Payload) -> str:
    """Where an event is described: in its own section, or in that of the first stream that brings it."""
    described = [event for event in api.events if event.type == Ref(named.name)]
    carried = [stream for stream in api.streams if named.name in references(stream.event)]
    sections: list[Event | Stream] = [*described, *carried]
    section = sections[0] if sections else None
    return source_of(section.origin, section.title) if section else source_of(named.origin, "")


def _items(context: Context, module: str, texts: Mapping[str, str]) -> list[Item]:
    payloads = [named for named in context.api.types if not isinstance(named, EnumType) and named.module == module]
    homes = type_sections(context.api)
    unknown_made: set[str] = set()
    return [_item(context, named, texts, unknown_made, homes.get(named.name, "")) for named in _in_order(payloads)]


def _item(context: Context, named: Payload, texts: Mapping[str, str], unknown_made: set[str], section: str) -> Item:
    made: list[str] = []
    uses = used_by(named)
    match named:
        case StructType():
            text = texts[named.name]
        case UnionType():
            text = _union_text(context, named, named.unknown not in unknown_made)
            uses |= {named.unknown} - UNKNOWN
            if named.unknown not in UNKNOWN and named.unknown not in unknown_made:
                unknown_made.add(named.unknown)
                made.append(named.unknown)
        case AliasType():
            text = _alias_text(context, named)
    names, text = with_old_names(context, named.module, named.name, text)
    defined = (*names, *made)
    return Item(defined, text, section, named.origin.file, frozenset(uses - set(defined)))


def _union_text(context: Context, union: UnionType, defines_unknown: bool) -> str:
    received = context.annotations.received
    types = [received(branch.type) for branch in union.branches]
    others = received(union.others) if union.others is not None else ""
    return context.templates.render(
        "union.py.jinja",
        union=union,
        alternatives=any_of([*types, *([others] if others else []), union.unknown]),
        branches=[entry for one, type_ in zip(union.branches, types, strict=True) for entry in _entries(one, type_)],
        others=others,
        own_unknown=defines_unknown and union.unknown not in UNKNOWN,
    )


def _entries(branch: Branch, type_: str) -> list[tuple[str, str]]:
    """What tells a branch apart, and the branch: its tag's values, or the keys that only it requires."""
    return [(literal(value), type_) for value in branch.values] or [(literal(branch.keys), type_)]


def _alias_text(context: Context, alias: AliasType) -> str:
    doc = docs.described(alias)
    if is_event_class(alias) and isinstance(alias.type, Array):
        item = context.annotations.received(alias.type.item)
        source = _event_source(context.api, alias)
        return context.templates.render("event_list.py.jinja", name=alias.name, item=item, doc=doc, source=source)
    type_ = context.annotations.received(alias.type)
    return context.templates.render("alias.py.jinja", name=alias.name, type=type_, doc=doc)


def _user_data_items(context: Context) -> list[Item]:
    events = user_data_events(context.api)
    if not events:
        return []
    types = any_of(context.annotations.received(event.type) for event in events)
    doc = f"What `{context.api.class_name}Client.user_data` yields, beside `Gap` and `UnknownEvent`."
    text = context.templates.render("alias.py.jinja", name=USER_DATA, type=types, doc=doc)
    uses = frozenset(name for event in events for name in references(event.type))
    return [Item((USER_DATA,), text, "user_data", events[0].origin.file, uses)]


def _in_order(payloads: list[Payload]) -> list[Payload]:
    """The order of the model, but for what is read while the module is imported: that needs its parts before it.

    The annotations of a struct are read later, so a struct may stand anywhere.
    """
    pool = {named.name: named for named in payloads}
    placed: dict[str, Payload] = {}

    def place(named: Payload) -> None:
        if named.name in placed:
            return
        if not isinstance(named, StructType):
            for name in sorted(used_by(named) & pool.keys() - {named.name}):
                place(pool[name])
        placed[named.name] = named

    for named in payloads:
        place(named)
    return list(placed.values())
