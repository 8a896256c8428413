"""The command line: what a user can ask for. Exit codes: 0 fine, 1 problems or differences, 2 usage.

No station is imported here: `--help`, and a run that finds nothing to do, should cost nothing.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from importlib import import_module
from importlib.metadata import version
from keyword import iskeyword
from pathlib import Path
from typing import Annotated

import typer

from wirewright import pipeline, report
from wirewright.config import FILE, Config, PackageConfig, ProductConfig, document_config, find_config, load_config
from wirewright.errors import SpecError
from wirewright.revision import RevisionError, project_at
from wirewright.screen import Screen, visible
from wirewright.versions import Versions, versions_of_paths, versions_of_projects


class Form(StrEnum):
    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"


class FailOn(StrEnum):
    BREAKING = "breaking"
    RISKY = "risky"


app = typer.Typer(
    name="wirewright",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"wirewright {version('wirewright')}")
        raise typer.Exit


@app.callback()
def _main(
    _: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Typed Python WebSocket clients from AsyncAPI documents and endpoint tables."""


ConfigFile = Annotated[Path | None, typer.Option("--config", help=f"The {FILE} to use; default: the nearest one.")]
Profile = Annotated[bool, typer.Option("--profile", help="Show what each station took.")]
Specs = Annotated[list[str] | None, typer.Argument(help="Products of wirewright.toml, folders or AsyncAPI documents.")]
Perspective = Annotated[str, typer.Option(help="The side that the document describes: auto, client or server.")]


@app.command()
def generate(
    products: Annotated[
        list[str] | None, typer.Argument(help="Products of wirewright.toml (default: all), or one AsyncAPI document.")
    ] = None,
    package: Annotated[str | None, typer.Option(help="Name of the package to make from one document.")] = None,
    out: Annotated[Path, typer.Option(help="Folder that gets the package.")] = Path("."),
    perspective: Perspective = "auto",
    ref_roots: Annotated[
        list[Path] | None,
        typer.Option("--allow-ref-root", help="Another folder that a `$ref` of the document may lead to; repeatable."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Generate everything again, over files edited by hand too.")
    ] = False,
    config_file: ConfigFile = None,
    profile: Profile = False,
) -> None:
    """Generate every client that wirewright.toml lists, or one from any AsyncAPI document."""
    screen = Screen()
    with _told(screen, written=True):
        if package is not None:
            config, wanted = _document(screen, products or [], package, out, perspective, ref_roots or []), []
        else:
            config = _config(screen, config_file)
            wanted = _known(config, products or [])
        with screen.watching(config) as watch:
            works = pipeline.generate(config, wanted, force=force, watch=watch)
        screen.show_generated(works)
        if profile:
            screen.show_profile(watch)


@app.command()
def check(config_file: ConfigFile = None, profile: Profile = False) -> None:
    """Generate in memory, and show what differs from the disk."""
    screen = Screen()
    with _told(screen):
        config = _config(screen, config_file)
        with screen.watching(config) as watch:
            works = pipeline.check(config, watch=watch)
        differences = screen.show_differences(works)
        if profile:
            screen.show_profile(watch)
    raise typer.Exit(1 if differences else 0)


@app.command()
def validate(specs: Specs = None, perspective: Perspective = "auto", config_file: ConfigFile = None) -> None:
    """Show what is wrong or doubtful in specs, and nothing else."""
    screen = Screen()
    with _told(screen):
        config, wanted = _specs(screen, specs or [], perspective, config_file)
        problems = [problem for loaded in pipeline.inspect(config, wanted) for problem in loaded.problems]
        screen.show_problems(problems)
    raise typer.Exit(1 if any(not problem.warning for problem in problems) else 0)


@app.command()
def inspect(
    specs: Specs = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole model as JSON.")] = False,
    perspective: Perspective = "auto",
    config_file: ConfigFile = None,
) -> None:
    """Show what a spec says: methods, streams, events and types."""
    screen = Screen()
    with _told(screen):
        config, wanted = _specs(screen, specs or [], perspective, config_file)
        found = pipeline.inspect(config, wanted)
        if as_json:
            print(
                visible(json.dumps([report.plain(one.api) for one in found if one.api], indent=1, ensure_ascii=False))
            )
        else:
            for one in found:
                screen.show_tables(report.tables(one))
        problems = [problem for one in found for problem in one.problems]
        screen.show_problems(problems)
    raise typer.Exit(1 if any(not problem.warning for problem in problems) else 0)


@app.command()
def diff(
    specs: Annotated[
        list[str] | None,
        typer.Argument(help="OLD and NEW: folders of specs, AsyncAPI documents or pages. With --base: products."),
    ] = None,
    base: Annotated[
        str | None, typer.Option("--base", metavar="REV", help="Compare with the specs of this git revision.")
    ] = None,
    form: Annotated[Form, typer.Option("--format", help="How it is told.")] = Form.TEXT,
    fail_on: Annotated[
        FailOn | None, typer.Option(help="Exit with 1 where a change is at least this; without it, always 0.")
    ] = None,
    product: Annotated[str | None, typer.Option(help="The product whose names are told for what pages show.")] = None,
    perspective: Perspective = "auto",
    config_file: ConfigFile = None,
) -> None:
    """Tell what a change of specs means for a client, each difference once."""
    screen = Screen()
    with _told(screen), _versions(screen, specs or [], base, perspective, config_file) as listed:
        names, root = _product(screen, product, config_file) if product is not None else (None, "")
        found = pipeline.diff(listed, names, root)
        from wirewright.diff.report import render
        from wirewright.diff.rules import Level

        print(render(found.changes, form.value), end="")
        screen.show_problems(found.problems)
        if found.doubts:
            screen.say(f"{found.doubts} places in the specs are doubtful; `wirewright validate` shows them.")
        worst = max((change.level for change in found.changes), default=Level.DOCS)
    is_wrong = any(not problem.warning for problem in found.problems)
    if is_wrong or (fail_on is not None and worst >= Level[fail_on.name]):
        raise typer.Exit(1)


@app.command()
def mock(
    spec: Annotated[str, typer.Argument(help="A product of wirewright.toml, a folder or an AsyncAPI document.")],
    port: Annotated[int, typer.Option(help="Port to listen at; 0 takes a free one.", min=0, max=65535)] = 9443,
    host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
    faults: Annotated[
        str, typer.Option(help="What goes wrong, as text or a file: 'order.place: accept_then_drop'.")
    ] = "",
    key: Annotated[
        list[str] | None, typer.Option(help="One more key for tests: API_KEY:SECRET or API_KEY:FILE.pem.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Say where it listens, and nothing else.")] = False,
    perspective: Perspective = "auto",
    config_file: ConfigFile = None,
) -> None:
    """Serve a product or a document on this machine, so that its client can be tried without an account."""
    screen = Screen()
    with _told(screen):
        command = import_module("wirewright.mock.command")
        config, wanted = _served(screen, spec, perspective, config_file, command.bundled())
        try:
            exchange = command.prepare(pipeline.inspect(config, wanted)[0], key or [], screen.show, quiet=quiet)
            script = command.Script.read(faults) if faults else command.Script()
            script.check(exchange.knows)
            command.serve(exchange, host=host, port=port, script=script, say=screen.show, quiet=quiet)
        except (command.PortTaken, ValueError) as error:
            screen.say(f"wirewright mock: {error}")
            raise typer.Exit(1 if isinstance(error, command.PortTaken) else 2) from None


@contextmanager
def _versions(
    screen: Screen, specs: Sequence[str], base: str | None, perspective: str, config_file: Path | None
) -> Generator[list[Versions]]:
    """What is compared: two paths, or the project with its past."""
    if base is not None:
        config = _config(screen, config_file)
        wanted = _known(config, specs)
        try:
            with project_at(config, base) as old:
                yield versions_of_projects(old, config, wanted)
        except RevisionError as error:
            raise typer.BadParameter(str(error)) from error
        return
    if len(specs) != 2:
        raise typer.BadParameter("name two versions, OLD and NEW, or give --base REV")
    old_path, new_path = (_existing_as_named(spec) for spec in specs)
    found = config_file or find_config(Path.cwd())
    yield versions_of_paths(old_path, new_path, load_config(found) if found is not None else None, perspective)


def _existing_as_named(spec: str) -> Path:
    _existing(spec)
    return Path(spec)


def _product(screen: Screen, name: str, config_file: Path | None) -> tuple[ProductConfig, str]:
    config = _config(screen, config_file)
    _known(config, [name])
    package, product = next(
        (package, product) for package in config.packages for product in package.products if product.known_as == name
    )
    return product, ".".join(part for part in (package.name, product.name) if part)


@app.command("import")
def import_(
    pages: Annotated[list[Path], typer.Argument(help="Pages of the exchange's documentation, in Markdown.")],
    out: Annotated[Path | None, typer.Option(help="Folder of specs that gets what the pages say.")] = None,
    product: Annotated[str, typer.Option(help="A product of wirewright.toml, in place of --out.")] = "",
    prune: Annotated[bool, typer.Option("--prune", help="Remove the parameters that disappeared.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    config_file: ConfigFile = None,
) -> None:
    """Bring pages of the exchange's documentation into our tables; what a person wrote there stays."""
    from wirewright.pages import Order, import_pages
    from wirewright.write.files import stage_texts

    screen = Screen()
    with _told(screen, written=True):
        folder = _import_folder(screen, out, product, config_file)
        report = import_pages(Order(tuple(pages), folder, prune))
        if report.problems:
            raise SpecError(report.problems)
        if not dry_run:
            stage_texts(folder, report.texts)
        screen.show_import(report, folder, written=not dry_run)


def _import_folder(screen: Screen, out: Path | None, product: str, config_file: Path | None) -> Path:
    if (out is None) == (not product):
        raise typer.BadParameter("say where the tables are: --out FOLDER, or --product NAME")
    if out is None:
        config = _config(screen, config_file)
        found = [one.spec for package in config.packages for one in package.products if one.name == product]
        if not found:
            _known(config, [product])
        out = found[0]
    if out.exists() and not out.is_dir():
        raise typer.BadParameter(f"{out} is a file, not a folder of specs")
    return out


@contextmanager
def _told(screen: Screen, *, written: bool = False) -> Generator[None]:
    """Problems end as lines on the screen and exit code 1."""
    try:
        yield
    except SpecError as error:
        screen.show_problems(error.problems)
        if written:
            screen.say("Nothing was written.")
        raise typer.Exit(1) from None
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        where = f"{error.filename}: " if error.filename is not None else ""
        screen.say(f"wirewright: {where}{error.strerror}; name a place that can be read and written")
        raise typer.Exit(1) from None


def _config(screen: Screen, file: Path | None, missing: Sequence[str] = ()) -> Config:
    """What wirewright.toml says. `missing` are arguments that are no paths, so that it has to name them."""
    found = file or find_config(Path.cwd())
    if found is None and missing:
        raise typer.BadParameter(f"there is no file or folder {missing[0]!r}, and no {FILE} that could name it")
    if found is None or not found.is_file():
        where = file or f"{FILE}, neither here nor above"
        raise typer.BadParameter(
            f"there is no {where}; name it with --config. A client of one document needs none: "
            "`wirewright generate DOC --package NAME --out DIR`"
        )
    screen.root = found.resolve().parent
    return load_config(found)


def _document(
    screen: Screen, arguments: Sequence[str], package: str, out: Path, perspective: str, ref_roots: Sequence[Path]
) -> Config:
    if len(arguments) != 1:
        raise typer.BadParameter("--package takes exactly one AsyncAPI document or folder of specs")
    if not package.isidentifier() or iskeyword(package):
        raise typer.BadParameter(f"{package!r} is no name of a Python package")
    roots = tuple(_existing(str(root)) for root in ref_roots)
    config = document_config(_existing(arguments[0]), package, out, perspective, roots)
    screen.root = config.root
    return config


def _known(config: Config, products: Sequence[str]) -> list[str]:
    known = [product.known_as for package in config.packages for product in package.products]
    for name in products:
        if name not in known:
            hint = "; to generate from a document, add --package NAME --out DIR" if Path(name).exists() else ""
            what = "product or file" if Path(name).suffix else "product"
            raise typer.BadParameter(f"there is no {what} {name!r}; there are {', '.join(known)}{hint}")
    return list(products)


def _specs(
    screen: Screen, specs: Sequence[str], perspective: str, config_file: Path | None
) -> tuple[Config, list[str]]:
    """Products by name, or specs by path; without any, all that wirewright.toml lists."""
    paths = [spec for spec in specs if Path(spec).exists()]
    if not paths:
        config = _config(screen, config_file, specs)
        return config, _known(config, specs)
    root = Path.cwd()
    products = tuple(ProductConfig(Path(spec).stem, root / _existing(spec), root, perspective) for spec in specs)
    return Config(root, (PackageConfig("", root, "", products),)), []


def _served(
    screen: Screen, spec: str, perspective: str, config_file: Path | None, bundled: Mapping[str, Path]
) -> tuple[Config, list[str]]:
    """What `mock` serves: a path, a product of wirewright.toml, or else one that comes with wirewright."""
    file = find_config(Path.cwd())
    if Path(spec).exists() or config_file is not None or (spec not in bundled and file is not None):
        return _specs(screen, [spec], perspective, config_file)
    if spec not in bundled:
        raise typer.BadParameter(f"there is no file or folder {spec!r}; {', '.join(bundled)} come with wirewright")
    config = load_config(file) if file is not None else None
    if config is not None and any(product.known_as == spec for one in config.packages for product in one.products):
        return config, [spec]
    folder = bundled[spec]
    product = ProductConfig(spec, folder, folder.parents[2], perspective)
    return Config(folder, (PackageConfig("", folder, "", (product,)),)), []


def _existing(spec: str) -> Path:
    path = Path(spec)
    if not path.exists():
        raise typer.BadParameter(f"there is no file or folder {spec!r}")
    return path.resolve()
