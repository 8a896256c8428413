"""Where two models are compared, what was found there, and the types that a place leads to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from wirewright.diff.pairing import pair_best
from wirewright.diff.rules import RULES, Direction, Rule
from wirewright.model.types import Origin

Key = tuple[str, str, Direction]  # a pair of named types
T = TypeVar("T")
_OF_POSITIONS = {"type-widened", "type-narrowed", "type-changed", "nullable-added", "nullable-removed", "const-changed"}


@dataclass(frozen=True)
class Finding:
    """A difference of one place, before anybody knows who uses the place.

    Args:
        subject: What is different: "`price` of PlacedOrder".
        was, now: Where it was, and where it is; None where it is not.
        symbols: Generated names that it touches, without the package: "models.PlacedOrder.price".
    """

    rule: Rule
    direction: Direction
    subject: str
    what: str
    was: Origin | None = None
    now: Origin | None = None
    symbols: tuple[str, ...] = ()


@dataclass
class Node:
    """What is different at one place or in one pair of named types, and the pairs that it leads to."""

    findings: list[Finding] = field(default_factory=list[Finding])
    leads_to: dict[Key, None] = field(default_factory=dict[Key, None])


@dataclass(frozen=True)
class Place:
    """Two things side by side: what a reader calls them, where they are written, their generated names; `node` takes what is told."""

    node: Node
    direction: Direction
    subject: str
    was: Origin | None
    now: Origin | None
    symbols: tuple[str, ...] = ()
    position: bool = False  # of a list of fixed positions

    def tell(self, name: str, what: str = "") -> None:
        """Adds what a rule names to the node, once; `what` in words, else in those of the rule."""
        found = RULES["position-type-changed" if self.position and name in _OF_POSITIONS else name]
        finding = Finding(found, self.direction, self.subject, what or found.what, self.was, self.now, self.symbols)
        if finding not in self.node.findings:
            self.node.findings.append(finding)


def alone(
    node: Node,
    kind: str,
    direction: Direction,
    subject: str,
    is_gone: bool,
    where: Origin,
    symbols: tuple[str, ...] = (),
    *,
    what: str = "",
    tagged: bool = False,
) -> None:
    """Tells of what is in one of the two models only, by the rules of a kind ("server": `server-removed`, `server-added`).

    Args:
        what: Stands before "removed" or "added".
        tagged: What was added bears a tag, by which an old client knows that it does not know it.
    """
    word = "removed" if is_gone else "added"
    was, now = (where, None) if is_gone else (None, where)
    place = Place(node, direction, subject, was, now, symbols)
    place.tell(f"{kind}-{word}{'-tagged' if tagged and not is_gone else ''}", f"{what} {word}".strip())


def unpaired(removed: Iterable[T], added: Iterable[T]) -> Iterator[tuple[bool, T]]:
    """What has no counterpart; `True`: only the old model has it."""
    yield from ((True, one) for one in removed)
    yield from ((False, one) for one in added)


def side_by_side(
    old: Sequence[T],
    new: Sequence[T],
    same: Callable[[T, T], float],
    label: Callable[[T], str],
    both: Callable[[T, T, Node], None],
    one_sided: Callable[[T, bool, Node], None],
    least: float = 0.5,
) -> Iterator[tuple[str, Node]]:
    """(label, what is different) of each pair, and of each that has no counterpart (`True`: only the old model has it)."""
    pairs, removed, added = pair_best(old, new, same, least)
    for one, other in pairs:
        both(one, other, node := Node())
        yield label(other), node
    for is_gone, one in unpaired(removed, added):
        one_sided(one, is_gone, node := Node())
        yield label(one), node


def reachable(node: Node, pairs: Mapping[Key, Node]) -> Iterator[Node]:
    """The node, and every pair of types that it leads to, each once."""
    seen: dict[Key, None] = {}
    todo = [node]
    while todo:
        one = todo.pop()
        yield one
        for key in one.leads_to:
            if key not in seen:
                seen[key] = None
                todo.append(pairs[key])
