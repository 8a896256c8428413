"""What tells the branches of a union apart: a property with other values in each, or keys that only one of them requires."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from wirewright.model.types import Branch, EnumType, Field, Literal, NamedType, Nullable, Ref, StructType, Type

Value = str | int | bool
_USUAL = ("type", "event", "e", "method", "op", "action", "cmd", "channel", "kind", "name", "msg_type", "messageType")


@dataclass(frozen=True)
class Told:
    """How branches are told apart. `loose`: only by keys that need not be there. `lost`: what nothing tells from another."""

    branches: tuple[Branch, ...]
    tag: str = ""
    loose: bool = False
    lost: tuple[Ref, ...] = ()


def tell_apart(branches: Sequence[Ref], types: Mapping[str, NamedType], hint: str = "") -> Told | None:
    """None: nothing in the schemas tells them apart. `hint` is a declared discriminator or a configured tag."""
    structs = [types.get(branch.name) for branch in branches]
    found = [one for one in structs if isinstance(one, StructType) and not one.array_like]
    if len(found) != len(branches):
        return None
    tagged = list(_by_tag(branches, found, types, hint))
    clean = [one for one in tagged if not one.lost]
    if clean:
        return min(clean, key=lambda one: any(branch.keys for branch in one.branches))
    by_keys = _by_keys(branches, found)
    best = max(tagged, key=lambda one: len(one.branches), default=None)
    if by_keys is None or (by_keys.loose and best is not None):
        return best if best is not None and 2 * len(best.branches) > len(branches) else by_keys
    return by_keys


def values_at(struct: StructType, pointer: str, types: Mapping[str, NamedType]) -> tuple[Value, ...]:
    """The values that a property can have, where the schema limits them to a few."""
    head, _, rest = pointer.removeprefix("/").partition("/")
    field = next((one for one in struct.fields if one.wire == head), None)
    if field is None:
        return ()
    kind = _bare(field.type)
    inner = types.get(kind.name) if isinstance(kind, Ref) else None
    if rest:
        return values_at(inner, rest, types) if isinstance(inner, StructType) else ()
    if isinstance(kind, Literal):
        return kind.values
    return tuple(value.wire for value in inner.values) if isinstance(inner, EnumType) else ()


def _by_tag(
    branches: Sequence[Ref], structs: list[StructType], types: Mapping[str, NamedType], hint: str
) -> Iterator[Told]:
    wanted = [hint if hint.startswith("/") else f"/{hint}"] if hint else []
    for pointer in dict.fromkeys([*wanted, *_candidates(structs[0], types)]):
        values = [values_at(struct, pointer, types) for struct in structs]
        if all(values) and len(set(values)) > 1:
            told = [
                Branch(branch, one, _keys_against(index, structs, values))
                for index, (branch, one) in enumerate(zip(branches, values, strict=True))
            ]
            kept = [one for index, one in enumerate(told) if not _repeats(one, told[:index])]
            lost = tuple(one for one in branches if not any(one == branch.type for branch in kept))
            yield Told(tuple(kept), pointer if pointer.count("/") > 1 else pointer[1:], lost=lost)


def _keys_against(index: int, structs: list[StructType], values: list[tuple[Value, ...]]) -> tuple[str, ...]:
    """Keys that tell a branch from those that share a value of the tag with it."""
    rivals = [other for place, other in enumerate(structs) if place != index and set(values[place]) & set(values[index])]
    known = {field.wire for rival in rivals for field in rival.fields}
    own = [field.wire for field in structs[index].fields if field.required and field.wire not in known]
    return tuple(own) if rivals else ()


def _repeats(branch: Branch, before: list[Branch]) -> bool:
    """Whether an earlier branch takes what this one should: it asks for the same value and for no other key."""
    return any(set(one.values) & set(branch.values) and not one.keys and not branch.keys for one in before)


def _candidates(struct: StructType, types: Mapping[str, NamedType]) -> list[str]:
    """Properties that may tell: single values first, usual names first, nested ones last."""
    near = [f"/{one.wire}" for one in struct.fields if "/" not in one.wire]
    deep = [
        f"/{one.wire}/{inner.wire}"
        for one in struct.fields
        if isinstance(kind := _bare(one.type), Ref) and isinstance(nested := types.get(kind.name), StructType)
        for inner in nested.fields
        if "/" not in one.wire + inner.wire
    ]
    limited = {pointer: values for pointer in near + deep if (values := values_at(struct, pointer, types))}

    def order(pointer: str) -> tuple[bool, bool, bool]:
        return pointer.count("/") > 1, len(limited[pointer]) > 1, pointer.rpartition("/")[2] not in _USUAL

    return sorted(limited, key=order)


def _by_keys(branches: Sequence[Ref], structs: list[StructType]) -> Told | None:
    required = _own_keys(structs, lambda field: field.required)
    if sum(not keys for keys in required) <= 1:
        return Told(tuple(Branch(branch, keys=keys) for branch, keys in zip(branches, required, strict=True)))
    present = _own_keys(structs, lambda _: True)
    if sum(not keys for keys in present) == 0:
        return Told(tuple(Branch(branch, keys=keys) for branch, keys in zip(branches, present, strict=True)), loose=True)
    return None


def _own_keys(structs: list[StructType], wanted: Callable[[Field], bool]) -> list[tuple[str, ...]]:
    """For each struct the wanted keys that no other struct knows."""
    known = [{field.wire for field in struct.fields} for struct in structs]
    return [
        tuple(
            field.wire
            for field in struct.fields
            if wanted(field) and not any(field.wire in other for place, other in enumerate(known) if place != index)
        )
        for index, struct in enumerate(structs)
    ]


def _bare(kind: Type) -> Type:
    return kind.type if isinstance(kind, Nullable) else kind
