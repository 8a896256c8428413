"""Operations of two documents: which is which, and which were turned round. They are known by their names, else by their place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from wirewright.diff.change import Finding, came_or_went, rule
from wirewright.diff.frame import Frame, security_rule
from wirewright.diff.pairing import pair_best
from wirewright.diff.rules import Direction
from wirewright.diff.schema import Node
from wirewright.diff.words import from_to
from wirewright.model.api import Api, Operation


@dataclass
class Operations:
    """Pairs of operations, and names of those that have no counterpart or changed what they are."""

    known: dict[str, str] = field(default_factory=dict[str, str])  # name in the old model -> in the new one
    told: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])  # ("old" or "new", name): all is said


def compare_operations(old: Api, new: Api, node: Node, frame: Frame) -> Operations:
    """Adds to `node` what is different; `frame` knows which channels are counterparts."""
    result, addresses, renamed_schemes = Operations(), frame.addresses, frame.renamed_schemes

    def same(one: Operation, other: Operation) -> float:
        return _same(one, other, addresses.get(one.address, one.address) == other.address)

    pairs, removed, added = pair_best(old.operations, new.operations, same)
    for one, other in pairs:
        result.known[one.name] = other.name
        if one.sends != other.sends:
            result.told |= {("old", one.name), ("new", other.name)}
            _tell(node, "operation-turned", other, f"{_word(one)} became {_word(other)}", one)
        else:
            _both(node, result, one, other, renamed_schemes, addresses)
    for one in removed:
        result.told.add(("old", one.name))
        node.findings.append(_alone("operation-removed", one, _symbols(old, one.name)))
    for one in added:
        result.told.add(("new", one.name))
        node.findings.append(_alone("operation-added", one, _symbols(new, one.name)))
    return result


def _same(one: Operation, other: Operation, near: bool) -> float:
    """Same name; else same place and direction; else same place, turned round."""
    if one.name == other.name:
        return 1.0 if near else 0.9
    if not near:
        return 0.0
    return 0.7 if one.sends == other.sends else 0.6


def _both(
    node: Node,
    result: Operations,
    old: Operation,
    new: Operation,
    renamed: dict[str, str],
    addresses: dict[str, str],
) -> None:
    if old.replies != new.replies:
        result.told |= {("old", old.name), ("new", new.name)}
        _tell(node, "reply-added" if new.replies else "reply-removed", new, "", old)
    elif addresses.get(old.reply_address, old.reply_address) != new.reply_address:
        what = from_to(f"`{old.reply_address}`", f"`{new.reply_address}`")
        _tell(node, "reply-moved", new, f"answered on another channel: {what}", old)
    elif old.correlation != new.correlation and not any(one.rule.id == "correlation-changed" for one in node.findings):
        what = f"the id is at {from_to(_places(old), _places(new))}"
        _tell(node, "correlation-changed", new, what, old)
    before = tuple(renamed.get(one, one) for one in old.security)
    found = security_rule(before, new.security)
    if found:
        what = "security " + from_to(", ".join(old.security) or "none", ", ".join(new.security) or "none")
        _tell(node, found, new, what, old)


def _places(one: Operation) -> str:
    return ", ".join(f"`{place}`" for place in one.correlation) or "no stated place"


def _symbols(api: Api, operation: str) -> tuple[str, ...]:
    """The generated names of what an operation gives."""
    return (
        *(f"api.Api.{one.name}" for one in api.methods if one.operation == operation),
        *(f"requests.{variant.name}" for one in api.methods if one.operation == operation for variant in one.variants),
        *(f"send.Send.{one.name}" for one in api.messages if one.operation == operation),
        *(f"events.{one.name}" for one in api.events if one.operation == operation),
    )


def _alone(name: str, one: Operation, symbols: tuple[str, ...]) -> Finding:
    is_gone = name == "operation-removed"
    return came_or_went(name, _direction(one), f"operation {one.name}", is_gone, one.origin, symbols)


def _tell(node: Node, name: str, new: Operation, what: str, old: Operation) -> None:
    subject = f"operation {new.name}"
    found = Finding(rule(name), _direction(new), subject, what or rule(name).what, old.origin, new.origin)
    node.findings.append(found)


def _direction(one: Operation) -> Direction:
    return Direction.SENT if one.sends else Direction.RECEIVED


def _word(one: Operation) -> str:
    return "sent by the client" if one.sends else "received by the client"


def owner_is_told(result: Operations, side: str, names: Sequence[str]) -> bool:
    """Whether all is said of an endpoint because all is said of its operation."""
    return any(name and (side, name) in result.told for name in names)
