"""Rules between parameters, weights: what the facts say, tried on the requests of the generated clients."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from facts import api, client, facts, generated, methods

from wirewright.model.api import Method
from wirewright.model.types import Array, EnumType, Kind, Literal, Ref, Scalar
from wirewright_runtime import Request
from wirewright_runtime.codec import Parameters
from wirewright_runtime.request import weight_of

pytestmark = pytest.mark.filterwarnings("ignore:orderList.place. use:DeprecationWarning")

Given = dict[str, Any]

# What the facts call a rule and no client can check: it depends on the account or on the order
UNKNOWN_TO_A_CLIENT = {"hedge_mode"}
NO_RULES = {"limit", "only_for", "not_found_when"}


def method_of(product: str, wire: str) -> Method:
    return next(one for one in api(product).methods if one.wire == wire)


def sample(product: str, method: Method, name: str) -> Any:
    """A value that a parameter takes."""
    parameter = next(one for one in method.parameters if one.wire == name)
    kind = parameter.type.item if isinstance(parameter.type, Array) else parameter.type
    value: Any
    match kind:
        case _ if parameter.values:
            value = parameter.values[0]
        case Ref(name=enum):
            value = next(one for one in api(product).types if isinstance(one, EnumType) and one.name == enum).values[0].wire
        case Literal(values=values):
            value = values[0]
        case Scalar(kind=Kind.BOOLEAN):
            value = True
        case Scalar(kind=Kind.STRING):
            value = "X1"
        case _:
            value = int(parameter.minimum) if parameter.minimum and parameter.minimum.isdigit() else 1
    return [value] if isinstance(parameter.type, Array) else value


class Try:
    """One method: what is sent for arguments by wire name, or the error."""

    def __init__(self, product: str, wire: str) -> None:
        self.product = product
        self.method = method_of(product, wire)
        variant = next(iter(self.method.variants))
        self.request: type[Request[object]] = getattr(generated(product, "requests"), variant.name)
        self.parameters = Parameters(self.request, client(product).product)
        self.names = {one.wire: one.name for one in self.method.parameters}
        self.decided = {choice.parameter for choice in variant.choices if choice.value}

    def send(self, given: Given) -> Mapping[str, Any]:
        named = {self.names[wire]: value for wire, value in given.items() if self.names[wire] not in self.decided}
        return self.parameters.prepare(self.request(**named))

    def refuses(self, given: Given, *names: str) -> None:
        """The request is refused, and the message names the method and one of the parameters."""
        try:
            self.send(given)
        except (TypeError, ValueError) as error:
            assert any(self.names[name] in str(error) for name in names), f"{error} does not name {names}"
        else:
            pytest.fail(f"{self.method.wire} sends {given}, without {names}")

    def value(self, name: str) -> Any:
        return sample(self.product, self.method, name)


# The page of OCO says where a price may be, not that it must: it must, as for the same pair of OTOCO (errata)
PRICED, TRIGGERED = {"LIMIT_MAKER", "STOP_LOSS_LIMIT", "TAKE_PROFIT_LIMIT"}, {"STOP_LOSS", "TAKE_PROFIT"}
ERRATA: dict[str, list[tuple[str, set[str], list[str], list[list[str]]]]] = {
    "orderList.place.oco": [
        row
        for leg in ("above", "below")
        for row in (
            (f"{leg}Type", PRICED, [], [[f"{leg}Price"]]),
            (f"{leg}Type", PRICED - {"LIMIT_MAKER"} | TRIGGERED, [], [[f"{leg}StopPrice", f"{leg}TrailingDelta"]]),
        )
    ]
}


# The pages of OPO and OPOCO name no conditions: those of OTO and OTOCO, which they are but for the quantity (errata)
SAME = {"orderList.place.opo": "orderList.place.oto", "orderList.place.opoco": "orderList.place.otoco"}


def conditions(fact: dict[str, Any]) -> Iterator[tuple[str, set[str], list[str], list[list[str]]]]:
    """(parameter, its values, what is required then, of what one at least)"""
    yield from ERRATA.get(fact["method"], ())
    like = SAME.get(fact["method"], fact["method"])
    source = fact if like == fact["method"] else next(one for one in methods("spot") if one["method"] == like)
    for rule in source.get("conditional_params", ()):
        some = [one["params"] for one in rule["any_of"]]
        yield rule["when"]["param"], set(rule["when"]["values"]), rule["required"], some
    for parameter in fact["params"]:
        for when in parameter.get("required_if", ()):
            yield when["param"], set(when["values"]), [parameter["name"]], []
    for rule in fact.get("constraints", ()):
        if rule["kind"] == "required_when" and isinstance(rule["when"], dict):
            for name, values in rule["when"].items():
                one_of = [rule["one_of"]] if "one_of" in rule else []
                yield name, {values} if isinstance(values, str) else set(values), rule["params"], one_of


def complete(trial: Try, fact: dict[str, Any], given: Given) -> Given:
    """The arguments with all that the facts want beside them."""
    given = dict(given)
    for parameter in fact["params"]:
        if parameter["mandatory"] in ("YES", True) and parameter["name"] in trial.names:
            first = (parameter.get("mandatory_group") or [parameter["name"]])[0]
            given.setdefault(first, trial.value(first))
        group = parameter.get("any_of")
        if group and not parameter.get("allowed_if") and not set(group) & given.keys():
            given[group[0]] = trial.value(group[0])
    for rule in fact.get("constraints", ()):
        if rule["kind"] == "one_of_required" and not set(rule["params"]) & given.keys():
            given[rule["params"][0]] = trial.value(rule["params"][0])
    grew = True
    while grew:
        before = len(given)
        for name, values, required, some in conditions(fact):
            if given.get(name) in values:
                for wanted in (*required, *(group[0] for group in some if not set(group) & given.keys())):
                    given.setdefault(wanted, trial.value(wanted))
        grew = len(given) > before
    return given


CONDITIONAL = [
    (product, wire)
    for product, wires in {
        "spot": (
            "order.place order.test order.cancelReplace orderList.place.oco orderList.place.oto orderList.place.otoco "
            "orderList.place.opo orderList.place.opoco orderList.place sor.order.place sor.order.test"
        ),
        "usdm": "order.place order.modify order.cancel order.status algoOrder.place algoOrder.cancel",
        "coinm": "order.place order.modify order.cancel order.status",
    }.items()
    for wire in wires.split()
]


def test_no_method_with_conditions_is_left_out() -> None:
    for product in ("spot", "usdm", "coinm"):
        for fact in methods(product):
            if list(conditions(fact)):
                assert (product, fact["method"]) in CONDITIONAL


@pytest.mark.parametrize(("product", "wire"), CONDITIONAL)
def test_what_a_value_asks_for_must_be_given(product: str, wire: str) -> None:
    fact = next(one for one in methods(product) if one["method"] == wire)
    trial = Try(product, wire)
    for name, values, required, some in conditions(fact):
        accepted = next(one for one in trial.method.parameters if one.wire == name)
        for value in sorted(values & set(accepted.values or values)):
            whole = complete(trial, fact, {name: value})
            trial.send(whole)
            for wanted in required:
                trial.refuses({key: one for key, one in whole.items() if key != wanted}, wanted)
            for group in some:
                trial.refuses({key: one for key, one in whole.items() if key not in group}, *group)


@pytest.mark.parametrize("product", ["spot", "usdm", "coinm"])
def test_what_is_mandatory_must_be_given(product: str) -> None:
    for fact in methods(product):
        trial = Try(product, fact["method"])
        whole = complete(trial, fact, {})
        for group in groups(fact):
            known = [name for name in group if name in trial.names]
            if known:
                alone = {key: value for key, value in whole.items() if key not in group}
                try:
                    trial.send(alone)
                except (TypeError, ValueError) as error:
                    assert any(name in str(error) or trial.names[name] in str(error) for name in known), error
                else:
                    pytest.fail(f"{fact['method']} is sent without {known}")


def groups(fact: dict[str, Any]) -> list[list[str]]:
    found = [rule["params"] for rule in fact.get("constraints", ()) if rule["kind"] == "one_of_required"]
    for parameter in fact["params"]:
        if parameter["mandatory"] in ("YES", True):
            found.append(parameter.get("mandatory_group") or [parameter["name"]])
        elif parameter.get("any_of") and not parameter.get("allowed_if"):
            found.append(parameter["any_of"])
    return found


def test_what_a_value_allows_is_refused_with_others() -> None:
    tried = 0
    for fact in methods("spot"):
        trial = Try("spot", fact["method"])
        for parameter in fact["params"]:
            for when in parameter.get("allowed_if", ()):
                stated = next(one for one in trial.method.parameters if one.wire == when["param"])
                known = stated.values or [str(one.wire) for one in values_of(stated.type)]
                allowed = {value for one in parameter["allowed_if"] if one["param"] == when["param"] for value in one["values"]}
                for value in sorted(set(known) - allowed):
                    given = complete(trial, fact, {when["param"]: value})
                    if any(given.get(one["param"]) in one["values"] for one in parameter["allowed_if"]):
                        continue
                    if (fact["method"], parameter["name"], value) in LIMIT_MAKER_BELOW:
                        continue
                    trial.refuses(given | {parameter["name"]: trial.value(parameter["name"])}, parameter["name"])
                    tried += 1
    assert tried > 50


# A limit order below, which a buying pair needs, has a price; the facts follow the table, which forgets it
LIMIT_MAKER_BELOW = {("orderList.place.otoco", "pendingBelowPrice", "LIMIT_MAKER")}


def values_of(kind: Any) -> Any:
    return next(one for one in api("spot").types if isinstance(one, EnumType) and one.name == kind.name).values


def test_what_excludes_each_other_is_refused_together() -> None:
    for fact in methods("spot"):
        for names in fact.get("exclusive", ()):
            every = [Parameters(one, client("spot").product) for one in requests_of(fact["method"])]
            for first in names:
                for second in names:
                    if first < second:
                        assert not any(takes(one, {first, second}) for one in every), (fact["method"], first, second)


def requests_of(wire: str) -> list[type[Request[object]]]:
    requests = generated("spot", "requests")
    return [getattr(requests, variant.name) for variant in method_of("spot", wire).variants]


def takes(parameters: Parameters, wires: set[str]) -> bool:
    """Whether a request can hold all of these, and no rule forbids them together."""
    if not wires <= set(parameters.wires.values()):
        return False
    spelled = {wire: name for name, wire in parameters.wires.items()}
    exclusive = [rule for rule in parameters.rules if rule.kind in ("at most one of", "exactly one of")]
    return not any({spelled[wire] for wire in wires} <= set(rule.parameters) for rule in exclusive if not rule.conditions)


@pytest.mark.parametrize("product", ["usdm", "coinm"])
def test_what_futures_orders_exclude(product: str) -> None:
    for fact in methods(product):
        trial = Try(product, fact["method"])
        for rule in fact.get("constraints", ()):
            if rule["kind"] in NO_RULES or rule.get("when") in tuple(UNKNOWN_TO_A_CLIENT):
                continue
            if rule["kind"] == "exclusive" and not fact["method"] == "order.modify":  # there both are wanted (errata)
                whole = complete(trial, fact, {"type": "LIMIT"} if fact["method"] == "order.place" else {"type": "STOP"})
                trial.refuses(whole | {name: trial.value(name) for name in rule["params"]}, *rule["params"])
            if rule["kind"] == "forbidden_when":
                whole = complete(trial, fact, {"type": "STOP_MARKET", **rule["when"]})
                trial.send(whole)
                for name in rule["params"]:
                    trial.refuses(whole | {name: trial.value(name)}, name)
            if rule["kind"] == "only_with":
                for value in sorted(order_types(trial) - set(rule["when"]["type"])):
                    given = complete(trial, fact, {"type": value}) | {rule["param"]: trial.value(rule["param"])}
                    trial.refuses(given, rule["param"])


def order_types(trial: Try) -> set[str]:
    parameter = next(one for one in trial.method.parameters if one.wire == "type")
    if parameter.values:
        return set(parameter.values)
    named = next(one for one in api(trial.product).types if one.name == parameter.type.name)  # type: ignore[union-attr]
    return {str(one.wire) for one in named.values}  # type: ignore[union-attr]


# Weights


def test_the_weights_of_futures_methods() -> None:
    for product in ("usdm", "coinm"):
        for fact in methods(product):
            stated, request = fact["weight"].get("ip"), generated(product, "catalog").METHODS[fact["method"]]
            if isinstance(stated, int):
                assert request.weight == stated, (product, fact["method"])
    usdm = generated("usdm", "requests")
    by_limit = next(one for one in methods("usdm") if one["method"] == "depth")["weight"]["ip"]["table"]
    for row in by_limit:
        for limit in row["limit"]:
            assert weight_of(usdm.Depth(symbol="X", limit=limit)) == row["weight"]
    for name, alone, many in (("price", "TickerPrice", "TickerPriceMany"), ("book", "TickerBook", "TickerBookMany")):
        stated = next(one for one in methods("usdm") if one["method"] == f"ticker.{name}")["weight"]["ip"]
        assert weight_of(getattr(usdm, alone)(symbol="X")) == stated["present"]
        assert weight_of(getattr(usdm, many)()) == stated["absent"]


def test_the_weights_of_spots_methods() -> None:
    weights = facts("spot/rate_limits")["weights"]
    catalog, requests = generated("spot", "catalog").METHODS, generated("spot", "requests")
    for wire, stated in weights.items():
        if isinstance(stated, int):
            assert catalog[wire].weight == stated, wire
    assert [weight_of(requests.Depth(symbol="X", limit=row["max"])) for row in weights["depth"]] == [
        row["weight"] for row in weights["depth"]
    ]
    many = [f"S{index}" for index in range(200)]
    for row in weights["ticker.24hr"][:3]:
        for count in {row["min"], row["max"] or 150}:
            assert weight_of(requests.Ticker24hrMany(symbols=many[:count])) == row["weight"], count
    assert weight_of(requests.Ticker24hrMany()) == weights["ticker.24hr"][3]["weight"]
    for kind in (requests.TickerMany, requests.TickerTradingDayMany):
        assert [weight_of(kind(symbols=many[:count])) for count in (1, 50, 51, 100)] == [4, 200, 200, 200]
    for wire, alone, several in (
        ("ticker.price", requests.TickerPrice, requests.TickerPriceMany),
        ("ticker.book", requests.TickerBook, requests.TickerBookMany),
    ):
        by = {row["case"]: row["weight"] for row in weights[wire]}
        assert weight_of(alone(symbol="X")) == by["symbol"]
        assert weight_of(several(symbols=["X"])) == by["symbols"]
        assert weight_of(several()) == by["none"]
    rules = {row["case"]: row for row in weights["executionRules"]}
    assert weight_of(requests.ExecutionRules(symbol="X")) == rules["symbol"]["weight"]
    assert weight_of(requests.ExecutionRules(symbols=many[:3])) == 3 * rules["symbols"]["weight"]
    assert weight_of(requests.ExecutionRules(symbols=many)) == rules["symbols"]["weight_cap"]
    assert weight_of(requests.ExecutionRules(symbol_status="TRADING")) == rules["symbolStatus"]["weight"]
    assert weight_of(requests.ExecutionRules()) == rules["None"]["weight"]
    own = {row["case"]: row["weight"] for row in weights["myTrades"]}
    assert weight_of(requests.MyTrades(symbol="X")) == own["Without orderId"]
    assert weight_of(requests.MyTrades(symbol="X", order_id=1)) == own["With orderId"]
    placed = {"symbol": "X", "side": "BUY", "type": "MARKET", "quantity": 1}
    tested = [row["weight"] for row in weights["order.test"]]
    assert [weight_of(kind(**placed)) for kind in (requests.OrderTest, requests.OrderTestCommission)] == tested
    assert [weight_of(kind(**placed)) for kind in (requests.SorOrderTest, requests.SorOrderTestCommission)] == tested
    opened = {row["case"]: row["weight"] for row in weights["openOrders.status"]}
    assert [weight_of(requests.OpenOrdersStatus(symbol=one)) for one in ("X", None)] == [opened["symbol"], opened["none"]]
    matches = {row["case"]: row["weight"] for row in weights["myPreventedMatches"]}
    assert weight_of(requests.MyPreventedMatches(symbol="X", prevented_match_id=1)) == matches["Querying by preventedMatchId"]
    assert weight_of(requests.MyPreventedMatches(symbol="X", order_id=1)) == matches["Querying by orderId"]
