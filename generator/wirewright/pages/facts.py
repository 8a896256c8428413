"""What a page or a table says of an endpoint, as bare facts that two texts can be compared by: no prose, no layout."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from wirewright.load.endpoints.endpoint import Endpoint, Row
from wirewright.load.endpoints.exchange import event_tag
from wirewright.load.examples import has_positions
from wirewright.load.node import Node
from wirewright.load.streams import split_patterns
from wirewright.load.typetext import SCALARS
from wirewright.model.naming import blank
from wirewright.model.types import Kind

RUNTIME = ("apiKey", "signature", "timestamp", "recvWindow")  # parameters that are not the user's
LABELS = ("weight", "order count", "security", "update speed")

_FAMILIES = {
    Kind.INTEGER: "integer",
    Kind.TIME: "integer",
    Kind.DECIMAL: "decimal",
    Kind.NUMBER: "decimal",
    Kind.STRING: "text",
    Kind.BOOLEAN: "boolean",
}
_OTHERS = {"enum": "enum", "array": "list", "list": "list", "object": "object"}
_ON_IP = re.compile(r"(\d+) on IP")  # `1 on 10s order rate limit; 1 on 1min order rate limit; 0 on IP rate limit`
_ON_ORDERS = re.compile(r"(\d+) on (?:10s|1min) order")


@dataclass(frozen=True)
class Facts:
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])  # wire name -> "integer, yes"
    fields: tuple[str, ...] = ()  # paths in its examples
    rules: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()  # of a stream, placeholders without names
    page: str = ""  # the name of the page that said so


def keys_of(endpoint: Endpoint) -> tuple[str, ...]:
    """By what an endpoint is known, wherever it stands: its method, its call, its patterns, the tags of its events."""
    if endpoint.kind == "stream":
        return tuple(f"stream {one}" for one in patterns_of(endpoint))
    if endpoint.kind == "event":
        tags = dict.fromkeys(tag for sample in endpoint.samples if (tag := tag_of(sample.node)))
        return tuple(f"event {tag}" for tag in tags)
    return (f"{endpoint.kind} {endpoint.wire}",) if endpoint.kind in ("method", "call") else ()


def facts_of(endpoint: Endpoint) -> Facts:
    bodies = [one for sample in endpoint.samples if (one := body_of(sample.node, endpoint.kind)) is not None]
    return Facts(
        {name: text for name in LABELS if (text := _label(endpoint, name))},
        {row.wire: f"{family_of(row.text('type'))}, {mandatory_of(row)}" for row in endpoint.parameters},
        tuple(dict.fromkeys(path for body in bodies for path in paths_of(body))),
        tuple(_rule(row) for row in endpoint.conditions),
        patterns_of(endpoint) if endpoint.kind == "stream" else (),
    )


def joined(one: Facts, other: Facts) -> Facts:
    return Facts(
        {**one.labels, **other.labels},
        {**one.parameters, **other.parameters},
        tuple(dict.fromkeys((*one.fields, *other.fields))),
        tuple(dict.fromkeys((*one.rules, *other.rules))),
        tuple(dict.fromkeys((*one.patterns, *other.patterns))),
        other.page,
    )


def patterns_of(endpoint: Endpoint) -> tuple[str, ...]:
    found = map(blank, split_patterns(endpoint.wire))
    return tuple(dict.fromkeys(one for one in found if re.search(r"[@!]", one)))


def is_name(wire: str) -> bool:
    """Whether something can be the name of a parameter or a method on the wire."""
    return re.fullmatch(r"[A-Za-z_][\w./\[\]-]*", wire) is not None


def mandatory_of(row: Row) -> str:
    text = row.text("mandatory", "required").upper()
    if "*" in text or (row.merged.get("mandatory") and text.startswith("Y")) or text.startswith("COND"):
        return "conditional"
    return "yes" if text.startswith(("Y", "T")) else "no" if text.startswith(("N", "F")) else text.lower()


def family_of(text: str) -> str:
    """The kind of a type's text: what a page calls it, and what our own tables may make of it, are one family."""
    found = re.search(r"[A-Za-z]+\d*", text.replace("`", " "))
    word = found.group() if found else ""
    kind = SCALARS.get(word.upper(), Kind.JSON)
    return _FAMILIES.get(kind) or _OTHERS.get(word.lower(), word)


def agrees(ours: str, theirs: str) -> bool:
    """Whether a table's type is the page's, or says it more exactly."""
    exact = {("enum", "text"), ("text", "enum"), ("decimal", "text"), ("enum", "integer"), ("object", "text")}
    return ours == theirs or not ours or not theirs or (ours, theirs) in exact


def _label(endpoint: Endpoint, name: str) -> str:
    text = endpoint.label("weight")
    if name == "weight" and (on_ip := _ON_IP.search(text)):
        return on_ip.group(1)
    if name == "order count" and (on_orders := _ON_ORDERS.search(text)):
        return on_orders.group(1)
    if name == "weight" and endpoint.weights:
        return "; ".join(f"{_bound(row)}: {row.text(list(row.cells)[-1])}" for row in endpoint.weights)
    return endpoint.label(name)


def short(text: str) -> str:
    """A label as it is remembered: of prose only the numbers."""
    return text if len(text) <= 40 else " ".join(numbers(text))


def _bound(row: Row) -> str:
    """Where a case of a weight begins: `51-100` and `51 or more` begin alike."""
    case = row.text(next(iter(row.cells)))
    found = numbers(case)
    return found[0] if found else case


def _rule(row: Row) -> str:
    return " ".join(row.text(column) for column in ("when", "rule", "parameter") if row.text(column)).replace("`", "")


def numbers(text: str) -> list[str]:
    return re.findall(r"\d+", text.replace(",", ""))


# Examples


def tag_of(node: Node) -> str:
    """The type of an event, or of the first one of a list."""
    first = node.list[0] if node.list else node
    return event_tag(first) if first.is_map else ""


def body_of(node: Node, kind: str) -> Node | None:
    """What an example shows of the answer or the event itself, without the envelope; None for an error."""
    if kind in ("stream", "event"):
        inner = (node.get("event") or node.get("data")) if "e" not in node.map else None
        return inner if inner is not None and (inner.is_map or inner.is_list) else node
    if "error" in node.map or set(node.map) == {"code", "msg"}:
        return None
    if "result" in node.map:
        return node.map["result"]
    return None if {"id", "status"} <= set(node.map) else node  # a reply without a result


def places_of(node: Node, at: str = "") -> Iterator[tuple[str, Node]]:
    """`fills[].price`: the places of an example's values. Positions count where a list holds nothing but atoms of kinds."""
    for key, value in node.map.items():
        path = f"{at}.{key}" if at else key
        yield path, value
        yield from places_of(value, path)
    positions = has_positions(node)
    for index, item in enumerate(node.list):
        if positions:
            yield f"{at}[{index}]", item
        yield from places_of(item, f"{at}[]")


def paths_of(node: Node) -> Iterator[str]:
    return (path for path, _ in places_of(node))
