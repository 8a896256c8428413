"""Pages as an exchange publishes them, with the oddities that were met there."""

from __future__ import annotations

from wirewright.load.endpoints import read_tables
from wirewright.load.endpoints.endpoint import Tables
from wirewright.load.streams import split_patterns

LINK = '[\u200b](/docs/toy#part "Direct link to part")'
SITE = f"""
* Toy
* Trade

On this page

# Shift Order (TRADE)

## API Description{LINK}

Moves an order.

## Method[\x08 \u200b](/docs/toy#method "Direct link to Method")

`order.shift`

## Request{LINK}

```json
{{"id": "1", "method": "order.shift", "params": {{"orderId": 5, "price": "1.5"}}}}
```

## Request Weight{LINK}

**1**

## Request Parameters{LINK}

| Name | Type | Mandatory | Description |
| --- | --- | --- | --- |
| orderId | LONG | YES | | |
| price | DECIMAL | NO | One | two |

> * Only once.

## Response Example{LINK}

```json
{{"id": "1", "status": 200, "result": {{"orderId": 5}}}}
```
"""


def read(text: str) -> Tables:
    return read_tables(text, "page.md", from_page=True)


def test_a_page_of_a_site_is_one_method() -> None:
    tables = read(SITE)
    (method,) = tables.endpoints
    assert (method.kind, method.wire, method.doc) == ("method", "order.shift", "Moves an order.")
    assert (method.label("weight"), method.label("security")) == ("1", "TRADE")
    assert [row.text("name") for row in method.parameters] == ["orderId", "price"]
    assert len(method.samples) == 1
    assert [str(one) for one in tables.problems] == [
        "page.md:32:3: the row has too many cells: 5 of 4; write one cell for each column"
    ]


def test_deeper_sections_without_a_request_belong_to_the_method_before_them() -> None:
    head = '### Buy (TRADE)\n\n```json\n{"id": 1, "method": "buy"}\n```\n\nBuys.\n\n**Weight:** 1\n\n**Response:**\n\n'
    head += '```json\n{"id": 1, "status": 200, "result": {"a": 1}}\n```\n\n'
    more = "#### Conditional fields\n\n| Field | Description | Visibility condition | Example |\n|---|---|---|---|\n"
    more += '| `b` | Second. | Appears if asked for. | `"b": 4` |\n\n'
    other = (
        '#### Sell\n\n```json\n{"id": 1, "method": "sell"}\n```\n\n**Weight:** 2\n\n**Response:**\n\n```json\n{}\n```\n'
    )
    tables = read("## Trading requests\n\n" + head + more + other)
    assert [one.wire for one in tables.endpoints] == ["buy", "sell"]
    assert [row.text("field") for row in tables.endpoints[0].fields] == ["`b`"]


def test_tables_that_explain_in_words_are_notes_and_others_stay_unread() -> None:
    head = '## All\n\n```json\n{"id": 1, "method": "all"}\n```\n\n**Weight:** 1\n\n'
    words = "Supported:\n\n| Parameters | Response |\n|---|---|\n| `a` + `b` | newest first |\n\n"
    strange = "| Colour | Height |\n|---|---|\n| red | 4 |\n"
    tables = read(head + words + strange)
    assert [note.text for note in tables.endpoints[0].notes] == ["Supported:", "`a` + `b`: newest first"]
    assert [one.origin.line for one in tables.unread] == [15]


def test_enumerations_under_headings_under_labels_and_in_tables() -> None:
    text = "# Values\n\n## Order types (orderTypes, type)\n\n* `LIMIT`\n* `MARKET` - at once\n\n"
    text += "## Order status (status)\n\nStatus | Description\n---|---\n`NEW` | Accepted.\n`DONE` | Over.\n\n"
    text += "## Definitions\n\n**Working type:**\n\n* MARK_PRICE\n* CONTRACT_PRICE\n\n**Words:**\n\n* not a value\n"
    found = [(one.title, one.keys, [value.text for value in one.values], one.docs) for one in read(text).listings]
    assert found == [
        ("Order types", ("orderTypes", "type"), ["LIMIT", "MARKET"], ("", "at once")),
        ("Order status", ("status",), ["NEW", "DONE"], ("Accepted.", "Over.")),
        ("Working type", (), ["MARK_PRICE", "CONTRACT_PRICE"], ("", "")),
    ]


def test_what_describes_nothing_stands_aside_and_may_be_doubtful() -> None:
    text = "## Limits\n\nBe kind.\n\n## Lost\n\n**Weight:** 5\n\nNothing else.\n"
    assert [(one.title, one.origin.line, one.last_line, one.doubtful) for one in read(text).aside] == [
        ("Limits", 1, 4, False),
        ("Lost", 5, 10, True),
    ]


def test_a_key_without_its_closing_quote_is_a_liberty() -> None:
    text = '## Ends\n\n**Event:** `Ends`\n\n**Payload:**\n\n```json\n{"stream": "x", "data: {\n"e": "ends", "E": 1}}\n```\n'
    tables = read(text)
    assert tables.endpoints[0].samples[0].node.at("/data/E") is not None
    assert [one.what for one in tables.problems] == ['the key "data has no quote at its end']


def test_a_fence_that_is_closed_at_the_end_of_a_line() -> None:
    text = '## Lock\n\n**Payload:**\n\n```json\n{\n  "e": "lock"\n}```\n\n## Free\n\n**Payload:**\n\n```json\n{"e": "free"}```'
    assert [(one.title, len(one.samples)) for one in read(text).endpoints] == [("Lock", 1), ("Free", 1)]


def test_a_row_of_html_that_nobody_opened() -> None:
    head = '## All\n\n```json\n{"id": 1, "method": "all"}\n```\n\n**Weight:** 1\n\n'
    text = (
        head
        + "<table><tr><th>Name</th><th>Type</th><th>Mandatory</th></tr>\n<tr><td>a</td><td>INT</td><td>YES</td></tr>\n"
    )
    tables = read(text + "<td>b</td><td>LONG</td><td>NO</td></tr>\n</table>\n")
    assert not tables.problems
    assert [row.text("name") for row in tables.endpoints[0].parameters] == ["a", "b"]


def test_the_same_pages_in_chinese() -> None:
    text = '## 下单 (TRADE)\n\n```json\n{"id": 1, "method": "buy", "params": {"n": 5}}\n```\n\n**权重：** 4\n\n**参数:**\n\n'
    text += "名称 | 类型 | 是否必需 | 描述\n--- | --- | --- | ---\n`n` | INT | YES | 数量\n\n**数据源:** 缓存\n\n**响应:**\n\n"
    text += '```json\n{"id": 1, "status": 200, "result": {}}\n```\n\n## 测试 (TRADE)\n\n```json\n{"id": 2, "method": "buy.test"}\n```\n\n'
    text += "**权重:**\n\n条件 | 请求权重\n--- | ---\n没有 `n` | 1\n\n**参数:**\n\n除了 [`buy`](#buy) 的所有参数\n\n"
    text += "## 深度\n\n**Stream 名称:** `<symbol>@depth` 或 `<symbol>@depth@100ms`\n\n**更新速度:** 实时\n\n**Payload:**\n\n"
    text += '```json\n{"e": "depth"}\n```\n\n### -1003 请求过多\n\n* 太多。\n'
    tables = read(text)
    assert [(one.kind, one.title, one.label("weight")) for one in tables.endpoints] == [
        ("method", "下单", "4"),
        ("method", "测试", ""),
        ("stream", "深度", ""),
    ]
    assert [row.text("mandatory") for row in tables.endpoints[0].parameters] == ["YES"]
    assert [row.text("weight") for row in tables.endpoints[1].weights] == ["1"]
    assert list(split_patterns(tables.endpoints[2].wire)) == ["<symbol>@depth", "<symbol>@depth@100ms"]
    assert [row.text("code") for row in tables.errors] == ["-1003"]


def test_a_method_that_is_called_like_a_label() -> None:
    body = '```json\n{"id": 1, "method": "orders.count"}\n```\n\n**Weight:** 1\n'
    (method,) = read("# Methods\n\n## Unfilled Order Count (USER_DATA)\n\n" + body).endpoints
    assert (method.wire, method.title) == ("orders.count", "Unfilled Order Count")


def test_a_row_that_says_no_parameter_is_none() -> None:
    row = "| No parameter | N/A | N/A | Everything. |\n| orderId | LONG | YES | | |"
    (method,) = read(SITE.replace("| orderId | LONG | YES | | |", row)).endpoints
    assert [row.text("name") for row in method.parameters] == ["orderId", "price"]
