"""Operations of two documents: which is which, and which were turned round. They are known by their names, else by their place."""

from __future__ import annotations

from dataclasses import dataclass, field

from wirewright.diff.frame import Frame, security_rule
from wirewright.diff.pairing import pair_best
from wirewright.diff.place import Node, Place, alone, unpaired
from wirewright.diff.rules import Direction
from wirewright.diff.words import change_of, from_to
from wirewright.model.api import Api, Operation


@dataclass
class Operations:
    """Pairs of operations, and names of those that have no counterpart or changed what they are."""

    known: dict[str, str] = field(default_factory=dict[str, str])  # name in the old model -> in the new one
    gone: set[str] = field(default_factory=set[str])  # names in the old model of which all is said
    come: set[str] = field(default_factory=set[str])  # in the new one

    def is_told(self, name: str, is_gone: bool) -> bool:
        """Whether all is said of an endpoint because all is said of its operation."""
        return name in (self.gone if is_gone else self.come)


def compare_operations(old: Api, new: Api, node: Node, frame: Frame) -> Operations:
    """Adds to `node` what is different; `frame` knows which channels are counterparts."""
    result, addresses = Operations(), frame.addresses

    def same(one: Operation, other: Operation) -> float:
        return _same(one, other, addresses.get(one.address, one.address) == other.address)

    pairs, removed, added = pair_best(old.operations, new.operations, same)
    for one, other in pairs:
        result.known[one.name] = other.name
        at = Place(node, _direction(other), f"operation {other.name}", one.origin, other.origin)
        if one.sends != other.sends:
            at.tell("operation-turned", f"{_word(one)} became {_word(other)}")
        else:
            _both(one, other, at, frame)
        if one.sends != other.sends or one.replies != other.replies:
            result.gone.add(one.name)
            result.come.add(other.name)
    for is_gone, one in unpaired(removed, added):
        (result.gone if is_gone else result.come).add(one.name)
        symbols = _symbols(old if is_gone else new, one.name)
        alone(node, "operation", _direction(one), f"operation {one.name}", is_gone, one.origin, symbols)
    return result


def _same(one: Operation, other: Operation, near: bool) -> float:
    """Same name; else same place and direction; else same place, turned round."""
    if one.name == other.name:
        return 1.0 if near else 0.9
    if not near:
        return 0.0
    return 0.7 if one.sends == other.sends else 0.6


def _both(old: Operation, new: Operation, at: Place, frame: Frame) -> None:
    if old.replies != new.replies:
        at.tell("reply-added" if new.replies else "reply-removed")
    elif frame.addresses.get(old.reply_address, old.reply_address) != new.reply_address:
        at.tell("reply-moved", f"answered on another channel: {change_of(old.reply_address, new.reply_address)}")
    elif old.correlation != new.correlation and all(one.rule.id != "correlation-changed" for one in at.node.findings):
        at.tell("correlation-changed", f"the id is at {from_to(_places(old), _places(new))}")
    found = security_rule((frame.renamed_schemes.get(one, one) for one in old.security), new.security)
    if found:
        words = from_to(", ".join(old.security) or "none", ", ".join(new.security) or "none")
        at.tell(found, f"security {words}")


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


def _direction(one: Operation) -> Direction:
    return Direction.SENT if one.sends else Direction.RECEIVED


def _word(one: Operation) -> str:
    return "sent by the client" if one.sends else "received by the client"
