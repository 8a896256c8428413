"""A field of a generated class: what the templates of requests, streams and structs place."""

from __future__ import annotations

from dataclasses import dataclass

from wirewright.render.python import literal


@dataclass(frozen=True)
class FieldView:
    """A field: name, type and default as Python text, and its description."""

    name: str
    type: str
    default: str
    doc: str


def default_text(wire: str, name: str, required: bool) -> str:
    """What stands behind a type: the wire name where it differs, None where the value may be left out."""
    if wire != name:
        return f" = field(name={literal(wire)}{'' if required else ', default=None'})"
    return "" if required else " = None"
