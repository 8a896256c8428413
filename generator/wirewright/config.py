"""`wirewright.toml`: which packages there are, from which specs, and where they go.

    templates = "templates"                     # optional: your own copy of some templates

    [packages.binance_wire]
    out = "generated/binance_wire"
    title = "Binance"
    asyncapi = "generated/asyncapi"             # optional: a complete AsyncAPI 3.0 document of each product goes here

    [packages.binance_wire.products.spot]
    spec = "specs/binance/spot"                 # a folder, or one AsyncAPI document
    perspective = "client"                      # optional: "client", "server" or "auto"
    title = "Binance Spot"                      # optional: default is the title of the document
    ref_roots = ["specs/common"]                # optional: folders that a `$ref` may lead to
    strict = true                               # optional: contradictions are problems; default: in folders
    tags = { OrderReply = "type" }              # optional: the property that tells the branches of a union apart
    replies = { subscribe = "subscribed" }      # optional: the message that answers another one (AsyncAPI 2.x)
    channels = "topics"                         # optional: "paths", "topics" or "auto": what an address without a slash is

Paths are relative to the file. A package whose only product has the name "" has its modules at its top.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from wirewright.errors import Problem, SpecError
from wirewright.model.types import Origin

FILE = "wirewright.toml"
PERSPECTIVES = ("auto", "client", "server")
_SAYS_NOTHING = r"(async|open)?api([-_ ]?\d.*)?|spec|index|main|ws|web[-_]?sockets?|schema|document|definition|docs?"
CHANNELS = ("auto", "paths", "topics")

Table = Mapping[str, object]


@dataclass(frozen=True)
class ProductConfig:
    """One product. `root` is the folder that paths in messages and generated code are relative to."""

    name: str
    spec: Path
    root: Path
    perspective: str = "auto"
    title: str = ""
    ref_roots: tuple[Path, ...] = ()
    strict: bool | None = None
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    replies: Mapping[str, str] = field(default_factory=dict[str, str])
    channels: str = "auto"
    called: str = ""  # how the client is called where the product has no name of its own

    @property
    def known_as(self) -> str:
        """What users call it: its name, or (where it is alone in its package) what its client is called after."""
        return self.name or self.called


@dataclass(frozen=True)
class PackageConfig:
    name: str
    out: Path
    title: str
    products: tuple[ProductConfig, ...]
    asyncapi: Path | None = None  # folder of AsyncAPI documents, one for each product


@dataclass(frozen=True)
class Config:
    root: Path
    packages: tuple[PackageConfig, ...]
    templates: Path | None = None
    file: Path | None = None


def find_config(start: Path) -> Path | None:
    """The nearest `wirewright.toml`, here or above."""
    return next((folder / FILE for folder in (start, *start.parents) if (folder / FILE).is_file()), None)


def load_config(file: Path) -> Config:
    """Reads the file; everything that is wrong in it is told at once."""
    text = file.read_text(encoding="utf-8")
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SpecError([_syntax_problem(file, str(error))]) from error
    reader = _Reader(file, text)
    config = reader.config(data)
    if reader.problems:
        raise SpecError(reader.problems)
    return config


def document_config(
    document: Path, package: str, out: Path, perspective: str = "auto", ref_roots: tuple[Path, ...] = ()
) -> Config:
    """The configuration of `wirewright generate DOC --package NAME --out DIR`: the same from wherever it is called."""
    root = document.resolve().parent
    product = ProductConfig("", document, root, perspective, ref_roots=ref_roots, called=_called(document, package))
    return Config(root, (PackageConfig(package, out.resolve() / package, package, (product,)),))


def _called(document: Path, package: str) -> str:
    """The name of a client: of its document's file, unless that says nothing; then of the package."""
    stem = document.resolve().name.split(".")[0]
    if re.fullmatch(_SAYS_NOTHING, stem, re.IGNORECASE):
        return re.sub(r"_(wire|client|api|sdk|ws)$", "", package) or package
    return stem


class _Reader:
    """Turns the tables into data and collects what is wrong with them."""

    def __init__(self, file: Path, text: str) -> None:
        self.problems: list[Problem] = []
        self._file = file
        self._root = file.resolve().parent
        self._lines = text.splitlines()

    def config(self, data: Table) -> Config:
        self._known(data, {"packages", "templates"}, "")
        templates = self._text(data, "templates", "")
        packages = self._table(data, "packages", "")
        if not packages:
            self._problem("", "", "no package is listed", "add [packages.NAME] with `out` and products")
        return Config(
            self._root,
            tuple(self._package(name, self._table(packages, name, "packages")) for name in packages),
            self._root / templates if templates else None,
            self._file,
        )

    def _package(self, name: str, data: Table) -> PackageConfig:
        table = f"packages.{name}"
        self._known(data, {"out", "title", "products", "asyncapi"}, table)
        asyncapi = self._text(data, "asyncapi", table)
        if not name.isidentifier():
            right = "use letters, digits and underscores"
            self._problem(table, "", f"`{name}` is no name of a Python package", right)
        products = self._table(data, "products", table)
        if not products:
            self._problem(table, "", f"the package `{name}` has no product", f"add [{table}.products.PRODUCT]")
        return PackageConfig(
            name,
            self._root / (self._text(data, "out", table) or f"generated/{name}"),
            self._text(data, "title", table) or name,
            tuple(self._product(name, product, self._table(products, product, table), table) for product in products),
            self._root / asyncapi if asyncapi else None,
        )

    def _product(self, owner: str, name: str, data: Table, package: str) -> ProductConfig:
        table = f"{package}.products.{name}"
        self._known(data, {"spec", "perspective", "title", "ref_roots", "strict", "tags", "replies", "channels"}, table)
        spec = self._text(data, "spec", table)
        perspective = self._one_of(data, "perspective", PERSPECTIVES, table)
        if name and not name.isidentifier():
            right = "use letters, digits and underscores"
            self._problem(table, "", f"`{name}` is no name of a Python module", right)
        if "spec" not in data:
            self._problem(table, "", f"the product `{name}` has no `spec`", "name a folder or an AsyncAPI document")
        channels = self._one_of(data, "channels", CHANNELS, table)
        if spec and not (self._root / spec).exists():
            self._problem(table, "spec", f"`{spec}` does not exist", "name a folder or an AsyncAPI document")
        strict = data.get("strict")
        if strict is not None and not isinstance(strict, bool):
            self._problem(table, "strict", "`strict` is neither true nor false", "write strict = true")
        return ProductConfig(
            name,
            self._root / spec,
            self._root,
            perspective,
            self._text(data, "title", table),
            tuple(self._root / one for one in self._texts(data, "ref_roots", table)),
            strict if isinstance(strict, bool) else None,
            self._named_texts(data, "tags", table),
            self._named_texts(data, "replies", table),
            channels,
            _called(Path(spec), owner),
        )

    def _text(self, data: Table, key: str, table: str) -> str:
        value = data.get(key, "")
        if isinstance(value, str):
            return value
        self._problem(table, key, f"`{key}` is no text", f'write {key} = "..."')
        return ""

    def _one_of(self, data: Table, key: str, known: Sequence[str], table: str) -> str:
        value = self._text(data, key, table) or known[0]
        if value not in known:
            self._problem(table, key, f"{key} `{value}` is unknown", f"use one of {', '.join(known)}")
        return value

    def _texts(self, data: Table, key: str, table: str) -> list[str]:
        value = data.get(key, [])
        if isinstance(value, list) and all(isinstance(one, str) for one in cast("list[object]", value)):
            return cast("list[str]", value)
        self._problem(table, key, f"`{key}` is no list of texts", f'write {key} = ["..."]')
        return []

    def _named_texts(self, data: Table, key: str, table: str) -> dict[str, str]:
        inner = self._table(data, key, table)
        return {name: self._text(inner, name, table) for name in inner}

    def _table(self, data: Table, key: str, table: str) -> Table:
        value = data.get(key, {})
        if isinstance(value, dict):
            return cast(Table, value)
        self._problem(table, key, f"`{key}` is no table", f"write [{f'{table}.' if table else ''}{key}]")
        return {}

    def _known(self, data: Table, keys: set[str], table: str) -> None:
        for key in sorted(data.keys() - keys):
            self._problem(table, key, f"`{key}` is unknown here", f"known are {', '.join(sorted(keys))}")

    def _problem(self, table: str, key: str, what: str, right: str) -> None:
        self.problems.append(Problem(Origin(self._file.name, self._line(table, key)), what, right))

    def _line(self, table: str, key: str) -> int:
        """Where a key of a table stands: the parser does not tell."""
        heads = [number for number, line in enumerate(self._lines, 1) if line.replace('"', "").startswith(f"[{table}]")]
        start = heads[0] if heads else 1
        below = (
            number for number, line in enumerate(self._lines, 1) if number >= start and re.match(rf"\s*{key}\s*=", line)
        )
        return next(below, start) if key else start


def _syntax_problem(file: Path, message: str) -> Problem:
    place = re.search(r"\(at line (\d+), column (\d+)\)", message)
    line, column = (int(place[1]), int(place[2])) if place else (1, 1)
    if "at end of document" in message:
        line = len(file.read_text(encoding="utf-8").splitlines())
    what = re.sub(r"\s*\(at .*\)$", "", message)
    return Problem(Origin(file.name, line, column), f"no TOML: {what}", "mend the file")
