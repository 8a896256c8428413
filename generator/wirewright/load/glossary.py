"""What the tables say of a field, and who says it best: the section, the type, the glossary."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from wirewright.errors import Problem
from wirewright.load.endpoints.endpoint import Endpoint, Row
from wirewright.load.typetext import Stated, read_cell
from wirewright.model.types import Array, Origin

Path = tuple[str, ...]
_WAS = re.compile(r"(\w+)\s*\(was\s+([\w,\s]+)\)")
_STEP = re.compile(r"\[(\d*)\]|([^.\[\]]+)")


@dataclass(frozen=True)
class Word:
    """What is known of a field: everything but its wire name may be missing."""

    origin: Origin
    stated: Stated | None = None
    name: str = ""
    old_names: tuple[str, ...] = ()
    doc: str = ""
    when: str = ""

    def before(self, other: Word) -> Word:
        """This word, with what only the other one says."""
        return Word(
            self.origin,
            self.stated or other.stated,
            self.name or other.name,
            self.old_names or other.old_names,
            self.doc or other.doc,
            self.when or other.when,
        )


def renamed(text: str) -> tuple[str, tuple[str, ...]]:
    """`tradeId (was id)` -> the name, and those that it had before."""
    match = _WAS.fullmatch(text.strip())
    return (match.group(1), tuple(part.strip() for part in match.group(2).split(","))) if match else (text, ())


def split_path(text: str) -> Path:
    """`fills[].price` -> `("fills", "[]", "price")`."""
    return tuple(name or f"[{index}]" for index, name in _STEP.findall(text.strip("` ")))


@dataclass
class Words:
    """The words of a product."""

    problems: list[Problem] = field(default_factory=list[Problem])
    of_types: dict[tuple[str, Path], Word] = field(default_factory=dict[tuple[str, Path], Word])
    of_keys: dict[str, Word] = field(default_factory=dict[str, Word])
    enums: dict[str, str] = field(default_factory=dict[str, str])  # wire key, or `Type.key` -> enumeration
    renamed: dict[str, Word] = field(default_factory=dict[str, Word])  # classes that had other names

    def add_glossary(self, rows: Iterable[Row]) -> None:
        for row in rows:
            key = row.text("key").strip("` ")
            word = self.read(row)
            if word.old_names and word.name == key and key[:1].isupper():
                self.renamed[key] = word
                continue
            owner, dot, rest = key.partition(".")
            if dot and owner[:1].isupper():
                known = self.of_types.setdefault((owner, split_path(rest)), word)
            else:
                known = self.of_keys.setdefault(key, word)
            if known is not word:
                what = f"the glossary describes {key!r} twice"
                self.problems.append(Problem(word.origin, what, "keep one row", also=known.origin))

    def add_type(self, names: Iterable[str], endpoint: Endpoint) -> None:
        for row in endpoint.fields:
            for name in names:
                key = (name, split_path(row.text("field")))
                known = self.of_types.get(key)
                self.of_types[key] = self.read(row).before(known) if known else self.read(row)

    def section(self, endpoint: Endpoint) -> dict[Path, Word]:
        return {split_path(row.text("field")): self.read(row) for row in endpoint.fields}

    def read(self, row: Row) -> Word:
        stated = read_cell(row, "type", self.problems.append) if row.text("type") else None
        name, old = renamed(row.text("name").strip("` "))
        doc = row.text("description")
        when = row.text("when", "visibility condition") or (doc if doc.startswith("Appears ") else "")
        return Word(row.origin, stated, name, old, doc, when)

    def of(self, section: Mapping[Path, Word], path: Path, owner: str, inner: Path) -> Word:
        """Everything known of a field: of `path` in its section, as `inner` of its type, by its key alone."""
        key = inner[-1]
        found = (
            section.get(path),
            section.get(path[1:]) if path[:1] == ("[]",) else None,
            self.of_types.get((owner, inner)),
            self.of_types.get((owner, (key.strip("[]"),))) if key.startswith("[") else None,
            self.of_keys.get(key),
        )
        known = [word for word in found if word is not None]
        word = known[0] if known else Word(Origin(""))
        for other in known[1:]:
            word = word.before(other)
        items = section.get((*path, "[]")) or self.of_types.get((owner, (*inner, "[]")))
        if word.stated is None and items is not None and items.stated is not None:
            stated = Stated(Array(items.stated.type), items.stated.values, items.stated.bare, items.stated.vague)
            word = Word(items.origin, stated).before(word)
        return word

    def spelling(self, owner: str, key: str) -> str:
        """The reviewed name of a key, in the exchange's spelling; else the key itself."""
        return self.of({}, (key,), owner, (key,)).name or key

    def enum_of(self, owner: str, key: str) -> str:
        return self.enums.get(f"{owner}.{key}") or self.enums.get(key, "")
