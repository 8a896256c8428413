"""JSON as documentation writes it."""

from __future__ import annotations

import pytest

from wirewright.load.json_text import read_json

EXAMPLE = """{
  "e": "order",     // Event type
  // Balances of the account
  "B": [
    {"a": "AAA"},   // Asset
  ],
  "k": [
    "0.10",         // Price
    12              // Quantity
  ],
  “q”: 54350.40,
  "d": –5,
  "o": { // Order
    "c": "x"        // Client id
                    // which begins with a letter
  },
  ...
}"""


def test_comments_stay_with_what_they_describe() -> None:
    node = read_json(EXAMPLE, "f")[0][0]
    assert node.map["e"].comment == "Event type"
    assert node.map["B"].comment == "Balances of the account"
    assert [item.comment for item in node.map["k"].list] == ["Price", "Quantity"]
    assert node.map["o"].comment == "Order"
    assert node.map["o"].map["c"].comment == "Client id"


def test_every_liberty_is_told_and_digits_are_kept() -> None:
    nodes, problems = read_json(EXAMPLE, "f", first_line=10)
    assert nodes[0].partial
    assert nodes[0].map["q"].json() == "54350.40"
    assert nodes[0].map["d"].value == -5
    assert [str(one) for one in problems] == [
        "f:15:3: warning: a comma before ']'; write it as JSON has it",
        "f:20:3: warning: quotes that are not JSON's; write it as JSON has it",
        "f:21:8: warning: a dash that is no minus; write it as JSON has it",
    ]


def test_several_values_stand_behind_each_other() -> None:
    nodes, _ = read_json('{"a": 1}\n{"a": 2}', "f")
    assert [node.plain() for node in nodes] == [{"a": 1}, {"a": 2}]


def test_a_key_that_says_there_is_more() -> None:
    node = read_json('{"a": 1, "...": "..."}', "f")[0][0]
    assert node.partial
    assert node.plain() == {"a": 1}


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"a": }', "1:7: this is not JSON: '}' stands where a value should"),
        ('{"a": 1', "1:8: this is not JSON: it ends too early"),
        ('{"a" 1}', "1:2: this is not JSON: no ':' behind the key"),
        ('{\n "a": <b>}', "2:7: this is not JSON: '<' stands where a value should"),
        ("[" * 300, "1:102: this is not JSON: nested more than 100 deep"),
    ],
)
def test_what_is_not_json(text: str, place: str) -> None:
    nodes, problems = read_json(text, "f")
    assert not nodes
    assert str(problems[-1]).startswith(f"f:{place}")


def test_a_document_takes_no_liberties() -> None:
    _, problems = read_json('{"a": 1,}', "f", strict=True)
    assert [one.warning for one in problems] == [False]
