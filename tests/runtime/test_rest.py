"""Calls over HTTP, through a real socket: what is sent, what answers mean, and that no secret is shown."""

from __future__ import annotations

import logging
import subprocess
import sys
from typing import ClassVar

import pytest
from rest_world import Answer, HttpServer, serving

from binance_wire.spot import SpotClient, models, requests
from binance_wire.spot.events import BalanceUpdate
from binance_wire.usdm import UsdmClient
from wirewright_runtime import (
    ApiError,
    Auth,
    AuthError,
    ConnectFailed,
    ConnectionLost,
    DecodeError,
    HmacKey,
    IpBanned,
    OutcomeUnknown,
    RateLimited,
    Request,
    RequestSpec,
    RequestTimeout,
    Server,
    WireError,
    field,
)
from wirewright_runtime.testing import FakeExchange

KEY = HmacKey("the-api-key", "the-secret")
LISTEN_KEY: Answer = (200, {}, b'{"listenKey": "a-listen-key"}')


def usdm(server: HttpServer) -> UsdmClient:
    return UsdmClient(key=KEY, server=Server(rest=server.address), request_timeout=5)


@pytest.mark.asyncio
async def test_a_call_carries_the_key_as_a_header() -> None:
    with serving(HttpServer(LISTEN_KEY)) as server:
        async with usdm(server) as client:
            assert (await client.api.user_data_stream_create()).listen_key == "a-listen-key"
        assert server.asked == [("POST", "/fapi/v1/listenKey", "", "the-api-key")]


@pytest.mark.asyncio
async def test_parameters_are_a_query_and_percent_encoded() -> None:
    with serving(HttpServer((200, {}, b'{"token": "t", "expirationTime": 1}'))) as server:
        async with SpotClient(key=KEY, server=Server(rest=server.address)) as client:
            reply = await client.call(requests.UserListenTokenCreate(is_isolated=True, symbol="币安USDT"))
            assert reply.result.token == "t" and reply.rate_limits == ()
        (asked,) = server.asked
        assert asked.query == "isIsolated=true&symbol=%E5%B8%81%E5%AE%89USDT"


class SignedOrder(Request[models.Empty], frozen=True, kw_only=True):
    """A request that changes state, as a spec might have one over HTTP."""

    method: ClassVar[str] = "SignedOrder"
    spec: ClassVar[RequestSpec] = RequestSpec(
        auth=Auth.SIGNED, http="POST /api/v3/order", changes_state=True, client_order_id="new_client_order_id"
    )
    symbol: str
    new_client_order_id: str | None = field(name="newClientOrderId", default=None)


@pytest.mark.asyncio
async def test_what_is_signed_is_the_query_as_it_is_sent() -> None:
    import hashlib
    import hmac

    with serving(HttpServer((200, {}, b"{}"))) as server:
        async with SpotClient(key=KEY, server=Server(rest=server.address)) as client:
            await client.call(SignedOrder(symbol="币安USDT"), recv_window=5000)
        text, _, signature = server.asked[0].query.rpartition("&signature=")
        assert text.startswith("symbol=%E5%B8%81") and "&recvWindow=5000" in text
        assert signature == hmac.new(b"the-secret", text.encode(), hashlib.sha256).hexdigest()


@pytest.mark.asyncio
async def test_an_error_is_of_the_class_of_its_code() -> None:
    body = b'{"code": -1125, "msg": "This listenKey does not exist."}'
    with serving(HttpServer((400, {}, body))) as server:
        async with usdm(server) as client:
            with pytest.raises(ApiError, match="listenKey does not exist") as caught:
                await client.api.user_data_stream_keepalive()
        assert (caught.value.code, caught.value.status, caught.value.outcome) == (-1125, 400, "rejected")


@pytest.mark.asyncio
@pytest.mark.parametrize(("status", "error"), [(429, RateLimited), (418, IpBanned)])
async def test_a_ban_is_heeded_by_the_next_call(status: int, error: type[RateLimited]) -> None:
    with serving(HttpServer((status, {"Retry-After": "30"}, b"<html>slow down</html>"))) as server:
        address = server.address.replace("127.0.0.1", f"127.0.0.{status - 400}")  # bans are known to the whole process
        async with UsdmClient(key=KEY, server=Server(rest=address)) as client:
            with pytest.raises(error, match="slow down") as caught:
                await client.api.user_data_stream_create()
            assert caught.value.until is not None
            with pytest.raises(error, match="not sent"):
                await client.api.user_data_stream_create()
        assert len(server.asked) == 1


@pytest.mark.asyncio
async def test_a_state_change_without_an_answer_is_unknown_and_not_repeated() -> None:
    with serving(HttpServer((503, {}, b"Unknown error"))) as server:
        async with SpotClient(key=KEY, server=Server(rest=server.address)) as client:
            with pytest.raises(OutcomeUnknown) as caught:
                await client.call(SignedOrder(symbol="BTCUSDT"))
        assert caught.value.client_order_id and caught.value.__cause__ is not None
        assert len(server.asked) == 1


@pytest.mark.asyncio
async def test_a_connection_that_ends_under_a_call() -> None:
    with serving(HttpServer((-1, {}, b""))) as server:
        async with usdm(server) as client:
            with pytest.raises(ConnectionLost) as caught:
                await client.api.user_data_stream_create()
        assert caught.value.outcome == "unknown"


@pytest.mark.asyncio
async def test_no_answer_in_time() -> None:
    with serving(HttpServer(LISTEN_KEY, delay=0.3)) as server:
        async with usdm(server) as client:
            with pytest.raises(RequestTimeout):
                await client.api.user_data_stream_create(timeout=0.05)


@pytest.mark.asyncio
async def test_nobody_listens() -> None:
    async with UsdmClient(key=KEY, server=Server(rest="http://127.0.0.1:9")) as client:
        with pytest.raises(ConnectFailed) as caught:
            await client.api.user_data_stream_create()
        assert caught.value.outcome == "not_sent"


@pytest.mark.asyncio
async def test_an_answer_of_another_form_was_accepted() -> None:
    with serving(HttpServer((200, {}, b'{"listenKey": 5}'))) as server:
        async with usdm(server) as client:
            with pytest.raises(DecodeError) as caught:
                await client.api.user_data_stream_create()
        assert caught.value.outcome == "accepted"


@pytest.mark.asyncio
async def test_a_key_is_needed_before_anything_is_sent() -> None:
    async with UsdmClient(server=Server(rest="http://127.0.0.1:9")) as client:
        with pytest.raises(AuthError, match="key=") as caught:
            await client.api.user_data_stream_create()
        assert caught.value.outcome == "not_sent"


@pytest.mark.asyncio
async def test_a_server_without_an_address_for_calls_is_named() -> None:
    async with SpotClient(key=KEY, server="market-data") as client:
        with pytest.raises(ValueError, match="no address for HTTP calls"):
            await client.api.user_listen_token_create()


@pytest.mark.asyncio
async def test_calls_that_the_exchange_removed_warn_and_name_the_date() -> None:
    with serving(HttpServer(LISTEN_KEY)) as server:
        async with SpotClient(key=KEY, server=Server(rest=server.address)) as client:
            with pytest.warns(DeprecationWarning, match="2026-02-20"):
                await client.api.user_data_stream_create()


@pytest.mark.asyncio
async def test_secrets_are_not_in_errors_or_logs(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "wirewright")
    with serving(HttpServer((-1, {}, b""))) as server:
        async with SpotClient(key=KEY, server=Server(rest=server.address)) as client:
            with pytest.raises(OutcomeUnknown) as caught:
                await client.call(SignedOrder(symbol="BTCUSDT"))
    shown = f"{caught.value!r} {caught.value.__cause__!r} {caplog.text}"
    assert "the-api-key" not in shown and "signature=" not in shown and "the-secret" not in shown


def test_without_the_extra_the_message_names_it() -> None:
    code = (
        "import sys; sys.modules['httpx'] = None\n"
        "from wirewright_runtime.rest import HttpxSender\n"
        "try: HttpxSender()\n"
        "except RuntimeError as error: print(error)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "[rest]" in said


@pytest.mark.asyncio
async def test_the_legacy_listen_key_flow_from_key_to_event() -> None:
    update = {"e": "balanceUpdate", "E": 1, "a": "BTC", "d": "1.00", "T": 1}
    with serving(HttpServer(LISTEN_KEY)) as server:
        async with FakeExchange(SpotClient.product, keys=[KEY]) as exchange:
            exchange.listen_keys["a-listen-key"] = exchange.clock.monotonic() + 3600
            where = Server(streams=exchange.server.address("streams"), rest=server.address)
            async with SpotClient(key=KEY, server=where) as client:
                with pytest.warns(DeprecationWarning, match="2026-02-20"):
                    async with client.user_data(scheme="rest-listen-key") as events:
                        with pytest.raises(ValueError, match="rest-listen-key"):
                            async with client.user_data(scheme="signature"):
                                pass
                        exchange.peers[-1].say(update)
                        async for event in events:
                            assert isinstance(event, BalanceUpdate)
                            break
        assert [asked.verb for asked in server.asked] == ["POST", "DELETE"]
        assert server.asked[-1].query == "listenKey=a-listen-key"


@pytest.mark.asyncio
async def test_a_listen_key_in_an_address_is_not_shown() -> None:
    with serving(HttpServer(LISTEN_KEY)) as server:
        where = Server(streams="ws://127.0.0.1:9", rest=server.address)
        async with SpotClient(key=KEY, server=where, connect_timeout=0.5) as client:
            with pytest.warns(DeprecationWarning), pytest.raises(WireError) as caught:
                async with client.user_data(scheme="rest-listen-key"):
                    pass
    errors = [caught.value, caught.value.__cause__]
    assert "127.0.0.1" in str(errors) and "a-listen-key" not in repr(errors)
