"""An AsyncAPI 2.x document whose line breaks and indentation were lost, restored by AsyncAPI's own grammar.

The grammar says which keys an object may hold. A key that is impossible here, or here already, closes the object; one
that would fit several open objects goes to the innermost.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field

from wirewright.errors import Problem
from wirewright.load.node import Node
from wirewright.load.yaml_text import atom, read_yaml
from wirewright.model.types import Origin

_TOKEN = re.compile(r"'(?:[^']|'')*':?|\"(?:[^\"\\]|\\.)*\":?|\S+")
_MAPS = "map:"
_LISTS = "list:"
_TEXT = "text"
_ANY = "any"


def _grammar(text: str) -> dict[str, dict[str, str]]:
    """From lines of an object's kind and its keys, each with the kind of what it holds: text, where nothing is said."""
    found: dict[str, dict[str, str]] = {}
    for kind, *keys in (line.split() for line in text.strip().splitlines()):
        found.setdefault(kind, {}).update((key, of or _TEXT) for key, _, of in (one.partition("=") for one in keys))
    return found


_GRAMMAR = _grammar(
    """
    root         asyncapi id defaultContentType info=info servers=map:server channels=map:channel
    root         components=components tags=list:tag externalDocs=docs
    info         title summary description version termsOfService contact=contact license=contact
    contact      name url email
    docs         description url
    tag          name description externalDocs=docs
    server       url protocol protocolVersion description variables=map:variable security=list:any
    server       bindings=any tags=list:tag
    variable     default description enum=list:text examples=list:text
    channel      $ref description subscribe=operation publish=operation parameters=map:parameter
    channel      bindings=any servers=list:text
    parameter    $ref description location schema=schema
    operation    operationId title summary description message=message security=list:any tags=list:tag
    operation    externalDocs=docs bindings=any traits=list:any
    message      $ref name messageId title summary description contentType schemaFormat oneOf=list:message
    message      payload=schema headers=schema correlationId=correlation examples=list:any tags=list:tag
    message      externalDocs=docs bindings=any traits=list:any
    correlation  $ref description location
    components   schemas=map:schema messages=map:message parameters=map:parameter
    components   correlationIds=map:correlation securitySchemes=map:any operationTraits=map:any
    components   messageTraits=map:any serverBindings=map:any channelBindings=map:any
    schema       $ref type format title description default const pattern example nullable deprecated readOnly
    schema       minimum maximum multipleOf minLength maxLength minItems maxItems uniqueItems discriminator
    schema       additionalProperties properties=map:schema items=schema oneOf=list:schema anyOf=list:schema
    schema       allOf=list:schema required=list:text enum=list:text examples=list:text
    """
)


def is_flattened(text: str) -> bool:
    """Whether the document's keys stand behind each other, or all of them at the left edge."""
    body = text.lstrip("\ufeff \n")
    if not re.match(r"['\"]?asyncapi['\"]?:\s", body):
        return False
    first = body.split("\n", 1)[0]
    no_indent = not re.search(r"^[ \t-]", body, re.MULTILINE)
    return bool(re.search(r"\sinfo:\s", first)) or (no_indent and bool(re.search(r"^title:", body, re.MULTILINE)))


@dataclass
class _Frame:
    kind: str
    origin: Origin
    members: dict[str, Node] = field(default_factory=dict[str, Node])
    keys: dict[str, Origin] = field(default_factory=dict[str, Origin])
    items: list[Node] = field(default_factory=list[Node])
    key: str = ""  # under which it stands in the frame before

    def node(self) -> Node:
        if self.kind.startswith(_LISTS):
            return Node(self.items, self.origin)
        return Node(self.members, self.origin, self.keys)


def restore(text: str, file: str) -> tuple[Node, list[Problem]]:
    """The document, and a warning that says what was done to it."""
    reader = _Reader(text, file)
    node = reader.read()
    what = "the line breaks of this document were lost; its structure is restored by what AsyncAPI allows where"
    right = "keep the document with its indentation; a key that fits several places went to the innermost"
    return node, [Problem(Origin(file), what, right, warning=True)]


class _Reader:
    def __init__(self, text: str, file: str) -> None:
        self._file = file
        self._tokens = [(match.group(), match.start()) for match in _TOKEN.finditer(text)]
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self._at = 0
        self._stack = [_Frame("root", Origin(file))]

    def read(self) -> Node:
        while self._at < len(self._tokens):
            self._step()
        self._close_to(0)
        return self._stack[0].node()

    def _step(self) -> None:
        token, _ = self._tokens[self._at]
        if token == "-" and self._in_list():
            self._at += 1
            self._open_item()
            return
        key = _key(token)
        depth = self._holder(key, self._at) if key else None
        if key and depth is not None:
            self._close_to(depth)
            self._at += 1
            self._open(key, _child(self._stack[-1].kind, key))
        else:
            self._at += 1  # a word that fits nowhere: prose behind a value that was closed

    def _in_list(self) -> bool:
        """Closes what is open inside the innermost list, if there is one."""
        place = max((index for index, frame in enumerate(self._stack) if frame.kind.startswith(_LISTS)), default=None)
        if place is not None:
            self._close_to(place)
        return place is not None

    def _close_to(self, depth: int) -> None:
        while len(self._stack) - 1 > depth:
            self._close()

    def _holder(self, key: str, at: int) -> int | None:
        """The innermost open object that may hold the key; what may hold anything comes last."""
        fallback = None
        for depth in range(len(self._stack) - 1, -1, -1):
            frame = self._stack[depth]
            if key in frame.members or frame.kind.startswith(_LISTS):
                continue
            if frame.kind == _ANY:
                fallback = depth if fallback is None else fallback
            elif frame.kind.startswith(_MAPS):
                if self._may_begin(frame.kind.removeprefix(_MAPS), at + 1):
                    return depth
            elif key in _GRAMMAR[frame.kind] or key.startswith("x-"):
                return depth
        return fallback

    def _may_begin(self, kind: str, at: int) -> bool:
        """Whether an object of a kind may begin with this token: one of its keys, or the whole of it in braces."""
        if at < len(self._tokens) and self._tokens[at][0].startswith("{"):
            return True
        key = _key(self._tokens[at][0]) if at < len(self._tokens) else ""
        return bool(key) and (kind == _ANY or key in _GRAMMAR[kind])

    def _open(self, key: str, kind: str) -> None:
        _, start = self._tokens[self._at - 1]
        frame = self._stack[-1]
        frame.keys[key] = self._origin(start)
        if kind == _TEXT or self._starts_flow() or (kind == _ANY and not self._may_begin(_ANY, self._at)):
            frame.members[key] = self._value()
        else:
            self._stack.append(_Frame(kind, self._origin(start), key=key))

    def _open_item(self) -> None:
        frame = self._stack[-1]
        kind = frame.kind.removeprefix(_LISTS)
        if kind == _TEXT or self._starts_flow() or not self._may_begin(kind, self._at):
            frame.items.append(self._value())
        else:
            self._stack.append(_Frame(kind, self._origin(self._tokens[self._at][1])))

    def _close(self) -> None:
        done = self._stack.pop()
        parent = self._stack[-1]
        if parent.kind.startswith(_LISTS):
            parent.items.append(done.node())
        else:
            parent.members[done.key] = done.node()

    def _starts_flow(self) -> bool:
        return self._at < len(self._tokens) and self._tokens[self._at][0][:1] in ("[", "{")

    def _value(self) -> Node:
        """A value: a flow collection, or words up to the next key or item."""
        if self._at >= len(self._tokens):
            return Node(None, Origin(self._file))
        origin = self._origin(self._tokens[self._at][1])
        if self._starts_flow():
            return self._flow(origin)
        words: list[str] = []
        while self._at < len(self._tokens):
            token, _ = self._tokens[self._at]
            key = _key(token)
            lists = [frame.kind.startswith(_LISTS) for frame in self._stack]
            ends = token == "-" and (lists[-1] or (words and any(lists)))
            if ends or (key and self._holder(key, self._at) is not None):
                break
            words.append(token)
            self._at += 1
        if words and re.fullmatch(r"[>|][+-]?\d?", words[0]):
            return Node(" ".join(words[1:]), origin)
        if len(words) == 1 and words[0][:1] in ("'", '"') and words[0][-1] == words[0][0]:
            return Node(words[0][1:-1], origin)
        return Node(atom(" ".join(words)), origin)

    def _flow(self, origin: Origin) -> Node:
        words, depth = list[str](), 0
        while self._at < len(self._tokens):
            word, _ = self._tokens[self._at]
            words.append(word)
            depth += sum(map(word.count, "[{")) - sum(map(word.count, "]}"))
            self._at += 1
            if depth <= 0:
                break
        node, _ = read_yaml(" ".join(words), self._file, origin.line)
        return node if node is not None else Node(" ".join(words), origin)

    def _origin(self, start: int) -> Origin:
        line = bisect_right(self._starts, start)
        return Origin(self._file, line, start - self._starts[line - 1] + 1)


def _key(token: str) -> str:
    """The key that a token ends: `title:`; empty for other words."""
    return token[:-1].strip("'\"") if len(token) > 1 and token.endswith(":") else ""


def _child(kind: str, key: str) -> str:
    if kind == _ANY:
        return _ANY
    return kind.removeprefix(_MAPS) if kind.startswith(_MAPS) else _GRAMMAR[kind].get(key, _ANY)
