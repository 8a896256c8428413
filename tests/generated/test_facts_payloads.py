"""Every payload, stream and event of the facts against the generated types. What the facts mark wrong is named here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from facts import PRODUCTS, api, bare, facts, generated, methods
from payloads import plain

from wirewright.model.api import Stream
from wirewright.model.types import EnumType, Field, Kind, Nullable, Ref, Scalar, StructType, Type
from wirewright_runtime.decode import decoding
from wirewright_runtime.testing import encode

# Payloads that the facts mark wrong (`suspect`), or that a newer source contradicts: (product, name, part of the payload)
WRONG = {
    ("usdm", "algoOrder.place", '"icebergQuantity": "None"'): "a null that a test made text of",
    ("usdm", "depth", '}, "bids"'): "bids and asks beside the result; the documentation has them in it",
    ("usdm", "!forceOrder@arr", '"ps": "BTCUSDT"'): "ps and st beside `o`; a live frame has them in it",
    ("coinm", "!forceOrder@arr", '"st": 1'): "the same of st",
}


def problem(type_: Any, payload: Any) -> str:
    """What is wrong with a payload as this type; empty if it decodes and encodes back."""
    raw = json.dumps(payload).encode()
    try:
        back = encode(decoding(type_)(raw))
    except Exception as error:
        return str(error)
    return "" if plain(back) == plain(raw) else f"{back.decode()} instead of {raw.decode()}"


def is_known(product: str, name: str, payload: Any) -> bool:
    text = json.dumps(payload)
    return any((product, name) == wrong[:2] and wrong[2] in text for wrong in WRONG)


def replies(product: str) -> Iterator[tuple[str, Any]]:
    for fact in methods(product):
        listed = fact.get("responses") or fact["response_examples"]
        yield from ((fact["method"], one.get("json", one.get("payload"))) for one in listed)


@pytest.mark.parametrize("product", PRODUCTS)
def test_every_reply_decodes_and_encodes_back(product: str) -> None:
    requests = generated(product, "requests")
    results: dict[str, list[Any]] = {}
    for method in api(product).methods:
        results[method.wire] = [getattr(requests, variant.name).result for variant in method.variants]
    wrong, count = [], 0
    for wire, reply in replies(product):
        if "result" not in reply or is_known(product, wire, reply):
            continue
        count += 1
        problems = [problem(kind, reply["result"]) for kind in results[wire]]
        if all(problems):
            wrong.append(f"{wire}: {problems[0]}")
    assert not wrong, "\n".join(wrong)
    assert count == {"spot": 73, "usdm": 35, "coinm": 19}[product]


def test_an_error_of_a_cancel_replace_tells_what_became_of_both_halves() -> None:
    failure = generated("spot", "requests").OrderCancelReplace.spec.failure
    told = [reply["error"]["data"] for wire, reply in replies("spot") if "error" in reply and "data" in reply["error"]]
    assert len(told) == 5
    for data in told:
        assert not problem(failure, data)
        outcome = decoding(failure)(json.dumps(data).encode())
        assert outcome.cancel_result.is_known and outcome.new_order_result.is_known


def pushed(product: str) -> Iterator[tuple[str, Any, Any]]:
    """(name, the generated type, a payload)"""
    catalog = generated(product, "catalog")
    for stream in facts(f"{product}/streams")["streams"]:
        name = wire_name(stream)
        listed = [one["payload"] for one in stream["examples"]] if "examples" in stream else [stream["payload_example"]]
        yield from ((name, catalog.STREAMS[name].event, payload) for payload in listed)
    for event in facts(f"{product}/user_data")["events"]:
        name = event.get("event") or event["event_type"]
        listed = [one["payload"] for one in event["examples"]] if "examples" in event else [event["payload_example"]]
        yield from ((name, catalog.EVENTS[name], payload) for payload in listed)


def wire_name(stream: dict[str, Any]) -> str:
    return (stream.get("patterns") or [stream.get("pattern")])[0]


@pytest.mark.parametrize("product", PRODUCTS)
def test_every_pushed_payload_decodes_and_encodes_back(product: str) -> None:
    wrong, count = [], 0
    for name, kind, payload in pushed(product):
        if not is_known(product, name, payload):
            count += 1
            if said := problem(kind, payload):
                wrong.append(f"{name}: {said}")
    assert not wrong, "\n".join(wrong)
    assert count > {"spot": 20, "usdm": 50, "coinm": 30}[product], count


@pytest.mark.parametrize("product", PRODUCTS)
def test_what_is_called_wrong_is_in_the_facts_and_is_wrong(product: str) -> None:
    """An exception that no longer applies is a mistake of its own."""
    kinds = {name: kind for name, kind, _ in pushed(product)}
    kinds |= {wire: request.result for wire, request in generated(product, "catalog").METHODS.items()}
    said = [(wire, reply, reply.get("result")) for wire, reply in replies(product)]
    said += [(name, payload, payload) for name, _, payload in pushed(product)]
    for wrong in WRONG:
        if wrong[0] == product:
            found = [part for name, whole, part in said if name == wrong[1] and wrong[2] in json.dumps(whole)]
            assert found and all(problem(kinds[wrong[1]], part) for part in found), wrong


# Streams and events


@pytest.mark.parametrize("product", PRODUCTS)
def test_every_stream_and_event_is_there(product: str) -> None:
    catalog = generated(product, "catalog")
    listed = facts(f"{product}/streams")["streams"]
    patterns = [pattern for one in listed for pattern in one.get("patterns") or [one["pattern"]]]
    assert set(catalog.STREAMS) == set(patterns)
    assert len(patterns) == {"spot": 17, "usdm": 20, "coinm": 20}[product]
    users = {one.get("event") or one["event_type"] for one in facts(f"{product}/user_data")["events"]}
    assert len(users) == {"spot": 6, "usdm": 10, "coinm": 7}[product]
    legacy = {"listenKeyExpired"} if product == "spot" else set[str]()  # of the flow that Spot removed on 2026-02-20
    assert users | legacy == {tag for event in api(product).events if event.user_data for tag in event.tags}
    tags = {tag for one in listed for tag in one["event_types"]}
    assert users | tags <= set(catalog.EVENTS)
    assert set(catalog.EVENTS) - users - tags - legacy <= {"serverShutdown", "bookTicker", "depthUpdate"}


def streams(product: str) -> Iterator[tuple[dict[str, Any], Stream]]:
    for fact in facts(f"{product}/streams")["streams"]:
        yield fact, next(one for one in api(product).streams if wire_name(fact) in one.patterns)


@pytest.mark.parametrize("product", ["usdm", "coinm"])
def test_routes_and_names_of_futures_streams(product: str) -> None:
    classes = generated(product, "catalog").STREAMS
    for fact, stream in streams(product):
        if product == "usdm":
            assert stream.socket == fact["route"], stream.name
        values = {one["name"]: "X" for one in fact["placeholders"]}
        made = {made_name(classes[fact["pattern"]], fact, speed) for speed in speeds(stream)}
        expected = {filled(pattern, fact, values) for pattern in fact["wire_patterns"]}
        assert expected <= made, stream.name


def speeds(stream: Stream) -> list[str | None]:
    parameter = next((one for one in stream.parameters if one.name == "update_speed"), None)
    values = [str(one) for one in getattr(parameter.type, "values", ())] if parameter else []
    return [*values, None] if parameter and not parameter.required else values or [None]


SAMPLES = {"symbol": "btcusdt", "pair": "btcusdt", "contractType": "perpetual", "interval": "1m", "levels": "5"}


def filled(pattern: str, fact: dict[str, Any], _values: dict[str, str]) -> str:
    for name, value in SAMPLES.items():
        pattern = pattern.replace(f"<{name}>", value)
    return pattern


def made_name(cls: Any, fact: dict[str, Any], speed: str | None) -> str:
    wanted = {"contractType": "contract_type"}
    given = {
        wanted.get(one["name"], one["name"]): int(SAMPLES[one["name"]]) if one["name"] == "levels" else SAMPLES[one["name"]]
        for one in fact["placeholders"]
        if one["name"] in SAMPLES
    }
    return cls(**given, **({"update_speed": speed} if speed else {})).name


@pytest.mark.parametrize("product", PRODUCTS)
def test_how_often_a_stream_speaks(product: str) -> None:
    for fact, stream in streams(product):
        stated = fact["update_speed"]
        if product == "spot":
            every = {ms / 1000 for ms in stated["ms"] if ms and stated["kind"] != "real_time"}
        else:
            every = {seconds(text) for text in stated["values"] if seconds(text)}
        known = {stream.interval, *(interval for _, interval in stream.intervals)} - {None}
        if known:
            assert every and known <= every, f"{stream.name}: {known} of {every}"


def seconds(text: str) -> float | None:
    return float(text[:-2]) / 1000 if text.endswith("ms") else float(text[:-1]) if text.endswith("s") else None


# Fields of futures payloads, one by one

# (product, where, field) -> why the type is another one
TEXTS = {
    "B": "a field to be ignored",
    "r": "empty for delivery contracts (errata)",
    "s": "a field to be ignored",
    "code": "the text 200",
}
ALWAYS_THERE = {"iw": "0 for a cross position, as a captured frame shows"}
OF_THE_FACTS_ONLY = {("usdm", "!forceOrder@arr", "ps"), ("usdm", "!forceOrder@arr", "st"), ("coinm", "!forceOrder@arr", "st")}


def walk(product: str, where: str, listed: list[dict[str, Any]], kind: Type) -> Iterator[tuple[str, dict[str, Any], Field]]:
    """Every field of the facts and ours."""
    kind = bare(product, kind)
    assert isinstance(kind, Ref), where
    struct = next(one for one in api(product).types if one.name == kind.name)
    assert isinstance(struct, StructType), where
    mine = {one.wire: one for one in struct.fields}
    for fact in listed:
        name = fact["name"]
        if (struct.tag and name == struct.tag.property) or (product, where, name) in OF_THE_FACTS_ONLY:
            continue
        assert name in mine, f"{where} lacks {name}"
        yield where, fact, mine[name]
        inner = fact.get("fields") or (fact["items"].get("fields") if isinstance(fact.get("items"), dict) else None)
        if inner:
            yield from walk(product, f"{where}.{name}", inner, mine[name].type)


def fields(product: str) -> Iterator[tuple[str, dict[str, Any], Field]]:
    for fact, stream in streams(product):
        payload = fact["payload"]
        listed = payload.get("fields") or payload["items"]["fields"]
        yield from walk(product, fact["pattern"], listed, stream.event)
    for event in facts(f"{product}/user_data")["events"]:
        mine = next(one for one in api(product).events if event["event"] in one.tags)
        yield from walk(product, event["event"], event["payload"]["fields"], mine.type)
    for fact in methods(product):
        method = next(one for one in api(product).methods if one.wire == fact["method"])
        for response in fact["response"][:1]:
            if response.get("fields"):
                yield from walk(product, fact["method"], response["fields"], method.variants[0].result)


@pytest.mark.parametrize("product", ["usdm", "coinm"])
def test_every_field_of_futures_payloads(product: str) -> None:
    count = 0
    for where, fact, field in fields(product):
        count += 1
        kind = field.type.type if isinstance(field.type, Nullable) else field.type
        if fact.get("format") == "decimal" and kind != Scalar(Kind.DECIMAL):
            assert kind == Scalar(Kind.STRING) and fact["name"] in TEXTS, f"{where} {fact['name']}: {kind}"
        if fact.get("unit") == "ms" and not field.name.startswith("ignored"):
            assert kind == Scalar(Kind.TIME), f"{where} {fact['name']}: {kind}"
        if fact.get("enum_ref"):
            assert isinstance(kind, Ref), f"{where} {fact['name']}: {kind}"
            named = next(one for one in api(product).types if one.name == kind.name)
            assert isinstance(named, EnumType), f"{where} {fact['name']}"
            stated = facts(f"{product}/enums")["enums"][fact["enum_ref"]]["values"]
            assert {str(one) for one in stated} <= {str(one.wire) for one in named.values}, f"{where} {fact['name']}"
        if fact["name"] in ALWAYS_THERE:
            continue
        if fact.get("since") or fact.get("removed") or "only_when" in fact or "present_when" in fact:
            assert not field.required, f"{where} {fact['name']} is not always there"
    assert count > 300
