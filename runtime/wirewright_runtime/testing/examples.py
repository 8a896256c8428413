"""The documented payloads of a generated package: what its methods answer, and what its events look like."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module, resources
from typing import Any, cast

import msgspec

from wirewright_runtime.client import BaseClient
from wirewright_runtime.request import Request
from wirewright_runtime.types import Json

Methods = Mapping[str, type[Request[object]]]


class Examples:
    """Payloads of the package in which a client class lives.

    Args:
        client: A generated client class, such as ``SpotClient``.
    """

    def __init__(self, client: type[BaseClient]) -> None:
        package = client.__module__.rpartition(".")[0]
        text = resources.files(package).joinpath("examples.json").read_bytes()
        self._document: dict[str, Any] = msgspec.json.decode(text)
        self.methods: Methods = getattr(import_module(f"{package}.catalog"), "METHODS", {})
        """Request classes by method."""

    def results(self) -> dict[str, Json]:
        """A result of every method: of the class in the catalog, where variants have different ones."""
        entries: dict[str, Any] = self._document["methods"]
        return {method: self._result(method, entry["replies"]) for method, entry in entries.items() if entry["replies"]}

    def _result(self, method: str, replies: list[dict[str, Any]]) -> Json:
        cls = self.methods.get(method)
        wanted = f"models.{getattr(cls.result, '__name__', '')}" if cls is not None else ""
        fitting = [reply for reply in replies if reply["type"] == wanted]
        return cast("Json", (fitting or replies)[0]["json"])

    def event(self, cls: type | str) -> dict[str, Any]:
        """An event by its class or the name of that."""
        name = cls if isinstance(cls, str) else cls.__name__
        for entries in (self._document["events"], self._document["streams"]):
            for known, payloads in cast("dict[str, list[dict[str, Any]]]", entries).items():
                if known in (name, f"{name}Stream") and payloads:
                    return cast("dict[str, Any]", payloads[0]["json"])
        raise LookupError(f"the specs have no example of {name}")
