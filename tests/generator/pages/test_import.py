"""Pages into tables: facts of the page win, words of a person stay, and what nobody understands is told."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from effort import calls
from page_texts import BOOK, OTHER, TOY
from typer.testing import CliRunner

from wirewright.cli import app
from wirewright.load import load_any
from wirewright.pages import Order, Report, import_pages
from wirewright.write.files import stage_texts


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TOY, tmp_path / "toy"))


def run(folder: Path, page: str, *, prune: bool = False, name: str = "page.md") -> Report:
    """One import, written."""
    file = folder.parent / name
    file.write_text(page, encoding="utf-8")
    report = import_pages(Order((file,), folder, prune, {file: name}))
    assert not report.problems, report.problems
    stage_texts(folder, report.texts)
    return report


def told(report: Report, kind: str) -> list[str]:
    return [one.what for one in report.changes if one.kind == kind]


def test_new_facts_go_into_the_tables_and_a_second_import_changes_nothing(toy: Path) -> None:
    report = run(toy, BOOK)
    assert told(report, "added") == [
        "book: parameter depth (ENUM `DEEP`, `FLAT`, NO)",
        "book: parameter endTime (TIME, NO)",
        "book: field made",
    ]
    assert told(report, "changed") == ["book: weight 1: 5; 101: 9 -> 1: 5; 101: 12"]
    text = (toy / "trading.md").read_text(encoding="utf-8")
    assert "| 101 or more | 12 |" in text
    assert "| symbol | STRING | YES | Trading pair. |\n| depth | ENUM `DEEP`, `FLAT` | NO |" in text
    assert "| limit | INT | NO | Levels. Default: 100; Maximum: 500. |\n| endTime | TIME | NO | Until when. |" in text
    assert "What is bid and asked." in text
    assert "The page's own words." not in text
    loaded = load_any(toy, root=toy.parent)
    assert not [one for one in loaded.problems if not one.warning]
    assert run(toy, BOOK).texts == {}


def test_an_example_with_comments_is_left_alone_and_the_pages_stands_below(toy: Path) -> None:
    run(toy, BOOK)
    text = (toy / "trading.md").read_text(encoding="utf-8")
    assert '"bids": [["1.50", "3"]],   // best first' in text
    assert '"made": "1.5"' in text.split("// best first", 1)[1]


def test_a_new_key_goes_into_an_example_of_ours_where_the_page_has_it(toy: Path) -> None:
    file = toy / "trading.md"
    file.write_text(file.read_text(encoding="utf-8").replace("   // best first", ""), encoding="utf-8")
    run(toy, BOOK)
    assert '"lastId": 7, "made": "1.5", "bids"' in file.read_text(encoding="utf-8")


def test_what_a_person_decides_stays_until_the_page_changes(toy: Path) -> None:
    page = BOOK.replace("`limit` | INT | NO", "`limit` | DECIMAL | YES")
    first = run(toy, page)
    assert told(first, "differs") == [
        "book: parameter limit: type INT -> DECIMAL",
        "book: parameter limit: mandatory NO -> YES",
    ]
    assert "| limit | INT | NO | Levels." in (toy / "trading.md").read_text(encoding="utf-8")
    assert not run(toy, page).changes
    last = run(toy, page.replace("`limit` | DECIMAL | YES", "`limit` | STRING | YES"))
    assert told(last, "changed") == [
        "book: parameter limit: type INT -> STRING",
        "book: parameter limit: mandatory NO -> YES",
    ]
    assert "| limit | STRING | YES | Levels." in (toy / "trading.md").read_text(encoding="utf-8")


def test_what_disappeared_is_told_and_removed_only_when_asked(toy: Path) -> None:
    run(toy, BOOK)
    less = BOOK.replace("`endTime` | LONG | NO | Until when.\n", "").replace(
        '    "made": "1.5",   // How much was made\n', ""
    )
    assert told(run(toy, less), "gone") == ["book: parameter endTime", "book: field made"]
    assert "endTime" in (toy / "trading.md").read_text(encoding="utf-8")
    shutil.rmtree(toy)
    shutil.copytree(TOY, toy)
    run(toy, BOOK)
    run(toy, less, prune=True)
    assert "endTime" not in (toy / "trading.md").read_text(encoding="utf-8")


def test_a_method_that_disappeared_is_told_once(toy: Path) -> None:
    run(toy, BOOK + OTHER)
    assert told(run(toy, BOOK), "gone") == ["method peek: on none of the pages"]
    assert not run(toy, BOOK).changes


def test_a_new_method_is_drafted_and_named_in_the_document(toy: Path) -> None:
    report = run(toy, BOOK + OTHER)
    assert "method peek" in told(report, "added")
    assert "enum: [book, order.new, order.find, account.subscribe, peek]" in (toy / "asyncapi.yaml").read_text()
    text = (toy / "trading.md").read_text(encoding="utf-8")
    section = text[text.index("## Peek") :]
    assert "REALKEY" not in section
    for line in (
        "**Security:** USER_DATA",
        "**Weight:** 4",
        "| id | LONG | NO * | One \\| two. |",
        "| side | ENUM Side | NO |  |",
        "**Response:** `PeekResult`",
        "| t | tradeTime | TIME | Trade time. |",
    ):
        assert line in section, line
    loaded = load_any(toy, root=toy.parent)
    assert loaded.api is not None
    peek = next(one for one in loaded.api.methods if one.wire == "peek")
    assert [one.wire for one in peek.parameters] == ["id", "newId", "side"]
    assert run(toy, BOOK + OTHER).texts == {}


def test_streams_events_errors_and_values_of_enumerations(toy: Path) -> None:
    page = "## Late Stream\n\nWhat came late.\n\n**Stream Name:** `<symbol>@late`\n\n**Update Speed:** 100ms\n\n**Payload:**\n\n"
    page += '```json\n{\n  "e": "late",  // Event type\n  "E": 1700000000000,\n  "q": "5"  // How late\n}\n```\n\n'
    page += "## Candles\n\n**Stream Name:** `<symbol>@candle_<interval>` or `<symbol>@candle_<interval>@100ms`\n\n"
    page += '**Payload:**\n\n```json\n{"e": "candle", "E": 1, "s": "A", "U": 1, "u": 2, "pu": 0, "k": {"o": "1", "x": true}}\n```\n\n'
    page += "### -7 GONE\n\n* It is gone.\n\n### -5 REFUSED\n\n* No.\n\n"
    page += "## Order status (status)\n\nStatus | Description\n---|---\n`OPEN` | It is open.\n`DONE` |\n`LOST` | Nobody's.\n"
    report = run(toy, page)
    assert told(report, "added") == [
        "stream Late Stream",
        "Candles: stream name `<symbol>@candle_<interval>@100ms`",
        "OrderStatus: value LOST",
        "error -7 GONE",
    ]
    assert "enum: [OPEN, DONE, LOST]" in (toy / "asyncapi.yaml").read_text(encoding="utf-8")
    assert "| -6 | LOST | OutcomeUnknown | Nobody knows. | unknown |\n| -7 | GONE |" in (toy / "errors.md").read_text()
    streams = (toy / "streams.md").read_text(encoding="utf-8")
    assert "**Event:** `Late`" in streams
    assert "| q | howLate | LONG | How late. |" in streams or "| q | howLate | DECIMAL | How late. |" in streams
    loaded = load_any(toy, root=toy.parent)
    assert loaded.api is not None
    assert [one.name for one in loaded.api.streams if "@late" in one.patterns[0]] == ["LateStream"]
    assert run(toy, page).texts == {}


def test_objects_that_belong_to_a_union_of_the_document(toy: Path) -> None:
    for name in ("asyncapi.yaml", "trading.md"):
        text = (toy / name).read_text(encoding="utf-8")
        (toy / name).write_text(text.replace("kind", "limitType"), encoding="utf-8")
    page = '## Filters\n\n### PRICE\n\n```json\n{"limitType": "PRICE", "lowest": "0.1", "step": "0.5"}\n```\n\n'
    page += '### LEVERAGE_TOP\n\n```json\n{"limitType": "LEVERAGE_TOP", "top": 20}```\n'
    report = run(toy, page)
    assert told(report, "added") == [
        "PriceLimitation: field step",
        "Limitation: LEVERAGE_TOP, as LeverageTopLimitation",
    ]
    loaded = load_any(toy, root=toy.parent)
    assert not [one for one in loaded.problems if not one.warning]
    assert loaded.api is not None
    union = next(one for one in loaded.api.types if one.name == "Limitation")
    assert [branch.values for branch in getattr(union, "branches", ())] == [("PRICE",), ("COUNT",), ("LEVERAGE_TOP",)]
    assert run(toy, page).texts == {}


def test_an_empty_folder_gets_tables_a_document_and_the_questions_that_remain(tmp_path: Path) -> None:
    page = "The address is `wss://api.toy.example:7000/ws`.\n\n" + BOOK + OTHER.replace('"symbol": "A", ', "")
    page += "\n## Order side (side)\n\n* `BUY`\n* `SELL`\n"
    report = run(tmp_path / "new", page)
    names = sorted(path.name for path in (tmp_path / "new").iterdir())
    assert names == ["asyncapi.yaml", "market-data.md", "pages.lock"]
    assert not [one for one in report.questions if not one.warning]
    loaded = load_any(tmp_path / "new", root=tmp_path)
    assert loaded.api is not None
    assert [one.wire for one in loaded.api.methods] == ["book", "peek"]
    assert loaded.api.servers[0].addresses == (("api", "wss://api.toy.example:7000"),)
    assert loaded.api.sockets[0].path == "/ws"
    assert [one.name for one in loaded.api.types if one.name == "OrderSide"] == ["OrderSide"]
    assert run(tmp_path / "new", page).texts == {}


def test_how_much_was_understood_is_counted_by_line(toy: Path) -> None:
    strange = "\n**Parameters:**\n\n| Colour | Height |\n| --- | --- |\n| red | 4 |\n\n**Weight:** heavy\n"
    text = BOOK + OTHER.replace("**Weight:** 4\n", strange)
    at = text.split("\n").index
    page = run(toy, text).pages[0]
    assert [(one.origin.line, one.what) for one in page.not_understood] == [
        (at("| Colour | Height |") + 1, "a table with the columns 'Colour', 'Height'"),
        (at("**Weight:** heavy") + 1, "the weight 'heavy'"),
    ]
    assert page.lost == 2
    assert page.counts == {"method": 2}


BAD = {
    "empty": b"",
    "binary": b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe",
    "another layout": b"# Cookbook\n\n| Dish | Time |\n| --- | --- |\n| Soup | 20 |\n",
    "half a table": b"## Book\n\n| Name | Type\n| --- |\n| a\n",
    "html without an end": b"## Book\n\n<table><tr><td rowspan=999999999>a<td colspan=99999999>\n",
}


@pytest.mark.parametrize("name", BAD)
def test_a_page_that_nobody_understands_is_a_problem_and_nothing_is_written(name: str, toy: Path) -> None:
    before = {path.name: path.read_bytes() for path in toy.iterdir()}
    file = toy.parent / "bad.md"
    file.write_bytes(BAD[name])
    result = CliRunner().invoke(app, ["import", str(file), "--out", str(toy)])
    assert result.exit_code == 1
    assert "bad.md" in result.output
    assert "Nothing was written." in result.output
    assert {path.name: path.read_bytes() for path in toy.iterdir()} == before


def test_one_bad_page_among_good_ones_is_told_and_the_others_count(toy: Path) -> None:
    good, bad = toy.parent / "good.md", toy.parent / "bad.md"
    good.write_text(BOOK, encoding="utf-8")
    bad.write_bytes(BAD["another layout"])
    report = import_pages(Order((bad, good), toy))
    assert not report.problems
    assert [one.lost for one in report.pages] == [1, 0]
    assert "trading.md" in report.texts


def test_oddities_of_real_pages_do_not_stop_an_import(toy: Path) -> None:
    odd = BOOK.replace('"id": "1",\n', "“id”: “1”,\n").replace('"lastId": 7,', '"lastId": –7,\n    "lastId": 7, ...,')
    report = run(toy, odd)
    assert "book: field made" in told(report, "added")
    assert report.pages[0].liberties
    assert report.pages[0].lost == 0


@pytest.mark.parametrize(
    "line", ["| a | STRING | YES | b |", "### Sec", "* `A`", "<table><tr><td>", '{"a": [', "| ' | '" * 20]
)
def test_a_long_page_takes_work_in_proportion(line: str, toy: Path) -> None:
    def effort(lines: int) -> int:
        return calls(lambda: run(toy, BOOK + "\n\n" + f"{line}\n" * lines))

    few, some, many = effort(0), effort(1_000), effort(8_000)
    assert many - few < 10 * (some - few) + few


def test_the_command_shows_what_it_did_and_a_dry_run_writes_nothing(toy: Path) -> None:
    page = toy.parent / "page.md"
    page.write_text(BOOK, encoding="utf-8")
    before = (toy / "trading.md").read_text(encoding="utf-8")
    dry = CliRunner().invoke(app, ["import", str(page), "--out", str(toy), "--dry-run"])
    assert (dry.exit_code, (toy / "trading.md").read_text(encoding="utf-8")) == (0, before)
    done = CliRunner().invoke(app, ["import", str(page), "--out", str(toy)])
    assert done.exit_code == 0
    assert "no lines not understood" in done.output
    assert "3 added, 1 changed; pages.lock, trading.md written" in done.output
    assert CliRunner().invoke(app, ["import", str(page)]).exit_code == 2


def test_a_lock_that_is_no_lock_is_told_and_not_believed(toy: Path) -> None:
    (toy / "pages.lock").write_text('{"method book": 5}', encoding="utf-8")
    report = run(toy, BOOK)
    assert "this is not what an import wrote" in [one.what for one in report.questions]


def test_messages_of_errors_go_behind_those_that_stand_before_them_on_the_page(toy: Path) -> None:
    (toy / "refusals.md").write_text(
        "# Messages\n\n**Codes:** `-7`\n\n| Message | Error | Meaning |\n| --- | --- | --- |\n"
        "| No such match. | UnknownOrder | A person's words. |\n| Limit: | FilterFailure | Some limit. |\n",
        encoding="utf-8",
    )
    page = (
        "# Errors\n\n## Messages for -7 TOO_SOON\n\nError message | Description\n--- | ---\n"
        '"No such match." | Theirs.\n"Limit: MOST" | Too many.\n"Not you." / "Not I." | Others play.\n'
    )
    report = run(toy, page)
    assert told(report, "added") == [f'error message "{one}"' for one in ("Limit: MOST", "Not you.", "Not I.")]
    text = (toy / "refusals.md").read_text(encoding="utf-8")
    assert (
        "| No such match. | UnknownOrder | A person's words. |\n| Limit: MOST | FilterFailure | Too many. |\n" in text
    )
    assert "| Not you. |  | Others play. |\n| Not I. |  | Others play. |\n| Limit: | FilterFailure" in text
    assert not run(toy, page).changes


def test_an_update_speed_ends_with_its_line(toy: Path) -> None:
    page = (
        "# Streams\n\n## Points\n\n**Stream Name:** \\<symbol\\>@points\n\n**Update Speed:** {}\n"
        'Unlike another stream, up to 59999ms late.\n\n**Payload:**\n```json\n{{"e": "points", "p": 3}}\n```\n'
    )
    run(toy, page.format("1000ms"))
    assert not run(toy, page.format("1000ms (1s)")).changes
    assert told(run(toy, page.format("500ms")), "changed") == ["Points: update speed 1000ms -> 500ms"]
    assert "**Update Speed:** 500ms\n" in (toy / "streams.md").read_text(encoding="utf-8")


def test_a_section_behind_the_last_one_of_a_file_is_written(toy: Path) -> None:
    page = (
        '# Streams\n\n## Points\n\n**Stream Name:** `<symbol>@points`\n\n**Payload:**\n```json\n{"e": "points"}\n```\n'
    )
    assert told(run(toy, page), "added") == ["stream Points"]
    assert "`<symbol>@points`" in (toy / "streams.md").read_text(encoding="utf-8")
    assert not run(toy, page).changes


def test_a_page_that_lists_few_of_the_values_of_a_key_is_about_its_enumeration(toy: Path) -> None:
    document = toy / "asyncapi.yaml"
    text = document.read_text(encoding="utf-8")
    values = ", ".join(f"GROUP_{number}" for number in range(9))
    schemas = f"schemas:\n    Right: {{type: string, x-fields: [rights], enum: [PLAY, {values}]}}\n"
    document.write_text(text.replace("schemas:\n", schemas, 1), encoding="utf-8")
    page = "# Values\n\n## What an account may do (rights)\n\n* `PLAY`\n{}"
    assert not run(toy, page.format("")).changes
    assert told(run(toy, page.format("* `GROUP_1`\n* `GROUP_2`\n")), "gone") == []
    assert told(run(toy, page.format("")), "gone") == ["Right: value GROUP_1, GROUP_2"]


def test_whatever_sign_a_converter_escapes_is_the_sign(toy: Path) -> None:
    page = '# Streams\n\n## Points\n\n**Stream Name:** \\<symbol\\>\\@points\\_of\\=all\n\n**Payload:**\n```json\n{"e": "points"}\n```\n'
    run(toy, page)
    assert "**Stream Name:** `<symbol>@points_of=all`" in (toy / "streams.md").read_text(encoding="utf-8")
    assert not run(toy, page.replace("\\@", "@")).changes
