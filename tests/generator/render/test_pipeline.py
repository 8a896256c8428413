"""What `generate` writes and leaves alone, and what `check` sees."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from conftest import Project

from wirewright import pipeline
from wirewright.errors import Problem, SpecError
from wirewright.model.types import Origin
from wirewright.write import files
from wirewright.write.files import State
from wirewright.write.manifest import hash_generator


def states(works: list[pipeline.Work]) -> dict[str, State]:
    return {difference.path: difference.state for work in works for difference in work.differences}


def test_generate_writes_a_whole_package(project: Project) -> None:
    works = pipeline.generate(project.config)
    written = project.files()
    assert {"__init__.py", "README.md", "py.typed", ".wirewright.json", "mini/client.py", "other/.surface.json"} <= set(
        written
    )
    assert set(states(works).values()) == {State.MISSING}
    assert "About other." in written["other/README.md"]
    assert not list(project.out.rglob(".wirewright-new"))


def test_a_second_run_does_nothing_and_loads_nothing(project: Project) -> None:
    pipeline.generate(project.config)
    before = {path: path.stat().st_mtime_ns for path in project.out.rglob("*")}
    project.loads.clear()
    assert states(pipeline.generate(project.config)) == {}
    assert project.loads == []
    assert {path: path.stat().st_mtime_ns for path in project.out.rglob("*")} == before


def test_only_the_changed_product_is_made_again(project: Project) -> None:
    pipeline.generate(project.config)
    project.loads.clear()
    (project.root / "specs/other/market.md").write_text("News.\n")
    changed = states(pipeline.generate(project.config))
    assert project.loads == ["other"]
    assert changed == {"other/README.md": State.STALE, ".wirewright.json": State.STALE}
    assert states(pipeline.check(project.config)) == {}


def test_only_the_changed_files_are_formatted_again(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    pipeline.generate(project.config)
    formatted: list[str] = []

    def spy(path: str, text: str) -> str:
        formatted.append(path)
        return text

    monkeypatch.setattr("wirewright.write.format._format", spy)
    (project.root / "specs/other/market.md").write_text("News.\n")
    pipeline.generate(project.config, ["other"])
    assert formatted == ["README.md", "__init__.py", "README.md"]  # of the product, and what stands around products


def test_a_new_file_beside_the_specs_counts(project: Project) -> None:
    pipeline.generate(project.config)
    project.loads.clear()
    (project.root / "specs/mini/more.md").write_text("more\n")
    pipeline.generate(project.config)
    assert project.loads == ["mini"]


def test_a_change_of_the_generator_counts(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    pipeline.generate(project.config)
    project.loads.clear()
    monkeypatch.setattr("wirewright.write.manifest.LIBRARIES", ("black",))
    pipeline.generate(project.config)
    assert project.loads == ["mini", "other"]


SETTINGS: dict[str, Any] = {
    "perspective": "server",
    "title": "Another title",
    "strict": False,
    "tags": {"Reply": "type"},
    "replies": {"ask": "answer"},
    "channels": "topics",
    "ref_roots": (Path("elsewhere"),),
}


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_change_of_the_configuration_counts(project: Project, setting: str) -> None:
    package, *_ = project.config.packages
    product = package.products[0]
    one, other = (
        hash_generator(project.config, dataclasses.replace(package, products=(it,)))
        for it in (product, dataclasses.replace(product, **{setting: SETTINGS[setting]}))
    )
    assert one != other


def test_one_product_only(project: Project) -> None:
    pipeline.generate(project.config, ["mini"])
    assert not (project.out / "other").exists()
    project.loads.clear()
    pipeline.generate(project.config)
    assert project.loads == ["other"]
    (project.root / "specs/mini/market.md").write_text("News.\n")
    (project.root / "specs/other/market.md").write_text("News.\n")
    assert set(states(pipeline.generate(project.config, ["mini"]))) == {"mini/README.md", ".wirewright.json"}
    assert "other/README.md" in states(pipeline.check(project.config))


def test_problems_write_nothing(project: Project) -> None:
    project.problems.append(Problem(Origin("specs/mini/market.md", 3), "this is wrong", "do it right"))
    with pytest.raises(SpecError) as caught:
        pipeline.generate(project.config)
    assert len(caught.value.problems) == 2  # of both products
    assert not project.out.exists()


def test_warnings_do_not_stop(project: Project) -> None:
    project.problems.append(Problem(Origin("specs/mini/market.md", 3), "doubtful", warning=True))
    works = pipeline.generate(project.config)
    assert len(works[0].warnings) == 2
    assert (project.out / "mini/client.py").exists()


def test_a_file_edited_by_hand_is_named_and_kept(project: Project) -> None:
    pipeline.generate(project.config)
    edited = project.out / "mini/api.py"
    edited.write_text(edited.read_text() + "# mine\n")
    with pytest.raises(
        SpecError, match=r"generated/mini_wire/mini/api\.py:1:1: this generated file was edited by hand"
    ):
        pipeline.generate(project.config)
    assert edited.read_text().endswith("# mine\n")
    assert states(pipeline.check(project.config)) == {"mini/api.py": State.EDITED}
    pipeline.generate(project.config, force=True)
    assert "# mine" not in edited.read_text()


def test_an_edited_file_stops_everything(project: Project) -> None:
    pipeline.generate(project.config)
    (project.out / "mini/api.py").write_text("# mine\n")
    (project.root / "specs/mini/market.md").write_text("News.\n")
    with pytest.raises(SpecError):
        pipeline.generate(project.config)
    assert "News." not in (project.out / "mini/README.md").read_text()


def test_a_foreign_file_in_the_way_is_not_overwritten(project: Project) -> None:
    (project.out / "mini").mkdir(parents=True)
    (project.out / "mini/README.md").write_text("mine")
    with pytest.raises(SpecError, match="edited by hand"):
        pipeline.generate(project.config)
    assert [path.name for path in project.out.rglob("*") if path.is_file()] == ["README.md"]


def test_what_nothing_makes_any_more_is_deleted(project: Project) -> None:
    pipeline.generate(project.config)
    (project.out / "old").mkdir()
    (project.out / "old/api.py").write_text("# Code generated by `wirewright generate`. DO NOT EDIT.\n")
    (project.out / "notes.txt").write_text("by hand")
    expected = {"old/api.py": State.ORPHANED, "notes.txt": State.FOREIGN}
    assert states(pipeline.check(project.config)) == expected
    assert states(pipeline.generate(project.config)) == expected
    assert not (project.out / "old").exists()
    assert (project.out / "notes.txt").read_text() == "by hand"


def test_a_missing_file_comes_back(project: Project) -> None:
    pipeline.generate(project.config)
    (project.out / "mini/enums.py").unlink()
    assert states(pipeline.check(project.config)) == {"mini/enums.py": State.MISSING}
    assert states(pipeline.generate(project.config)) == {"mini/enums.py": State.MISSING}


def test_check_does_not_believe_the_manifest(project: Project) -> None:
    """A manifest that agrees with a changed file hides nothing."""
    pipeline.generate(project.config)
    changed = project.out / "mini/enums.py"
    changed.write_text(changed.read_text().replace("Side of an order.", "Nonsense."))
    manifest = json.loads((project.out / ".wirewright.json").read_text())
    manifest["mini"]["outputs"]["mini/enums.py"] = files.hash_text(changed.read_text())
    (project.out / ".wirewright.json").write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n")
    found = states(pipeline.check(project.config))
    assert found == {"mini/enums.py": State.STALE, ".wirewright.json": State.STALE}


def test_a_broken_manifest_is_made_again(project: Project) -> None:
    pipeline.generate(project.config)
    (project.out / ".wirewright.json").write_text("{")
    assert states(pipeline.generate(project.config)) == {".wirewright.json": State.STALE}


def test_an_interrupted_run_leaves_the_old_files(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    pipeline.generate(project.config)
    before = project.files()
    (project.root / "specs/mini/market.md").write_text("News.\n")

    def full(file: Path, text: str) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(files, "_write", full)
    with pytest.raises(OSError, match="no space"):
        pipeline.generate(project.config)
    assert project.files() == before


def test_windows_line_ends_are_no_difference(project: Project) -> None:
    pipeline.generate(project.config)
    for name in ("mini/api.py", "mini/README.md"):
        file = project.out / name
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    project.loads.clear()
    assert states(pipeline.generate(project.config)) == {}
    assert project.loads == []


def test_a_removed_method_leaves_no_trace(project: Project) -> None:
    pipeline.generate(project.config)
    project.change = lambda api: dataclasses.replace(api, methods=api.methods[1:])
    (project.root / "specs/mini/market.md").write_text("News.\n")
    pipeline.generate(project.config, ["mini"])
    assert "AvgPrice(" not in project.files()["mini/requests.py"]
    assert "requests.AvgPrice" not in project.files()["mini/.surface.json"]
