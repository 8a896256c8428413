"""Known faults of the sources: what is wrong, why, and what is done about it. An erratum that changes nothing is told.

- where: order.amendments, parameter orderId
  fault: the example sends it as text
  reason: the table says LONG, and the exchange accepts both
  source: ...
  do: {replace: /request/params/orderId, with: 23}
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from wirewright.errors import Problem
from wirewright.load.endpoints.endpoint import Endpoint, Row, Said, Sample
from wirewright.load.node import Node
from wirewright.model.types import Origin

_KEYS = {"where", "fault", "reason", "source", "do", "note"}


@dataclass
class Errata:
    """The errata of a product."""

    entries: list[Node] = field(default_factory=list[Node])
    problems: list[Problem] = field(default_factory=list[Problem])

    @classmethod
    def read(cls, node: Node | None) -> Errata:
        errata = cls()
        for entry in node.list if node is not None else ():
            for key in entry.map:
                if key not in _KEYS:
                    errata._tell(entry.key_origin(key), f"`{key}` is unknown in an erratum", ", ".join(sorted(_KEYS)))
            if not entry.text("where") or not entry.text("reason"):
                errata._tell(entry.origin, "an erratum without `where` or `reason`", "say where, and why")
            errata.entries.append(entry)
        return errata

    def mend(self, endpoints: tuple[Endpoint, ...]) -> tuple[Endpoint, ...]:
        """The endpoints as they should be."""
        mended = list(endpoints)
        for entry in self.entries:
            action = entry.get("do")
            if action is None or "accept" in action.map:
                continue
            places = [index for index, one in enumerate(mended) if _is_about(entry.text("where"), one)]
            changed = [(index, self._changed(mended[index], action)) for index in places]
            done = [(index, one) for index, one in changed if one is not None]
            if not done:
                self._tell(
                    entry.origin, f"the erratum of {entry.text('where')!r} no longer applies", "remove it, or mend it"
                )
            for index, one in done:
                mended[index] = one
        return tuple(mended)

    def accept(self, problems: list[Problem], endpoints: tuple[Endpoint, ...]) -> list[Problem]:
        """The problems that no erratum accepts."""
        left = problems
        for entry in self.entries:
            wanted = (entry.get("do") or Node({}, entry.origin)).text("accept")
            if not wanted:
                continue
            spans = [one for one in endpoints if _is_about(entry.text("where"), one)]
            kept = [one for one in left if not (one.id == wanted and _within(one.origin, spans))]
            if len(kept) == len(left):
                what = f"the erratum of {entry.text('where')!r} accepts a problem that is not there: {wanted!r}"
                self._tell(entry.origin, what, "remove it")
            left = kept
        return left

    def _changed(self, endpoint: Endpoint, action: Node) -> Endpoint | None:
        for verb in ("replace", "remove", "add"):
            if verb in action.map:
                value = action.get("with") or action.get("value")
                tokens = action.text(verb).strip("/").split("/")
                return _edit(endpoint, tokens, None if verb == "remove" else value, must_exist=verb != "add")
        self._tell(action.origin, "the erratum does nothing", "write replace, remove, add or accept")
        return None

    def _tell(self, origin: Origin, what: str, right: str) -> None:
        self.problems.append(Problem(origin, what, right))


def _is_about(where: str, endpoint: Endpoint) -> bool:
    """`order.amendments, parameter orderId` is about the section of `order.amendments`."""
    name = where.split(",")[0].strip()
    labels = {endpoint.label(key).strip("` ") for key in ("event", "operation", "stream", "type")}
    return bool(name) and name in {endpoint.wire, endpoint.title, *labels}


def _within(origin: Origin, endpoints: list[Endpoint]) -> bool:
    return any(origin.file == one.origin.file and one.origin.line <= origin.line <= one.last_line for one in endpoints)


def _edit(endpoint: Endpoint, tokens: list[str], value: Node | None, must_exist: bool) -> Endpoint | None:
    """The endpoint with one place of its parsed form changed; None where that place is not there."""
    head, rest = tokens[0], tokens[1:]
    if head == "request" and endpoint.request is not None:
        request = _set(endpoint.request, rest, value, must_exist)
        return replace(endpoint, request=request) if request is not None else None
    if head in ("response", "responses", "payload", "payloads") and endpoint.samples:
        index = int(rest[0]) if rest and rest[0].isdecimal() and head.endswith("s") else 0
        inner = rest[1:] if head.endswith("s") and rest else rest
        if index >= len(endpoint.samples):
            return None
        node = _set(endpoint.samples[index].node, inner, value, must_exist)
        samples = list(endpoint.samples)
        if node is None:
            return None
        samples[index] = Sample(samples[index].label, node)
        return replace(endpoint, samples=tuple(samples))
    if head in ("parameters", "fields") and rest:
        rows = endpoint.parameters if head == "parameters" else endpoint.fields
        changed = _edit_rows(rows, rest, value, must_exist, "name" if head == "parameters" else "field")
        if changed is None:
            return None
        return replace(endpoint, parameters=changed) if head == "parameters" else replace(endpoint, fields=changed)
    if len(tokens) == 1 and (head in endpoint.labels or not must_exist):
        labels: Mapping[str, Said] = {name: said for name, said in endpoint.labels.items() if name != head}
        return replace(endpoint, labels={**labels, head: Said(value.text(), value.origin)} if value else labels)
    return None


def _edit_rows(
    rows: tuple[Row, ...], path: list[str], value: Node | None, must_exist: bool, key: str
) -> tuple[Row, ...] | None:
    """`orderId/type`: a cell; `orderId`: the whole row, which can be removed, or added as a mapping of its cells."""
    place = next((index for index, row in enumerate(rows) if row.text(key).strip("`* ") == path[0]), None)
    if len(path) == 1 and value is None:
        return None if place is None else (*rows[:place], *rows[place + 1 :])
    if value is None:
        return None
    if len(path) == 1:
        cells = {name: Said(node.text(), node.origin) for name, node in value.map.items()}
        row = Row({key: Said(path[0], value.origin), **cells}, value.origin)
        return (*rows, row) if place is None and not must_exist else None
    if place is None:
        return None
    row = replace(rows[place], cells={**rows[place].cells, path[1]: Said(value.text(), value.origin)})
    return (*rows[:place], row, *rows[place + 1 :])


def _set(node: Node, path: list[str], value: Node | None, must_exist: bool) -> Node | None:
    """The data with one place changed: set, or removed where there is no value."""
    if not path:
        return value
    key = path[0].replace("~1", "/").replace("~0", "~")
    if node.is_list and key.isdecimal() and int(key) < len(node.list):
        inner = _set(node.list[int(key)], path[1:], value, must_exist)
        items = [*node.list[: int(key)], *([inner] if inner is not None else []), *node.list[int(key) + 1 :]]
        return replace(node, value=items)
    if not node.is_map or (key not in node.map and (must_exist or len(path) > 1)):
        return None
    if len(path) == 1:
        members = {name: one for name, one in node.map.items() if name != key or value is not None}
        return replace(node, value={**members, key: value} if value is not None else members)
    inner = _set(node.map[key], path[1:], value, must_exist)
    return replace(node, value={**node.map, key: inner}) if inner is not None else None
