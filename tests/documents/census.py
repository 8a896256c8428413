"""What becomes of AsyncAPI documents: generated, imported, typed, decoded; told as a table.

    python tests/documents/census.py FOLDER_OR_FILE... [--types] [--stable] [--list FILE]

One mypy run and one pyright run look at all packages together.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from wirewright import pipeline
from wirewright.config import document_config
from wirewright.errors import SpecError

HERE = Path(__file__).resolve()
BIN = Path(sys.executable).parent
SUFFIXES = (".yaml", ".yml", ".json")
_IS_DOCUMENT = re.compile(r"""^[\s{]*["']?asyncapi["']?\s*:\s*["']?[23]\.""", re.MULTILINE)


@dataclass
class Report:
    """What became of one document."""

    document: Path
    package: str
    seconds: float = 0.0  # of CPU, for generating
    refused: str = ""  # why nothing was generated
    warnings: list[str] = field(default_factory=list[str])
    stable: bool | None = None  # the same bytes in another process
    faults: list[str] = field(default_factory=list[str])  # of the package: imports, decoders, examples
    mypy: list[str] = field(default_factory=list[str])
    pyright: list[str] = field(default_factory=list[str])
    talk: list[str] = field(default_factory=list[str])  # what went wrong with the mock
    offers: dict[str, int] = field(default_factory=dict[str, int])

    @property
    def clean(self) -> bool:
        return not (self.refused or self.faults or self.mypy or self.pyright or self.talk or self.stable is False)


def documents_in(paths: Iterable[Path]) -> Iterator[Path]:
    """The files that are AsyncAPI documents."""
    for path in paths:
        found = [path] if path.is_file() else sorted(one for one in path.rglob("*") if one.suffix in SUFFIXES)
        for one in found:
            if one == path or _IS_DOCUMENT.search(one.read_text(encoding="utf-8", errors="replace")):
                yield one


def named(documents: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    """A package name for each document: of its file, or of its folder where files are called alike."""
    taken = Counter[str]()
    for document in documents:
        parts = [*document.parts[-4:-1], document.stem] if document.stem.startswith("asyncapi") else [document.stem]
        name = "d_" + re.sub(r"\W+", "_", "_".join(parts)).strip("_").lower()
        taken[name] += 1
        yield document, name if taken[name] == 1 else f"{name}_{taken[name]}"


def generate(document: Path, package: str, out: Path) -> Report:
    """Generates one package, as `wirewright generate DOC --package NAME --out DIR` does."""
    report, start = Report(document, package), time.process_time()
    try:
        works = pipeline.generate(document_config(document, package, out))
        report.warnings = [str(one) for work in works for one in work.warnings]
    except SpecError as error:
        report.refused = "; ".join(str(one) for one in error.problems if not one.warning)
    except Exception as error:  # a fault of the generator: told, and the others go on
        report.refused = f"CRASH {type(error).__name__}: {error}"
    report.seconds = time.process_time() - start
    return report


def examine(reports: Sequence[Report], out: Path) -> None:
    """Imports the packages in a process of their own, builds every decoder, reads every example."""
    names = [one.package for one in reports if not one.refused]
    script = HERE.with_name("examine.py")
    run = subprocess.run([sys.executable, script, out, *names], capture_output=True, text=True, check=False)
    found = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]
    for report in reports:
        mine = next((one for one in found if one["package"] == report.package), None)
        if mine is not None:
            report.faults, report.offers = mine["faults"], mine["offers"]
        elif not report.refused:
            report.faults = [f"the examination ended early: {run.stderr[-500:]}"]


def talk(reports: Sequence[Report], out: Path) -> None:
    """Lets each client talk to the mock of its document."""
    wanted = {str(one.document): one.package for one in reports if not one.refused}
    script = HERE.with_name("talk.py")
    command = [sys.executable, str(script), str(out), json.dumps(wanted)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    found = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]
    for report in reports:
        mine = next((one for one in found if one["package"] == report.package), None)
        if not report.refused:
            report.talk = mine["faults"] if mine is not None else [f"the talk ended early: {run.stderr[-500:]}"]


def again(reports: Sequence[Report], out: Path) -> None:
    """Generates once more, in another process with other hashes, and compares."""
    wanted = {str(one.document): one.package for one in reports if not one.refused}
    environment = {**os.environ, "PYTHONHASHSEED": "4711"}
    command = [sys.executable, str(HERE), "--check", str(out), json.dumps(wanted)]
    run = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    differing = set(run.stdout.split())
    for report in reports:
        report.stable = None if report.refused else report.package not in differing and run.returncode == 0


def check_types(reports: Sequence[Report], out: Path) -> None:
    """mypy --strict and pyright (strict) over all packages together."""
    by_name = {one.package: one for one in reports}
    (out / "mypy.ini").write_text(f"[mypy]\nmypy_path = {HERE.parents[2] / 'runtime'}\n")
    settings = {"include": ["."], "extraPaths": [str(HERE.parents[2] / "runtime")], "typeCheckingMode": "strict"}
    settings |= {"venvPath": str(BIN.parents[1]), "venv": BIN.parent.name}
    (out / "pyrightconfig.json").write_text(json.dumps({**settings, "pythonVersion": "3.11"}))
    arguments = [one.package for one in reports if not one.refused]
    mypy = [BIN / "mypy", "--strict", "--no-error-summary", "--config-file", "mypy.ini", "--python-version", "3.11"]
    run = subprocess.run([*mypy, *arguments], cwd=out, capture_output=True, text=True, check=False)
    for line in run.stdout.splitlines():
        _placed(by_name, line, "mypy")
    run = subprocess.run([BIN / "pyright", "--outputjson"], cwd=out, capture_output=True, text=True, check=False)
    for one in json.loads(run.stdout)["generalDiagnostics"]:
        place = Path(one["file"]).relative_to(out.resolve())
        _placed(by_name, f"{place}:{one['range']['start']['line'] + 1}: {one['message']}", "pyright")


def _placed(by_name: dict[str, Report], line: str, tool: str) -> None:
    report = by_name.get(line.partition("/")[0])
    if report is not None:
        getattr(report, tool).append(line)


def _check(out: Path, wanted: dict[str, str]) -> None:
    """Names the packages that are not the same when they are generated again."""
    for document, package in wanted.items():
        works = pipeline.check(document_config(Path(document), package, out))
        if any(work.differences for work in works):
            print(package)


def shown(reports: Sequence[Report]) -> str:
    """The table, and what is wrong below it."""
    lines: list[str] = []
    for one in reports:
        offers = " ".join(f"{key}={value}" for key, value in one.offers.items())
        marks = [str(len(found)) if found else "." for found in (one.faults, one.mypy, one.pyright, one.talk)]
        state = "REFUSED" if one.refused else "ok" if one.clean else "WRONG"
        lines.append(
            f"{state:8}{one.seconds:6.2f}s {len(one.warnings):3}w {'/'.join(marks):8} {one.package[:60]:60} {offers}"
        )
        lines += [
            f"    {text[:400]}"
            for text in [one.refused, *one.faults[:5], *one.mypy[:4], *one.pyright[:4], *one.talk[:6]]
            if text
        ]
        if one.stable is False:
            lines.append("    other bytes in another process")
    seconds = sorted(one.seconds for one in reports)
    clean = sum(one.clean for one in reports)
    lines.append(
        f"{clean} of {len(reports)} clean; median {seconds[len(seconds) // 2]:.2f} s, slowest {seconds[-1]:.2f} s"
    )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="*", type=Path)
    parser.add_argument("--types", action="store_true", help="run mypy and pyright")
    parser.add_argument("--talk", action="store_true", help="let each client talk to the mock")
    parser.add_argument("--stable", action="store_true", help="generate a second time")
    parser.add_argument("--list", type=Path, help="a file that lists documents")
    parser.add_argument("--out", type=Path, help="keep the packages there")
    parser.add_argument("--warnings", action="store_true", help="show the warnings")
    parser.add_argument("--check", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.check:
        _check(Path(options.check[0]), json.loads(options.check[1]))
        return
    paths = (
        [*options.paths, *(Path(one) for one in options.list.read_text().splitlines())]
        if options.list
        else options.paths
    )
    out = (options.out or Path(tempfile.mkdtemp())).resolve()
    out.mkdir(parents=True, exist_ok=True)
    reports = [generate(document, name, out) for document, name in named(list(documents_in(paths)))]
    examine(reports, out)
    if options.stable:
        again(reports, out)
    if options.talk:
        talk(reports, out)
    if options.types:
        check_types(reports, out)
    print(shown(reports))
    if options.warnings:
        for one in reports:
            print(f"\n{one.package} ({one.document})", *one.warnings, sep="\n    ")


if __name__ == "__main__":
    main()
