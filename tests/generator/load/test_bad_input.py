"""What can be wrong with a spec: one message each, with file, line and column, all of them in one run."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import Break
from telling import told

from wirewright.config import load_config
from wirewright.errors import SpecError
from wirewright.load import load_any

DOC, TRADE, PUSH = "asyncapi.yaml", "trading.md", "streams.md"
ROW = "| limit | INT | NO | Levels. Default: 100; Maximum: 500. |"
CASES = [
    ("syntax", DOC, "x-perspective: client", "x-perspective: [client", "asyncapi.yaml:7:17: this is not YAML"),
    (
        "duplicate key",
        DOC,
        "  version: '7'",
        "  version: '7'\n  title: Again",
        "asyncapi.yaml:5:3: the key 'title' is here twice (also toy/asyncapi.yaml:3:3)",
    ),
    (
        "ref to nowhere",
        DOC,
        "'#/components/messages/Response'",
        "'#/components/messages/Reply'",
        "asyncapi.yaml:43:23: `$ref` to nowhere",
    ),
    (
        "ref in a circle",
        DOC,
        "      type: string\n      enum: [OPEN, DONE]",
        "      $ref: '#/components/schemas/OrderStatus'",
        "asyncapi.yaml:88:13: `$ref` goes round in a circle",
    ),
    (
        "ref out of the project",
        DOC,
        "'#/components/messages/Response'",
        "'../secret.yaml#/x'",
        "asyncapi.yaml:43:23: `$ref` out of the document's folder",
    ),
    (
        "ref to an address",
        DOC,
        "'#/components/messages/Response'",
        "'https://example.com/x.yaml'",
        "asyncapi.yaml:43:23: `$ref` to the address",
    ),
    (
        "ref to a missing file",
        DOC,
        "'#/components/messages/Response'",
        "'gone.yaml#/x'",
        "asyncapi.yaml:43:23: `$ref` to a file that is not there: gone.yaml",
    ),
    (
        "unknown version",
        DOC,
        "asyncapi: 2.6.0",
        "asyncapi: 9.9.9",
        "asyncapi.yaml:1:11: the AsyncAPI version '9.9.9' is unknown",
    ),
    (
        "unknown extension key",
        DOC,
        "      role: streams\n",
        "      role: streams\n      lifetme: 5\n",
        "asyncapi.yaml:48:7: `lifetme` is unknown in `x-socket`",
    ),
    (
        "unknown key inside of an extension",
        DOC,
        "      role: streams\n",
        "      role: streams\n      limits: {stream: 5}\n",
        "asyncapi.yaml:48:16: `stream` is unknown in `limits`; one of: dials, messages, streams",
    ),
    (
        "an extension that lacks a key",
        DOC,
        "      role: streams\n",
        "      role: streams\n      ping: {from: server, interval: 20}\n",
        "asyncapi.yaml:48:13: `timeout` is missing in `ping`; add it",
    ),
    (
        "a notice without a place for its tag",
        DOC,
        "      role: streams\n",
        "      role: streams\n      shutdown: goodbye\n",
        "asyncapi.yaml:46:7: socket 'streams' announces its end by 'goodbye', but nothing says where an event has its tag",
    ),
    (
        "two methods with one name",
        TRADE,
        '"method": "order.find"',
        '"method": "book"',
        "trading.md:141:1: two methods are called 'book' (also toy/trading.md:3:1)",
    ),
    (
        "names that spell alike",
        TRADE,
        '"method": "order.find"',
        '"method": "order_new"',
        "trading.md:141:1: two requests are called OrderNew (also toy/trading.md:53:1)",
    ),
    (
        "parameters that spell alike",
        TRADE,
        ROW,
        ROW + "\n| li.mit | INT | NO | |\n| liMit | INT | NO | |",
        "trading.md:31:3: the parameter 'liMit' is spelled like another one: li_mit_2",
    ),
    (
        "fields that spell alike",
        "glossary.md",
        "| eventType |",
        "| eventTime |",
        "of Candle is spelled like another one: event_time_2",
    ),
    (
        "too few cells",
        TRADE,
        ROW,
        "| limit | INT |",
        "trading.md:29:3: the row has too few cells: 2 of 4; missing: mandatory, description",
    ),
    (
        "no JSON",
        TRADE,
        '"params": {"symbol": "AAABBB", "limit": 5}}',
        '"params": }',
        "trading.md:6:41: this is not JSON",
    ),
    (
        "example against its row",
        TRADE,
        '"limit": 5}}',
        '"limit": "5"}}',
        "trading.md:6:71: the example contradicts the row of 'limit': \"5\" is not an integer (also toy/trading.md:29:3)",
    ),
    (
        "example without a row",
        TRADE,
        '"limit": 5}}',
        '"levels": 5}}',
        "trading.md:6:62: the example sends 'levels', which is no parameter",
    ),
    (
        "example without what is mandatory",
        TRADE,
        '{"symbol": "AAABBB", "limit": 5}',
        '{"limit": 5}',
        "trading.md:6:41: the example lacks 'symbol', which is mandatory",
    ),
    (
        "value that no enumeration has",
        TRADE,
        '"side": "BUY", "type"',
        '"side": "HOLD", "type"',
        "is not one of Side: BUY, SELL",
    ),
    (
        "result against its type",
        TRADE,
        '"id": 12, "price": "1.50", "status": "DONE"',
        '"id": "12", "price": "1.50", "status": "DONE"',
        'the example contradicts its type: "12" is not an integer',
    ),
    (
        "placeholder without values",
        PUSH,
        "| interval | ENUM Interval |",
        "| other | ENUM Interval |",
        "streams.md:7:1: the placeholder <interval> has no values",
    ),
    ("unknown type", TRADE, "| limit | INT |", "| limit | IN T |", "trading.md:29:11: the type 'IN T' is unknown"),
    (
        "unknown enumeration",
        PUSH,
        "ENUM Interval",
        "ENUM Intervall",
        "streams.md:16:14: there is no enumeration 'Intervall'",
    ),
    (
        "value of another enumeration",
        TRADE,
        "`LIMIT`, `MARKET` | YES",
        "`LIMIT`, `LATER` | YES",
        "'LATER' is no value of OrderType",
    ),
    (
        "part of an enumeration with a value that it does not have",
        DOC,
        "      x-fields: [type]\n",
        "      x-fields: [type]\n      x-subsets: {Placed: {values: [LIMIT, LATER]}}\n",
        "asyncapi.yaml:95:27: the subset Placed: 'LATER' is no value of OrderType",
    ),
    (
        "two names for values",
        DOC,
        "      x-fields: [type]\n",
        "      x-fields: [type]\n      x-subsets: {Side: {values: [LIMIT]}}\n",
        "two enumerations are called Side",
    ),
    (
        "pattern that is none",
        TRADE,
        "Id of your own. |",
        "Id of your own. Pattern: `[a-z` |",
        "the pattern '[a-z' is no regular expression",
    ),
    (
        "unknown rule",
        TRADE,
        "| mandatory | `price`",
        "| compulsory | `price`",
        "the rule 'compulsory' is unknown; one of: mandatory, exactly one of",
    ),
    (
        "condition on nothing",
        TRADE,
        "`type` = `LIMIT` | mandatory",
        "`kind` = `LIMIT` | mandatory",
        "the condition speaks of 'kind', which is no parameter",
    ),
    (
        "helper with nothing",
        TRADE,
        "| `price`, `quantity` | | Buy",
        "| `cost` | | Buy",
        "the helper 'limit' speaks of 'cost', which is no parameter",
    ),
    (
        "a type that nobody describes",
        TRADE,
        "**Response:** `Key`",
        "**Response:** list of `Keys`",
        "the example contradicts its type",
    ),
    (
        "no weight",
        TRADE,
        "**Auth:** session\n**Weight:** 2",
        "**Auth:** session",
        "'Listen to the account' has no weight",
    ),
    (
        "settled by nobody",
        TRADE,
        "`order.find` (`symbol`",
        "`order.seek` (`symbol`",
        "'order.new' is settled by 'order.seek', which is no method",
    ),
    (
        "method that only the document names",
        DOC,
        "order.find, account",
        "order.find, order.lost, account",
        "the document names the method 'order.lost', and no table describes it",
    ),
    (
        "method that only the table names",
        DOC,
        "order.find, account",
        "account",
        "the table describes the method 'order.find', and the document does not name it",
    ),
    (
        "the other side",
        DOC,
        "x-perspective: client",
        "x-perspective: sever",
        "asyncapi.yaml:6:16: the perspective 'sever'; write client or server",
    ),
    (
        "two enumerations of one field",
        DOC,
        "x-fields: [status]",
        "x-fields: [status, side]",
        "the field 'side' belongs to two enumerations, Side and OrderStatus",
    ),
    (
        "route to nowhere",
        PUSH,
        "**Update Speed:** Real-time",
        "**Update Speed:** Real-time\n**Route:** private",
        "no socket is called 'private'",
    ),
    (
        "unreadable sequence",
        PUSH,
        "first `U`, last `u`, previous `pu`",
        "U then u",
        "the sequence 'U then u' is not understood",
    ),
]


@pytest.mark.parametrize(
    ("file", "old", "new", "message"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_each_is_told_with_its_place(broken: Break, file: str, old: str, new: str, message: str) -> None:
    found = told(broken(file, old, new))
    assert any(message in one for one in found), found
    assert all(one.split(": ")[0].count(":") == 2 for one in found), "each names file, line and column"


def test_all_of_them_in_one_run(broken: Break) -> None:
    broken(TRADE, ROW, "| limit | INT |")
    broken(TRADE, '"limit": 5}}', '"limit": "5"}}')
    broken(PUSH, "ENUM Interval", "ENUM Intervall")
    found = told(broken(DOC, "order.find, account", "account"))
    assert len(found) == 4


def test_a_missing_file(tmp_path: Path) -> None:
    assert "the file cannot be read: No such file or directory" in told(load_any(tmp_path / "gone.yaml"))[0]
    (tmp_path / "empty").mkdir()
    assert "the folder has no AsyncAPI document; add asyncapi.yaml" in told(load_any(tmp_path / "empty"))[0]


def test_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "specs").mkdir()
    file = tmp_path / "wirewright.toml"
    file.write_text(
        '[packages.a]\nout = "x"\nouch = 1\n[packages.a.products.p]\nspec = "specs"\nperspective = "sideways"\nstrict = 5\n'
        'tags = {U = "t"}\n[packages.a.products.q]\nspec = "nowhere"\n'
    )
    with pytest.raises(SpecError) as error:
        load_config(file)
    assert [str(one) for one in error.value.problems] == [
        "wirewright.toml:3:1: `ouch` is unknown here; known are asyncapi, out, products, title",
        "wirewright.toml:6:1: perspective `sideways` is unknown; use one of auto, client, server",
        "wirewright.toml:7:1: `strict` is neither true nor false; write strict = true",
        "wirewright.toml:10:1: `nowhere` does not exist; name a folder or an AsyncAPI document",
    ]
    file.write_text('[packages.a.products.p]\nspec = "specs"\ntags = {U = "t"}\nref_roots = ["specs"]\n')
    product = load_config(file).packages[0].products[0]
    assert (product.tags, product.ref_roots) == ({"U": "t"}, (tmp_path / "specs",))
