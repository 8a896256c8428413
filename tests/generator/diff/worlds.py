"""Two versions of something on the disk, and what `wirewright diff` says of them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import yaml

from wirewright import pipeline
from wirewright.compare import Diff
from wirewright.diff.change import Change
from wirewright.diff.pairs import BASE
from wirewright.versions import versions_of_paths

MINI = Path(__file__).parents[2] / "cases/mini/specs/mini"


def patched(target: Any, patch: Any) -> Any:
    """A merge patch, RFC 7396."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = patched(result.get(key), value)
    return result


def document(patch: str) -> dict[str, Any]:
    """The base document with a patch, which is text in YAML."""
    return patched(yaml.safe_load(BASE), yaml.safe_load(patch))


def sending(schema: str, sent: bool, **around: Any) -> dict[str, Any]:
    """A document of one operation that sends, or receives, an object whose property `value` has a schema."""
    payload = {"type": "object", "required": ["value"], "properties": {"value": yaml.safe_load(schema)}}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "One", "version": "1"},
        "x-perspective": "client",
        "servers": {"main": {"host": "a.example", "protocol": "wss"}},
        "channels": {"room": {"address": "/room", "messages": {"note": {"payload": payload}}}},
        "operations": {"it": {"action": "send" if sent else "receive", "channel": {"$ref": "#/channels/room"}}},
        **around,
    }


def diff_documents(folder: Path, old: Any, new: Any) -> list[Change]:
    paths = folder / "old.json", folder / "new.json"
    for path, data in zip(paths, (old, new), strict=True):
        path.write_text(json.dumps(data))
    return diff(*paths).changes


def diff_tables(folder: Path, old: str, new: str) -> list[Change]:
    """The specs of the mini case, in which a text was `old` and is `new`."""
    for name, text in (("old", old), ("new", new)):
        shutil.copytree(MINI, folder / name / "mini")
        assert any(replace_in(path, old, new, text) for path in sorted((folder / name / "mini").iterdir()))
    return diff(folder / "old/mini", folder / "new/mini").changes


def replace_in(path: Path, old: str, new: str, text: str) -> bool:
    """Makes a file say `text` where it says one of the two."""
    said = path.read_text()
    found = next((one for one in (old, new) if one and one in said), None)
    if found is None:
        return False
    path.write_text(said.replace(found, text, 1))
    return True


def diff(old: Path, new: Path) -> Diff:
    return pipeline.diff(versions_of_paths(old, new, None))


def edit(spec: Path, file: str, old: str, new: str) -> None:
    """Replaces a text of a file, once."""
    text = (spec / file).read_text()
    assert old in text
    (spec / file).write_text(text.replace(old, new, 1))
