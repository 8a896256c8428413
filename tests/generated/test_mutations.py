"""What an exchange may change without warning does not break a client: every documented payload, changed in every place.

A further field, an unknown value of an enumeration, null where a field may be missing, a further element at the end of a
list of fixed positions, an unknown tag in a union: each changed payload decodes, and the rest of it is what it was.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from enum import Enum
from importlib import import_module
from typing import Any

import msgspec
import pytest
from payloads import PRODUCTS, examples, type_of

from wirewright_runtime import Event, EventList, Levels, OpenEnum, OpenIntEnum, UnknownVariant
from wirewright_runtime.decode import decoding

Path = tuple[str | int, ...]


def mutants(value: Any, decoded: Any, path: Path = ()) -> Iterator[tuple[str, Path, Any]]:
    """(what is done, where, the value that stands there then), found by what the payload decoded to."""
    if isinstance(decoded, msgspec.Struct):
        yield from of_struct(value, decoded, path)
    elif isinstance(decoded, OpenEnum):
        yield "an unknown value", path, "BRAND_NEW"
    elif isinstance(decoded, OpenIntEnum):
        yield "an unknown value", path, 987654
    elif isinstance(decoded, list | Levels) and isinstance(value, list):
        for index, (item, inner) in enumerate(zip(value, decoded, strict=False)):
            yield from mutants(item, inner, (*path, index))
    elif isinstance(decoded, dict) and isinstance(value, dict):
        for key, inner in decoded.items():
            yield from mutants(value[key], inner, (*path, key))


def of_struct(value: Any, decoded: msgspec.Struct, path: Path) -> Iterator[tuple[str, Path, Any]]:
    config = decoded.__struct_config__
    if config.array_like:
        yield "a further element", path, [*value, "new"]
    elif isinstance(value, dict):
        yield "a further field", path, value | {"brandNewField": {"deep": [1]}}
        tag = config.tag_field
        if tag and tag in value and not isinstance(decoded, Event):  # an event that is none of a stream's is told there
            yield "an unknown tag", path, value | {tag: "BRAND_NEW"}
    for index, field in enumerate(msgspec.structs.fields(type(decoded))):
        key = index if config.array_like else field.encode_name
        if isinstance(value, dict) and key not in value:
            continue
        if not field.required:
            yield "null", (*path, key), None
        yield from mutants(value[key], getattr(decoded, field.name), (*path, key))


def changed(value: Any, path: Path, by: Any) -> Any:
    if not path:
        return by
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = changed(value[path[0]], path[1:], by)
    return copy


def at(decoded: Any, path: Path) -> Any:
    """What a part of a payload decoded to."""
    for key in path:
        if isinstance(decoded, msgspec.Struct):
            fields = msgspec.structs.fields(type(decoded))
            place = key if isinstance(key, int) else [field.encode_name for field in fields].index(key)
            decoded = getattr(decoded, fields[place].name)
        else:
            decoded = decoded[key]
    return decoded


def is_right(done: str, before: Any, after: Any) -> bool:
    """Whether a part of a payload decoded to what the change should make of it."""
    if done == "null":
        return after is None
    if done == "an unknown value":
        return isinstance(after, OpenEnum | OpenIntEnum) and not after.is_known
    if done == "an unknown tag":
        return isinstance(after, UnknownVariant)
    return same_text(before) == same_text(after)


def same_text(value: Any) -> Any:
    """What two decoded values have to have in common; sides of an order book are compared as they arrived."""
    if isinstance(value, Levels):
        return list(value)
    if isinstance(value, msgspec.Struct):
        return [type(value).__name__, *(same_text(getattr(value, name)) for name in value.__struct_fields__)]
    if isinstance(value, list | tuple):
        return [same_text(item) for item in value]
    if isinstance(value, Enum | Decimal):
        return repr(value)
    return value


@pytest.mark.parametrize("product", PRODUCTS)
def test_every_payload_survives_every_change(product: str) -> None:
    counts: dict[str, int] = {}
    wrong: list[str] = []
    for where, payload in examples(product):
        decode = decoding(type_of(product, payload.type))
        value, whole = json.loads(bytes(payload.json)), decode(payload.json)
        whole = list(whole) if isinstance(whole, EventList) else whole
        for done, path, by in mutants(value, whole):
            counts[done] = counts.get(done, 0) + 1
            raw = msgspec.json.encode(changed(value, path, by))
            try:
                after = decode(raw)
                after = list(after) if isinstance(after, EventList) else after
                if not is_right(done, at(whole, path), at(after, path)):
                    wrong.append(f"{where}: {done} at {path} gives {at(after, path)!r}")
            except Exception as error:
                wrong.append(f"{where}: {done} at {path}: {error}")
    assert not wrong, "\n".join(wrong[:20])
    assert all(counts[done] > 15 for done in ("a further field", "a further element", "an unknown value", "null")), counts
    assert product != "spot" or counts["an unknown tag"], counts


@pytest.mark.parametrize("product", PRODUCTS)
def test_every_union_takes_what_is_none_of_it(product: str) -> None:
    models = vars(import_module(f"binance_wire.{product}.models"))
    unions = {name: one for name, one in models.items() if hasattr(one, "__one_of__")}
    for name, union in unions.items():
        for raw in (b'{"brandNew": 1}', b'{"filterType": "BRAND_NEW", "limit": 1}'):
            unknown = decoding(union)(raw)
            if isinstance(unknown, UnknownVariant):
                assert msgspec.json.decode(unknown.raw) == msgspec.json.decode(raw), name
            else:  # the branch of everything else, all of whose fields may be missing
                assert () in union.__one_of__.branches, name
    assert len(unions) == {"spot": 5, "usdm": 0, "coinm": 0}[product]
