"""The project as it was at a git revision: its configuration, its specs and its manifests, in a folder that goes away again."""

from __future__ import annotations

import subprocess
import tarfile
import tomllib
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import cast

from wirewright.config import FILE, Config, load_config
from wirewright.versions import SURFACE


class RevisionError(Exception):
    """What is asked for cannot be had from git: the message says why, for people."""


@contextmanager
def project_at(config: Config, revision: str) -> Generator[Config]:
    """The configuration of the project as it was at a revision; its paths lead into a temporary folder.

    Raises:
        RevisionError: There is no git, no repository, no such revision, or no project in it.
    """
    root = config.root
    _git(root, "rev-parse", "--git-dir", error="this is no git repository, so there is no `--base` to compare with")
    commit = (
        _git(
            root,
            *("rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}"),
            error=f"git knows no revision {revision!r}; in CI, fetch it first (`fetch-depth: 0`)",
        )
        .decode()
        .strip()
    )
    name = config.file.name if config.file is not None else FILE
    text = _git(root, "show", f"{commit}:./{name}", error=f"there is no {name} at {revision!r}")
    with TemporaryDirectory(prefix="wirewright-") as folder:
        place = Path(folder)
        (place / name).write_bytes(text)
        wanted = [path for path in _wanted(text) if _inside(path)]
        listed = (
            _git(root, "ls-tree", "-r", "-z", "--name-only", commit, "--", *wanted).decode().split("\0")
            if wanted
            else []
        )
        files = [path for path in listed if path]
        if files:
            prefix = _git(root, "rev-parse", "--show-prefix").decode().strip()
            _extract(_git(root, "archive", "--format=tar", f"{commit}:{prefix}", "--", *_roots(wanted, files)), place)
        yield load_config(place / name)


def _wanted(text: bytes) -> Iterator[str]:
    """The paths that a configuration names: specs, what they may refer to, manifests."""
    try:
        data = tomllib.loads(text.decode("utf-8", "replace"))
    except tomllib.TOMLDecodeError:
        return  # `load_config` tells
    for package_name, package in _tables(data.get("packages")):
        out = package.get("out", f"generated/{package_name}")
        for name, product in _tables(package.get("products")):
            roots = product.get("ref_roots", [])
            listed = cast("list[object]", roots) if isinstance(roots, list) else []
            yield from (str(one) for one in (product.get("spec"), *listed) if one)
            yield (PurePosixPath(str(out)) / name / SURFACE).as_posix()


def _tables(value: object) -> Iterator[tuple[str, Mapping[str, object]]]:
    for name, inner in cast("dict[str, object]", value).items() if isinstance(value, dict) else ():
        if isinstance(inner, dict):
            yield name, cast("dict[str, object]", inner)


def _inside(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return ".." not in parts and not path.startswith(("/", "-"))


def _roots(wanted: list[str], files: list[str]) -> list[str]:
    """Those of the wanted paths that are there: git refuses the others."""
    return [
        one
        for one in wanted
        if any(file == one.rstrip("/") or file.startswith(one.rstrip("/") + "/") for file in files)
    ]


def _extract(archive: bytes, place: Path) -> None:
    with tarfile.open(fileobj=BytesIO(archive)) as tar:
        if hasattr(tarfile, "data_filter"):  # not before Python 3.11.4; what git packs leads nowhere else anyway
            tar.extractall(place, filter="data")
        else:
            tar.extractall(place)


def _git(root: Path, *arguments: str, error: str = "") -> bytes:
    try:
        done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, check=False)
    except OSError as failure:
        raise RevisionError("`--base` needs git, which cannot be run here") from failure
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise RevisionError(error or f"git {arguments[0]} failed: {said[-1] if said else done.returncode}")
    return done.stdout
