"""From a spec to an exchange that serves it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from wirewright.errors import SpecError
from wirewright.load import Loaded, load_any
from wirewright.mock.exchange import MockExchange
from wirewright.model.api import Api


def mock_api(api: Api, **options: Any) -> MockExchange:
    """An exchange for an API of the model. Options are those of `MockExchange`."""
    return MockExchange(api, **options)


def mock_document(path: Path, *, perspective: str = "auto", **options: Any) -> MockExchange:
    """An exchange for an AsyncAPI document, or a folder of specs. Raises `SpecError` if it cannot be read."""
    return mock_api(usable(load_any(path, perspective=perspective)), **options)


def mock_product(name: str, **options: Any) -> MockExchange:
    """An exchange for a product that comes with wirewright: "spot", "usdm" or "coinm"."""
    known = bundled()
    if name not in known:
        raise LookupError(f"no product {name!r} comes with wirewright; there are {', '.join(known)}")
    return mock_document(known[name], **options)


def bundled() -> dict[str, Path]:
    """The specs of products that come with wirewright: beside the package in a wheel, at the top in a checkout."""
    package = Path(__file__).parents[1]
    folders = (package / "specs" / "binance", package.parents[1] / "specs" / "binance")
    return {one.name: one for folder in folders if folder.is_dir() for one in sorted(folder.iterdir()) if one.is_dir()}


def usable(loaded: Loaded) -> Api:
    """The API that was loaded. Raises `SpecError` with everything that stands in the way."""
    wrong = [one for one in loaded.problems if not one.warning]
    if wrong or loaded.api is None:
        raise SpecError(wrong or list(loaded.problems))
    return loaded.api
