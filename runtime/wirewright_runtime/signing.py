"""Keys, and the two texts that they sign.

The WebSocket API signs raw UTF-8, sorted by name; HTTP signs what is percent-encoded, in the order in which it is sent.
Mixing them up is the classic cause of "signature not valid", so they are two types. What a key is, is found out by
parsing it, never by its length. Nothing here shows a secret: not `repr`, not `str`, not pickling, not an error.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, TypeAlias
from urllib.parse import quote

from wirewright_runtime.codec import signed_text

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey


class SocketText:
    """What is signed of a request over a WebSocket."""

    __slots__ = ("text",)

    def __init__(self, params: Mapping[str, object]) -> None:
        self.text = "&".join([f"{n}={v if type(v := params[n]) is str else signed_text(v)}" for n in sorted(params)])


class QueryText:
    """What is signed of a request over HTTP: the query as it is sent."""

    __slots__ = ("text",)

    def __init__(self, params: Mapping[str, object]) -> None:
        self.text = "&".join([f"{name}={quote(signed_text(value), safe='')}" for name, value in params.items()])


Signable: TypeAlias = SocketText | QueryText


class _Secret:
    """Base of everything that holds a secret."""

    kind: ClassVar[str] = ""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}, secret not shown>"

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{type(self).__name__} holds a secret and is not pickled")


class _ApiKey(_Secret):
    def __init__(self, api_key: str) -> None:
        if not isinstance(api_key, str) or not api_key.strip():  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ValueError(f"{type(self).__name__}: the API key must be a text that is not empty")
        self.api_key = _sendable(type(self).__name__, api_key)

    def _sign(self, data: bytes) -> str:
        raise NotImplementedError

    def sign_socket(self, text: SocketText) -> str:
        """Signature of a request over a WebSocket."""
        return self._sign(text.text.encode())

    def sign_query(self, text: QueryText) -> str:
        """Signature of a request over HTTP, percent-encoded as it has to be sent."""
        return quote(self._sign(text.text.encode()), safe="")


class HmacKey(_ApiKey):
    """An API key with a secret that both sides know (HMAC-SHA256).

    Args:
        api_key: The API key.
        secret: Its secret.
    """

    kind = "hmac"

    def __init__(self, api_key: str, secret: str | bytes) -> None:
        super().__init__(api_key)
        _check_type("HmacKey: the secret", secret)
        data = secret.encode() if isinstance(secret, str) else bytes(secret)
        if not data.strip():
            raise ValueError("HmacKey: the secret is empty")
        if b"-----BEGIN" in data:
            raise ValueError("HmacKey: this is a PEM file, so an RSA or Ed25519 key: use RsaKey or Ed25519Key")
        self._empty = hmac.new(data.strip(), digestmod="sha256")

    def _sign(self, data: bytes) -> str:
        signature = self._empty.copy()
        signature.update(data)
        return signature.hexdigest()


class RsaKey(_ApiKey):
    """An API key with an RSA key pair (PKCS#1 v1.5, SHA-256).

    Args:
        api_key: The API key.
        private_key: The private key as PEM text (OpenSSH's, too) or base64, or as DER or PEM bytes.
        password: What the PEM is encrypted with.
    """

    kind = "rsa"

    def __init__(self, api_key: str, private_key: str | bytes, *, password: str | bytes | None = None) -> None:
        super().__init__(api_key)
        _check_type("RsaKey: the private key", private_key)
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import padding, rsa

        key = _load("RsaKey", private_key, password)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise ValueError(f"RsaKey: this is no RSA key but {_describe(key)}")
        self._key: RSAPrivateKey = key
        self._padding, self._hash = padding.PKCS1v15(), hashes.SHA256()

    def _sign(self, data: bytes) -> str:
        return base64.b64encode(self._key.sign(data, self._padding, self._hash)).decode()


class Ed25519Key(_ApiKey):
    """An API key with an Ed25519 key pair. The only kind that some exchanges let log a session on.

    Args:
        api_key: The API key.
        private_key: The private key as PEM text (OpenSSH's, too) or base64, as DER or PEM bytes, or its 32 bytes.
        password: What the PEM is encrypted with.
    """

    kind = "ed25519"

    def __init__(self, api_key: str, private_key: str | bytes, *, password: str | bytes | None = None) -> None:
        super().__init__(api_key)
        _check_type("Ed25519Key: the private key", private_key)
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        seed = _seed(private_key)
        key = Ed25519PrivateKey.from_private_bytes(seed) if seed else _load("Ed25519Key", private_key, password)
        if not isinstance(key, Ed25519PrivateKey):
            raise ValueError(f"Ed25519Key: this is no Ed25519 key but {_describe(key)}")
        self._key: Ed25519PrivateKey = key

    def _sign(self, data: bytes) -> str:
        return base64.b64encode(self._key.sign(data)).decode()


class Token(_Secret):
    """A credential that is sent as it is: an API key without a signature, or a bearer or session token."""

    kind = "token"

    def __init__(self, token: str) -> None:
        if not token.strip():
            raise ValueError("Token: the token is empty")
        self.token = _sendable("Token", token)


class UserPassword(_Secret):
    """A user and a password."""

    kind = "password"

    def __init__(self, user: str, password: str) -> None:
        self.user = user
        self.password = password


def _sendable(name: str, text: str) -> str:
    """What may stand in a header: no line break, no blank, nothing that does not print."""
    text = text.strip()
    if not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError(f"{name}: holds a character that no key has, such as a blank or a line break")
    return text


SigningKey: TypeAlias = HmacKey | RsaKey | Ed25519Key
Credential: TypeAlias = SigningKey | Token | UserPassword


def _check_type(what: str, given: object) -> None:
    """None is what an environment gives that does not have it."""
    if not isinstance(given, (str, bytes)):
        raise TypeError(f"{what} must be str or bytes, not {type(given).__name__}")


def _seed(data: str | bytes) -> bytes:
    """The 32 bytes of an Ed25519 key, if they are given as such."""
    if isinstance(data, bytes) and len(data) == 32:
        return data
    try:
        seed = base64.b64decode(data, validate=True)
    except ValueError:
        return b""
    return seed if len(seed) == 32 else b""


def _load(name: str, data: str | bytes, password: str | bytes | None) -> Any:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization

    text = _der(data) if isinstance(data, str) else bytes(data)
    secret = password.encode() if isinstance(password, str) else password
    load = serialization.load_pem_private_key if b"-----BEGIN" in text else serialization.load_der_private_key
    load = serialization.load_ssh_private_key if b"-----BEGIN OPENSSH" in text else load
    try:
        return load(text, secret)
    except TypeError:
        why = "the key is encrypted: give password=" if secret is None else "the key is not encrypted: give no password"
    except UnsupportedAlgorithm:
        why = "the key is of a kind that is not supported"
    except ValueError:
        public = b"PUBLIC KEY" in text
        why = (
            "this is the public key; the private one is needed" if public else "the key, or its password, is not valid"
        )
    raise ValueError(f"{name}: {why}") from None


def _der(text: str) -> bytes:
    """A key as text: PEM, whose line breaks an environment may hold as `\\n`; anything else is the base64 of DER."""
    try:
        pem = text.strip().replace("\\n", "\n")
        return pem.encode() if "-----BEGIN" in pem else base64.b64decode(text, validate=True)
    except ValueError:
        return text.encode()


def _describe(key: object) -> str:
    name = type(key).__name__
    for kind, use in (("RSA", "an RSA key: use RsaKey"), ("Ed25519", "an Ed25519 key: use Ed25519Key")):
        if kind in name:
            return use
    return f"a key of another kind ({name})"
