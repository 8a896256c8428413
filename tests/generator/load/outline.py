"""A model as lines, for comparison with a file that people can read."""

from __future__ import annotations

from collections.abc import Iterator

from wirewright.model.api import Api, Method
from wirewright.model.types import (
    AliasType,
    AnyOf,
    Array,
    EnumType,
    Levels,
    Literal,
    Map,
    NamedType,
    Nullable,
    Ref,
    Scalar,
    StructType,
    Tuple,
    Type,
    UnionType,
)


def spell(kind: Type | None) -> str:
    match kind:
        case Ref(name=name):
            return name
        case Scalar(kind=one):
            return one.value
        case Array(item=item):
            return f"[{spell(item)}]"
        case Levels(item=item):
            return f"levels {spell(item)}"
        case Map(value=value):
            return f"{{{spell(value)}}}"
        case Nullable(type=inner):
            return f"{spell(inner)}?"
        case Literal(values=values):
            return "/".join(map(str, values))
        case AnyOf(types=kinds):
            return " | ".join(map(spell, kinds))
        case Tuple(items=items, rest=rest):
            return f"({', '.join(map(spell, items))}{'' if rest is None else ' ...' + spell(rest)})"
        case None:
            return "-"


def outline(api: Api) -> str:
    return "\n".join(line for part in (_frame(api), _endpoints(api), _types(api)) for line in part) + "\n"


def _frame(api: Api) -> Iterator[str]:
    yield f"{api.class_name}: {api.title} {api.version}"
    for server in api.servers:
        yield f"server {server.name} {dict(server.addresses)}"
    for socket in api.sockets:
        shapes = [
            name for name in ("request", "reply", "event", "stream", "subscribe", "ping") if getattr(socket, name)
        ]
        names = [one.name for one in (*socket.query, *socket.headers, *socket.parameters)]
        yield f"socket {socket.name} {socket.role} {socket.path} {' '.join(shapes)} ({', '.join(names)})"
    for scheme in api.user_data:
        yield f"user data {scheme.scheme} {scheme.subscribe}"
    for code in api.errors:
        yield f"error {code.code} {code.name} {code.error} {code.outcome}".rstrip()
    for message in api.error_messages:
        yield f"message {message.codes} {message.text} {message.error}"


def _endpoints(api: Api) -> Iterator[str]:
    for method in api.methods:
        yield from _method(method)
    for one in api.messages:
        yield f"send {one.name} {spell(one.type)}"
    for stream in api.streams:
        yield f"stream {stream.name} {' '.join(stream.patterns)} {spell(stream.event)} on {stream.socket}"
        yield f"  every {stream.interval} {dict(stream.intervals)} {stream.sequence}"
        yield from (f"  {one.wire} {one.name} {spell(one.type)}{_need(one.required)}" for one in stream.parameters)
    for event in api.events:
        whose = "user data" if event.user_data else "other"
        yield f"event {event.name} {spell(event.type)} {event.tags} {whose} on {event.socket or '-'} {len(event.examples)} examples"


def _method(method: Method) -> Iterator[str]:
    cases = [(case.weight, case.parameter, case.minimum, case.maximum) for case in method.weight.cases]
    state = " changes state" if method.changes_state else ""
    yield f"method {method.http or method.wire} {method.name} {method.security}/{method.auth.value} weight {method.weight.base} {cases}{state}"
    for variant in method.variants:
        chosen = [
            (choice.parameter, choice.value or ("absent" if choice.absent else "given")) for choice in variant.choices
        ]
        yield f"  -> {variant.name} {spell(variant.result)} {dict(chosen)}"
    for one in method.parameters:
        limits = [text for text in (one.default, one.minimum, one.maximum) if text is not None]
        yield f"  {one.wire} {one.name} {spell(one.type)}{_need(one.required)} {' '.join([*limits, *one.values])}".rstrip()
    for rule in method.rules:
        yield f"  rule {rule.kind.value} {rule.parameters} {rule.when} {rule.values} {rule.alternatives}"
    for helper in method.helpers:
        yield f"  helper {helper.name} {helper.sets} {helper.mandatory} {helper.optional}"
    if method.settle is not None:
        yield f"  settled by {method.settle.method} {dict(method.settle.parameters)} {method.client_order_id}"
    for example in method.examples:
        yield f"  example {spell(example.type)} {example.json}"


def _types(api: Api) -> Iterator[str]:
    for named in api.types:
        yield from _type(named)


def _type(named: NamedType) -> Iterator[str]:
    match named:
        case EnumType():
            yield f"enum {named.name} " + " ".join(f"{value.name}={value.wire}" for value in named.values)
        case AliasType():
            yield f"alias {named.module}.{named.name} {spell(named.type)}"
        case UnionType():
            told = f"by {named.tag}" if named.tag else "by keys"
            yield f"union {named.module}.{named.name} {told} else {named.unknown}"
            yield from (f"  {spell(one.type)} {one.values or one.keys}" for one in named.branches)
        case StructType():
            tag = f" {named.tag.property}={named.tag.values}" if named.tag else ""
            yield f"struct {named.module}.{named.name}{tag}{' positions' if named.array_like else ''}"
            for one in named.fields:
                old = f" was {' '.join(one.deprecated_names)}" if one.deprecated_names else ""
                when = f" when {one.when}" if one.when else ""
                yield f"  {one.wire} {one.name} {spell(one.type)}{_need(one.required)}{when}{old}"


def _need(required: bool) -> str:
    return "" if required else " (optional)"
