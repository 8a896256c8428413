"""Classes that had other names: what the glossary says of them, as aliases that keep the old names alive."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wirewright.errors import Problem
from wirewright.load.glossary import Word
from wirewright.model.api import Api, Deprecation
from wirewright.model.modules import settle_modules
from wirewright.model.types import EnumType


def read_renames(api: Api, renamed: Mapping[str, Word]) -> tuple[tuple[Deprecation, ...], list[Problem]]:
    """The aliases, and rows that name no class or an old name that is taken."""
    found, problems = list[Deprecation](), list[Problem]()
    modules = dict(_modules(api))
    for name, word in renamed.items():
        owners = modules.get(name, [])
        if not owners:
            what = f"the glossary says that {name!r} was renamed, and no type, event, stream or request has that name"
            problems.append(Problem(word.origin, what, "take the name that it has now"))
        for old in word.old_names:
            taken = [module for module in owners if module in modules.get(old, [])]
            if taken:
                problems.append(Problem(word.origin, f"the old name {old!r} is another one's now", "leave it out"))
            else:
                found += [Deprecation(module, old, name) for module in owners]
                found += _stream(modules, renamed, old, name)
    return tuple(found), problems


def _stream(
    modules: Mapping[str, list[str]], renamed: Mapping[str, Word], old: str, name: str
) -> Iterator[Deprecation]:
    """The stream of a renamed event was renamed with it."""
    before, after = f"{old}Stream", f"{name}Stream"
    if "streams" in modules.get(after, []) and after not in renamed and "streams" not in modules.get(before, []):
        yield Deprecation("streams", before, after)


def _modules(api: Api) -> dict[str, list[str]]:
    """In which modules a name is defined."""
    found: dict[str, list[str]] = {}
    for named in settle_modules(api).types:
        found.setdefault(named.name, []).append("enums" if isinstance(named, EnumType) else named.module)
    for stream in api.streams:
        found.setdefault(stream.name, []).append("streams")
    for method in api.methods:
        for variant in method.variants:
            found.setdefault(variant.name, []).append("requests")
    return found
