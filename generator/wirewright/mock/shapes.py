"""Facts in the shape of a type: what a rule knows by the names of the fields, completed from the documented payloads.

Every other value that a type requires comes from the first documented payload of that type, so that what is sent always
decodes; optional fields of which nobody knows anything are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from itertools import chain
from typing import Any

import msgspec

from wirewright.mock.payloads import Types, places, sample
from wirewright.mock.values import is_list, is_object
from wirewright.model.api import Api, Example
from wirewright.model.types import Array, Branch, Field, Kind, Nullable, Ref, Scalar, StructType, Type, UnionType

Facts = Mapping[str, Any]


class Shapes:
    """Knows the types of an API and a documented payload of each structure; `places`: those of every amount."""

    def __init__(self, api: Api, places: int | None) -> None:
        self._amount = "f" if places is None else f".{places}f"
        self.types: Types = {one.name: one for one in api.types}
        self._documented: dict[str, dict[str, Any]] = {}
        groups = [one.examples for one in api.methods] + [one.examples for one in api.streams]
        groups += [one.examples for one in api.events]
        for example in chain.from_iterable(groups):
            self._learn(example)

    def shape(self, kind: Type, facts: Any) -> Any:
        """The facts as a payload of a type."""
        match kind:
            case Ref(name=name):
                return self._named(name, facts)
            case Array(item=item) if is_list(facts):
                return [self.shape(item, one) for one in facts]
            case Nullable(type=inner):
                return None if facts is None else self.shape(inner, facts)
            case Scalar(kind=Kind.DECIMAL):
                return format(Decimal(str(facts)), self._amount)
            case Scalar(kind=Kind.BOOLEAN) if isinstance(facts, str):
                return facts == "true"
            case _:
                return facts

    def _named(self, name: str, facts: Any) -> Any:
        match self.types[name]:
            case UnionType(branches=branches):
                return next(self.shape(one.type, facts) for one in branches if self._is_told(one, facts))
            case StructType() as struct if is_object(facts):
                return self._struct(struct, facts)
            case _:
                return facts

    def _is_told(self, branch: Branch, facts: Facts) -> bool:
        """Whether the facts hold what tells a branch apart."""
        struct = self.types[branch.type.name] if isinstance(branch.type, Ref) else None
        fields = struct.fields if isinstance(struct, StructType) else ()
        return all(one.name in facts for one in fields if one.wire in branch.keys)

    def _struct(self, struct: StructType, facts: Facts) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for one in struct.fields:
            if one.name in facts:
                made[one.wire] = self.shape(one.type, facts[one.name])
            elif one.required:
                made[one.wire] = self._usual(struct, one)
        return made

    def _usual(self, struct: StructType, one: Field) -> Any:
        """What the documents show in a field; a list of structures is empty rather than somebody else's."""
        if isinstance(one.type, Array) and isinstance(one.type.item, Ref):
            return []
        if struct.tag is not None and one.wire == struct.tag.property:
            return struct.tag.values[0]
        documented = self._documented.get(struct.name, {})
        return documented[one.wire] if one.wire in documented else sample(one.type, self.types)

    def _learn(self, example: Example) -> None:
        if example.type is None:
            return
        payload = msgspec.json.decode(example.json.encode())
        for place in places(payload, example.type, self.types):
            if isinstance(place.holder, dict):
                known = self._documented.setdefault(place.struct.name, {})
                known.setdefault(str(place.key), place.value)
