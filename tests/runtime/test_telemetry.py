"""What OpenTelemetry is told: spans of requests, metrics of streams and connections, and no secret."""

from __future__ import annotations

from typing import Any

import pytest
from mini_wire.mini.streams import AggTradeStream
from mini_world import agg_trade, mini, virtually
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from wirewright_runtime import ApiError, BadRequest
from wirewright_runtime.telemetry import Telemetry
from wirewright_runtime.testing import VirtualClock


class World:
    """Telemetry whose spans and metrics stay here."""

    def __init__(self) -> None:
        self.spans = InMemorySpanExporter()
        self.reader = InMemoryMetricReader()
        tracers = TracerProvider()
        tracers.add_span_processor(SimpleSpanProcessor(self.spans))
        self.meters = MeterProvider([self.reader])
        self.telemetry = Telemetry(tracer_provider=tracers, meter_provider=self.meters)

    def metrics(self) -> dict[str, list[tuple[dict[str, Any], Any]]]:
        """Every point by its metric's name: attributes and value."""
        found: dict[str, list[tuple[dict[str, Any], Any]]] = {}
        data = self.reader.get_metrics_data()
        for scope in data.resource_metrics[0].scope_metrics if data and data.resource_metrics else ():
            for metric in scope.metrics:
                found[metric.name] = [
                    (dict(point.attributes or {}), getattr(point, "value", None)) for point in metric.data.data_points
                ]
        return found


def test_a_request_is_a_span_and_a_failure_says_what_is_known() -> None:
    world = World()

    async def main(clock: VirtualClock) -> None:
        async with mini(clock, telemetry=world.telemetry) as (exchange, client):
            await client.api.avg_price(symbol="BTCUSDT")
            exchange.on("avgPrice").refuse(-1121, "Invalid symbol: text-of-the-exchange.")
            with pytest.raises(ApiError):
                await client.api.avg_price(symbol="NONSENSE")

    virtually(main)
    fine, failed = world.spans.get_finished_spans()
    assert fine.name == "mini/avgPrice" and fine.kind is SpanKind.CLIENT
    assert fine.status.status_code is StatusCode.UNSET
    assert dict(fine.attributes or {}) == {
        "rpc.system": "wirewright",
        "rpc.service": "mini",
        "rpc.method": "avgPrice",
        "wirewright.server": "custom server",
    }
    assert failed.status.status_code is StatusCode.ERROR
    assert (failed.attributes or {})["wirewright.code"] == -1121
    assert (failed.attributes or {})["wirewright.outcome"] == "rejected"
    assert (failed.attributes or {})["error.type"] in (ApiError.__name__, BadRequest.__name__)
    told = "".join(span.to_json() for span in (fine, failed)) + str(world.metrics())
    for secret in ("api-key-of-alice", "secret", "NONSENSE", "127.0.0.1"):
        assert secret not in told
    durations = [attributes for attributes, _ in world.metrics()["wirewright.request.duration"]]
    assert {"product": "mini", "method": "avgPrice"} in durations and len(durations) == 2


def test_streams_and_connections_are_metrics_until_the_client_is_closed() -> None:
    world = World()

    async def main(clock: VirtualClock) -> None:
        async with (
            mini(clock, telemetry=world.telemetry) as (exchange, client),
            client.stream(AggTradeStream(symbol="btcusdt")) as trades,
        ):
            exchange.push("btcusdt@aggTrade", *(agg_trade(number) for number in range(5)))
            await clock.advance(seconds=3)
            await anext(trades)
            exchange.drop_connections()
            await clock.advance(seconds=60)
            metrics = world.metrics()
            names = {"product": "mini", "server": "custom server"}
            stream = names | {"stream": "btcusdt@aggTrade"}
            assert metrics["wirewright.stream.events"] == [(stream, 5)]
            assert metrics["wirewright.stream.pending"] == [(stream, 4)]
            assert metrics["wirewright.stream.dropped"] == [(stream, 0)]
            assert metrics["wirewright.stream.quiet"][0][1] > 50
            assert (names | {"connection": "streams"}, 1) in metrics["wirewright.connection.reconnects"]
            assert (names | {"connection": "streams", "state": "live"}, 1) in metrics["wirewright.connection.live"]

    virtually(main)
    assert "wirewright.stream.events" not in world.metrics()
