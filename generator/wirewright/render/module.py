"""A generated module: header, imports, body; or, when it grows long, a package of the exchange's sections.

The import path stays the same: the package's `__init__` names again what its sections define.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from wirewright.model.naming import cap, words
from wirewright.render.context import Context
from wirewright.render.imports import import_block, unknown_names
from wirewright.render.sections import LONGEST, Item, Sections, split_sections

Frame = Callable[[str, str], str]  # (section, text of its items) -> body of the module
Index = Callable[[Sections], tuple[str, dict[str, list[str]]]]  # -> body of the package's `__init__`, names by section


def plain(_section: str, body: str) -> str:
    return body


def reexport(sections: Sections) -> tuple[str, dict[str, list[str]]]:
    """The index of most packages: everything that the sections define, under the package's own name."""
    return "", {section: [name for item in part for name in item.names] for section, part in sections.items()}


def render_module(
    context: Context, name: str, doc: str, items: Sequence[Item], frame: Frame = plain, index: Index = reexport
) -> dict[str, str]:
    """The module as `{path: text}`: one file, or a package of sections; none where there is nothing to say."""
    if not items:
        return {}
    body = frame("", _join(items))
    if body.count("\n") <= LONGEST:
        return {f"{name}.py": render_text(context, doc, body, _files(items), context.known(name))}
    return _render_package(context, name, doc, items, frame, index)


def render_class(context: Context, name: str, title: str, doc: str, items: Sequence[Item]) -> dict[str, str]:
    """A module that is one class; when it grows long, a class of each section, and one that is all of them."""

    def class_name(section: str) -> str:
        return f"{cap(section) if section else ''}{name.capitalize()}"

    def frame(section: str, body: str) -> str:
        return context.templates.render(
            f"{name}.py.jinja", name=class_name(section), doc=in_section(title, section), body=body
        )

    def class_index(sections: Sections) -> tuple[str, dict[str, list[str]]]:
        bases = {section: class_name(section) for section in sections}
        body = context.templates.render(
            "class_index.py.jinja", name=class_name(""), bases=list(bases.values()), doc=title
        )
        return body, {section: [base] for section, base in bases.items()}

    return render_module(context, name, doc, items, frame, class_index)


def render_text(
    context: Context, doc: str, body: str, files: Iterable[str], known: Mapping[str, str] | None = None
) -> str:
    """One file: the header that all share, the imports that the body asks for, the body."""
    names = context.known() if known is None else known
    if unknown := unknown_names(body, names):
        raise ValueError(f"{doc} Generated code uses names that nothing defines: {', '.join(sorted(unknown))}")
    imports = import_block(body, names)
    return context.templates.render("module.py.jinja", doc=doc, body=body, imports=imports, sources=list(files))


def in_section(doc: str, section: str) -> str:
    """What a module or a class of one section is: `Methods of ...: order lists.`"""
    return f"{doc.rstrip('.')}: {' '.join(words(section)).lower()}." if section else doc


def old_names(context: Context, module: str, name: str) -> tuple[str, ...]:
    """The names that something had before."""
    return tuple(one.old for one in context.api.deprecations if one.module == module and one.new == name)


def with_old_names(context: Context, module: str, name: str, text: str) -> tuple[tuple[str, ...], str]:
    """The names that a class has, and its text with the aliases that keep the old ones alive."""
    old = old_names(context, module, name)
    if not old:
        return (name,), text
    aliases = context.templates.render("renamed.py.jinja", name=name, old_names=old)
    return (name, *old), f"{text.rstrip()}\n\n\n{aliases}"


def _render_package(
    context: Context, name: str, doc: str, items: Sequence[Item], frame: Frame, index: Index
) -> dict[str, str]:
    sections = split_sections(items)
    root = f"{context.root}.{name}"
    known = context.known(name) | {
        own: f"{root}.{home}" for home, part in sections.items() for item in part for own in item.names
    }
    files: dict[str, str] = {}
    for section, part in sections.items():
        text = render_text(context, in_section(doc, section), frame(section, _join(part)), _files(part), known)
        files[f"{name}/{section}.py"] = text
    body, exported = index(sections)
    files[f"{name}/__init__.py"] = context.templates.render(
        "index.py.jinja",
        doc=doc,
        body=body,
        exported={f"{root}.{section}": sorted(names) for section, names in sorted(exported.items())},
        everything=[] if body else sorted(own for names in exported.values() for own in names),
        sources=_files(items),
    )
    return files


def _join(items: Sequence[Item]) -> str:
    return "\n\n\n".join(item.text.strip("\n") for item in items) + "\n"


def _files(items: Sequence[Item]) -> list[str]:
    return sorted({item.file for item in items if item.file})
