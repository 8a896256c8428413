"""What proves who sends a request: a key, a token, a session that is logged on, or a signature of its own."""

from __future__ import annotations

from typing import NoReturn

from wirewright_runtime.codec import Params, window
from wirewright_runtime.errors import AuthError
from wirewright_runtime.product import Signing
from wirewright_runtime.signing import QueryText, SigningKey, SocketText, Token
from wirewright_runtime.surroundings import Surroundings
from wirewright_runtime.types import Auth


class Proof:
    """Adds to the parameters of a client's requests what proves the sender."""

    def __init__(self, around: Surroundings) -> None:
        self._signing = around.product.signing
        self._token = around.product.token
        self._credential = around.key
        self._key = around.key if isinstance(around.key, SigningKey) else None
        self._window = around.settings.recv_window
        self._now_ms = around.time.now_ms

    def on_socket(self, method: str, auth: Auth, params: Params, recv_window: object, *, logged_on: bool) -> Params:
        """The parameters of a message, with the proof among them.

        Args:
            method: Its wire name.
            auth: What it has to carry.
            params: Its parameters.
            recv_window: Milliseconds in which it may be executed; None: as the user set it for all.
            logged_on: Whether its connection proves the sender already.
        """
        signing, key = self._signing, self._key
        if auth is Auth.SESSION:
            return params if logged_on else _lacks(method, "a session that is logged on")
        if auth is Auth.TOKEN:
            if not isinstance(self._credential, Token):
                _lacks(method, f"a token for its parameter {self._token!r}")
            return {**params, self._token: self._credential.token}
        if signing is None or key is None:
            _lacks(method, f"an API key for its parameter {signing.key if signing else 'key'!r}")
        if auth is Auth.KEY:
            return {**params, signing.key: key.api_key}
        params = self._timed(signing, method, params, recv_window)
        if not logged_on:
            params[signing.key] = key.api_key
            params[signing.signature] = key.sign_socket(SocketText(params))
        return params

    def over_http(self, method: str, auth: Auth, params: Params, recv_window: object) -> tuple[str, dict[str, str]]:
        """The query of a call, and its headers, with the proof in them. Arguments are those of `on_socket`."""
        signing, key = self._signing, self._key
        if auth is Auth.NONE:
            return QueryText(params).text, {}
        if signing is None or key is None:
            _lacks(method, "an API key")
        headers = {signing.header: key.api_key}
        if auth is not Auth.SIGNED:
            return QueryText(params).text, headers
        text = QueryText(self._timed(signing, method, params, recv_window))
        return f"{text.text}&{signing.signature}={key.sign_query(text)}", headers

    def _timed(self, signing: Signing, method: str, params: Params, recv_window: object) -> Params:
        """The same, and when and for how long they may be executed."""
        params = {**params, signing.timestamp: self._now_ms()}
        lasts = self._window if recv_window is None else recv_window
        if lasts is not None and not signing.window:
            raise ValueError(f"{method}: this API has no window of its own: give no recv_window")
        if lasts is not None:
            params[signing.window] = window(method, lasts, signing.window_maximum)
        return params


def _lacks(method: str, what: str) -> NoReturn:
    raise AuthError(f"needs {what}: give the client key=...", method=method, outcome="not_sent")
