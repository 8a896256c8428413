"""What a docstring says of weights and of rules between parameters: short, complete, and by the names that a caller writes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from mini_api import MINI

from wirewright.model.api import Choice, ErrorCode, Method, Parameter, Rule, RuleKind, Variant, Weight, WeightCase
from wirewright.model.types import Array, Kind, Origin, Scalar
from wirewright.render.context import Context
from wirewright.render.docs import parameter_doc, weight_text
from wirewright.render.environment import Templates
from wirewright.render.package import render_product
from wirewright.render.spelling import spelled

HERE = Origin("here.md", 1)
TEXT = Scalar(Kind.STRING)
JSON = Scalar(Kind.JSON)


def parameter(wire: str, name: str, doc: str = "Something.") -> Parameter:
    return Parameter(wire, name, Array(TEXT) if name.endswith("s") else TEXT, HERE, False, doc=doc)


def method(weight: Weight, *variants: Variant) -> Method:
    every = (parameter("symbol", "symbol"), parameter("symbols", "symbols"), parameter("orderId", "order_id"))
    return Method(
        "ticker", "ticker", variants or (Variant("Ticker", JSON),), "api", HERE, parameters=every, weight=weight
    )


def variant(name: str, weight: int | None, *choices: Choice) -> Variant:
    return Variant(name, JSON, choices, Weight(weight) if weight is not None else None)


def test_a_weight_tells_every_case() -> None:
    cases = (
        WeightCase(2, "", parameter="symbols", minimum=1, maximum=20),
        WeightCase(40, "", parameter="symbols", minimum=21, maximum=40),
        WeightCase(90, "", parameter="symbols", minimum=41),
    )
    symbol = Choice("symbol")
    full, mini = Choice("type", "FULL"), Choice("type", "MINI")
    varied = method(
        Weight(80, cases=cases),
        variant("Ticker", 2, symbol, full),
        variant("TickerMini", 2, symbol, mini),
        variant("TickerMany", None, Choice("symbol", absent=True), full),
    )
    told = weight_text(varied)
    assert (
        told
        == "Weight 80; 2 with `symbol`; 2 with 1 to 20 `symbols`; 40 with 21 to 40 `symbols`; 90 with 41 or more `symbols`."
    )


def test_a_case_is_told_once() -> None:
    varied = method(Weight(4, cases=(WeightCase(2, "", parameter="symbol"),)), variant("Ticker", 2, Choice("symbol")))
    assert weight_text(varied) == "Weight 4; 2 with `symbol`."


def test_parameters_that_exclude_each_other_are_told_at_once() -> None:
    rules = [Rule(RuleKind.AT_MOST_ONE, ("from_id", other), HERE) for other in ("start_time", "end_time")]
    assert (
        parameter_doc(parameter("fromId", "from_id"), rules)
        == "Something. Not together with `start_time` or `end_time`."
    )
    assert parameter_doc(parameter("endTime", "end_time"), rules) == "Something. Not together with `from_id`."


def test_weights_and_errors_speak_of_names_of_python() -> None:
    asked = method(Weight(20, cases=(WeightCase(5, "with `orderId`"),)))
    asked = replace(asked, variants=(variant("Ticker", None), replace(variant("TickerOne", 20), weight=asked.weight)))
    wrong = ErrorCode(-1, "WRONG", "BadRequest", "`orderId` is not valid.", HERE)
    api = spelled(replace(MINI, methods=(asked,), errors=(wrong,)))
    assert weight_text(api.methods[0]) == "Weight 20; 5 with `order_id`."
    assert api.methods[0].variants[1].weight == api.methods[0].weight
    assert api.errors[0].doc == "`order_id` is not valid."


def test_the_example_of_a_readme_has_a_symbol_of_its_exchange() -> None:
    symbol = Parameter("symbol", "symbol", TEXT, HERE, required=True, doc="Pair, such as `BTC/USD`.")
    api = replace(MINI, streams=(replace(MINI.streams[0], parameters=(symbol,)),))
    readme = render_product(Context(api, "mini_wire.mini", Templates()))["README.md"]
    assert 'Stream(symbol="BTC/USD")' in readme


def test_no_docstring_is_wider_than_the_page() -> None:
    """Nothing breaks a literal that a spec made long; everything else ends at 120 columns."""
    root = Path(__file__).parents[3] / "generated"
    texts = {path: path.read_text(encoding="utf-8") for path in root.rglob("*.py")}
    wide = [f"{path}: {line}" for path, text in texts.items() for line in text.splitlines() if len(line) > 120]
    assert [line for line in wide if '="' not in line] == []
    assert len(texts) > 50
