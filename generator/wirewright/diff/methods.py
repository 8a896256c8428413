"""Methods of two models, paired by their names on the wire."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace

from wirewright.diff.frame import security_rule
from wirewright.diff.names import symbol_of
from wirewright.diff.operations import Operations
from wirewright.diff.pairing import pair_best
from wirewright.diff.parameters import Parameters
from wirewright.diff.place import Node, Place, alone, side_by_side, unpaired
from wirewright.diff.prose import tell_deprecation, tell_prose
from wirewright.diff.rules import Direction
from wirewright.diff.words import change_of, from_to
from wirewright.model.api import Api, Auth, Method, Parameter, Rule, Variant, Weight, WeightCase
from wirewright.model.check import references
from wirewright.model.modules import used_by
from wirewright.model.types import Literal, Type

SENT, RECEIVED = Direction.SENT, Direction.RECEIVED
_OUTCOME = ("changes_state", "client_order_id", "settle")


class Methods:
    """Compares the methods of two models; each gets a node of its own."""

    def __init__(self, old: Api, new: Api, parameters: Parameters, operations: Operations) -> None:
        self.old = old
        self.new = new
        self.parameters = parameters
        self.schemas = parameters.schemas
        self.operations = operations

    def compare(self) -> Iterator[tuple[str, Node]]:
        """(name on the wire, what is different) of each method."""
        yield from side_by_side(self.old.methods, self.new.methods, self._same, _label, self._both, self._alone)

    def _same(self, one: Method, other: Method) -> float:
        """By name; names that are on no wire (a document calls its operations as it likes) may be others."""
        if bool(one.http) != bool(other.http):
            return 0.0
        if one.wire == other.wire and one.http == other.http:
            return 1.0
        if self.operations.known.get(one.operation) == other.operation != "" and one.operation:
            return 0.5 + 0.4 * self._likeness(one, other)
        return 0.6 if one.http and (one.http == other.http or one.wire == other.wire) else 0.0

    def _likeness(self, one: Method, other: Method) -> float:
        before, after = {item.wire for item in one.parameters}, {item.wire for item in other.parameters}
        share = len(before & after) / len(before | after) if before | after else 1.0
        results = self.schemas.likeness.of(one.variants[0].result, other.variants[0].result)
        return (share + results) / 2

    def _alone(self, one: Method, is_gone: bool, node: Node) -> None:
        if not self.operations.is_told(one.operation, is_gone):
            symbols = [f"api.Api.{one.name}", *(f"requests.{variant.name}" for variant in one.variants)]
            symbols += self._only_here(one, is_gone)
            alone(node, "operation", SENT, f"method {_label(one)}", is_gone, one.origin, tuple(symbols))

    def _only_here(self, method: Method, is_gone: bool) -> Iterator[str]:
        """Types that come or go with a method."""
        here, there = (self.schemas.old, self.schemas.new) if is_gone else (self.schemas.new, self.schemas.old)
        todo = [name for kind in _types_of(method) for name in references(kind)]
        seen: dict[str, None] = {}
        while todo:
            name = todo.pop(0)
            if name in seen or name not in here:
                continue
            seen[name] = None
            todo += sorted(used_by(here[name]))
        for name in seen:
            if name not in there:
                yield symbol_of(here[name])

    # Both are there

    def _both(self, old: Method, new: Method, node: Node) -> None:
        at = Place(node, SENT, _label(new), old.origin, new.origin, (f"api.Api.{new.name}",))
        if old.wire != new.wire and self._is_on_wire(new):
            at.tell("tag-value-changed", f"name {change_of(old.wire, new.wire)}")
        if old.http != new.http:
            at.tell("channel-address", change_of(old.http, new.http))
        if old.name != new.name:
            place = replace(at, symbols=(f"api.Api.{old.name}", f"api.Api.{new.name}"))
            self.schemas.names.renamed(old.name, new.name, place)
        hidden = self._ids(old, new)
        before, after = ([item for item in _sent(one) if item.wire not in hidden] for one in (old, new))
        self.parameters.compare(before, after, at, lambda one: _symbols(old, new, one))
        self._protection(old, new, at)
        self._weights(old, new, at)
        self._rules(old, new, at)
        self._variants(old, new, at)
        for key in _OUTCOME:
            if getattr(old, key) != getattr(new, key):
                at.tell("outcome-changed", f"{key.replace('_', ' ')} was changed")
        tell_prose(old, new, at)
        if old.error_data is not None and new.error_data is not None:
            inner = replace(at, direction=RECEIVED, subject=f"error data of {_label(new)}", symbols=())
            self.schemas.compare(old.error_data, new.error_data, inner)

    def _ids(self, old: Method, new: Method) -> set[str]:
        """Properties that are an id in one of the models, and so no parameter there: that it moved is told of the channel."""
        sockets = [one for one in self.old.sockets if one.name == old.socket]
        sockets += [one for one in self.new.sockets if one.name == new.socket]
        found = {one.request.id.removeprefix("/") for one in sockets if one.request is not None}
        return found if len(found) > 1 else set()

    def _is_on_wire(self, method: Method) -> bool:
        socket = next((one for one in self.new.sockets if one.name == method.socket), None)
        return socket is None or socket.request is None or bool(socket.request.method)

    def _protection(self, old: Method, new: Method, at: Place) -> None:
        before, after = _asked(old), _asked(new)
        found = security_rule(before, after)
        if found == "security-removed" and after:
            found = "security-changed"
        if found:
            words = from_to(" ".join(before) or "none", " ".join(after) or "none")
            symbols = tuple(f"requests.{one.name}.security" for one in new.variants)
            replace(at, symbols=symbols).tell(found, f"security {words}")
        tell_deprecation(old, new, at)

    def _weights(self, old: Method, new: Method, at: Place) -> None:
        at = replace(at, symbols=tuple(f"requests.{one.name}.weight" for one in new.variants))
        if _counted(old.weight) != _counted(new.weight):
            at.tell("weight-changed", f"weight {from_to(_weight(old.weight), _weight(new.weight))}")
        if old.order_count != new.order_count:
            is_silent = self.schemas.guessed and 0 in (old.order_count, new.order_count)
            name = "examples-say-more" if is_silent else "weight-changed"
            at.tell(name, f"orders counted {from_to(old.order_count, new.order_count)}")
        by_name = {one.name: one.weight for one in old.variants}
        for one in new.variants:
            before = by_name.get(one.name, one.weight)
            if _counted(before or old.weight) != _counted(one.weight or new.weight) and (before or one.weight):
                words = from_to(_weight(before or old.weight), _weight(one.weight or new.weight))
                at.tell("weight-changed", f"weight of {one.name} {words}")

    def _rules(self, old: Method, new: Method, at: Place) -> None:
        before, after = {_rule(one): one for one in old.rules}, {_rule(one): one for one in new.rules}
        for key, one in after.items():
            if key not in before:
                replace(at, now=one.origin).tell("rule-added", key)
        for key, one in before.items():
            if key not in after:
                replace(at, was=one.origin).tell("rule-removed", key)

    def _variants(self, old: Method, new: Method, at: Place) -> None:
        pairs, removed, added = pair_best(old.variants, new.variants, _same_variant)
        for one, other in pairs:
            symbols = (f"requests.{one.name}", f"requests.{other.name}")
            result = replace(at, direction=RECEIVED, subject=f"result of {_label(new)}", symbols=symbols[1:])
            self.schemas.compare(one.result, other.result, result)
            if one.name != other.name:
                self.schemas.names.renamed(one.name, other.name, replace(at, symbols=symbols))
        for is_gone, one in unpaired(removed, added):
            word = "removed" if is_gone else "added"
            replace(at, symbols=(f"requests.{one.name}",)).tell(f"variant-{word}", f"`{one.name}` {word}")


def _sent(method: Method) -> Iterator[Parameter]:
    """What a request carries: its parameters, and what is always the same."""
    yield from method.parameters
    for wire, value in method.constants:
        yield Parameter(wire, "", Literal((value,)), method.origin, required=True)


def _label(method: Method) -> str:
    return method.http or method.wire


def _types_of(method: Method) -> Iterator[Type]:
    yield from (one.type for one in method.parameters)
    yield from (one.result for one in method.variants)
    if method.error_data is not None:
        yield method.error_data


def _symbols(old: Method, new: Method, one: Parameter) -> tuple[str, ...]:
    owners = new.variants if one in new.parameters else old.variants
    first = owners[0].name if owners else ""
    if not one.name:
        return (f"requests.{first}",)  # a constant
    return (f"api.Api.{new.name}({one.name})", *([f"requests.{first}.{one.name}"] if first else []))


def _asked(method: Method) -> tuple[str, ...]:
    """What a request must show: its class of security, and how."""
    shown = () if method.auth is Auth.NONE else (method.auth.value,)
    return (*(() if method.security == "NONE" else (method.security,)), *shown)


def _same_variant(one: Variant, other: Variant) -> float:
    if one.choices == other.choices:
        return 1.0
    return 0.8 if one.name == other.name else 0.0


def _case(case: WeightCase) -> tuple[object, ...]:
    """A case as it is counted; how it is told in prose only counts where there is nothing else."""
    counted = tuple(getattr(case, one.name) for one in fields(case) if one.name != "case")
    return counted if case.parameter else (*counted, case.case)


def _counted(weight: Weight) -> tuple[object, ...]:
    return weight.base, weight.success, tuple(map(_case, weight.cases))


def _weight(weight: Weight) -> str:
    if not weight.cases:
        return f"{weight.base}" + (f" ({weight.success} on success)" if weight.success is not None else "")
    return ", ".join(f"{case.weight} ({case.case})" for case in weight.cases)


def _rule(one: Rule) -> str:
    """A rule in words: `type` = `LIMIT`: mandatory `price`."""
    cases = [(one.when, one.values), *one.alternatives] if one.when else []
    when = " or ".join(f"`{name}`" + (f" = {', '.join(values)}" if values else "") for name, values in cases)
    listed = ", ".join(f"`{name}`" for name in one.parameters)
    return f"{when + ': ' if when else ''}{one.kind.value} {listed}"
