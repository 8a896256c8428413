"""JSON as people write it in documentation: with comments, `...`, trailing commas, quotes from a word processor.

Every liberty that is taken is told, as a warning. A comment behind a value, or on the lines before a member, is kept with
that value: it is how an exchange describes its fields.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from decimal import Decimal

from wirewright.errors import Problem
from wirewright.load.node import Node
from wirewright.model.types import Origin

DEPTH = 100

_TOKEN = re.compile(
    r"""(?P<space>[\s\u200b\ufeff]+)
    |(?P<comment>//[^\n]*|\#[^\n]*|/\*.*?\*/)
    |(?P<string>"(?:[^"\\\n]|\\.)*"|[“”„‟](?:[^"“”„‟\\\n]|\\.)*["“”„‟]|'(?:[^'\\\n]|\\.)*')
    |(?P<unclosed>"[A-Za-z_]\w*(?=\s*:\s))
    |(?P<number>[-–−]?[0-9][0-9.eE+-]*)
    |(?P<dots>\.{2,}|…)
    |(?P<word>[A-Za-z_]\w*)
    |(?P<sign>[{}\[\]:,，：])""",
    re.VERBOSE | re.DOTALL,
)
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_WORDS = {"true": True, "false": False, "null": None}


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    origin: Origin
    before: str = ""  # comments on lines of their own before it


class _NotJson(Exception):
    def __init__(self, origin: Origin, what: str) -> None:
        super().__init__(what)
        self.origin, self.what = origin, what


def read_json(text: str, file: str, first_line: int = 1, strict: bool = False) -> tuple[list[Node], list[Problem]]:
    """The JSON values of a text, one behind the other. `strict`: exactly one, and no liberties."""
    reader = _Reader(file, first_line)
    try:
        nodes = reader.read(text)
    except _NotJson as error:
        what = f"this is not JSON: {error.what}"
        return [], [*reader.liberties, Problem(error.origin, what, "mend the example", id="not-json")]
    problems = reader.liberties
    if strict:
        problems = [replace(problem, warning=False) for problem in problems]
        if len(nodes) != 1:
            problems.append(Problem(Origin(file, first_line), f"{len(nodes)} JSON values", "write exactly one"))
    return nodes, problems


def _described(tokens: list[_Token]) -> dict[int, int]:
    """For each line the token that a comment behind it speaks of: the last value, but a bracket before what it holds."""
    last: dict[int, int] = {}
    for index, token in enumerate(tokens):
        opens = token.kind == "sign" and token.text in "{["
        if (opens and index and tokens[index - 1].text in (":", "：")) or (
            token.kind != "sign" and tokens[last.get(token.origin.line, index)].text not in ("{", "[")
        ):
            last[token.origin.line] = index
    return last


class _Reader:
    def __init__(self, file: str, first_line: int) -> None:
        self.file = file
        self.first_line = first_line
        self.liberties: list[Problem] = []
        self._all: list[_Token] = []
        self._at = 0
        self._behind: dict[int, list[str]] = {}  # line -> comments behind what stands there
        self._last_on: dict[int, int] = {}  # line -> the token that a comment behind that line describes

    def read(self, text: str) -> list[Node]:
        self._scan(text)
        self._last_on = _described(self._all)
        nodes: list[Node] = []
        while self._at < len(self._all):
            if self._peek() == "," and nodes:
                self._take()
            else:
                nodes.append(self._value(0, "", None))
        return nodes

    def _scan(self, text: str) -> None:
        position, line, start, before = 0, self.first_line, 0, list[str]()
        while position < len(text):
            match = _TOKEN.match(text, position)
            origin = Origin(self.file, line, position - start + 1)
            if match is None:
                raise _NotJson(origin, f"{text[position]!r} stands where a value should")
            kind, piece = match.lastgroup or "", match.group()
            if kind == "comment":
                self._comment(before, line, piece)
            elif kind != "space":
                self._all.append(_Token(kind, piece, origin, " ".join(before)))
                before = []
            if "\n" in piece:
                line += piece.count("\n")
                start = position + piece.rfind("\n") + 1
            position = match.end()

    def _comment(self, before: list[str], line: int, piece: str) -> None:
        words = piece.removeprefix("/*").removesuffix("*/").strip("/#").strip()
        if self._all and self._all[-1].origin.line == line:
            self._behind.setdefault(line, []).append(words)
        else:
            before.append(words)

    def _value(self, depth: int, before: str, key: _Token | None) -> Node:
        token = self._take()
        origin = token.origin
        if depth > DEPTH:
            raise _NotJson(origin, f"nested more than {DEPTH} deep")
        comment = self._comment_of(token, key) or before or token.before
        match token.kind, token.text:
            case "sign", "{":
                members, keys, partial = self._members(depth)
                return Node(members, origin, keys, comment, partial)
            case "sign", "[":
                items, partial = self._items(depth)
                return Node(items, origin, {}, comment, partial)
            case "string", _:
                return Node(self._string(token), origin, {}, comment)
            case "number", _:
                return Node(self._number(token), origin, {}, comment)
            case "dots", _:
                return Node(None, origin, {}, comment, partial=True)
            case "word", word if word in _WORDS:
                return Node(_WORDS[word], origin, {}, comment)
            case _:
                raise _NotJson(origin, f"{token.text!r} stands where a value should")

    def _comment_of(self, token: _Token, key: _Token | None) -> str:
        """The comment behind a value: of the last value that begins on its line."""
        line = token.origin.line
        last = self._last_on.get(line)
        mine = last is not None and (self._all[last] is token or self._all[last] is key)
        return " ".join(self._behind.get(line, [])) if mine else ""

    def _members(self, depth: int) -> tuple[dict[str, Node], dict[str, Origin], bool]:
        members: dict[str, Node] = {}
        keys: dict[str, Origin] = {}
        partial = False
        while not self._closes("}"):
            key = self._take()
            if key.kind == "dots":
                partial = True
                self._skip_dots_value()
                continue
            if key.kind not in ("string", "word", "unclosed"):
                raise _NotJson(key.origin, f"{key.text!r} stands where a key should")
            name = self._string(key) if key.kind == "string" else self._bare_key(key)
            self._colon(key)
            value = self._value(depth + 1, key.before, key)
            if name == "...":
                partial = True
                continue
            if name in members:
                self._liberty(key, f"the key {name!r} is here twice", also=keys[name])
            members[name], keys[name] = value, key.origin
            partial |= value.partial and value.value is None
        return members, keys, partial

    def _skip_dots_value(self) -> None:
        if self._peek() in (":", "："):
            self._take()
            self._value(1, "", None)

    def _items(self, depth: int) -> tuple[list[Node], bool]:
        items: list[Node] = []
        partial = False
        while not self._closes("]"):
            item = self._value(depth + 1, "", None)
            if item.value is None and item.partial:
                partial = True
            else:
                items.append(item)
        return items, partial

    def _closes(self, bracket: str) -> bool:
        """Takes commas and the closing bracket; true at the bracket."""
        opened, commas = self._all[self._at - 1], 0
        while self._peek() in (",", "，"):
            self._take()
            commas += 1
        first = opened.kind == "sign" and opened.text in "{["
        if self._peek() == bracket:
            token = self._take()
            if commas:
                self._liberty(token, f"a comma before {bracket!r}")
            return True
        if commas > 1 or (commas and first):
            self._liberty(opened, "a comma too many")
        elif not commas and not first and self._at < len(self._all):
            following = self._all[self._at]
            if "dots" not in (opened.kind, following.kind):
                self._liberty(following, "a comma is missing before this")
        return False

    def _colon(self, key: _Token) -> None:
        if self._peek() not in (":", "："):
            raise _NotJson(key.origin, f"no ':' behind the key {key.text}")
        self._take()

    def _bare_key(self, token: _Token) -> str:
        what = "no quotes" if token.kind == "word" else "no quote at its end"
        self._liberty(token, f"the key {token.text} has {what}")
        return token.text.strip('"')

    def _string(self, token: _Token) -> str:
        body = token.text[1:-1]
        if token.text[0] != '"' or token.text[-1] != '"':
            self._liberty(token, "quotes that are not JSON's")
            body = body.replace('"', '\\"')
        try:
            return str(json.loads(f'"{body}"', strict=False))
        except ValueError:
            self._liberty(token, "an escape that JSON does not have")
            return body

    def _number(self, token: _Token) -> int | Decimal:
        text = re.sub("^[–−]", "-", token.text)
        if not _NUMBER.fullmatch(text):
            raise _NotJson(token.origin, f"{token.text!r} is not a number")
        if text != token.text:
            self._liberty(token, "a dash that is no minus")
        return int(text) if text.lstrip("-").isdecimal() and len(text) < 4000 else Decimal(text)

    def _peek(self) -> str:
        return self._all[self._at].text if self._at < len(self._all) else ""

    def _take(self) -> _Token:
        if self._at >= len(self._all):
            last = self._all[-1] if self._all else _Token("", "", Origin(self.file, self.first_line))
            end = replace(last.origin, column=last.origin.column + len(last.text))
            raise _NotJson(end, "it ends too early")
        token = self._all[self._at]
        self._at += 1
        return token

    def _liberty(self, token: _Token, what: str, also: Origin | None = None) -> None:
        self.liberties.append(Problem(token.origin, what, "write it as JSON has it", warning=True, also=also))
