"""What the client sends as parameters: of a method, of a stream's name, of an address or a handshake."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from wirewright.diff.pairing import few
from wirewright.diff.place import Place
from wirewright.diff.rules import Direction
from wirewright.diff.schema import Schemas
from wirewright.diff.words import from_to
from wirewright.model.api import Parameter, QueryParameter
from wirewright.model.types import Limits, NamedType, Origin

SENT = Direction.SENT
Symbols = Callable[[Parameter], tuple[str, ...]]


class Parameters:
    """Compares lists of parameters by their wire names."""

    def __init__(self, schemas: Schemas) -> None:
        self.schemas = schemas

    def compare(
        self, old: Iterable[Parameter], new: Iterable[Parameter], at: Place, symbols: Symbols, word: str = "parameter"
    ) -> None:
        """`at`: their owner."""
        before, after = {one.wire: one for one in old}, {one.wire: one for one in new}
        for wire in dict.fromkeys((*before, *after)):
            one, other = before.get(wire), after.get(wire)
            subject = f"{word} `{wire}` of {at.subject}" if wire else f"the message of {at.subject}"
            names = tuple(dict.fromkeys(name for both in (one, other) if both is not None for name in symbols(both)))
            place = Place(at.node, SENT, subject, one.origin if one else None, other.origin if other else at.now, names)
            if one is None and other is not None:
                self.schemas.added(other.required, other.type, place)
            elif other is None and one is not None:
                self.schemas.removed(one.required, place)
            elif one is not None and other is not None:
                self._both(one, other, place)

    def _both(self, old: Parameter, new: Parameter, at: Place) -> None:
        if old.values or new.values:
            self.schemas.values(self._accepted(old, self.schemas.old), self._accepted(new, self.schemas.new), at)
        else:
            self.schemas.compare(old.type, new.type, at)
        self.schemas.limits(_limits(old), _limits(new), at)
        self.schemas.required(old.required, new.required, at)
        if old.default != new.default:
            at.tell("default-changed", "default " + from_to(_shown(old.default), _shown(new.default)))
        if old.name != new.name and old.name and new.name:
            self.schemas.names.renamed(old.name, new.name, at, old.name in new.deprecated_names)

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
