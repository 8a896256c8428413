"""YAML text to nodes, by the rules of YAML 1.2: `on` is a word, `2026-03-01` and `12:30` are text.

Built from the parser's events, without recursion: a document can be as deep or as repetitive as a stranger likes and
costs no more than the limits below.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal

import yaml

from wirewright.errors import Problem
from wirewright.load.node import Atom, Node
from wirewright.model.types import Origin

DEPTH = 150
VALUES = 1_000_000  # with every alias written out

# The C parser is eight times as fast, the events are the same.
_LOADER: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CORE = "tag:yaml.org,2002:"
_ALLOWED_TAGS = {None, "!"} | {_CORE + name for name in ("str", "int", "float", "bool", "null", "map", "seq")}
_INTEGER = re.compile(r"[-+]?[0-9]{1,4000}|0o[0-7]+|0x[0-9a-fA-F]+")
_DECIMAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS: dict[str, Atom] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


def read_yaml(text: str, file: str, first_line: int = 1) -> tuple[Node | None, list[Problem]]:
    """The one document of a YAML text. Without a node there is at least one problem."""
    builder = _Builder(file, first_line)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            builder.take(event)
    except yaml.YAMLError as error:
        builder.problems.append(_syntax(error, file, text, first_line))
        return None, builder.problems
    except _TooMuch as error:
        builder.problems.append(error.problem)
        return None, builder.problems
    if builder.root is None and not builder.problems:
        builder.problems.append(Problem(Origin(file), "the file is empty", "write at least one key"))
    return builder.root, builder.problems


class _TooMuch(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.what)
        self.problem = problem


@dataclass
class _Open:
    """A mapping or a list that is still being read."""

    origin: Origin
    anchor: str | None
    value: dict[str, Node] | list[Node]
    keys: dict[str, Origin] = field(default_factory=dict[str, Origin])
    key: str | None = None
    merges: list[Node] = field(default_factory=list[Node])
    size: int = 1
    height: int = 1


class _Builder:
    def __init__(self, file: str, first_line: int) -> None:
        self.file = file
        self.first_line = first_line
        self.problems: list[Problem] = []
        self.root: Node | None = None
        self._documents = 0
        self._stack: list[_Open] = []
        self._anchors: dict[str, tuple[Node, int, int]] = {}  # node, size, height

    def take(self, event: yaml.Event) -> None:
        match event:
            case yaml.DocumentStartEvent():
                self._start_document(event)
            case yaml.ScalarEvent():
                self._check_tag(event)
                self._put(Node(_atom(event), self._origin(event)), event.anchor, key=event.value)
            case yaml.AliasEvent():
                self._alias(event)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._check_tag(event)
                value: dict[str, Node] | list[Node] = {} if isinstance(event, yaml.MappingStartEvent) else []
                self._stack.append(_Open(self._origin(event), event.anchor, value))
                self._check_depth(self._origin(event), 0)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._close(self._stack.pop())
            case _:
                pass

    def _start_document(self, event: yaml.Event) -> None:
        self._documents += 1
        if self._documents == 2:
            self._problem(self._origin(event), "a second document starts here", "keep one document per file")

    def _alias(self, event: yaml.AliasEvent) -> None:
        known = self._anchors.get(event.anchor or "")
        if known is None:
            inside = any(one.anchor == event.anchor for one in self._stack)
            what = "stands inside its own anchor" if inside else "has no anchor before it"
            self._problem(self._origin(event), f"the alias *{event.anchor} {what}", "write the data out")
            known = (Node(None, self._origin(event)), 1, 0)
        self._put(known[0], None, known[1], known[2])

    def _close(self, done: _Open) -> None:
        value = done.value
        if isinstance(value, dict):
            for merged in done.merges:
                value = {**merged.map, **value}
                done.keys = {**merged.keys, **done.keys}
        node = Node(value, done.origin, done.keys)
        self._put(node, done.anchor, done.size, done.height)

    def _put(self, node: Node, anchor: str | None, size: int = 1, height: int = 0, key: str | None = None) -> None:
        if anchor:
            self._anchors[anchor] = (node, size, height)
        if not self._stack:
            if self._documents <= 1:
                self.root = node
            return
        parent = self._stack[-1]
        parent.size += size
        parent.height = max(parent.height, height + 1)
        self._check_depth(node.origin, height)
        if parent.size > VALUES:
            raise _TooMuch(Problem(node.origin, f"more than {VALUES:,} values", "aliases must not multiply the data"))
        if isinstance(parent.value, list):
            parent.value.append(node)
        elif parent.key is None:
            parent.key = self._key(node, key, parent)
        else:
            self._member(parent, parent.value, parent.key, node)

    def _member(self, parent: _Open, members: dict[str, Node], key: str, node: Node) -> None:
        parent.key = None
        if key == "<<" and (node.is_map or (node.is_list and all(item.is_map for item in node.list))):
            parent.merges += reversed(node.list) if node.is_list else [node]
        else:
            members[key] = node

    def _key(self, node: Node, key: str | None, parent: _Open) -> str:
        if key is None:
            self._problem(node.origin, "a mapping, a list or an alias is used as a key", "a key is text")
            return f"<{node.origin.line}:{node.origin.column}>"
        first = parent.keys.get(key)
        if first is not None and key != "<<":
            what, right = f"the key {key!r} is here twice", "keep one of them"
            self.problems.append(Problem(node.origin, what, right, also=first))
        parent.keys.setdefault(key, node.origin)
        return key

    def _check_tag(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        if event.tag not in _ALLOWED_TAGS:
            self._problem(self._origin(event), f"the YAML tag {event.tag!r} is not allowed", "write plain data")

    def _check_depth(self, origin: Origin, height: int) -> None:
        if len(self._stack) + height > DEPTH:
            what, right = f"data nested more than {DEPTH} deep", "give the inner parts names and refer to them"
            raise _TooMuch(Problem(origin, what, right))

    def _problem(self, origin: Origin, what: str, right: str) -> None:
        self.problems.append(Problem(origin, what, right))

    def _origin(self, event: yaml.Event) -> Origin:
        mark = event.start_mark
        return Origin(self.file, mark.line + self.first_line, mark.column + 1) if mark else Origin(self.file)


def _atom(event: yaml.ScalarEvent) -> Atom:
    plain = event.implicit[0]
    if not plain and (event.tag in (None, "!") or event.tag == _CORE + "str"):
        return event.value
    return atom(event.value)


def atom(text: str) -> Atom:
    """What an unquoted YAML 1.2 scalar means."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text, {"0o": 8, "0x": 16}.get(text[:2], 10))
    return Decimal(text) if _DECIMAL.fullmatch(text) else text


_MENDS = (
    ("mapping values are not allowed", "put it one level right of its parent; text that holds `: ` stands in quotes"),
    ("could not find expected ':'", "write `key: value`; text of several lines stands behind `key: |`, further right"),
    ("did not find expected key", "give the keys of a mapping, and the items of a list, the same column"),
    ("cannot start any token", "indent with spaces, and put text that begins so in quotes"),
)


def _syntax(error: yaml.YAMLError, file: str, text: str, first_line: int) -> Problem:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        mark = error.problem_mark
        what = ": ".join(part for part in (error.context, error.problem) if part)
        return Problem(
            Origin(file, mark.line + first_line, mark.column + 1),
            f"this is not YAML: {what}",
            next((right for part, right in _MENDS if part in what), "mend the syntax here"),
        )
    position = getattr(error, "position", 0)
    before = text[: position if isinstance(position, int) else 0]
    origin = Origin(file, before.count("\n") + first_line, len(before) - before.rfind("\n"))
    return Problem(origin, f"this is not YAML: {str(error).splitlines()[0]}", "remove the sign that cannot be printed")
