"""The command `wirewright`. It says which extra to install where the generator's own libraries are missing."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from io import TextIOWrapper

LIBRARIES = ("black", "datamodel_code_generator", "jinja2", "markdown_it", "rich", "typer", "yaml")


def main() -> None:
    missing = [library for library in LIBRARIES if find_spec(library) is None]
    if missing:
        print(
            f"wirewright: the generator needs {', '.join(missing)}; install the extra [generator], "
            "as in: pip install '.[generator]' (from a checkout) or 'wirewright-X.Y.Z-py3-none-any.whl[generator]'",
            file=sys.stderr,
        )
        raise SystemExit(2)
    from wirewright.cli import app

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a terminal that cannot show a letter gets its number
            stream.reconfigure(errors="backslashreplace")
    app()


if __name__ == "__main__":
    main()
