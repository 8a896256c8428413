"""Two models side by side: every difference once, with all that use the place where it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from wirewright.diff.change import Change
from wirewright.diff.frame import Frame
from wirewright.diff.listed import compare_listed
from wirewright.diff.methods import Methods
from wirewright.diff.names import Names
from wirewright.diff.operations import compare_operations
from wirewright.diff.parameters import Parameters
from wirewright.diff.place import Finding, Node, reachable
from wirewright.diff.pushed import Pushed
from wirewright.diff.rules import SCHEMA, Direction
from wirewright.diff.schema import Schemas
from wirewright.model.api import Api

_MOST = 5  # renamed classes that are listed


@dataclass
class _Told:
    """One difference: the findings that say it (one for each direction), and who uses the place."""

    findings: list[Finding] = field(default_factory=list[Finding])
    uses: dict[str, None] = field(default_factory=dict[str, None])


def compare_apis(old: Api, new: Api, *, names_are_api: bool = True, guessed: bool = False) -> list[Change]:
    """Every difference between two models, the worst first.

    Args:
        names_are_api: Names come from a name table: another one is a change of the generated code.
        guessed: The models were made from pages: types come from examples alone.
    """
    kept = [(one.old.rpartition(".")[2], one.new.rpartition(".")[2]) for one in new.deprecations]
    names = Names(names_are_api, frozenset(kept))
    schemas = Schemas({one.name: one for one in old.types}, {one.name: one for one in new.types}, names, guessed)
    parameters = Parameters(schemas)
    around = Node()
    frame = Frame(old, new, parameters, around)
    frame.compare()
    operations = compare_operations(old, new, around, frame)
    roots = [
        ("", around),
        *Methods(old, new, parameters, operations).compare(),
        *Pushed(old, new, parameters, operations, frame.sockets).compare(),
        *(compare_listed(old, new, schemas) if guessed else ()),
    ]
    return sort_changes(_changes(roots, schemas))


def sort_changes(changes: Iterable[Change]) -> list[Change]:
    return sorted(changes, key=lambda one: (-one.level, one.where, one.subject, one.what))


def _changes(roots: Iterable[tuple[str, Node]], schemas: Schemas) -> Iterator[Change]:
    told: dict[tuple[str, str, str], _Told] = {}
    for label, root in roots:
        for node in reachable(root, schemas.pairs):
            for finding in node.findings:
                one = told.setdefault((finding.rule.id, finding.subject, finding.what), _Told())
                if finding not in one.findings:
                    one.findings.append(finding)
                if label:
                    one.uses[label] = None
    changes = [_change(one) for one in told.values()]
    changes = _together(changes, everywhere=schemas.guessed)
    followers = [one for one in changes if one.rule.id == "name-follows-document"]
    yield from (one for one in changes if one.rule.id != "name-follows-document")
    if followers and not schemas.guessed:  # a page gives no names
        yield _followers(followers)


def _together(changes: Iterable[Change], *, everywhere: bool) -> list[Change]:
    """One change for one row that several methods share; on pages, for rows that say the same in several places.

    A schema may be the parameters of one method and the field of another's answer: one change, in both directions.
    """
    found: dict[object, Change] = {}
    for one in changes:
        leaf, of, _ = one.subject.rpartition(" of ")
        place = one.directions if everywhere else (one.was, one.now)
        key = (one.rule.id, one.what, leaf.removeprefix("parameter "), place) if of else one
        found[key] = _merged(found[key], one) if key in found else one
    return list(found.values())


def _merged(one: Change, other: Change) -> Change:
    """Two changes that are one."""
    directions = tuple(way for way in Direction if way in (*one.directions, *other.directions))
    worst = one if one.level >= other.level else other
    return replace(
        worst,
        directions=directions,
        subject=f"{one.subject}, {other.subject.rpartition(' of ')[2]}",
        uses=tuple(dict.fromkeys((*one.uses, *other.uses))),
        symbols=tuple(dict.fromkeys((*one.symbols, *other.symbols))),
        also=(*one.also, *([other.where] if other.where not in (one.where, *one.also) else [])),
    )


def _followers(changes: Sequence[Change]) -> Change:
    """Classes that follow the keys of a document: one line for all of them."""
    listed = ", ".join(f"{one.subject.removeprefix('the name ')} {one.what}" for one in changes[:_MOST])
    more = f" and {len(changes) - _MOST} more" if len(changes) > _MOST else ""
    symbols = tuple(dict.fromkeys(name for one in changes for name in one.symbols))
    return replace(changes[0], subject="generated names", what=listed + more, uses=(), symbols=symbols, directions=())


def _change(told: _Told) -> Change:
    first = told.findings[0]
    ways = tuple(one for one in Direction if any(one is found.direction for found in told.findings))
    worst = max(ways, key=first.rule.level)
    return Change(
        level=first.rule.level(worst),
        rule=first.rule,
        directions=ways if first.rule in SCHEMA else (),
        subject=first.subject,
        what=first.what,
        why=first.rule.reason(worst),
        was=first.was,
        now=first.now,
        uses=tuple(told.uses),
        symbols=tuple(dict.fromkeys(name for found in told.findings for name in found.symbols)),
    )
