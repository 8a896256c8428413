"""`$ref` inside and across files: followed when needed, never out of the allowed folders."""

from __future__ import annotations

from pathlib import Path

import pytest

from wirewright.load.document import Files
from wirewright.load.node import Node


def open_document(folder: Path, text: str, **others: str) -> tuple[Files, Node]:
    (folder / "a.yaml").write_text(text, encoding="utf-8")
    for name, content in others.items():
        (folder / f"{name}.yaml").write_text(content, encoding="utf-8")
    files = Files()
    node = files.open(folder / "a.yaml", "a.yaml")
    assert node is not None
    return files, node


def test_chains_and_other_files(tmp_path: Path) -> None:
    files, root = open_document(tmp_path, "x: {$ref: 'b.yaml#/y'}\n", b="y: {$ref: '#/z'}\nz: {w: 1}\n")
    target = files.follow(root.map["x"])
    assert target is not None
    assert target.plain() == {"w": 1}
    assert str(target.origin) == "b.yaml:2:4"
    assert not files.problems


def test_a_path_goes_through_references(tmp_path: Path) -> None:
    files, root = open_document(tmp_path, "x: {$ref: '#/m/n/o'}\nm: {$ref: '#/k'}\nk: {n: {o: 5}}\n")
    target = files.follow(root.map["x"])
    assert target is not None
    assert target.value == 5


def test_escaped_and_unescaped_slashes(tmp_path: Path) -> None:
    files, root = open_document(tmp_path, "x: {$ref: '#/m/a~1b'}\ny: {$ref: '#/m/a/b'}\nm: {a/b: {c: 1}}\n")
    assert files.follow(root.map["x"]) is files.follow(root.map["y"])
    assert [str(one) for one in files.problems] == [
        "a.yaml:2:11: warning: a key with `/` in a `$ref` (told once per file); write `~1` for it"
    ]


@pytest.mark.parametrize(
    ("reference", "problem"),
    [
        ("#/nowhere", "`$ref` to nowhere: #/nowhere; nothing stands there; check the spelling"),
        ("missing.yaml", "`$ref` to a file that is not there: missing.yaml; check the path"),
        ("../out.yaml#/a", "`$ref` out of the document's folder: ../out.yaml; keep it beside the document"),
        ("/etc/hostname", "`$ref` out of the document's folder: /etc/hostname"),
        (
            "https://example.com/a.json",
            "`$ref` to the address https://example.com/a.json; keep a copy beside the document",
        ),
        ("//example.com/a.json", "`$ref` to the address //example.com/a.json"),
        ("#anchor", "`$ref` to the anchor #anchor; name the place with a JSON pointer"),
        ("#/x", "`$ref` goes round in a circle: #/x"),
    ],
)
def test_what_leads_nowhere_is_told_with_its_place(tmp_path: Path, reference: str, problem: str) -> None:
    files, root = open_document(tmp_path, f"x: {{$ref: '{reference}'}}\n")
    assert files.follow(root.map["x"]) is None
    assert str(files.problems[0]).startswith(f"a.yaml:1:11: {problem}")


def test_a_link_cannot_lead_out(tmp_path: Path) -> None:
    secret = tmp_path / "secret.yaml"
    secret.write_text("key: 1\n", encoding="utf-8")
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "b.yaml").symlink_to(secret)
    files, root = open_document(inner, "x: {$ref: 'b.yaml#/key'}\n")
    assert files.follow(root.map["x"]) is None
    assert "out of the document's folder" in str(files.problems[0])


def test_a_folder_can_be_allowed(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (tmp_path / "out.yaml").write_text("a: 3\n", encoding="utf-8")
    (inner / "a.yaml").write_text("x: {$ref: '../out.yaml#/a'}\n", encoding="utf-8")
    files = Files([tmp_path])
    root = files.open(inner / "a.yaml", "inner/a.yaml")
    assert root is not None
    target = files.follow(root.map["x"])
    assert target is not None
    assert (target.value, str(target.origin)) == (3, "out.yaml:1:4")


def test_long_chains_end(tmp_path: Path) -> None:
    text = "\n".join(f"s{n}: {{$ref: '#/s{n + 1}'}}" for n in range(500))
    files, root = open_document(tmp_path, text)
    assert files.follow(root.map["s0"]) is None
    assert "a chain of more than 100" in str(files.problems[0])
