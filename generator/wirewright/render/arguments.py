"""Keywords of generated functions: what `api`, its helpers and `send` have in common."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from wirewright.model.api import Auth, Method, Parameter
from wirewright.render.annotations import optional
from wirewright.render.context import Context


@dataclass(frozen=True)
class Argument:
    """A keyword: name, type and default as Python text, and what it is for."""

    name: str
    type: str
    default: str = ""
    doc: str = ""

    def __str__(self) -> str:
        return f"{self.name}: {self.type}{f' = {self.default}' if self.default else ''}"


TIMEOUT = Argument("timeout", "float | None", "None", "Seconds to wait for the answer.")
WINDOW = Argument("recv_window", "Amount | None", "None", "Milliseconds within which the request must arrive.")
EXTRA = Argument(
    *("extra", "Mapping[str, Parameter] | None", "None"),
    "Parameters that this client does not know yet, by wire name.",
)


def argument(context: Context, parameter: Parameter, required: bool, default: str = "", doc: str = "") -> Argument:
    """A parameter as a keyword. Without a default of its own it may be left out as None."""
    type_ = context.qualified.parameter(parameter)
    if required or default:
        return Argument(parameter.name, type_, "" if required else default, doc)
    return Argument(parameter.name, optional(type_), "None", doc)


def required_first(arguments: Iterable[Argument]) -> list[Argument]:
    """Keywords without a default before those with one, otherwise in the order of the table."""
    return sorted(arguments, key=lambda one: bool(one.default))


def options(method: Method) -> tuple[Argument, ...]:
    """What every call takes beside the exchange's parameters."""
    return (TIMEOUT, WINDOW, EXTRA) if method.auth is Auth.SIGNED else (TIMEOUT, EXTRA)


def passed_on(arguments: Iterable[Argument]) -> str:
    """The arguments of a call that hands on what it got."""
    return call_text([f"{one.name}={one.name}" for one in arguments])


def call_text(arguments: Sequence[str], indent: int = 12) -> str:
    """Arguments in one line, or where they are long one on each, as the formatter would have them."""
    text = ", ".join(arguments)
    if len(text) <= 80:
        return text
    lines = "".join(f"{' ' * indent}{argument},\n" for argument in arguments)
    return f"\n{lines}{' ' * (indent - 4)}"
