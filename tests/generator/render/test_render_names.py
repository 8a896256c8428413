"""What was renamed keeps its old name."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import Any

import pytest
from mini_api import MINI, TYPES

from wirewright.model.api import Deprecation
from wirewright.model.types import StructType
from wirewright.render.context import Context
from wirewright.render.environment import Templates
from wirewright.render.product import render_all
from wirewright.write.format import format_files

RENAMED = (
    Deprecation("api", "average_price", "avg_price"),
    Deprecation("enums", "OrderSide", "Side"),
    Deprecation("models", "NewOrder", "PlacedOrder"),
    Deprecation("events", "Trades", "AggTrade"),
    Deprecation("requests", "AveragePriceRequest", "AvgPrice"),
    Deprecation("streams", "TradesStream", "AggTradeStream"),
)


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The small exchange with something renamed in every module, imported."""
    types = list(TYPES)
    status = next(named for named in types if named.name == "Status")
    types[types.index(status)] = dataclasses.replace(status, deprecated=(("OPEN", "NEW"),))
    order = next(named for named in types if named.name == "PlacedOrder")
    assert isinstance(order, StructType)
    renamed = dataclasses.replace(order.fields[1], deprecated_names=("id",))
    types[types.index(order)] = dataclasses.replace(order, fields=(order.fields[0], renamed, *order.fields[2:]))
    api = dataclasses.replace(MINI, types=tuple(types), deprecations=RENAMED)
    for path, text in format_files(render_all(Context(api, "renamed_wire", Templates()))).items():
        (tmp_path / "renamed_wire").mkdir(exist_ok=True)
        (tmp_path / "renamed_wire" / path).write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    yield __import__("renamed_wire.streams", fromlist=["streams"])
    for name in [name for name in sys.modules if name.startswith("renamed_wire")]:
        del sys.modules[name]


@pytest.mark.usefixtures("package")
def test_old_names_are_still_there() -> None:
    from renamed_wire import api, enums, events, models, requests, streams  # type: ignore[import-not-found]

    assert enums.OrderSide is enums.Side
    assert models.NewOrder is models.PlacedOrder
    assert events.Trades is events.AggTrade
    assert requests.AveragePriceRequest is requests.AvgPrice
    assert streams.TradesStream is streams.AggTradeStream
    assert api.Api.average_price is api.Api.avg_price
    assert enums.Status.OPEN is enums.Status.NEW
    order = models.PlacedOrder(symbol="B", order_id=7, price=1, status=enums.Status.NEW)
    assert order.id == order.order_id == 7
    assert "Deprecated" in (models.PlacedOrder.id.__doc__ or "")


def test_a_stream_speaks_of_its_event_by_the_names_of_python() -> None:
    stream = dataclasses.replace(MINI.streams[0], doc="Numbered by `a`; `symbol` stays.")
    api = dataclasses.replace(MINI, streams=(stream,))
    event = next(named for named in TYPES if named.name == "AggTrade")
    assert isinstance(event, StructType)
    name = next(field.name for field in event.fields if field.wire == "a")
    assert name != "a"
    assert f"Numbered by `{name}`; `symbol` stays." in render_all(Context(api, "mini", Templates()))["streams.py"]
