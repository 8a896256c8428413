"""OpenTelemetry: a span for each request, metrics for requests, streams and connections. Needs the extra `[telemetry]`.

    SpotClient(telemetry=Telemetry())

Spans are called `<product>/<method>` and carry `rpc.system`, `rpc.service`, `rpc.method` and `wirewright.server`; one that
failed has `error.type`, and `wirewright.outcome` and `wirewright.code` where they are known. No parameter, no message of
an error and no address is told: these may hold what is nobody's business.

    wirewright.request.duration      histogram, s     product, method, error.type
    wirewright.stream.events         counter          product, server, stream
    wirewright.stream.dropped        counter          product, server, stream
    wirewright.stream.pending        gauge            product, server, stream
    wirewright.stream.quiet          gauge, s         product, server, stream
    wirewright.connection.reconnects counter          product, server, connection
    wirewright.connection.live       gauge, 0 or 1    product, server, connection, state
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from typing import TypeAlias

from opentelemetry.metrics import CallbackOptions, Meter, MeterProvider, Observation, get_meter
from opentelemetry.trace import Span, SpanKind, StatusCode, TracerProvider, get_tracer

from wirewright_runtime.errors import ApiError, WireError
from wirewright_runtime.stats import ConnectionStats, Stats, StreamStats

_NAME = "wirewright"
_Observed: TypeAlias = "Callable[[Stats], Iterable[tuple[float, dict[str, str]]]]"


class Telemetry:
    """Tells OpenTelemetry what clients do; one may serve many clients.

    Args:
        tracer_provider: Where spans go; by default the global one.
        meter_provider: Where metrics go; by default the global one.
    """

    def __init__(
        self, *, tracer_provider: TracerProvider | None = None, meter_provider: MeterProvider | None = None
    ) -> None:
        self._tracer = get_tracer(_NAME, tracer_provider=tracer_provider)
        self._clients: dict[int, tuple[dict[str, str], Callable[[], Stats]]] = {}
        self._numbers = itertools.count()
        meter = get_meter(_NAME, meter_provider=meter_provider)
        self._duration = meter.create_histogram("wirewright.request.duration", "s", "How long requests took.")
        self._observe(meter)

    @contextmanager
    def request(self, product: str, server: str, method: str) -> Generator[None]:
        """A span around one request, and its duration."""
        names = {"rpc.system": _NAME, "rpc.service": product, "rpc.method": method, "wirewright.server": server}
        measured = {"product": product, "method": method}
        begun = time.perf_counter()
        with self._tracer.start_as_current_span(
            f"{product}/{method}",
            kind=SpanKind.CLIENT,
            attributes=names,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield
            except BaseException as error:
                measured["error.type"] = type(error).__name__
                _failed(span, error)
                raise
            finally:
                self._duration.record(time.perf_counter() - begun, measured)

    def attach(self, product: str, server: str, stats: Callable[[], Stats]) -> Callable[[], None]:
        """Watch a client from now on; what comes back ends it."""
        number = next(self._numbers)
        self._clients[number] = {"product": product, "server": server}, stats
        return lambda: self._clients.pop(number, None) and None

    def _observe(self, meter: Meter) -> None:
        streams, connections = "wirewright.stream", "wirewright.connection"
        counter, gauge = meter.create_observable_counter, meter.create_observable_gauge
        counter(f"{streams}.events", [self._all(_of_streams(lambda s: s.events))], "", "Events that came.")
        counter(f"{streams}.dropped", [self._all(_of_streams(lambda s: s.dropped))], "", "Events that were dropped.")
        gauge(f"{streams}.pending", [self._all(_of_streams(lambda s: s.pending))], "", "Events that wait for readers.")
        gauge(f"{streams}.quiet", [self._all(_of_streams(lambda s: s.quiet_for))], "s", "Since the last event.")
        counter(f"{connections}.reconnects", [self._all(_reconnects)], "", "Connections that were lost and replaced.")
        gauge(f"{connections}.live", [self._all(_live)], "", "Whether a connection is live.")

    def _all(self, observed: _Observed) -> Callable[[CallbackOptions], Iterable[Observation]]:
        """What is observed of every client."""

        def observe(_: CallbackOptions) -> Sequence[Observation]:
            found: list[Observation] = []
            for names, stats in list(self._clients.values()):
                found += [Observation(value, names | more) for value, more in observed(_snapshot(stats))]
            return found

        return observe


def _failed(span: Span, error: BaseException) -> None:
    span.set_status(StatusCode.ERROR, type(error).__name__)
    span.set_attribute("error.type", type(error).__name__)
    if isinstance(error, WireError) and error.outcome is not None:
        span.set_attribute("wirewright.outcome", error.outcome)
    if isinstance(error, ApiError) and error.code is not None:
        span.set_attribute("wirewright.code", error.code)


def _snapshot(stats: Callable[[], Stats]) -> Stats:
    """Metrics are collected in a thread of their own: the client may be changing what is looked at."""
    for _ in range(10):
        try:
            return stats()
        except RuntimeError:  # "dictionary changed size during iteration"
            continue
    return stats()


def _of_streams(value: Callable[[StreamStats], float | None]) -> _Observed:
    def observed(stats: Stats) -> Iterable[tuple[float, dict[str, str]]]:
        for stream in stats.streams:
            if (found := value(stream)) is not None:
                yield found, {"stream": stream.name}

    return observed


def _reconnects(stats: Stats) -> Iterable[tuple[float, dict[str, str]]]:
    return [(one.reconnects, {"connection": one.name}) for one in stats.connections]


def _live(stats: Stats) -> Iterable[tuple[float, dict[str, str]]]:
    return [(_is_live(one), {"connection": one.name, "state": one.state}) for one in stats.connections]


def _is_live(connection: ConnectionStats) -> int:
    return int(connection.state in ("live", "replacing", "replaced"))
