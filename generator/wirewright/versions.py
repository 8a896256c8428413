"""Two versions of specs: which folder, document or page is compared with which, and what is known of the generated code.

They are read leniently: what a table contradicts in itself is for `validate`, and says nothing of what changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from wirewright.config import FILE, Config, PackageConfig, ProductConfig, load_config

SURFACE = ".surface.json"
_DOCUMENTS = ("asyncapi.yaml", "asyncapi.yml", "asyncapi.json")


@dataclass(frozen=True)
class Versions:
    """One product in two versions; None: it is not there.

    Args:
        root: The package of its generated code ("binance_wire.spot"); empty: unknown.
        surfaces: The manifests of generated names of both versions, where there are some.
    """

    name: str
    old: ProductConfig | None
    new: ProductConfig | None
    root: str = ""
    surfaces: tuple[Path, Path] | None = None


def versions_of_paths(old: Path, new: Path, config: Config | None, perspective: str = "auto") -> list[Versions]:
    """Folders of specs, documents or pages; two projects (folders with a wirewright.toml); or two folders of products."""
    if (old / FILE).is_file() and (new / FILE).is_file():
        return versions_of_projects(load_config(old / FILE), load_config(new / FILE))
    if _holds_products(old) and _holds_products(new):
        names = sorted({one.name for folder in (old, new) for one in folder.iterdir() if _is_product(one)})
        pairs = [(name, old / name, new / name) for name in names]
        return [_of_pair(name, one, other, config, perspective) for name, one, other in pairs]
    return [_of_pair("", old, new, config, perspective)]


def versions_of_projects(old: Config, new: Config, wanted: Sequence[str] = ()) -> list[Versions]:
    """Every product of two projects, with the manifests of what was generated."""
    before, after = dict(_products(old)), dict(_products(new))
    found = [
        _of_products(key, before.get(key), after.get(key))
        for key in dict.fromkeys((*after, *before))
        if not wanted or key[1] in wanted
    ]
    return [replace(one, name="") for one in found] if len(found) == 1 else found


def _of_pair(name: str, old: Path, new: Path, config: Config | None, perspective: str) -> Versions:
    known = next(
        (pair for pair in _products(config) if pair[1][1].spec.resolve() in (old.resolve(), new.resolve())), None
    )
    if known is None:
        return Versions(name, _alone(old, perspective), _alone(new, perspective))
    (package, product), (_, like) = known
    like = replace(like, perspective=perspective if perspective != "auto" else like.perspective)
    one = replace(like, spec=old, root=Path.cwd(), strict=False) if old.exists() else None
    other = replace(like, spec=new, root=Path.cwd(), strict=False) if new.exists() else None
    return Versions(name, one, other, _root(package, product))


def _alone(path: Path, perspective: str) -> ProductConfig | None:
    return (
        ProductConfig(path.resolve().name.split(".")[0], path, Path.cwd(), perspective, strict=False)
        if path.exists()
        else None
    )


def _of_products(
    key: tuple[str, str],
    old: tuple[PackageConfig, ProductConfig] | None,
    new: tuple[PackageConfig, ProductConfig] | None,
) -> Versions:
    before, after = (replace(one[1], strict=False) if one is not None else None for one in (old, new))
    surfaces = tuple(one[0].out / one[1].name / SURFACE for one in (old, new) if one is not None)
    known = len(surfaces) == 2 and all(surface.is_file() for surface in surfaces)
    return Versions(key[1], before, after, _root(*key), (surfaces[0], surfaces[-1]) if known else None)


def _products(config: Config | None) -> Iterator[tuple[tuple[str, str], tuple[PackageConfig, ProductConfig]]]:
    for package in config.packages if config is not None else ():
        for product in package.products:
            yield (package.name, product.name), (package, product)


def _root(package: str, product: str) -> str:
    return ".".join(part for part in (package, product) if part)


def _holds_products(path: Path) -> bool:
    return path.is_dir() and not _is_product(path) and any(_is_product(one) for one in path.iterdir())


def _is_product(path: Path) -> bool:
    return path.is_dir() and (any((path / name).is_file() for name in _DOCUMENTS) or any(path.glob("*.md")))
