"""Frames: what stands around parameters, results and events, built from the JSON pointers of a socket."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from wirewright.render.asyncapi.schemas import Schema

Part = tuple[str, Any, bool]  # pointer, schema or data, required


def frame_schema(parts: Iterable[Part]) -> Schema:
    """An object schema with a schema at each pointer. The empty pointer is the frame itself."""
    made: Schema = {"type": "object"}
    for pointer, schema, required in parts:
        tokens = pointer.strip("/").split("/") if pointer else []
        if not tokens:
            made = _merged(made, schema)
            continue
        _put(made, tokens, schema, required)
    return _ordered(made)


def _ordered(schema: Schema) -> Schema:
    """What is required stands before the properties."""
    if "required" not in schema or "properties" not in schema:
        return schema
    properties: dict[str, Any] = schema["properties"]
    inner = {name: _ordered(one) for name, one in properties.items()}
    rest = {key: value for key, value in schema.items() if key not in ("type", "required", "properties")}
    return {"type": schema.get("type", "object"), "required": schema["required"], "properties": inner, **rest}


def _put(at: Schema, tokens: list[str], schema: Schema, required: bool) -> None:
    for token in tokens[:-1]:
        if required:
            _require(at, token)
        at = at.setdefault("properties", {}).setdefault(token, {"type": "object"})
    at.setdefault("properties", {})[tokens[-1]] = schema
    if required:
        _require(at, tokens[-1])


def _require(at: Schema, name: str) -> None:
    names = at.setdefault("required", [])
    if name not in names:
        names.append(name)


def _merged(frame: Schema, schema: Schema) -> Schema:
    """Parameters that stand beside the method, or a payload that is the whole frame."""
    if schema.get("type") != "object" or "properties" not in schema:
        return schema
    required = [*frame.get("required", []), *schema.get("required", [])]
    properties = {**frame.get("properties", {}), **schema["properties"]}
    return {"type": "object", **({"required": required} if required else {}), "properties": properties}


def frame_data(parts: Iterable[tuple[str, Any]]) -> Any:
    """The same with data."""
    made: dict[str, Any] = {}
    for pointer, data in parts:
        tokens = pointer.strip("/").split("/") if pointer else []
        if not tokens and not isinstance(data, dict):
            return data
        if not tokens:
            made |= cast("dict[str, Any]", data)
            continue
        at = made
        for token in tokens[:-1]:
            at = at.setdefault(token, {})
        at[tokens[-1]] = data
    return made
