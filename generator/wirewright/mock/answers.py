"""What a method answers that no rule knows: its documented example with what was asked put in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import msgspec

from wirewright.mock.payloads import Types, places, sample
from wirewright.mock.values import is_list
from wirewright.model.api import Api, Method, Variant
from wirewright.model.types import AliasType, Array, Ref, Type

Params = Mapping[str, Any]


class Answers:
    """The examples of an API. Where a method has several for one shape of its answer, they take turns."""

    def __init__(self, api: Api) -> None:
        self.types: Types = {one.name: one for one in api.types}
        self._turn: Counter[str] = Counter()

    def answer(self, method: Method, params: Params) -> Any:
        """A result for a request with these parameters (by wire name)."""
        variant = variant_of(method, params)
        made = self._example(method, variant)
        wanted = params.get("symbols")
        if is_list(wanted) and wanted and is_list(made) and made:
            copies = [msgspec.json.decode(msgspec.json.encode(made[0])) for _ in wanted]
            for copy, symbol in zip(copies, wanted, strict=True):
                self.fill(copy, item_of(variant.result, self.types), {"symbol": symbol})
            return copies
        names = {one.wire: one.name for one in method.parameters}
        self.fill(made, variant.result, {names[wire]: value for wire, value in params.items() if wire in names})
        return made

    def fill(self, payload: object, kind: Type, given: Mapping[str, object]) -> None:
        """Put what was asked into the fields of the same name."""
        for place in places(payload, kind, self.types):
            value = given.get(place.field.name)
            if value is not None and type(value) is type(place.value) and not isinstance(value, (dict, list)):
                place.set(value)

    def _example(self, method: Method, variant: Variant) -> Any:
        documented = [one for one in method.examples if one.type is not None]
        labelled = [one for one in documented if one.label == variant.name]
        fitting = labelled or [one for one in documented if one.type == variant.result] or documented
        if len(method.variants) > 1:
            fitting = labelled or [one for one in documented if one.type == variant.result]
        if not fitting:
            return sample(variant.result, self.types)
        turn = self._turn[variant.name]
        self._turn[variant.name] += 1
        return msgspec.json.decode(fitting[turn % len(fitting)].json.encode())


def variant_of(method: Method, params: Params) -> Variant:
    """The shape that an answer to these parameters has: the first one that fits, or the default."""
    wires = {one.name: one.wire for one in method.parameters}

    def fits(variant: Variant) -> bool:
        given = [(choice, params.get(wires[choice.parameter])) for choice in variant.choices]
        return all(
            _text(value) == choice.value if choice.value else (value is None) == choice.absent
            for choice, value in given
        )

    return next((one for one in method.variants if fits(one)), method.variants[0])


def _text(value: object) -> str:
    """A parameter as tables write it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def item_of(kind: Type, types: Types) -> Type:
    """What a list holds."""
    while isinstance(kind, Ref) and isinstance(named := types[kind.name], AliasType):
        kind = named.type
    return kind.item if isinstance(kind, Array) else kind
