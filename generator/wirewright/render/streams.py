"""Streams as values: a class per stream, typed by its event, that knows how the exchange spells its name."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import cast

from wirewright.model.api import Parameter, Sequence, Stream
from wirewright.render import docs
from wirewright.render.annotations import optional
from wirewright.render.context import Context, source_of
from wirewright.render.fields import FieldView, default_text
from wirewright.render.module import render_module, with_old_names
from wirewright.render.prose import sentence
from wirewright.render.python import Call, Code, construct, literal
from wirewright.render.requests import address_of
from wirewright.render.sections import Item
from wirewright.render.values import like, value

PLACEHOLDER = re.compile(r"<([\w-]+)>|\{([\w-]+)\}")
SYMBOLS = {"symbol", "pair"}
UPDATE_SPEED = "update_speed"


def render_streams(context: Context) -> dict[str, str]:
    items = [_item(context, stream) for stream in context.api.streams]
    doc = f"Streams of {context.title}, each typed by its event."
    return render_module(context, "streams", doc, items)


def _item(context: Context, stream: Stream) -> Item:
    socket = next((socket for socket in context.api.sockets if socket.name == stream.socket), None)
    case = socket.symbol_case if socket else ""
    address = address_of(context, stream.socket, [parameter.name for parameter in stream.parameters])
    text = context.templates.render(
        "stream.py.jinja",
        name=stream.name,
        event=context.qualified.received(stream.event),
        doc=_doc(stream, socket.path if socket else stream.socket),
        spec=construct(_spec(context, stream, address)),
        source=source_of(stream.origin, stream.title),
        fields=[_field(context, stream, parameter, case) for parameter in stream.parameters],
        wire_name=_name_expression(stream, case, address),
        params=_params_expression(stream, case),
    )
    names, text = with_old_names(context, "streams", stream.name, text)
    return Item(names, text, stream.section, stream.origin.file)


def _doc(stream: Stream, path: str) -> str:
    said = next((text for text in (stream.doc, stream.title) if any(char.isalpha() for char in text)), "")
    text = sentence(said) or (
        docs.spoken(stream.name.removesuffix("Stream")) if stream.patterns else f"All that `{path}` pushes."
    )
    return f"{text}\n\nDeprecated: {sentence(stream.deprecated)}" if stream.deprecated else text


def _spec(context: Context, stream: Stream, address: tuple[str, ...]) -> Call:
    return value(
        "StreamSpec",
        patterns=stream.patterns,
        socket=stream.socket,
        every=stream.interval,
        every_by=dict(stream.intervals) or None,
        sequence=sequence_key(stream.sequence),
        auth=Code(f"Auth.{stream.auth.name}"),
        address=address,
        deprecated=stream.deprecated,
    )


def sequence_key(sequence: Sequence | None) -> Call | None:
    return like("SequenceKey", sequence) if sequence is not None else None


def _field(context: Context, stream: Stream, parameter: Parameter, case: str) -> FieldView:
    type_ = context.qualified.parameter(parameter)
    doc = docs.parameter_doc(parameter)
    if not parameter.doc and parameter.name == UPDATE_SPEED:
        usual = f"; without it one every {stream.interval * 1000:g} ms" if stream.interval else ""
        doc = f"Pace of the events{usual}."
    if stream.patterns and parameter.name in SYMBOLS and case in {"lower", "upper"} and f"{case} case" not in doc:
        doc = f"{doc[:-1]}, in {case} case on the wire."
    default = default_text(parameter.name, parameter.name, parameter.required)
    return FieldView(parameter.name, type_ if parameter.required else optional(type_), default, doc)


def _name_expression(stream: Stream, case: str, address: tuple[str, ...]) -> str:
    """An f-string for the longest documented pattern; what is optional takes the sign before it along."""
    if not stream.patterns:
        return ""
    parameters = {name: p for p in stream.parameters if p.name not in address for name in (p.wire, p.name)}
    base, tail = _base_pattern(stream, parameters)
    text = _fill(base, parameters, case)
    text += "".join(f"{{suffix(self.{parameter.name})}}" for parameter in tail)
    return f'f"{text}"' if "{" in text else literal(text)


def _base_pattern(stream: Stream, parameters: Mapping[str, Parameter]) -> tuple[str, list[Parameter]]:
    """The pattern to fill in, and the parameters that stand in none: their values are literal ends of other patterns."""
    longest = max(stream.patterns, key=lambda pattern: len(PLACEHOLDER.findall(pattern)))
    placed = {one or other for one, other in PLACEHOLDER.findall(longest)}
    shortest = min((pattern for pattern in stream.patterns if _placeholders(pattern) == placed), key=len)
    names = {parameters[name].name for name in placed if name in parameters}
    tail = [p for p in dict.fromkeys(parameters.values()) if p.name not in names and not p.required]
    return shortest, tail


def _placeholders(pattern: str) -> set[str]:
    return {one or other for one, other in PLACEHOLDER.findall(pattern)}


def _fill(pattern: str, parameters: Mapping[str, Parameter], case: str) -> str:
    """The inside of an f-string."""
    text, position = "", 0
    for match in PLACEHOLDER.finditer(pattern):
        fixed = pattern[position : match.start()]
        parameter = parameters.get(match[1] or match[2])
        if parameter is None:
            text += _fixed(fixed + match[0])
        elif parameter.required:
            text += _fixed(fixed) + f"{{{_value(parameter, case)}}}"
        else:
            separator = fixed[-1:] if fixed and not fixed[-1].isalnum() else ""
            text += _fixed(fixed.removesuffix(separator) if separator else fixed)
            text += f"{{suffix({_value(parameter, '')}{'' if separator == '@' else f', {literal(separator)}'})}}"
        position = match.end()
    return text + _fixed(pattern[position:])


def _fixed(text: str) -> str:
    """Text inside an f-string with double quotes."""
    return literal(text)[1:-1].replace('"', '\\"').replace("{", "{{").replace("}", "}}") if text else ""


def _value(parameter: Parameter, case: str) -> str:
    change = f".{case}()" if parameter.name in SYMBOLS and case in {"lower", "upper"} else ""
    return f"self.{parameter.name}{change}"


def _params_expression(stream: Stream, case: str) -> str:
    """A subscription's parameters as a dict display, where the exchange asks for an object."""
    if not stream.params:
        return ""
    parameters = {name: p for p in stream.parameters for name in (p.wire, p.name)}
    return _expression(json.loads(stream.params), parameters, case)


def _expression(value: object, parameters: Mapping[str, Parameter], case: str) -> str:
    if isinstance(value, dict):
        pairs = cast("dict[str, object]", value).items()
        return "{" + ", ".join(f"{literal(key)}: {_expression(item, parameters, case)}" for key, item in pairs) + "}"
    if isinstance(value, list):
        items = cast("list[object]", value)
        return "[" + ", ".join(_expression(item, parameters, case) for item in items) + "]"
    whole = PLACEHOLDER.fullmatch(value) if isinstance(value, str) else None
    parameter = parameters.get(whole[1] or whole[2]) if whole else None
    return literal(value) if parameter is None else _value(parameter, case)
