"""What code that was written against the old generated names would notice."""

from __future__ import annotations

from typing import Any

import pytest

from wirewright.diff.change import Change
from wirewright.diff.rules import RULES, Level
from wirewright.diff.surface import compare_surfaces, renames, with_surface
from wirewright.model.types import Origin

HERE = Origin("here.md", 3)
FUNCTION = "(self, *, {}) -> {}"
CASES: list[tuple[str, str, str, list[tuple[str, str]]]] = [
    # name, signature before, signature now, (symbol, rule) of what is noticed
    ("api.Api.depth", "symbol: str", "symbol: str, limit: int", [("api.Api.depth(limit)", "parameter-required")]),
    ("api.Api.depth", "symbol: str", "symbol: str, limit: int=5", [("api.Api.depth(limit)", "symbol-added")]),
    ("api.Api.depth", "symbol: str, limit: int=5", "symbol: str", [("api.Api.depth(limit)", "symbol-removed")]),
    ("api.Api.depth", "limit: int | str", "limit: int", [("api.Api.depth(limit)", "symbol-type-changed")]),
    ("api.Api.depth", "limit: int", "limit: int | str", []),
    (
        "api.Api.depth",
        "side: Literal['A', 'B']",
        "side: Literal['A']",
        [("api.Api.depth(side)", "symbol-type-changed")],
    ),
    ("api.Api.depth[int]", "limit: int", "limit: int, x: int", [("api.Api.depth(x)", "parameter-required")]),
]


def noticed(old: dict[str, str], new: dict[str, str], **renamed: str) -> list[tuple[str, str]]:
    return [(one.symbol, one.rule) for one in compare_surfaces(old, new, renamed)]


@pytest.mark.parametrize(("name", "before", "now", "wanted"), CASES)
def test_parameters(name: str, before: str, now: str, wanted: list[tuple[str, str]]) -> None:
    old, new = ({name: FUNCTION.format(text, "int")} for text in (before, now))
    assert noticed(old, new) == wanted


TYPES: list[tuple[str, str, str, list[str]]] = [
    # what is received may become less, what is sent may become more
    ("models.Order.price", "Decimal | None", "Decimal", ["symbol-type-widened"]),
    ("models.Order.price", "Decimal", "Decimal | None", ["symbol-type-changed"]),
    ("requests.Order.price", "Decimal", "Decimal | None = ...", ["symbol-type-widened"]),
    ("requests.Order.price", "Decimal | str", "Decimal", ["symbol-type-changed"]),
    (
        "enums.SideLike",
        "TypeAlias = Side | Literal['A', 'B']",
        "TypeAlias = Side | Literal['A']",
        ["symbol-type-changed"],
    ),
    ("enums.SideLike", "TypeAlias = Side | Literal['A']", "TypeAlias = Side | Literal['A', 'B']", []),
    ("models.Answer", "TypeAlias = Book | Error", "TypeAlias = Book", []),
    ("requests.Order.weight", "ClassVar[int] = 1", "ClassVar[int] = 2", []),
    ("requests.Order.weight", "ClassVar[int] = 1", "ClassVar[str] = '1'", ["symbol-type-changed"]),
    ("models.Order.old", "(self) -> int", "int", []),
    ("models.Order.old", "(self) -> int", "str", ["symbol-type-changed"]),
    ("api.Api.depth", "(self) -> Book", "(self) -> Book | None", ["symbol-type-changed"]),
    ("api.Api.depth", "(self) -> Book | None", "(self) -> Book", ["symbol-type-widened"]),
]


@pytest.mark.parametrize(("name", "before", "now", "wanted"), TYPES)
def test_types(name: str, before: str, now: str, wanted: list[str]) -> None:
    assert noticed({name: before}, {name: now}) == [(name, rule) for rule in wanted]


def test_what_goes_with_its_class_is_told_once() -> None:
    old = {"models.Order": "class(Model)", "models.Order.price": "Decimal", "api.Api.x": "()", "api.Api.x[int]": "()"}
    assert noticed(old, {"api.Api.x": "()"}) == [("models.Order", "symbol-removed")]


def test_a_renamed_class_is_the_same_class() -> None:
    old = {"models.Order": "class(Model)", "api.Api.order": "(self) -> models.Order"}
    new = {"models.Deal": "class(Model)", "api.Api.order": "(self) -> models.Deal"}
    told = change("symbol-renamed", "models.Order", "models.Deal")
    assert noticed(old, new, **renames([told])) == []


def change(rule: str, *symbols: str, level: Level | None = None) -> Change:
    found = RULES[rule]
    return Change(level or found.sent, found, (), "a thing", "changed", found.why, HERE, HERE, (), symbols)


def told(changes: list[Change], old: dict[str, str], new: dict[str, str]) -> list[Any]:
    """(level, subject, symbols) of what is told in the end."""
    merged = with_surface(changes, compare_surfaces(old, new), Origin("surface"))
    return [(one.level.word, one.subject, one.symbols) for one in merged]


def test_a_difference_that_a_change_explains_may_make_it_worse() -> None:
    gone = {"api.Api.depth": "(self, *, limit: int=5) -> int"}, {"api.Api.depth": "(self) -> int"}
    risky = change("property-removed-optional", "api.Api.depth(limit)")
    assert told([risky], *gone) == [("breaking", "a thing", ("api.Api.depth(limit)",))]
    known = change("docs-changed", "api.Api.other")
    assert told([known], *gone)[1:] == [("breaking", "generated name api.Api.depth(limit)", ("api.Api.depth(limit)",))]


@pytest.mark.parametrize(
    ("symbol", "owner"),
    [
        ("api.Api.order_place_limit(price)", "api.Api.order_place(price)"),  # a helper of its method
        ("requests.OrderPlaceParameters.price", "requests.OrderPlace.price"),  # what variants share
        ("enums.SideLike", "enums.Side.BUY"),  # the literals of a value
        ("send.Send.say(text)", "send.Send.say"),
    ],
)
def test_who_explains_a_name(symbol: str, owner: str) -> None:
    name, _, parameter = symbol.partition("(")
    text = f"(self, *, {parameter.rstrip(')')}: int=1) -> int" if parameter else "TypeAlias = A | B"
    now = "(self) -> int" if parameter else "TypeAlias = A"
    explained = told([change("property-removed-optional", owner)], {name: text}, {name: now})
    assert [subject for _, subject, _ in explained] == ["a thing"]
