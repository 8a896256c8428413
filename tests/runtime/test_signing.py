"""Keys and signatures: the exchange's published vectors, every form of a key, and no secret in sight."""

from __future__ import annotations

import base64
import copy
import json
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from wirewright_runtime import Ed25519Key, HmacKey, RsaKey, Token, UserPassword
from wirewright_runtime.signing import QueryText, SocketText

VECTORS = json.loads((Path(__file__).parent / "vectors" / "signing.json").read_text())
ED25519 = Ed25519PrivateKey.generate()
RSA = rsa.generate_private_key(65537, 2048)
PKCS8 = PrivateFormat.PKCS8


def ids(vector: dict[str, Any]) -> str:
    return str(vector["id"])


def parsed(payload: str) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in payload.split("&"))


@pytest.mark.parametrize("vector", [v for v in VECTORS if v["id"].startswith("ws-")], ids=ids)
def test_published_vectors_of_the_socket_form(vector: dict[str, Any]) -> None:
    key = HmacKey(vector["key"]["apiKey"], vector["key"]["secretKey"])
    params = vector.get("request_params") or dict(reversed(parsed(vector["payload"]).items()))
    text = SocketText({name: value for name, value in params.items() if name != "signature"})
    assert text.text == vector["payload"]
    assert key.sign_socket(text) == vector["signature"]


@pytest.mark.parametrize("vector", [v for v in VECTORS if v["id"].startswith("rest-")], ids=ids)
def test_published_vectors_of_the_http_form(vector: dict[str, Any]) -> None:
    key = HmacKey(vector["key"]["apiKey"], vector["key"]["secretKey"])
    text = QueryText(parsed(vector.get("payload_before_encoding", vector["payload"])))
    assert text.text == vector["payload"]
    assert key.sign_query(text) == vector["signature"]


def test_the_published_ed25519_vector() -> None:
    (vector,) = [v for v in VECTORS if v["id"] == "fix-ed25519-logon"]
    key = Ed25519Key("EXAMPLE", vector["key"]["privateKeyPkcs8DerBase64"])
    text = SocketText({})
    text.text = vector["payload"]
    assert key.sign_socket(text) == vector["signature"]


@pytest.mark.parametrize("vector", [v for v in VECTORS if v["id"].startswith("computed-ws-")], ids=ids)
def test_computed_ed25519_vectors_of_the_socket_form(vector: dict[str, Any]) -> None:
    params = parsed(vector["payload"])
    key = Ed25519Key(params["apiKey"], vector["key"]["privateKeyPkcs8DerBase64"])
    text = SocketText(dict(reversed(params.items())))
    assert text.text == vector["payload"]
    assert key.sign_socket(text) == vector["signature"]


FORMS: list[tuple[str, Any, str | None]] = [
    ("pem text", ED25519.private_bytes(Encoding.PEM, PKCS8, NoEncryption()).decode(), None),
    ("pem text with blanks around", "\n " + ED25519.private_bytes(Encoding.PEM, PKCS8, NoEncryption()).decode(), None),
    (
        "pem text as an environment holds it",
        ED25519.private_bytes(Encoding.PEM, PKCS8, NoEncryption()).decode().replace("\n", "\\n"),
        None,
    ),
    ("openssh", ED25519.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode(), None),
    ("pem bytes", ED25519.private_bytes(Encoding.PEM, PKCS8, NoEncryption()), None),
    ("der bytes", ED25519.private_bytes(Encoding.DER, PKCS8, NoEncryption()), None),
    ("base64 of der", base64.b64encode(ED25519.private_bytes(Encoding.DER, PKCS8, NoEncryption())).decode(), None),
    ("32 bytes", ED25519.private_bytes_raw(), None),
    ("base64 of 32 bytes", base64.b64encode(ED25519.private_bytes_raw()).decode(), None),
    ("encrypted pem", ED25519.private_bytes(Encoding.PEM, PKCS8, BestAvailableEncryption(b"pass")).decode(), "pass"),
]


@pytest.mark.parametrize(("form", "data", "password"), FORMS, ids=[form[0] for form in FORMS])
def test_every_form_of_an_ed25519_key(form: str, data: Any, password: str | None) -> None:
    key = Ed25519Key("api-key", data, password=password)
    text = SocketText({"b": "2", "a": "1"})
    ED25519.public_key().verify(base64.b64decode(key.sign_socket(text)), b"a=1&b=2")


@pytest.mark.parametrize("password", [None, "pass"])
@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
def test_every_form_of_an_rsa_key(password: str | None, encoding: Encoding) -> None:
    encryption = BestAvailableEncryption(password.encode()) if password else NoEncryption()
    key = RsaKey("api-key", RSA.private_bytes(encoding, PKCS8, encryption), password=password)
    signature = base64.b64decode(key.sign_socket(SocketText({"a": "币"})))
    RSA.public_key().verify(signature, "a=币".encode(), padding.PKCS1v15(), SHA256())


def test_an_rsa_signature_over_http_is_percent_encoded() -> None:
    key = RsaKey("api-key", RSA.private_bytes(Encoding.PEM, PKCS8, NoEncryption()))
    signature = key.sign_query(QueryText({"a": 1}))
    assert not set(signature) & set("+/=")


def pem(key: Any) -> str:
    return str(key.private_bytes(Encoding.PEM, PKCS8, NoEncryption()).decode())


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: RsaKey("k", pem(ED25519)), "no RSA key but an Ed25519 key: use Ed25519Key"),
        (lambda: Ed25519Key("k", pem(RSA)), "no Ed25519 key but an RSA key: use RsaKey"),
        (lambda: Ed25519Key("k", pem(ec.generate_private_key(ec.SECP256R1()))), "a key of another kind"),
        (lambda: HmacKey("k", pem(RSA)), "this is a PEM file"),
        (lambda: HmacKey("k", " "), "the secret is empty"),
        (lambda: HmacKey(" ", "s"), "the API key must be a text"),
        (lambda: Ed25519Key("k", FORMS[-1][1]), "the key is encrypted: give password="),
        (lambda: Ed25519Key("k", FORMS[-1][1], password="wrong"), "the key, or its password, is not valid"),
        (lambda: Ed25519Key("k", FORMS[0][1], password="pass"), "the key is not encrypted: give no password"),
        (lambda: Ed25519Key("k", "nonsense"), "the key, or its password, is not valid"),
        (
            lambda: RsaKey("k", RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)),
            "this is the public key",
        ),
    ],
)
def test_what_is_no_key_is_told_when_the_key_is_made(make: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        make()


@pytest.mark.parametrize("kind", [HmacKey, RsaKey, Ed25519Key])
def test_a_key_that_an_environment_does_not_have_is_told(kind: Any) -> None:
    with pytest.raises(TypeError, match=f"{kind.__name__}: the .* must be str or bytes, not NoneType"):
        kind("api-key", None)


@given(st.dictionaries(st.text(min_size=1), st.text() | st.integers() | st.booleans(), min_size=1), st.randoms())
def test_the_order_of_parameters_does_not_matter(params: dict[str, Any], random: Any) -> None:
    names = list(params)
    random.shuffle(names)
    assert SocketText({name: params[name] for name in names}).text == SocketText(params).text


@given(st.dictionaries(st.text(min_size=1), st.text(), min_size=1))
def test_only_the_http_form_is_percent_encoded(params: dict[str, str]) -> None:
    raw = SocketText(params).text
    assert raw == "&".join(f"{name}={params[name]}" for name in sorted(params))
    encoded = QueryText(params).text
    assert encoded == "&".join(f"{name}={quote(value, safe='')}" for name, value in params.items())


def test_booleans_are_lower_case_and_numbers_as_sent() -> None:
    assert SocketText({"c": True, "a": 1645423376532, "b": False}).text == "a=1645423376532&b=false&c=true"
    assert SocketText({"list": ["a", "b"]}).text == 'list=["a","b"]'


@pytest.mark.parametrize(
    "key",
    [
        HmacKey("api-key", "very-secret"),
        Ed25519Key("api-key", FORMS[0][1]),
        RsaKey("api-key", pem(RSA)),
        Token("very-secret"),
        UserPassword("user", "very-secret"),
    ],
    ids=lambda key: type(key).__name__,
)
def test_a_key_shows_nothing_and_is_not_pickled(key: Any) -> None:
    for text in (repr(key), str(key), f"{key}"):
        assert "secret" not in text.replace("secret not shown", "")
        assert "api-key" not in text
    for copied in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError, match="holds a secret"):
            copied(key)


def test_cryptography_is_imported_only_for_keys_that_need_it() -> None:
    code = (
        "import sys; from wirewright_runtime import HmacKey; HmacKey('k', 's')\n"
        "assert not any(name.startswith('cryptography') for name in sys.modules), 'cryptography is imported'"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
