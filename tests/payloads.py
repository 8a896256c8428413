"""Documented payloads of the generated packages, and what their types are: for every test that decodes them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from importlib import import_module, resources
from typing import Any

import msgspec

from wirewright_runtime import Json, Levels, OptionalLevels

PRODUCTS = ("spot", "usdm", "coinm")


class Payload(msgspec.Struct):
    label: str
    type: str
    json: msgspec.Raw  # every digit as documented


class Replies(msgspec.Struct):
    replies: list[Payload]


class Examples(msgspec.Struct):
    methods: dict[str, Replies]
    streams: dict[str, list[Payload]]
    events: dict[str, list[Payload]]


def examples(product: str) -> Iterator[tuple[str, Payload]]:
    """Every payload of a product, and where it is documented."""
    text = resources.files(f"binance_wire.{product}").joinpath("examples.json").read_text(encoding="utf-8")
    data = msgspec.json.decode(text, type=Examples)
    payloads = {name: method.replies for name, method in data.methods.items()} | data.streams | data.events
    for name, listed in payloads.items():
        yield from ((f"{name} {payload.label}", payload) for payload in listed)


def type_of(product: str, text: str) -> Any:
    """The Python type that an annotation names."""
    names = {module: import_module(f"binance_wire.{product}.{module}") for module in ("models", "events", "enums")}
    return eval(text, {**names, "Decimal": Decimal, "Levels": Levels, "OptionalLevels": OptionalLevels, "Json": Json})


def plain(raw: bytes | msgspec.Raw) -> Any:
    """JSON data for a comparison: amounts as text, without what does not count."""
    return same(json.loads(bytes(raw), parse_float=str))


def same(value: Any) -> Any:
    """JSON data without nulls: an absent key and a null mean the same."""
    if isinstance(value, dict):
        return {key: same(item) for key, item in value.items() if item is not None}
    return [same(item) for item in value] if isinstance(value, list) else value
