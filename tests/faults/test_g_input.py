"""Faults 83 to 89: bad input, configuration, security. Threads 16 and 17 of the list of pain."""

from __future__ import annotations

import copy
import logging
import pickle
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fault_world import HMAC, ORDER, TRADES, report, run, spot, usdm, virtually
from hypothesis import given
from hypothesis import strategies as st

from binance_wire.coinm import streams as coinm_streams
from binance_wire.spot import SpotClient, requests
from binance_wire.spot.streams import AggTradeStream, KlineStream
from binance_wire.usdm import requests as usdm_requests
from wirewright_runtime import (
    ApiError,
    Auth,
    AuthError,
    Buffer,
    ConnectFailed,
    DecodeError,
    DropOldest,
    Ed25519Key,
    Fail,
    HmacKey,
    ProxyError,
    RateLimited,
    RsaKey,
    Server,
    Token,
    UserPassword,
    WireError,
)
from wirewright_runtime.codec import Parameters, amount_text
from wirewright_runtime.signing import QueryText, SocketText
from wirewright_runtime.testing import VirtualClock

NOTHING: dict[str, Any] = {}
PATTERN = re.compile(r"([0-9]{1,20})(\.[0-9]{1,20})?")


def refused_before_a_byte(
    arguments: dict[str, Any], error: type[Exception], says: str, call: str = "order_place"
) -> None:
    """A call with these arguments is refused without touching the network."""

    async def main(clock: VirtualClock) -> None:
        async with spot(clock, memory=True) as (exchange, client):
            with pytest.raises(error, match=says):
                await getattr(client.api, call)(**arguments)
            assert exchange.counters.connections == 0

    virtually(main)


# 83: names and texts


def test_f83_streams_are_spelled_as_the_spec_says_and_unicode_passes() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client):
            for symbol in ("BTCUSDT", "bTcUsDt", "币安人生USDT", "１２３"):
                async with client.stream(AggTradeStream(symbol=symbol) | KlineStream(symbol=symbol, interval="1M")):
                    wanted = {f"{symbol.lower()}@aggTrade", f"{symbol.lower()}@kline_1M"}
                    assert wanted <= set(exchange.of("streams")[0].streams)

    virtually(main)


@pytest.mark.parametrize("symbol", ["", " ", "BTC USDT", "btc\nusdt", "\x00", "B" * 10_000, "a@b@@"])
def test_f83_nonsense_is_refused_before_it_is_sent(symbol: str) -> None:
    refused_before_a_byte(
        {"symbol": symbol}, ValueError, "avgPrice: symbol", "avg_price"
    ) if "@" not in symbol else None

    async def main(clock: VirtualClock) -> None:
        async with spot(clock, memory=True) as (exchange, client):
            with pytest.raises(ValueError, match="AggTradeStream"):
                async with client.stream(AggTradeStream(symbol=symbol)):
                    pass
            assert exchange.counters.connections == 0
            assert client.stats().streams == ()

    virtually(main)


# 84, 85: amounts


class _Float64(float):
    """As numpy's: a float by another name."""


class _Int64:
    """As numpy's: no int."""

    def __index__(self) -> int:
        return 1


@pytest.mark.parametrize(
    ("value", "error", "says"),
    [
        (0.1, TypeError, r"Decimal, int or str, not float: write Decimal\('0.1'\) or '0.1'"),
        (_Float64(0.1), TypeError, "Decimal, int or str, not _Float64"),
        (_Int64(), TypeError, "Decimal, int or str, not _Int64"),
        (True, TypeError, "not bool"),
        (Decimal("NaN"), ValueError, "finite"),
        (Decimal("Infinity"), ValueError, "finite"),
        (Decimal("-0"), ValueError, "a number such as '0.001', not '-0'"),
        (-1, ValueError, "'-1'"),
        ("nan", ValueError, "'nan'"),
        ("1e-8", ValueError, "'1e-8'"),
        ("", ValueError, "''"),
        ("１", ValueError, "a number such as"),
        (Decimal("1E+9999999"), ValueError, "reasonable length"),
        (Decimal("1E-30"), ValueError, "a number such as"),
        (10**30, ValueError, "a number such as"),
        (b"1", TypeError, "not bytes"),
        ([1], TypeError, "not list"),
    ],
)
def test_f84_what_is_no_exact_amount_is_refused_with_method_and_parameter(
    value: Any, error: type[Exception], says: str
) -> None:
    refused_before_a_byte(ORDER | {"quantity": value}, error, f"order.place: quantity must be .*{says}")


def test_f84_numbers_of_numpy_are_refused_too() -> None:
    numpy = pytest.importorskip("numpy")
    for value in (numpy.float64(0.1), numpy.int64(1), numpy.float32(1)):
        refused_before_a_byte(ORDER | {"quantity": value}, TypeError, "Decimal, int or str, not ")


@given(st.one_of(st.decimals(allow_nan=True, allow_infinity=True), st.integers(), st.text(max_size=50), st.floats()))
def test_u16_an_amount_is_sent_in_the_exchanges_form_or_refused(value: Any) -> None:
    try:
        text = amount_text(value, PATTERN)
    except (TypeError, ValueError):
        return
    assert PATTERN.fullmatch(text)
    assert not isinstance(value, (float, bool))
    assert Decimal(text) == Decimal(value)


@given(st.integers(0, 10**20 - 1), st.integers(0, 20), st.integers(0, 10**20 - 1))
def test_u17_twenty_and_twenty_digits_arrive_exactly(whole: int, places: int, fraction: int) -> None:
    text = f"{whole}.{str(fraction).zfill(20)[:places]}" if places else str(whole)
    assert amount_text(Decimal(text), PATTERN) == amount_text(text, PATTERN) == text


@pytest.mark.parametrize(
    ("value", "sent"),
    [("1E-8", "0.00000001"), ("1E+3", "1000"), ("0.10", "0.10"), ("1.000", "1.000"), ("167795936", "167795936")],
)
def test_f85_decimal_is_written_without_exponent_and_with_its_zeros(value: str, sent: str) -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client):
            await client.api.order_place(**(ORDER | {"quantity": Decimal(value)}))
            assert exchange.of("api")[0].texts[-1]["params"]["quantity"] == sent

    virtually(main)


# 86, 87: arguments


def test_f86_unknown_arguments_are_type_errors_and_extra_is_signed_too() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client):
            for attempt in (
                lambda: client.api.avg_price(symbol="B", colour="red"),  # type: ignore[call-arg]
                lambda: client.api.order_place(**ORDER, colour="red"),
                lambda: requests.AvgPrice(symbol="B", colour="red"),  # type: ignore[call-arg]
                lambda: AggTradeStream(symbol="B", colour="red"),  # type: ignore[call-arg]
                lambda: SpotClient(colour="red"),  # type: ignore[call-arg]
            ):
                with pytest.raises(TypeError, match="colour"):
                    await _awaited(attempt())
            assert exchange.counters.connections == 0
            await client.api.order_place(**ORDER, extra={"colour": "red", "depth": Decimal("1.0"), "none": None})
            params = exchange.of("api")[0].texts[-1]["params"]
            assert (params["colour"], params["depth"], "none" in params) == ("red", "1.0", False)
            unsigned = {name: value for name, value in params.items() if name != "signature"}
            assert HMAC.sign_socket(SocketText(unsigned)) == params["signature"]
            for stolen in ("signature", "apiKey", "timestamp"):
                with pytest.raises(ValueError, match=f"{stolen} in extra= belongs to the client"):
                    await client.api.order_place(**ORDER, extra={stolen: "1"})

    virtually(main)


async def _awaited(value: Any) -> Any:
    return await value if hasattr(value, "__await__") else value


def test_f87_none_is_left_out_of_message_and_signature_and_an_empty_list_is_not() -> None:
    written = Parameters(requests.ExchangeInfo, SpotClient.product)
    assert written.prepare(requests.ExchangeInfo()) == {}
    assert written.prepare(requests.ExchangeInfo(symbols=[])) == {"symbols": []}
    assert SocketText({"symbols": []}).text == "symbols=[]"

    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client):
            await client.api.order_place(**ORDER, strategy_id=None)
            params = exchange.of("api")[0].texts[-1]["params"]
            assert "strategyId" not in params
            assert None not in params.values()

    virtually(main)


@pytest.mark.parametrize(("server", "error"), [(None, TypeError), ("", ValueError), (b"testnet", TypeError)])
def test_f86_a_server_that_is_not_given_is_not_taken_for_the_real_one(server: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="testnet"):
        SpotClient(server=server)


def test_f86_what_is_of_another_product_is_never_sent() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client):
            order = usdm_requests.OrderPlace(symbol="BTCUSDT", side="BUY", type="MARKET", quantity=1)
            with pytest.raises(
                TypeError, match="OrderPlace is of binance_wire.usdm, and SpotClient of binance_wire.spot"
            ):
                await client.call(order)
            with pytest.raises(TypeError, match="takes a request such as"):
                await client.call("ping")  # type: ignore[arg-type]
            with pytest.raises(TypeError, match="AggTradeStream is of binance_wire.coinm"):
                client.stream(coinm_streams.AggTradeStream(symbol="btcusd_perp"))
            assert not exchange.counters.requests["order.place"]

            class Mine(requests.AvgPrice, frozen=True, kw_only=True):
                """What users derive from their client's own requests goes on."""

            assert (await client.call(Mine(symbol="BTCUSDT"))).result.price

    virtually(main)


@pytest.mark.parametrize("symbol", [None, 5, b"btcusdt"])
def test_f83_a_stream_of_what_is_no_text_is_refused(symbol: Any) -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock) as (exchange, client):
            with pytest.raises(TypeError, match="a part of its name is"):
                async with client.stream(AggTradeStream(symbol=symbol)):
                    pass
            assert not exchange.counters.dials

    virtually(main)


def test_f89_password_in_the_address_of_a_server_is_not_shown() -> None:
    address = "ws://user:its-password@127.0.0.1:9443"
    for server in (Server.at(address), Server(api=address, others={"x": address})):
        for shown in (repr(server), str(server), repr(SpotClient(server=server)), repr(list(server.__rich_repr__()))):
            assert "its-password" not in shown
    assert "ws://127.0.0.1:9443" in repr(Server.at(address))
    assert "password" not in repr(Server.at("ws://127.0.0.1:9443"))


@pytest.mark.parametrize("missing", ["symbol", "side", "type"])
def test_f87_none_for_what_is_mandatory_is_refused(missing: str) -> None:
    refused_before_a_byte(ORDER | {missing: None}, TypeError, f"order.place: .*{missing}")
    if missing == "symbol":
        refused_before_a_byte({missing: None}, TypeError, "avgPrice: symbol must be given, not None", "avg_price")


@pytest.mark.parametrize("timeout", [-1, float("nan"), float("inf"), "5", True])
def test_f86_times_that_are_none_are_refused(timeout: Any) -> None:
    refused_before_a_byte(ORDER | {"timeout": timeout}, ValueError, "order.place: timeout must be a number of seconds")


@pytest.mark.parametrize(
    ("make", "error", "says"),
    [
        (lambda: SpotClient(key="my-api-key-as-text"), TypeError, "key must be one of HmacKey, RsaKey"),  # type: ignore
        (lambda: SpotClient(server="nowhere"), ValueError, "no server 'nowhere'; there are production"),  # type: ignore
        (lambda: SpotClient(request_timeout=-1), ValueError, "request_timeout must be a number of seconds"),
        (lambda: SpotClient(request_timeout=float("nan")), ValueError, "request_timeout"),
        (lambda: SpotClient(connect_timeout="10"), ValueError, "connect_timeout"),  # type: ignore[arg-type]
        (lambda: SpotClient(max_in_flight=0), ValueError, "max_in_flight must be a whole number"),
        (lambda: SpotClient(retry_reads=True), ValueError, "retry_reads"),
        (lambda: SpotClient(soft_limit=90), ValueError, "soft_limit must be a share such as 0.9"),
        (lambda: SpotClient(when_limited="later"), ValueError, "'raise' or 'wait'"),  # type: ignore[arg-type]
        (lambda: Buffer(0), ValueError, "above 0"),
        (lambda: DropOldest(-5), ValueError, "above 0"),
        (lambda: Fail(1.5), ValueError, "whole number"),  # type: ignore[arg-type]
        (lambda: HmacKey("key\r\nX-Other: 1", "secret"), ValueError, "no key has"),
        (lambda: Token("a b"), ValueError, "no key has"),
    ],
)
def test_f86_options_that_make_no_sense_are_refused_when_they_are_given(
    make: Callable[[], object], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says) as caught:
        make()
    assert "my-api-key-as-text" not in str(caught.value)


def test_f86_ways_of_reading_that_do_not_exist_are_refused() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock, memory=True) as (exchange, client):
            wrong: list[tuple[dict[str, Any], type[Exception]]] = [
                ({"gaps": "ignore"}, ValueError),
                ({"overflow": "drop_oldest"}, TypeError),
                ({"idle": -1}, ValueError),
                ({"idle": float("nan")}, ValueError),
            ]
            for options, error in wrong:
                with pytest.raises(error, match=next(iter(options))):
                    client.stream(TRADES, **options)
            with pytest.raises(TypeError, match="not their names"):
                client.stream("btcusdt@aggTrade")  # type: ignore[arg-type]
            with pytest.raises(ValueError, match="no stream"):
                client.stream([])
            assert exchange.counters.connections == 0

    virtually(main)


def test_f86_signed_method_without_a_key_is_refused_before_it_is_sent() -> None:
    async def main(clock: VirtualClock) -> None:
        async with spot(clock, key=None) as (exchange, client):
            with pytest.raises(
                AuthError, match=r"order.place: needs an API key for its parameter 'apiKey'.*key="
            ) as told:
                await client.api.order_place(**ORDER)
            assert told.value.outcome == "not_sent"
            with pytest.raises(AuthError, match="user data needs an API key"):
                async with client.user_data():
                    pass
            assert exchange.counters.requests["order.place"] == 0

    virtually(main)


# 88: where


def test_f88_auth_error_names_server_and_host_and_the_client_its_environment() -> None:
    async def main(clock: VirtualClock) -> None:
        wrong = HmacKey("api-key-of-mainnet", "secret-of-mainnet")
        async with spot(clock) as (exchange, _):
            async with SpotClient(key=wrong, server=exchange.server, clock=clock) as client:
                with pytest.raises(AuthError, match=r"\[custom server: ws://127.0.0.1:\d+\]"):
                    await client.api.order_place(**ORDER)
            secretly = Server.at(exchange.address.replace("//", "//user:password-of-the-host@"))
            async with SpotClient(key=wrong, server=secretly, clock=clock) as client:
                with pytest.raises(WireError) as caught:
                    await client.api.order_place(**ORDER)
                assert "password-of-the-host" not in str(caught.value)

    virtually(main)
    assert "testnet, hmac key" in repr(SpotClient(key=HMAC, server="testnet"))
    assert "production, no key" in repr(SpotClient())
    assert "api-key" not in repr(SpotClient(key=HMAC))


# 89: secrets

ED25519 = Ed25519Key("api-key-of-alice", Ed25519PrivateKey.generate().private_bytes_raw())


@pytest.mark.parametrize("key", [HMAC, ED25519, Token("token-of-alice"), UserPassword("alice", "password-of-alice")])
def test_f89_a_key_is_neither_shown_nor_pickled_nor_copied(key: Any) -> None:
    for text in (
        repr(key),
        str(key),
        f"{key}",
        f"{key!r:>10}",
        repr([key]),
        repr({"key": key}),
        repr(vars(key).keys()),
    ):
        assert "secret-of-alice" not in text
        assert "of-alice" not in text
    for take in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="holds a secret"):
            take(key)
    with pytest.raises(TypeError):
        pickle.dumps(SpotClient(key=HMAC))


def test_f89_nothing_that_a_client_says_holds_a_secret(caplog: pytest.LogCaptureFixture) -> None:
    said: list[str] = []

    async def main() -> None:
        async with spot(key=ED25519) as (exchange, client), client.user_data() as events:
            exchange.on("order.place").refuse(-1022, "Signature for this request is not valid.", status=401)
            exchange.on("order.status").say(b'{"id":"x","status":200,"result":')
            for work in (client.api.order_place(**ORDER), client.api.order_status(symbol="B", order_id=1, timeout=0.2)):
                with pytest.raises(WireError) as caught:
                    await work
                said.append(_everything(caught.value))
            exchange.push_user(report(1))
            said.append(repr(await anext(events)))
            exchange.drop_connections()
            said.append(repr(await anext(events)))
            said.extend((repr(client.stats()), repr(client), repr(client.rate_limits), repr(client._settings)))
            session = client._alive().session
            said.extend(repr(slot._target(slot.query)) for slot in session.slots)
            sent = [text["params"] for text in exchange.of("api")[0].texts if "signature" in text.get("params", {})]
            assert sent
            said.append("")
            assert not any(params["signature"] in one for params in sent for one in [*said, caplog.text])

    with caplog.at_level(logging.DEBUG):
        run(main)
    said.append(caplog.text)
    for one in said:
        assert "of-alice" not in one
        assert "signature=" not in one


def _everything(error: BaseException | None) -> str:
    """What an error and all that caused it show."""
    told = ""
    while error is not None:
        told += (
            f"{error!r} {error} {pickle.loads(pickle.dumps(error))!r}\n"
            if isinstance(error, WireError)
            else repr(error)
        )
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return told


def test_f89_listen_keys_are_in_no_address_result_or_event_that_is_shown(caplog: pytest.LogCaptureFixture) -> None:
    said: list[str] = []

    async def main(clock: VirtualClock) -> None:
        async with usdm(clock) as (exchange, client):
            async with client.user_data() as events:
                key = exchange.of("private")[0].address.rpartition("/")[2]
                assert key == "listen-key-1"
                exchange.refuse_connections(seconds=20)
                exchange.drop_connections("private")
                await clock.advance(seconds=60)
                exchange.expire_listen_keys(E=1, listenKey=key)
                await clock.advance(seconds=5)
                said.extend([repr(await anext(events)) for _ in range(3)])
                said.append(repr(client.stats()))
            said.append(repr(await client.api.user_data_stream_start()))

    with caplog.at_level(logging.DEBUG):
        virtually(main)
    said.append(caplog.text)
    assert "<not shown>" in "".join(said)
    assert [one for one in said if "listen-key-" in one] == []


@pytest.mark.parametrize("proxy", ["http://alice:password-of-alice@127.0.0.1:9", "ftp://alice:password-of-alice@host"])
def test_f89_password_of_a_proxy_is_in_no_error_and_no_cause_of_it(proxy: str) -> None:
    async def main() -> None:
        async with SpotClient(server=Server.at("ws://127.0.0.1:9"), proxy=proxy) as client:
            with pytest.raises(ProxyError) as caught:
                await client.connect()
            assert "of-alice" not in _everything(caught.value)

    run(main)


def test_f89_an_address_that_is_wrong_is_told_without_what_stands_in_it() -> None:
    async def main() -> None:
        async with SpotClient(server=Server.at("http://alice:password-of-alice@127.0.0.1:9")) as client:
            with pytest.raises(ConnectFailed, match="not valid") as caught:
                await client.connect()
            assert "of-alice" not in _everything(caught.value)

    run(main)


def test_f89_errors_travel_between_processes_with_all_that_they_say() -> None:
    limited = RateLimited("slow down", code=-1003, method="order.place", outcome="not_sent")
    limited.until = 5
    errors: list[WireError] = [
        limited,
        ApiError("no", code=1, data={"a": 1}),
        DecodeError("odd", path="$.a", raw=b"{}"),
    ]
    for error in errors:
        again = pickle.loads(pickle.dumps(error))
        assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))
        assert again.outcome == error.outcome


def test_u15_the_two_forms_that_are_signed_are_not_mixed_up() -> None:
    assert Auth.SIGNED.value == "signed"
    assert SocketText({"b": "ü", "a": "1"}).text == "a=1&b=ü"
    assert QueryText({"b": "ü", "a": "1"}).text == "b=%C3%BC&a=1"
    assert not isinstance(QueryText({}), SocketText)
    assert RsaKey.kind == "rsa"
