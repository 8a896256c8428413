"""Pages of every layout: what they name, and what is made of it."""

from __future__ import annotations

from pathlib import Path

from outline import outline, spell

from wirewright.load import Loaded, load_any
from wirewright.load.html_table import Table
from wirewright.load.markdown import Code, Label, Text, plain, read_markdown, split_row
from wirewright.model.types import StructType

FIXTURES = Path(__file__).parent / "fixtures"


def load(name: str) -> Loaded:
    return load_any(FIXTURES / name, root=FIXTURES)


def named(loaded: Loaded) -> list[tuple[str, str, str]]:
    return [(one.kind, one.name, one.wire) for one in loaded.entries]


def test_an_index_of_streams() -> None:
    loaded = load("index.md")
    assert loaded.layout == "index"
    assert named(loaded) == [("stream", "Fill", "<symbol>@fill"), ("stream", "AllQuotes", "!quote_<window>@arr")]
    assert loaded.api is not None
    fill = loaded.api.streams[0]
    assert (fill.name, fill.patterns, [one.wire for one in fill.parameters]) == (
        "FillStream",
        ("<symbol>@fill",),
        ["symbol"],
    )


def test_an_index_of_methods() -> None:
    loaded = load("operations.md")
    assert named(loaded) == [("method", "OpenKey", "keys.open"), ("method", "CloseKey", "keys.close")]
    assert [str(one) for one in loaded.problems] == [
        "operations.md:6:1: warning: no section describes CloseKey; add its heading"
    ]
    assert loaded.api is not None
    assert loaded.api.methods[0].security == "USER_STREAM"


def test_tables_of_signatures_with_glued_rows_and_unions() -> None:
    loaded = load("signatures.md")
    assert loaded.layout == "signatures"
    assert [(one.kind, one.wire, one.section) for one in loaded.entries] == [
        ("option", "retry", "ToySettings adds to the usual ones:"),
        ("option", "wait", "ToySettings adds to the usual ones:"),
        ("row", "close()", "Helpers"),
        ("row", "getTime(key?)", "TOY — Market"),
        ("row", "getTicker(params?, key?)", "TOY — Market"),
        ("row", "cancelAll(params, key?)", "TOY — Orders"),
        ("row", "place(market, params)", "TOY — Orders"),
    ]
    assert not loaded.problems


def test_calls_and_annotated_payloads() -> None:
    loaded = load("calls.md")
    assert loaded.layout == "calls"
    assert [(one.kind, one.name) for one in loaded.entries] == [
        ("call", "POST /v1/key"),
        ("call", "PUT /v1/key"),
        ("event", "Balances"),
        ("event", "Order"),
        ("event", "Orders"),
    ]
    assert loaded.api is not None
    types = {one.name: one for one in loaded.api.types}
    order = types["Order"]
    assert isinstance(order, StructType)
    assert [(one.wire, one.name, spell(one.type), one.required, one.when) for one in order.fields] == [
        ("e", "event_type", "string", True, ""),
        ("C", "client_id", "json", True, ""),
        ("w", "is_it_on_the_book", "boolean", True, ""),
        ("d", "delay", "integer", False, "Appears only for late orders."),
        ("D", "delay_time", "integer", False, "Appears only for late orders."),
    ]
    balances = types["Balances"]
    assert isinstance(balances, StructType)
    assert [spell(one.type) for one in balances.fields] == ["string", "time", "[BalancesB]"]


def test_a_page_of_the_exchange() -> None:
    loaded = load("page.md")
    assert [(one.kind, one.wire) for one in loaded.entries] == [("method", "ticker"), ("method", "order.place")]
    assert loaded.api is not None
    assert outline(loaded.api) == (FIXTURES / "page.outline").read_text(encoding="utf-8")
    assert not loaded.unread


def test_headings_that_are_labels() -> None:
    loaded = load("label-headings.md")
    assert named(loaded) == [
        ("stream", "Mark", "<symbol>@mark <symbol>@mark@1s"),
        ("method", "order.place", "order.place"),
    ]
    assert loaded.api is not None
    stream, method = loaded.api.streams[0], loaded.api.methods[0]
    assert (stream.patterns, stream.interval, stream.doc) == (
        ("<symbol>@mark", "<symbol>@mark@1s"),
        3.0,
        "Mark price of one symbol.",
    )
    assert (method.doc, method.weight.base, [one.wire for one in method.parameters]) == (
        "Send an order.",
        1,
        ["symbol"],
    )


def test_a_page_that_says_nothing() -> None:
    for text in ("", "# Hello\n\nNothing here.\n", "\x00\x01\x02"):
        page = FIXTURES / "no-such-page.md"
        loaded = load_any(page)
        assert not loaded.entries
        assert read_markdown(text, "p").sections


def test_cells_of_a_row() -> None:
    assert [text for text, _ in split_row("| a | `b|c` | d<e | f> | \\| |")] == ["a", "`b|c`", "d<e | f>", "\\|"]
    assert [text for text, _ in split_row("x | 'a' | 'b' | y")] == ["x", "'a' | 'b'", "y"]
    assert [text for text, _ in split_row("a | b <= c | d", careful=False)] == ["a", "b <= c", "d"]


def test_labels_alone_and_in_rows() -> None:
    page = read_markdown("**Weight:**\n2\n\n**A:** 1   **B:** 2\n\n**Bold.** But text.\n\n**Response: - FULL**\n", "p")
    assert [
        (one.words, one.text) if isinstance(one, Label) else one.text
        for one in page.sections[0].blocks
        if not isinstance(one, Table)
    ] == [
        ("Weight", "2"),
        ("A", "1"),
        ("B", "2"),
        "**Bold.** But text.",
        ("Response", "FULL"),
    ]


def test_lines_are_those_of_the_file() -> None:
    page = read_markdown("---\nkind: events\n---\n\n# T\n\ntext\n\n- item\n\n```json\n{}\n```\n", "p")
    assert page.front is not None
    assert page.front.text("kind") == "events"
    section = page.sections[1]
    assert [(type(one), one.origin.line) for one in section.blocks] == [(Text, 7), (Text, 9), (Code, 12)]


def test_prose_without_markup() -> None:
    assert (
        plain("See [a](b.md#c) and **x**<br>`<symbol>` \\<y\\> &lt;z&gt; <code>k</code>")
        == "See a and x `<symbol>` <y> <z> `k`"
    )
