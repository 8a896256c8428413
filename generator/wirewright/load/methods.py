"""Methods, and calls over HTTP, from their tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from wirewright.errors import Problem
from wirewright.load.conform import mismatches
from wirewright.load.endpoints.endpoint import Endpoint, Row, Sample
from wirewright.load.examples import Inference, Scope, paths_in
from wirewright.load.glossary import Words
from wirewright.load.joining import JSON, any_of, bare
from wirewright.load.node import Node
from wirewright.load.pool import Pool
from wirewright.load.rules import (
    bounds,
    codes,
    read_choices,
    read_helpers,
    read_pattern,
    read_rules,
    read_settle,
    read_weight,
)
from wirewright.load.typetext import Stated, read_cell, read_type
from wirewright.model.api import Auth, Example, Method, Parameter, ReplyShape, RequestShape, Signing, Socket, Variant
from wirewright.model.naming import METHOD_NAMES, REQUEST_ATTRIBUTES, Names, cap, snake
from wirewright.model.types import Array, EnumType, Kind, Literal, Ref, Scalar, Type

USUAL_SIGNING = Signing("", "apiKey", "signature", "timestamp", "recvWindow")
USUAL_REPLY = ReplyShape("/id", "/status", (200,), "/result", "/error", "/error/code", "/error/msg", "/error/data")
USUAL_REQUEST = RequestShape("/id", "/method", "/params")
_LIKE = re.compile(r"(?:all parameters accepted by|same as for|除了) \[?`([^`]+)`", re.IGNORECASE)


@dataclass
class Tools:
    """What reading a table needs to know of the whole product."""

    words: Words
    pool: Pool
    inference: Inference
    sockets: Sequence[Socket]
    signing: Signing
    token: str  # the parameter that carries the user's token, or ""
    strict: bool
    problems: list[Problem] = field(default_factory=list[Problem])

    def problem(self, one: Problem) -> None:
        self.problems.append(one if self.strict else replace(one, warning=True))

    def socket(self, route: str, speaks: bool) -> Socket | None:
        """The socket that a label names; else the first that answers methods (`speaks`) or has streams."""
        route = route.strip("`/ ")
        named = next((one for one in self.sockets if one.name == route), None)
        fitting = [one for one in self.sockets if (one.stream is None and one.request is not None) == speaks]
        return named or next(iter(fitting), None)


def read_method(endpoint: Endpoint, others: Sequence[Endpoint], tools: Tools) -> Method:
    """A method with its parameters and rules; its examples are collected for the types of its results."""
    socket = tools.socket(endpoint.label("route"), speaks=True)
    signing = tools.signing
    rows = [*inherited(endpoint, others), *endpoint.parameters]
    listed = {row.wire for row in rows}
    own = {signing.key, signing.signature, signing.timestamp, signing.window, *([tools.token] if tools.token else [])}
    endpoint = replace(endpoint, parameters=tuple(row for row in rows if row.wire not in own))
    parameters = tuple(_parameters(endpoint, tools))
    named = {one.wire: one.name for one in parameters}
    is_call = endpoint.kind == "call"
    wire = endpoint.label("operation").strip("` ") or (_call_name(endpoint.wire) if is_call else endpoint.wire)
    security = endpoint.label("security") or "NONE"
    weight = read_weight(endpoint, others, parameters, tools.problems)
    method = Method(
        wire=wire if is_call or not endpoint.wire else endpoint.wire,
        name=snake(wire if is_call else endpoint.wire, METHOD_NAMES),
        variants=(),
        socket=socket.name if socket is not None else "",
        origin=endpoint.origin,
        section=endpoint.section,
        title=endpoint.title,
        doc=endpoint.doc,
        parameters=parameters,
        rules=tuple(read_rules(endpoint, named, tools.problems)),
        security=security,
        auth=_auth(endpoint, listed, signing, security),
        weight=weight,
        order_count=_whole(endpoint.label("order count")),
        data_source=endpoint.label("data source"),
        changes_state=endpoint.label("changes state").lower().startswith("y"),
        client_order_id=_named_parameter(endpoint, "client order id", named, tools),
        settle=read_settle(endpoint, named, tools.problems),
        helpers=tuple(read_helpers(endpoint, named, tools.problems)),
        errors=tuple(codes(endpoint.label("errors"))) if endpoint.label("errors") else (),
        deprecated=endpoint.label("deprecated"),
        http=endpoint.wire if is_call else "",
        request_example=endpoint.request.json() if endpoint.request is not None else "",
    )
    _check_request(endpoint, method, socket, own, tools)
    return _with_results(endpoint, method, socket, named, tools)


# Parameters


def inherited(endpoint: Endpoint, others: Sequence[Endpoint]) -> tuple[Row, ...]:
    """The exchange's pages say of some methods that they take all parameters of another one."""
    match = _LIKE.search(endpoint.label("parameters"))
    other = next((one for one in others if match and one.wire == match.group(1)), None)
    return other.parameters if other is not None else ()


def _parameters(endpoint: Endpoint, tools: Tools) -> Iterator[Parameter]:
    names = Names()
    seen: dict[str, Row] = {}
    for row in endpoint.parameters:
        wire = row.wire
        if wire in seen:
            what = f"the parameter {wire!r} is here twice"
            tools.problem(Problem(row.origin, what, "keep one row", also=seen[wire].origin))
            continue
        seen[wire] = row
        name, other = names.claim(snake(wire, REQUEST_ATTRIBUTES, "parameter"), row.origin)
        if other is not None:
            tools.pool.clash(row.origin, other, f"the parameter {wire!r} is spelled like another one: {name}")
        mandatory = row.text("mandatory", "required").upper()
        if tools.strict and not mandatory.startswith(("Y", "N")) and "mandatory" in row.cells:
            tools.problem(Problem(row.where("mandatory"), f"mandatory is {mandatory!r}", "write YES, NO, or NO *"))
        yield read_parameter(endpoint, row, wire, name, tools)


def read_parameter(endpoint: Endpoint, row: Row, wire: str, name: str, tools: Tools) -> Parameter:
    """What a row says of a parameter."""
    stated = parameter_type(endpoint, row, tools)
    default, minimum, maximum = bounds(row.text("description"))
    return Parameter(
        wire=wire,
        name=name,
        type=stated.type,
        origin=row.origin,
        required=row.text("mandatory", "required").upper().startswith(("Y", "T")) and not row.merged.get("mandatory"),
        default=default,
        minimum=minimum,
        maximum=maximum,
        pattern=read_pattern(row, tools.problems),
        values=stated.values,
        doc=row.text("description"),
    )


def parameter_type(endpoint: Endpoint, row: Row, tools: Tools) -> Stated:
    """The type that a row states. A bare `ENUM` is found by the parameter's name, or by the values that are listed."""
    wire = row.wire
    stated = read_cell(row, "type", tools.problem) if row.text("type") else Stated(Scalar(Kind.STRING))
    if stated is None:
        return Stated(JSON)
    if not stated.bare:
        return _checked(stated, row, tools)
    enum = tools.words.enum_of("", wire)
    if enum:
        return Stated(Ref(enum))
    values = values_in_tables(endpoint, wire) or listed_values(row.text("description"))
    if values:
        return Stated(Literal(tuple(dict.fromkeys(values))))
    if endpoint.from_page:
        return stated
    tools.problem(
        Problem(row.where("type"), f"no enumeration holds {wire!r}", "name it: `ENUM Side`, or list its values")
    )
    return stated


def values_in_tables(endpoint: Endpoint, wire: str) -> list[str]:
    """The values that a table of the section lists for a name."""
    listed = (one.text("value") for one in endpoint.values if snake(one.text("name")) == snake(wire))
    return codes(next(listed, ""))


def listed_values(text: str) -> list[str]:
    """Values that a description lists in backticks: several with commas or `or` between them, or the only one."""
    several = re.compile(r"`[^`\s]+`(?: \([^)]*\))?(?:\s*(?:,|/|,? or|,? and)\s*`[^`\s]+`(?: \([^)]*\))?)+")
    said = re.search(r"[Vv]alues?(?: are| is)?:?\s*(" + several.pattern + ")", text)
    runs = [said.group(1)] if said else several.findall(text)
    only = re.search(r"\bOnly `([^`\s]+)`", text)
    return re.findall(r"`([^`]+)`", runs[0]) if runs else [only.group(1)] if only else []


def _checked(stated: Stated, row: Row, tools: Tools) -> Stated:
    """A type that a row names must be there, and its values be of its enumeration."""
    kind = bare(stated.type.item if isinstance(stated.type, Array) else stated.type)
    named = tools.pool.types.get(kind.name) if isinstance(kind, Ref) else None
    if isinstance(kind, Ref) and row.text("type").upper().startswith(("ENUM", "ARRAY OF ENUM")):
        if named is None and (part := _subset(kind.name, tools)) is not None:
            return replace(
                stated, type=Array(part.type) if isinstance(stated.type, Array) else part.type, values=part.values
            )
        if not isinstance(named, EnumType):
            right = "define it under `components.schemas` of the document"
            tools.problem(Problem(row.where("type"), f"there is no enumeration {kind.name!r}", right))
        else:
            unknown = [value for value in stated.values if value not in {str(one.wire) for one in named.values}]
            if unknown:
                what = f"{', '.join(map(repr, unknown))} is no value of {named.name}"
                tools.problem(Problem(row.where("type"), what, "take values of the enumeration", also=named.origin))
    return stated


def _subset(name: str, tools: Tools) -> Stated | None:
    """The enumeration of which a name means some values, and these."""
    enums = [named for named in tools.pool.types.values() if isinstance(named, EnumType)]
    found = ((enum, part) for enum in enums for part in enum.subsets if part.name == name)
    return next((Stated(Ref(enum.name), part.values) for enum, part in found), None)


# What identifies and protects a request


def _auth(endpoint: Endpoint, listed: set[str], signing: Signing, security: str) -> Auth:
    stated = {one.value: one for one in Auth}.get(endpoint.label("auth").lower())
    if stated is not None:
        return stated
    if security in ("TRADE", "USER_DATA", "SIGNED") or (signing.signature and signing.signature in listed):
        return Auth.SIGNED
    return Auth.KEY if signing.key and signing.key in listed else Auth.NONE


def _named_parameter(endpoint: Endpoint, label: str, named: dict[str, str], tools: Tools) -> str:
    wire = endpoint.label(label).strip("` ")
    if wire and wire not in named:
        what = f"the {label} {wire!r} is no parameter"
        tools.problem(Problem(endpoint.where(label), what, "name a parameter of the table"))
    return named.get(wire, "")


def _check_request(endpoint: Endpoint, method: Method, socket: Socket | None, own: set[str], tools: Tools) -> None:
    """The example of the request must be what the table says."""
    shape = socket.request if socket is not None and socket.request is not None else USUAL_REQUEST
    node = endpoint.request.at(shape.params) if endpoint.request is not None else None
    if node is None or not node.is_map:
        return
    known = {one.wire: one for one in method.parameters}
    for wire, value in node.map.items():
        parameter = known.get(wire)
        if wire in own:
            continue
        if parameter is None:
            what, right = (
                f"the example sends {wire!r}, which is no parameter",
                "add its row, or take it out of the example",
            )
            tools.problem(Problem(node.key_origin(wire), what, right, also=method.origin, id="example"))
            continue
        for wrong, why in mismatches(value, parameter.type, tools.pool.types, sent=True):
            what = f"the example contradicts the row of {wire!r}: {why}"
            tools.problem(Problem(wrong.origin, what, "mend one of them", also=parameter.origin, id="example"))
    missing = [one for one in method.parameters if one.required and one.wire not in node.map and not node.partial]
    for parameter in missing:
        what = f"the example lacks {parameter.wire!r}, which is mandatory"
        tools.problem(Problem(node.origin, what, "mend one of them", also=parameter.origin, id="example"))


# Results


def _with_results(
    endpoint: Endpoint, method: Method, socket: Socket | None, named: dict[str, str], tools: Tools
) -> Method:
    shape = socket.reply if socket is not None and socket.reply is not None else USUAL_REPLY
    if endpoint.kind == "call":
        shape = ReplyShape("")
    variants = list(_variants(endpoint, method, named, tools))
    data_type = read_type(endpoint.label("error data")) if endpoint.label("error data") else None
    error_data = data_type.type if data_type is not None else None
    good = [(sample, node) for sample in endpoint.samples if (node := _result_of(sample.node, shape)) is not None]
    if not variants:
        variants = [Variant(cap(method.wire, ()), _guessed_result(endpoint, method, good, tools))]
    shown = frozenset(path for _, node in good for path in paths_in(node))
    scope = Scope(tools.words.section(endpoint), shown=shown | {path[1:] for path in shown if path[0] == "[]"})
    examples: list[Example] = []
    for index, (sample, node) in enumerate(good):
        if sample.node.partial:
            tools.inference.observe(variants[0].result, node, _inside(scope, variants[0].result))
            continue
        variant = _variant_of(sample, node, index, len(good), variants)
        tools.inference.observe(variant.result, node, _inside(scope, variant.result))
        label = variant.name if len(variants) > 1 else sample.label
        examples.append(Example(label, node.json(), variant.result, node.origin))
    if error_data is not None:
        for sample in endpoint.samples:
            data = sample.node.at(shape.data) if shape.data else None
            if data is not None:
                tools.inference.observe(error_data, data, scope)
    return replace(method, variants=tuple(variants), examples=tuple(examples), error_data=error_data)


def _inside(scope: Scope, kind: Type) -> Scope:
    """Rows of a list's items may be written with `[]` in front or without."""
    starts = any(path[:1] == ("[]",) for path in scope.words)
    return (
        scope
        if starts or not isinstance(bare(kind), Array)
        else Scope({("[]", *path): word for path, word in scope.words.items()}, (), scope.shown)
    )


def _result_of(node: Node, shape: ReplyShape) -> Node | None:
    """The result in a reply; None for a reply that tells of an error."""
    status = node.at(shape.status) if shape.status else None
    if status is not None and shape.ok and status.value not in shape.ok:
        return None
    if shape.error and node.at(shape.error) is not None:
        return None
    if set(node.map) == {"code", "msg"}:
        return None
    if node.partial and shape.result and shape.result.strip("/") not in node.map:
        return node  # a field that a table shows
    return node.at(shape.result) if shape.result else node


def _variants(endpoint: Endpoint, method: Method, named: dict[str, str], tools: Tools) -> Iterator[Variant]:
    for row in endpoint.variants:
        stated = read_cell(row, "result", tools.problem)
        weight = re.search(r"\d+", row.text("weight"))
        yield Variant(
            name=row.text("request").strip("` "),
            result=stated.type if stated is not None else JSON,
            choices=tuple(read_choices(row.text("when"), named, row.origin, tools.problems)),
            weight=replace(method.weight, base=int(weight.group())) if weight else None,
        )
    stated_result = endpoint.label("response").strip()
    if not endpoint.variants and stated_result and not endpoint.from_page:
        stated = read_type(stated_result)
        if stated is None:
            what = f"the response {stated_result!r} is no type"
            tools.problem(Problem(endpoint.where("response"), what, "write `Name`, or `list of Name`"))
        yield Variant(cap(method.wire, ()), stated.type if stated is not None else JSON)


def _guessed_result(endpoint: Endpoint, method: Method, good: list[tuple[Sample, Node]], tools: Tools) -> Type:
    """The result of a method whose page names no type: what its examples show, under the method's name."""
    if not endpoint.from_page:
        right = "write **Response:** and the name of a type"
        tools.problem(Problem(endpoint.where("response"), f"the result of {method.wire!r} has no name", right))
    name = Ref(cap(method.wire, ()) + "Result")
    kinds = [Array(name) if node.is_list else name if node.is_map else JSON for _, node in good]
    return any_of(kinds, {}) if kinds else JSON


def _variant_of(sample: Sample, node: Node, index: int, count: int, variants: list[Variant]) -> Variant:
    """The variant whose answer an example is: as its label says, by its place, or by being a list."""
    said = sample.label
    words = set(re.findall(r"\w+", said))
    named = [one for one in variants if one.name in words]
    chosen = named or [one for one in variants if any(choice.value and choice.value in words for choice in one.choices)]
    if chosen:
        return chosen[0]
    if count == len(variants):
        return variants[index]
    return next((one for one in variants if isinstance(bare(one.result), Array) == node.is_list), variants[0])


def _call_name(http: str) -> str:
    """`POST /api/v3/userDataStream` -> `PostUserDataStream`, for pages that name no operation."""
    verb, _, path = http.partition(" ")
    parts = [part for part in path.split("/") if part and not re.fullmatch(r"[a-z]*api|v\d+", part)]
    return verb.capitalize() + "".join(cap(part, ()) for part in parts)


def _whole(text: str) -> int:
    match = re.search(r"\d+", text)
    return int(match.group()) if match else 0
