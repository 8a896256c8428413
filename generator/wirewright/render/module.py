"""A generated module: header, imports, body; or, when it grows long, a package of the exchange's sections.

The import path stays the same: the package's `__init__` names again what its sections define.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from wirewright.model.naming import snake
from wirewright.render.context import Context
from wirewright.render.imports import import_block, unknown_names

LONGEST = 1500  # lines of a module
SHARED = "shared"  # the section of what several sections use

Frame = Callable[[str, str], str]  # (section, text of its items) -> body of the module


@dataclass(frozen=True)
class Item:
    """A piece of a module: the names that it defines, its text, and the names of the same module that it uses."""

    names: tuple[str, ...]
    text: str
    section: str
    file: str
    uses: frozenset[str] = frozenset()


def plain(_section: str, body: str) -> str:
    return body


def render_module(context: Context, name: str, doc: str, items: Sequence[Item], frame: Frame = plain) -> dict[str, str]:
    """The module as `{path: text}`: one file, or a package of sections."""
    body = frame("", _join(items))
    if body.count("\n") <= LONGEST:
        return {f"{name}.py": render_text(context, doc, body, _files(items))}
    return _render_package(context, name, doc, items, frame)


def render_text(
    context: Context, doc: str, body: str, files: Iterable[str], known: Mapping[str, str] | None = None
) -> str:
    """One file: the header that all share, the imports that the body asks for, the body."""
    names = context.known() if known is None else known
    if unknown := unknown_names(body, names):
        raise ValueError(f"{doc} Generated code uses names that nothing defines: {', '.join(sorted(unknown))}")
    imports = import_block(body, names)
    return context.templates.render("module.py.jinja", doc=doc, body=body, imports=imports, sources=list(files))


def renamed(context: Context, name: str, old_names: Sequence[str]) -> str:
    """The aliases that keep the old names of something alive."""
    return "\n\n\n" + context.templates.render("renamed.py.jinja", name=name, old_names=old_names) if old_names else ""


def _render_package(context: Context, name: str, doc: str, items: Sequence[Item], frame: Frame) -> dict[str, str]:
    sections = split_sections(items)
    home = {own: section for section, part in sections.items() for item in part for own in item.names}
    known = context.known() | {own: f"{context.root}.{name}.{section}" for own, section in home.items()}
    files: dict[str, str] = {}
    for section, part in sections.items():
        text = render_text(context, f"{doc.rstrip('.')}: {section}.", frame(section, _join(part)), _files(part), known)
        files[f"{name}/{section}.py"] = text
    files[f"{name}/__init__.py"] = _render_index(context, name, doc, items, sections)
    return files


def split_sections(items: Sequence[Item]) -> dict[str, list[Item]]:
    """Items by section. What another section uses goes to the shared one, with all that it uses itself."""
    home = {name: _identifier(item.section) for item in items for name in item.names}
    shared = {used for item in items for used in item.uses if home.get(used, "") != _identifier(item.section)}
    users = {name: item for item in items for name in item.names}
    todo = [name for name in shared if name in users]
    while todo:
        for used in users[todo.pop()].uses & users.keys() - shared:
            shared.add(used)
            todo.append(used)
    sections: dict[str, list[Item]] = {}
    for item in items:
        section = SHARED if shared.intersection(item.names) else _identifier(item.section)
        sections.setdefault(section, []).append(item)
    return sections


def _render_index(
    context: Context, name: str, doc: str, items: Sequence[Item], sections: Mapping[str, list[Item]]
) -> str:
    exported = {
        f"{context.root}.{name}.{section}": sorted(own for item in part for own in item.names)
        for section, part in sorted(sections.items())
    }
    everything = sorted(own for names in exported.values() for own in names)
    return context.templates.render(
        "index.py.jinja", doc=doc, exported=exported, everything=everything, sources=list(_files(items))
    )


def _join(items: Sequence[Item]) -> str:
    return "\n\n\n".join(item.text.strip("\n") for item in items) + "\n"


def _files(items: Sequence[Item]) -> list[str]:
    return sorted({item.file for item in items if item.file})


def _identifier(section: str) -> str:
    return snake(section, fallback="general")
