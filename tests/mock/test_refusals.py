"""Bad requests get the exchange's codes, and nobody gets in with a wrong signature."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from mock_world import ALICE, ED25519, PRODUCTS, in_virtual_time, world

from wirewright_runtime import ApiError, Auth, AuthError, HmacKey, RsaKey
from wirewright_runtime.testing import VirtualClock


def rsa_key() -> RsaKey:
    """An RSA key, made up."""
    private = generate_private_key(65537, 2048)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return RsaKey("api-key-of-bob", pem)


PLACE: dict[str, Any] = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "1"}
BAD = [
    ("order.place", {"side": "BUY", "type": "MARKET", "quantity": "1"}, -1102, "'symbol'"),
    ("order.place", PLACE | {"type": "LIMIT"}, -1102, "'timeInForce'"),
    ("order.place", PLACE | {"symbol": "NONSENSE"}, -1121, "Invalid symbol."),
    ("order.place", PLACE | {"side": "UP"}, -1117, "Invalid side."),
    ("order.place", PLACE | {"type": "MAYBE"}, -1116, "Invalid orderType."),
    ("order.place", PLACE | {"quantity": "a lot"}, -1100, "'quantity'"),
    ("order.cancel", {"symbol": "BTCUSDT", "orderId": 1}, -2011, "Unknown order sent."),
    ("order.status", {"symbol": "BTCUSDT", "orderId": 1}, -2013, "Order does not exist."),
    ("order.status", {"symbol": "BTCUSDT"}, -1102, "'orderId'"),
    ("klines", {"symbol": "BTCUSDT", "interval": "7m"}, -1120, "Invalid interval."),
    ("exchangeInfo", {"symbol": "BTCUSDT", "symbols": ["BTCUSDT"]}, -1128, "symbols"),
    ("no.such.method", {}, -1020, "This operation is not supported."),
]


@pytest.mark.parametrize(("method", "params", "code", "says"), BAD, ids=[f"{one[0]}{one[2]}" for one in BAD])
def test_a_bad_request_gets_the_exchanges_code(method: str, params: dict[str, Any], code: int, says: str) -> None:
    @in_virtual_time
    async def test(clock: VirtualClock) -> None:
        async with world("spot", clock) as (_, client):
            security = Auth.SIGNED if method.startswith("order") else Auth.NONE
            with pytest.raises(ApiError) as refused:
                await client.call_raw(method, params, security=security)
            assert refused.value.code == code
            assert says in refused.value.msg

    test()


@pytest.mark.parametrize("key", [ALICE, ED25519, rsa_key()], ids=lambda key: key.kind)
def test_every_kind_of_key_gets_in(key: Any) -> None:
    @in_virtual_time
    async def test(clock: VirtualClock) -> None:
        async with world("spot", clock, key=key) as (exchange, client):
            exchange.add_key(key)
            assert (await client.api.account_status()).account_type == "SPOT"

    test()


@pytest.mark.parametrize(
    ("key", "code"),
    [(HmacKey("api-key-of-alice", "another secret"), -1022), (HmacKey("api-key-of-nobody", "secret"), -2015)],
    ids=["signature", "key"],
)
def test_nobody_else_gets_in(key: HmacKey, code: int) -> None:
    @in_virtual_time
    async def test(clock: VirtualClock) -> None:
        async with world("spot", clock, key=key) as (_, client):
            with pytest.raises(AuthError) as refused:
                await client.api.account_status()
            assert (refused.value.code, refused.value.status) == (code, 401)

    test()


@pytest.mark.parametrize("product", PRODUCTS)
def test_only_some_kinds_of_keys_log_a_session_on(product: str) -> None:
    @in_virtual_time
    async def test(clock: VirtualClock) -> None:
        async with world(product, clock, key=ALICE) as (exchange, client):
            with pytest.raises(AuthError, match="type of the API key"):
                await client.api.session_logon()
            assert not any(peer.logged_on for peer in exchange.peers)

    test()
