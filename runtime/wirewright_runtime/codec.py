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
from functools import partial
from typing import Any, Literal, TypeAlias, Union, cast, get_args, get_origin

import msgspec
from msgspec.structs import astuple

from wirewright_runtime.bounds import Bounds
from wirewright_runtime.product import Product
from wirewright_runtime.request import Request
from wirewright_runtime.rules import broken

Params: TypeAlias = dict[str, Any]
Convert: TypeAlias = Callable[[object], object]

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_LONGEST = 1000
_SHAPES = 1000


def amount_text(value: object, pattern: re.Pattern[str] = _NUMBER) -> str:
    """The text of an amount, exactly as given."""
    if isinstance(value, str):
        text = value
    elif isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError(f"must be a finite number, not {value}")
        if abs(value.adjusted()) > _LONGEST:  # its text would have as many digits
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


class Parameters:
    """How the requests of one class are written. Made once a class.

    Whether a request keeps the rules between its parameters depends on which are given, and on the texts of those that
    decide, such as the type of an order. So requests of one shape are checked once.
    """

    def __init__(self, cls: type[Request[object]], product: Product) -> None:
        self.method, self.rules, spec = cls.method, cls.spec.rules, cls.spec
        if spec.deprecated:
            warnings.warn(f"{cls.method}: {spec.deprecated}", DeprecationWarning, stacklevel=2)
        fields = msgspec.structs.fields(cls)
        self.wires = {field.name: field.encode_name for field in fields}
        self._names = tuple(self.wires.values())
        self._required = [field.name for field in fields if field.required]
        self._nulls = {one.encode_name for one in fields if one.required and types.NoneType in _members(one.type)}
        self._address = [self.wires[name] for name in spec.address]
        self.order_id = self.wires.get(spec.client_order_id, "")
        """The client order id's wire name, if there is one."""
        convert = _Writer(product).convert
        bounds = {name: [one for one in spec.bounds if one.parameter == name] for name in self.wires}
        self._converts = tuple(_within(convert(field.type), bounds[field.name]) for field in fields)
        self._constants: Params = dict(spec.constants)
        self._constants |= {choice.parameter: choice.value for choice in cls.choices if choice.value is not None}
        deciding = dict.fromkeys(when for rule in self.rules for when, values in rule.conditions if values)
        self._deciding = [self.wires[name] for name in deciding if name in self.wires]
        self._shapes: set[tuple[str, ...]] = set()
        signing = product.signing
        self._reserved = {signing.key, signing.signature, signing.timestamp} if signing else set[str]()

    def prepare(self, request: Request[object], extra: Mapping[str, Any] | None = None) -> Params:
        """Check a request and give its parameters by wire name."""
        params: Params = dict(self._constants)
        wire = ""
        try:
            for wire, convert, value in zip(self._names, self._converts, astuple(request), strict=True):
                if value is not None:
                    params[wire] = convert(value)
                elif wire in self._nulls:
                    params[wire] = None
        except (TypeError, ValueError) as error:
            raise _same(error, f"{self.method}: {self._name(wire)} {error}") from None
        shape = (*params, *[signed_text(params[wire]) for wire in self._deciding if wire in params])
        if shape not in self._shapes:
            self._check(params)
            if len(self._shapes) < _SHAPES:
                self._shapes.add(shape)
        for wire in self._address:
            params.pop(wire, None)
        if extra:
            self._add(extra, params)
        if self.order_id and self.order_id not in params:
            params[self.order_id] = os.urandom(16).hex()
        return params

    def _name(self, wire: str) -> str:
        return next(name for name, known in self.wires.items() if known == wire)

    def _check(self, params: Params) -> None:
        """Whether what has to be given is, and the rules are kept."""
        given = {name: signed_text(params[wire]) for name, wire in self.wires.items() if wire in params}
        for name in self._required:
            if name not in given:
                raise TypeError(f"{self.method}: {name} must be given, not None")
        for rule in self.rules:
            if problem := broken(rule, given):
                raise ValueError(f"{self.method}: {problem}")

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
        return _Writer(product).anything(message)
    except (TypeError, ValueError) as error:
        raise _same(error, f"{type(message).__name__}: {error}") from None


def window(method: str, value: object, maximum: int) -> int | msgspec.Raw:
    """How long after its timestamp a request may be executed, in milliseconds, as a JSON number."""
    try:
        text = amount_text(value)
        if not 0 < Decimal(text) <= maximum:
            raise ValueError(f"must be more than 0 and at most {maximum} milliseconds, not {text}")
    except (TypeError, ValueError) as error:
        raise _same(error, f"{method}: recv_window {error}") from None
    return int(text) if text.isdigit() else msgspec.Raw(text.encode())


class _Writer:
    """Chooses how a value is written by the type that its parameter has."""

    def __init__(self, product: Product) -> None:
        self._amounts = re.compile(product.amount_pattern) if product.amount_pattern else _NUMBER
        self._texts = re.compile(product.text_pattern) if product.text_pattern else None

    def convert(self, type_: Any) -> Convert:
        members = [member for member in _members(type_) if member is not types.NoneType]
        choices = [value for member in members for value in _choices(member)]
        if choices:
            others = [self._single(member) for member in members if not _choices(member)]
            return _first_fit([_one_of(choices), *others]) if others else _one_of(choices)
        if Decimal in members or float in members:
            return _number if float in members else partial(amount_text, pattern=self._amounts)
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
            return _mapping(self._maybe_null(arguments[1]) if arguments else _anything)
        if isinstance(origin, type) and issubclass(origin, Sequence):
            return _list(self._maybe_null(arguments[0]) if arguments else _anything)
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

    def _text(self, value: object) -> str:
        if not isinstance(value, str):
            raise TypeError(f"must be str, not {_kind(value)}")
        if self._texts is not None and self._texts.fullmatch(value) is None:
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
                made.extend((f.name, f.encode_name, self._maybe_null(f.type), f.required) for f in fields)
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

    def _maybe_null(self, type_: Any) -> Convert:
        """The same for what stands inside of something else: it is null where its type has that."""
        convert = self.convert(type_)
        if {Any, types.NoneType}.isdisjoint(_members(type_)):
            return convert
        return lambda value: None if value is None else convert(value)


def _within(convert: Convert, bounds: list[Bounds]) -> Convert:
    """The same, and what was converted keeps its bounds."""
    if not bounds:
        return convert

    def convert_within(value: object) -> object:
        converted: Any = convert(value)
        for problem in filter(None, (one.problem(converted) for one in bounds)):
            raise ValueError(problem)
        return converted

    return convert_within


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
        if isinstance(value, str) and value in known:
            return known[value]
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
