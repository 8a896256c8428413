"""Specs to the model. `load_product` reads a product of wirewright.toml, `load_any` whatever a path names."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from wirewright.config import ProductConfig
from wirewright.errors import Problem
from wirewright.load.asyncapi import as_warnings, load_asyncapi
from wirewright.load.document import Files, read_data, read_text
from wirewright.load.emitted import api_of_emitted, is_emitted
from wirewright.load.endpoints import read_tables
from wirewright.load.endpoints.endpoint import Tables, together
from wirewright.load.entries import Entry, entries_of_document, entries_of_tables
from wirewright.load.errata import Errata
from wirewright.load.flattened import is_flattened, restore
from wirewright.load.merge import merge
from wirewright.load.resolved import Document, Perspective
from wirewright.load.standalone import Answers, api_of_document
from wirewright.model.api import Api
from wirewright.model.check import check_api
from wirewright.model.types import Origin

DOCUMENTS = ("asyncapi.yaml", "asyncapi.yml", "asyncapi.json")
ERRATA = "errata.yaml"


@dataclass(frozen=True)
class Loaded:
    """What a path holds: its layout, every endpoint that it names, and the `Api` if it makes one."""

    layout: str  # "product", "asyncapi", "exchange", "calls", "index", "signatures" or ""
    entries: tuple[Entry, ...]
    api: Api | None
    problems: tuple[Problem, ...]
    unread: tuple[Origin, ...] = ()  # tables and code that nobody understood
    perspective: Perspective | None = None  # of the document, where there is one


def load_product(product: ProductConfig) -> tuple[Api | None, list[Problem]]:
    """The `Api` of a product, and everything that is wrong or doubtful in its specs."""
    loaded = load_spec(product)
    return loaded.api, list(loaded.problems)


def load_spec(product: ProductConfig) -> Loaded:
    """All that the specs of a product hold."""
    return load_any(
        product.spec,
        name=product.known_as,
        title=product.title,
        root=product.root,
        perspective=product.perspective,
        ref_roots=product.ref_roots,
        answers=Answers(product.tags, product.replies, product.channels),
        strict=product.strict,
    )


def load_any(
    path: Path,
    *,
    name: str = "",
    title: str = "",
    root: Path | None = None,
    perspective: str = "auto",
    ref_roots: Sequence[Path] = (),
    answers: Answers | None = None,
    strict: bool | None = None,
) -> Loaded:
    """A folder of specs, an AsyncAPI document, or a page in any layout.

    Args:
        root: Folder that paths in messages are relative to; default: the working directory.
        perspective: The side that the document describes: "client", "server" or "auto".
        ref_roots: Folders that a `$ref` may lead to, beside the document's own.
        strict: Contradictions are problems instead of warnings; default: in folders of specs, which are somebody's own.
    """
    shown = _shown(path, root or Path.cwd())
    side = "" if perspective == "auto" else perspective
    task = _Task(path, shown, name or _name_of(path), title, side, tuple(ref_roots), answers or Answers(), bool(strict))
    if path.is_dir():
        return _checked(_load_folder(replace(task, strict=strict is not False)))
    text, problems = read_text(path, shown)
    if problems:
        return Loaded("", (), None, tuple(problems))
    is_data = path.suffix.lower() in (".yaml", ".yml", ".json")
    if is_data or is_flattened(text) or text.lstrip().startswith(("asyncapi:", '{"asyncapi"')):
        return _checked(_load_document(task, text))
    return _sorted(_load_page(task, text))


@dataclass(frozen=True)
class _Task:
    path: Path
    shown: str
    name: str
    title: str
    side: str
    ref_roots: tuple[Path, ...]
    answers: Answers
    strict: bool


def _load_folder(task: _Task) -> Loaded:
    """A product: its document, and every table beside it."""
    files = Files(task.ref_roots)
    problems: list[Problem] = []
    document: Document | None = None
    found = next((name for name in DOCUMENTS if (task.path / name).is_file()), None)
    if found is None:
        problems.append(Problem(Origin(task.shown), "the folder has no AsyncAPI document", f"add {DOCUMENTS[0]}"))
    elif (node := files.open(task.path / found, f"{task.shown}/{found}")) is not None:
        document, told = load_asyncapi(files, node, task.side, Origin("wirewright.toml"))
        problems += told
        files.follow_all(node)
    tables: list[Tables] = []
    for path in sorted(task.path.glob("*.md")):
        shown = f"{task.shown}/{path.name}"
        text, told = read_text(path, shown)
        problems += told
        tables.append(read_tables(text, shown))
    all_tables, errata = together(tables), task.path / ERRATA
    known = Errata.read(files.open(errata, f"{task.shown}/{ERRATA}") if errata.is_file() else None)
    title = task.title or (document.title if document is not None else "") or task.name
    if document is not None and not all_tables.endpoints:
        api, told = api_of_document(document, files, task.name, task.answers, task.strict)
    elif document is None and found is not None:
        return Loaded("product", (), None, (*problems, *files.problems, *all_tables.problems))
    else:
        api, told = merge(task.name, title, Origin(task.shown), document, files, all_tables, known, task.strict)
    inputs = (path.name for path in task.path.iterdir() if path.suffix in (".md", ".yaml", ".yml", ".json"))
    api = replace(api, title=title, sources=tuple(f"{task.shown}/{one}" for one in sorted(inputs)))
    entries = (*entries_of_document(document), *entries_of_tables(all_tables))
    side = document.perspective if document is not None else None
    unread = tuple(one.origin for one in all_tables.unread)
    return Loaded("product", entries, api, (*problems, *files.problems, *told), unread, side)


def _load_document(task: _Task, text: str) -> Loaded:
    """A document alone. One that lost its line breaks is restored first."""
    files = Files(task.ref_roots)
    node, problems = restore(text, task.shown) if is_flattened(text) else read_data(text, task.shown)
    fatal = [one for one in problems if not one.warning]
    if node is None or fatal:
        return Loaded("asyncapi", (), None, tuple(problems))
    files.add(node, task.path)
    document, told = load_asyncapi(files, node, task.side, Origin(task.shown))
    if document is None:
        return Loaded("asyncapi", (), None, (*problems, *told))
    if is_emitted(document):
        api, more = api_of_emitted(document, task.name)
    else:
        api, more = api_of_document(document, files, task.name, task.answers, task.strict)
    api = replace(api, title=task.title or api.title, sources=tuple(files.read))
    found = [*problems, *files.problems, *told, *more]
    all_told = tuple(found if task.strict else as_warnings(found))
    return Loaded("asyncapi", entries_of_document(document), api, all_told, perspective=document.perspective)


def _load_page(task: _Task, text: str) -> Loaded:
    """A page of documentation, in any layout."""
    tables = read_tables(text, task.shown, from_page=True)
    unread = tuple(one.origin for one in tables.unread)
    shown = tables.listings or any(one.structures for one in tables.aside)
    if not (tables.endpoints or tables.signatures or tables.errors or tables.messages or tables.glossary or shown):
        right = "an AsyncAPI document, an endpoint table, or a page of an exchange or its client library"
        problem = Problem(Origin(task.shown), "nothing here is understood", right)
        return Loaded("", (), None, (*tables.problems, problem), unread)
    title, origin = task.title or task.name, Origin(task.shown)
    api, problems = merge(task.name, title, origin, None, Files(), tables, Errata(), task.strict)
    api = replace(api, sources=(task.shown,))
    found = [*problems, *check_api(api)]
    if not task.strict:
        found = [replace(one, warning=True) for one in found]
    layout = tables.layouts[0] if tables.layouts else ""
    return Loaded(layout, entries_of_tables(tables), api, tuple(found), unread)


def _checked(loaded: Loaded) -> Loaded:
    """Every problem once, in the order of the files; with those that only the whole can have."""
    told = [*loaded.problems, *(check_api(loaded.api) if loaded.api is not None else [])]
    return _sorted(replace(loaded, problems=tuple(told)))


def _sorted(loaded: Loaded) -> Loaded:
    problems = sorted(dict.fromkeys(loaded.problems), key=lambda one: (one.origin, one.what))
    return replace(loaded, problems=tuple(problems))


def _shown(path: Path, root: Path) -> str:
    """A path as messages and generated code show it: from the root, the same on every machine."""
    absolute, base = path.resolve(), root.resolve()
    return (os.path.relpath(absolute, base) if absolute.is_relative_to(base) else str(path)).replace(os.sep, "/")


def _name_of(path: Path) -> str:
    return path.resolve().name.split(".")[0]
