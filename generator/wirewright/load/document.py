"""Files of a document, each read once, and `$ref` between them, followed when somebody looks.

Nothing outside the allowed folders is opened, and nothing is fetched.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from wirewright.errors import Problem
from wirewright.load.json_text import read_json
from wirewright.load.node import Node
from wirewright.load.yaml_text import read_yaml
from wirewright.model.types import Origin

_LONGEST = 100  # tokens of a pointer, and references in a chain
_SLASHES = 8  # in a key


def read_text(path: Path, shown: str) -> tuple[str, list[Problem]]:
    """A file's text; `shown` is how messages call it."""
    try:
        return path.read_bytes().decode("utf-8-sig"), []
    except (OSError, ValueError) as error:
        if isinstance(error, UnicodeDecodeError):
            return "", [Problem(Origin(shown), "the file is not text", "save it as UTF-8")]
        what = f"the file cannot be read: {getattr(error, 'strerror', None) or error}"
        return "", [Problem(Origin(shown), what, "name a file that exists")]


def read_data(text: str, shown: str) -> tuple[Node | None, list[Problem]]:
    """YAML or JSON, told apart by the first sign: YAML parsers refuse some JSON (surrogate pairs, long keys)."""
    if text.lstrip()[:1] in ("{", "["):
        nodes, problems = read_json(text, shown, strict=True)
        if nodes and not problems:
            return nodes[0], []
        node, yaml_problems = read_yaml(text, shown)
        return (node, []) if node is not None and not yaml_problems else (node, problems or yaml_problems)
    return read_yaml(text, shown)


@dataclass
class Files:
    """The files that one document stands in.

    Args:
        roots: Folders that may be read, beside the document's own.
    """

    roots: Sequence[Path] = ()
    problems: list[Problem] = field(default_factory=list[Problem])
    _paths: dict[str, Path] = field(default_factory=dict[str, Path])
    _nodes: dict[str, Node | None] = field(default_factory=dict[str, Node | None])
    _loose: set[str] = field(default_factory=set[str])
    _active: list[Node] = field(default_factory=list[Node])  # references that are being followed

    def open(self, path: Path, shown: str) -> Node | None:
        """The document itself; its folder is allowed from now on."""
        self.roots = (*self.roots, path.resolve().parent)
        return self._read(path, shown)

    @property
    def read(self) -> list[str]:
        """The files that were opened, as messages show them."""
        return sorted(self._nodes)

    def add(self, node: Node, path: Path) -> None:
        """A document that was read, and mended, by somebody else."""
        self.roots = (*self.roots, path.resolve().parent)
        self._paths[node.origin.file], self._nodes[node.origin.file] = path, node

    def follow(self, node: Node | None) -> Node | None:
        """What a node stands for: itself, or where its `$ref`s lead in the end. What leads nowhere is told as a problem."""
        reference = node.get("$ref") if node is not None else None
        if reference is None or not isinstance(reference.value, str):
            return node
        if any(reference is one for one in self._active):
            chain = " -> ".join(one.text() for one in self._active)
            return self._refuse(reference, f"`$ref` goes round in a circle: {chain}", "one of them must hold the data")
        if len(self._active) > _LONGEST:
            return self._refuse(reference, f"a chain of more than {_LONGEST} `$ref`s", "refer to the data itself")
        self._active.append(reference)
        try:
            return self.follow(self._target(reference, reference.value))
        finally:
            self._active.pop()

    def follow_all(self, root: Node) -> None:
        """Follows every `$ref` of a document, so that one in a part that nobody needs is told too."""
        for node in root.walk():
            self.follow(node)

    def _target(self, reference: Node, text: str) -> Node | None:
        address, _, fragment = text.partition("#")
        if "://" in address or address.startswith("//"):
            return self._refuse(reference, f"`$ref` to the address {text}", "keep a copy beside the document")
        root = self._root(reference, unquote(address))
        if root is None:
            return None
        if not fragment:
            return root
        if not fragment.startswith("/"):
            right = "name the place with a JSON pointer: #/a/b"
            return self._refuse(reference, f"`$ref` to the anchor #{fragment}", right)
        tokens = [token.replace("~1", "/").replace("~0", "~") for token in unquote(fragment).split("/")[1:]]
        count = len(self.problems)
        target = self._descend(root, tokens[:_LONGEST], reference)
        if target is None and count == len(self.problems):
            self._refuse(reference, f"`$ref` to nowhere: {text}", "nothing stands there; check the spelling")
        return target

    def _root(self, reference: Node, address: str) -> Node | None:
        here = reference.origin.file
        if not address:
            return self._nodes.get(here)
        shown = os.path.normpath(os.path.join(os.path.dirname(here), address))
        path = self._paths[here].parent / address
        if not any(path.resolve().is_relative_to(root.resolve()) for root in self.roots):
            right = "keep it beside the document, or allow the folder with --allow-ref-root"
            return self._refuse(reference, f"`$ref` out of the document's folder: {address}", right)
        if shown not in self._nodes:
            count = len(self.problems)
            if self._read(path, shown) is None and not path.exists():
                del self.problems[count:]
                return self._refuse(reference, f"`$ref` to a file that is not there: {address}", "check the path")
        return self._nodes[shown]

    def _read(self, path: Path, shown: str) -> Node | None:
        text, problems = read_text(path, shown)
        node = None
        if not problems:
            node, problems = read_data(text, shown)
        self.problems += problems
        self._paths[shown], self._nodes[shown] = path, node
        return node

    def _descend(self, node: Node, tokens: list[str], reference: Node) -> Node | None:
        """The node at a path of tokens. A key with a `/` that the writer forgot to escape is found too."""
        if not tokens:
            return node
        if node.get("$ref") is not None and tokens[0] not in node.map:
            followed = self.follow(node)
            return self._descend(followed, tokens, reference) if followed not in (None, node) else None
        if node.is_list:
            index = int(tokens[0]) if tokens[0].isdecimal() and len(tokens[0]) < 9 else -1
            return self._descend(node.list[index], tokens[1:], reference) if 0 <= index < len(node.list) else None
        for count in range(1, min(len(tokens), _SLASHES) + 1):
            child = node.get("/".join(tokens[:count]))
            found = self._descend(child, tokens[count:], reference) if child is not None else None
            if found is not None:
                if count > 1:
                    self._forgive_slash(reference)
                return found
        return None

    def _forgive_slash(self, reference: Node) -> None:
        if reference.origin.file not in self._loose:
            self._loose.add(reference.origin.file)
            what = "a key with `/` in a `$ref` (told once per file)"
            self.problems.append(Problem(reference.origin, what, "write `~1` for it", warning=True))

    def _refuse(self, reference: Node, what: str, right: str) -> Node | None:
        problem = Problem(reference.origin, what, right, id="ref")
        if problem not in self.problems:
            self.problems.append(problem)
        return None
