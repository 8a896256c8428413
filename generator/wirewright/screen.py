"""What the command shows: progress, summaries, problems. Answers go to stdout, everything else to stderr."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from wirewright.config import Config
from wirewright.errors import Problem
from wirewright.model.types import Origin
from wirewright.pipeline import Watch, Work
from wirewright.report import Rows
from wirewright.write.files import Difference, State

if TYPE_CHECKING:  # `--help` imports no station
    from wirewright.pages.report import PageReport
    from wirewright.pages.report import Report as ImportReport

STATIONS = ("load", "render", "format")
SIGNS = {State.MISSING: "+", State.STALE: "~", State.EDITED: "~", State.ORPHANED: "-", State.FOREIGN: "?"}


def visible(text: str) -> str:
    """Text of a stranger as a terminal may have it: what would steer it, or turn around what is read, is spelled out."""
    return "".join(sign if sign.isprintable() or sign in "\n\t" else f"\\u{ord(sign):04x}" for sign in text)


class _Paper(Console):
    """A console that only ever gets text."""

    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, highlight=False, markup=False, emoji=False, soft_wrap=True)

    def say(self, text: str, style: str = "", end: str = "\n") -> None:
        self.print(Text(visible(text), style=style if self.is_terminal else ""), end=end)


class Screen:
    """`root` is the folder that the files of problems are relative to; they are shown as seen from here."""

    root: Path | None = None

    def __init__(self) -> None:
        self._out, self._err = _Paper(), _Paper(stderr=True)

    def say(self, text: str) -> None:
        self._err.say(text)

    def show(self, text: str) -> None:
        """A line of the answer, at once."""
        self._out.say(text)
        self._out.file.flush()

    @contextmanager
    def watching(self, config: Config) -> Generator[Watch]:
        """A progress bar while the stations work; nothing where no human looks."""
        if not self._err.is_terminal:
            yield Watch()
            return
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        products = sum(len(package.products) for package in config.packages)
        columns = (BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        with Progress(*columns, console=self._err, transient=True) as progress:
            task = progress.add_task("", total=products * len(STATIONS))

            def tell(product: str, station: str) -> None:
                if station in STATIONS:
                    progress.update(task, advance=1, description=f"{station} {product}")

            yield Watch(tell)

    def show_problems(self, problems: Iterable[Problem]) -> None:
        listed = sorted(set(problems), key=lambda problem: (problem.origin, problem.what))
        for problem in listed:
            style = "yellow" if problem.warning else "red"
            self._err.say(str(self._from_here(problem)), style)
        wrong = sum(not problem.warning for problem in listed)
        if listed:
            self._err.say(_counted((wrong, "problem"), (len(listed) - wrong, "warning")) + ".")

    def _from_here(self, problem: Problem) -> Problem:
        """The same problem with its files as a user of this folder would name them."""
        also = self._origin(problem.also) if problem.also else None
        return replace(problem, origin=self._origin(problem.origin), also=also)

    def _origin(self, origin: Origin) -> Origin:
        if self.root is None or not (self.root / origin.file).exists():
            return origin
        return replace(origin, file=os.path.relpath(self.root / origin.file).replace(os.sep, "/"))

    def show_generated(self, works: Sequence[Work]) -> None:
        """What changed on the disk."""
        for work in works:
            self.show_problems(work.warnings)
            for difference in work.differences:
                note = " (put there by hand; left alone)" if difference.state is State.FOREIGN else ""
                self._out.say(f"{SIGNS[difference.state]} {_shown(work, difference)}{note}")
            created, changed = len(work.of(State.MISSING)), len(work.of(State.STALE, State.EDITED))
            deleted = len(work.of(State.ORPHANED))
            files = sum(len(record.outputs) for record in work.records.values())
            what = _counted((created, "created"), (changed, "changed"), (deleted, "deleted"), plural=False)
            self._out.say(f"{work.package.name}: {what or 'nothing changed'} ({files} files)")

    def show_differences(self, works: Sequence[Work]) -> bool:
        """What `generate` would change, as unified diffs."""
        states = set[State]()
        for work in works:
            self.show_problems(work.warnings)
            for difference in work.differences:
                states.add(difference.state)
                self._out.say(f"{_shown(work, difference)}: {difference.state.value}")
                if difference.state is not State.FOREIGN:
                    self._out.say(difference.unified(work.package.name), end="")
        if states - {State.EDITED, State.FOREIGN}:
            self.say(
                "The generated code is not what the specs say: run `wirewright generate` and look at the difference."
            )
        if State.EDITED in states:
            self.say(
                "Take what was edited by hand into specs or templates; `wirewright generate --force` overwrites it."
            )
        if State.FOREIGN in states:
            self.say("What was not generated does not belong into the package: move it, or delete it.")
        return bool(states)

    def show_import(self, report: ImportReport, folder: Path, *, written: bool) -> None:
        """What pages changed in the tables, what was left out, what nobody understood, and what a person must answer."""
        from wirewright.pages.report import SIGNS as CHANGE_SIGNS

        for page in report.pages:
            self._page(page)
        for change in report.changes:
            where = f" [{folder / change.table.file}:{change.table.line}]" if change.table else ""
            self._out.say(f"{CHANGE_SIGNS[change.kind]} {change.what}{where} ({change.page.file}:{change.page.line})")
        if report.questions:
            self.say("To answer before the tables are complete:")
            at = {one: replace(one.origin, file=str(folder.parent / one.origin.file)) for one in report.questions}
            self.show_problems(replace(one, origin=origin) for one, origin in at.items())
        kinds = [one.kind for one in report.changes]
        counts = _counted(*((kinds.count(kind), kind) for kind in CHANGE_SIGNS), plural=False) or "nothing new"
        files = ", ".join(sorted(report.texts)) if report.texts else "no file"
        self._out.say(f"{counts}; {files} {'written' if written else 'would be written'} in {folder}")

    def _page(self, page: PageReport) -> None:
        counts = _counted(*((count, kind) for kind, count in page.counts.items()))
        lost = page.lost
        plain = sum(1 + one.last_line - one.origin.line for one in page.aside if not one.structures)
        self._out.say(
            f"{page.file}: {page.lines} lines: {counts}; general text of {plain} lines left out; "
            f"{lost or 'no'} line{'s' if lost != 1 else ''} not understood"
        )
        for problem in page.not_understood:
            self.say(f"{problem.origin}: not understood: {problem.what}")
        for problem in page.liberties:
            self.say(f"{problem.origin}: the page's fault: {problem.what}")

    def show_tables(self, tables: Iterable[tuple[str, Rows]]) -> None:
        for title, rows in tables:
            self._out.say(title, "bold")
            widths = [max(map(len, column)) for column in zip(*rows, strict=True)] if rows else []
            for row in rows:
                self._out.say(
                    "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
                )

    def show_profile(self, watch: Watch) -> None:
        for station, seconds in watch.seconds.items():
            self.say(f"{station:8} {seconds:7.2f} s of CPU")


def _shown(work: Work, difference: Difference) -> str:
    """A path as people say it: from the folder that the package stands in."""
    return posixpath.normpath(f"{work.package.name}/{difference.path}")


def _counted(*counts: tuple[int, str], plural: bool = True) -> str:
    return ", ".join(f"{count} {word}{'s' if plural and count != 1 else ''}" for count, word in counts if count)
