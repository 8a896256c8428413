"""Every endpoint that a spec names, in one list: what `inspect` prints of a page that makes no whole client."""

from __future__ import annotations

from dataclasses import dataclass

from wirewright.load.endpoints.endpoint import Endpoint, Tables
from wirewright.load.endpoints.exchange import event_name
from wirewright.load.markdown import plain
from wirewright.load.resolved import Document
from wirewright.load.streams import split_patterns
from wirewright.model.naming import cap
from wirewright.model.types import Origin


@dataclass(frozen=True)
class Entry:
    """Something that a spec names."""

    kind: str  # "method", "stream", "event", "call", "type", "message", "operation", "error", "row" or "option"
    name: str
    wire: str
    title: str
    origin: Origin
    section: str = ""


def entries_of_document(document: Document | None) -> tuple[Entry, ...]:
    if document is None:
        return ()
    messages = [Entry("message", one.name, one.name, one.title or one.doc, one.origin) for one in document.messages]
    listed = {id(one) for one in document.messages}
    loose = {id(one): one for operation in document.operations for one in operation.messages if id(one) not in listed}
    messages += [Entry("message", one.name, one.name, one.title or one.doc, one.origin) for one in loose.values()]
    operations = [
        Entry("operation", one.name, one.channel, one.title or one.doc, one.origin) for one in document.operations
    ]
    return (*operations, *messages)


def entries_of_tables(tables: Tables) -> tuple[Entry, ...]:
    found = [_entry(one) for one in tables.endpoints]
    found += [
        Entry("error", one.text("name"), one.text("code"), one.text("meaning"), one.origin) for one in tables.errors
    ]
    for row in tables.signatures:
        kind = "option" if row.text("option") else "row"
        name = row.text("option", "method")
        found.append(Entry(kind, name.partition("(")[0], name, row.text("description"), row.origin, row.text("group")))
    return tuple(found)


def _entry(one: Endpoint) -> Entry:
    """A stream or an event is called as its event, a method as on the wire unless its page names the operation."""
    pushed = one.kind in ("stream", "event")
    stated = one.label("event") if pushed else one.label("operation")
    name = stated.strip("` ") or (cap(event_name(one), ()) if pushed else plain(one.wire))
    wire = " ".join(split_patterns(one.wire)) if one.kind == "stream" else one.wire or event_name(one)
    return Entry(one.kind, name, plain(wire), one.title, one.origin, one.section)
