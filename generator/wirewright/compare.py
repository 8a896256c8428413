"""Two versions of specs through the loader, and side by side: `wirewright diff`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

from wirewright.config import ProductConfig
from wirewright.diff.change import Change
from wirewright.diff.rules import RULES
from wirewright.diff.surface import compare_surfaces, renames, with_surface
from wirewright.diff.translate import Translation
from wirewright.diff.walk import compare_apis, sort_changes
from wirewright.errors import Problem, SpecError
from wirewright.load import Loaded, load_spec
from wirewright.model.api import Api
from wirewright.model.types import Origin
from wirewright.versions import Versions

_PAGES = ("product", "asyncapi")  # every other layout is a page


@dataclass
class Diff:
    """Every change, the worst first; what is wrong in the specs, and how many places of them are doubtful."""

    changes: list[Change] = field(default_factory=list[Change])
    problems: list[Problem] = field(default_factory=list[Problem])
    doubts: int = 0


def compare_versions(listed: Sequence[Versions], names: ProductConfig | None, names_root: str) -> Diff:
    """Loads and compares every product. A version that cannot be read ends it with all that is wrong there.

    What is wrong in a version that can be read is told beside the changes; in the old one it is past mending.
    """
    loaded = [(one, *_load(one)) for one in listed]
    both = [side for _, *sides in loaded for side in sides if side is not None]
    unreadable = [one for one in both if one.api is None or not one.api.sources]
    if unreadable:
        raise SpecError([replace(problem, warning=False) for one in unreadable for problem in one.problems])
    before = [problem for _, old, _ in loaded if old is not None for problem in old.problems]
    after = [problem for _, _, new in loaded if new is not None for problem in new.problems]
    wrong = [
        *(replace(one, warning=True) for one in before if not one.warning),
        *(one for one in after if not one.warning),
    ]
    found = Diff(problems=wrong, doubts=sum(one.warning for one in (*before, *after)))
    product = load_spec(names).api if names is not None else None
    for versions, old, new in loaded:
        changes = _compare(versions, old, new, product)
        root = versions.root or (names_root if product is not None else "")
        found.changes += [_named(change, versions.name, root) for change in changes]
    found.changes = sort_changes(found.changes)
    return found


def _load(versions: Versions) -> tuple[Loaded | None, Loaded | None]:
    """Both versions, seen from the same side: a guess must not make a change of its own."""
    old = load_spec(versions.old) if versions.old is not None else None
    new = load_spec(versions.new) if versions.new is not None else None
    if old is None or new is None or old.perspective is None or new.perspective is None:
        return old, new
    if old.perspective.side != new.perspective.side:
        one, other = old.perspective, new.perspective
        if not other.stated and versions.new is not None:
            new = _seen_from(versions.new, one.side)
        elif not one.stated and versions.old is not None:
            old = _seen_from(versions.old, other.side)
    return old, new


def _seen_from(product: ProductConfig, side: str) -> Loaded:
    loaded = load_spec(replace(product, perspective=side))
    return replace(loaded, problems=tuple(one for one in loaded.problems if one.id != "perspective"))


def _compare(versions: Versions, old: Loaded | None, new: Loaded | None, product: Api | None) -> Iterator[Change]:
    if old is None or new is None or old.api is None or new.api is None:
        yield from _one_sided(old, new)
        return
    are_pages = old.layout not in _PAGES or new.layout not in _PAGES
    has_tables = any(source.endswith(".md") for one in (old.api, new.api) for source in one.sources)
    changes = compare_apis(old.api, new.api, names_are_api=has_tables and not are_pages, guessed=are_pages)
    if are_pages:
        pages = [Translation(page, product) for page in (new.api, old.api)] if product is not None else []
        changes = [_translated(one, pages) for one in changes]
    if versions.surfaces is not None:
        before, after = (_manifest(path) for path in versions.surfaces)
        noticed = compare_surfaces(before, after, renames(changes))
        changes = with_surface(changes, noticed, _shown(versions))
    yield from changes


def _one_sided(old: Loaded | None, new: Loaded | None) -> Iterator[Change]:
    """A product that is in one version only."""
    here = new or old
    if here is None or here.api is None:
        return
    found = RULES["product-removed" if new is None else "product-added"]
    where = (here.api.origin, None) if new is None else (None, here.api.origin)
    what = "removed" if new is None else "added"
    yield Change(found.sent, found, (), f"product {here.api.name}", what, found.why, *where)


def _translated(change: Change, pages: Sequence[Translation]) -> Change:
    """A page gives no names; those of a product are told where it has the same thing."""
    found = [name for symbol in change.symbols for name in _in_product(symbol, pages)]
    return replace(change, symbols=tuple(dict.fromkeys(found)))


def _in_product(symbol: str, pages: Sequence[Translation]) -> list[str]:
    """The product's names for one of the pages' made-up names, as the first page that knows it says."""
    return next((names for page in pages if (names := page.symbols(symbol))), list[str]())


def _named(change: Change, product: str, root: str) -> Change:
    symbols = tuple(f"{root}.{symbol}" if root else symbol for symbol in change.symbols)
    return replace(change, product=product, symbols=symbols)


def _manifest(path: Path) -> dict[str, str]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SpecError(
            [Problem(Origin(path.name), f"the manifest of generated names cannot be read: {error}")]
        ) from error
    return cast("dict[str, str]", data) if isinstance(data, dict) else {}


def _shown(versions: Versions) -> Origin:
    path = versions.surfaces[1] if versions.surfaces else Path()
    root = versions.new.root if versions.new is not None else Path()
    return Origin(path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix())
