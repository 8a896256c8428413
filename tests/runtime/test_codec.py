"""What is sent: exact amounts, checked values, and messages that say method and parameter."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mini_wire.mini import requests
from mini_wire.mini.enums import OrderType, Side
from mini_world import PRODUCT

from wirewright_runtime import Amount, Bounds, Model, Product, Request, RequestSpec, Rule, Server, field
from wirewright_runtime.codec import Parameters, amount_text, message_frame
from wirewright_runtime.request import weight_of

WIRE = re.compile(PRODUCT.amount_pattern)
PLACE = Parameters(requests.OrderPlace, PRODUCT)
PLAIN = Product(name="x", title="X", servers={"a": Server()}, sockets=())
GOOD: dict[str, Any] = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "time_in_force": "GTC",
    "price": "1.0",
    "quantity": 1,
}


def prepare(**changes: Any) -> dict[str, Any]:
    return PLACE.prepare(requests.OrderPlace(**(GOOD | changes)))


amounts = (
    st.decimals(allow_nan=False, allow_infinity=False)
    | st.integers()
    | st.sampled_from(
        [
            Decimal("1E-8"),
            Decimal("1E+3"),
            Decimal("-0"),
            Decimal("0.000"),
            Decimal("12345678901234567890.12345678901234567890"),
        ]
    )
)


@given(amounts)
def test_an_amount_is_sent_exactly_or_refused(value: Decimal | int) -> None:
    try:
        text = prepare(quantity=value)["quantity"]
    except ValueError as error:
        assert str(error).startswith("order.place: quantity must be")
        assert WIRE.fullmatch(format(Decimal(value), "f")) is None
    else:
        assert WIRE.fullmatch(text)
        assert Decimal(text) == value
        assert "E" not in text


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_places_are_kept(value: Decimal) -> None:
    text = amount_text(value)
    assert Decimal(text) == value
    if value.as_tuple().exponent <= 0:  # type: ignore[operator]
        assert Decimal(text).as_tuple().exponent == value.as_tuple().exponent


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        ({"price": 1.0}, TypeError, r"price must be Decimal, int or str, not float: write Decimal\('0.1'\) or '0.1'"),
        ({"price": True}, TypeError, "price must be Decimal, int or str, not bool"),
        ({"price": b"1"}, TypeError, "price must be Decimal, int or str, not bytes"),
        ({"price": Decimal("NaN")}, ValueError, "price must be a finite number, not NaN"),
        ({"price": Decimal("Infinity")}, ValueError, "price must be a finite number, not Infinity"),
        ({"price": "1e5"}, ValueError, "price must be a number such as '0.001', not '1e5'"),
        ({"price": "1\n"}, ValueError, "price must be a number"),
        ({"price": "１"}, ValueError, "price must be a number"),
        ({"price": Decimal("-0")}, ValueError, "price must be a number such as '0.001', not '-0'"),
        ({"price": -1}, ValueError, "price must be a number"),
        ({"symbol": 5}, TypeError, "symbol must be str, not int"),
        ({"symbol": "\ud800"}, ValueError, "symbol"),
        ({"side": "HOLD"}, ValueError, "side must be one of BUY, SELL, not 'HOLD'"),
        ({"side": Side("SHORT")}, ValueError, "side must be one of BUY, SELL, not 'SHORT'"),
        ({"side": 1}, ValueError, "side must be one of BUY, SELL"),
        ({"side": True}, TypeError, "side must be one of BUY, SELL, not bool"),
        ({"side": OrderType.LIMIT}, ValueError, "side must be one of BUY, SELL, not 'LIMIT'"),
    ],
)
def test_what_is_wrong_is_told_with_method_and_parameter(
    changes: dict[str, Any], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=f"^order.place: {says}"):
        prepare(**changes)


def test_enumerations_and_their_texts_are_the_same() -> None:
    assert prepare(side=Side.BUY) | {"newClientOrderId": ""} == prepare(side="BUY") | {"newClientOrderId": ""}
    assert type(prepare(side=Side.BUY)["side"]) is str


def test_none_is_left_out_and_an_empty_list_is_not() -> None:
    write = Parameters(requests.TickerPriceMany, PRODUCT)
    assert write.prepare(requests.TickerPriceMany()) == {}
    assert write.prepare(requests.TickerPriceMany(symbols=[])) == {"symbols": []}
    assert write.prepare(requests.TickerPriceMany(symbols=("A", "B"))) == {"symbols": ["A", "B"]}
    with pytest.raises(TypeError, match=r"ticker\.price: symbols must be a list, not str"):
        write.prepare(requests.TickerPriceMany(symbols="AB"))


def test_the_argument_that_decides_is_always_sent() -> None:
    assert prepare()["newOrderRespType"] == "FULL"
    ack = Parameters(requests.OrderPlaceAck, PRODUCT).prepare(requests.OrderPlaceAck(**GOOD))
    assert ack["newOrderRespType"] == "ACK"


def test_a_client_order_id_is_made_up_where_there_is_none() -> None:
    assert PLACE.order_id == "newClientOrderId"
    first, second = prepare()["newClientOrderId"], prepare()["newClientOrderId"]
    assert first != second
    assert re.fullmatch(r"[\.A-Z\:/a-z0-9_-]{1,36}", first)
    assert prepare(new_client_order_id="mine")["newClientOrderId"] == "mine"


def test_an_unknown_parameter_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="Unexpected keyword argument 'qty'"):
        requests.OrderPlace(**GOOD, qty=1)


class Everything(Request[None], frozen=True, kw_only=True):
    method: ClassVar[str] = "every.thing"
    spec: ClassVar[RequestSpec] = RequestSpec(
        rules=(
            Rule("at least one of", "flag", "ratio"),
            Rule("at most one of", "one", "two"),
            Rule("only then", "nested", when="flag"),
            Rule("only with", "tags", when="amounts"),
            Rule("not then", "nested", when="level"),
        ),
        bounds=(
            Bounds("one", minimum=-2, maximum=5),
            Bounds("two", pattern="[a-z]{1,3}"),
            Bounds("ratio", minimum="0.1", maximum="10"),
            Bounds("amounts", maximum=2),
            Bounds("elsewhere", maximum=1),
        ),
    )

    flag: bool | None = None
    ratio: float | Decimal | None = None
    one: int | None = None
    two: int | str | None = None
    nested: Order | None = None
    tags: dict[str, int] | None = None
    amounts: list[Amount] | None = None
    level: Literal[1, 2] | None = None


class Order(Model, frozen=True, kw_only=True):
    price: Decimal = field(name="px")
    note: str | None = None
    next: Order | None = None


EVERY = Parameters(Everything, PRODUCT)


def every(**params: Any) -> dict[str, Any]:
    return EVERY.prepare(Everything(**params))


def test_every_kind_of_parameter() -> None:
    written = every(
        flag=True, ratio=Decimal("0.1000000"), one=3, nested=Order(price=Decimal("1E-8"), next=Order(price=2))
    )  # type: ignore[arg-type]
    assert msgspec.json.encode(written) == (
        b'{"flag":true,"ratio":0.1000000,"one":3,"nested":{"px":"0.00000001","next":{"px":"2"}}}'
    )
    assert msgspec.json.encode(every(ratio=0.1, two="x", level=2)) == b'{"ratio":0.1,"two":"x","level":2}'
    assert every(flag=False, amounts=["1", 2], tags={"a": 1}) == {
        "flag": False,
        "amounts": ["1", "2"],
        "tags": {"a": 1},
    }


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({}, "at least one of flag, ratio must be given"),
        ({"flag": True, "one": 1, "two": "b"}, "only one of one, two may be given, not one and two"),
        ({"ratio": 1, "nested": Order(price=Decimal(1))}, "nested may be sent only when flag is given"),
        ({"flag": True, "amounts": [1]}, "tags must be given when amounts is given"),
        ({"flag": True, "level": 1, "nested": Order(price=Decimal(1))}, "nested may not be sent when level is given"),
        ({"flag": 1}, "flag must be bool, not int"),
        ({"ratio": float("nan")}, "ratio must be a finite number"),
        ({"flag": True, "one": True}, "one must be int, not bool"),
        ({"flag": True, "two": 1.5}, "two must be int, not float.* or must be str, not float"),
        ({"flag": True, "nested": 5}, "nested must be Order, not int"),
        ({"flag": True, "tags": {"a": "b"}}, "tags must be int, not str"),
        ({"flag": True, "level": 3}, "level must be one of 1, 2, not '3'"),
        ({"flag": True, "one": 6}, "one must be at most 5, not 6"),
        ({"flag": True, "one": -3}, "one must be at least -2, not -3"),
        ({"flag": True, "two": "abc-"}, r"two must look like \[a-z\]\{1,3\}, not 'abc-'"),
        ({"ratio": Decimal("0.0999")}, "ratio must be at least 0.1, not 0.0999"),
        ({"ratio": 11}, "ratio must be at most 10, not 11"),
        ({"flag": True, "tags": {}, "amounts": [1, 2, 3]}, "amounts must have at most 2 items, not 3"),
    ],
)
def test_rules_and_kinds_are_checked(params: dict[str, Any], says: str) -> None:
    with pytest.raises((TypeError, ValueError), match=rf"^every\.thing: {says}"):
        every(**params)


def test_the_rules_of_an_order() -> None:
    with pytest.raises(ValueError, match="order.place: time_in_force, price must be given when type is LIMIT"):
        prepare(time_in_force=None, price=None)
    market = {"type": "MARKET", "time_in_force": None, "price": None}
    with pytest.raises(ValueError, match="one of quantity, quote_order_qty must be given when type is MARKET"):
        prepare(**market, quantity=None)
    with pytest.raises(ValueError, match="only one of quantity, quote_order_qty may be given when type is MARKET"):
        prepare(**market, quote_order_qty=1)
    assert prepare(**market, quantity=None, quote_order_qty=7)["quoteOrderQty"] == "7"


def test_a_request_that_kept_the_rules_excuses_no_other() -> None:
    assert prepare(iceberg_qty=1)["icebergQty"] == "1"
    for _ in range(2):  # the same parameters, of which one decides otherwise; refused as often as it is tried
        with pytest.raises(ValueError, match="order.place: iceberg_qty may be sent only when type is LIMIT"):
            prepare(iceberg_qty=1, type="MARKET")
        with pytest.raises(ValueError, match="price must be given"):
            prepare(iceberg_qty=1, price=None)
    assert prepare(iceberg_qty=2, type=OrderType.LIMIT)["icebergQty"] == "2"


def test_the_weight_of_a_request() -> None:
    assert [weight_of(requests.Depth(symbol="B", limit=limit)) for limit in (None, 1, 100, 101, 500, 5000)] == [
        5, 5, 5, 25, 25, 5,
    ]  # fmt: skip


def test_a_product_may_say_what_a_text_looks_like() -> None:
    strict = Product(name="x", title="X", servers={"a": Server()}, sockets=(), text_pattern=r"\S{1,20}")
    write = Parameters(requests.AvgPrice, strict)
    assert write.prepare(requests.AvgPrice(symbol="币安人生USDT")) == {"symbol": "币安人生USDT"}
    for symbol in ("A B", "x" * 10_000, " BTCUSDT"):
        with pytest.raises(ValueError, match="avgPrice: symbol has a form that is not allowed"):
            write.prepare(requests.AvgPrice(symbol=symbol))
    with pytest.raises(ValueError, match="avgPrice: symbol must not be empty"):
        write.prepare(requests.AvgPrice(symbol=""))


def test_a_text_may_be_empty_where_the_product_says_nothing_of_texts() -> None:
    product = Product(name="x", title="X", servers={"a": Server()}, sockets=())
    assert Parameters(requests.AvgPrice, product).prepare(requests.AvgPrice(symbol="")) == {"symbol": ""}


class Point(Model, frozen=True, kw_only=True, array_like=True):
    x: int
    y: int | None = None
    label: str | None = None


class Said(Model, frozen=True, kw_only=True):
    text: str
    reply_to: str | None
    error: None
    at: Point | None = None


def test_what_a_message_must_have_may_be_null_and_keeps_its_place() -> None:
    said = Said(text="", reply_to=None, error=None, at=Point(x=1, label="a"))
    expected = {"text": "", "reply_to": None, "error": None, "at": [1, None, "a"]}
    assert message_frame(said, PLAIN) == expected
    assert message_frame(None, PLAIN) is None


def test_what_a_message_must_have_is_not_left_out() -> None:
    without: Any = None
    with pytest.raises(TypeError, match="^Said: text must be str, not NoneType"):
        message_frame(Said(text=without, reply_to=None, error=None), PLAIN)


def test_what_a_request_must_have_may_be_null() -> None:
    class Ask(Request[str], frozen=True, kw_only=True):
        method: ClassVar[str] = "ask"
        cursor: str | None
        items: Sequence[int | None]
        more: str | None = None

    parameters = Parameters(Ask, PLAIN)
    assert parameters.prepare(Ask(cursor=None, items=[1, None])) == {"cursor": None, "items": [1, None]}
    assert parameters.prepare(Ask(cursor="a", items=[])) == {"cursor": "a", "items": []}
    without: Any = None
    with pytest.raises(TypeError, match="^ask: items must be given, not None"):
        parameters.prepare(Ask(cursor=None, items=without))
