"""What is sent: a request's fields as parameters, checked before a byte leaves.

One function makes the text of an amount. A value of the wrong kind is a `TypeError`, a wrong value a `ValueError`;
both name method and parameter. `None` is left out; an empty list is not.
"""

from __future__ import annotations

import os
import re
import types
import warnings
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from enum import Enum
from operator import attrgetter
from typing import Any, Literal, NamedTuple, TypeAlias, Union, cast, get_args, get_origin

import msgspec
from msgspec.structs import FieldInfo

from wirewright_runtime.product import Product
from wirewright_runtime.request import Request
from wirewright_runtime.rules import Check

Params: TypeAlias = dict[str, Any]
Convert: TypeAlias = Callable[[object], object]

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_LONGEST = 1000


def amount_text(value: object, pattern: re.Pattern[str] = _NUMBER) -> str:
    """The text of an amount, exactly as given."""
    if isinstance(value, str):
        text = value
    elif isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError(f"must be a finite number, not {value}")
        if abs(int(value.as_tuple().exponent)) > _LONGEST:  # its text would have as many digits
            raise ValueError(f"must be a number of reasonable length, not {value:.5e}")
        text = format(value, "f")
    elif isinstance(value, int) and not isinstance(value, bool):
        text = str(int(value))
    else:
        raise TypeError(f"must be Decimal, int or str, not {_kind(value)}")
    if pattern.fullmatch(text) is None:
        raise ValueError(f"must be a number such as '0.001', not {text[:60]!r}")
    return text


def signed_text(value: object) -> str:
    """The text of a parameter as it is signed."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        return amount_text(value)
    return msgspec.json.encode(value).decode()


class Prepared(NamedTuple):
    """A request that may be sent: its parameters by wire name."""

    params: Params
    client_order_id: str | None


class Parameters:
    """How the requests of one class are written. Made once a class."""

    def __init__(self, cls: type[Request[object]], product: Product) -> None:
        self.method = cls.method
        if cls.spec.deprecated:
            warnings.warn(f"{cls.method}: {cls.spec.deprecated}", DeprecationWarning, stacklevel=2)
        writer = _Writer(product)
        fields = [field for field in msgspec.structs.fields(cls) if field.name not in cls.spec.address]
        self._names = tuple(field.name for field in fields)
        self._get = attrgetter(*self._names) if fields else None
        self._fields = [(field.name, field.encode_name, writer.convert(field.type)) for field in fields]
        self.wires = {field.name: field.encode_name for field in fields}
        self._required = {field.name for field in fields if field.required}
        self._constants: Params = dict(cls.spec.constants)
        self._constants |= {choice.parameter: choice.value for choice in cls.choices if choice.value is not None}
        self.rules = cls.spec.rules
        self._checks = [Check(rule, signed_text).problem for rule in self.rules]
        self._bounds = [(one, self.wires[one.parameter]) for one in cls.spec.bounds if one.parameter in self.wires]
        self._order_id = next((f.encode_name for f in fields if f.name == cls.spec.client_order_id), "")
        signing = product.signing
        self._reserved = {signing.key, signing.signature, signing.timestamp} if signing else set[str]()

    def prepare(self, request: Request[object], extra: Mapping[str, Any] | None = None) -> Prepared:
        """Check a request and give its parameters."""
        if self._get is None and not extra:
            return Prepared(dict(self._constants), None)
        values: tuple[object, ...] = () if self._get is None else self._get(request)
        if len(self._names) == 1:
            values = (values,)
        params: Params = dict(self._constants)
        given: dict[str, object] = {}
        name = ""
        try:
            for (name, wire, convert), value in zip(self._fields, values, strict=True):
                if value is not None:
                    given[name] = value
                    params[wire] = convert(value)
                elif name in self._required:
                    raise TypeError("must be given, not None")
        except (TypeError, ValueError) as error:
            raise _same(error, f"{self.method}: {name} {error}") from None
        for check in self._checks:
            if problem := check(given):
                raise ValueError(f"{self.method}: {problem}")
        for bounds, wire in self._bounds:
            if wire in params and (problem := bounds.problem(params[wire])):
                raise ValueError(f"{self.method}: {bounds.parameter} {problem}")
        if extra:
            self._add(extra, params)
        if self._order_id and self._order_id not in params:
            params[self._order_id] = os.urandom(16).hex()
        return Prepared(params, params.get(self._order_id) if self._order_id else None)

    def _add(self, extra: Mapping[str, Any], params: Params) -> None:
        for name in extra:
            if name in self._reserved:
                raise ValueError(f"{self.method}: {name} in extra= belongs to the client, which sends it by itself")
        params |= raw_params(f"{self.method}: extra=", extra)


def raw_params(method: str, params: Mapping[str, Any]) -> Params:
    """Parameters of a method that the specs do not know."""
    converted: Params = {}
    for name, value in params.items():
        try:
            if value is not None:
                converted[name] = _anything(value)
        except (TypeError, ValueError) as error:
            raise _same(error, f"{method}: {name} {error}") from None
    return converted


def _same(error: TypeError | ValueError, message: str) -> TypeError | ValueError:
    return TypeError(message) if isinstance(error, TypeError) else ValueError(message)


def message_frame(message: object, product: Product) -> object:
    """A message that nobody answers, as JSON values; checked like the parameters of a request."""
    try:
        return _Writer(product, empty=True).anything(message)
    except (TypeError, ValueError) as error:
        raise _same(error, f"{type(message).__name__}: {error}") from None


def window(value: object, maximum: int) -> int | msgspec.Raw:
    """How long after its timestamp a request may be executed, in milliseconds, as a JSON number."""
    text = amount_text(value)
    if not 0 < Decimal(text) <= maximum:
        raise ValueError(f"must be more than 0 and at most {maximum} milliseconds, not {text}")
    return int(text) if text.isdigit() else msgspec.Raw(text.encode())


class _Writer:
    """Chooses how a value is written by the type that its parameter has."""

    def __init__(self, product: Product, *, empty: bool = False) -> None:
        self._empty = empty  # whether a text may be
        self._amounts = re.compile(product.amount_pattern) if product.amount_pattern else _NUMBER
        self._texts = re.compile(product.text_pattern) if product.text_pattern else None

    def convert(self, type_: Any) -> Convert:
        members = [member for member in _members(type_) if member is not types.NoneType]
        choices = [value for member in members for value in _choices(member)]
        if choices:
            others = [self._single(member) for member in members if not _choices(member)]
            return _first_fit([_one_of(choices), *others]) if others else _one_of(choices)
        if Decimal in members or float in members:
            return _number if float in members else self._amount
        converts = [self._single(member) for member in members]
        return converts[0] if len(converts) == 1 else _first_fit(converts)

    def _single(self, type_: Any) -> Convert:
        origin, arguments = get_origin(type_) or type_, get_args(type_)
        if origin is str:
            return self._text
        if origin is bool:
            return _boolean
        if origin is int:
            return _integer
        if isinstance(origin, type) and issubclass(origin, msgspec.Struct):
            return self._struct(origin)
        if isinstance(origin, type) and issubclass(origin, Mapping):
            return _mapping(self.convert(arguments[1]) if arguments else _anything)
        if isinstance(origin, type) and issubclass(origin, Sequence):
            return _list(self.convert(arguments[0]) if arguments else _anything)
        return self.anything

    def anything(self, value: object) -> object:
        """A value of unknown type, which may hold structures and nulls."""
        if value is None:
            return None
        if isinstance(value, msgspec.Struct):
            return self._struct(type(value))(value)
        if isinstance(value, Mapping):
            return _mapping(self.anything)(cast("object", value))
        if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
            return _list(self.anything)(cast("object", value))
        return _anything(value)

    def _amount(self, value: object) -> str:
        return amount_text(value, self._amounts)

    def _text(self, value: object) -> str:
        if not isinstance(value, str):
            raise TypeError(f"must be str, not {_kind(value)}")
        if (not value and not self._empty) or (self._texts is not None and self._texts.fullmatch(value) is None):
            raise ValueError("must not be empty" if not value else f"has a form that is not allowed: {value[:60]!r}")
        if not value.isascii():
            value.encode()  # text that is not Unicode fails here, where the parameter is known
        return value

    def _struct(self, type_: type[msgspec.Struct]) -> Convert:
        made: list[tuple[str, str, Convert, bool]] = []

        def convert(value: object) -> object:
            if not isinstance(value, type_):
                raise TypeError(f"must be {type_.__name__}, not {_kind(value)}")
            if not made:  # at first use: a structure may hold itself
                fields = msgspec.structs.fields(type_)
                made.extend((f.name, f.encode_name, self._field(f), f.required) for f in fields)
            config = type_.__struct_config__
            written: Params = {config.tag_field: config.tag} if config.tag_field else {}
            for name, wire, convert_field, required in made:
                given = getattr(value, name)
                if given is not None or required or config.array_like:
                    try:
                        written[wire] = convert_field(given)
                    except (TypeError, ValueError) as error:
                        raise _same(error, f"{name} {error}") from None
            return list(written.values()) if config.array_like else written

        return convert

    def _field(self, field: FieldInfo) -> Convert:
        """A field of a structure. It is null where its type has nothing else, or where it must be there."""
        convert, nullable = self.convert(field.type), not {Any, types.NoneType}.isdisjoint(_members(field.type))

        def convert_field(value: object) -> object:
            if value is not None:
                return convert(value)
            if not nullable:
                raise TypeError("must be given, not None")
            return None

        return convert_field


def _members(type_: Any) -> tuple[Any, ...]:
    if get_origin(type_) in (Union, types.UnionType):
        return tuple(inner for member in get_args(type_) for inner in _members(member))
    return (type_,)


def _choices(type_: Any) -> list[str | int]:
    if get_origin(type_) is Literal:
        return [value.value if isinstance(value, Enum) else value for value in get_args(type_)]
    if isinstance(type_, type) and issubclass(type_, Enum):
        return [member.value for member in type_]
    return []


def _one_of(choices: list[str | int]) -> Convert:
    known = {choice: choice for choice in choices}
    names = ", ".join(map(str, known))
    booleans = any(isinstance(choice, bool) for choice in choices)

    def convert(value: object) -> object:
        if not isinstance(value, (str, int)) or (isinstance(value, bool) and not booleans):
            raise TypeError(f"must be one of {names}, not {_kind(value)}")
        if value not in known:
            raise ValueError(f"must be one of {names}, not {str(value)[:60]!r}")
        return known[value]

    return convert


def _boolean(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"must be bool, not {_kind(value)}")
    return value


def _integer(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"must be int, not {_kind(value)}")
    return int(value)


def _number(value: object) -> msgspec.Raw:
    """A JSON number with a fraction; only here a float is taken, as it prints."""
    text = amount_text(Decimal(repr(value)) if type(value) is float else value)
    return msgspec.Raw(text.encode())


def _list(convert: Convert) -> Convert:
    def convert_all(value: object) -> list[object]:
        if not isinstance(value, Sequence) or isinstance(value, (str, bytes)):
            raise TypeError(f"must be a list, not {_kind(value)}")
        return [convert(item) for item in cast("Sequence[object]", value)]

    return convert_all


def _mapping(convert: Convert) -> Convert:
    def convert_all(value: object) -> dict[str, object]:
        if not isinstance(value, Mapping):
            raise TypeError(f"must be a mapping, not {_kind(value)}")
        return {str(key): convert(item) for key, item in cast("Mapping[object, object]", value).items()}

    return convert_all


def _first_fit(converts: list[Convert]) -> Convert:
    def convert(value: object) -> object:
        problems: list[str] = []
        for attempt in converts:
            try:
                return attempt(value)
            except (TypeError, ValueError) as error:
                problems.append(str(error))
        raise TypeError(" or ".join(dict.fromkeys(problems)))

    return convert


def _anything(value: object) -> object:
    """A parameter of unknown type: amounts as text, and no floats."""
    if isinstance(value, Decimal):
        return amount_text(value)
    if isinstance(value, Enum):
        return cast("object", value.value)
    if isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, Mapping):
        return _mapping(_anything)(cast("object", value))
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
        return _list(_anything)(cast("object", value))
    raise TypeError(f"must be str, int, bool, Decimal or a list of these, not {_kind(value)}")


def _kind(value: object) -> str:
    hint = ": write Decimal('0.1') or '0.1'" if isinstance(value, float) else ""
    return f"{type(value).__name__}{hint}"
