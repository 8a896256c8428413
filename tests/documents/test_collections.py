"""Whole collections of documents: each becomes a package that imports, is typed, reads its examples and talks.

The public documents lie beside a checkout (`../shared/corpus`) where there are any; those in `fixtures` imitate what real
documents do.
"""

from __future__ import annotations

from pathlib import Path

import page
import pytest
from census import Report, again, check_types, documents_in, examine, generate, named, talk

TOP = Path(__file__).resolve().parents[2]
CORPUS = TOP.parent / "shared" / "corpus"
COLLECTIONS = {"fixtures": Path(__file__).parent / "fixtures", "corpus": CORPUS}


@pytest.fixture(scope="module", params=COLLECTIONS)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Report], Path]:
    folder = COLLECTIONS[request.param]
    if not folder.is_dir():
        pytest.skip("no public documents beside this checkout")
    out = tmp_path_factory.mktemp(request.param)
    return [generate(document, name, out) for document, name in named(list(documents_in([folder])))], out


Made = tuple[list[Report], Path]


def wrong(reports: list[Report], attribute: str) -> dict[str, list[str]]:
    return {one.package: found for one in reports if (found := getattr(one, attribute))}


def test_every_document_becomes_a_package(made: Made) -> None:
    reports, _ = made
    assert reports
    assert not wrong(reports, "refused")


def test_decoders_are_built_and_examples_read(made: Made) -> None:
    reports, out = made
    examine(reports, out)
    assert not wrong(reports, "faults")


def test_clients_talk_with_the_mock(made: Made) -> None:
    reports, out = made
    talk(reports, out)
    assert not wrong(reports, "talk")


def test_another_process_makes_the_same_bytes(made: Made) -> None:
    reports, out = made
    again(reports, out)
    assert [one.package for one in reports if not one.stable] == []


def test_packages_are_typed(made: Made) -> None:
    reports, out = made
    check_types(reports, out)
    assert not wrong(reports, "mypy")
    assert not wrong(reports, "pyright")


@pytest.mark.skipif(not CORPUS.is_dir(), reason="no public documents beside this checkout")
def test_the_page_tells_what_becomes_of_the_public_documents() -> None:
    assert page.page(page.read(CORPUS)) == (TOP / "docs" / "documents.md").read_text(encoding="utf-8"), page.__doc__
