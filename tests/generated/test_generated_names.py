"""One meaning, one name: over all fields of all products. What differs on purpose is listed, with its reason.

Parameters are not here: they are spelled by rule, as the exchange spells them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from importlib import import_module
from typing import Any

import msgspec
import pytest
from facts import PRODUCTS, api

from wirewright.model.types import Field, StructType

# A wire key of several letters that has several names, and why
KEYS = {
    "code": "the code of an error, and the text 200 that canceling an algo order gives",
    "count": "how much of a limit is used, and how many trades there were",
    "time": "of an order, a trade, an allocation, an amendment, and of the last update of a price",
}

# Names that share a description, and why both are there
MEANINGS = [
    ({"price", "weighted_average_price"}, "of the method and the stream that give nothing but the average price"),
    ({"executed_quantity", "cumulative_quantity"}, "two keys of the same order"),
    ({"close_price", "last_price", "price"}, "of a window that ended, of one that goes on, of a ticker of prices alone"),
    ({"trigger_price", "stop_price"}, "of algo orders, and of orders: the exchange's words"),
    ({"new_quantity", "quantity"}, "an amendment has the original one too"),
    ({"quantity", "volume"}, "of one trade, and of a window"),
    ({"taker_buy_volume", "taker_buy_base_volume"}, "COIN-M counts volumes in contracts; those in the base asset say so"),
    ({"volume", "base_volume"}, "the same"),
]

# Structures that are the same field by field, and why they are two
ALIKE = [
    ({"OrderBook", "PartialBookDepth"}, "the answer of a method, and the event of a stream"),
    ({"DiffBookDepth", "PartialBookDepth"}, "one changes the levels of a book, the other replaces them"),
    ({"PlacedOrder", "CanceledOrder"}, "results of COIN-M that differ on USD-M"),
]

# Words that a name spells out, and what they are called instead
SHORT = {
    "qty": "quantity", "amt": "amount", "pnl": "profit", "avg": "average", "orig": "original", "cum": "cumulative",
    "maint": "maintenance", "pct": "percent", "px": "price", "ts": "time", "create": "creation", "prev": "previous",
    "curr": "current", "vol": "volume", "pos": "position", "req": "request", "resp": "response", "liq": "liquidation",
}  # fmt: skip
SPELLED_SHORT = {"quote_order_qty_market_allowed": "named after the parameter `quoteOrderQty`"}


def fields() -> list[tuple[str, Field]]:
    """Every field of every product, and where it is."""
    return [
        (f"{product}.{one.name}.{field.wire}", field)
        for product in PRODUCTS
        for one in api(product).types
        if isinstance(one, StructType)
        for field in one.fields
    ]


def test_a_wire_key_of_several_letters_has_one_name() -> None:
    names: dict[str, set[str]] = defaultdict(set)
    for _, field in fields():
        names[field.wire].add(field.name)
    several = {wire: found for wire, found in names.items() if len(wire) > 2 and len(found) > 1}
    assert several.keys() == KEYS.keys(), several


def test_a_meaning_has_one_name() -> None:
    names: dict[str, dict[str, str]] = defaultdict(dict)
    for where, field in fields():
        if not field.name.startswith("ignored"):
            names[re.sub(r"\W+", " ", field.doc.lower()).strip()].setdefault(field.name, where)
    several = {doc: found for doc, found in names.items() if len(found) > 1}
    unknown = {doc: found for doc, found in several.items() if not any(found.keys() <= pair for pair, _ in MEANINGS)}
    assert not unknown, unknown
    used = [pair for pair, _ in MEANINGS if any(found.keys() <= pair for found in several.values())]
    assert len(used) == len(MEANINGS), "an exception that no longer applies"


def test_a_structure_is_there_once() -> None:
    for product in PRODUCTS:
        shapes: dict[object, set[str]] = defaultdict(set)
        for one in api(product).types:
            if isinstance(one, StructType) and len(one.fields) > 2:
                shape = frozenset((field.wire, field.name, field.type, field.required) for field in one.fields)
                shapes[shape, one.tag and one.tag.property].add(one.name)
        for names in shapes.values():
            assert len(names) == 1 or any(names <= alike for alike, _ in ALIKE), f"{product}: {names}"


def test_names_are_words() -> None:
    for where, field in fields():
        short = SHORT.keys() & set(field.name.split("_"))
        assert not short or field.name in SPELLED_SHORT, f"{where} is called {field.name}; write {[SHORT[one] for one in short]}"


def test_single_letters_are_never_names() -> None:
    for where, field in fields():
        assert len(field.name) > 2, f"{where} is called {field.name}"


def test_common_keys_of_events_have_the_same_name_everywhere() -> None:
    """What every event has, and what trades, orders and books have, whatever their event is called."""
    for where, field in fields():
        product, owner, wire = where.split(".", 2)
        named = next(one for one in api(product).types if one.name == owner)
        if not isinstance(named, StructType) or named.module != "events":
            continue
        if wire == "E":
            assert field.name == "event_time", where
        if wire == "e":
            assert field.name == "event_type", where
        if wire == "s" and not field.name.startswith("ignored"):
            assert field.name == "symbol", where
        if wire == "m" and "Trade" in owner and owner.endswith(("Trade", "TradeLite")) and product == "spot":
            assert field.name == "is_buyer_maker", where


@pytest.mark.parametrize("product", PRODUCTS)
def test_no_name_is_a_number(product: str) -> None:
    """Never `Params12`, `Result3` or `_1`: such names move when something is added."""
    for module in ("models", "events", "enums", "requests", "streams"):
        found = vars(import_module(f"binance_wire.{product}.{module}"))
        for name, one in found.items():
            if isinstance(one, type) and one.__module__.startswith("binance_wire"):
                assert not re.search(r"(?<!V)\d$", name), f"{module}.{name}"
                assert not any(re.search(r"_\d$", field) for field in names_in(one) - NUMBERED), f"{module}.{name}"


NUMBERED = {"SECOND_1", "MINUTE_1", "MINUTE_3", "MINUTE_5", "HOUR_1", "HOUR_2", "HOUR_4", "HOUR_6", "HOUR_8", "DAY_1"}


def names_in(one: Any) -> set[str]:
    return {field.name for field in msgspec.structs.fields(one)} if issubclass(one, msgspec.Struct) else set()


@pytest.mark.parametrize("product", PRODUCTS)
def test_everything_is_described(product: str) -> None:
    """Every field, every argument and every enumeration says what it is, in a sentence."""
    for named in api(product).types:
        assert named.doc, named.name
        if isinstance(named, StructType):
            for field in named.fields:
                assert len(field.doc) > 3, f"{named.name}.{field.name}"
    for method in api(product).methods:
        assert method.doc, method.wire
        for parameter in method.parameters:
            assert len(parameter.doc) > 3, f"{method.wire} {parameter.wire}"
    for stream in api(product).streams:
        assert stream.doc, stream.name
        for parameter in stream.parameters:
            assert parameter.doc or parameter.name == "update_speed", f"{stream.name} {parameter.name}"


@pytest.mark.parametrize("product", PRODUCTS)
def test_times_and_amounts_say_their_unit(product: str) -> None:
    """An amount says of what it is, and a rate what it is a share of; units of times are added when code is made."""
    silent = [
        f"{named.name}.{field.name}: {field.doc}"
        for named in api(product).types
        if isinstance(named, StructType)
        for field in named.fields
        if field.name.endswith(("quantity", "volume")) and not field.name.startswith("ignored")
        if not re.search(r"asset|contract|unit|quote|base", field.doc)
    ]
    assert not silent, "\n".join(silent)
