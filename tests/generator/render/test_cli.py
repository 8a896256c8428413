"""The command: exit codes, what is said and where."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from conftest import Project
from typer.testing import CliRunner, Result

from wirewright.cli import app
from wirewright.errors import Problem
from wirewright.model.types import Origin


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), catch_exceptions=False)


def test_generate_tells_what_changed(project: Project) -> None:
    first = run("generate")
    assert first.exit_code == 0
    assert "+ mini_wire/mini/client.py\n" in first.stdout
    assert first.stdout.splitlines()[-1] == "mini_wire: 28 created (27 files)"
    assert run("generate").stdout == "mini_wire: nothing changed (27 files)\n"
    (project.root / "specs/mini/market.md").write_text("News.\n")
    assert "~ mini_wire/mini/README.md" in run("generate", "mini").stdout


def test_generate_works_from_a_folder_below(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project.root / "specs/mini")
    assert run("generate").exit_code == 0
    assert (project.out / "mini/client.py").exists()


def test_problems_are_told_all_at_once(project: Project) -> None:
    project.problems += [
        Problem(Origin("specs/mini/market.md", 7, 3), "the second thing is wrong", "do it right"),
        Problem(Origin("specs/mini/market.md", 2, 1), "the first thing is wrong", also=Origin("specs/mini/a.yaml", 4)),
        Problem(Origin("specs/mini/market.md", 9), "[bold]doubtful[/bold]", warning=True),
    ]
    result = run("generate")
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "specs/mini/market.md:2:1: the first thing is wrong (also specs/mini/a.yaml:4:1)",
        "specs/mini/market.md:7:3: the second thing is wrong; do it right",
        "specs/mini/market.md:9:1: warning: [bold]doubtful[/bold]",
        "2 problems, 1 warning.",
        "Nothing was written.",
    ]
    assert not project.out.exists()
    assert run("validate").exit_code == 1


def test_validate_is_silent_where_nothing_is_wrong(project: Project) -> None:
    result = run("validate", "mini")
    assert (result.exit_code, result.output) == (0, "")


def test_an_edited_file_needs_force(project: Project) -> None:
    run("generate")
    (project.out / "mini/api.py").write_text("mine")
    result = run("generate")
    assert result.exit_code == 1
    assert result.stderr.startswith("generated/mini_wire/mini/api.py:1:1: this generated file was edited by hand; ")
    assert run("generate", "--force").exit_code == 0


def test_usage(project: Project) -> None:
    unknown = run("generate", "nothing")
    assert unknown.exit_code == 2
    assert "there are mini, other" in unknown.stderr
    assert run("generate", "--package", "x").exit_code == 2
    assert run("generate", "--package", "no-name", "specs/mini").exit_code == 2
    assert run("generate", "--package", "name", "nowhere.yaml").exit_code == 2
    assert run("nonsense").exit_code == 2
    assert run("inspect", "nowhere").exit_code == 2


def test_it_says_its_version() -> None:
    result = run("--version")
    assert (result.exit_code, result.stdout) == (0, f"wirewright {version('wirewright')}\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")
def test_a_full_disk_is_told_in_a_line() -> None:
    document = Path(__file__).parents[2] / "cases/chat/chat.yaml"
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "wirewright", "inspect", str(document)]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode != 0
    assert "No space left on device" in done.stderr
    assert "cli.py" not in done.stderr


def test_no_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("generate")
    assert result.exit_code == 2
    assert "wirewright.toml" in result.stderr


def test_what_is_not_there_or_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for command in ("validate", "inspect", "mock"):
        result = run(command, "nowhere.yaml")
        assert (result.exit_code, "no file or folder 'nowhere.yaml'" in result.stderr) == (2, True)
    document = tmp_path / "d.yaml"
    document.write_text("asyncapi: 3.0.0\ninfo: {title: T, version: '1'}\nchannels: {a: {address: /a}}\n")
    result = run("generate", "d.yaml", "--package", "toy", "--out", "d.yaml")
    assert (result.exit_code, "Traceback" in result.stderr) == (1, False)
    assert "name a place that can be read and written" in result.stderr


def test_a_document_does_not_steer_the_terminal(tmp_path: Path) -> None:
    document = tmp_path / "d.yaml"
    servers = r'{"m\e[31m": {url: "wss://a.example/\e[32m", protocol: wss}}'
    document.write_text(
        rf'{{asyncapi: 2.6.0, info: {{title: "T\e[33m\u202E", version: "1"}}, servers: {servers}, channels: {{}}}}'
    )
    for arguments in (("inspect",), ("inspect", "--json"), ("validate",)):
        result = run(*arguments, str(document))
        assert result.exit_code == 0
        assert all(sign.isprintable() or sign == "\n" for sign in result.output)
    assert "T\\u001b[33m\\u202e" in run("inspect", str(document)).stdout


def test_a_terminal_without_the_letters_gets_their_numbers(tmp_path: Path) -> None:
    document = tmp_path / "d.yaml"
    document.write_text("asyncapi: 3.0.0\ninfo: {title: Ünï, version: '1'}\nchannels: {}\n", encoding="utf-8")
    environment = {"PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "wirewright", "inspect", str(document)]
    shown = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert shown.returncode == 0, shown.stderr
    assert r"\xdcn\xef" in shown.stdout


def test_a_wrong_configuration_is_told_with_its_line(project: Project) -> None:
    config = project.root / "wirewright.toml"
    config.write_text(
        config.read_text() + '\n[packages.bad-name]\nspeck = "x"\n\n[packages.bad-name.products.a]\nspec = 3\n'
    )
    result = run("generate")
    assert result.exit_code == 1
    assert (
        "wirewright.toml:12:1: `bad-name` is no name of a Python package; use letters, digits and underscores"
        in result.stderr
    )
    assert "wirewright.toml:13:1: `speck` is unknown here; known are asyncapi, out, products, title" in result.stderr
    assert "wirewright.toml:16:1: `spec` is no text" in result.stderr
    config.write_text("\npackages = [\n")
    assert "wirewright.toml:2:1: no TOML" in run("check").stderr


def test_a_document_becomes_a_package_of_its_own(project: Project) -> None:
    result = run("generate", "specs/mini", "--package", "my_feed", "--out", "src")
    assert result.exit_code == 0
    made = project.root / "src/my_feed"
    assert {"client.py", "__init__.py", "py.typed", "README.md"} <= {path.name for path in made.iterdir()}
    assert "from my_feed.client import MiniClient" in (made / "__init__.py").read_text()
    assert run("generate", "specs/mini", "--package", "my_feed", "--out", "src").stdout.startswith(
        "my_feed: nothing changed"
    )


def test_inspect_lists_everything(project: Project) -> None:
    result = run("inspect", "mini")
    assert result.exit_code == 0
    for wire in ("avgPrice", "order.place", "<symbol>@depth <symbol>@depth@100ms", "executionReport", "PlacedOrder"):
        assert wire in result.stdout
    data = json.loads(run("inspect", "mini", "--json").stdout)
    assert [method["wire"] for method in data[0]["methods"]][:2] == ["avgPrice", "depth"]
    assert data[0]["types"][0]["is"] == "EnumType"


def test_a_mistake_in_a_template_is_told_with_its_line(project: Project) -> None:
    own = project.root / "own"
    own.mkdir()
    (own / "enum.py.jinja").write_text("class {{ enum.name }}:\n    pass\n    {{ enum.nonsense }}\n")
    config = project.root / "wirewright.toml"
    config.write_text('templates = "own"\n' + config.read_text())
    result = run("generate")
    assert result.exit_code == 1
    assert result.stderr.startswith("own/enum.py.jinja:3:1: the template cannot be rendered: ")
    assert "nonsense" in result.stderr
    (own / "enum.py.jinja").write_text("\n{% if %}\n")
    assert run("generate").stderr.startswith("own/enum.py.jinja:2:1: ")


def test_a_user_may_change_a_template(project: Project) -> None:
    own = project.root / "own"
    own.mkdir()
    (own / "renamed.py.jinja").write_text("")
    (own / "package.py.jinja").write_text('"""Mine."""\n')
    config = project.root / "wirewright.toml"
    config.write_text('templates = "own"\n' + config.read_text())
    assert run("generate").exit_code == 0
    assert (project.out / "__init__.py").read_text() == '"""Mine."""\n'


def test_profile_shows_the_stations(project: Project) -> None:
    result = run("generate", "--profile")
    assert [line.split()[0] for line in result.stderr.splitlines()] == ["load", "render", "format", "surface", "write"]


STATIONS = ("load", "model.check", "render", "write.format")
LIBRARIES = ("black", "datamodel_code_generator", "jinja2", "msgspec", "yaml")


def imported(*arguments: str) -> tuple[str, list[str]]:
    """What a command prints, and what of the stations and of their libraries it imports."""
    code = (
        f"import sys; sys.argv = {['wirewright', *arguments]}\n"
        "from wirewright.__main__ import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        f"heavy = {[*LIBRARIES, *(f'wirewright.{one}' for one in STATIONS)]}\n"
        "print(*(name for name in heavy if name in sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return done.stdout, done.stderr.split()


def test_help_imports_no_station() -> None:
    printed, found = imported("--help")
    assert "generate" in printed
    assert found == []


def test_a_run_that_finds_nothing_to_do_imports_no_station(project: Project) -> None:
    """Which is why it takes as long as the interpreter and the command's own libraries."""
    run("generate")
    project.loads.clear()
    assert imported("generate") == ("mini_wire: nothing changed (27 files)\n", [])
    (project.root / "specs/mini/market.md").write_text("News.\n")
    assert "wirewright.load" in imported("generate")[1]


def test_without_the_extra_the_command_says_so() -> None:
    code = (
        "import sys, importlib.util as util; find = util.find_spec\n"
        "util.find_spec = lambda name, *rest: None if name in ('black', 'typer') else find(name, *rest)\n"
        "from wirewright.__main__ import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 2
    assert "[generator]" in done.stderr
    assert "black, typer" in done.stderr
    assert "Traceback" not in done.stderr
