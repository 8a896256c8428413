"""The text of our tables: rows, examples as compact JSON, words of a page on one line."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator, Sequence
from decimal import Decimal

from wirewright.load.markdown import plain
from wirewright.load.node import Node

WIDTH = 110
_SECRETS = {
    "apiKey": "ExampleApiKeyExampleApiKeyExampleApiKeyExampleApiKeyExampleApiKe",
    "signature": "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "listenKey": "ExampleListenKeyExampleListenKeyExampleListenKeyExampleListenKey",
    "listenToken": "ExampleListenToken",
    "token": "ExampleListenToken",
}


def row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |" if any(cells) else "|" + " |" * len(cells)


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [row(columns), row(["---"] * len(columns)), *(row(one) for one in rows)]


def words(text: str) -> str:
    """A page's words for one cell: on one line, borders escaped."""
    return " ".join(plain(text).split()).replace("\\|", "|").replace("|", "\\|")


def example(node: Node) -> list[str]:
    """A fenced example, as our tables have them. What looks like a key or a signature is replaced."""
    return ["```json", *json_lines(node), "```"]


def json_lines(node: Node, key: str = "", indent: int = 0) -> list[str]:
    """JSON that fills its lines: what fits stands on one line, else members are packed."""
    whole = one_line(node, key)
    if len(whole) + indent <= WIDTH and not (indent == 0 and node.is_map and len(whole) > WIDTH * 2 // 3):
        return [whole]
    members = list(node.map.items()) if node.is_map else [("", item) for item in node.list]
    if not members:
        return [whole]
    head = f"{json.dumps(key, ensure_ascii=False)}: " if key else ""
    opening, closing = ("{", "}") if node.is_map else ("[", "]")
    if node.partial:
        members.append(("...", node) if node.is_map else ("", node))
    return [head + opening, *_packed(members, node, indent + 2), closing]


def _packed(members: Sequence[tuple[str, Node]], owner: Node, indent: int) -> Iterator[str]:
    line = ""
    for index, (key, value) in enumerate(members):
        comma = "," if index < len(members) - 1 else ""
        lines = ['"...": "..."' if key else "..."] if value is owner else json_lines(value, key, indent)
        if len(lines) == 1 and len(line) + len(lines[0]) + indent + 2 <= WIDTH:
            line = f"{line} {lines[0]}{comma}".strip()
            continue
        if line:
            yield " " * 2 + line
        line = lines[0] + comma if len(lines) == 1 else ""
        if len(lines) > 1:
            yield from (f"  {one}" for one in lines[:-1])
            yield f"  {lines[-1]}{comma}"
    if line:
        yield "  " + line


def one_line(node: Node, key: str = "") -> str:
    head = f"{json.dumps(key, ensure_ascii=False)}: " if key else ""
    if node.is_map:
        parts = [one_line(value, name) for name, value in node.map.items()]
        return head + "{" + ", ".join([*parts, *(['"...": "..."'] if node.partial else [])]) + "}"
    if node.is_list:
        return head + "[" + ", ".join([*map(one_line, node.list), *(["..."] if node.partial else [])]) + "]"
    return head + _atom(node, key)


def _atom(node: Node, key: str) -> str:
    if isinstance(node.value, str) and key in _SECRETS and len(node.value) > 16:
        return json.dumps(_SECRETS[key])
    return str(node.value) if isinstance(node.value, Decimal) else json.dumps(node.value, ensure_ascii=False)


def wrapped(text: str, width: int = 120) -> list[str]:
    """Prose in lines."""
    return textwrap.wrap(" ".join(text.split()), width, break_long_words=False, break_on_hyphens=False)


def slug(title: str) -> str:
    """`Market data requests` -> `market-data`."""
    spelled = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
    return re.sub(r"-(requests|endpoints|streams?)$", "", spelled) or "page"
