"""The manifest of a generated package: hashes of what it was made from and of what came out.

It lets `generate` see within a moment that nothing changed, and tell a file that a human edited from one that is stale.
`check` does not read it for the truth: it generates again. This module imports no station.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from wirewright.config import Config, PackageConfig, ProductConfig

FILE = ".wirewright.json"
PACKAGE = Path(__file__).resolve().parents[1]
SOURCES = ("config.py", "pipeline.py", "load", "model", "render", "write/format.py", "templates", "../../templates")
LIBRARIES = ("black", "datamodel-code-generator", "jinja2", "markdown-it-py", "pyyaml")

Hashes = Mapping[str, str]


@dataclass(frozen=True)
class Record:
    """What one product was made from, and what came out (paths below the package).

    `generator` stands for all that decides the output beside the specs: sources, templates, libraries, configuration;
    `rendered` are the files before they were formatted.
    """

    generator: str
    inputs: Hashes
    outputs: Hashes
    rendered: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Manifest:
    products: Mapping[str, Record] = field(default_factory=dict[str, Record])

    @property
    def outputs(self) -> dict[str, str]:
        return {path: digest for record in self.products.values() for path, digest in record.outputs.items()}

    def to_json(self) -> str:
        return (
            json.dumps({name: asdict(record) for name, record in self.products.items()}, indent=1, sort_keys=True)
            + "\n"
        )


def read_manifest(out: Path) -> Manifest:
    """The manifest on the disk; an empty one where there is none or it cannot be read."""
    try:
        data: Any = json.loads((out / FILE).read_text(encoding="utf-8"))
        return Manifest({name: Record(**record) for name, record in data.items()})
    except (OSError, ValueError, TypeError, AttributeError):
        return Manifest()


def is_fresh(product: ProductConfig, record: Record | None, generator: str, out: Path) -> bool:
    """Whether neither specs, nor generator, nor generated files changed since the manifest was written."""
    return (
        record is not None
        and record.generator == generator
        and hash_inputs(product, record.inputs) == record.inputs
        and all(hash_file(out / path) == digest for path, digest in record.outputs.items())
    )


def hash_inputs(product: ProductConfig, known: Iterable[str] = ()) -> dict[str, str]:
    """Hashes of everything in the folder of the specs, and of `known` files beyond it."""
    root = product.root
    if product.spec.is_dir():
        files = {path for path in product.spec.rglob("*") if path.is_file() and not path.name.startswith(".")}
    else:
        files = {product.spec}
    files.update(root / path for path in known)
    return {relative(path, root): hash_file(path) for path in sorted(files)}


def hash_generator(config: Config, package: PackageConfig) -> str:
    digest = hashlib.sha256()
    for path in _sources():
        digest.update(f"{path.name}\0{hash_file(path)}\0".encode())
    for path in sorted(config.templates.rglob("*")) if config.templates else ():
        digest.update(f"{path.name}\0{hash_file(path)}\0".encode())
    for library in LIBRARIES:
        digest.update(f"{library} {_version(library)}\0".encode())
    documents = relative(package.asyncapi, config.root) if package.asyncapi is not None else ""
    told = (package.name, package.title, [_told(product) for product in package.products], documents)
    digest.update(repr(told).encode())
    return digest.hexdigest()


def _told(product: ProductConfig) -> dict[str, object]:
    """Everything that the configuration says of a product, the same wherever the project lies."""
    root = product.root
    told: dict[str, object] = asdict(product)
    told["spec"], told["ref_roots"] = relative(product.spec, root), [relative(one, root) for one in product.ref_roots]
    told["root"] = ""
    return told


def hash_text(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def hash_file(path: Path) -> str:
    """The hash of a file's bytes, line ends read alike; empty where there is no file."""
    try:
        return hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()
    except OSError:
        return ""


def _sources() -> list[Path]:
    found: set[Path] = set()
    for source in SOURCES:
        place = PACKAGE / source
        found.update(path for path in place.rglob("*") if path.suffix in {".py", ".jinja", ".jinja2"})
        found.update({place} if place.is_file() else ())
    return sorted(found, key=lambda path: (path.parent.name, path.name))


def relative(path: Path, root: Path) -> str:
    absolute = path.resolve()
    return absolute.relative_to(root).as_posix() if absolute.is_relative_to(root) else absolute.as_posix()


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "missing"
