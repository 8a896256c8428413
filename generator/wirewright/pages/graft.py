"""New keys of a page's example, put into the example of ours that it fits best."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from wirewright.load.endpoints.endpoint import Sample
from wirewright.load.examples import has_positions
from wirewright.load.node import Node
from wirewright.pages.facts import body_of, paths_of

IsNew = Callable[[str], bool]


def graft(ours: Node, page: Node, is_new: IsNew, at: str = "") -> Node:
    """Our example with the page's values at every new path; everything else stays as it is."""
    if ours.is_map and page.is_map:
        return replace(ours, value=_members(ours, page, is_new, at))
    if ours.is_list and page.is_list and page.list:
        if has_positions(page) and not any(item.is_map or item.is_list for item in ours.list):
            more = [
                item for index, item in enumerate(page.list) if index >= len(ours.list) and is_new(f"{at}[{index}]")
            ]
            return replace(ours, value=[*ours.list, *more])
        last = len(page.list) - 1
        items = [graft(item, page.list[min(index, last)], is_new, f"{at}[]") for index, item in enumerate(ours.list)]
        return replace(ours, value=items)
    return ours


def _members(ours: Node, page: Node, is_new: IsNew, at: str) -> dict[str, Node]:
    """Members in our order; a new one stands behind the member that it stands behind on the page."""
    found = dict(ours.map)
    before = ""
    for key, value in page.map.items():
        path = f"{at}.{key}" if at else key
        if key in found:
            found[key] = graft(found[key], value, is_new, path)
        elif is_new(path):
            found = _behind(found, before, key, value)
        before = key if key in found else before
    return found


def _behind(members: dict[str, Node], before: str, key: str, value: Node) -> dict[str, Node]:
    pairs = list(members.items())
    at = next((index + 1 for index, (name, _) in enumerate(pairs) if name == before), 0 if not before else len(pairs))
    return dict([*pairs[:at], (key, value), *pairs[at:]])


def graft_whole(ours: Node, page: Node, kind: str, is_new: IsNew) -> Node:
    """The same inside of the envelope."""
    mine, theirs = body_of(ours, kind), body_of(page, kind)
    if mine is None or theirs is None:
        return ours
    made = graft(mine, theirs, is_new)
    return _with(ours, mine, made)


def _with(whole: Node, old: Node, new: Node) -> Node:
    if whole is old:
        return new
    return replace(whole, value={key: new if one is old else one for key, one in whole.map.items()})


def best_match(page: Sample, ours: Sequence[Sample], kind: str) -> Sample | None:
    """The example of ours that shows the most of what the page's shows."""
    body = body_of(page.node, kind)
    wanted = set(paths_of(body)) if body is not None else set[str]()
    scored = [(_likeness(wanted, one, kind), -index) for index, one in enumerate(ours)]
    score, index = max(scored, default=(0.0, 0))
    return ours[-index] if score > 0 else None


def _likeness(wanted: set[str], sample: Sample, kind: str) -> float:
    body = body_of(sample.node, kind)
    if body is None or sample.node.partial:
        return 0.0
    has = set(paths_of(body))
    return len(wanted & has) / len(wanted | has) if has else 0.0
