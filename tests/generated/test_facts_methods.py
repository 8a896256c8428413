"""Every method and every parameter of the facts, as the model and the catalog have them. What differs is named here."""

from __future__ import annotations

from typing import Any

import pytest
from facts import PRODUCTS, api, enum_values, generated, kind_of, methods

from wirewright.model.api import Auth, Method, Parameter
from wirewright.model.types import Array, Literal, Ref

COUNTS = {"spot": 55, "usdm": 21, "coinm": 13}
OF_ANOTHER_PAGE = {"spot": {"userDataStream.subscribe.listenToken"}, "usdm": set[str](), "coinm": set[str]()}
THE_RUNTIMES = {"apiKey", "signature", "timestamp", "recvWindow"}

# (product, method) -> why the security differs
SECURITY = {
    ("usdm", "session.logon"): "SIGNED is no security type: the request is signed, and needs no permission",
    ("coinm", "session.logon"): "the same",
}

# Types that the facts have in several ways, or that we say more exactly
TYPES = {
    "STRING": {"string"},
    "INT": {"integer"},
    "LONG": {"integer", "time"},
    "DECIMAL": {"decimal"},
    "BOOLEAN": {"boolean"},
    "string": {"string"},
    "integer": {"integer", "time"},
    "decimal": {"decimal"},
    "boolean": {"boolean"},
    "ARRAY of STRING": {"list of string", "list of enum Permission"},
}
OTHER_TYPES = {
    "trailingdelta": "basis points, INT in three tables and in every answer (errata)",
    "icebergqty": "LONG in the table of orderList.place.oco; every other quantity is a DECIMAL (errata)",
    "symbols": "STRING in the table of executionRules, a list in every other (errata)",
}

# (product, method, parameter) -> values that only the facts have, values that only we have
VALUES = {
    ("spot", "orderList.place.oco", "belowType"): (set[str](), {"LIMIT_MAKER"}),
    ("spot", "orderList.place.otoco", "pendingBelowType"): (set[str](), {"LIMIT_MAKER"}),
    ("spot", "orderList.place.opo", "workingSide"): ({"SELL"}, set[str]()),
    ("spot", "orderList.place.opo", "pendingSide"): ({"BUY"}, set[str]()),
    ("spot", "orderList.place.opoco", "workingSide"): ({"SELL"}, set[str]()),
    ("spot", "orderList.place.opoco", "pendingSide"): ({"BUY"}, set[str]()),
    ("usdm", "algoOrder.place", "timeInForce"): (set[str](), {"GTX", "GTD", "RPI", "GTE_GTC"}),
}

# What a default depends on, or what the client does by itself, is no default of the model
DEFAULTS = {"newOrderRespType", "newClientOrderId", "clientAlgoId", "activatePrice", "activationPrice"}


def ours(product: str) -> dict[str, Method]:
    return {one.wire: one for one in api(product).methods if not one.http}


def each(*products: str) -> list[Any]:
    return [pytest.param(product, id=product) for product in products or PRODUCTS]


@pytest.mark.parametrize("product", each())
def test_every_method_is_there(product: str) -> None:
    named = {one["method"] for one in methods(product)}
    assert len(named) == COUNTS[product]
    assert set(ours(product)) == named | OF_ANOTHER_PAGE[product]
    assert set(generated(product, "catalog").METHODS) == set(ours(product))


@pytest.mark.parametrize("product", each())
def test_the_catalog_knows_result_weight_security_and_source(product: str) -> None:
    catalog = generated(product, "catalog")
    for wire, request in catalog.METHODS.items():
        assert request.method == wire
        assert request.result is not None, wire
        assert request.source.startswith(f"specs/binance/{product}/"), wire
        assert isinstance(request.weight, int), wire
        assert request.security.name == ours(product)[wire].security, wire
    for found in catalog.STREAMS.values():
        assert found.event is not None
        assert found.source.startswith(f"specs/binance/{product}/")
    for event in catalog.EVENTS.values():
        assert event.source.startswith(f"specs/binance/{product}/")


@pytest.mark.parametrize("product", each())
def test_security_is_as_documented(product: str) -> None:
    for fact in methods(product):
        method = ours(product)[fact["method"]]
        if (product, method.wire) not in SECURITY:
            assert method.security == fact["security"], method.wire
        if method.security in ("TRADE", "USER_DATA") or fact["signed"]:
            assert method.auth is Auth.SIGNED, method.wire
        elif fact.get("api_key_only") or method.security == "USER_STREAM":
            assert method.auth in (Auth.KEY, Auth.SIGNED, Auth.SESSION), method.wire


def test_what_is_said_of_spots_methods() -> None:
    for fact in methods("spot"):
        method = ours("spot")[fact["method"]]
        assert bool(method.deprecated) == fact["deprecated"], method.wire
        assert method.order_count == (fact["unfilled_order_count"] or 0), method.wire
        assert method.data_source == ", then ".join(fact["data_source"] or ()), method.wire
        success = fact.get("weight_on_success")
        assert method.weight.success == (success["weight"] if success and "only_if" not in success else None), method.wire


@pytest.mark.parametrize("product", each())
def test_every_parameter_is_there(product: str) -> None:
    for fact in methods(product):
        listed = {one["name"] for one in fact["params"]} - THE_RUNTIMES
        assert {one.wire for one in ours(product)[fact["method"]].parameters} == listed, fact["method"]


def parameters(product: str) -> list[tuple[str, dict[str, Any], Parameter]]:
    """Every parameter that the facts list, and what we made of it."""
    found: list[tuple[str, dict[str, Any], Parameter]] = []
    for fact in methods(product):
        mine = {one.wire: one for one in ours(product)[fact["method"]].parameters}
        found += [(fact["method"], one, mine[one["name"]]) for one in fact["params"] if one["name"] in mine]
    return found


@pytest.mark.parametrize("product", each())
def test_what_is_mandatory_is_required(product: str) -> None:
    for method, fact, parameter in parameters(product):
        alone = not fact.get("mandatory_group")  # several names in one cell: at least one of them
        assert parameter.required == (fact["mandatory"] in ("YES", True) and alone), f"{method} {parameter.wire}"


@pytest.mark.parametrize("product", each())
def test_types_of_parameters(product: str) -> None:
    for method, fact, parameter in parameters(product):
        where, kind = f"{method} {parameter.wire}: {kind_of(parameter.type)}", kind_of(parameter.type)
        if fact["type"] == "ENUM" or fact.get("enum") and product != "spot":
            assert kind.startswith("enum ") or kind == "literal" or parameter.values, where
        elif kind not in TYPES[fact["type"]]:
            assert any(parameter.wire.lower().endswith(name) for name in OTHER_TYPES), where


@pytest.mark.parametrize("product", each())
def test_values_of_parameters(product: str) -> None:
    different = {}
    for method, fact, parameter in parameters(product):
        listed = {str(one) for one in (fact.get("values") or (fact["enum"] if product != "spot" and "enum" in fact else ()))}
        accepted = accepted_values(product, parameter)
        if listed and listed != accepted:
            different[product, method, parameter.wire] = (listed - accepted, accepted - listed)
    assert different == {where: values for where, values in VALUES.items() if where[0] == product}


def accepted_values(product: str, parameter: Parameter) -> set[str]:
    kind = parameter.type.item if isinstance(parameter.type, Array) else parameter.type
    if parameter.values:
        return set(parameter.values)
    if isinstance(kind, Literal):
        return {str(one) for one in kind.values}
    return enum_values(product, kind.name) if isinstance(kind, Ref) else set()


@pytest.mark.parametrize("product", each())
def test_defaults_and_limits_of_parameters(product: str) -> None:
    for method, fact, parameter in parameters(product):
        where = f"{method} {parameter.wire}"
        if parameter.wire not in DEFAULTS:
            default = fact.get("default")
            text = str(default).lower() if isinstance(default, bool) else default
            assert parameter.default == (None if text is None else str(text)), where
        limits = [fact.get(one) for one in ("minimum", "maximum", "min", "max")]
        for limit in limits:
            if isinstance(limit, int | float):
                assert str(limit) in (parameter.minimum, parameter.maximum), where
        if "pattern" in fact:
            assert fact["pattern"].strip("^$").replace("\\", "") == parameter.pattern, where
    if product == "spot":
        most = next(one["max_symbols"] for one in methods(product) if one["method"] == "ticker")
        symbols = next(one for one in ours(product)["ticker"].parameters if one.wire == "symbols")
        assert symbols.maximum == str(most)
