"""Keys of the loopback exchange. They are for tests, are made up here, and open nothing anywhere else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from wirewright_runtime import Ed25519Key, HmacKey, RsaKey

if TYPE_CHECKING:
    from wirewright.mock.exchange import MockExchange

API_KEY = "test-api-key"
SECRET = "test-secret"  # not a secret: the exchange on this machine prints it


def demo_key() -> HmacKey:
    """The key that every loopback exchange knows."""
    return HmacKey(API_KEY, SECRET)


def read_key(text: str) -> HmacKey | RsaKey | Ed25519Key:
    """A key from ``API_KEY:SECRET`` or ``API_KEY:FILE.pem``. Raises `ValueError`."""
    name, colon, rest = text.partition(":")
    if not colon or not name.strip() or not rest.strip():
        raise ValueError("a key is API_KEY:SECRET, or API_KEY:FILE with the private key as PEM")
    if not Path(rest).is_file():
        if rest.endswith(".pem"):
            raise ValueError(f"there is no file {rest!r} with a private key")
        return HmacKey(name, rest)
    pem = Path(rest).read_bytes()
    try:
        return Ed25519Key(name, pem)
    except ValueError as error:
        if "RSA" not in str(error):
            raise
        return RsaKey(name, pem)


def shown(exchange: MockExchange) -> Sequence[str]:
    """How a user is told of the keys."""
    if exchange.product.signing is None:
        return ()
    kept = [f"  {key.kind:8} API key {key.api_key}" for key in exchange.users if key.api_key != API_KEY]
    return (
        "Keys for tests, good for nothing else:",
        f"  hmac     API key {API_KEY}, secret {SECRET}",
        *kept,
    )
