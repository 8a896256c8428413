"""What a page says anew of an endpoint that the tables have: facts of the page win, words of a person stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from wirewright.load.endpoints.endpoint import Endpoint, Row
from wirewright.load.streams import paces, split_patterns
from wirewright.model.naming import blank
from wirewright.pages.editor import Editor
from wirewright.pages.examples import Examples
from wirewright.pages.facts import RUNTIME, Facts, agrees, facts_of, family_of, mandatory_of, numbers, short
from wirewright.pages.known import Known
from wirewright.pages.report import Report
from wirewright.pages.rows import Enums, parameter_cells
from wirewright.pages.text import row, table

_LABELS = {
    "weight": "Weight",
    "order count": "Unfilled Order Count",
    "security": "Security",
    "update speed": "Update Speed",
}


@dataclass
class Update:
    """One endpoint: as the page has it, as our table has it, and what the page said last time (None: not known)."""

    page: Endpoint
    ours: Endpoint
    last: Facts | None
    known: Known
    editor: Editor
    report: Report
    enums: Enums
    prune: bool = False

    def make(self) -> None:
        self._labels()
        self._patterns()
        if self.ours.kind in ("method", "call"):
            self._parameters()
            self._gone_parameters()
        self._rules()
        Examples(self.page, self.ours, self.last, self.known, self.editor, self.report).make()

    @property
    def _file(self) -> str:
        return self.ours.origin.file

    # What labels say

    def _labels(self) -> None:
        now, ours = facts_of(self.page).labels, facts_of(self.ours).labels
        for name, text in now.items():
            before = self.last.labels.get(name) if self.last is not None else None
            if short(text) == before or _says_the_same(name, ours.get(name, ""), text, strict=before is not None):
                continue
            if name == "order count" and not ours.get(name) and text in ("0", "1") and before is None:
                continue
            if name == "security" and text not in ("NONE", "TRADE", "USER_DATA", "USER_STREAM"):
                continue
            label = _LABELS[name]
            what = f"{self.ours.known_as}: {label.lower()} {ours.get(name) or 'not said'} -> {text}"
            is_persons = name in ("security", "update speed") and before is None
            kind = "changed" if not is_persons and self._set_label(name, label, text) else "differs"
            self.report.tell(kind, what, self.page.where(name), self.ours.where(name))
        if self.page.label("deprecated") and not self.ours.label("deprecated"):
            what = f"{self.ours.known_as}: the page calls it deprecated"
            self.report.tell("differs", what, self.page.where("deprecated"), self.ours.origin)

    def _set_label(self, name: str, label: str, text: str) -> bool:
        """Writes a label of one line. A table of weights is left to a person, unless the page has only a number."""
        if name == "weight" and (self.ours.weights or self.page.weights):
            return self._set_weights(text)
        said, weight = self.ours.labels.get(name), self.ours.labels.get("weight")
        value = " ".join(text.split())
        if said is None and weight is None:
            return False
        if said is None:
            self.editor.insert(self._file, self.ours.where("weight").line, [f"**{label}:** {value}"])
            return True
        return self.editor.put(self._file, said.origin.line, said.text, value)

    def _set_weights(self, text: str) -> bool:
        """The same cases with other numbers are written into their cells."""
        ours, page = self.ours.weights, self.page.weights
        if not ours or len(ours) != len(page):
            return False
        for mine, theirs in zip(ours, page, strict=True):
            column, new = list(mine.cells)[-1], theirs.text(list(theirs.cells)[-1])
            if numbers(mine.text(column)) != numbers(new):
                self._set_cell(mine, column, new)
        return True

    def _patterns(self) -> None:
        ours, now = set(facts_of(self.ours).patterns), facts_of(self.page).patterns
        new = [one for one in now if one not in ours and not (self.last and one in self.last.patterns)]
        said = self.ours.labels.get("stream")
        for pattern in new:
            full = next((one for one in split_patterns(self.page.wire) if blank(one) == pattern), pattern)
            self.report.tell("added", f"{self.ours.known_as}: stream name `{full}`", self.page.origin, self.ours.origin)
            if said is not None:
                line = self.editor.current(self._file, said.origin.line)
                self.editor.replace(self._file, said.origin.line, said.origin.line, [f"{line} or `{full}`"])

    # Parameters

    def _parameters(self) -> None:
        ours = {one.wire: one for one in self.ours.parameters}
        before: Row | None = None
        new: list[tuple[Row | None, Row]] = []
        for theirs in self.page.parameters:
            mine = ours.get(theirs.wire)
            if mine is None:
                if not (theirs.wire in RUNTIME and self.last is not None):
                    new.append((before, theirs))
                continue
            before = mine
            self._parameter(mine, theirs)
        if new and not ours:
            self._add_table([theirs for _, theirs in new])
        for behind, theirs in new if ours else ():
            self._add_parameter(behind, theirs)

    def _parameter(self, mine: Row, theirs: Row) -> None:
        wire = theirs.wire
        fact = f"{family_of(theirs.text('type'))}, {mandatory_of(theirs)}"
        before = self.last.parameters.get(wire) if self.last is not None else None
        if wire in RUNTIME or fact == before:
            return
        if not agrees(family_of(mine.text("type")), family_of(theirs.text("type"))):
            self._fact(mine, theirs, "type", theirs.text("type").replace("`", ""), before is not None)
        if _mandatory_differs(mandatory_of(mine), mandatory_of(theirs)):
            new = {"yes": "YES", "no": "NO", "conditional": "NO *"}.get(mandatory_of(theirs), "")
            self._fact(mine, theirs, "mandatory", new, before is not None)

    def _fact(self, mine: Row, theirs: Row, column: str, new: str, page_changed: bool) -> None:
        """A fact of a row: the page wins where it has changed; where nobody knows what it said before, a person decides."""
        what = f"{self.ours.known_as}: parameter {theirs.wire}: {column} {mine.text(column)} -> {new}"
        kind = "changed" if page_changed and new and self._set_cell(mine, column, new) else "differs"
        self.report.tell(kind, what, theirs.origin, mine.origin)

    def _set_cell(self, mine: Row, column: str, new: str) -> bool:
        origin = mine.where(column)
        return self.editor.put(self._file, origin.line, mine.text(column), new, origin.column)

    def _add_parameter(self, behind: Row | None, theirs: Row) -> None:
        first = self.ours.parameters[0]
        cells = parameter_cells(self.page, theirs, self.enums)
        line = behind.origin.line if behind is not None else first.origin.line - 1
        self.editor.insert(self._file, line, [row([cells.get(column, "") for column in first.cells])])
        self._told(theirs, cells)

    def _add_table(self, new: Sequence[Row]) -> None:
        cells = [parameter_cells(self.page, theirs, self.enums) for theirs in new]
        lines = table(("Name", "Type", "Mandatory", "Description"), [list(one.values()) for one in cells])
        response = self.ours.labels.get("response") or self.ours.labels.get("payload")
        before = response.origin.line - 1 if response is not None else self.ours.last_line
        self.editor.insert(self._file, before, ["**Parameters:**", "", *lines, ""])
        for theirs, one in zip(new, cells, strict=True):
            self._told(theirs, one)

    def _told(self, theirs: Row, cells: Mapping[str, str]) -> None:
        what = f"{self.ours.known_as}: parameter {cells['name']} ({cells['type']}, {cells['mandatory']})"
        self.report.tell("added", what, theirs.origin, self.ours.origin)

    def _gone_parameters(self) -> None:
        if not self.page.parameters and self.last is None:
            return
        now = {one.wire for one in self.page.parameters}
        for mine in self.ours.parameters:
            wire = mine.wire
            if wire in now or wire in RUNTIME or (self.last is not None and wire not in self.last.parameters):
                continue
            done = "; removed" if self.prune else ""
            self.report.tell("gone", f"{self.ours.known_as}: parameter {wire}{done}", self.page.origin, mine.origin)
            if self.prune:
                self.editor.replace(self._file, mine.origin.line, mine.origin.line, [])

    def _rules(self) -> None:
        """Conditions are a person's; a page that changed its own is told."""
        now = facts_of(self.page).rules
        before = self.last.rules if self.last is not None else now
        for kind, said, here, there in (
            ("differs", "new condition on the page", now, before),
            ("gone", "condition of the page", before, now),
        ):
            for rule in (one for one in here if one not in there):
                self.report.tell(kind, f"{self.ours.known_as}: {said}: {rule}", self.page.origin, self.ours.origin)


def _says_the_same(name: str, ours: str, text: str, *, strict: bool) -> bool:
    """`strict`: the page changed, so that every number counts; else only what is certain to differ."""
    if name == "security":
        return ours.strip("` ").upper() == text.strip("` ").upper()
    if name == "update speed" and not numbers(text):
        return bool(ours) or not text
    if name == "update speed":
        return paces(ours) == paces(text)
    if name == "weight" and ":" in ours:  # a table of cases
        if strict and ":" in text:
            return numbers(ours) == numbers(text)
        mine, theirs = ([numbers(case)[-1] for case in one.split(";") if numbers(case)] for one in (ours, text))
        return mine == theirs if ":" in text else set(mine) <= set(numbers(text))
    return set(numbers(ours)) == set(numbers(text))


def _mandatory_differs(ours: str, theirs: str) -> bool:
    """`NO *` of ours says more than the page's `NO`; a page that says conditional is a `NO` with conditions."""
    return theirs in ("yes", "no", "conditional") and ours != theirs and {ours, theirs} != {"conditional", "no"}
