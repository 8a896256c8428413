"""A project on the disk whose specs are "loaded" from the hand-written model: what is tested is the road behind the loader."""

from __future__ import annotations

import dataclasses
import sys
import types
from collections.abc import Callable
from pathlib import Path

import pytest
from mini_api import MINI

from wirewright.config import Config, ProductConfig, load_config
from wirewright.errors import Problem
from wirewright.load import Loaded
from wirewright.model.api import Api

CONFIG = """
[packages.mini_wire]
out = "generated/mini_wire"
title = "Mini"

[packages.mini_wire.products.mini]
spec = "specs/mini"

[packages.mini_wire.products.other]
spec = "specs/other"
"""


@dataclasses.dataclass
class Project:
    """A folder with a `wirewright.toml`; `problems` are what the loader will find, `api` changes what it gives."""

    root: Path
    problems: list[Problem] = dataclasses.field(default_factory=list[Problem])
    loads: list[str] = dataclasses.field(default_factory=list[str])
    change: Callable[[Api], Api] = lambda api: api

    @property
    def config(self) -> Config:
        return load_config(self.root / "wirewright.toml")

    @property
    def out(self) -> Path:
        return self.root / "generated" / "mini_wire"

    def files(self) -> dict[str, str]:
        return {
            path.relative_to(self.out).as_posix(): path.read_text() for path in self.out.rglob("*") if path.is_file()
        }

    def load_product(self, product: ProductConfig) -> tuple[Api | None, list[Problem]]:
        self.loads.append(product.name)
        api = dataclasses.replace(self.change(MINI), doc=(product.spec / "market.md").read_text().strip())
        return api, self.problems

    def load_spec(self, product: ProductConfig) -> Loaded:
        api, problems = self.load_product(product)
        return Loaded("product", (), api, tuple(problems))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    (tmp_path / "wirewright.toml").write_text(CONFIG)
    for product in ("mini", "other"):
        (tmp_path / "specs" / product).mkdir(parents=True)
        (tmp_path / "specs" / product / "market.md").write_text(f"About {product}.\n")
    made = Project(tmp_path)
    loader = types.ModuleType("wirewright.load")
    loader.load_product = made.load_product  # type: ignore[attr-defined]
    loader.load_spec = made.load_spec  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "wirewright.load", loader)
    monkeypatch.chdir(tmp_path)
    return made
