"""What a page's examples show anew: keys go into our examples, and get a row where nobody explained them yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wirewright.load.endpoints.endpoint import Endpoint, Sample
from wirewright.load.json_text import read_json
from wirewright.load.node import Node, same
from wirewright.model.types import Origin
from wirewright.pages.editor import Editor
from wirewright.pages.facts import Facts, body_of, paths_of, places_of
from wirewright.pages.graft import IsNew, best_match, graft_whole
from wirewright.pages.known import Known, knows
from wirewright.pages.report import Report
from wirewright.pages.rows import Said, field_cells, said_of
from wirewright.pages.text import example, json_lines, row, table

COLUMNS = ("field", "name", "type", "when", "description")


@dataclass
class Examples:
    """The examples of one endpoint: as the page has them, as ours are, and what the page showed last time."""

    page: Endpoint
    ours: Endpoint
    last: Facts | None
    known: Known
    editor: Editor
    report: Report

    @property
    def _file(self) -> str:
        return self.ours.origin.file

    def make(self) -> None:
        known = self.known.fields(self.ours)
        last = set(self.last.fields) if self.last is not None else set[str]()

        def is_new(path: str) -> bool:
            return not knows(known, path) and path not in last

        new = dict[str, Node]()
        for sample in self.page.samples:
            body = body_of(sample.node, self.page.kind)
            if body is not None:
                new |= {path: node for path, node in nodes_at(body) if is_new(path) and path not in new}
        for path in new:
            self.report.tell("added", f"{self.ours.known_as}: field {path}", new[path].origin, self.ours.origin)
        if new:
            self._show(is_new)
            self._describe(new)

    def _show(self, is_new: IsNew) -> None:
        """New keys go into our examples; where ours show nothing alike, the page's example stands below them."""
        made: dict[int, Node] = {}
        for sample in self.page.samples:
            match = best_match(sample, self.ours.samples, self.page.kind)
            if sample.node.partial:
                continue
            if match is None or not self._can_rewrite(match):
                self._add_example(sample)
                continue
            node = made.get(id(match), match.node)
            made[id(match)] = graft_whole(node, sample.node, self.page.kind, is_new)
        for one in self.ours.samples:
            if id(one) in made and made[id(one)] is not one.node and not same(made[id(one)], one.node):
                first, last = self._block(one.node.origin.line)
                self.editor.replace(self._file, first, last, json_lines(made[id(one)]))

    def _block(self, line: int) -> tuple[int, int]:
        """The lines of the fenced block that an example stands in."""
        lines = self.editor.lines(self._file)
        first, last = line, line
        while first > 1 and not lines[first - 2].lstrip().startswith(("```", "~~~")):
            first -= 1
        while last < len(lines) and not lines[last].lstrip().startswith(("```", "~~~")):
            last += 1
        return first, last

    def _behind(self) -> int:
        """The line behind which more about the examples belongs."""
        samples = self.ours.samples
        return self._block(samples[-1].node.origin.line)[1] + 1 if samples else self.ours.last_line

    def _can_rewrite(self, sample: Sample) -> bool:
        """An example that stands alone in its block, without comments, may be written anew."""
        first, last = self._block(sample.node.origin.line)
        text = "\n".join(self.editor.lines(self._file)[first - 1 : last])
        nodes, problems = read_json(text, self._file, first)
        return len(nodes) == 1 and not problems and not any(node.comment for node in nodes[0].walk())

    def _add_example(self, sample: Sample) -> None:
        if any(same(sample.node, one.node) for one in self.ours.samples):
            return
        label = [f"{sample.label}:", ""] if sample.label else []
        self.editor.insert(self._file, self._behind(), ["", *label, *example(sample.node)])

    def _describe(self, new: Mapping[str, Node]) -> None:
        """A row for each new key that the glossary does not explain."""
        keyed = [(path, node) for path, node in new.items() if not path.endswith("]")]
        told = said_of(self.page)
        cells = [
            field_cells(path, node, told.get(path, Said(node.comment)))
            for path, node in keyed
            if path.split(".")[-1].rstrip("[]") not in self.known.words
        ]
        cells = [one for one in cells if any(one[name] for name in ("name", "when", "description"))]
        if not cells:
            return
        if self.ours.fields:
            last = self.ours.fields[-1]
            columns = list(last.cells)
            self.editor.insert(
                self._file, last.origin.line, [row([one.get(name, "") for name in columns]) for one in cells]
            )
            return
        lines = table([name.capitalize() for name in COLUMNS], [[one[name] for name in COLUMNS] for one in cells])
        self.editor.insert(self._file, self._behind(), ["", "**Fields:**", "", *lines])


def tell_gone(ours: Endpoint, last: Facts, now: Facts, page: Origin, report: Report) -> None:
    """Fields that the pages showed at the last import, and show nowhere now."""
    bodies = [body for one in ours.samples if (body := body_of(one.node, ours.kind)) is not None]
    shown = {path for body in bodies for path in paths_of(body)}
    gone = [path for path in last.fields if path in shown and path not in now.fields]
    for path in gone:
        if not any(path.startswith((f"{other}.", f"{other}[")) for other in gone):
            report.tell("gone", f"{ours.known_as}: field {path}", page, ours.origin)


def nodes_at(node: Node) -> list[tuple[str, Node]]:
    """Every path of an example that a key or a position names, with what stands there first."""
    found = dict[str, Node]()
    for path, one in places_of(node):
        found.setdefault(path, one)
    return list(found.items())
