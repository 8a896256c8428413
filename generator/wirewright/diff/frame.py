"""What stands around the messages: servers, sockets, security, user data, error codes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from typing import Any, Protocol, cast

from wirewright.diff.pairing import pair_best
from wirewright.diff.parameters import Parameters, of_query
from wirewright.diff.place import Node, Place, alone, unpaired
from wirewright.diff.prose import tell_prose_of_parts
from wirewright.diff.rules import Direction
from wirewright.diff.words import change_of, from_to
from wirewright.model.api import Api, ErrorCode, ErrorMessage, SecurityScheme, Server, Socket, UserData
from wirewright.model.naming import blank
from wirewright.model.types import Origin

_ADDRESS = re.compile(r"(?:([A-Za-z][\w+.-]*)://)?([^/:]*)(?::([^/]*))?(/.*)?", re.DOTALL)
_PARTS = ("protocol", "host", "port", "path")
_OF_SOCKETS = {
    "limit-changed": ("streams", "messages", "dials", "ping", "lifetime"),
    "command-changed": ("subscribe", "unsubscribe", "list", "symbol_case", "shutdown"),
}


class _Placed(Protocol):
    """A part of a model that knows where it is written."""

    @property
    def origin(self) -> Origin: ...


class Frame:
    """Compares two models without their endpoints."""

    def __init__(self, old: Api, new: Api, parameters: Parameters, node: Node) -> None:
        self.old = old
        self.new = new
        self.parameters = parameters
        self.node = node
        self.sockets: dict[str, str] = {}  # name in the old model -> in the new one
        self.addresses: dict[str, str] = {}  # of its channels, likewise
        self.renamed_schemes: dict[str, str] = {}
        self.client = f"client.{new.class_name}Client"

    def compare(self) -> None:
        self._servers()
        if not self._is_bare():
            self._sockets()
        self._security()
        if not self._is_bare():
            self._user_data()
        self._errors()
        tell_prose_of_parts(self.old, self.new, self._at(""))
        if self.old.amount_pattern != self.new.amount_pattern:
            words = change_of(self.old.amount_pattern, self.new.amount_pattern)
            self._at("amounts").tell("amounts-changed", f"pattern of an amount {words}")

    def _is_bare(self) -> bool:
        """A page says nothing of servers."""
        return not self.old.sockets or not self.new.sockets

    def _at(self, subject: str, old: _Placed | None = None, new: _Placed | None = None, *symbols: str) -> Place:
        """Two parts of the models; without any, the models."""
        was, now = (old or self.old).origin, (new or self.new).origin
        return Place(self.node, Direction.SENT, subject, was, now, symbols)

    # Servers

    def _servers(self) -> None:
        if not (self.old.servers and self.new.servers) and self._is_bare():
            return
        pairs, removed, added = pair_best(self.old.servers, self.new.servers, _same_server)
        for one, other in pairs:
            self._server(one, other)
        for is_gone, one in unpaired(removed, added):
            subject, what = f"server {one.name}", _addresses(one)
            alone(self.node, "server", Direction.SENT, subject, is_gone, one.origin, (_SERVERS,), what=what)

    def _server(self, old: Server, new: Server) -> None:
        at = self._at(f"server {new.name}", old, new, _SERVERS)
        was, now = dict(_parts(old)), dict(_parts(new))
        for role in was.keys() & now.keys():
            for part, one, other in zip(_PARTS, was[role], now[role], strict=True):
                if one != other:
                    at.tell(f"server-{part}", f"{part} {change_of(one, other)}{f' ({role})' if len(now) > 1 else ''}")
        for role in sorted(was.keys() - now.keys()):
            at.tell("server-removed", f"its address for {role} removed")
        for role in sorted(now.keys() - was.keys()):
            at.tell("server-added", f"an address for {role} added")
        if old.name != new.name:
            self.parameters.schemas.names.renamed(old.name, new.name, at)
        found = security_rule(old.security, new.security)
        if found:
            words = _became(", ".join(old.security), ", ".join(new.security))
            replace(at, symbols=()).tell(found, f"security {words}")
        before, after = (of_query(one.variables, one.origin) for one in (old, new))
        self.parameters.compare(before, after, at, lambda _: (_SERVERS,), "variable")

    # Sockets

    def _sockets(self) -> None:
        pairs, removed, added = pair_best(self.old.sockets, self.new.sockets, _same_socket)
        before, after = self._operations()
        more, removed, added = pair_best(
            removed, added, lambda one, other: _same_use(before.get(one.address), after.get(other.address))
        )
        if len(removed) == len(added) == 1 and removed[0].role == added[0].role:
            more, removed, added = [*more, (removed[0], added[0])], [], []  # the only one that is left
        for one, other in (*pairs, *more):
            self.sockets[one.name] = other.name
            self.addresses[one.address] = other.address
            self._socket(one, other)
        for is_gone, one in unpaired(removed, added):
            subject = f"channel {one.address or one.name}"
            alone(self.node, "channel", Direction.SENT, subject, is_gone, one.origin)

    def _operations(self) -> tuple[dict[str, str], dict[str, str]]:
        """The operation that stands on each address, in both models."""
        before, after = ({one.address: one.name for one in api.operations} for api in (self.old, self.new))
        return before, after

    def _socket(self, old: Socket, new: Socket) -> None:
        at = self._at(f"channel {new.address or new.name}", old, new)
        if blank(old.address) != blank(new.address):
            words = change_of(old.address, new.address)
            replace(at, subject=f"channel {new.name}").tell("channel-address", f"address {words}")
        self._topics(old, new)
        for key, kind in (("parameters", "address parameter"), ("query", "query parameter"), ("headers", "header")):
            was, now = (of_query(getattr(one, key), one.origin) for one in (old, new))
            self.parameters.compare(was, now, at, lambda one: (f"{self.client}.{one.name}",), kind)
        for rule_id, keys in _OF_SOCKETS.items():
            for key in keys:
                for name, before, after in _differing(getattr(old, key), getattr(new, key)):
                    at.tell(rule_id, f"{_spoken(f'{key} {name}'.strip())} {_became(before, after)}")
        self._ids(old, new, at)
        for key in ("request", "reply", "event", "stream"):
            self._shape(key, getattr(old, key), getattr(new, key), at)

    def _topics(self, old: Socket, new: Socket) -> None:
        """Channels that share a socket: known by their addresses, else by the operation that stands on them."""
        gone = [one for one in old.topics if blank(one) not in map(blank, new.topics)]
        come = [one for one in new.topics if blank(one) not in map(blank, old.topics)]
        before, after = self._operations()
        pairs, gone, come = pair_best(gone, come, lambda one, other: float(before.get(one) == after.get(other)))
        if len(gone) == len(come) == 1:
            pairs, gone, come = [*pairs, (gone[0], come[0])], [], []
        for one, other in pairs:
            self.addresses[one] = other
            self._at(f"channel {other}", old, new).tell("channel-address", f"address {change_of(one, other)}")
        for is_gone, topic in unpaired(gone, come):
            owner = old if is_gone else new
            alone(self.node, "channel", Direction.SENT, f"channel {topic}", is_gone, owner.origin)

    def _ids(self, old: Socket, new: Socket, at: Place) -> None:
        """Where the id is that joins a request and its reply."""
        if old.request is None or new.request is None or old.reply is None or new.reply is None:
            return
        before, after = (old.request.id, old.reply.id), (new.request.id, new.reply.id)
        if before != after:
            words = from_to(*(" and ".join(map(_shown, dict.fromkeys(both))) for both in (before, after)))
            at.tell("correlation-changed", f"the id of requests and replies {words}")

    def _shape(self, key: str, one: object, other: object, at: Place) -> None:
        """Where a frame carries its other parts. Where one model has no such frame, the operations tell what came or went."""
        for name, before, after in _differing(one, other) if one is not None and other is not None else ():
            if name != "id":
                rule_id = "tag-property-changed" if (key, name) == ("event", "tag") else "envelope-changed"
                at.tell(rule_id, f"{_spoken(name)} of {key} {_became(before, after)}")

    # Security, user data, errors

    def _security(self) -> None:
        before, after = {one.name: one for one in self.old.security}, {one.name: one for one in self.new.security}
        gone = [one for name, one in before.items() if name not in after]
        come = [one for name, one in after.items() if name not in before]
        pairs, gone, come = pair_best(gone, come, _same_scheme, 1.0)  # only its key is another one
        for one, other in (*((before[name], after[name]) for name in before.keys() & after.keys()), *pairs):
            for name, was, now in _scheme_differences(one, other):
                self._at(f"security scheme {other.name}").tell("security-changed", f"{name} {_became(was, now)}")
        self.renamed_schemes = {one.name: other.name for one, other in pairs}
        if not self._is_bare() and not _asks(self.old) and not _asks(self.new):
            for word, listed in (("removed", gone), ("added", come)):
                for one in listed:
                    self._at(f"security scheme {one.name}").tell(f"security-{word}", word)

    def _user_data(self) -> None:
        before, after = _ways(self.old.user_data), _ways(self.new.user_data)
        for key in dict.fromkeys((*before, *after)):
            one, other = before.get(key), after.get(key)
            at = self._at(f"user data by {key[0]}", None, None, f"{self.client}.user_data")
            if one is None or other is None:
                word = "added" if one is None else "removed"
                at.tell(f"user-data-{word}", word)
                continue
            for name, was, now in _differing(one, other):
                rule_id = "deprecated" if name == "deprecated" and now else "user-data-changed"
                at.tell(rule_id, f"{_spoken(name)} {_became(was, now)}")

    def _errors(self) -> None:
        """Codes, and messages that tell apart what one code means."""
        before, after = _errors_of(self.old), _errors_of(self.new)
        for name in dict.fromkeys((*before, *after)):
            one, other = before.get(name), after.get(name)
            at = Place(self.node, Direction.SENT, name, one.origin if one else None, other.origin if other else None)
            if one is None and other is not None:
                at.tell("error-added", f"added: {_called(other)}")
            elif other is None and one is not None:
                at.tell("error-removed", f"removed: {_called(one)}")
            elif one is not None and other is not None and _meaning(one) != _meaning(other):
                at.tell("error-changed", _became(" ".join(_meaning(one)), " ".join(_meaning(other))))


_SERVERS = "client.ServerName"


def security_rule(old: Iterable[str], new: Iterable[str]) -> str:
    """Which rule the difference between two lists of alternatives falls under; empty: none."""
    before, after = set(old), set(new)
    if before == after:
        return ""
    if not before:
        return "security-added"
    return "security-removed" if not after or before < after else "security-changed"


def _asks(api: Api) -> bool:
    """Whether servers or operations say which schemes they ask for: then these tell what came or went."""
    return any(one.security for one in api.servers) or any(one.security for one in api.operations)


def _same_server(one: Server, other: Server) -> float:
    """By name; else by address, where only the name is another one."""
    if one.name == other.name:
        return 1.0
    return 0.7 if dict(_parts(one)) == dict(_parts(other)) else 0.0


def _same_socket(one: Socket, other: Socket) -> float:
    """By address; else by name, which is the channel's."""
    if blank(one.address) == blank(other.address) and one.role == other.role:
        return 1.0 if one.name == other.name else 0.9
    return 0.6 if one.name == other.name else 0.0


def _same_use(one: str | None, other: str | None) -> float:
    """Two channels of other names and addresses are one if the same operation stands on them."""
    return 1.0 if one is not None and one == other else 0.0


def _parts(server: Server) -> Iterator[tuple[str, tuple[str, str, str, str]]]:
    """For each role: protocol, host, port, path."""
    paths = dict(server.paths)
    for role, address in server.addresses:
        match = _ADDRESS.fullmatch(address)
        protocol, host, port, path = match.groups("") if match else ("", address, "", "")
        yield role, (protocol, host, port, paths.get(role, path))


def _addresses(server: Server) -> str:
    return " ".join(f"`{address}`" for address in dict.fromkeys(address for _, address in server.addresses))


def _differing(one: Any, other: Any) -> Iterator[tuple[str, object, object]]:
    """The fields that differ between two parts of a model; a part that is no dataclass has no field names."""
    if one == other:
        return
    if type(one) is not type(other) or not hasattr(one, "__dataclass_fields__"):
        yield "", one, other
        return
    for part in fields(one):
        if getattr(one, part.name) != getattr(other, part.name):
            yield part.name, getattr(one, part.name), getattr(other, part.name)


def _scheme_differences(one: SecurityScheme, other: SecurityScheme) -> Iterator[tuple[str, object, object]]:
    for name, was, now in _differing(one, other):
        if name == "signing" and one.signing is not None and other.signing is not None:
            yield from _differing(one.signing, other.signing)
        elif name not in ("doc", "name"):
            yield name, was, now


def _same_scheme(one: SecurityScheme, other: SecurityScheme) -> float:
    return 0.0 if list(_scheme_differences(one, other)) else 1.0


def _ways(listed: Iterable[UserData]) -> dict[tuple[str, int], UserData]:
    found: dict[tuple[str, int], UserData] = {}
    for one in listed:
        found[one.scheme, sum(key[0] == one.scheme for key in found)] = one
    return found


def _errors_of(api: Api) -> dict[str, ErrorCode | ErrorMessage]:
    found: dict[str, ErrorCode | ErrorMessage] = {f"error {one.code}": one for one in api.errors}
    for one in api.error_messages:
        name = f'error message "{one.text}"'
        found[f"{name} ({', '.join(map(str, one.codes))})" if name in found else name] = one
    return found


def _called(one: ErrorCode | ErrorMessage) -> str:
    return (one.name if isinstance(one, ErrorCode) else "") or one.doc


def _meaning(one: ErrorCode | ErrorMessage) -> tuple[str, ...]:
    """What code that catches it goes by: its class and outcome, and for a message the codes that it comes with."""
    if isinstance(one, ErrorMessage):
        return (one.error, *map(str, one.codes)) if one.error else ()
    return tuple(part for part in (one.error, one.outcome) if part)


def _shown(value: object) -> str:
    if value in (None, "", ()):
        return "(none)"
    if hasattr(value, "__dataclass_fields__"):
        return ", ".join(f"{part.name} `{getattr(value, part.name)}`" for part in fields(value))  # type: ignore[arg-type]
    if isinstance(value, tuple):
        return ", ".join(f"`{one}`" for one in cast("tuple[object, ...]", value))
    return f"`{value}`"


def _became(old: object, new: object) -> str:
    return from_to(_shown(old), _shown(new))


def _spoken(name: str) -> str:
    return name.replace("_", " ")
