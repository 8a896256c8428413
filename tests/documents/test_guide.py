"""The worked example of docs/any-document.md: the document becomes a package, and the program talks with its mock."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

import pytest
from census import check_types, generate

from wirewright.mock import mock_document

GUIDE = Path(__file__).parents[2] / "docs" / "any-document.md"


def block(language: str) -> str:
    """The first block of a language."""
    found = re.search(rf"^```{language}\n(.*?)^```", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert found
    return found[1]


def test_the_example_of_the_guide_works_and_is_typed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = tmp_path / "thermostat.yaml"
    document.write_text(block("yaml"), encoding="utf-8")
    report = generate(document, "thermostat_wire", tmp_path)
    assert not report.refused
    assert [one for one in report.warnings if "taken as the description of the server" not in one] == []
    program = block("python")
    (tmp_path / "thermostat_wire" / "program.py").write_text(program, encoding="utf-8")
    check_types([report], tmp_path)
    assert (report.mypy, report.pyright) == ([], [])
    sys.path.insert(0, str(tmp_path))
    try:
        names: dict[str, object] = {"__name__": "program"}
        exec(compile(program, "program.py", "exec"), names)
        heard: list[str] = []

        async def main() -> None:
            async with mock_document(document, tell=heard.append) as exchange:
                await asyncio.wait_for(names["main"](exchange.server.everything), 20)  # type: ignore[operator]

        asyncio.run(main())
    finally:
        sys.path.remove(str(tmp_path))
    said = [
        line for line in capsys.readouterr().out.splitlines() if not line.startswith("offline")
    ]  # which may come first
    assert said == ["kitchen: 1.00", "warmer: 21.50"]
    assert [line for line in heard if "opened" not in line and "closed" not in line] == []
    assert any("/v1/rooms/" in line for line in heard), heard
