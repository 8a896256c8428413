"""Every method, every shape of its answer and every stream of each product, through a real socket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any, get_args, get_origin

import msgspec
import pytest
from mock_world import ED25519, PRODUCTS, ROOT, SYMBOLS, module, virtually, world

from wirewright_runtime import Request, Stream
from wirewright_runtime.testing import VirtualClock, encode

Given = dict[str, Any]


@cache
def documented(product: str) -> Any:
    """The examples of a product."""
    return json.loads((ROOT / "generated/binance_wire" / product / "examples.json").read_text())


def requests_of(product: str) -> list[type[Request[Any]]]:
    """Every request class: one per method, or per shape of a method's answer."""
    requests = module(product, "requests")
    every = [getattr(requests, name) for name in dir(requests)]
    return [one for one in every if isinstance(one, type) and issubclass(one, Request) and one.method and one.result]


def arguments(product: str, cls: type[Request[Any]]) -> Given:
    """Arguments as the documents show them, about one symbol."""
    fields = {field.encode_name: field for field in msgspec.structs.fields(cls)}
    shown = documented(product)["methods"][cls.method].get("request", {}).get("params", {})
    given = {fields[wire].name: value for wire, value in shown.items() if wire in fields}
    symbol = SYMBOLS[product]
    given |= {name: value for name, value in (("symbol", symbol), ("symbols", [symbol])) if name in given}
    needed = {
        "symbol": symbol,
        "symbols": [symbol, "ETHUSDT"],
        "listen_token": "token",
        "compute_commission_rates": True,
    }
    missing = [field.name for field in fields.values() if field.required and field.name not in given]
    return given | {name: needed[name] for name in missing}


class Walker:
    """Calls methods in an order in which there is something to ask about."""

    def __init__(self, product: str, client: Any) -> None:
        self.product, self.client, self.symbol = product, client, SYMBOLS[product]

    async def order(self, **more: Any) -> Any:
        """A new order that rests."""
        requests = module(self.product, "requests")
        limit: Given = {"symbol": self.symbol, "side": "BUY", "type": "LIMIT", "quantity": "0.5", "price": "50000"}
        if self.product == "coinm":
            limit["quantity"] = "5"
        return (await self.client.call(requests.OrderPlace(**limit, time_in_force="GTC", **more))).result

    async def order_list(self) -> Any:
        """A new order list that rests."""
        prices: Given = {"above_price": "70000", "below_stop_price": "60000"}
        return await self.client.api.order_list_place_oco(
            symbol=self.symbol, side="SELL", quantity="1", above_type="LIMIT_MAKER", below_type="STOP_LOSS", **prices
        )

    async def algo_order(self) -> Any:
        """A new conditional order."""
        requests = module(self.product, "requests")
        return (
            await self.client.call(requests.AlgoOrderPlace(**arguments(self.product, requests.AlgoOrderPlace)))
        ).result

    async def about(self, cls: type[Request[Any]]) -> Given:
        """Arguments of a request, about things that the exchange has."""
        given, method = arguments(self.product, cls), cls.method
        for name in ("order_id", "orig_client_order_id", "cancel_order_id", "cancel_orig_client_order_id"):
            if given.pop(name, None) is not None and not method.startswith("orderList"):
                order = await self.order()
                return given | {name.replace("orig_client_", ""): order.order_id} | self._changed(method)
        if method in ("orderList.cancel", "orderList.status"):
            order_list = await self.order_list()
            return {"order_list_id": order_list.order_list_id} | ({"symbol": self.symbol} if "symbol" in given else {})
        if method == "algoOrder.cancel":
            return {"algo_id": (await self.algo_order()).algo_id}
        return given | (LISTS.get(method, {}) if self.product == "spot" else {})

    def _changed(self, method: str) -> Given:
        if method == "order.amend.keepPriority":
            return {"new_qty": "0.25"}
        return {"price": "51000", "side": "BUY"} if method == "order.modify" else {}


OCO: Given = {
    "above_type": "LIMIT_MAKER",
    "above_price": "70000",
    "below_type": "STOP_LOSS",
    "below_stop_price": "60000",
}
LISTS: dict[str, Given] = {
    "orderList.place": {"side": "SELL", "price": "70000", "stop_price": "60000", "stop_limit_price": "59000"},
    "orderList.place.oco": OCO | {"side": "SELL", "above_time_in_force": None, "below_price": None, "above_stop_price": None},
    "orderList.place.oto": {"working_price": "70000"},
    "orderList.place.otoco": {"working_price": "60000", "pending_below_price": "50000", "pending_above_stop_price": "66000"},
    "order.test": {"price": "50000"},
    "sor.order.test": {"price": "50000"},
    "order.cancelReplace": {"price": "50000", "side": "BUY"},
}  # fmt: skip


def turn(cls: type[Request[Any]]) -> int:
    """When a method is called: a listen key comes first, the session ends last."""
    return {"userDataStream.start": 0, "userDataStream.stop": 2, "session.logout": 3}.get(cls.method, 1)


async def walk_methods(product: str, clock: VirtualClock) -> set[str]:
    """Sends every request once; gives the methods that were answered."""
    answered: set[str] = set()
    async with world(product, clock, key=ED25519) as (exchange, client):
        walker = Walker(product, client)
        for cls in sorted(requests_of(product), key=turn):
            if cls.spec.http:
                continue
            request = cls(**await walker.about(cls))
            result = (await client.call(request)).result
            assert encode(result), cls
            symbol = getattr(result, "symbol", None)
            assert symbol in (None, getattr(request, "symbol", symbol)), cls
            answered.add(cls.method)
        assert exchange.counters.double_sends == 0
    return answered


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of methods that the exchange wants to be rid of
@pytest.mark.parametrize("product", PRODUCTS)
def test_every_method_is_answered(product: str) -> None:
    answered: set[str] = set()

    async def main(clock: VirtualClock) -> None:
        answered.update(await walk_methods(product, clock))

    virtually(main)
    assert answered == set(module(product, "catalog").METHODS) - http_calls(product)


def http_calls(product: str) -> set[str]:
    """Calls over HTTP, which no WebSocket serves."""
    return {name for name, cls in module(product, "catalog").METHODS.items() if cls.spec.http}


def streams_of(product: str) -> Iterator[tuple[str, Stream[Any]]]:
    """One stream for every documented name."""
    for pattern, cls in module(product, "catalog").STREAMS.items():
        given = {field.name: value_of(product, field) for field in msgspec.structs.fields(cls) if field.required}
        speed = pattern.rpartition("@")[2]
        if speed.endswith("ms") and any(field.name == "update_speed" for field in msgspec.structs.fields(cls)):
            given["update_speed"] = speed
        yield pattern, cls(**given)


def value_of(product: str, field: msgspec.structs.FieldInfo) -> Any:
    """An argument for a stream: the first of its literals, or the product's symbol."""
    values = list(literals(field.type))
    if values:
        return values[0]
    symbol = SYMBOLS[product]
    return {"symbol": symbol, "pair": symbol.partition("_")[0]}[field.name]


def literals(kind: Any) -> Iterator[Any]:
    for one in get_args(kind):
        if (
            get_origin(kind).__name__ == "Literal"
            if hasattr(get_origin(kind), "__name__")
            else str(kind).startswith("typing.Literal")
        ):
            yield one
        else:
            yield from literals(one)


async def see(clock: VirtualClock, client: Any, stream: Stream[Any]) -> None:
    """Two events of a stream are of its type, about its symbol, of now, and in order."""
    async with client.stream(stream) as events:
        first, second = await anext(events), await anext(events)
    for event in (first, second):
        one = event[0] if isinstance(event, tuple) else event
        asked = getattr(stream, "symbol", None) or getattr(stream, "pair", None)
        about = getattr(one, "symbol", None) or getattr(one, "pair", None)
        assert about is None or asked is None or asked in about or about in asked, (stream, event)
        assert abs(getattr(one, "event_time", clock.wall() * 1000) - clock.wall() * 1000) < 20_000, (stream, event)
    key = stream.spec.sequence
    if key is not None and key.last:
        wires = {field.encode_name: field.name for field in msgspec.structs.fields(type(first))}
        assert getattr(second, wires[key.last]) > getattr(first, wires[key.last]), stream


@pytest.mark.parametrize("product", PRODUCTS)
def test_every_stream_brings_events(product: str) -> None:
    seen: set[str] = set()

    async def main(clock: VirtualClock) -> None:
        async with world(product, clock, key=None) as (_, client):
            for pattern, stream in streams_of(product):
                await see(clock, client, stream)
                seen.add(pattern)

    virtually(main)
    assert seen == set(module(product, "catalog").STREAMS)
