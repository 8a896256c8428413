"""Documents that others wrote; they are not part of the project, so these tests skip where they are missing.

`WIREWRIGHT_SHARED` names a folder with `seeds/` and `corpus/`; without it, a folder `shared` beside the project or
above it is taken.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from wirewright.load import Loaded, load_any


def _shared() -> Path:
    named = os.environ.get("WIREWRIGHT_SHARED")
    beside = [above / "shared" for above in Path(__file__).resolve().parents]
    return Path(named) if named else next((one for one in beside if one.is_dir()), Path("shared"))


SEEDS = _shared() / "seeds"
CORPUS = _shared() / "corpus"
DOCUMENTS = (
    sorted(one for one in CORPUS.rglob("*") if one.suffix in (".yaml", ".yml", ".json")) if CORPUS.is_dir() else []
)


def _load(path: Path) -> Loaded:
    if not path.exists():
        pytest.skip(f"{path.name} is not here")
    loaded = load_any(path, ref_roots=(CORPUS,) if CORPUS in path.parents else ())
    assert not [str(one) for one in loaded.problems if not one.warning]
    return loaded


def _seed(number: int) -> Loaded:
    return _load(next(iter(sorted(SEEDS.glob(f"{number:03}_*"))), SEEDS / "missing"))


@pytest.mark.parametrize(
    ("number", "counts"),
    [
        (0, {"stream": 13}),
        (1, {"method": 3}),
        (2, {"message": 8}),
        (3, {"row": 70, "option": 5}),
        (4, {"call": 3, "event": 4}),
    ],
)
def test_a_seed_loads_as_it_is(number: int, counts: dict[str, int]) -> None:
    loaded = _seed(number)
    found = Counter(one.kind for one in loaded.entries)
    assert {kind: found[kind] for kind in counts} == counts
    assert loaded.api is not None
    assert not loaded.unread


def test_a_document_that_lost_its_lines_says_the_same_as_the_whole_one() -> None:
    flat, whole = _seed(2), _load(SEEDS / "binance-spot-ws-api.asyncapi.yaml")
    assert flat.api is not None
    assert whole.api is not None
    assert [one.wire for one in flat.api.methods] == [one.wire for one in whole.api.methods]
    assert [one.name for one in flat.entries] == [one.name for one in whole.entries]
    assert [one.name for one in flat.api.types] == [one.name for one in whole.api.types]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(CORPUS).as_posix())
def test_a_document_of_the_corpus_makes_a_useful_api(path: Path) -> None:
    if not path.read_text(encoding="utf-8").lstrip().startswith(("asyncapi", '{"asyncapi', '{\n  "asyncapi')):
        pytest.skip("a part of another document")
    loaded = _load(path)
    assert loaded.api is not None
    left_out = [one for one in loaded.problems if one.right == "only JSON schema is read"]
    assert loaded.api.methods or loaded.api.messages or loaded.api.events or left_out
    assert loaded.api.sockets
    assert load_any(path, ref_roots=(CORPUS,)).api == loaded.api
