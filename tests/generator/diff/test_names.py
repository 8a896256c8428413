"""Names are API: what is added changes only its own lines of the generated code, what is renamed keeps its old name."""

from __future__ import annotations

import ast
import difflib
import shutil
from functools import cache
from pathlib import Path

from worlds import MINI, diff, edit

from wirewright.config import ProductConfig
from wirewright.load import load_product
from wirewright.render.context import Context
from wirewright.render.environment import Templates
from wirewright.render.product import render_all
from wirewright.render.surface import FILE, render_surface
from wirewright.write.format import format_files

SPOT = Path(__file__).parents[3] / "specs/binance/spot"
METHOD = """## Shiny things

```json
{"id": "1", "method": "shiny.thing", "params": {"symbol": "BTCUSDT"}}
```

The shiny thing of a symbol.

**Weight:** 7

**Parameters:**

| Name | Type | Mandatory | Description |
| --- | --- | --- | --- |
| symbol | STRING | YES | Trading pair, such as `BTCUSDT`. |

**Response:** `ShinyThing`

```json
{"id": "1", "status": 200, "result": {"symbol": "BTCUSDT", "shine": "1.5"}}
```

"""


@cache
def formatted(path: str, text: str) -> str:
    """The text as it is written; what did not change since the last time is not formatted again."""
    return format_files({path: text})[path]


def generated(spec: Path) -> dict[str, str]:
    api, problems = load_product(ProductConfig(spec.name, spec, spec.parent))
    assert api is not None
    assert [str(one) for one in problems if not one.warning] == []
    made = render_all(Context(api, f"wire.{spec.name}", Templates()))
    files = {path: formatted(path, text) for path, text in made.items()}
    return files | {FILE: render_surface(files)}


def lines(old: dict[str, str], new: dict[str, str], suffix: str = ".py") -> tuple[list[str], list[str]]:
    """Lines that came, and lines that went, of one kind of files."""
    came, went = list[str](), list[str]()
    for path in sorted({*old, *new}):
        if path.endswith(suffix):
            then, now = old.get(path, "").splitlines(), new.get(path, "").splitlines()
            for line in list(difflib.unified_diff(then, now, n=0, lineterm=""))[2:]:
                (came if line[0] == "+" else went if line[0] == "-" else list[str]()).append(line[2:].strip())
    return [line for line in came if line], [line for line in went if line]


def bodies(files: dict[str, str]) -> dict[str, str]:
    """Every class with its body, under the name that users import."""
    return {
        f"{path.removesuffix('.py').split('/')[0]}.{node.name}": ast.unparse(node)
        for path, text in files.items()
        if path.endswith(".py")
        for node in ast.parse(text).body
        if isinstance(node, ast.ClassDef)
    }


def other_bodies(old: dict[str, str], new: dict[str, str]) -> set[str]:
    """Names whose text differs."""
    then, now = bodies(old), bodies(new)
    return {name for name, body in then.items() if now.get(name) != body}


def test_what_is_added_changes_only_its_own_lines(tmp_path: Path) -> None:
    """One method of Spot, then one field, then one value of an enumeration: measured after each."""
    spec = Path(shutil.copytree(SPOT, tmp_path / "spot"))
    before = generated(spec)
    edit(spec, "market.md", "## Current average price\n", f"{METHOD}## Current average price\n")
    edit(spec, "asyncapi.yaml", "              - avgPrice\n", "              - shiny.thing\n              - avgPrice\n")
    with_method = generated(spec)
    came, went = lines(before, with_method)
    assert went == []
    assert 20 < len(came) < 60
    assert lines(before, with_method, ".json")[1] == []
    changed = other_bodies(before, with_method)
    assert {name.partition(".")[0] for name in changed} <= {"api"}  # the methods of a section are one class

    edit(spec, "market.md", '"shine": "1.5"', '"shine": "1.5", "gloss": "2"')
    with_field = generated(spec)
    came, went = lines(with_method, with_field)
    assert went == []
    assert [line for line in came if not line.startswith('"""')] == ["gloss: Decimal"]
    changed = other_bodies(with_method, with_field)
    assert changed == {"models.ShinyThing"}

    edit(spec, "asyncapi.yaml", "enum: [BUY, SELL]", "enum: [BUY, SELL, SWAP]")
    with_value = generated(spec)
    came, went = lines(with_field, with_value)
    assert [line for line in went if "SELL" not in line] == []  # `SideLike` and the literals that list every value
    assert 'SWAP = "SWAP"' in came
    changed = other_bodies(with_field, with_value)
    assert changed == {"enums.Side"}


def test_a_renamed_field_keeps_its_old_name(tmp_path: Path) -> None:
    old, new = (Path(shutil.copytree(MINI, tmp_path / name / "mini")) for name in ("old", "new"))
    edit(new, "streams.md", "| a | aggTradeId | LONG |", "| a | tradeId (was aggTradeId) | LONG |")
    text = generated(new)["events.py"]
    assert "def agg_trade_id(self) -> int:" in text
    assert "trade_id: int" in text
    found = diff(old, new).changes
    assert [(one.rule.id, one.level.word) for one in found] == [("symbol-renamed-kept", "compatible")]


def test_a_renamed_class_keeps_its_old_name(tmp_path: Path) -> None:
    old, new = (Path(shutil.copytree(MINI, tmp_path / name / "mini")) for name in ("old", "new"))
    for path in new.glob("*.md"):
        path.write_text(path.read_text().replace("`AggTrade`", "`MarketTrade`").replace("`OrderAck`", "`Accepted`"))
        path.write_text(path.read_text().replace("| OrderAck |", "| Accepted |"))
    without = diff(old, new).changes
    assert {one.level.word for one in without} == {"breaking"}
    row = "| MarketTrade | MarketTrade (was AggTrade) | | |\n| Accepted | Accepted (was OrderAck) | | |\n"
    edit(new, "glossary.md", "| --- | --- | --- | --- |\n", f"| --- | --- | --- | --- |\n{row}")
    files = generated(new)
    assert "AggTrade: TypeAlias = MarketTrade" in files["events.py"]
    assert "AggTradeStream: TypeAlias = MarketTradeStream" in files["streams.py"]
    assert "OrderAck: TypeAlias = Accepted" in files["models.py"]
    assert {(one.rule.id, one.level.word) for one in diff(old, new).changes} == {("symbol-renamed-kept", "compatible")}


def test_a_renamed_value_keeps_its_old_name(tmp_path: Path) -> None:
    old, new = (Path(shutil.copytree(MINI, tmp_path / name / "mini")) for name in ("old", "new"))
    edit(new, "asyncapi.yaml", "x-enum-varnames: [MINUTE_1,", "x-enum-varnames: [ONE_MINUTE (was MINUTE_1),")
    text = generated(new)["enums.py"]
    assert 'ONE_MINUTE = "1m"' in text
    assert 'MINUTE_1 = "1m"' in text
    found = diff(old, new).changes
    assert [(one.rule.id, one.level.word) for one in found] == [("symbol-renamed-kept", "compatible")]


def test_a_row_that_renames_nothing_is_told(tmp_path: Path) -> None:
    spec = Path(shutil.copytree(MINI, tmp_path / "mini"))
    row = "| Nobody | Nobody (was Somebody) | | |\n| Side | Side (was OrderType) | | |\n"
    edit(spec, "glossary.md", "| --- | --- | --- | --- |\n", f"| --- | --- | --- | --- |\n{row}")
    _, problems = load_product(ProductConfig("mini", spec, spec.parent))
    told = "\n".join(map(str, problems))
    assert "'Nobody' was renamed, and no type, event, stream or request has that name" in told
    assert "the old name 'OrderType' is another one's now" in told
