"""The words of generated code: models, open enumerations, sides of a book, open unions, requests and streams."""

from __future__ import annotations

import copy
import json
import pickle
from decimal import Decimal
from typing import ClassVar

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mini_wire.mini import catalog, events, models, requests, streams
from mini_wire.mini.enums import KlineInterval, OrderStatus, Side

from wirewright_runtime import (
    DecodeError,
    Event,
    EventList,
    Levels,
    Model,
    OpenIntEnum,
    OptionalLevels,
    Stream,
    StreamSpec,
    UnknownEvent,
    UnknownVariant,
    field,
    one_of,
)
from wirewright_runtime.decode import decoding
from wirewright_runtime.testing import encode


class Colour(OpenIntEnum):
    RED = 1
    GREEN = 2


def test_an_open_enumeration_keeps_what_it_does_not_know() -> None:
    decoded = msgspec.json.decode(b'["FILLED","PARTLY"]', type=list[OrderStatus])
    assert decoded[0] is OrderStatus.FILLED
    assert decoded[0].is_known
    assert not decoded[1].is_known
    assert decoded[1] == "PARTLY" == f"{decoded[1]}"
    assert isinstance(decoded[1], OrderStatus)
    assert pickle.loads(pickle.dumps(decoded)) == decoded
    assert copy.deepcopy(decoded[1]) == "PARTLY"
    assert len({decoded[1], OrderStatus("PARTLY")}) == 1
    assert list(OrderStatus) == ["NEW", "FILLED", "CANCELED"]
    with pytest.raises(ValueError, match="5 is not a valid"):
        OrderStatus(5)


def test_a_member_is_equal_to_its_value_and_hashes_like_it() -> None:
    assert {KlineInterval.MINUTE_1: 1}["1m"] == 1
    assert KlineInterval("1M") is KlineInterval.MONTH_1
    assert f"{KlineInterval.MINUTE_1}" == "1m"


def test_an_open_enumeration_of_numbers() -> None:
    known, unknown = msgspec.json.decode(b"[2,7]", type=list[Colour])
    assert known is Colour.GREEN
    assert known.is_known
    assert unknown == 7
    assert not unknown.is_known
    assert isinstance(unknown, Colour)


BOOK = b'{"lastUpdateId":1,"bids":[["4.00000000","431.00000000"],["3","1"]],"asks":[]}'


def test_sides_are_decoded_when_they_are_read() -> None:
    book = decoding(models.OrderBook)(BOOK)
    assert "not decoded" in repr(book.bids)
    assert str(book.bids[0].price) == "4.00000000"
    assert [level.quantity for level in book.bids] == [Decimal(431), Decimal(1)]
    assert len(book.bids) == 2
    assert list(book.asks) == []
    assert not book.asks
    assert book.bids[:1] == (book.bids[0],)
    assert book.bids[-1] in book.bids
    assert isinstance(book.bids, Levels)
    assert encode(book) == BOOK


def test_sides_are_values() -> None:
    first, second = decoding(models.OrderBook)(BOOK), decoding(models.OrderBook)(BOOK)
    assert first == second
    assert hash(first) == hash(second)
    assert pickle.loads(pickle.dumps(first)) == first
    made = models.OrderBook(last_update_id=1, bids=Levels.of(first.bids), asks=Levels.of([]))
    assert made == first
    assert json.loads(encode(made)) == json.loads(BOOK)
    with pytest.raises(TypeError):
        first.bids[0] = first.bids[1]  # type: ignore[index]


def test_a_malformed_side_is_told_where_it_is_read() -> None:
    book = decoding(models.OrderBook)(b'{"lastUpdateId":1,"bids":[["x","1"]],"asks":{"a":1}}')
    with pytest.raises(DecodeError, match="levels do not decode") as caught:
        book.bids[0]
    assert caught.value.raw == b'[["x","1"]]'
    with pytest.raises(DecodeError):
        len(book.asks)


class HalfBook(Model, frozen=True, kw_only=True):
    bids: OptionalLevels[models.PriceLevel] = None


@pytest.mark.parametrize(("raw", "count"), [(b"{}", None), (b'{"bids":null}', None), (b'{"bids":[["1","2"]]}', 1)])
def test_a_side_may_be_absent(raw: bytes, count: int | None) -> None:
    bids = decoding(HalfBook)(raw).bids
    assert (None if bids is None else len(bids)) == count


def test_an_open_union_keeps_what_it_does_not_know() -> None:
    raw = (
        b'{"symbol":"B","filters":[{"filterType":"LOT_SIZE","stepSize":"0.10"},'
        b'{"filterType":"NEW","a":[1.50]},{"x":1},{"filterType":"PRICE_FILTER","minPrice":0.10,"maxPrice":"1","y":2}]}'
    )
    lot, new, without, price = decoding(models.SymbolRules)(raw).filters
    assert lot == models.LotSize(step_size=Decimal("0.1"))
    assert isinstance(new, models.UnknownFilter)
    assert new == models.UnknownFilter("NEW", b'{"filterType":"NEW","a":[1.50]}')
    assert without.type is None
    assert str(price.min_price) == "0.10"


class Opened(Model, frozen=True, kw_only=True):
    book: models.OrderBook


class Refused(Model, frozen=True, kw_only=True):
    code: int


Either = one_of("Either", {("book",): Opened, ("code",): Refused})


class Holder(Model, frozen=True, kw_only=True):
    one: Either  # type: ignore[valid-type]
    maybe: Either | None = None  # type: ignore[valid-type]
    named: dict[str, Either] = field(default_factory=dict)  # type: ignore[valid-type]


def test_a_union_told_apart_by_keys_anywhere_in_a_structure() -> None:
    raw = b'{"one":{"book":%s},"maybe":null,"named":{"a":{"code":5},"b":{"zzz":1},"c":[1]}}' % BOOK
    holder = decoding(Holder)(raw)
    assert str(holder.one.book.bids[0].price) == "4.00000000"
    assert holder.maybe is None
    assert holder.named["a"] == Refused(code=5)
    assert holder.named["b"] == UnknownVariant(None, b'{"zzz":1}')
    assert holder.named["c"] == UnknownVariant(None, b"[1]")
    top = decoding(Either, "/result")(b'{"result":{"code":7}}')
    assert top == Refused(code=7)
    assert decoding(Either)(b'{"w":  1.50}') == UnknownVariant(None, b'{"w":  1.50}')


def test_a_union_by_a_nested_tag_with_a_branch_for_the_rest() -> None:
    union = one_of("Nested", {"a": Refused}, tag="/kind/name")
    assert decoding(union)(b'{"kind":{"name":"a"},"code":1}') == Refused(code=1)
    assert decoding(union)(b'{"kind":"a"}') == UnknownVariant(None, b'{"kind":"a"}')
    rest = one_of("Rest", {("zzz",): HalfBook, (): Refused})
    assert decoding(rest)(b'{"code":1}') == Refused(code=1)


def test_a_branch_that_does_not_decode_is_an_error_and_not_unknown() -> None:
    with pytest.raises(DecodeError) as caught:
        decoding(models.SymbolRules)(b'{"symbol":"B","filters":[{"filterType":"LOT_SIZE","stepSize":{}}]}')
    assert "stepSize" in str(caught.value)


def test_results_and_events_are_read_from_the_generic_base() -> None:
    assert requests.AvgPrice.result is models.AveragePrice
    assert requests.OrderPlaceAck.result is models.OrderAck
    assert requests.TickerPriceMany.result == list[models.PriceTicker]
    assert streams.AllMiniTickerStream.event is events.AllMiniTicker
    assert catalog.METHODS["order.place"].result is models.PlacedOrder
    assert catalog.STREAMS["<symbol>@depth@100ms"] is streams.DiffBookDepthStream
    assert len(catalog.EVENTS) == 9


def test_streams_are_values_and_join() -> None:
    trades, depth = streams.AggTradeStream(symbol="BTCUSDT"), streams.DiffBookDepthStream(symbol="B")
    assert trades == streams.AggTradeStream(symbol="BTCUSDT")
    assert len({trades, streams.AggTradeStream(symbol="BTCUSDT")}) == 1
    both = trades | depth | streams.DiffBookDepthStream(symbol="B", update_speed="100ms")
    assert [stream.name for stream in both] == ["btcusdt@aggTrade", "b@depth", "b@depth@100ms"]
    assert [stream.every() for stream in both] == [None, 1.0, 0.1]
    assert [len(trades | both), len(both | trades), len(both | both)] == [4, 4, 6]
    assert "AggTradeStream(symbol='BTCUSDT') | " in repr(both)
    with pytest.raises(AttributeError):
        trades.symbol = "x"  # type: ignore[misc]


def test_every_decoder_of_the_sample_can_be_built() -> None:
    for event in catalog.EVENTS.values():
        decoding(event)
    for request in catalog.METHODS.values():
        decoding(request.result, "/result")
    for stream in catalog.STREAMS.values():
        decoding(stream.event, "/data")


def test_nothing_secret_in_the_text_of_an_unknown_event() -> None:
    assert "listen" not in repr(UnknownEvent("expired", b'{"listenKey":"abc"}'))


class Odd(Event, frozen=True, kw_only=True):
    source: ClassVar[str] = "here"
    amount: Decimal
    when: int
    side: Side
    missing: str | None = None
    nested: list[models.PriceLevel] = field(name="n")


@given(st.decimals(allow_nan=False, allow_infinity=False), st.integers(-(2**63), 2**63 - 1))
def test_what_is_decoded_exactly_is_encoded_exactly(amount: Decimal, when: int) -> None:
    raw = b'{"amount":"%s","when":%d,"side":"NEW_SIDE","n":[["1.10","0.00"]]}' % (format(amount, "f").encode(), when)
    assert encode(decoding(Odd)(raw)) == raw


class Trades(EventList[Odd]):
    pass


class TradesStream(Stream[Trades], frozen=True, kw_only=True):
    spec: ClassVar[StreamSpec] = StreamSpec("trades", socket="x")


def test_a_list_of_events_encodes_as_a_list() -> None:
    raw = b'[{"amount":"1","when":2,"side":"BUY","n":[]}]'
    trades = decoding(TradesStream.event)(raw)
    assert isinstance(trades, Trades)
    assert encode(trades) == raw
