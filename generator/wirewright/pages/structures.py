"""Objects that a page shows beside any endpoint, such as the filters of a symbol: branches of the document's unions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from wirewright.load.node import Node
from wirewright.load.typetext import is_amount
from wirewright.pages.document import Document
from wirewright.pages.facts import Facts, paths_of
from wirewright.pages.report import Report


@dataclass
class Structures:
    """Brings tagged objects of pages into the unions of the document."""

    document: Document
    report: Report
    last: Mapping[str, Facts]
    now: dict[str, Facts]

    def update(self, shown: Node) -> None:
        for name, key, branches in list(self._unions()):
            kind = shown.text(key)
            if not kind:
                continue
            fact = f"structure {name} {kind}"
            known = set(self.last[fact].fields) if fact in self.last else set[str]()
            if kind in branches:
                self._fields(branches[kind], shown, known)
            elif not known:
                self._branch(name, key, kind, shown)
            self.now[fact] = Facts(fields=tuple(paths_of(shown)))

    def _unions(self) -> Iterator[tuple[str, str, dict[str, str]]]:
        """Name, tag, and the schema of each value of the tag."""
        schemas = self.document.schemas
        for name, node in schemas.items():
            key = node.text("discriminator") or node.part("discriminator").text("propertyName")
            if not key or "oneOf" not in node.map:
                continue
            found: dict[str, str] = {}
            for one in node.map["oneOf"].list:
                branch = one.text("$ref").rpartition("/")[2]
                tag = schemas[branch].at(f"/properties/{key}") if branch in schemas else None
                if tag is not None:
                    found |= dict.fromkeys((tag.text("const"), *tag.texts("enum")), branch)
            yield name, key, found

    def _fields(self, branch: str, shown: Node, known: set[str]) -> None:
        at = f"/components/schemas/{branch}/properties"
        properties = self.document.at(at)
        for key, value in shown.map.items():
            if not properties.map or key in properties.map or key in known:
                continue
            added = self.document.put(at, [f"{key}: {{{_schema(value)}}}"])
            self.report.tell("added" if added else "differs", f"{branch}: field {key}", value.origin, properties.origin)

    def _branch(self, union: str, key: str, kind: str, shown: Node) -> None:
        name = "".join(word.capitalize() for word in re.split(r"[^A-Za-z0-9]+", kind)) + union
        members = [f"    {one}: {{{_schema(value)}}}" for one, value in shown.map.items() if one != key]
        lines = [
            f"{name}:",
            "  type: object",
            f"  required: [{', '.join(shown.map)}]",
            "  properties:",
            f"    {key}: {{type: string, const: {kind}}}",
            *members,
        ]
        added = self.document.put("/components/schemas", lines)
        reference = f"$ref: '#/components/schemas/{name}'"
        added = added and self.document.add(f"/components/schemas/{union}/oneOf", reference)
        self.report.tell("added" if added else "differs", f"{union}: {kind}, as {name}", shown.origin)


def _schema(node: Node) -> str:
    value = node.value
    if isinstance(value, bool):
        return "type: boolean"
    if isinstance(value, int):
        return "type: integer"
    if isinstance(value, str):
        return "type: string, format: decimal" if is_amount(value) and "." in value else "type: string"
    return "type: array" if node.is_list else "type: number" if value is not None else ""
