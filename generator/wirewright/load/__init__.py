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
    path = product.spec
    product = product if product.known_as else replace(product, called=_name_of(path))
    shown = _shown(path, product.root)
    if path.is_dir():
        return _checked(_load_folder(replace(product, strict=product.strict is not False), shown))
    text, problems = read_text(path, shown)
    if problems:
        return Loaded("", (), None, tuple(problems))
    is_data = path.suffix.lower() in (".yaml", ".yml", ".json")
    if is_data or is_flattened(text) or text.lstrip().startswith(("asyncapi:", '{"asyncapi"')):
        return _checked(_load_document(product, shown, text))
    return _sorted(_load_page(product, shown, text))


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
    said = answers or Answers()
    product = ProductConfig(name, path, root or Path.cwd(), perspective, title, tuple(ref_roots), strict)
    return load_spec(replace(product, tags=said.tags, replies=said.replies, channels=said.channels))


def _load_folder(product: ProductConfig, shown: str) -> Loaded:
    """A product: its document, and every table beside it."""
    files = Files(product.ref_roots)
    problems: list[Problem] = []
    document: Document | None = None
    found = next((name for name in DOCUMENTS if (product.spec / name).is_file()), None)
    if found is None:
        problems.append(Problem(Origin(shown), "the folder has no AsyncAPI document", f"add {DOCUMENTS[0]}"))
    elif (node := files.open(product.spec / found, f"{shown}/{found}")) is not None:
        document, told = load_asyncapi(files, node, _side(product), Origin("wirewright.toml"))
        problems += told
        files.follow_all(node)
    tables: list[Tables] = []
    for path in sorted(product.spec.glob("*.md")):
        name = f"{shown}/{path.name}"
        text, told = read_text(path, name)
        problems += told
        tables.append(read_tables(text, name))
    all_tables, errata = together(tables), product.spec / ERRATA
    known = Errata.read(files.open(errata, f"{shown}/{ERRATA}") if errata.is_file() else None)
    title = product.title or (document.title if document is not None else "") or product.known_as
    if document is not None and not all_tables.endpoints:
        api, told = api_of_document(document, files, product.known_as, _answers(product), bool(product.strict))
    elif document is None and found is not None:
        return Loaded("product", (), None, (*problems, *files.problems, *all_tables.problems))
    else:
        api, told = merge(
            product.known_as, title, Origin(shown), document, files, all_tables, known, bool(product.strict)
        )
    inputs = (path.name for path in product.spec.iterdir() if path.suffix in (".md", ".yaml", ".yml", ".json"))
    api = replace(api, title=title, sources=tuple(f"{shown}/{one}" for one in sorted(inputs)))
    entries = (*entries_of_document(document), *entries_of_tables(all_tables))
    side = document.perspective if document is not None else None
    unread = tuple(one.origin for one in all_tables.unread)
    return Loaded("product", entries, api, (*problems, *files.problems, *told), unread, side)


def _load_document(product: ProductConfig, shown: str, text: str) -> Loaded:
    """A document alone. One that lost its line breaks is restored first."""
    files = Files(product.ref_roots)
    node, problems = restore(text, shown) if is_flattened(text) else read_data(text, shown)
    fatal = [one for one in problems if not one.warning]
    if node is None or fatal:
        return Loaded("asyncapi", (), None, tuple(problems))
    files.add(node, product.spec)
    document, told = load_asyncapi(files, node, _side(product), Origin(shown))
    if document is None:
        return Loaded("asyncapi", (), None, (*problems, *told))
    if is_emitted(document):
        api, more = api_of_emitted(document, product.known_as)
    else:
        api, more = api_of_document(document, files, product.known_as, _answers(product), bool(product.strict))
    api = replace(api, title=product.title or api.title, sources=tuple(files.read))
    found = [*problems, *files.problems, *told, *more]
    all_told = tuple(found if product.strict else as_warnings(found))
    return Loaded("asyncapi", entries_of_document(document), api, all_told, perspective=document.perspective)


def _load_page(product: ProductConfig, shown: str, text: str) -> Loaded:
    """A page of documentation, in any layout."""
    tables = read_tables(text, shown, from_page=True)
    unread = tuple(one.origin for one in tables.unread)
    listed = tables.listings or any(one.structures for one in tables.aside)
    if not (tables.endpoints or tables.signatures or tables.errors or tables.messages or tables.glossary or listed):
        right = "an AsyncAPI document, an endpoint table, or a page of an exchange or its client library"
        problem = Problem(Origin(shown), "nothing here is understood", right)
        return Loaded("", (), None, (*tables.problems, problem), unread)
    title, origin = product.title or product.known_as, Origin(shown)
    api, problems = merge(product.known_as, title, origin, None, Files(), tables, Errata(), bool(product.strict))
    api = replace(api, sources=(shown,))
    found = [*problems, *check_api(api)]
    if not product.strict:
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


def _side(product: ProductConfig) -> str:
    return "" if product.perspective == "auto" else product.perspective


def _answers(product: ProductConfig) -> Answers:
    return Answers(product.tags, product.replies, product.channels)


def _shown(path: Path, root: Path) -> str:
    """A path as messages and generated code show it: from the root, the same on every machine."""
    absolute, base = path.resolve(), root.resolve()
    return (os.path.relpath(absolute, base) if absolute.is_relative_to(base) else str(path)).replace(os.sep, "/")


def _name_of(path: Path) -> str:
    return path.resolve().name.split(".")[0]
