"""Calls over HTTP, for what an API has no message for: listen keys and tokens. Sent by `httpx`, which is an extra.

A request is checked and encoded as for a socket. What differs: its parameters are a query, the key is a header, and what
is signed is the query as it is sent. An answer's body is the result, or `{"code", "msg"}` with an HTTP status; statuses,
outcomes and bans mean what they mean on a socket. Nothing is sent twice.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeVar, cast

import msgspec

from wirewright_runtime.codec import Parameters, Params
from wirewright_runtime.decode import decoding
from wirewright_runtime.errors import (
    UNDECODABLE,
    ConnectFailed,
    ConnectionLost,
    DecodeError,
    RateLimited,
    RequestTimeout,
    TlsError,
    WireError,
)
from wirewright_runtime.gate import Gate
from wirewright_runtime.limits import host_of
from wirewright_runtime.outcome import outcome_unknown
from wirewright_runtime.product import ReplyShape, Socket
from wirewright_runtime.proof import Proof
from wirewright_runtime.reply import ReplyReader
from wirewright_runtime.request import Request
from wirewright_runtime.surroundings import Surroundings
from wirewright_runtime.transport import Http, HttpAnswer
from wirewright_runtime.types import Amount, Auth, Json, Parameter, Reply

if TYPE_CHECKING:
    import httpx

R = TypeVar("R")

# An error over HTTP, in the form in which `ReplyReader` knows errors.
_REPLY = ReplyShape(
    status="/status", ok=(200,), error="/error", code="/error/code", message="/error/msg", data="/error/data"
)
_REFUSAL = Socket(name="rest", role="rest", path="", reply=_REPLY)
_EXCERPT = 1024

_SENDING: ContextVar[bool] = ContextVar("sending", default=False)


def _is_not_ours(record: logging.LogRecord) -> bool:
    """`httpx` logs every address with its query. Those of this package hold signatures and keys."""
    return not _SENDING.get()


class HttpxSender:
    """Sends by `httpx`.

    Args:
        ssl: TLS settings; None: the system's certificates.
        proxy: Address of a proxy; True takes the environment's.
    """

    def __init__(self, *, ssl: ssl.SSLContext | None = None, proxy: str | bool | None = None) -> None:
        try:
            import httpx
        except ImportError:
            raise RuntimeError("calls over HTTP need httpx: install wirewright with its extra [rest]") from None
        self._httpx = httpx
        logging.getLogger("httpx").addFilter(_is_not_ours)
        address = proxy if isinstance(proxy, str) else None
        self._client = httpx.AsyncClient(verify=True if ssl is None else ssl, proxy=address, trust_env=proxy is True)

    async def send(self, verb: str, url: str, headers: Mapping[str, str], timeout: float) -> HttpAnswer:
        """Send it once."""
        where = url.partition("?")[0]  # the query holds keys and signatures
        sending = _SENDING.set(True)
        try:
            answer = await self._client.request(verb, url, headers=dict(headers), timeout=timeout)
        except (self._httpx.ConnectError, self._httpx.ConnectTimeout, self._httpx.PoolTimeout) as error:
            raise _not_connected(error, verb, where) from None
        except self._httpx.TimeoutException:
            raise RequestTimeout(f"{verb} {where}: no answer in {timeout:g} seconds", timeout=timeout) from None
        except self._httpx.HTTPError as error:
            raise ConnectionLost(f"{verb} {where}: {type(error).__name__}") from None
        finally:
            _SENDING.reset(sending)
        return HttpAnswer(answer.status_code, dict(answer.headers), answer.content)

    async def close(self) -> None:
        """Close its connections."""
        await self._client.aclose()


def _not_connected(error: httpx.TransportError, verb: str, where: str) -> ConnectFailed:
    """Without the error itself: it carries the request, and with that key and signature."""
    kind = TlsError if "CERTIFICATE" in str(error).upper() or "SSL" in str(error).upper() else ConnectFailed
    return kind(f"{verb} {where}: {error}")


class Rest:
    """The HTTP calls of one client.

    Args:
        around: What the client shares.
        address: Scheme and host of the server, such as ``"https://api.binance.com"``.
        gate: What requests pass.
        proof: What proves who sends them.
        http: What sends.
        parameters: How requests of a class are written.
    """

    def __init__(
        self,
        around: Surroundings,
        address: str,
        gate: Gate,
        proof: Proof,
        http: Http,
        parameters: Callable[[type[Request[Any]]], Parameters],
    ) -> None:
        self._product, self._settings, self._time = around.product, around.settings, around.time
        self._address, self._host = address.rstrip("/"), host_of(around.time.clock, address)
        self._gate, self._proof, self._http, self._parameters = gate, proof, http, parameters

    async def call(
        self,
        request: Request[R],
        timeout: float | None = None,
        recv_window: Amount | None = None,
        extra: Mapping[str, Parameter] | None = None,
    ) -> Reply[R]:
        """Send a request and give its answer. `Reply.id` is empty: HTTP needs none."""
        cls = type(request)
        method, spec, parameters = cls.method, cls.spec, self._parameters(cls)
        params = parameters.prepare(request, extra)
        try:
            body = await self._exchange(spec.http, method, params, spec.auth, timeout, recv_window)
        except WireError as error:
            if error.outcome == "unknown" and spec.changes_state:
                signing, now_ms = self._product.signing, self._time.now_ms()
                raise outcome_unknown(
                    method, spec, parameters, params, signing=signing, now_ms=now_ms, error=error
                ) from error
            raise
        try:
            result = decoding(cls.result)(body)
        except DecodeError as error:
            raise DecodeError(f"{method}: {error}", path=error.path, raw=body, outcome="accepted") from None
        return cast("Reply[R]", Reply(result, "", tuple))

    async def ask(self, call: str, params: Params, auth: Auth) -> Json:
        """A call of the client itself, such as ``"POST /api/v3/userDataStream"``."""
        body = await self._exchange(call, call, params, auth, None, None)
        return cast("Json", decoding(Any)(body))

    async def close(self) -> None:
        """Close what is open."""
        await self._http.close()

    async def _exchange(
        self, call: str, method: str, params: Params, auth: Auth, timeout: float | None, given: Amount | None
    ) -> bytes:
        self._gate.check(self._host, method)
        verb, _, path = call.partition(" ")
        query, headers = self._proof.over_http(method, auth, params, given)
        url = f"{self._address}{path}" + (f"?{query}" if query else "")
        limit = self._settings.request_timeout if timeout is None else timeout
        try:
            async with asyncio.timeout(limit):
                answer = await self._http.send(verb, url, headers, limit)
        except TimeoutError:
            raise RequestTimeout(f"{method}: no answer in {limit:g} seconds", method=method, timeout=limit) from None
        if 200 <= answer.status < 300:
            return answer.body
        raise self._refusal(method, answer)

    def _refusal(self, method: str, answer: HttpAnswer) -> WireError:
        """The error that an answer tells, as an answer over a socket would."""
        frame = msgspec.json.encode({"status": answer.status, "error": _error_of(answer)})
        error = ReplyReader(self._product, _REFUSAL, method, Any, where=self._address).refusal(frame)
        seconds = answer.headers.get("retry-after", "")
        if isinstance(error, RateLimited):
            error.until = self._time.now_ms() + int(seconds) * 1000 if seconds.isdigit() else error.until
            self._gate.heed(self._host, error)
        return error


def _error_of(answer: HttpAnswer) -> object:
    """The error in a body; of another form, its beginning."""
    try:
        body: object = msgspec.json.decode(answer.body)
    except UNDECODABLE:
        body = None
    if isinstance(body, dict) and "code" in body:
        return cast("object", body)
    return {"code": None, "msg": f"HTTP {answer.status}: {answer.body[:_EXCERPT].decode(errors='replace')}"}
