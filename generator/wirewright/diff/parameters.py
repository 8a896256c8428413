"""What the client sends as parameters: of a method, of a stream's name, of an address or a handshake."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from wirewright.diff.pairing import few
from wirewright.diff.rules import Direction
from wirewright.diff.schema import Node, Place, Schemas
from wirewright.diff.words import from_to, type_words
from wirewright.model.api import Parameter, QueryParameter
from wirewright.model.types import Limits, NamedType, Origin

SENT = Direction.SENT
Symbols = Callable[[Parameter], tuple[str, ...]]


class Parameters:
    """Compares lists of parameters by their wire names."""

    def __init__(self, schemas: Schemas) -> None:
        self.schemas = schemas

    def compare(
        self,
        old: Iterable[Parameter],
        new: Iterable[Parameter],
        owner: str,
        where: Origin,
        node: Node,
        symbols: Symbols,
        word: str = "parameter",
    ) -> None:
        before, after = {one.wire: one for one in old}, {one.wire: one for one in new}
        for wire in dict.fromkeys((*before, *after)):
            one, other = before.get(wire), after.get(wire)
            subject = f"{word} `{wire}` of {owner}" if wire else f"the message of {owner}"
            if one is None and other is not None:
                place = Place(subject, other.origin, other.origin, symbols(other))
                self.schemas.added(other.required, type_words(other.type), place, SENT, node)
            elif other is None and one is not None:
                self.schemas.removed(one.required, Place(subject, one.origin, where, symbols(one)), SENT, node)
            elif one is not None and other is not None:
                names = tuple(dict.fromkeys((*symbols(one), *symbols(other))))
                self._both(one, other, Place(subject, one.origin, other.origin, names), node)

    def _both(self, old: Parameter, new: Parameter, place: Place, node: Node) -> None:
        if old.values or new.values:
            before, after = self._accepted(old, self.schemas.old), self._accepted(new, self.schemas.new)
            self.schemas.values(before, after, place, SENT, node)
        else:
            self.schemas.compare(old.type, new.type, place, SENT, node)
        self.schemas.limits(_limits(old), _limits(new), place, SENT, node)
        self.schemas.required(old.required, new.required, place, SENT, node)
        if old.default != new.default:
            what = "default " + from_to(_shown(old.default), _shown(new.default))
            self.schemas.tell("default-changed", what, place, SENT, node)
        if old.name != new.name and old.name and new.name:
            is_kept = old.name in new.deprecated_names
            names = replace(self.schemas.names, kept={(old.name, new.name)} if is_kept else set())
            node.findings.append(names.renamed(old.name, new.name, SENT, place.was, place.now, place.symbols))

    def _accepted(self, one: Parameter, types: Mapping[str, NamedType]) -> tuple[str | int | bool, ...]:
        return one.values or few(one.type, types)


def of_query(parameters: Iterable[QueryParameter], origin: Origin) -> list[Parameter]:
    """Parameters of a handshake or an address, in the form of the others."""
    return [
        Parameter(one.wire, one.name, one.type, origin, one.required, one.default, doc=one.doc, limits=one.limits)
        for one in parameters
    ]


def _limits(one: Parameter) -> Limits | None:
    """The limits of a schema, or those that a table's description tells."""
    told = (("minimum", one.minimum), ("maximum", one.maximum))
    bounds = tuple((key, value) for key, value in told if value is not None)
    return one.limits or (Limits(bounds, one.pattern) if bounds or one.pattern else None)


def _shown(default: str | None) -> str:
    return f"`{default}`" if default is not None else "(none)"
