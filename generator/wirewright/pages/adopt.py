"""The road of an import: pages and tables are read, joined by key, and every difference becomes an edit or a word to a person."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from wirewright.errors import Problem
from wirewright.load import DOCUMENTS, load_any
from wirewright.load.document import read_text
from wirewright.load.endpoints import read_tables
from wirewright.load.endpoints.endpoint import Endpoint, Row, Tables, together
from wirewright.load.node import Node
from wirewright.model.naming import Names
from wirewright.model.types import Origin
from wirewright.pages.codes import add_codes, add_messages
from wirewright.pages.document import Document
from wirewright.pages.draft import draft, event_names
from wirewright.pages.editor import Editor
from wirewright.pages.examples import tell_gone
from wirewright.pages.facts import facts_of, joined, keys_of, short
from wirewright.pages.known import Known
from wirewright.pages.memory import FILE, Memory, read_memory
from wirewright.pages.reading import Page, read_page, whole
from wirewright.pages.report import Report
from wirewright.pages.rows import Enums
from wirewright.pages.skeleton import skeleton
from wirewright.pages.structures import Structures
from wirewright.pages.text import slug
from wirewright.pages.update import Update
from wirewright.pages.values import Values, add_method


@dataclass(frozen=True)
class Order:
    """What is asked for: which pages go into which folder, and whether rows that disappeared are removed."""

    pages: tuple[Path, ...]
    folder: Path
    prune: bool = False
    shown: dict[Path, str] = field(default_factory=dict[Path, str])  # how messages call a page

    def name(self, page: Path) -> str:
        return self.shown.get(page, str(page))


def import_pages(order: Order) -> Report:
    """Every change that the pages bring, as new texts of the folder's files. A page that nobody understands stops it."""
    report = Report()
    pages = [page for path in order.pages if (page := read_page(path, order.name(path), report)) is not None]
    if not any(one.counts for one in report.pages):
        report.problems += [replace(one, warning=False) for page in report.pages for one in page.not_understood]
    if report.problems:
        return report
    work = _Work(order, report)
    work.begin(pages)
    for page in pages:
        work.take(page)
    work.finish(pages)
    report.pages = [replace(one, not_understood=tuple(sorted(set(one.not_understood)))) for one in report.pages]
    return report


class _Work:
    """One import into one folder."""

    def __init__(self, order: Order, report: Report) -> None:
        self.order = order
        self.report = report
        self.editor = Editor(order.folder)
        self.tables = _read_folder(order.folder, report)
        loaded = load_any(order.folder, root=order.folder.parent) if order.folder.is_dir() else None
        self.before = (
            {(one.what, one.origin.file) for one in loaded.problems} if loaded is not None else set[tuple[str, str]]()
        )
        self.known = Known(self.tables, loaded.api if loaded is not None else None)
        self.memory, problems = read_memory(order.folder, order.folder.name)
        report.questions += problems
        name = next((one for one in DOCUMENTS if (order.folder / one).is_file()), "")
        self.document = Document(self.editor, name) if name.endswith(("yaml", "yml")) else None
        self.enums = self._enums()
        self.events = Names([one.label("event").strip("` ") for one in self.tables.endpoints if one.label("event")])
        self.now = Memory(dict(self.memory.facts))
        self.codes: list[Row] = []  # error codes of every page
        self.messages: list[tuple[tuple[str, ...], Row]] = []
        self.seen: dict[str, tuple[Endpoint, Endpoint | None]] = {}  # of this import: on the page, in the tables

    def begin(self, pages: Sequence[Page]) -> None:
        """A folder without a document gets one, as far as the pages tell."""
        if any((self.order.folder / one).is_file() for one in DOCUMENTS):
            return
        self.document = Document(self.editor, DOCUMENTS[0])
        title = self.order.folder.resolve().name.replace("_", " ").title()
        self.document.begin(skeleton(title, [(page.text, page.tables) for page in pages]))
        self.enums = self._enums()
        self.report.tell("added", f"{DOCUMENTS[0]}, a first draft", Origin(pages[0].file), Origin(DOCUMENTS[0]))

    def take(self, page: Page) -> None:
        only_calls = all(one.kind == "call" for one in page.tables.endpoints)
        previous: Endpoint | None = None
        for endpoint in whole(page.tables.endpoints, self.tables.endpoints):
            keys = keys_of(endpoint)
            ours = self.known.endpoint(endpoint)
            if ours is not None:
                last = next((self.memory.facts[key] for key in keys if key in self.memory.facts), None)
                Update(endpoint, ours, last, self.known, self.editor, self.report, self.enums, self.order.prune).make()
                previous = ours
            elif keys and not (endpoint.kind == "call" and only_calls):
                self._add(page, endpoint, previous)
            elif endpoint.kind == "call":
                continue  # a page of nothing but calls over HTTP describes another API
            self._remember(page, endpoint, ours)
        self.codes += page.tables.errors
        self.messages += page.tables.messages
        if self.document is not None:
            shared = (self.document, self.report, self.memory.facts, self.now.facts)
            for listing in page.tables.listings:
                if not Values(*shared).update(listing) and listing.keys and self.tables.endpoints:
                    what = f"the enumeration {listing.title!r} ({', '.join(listing.keys)}) is no schema of the document"
                    self.report.tell("differs", what, listing.origin)
            for shown in (one for aside in page.tables.aside for one in aside.structures):
                Structures(*shared).update(shown)

    def finish(self, pages: Sequence[Page]) -> None:
        if self.document is not None:
            self.document.save()
        add_codes(self.codes, self.known, self.editor, self.report)
        add_messages(self.messages, self.known, self.editor, self.report)
        self._gone(pages)
        self.report.texts = self.editor.texts()
        memory = self.now.text()
        if memory != self.memory.text() or not (self.order.folder / FILE).is_file():
            self.report.texts[FILE] = memory
        self.report.questions += _questions(self.order.folder, self.report.texts, self.before)

    def _remember(self, page: Page, endpoint: Endpoint, ours: Endpoint | None) -> None:
        """What several pages, or sections, say of one thing counts together."""
        facts = facts_of(endpoint)
        labels = {name: short(text) for name, text in facts.labels.items()}
        facts = replace(facts, labels=labels, page=Path(page.file).name)
        for key in keys_of(endpoint):
            self.now.facts[key] = joined(self.now.facts[key], facts) if key in self.seen else facts
            self.seen[key] = (endpoint, ours)

    # New endpoints

    def _add(self, page: Page, endpoint: Endpoint, previous: Endpoint | None) -> None:
        alike = previous if previous is not None and previous.kind == endpoint.kind else self._neighbour(page, endpoint)
        name, event = endpoint.known_as, ""
        if endpoint.kind in ("stream", "event"):
            heading, tag = event_names(endpoint)
            event, _ = self.events.claim(heading, endpoint.origin, tag)
            endpoint = endpoint if event == heading else replace(endpoint, title=event)
        lines = [*draft(endpoint, self.known, self.enums, event), ""]
        if alike is not None:
            file = alike.origin.file
            space = [""] if self.editor.line(file, alike.last_line).strip() else []
            self.editor.insert(file, alike.last_line, [*space, *lines])
        else:
            file = self._file(page, endpoint)
            head = [] if self.editor.exists(file) else _head(page, endpoint)
            self.editor.append(file, [*head, *lines])
        self.report.tell("added", f"{endpoint.kind} {name}", endpoint.origin, Origin(file))
        if endpoint.kind == "method" and self.document is not None:
            siblings = [one.wire for one in page.tables.endpoints if page.chapter(one) == page.chapter(endpoint)]
            if not add_method(self.document, endpoint.wire, siblings):
                what = f"name the method {endpoint.wire} in a message of {self.document.file}"
                self.report.tell("differs", what, endpoint.origin, Origin(self.document.file))

    def _neighbour(self, page: Page, endpoint: Endpoint) -> Endpoint | None:
        """An endpoint of the same chapter, or at least of the same kind, that the tables have."""
        others = [one for one in page.tables.endpoints if one.kind == endpoint.kind]
        near = [one for one in others if page.chapter(one) == page.chapter(endpoint)]
        known = [found for one in (*near, *others) if (found := self.known.endpoint(one)) is not None]
        same = [one for one in self.tables.endpoints if one.kind == endpoint.kind]
        return known[0] if known else same[-1] if same and endpoint.kind != "method" else None

    def _file(self, page: Page, endpoint: Endpoint) -> str:
        if endpoint.kind == "stream":
            return "streams.md"
        if endpoint.kind == "event":
            return "events.md"
        return f"{slug(page.chapter(endpoint) or f'{endpoint.kind}s')}.md"

    # What disappeared

    def _gone(self, pages: Sequence[Page]) -> None:
        """Endpoints that the last import found and that are on none of these pages, where a page of their kind is there."""
        for key, (endpoint, mine) in self.seen.items():
            if mine is not None and key in self.memory.facts:
                tell_gone(mine, self.memory.facts[key], self.now.facts[key], endpoint.origin, self.report)
        here = {key for page in pages for one in page.tables.endpoints for key in keys_of(one)}
        groups: dict[str, list[str]] = {}
        for key, facts in sorted(self.memory.facts.items()):
            groups.setdefault(facts.page, []).append(key)
        for keys in groups.values():
            if 2 * sum(key in here for key in keys) < len(keys):
                continue  # none of these pages is the successor of that one
            for key in keys:
                ours = self.known.by_key.get(key)
                if key not in here and ours is not None:
                    self.report.tell("gone", f"{key}: on none of the pages", Origin(pages[0].file), ours.origin)
                    self.now.facts.pop(key, None)

    def _enums(self) -> Enums:
        """The enumerations of the document, by the keys that hold them."""
        schemas = self.document.schemas if self.document is not None else dict[str, Node]()
        nodes = {name: node for name, node in schemas.items() if "enum" in node.map}
        by_key: dict[str, str] = {}
        for name, node in nodes.items():
            for key in node.texts("x-fields"):
                by_key.setdefault(key, name)
        return Enums(by_key, {name: node.texts("enum") for name, node in nodes.items()})


def _read_folder(folder: Path, report: Report) -> Tables:
    tables: list[Tables] = []
    for path in sorted(folder.glob("*.md")) if folder.is_dir() else ():
        text, problems = read_text(path, path.name)
        report.problems += problems
        tables.append(read_tables(text, path.name))
    return together(tables)


def _head(page: Page, endpoint: Endpoint) -> list[str]:
    titles = {"stream": "Market streams", "event": "User data events"}
    title = titles.get(endpoint.kind) or page.chapter(endpoint) or "Methods"
    front = ["---", "kind: events", "---", ""] if endpoint.kind == "event" else []
    return [*front, f"# {title}", ""]


def _questions(folder: Path, texts: dict[str, str], before: set[tuple[str, str]]) -> list[Problem]:
    """What the loader says of the folder as it would be, and did not say before: what a person must answer."""
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / folder.name
        copy.mkdir()
        for path in folder.iterdir() if folder.is_dir() else ():
            if path.suffix in (".md", ".yaml", ".yml", ".json"):
                shutil.copy(path, copy / path.name)
        for name, text in texts.items():
            (copy / name).write_text(text, encoding="utf-8")
        loaded = load_any(copy, root=copy.parent)
    return [one for one in loaded.problems if (one.what, one.origin.file) not in before]
