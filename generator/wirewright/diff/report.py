"""Changes for human eyes, as a comment on a pull request, or as JSON."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from wirewright.diff.change import Change
from wirewright.diff.rules import Level
from wirewright.model.types import Origin

FORMATS = ("text", "markdown", "json")
BUMPS = {Level.BREAKING: "major", Level.RISKY: "minor", Level.COMPATIBLE: "minor", Level.DOCS: "patch"}
LONGEST_COMMENT = 60_000  # characters; the usual limit of a comment is 65,536
_MOST = 6  # uses and names that are listed
_LEVELS = sorted(Level, reverse=True)


def render(changes: Sequence[Change], form: str) -> str:
    """The changes in one of `FORMATS`; no text for no change, but as JSON."""
    if form == "json":
        return render_json(changes)
    return render_markdown(changes) if form == "markdown" else render_text(changes)


def bump(changes: Iterable[Change]) -> str:
    """Which part of the version should go up: "major", "minor", "patch" or "none"."""
    worst = max((change.level for change in changes), default=None)
    return BUMPS[worst] if worst is not None else "none"


# Text


def render_text(changes: Sequence[Change]) -> str:
    if not changes:
        return ""
    return "\n".join(line for part in (_of_levels(changes), [_verdict(changes)]) for line in part) + "\n"


def _of_levels(changes: Sequence[Change]) -> Iterator[str]:
    for level in _LEVELS:
        listed = [change for change in changes if change.level is level]
        if listed:
            yield f"{level.word} ({len(listed)})"
            for change in listed:
                yield from _lines(change)
            yield ""


def _lines(change: Change) -> Iterator[str]:
    yield f"  {change.where}: {_headline(change)}"
    if change.level is Level.DOCS and change.rule.id == "docs-changed":
        return
    yield f"      why: {clean(change.why)}"
    if change.now is None and change.was is not None:
        yield "      where: the place in the old specs; it is not in the new ones"
    elif change.was is not None and _place(change.was) != _place(change.now):
        yield f"      was: {change.was}"
    if change.also:
        yield f"      also: {_few(tuple(map(str, change.also)))}"
    if _uses(change):
        yield f"      used by: {_few(change.uses)}"
    if change.symbols:
        yield f"      touches: {_few(change.symbols)}"


def _headline(change: Change) -> str:
    product = f"{change.product}: " if change.product else ""
    return clean(f"{product}{change.subject}: {change.what}{_direction(change)}")


def _uses(change: Change) -> tuple[str, ...]:
    """Who uses the place, where its name does not say so."""
    words = change.subject.replace(",", " ").split()
    return () if all(use in words for use in change.uses) else change.uses


def _direction(change: Change) -> str:
    words = [one.value for one in change.directions]
    return f" [{' and '.join(words)}]" if words and change.rule.sent is not change.rule.received else ""


def _verdict(changes: Sequence[Change]) -> str:
    counts = Counter(change.level for change in changes)
    said = ", ".join(f"{counts[level]} {level.word}" for level in _LEVELS if counts[level])
    return f"{said}. Suggested version: {bump(changes)}."


def _few(texts: Sequence[str], quote: str = "") -> str:
    shown = ", ".join(f"{quote}{clean(text)}{quote}" for text in texts[:_MOST])
    return shown if len(texts) <= _MOST else f"{shown} and {len(texts) - _MOST} more"


def _place(origin: Origin | None) -> tuple[str, int] | None:
    return (origin.file, origin.line) if origin is not None else None


def clean(text: str) -> str:
    """Text of a stranger's specification on one line, without what a terminal would obey."""
    return "".join(sign if sign.isprintable() else " " for sign in text).strip()


# Markdown


def render_markdown(changes: Sequence[Change]) -> str:
    if not changes:
        return ""
    head = ["### What the change of the specs means", "", _escaped(_verdict(changes)), ""]
    body = [line for level in _LEVELS for line in _section(level, [one for one in changes if one.level is level])]
    return _shortened([*head, *body])


def _section(level: Level, changes: Sequence[Change]) -> Iterator[str]:
    if not changes:
        return
    folded = level in (Level.COMPATIBLE, Level.DOCS)
    yield from (
        [f"<details><summary>{level.word} ({len(changes)})</summary>", ""] if folded else [f"#### {level.word}", ""]
    )
    for change in changes:
        yield f"- {_escaped(_headline(change))} (`{_plain(str(change.where))}`)"
        if change.rule.id != "docs-changed":
            yield f"  <br>{_escaped(change.why)}"
        if _uses(change):
            yield f"  <br>used by {_few(tuple(map(_plain, change.uses)), '`')}"
        if change.symbols:
            yield f"  <br>touches {_few(tuple(map(_plain, change.symbols)), '`')}"
    yield ""
    yield from ["</details>", ""] if folded else []


def _escaped(text: str) -> str:
    """Text whose code spans stay what they are, and in which nothing else is markup, a mention or a tag."""
    parts = re.split(r"(`[^`]+`)", re.sub(r"`{2,}", "`", clean(text)))
    return "".join(part if len(part) > 2 and part[0] == part[-1] == "`" else _without_markup(part) for part in parts)


def _without_markup(text: str) -> str:
    text = re.sub(r"([\\`*_\[\]|#~])", r"\\\1", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("@", "&#64;")


def _plain(text: str) -> str:
    return clean(text).replace("`", "'")


def _shortened(lines: Sequence[str]) -> str:
    text = "\n".join(lines).rstrip() + "\n"
    if len(text) <= LONGEST_COMMENT:
        return text
    kept = text[:LONGEST_COMMENT].rpartition("\n- ")[0]
    closing = "\n\n</details>" if kept.count("<details>") > kept.count("</details>") else ""
    return f"{kept}{closing}\n\nThere is more: `wirewright diff` tells it all.\n"


# JSON


def render_json(changes: Sequence[Change]) -> str:
    counts = Counter(change.level for change in changes)
    data = {
        "bump": bump(changes),
        "counts": {level.word: counts[level] for level in _LEVELS},
        "changes": [_data(change) for change in changes],
    }
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def _data(change: Change) -> dict[str, object]:
    return {
        "level": change.level.word,
        "rule": change.rule.id,
        "product": change.product,
        "directions": [one.value for one in change.directions],
        "subject": change.subject,
        "what": change.what,
        "why": change.why,
        "where": str(change.where),
        "old": str(change.was) if change.was else None,
        "new": str(change.now) if change.now else None,
        "also": [str(place) for place in change.also],
        "uses": list(change.uses),
        "symbols": list(change.symbols),
    }
