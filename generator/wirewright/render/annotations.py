"""The Python type of a type of the model: as it is received, and as a caller may give it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from wirewright.model.api import Parameter
from wirewright.model.check import references
from wirewright.model.types import (
    AliasType,
    AnyOf,
    Array,
    EnumType,
    Kind,
    Levels,
    Literal,
    Map,
    NamedType,
    Nullable,
    Ref,
    Scalar,
    Tuple,
    Type,
)
from wirewright.render.python import literal

RECEIVED = {
    Kind.STRING: "str",
    Kind.INTEGER: "int",
    Kind.DECIMAL: "Decimal",
    Kind.NUMBER: "float",
    Kind.BOOLEAN: "bool",
    Kind.TIME: "int",
    Kind.NULL: "None",
    Kind.JSON: "Json",
}
_LONG_UNION = 100
SENT = RECEIVED | {Kind.DECIMAL: "Amount"}


class Annotations:
    """Spells types. It needs the pool, since a caller may give an enumeration's value as a literal.

    `qualified`: by module, as in `models.PlacedOrder`, so that no name of a request or a method stands in the way.
    """

    def __init__(self, types: Iterable[NamedType], *, qualified: bool = False) -> None:
        self._pool = {named.name: named for named in types}
        self._qualified = qualified

    def received(self, type_: Type) -> str:
        """The type of what arrives: a list is a `list`, an amount a `Decimal`."""
        match type_:
            case Scalar(kind):
                return RECEIVED[kind]
            case Nullable(Levels(item)):
                return f"OptionalLevels[{self.received(item)}]"
            case Ref(name):
                return self._named(name)
            case Array(item):
                return f"list[{self.received(item)}]"
            case Map(value):
                return f"dict[str, {self.received(value)}]"
            case Levels(item):
                return f"Levels[{self.received(item)}]"
            case _:
                return _composed(type_, self.received)

    def sent(self, type_: Type) -> str:
        """The type of what a caller gives: any sequence, any amount, an enumeration or its literals."""
        match type_:
            case Scalar(kind):
                return SENT[kind]
            case Ref(name):
                return self._sent_named(name)
            case Array(item) | Levels(item):
                return f"Sequence[{self.sent(item)}]"
            case Map(value):
                return f"Mapping[str, {self.sent(value)}]"
            case _:
                return _composed(type_, self.sent)

    def parameter(self, parameter: Parameter) -> str:
        """The type of a parameter; one that takes only some values of its enumeration has a literal of these, or its name."""
        if not parameter.values:
            return self.sent(parameter.type)
        named = self._pool.get(parameter.type.name) if isinstance(parameter.type, Ref) else None
        for subset in named.subsets if isinstance(named, EnumType) else ():
            if set(subset.values) == set(parameter.values):
                return f"enums.{subset.name}Like" if self._qualified else f"{subset.name}Like"
        return f"Literal[{', '.join(self.literals(parameter.type, parameter.values))}]"

    def literals(self, type_: Type, values: Iterable[str]) -> list[str]:
        """Values as a caller may write them: the members of the enumeration first, where there is one."""
        named = self._pool.get(type_.name) if isinstance(type_, Ref) else None
        members = (
            {str(value.wire): f"{self._named(named.name)}.{value.name}" for value in named.values}
            if isinstance(named, EnumType)
            else {}
        )
        listed = list(values)
        return [members[value] for value in listed if value in members] + [spell(value, type_) for value in listed]

    def enums_sent(self, types: Iterable[Type]) -> set[str]:
        """Names of the enumerations that a caller may give."""
        return {name for type_ in types for name in references(type_) if isinstance(self._pool.get(name), EnumType)}

    def _sent_named(self, name: str) -> str:
        named = self._pool.get(name)
        if isinstance(named, AliasType):
            return self.sent(named.type)
        return f"{self._named(name)}Like" if isinstance(named, EnumType) else self._named(name)

    def _named(self, name: str) -> str:
        return f"{module_of(self._pool[name])}.{name}" if self._qualified else name


def module_of(named: NamedType) -> str:
    """The module that defines a type."""
    return "enums" if isinstance(named, EnumType) else named.module


def typed(value: str, type_: Type) -> str | int | bool:
    """A value that a table wrote as text, as what is sent."""
    match type_:
        case Scalar(Kind.INTEGER | Kind.TIME):
            return int(value)
        case Scalar(Kind.BOOLEAN):
            return value.lower() == "true"
        case Literal(values):
            return next((one for one in values if str(one).lower() == value.lower()), value)
        case _:
            return value


def spell(value: str, type_: Type) -> str:
    """The same as Python text."""
    return literal(typed(value, type_))


def any_of(types: Iterable[str]) -> str:
    """A union. A long one is flat: every `|` nests the next, and type checkers and Python itself end somewhere."""
    known = list(dict.fromkeys(types))
    return f"Union[{', '.join(known)}]" if len(known) > _LONG_UNION else " | ".join(known)


def optional(text: str) -> str:
    """A type that may be None."""
    return text if text == "None" or text.endswith("| None") else f"{text} | None"


def _composed(type_: Type, spell: Callable[[Type], str]) -> str:
    match type_:
        case Nullable(inner):
            return optional(spell(inner))
        case Tuple(items, None):
            return f"tuple[{', '.join(map(spell, items))}]" if items else "tuple[()]"
        case Tuple(items, rest):
            return _open_tuple([spell(item) for item in (*items, rest) if item is not None])
        case Literal(values):
            return f"Literal[{', '.join(map(literal, values))}]"
        case AnyOf(types):
            return any_of(map(spell, types))
        case _:
            raise TypeError(f"no Python type for {type_!r}")


def _open_tuple(items: list[str]) -> str:
    """Positions of which the last may repeat: only a sequence of one type can say so."""
    return f"tuple[{' | '.join(dict.fromkeys(items))}, ...]"
