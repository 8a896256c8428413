"""Facts about the exchange that lie beside the repository, and what the project has for them.

`WIREWRIGHT_SHARED` names the folder that holds `facts/`; without it, a folder `shared` beside the project or above it is
taken. Where there is none, the tests that need it are skipped.
"""

from __future__ import annotations

import json
import os
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from wirewright import pipeline
from wirewright.config import load_config
from wirewright.model.api import Api
from wirewright.model.types import AliasType, Array, EnumType, Kind, Levels, Literal, Nullable, Ref, Scalar, Type

ROOT = Path(__file__).resolve().parents[1]
PRODUCTS = ("spot", "usdm", "coinm")
CLIENTS = {"spot": "SpotClient", "usdm": "UsdmClient", "coinm": "CoinmClient"}


def shared() -> Path:
    named = os.environ.get("WIREWRIGHT_SHARED")
    beside = [above / "shared" for above in Path(__file__).resolve().parents]
    return Path(named) if named else next((one for one in beside if one.is_dir()), Path("shared"))


@cache
def facts(name: str) -> Any:
    """What a file of the facts holds, as in `facts("spot/errors")`. Skips the test where there are no facts."""
    file = shared() / "facts" / f"{name}.json"
    if not file.is_file():
        pytest.skip("the facts about the exchange are not here")
    return json.loads(file.read_text(encoding="utf-8"))


def methods(product: str) -> list[dict[str, Any]]:
    """The methods; the files of Spot and of the futures products differ in their outer form."""
    found = facts(f"{product}/methods")
    return found if isinstance(found, list) else found["methods"]


@cache
def api(product: str) -> Api:
    """The model of a product, from the specs."""
    loaded = {one.api.name: one.api for one in pipeline.inspect(load_config(ROOT / "wirewright.toml")) if one.api}
    return loaded[product]


def generated(product: str, module: str) -> Any:
    return import_module(f"binance_wire.{product}.{module}")


def client(product: str) -> Any:
    return getattr(generated(product, "client"), CLIENTS[product])


def enum_values(product: str, name: str) -> set[str]:
    found = next(one for one in api(product).types if isinstance(one, EnumType) and one.name == name)
    return {str(value.wire) for value in found.values}


def bare(product: str, kind: Type) -> Type:
    """A type without what says how many, or whether it may be null."""
    aliases = {one.name: one.type for one in api(product).types if isinstance(one, AliasType)}
    while True:
        match kind:
            case Nullable(type=inner) | Array(item=inner) | Levels(item=inner):
                kind = inner
            case Ref(name=name) if name in aliases:
                kind = aliases[name]
            case _:
                return kind


def kind_of(kind: Type) -> str:
    """A type in a word or two: `decimal`, `list of string`, `enum Side`."""
    match kind:
        case Nullable(type=inner):
            return kind_of(inner)
        case Array(item=item):
            return f"list of {kind_of(item)}"
        case Scalar(kind=Kind() as scalar):
            return scalar.value
        case Ref(name=name):
            return f"enum {name}"
        case Literal():
            return "literal"
        case _:
            return type(kind).__name__
