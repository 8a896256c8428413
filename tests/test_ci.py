"""The workflows, ours and the one for users, call what is there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from wirewright.cli import app

ROOT = Path(__file__).parents[1]
OWN = sorted((ROOT / ".github/workflows").glob("*.yml"))
COMMAND = re.compile(r"\bwirewright (\w+)((?: +(?:--?[\w-]+|\"[^\"]*\"|[\w./]+))*)")


def workflows() -> dict[str, str]:
    for_users = re.findall(r"```yaml\n(name: .*?)```", (ROOT / "docs/ci.md").read_text(), re.DOTALL)
    assert len(for_users) == 1
    return {path.name: path.read_text() for path in OWN} | {"docs/ci.md": for_users[0]}


@pytest.mark.parametrize("name", list(workflows()))
def test_a_workflow_is_sound(name: str) -> None:
    text = workflows()[name]
    data: Any = yaml.safe_load(text)
    assert set(data) >= {"name", True, "permissions", "jobs"}  # YAML reads `on` as true
    steps = [step for job in data["jobs"].values() for step in job["steps"]]
    assert all(("run" in step) != ("uses" in step) for step in steps)
    for step in steps:  # an expression in a script is how a pull request's title runs commands
        assert "${{" not in step.get("run", "")
    for verb in re.findall(r"\bmake ([a-z]+)", "\n".join(step.get("run", "") for step in steps)):
        assert f"\n{verb}:" in (ROOT / "Makefile").read_text()


@pytest.mark.parametrize("name", [*workflows(), "README.md", "docs/ci.md, all of it"])
def test_every_command_and_option_is_there(name: str) -> None:
    text = workflows().get(name) or (ROOT / name.partition(",")[0]).read_text()
    commands: Any = get_command(app)
    for verb, rest in COMMAND.findall(text):
        if verb not in commands.commands:
            assert f"`wirewright {verb}" not in text, verb  # else it is prose
            continue
        known = {option for parameter in commands.commands[verb].params for option in parameter.opts}
        for option in re.findall(r"(?<=\s)--[a-z-]+", rest):
            assert option in known, f"{verb} {option}"
