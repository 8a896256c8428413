"""Each rule on its minimal pair, in both directions: that it is found, found once, and of the class that the table says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from worlds import diff_documents, diff_tables, document, sending

from wirewright.diff.pairs import PAIRS, Form, Pair
from wirewright.diff.rules import RULES, SCHEMA, Direction, Level
from wirewright.diff.surface import compare_surfaces


def ids(pair: Pair) -> str:
    return f"{pair.rule}: {pair.new[:30]}"


@pytest.mark.parametrize("direction", list(Direction), ids=lambda one: one.value)
@pytest.mark.parametrize("pair", [one for one in PAIRS if one.form is Form.SCHEMA], ids=ids)
def test_a_schema(tmp_path: Path, pair: Pair, direction: Direction) -> None:
    sent = direction is Direction.SENT
    found = diff_documents(tmp_path, sending(pair.old, sent), sending(pair.new, sent))
    assert [(one.rule.id, one.level, one.directions) for one in found] == [
        (pair.rule, RULES[pair.rule].level(direction), (direction,))
    ]
    assert found[0].uses
    assert found[0].symbols
    assert found[0].where.line >= 1


@pytest.mark.parametrize("pair", [one for one in PAIRS if one.form is Form.DOCUMENT], ids=ids)
def test_a_document(tmp_path: Path, pair: Pair) -> None:
    found = diff_documents(tmp_path, document(pair.old), document(pair.new))
    assert [one.rule.id for one in found] == [pair.rule]
    ways = found[0].directions or (Direction.SENT,)
    assert found[0].level is RULES[pair.rule].level(ways[0])


@pytest.mark.parametrize("pair", [one for one in PAIRS if one.form is Form.TABLE], ids=ids)
def test_a_table(tmp_path: Path, pair: Pair) -> None:
    found = diff_tables(tmp_path, pair.old, pair.new)
    assert pair.rule in [one.rule.id for one in found]


@pytest.mark.parametrize("pair", [one for one in PAIRS if one.form is Form.SURFACE], ids=ids)
def test_a_manifest(pair: Pair) -> None:
    found = compare_surfaces(json.loads(pair.old), json.loads(pair.new))
    assert pair.rule in [one.rule for one in found]


def test_every_rule_has_a_pair() -> None:
    without = {"error-added", "error-removed", "error-changed", "product-added", "product-removed"}
    without |= {"examples-say-more", "name-follows-document"}
    assert set(RULES) - {one.rule for one in PAIRS} == without


def test_the_table_is_the_issues() -> None:
    """The table that was agreed on, word for word: a rule may be added, none may be softened."""
    agreed = """
        property-added-optional compatible compatible
        property-added-required breaking compatible
        property-removed-optional risky risky
        property-removed-required breaking breaking
        became-required breaking compatible
        became-optional compatible breaking
        type-widened compatible breaking
        type-narrowed breaking compatible
        type-changed breaking breaking
        nullable-added compatible breaking
        nullable-removed breaking compatible
        enum-value-added compatible risky
        enum-value-removed breaking compatible
        const-changed breaking breaking
        tag-value-changed breaking breaking
        tag-property-changed breaking breaking
        bound-tightened breaking compatible
        bound-loosened compatible risky
        pattern-changed risky compatible
        branch-added-tagged compatible compatible
        branch-added compatible breaking
        branch-removed breaking risky
        message-added-tagged compatible compatible
        message-added compatible breaking
        message-removed breaking risky
        position-type-changed breaking breaking
        position-added breaking compatible
        position-removed breaking breaking
    """
    for line in agreed.strip().splitlines():
        name, sent, received = line.split()
        assert (RULES[name].sent.word, RULES[name].received.word) == (sent, received), name
    assert {one.id for one in SCHEMA} - {line.split()[0] for line in agreed.strip().splitlines()} == {
        "default-changed",
        "examples-say-more",
    }


def test_a_level_is_worse_than_the_one_before() -> None:
    assert Level.DOCS < Level.COMPATIBLE < Level.RISKY < Level.BREAKING
