"""What JSON a payload, a result or a parameter holds.

A type names other types (`Ref`), it never holds them: the pool of an `Api` knows them all. So types are plain
data, may be recursive, and are equal when they say the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum


@dataclass(frozen=True, order=True)
class Origin:
    """Where something was read: a file as the user named it, line and column from 1."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Kind(Enum):
    """Kinds of a single JSON value."""

    STRING = "string"
    INTEGER = "integer"
    DECIMAL = "decimal"  # an amount: exact, travels as text
    NUMBER = "number"  # a JSON number with a fraction
    BOOLEAN = "boolean"
    TIME = "time"  # an integer in the time unit of the connection
    NULL = "null"
    JSON = "json"  # anything: the document says no more


@dataclass(frozen=True)
class Scalar:
    kind: Kind


@dataclass(frozen=True)
class Ref:
    """A named type of the pool."""

    name: str


@dataclass(frozen=True)
class Array:
    item: Type


@dataclass(frozen=True)
class Tuple:
    """A list of fixed positions that has no name; `rest` is the type of what may follow."""

    items: tuple[Type, ...]
    rest: Type | None = None


@dataclass(frozen=True)
class Map:
    value: Type


@dataclass(frozen=True)
class Levels:
    """One side of an order book: a long list that is decoded only when it is read."""

    item: Type


@dataclass(frozen=True)
class Literal:
    """One of a few values that no enumeration names (`const` is a literal of one)."""

    values: tuple[str | int | bool, ...]


@dataclass(frozen=True)
class Nullable:
    type: Type


@dataclass(frozen=True)
class AnyOf:
    """One of several types which JSON itself tells apart (text or number, object or list)."""

    types: tuple[Type, ...]
    listed: bool = field(default=False, compare=False)  # as branches (`oneOf`), not as a `type` of several kinds


Type = Scalar | Ref | Array | Tuple | Map | Levels | Literal | Nullable | AnyOf


@dataclass(frozen=True)
class Limits:
    """What a schema asks of a value beside its type, in the words of JSON schema. Nothing is generated from it."""

    bounds: tuple[tuple[str, str], ...] = ()  # ("minimum", "1"), ("maxItems", "10")
    pattern: str = ""
    format: str = ""
    item: Limits | None = None  # of a list


@dataclass(frozen=True)
class EnumValue:
    wire: str | int
    name: str  # as an UPPER_CASE identifier
    doc: str = ""


@dataclass(frozen=True)
class Subset:
    """Some values of an enumeration under a name of their own: what certain parameters accept."""

    name: str
    values: tuple[str, ...]
    origin: Origin
    doc: str = ""


@dataclass(frozen=True)
class EnumType:
    name: str
    values: tuple[EnumValue, ...]
    origin: Origin
    doc: str = ""
    subsets: tuple[Subset, ...] = ()
    deprecated: tuple[tuple[str, str], ...] = ()  # (old name of a value, name)


@dataclass(frozen=True)
class Field:
    wire: str
    name: str  # snake_case; the wire name stands beside it
    type: Type
    origin: Origin
    required: bool = True
    doc: str = ""
    when: str = ""  # the condition under which the field is there, as prose
    deprecated_names: tuple[str, ...] = ()
    limits: Limits | None = None


@dataclass(frozen=True)
class Tag:
    """The property that tells a struct from its siblings, and the values it has here."""

    property: str
    values: tuple[str | int | bool, ...]


@dataclass(frozen=True)
class StructType:
    name: str
    fields: tuple[Field, ...]
    origin: Origin
    doc: str = ""
    module: str = "models"  # or "events"
    array_like: bool = False  # a list of fixed positions
    tag: Tag | None = None
    extra: Type | None = None  # the type of further properties, where the document gives one


@dataclass(frozen=True)
class Branch:
    """One branch of a union and what tells it apart: values of the union's tag, or keys that no earlier branch has too."""

    type: Type
    values: tuple[str | int | bool, ...] = ()
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class UnionType:
    """Structs told apart by a tag or by their keys. Open: what is none of them decodes to `unknown`."""

    name: str
    branches: tuple[Branch, ...]
    origin: Origin
    doc: str = ""
    module: str = "models"
    tag: str = ""  # a property, or a JSON pointer to a nested one; empty: told apart by keys
    unknown: str = "UnknownVariant"
    others: Type | None = None  # what may come instead of an object: a list, text, a number


@dataclass(frozen=True)
class AliasType:
    """A name for a type that is no struct: a list of events, a map."""

    name: str
    type: Type
    origin: Origin
    doc: str = ""
    module: str = "models"
    limits: Limits | None = None


NamedType = EnumType | StructType | UnionType | AliasType
