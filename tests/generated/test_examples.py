"""Every documented payload decodes to the type that it is said to have, and comes back the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from importlib import import_module, resources
from typing import Any

import msgspec
import pytest

from wirewright_runtime import EventList, Json, Levels, Model, OpenEnum, OptionalLevels
from wirewright_runtime.decode import decoding
from wirewright_runtime.testing import encode

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
    return same(json.loads(bytes(raw), parse_float=str))


def same(value: Any) -> Any:
    """JSON data without what does not count: an absent key and a null mean the same."""
    if isinstance(value, dict):
        return {key: same(item) for key, item in value.items() if item is not None}
    return [same(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("product", PRODUCTS)
def test_every_example_decodes_and_encodes_back(product: str) -> None:
    wrong: list[str] = []
    for where, payload in examples(product):
        try:
            back = encode(decoding(type_of(product, payload.type))(payload.json))
        except Exception as error:
            wrong.append(f"{where}: {error}")
            continue
        if plain(back) != plain(payload.json):
            wrong.append(f"{where}: {back.decode()} instead of {bytes(payload.json).decode()}")
    assert not wrong, "\n".join(wrong)
    assert sum(1 for _ in examples(product)) > 80


@pytest.mark.parametrize("product", PRODUCTS)
def test_every_decoder_can_be_built(product: str) -> None:
    for module in ("models", "events", "enums"):
        names = vars(import_module(f"binance_wire.{product}.{module}"))
        types = [
            item for item in names.values() if isinstance(item, type) and item.__module__ != "wirewright_runtime.types"
        ]
        own = [item for item in types if issubclass(item, Model | EventList | OpenEnum) or hasattr(item, "__one_of__")]
        for item in own:  # and not what the module imports
            decoding(item)


@pytest.mark.parametrize("product", PRODUCTS)
def test_every_result_and_event_of_the_catalog_can_be_decoded(product: str) -> None:
    catalog = import_module(f"binance_wire.{product}.catalog")
    for entry in catalog.METHODS.values():
        decoding(entry.result)
        assert entry.source.startswith("specs/")
    for entry in catalog.STREAMS.values():
        decoding(entry.event)
        assert entry.spec.patterns
