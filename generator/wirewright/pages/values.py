"""Values of enumerations and names of methods, added to the lists of an AsyncAPI document; its layout stays as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from wirewright.load.endpoints.endpoint import Listing
from wirewright.load.node import Node
from wirewright.model.naming import upper, words
from wirewright.pages.document import Document
from wirewright.pages.facts import Facts
from wirewright.pages.report import Report

_ALIKE = 0.4  # of the values, for an enumeration whose heading and keys say nothing


@dataclass
class Values:
    """Brings enumerations of pages into the schemas of the document."""

    document: Document
    report: Report
    last: Mapping[str, Facts]
    now: dict[str, Facts]

    def update(self, listing: Listing) -> bool:
        """False where no schema is for it."""
        name = self._schema_of(listing)
        if name:
            self._values(name, self.document.schemas[name], listing)
        return bool(name)

    def _schema_of(self, listing: Listing) -> str:
        """By its title, by its keys where the values are alike, or by its values alone."""
        wanted = {value.text for value in listing.values}
        best, name = 0.0, ""
        for schema, node in self.document.schemas.items():
            has = set(node.texts("enum"))
            if not has:
                continue
            score = len(has & wanted) / max(1, len(has | wanted))
            score += 1.0 if _spelled(listing.title) == _spelled(schema) else 0.0
            if set(listing.keys) & set(node.texts("x-fields")) and has & wanted:
                score += _ALIKE if wanted <= has else 0.3  # another server may have few of the values
            if score > best:
                best, name = score, schema
        return name if best >= _ALIKE else ""

    def _values(self, name: str, schema: Node, listing: Listing) -> None:
        has, key = set(schema.texts("enum")), f"enumeration {name}"
        before = set(self.last[key].fields) if key in self.last else set[str]()
        for value, doc in zip(listing.values, listing.docs, strict=True):
            if value.text not in has | before:
                kind = "added" if self._add(name, schema, value.text, doc) else "differs"
                self.report.tell(kind, f"{name}: value {value.text}", value.origin, schema.origin)
        values = tuple(one.text for one in listing.values)
        gone = [one for one in schema.texts("enum") if one in before and one not in values]
        if gone:
            self.report.tell("gone", f"{name}: value {', '.join(gone)}", listing.origin, schema.origin)
        self.now[key] = Facts(fields=values)

    def _add(self, name: str, schema: Node, value: str, doc: str) -> bool:
        at = f"/components/schemas/{name}"
        added = self.document.add(f"{at}/enum", value)
        if added and "x-enum-descriptions" in schema.map:
            self.document.add(f"{at}/x-enum-descriptions", _quoted(doc or "Not described."))
        if added and "x-enum-varnames" in schema.map:
            self.document.add(f"{at}/x-enum-varnames", upper(value))
        return added


def _spelled(name: str) -> str:
    return "".join(words(name)).lower().rstrip("s")


def _quoted(text: str) -> str:
    clean = " ".join(text.split()).replace("'", "''")
    return f"'{clean}'"


def add_method(document: Document, method: str, siblings: Sequence[str]) -> bool:
    """Names a method in the message of the document that names most of its neighbours on the page."""
    best, pointer = 0, ""
    for name, message in document.at("/components/messages").map.items():
        listed = message.at("/payload/properties/method/enum")
        if listed is None:
            continue
        names = {one.text() for one in listed.list}
        if method in names:
            return True
        if (score := len(names & set(siblings)) + 1) > best:
            best, pointer = score, f"/components/messages/{name}/payload/properties/method/enum"
    return not pointer or document.add(pointer, method)  # a document may leave the names to the tables
