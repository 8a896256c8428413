"""JSON values as plain data."""

from __future__ import annotations

from typing import Any, TypeGuard


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Whether a JSON value is a list."""
    return isinstance(value, list)


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """Whether a JSON value is an object."""
    return isinstance(value, dict)


def get(value: Any, pointer: str) -> Any:
    """What stands at a JSON pointer, or None."""
    for key in pointer.split("/")[1:]:
        value = value.get(key.replace("~1", "/").replace("~0", "~")) if is_object(value) else None
    return value


def put(frame: Any, pointer: str, value: object) -> None:
    """Set what stands at a JSON pointer in an object."""
    *path, last = [key.replace("~1", "/").replace("~0", "~") for key in pointer.split("/")[1:]]
    for key in path:
        frame = frame.setdefault(key, {})
    if is_object(frame):
        frame[last] = value
