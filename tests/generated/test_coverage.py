"""Every name in the seeds is answered by an object that can be imported, and that is what it should be."""

from __future__ import annotations

import inspect
from collections import Counter
from importlib import import_module
from typing import Any

import msgspec
from seeds import page
import pytest
from facts import facts
from seeds.table import Row, resolve, rows

from wirewright_runtime import Model, Request, Stream


def named(*kinds: str) -> list[Row]:
    return [row for row in rows() if row.kind in kinds]


def test_every_name_is_answered_by_something_that_can_be_imported() -> None:
    wrong: list[str] = []
    for row in rows():
        try:
            resolve(row.answer)
        except LookupError as error:
            wrong.append(f"{row.seed} {row.name}: {error}")
    assert not wrong, "\n".join(wrong)


def test_the_table_has_every_name() -> None:
    counts = Counter(row.seed for row in rows())
    assert counts == {"000": 74, "001": 21, "002": 96, "003": 223, "004": 85}
    assert sum(counts.values()) == 499


def test_the_table_is_that_of_the_facts() -> None:
    stated = facts("seed_coverage")["rows"]
    known = [
        (one["seed"][:3], one["kind"], one["name"], one["product"], one["wire"] or "", one["status"]) for one in stated
    ]
    assert [row[:6] for row in rows()] == known


def test_streams_are_answered_by_the_stream_with_their_name() -> None:
    listed = named("stream")
    assert len(listed) == 13
    for row in listed:
        stream = resolve(row.answer)
        assert issubclass(stream, Stream), row
        assert set(row.wire.split(" | ")) & set(stream.spec.patterns), row


def test_client_methods_are_answered_by_the_method_with_their_wire_name() -> None:
    listed = named("client_method", "method_enum", "ws_method")
    assert len(listed) == 85 + 21 + 3
    for row in listed:
        methods = import_module(f"binance_wire.{row.product}.catalog").METHODS
        answer = resolve(row.answer)
        if ".api." in row.answer:
            assert row.wire in methods and inspect.iscoroutinefunction(answer), row
            assert f"Source: {methods[row.wire].source}" in answer.__doc__, row
        else:  # user data: one call for every product, or the call over HTTP of before
            assert "serDataStream" in row.wire, row


def test_requests_and_results_are_those_of_the_method() -> None:
    for row in named("request_type", "response_type"):
        answer = resolve(row.answer)
        if ".requests." in row.answer:
            assert issubclass(answer, Request), row
            assert row.status != "live" or answer.method == row.wire or answer.spec.http, row
        else:
            assert issubclass(answer, Model) or hasattr(answer, "__one_of__"), row
            assert answer.__name__ in results(row), row


def results(row: Row) -> str:
    """The types of everything that a method may answer."""
    requests = vars(import_module(f"binance_wire.{row.product}.requests")).values()
    mine = [one for one in requests if isinstance(one, type) and issubclass(one, Request) and one.method == row.wire]
    return " ".join(str(inside(one.result)) for one in mine)


def inside(type_: Any) -> str:
    union = getattr(type_, "__one_of__", None)
    branches = union.branches.values() if union else args(type_)
    return " ".join([str(type_), *map(inside, branches)])


def args(type_: Any) -> tuple[Any, ...]:
    return getattr(type_, "__args__", ())


def test_fields_have_the_wire_name_of_the_seed() -> None:
    checked = 0
    for row in named("payload_field", "message_field"):
        owner, _, name = row.answer.rpartition(".")
        found = resolve(owner)
        if not (isinstance(found, type) and issubclass(found, msgspec.Struct)):
            continue
        fields = {field.name: field.encode_name for field in msgspec.structs.fields(found)}
        if name in fields:
            assert fields[name] == row.wire.rsplit(".", 1)[-1].removesuffix("[]"), row
            checked += 1
    assert checked > 65


def test_the_page_is_made_of_the_table() -> None:
    assert page.PAGE.read_text(encoding="utf-8") == page.page(), "run `make coverage`"


@pytest.mark.parametrize(
    "path", ["binance_wire.spot.nothing", "nowhere.at.all", "binance_wire.spot.SpotClient.nothing"]
)
def test_what_is_not_there_is_told(path: str) -> None:
    with pytest.raises(LookupError):
        resolve(path)
