"""Edits of text files by line: gathered first, made together, so that line numbers mean what the reader saw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class _File:
    lines: list[str]
    after: dict[int, list[str]] = field(default_factory=dict[int, "list[str]"])
    instead: dict[int, list[str]] = field(default_factory=dict[int, "list[str]"])


@dataclass
class Editor:
    """The files of a folder. Lines count from 1; a file that is not there yet begins empty."""

    folder: Path
    _files: dict[str, _File] = field(default_factory=dict[str, _File])

    def line(self, file: str, number: int) -> str:
        lines = self._open(file).lines
        return lines[number - 1] if 0 < number <= len(lines) else ""

    def lines(self, file: str) -> list[str]:
        return self._open(file).lines

    def insert(self, file: str, after: int, lines: Sequence[str]) -> None:
        """Behind a line; behind the last one where the file is shorter (a reader counts what its last line break ends)."""
        opened = self._open(file)
        opened.after.setdefault(min(after, len(opened.lines)), []).extend(lines)

    def replace(self, file: str, first: int, last: int, lines: Sequence[str]) -> None:
        """A later edit of the same lines takes the place of an earlier one."""
        opened = self._open(file)
        opened.instead[first] = list(lines)
        for number in range(first + 1, last + 1):
            opened.instead[number] = []

    def put(self, file: str, number: int, old: str, new: str, column: int = 1) -> bool:
        """Writes one text for another into a line, from a column on; false if it does not stand there."""
        line = self.current(file, number)
        start = line.find(old, column - 1) if old else -1
        if start < 0 or "\n" in line:
            return False
        self.replace(file, number, number, [line[:start] + new + line[start + len(old) :]])
        return True

    def current(self, file: str, number: int) -> str:
        """A line with the edits that it has had."""
        return "\n".join(self._open(file).instead.get(number, [self.line(file, number)]))

    def append(self, file: str, lines: Sequence[str]) -> None:
        self.insert(file, len(self._open(file).lines), lines)

    def exists(self, file: str) -> bool:
        return (self.folder / file).is_file() or (file in self._files and bool(self._files[file].after))

    def texts(self) -> dict[str, str]:
        """The new texts of the files that change."""
        made = {name: _text(opened) for name, opened in self._files.items() if opened.after or opened.instead}
        return {name: text for name, text in made.items() if text != _text(_File(self._files[name].lines))}

    def _open(self, file: str) -> _File:
        if file not in self._files:
            path = self.folder / file
            text = path.read_text(encoding="utf-8-sig").replace("\r\n", "\n") if path.is_file() else ""
            self._files[file] = _File(
                text.split("\n")[:-1] if text.endswith("\n") else text.split("\n") if text else []
            )
        return self._files[file]


def _text(opened: _File) -> str:
    found = list(opened.after.get(0, []))
    for number, line in enumerate(opened.lines, 1):
        found += opened.instead.get(number, [line])
        found += opened.after.get(number, [])
    return "\n".join(found).strip("\n") + "\n" if found else ""
