"""Document, tables, glossary and errata together: the `Api` of a product.

Whatever two places say of one thing must agree; if not, both are named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from wirewright.errors import Problem
from wirewright.load.conform import mismatches
from wirewright.load.document import Files
from wirewright.load.endpoints.endpoint import Endpoint, Row, Tables
from wirewright.load.errata import Errata
from wirewright.load.examples import Inference
from wirewright.load.glossary import Words
from wirewright.load.json_text import read_json
from wirewright.load.keys import Keys
from wirewright.load.listed import add_listings, add_structures
from wirewright.load.methods import USUAL_SIGNING, Tools, read_method
from wirewright.load.node import Node
from wirewright.load.pool import Pool
from wirewright.load.renames import read_renames
from wirewright.load.resolved import Document
from wirewright.load.rules import codes
from wirewright.load.schema import Schemas
from wirewright.load.sockets import read_query, read_sockets
from wirewright.load.streams import read_event, read_stream
from wirewright.load.units import tell_time_units
from wirewright.load.whole import api_of_whole
from wirewright.model.api import Api, Deprecation, ErrorCode, ErrorMessage, Event, Example, Method, Socket, Stream
from wirewright.model.check import references, uses_of_types
from wirewright.model.json_class import json_class
from wirewright.model.naming import Names, cap
from wirewright.model.types import EnumType, NamedType, Origin, Ref, StructType


@dataclass
class _Product:
    """What has been made so far."""

    document: Document | None
    tables: Tables
    strict: bool
    problems: list[Problem] = field(default_factory=list[Problem])
    methods: list[Method] = field(default_factory=list[Method])
    streams: list[Stream] = field(default_factory=list[Stream])
    events: list[Event] = field(default_factory=list[Event])


def merge(
    name: str,
    title: str,
    origin: Origin,
    document: Document | None,
    files: Files,
    tables: Tables,
    errata: Errata,
    strict: bool,
) -> tuple[Api, list[Problem]]:
    """The `Api`, and every contradiction. Without a document, a page stands for itself."""
    tables = replace(tables, endpoints=errata.mend(tables.endpoints))
    product = _Product(document, tables, strict)
    pool = Pool(strict=strict)
    schemas = Schemas(files, pool)
    keys = Keys()
    words = Words()
    words.add_glossary(tables.glossary)
    pool.spellings = words.spelling
    _declare_schemas(product, schemas, words)
    sockets: tuple[Socket, ...] = ()
    api = Api(name, cap(name), title, origin)
    if document is not None:
        sockets = tuple(read_sockets(document, keys, partial(read_query, schemas)))
        api = replace(api_of_whole(document, keys, sockets, name), title=title)
    unions = _unions(product, pool)
    inference = Inference(words, pool, set(pool.types), unions, strict)
    signing = next((one.signing for one in api.security if one.signing is not None), USUAL_SIGNING)
    token = next((one.parameter for one in api.security if one.location == "params"), "")
    tools = Tools(words, pool, inference, sockets, signing, token, strict)
    for endpoint in _types(product):
        words.add_type(codes(endpoint.wire), endpoint)
    _read_endpoints(product, tools)
    if all(one.from_page for one in tables.endpoints):
        _unique_streams(product)
    _describe_types(product, tools)
    if document is None:
        add_listings(tables.listings, pool)
        add_structures([one for aside in tables.aside for one in aside.structures], inference, pool)
    inference.finish()
    schemas.finish()
    if document is not None:
        _check_document(product, document, schemas, sockets)
    api = replace(
        api,
        methods=tuple(product.methods),
        streams=tuple(product.streams),
        events=tuple(_distinct(product.events)),
        types=tuple(pool.types.values()),
        errors=tuple(_errors(tables.errors, product.problems)),
        error_messages=tuple(_messages(tables)),
        deprecations=tuple(_deprecations(pool)),
    )
    if document is not None:
        api = tell_time_units(api, document.root)
    api = _with_sound_examples(_with_known_types(api, product), product)
    renames, told = read_renames(api, words.renamed)
    product.problems += told
    api = replace(api, deprecations=(*api.deprecations, *renames))
    problems = [*tables.problems, *product.problems, *tools.problems, *pool.problems, *words.problems, *keys.problems]
    return api, [*errata.accept(problems, tables.endpoints), *errata.problems]


# Schemas and types


def _declare_schemas(product: _Product, schemas: Schemas, words: Words) -> None:
    """Enumerations of the document, and those of its other schemas that a table names."""
    document = product.document
    if document is None:
        return
    mentioned = {name for text in _type_texts(product.tables) for name in re.findall(r"\b[A-Z]\w*\b", text)}
    wanted = {
        wire: node
        for wire, node in document.schemas.items()
        if "enum" in schemas.merged(node).map or cap(wire, ()) in mentioned
    }
    schemas.declare(wanted)
    for wire, node in wanted.items():
        kind = schemas.type_of(node, cap(wire, ()))
        for key in node.texts("x-fields"):
            if isinstance(kind, Ref):
                known = words.enums.setdefault(key, kind.name)
                if known != kind.name:
                    what = f"the field {key!r} belongs to two enumerations, {known} and {kind.name}"
                    right = "say which one: `x-fields: [Type.key]`, or `ENUM Name` in the table"
                    product.problems.append(Problem(node.key_origin("x-fields"), what, right))
    schemas.finish()


def _type_texts(tables: Tables) -> Iterator[str]:
    for endpoint in tables.endpoints:
        yield from (endpoint.label("response"), endpoint.label("error data"), endpoint.label("event"))
        for row in (*endpoint.parameters, *endpoint.fields):
            yield row.text("type")
        for row in endpoint.variants:
            yield row.text("result")
        if endpoint.kind == "type":
            yield endpoint.wire
    for row in tables.glossary:
        yield row.text("type")


def _types(product: _Product) -> list[Endpoint]:
    """`**Type:**` sections that describe fields."""
    return [one for one in product.tables.endpoints if one.kind == "type" and "=" not in one.wire]


def _unions(product: _Product, pool: Pool) -> dict[str, list[str]]:
    """`**Type:**` sections that say which types a union has."""
    found: dict[str, list[str]] = {}
    for endpoint in product.tables.endpoints:
        name, equals, branches = endpoint.wire.partition("=")
        if endpoint.kind == "type" and equals:
            unique = pool.claim(name.strip("` "), endpoint.origin)
            found[unique] = codes(branches)
            pool.union(unique, [Ref(one) for one in found[unique]], endpoint.origin, endpoint.doc)
    return found


def _describe_types(product: _Product, tools: Tools) -> None:
    for endpoint in _types(product):
        names = codes(endpoint.wire)
        for name in names:
            tools.inference.describe(name, endpoint.doc if len(names) == 1 else "", endpoint.origin)
    if any("Empty" in references(variant.result) for method in product.methods for variant in method.variants):
        tools.inference.describe("Empty", "Nothing to tell: the request was carried out.", Origin(""))


def _with_known_types(api: Api, product: _Product) -> Api:
    """Every type that a table names must be described somewhere; one that is not is told, and taken as empty."""
    types = {one.name: one for one in api.types}
    for origin, kind in uses_of_types(api):
        for name in references(kind):
            if name not in types:
                types[name] = StructType(name, (), origin)
                what = f"the type {name!r} is named, but neither an example nor a schema shows it"
                right = "give an example, a **Type:** section with its fields, or a schema"
                product.problems.append(Problem(origin, what, right, warning=not product.strict))
    return replace(api, types=tuple(types.values()))


# Sockets and endpoints


def _read_endpoints(product: _Product, tools: Tools) -> None:
    endpoints = product.tables.endpoints
    seen: dict[tuple[str, str], Endpoint] = {}
    for endpoint in endpoints:
        key = (endpoint.kind, endpoint.wire)
        if endpoint.kind in ("method", "call") and key in seen:
            what = f"two methods are called {endpoint.wire!r}"
            tools.problem(Problem(endpoint.origin, what, "keep one section", also=seen[key].origin, id="twice"))
            continue
        seen[key] = endpoint
        if endpoint.kind in ("method", "call"):
            product.methods.append(read_method(endpoint, endpoints, tools))
        elif endpoint.kind == "stream":
            stream, events = read_stream(endpoint, tools)
            product.streams.append(stream)
            product.events += events
        elif endpoint.kind == "event":
            product.events += read_event(endpoint, tools)


def _unique_streams(product: _Product) -> None:
    """Two streams of a page that bring the same event get a number: pages give streams no name."""
    names = Names()
    product.streams = [replace(one, name=names.claim(one.name, one.origin)[0]) for one in product.streams]


def _distinct(events: Sequence[Event]) -> Iterator[Event]:
    """Several streams may bring one event; several sections may show it."""
    first: dict[str, Event] = {}
    for event in events:
        known = first.get(event.name)
        if known is None:
            first[event.name] = event
        else:
            tags = tuple(dict.fromkeys([*known.tags, *event.tags]))
            sequence = known.sequence or event.sequence
            first[event.name] = replace(
                known,
                tags=tags,
                sequence=sequence,
                doc=known.doc or event.doc,
                examples=(*known.examples, *event.examples),
            )
    yield from first.values()


def _errors(rows: Sequence[Row], problems: list[Problem]) -> Iterator[ErrorCode]:
    seen: dict[str, Row] = {}
    for row in rows:
        text = row.text("code").strip("` ")
        code: int | str = int(text) if re.fullmatch(r"-?\d{1,9}", text) else text
        if text in seen:
            what = f"the error code {text} is here twice"
            problems.append(Problem(row.origin, what, "keep one row", also=seen[text].origin, warning=True))
            continue
        seen[text] = row
        doc = row.text("meaning", "description")
        yield ErrorCode(
            code, row.text("name").strip("` "), row.text("error").strip("` "), doc, row.origin, row.text("outcome")
        )


def _messages(tables: Tables) -> Iterator[ErrorMessage]:
    for listed, row in tables.messages:
        numbers = tuple(int(one) for one in listed)
        meaning = row.text("meaning", "description")
        yield ErrorMessage(numbers, row.text("message").strip("`"), row.text("error").strip("` "), meaning, row.origin)


def _deprecations(pool: Pool) -> Iterator[Deprecation]:
    for named in pool.types.values():
        for old, new in named.deprecated if isinstance(named, EnumType) else ():
            yield Deprecation("enums", f"{named.name}.{old}", f"{named.name}.{new}")


# What the whole must hold


def _check_document(product: _Product, document: Document, schemas: Schemas, sockets: Sequence[Socket]) -> None:
    """Methods that the document names must have tables, and the other way round; parameters must be of one kind."""
    named: dict[str, tuple[Origin, Node]] = {}
    for message in document.messages:
        properties = schemas.merged(message.payload).get("properties") if message.payload is not None else None
        method = properties.get("method") if properties is not None else None
        values = schemas.merged(method).texts("enum") if method is not None else ()
        for value in values:
            named[value] = (method.origin if method else message.origin, properties or Node({}, message.origin))
    commands = {one.method for socket in sockets for one in (socket.subscribe, socket.unsubscribe, socket.list) if one}
    tables = {method.wire: method for method in product.methods if not method.http}
    for wire, (origin, properties) in named.items():
        if wire in tables:
            _check_params(product, tables[wire], properties, schemas)
        elif wire not in commands:
            what = f"the document names the method {wire!r}, and no table describes it"
            product.problems.append(Problem(origin, what, "add its table, or take the name out", id="no-table"))
    for wire, table in tables.items() if named else ():
        if wire not in named:
            where = next(iter(named.values()))[0]
            what = f"the table describes the method {wire!r}, and the document does not name it"
            product.problems.append(Problem(table.origin, what, "add it to the `enum`", also=where, id="no-enum"))


def _check_params(product: _Product, method: Method, properties: Node, schemas: Schemas) -> None:
    params = properties.get("params")
    inner = schemas.merged(params).get("properties") if params is not None else None
    for parameter in method.parameters:
        node = inner.get(parameter.wire) if inner is not None else None
        if node is None:
            continue
        one = json_class(schemas.type_of(node, "Unused"), schemas.pool.types)
        other = json_class(parameter.type, schemas.pool.types)
        if one != other and "json" not in (one, other):
            what = (
                f"the parameter {parameter.wire!r} of {method.wire!r} is {one} in the document and {other} in the table"
            )
            product.problems.append(Problem(parameter.origin, what, "they must agree", also=node.origin))


def _with_sound_examples(api: Api, product: _Product) -> Api:
    """The examples that their types can read. One that contradicts its table is told, and left out."""
    types: dict[str, NamedType] = {one.name: one for one in api.types}

    def sound(examples: Sequence[Example]) -> tuple[Example, ...]:
        return tuple(one for one in examples if _is_sound(one, types, product))

    return replace(
        api,
        methods=tuple(replace(one, examples=sound(one.examples)) for one in api.methods),
        streams=tuple(replace(one, examples=sound(one.examples)) for one in api.streams),
        events=tuple(replace(one, examples=sound(one.examples)) for one in api.events),
    )


def _is_sound(example: Example, types: dict[str, NamedType], product: _Product) -> bool:
    if example.type is None:
        return True
    nodes, _ = read_json(example.json, example.origin.file, example.origin.line)
    wrong = next(
        (one for node in nodes for one in mismatches(node, example.type or Ref(""), types, sent=product.strict)), None
    )
    if wrong is not None:
        what = f"the example contradicts its type: {wrong[1]}"
        problem = Problem(
            wrong[0].origin, what, "mend the example, or the type in the table", not product.strict, id="example"
        )
        if problem not in product.problems:
            product.problems.append(problem)
    return wrong is None
