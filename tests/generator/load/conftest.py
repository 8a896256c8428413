from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from wirewright.load import Loaded, load_any

FIXTURES = Path(__file__).parent / "fixtures"
Break = Callable[[str, str, str], Loaded]


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """A copy of a small product that may be broken."""
    return Path(shutil.copytree(FIXTURES / "toy", tmp_path / "toy"))


@pytest.fixture
def broken(toy: Path) -> Break:
    """Loads the small product with one text of a file replaced by another."""

    def load(file: str, old: str, new: str) -> Loaded:
        text = (toy / file).read_text(encoding="utf-8")
        assert text.count(old) >= 1, f"{old!r} is not in {file}"
        (toy / file).write_text(text.replace(old, new, 1), encoding="utf-8")
        return load_any(toy, root=toy.parent)

    return load
