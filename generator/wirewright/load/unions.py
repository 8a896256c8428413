"""What tells the branches of a union apart: a property with other values in each, or keys that only one of them requires."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from wirewright.load.joining import bare
from wirewright.model.naming import cap
from wirewright.model.types import (
    AliasType,
    Branch,
    EnumType,
    Field,
    Literal,
    NamedType,
    Ref,
    StructType,
    Type,
    UnionType,
)

Value = str | int | bool
_USUAL = ("type", "event", "e", "method", "op", "action", "cmd", "channel", "kind", "name", "msg_type", "messageType")


Units = Mapping[Ref, Sequence[StructType]]


@dataclass(frozen=True)
class Group:
    """Branches that share values of the tag, and are told apart by something else: a union inside the union."""

    branches: tuple[Ref, ...]
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Told:
    """How branches are told apart. `loose`: only by keys that need not be there. `lost`: what nothing tells from another."""

    branches: tuple[Branch, ...]
    tag: str = ""
    groups: tuple[Group, ...] = ()
    loose: bool = False
    lost: tuple[Ref, ...] = ()


def tell_apart(branches: Sequence[Ref], types: Mapping[str, NamedType], hint: str = "") -> Told | None:
    """None: nothing in the schemas tells them apart. `hint` is a declared discriminator or a configured tag.

    Best is a tag that all of them have; then keys that only one of them requires; then a tag that most have, the others
    being known by their keys. A branch may be a union itself: then it is one branch if a tag tells it from the others,
    else its own branches count.
    """
    units = {branch: list(structs_of(branch, types)) for branch in branches}
    if not all(units.values()) or any(struct.array_like for structs in units.values() for struct in structs):
        return None
    tagged = [_by_tag(units, pointer, types) for pointer in _pointers(units, types, hint)]
    sound = [one for one in tagged if not one.lost]
    clean = next((one for one in sound if not one.groups and all(branch.values for branch in one.branches)), None)
    if clean is not None:
        return clean
    flat = {Ref(struct.name): [struct] for structs in units.values() for struct in structs}
    by_keys = _by_keys(flat)
    if by_keys is not None and not by_keys.loose and not by_keys.lost:
        return by_keys
    found = [*tagged, by_keys] if by_keys is not None else tagged
    best = min(found, key=lambda one: len(one.lost), default=None)
    return best if best is not None and (not best.lost or 2 * len(best.lost) < len(branches)) else None


def structs_of(kind: Type, types: Mapping[str, NamedType], depth: int = 0) -> Iterator[StructType]:
    """The structs behind a name: itself, or those of a union."""
    named = types.get(kind.name) if isinstance(kind, Ref) else None
    if isinstance(named, StructType):
        yield named
    elif isinstance(named, UnionType) and depth < 10:
        for branch in named.branches:
            yield from structs_of(branch.type, types, depth + 1)
    elif isinstance(named, AliasType) and depth < 10:
        yield from structs_of(named.type, types, depth + 1)


def values_at(struct: StructType, pointer: str, types: Mapping[str, NamedType]) -> tuple[Value, ...]:
    """The values that a property can have, where the schema limits them to a few."""
    head, _, rest = pointer.removeprefix("/").partition("/")
    field = next((one for one in struct.fields if one.wire == head), None)
    if field is None:
        return ()
    if not rest:
        return _few(field, types)
    kind = bare(field.type)
    inner = types.get(kind.name) if isinstance(kind, Ref) else None
    return values_at(inner, rest, types) if isinstance(inner, StructType) else ()


def _few(field: Field, types: Mapping[str, NamedType]) -> tuple[Value, ...]:
    """The values of a field that can have only a few."""
    kind = bare(field.type)
    if isinstance(kind, Literal):
        return kind.values
    named = types.get(kind.name) if isinstance(kind, Ref) else None
    return tuple(value.wire for value in named.values) if isinstance(named, EnumType) else ()


def shared_tag(structs: Sequence[StructType], types: Mapping[str, NamedType]) -> str:
    """The pointer to a property that is limited to a few values in each of the structs, other ones in at least two.

    A lone struct has one if the property has a single value, which it repeats in every message.
    """
    for pointer in _candidates(structs[0], types) if structs else ():
        values = [values_at(struct, pointer, types) for struct in structs]
        if all(values) and (len(set(values)) > 1 or len(values[0]) == 1):
            return pointer
    return ""


def said_tag(structs: Sequence[StructType], types: Mapping[str, NamedType]) -> str:
    """The key whose value says which of several messages one is. Of a lone message it is one that is usual for that."""
    wire = shared_tag(structs, types)[1:]
    return wire if "/" not in wire and (len(structs) > 1 or wire in _USUAL) else ""


def _pointers(units: Units, types: Mapping[str, NamedType], hint: str) -> list[str]:
    """Properties that may tell branches apart, the likely ones first."""
    wanted = [hint if hint.startswith("/") else f"/{hint}"] if hint else []
    found = [pointer for structs in units.values() for pointer in _candidates(structs[0], types)]
    counts = Counter(found)
    usual = sorted(dict.fromkeys(found), key=lambda one: -counts[one])  # stable: likely ones stay first
    return list(dict.fromkeys([*wanted, *usual]))


def _by_tag(units: Units, pointer: str, types: Mapping[str, NamedType]) -> Told:
    """What a property tells. Those with values in common are told apart further, those without it are known by keys."""
    values = {unit: _values_of(structs, pointer, types) for unit, structs in units.items()}
    kept, groups, lost = list[Branch](), list[Group](), list[Ref]()
    for cluster in _clusters({unit: one for unit, one in values.items() if one}):
        shared = tuple(dict.fromkeys(value for unit in cluster for value in values[unit]))
        told = tell_apart(cluster, types) if 1 < len(cluster) < len(units) else None
        by_name = _by_name(cluster, values)
        if len(cluster) == 1 or by_name:
            kept += by_name or [Branch(cluster[0], shared)]
        elif told is not None and not told.lost and not told.loose:
            groups.append(Group(tuple(cluster), shared))
        else:
            kept.append(Branch(cluster[0], shared))
            lost += cluster[1:]
    others = {unit: units[unit] for unit, one in values.items() if not one}
    known, unknown = _without_tag(others, pointer)
    tag = pointer if pointer.count("/") > 1 else pointer[1:]
    return Told((*kept, *known), tag, tuple(groups), lost=(*lost, *unknown))


def _clusters(values: Mapping[Ref, tuple[Value, ...]]) -> list[list[Ref]]:
    """Units put together where they have values in common."""
    clusters: list[tuple[set[Value], list[Ref]]] = []
    for unit, own in values.items():
        joined = [one for one in clusters if one[0] & set(own)]
        clusters = [one for one in clusters if one not in joined]
        clusters.append(
            (set(own).union(*(one[0] for one in joined)), [ref for one in joined for ref in one[1]] + [unit])
        )
    return [refs for _, refs in clusters]


def _by_name(cluster: Sequence[Ref], values: Mapping[Ref, tuple[Value, ...]]) -> list[Branch]:
    """`SpeakFlushed` and `SpeakCleared`, both of which may say Flushed or Cleared: each is taken at its name."""
    found: list[Branch] = []
    for unit in cluster:
        named = [one for one in values[unit] if isinstance(one, str) and unit.name.endswith(cap(one, ()))]
        if len(cluster) == 1 or len(named) != 1 or any(named[0] in branch.values for branch in found):
            return []
        found.append(Branch(unit, (named[0],)))
    return found


def _without_tag(units: Units, pointer: str) -> tuple[list[Branch], list[Ref]]:
    """Units that a tag does not tell: known by keys that only one of them requires. One may be all the rest, asked last."""
    flat = [(unit, struct) for unit, structs in units.items() for struct in structs]
    keys = _own_keys([struct for _, struct in flat], lambda field: field.required)
    known, rest, unknown = list[Branch](), list[Branch](), list[Ref]()
    for (unit, struct), own in zip(flat, keys, strict=True):
        if own:
            known.append(Branch(Ref(struct.name), keys=own))
        elif not _has(struct, pointer) and len(units[unit]) == 1:
            rest.append(Branch(unit, keys=tuple(field.wire for field in struct.fields if field.required)))
        else:
            unknown.append(unit)
    if len(rest) == 1:
        return [*known, *rest], unknown
    return known, [*unknown, *(Ref(one.type.name) for one in rest if isinstance(one.type, Ref))]


def _has(struct: StructType, pointer: str) -> bool:
    return any(field.wire == pointer.split("/")[1] for field in struct.fields)


def _values_of(structs: Sequence[StructType], pointer: str, types: Mapping[str, NamedType]) -> tuple[Value, ...]:
    each = [values_at(struct, pointer, types) for struct in structs]
    return tuple(dict.fromkeys(value for one in each for value in one)) if all(each) else ()


def _candidates(struct: StructType, types: Mapping[str, NamedType]) -> list[str]:
    """Properties that may tell: single values first, usual names first, nested ones last."""
    near = {f"/{one.wire}": _few(one, types) for one in struct.fields}
    deep = {
        f"/{one.wire}/{inner.wire}": _few(inner, types)
        for one in struct.fields
        if isinstance(kind := bare(one.type), Ref) and isinstance(nested := types.get(kind.name), StructType)
        for inner in nested.fields
    }
    limited = {pointer: values for pointer, values in {**near, **deep}.items() if values and pointer.count("/") < 3}

    def order(pointer: str) -> tuple[bool, bool, bool]:
        return pointer.count("/") > 1, len(limited[pointer]) > 1, pointer.rpartition("/")[2] not in _USUAL

    return sorted(limited, key=order)


def _by_keys(units: Units) -> Told | None:
    """What keys tell: one that only one branch requires, else all that a branch requires, the most exact branch first."""
    structs = [struct for one in units.values() for struct in one]
    strict = _ordered(structs, _own_keys(structs, lambda field: field.required), exact=True)
    if not strict.lost:
        return strict
    loose = replace(_ordered(structs, _own_keys(structs, lambda _: True), exact=False), loose=True)
    best = min((strict, loose), key=lambda one: len(one.lost))
    return best if 2 * len(best.lost) < len(structs) else None


def _ordered(structs: Sequence[StructType], own: Sequence[tuple[str, ...]], *, exact: bool) -> Told:
    """Branches in the order in which they are asked for; lost is what an earlier one would take.

    `exact`: a branch without a key of its own is known by all that it requires.
    """
    known = {struct.name: {field.wire for field in struct.fields} for struct in structs}
    asked = [(struct, keys if exact else keys[:1]) for struct, keys in zip(structs, own, strict=True) if keys]
    rest = [struct for struct, keys in zip(structs, own, strict=True) if not keys]
    plain = [(struct, tuple(field.wire for field in struct.fields if field.required)) for struct in rest]
    if exact:
        asked += sorted(plain, key=lambda one: -len(one[1]))
    kept, lost = list[Branch](), [] if exact else [Ref(struct.name) for struct in rest]
    for struct, keys in asked:
        if any(set(one.keys) <= known[struct.name] for one in kept):
            lost.append(Ref(struct.name))
        else:
            kept.append(Branch(Ref(struct.name), keys=keys))
    return Told(tuple(kept), lost=tuple(lost))


def _own_keys(structs: Sequence[StructType], wanted: Callable[[Field], bool]) -> list[tuple[str, ...]]:
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
