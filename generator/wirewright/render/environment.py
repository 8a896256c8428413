"""Our Jinja environment: where templates are found, what they may use, and how their mistakes are told.

A template only places text. Text of a spec reaches it as data and leaves it through a filter that quotes.
"""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from pathlib import Path

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined, TemplateError, TemplateSyntaxError

from wirewright.errors import Problem, SpecError
from wirewright.model.types import Origin
from wirewright.render import python
from wirewright.render.docs import described
from wirewright.render.prose import sentence

PACKAGE = Path(__file__).resolve().parents[1]


def own_templates() -> Path:
    """The templates that come with the generator: inside the package in a wheel, at the top of a checkout."""
    places = (PACKAGE / "templates", PACKAGE.parents[1] / "templates")
    for place in places:
        if place.is_dir():
            return place
    looked = " or ".join(str(place) for place in places)
    raise FileNotFoundError(f"wirewright's templates are missing: looked in {looked}; install the package again")


def template_folders(users: Path | None) -> tuple[Path, ...]:
    """Where templates are looked for: the user's own copy first, which need not be complete."""
    return (own_templates(),) if users is None else (users, own_templates())


def template_file(folders: Sequence[Path], name: str) -> Path:
    return next(folder / name for folder in folders if (folder / name).is_file())


class Templates:
    """Renders templates by name; a mistake in one becomes a `SpecError` with the template's file and line."""

    def __init__(self, users: Path | None = None) -> None:
        self.folders = template_folders(users)
        self._environment = Environment(
            loader=ChoiceLoader([FileSystemLoader(folder) for folder in self.folders]),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            autoescape=False,  # the output is Python and Markdown: the filters below quote
        )
        self._environment.filters.update(
            comment=python.comment,
            described=described,
            docstring=python.docstring,
            docstring_of=python.docstring_of,
            literal=python.literal,
            sentence=sentence,
        )

    def render(self, template: str, /, **data: object) -> str:
        try:
            return self._environment.get_template(template).render(**data)
        except TemplateSyntaxError as error:
            raise self._mistake(Path(error.filename or template), error.lineno, error) from error
        except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError) as error:
            raise self._mistake(*self._place(error, template), error) from error

    def _place(self, error: Exception, template: str) -> tuple[Path, int]:
        """The innermost template line that the error went through."""
        frames = [(Path(frame.filename), frame.lineno or 1) for frame in traceback.extract_tb(error.__traceback__)]
        inside = [frame for frame in frames if frame[0].parent in self.folders]
        return inside[-1] if inside else (Path(template), 1)

    def _mistake(self, file: Path, line: int, error: Exception) -> SpecError:
        return template_problem(file, line, str(error) or type(error).__name__)


def template_problem(file: Path, line: int, what: str) -> SpecError:
    origin = Origin(_shortest(file), line)
    return SpecError([Problem(origin, f"the template cannot be rendered: {what}", "mend the template")])


def _shortest(file: Path) -> str:
    """The file as a user would type it."""
    try:
        return str(file.relative_to(Path.cwd()))
    except ValueError:
        return str(file)
