"""Helpers for everyday orders: what they require is enough, and a type checker names what is missing."""

from __future__ import annotations

import asyncio
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from facts import CLIENTS, PRODUCTS, ROOT, api, client, generated

from wirewright.model.api import Helper, Method
from wirewright.model.types import Array, EnumType, Kind, Literal, Ref, Scalar
from wirewright_runtime import Request
from wirewright_runtime.codec import Parameters

OPTIONS = {"self", "timeout", "recv_window", "extra"}
NAMED = re.compile(r'.*:(\d+): error: Missing named arguments? (.*) for "(\w+)"')


def helpers(product: str) -> Iterator[tuple[Method, Helper]]:
    for method in api(product).methods:
        for helper in method.helpers:
            yield method, helper


def sample(product: str, method: Method, name: str) -> Any:
    """A value for a parameter, as a user writes it."""
    parameter = next(one for one in method.parameters if one.name == name)
    kind = parameter.type.item if isinstance(parameter.type, Array) else parameter.type
    if parameter.values:
        return parameter.values[0]
    if isinstance(kind, Ref):
        named = next(one for one in api(product).types if one.name == kind.name)
        return named.values[0].wire if isinstance(named, EnumType) else "X"
    if isinstance(kind, Literal):
        return kind.values[0]
    if kind == Scalar(Kind.STRING):
        return "X1"
    return int(parameter.minimum) if (parameter.minimum or "").isdigit() else 1


def arguments(product: str, method: Method, helper: Helper, *, required: bool) -> dict[str, Any]:
    function = getattr(generated(product, "api").Api, f"{method.name}_{helper.name}")
    taken = inspect.signature(function).parameters.values()
    names = [one.name for one in taken if one.name not in OPTIONS and (one.default is one.empty) == required]
    return {name: sample(product, method, name) for name in names}


def test_the_everyday_orders_have_helpers() -> None:
    spot = {f"{method.name}_{helper.name}" for method, helper in helpers("spot")}
    wanted = (
        "limit limit_maker market market_by_quote stop_loss stop_loss_limit take_profit take_profit_limit trailing_stop"
    )
    assert {f"order_place_{name}" for name in wanted.split()} <= spot
    assert {f"order_list_place_oco_{name}" for name in ("sell", "sell_limit", "buy", "buy_limit")} <= spot
    assert all(
        any(name.startswith(f"order_list_place_{kind}_") for name in spot) for kind in ("oto", "otoco", "opo", "opoco")
    )
    for product, stop in (("usdm", "algo_order_place"), ("coinm", "order_place")):
        futures = {f"{method.name}_{helper.name}" for method, helper in helpers(product)}
        assert {"order_place_limit", "order_place_market", "order_place_post_only"} <= futures
        assert {f"{stop}_{name}" for name in ("stop", "stop_market", "take_profit", "trailing_stop")} <= futures


def sent(product: str, name: str, given: dict[str, Any]) -> Request[object]:
    """The request that a helper makes; checked as it would be before it is sent."""
    requests: list[Request[object]] = []
    made = object.__new__(generated(product, "api").Api)

    async def note(request: Request[object], **_options: object) -> None:
        requests.append(request)

    made._result = note
    asyncio.run(getattr(made, name)(**given))
    Parameters(type(requests[0]), client(product).product).prepare(requests[0])
    return requests[0]


@pytest.mark.parametrize("product", PRODUCTS)
def test_what_a_helper_requires_is_enough(product: str) -> None:
    for method, helper in helpers(product):
        name = f"{method.name}_{helper.name}"
        required = arguments(product, method, helper, required=True)
        if method.wire == "order.cancelReplace":  # which order goes is said by one of two ids
            required["cancel_order_id"] = 1
        request = sent(product, name, required)
        for fixed, value in helper.sets:
            assert str(getattr(request, fixed)) == value, name
        for option, value in arguments(product, method, helper, required=False).items():
            sent(product, name, required | {option: value})


@pytest.mark.parametrize("product", PRODUCTS)
def test_a_type_checker_names_what_is_missing(product: str, tmp_path: Path) -> None:
    lines = [
        f"from binance_wire.{product} import {CLIENTS[product]}",
        f"async def use(client: {CLIENTS[product]}) -> None:",
    ]
    missing: dict[int, tuple[str, str]] = {}
    for method, helper in helpers(product):
        name = f"{method.name}_{helper.name}"
        required = arguments(product, method, helper, required=True)
        lines.append(f"    await client.api.{name}({call(required)})")
        for left_out in required:
            lines.append(f"    await client.api.{name}({call({k: v for k, v in required.items() if k != left_out})})")
            missing[len(lines)] = (left_out, name)
    file = tmp_path / "use.py"
    file.write_text("\n".join(lines) + "\n")
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", str(file)]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout.splitlines()
    found = {int(one[1]): (one[2].strip('"'), one[3]) for line in told if (one := NAMED.match(line))}
    assert len(found) == sum(": error: " in line for line in told), "\n".join(told)
    assert {line: (names, function.split(" ")[0]) for line, (names, function) in found.items()} == missing


def call(given: dict[str, Any]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in given.items())
