"""A section of ours for what the tables do not have yet: the page's facts in our layout, its words as a draft."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from wirewright.load.endpoints.endpoint import Endpoint, Sample
from wirewright.load.node import Node
from wirewright.load.streams import split_patterns
from wirewright.model.naming import cap
from wirewright.pages.examples import COLUMNS, nodes_at
from wirewright.pages.facts import body_of, facts_of, tag_of
from wirewright.pages.known import Known
from wirewright.pages.rows import Enums, Said, field_cells, parameter_cells, said_of
from wirewright.pages.text import example, table, words, wrapped

_READS = re.compile(r"\b(test|status|query|get|list)\b", re.IGNORECASE)


def draft(page: Endpoint, known: Known, enums: Enums, name: str) -> list[str]:
    """The lines of a new section; `name` is how an event is called."""
    parts = _pushed(page, known, enums, name) if page.kind in ("stream", "event") else _asked(page, known, enums)
    lines = ["## " + " ".join(page.title.split()), ""]
    for part in parts:
        if part:
            lines += [*part, ""]
    return lines[:-1]


def event_names(page: Endpoint) -> tuple[str, str]:
    """Names of an event: the heading's words, as the exchange says them, and its tag."""
    heading = re.sub(r"^(Payload|Event):?\s*|\s+Streams?$|\(.*\)", "", page.title.strip(), flags=re.IGNORECASE)
    tag = next((found for one in page.samples if (found := tag_of(one.node))), "")
    return cap(heading if re.search(r"[A-Za-z]", heading) else tag or "Event"), cap(tag or heading)


# Methods and calls


def _asked(page: Endpoint, known: Known, enums: Enums) -> Iterator[list[str]]:
    if page.kind == "call":
        yield ["```", page.wire, "```"]
    elif page.request is not None:
        yield example(page.request)
    yield from _prose(page)
    yield _method_labels(page)
    yield from _weights(page)
    yield from _parameters(page, enums)
    if page.conditions:
        rows = [[one.text(name) for name in ("when", "rule", "parameter")] for one in page.conditions]
        yield [
            "**Conditions:**",
            "",
            *table(("When", "Rule", "Parameters"), list(map(list, dict.fromkeys(map(tuple, rows))))),
        ]
    yield [f"**Response:** {result_name(page)}"]
    yield from _samples(page)
    yield from _field_table(page, known)


def result_name(page: Endpoint) -> str:
    """A name of a type for the answer, until a person finds a better one."""
    bodies = [one for sample in page.samples if (one := body_of(sample.node, page.kind)) is not None]
    whole = [one for one in bodies if not one.partial] or bodies
    if not whole or all(one.is_map and not one.map for one in whole):
        return "`Empty`"
    name = cap(page.wire if page.kind == "method" else page.title) + "Result"
    return f"`list of {name}`" if all(one.is_list for one in whole) and not _of_positions(whole[0]) else f"`{name}`"


def _of_positions(node: Node) -> bool:
    return bool(node.list) and not node.list[0].is_map and not node.list[0].is_list


def _method_labels(page: Endpoint) -> list[str]:
    lines = list[str]()
    if page.kind == "call":
        lines.append(f"**Operation:** `{cap(page.title)}`")
    elif page.request is None or page.request.text("method") != page.wire:
        lines.append(f"**Method:** `{page.wire}`")  # no example shows it
    security = page.label("security")
    if security and security != "NONE":
        lines.append(f"**Security:** {security}")
    if security in ("NONE", "") and any(one.wire == "signature" for one in page.parameters):
        lines.append("**Auth:** signed")
    facts = facts_of(page).labels
    if not page.weights:
        lines.append(f"**Weight:** {_plainly(words(facts.get('weight', ''))).replace('`', '') or 1}")
    if "order count" in facts:
        lines.append(f"**Unfilled Order Count:** {words(facts['order count'])}")
    if page.label("data source"):
        lines.append(f"**Data Source:** {words(page.label('data source'))}")
    if security == "TRADE" and not _READS.search(page.wire.replace(".", " ")):
        lines.append("**Changes state:** yes")
    return [*lines, *_deprecated(page)]


def _deprecated(page: Endpoint) -> list[str]:
    return [f"**Deprecated:** {words(page.label('deprecated'))}"] if page.label("deprecated") else []


def _weights(page: Endpoint) -> Iterator[list[str]]:
    if page.weights:
        columns = [name.capitalize() for name in page.weights[0].cells]
        rows = [[words(one.text(name)) for name in one.cells] for one in page.weights]
        yield ["**Weight:**", "", *table(columns, rows)]


def _parameters(page: Endpoint, enums: Enums) -> Iterator[list[str]]:
    first = {one.wire: one for one in reversed(page.parameters)}
    rows = [list(parameter_cells(page, one, enums).values()) for one in reversed(first.values())]
    if rows:
        yield ["**Parameters:**", "", *table(("Name", "Type", "Mandatory", "Description"), rows)]


# Streams and events


def _pushed(page: Endpoint, known: Known, enums: Enums, name: str) -> Iterator[list[str]]:
    yield from _prose(page)
    listed = any(body.is_list for one in page.samples if (body := body_of(one.node, page.kind)))
    lines = list[str]()
    if page.kind == "stream":
        lines.append("**Stream Name:** " + " or ".join(f"`{one}`" for one in dict.fromkeys(split_patterns(page.wire))))
        lines.append(f"**Update Speed:** {words(page.label('update speed')) or 'Real-time'}")
    lines.append(f"**Event:** `list of {name}Item as {name}`" if listed else f"**Event:** `{name}`")
    yield [*lines, *_deprecated(page)]
    yield from _parameters(page, enums)
    if page.samples:
        yield ["**Payload:**"]
        yield from _samples(page)
    yield from _field_table(page, known)


# What both have


def _prose(page: Endpoint) -> Iterator[list[str]]:
    for paragraph in page.doc.split("\n\n"):
        items = paragraph.split("\n")
        if all(one.startswith("* ") for one in items):
            yield ["* " + words(one.removeprefix("* ")) for one in items]
        elif words(paragraph):
            yield wrapped(_plainly(words(paragraph)))


def _plainly(text: str) -> str:
    """Prose that stays prose: no heading, no label, no table comes of it."""
    return text.replace("\\|", "/").lstrip("#>*-+=~ ").replace("**", "")


def _samples(page: Endpoint) -> Iterator[list[str]]:
    for sample in page.samples:
        if sample.node.partial and not sample.label:
            continue
        label = _label(sample, len(page.samples))
        if label:
            yield [label]
        yield example(sample.node)


def _label(sample: Sample, count: int) -> str:
    text = _plainly(words(sample.label)).strip(" :")
    return f"{text}:" if text and count > 1 else ""


def _field_table(page: Endpoint, known: Known) -> Iterator[list[str]]:
    rows = list(_field_rows(page, known))
    if rows:
        used = [name for name in COLUMNS if name in ("field", "type", "description") or any(one[name] for one in rows)]
        yield [
            "**Fields:**",
            "",
            *table([name.capitalize() for name in used], [[one[name] for name in used] for one in rows]),
        ]


def _field_rows(page: Endpoint, known: Known) -> Iterator[Mapping[str, str]]:
    """A row for each key with words of its own: comments of the examples, and the page's own tables of fields."""
    seen = dict[str, Mapping[str, str]]()
    told = said_of(page)
    for sample in page.samples:
        body = body_of(sample.node, page.kind)
        for path, node in nodes_at(body) if body is not None else ():
            said = told.get(path, Said(node.comment))
            if sample.node.partial and not said.when:
                said = replace(said, when="not in every answer")
            key = path.split(".")[-1].rstrip("[]")
            if path not in seen and not path.endswith("]") and said != Said() and key not in known.words:
                seen[path] = field_cells(path, node, said)
    yield from seen.values()
