"""`wirewright diff` as its users call it: what it prints, what it exits with, and what it says of bad input."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from effort import calls
from typer.testing import CliRunner, Result
from worlds import MINI, document, edit

from wirewright.cli import app
from wirewright.config import ProductConfig
from wirewright.diff.report import LONGEST_COMMENT
from wirewright.diff.walk import compare_apis
from wirewright.load import load_product

ROOT = Path(__file__).parents[3]
CASE = ROOT / "tests/cases/mini"
FIXTURES = ROOT / "tests/generator/load/fixtures"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["diff", *map(str, arguments)], catch_exceptions=False)


@pytest.fixture
def pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Two copies of the mini case's specs."""
    monkeypatch.chdir(tmp_path)
    for name in ("old", "new"):
        shutil.copytree(MINI, tmp_path / name)
    return tmp_path / "old", tmp_path / "new"


def place(spec: Path, text: str) -> str:
    """Where a text stands in the trading table, as messages say it: at the first cell of a row."""
    lines = (spec / "trading.md").read_text().splitlines()
    number, line = next((index, line) for index, line in enumerate(lines, 1) if text in line)
    return f"trading.md:{number}:{line.index(text) + 1 + 2 * text.startswith('|')}"


def test_what_is_the_same_says_nothing(pair: tuple[Path, Path]) -> None:
    result = run("old", "new", "--fail-on", "risky")
    assert (result.exit_code, result.output) == (0, "")
    assert json.loads(run("old", "new", "--format", "json").stdout)["bump"] == "none"


def test_a_change_is_told_with_all_that_is_known(pair: tuple[Path, Path]) -> None:
    edit(pair[1], "trading.md", "| origQty | originalQuantity | DECIMAL |", "| origQty | originalQuantity | STRING |")
    edit(pair[1], "trading.md", "| icebergQty | DECIMAL | NO |", "| icebergQty | DECIMAL | YES |")
    parameter, key = place(pair[1], "| icebergQty | DECIMAL | YES |"), place(pair[1], '"origQty"')
    result = run("old", "new")
    assert result.exit_code == 0
    assert result.stdout == (
        "breaking (2)\n"
        f"  new/{parameter}: parameter `icebergQty` of order.place: became required [sent]\n"
        "      why: an old client may leave it out, and is refused\n"
        f"      was: old/{parameter}\n"
        "      touches: api.Api.order_place(iceberg_qty), requests.OrderPlace.iceberg_qty\n"
        f"  new/{key}: `origQty` of PlacedOrder: type from amount to text [received]\n"
        "      why: an old client cannot decode the values that are new\n"
        f"      was: old/{key}\n"
        "      used by: order.place\n"
        "      touches: models.PlacedOrder.original_quantity\n"
        "\n"
        "2 breaking. Suggested version: major.\n"
    )
    assert run("old", "new", "--fail-on", "breaking").exit_code == 1


def test_fail_on(pair: tuple[Path, Path]) -> None:
    edit(pair[1], "trading.md", "**Weight:** 4", "**Weight:** 5")
    assert run("old", "new").exit_code == 0
    assert run("old", "new", "--fail-on", "breaking").exit_code == 0
    assert run("old", "new", "--fail-on", "risky").exit_code == 1


def test_json(pair: tuple[Path, Path]) -> None:
    edit(pair[1], "trading.md", "**Weight:** 4", "**Weight:** 5")
    data = json.loads(run("old", "new", "--format", "json").stdout)
    heading = place(pair[1], "## Query order")
    assert data["bump"] == "minor"
    assert data["counts"] == {"breaking": 0, "risky": 1, "compatible": 0, "docs": 0}
    assert data["changes"] == [
        {
            "level": "risky",
            "rule": "weight-changed",
            "product": "",
            "directions": [],
            "subject": "order.status",
            "what": "weight from 4 to 5",
            "why": "an old client counts its requests by the old weights",
            "where": f"new/{heading}",
            "old": f"old/{heading}",
            "new": f"new/{heading}",
            "also": [],
            "uses": ["order.status"],
            "symbols": ["requests.OrderStatus.weight"],
        }
    ]


def test_markdown_holds_no_strangers_markup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    evil = "</details><script>x</script> @everyone [a](http://x) `` ` \\u001b[31m | *b*"
    patch = {"properties": {evil: {"type": "string"}}, "required": [evil]}
    for name, extra in (("old", {}), ("new", patch)):
        data = document("{}")
        said = data["channels"]["room"]["messages"]["said"]["payload"]
        said["properties"] |= extra.get("properties", {})
        data["operations"] = {f"hear {evil}" if name == "new" else "hear": data["operations"]["hear"]}
        Path(f"{name}.json").write_text(json.dumps(data))
    text = run("old.json", "new.json", "--format", "markdown").stdout
    outside = "".join(text.split("`")[::2])
    assert "<script>" not in outside
    assert "@everyone" not in outside
    assert text.count("<details>") == text.count("</details>") - text.count("`</details>")
    assert "\x1b" not in run("old.json", "new.json").stdout


def test_a_comment_is_never_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, count in (("old", 0), ("new", 900)):
        data = document("{}")
        properties = data["channels"]["room"]["messages"]["said"]["payload"]["properties"]
        properties |= {f"a_property_with_a_long_name_{index}": {"type": "string"} for index in range(count)}
        Path(f"{name}.json").write_text(json.dumps(data))
    text = run("old.json", "new.json", "--format", "markdown").stdout
    assert len(text) < LONGEST_COMMENT + 200
    assert text.endswith("There is more: `wirewright diff` tells it all.\n")
    assert text.count("<details>") == text.count("</details>")
    assert len(json.loads(run("old.json", "new.json", "--format", "json").stdout)["changes"]) == 900


def test_folders_of_products(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("old/one", "old/two", "new/one", "new/three"):
        shutil.copytree(MINI, tmp_path / name)
    edit(tmp_path / "new/one", "trading.md", "**Weight:** 4", "**Weight:** 5")
    data = json.loads(run("old", "new", "--format", "json").stdout)
    assert [(one["product"], one["rule"]) for one in data["changes"]] == [
        ("two", "product-removed"),
        ("one", "weight-changed"),
        ("three", "product-added"),
    ]


# Pages


def test_pages_without_and_with_a_products_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    page = (
        "## Current average price\n\n"
        '```json\n{"id": "1", "method": "avgPrice", "params": {"symbol": "BNBBTC"}}\n```\n\n'
        "**Weight:** 1\n\n**Parameters:**\n\n"
        "Name | Type | Mandatory | Description\n--- | --- | --- | ---\nsymbol | STRING | YES |\n\n"
        '**Response:**\n\n```json\n{"id": "1", "status": 200, "result": {"mins": 5, "price": "9.35"}}\n```\n'
    )
    old, new = tmp_path / "old.md", tmp_path / "new.md"
    old.write_text(page)
    new.write_text(page.replace('"mins": 5, ', "").replace("Weight:** 1", "Weight:** 2"))
    data = json.loads(run(old, new, "--format", "json").stdout)
    assert [(one["rule"], one["symbols"]) for one in data["changes"] if one["level"] != "docs"] == [
        ("property-removed-required", []),
        ("weight-changed", []),
    ]
    named = json.loads(run(old, new, "--format", "json", "--product", "spot").stdout)
    assert [one["symbols"] for one in named["changes"] if one["level"] != "docs"] == [
        ["binance_wire.spot.models.AveragePrice.minutes"],
        ["binance_wire.spot.requests.AvgPrice.weight"],
    ]


def test_a_page_of_an_exchange_with_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(FIXTURES / "page.md", tmp_path / "moved.md")
    assert run(FIXTURES / "page.md", "moved.md").stdout == ""


# Bad input


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("binary.md", bytes(range(256)) * 20),
        ("empty.md", b""),
        ("half.md", b"# T\n\n| a | b\n| --- |"),
        ("prose.md", b"# T\n\nNothing but words. \xe2\x80\x9cQuoted\xe2\x80\x9d \xe2\x80\x93 dashes.\n" * 2000),
        ("bad.yaml", b"asyncapi: 2.6.0\n  bad: ["),
        ("other.yaml", b"openapi: 3.0.0\n"),
        ("version.json", b'{"asyncapi": "9.9.9"}'),
    ],
)
def test_what_cannot_be_read_is_a_list_of_problems(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: bytes
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_bytes(content)
    for arguments in ((name, MINI), (MINI, name)):
        result = run(*arguments)
        assert result.exit_code == 1
        assert result.stdout == ""
        assert f"{name}:" in result.stderr
        assert "problem" in result.stderr


def test_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty").mkdir()
    result = run("empty", MINI)
    assert result.exit_code == 1
    assert "the folder has no AsyncAPI document" in result.stderr


def test_a_fault_of_the_new_specs_does_not_hide_what_changed(pair: tuple[Path, Path]) -> None:
    edit(pair[1], "trading.md", "**Weight:** 4", "**Weight:** 5")
    edit(pair[1], "asyncapi.yaml", "$ref: '#/components/schemas/TimeUnit'", "$ref: '#/components/schemas/Nowhere'")
    result = run("old", "new")
    assert result.exit_code == 1
    assert "weight from 4 to 5" in result.stdout
    assert "`$ref` to nowhere" in result.stderr


def test_usage(pair: tuple[Path, Path]) -> None:
    assert run().exit_code == 2
    assert run("old").exit_code == 2
    assert run("old", "new", "more").exit_code == 2
    assert run("old", "nowhere").exit_code == 2
    assert run("old", "new", "--format", "xml").exit_code == 2
    assert run("old", "new", "--product", "spot").exit_code == 2


# The past


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The mini case in a folder of a git repository, as it was committed."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    place = tmp_path / "repository"
    shutil.copytree(CASE, place / "exchange")
    monkeypatch.chdir(place / "exchange")
    assert CliRunner().invoke(app, ["generate", "--force"], catch_exceptions=False).exit_code == 0
    git("init", "-q")
    git("add", "-A", "--force", ".")
    git("-c", "user.name=A", "-c", "user.email=a@example.com", "commit", "-qm", "As it was")
    git("tag", "v1")
    return place / "exchange"


def git(*arguments: str) -> None:
    subprocess.run(["git", *arguments], check=True, capture_output=True)


def test_the_past_is_compared_with_its_generated_names(repository: Path) -> None:
    assert run("--base", "v1").output == ""
    spec = repository / "specs/mini"
    edit(spec, "trading.md", "| icebergQty | DECIMAL | NO | Part of the quantity that the book shows. |\n", "")
    edit(spec, "trading.md", "| `type` = `LIMIT` | only then | `icebergQty` |\n", "")
    edit(spec, "trading.md", "`timeInForce` = `GTC`, `icebergQty` |", "`timeInForce` = `GTC` |")
    before = json.loads(run("--base", "v1", "--format", "json").stdout)
    removed = next(one for one in before["changes"] if one["rule"] == "property-removed-optional")
    assert removed["level"] == "risky"
    assert removed["where"].startswith("specs/mini/trading.md:")
    assert removed["symbols"] == [
        "mini_wire.mini.api.Api.order_place(iceberg_qty)",
        "mini_wire.mini.requests.OrderPlace.iceberg_qty",
    ]
    assert CliRunner().invoke(app, ["generate"], catch_exceptions=False).exit_code == 0
    after = json.loads(run("--base", "v1", "--format", "json").stdout)
    told = [one for one in after["changes"] if "iceberg_qty" in str(one["symbols"])]
    assert [(one["rule"], one["level"]) for one in told] == [("property-removed-optional", "breaking")]
    assert "TypeError" in told[0]["why"] or "AttributeError" in told[0]["why"]
    assert run("--base", "v1", "--fail-on", "breaking").exit_code == 1
    assert run("--base", "HEAD", "mini").exit_code == 0


def test_a_product_that_is_new(repository: Path) -> None:
    shutil.copytree("specs/mini", "specs/more")
    config = repository / "wirewright.toml"
    config.write_text(config.read_text() + '\n[packages.mini_wire.products.more]\nspec = "specs/more"\n')
    assert "product more: added" in run("--base", "v1").stdout


def test_a_past_that_is_not_there(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for revision in ("v2", "--help", "v1:specs", "", "-x"):
        result = run(f"--base={revision}")
        assert result.exit_code == 2, revision
        assert "git knows no revision" in result.stderr
    shutil.copytree(CASE, tmp_path / "alone")
    monkeypatch.chdir(tmp_path / "alone")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    result = run("--base", "HEAD")
    assert result.exit_code == 2
    assert "no git repository" in result.stderr


def test_without_git(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    result = run("--base", "v1")
    assert result.exit_code == 2
    assert "needs git" in result.stderr


# Effort


def test_comparing_costs_less_than_reading() -> None:
    """All of Spot: reading both versions is what takes time."""
    spec = ProductConfig("spot", ROOT / "specs/binance/spot", ROOT)
    old, new = load_product(spec)[0], load_product(spec)[0]
    assert old is not None
    assert new is not None
    assert compare_apis(old, new) == []
    comparing, reading = calls(lambda: compare_apis(old, new)), calls(lambda: load_product(spec))
    assert comparing < reading
