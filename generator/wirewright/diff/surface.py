"""Two manifests of generated names (`.surface.json`): what code that uses them would notice.

What a difference of the specs explains is told there, and may make it worse: a parameter that may be sent no more is a risk on the
wire, and a `TypeError` in a call that names it. The rest is told by itself.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from wirewright.diff.change import Change
from wirewright.diff.rules import RULES
from wirewright.model.types import Origin

Manifest = Mapping[str, str]  # name -> signature
_GIVEN = ("models.", "events.")  # modules whose fields are received; all others take what the user gives


@dataclass(frozen=True)
class Noticed:
    """One difference of the generated names. `symbol` may name a parameter: `api.Api.depth(limit)`."""

    symbol: str
    rule: str
    what: str


@dataclass(frozen=True)
class _Parameter:
    type: str
    required: bool


def compare_surfaces(old: Manifest, new: Manifest, renamed: Mapping[str, str] | None = None) -> list[Noticed]:
    """What code written against the old names would notice. `renamed`: class names of which it is told elsewhere."""
    old = {_respelled(name, renamed or {}): _respelled(text, renamed or {}) for name, text in old.items()}
    found = [*_gone(old, new), *_come(old, new)]
    for name in old.keys() & new.keys():
        if old[name] != new[name]:
            found += _both(name, old[name], new[name])
    return sorted(set(found), key=lambda one: (one.symbol, one.rule, one.what))


def with_surface(changes: Iterable[Change], noticed: Iterable[Noticed], where: Origin) -> list[Change]:
    """The changes, made worse where generated code is worse off, and what none of them explains."""
    listed = list(changes)
    places = _places(listed)
    for one in noticed:
        index = next((places[name] for name in _aliases(one.symbol) if name in places), None)
        if index is None:
            found = RULES[one.rule]
            subject = f"generated name {one.symbol.partition('[')[0]}"
            listed.append(Change(found.sent, found, (), subject, one.what, found.why, where, where, (), (one.symbol,)))
        else:
            listed[index] = _worse(listed[index], one)
    return listed


def renames(changes: Iterable[Change]) -> dict[str, str]:
    """Class names that changed, of which a change tells."""
    found: dict[str, str] = {}
    for one in changes:
        if one.rule.id in ("symbol-renamed", "symbol-renamed-kept", "name-follows-document") and len(one.symbols) == 2:
            old, new = (name.split(".") for name in one.symbols)
            if len(old) == len(new) == 2:
                found[old[1]] = new[1]
    return found


# Names that came or went


def _gone(old: Manifest, new: Manifest) -> Iterator[Noticed]:
    for name in old:
        if name not in new and not _owner_in(name, old, new):
            yield Noticed(name, "symbol-removed", "removed")


def _come(old: Manifest, new: Manifest) -> Iterator[Noticed]:
    for name in new:
        if name not in old and not _owner_in(name, new, old):
            yield Noticed(name, "symbol-added", "added")


def _owner_in(name: str, here: Manifest, there: Manifest) -> bool:
    """Whether all is said because its class came or went, too; an overload belongs to its function."""
    owner = name.partition("[")[0] if "[" in name else name.rpartition(".")[0]
    return owner in here and (owner not in there or "[" in name)


# Names that stayed


def _both(name: str, old: str, new: str) -> Iterator[Noticed]:
    if new.startswith("TypeAlias = ") and old.startswith("class("):
        what = f"renamed to {new.removeprefix('TypeAlias = ')}; the old name stays"
        yield Noticed(name, "symbol-renamed-kept", what)
    elif old.startswith("(") and new.startswith("(") and not _is_property(name, old, new):
        yield from _functions(name, old, new)
    elif old.startswith("TypeAlias = ") and new.startswith("TypeAlias = "):
        lost = _members(old) - _members(new)
        if lost and not name.startswith(_GIVEN):
            yield Noticed(name, "symbol-type-changed", f"no longer takes {_joined(lost)}")
    elif old.startswith("ClassVar") and new.startswith("ClassVar"):
        if old.partition(" = ")[0] != new.partition(" = ")[0]:
            yield Noticed(name, "symbol-type-changed", f"from `{old}` to `{new}`")
    else:
        yield from _types(name, _value(old), _value(new))


def _functions(name: str, old: str, new: str) -> Iterator[Noticed]:
    (before, was), (after, now) = _signature(old), _signature(new)
    name = name.partition("[")[0]
    for parameter in before.keys() - after.keys():
        yield Noticed(f"{name}({parameter})", "symbol-removed", f"parameter `{parameter}` removed")
    for parameter in after.keys() - before.keys():
        required = after[parameter].required
        what = f"{'required ' if required else ''}parameter `{parameter}` added"
        yield Noticed(f"{name}({parameter})", "parameter-required" if required else "symbol-added", what)
    for parameter in before.keys() & after.keys():
        yield from _parameters(f"{name}({parameter})", parameter, before[parameter], after[parameter])
    if was != now:
        yield from _types(name, was, now, given=True)


def _parameters(symbol: str, name: str, old: _Parameter, new: _Parameter) -> Iterator[Noticed]:
    if new.required and not old.required:
        yield Noticed(symbol, "parameter-required", f"parameter `{name}` became required")
    elif lost := _members(old.type) - _members(new.type):
        yield Noticed(symbol, "symbol-type-changed", f"parameter `{name}` no longer takes {_joined(lost)}")


def _types(name: str, old: str, new: str, given: bool | None = None) -> Iterator[Noticed]:
    """The type of a field or of a result: what is given may become less, what is taken may become more."""
    is_given = name.startswith(_GIVEN) if given is None else given
    before, after = _members(old), _members(new)
    if before == after:
        return
    fits = after <= before if is_given else before <= after
    rule_id = "symbol-type-widened" if fits else "symbol-type-changed"
    yield Noticed(name, rule_id, f"type from `{_short(old)}` to `{_short(new)}`")


def _is_property(name: str, old: str, new: str) -> bool:
    return name.startswith(_GIVEN) and (old.startswith("(self)") or new.startswith("(self)"))


def _value(text: str) -> str:
    """The type of a field; a deprecated property is one, too."""
    return text.removesuffix(" = ...").removeprefix("(self) -> ")


def _signature(text: str) -> tuple[dict[str, _Parameter], str]:
    node = ast.parse(f"def f{text}: ...").body[0]
    assert isinstance(node, ast.FunctionDef)
    found = {
        one.arg: _Parameter(ast.unparse(one.annotation) if one.annotation else "", default is None)
        for one, default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
    }
    return found, ast.unparse(node.returns) if node.returns else ""


def _members(text: str) -> frozenset[str]:
    """The alternatives of a type: the parts of a union, the values of a literal."""
    try:
        node = ast.parse(text.removeprefix("TypeAlias = "), mode="eval").body
    except SyntaxError:
        return frozenset({text})
    return frozenset(_alternatives(node))


def _alternatives(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            yield from _alternatives(left)
            yield from _alternatives(right)
        case ast.Subscript(value=ast.Name(id="Literal"), slice=inner):
            yield from (ast.unparse(one) for one in (inner.elts if isinstance(inner, ast.Tuple) else [inner]))
        case _:
            yield ast.unparse(node)


def _respelled(text: str, renamed: Mapping[str, str]) -> str:
    if not renamed:
        return text
    pattern = r"\b(" + "|".join(map(re.escape, sorted(renamed, key=len, reverse=True))) + r")\b"
    return re.sub(pattern, lambda match: renamed[match.group(1)], text)


# What explains a difference


def _places(changes: Iterable[Change]) -> dict[str, int]:
    """Which change touches a name, the first one where several do."""
    found: dict[str, int] = {}
    for index, one in enumerate(changes):
        for symbol in one.symbols:
            found.setdefault(symbol, index)
            if symbol.startswith("enums."):
                found.setdefault(f"{symbol.rpartition('.')[0]}Like", index)
    return found


def _aliases(symbol: str) -> Iterator[str]:
    """Under which names a change may touch a symbol: helpers and variants share the parameters of their method."""
    symbol = symbol.partition("[")[0]
    yield symbol
    module, _, rest = symbol.partition(".")
    if module == "api" and "(" in rest:
        function, _, parameter = rest.partition("(")
        while "_" in function:
            function = function.rpartition("_")[0]
            yield f"{module}.{function}({parameter}"
    elif module == "requests":
        owner, _, name = rest.partition(".")
        base = owner.removesuffix("Parameters")
        yield f"requests.{base}.{name}" if name else f"requests.{base}"
    elif module == "send" and "(" in rest:
        yield symbol.partition("(")[0]


def _worse(change: Change, one: Noticed) -> Change:
    found = RULES[one.rule]
    symbols = tuple(dict.fromkeys((*change.symbols, one.symbol.partition("[")[0])))
    if found.sent <= change.level:
        return replace(change, symbols=symbols)
    why = f"{change.why}; in generated code ({one.what}): {found.why}"
    return replace(change, level=found.sent, why=why, symbols=symbols)


def _joined(parts: Iterable[str]) -> str:
    return ", ".join(f"`{part}`" for part in sorted(parts))


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:77] + "..."
