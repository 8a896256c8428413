"""A product: document, tables, glossary and errata become one model."""

from __future__ import annotations

from pathlib import Path

from conftest import Break
from outline import outline
from telling import told, warned

from wirewright.config import ProductConfig
from wirewright.load import load_any, load_product
from wirewright.model.types import StructType

FIXTURES = Path(__file__).parent / "fixtures"


def test_the_whole_product() -> None:
    loaded = load_any(FIXTURES / "toy", root=FIXTURES)
    assert not loaded.problems
    assert loaded.api is not None
    assert outline(loaded.api) == (FIXTURES / "toy.outline").read_text(encoding="utf-8")


def test_it_is_the_same_from_wherever_it_is_loaded(toy: Path, monkeypatch: object) -> None:
    product = ProductConfig("toy", toy, toy.parent)
    api, problems = load_product(product)
    assert not problems
    assert api is not None
    assert api.sources == tuple(sorted(f"toy/{path.name}" for path in toy.iterdir()))
    assert api.methods[0].origin.file == "toy/trading.md"


def test_prose_of_a_table() -> None:
    api = load_any(FIXTURES / "toy").api
    assert api is not None
    book = api.methods[0]
    assert book.doc == "What is bid and asked.\n\n* Best first.\n* Never empty."
    assert (book.title, book.section, book.data_source) == ("Book", "trading", "Memory")
    new = api.methods[1]
    assert (new.title, new.order_count, new.weight.success) == ("New order", 1, 0)
    assert new.variants[1].weight is not None
    assert new.variants[1].weight.base == 2


def test_a_fact_of_the_examples_decides_what_is_required(broken: Break) -> None:
    loaded = broken(
        "trading.md", '"note": null}', '"note": null}, {"id": 13, "time": 1700000000001, "side": "BUY", "note": "a"}'
    )
    assert not loaded.problems
    assert loaded.api is not None
    order = next(one for one in loaded.api.types if one.name == "Order")
    assert isinstance(order, StructType)
    assert {one.wire: one.required for one in order.fields}["price"] is False


def test_doubts_are_warnings(broken: Break) -> None:
    loaded = broken("trading.md", '"fills": [', '"tradeId": "12", "empty": [], "fills": [')
    assert not told(loaded)
    assert len(warned(loaded)) == 2
    assert "is 'tradeId' an amount? Its examples are numbers in text; state DECIMAL or STRING" in warned(loaded)[0]
    assert "'empty' is an empty list in every example" in warned(loaded)[1]


def test_errata_mend_what_the_tables_say(broken: Break) -> None:
    loaded = broken(
        "errata.yaml",
        "- where",
        "- {where: book, reason: r, do: {replace: /request/params/limit, with: 6}}\n"
        "- {where: book, reason: r, do: {replace: /parameters/limit/type, with: LONG}}\n"
        "- {where: order.new, reason: r, do: {add: /parameters/later, with: {type: INT, mandatory: 'NO', description: New.}}}\n"
        "- {where: order.find, reason: r, do: {remove: /parameters/id}}\n"
        "- {where: order.find, reason: r, do: {remove: /request/params/id}}\n"
        "- where",
    )
    assert told(loaded) == [
        "toy/trading.md:53:1: 'order.new' is settled with 'id', which is no parameter of 'order.find' "
        "(also toy/trading.md:141:1); name one of its parameters"
    ]
    assert loaded.api is not None
    methods = {one.wire: one for one in loaded.api.methods}
    assert '"limit": 6' in methods["book"].request_example
    assert "later" in [one.wire for one in methods["order.new"].parameters]
    assert [one.wire for one in methods["order.find"].parameters] == ["symbol"]


def test_errata_mend_answers_fields_and_labels(broken: Break) -> None:
    loaded = broken(
        "errata.yaml",
        "- where",
        "- {where: book, reason: r, do: {replace: /response/result/lastId, with: 8}}\n"
        "- {where: book, reason: r, do: {remove: /responses/0/result/limitations/1}}\n"
        "- {where: book, reason: r, do: {replace: /fields/asks/description, with: What is asked.}}\n"
        "- {where: book, reason: r, do: {replace: /data source, with: Database}}\n"
        "- {where: order.new, reason: r, do: {add: /order count, with: '2'}}\n"
        "- where",
    )
    assert loaded.api is not None
    methods = {one.wire: one for one in loaded.api.methods}
    shown = methods["book"].examples[0].json
    assert '"lastId": 8' in shown
    assert '"PRICE"' in shown
    assert '"COUNT"' not in shown
    (book,) = [one for one in loaded.api.types if one.name == "Book"]
    assert isinstance(book, StructType)
    assert [one.doc for one in book.fields if one.wire == "asks"] == ["What is asked."]
    assert methods["book"].data_source == "Database"
    assert methods["order.new"].order_count == 2


def test_an_erratum_that_no_longer_applies(broken: Break) -> None:
    loaded = broken(
        "errata.yaml", "- where", "- {where: book, reason: r, do: {replace: /request/params/nothing, with: 6}}\n- where"
    )
    assert told(loaded) == ["toy/errata.yaml:1:3: the erratum of 'book' no longer applies; remove it, or mend it"]


def test_an_erratum_can_accept_a_problem(broken: Break, toy: Path) -> None:
    broken("trading.md", '"limit": 5', '"limit": "5"')
    accepted = "- {where: book, reason: the exchange takes both, do: {accept: example}}\n- where"
    assert not told(broken("errata.yaml", "- where", accepted))
    assert "accepts a problem that is not there" in told(broken("trading.md", '"limit": "5"', '"limit": 5'))[0]
