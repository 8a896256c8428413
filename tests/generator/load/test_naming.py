"""Names by rule: what is fixed by hand, and what must hold for any text."""

from __future__ import annotations

from keyword import iskeyword

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wirewright.model.naming import REQUEST_ATTRIBUTES, TYPE_NAMES, Names, cap, snake, upper
from wirewright.model.types import Origin


@pytest.mark.parametrize(
    ("wire", "name"),
    [
        ("order.place", "order_place"),
        ("avgPrice", "avg_price"),
        ("ticker.24hr", "ticker_24hr"),
        ("v2/account.balance", "v2_account_balance"),
        ("uiKlines", "ui_klines"),
        ("newOrderRespType", "new_order_resp_type"),
        ("OTOCOOrder", "otoco_order"),
        ("sor.order.test", "sor_order_test"),
        ("gOT", "g_ot"),
        ("window-size", "window_size"),
        ("import", "import_"),
        ("__init__", "init"),
        ("24hr", "value_24hr"),
        ("", "value"),
        ("😀", "value"),
        ("größe", "größe"),
        ("..", "value"),
    ],
)
def test_snake(wire: str, name: str) -> None:
    assert snake(wire) == name


@pytest.mark.parametrize(
    ("wire", "name"),
    [
        ("order.place", "OrderPlace"),
        ("avgPrice", "AvgPrice"),
        ("aggTrade", "AggTrade"),
        ("24hrTicker", "Value24hrTicker"),
    ],
)
def test_cap(wire: str, name: str) -> None:
    assert cap(wire) == name


@pytest.mark.parametrize(
    ("wire", "name"),
    [
        ("PRICE_FILTER", "PRICE_FILTER"),
        ("1m", "VALUE_1M"),
        ("newOrder", "NEW_ORDER"),
        ("GTC", "GTC"),
        ("-1", "VALUE_1"),
    ],
)
def test_upper(wire: str, name: str) -> None:
    assert upper(wire) == name


def test_names_that_generated_code_uses_get_an_underscore() -> None:
    assert snake("timeout", REQUEST_ATTRIBUTES) == "timeout_"
    assert cap("event") == "Event_"
    assert cap("event", ()) == "Event"


def test_the_second_owner_of_a_name_is_told_of_the_first() -> None:
    names = Names()
    first, second = Origin("f", 1), Origin("f", 2)
    assert names.claim("a", first) == ("a", None)
    assert names.claim("a", second) == ("a_2", first)
    assert names.claim("a", second, "b") == ("b", first)
    assert names.owner("a") == first


@given(st.text(max_size=40))
def test_any_text_becomes_an_identifier_and_always_the_same(wire: str) -> None:
    for spell in (snake, cap, upper):
        name = spell(wire)
        assert name.isidentifier(), (spell, wire, name)
        assert not iskeyword(name)
        assert name == spell(wire)
    assert cap(wire) not in TYPE_NAMES


@given(st.lists(st.text(max_size=6), max_size=30))
def test_names_of_one_space_are_unique(wires: list[str]) -> None:
    names = Names()
    claimed = [names.claim(snake(wire), Origin("f"))[0] for wire in wires]
    assert len(set(claimed)) == len(claimed)
    assert all(name.isidentifier() for name in claimed)
