"""Imports generated packages, builds every decoder and reads every example; one JSON line per package.

python tests/documents/examine.py FOLDER PACKAGE...
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

import msgspec

from wirewright_runtime import EventList, Json, Levels, Model, OpenEnum, OptionalLevels
from wirewright_runtime.decode import decoding
from wirewright_runtime.testing import encode

MODULES = ("enums", "models", "events", "requests", "streams", "api", "send", "client", "catalog")


class Payload(msgspec.Struct):
    label: str
    type: str
    json: msgspec.Raw  # every digit as documented


def plain(raw: bytes | msgspec.Raw) -> Any:
    """JSON data without what does not count: an absent key and a null mean the same."""
    return _same(json.loads(bytes(raw), parse_float=_number))


def _number(text: str) -> str | int:
    value = float(text)
    return int(value) if value.is_integer() else repr(value)


def _same(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _same(item) for key, item in value.items() if item is not None}
    return [_same(item) for item in value] if isinstance(value, list) else value


def _within(back: Any, documented: Any) -> bool:
    """Whether what came back is what the document has, but for keys that its schema does not know."""
    if isinstance(back, dict) and isinstance(documented, dict):
        return back.keys() <= documented.keys() and all(_within(back[key], documented[key]) for key in back)
    if isinstance(back, list) and isinstance(documented, list):
        return len(back) == len(documented) and all(map(_within, back, documented))
    return bool(back == documented)


def modules_of(package: str, folder: Path) -> dict[str, Any]:
    return {
        name: import_module(f"{package}.{name}")
        for name in MODULES
        if (folder / package / f"{name}.py").exists() or (folder / package / name).is_dir()
    }


def faults(package: str, folder: Path) -> Iterator[str]:
    """What is wrong with a package."""
    modules = modules_of(package, folder)
    for name in ("enums", "models", "events"):
        for item in vars(modules[name]).values() if name in modules else ():
            own = isinstance(item, type) and (
                issubclass(item, Model | EventList | OpenEnum) or hasattr(item, "__one_of__")
            )
            if own and item.__module__.startswith(package):
                yield from _decodes(item)
    catalog = modules.get("catalog")
    for entry in getattr(catalog, "METHODS", {}).values():
        yield from _decodes(entry.result)
    for entry in getattr(catalog, "STREAMS", {}).values():
        yield from _decodes(entry.event)
    for label, payload in examples(package, folder):
        yield from _reads(label, payload, modules)


def _decodes(item: Any) -> Iterator[str]:
    try:
        decoding(item)
    except Exception as error:
        yield f"no decoder for {item}: {type(error).__name__}: {error}"


def examples(package: str, folder: Path) -> Iterator[tuple[str, Payload]]:
    """Every payload of a package, and where it is documented."""
    file = folder / package / "examples.json"
    if not file.exists():
        return
    kinds = msgspec.json.decode(file.read_bytes(), type=dict[str, msgspec.Raw])
    del kinds["note"]
    for kind in kinds.values():
        for name, listed in msgspec.json.decode(kind, type=dict[str, msgspec.Raw]).items():
            text = bytes(listed)
            replies = msgspec.json.decode(text, type=dict[str, msgspec.Raw])["replies"] if text[:1] == b"{" else listed
            for payload in msgspec.json.decode(replies, type=list[Payload]):
                yield f"{name} {payload.label}", payload


def _reads(label: str, payload: Payload, modules: dict[str, Any]) -> Iterator[str]:
    names = {name: modules[name] for name in ("models", "events", "enums") if name in modules}
    try:
        kind = eval(payload.type, names_of(names))
        back = encode(decoding(kind)(payload.json))
    except Exception as error:
        yield f"example of {label}: {type(error).__name__}: {error}"
        return
    if not _within(plain(back), plain(payload.json)):
        yield f"example of {label}: {back.decode()[:200]} instead of {bytes(payload.json).decode()[:200]}"


def names_of(modules: dict[str, Any]) -> dict[str, Any]:
    """What annotations of a package may mention."""
    known = {"Decimal": Decimal, "Levels": Levels, "OptionalLevels": OptionalLevels, "Json": Json, "Literal": Literal}
    return {**modules, **known, "Sequence": Sequence, "Mapping": Mapping}


def offers(package: str, folder: Path) -> dict[str, int]:
    """What the client of a package can do."""
    found: dict[str, int] = {}
    modules = modules_of(package, folder)
    for name, owner in (("api", "Api"), ("send", "Send")):
        kind = getattr(modules.get(name), owner, None)
        if kind is not None:
            found[name] = sum(not one.startswith("_") for one in vars(kind))
    catalog = modules.get("catalog")
    for name in ("STREAMS", "EVENTS"):
        found[name.lower()] = len(getattr(catalog, name, {}))
    return found


def main() -> None:
    folder = Path(sys.argv[1])
    sys.path.insert(0, str(folder))
    for package in sys.argv[2:]:
        wrong: list[str] = []
        offered: dict[str, int] = {}
        try:
            wrong += faults(package, folder)
            offered = offers(package, folder)
        except Exception as error:
            wrong.append(f"{type(error).__name__}: {error}")
        print(json.dumps({"package": package, "faults": wrong, "offers": offered}), flush=True)


if __name__ == "__main__":
    main()
