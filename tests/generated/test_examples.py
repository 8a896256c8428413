"""Every documented payload decodes to the type that it is said to have, and comes back the same."""

from __future__ import annotations

from importlib import import_module

import pytest
from payloads import PRODUCTS, examples, plain, type_of

from wirewright_runtime import EventList, Model, OpenEnum
from wirewright_runtime.decode import decoding
from wirewright_runtime.testing import encode


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
