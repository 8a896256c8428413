"""docs/diff-rules.md: every rule and its minimal pairs, from the same tables that decide. `python -m wirewright.diff.page FILE`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from wirewright.diff.pairs import BASE, PAIRS, Form, Pair
from wirewright.diff.rules import GROUPS, RULES, Level, Rule

INTRODUCTION = """\
# What a difference means

<!-- Made by `make generate` from generator/wirewright/diff/rules.yaml and pairs.yaml. DO NOT EDIT. -->

`wirewright diff` tells each difference between two versions of specs once, with a class. An old client is asked: the code that
was generated from the old specs, with an exchange that follows the new ones.

| class | what it means | version |
| --- | --- | --- |
| breaking | An old client fails, or its code no longer fits the new one. | major |
| risky | An old client goes on, and something that it counts on is different. | minor |
| compatible | An old client notices nothing. | minor |
| docs | Only words were changed. | patch |

Before 1.0.0 every number is one place lower: "major" is the middle one. What is used in both directions has the worse of the two classes.
Things are counterparts by what the wire shows (method, stream pattern, tag, direction and address), never by the key or the
`$ref` that a document uses for them: a moved `$ref`, a renamed message, another order of keys, or JSON for YAML is no difference.
"""
_CLASSES = {Level.BREAKING: "**breaking**", Level.RISKY: "risky", Level.COMPATIBLE: "compatible", Level.DOCS: "docs"}


def render_page() -> str:
    return "\n".join([INTRODUCTION, *_rules(), *_pairs()]) + "\n"


def _rules() -> Iterator[str]:
    for title, rules in GROUPS.items():
        has_directions = any(one.sent is not one.received for one in rules)
        yield f"## {title}\n"
        if has_directions:
            yield "| rule | difference | sent | received | why |\n| --- | --- | --- | --- | --- |"
        else:
            yield "| rule | difference | class | why |\n| --- | --- | --- | --- |"
        yield from (_row(one, has_directions) for one in rules)
        yield ""


def _row(one: Rule, has_directions: bool) -> str:
    levels = [_CLASSES[one.sent], *([_CLASSES[one.received]] if has_directions else [])]
    reasons = one.why if not one.why_received else f"sent: {one.why}; received: {one.why_received}"
    return f"| `{one.id}` | {one.what} | {' | '.join(levels)} | {reasons} |"


def _pairs() -> Iterator[str]:
    yield "## Minimal pairs\n"
    yield "The smallest change for each rule; the tests run every one of them, schemas in both directions.\n"
    yield "A document is this one with a merge patch (RFC 7396):\n"
    yield f"```yaml\n{BASE}```\n"
    yield "A text of a spec is one of `tests/cases/mini/specs`.\n"
    for rule in RULES.values():
        yield from _of_rule(rule, [pair for pair in PAIRS if pair.rule == rule.id])


def _of_rule(rule: Rule, pairs: Sequence[Pair]) -> Iterator[str]:
    if not pairs:
        return
    yield f"### `{rule.id}`\n"
    for pair in pairs:
        language = "json" if pair.form is Form.SURFACE else "yaml" if pair.form is not Form.TABLE else "text"
        yield f"{pair.form.value}:\n"
        yield f"```{language}\n{_side('old', pair.old)}\n{_side('new', pair.new)}\n```\n"


def _side(name: str, text: str) -> str:
    first, *more = text.splitlines() or ["(nothing)"]
    return "\n".join([f"{name}: {first}", *(f"     {line}" for line in more)])


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(render_page(), encoding="utf-8")
