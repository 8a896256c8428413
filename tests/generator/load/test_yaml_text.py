"""YAML 1.2 scalars, positions, and what a stranger may not do with YAML."""

from __future__ import annotations

from decimal import Decimal

import pytest

from wirewright.load.yaml_text import DEPTH, read_yaml


def test_words_dates_and_clocks_are_text() -> None:
    node, problems = read_yaml("a: [on, off, yes, 2026-03-01, 12:30, 1_000, 0x1F, 0o17, 1e3, .5, ~, true, +7]", "f")
    assert node is not None
    assert not problems
    assert node.map["a"].plain() == [
        *("on", "off", "yes", "2026-03-01", "12:30", "1_000"),
        *(31, 15, Decimal("1e3"), Decimal("0.5"), None, True, 7),
    ]


def test_numbers_keep_their_digits() -> None:
    node, _ = read_yaml("price: 54350.40\n", "f")
    assert node is not None
    assert node.json() == '{"price": 54350.40}'


def test_every_value_and_key_knows_its_place() -> None:
    node, _ = read_yaml("a:\n  b: [1,\n      2]\n", "f.yaml")
    assert node is not None
    inner = node.map["a"].map["b"].list[1]
    assert str(inner.origin) == "f.yaml:3:7"
    assert str(node.map["a"].key_origin("b")) == "f.yaml:2:3"


def test_merge_keys_and_aliases() -> None:
    node, problems = read_yaml("base: &b {x: 1, y: 2}\none: {<<: *b, y: 3}\n", "f")
    assert node is not None
    assert not problems
    assert node.map["one"].plain() == {"x": 1, "y": 3}


def test_a_key_is_the_text_that_was_written() -> None:
    node, _ = read_yaml("007: a\n1.50: b\ntrue: c\n", "f")
    assert node is not None
    assert list(node.map) == ["007", "1.50", "true"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: 1\nb: 2\na: 3\n", "f:3:1: the key 'a' is here twice (also f:1:1); keep one of them"),
        (
            "a: [1, 2\nb: 3\n",
            "f:2:2: this is not YAML: while parsing a flow sequence: did not find expected ',' or ']'",
        ),
        (
            "a: !!python/object:os.system x\n",
            "f:1:4: the YAML tag 'tag:yaml.org,2002:python/object:os.system' is not allowed",
        ),
        ("a: &x [*x]\n", "f:1:8: the alias *x stands inside its own anchor"),
        ("a: *x\n", "f:1:4: the alias *x has no anchor before it"),
        ("a: 1\n---\nb: 2\n", "f:2:1: a second document starts here"),
        ("", "f:1:1: the file is empty"),
        ("[1]: 2\n", "f:1:1: a mapping, a list or an alias is used as a key"),
        ("[" * (DEPTH + 2), f"f:1:{DEPTH + 1}: data nested more than {DEPTH} deep"),
        ("a: \0", "f:1:4: this is not YAML"),
    ],
)
def test_what_is_refused(text: str, problem: str) -> None:
    _, problems = read_yaml(text, "f")
    assert any(str(one).startswith(problem[:90]) for one in problems), [str(one) for one in problems]


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("a: b: c\n", "text that holds `: ` stands in quotes"),
        ("a: b\n  c\nd\ne: f\n", "write `key: value`"),
        ("a:\n\tb: c\n", "indent with spaces"),
        ("a:\n    b: c\n  d: e\n", "the same column"),
    ],
)
def test_what_would_be_right_is_told(text: str, right: str) -> None:
    _, problems = read_yaml(text, "f")
    assert right in str(problems[0])


def test_aliases_cannot_multiply_without_end() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    node, problems = read_yaml("\n".join(lines), "f")
    assert node is None
    assert "aliases must not multiply" in str(problems[0])
