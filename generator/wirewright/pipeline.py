"""The road of a spec, station by station: load -> model -> render -> write. Nothing else knows them all.

Beside the road, `compare` takes two versions as far as the model and holds them side by side.

Stations are imported when they are needed: a run that finds nothing to do imports none.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wirewright.config import Config, PackageConfig, ProductConfig
from wirewright.errors import Problem, SpecError
from wirewright.model.types import Origin
from wirewright.write.files import Difference, State, compare, write_files
from wirewright.write.manifest import (
    FILE,
    Manifest,
    Record,
    hash_file,
    hash_generator,
    hash_inputs,
    hash_text,
    is_fresh,
    read_manifest,
)

if TYPE_CHECKING:
    from wirewright.compare import Diff
    from wirewright.load import Loaded
    from wirewright.model.api import Api
    from wirewright.versions import Versions

Files = dict[str, str]
Tell = Callable[[str, str], None]  # (product, station)

AROUND = "."  # in the manifest: what a package has beside its products


def _silent(_product: str, _station: str) -> None: ...


@dataclass
class Watch:
    """Tells which station is at work, and how long each took."""

    tell: Tell = _silent
    seconds: dict[str, float] = field(default_factory=dict[str, float])

    @contextmanager
    def at(self, station: str, product: str) -> Generator[None]:
        self.tell(product, station)
        start = time.process_time()
        try:
            yield
        finally:
            self.seconds[station] = self.seconds.get(station, 0.0) + time.process_time() - start


@dataclass
class Work:
    """What is to be done for one package, and what has been done."""

    package: PackageConfig
    manifest: Manifest  # as it was
    generator: str
    trusts: bool  # the manifest
    todo: list[ProductConfig]
    files: Files = field(default_factory=dict[str, str])
    records: dict[str, Record] = field(default_factory=dict[str, Record])
    warnings: list[Problem] = field(default_factory=list[Problem])
    differences: list[Difference] = field(default_factory=list[Difference])

    def of(self, *states: State) -> list[Difference]:
        return [difference for difference in self.differences if difference.state in states]


def generate(
    config: Config, products: Sequence[str] = (), *, force: bool = False, watch: Watch | None = None
) -> list[Work]:
    """Generates what changed, and writes it: everything, or (when anything is wrong) nothing."""
    works = _make(config, products, watch or Watch(), trust=not force)
    edited = [(work, found) for work in works for found in work.of(State.EDITED)]
    if edited and not force:
        raise SpecError([_edited_problem(config, work.package, found) for work, found in edited])
    for work in works:
        write_files(work.package.out, work.differences)
    return works


def check(config: Config, *, watch: Watch | None = None) -> list[Work]:
    """Generates everything again in memory and compares it with the disk. The manifest is not believed."""
    return _make(config, (), watch or Watch(), trust=False)


def inspect(config: Config, products: Sequence[str] = ()) -> list[Loaded]:
    """What the specs of the products hold, with every problem that they have."""
    from wirewright.load import load_spec

    return [load_spec(product) for package in config.packages for product in _selected(package, products)]


def diff(listed: Sequence[Versions], names: ProductConfig | None = None, names_root: str = "") -> Diff:
    """What the new version of each product means for who uses the old one.

    Args:
        names: A product whose names are told for what pages show; `names_root` is the package of its code.
    """
    from wirewright.compare import compare_versions

    return compare_versions(listed, names, names_root)


def _make(config: Config, products: Sequence[str], watch: Watch, *, trust: bool) -> list[Work]:
    works = [_plan(config, package, products, trust=trust) for package in config.packages]
    loaded = [(work, product, *_load(product, watch)) for work in works for product in work.todo]
    problems = [problem for _, _, _, found in loaded for problem in found]
    if any(not problem.warning for problem in problems):
        raise SpecError(problems)
    for work, product, api, found in loaded:
        work.warnings += found
        if api is not None:
            _render(config, work, product, api, watch)
    for work in works:
        _finish(config, work, watch)
    return works


def _plan(config: Config, package: PackageConfig, products: Sequence[str], *, trust: bool) -> Work:
    """Which products are to be made: those that are asked for, and are not as the manifest says."""
    manifest, generator = read_manifest(package.out), hash_generator(config, package)
    todo = [
        product
        for product in _selected(package, products)
        if not (trust and is_fresh(product, manifest.products.get(product.name), generator, package.out))
    ]
    work = Work(package, manifest, generator, trust, todo)
    remaking = {product.name for product in todo}
    kept = [product.name for product in package.products if product.name not in remaking]
    work.records |= {name: manifest.products[name] for name in kept if name in manifest.products}
    return work


def _load(product: ProductConfig, watch: Watch) -> tuple[Api | None, list[Problem]]:
    with watch.at("load", product.name):
        from wirewright.load import load_product

        return load_product(product)


def _render(config: Config, work: Work, product: ProductConfig, api: Api, watch: Watch) -> None:
    with watch.at("render", product.name):
        from wirewright.render.context import Context
        from wirewright.render.environment import Templates
        from wirewright.render.product import render_all

        root = ".".join(part for part in (work.package.name, product.name) if part)
        made = render_all(Context(api, root, Templates(config.templates)))
    with watch.at("format", product.name):
        formatted = _format(work, product, made)
    with watch.at("surface", product.name):
        from wirewright.render.surface import FILE as SURFACE
        from wirewright.render.surface import render_surface

        formatted[SURFACE] = render_surface(formatted)
    files = {_path(product, path): text for path, text in formatted.items()}
    files |= _document(work, product, api, watch)
    _record(work, product.name, hash_inputs(product, api.sources), files)
    work.records[product.name].rendered.update({_path(product, path): hash_text(text) for path, text in made.items()})


def _document(work: Work, product: ProductConfig, api: Api, watch: Watch) -> Files:
    """The product as an AsyncAPI document, beside the package."""
    if work.package.asyncapi is None:
        return {}
    with watch.at("asyncapi", product.name):
        from wirewright.render.asyncapi import render_document

        file = work.package.asyncapi / f"{product.name or work.package.name}.yaml"
        return {os.path.relpath(file, work.package.out).replace(os.sep, "/"): render_document(api)}


def _format(work: Work, product: ProductConfig, made: Files) -> Files:
    """Formats what is not on the disk already: a file that comes out as last time is taken from there."""
    from wirewright.write.format import format_files

    last = work.manifest.products.get(product.name)
    kept: Files = {}
    for path, text in made.items():
        if not work.trusts or last is None or last.generator != work.generator:
            break
        name = _path(product, path)
        file = work.package.out / name
        if last.rendered.get(name) == hash_text(text) and last.outputs.get(name) == hash_file(file):
            kept[path] = file.read_text(encoding="utf-8")
    return kept | format_files({path: text for path, text in made.items() if path not in kept})


def _path(product: ProductConfig, path: str) -> str:
    return f"{product.name}/{path}".lstrip("/")


def _finish(config: Config, work: Work, watch: Watch) -> None:
    """What stands around the products, the manifest, and the comparison with the disk."""
    kept = {path for record in work.records.values() for path in record.outputs if path not in work.files}
    around = work.manifest.products.get(AROUND)
    if work.todo or around is None or around.generator != work.generator:
        _record(work, AROUND, {}, _around(config, work.package, watch))
    else:
        work.records[AROUND] = around
        kept |= around.outputs.keys()
    manifest = Manifest(work.records).to_json()
    recorded = work.manifest.outputs | {FILE: hash_file(work.package.out / FILE)}
    with watch.at("write", work.package.name):
        work.differences = compare(work.package.out, work.files | {FILE: manifest}, recorded, kept)


def _around(config: Config, package: PackageConfig, watch: Watch) -> Files:
    names = [product.name for product in package.products if product.name]
    if not names:
        return {"py.typed": ""}
    with watch.at("render", package.name):
        from wirewright.render.environment import Templates
        from wirewright.render.package import render_package
        from wirewright.write.format import format_files

        files = render_package(Templates(config.templates), package.name, package.title, names)
        return format_files(files) | {"py.typed": ""}


def _record(work: Work, name: str, inputs: Mapping[str, str], files: Files) -> None:
    work.files |= files
    work.records[name] = Record(work.generator, inputs, {path: hash_text(text) for path, text in files.items()})


def _selected(package: PackageConfig, products: Sequence[str]) -> list[ProductConfig]:
    return [product for product in package.products if not products or product.known_as in products]


def _edited_problem(config: Config, package: PackageConfig, found: Difference) -> Problem:
    file = package.out / found.path
    shown = file.relative_to(config.root) if file.is_relative_to(config.root) else file
    right = "take the change into the specs or templates; `--force` overwrites it"
    return Problem(Origin(shown.as_posix()), "this generated file was edited by hand", right)
