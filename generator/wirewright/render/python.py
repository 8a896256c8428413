"""Python text of values. Whatever came from a spec passes through here before it is code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from wirewright.render.prose import WIDTH, wrap

INDENT = 4


def literal(value: object) -> str:
    """A value as Python source, with double quotes where black would have them."""
    if isinstance(value, tuple):
        return _sequence([literal(item) for item in cast("tuple[object, ...]", value)])
    return _quote(value) if isinstance(value, str) else repr(value)


def raw_literal(text: str) -> str:
    """A regular expression as a raw string, where one can hold it."""
    plain = text.isprintable() and '"' not in text and not text.endswith("\\")
    return f'r"{text}"' if plain and "\\" in text else literal(text)


class Code(str):
    """Text that is Python already."""

    __slots__ = ()


@dataclass(frozen=True)
class Call:
    """An instance of a class of the runtime, as the call that makes it."""

    name: str
    positional: tuple[object, ...]
    keywords: Mapping[str, object]


def construct(value: object) -> str:
    """A value as Python source: `literal` for everything that holds calls and code."""
    match value:
        case Code():
            return value
        case Call(name, positional, keywords):
            given = [f"{key}={construct(item)}" for key, item in keywords.items()]
            return f"{name}({', '.join([*map(construct, positional), *given])})"
        case tuple():
            return _sequence([construct(item) for item in cast("tuple[object, ...]", value)])
        case Mapping():
            pairs = cast("Mapping[object, object]", value).items()
            return "{" + ", ".join(f"{literal(key)}: {construct(item)}" for key, item in pairs) + "}"
        case _:
            return literal(value)


def docstring(text: str, indent: int = INDENT) -> str:
    """A text as a triple-quoted string that stands `indent` blanks from the left."""
    return docstring_of(wrap(text, WIDTH + 5 - indent), indent)


def docstring_of(lines: list[str], indent: int = INDENT) -> str:
    """Lines as a triple-quoted string. Nothing in them can end the string or escape from it."""
    margin = " " * indent
    safe = [_escape(line) for line in lines] or [""]
    if len(safe) == 1:
        last = safe[0][:-1] + '\\"' if safe[0].endswith('"') else safe[0]
        return f'"""{last}"""'
    body = "\n".join(margin + line if line else "" for line in safe[1:])
    return f'"""{safe[0]}\n{body}\n{margin}"""'


def comment(text: str) -> str:
    """A text as one line that may stand behind a `#`."""
    return _printable(" ".join(text.split()))


def _sequence(items: list[str]) -> str:
    return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"


def _quote(text: str) -> str:
    single = repr(text)
    if single.startswith('"') or '"' in text:
        return single
    return '"' + single[1:-1] + '"'


def _escape(line: str) -> str:
    return _printable(line.replace("\\", "\\\\")).replace('"""', '\\"\\"\\"')


def _printable(line: str) -> str:
    """Without characters that a reader cannot see: they could turn the text round or end the line."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in line)
