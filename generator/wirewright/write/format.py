"""Formats generated Python with black, as a library: one process, no safety check, which is what costs most there."""

from __future__ import annotations

from collections.abc import Mapping

LINE_LENGTH = 120


def format_files(files: Mapping[str, str]) -> dict[str, str]:
    """Every Python file formatted, every other one as it is; all end with one newline."""
    return {path: _format(path, text) for path, text in files.items()}


def _format(path: str, text: str) -> str:
    if not path.endswith(".py"):
        return text.rstrip("\n") + "\n"
    from black import format_str
    from black.mode import Mode, TargetVersion
    from black.parsing import InvalidInput

    try:
        return format_str(text, mode=Mode(target_versions={TargetVersion.PY311}, line_length=LINE_LENGTH))
    except InvalidInput as error:
        raise ValueError(f"{path} came out as no Python: {error}") from error
