"""A request's life: checked, admitted, connected, signed, sent once, answered, and what is known of it if not.

    checked ──► admitted ──► connected ──► signed, written ──► answered ──► result | refusal (rejected)
       │           │             │               │
       ▼           ▼             ▼               ▼
    ValueError  RateLimited  NotConnected   RequestTimeout, ConnectionLost (unknown; not_sent if no byte left)

A request that changes state is never written twice, and its "unknown" is an `OutcomeUnknown` that carries what is needed
to find out. Reads are repeated only for users who asked for it. Nothing is kept for a later connection: a request is
signed when it is written, and waits for a connection no longer than its own time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from functools import partial
from typing import Any, Protocol, TypeVar

from wirewright_runtime.clock import ExchangeTime
from wirewright_runtime.codec import Parameters, Params, message_frame, raw_params
from wirewright_runtime.connection import Connection
from wirewright_runtime.envelope import get
from wirewright_runtime.errors import (
    ApiError,
    AuthError,
    BadRequest,
    ClockError,
    ConnectionLost,
    RateLimited,
    RequestTimeout,
    WireError,
)
from wirewright_runtime.gate import Gate
from wirewright_runtime.limits import Host
from wirewright_runtime.outcome import known_as, outcome_unknown
from wirewright_runtime.product import Product, Socket
from wirewright_runtime.proof import Proof
from wirewright_runtime.reply import ReplyReader
from wirewright_runtime.request import Request, RequestSpec, weight_of
from wirewright_runtime.settings import is_seconds
from wirewright_runtime.surroundings import Surroundings
from wirewright_runtime.types import Amount, Auth, Json, Parameter, Reply

R = TypeVar("R")


class Line(Protocol):
    """Where requests go: a connection that is replaced when it has to be."""

    socket: Socket
    host: Host
    where: str

    @property
    def current(self) -> Connection | None:
        """The connection, if there is one now."""
        ...

    async def ready(self, timeout: float) -> Connection:
        """The connection, as soon as there is one. Raises `NotConnected` or what stands in its way."""
        ...

    def expelled(self, connection: Connection) -> None:
        """The exchange ended the session of a connection: log on anew, beside it."""
        ...


class _Plan:
    """How a method is called and its answers read."""

    def __init__(
        self,
        product: Product,
        line: Line,
        method: str,
        spec: RequestSpec,
        parameters: Parameters,
        result: object = Any,
    ) -> None:
        self.method = method
        self.spec = spec
        self.parameters = parameters
        self.reader = ReplyReader(product, line.socket, method, result, failure=spec.failure, where=line.where)
        self.is_open = spec.auth is Auth.NONE or (spec.auth is Auth.TOKEN and not product.token)
        """Whether nothing has to prove the sender: a token without a place of its own is a parameter of the request."""
        signing = product.signing
        self.session = {signing.logon: True, signing.logout: False}.get(method) if signing and method else None
        """Whether the session is logged on when this was done; None: that does not change it."""


class _Job:
    """One request on its way."""

    __slots__ = ("id", "params", "plan", "recv_window", "weight")

    def __init__(
        self, plan: _Plan, params: Params, recv_window: object = None, id: str | int | None = None, weight: int = 0
    ) -> None:
        self.plan = plan
        self.params = params
        self.recv_window = recv_window
        self.id = id
        self.weight = weight


class Rpc:
    """The requests of one client."""

    def __init__(self, around: Surroundings) -> None:
        self.gate = Gate(around)
        self.proof = Proof(around)
        self._loop = around.loop
        self._product = around.product
        self._settings = around.settings
        self._time = around.time
        self._plans: dict[type, _Plan] = {}
        self._parameters: dict[type, Parameters] = {}

    def parameters(self, cls: type[Request[Any]]) -> Parameters:
        """How requests of a class are written."""
        known = self._parameters.get(cls)
        if known is None:
            known = self._parameters[cls] = Parameters(cls, self._product)
        return known

    def call(
        self,
        line: Line,
        request: Request[R],
        timeout: float | None = None,
        recv_window: Amount | None = None,
        extra: Mapping[str, Parameter] | None = None,
        id: str | int | None = None,
    ) -> Coroutine[Any, Any, Reply[R]]:
        """Send a request and give its answer. It is checked at once, and sent when it is awaited."""
        if id is not None:
            _check_id(request.method, id)
        cls = type(request)
        plan = self._plans.get(cls)
        if plan is None:
            parameters = self.parameters(cls)
            plan = self._plans[cls] = _Plan(self._product, line, cls.method, cls.spec, parameters, cls.result)
        weight = weight_of(request) if self._settings.soft_limit else 0
        return self._run(line, _Job(plan, plan.parameters.prepare(request, extra), recv_window, id, weight), timeout)

    def _plan_of(self, line: Line, method: str, spec: RequestSpec) -> _Plan:
        """The plan of a method that has no class of requests."""
        return _Plan(self._product, line, method, spec, self.parameters(Request))

    def call_raw(
        self,
        line: Line,
        method: str,
        params: Mapping[str, Parameter],
        spec: RequestSpec,
        timeout: float | None = None,
        recv_window: Amount | None = None,
    ) -> Coroutine[Any, Any, Reply[Json]]:
        """Send a method that the specs do not know: `spec` says what it carries and whether it changes state."""
        plan = self._plan_of(line, method, spec)
        return self._run(line, _Job(plan, raw_params(method, params), recv_window), timeout)

    async def send(self, line: Line, message: object, *, timeout: float | None = None) -> None:
        """Send a message that nobody answers."""
        frame = message_frame(message, self._product)
        connection = line.current or await line.ready(self._settings.request_timeout if timeout is None else timeout)
        connection.send(None, connection.envelope.text_of(frame))

    async def ask(self, connection: Connection, line: Line, method: str, params: Params, auth: Auth) -> Json:
        """A request of the client itself (logon, clock, user data) on a connection that is not in use yet."""
        job = _Job(self._plan_of(line, method, RequestSpec(auth=auth)), params)
        reply: Reply[Json] = await self._exchange(connection, line, job, self._loop.time() + self._settings.ack_timeout)
        return reply.result

    async def measure(self, connection: Connection, line: Line) -> None:
        """Measure the exchange's clock."""
        signing = self._product.signing
        if signing is None or not signing.clock_method or self._time.fixed:
            return
        clock = self._time.clock
        samples: list[tuple[float, int]] = []
        for _ in range(ExchangeTime.SAMPLES):
            asked = clock.monotonic()
            result = await self.ask(connection, line, signing.clock_method, {}, Auth.NONE)
            theirs = get(result, f"/{signing.clock_result}")
            if isinstance(theirs, int):
                samples.append((clock.wall() - (clock.monotonic() - asked) / 2, theirs))
        self._time.learn(samples)

    # The way of a request

    async def _run(self, line: Line, job: _Job, timeout: float | None) -> Reply[Any]:
        if timeout is None:
            timeout = self._settings.request_timeout
        elif not is_seconds(timeout):
            raise ValueError(f"{job.plan.method}: timeout must be a number of seconds, not {timeout!r}")
        gate, deadline = self.gate, self._loop.time() + timeout
        resynced = job.plan.spec.changes_state
        repeats = 0 if resynced else self._settings.retry_reads
        while True:
            try:
                if not gate.passes(line.host):
                    orders = job.plan.spec.order_count > 0
                    await gate.enter(line.host, job.plan.method, deadline, weight=job.weight, orders=orders)
                try:
                    connection = line.current
                    if connection is None:
                        connection = await line.ready(max(0.0, deadline - self._loop.time()))
                    return await self._exchange(connection, line, job, deadline)
                finally:
                    gate.leave(job.weight)
            except ClockError:
                await self._measure_again(line)
                if resynced:
                    raise
                resynced = True
            except (AuthError, BadRequest) as error:
                if not await self._session_ended(line, job, error) or resynced:
                    raise
                resynced = True
            except ConnectionLost:
                if repeats <= 0 or self._loop.time() >= deadline:
                    raise
                repeats -= 1

    async def _measure_again(self, line: Line) -> None:
        """After the exchange refused a timestamp. What that request comes to does not depend on it."""
        if line.current is not None:
            try:
                await self.measure(line.current, line)
            except WireError as error:
                self._settings.logger.info("the clock could not be measured: %s", error)

    async def _session_ended(self, line: Line, job: _Job, error: ApiError) -> bool:
        """After a refusal on a session that was logged on: whether it is over. Then what follows is signed again."""
        connection, signing = line.current, self._product.signing
        if signing is None or not signing.status or connection is None or not connection.logged_on:
            return False
        named = signing.key in error.msg or signing.signature in error.msg
        if error.outcome != "rejected" or not (named or isinstance(error, AuthError)):
            return False
        try:
            status = await self.ask(connection, line, signing.status, {}, Auth.NONE)
        except WireError:
            return False
        if get(status, f"/{signing.key}") is not None:
            return False
        line.expelled(connection)
        return True

    async def _exchange(self, connection: Connection, line: Line, job: _Job, deadline: float) -> Reply[Any]:
        plan, questions, raw = job.plan, connection.questions, b""
        if self._loop.time() >= deadline:  # nobody waits for it any more: an order must not leave now
            raise RequestTimeout(f"{plan.method}: its time was over before it was sent", outcome="not_sent")
        params = job.params
        if not plan.is_open:
            auth, logged_on = plan.spec.auth, connection.logged_on
            params = self.proof.on_socket(plan.method, auth, params, job.recv_window, logged_on=logged_on)
        question = questions.ask(plan.method, deadline, job.id, plan.spec.reply_tags)
        try:
            connection.send(question, connection.envelope.write(question.id, plan.method, params))
            raw = await question.future
            result, limits = plan.reader.read(raw)
        except WireError as error:
            if isinstance(error, RateLimited):
                self.gate.heed(line.host, error, plan.reader.limits(raw), orders=plan.spec.order_count > 0)
            if error.outcome == "unknown" and plan.spec.changes_state:
                raise self._unknown(plan, params, error) from error
            raise
        except asyncio.CancelledError:
            if plan.spec.changes_state:
                known = known_as(plan.parameters, params)
                self._settings.logger.warning("%s was canceled by its caller after it was sent%s", plan.method, known)
            raise
        finally:
            questions.close(question)
        if limits is not None:
            self.gate.weights.learn(limits, self._time.now_ms())
        if plan.session is not None:
            connection.logged_on = plan.session
        return Reply(result, question.id, partial(self.gate.weights.read, limits))

    def _unknown(self, plan: _Plan, params: Params, error: WireError) -> WireError:
        signing, now_ms = self._product.signing, self._time.now_ms()
        return outcome_unknown(
            plan.method, plan.spec, plan.parameters, params, signing=signing, now_ms=now_ms, error=error
        )


def _check_id(method: str, id: object) -> None:
    """An id of another type would not be found again in its answer."""
    if isinstance(id, bool) or not isinstance(id, (int, str)):
        raise TypeError(f"{method}: id must be str or int, not {type(id).__name__}")
