"""Layout (a): the exchange's documentation, and our own tables, which look like it; layout (d) is its older form.

A heading, a request in JSON or a call over HTTP, labels, tables, and examples with comments. What a section is, its
content says: a request with a `method`, a stream name, a payload with an event, a `POST /path`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from wirewright.errors import Problem
from wirewright.load.endpoints.endpoint import Aside, Endpoint, Row, Said, Sample, Tables, together
from wirewright.load.endpoints.labels import label_name
from wirewright.load.endpoints.listings import labelled, listings_of
from wirewright.load.endpoints.rows import columns_of, explains, role_of, rows_of, values_of
from wirewright.load.html_table import Table
from wirewright.load.json_text import read_json
from wirewright.load.markdown import Block, Code, Label, Page, Section, Text, plain
from wirewright.load.node import Node
from wirewright.model.naming import snake
from wirewright.model.types import Origin

_CALL = re.compile(r"\s*(GET|POST|PUT|DELETE|PATCH)\s+(/\S*)\s*(?:\(.*\))?\s*")
_NO_PARAMETER = re.compile(r"no(?:ne| parameters?)", re.IGNORECASE)  # a row that says what it means to give none
_COMMAND = re.compile(r"[A-Z]+(_[A-Z]+)*")
_SECURITY = re.compile(r"\s*\((NONE|TRADE|USER_DATA|USER_STREAM|MARKET_DATA|SIGNED|HMAC SHA256)\)\s*$")
_DEPRECATED = re.compile(r"\s*(?:\(deprecated\)|-\s*deprecated\b)", re.IGNORECASE)
_ERROR_HEADING = re.compile(r"(-\d+)\s+(?:([A-Z][A-Z0-9_]*)|\D.*)")
_MESSAGE = re.compile(r'["“]([^"“”]+)["”]')
_JSON_LANGUAGES = ("", "json", "javascript", "js", "json5", "jsonc", "text")
_ENDS_METHOD = ("weight", "parameters", "response", "security", "data source")
_DATA_LABELS = ("response", "payload", "error data", "notes")


@dataclass
class _Draft:
    """A section while it is being read."""

    section: Section
    label: str = ""
    labels: dict[str, Said] = field(default_factory=dict[str, Said])
    doc: list[str] = field(default_factory=list[str])
    before: str = ""  # what was said last, before an example
    request: Node | None = None
    call: str = ""
    samples: list[Sample] = field(default_factory=list[Sample])
    tables: dict[str, list[Row]] = field(default_factory=dict[str, list[Row]])
    notes: list[Said] = field(default_factory=list[Said])
    unread: list[Block] = field(default_factory=list[Block])
    blocks: list[Block] = field(default_factory=list[Block])  # of the section and of those that add to it
    problems: list[Problem] = field(default_factory=list[Problem])
    last_line: int = 0

    def rows(self, role: str) -> tuple[Row, ...]:
        return tuple(self.tables.get(role, ()))


def read_exchange(page: Page, from_page: bool) -> Tables:
    """The endpoints of a page. `from_page`: it is the exchange's own, so that labels of ours are not missed."""
    front = page.front or Node({}, Origin(page.file))
    stem = page.file.replace("\\", "/").rpartition("/")[2].rpartition(".")[0]
    section = front.text("section") or stem
    only_events = front.text("kind") == "events"
    found = [_tables(draft, section, only_events, from_page) for draft in _drafts(page.sections)]
    return together([Tables(problems=page.problems), *found])


def _tables(draft: _Draft, section: str, only_events: bool, from_page: bool) -> Tables:
    """What one section says."""
    endpoints = tuple(replace(one, section=section, from_page=from_page) for one in _endpoints(draft, only_events))
    heading = tuple(_error_heading(draft))
    codes = tuple(re.findall(r"-?\d+", draft.labels["codes"].text)) if "codes" in draft.labels else ()
    codes = codes or (tuple(re.findall(r"-\d+", draft.section.title)) if draft.rows("messages") else ())
    found = Tables(
        endpoints,
        errors=(*draft.rows("errors"), *heading),
        messages=tuple((codes, row) for row in draft.rows("messages")),
        glossary=draft.rows("glossary"),
    )
    if endpoints or codes or draft.rows("errors") or found.messages or found.glossary:
        few = "the row has too few"  # on a page, cells that are left out at the end are empty ones
        problems = tuple(one for one in draft.problems if not (from_page and one.what.startswith(few)))
        listings = tuple(labelled(draft.blocks)) if from_page else ()
        return replace(found, listings=listings, problems=problems, unread=tuple(draft.unread))
    if not from_page:
        return replace(found, problems=(*draft.problems, *_silent_method(draft)))
    if heading or not draft.section.blocks:
        return found
    aside = _aside(draft)
    listings = tuple(one for one in listings_of(draft.section) if one.keys or not aside.structures)
    return replace(found, listings=listings, aside=(aside,) if aside.structures or not listings else ())


def _silent_method(draft: _Draft) -> Iterator[Problem]:
    if draft.request is not None:
        what = f"the section looks like a method ({draft.request.text('method')}) but says nothing of it"
        yield Problem(draft.section.origin, what, "give it **Weight:** and **Response:**", warning=True)


# Sections


def _drafts(sections: Sequence[Section]) -> Iterator[_Draft]:
    """Sections with what belongs to them: headings that are labels, and deeper ones that only add to an endpoint."""
    draft: _Draft | None = None
    for section in sections:
        name = label_name(section.title)
        if draft is not None and section.level > draft.section.level and name and _is_label(section, name, draft):
            _take(draft, Label(section.title, "", section.origin))
        elif draft is not None and section.level > draft.section.level and _adds_only(section, draft):
            draft.label, draft.before = "", section.title
        else:
            if draft is not None:
                yield draft
            draft = _Draft(section)
        for block in section.blocks:
            _take(draft, block)
        draft.blocks += section.blocks
        draft.last_line = section.last_line
    if draft is not None:
        yield draft


def _aside(draft: _Draft) -> Aside:
    """A section without an endpoint. One that has the tables or the payloads of one is doubtful."""
    doubtful = any(event_tag(sample.node) for sample in draft.samples) or bool(
        {"weight", "stream", "update speed", "payload", "event"} & draft.labels.keys()
    )
    shown = tuple(sample.node for sample in draft.samples if kinds_of(sample.node))
    return Aside(draft.section.title, draft.section.origin, draft.last_line, doubtful, shown)


def kinds_of(node: Node) -> list[str]:
    """The keys by which an object says what kind of object it is: `"filterType": "LOT_SIZE"`."""
    return [
        key
        for key, one in node.map.items()
        if key.endswith("Type") and isinstance(one.value, str) and one.value.isupper()
    ]


def _is_label(section: Section, name: str, draft: _Draft) -> bool:
    """Whether a heading is a label of the section above: `Unfilled Order Count` is one, and a method is called so, too."""
    shows = name in ("request", "method", "response", "payload", "description")
    return draft.section.level > 0 and (shows or not any(_starts_endpoint(one) for one in section.blocks))


def _adds_only(section: Section, draft: _Draft) -> bool:
    """Whether a deeper section only adds something to an endpoint, instead of being one itself."""
    if draft.request is not None or draft.call:
        return _describes(draft) and not any(_starts_endpoint(block) for block in section.blocks)
    if "stream" in draft.labels or not (draft.samples or "event" in draft.labels):
        return False
    labels = {label_name(block.words) for block in section.blocks if isinstance(block, Label)}
    tables = {role_of(block) for block in section.blocks if isinstance(block, Table)}
    starts_anew = labels & {"event", "type", "stream"} or any(isinstance(one, Code) for one in section.blocks[:2])
    return not starts_anew and ("fields" in tables or bool(tables) or "payload" in labels)


def _describes(draft: _Draft) -> bool:
    return any(name in draft.labels for name in _ENDS_METHOD)


def _starts_endpoint(block: Block) -> bool:
    """A request, a call, or a label that only a method, a stream or an event of its own has."""
    if isinstance(block, Label):
        return label_name(block.words) in ("weight", "stream", "event", "type", "method")
    return isinstance(block, Code) and bool(_CALL.fullmatch(block.text) or re.search(r'"method"\s*:', block.text))


def _take(draft: _Draft, block: Block) -> None:
    match block:
        case Label():
            _take_label(draft, block)
        case Code():
            _take_code(draft, block)
        case Table():
            _take_table(draft, block)
        case Text():
            _take_text(draft, block)


def _take_label(draft: _Draft, label: Label) -> None:
    name = label_name(label.words)
    if not name:
        words = f"{label.words}: {label.text}" if label.text else label.words
        _take_text(draft, Text(words, label.origin))
        draft.label = draft.label if draft.label in _DATA_LABELS else "notes" if draft.label else ""
        return
    if name == "update speed":  # what stands below the speed is about the stream
        first, _, rest = label.text.partition("\n")
        draft.notes += [Said(plain(rest.replace("\n", " ")), label.origin)] if rest.strip() else []
        label = replace(label, text=first)
    speaks = name in _DATA_LABELS and "`" not in label.text  # else it names the type of what follows
    draft.label, draft.before = name, plain(label.text) if speaks else ""
    text = plain(label.text.replace("\n", " ")) if name != "stream" else label.text
    if name == "description":
        draft.doc += [text] if text else []
        draft.label = ""
    elif name == "notes":
        draft.notes += [Said(text, label.origin)] if text else []
    elif name not in draft.labels or not draft.labels[name].text:
        draft.labels[name] = Said(text, label.origin)


def _take_text(draft: _Draft, block: Text) -> None:
    text = plain(block.text.replace("\n", " "))
    name = draft.label
    if not name and not draft.samples:
        draft.doc.append(("* " if block.item else "") + text)
    elif name and name not in _DATA_LABELS and not draft.labels[name].text and not draft.tables.get(name):
        draft.labels[name] = Said(block.text if name == "stream" else text, block.origin)
    elif block.item and (name == "stream" or (name == "update speed" and text[:1].isdigit())):
        draft.labels[name] = Said(f"{draft.labels[name].text} {text}", block.origin)
    else:
        draft.notes.append(Said(text, block.origin))
    draft.before = text.strip(" :")


def _take_table(draft: _Draft, table: Table) -> None:
    role = role_of(table)
    if not role or role in ("index", "signatures", "options"):
        values = values_of(table, draft.before)
        if values is not None:
            draft.tables.setdefault("values", []).append(values)
        elif explains(table):
            draft.notes += [
                Said(": ".join(dict.fromkeys(plain(cell.text) for cell in row)), row[0].origin)
                for row in table.rows
                if row
            ]
        else:
            draft.unread.append(table)
        return
    rows = list(rows_of(table, draft.problems))
    if role == "mandatory":
        role, rows = "conditions", list(_conditions_by_type(table, rows))
    elif role == "messages":
        rows = [one for row in rows for one in _each_message(row)]
    elif role == "fields" and draft.label == "parameters":
        role = "parameters"
    draft.tables.setdefault(role, []).extend(rows)
    draft.samples += [Sample("", node) for row in rows if role == "fields" for node in _shown_field(row)]


def _each_message(row: Row) -> Iterator[Row]:
    """The exchange's page quotes messages, and has several in one cell where they mean the same."""
    said = row.cells.get("error message")
    if said is None:
        yield row
        return
    if said.text.lstrip("` ").startswith("{"):
        return  # a whole frame, as the socket of the streams answers
    for text in _MESSAGE.findall(said.text) or [said.text]:
        yield replace(row, cells={**row.cells, "message": Said(text.strip(' "“”'), said.origin)})


def _shown_field(row: Row) -> Iterator[Node]:
    """The exchange shows a conditional field beside its description: `"d": 4`."""
    text = row.text("example").strip("` ")
    if text.startswith('"'):
        origin = row.where("example")
        nodes, _ = read_json("{" + text + ", ...}", origin.file, origin.line)
        yield from nodes


def _conditions_by_type(table: Table, rows: list[Row]) -> Iterator[Row]:
    """The exchange's table of what is mandatory by order type, as rows of our own conditions."""
    columns = columns_of(table)
    case, wanted = columns[0], next(name for name in columns if "mandatory parameter" in name)
    in_header = re.findall(r"`(\w+)`", table.header[0].text) or [case.split()[-1]]
    for row in rows:
        name, equals, values = row.text(case).replace("`", "").partition("=")
        listed = re.findall(r"\b[A-Z][A-Z0-9_]+\b", values if equals else name)
        when = f"`{name.strip() if equals else in_header[0]}` = " + ", ".join(f"`{value}`" for value in listed)
        for line in re.split(r"\n|,", row.text(wanted)):
            names = re.findall(r"`(\w+)`", line)
            rule = "at least one of" if re.search(r"\bor\b", line) else "mandatory"
            cells = {"when": when, "rule": rule, "parameter": ", ".join(f"`{one}`" for one in names)}
            if names and listed:
                yield Row({key: Said(text, row.origin) for key, text in cells.items()}, row.origin)


def _take_code(draft: _Draft, code: Code) -> None:
    call = _CALL.fullmatch(code.text)
    if call and not draft.call:
        draft.call = f"{call.group(1)} {call.group(2)}"
        return
    if code.language not in _JSON_LANGUAGES or code.text.lstrip()[:1] not in ("{", "[", "/", "“"):
        is_data = code.text.strip() and not code.text.startswith("#!")
        if code.language in _JSON_LANGUAGES and draft.label in ("response", "payload") and is_data:
            draft.unread.append(code)
        return
    nodes, problems = read_json(code.text, code.origin.file, code.origin.line)
    draft.problems += problems
    for node in nodes:
        asks = isinstance(method := node.get("method"), Node) and isinstance(method.value, str)
        if asks and draft.request is None and draft.label in ("", "request", "method") and not draft.samples:
            draft.request = node
        elif not asks or draft.label == "response":  # an answer may repeat the method
            draft.samples.append(Sample(draft.before, node))
            draft.before = ""


# Endpoints


def _endpoints(draft: _Draft, only_events: bool) -> Iterator[Endpoint]:
    kind, wire = _kind(draft, only_events)
    if not kind:
        return
    heading = _DEPRECATED.sub("", draft.section.title)
    title, security = _SECURITY.sub("", heading), _SECURITY.search(heading)
    labels = dict(draft.labels)
    if security and "security" not in labels:
        labels["security"] = Said(security.group(1), draft.section.origin)
    if heading != draft.section.title and "deprecated" not in labels:
        labels["deprecated"] = Said("The exchange calls it deprecated.", draft.section.origin)
    endpoint = Endpoint(
        kind=kind,
        title=title,
        origin=draft.section.origin,
        wire=wire,
        doc="\n\n".join(_paragraphs(draft.doc)),
        labels=labels,
        request=draft.request,
        samples=tuple(draft.samples),
        parameters=tuple(row for row in draft.rows("parameters") if not _NO_PARAMETER.fullmatch(row.wire)),
        conditions=draft.rows("conditions"),
        helpers=draft.rows("helpers"),
        variants=draft.rows("variants"),
        fields=draft.rows("fields"),
        weights=draft.rows("weights"),
        values=draft.rows("values"),
        notes=tuple(draft.notes),
        last_line=draft.last_line,
    )
    yield from _split_events(endpoint) if kind == "event" else [endpoint]


def _kind(draft: _Draft, only_events: bool) -> tuple[str, str]:
    """What a section describes, and its name on the wire."""
    labels = draft.labels
    if "type" in labels and labels["type"].text:
        return "type", labels["type"].text
    method = labels["method"].text.strip("` \"'") if "method" in labels else ""
    if draft.request is not None and any(name in labels for name in _ENDS_METHOD):
        method = method or draft.request.text("method")
    if method and not _COMMAND.fullmatch(method) and " " not in method:
        return "method", method
    if "stream" in labels and labels["stream"].text:
        return "stream", labels["stream"].text
    if draft.call:
        return "call", draft.call
    tagged = any(event_tag(sample.node) for sample in draft.samples)
    if draft.samples and (tagged or only_events or "event" in labels) and draft.request is None:
        return "event", labels["event"].text.strip("` ") if "event" in labels else ""
    return ("event", labels["event"].text.strip("` ")) if "event" in labels and labels["event"].text else ("", "")


def _split_events(endpoint: Endpoint) -> Iterator[Endpoint]:
    """A page may show payloads of several events in one section: each is an event of its own."""
    tags = dict.fromkeys(event_tag(sample.node) for sample in endpoint.samples if not sample.node.partial)
    if len(tags) < 2 or "event" in endpoint.labels:
        yield endpoint
        return
    for index, tag in enumerate(tags):
        first = index == 0
        samples = tuple(
            one
            for one in endpoint.samples
            if event_tag(one.node) == tag or (first and one.node.partial and not event_tag(one.node))
        )
        yield replace(
            endpoint,
            samples=samples,
            origin=endpoint.origin if first else samples[0].node.origin,
            fields=endpoint.fields if first else (),
            doc=endpoint.doc if first else "",
        )


def event_tag(node: Node) -> str:
    """The event type of a payload, in an envelope or without one."""
    for pointer in ("/e", "/event/e", "/data/e"):
        found = node.at(pointer)
        if found is not None and isinstance(found.value, str):
            return found.value
    return ""


def _paragraphs(texts: Sequence[str]) -> Iterator[str]:
    """Items of a list stay together."""
    lines: list[str] = []
    for text in texts:
        if not text.startswith("* ") and lines:
            yield "\n".join(lines)
            lines = []
        if text.startswith("* "):
            lines.append(text)
        elif text:
            yield text
    if lines:
        yield "\n".join(lines)


def _error_heading(draft: _Draft) -> Iterator[Row]:
    """`### -1003 TOO_MANY_REQUESTS` and a list of messages: how the exchange's page describes an error code."""
    match = _ERROR_HEADING.fullmatch(draft.section.title)
    if match is None:
        return
    origin = draft.section.origin
    meaning = next((text.removeprefix("* ") for text in draft.doc), draft.section.title.removeprefix(match.group(1)))
    cells: Mapping[str, str] = {"code": match.group(1), "name": match.group(2) or "", "meaning": meaning}
    yield Row({name: Said(text, origin) for name, text in cells.items()}, origin)


def event_name(endpoint: Endpoint) -> str:
    """How an event without a name of ours is called: as its tag, else as its heading."""
    tag = next((found for sample in endpoint.samples if (found := event_tag(sample.node))), "")
    return tag or re.sub(r"_streams?$", "", snake(endpoint.title))
