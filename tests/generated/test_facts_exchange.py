"""Enumerations, errors, filters, limits, connections, signing and dated changes: what the facts say of the exchange itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from facts import PRODUCTS, ROOT, api, client, enum_values, facts, generated

from wirewright.model.types import EnumType, StructType
from wirewright_runtime.decode import decoding
from wirewright_runtime.testing import encode

# Enumerations of the facts -> ours. None: why there is none
SPOT_ENUMS = {
    "symbolStatus": "SymbolStatus",
    "accountAndSymbolPermissions": "Permission",
    "orderStatus": "OrderStatus",
    "orderListStatus": "ListStatusType",
    "orderListOrderStatus": "ListOrderStatus",
    "contingencyType": "ContingencyType",
    "allocationType": "AllocationType",
    "orderTypes": "OrderType",
    "orderResponseType": "OrderResponseType",
    "workingFloor": "WorkingFloor",
    "orderSide": "Side",
    "timeInForce": "TimeInForce",
    "rateLimiters": "RateLimitType",
    "rateLimitIntervals": "RateLimitInterval",
    "stpModes": "SelfTradePreventionMode",
    "executionTypes": "ExecutionType",
    "executionRules": "ExecutionRuleType",
    "expiryReasons": "ExpiryReason",
    "klineInterval": "KlineInterval",
    "windowSize": "WindowSize",
    "cancelReplaceMode": "CancelReplaceMode",
    "ruleType": "ExecutionRuleType",
    "tickerType": "TickerType",
    "calculationType": "CalculationType",
    "pegPriceType": "PegPriceType",
    "pegOffsetType": "PegOffsetType",
    "cancelRestrictions": "CancelRestrictions",
    "orderRateLimitExceededMode": "OrderRateLimitExceededMode",
    "matchType": "MatchType",
    "symbolStatusParam": None,  # a part of SymbolStatus: QueriedSymbolStatus
    "securityType": None,  # wirewright_runtime.Security
    "dataSource": None,  # prose of a method
}
FUTURES_ENUMS = {
    "OrderSide": "Side",
    "NewOrderRespType": "OrderResponseType",
    "UserOrderStatus": "OrderStatus",
    "OrderTypeEvent": "OrderType",
    "SymbolTypeCode": "SymbolType",
    "BooleanString": "BooleanText",
    "AccountMarginType": "MarginType",
    "StrategyOpCode": "StrategyOperation",
    "SymbolType": None,  # of exchangeInfo, which the WebSocket API does not have
    "TradingSessionEvent": None,  # event types: the tags of TradingSession
    "ContinuousContractType": None,  # in small letters, in names of streams only: a literal
    "RateLimitType": None,  # of replies: wirewright_runtime.RateLimit, which takes any
    "RateLimitInterval": None,
    "RateLimitIntervalSeen": None,
    "TimeInForceExtra": "TimeInForce",
}


def test_every_value_of_spots_enumerations() -> None:
    listed = facts("spot/enums")
    for name, values in (listed["enums"] | listed["method_enums"]).items():
        own = SPOT_ENUMS[name]
        if own is not None:
            missing = set(values) - enum_values("spot", own)
            assert not missing, f"{own} lacks {missing}"


@pytest.mark.parametrize("product", ["usdm", "coinm"])
def test_every_value_of_futures_enumerations(product: str) -> None:
    for name, fact in facts(f"{product}/enums")["enums"].items():
        own = FUTURES_ENUMS.get(name, name)
        if own is not None:
            missing = {str(value) for value in fact["values"]} - enum_values(product, own)
            assert not missing, f"{own} lacks {missing}"
    tags = {tag for one in api(product).events for tag in one.tags}
    assert set(facts(f"{product}/enums")["enums"].get("TradingSessionEvent", {"values": []})["values"]) <= tags


@pytest.mark.parametrize("product", PRODUCTS)
def test_every_enumeration_says_what_its_values_mean(product: str) -> None:
    for named in api(product).types:
        if isinstance(named, EnumType):
            assert named.doc, named.name
            silent = [str(value.wire) for value in named.values if not value.doc]
            spelled_out = named.name in ("KlineInterval", "WindowSize", "Permission")
            assert not silent or spelled_out, f"{named.name}: {silent}"


# Errors


@pytest.mark.parametrize("product", PRODUCTS)
def test_every_error_code(product: str) -> None:
    listed = facts(f"{product}/errors")
    codes = {int(code): one["name"] for code, one in listed["codes"].items()} if product == "spot" else {}
    codes |= {one["code"]: one["name"] for one in listed.get("errors", ())}
    mine = client(product).product.errors
    missing = codes.keys() - mine.keys()
    assert not missing, missing
    named = {code: (codes[code], mine[code].name) for code in codes if codes[code] and codes[code] != mine[code].name}
    assert named == {code: names for code, names in OTHER_NAMES.items() if code in named}
    stream = listed.get("stream_control_errors", {}).get("errors") or facts("spot/streams")["control"]["errors"]
    assert {one["code"] for one in stream} <= mine.keys()


# Spelled like the others, or named by us (errata)
OTHER_NAMES = {
    -1008: ("Request Throttled", "REQUEST_THROTTLED"),
    -5026: ("Exceed_Maximum_Modify_Order_Limit", "EXCEED_MAXIMUM_MODIFY_ORDER_LIMIT"),
    -5043: ("Existing_Pending_Modification", "EXISTING_PENDING_MODIFICATION"),
    -4183: ("ISOLATED_REJECT_WITH_JOINT_MARGIN", "PRICE_HIGHTER_THAN_STOP_MULTIPLIER_UP"),
}


def test_every_message_of_the_matching_engine() -> None:
    listed = facts("spot/errors")
    known = {text for group in client("spot").product.error_messages for text in group.classes}
    for message in (*listed["matching_engine"]["messages"], *listed["filter_failures"]["messages"]):
        assert any(message.startswith(text) for text in known), message


# Filters


def test_every_filter() -> None:
    models = generated("spot", "models")
    for name, fact in facts("spot/filters").items():
        raw = json.dumps(fact["example"]).encode()
        found = decoding(models.Filter)(raw)
        assert type(found) is not models.UnknownFilter, name
        assert json.loads(encode(found)) == fact["example"], name
        assert {one.encode_name for one in fields(type(found))} == set(fact["fields"]), name
    assert len(facts("spot/filters")) == 20


def fields(struct: Any) -> Any:
    import msgspec

    return msgspec.structs.fields(struct)


# Conditional fields


def struct(product: str, name: str) -> StructType:
    found = next(one for one in api(product).types if one.name == name)
    assert isinstance(found, StructType)
    return found


@pytest.mark.parametrize("name", ["PlacedOrder", "OrderReport", "Order"])
def test_conditional_fields_of_order_answers(name: str) -> None:
    mine = {one.wire: one for one in struct("spot", name).fields}
    for fact in facts("spot/order_response_fields"):
        field = mine[fact["field"]]
        assert not field.required, fact["field"]
        assert field.doc, fact["field"]


def test_conditional_fields_of_events() -> None:
    for event, listed in facts("spot/user_data")["conditional_fields"].items():
        mine = next(one for one in api("spot").events if event in one.tags)
        by_wire = {one.wire: one for one in struct("spot", mine.name).fields}
        for fact in listed:
            field = by_wire[fact["field"]]
            assert not field.required and field.when, f"{event} {fact['field']}"


def test_the_connection_tells_that_it_ends_in_three_shapes() -> None:
    events = generated("spot", "events")
    shown = facts("spot/streams")["server_shutdown"]
    wrapped = facts("spot/user_data")["connection_events"][0]
    payloads = [shown["raw"], shown["combined"]["data"], wrapped["envelope_example"]["event"]]
    assert [decoding(events.ServerShutdown)(json.dumps(one).encode()).event_time for one in payloads] == [1770123456789] * 3
    sockets = {one.name: one for one in client("spot").product.sockets}
    assert all(one.shutdown == "serverShutdown" for one in sockets.values())


# Connections


def test_spots_servers() -> None:
    servers = client("spot").product.servers
    stated = facts("spot/connection")["base_urls"]
    streams = facts("spot/streams")["base_urls"]
    api_of = {name: [whole(server.api) + "/ws-api/v3" for server in group] for name, group in grouped(servers, "api").items()}
    assert {whole(url) for url in stated["prod"]} == set(api_of["production"])
    assert {whole(url) for url in stated["testnet"]} == set(api_of["testnet"])
    assert {whole(url) for url in stated["demo"]} == set(api_of["demo"])
    stream_of = {name: {whole(server.streams) for server in group} for name, group in grouped(servers, "streams").items()}
    assert {whole(url) for url in streams["production"]} == stream_of["production"]
    assert {whole(url) for url in streams["production_market_data_only"]} == stream_of["market-data"]
    assert {whole(url) for url in streams["testnet"]} == stream_of["testnet"]
    assert {whole(url) for url in streams["demo"]} >= stream_of["demo"]


def grouped(servers: Any, role: str) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for name, server in servers.items():
        if getattr(server, role):
            found.setdefault(name.removesuffix("-9443"), []).append(server)
    return found


def whole(url: str) -> str:
    """An address without the port that its scheme has anyway."""
    return url.replace(":443", "")


@pytest.mark.parametrize("product", ["usdm", "coinm"])
def test_futures_servers_and_routes(product: str) -> None:
    servers = client(product).product.servers
    sockets = {one.name: one for one in client(product).product.sockets}
    connection, streams = facts(f"{product}/connection")["ws_api"], facts(f"{product}/streams")["base_urls"]
    for name, url in connection["urls"].items():
        assert servers[name].api + sockets["api"].path == url
    assert servers["market-maker"].api + sockets["api"].path == connection["market_maker"]["url"]
    assert servers["production"].streams == streams["production"]["root"]
    assert servers["testnet"].streams == streams["testnet"]["root"]
    assert servers["market-maker"].streams == streams["market_maker"]["root"]
    if product == "usdm":
        for route in ("public", "market"):
            assert servers["production"].streams + sockets[route].path == f"{streams['production'][route]}/stream"
        assert sockets["private"].path.startswith("/private/ws/")
    limits = facts(f"{product}/streams")["limits"]
    for socket in sockets.values():
        assert socket.lifetime == connection["lifetime_h"] * 3600 == limits["connection_lifetime_h"] * 3600
        assert (socket.ping.interval, socket.ping.timeout) == (180, 600)
        assert connection["ping_interval_min"] * 60 == 180 and connection["pong_timeout_min"] * 60 == 600
        if socket.subscribe is not None:
            assert socket.streams == limits["max_streams_per_connection"]
            assert socket.messages.count == limits["incoming_messages_per_second"]
    key = facts(f"{product}/user_data")["listen_key"]
    scheme = next(one for one in client(product).product.user_data if one.scheme == "listen-key")
    assert scheme.expires == key["validity_min"] * 60
    assert 0 < scheme.keepalive_every <= scheme.expires / 2
    assert [scheme.start, scheme.keepalive, scheme.stop] == list(key["ws_api"].values())


def test_the_limits_of_spots_connections() -> None:
    connection, streams = facts("spot/connection"), facts("spot/streams")["limits"]
    sockets = {one.name: one for one in client("spot").product.sockets}
    for socket in sockets.values():
        assert socket.lifetime == connection["max_lifetime_s"] == streams["connection_lifetime_hours"] * 3600
        assert socket.ping.interval == connection["ping"]["interval_s"] == streams["server_ping_seconds"]
        assert socket.ping.timeout == connection["ping"]["pong_timeout_s"] == streams["pong_limit_seconds"]
        assert socket.dials.count == streams["connection_attempts"]["count"] == facts("spot/rate_limits")["connection"]["limit"]
        assert socket.dials.seconds == streams["connection_attempts"]["per_minutes"] * 60
    assert sockets["streams"].streams == streams["streams_per_connection"]
    assert sockets["streams"].messages.count == streams["incoming_messages_per_second"]
    assert set(sockets["streams"].messages.counts) == {"ping", "pong", "text"}
    assert set(sockets["api"].options) == {"timeUnit", "returnRateLimits"} <= set(connection["query_params"])
    limits = facts("spot/rate_limits")
    assert sockets["api"].reply.retry_after == "/" + limits["retry_after_path"].replace(".", "/")
    assert set(limits["types"]["exchangeInfo"]) <= enum_values("spot", "RateLimitType")
    assert set(limits["intervals"]["response"]) <= enum_values("spot", "RateLimitInterval")


# Signing


def test_every_verified_vector_is_a_file_of_the_tests() -> None:
    stated = facts("spot/signing")
    wanted = {one["id"]: one for one in (*stated["vectors"], *stated["computed_vectors"]) if one["verified"] is True}
    kept = {one["id"]: one for one in json.loads((ROOT / "tests/runtime/vectors/signing.json").read_text())}
    assert kept.keys() == wanted.keys()
    for name, vector in kept.items():
        assert vector["payload"] == wanted[name]["payload"] and vector["signature"] == wanted[name]["signature"]


@pytest.mark.parametrize("product", PRODUCTS)
def test_the_signing_rule(product: str) -> None:
    signing = client(product).product.signing
    stated = facts(f"{product}/signing")
    window = stated["timing"]["recvWindow"] if product == "spot" else None
    assert (signing.key, signing.signature, signing.timestamp) == ("apiKey", "signature", "timestamp")
    assert window is None or signing.window_maximum == window["maximum"]
    assert signing.logon_keys == ("ed25519",)
    assert signing.clock_refused == -1021


# Errata and changes


def errata(product: str) -> str:
    entries = yaml.safe_load((ROOT / f"specs/binance/{product}/errata.yaml").read_text(encoding="utf-8"))
    for entry in entries:
        assert entry["reason"] and entry["source"] and entry["fault"], entry
    return "\n".join(f"{one['where']}\n{one['fault']}\n{one['reason']}" for one in entries).lower()


@pytest.mark.parametrize("product", ["usdm", "coinm"])
def test_every_disagreement_is_decided_in_the_errata(product: str) -> None:
    told = errata(product)
    stated = facts(f"{product}/disagreements")
    silent = [one for one in (*stated["hand_made"], *stated["found"]) if not all(word in told for word in keywords(one))]
    assert not silent, "\n".join(f"{one['where']}: {one['what']} -> {keywords(one)}" for one in silent)


def keywords(fact: dict[str, Any]) -> list[str]:
    """What an erratum about this must speak of: the names in it."""
    where = fact["where"].lower().split(" ", 1)
    place = where[1] if where[0] in ("method", "stream", "event", "enum") and len(where) > 1 else fact["where"].lower()
    words = [WORDS.get(place, place.split(" ")[0])]
    what = fact["what"]
    if what.startswith(("param ", "field ")):
        words.append(what.split(" ")[1].rsplit(".", 1)[-1].rsplit("[]", 1)[-1].lower())
    return words


# Where an erratum uses other words than the facts
WORDS = {
    "cross-host subscription": "which symbols a host serves",
    "params of type decimal": "parameters of type decimal",
    "userdatastream.ping and .stop": "userdatastream.ping and userdatastream.stop",
    "testnet stream host": "host of the streams",
    "forceorder": "forceorder",
    "depth streams": "update speed",
    "ws_key_url_map.coinmwsapitestnet": "coinmwsapitestnet",
    "ts ws_api_operations": "account.position, parameters",
    "ts wsapifuturesorder": "typescript type has",
    "request_weight limit": "limit of request weight",
    "<symbol>@markprice@<updatespeed>": "mark",
}


def test_every_issue_of_spots_documentation_is_answered() -> None:
    told = errata("spot")
    stated = facts("spot/doc_issues")
    for issue in {one["issue"] for one in stated["issues"]}:
        assert issue in ISSUES, issue
        assert ISSUES[issue] in told, issue
    for name in stated["param_type_conflicts"]:
        assert name.lower() in told, name


ISSUES = {
    "duplicate_key": "origquoteorderqty stands there twice",
    "response_without_rateLimits": "the replies have no ratelimits",
    "error_inside_result": "the error's code and message as its result",
    "hmac_example_for_ed25519_only_method": "hexadecimal hmac",
    "auth_params_not_in_table": "missing from the tables of",
    "timestamp_not_mandatory_in_table": "timestamp optional",
    "example_type_differs": "amounts as json numbers",
    "example_value_not_documented": "limit_maker is not among the documented values",
    "no_data_source": "no data source is named",
}

# Every dated change -> the words of the specs that carry it. None: nothing of ours changed with it
CHANGES: dict[tuple[str, str, str], list[str] | None] = {
    ("usdm", "2025-04-23", "rest"): None,
    ("usdm", "2025-07-02", "streams"): ["1024"],
    ("usdm", "2025-07-25", "errors"): ["-4109"],
    ("usdm", "2025-10-09", "symbols"): None,
    ("usdm", "2025-10-23", "user_data"): ["o.er"],
    ("usdm", "2025-10-23", "ws_api"): ["not taken since 2025-10-23"],
    ("usdm", "2025-11-18", "ws_api"): ["RPI"],
    ("usdm", "2025-11-25", "streams"): ["<symbol>@rpiDepth@500ms"],
    ("usdm", "2025-12-09", "ws_api"): ["algoOrder.place", "algoOrder.cancel", "ALGO_UPDATE", "-4120"],
    ("usdm", "2025-12-11", "streams"): ["tradingSession"],
    ("usdm", "2025-12-15", "user_data"): ["CONDITIONAL_ORDER_TRIGGER_REJECT", "2025-12-15"],
    ("usdm", "2025-12-31", "streams"): ["| nq |"],
    ("usdm", "2026-03-05", "streams"): ["/public/stream", "/market/stream", "/private/ws"],
    ("usdm", "2026-03-16", "streams"): ["| ap |"],
    ("usdm", "2026-04-14", "streams"): ["2026-04-14"],
    ("usdm", "2026-04-23", "streams"): ["2026-04-23"],
    ("usdm", "2026-05-13", "errors"): ["-4531"],
    ("usdm", "2026-06-30", "all"): ["2026-06-30", "| st |"],
    ("usdm", "2026-07-28", "ws_api"): ["modifyId", "o.M"],
    ("usdm", "2026-08-11", "user_data"): ["a.S", "o.ia"],
    ("usdm", "2026-08-18", "streams"): ["CN_EquityUpdate"],
    ("coinm", "2025-02-25", "ws_api"): ["/ws-dapi/v1"],
    ("coinm", "2025-10-23", "ws_api"): ["not taken since 2025-10-23"],
    ("coinm", "2025-12-10", "user_data"): ["o.er"],
    ("coinm", "2026-04-14", "account"): None,
    ("coinm", "2026-06-30", "all"): ["2026-06-30", "| st |"],
    ("coinm", "2026-06-30", "rest"): None,
    ("coinm", "after 2026-06-30", "ws_api"): ["-4120"],
    ("coinm", "2026-07-14", "streams"): ["<pair>@indexPrice@<updateSpeed>"],
    ("coinm", "2026-07-28", "ws_api"): ["modifyId", "o.M"],
    ("coinm", "2026-08-07", "user_data"): ["a.S"],
}


@pytest.mark.parametrize("product", ["usdm", "coinm"])
def test_every_dated_change_is_in_the_specs(product: str) -> None:
    folder = ROOT / "specs/binance" / product
    told = "\n".join(path.read_text(encoding="utf-8") for path in sorted(Path(folder).iterdir()))
    for change in facts(f"{product}/changes")["changes"]:
        words = CHANGES[product, change["date"], change["area"]]
        for word in words or ():
            assert word in told, f"{change['date']} {change['what']}: {word}"
