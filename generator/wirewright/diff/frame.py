"""What stands around the messages: servers, sockets, security, user data, error codes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any, cast

from wirewright.diff.change import Finding, rule
from wirewright.diff.pairing import pair_best
from wirewright.diff.parameters import Parameters, of_query
from wirewright.diff.prose import prose_of_parts
from wirewright.diff.rules import Direction
from wirewright.diff.schema import Node
from wirewright.diff.words import from_to
from wirewright.model.api import Api, ErrorCode, SecurityScheme, Server, Socket, UserData
from wirewright.model.types import Origin

_ADDRESS = re.compile(r"(?:([A-Za-z][\w+.-]*)://)?([^/:]*)(?::([^/]*))?(/.*)?", re.DOTALL)
_PARTS = ("protocol", "host", "port", "path")
_LIMITS = ("streams", "messages", "dials", "ping", "lifetime")
_COMMANDS = ("subscribe", "unsubscribe", "list", "symbol_case", "shutdown")


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
        self._sockets()
        self._security()
        self._user_data()
        self._errors()
        self.node.findings += prose_of_parts(self.old, self.new)
        if self.old.amount_pattern != self.new.amount_pattern:
            what = "pattern of an amount " + from_to(f"`{self.old.amount_pattern}`", f"`{self.new.amount_pattern}`")
            self._tell("amounts-changed", "amounts", what, self.old.origin, self.new.origin)

    # Servers

    def _servers(self) -> None:
        if not self.old.servers or not self.new.servers:
            if not self._is_bare():
                self._one_sided(self.old.servers, self.new.servers)
            return
        old, new = list(self.old.servers), list(self.new.servers)
        pairs, removed, added = pair_best(old, new, _same_server, 0.5)
        for one, other in pairs:
            self._server(one, other)
        self._one_sided(removed, added)

    def _is_bare(self) -> bool:
        """A page says nothing of servers."""
        return not self.old.sockets or not self.new.sockets

    def _one_sided(self, removed: Iterable[Server], added: Iterable[Server]) -> None:
        for one in removed:
            self._tell(
                "server-removed", f"server {one.name}", _addresses(one) + " removed", one.origin, None, (_SERVERS,)
            )
        for one in added:
            self._tell("server-added", f"server {one.name}", _addresses(one) + " added", None, one.origin, (_SERVERS,))

    def _server(self, old: Server, new: Server) -> None:
        subject = f"server {new.name}"
        before, after = dict(_parts(old)), dict(_parts(new))
        for role in before.keys() & after.keys():
            for part, one, other in zip(_PARTS, before[role], after[role], strict=True):
                if one != other:
                    what = f"{part} {from_to(f'`{one}`', f'`{other}`')}" + (f" ({role})" if len(after) > 1 else "")
                    self._tell(f"server-{part}", subject, what, old.origin, new.origin, (_SERVERS,))
        for role in sorted(before.keys() - after.keys()):
            self._tell(
                "server-removed", subject, f"its address for {role} removed", old.origin, new.origin, (_SERVERS,)
            )
        for role in sorted(after.keys() - before.keys()):
            self._tell("server-added", subject, f"an address for {role} added", old.origin, new.origin, (_SERVERS,))
        if old.name != new.name:
            found = self.parameters.schemas.names.renamed(
                old.name, new.name, Direction.SENT, old.origin, new.origin, (_SERVERS,)
            )
            self.node.findings.append(found)
        self._required(old.security, new.security, subject, old.origin, new.origin)
        before_variables, after_variables = of_query(old.variables, old.origin), of_query(new.variables, new.origin)
        self.parameters.compare(
            before_variables, after_variables, subject, new.origin, self.node, lambda _: (_SERVERS,), "variable"
        )

    # Sockets

    def _sockets(self) -> None:
        if self._is_bare():
            return
        pairs, removed, added = pair_best(self.old.sockets, self.new.sockets, _same_socket, 0.5)
        operations = (
            {one.address: one.name for one in self.old.operations},
            {one.address: one.name for one in self.new.operations},
        )
        more, removed, added = pair_best(removed, added, lambda one, other: _same_use(one, other, operations), 0.5)
        if len(removed) == len(added) == 1 and removed[0].role == added[0].role:
            more, removed, added = [*more, (removed[0], added[0])], [], []  # the only one that is left
        for one, other in (*pairs, *more):
            self.sockets[one.name] = other.name
            self.addresses[one.address] = other.address
            self._socket(one, other)
        for one in removed:
            self._tell("channel-removed", f"channel {one.address or one.name}", "removed", one.origin, None)
        for one in added:
            self._tell("channel-added", f"channel {one.address or one.name}", "added", None, one.origin)

    def _socket(self, old: Socket, new: Socket) -> None:
        subject = f"channel {new.address or new.name}"
        if _blank(old.address) != _blank(new.address):
            what = "address " + from_to(f"`{old.address}`", f"`{new.address}`")
            self._tell("channel-address", f"channel {new.name}", what, old.origin, new.origin)
        self._topics(old, new)
        for key, kind in (("parameters", "address parameter"), ("query", "query parameter"), ("headers", "header")):
            self.parameters.compare(
                of_query(getattr(old, key), old.origin),
                of_query(getattr(new, key), new.origin),
                subject,
                new.origin,
                self.node,
                lambda one: (f"{self.client}.{one.name}",),
                kind,
            )
        for key in _LIMITS:
            self._parts_of("limit-changed", key, getattr(old, key), getattr(new, key), subject, old, new)
        for key in _COMMANDS:
            self._parts_of("command-changed", key, getattr(old, key), getattr(new, key), subject, old, new)
        self._ids(old, new, subject)
        for key in ("request", "reply", "event", "stream"):
            self._shape(key, getattr(old, key), getattr(new, key), subject, old, new)

    def _topics(self, old: Socket, new: Socket) -> None:
        """Channels that share a socket: known by their addresses, else by the operation that stands on them."""
        gone = [one for one in old.topics if _blank(one) not in map(_blank, new.topics)]
        come = [one for one in new.topics if _blank(one) not in map(_blank, old.topics)]
        before = {one.address: one.name for one in self.old.operations}
        after = {one.address: one.name for one in self.new.operations}
        pairs, gone, come = pair_best(gone, come, lambda one, other: float(before.get(one) == after.get(other)))
        if len(gone) == len(come) == 1:
            pairs, gone, come = [*pairs, (gone[0], come[0])], [], []
        for one, other in pairs:
            self.addresses[one] = other
            what = "address " + from_to(f"`{one}`", f"`{other}`")
            self._tell("channel-address", f"channel {other}", what, old.origin, new.origin)
        for one in gone:
            self._tell("channel-removed", f"channel {one}", "removed", old.origin, None)
        for one in come:
            self._tell("channel-added", f"channel {one}", "added", None, new.origin)

    def _ids(self, old: Socket, new: Socket, subject: str) -> None:
        """Where the id is that joins a request and its reply."""
        if old.request is None or new.request is None or old.reply is None or new.reply is None:
            return
        before, after = (old.request.id, old.reply.id), (new.request.id, new.reply.id)
        if before != after:
            words = from_to(*(" and ".join(_shown(one) for one in dict.fromkeys(both)) for both in (before, after)))
            self._tell(
                "correlation-changed", subject, f"the id of requests and replies {words}", old.origin, new.origin
            )

    def _shape(self, key: str, one: object, other: object, subject: str, old: Socket, new: Socket) -> None:
        """Where a frame carries its other parts. Where one model has no such frame, the operations tell what came or went."""
        for name, before, after in _differing(one, other) if one is not None and other is not None else ():
            if name == "id":
                continue
            rule_id = "tag-property-changed" if (key, name) == ("event", "tag") else "envelope-changed"
            what = f"{name.replace('_', ' ')} of {key} {from_to(_shown(before), _shown(after))}"
            self._tell(rule_id, subject, what, old.origin, new.origin)

    def _parts_of(
        self, rule_id: str, key: str, one: object, other: object, subject: str, old: Socket, new: Socket
    ) -> None:
        if one == other:
            return
        for name, before, after in _differing(one, other):
            what = f"{key.replace('_', ' ')}{f' {name}' if name else ''} {from_to(_shown(before), _shown(after))}"
            self._tell(rule_id, subject, what, old.origin, new.origin)

    # Security, user data, errors

    def _security(self) -> None:
        before, after = {one.name: one for one in self.old.security}, {one.name: one for one in self.new.security}
        gone = [one for name, one in before.items() if name not in after]
        come = [one for name, one in after.items() if name not in before]
        pairs, gone, come = pair_best(gone, come, _same_scheme, 1.0)  # only its key is another one
        for one, other in (*((before[name], after[name]) for name in before.keys() & after.keys()), *pairs):
            for name, was, now in _scheme_differences(one, other):
                what = f"{name} {from_to(_shown(was), _shown(now))}"
                self._tell("security-changed", f"security scheme {other.name}", what, self.old.origin, self.new.origin)
        self.renamed_schemes = {one.name: other.name for one, other in pairs}
        if not self._is_bare() and not _asks(self.old) and not _asks(self.new):
            for one in gone:
                self._tell(
                    "security-removed", f"security scheme {one.name}", "removed", self.old.origin, self.new.origin
                )
            for one in come:
                self._tell("security-added", f"security scheme {one.name}", "added", self.old.origin, self.new.origin)

    def _required(self, old: tuple[str, ...], new: tuple[str, ...], subject: str, was: Origin, now: Origin) -> None:
        found = security_rule(old, new)
        if found:
            what = "security " + from_to(_shown(", ".join(old)), _shown(", ".join(new)))
            self._tell(found, subject, what, was, now)

    def _user_data(self) -> None:
        if self._is_bare():
            return
        before, after = _ways(self.old.user_data), _ways(self.new.user_data)
        for key in dict.fromkeys((*before, *after)):
            one, other = before.get(key), after.get(key)
            subject = f"user data by {key[0]}"
            if one is None or other is None:
                word = "added" if one is None else "removed"
                self._tell(
                    f"user-data-{word}", subject, word, self.old.origin, self.new.origin, (f"{self.client}.user_data",)
                )
            else:
                for name, was, now in _differing(one, other):
                    what = f"{name.replace('_', ' ')} {from_to(_shown(was), _shown(now))}"
                    level = "deprecated" if name == "deprecated" and now else "user-data-changed"
                    self._tell(level, subject, what, self.old.origin, self.new.origin, (f"{self.client}.user_data",))

    def _errors(self) -> None:
        before, after = {one.code: one for one in self.old.errors}, {one.code: one for one in self.new.errors}
        for code in dict.fromkeys((*before, *after)):
            one, other = before.get(code), after.get(code)
            if one is None and other is not None:
                self._tell("error-added", f"error {code}", f"added: {other.name}", None, other.origin)
            elif other is None and one is not None:
                self._tell("error-removed", f"error {code}", f"removed: {one.name}", one.origin, None)
            elif one is not None and other is not None and _meaning(one) != _meaning(other):
                what = from_to(_shown(" ".join(_meaning(one))), _shown(" ".join(_meaning(other))))
                self._tell("error-changed", f"error {code}", what, one.origin, other.origin)

    def _tell(
        self,
        name: str,
        subject: str,
        what: str,
        was: Origin | None,
        now: Origin | None,
        symbols: tuple[str, ...] = (),
    ) -> None:
        found = Finding(rule(name), Direction.SENT, subject, what, was, now, symbols)
        if found not in self.node.findings:
            self.node.findings.append(found)


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
    if _blank(one.address) == _blank(other.address) and one.role == other.role:
        return 1.0 if one.name == other.name else 0.9
    return 0.6 if one.name == other.name else 0.0


def _same_use(one: Socket, other: Socket, operations: tuple[Mapping[str, str], Mapping[str, str]]) -> float:
    """Two channels of other names and addresses are one if the same operation stands on them."""
    before, after = operations[0].get(one.address), operations[1].get(other.address)
    return 1.0 if before is not None and before == after else 0.0


def _blank(address: str) -> str:
    """An address whose parameters have no names: what they are called is not on the wire."""
    return re.sub(r"\{[^{}]*\}", "{}", address)


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


def _meaning(one: ErrorCode) -> tuple[str, ...]:
    return tuple(part for part in (one.error, one.outcome) if part)


def _shown(value: object) -> str:
    if value in (None, "", ()):
        return "(none)"
    if hasattr(value, "__dataclass_fields__"):
        return ", ".join(f"{part.name} `{getattr(value, part.name)}`" for part in fields(value))  # type: ignore[arg-type]
    if isinstance(value, tuple):
        return ", ".join(f"`{one}`" for one in cast("tuple[object, ...]", value))
    return f"`{value}`"
