"""The small languages of the tables: conditions, weights, variants, helpers, how an outcome is settled."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from wirewright.errors import Problem
from wirewright.load.endpoints.endpoint import Endpoint, Row
from wirewright.model.api import Choice, Helper, Parameter, Rule, RuleKind, Sequence, Settle, Weight, WeightCase
from wirewright.model.naming import snake
from wirewright.model.types import Origin

Named = Mapping[str, str]  # parameter, wire name -> Python name
Case = tuple[str, tuple[str, ...]]  # a parameter, and its values if only these count

_CODE = re.compile(r"`([^`]*)`")
_CASE = re.compile(r"`(\w+)`\s*(?:=\s*((?:`[^`]*`(?!\s*=)(?:\s*,\s*(?=`[^`]*`(?!\s*=)))?)+))?")
_RANGE = re.compile(
    r"(\d[\d,]*)\s*(?:[-–—]|to)\s*(\d[\d,]*)|(\d[\d,]*)\s*(or more|and more|\+)|(?:<=?|up to)\s*(\d[\d,]*)|(\d[\d,]*)",
    re.I,
)
_DEFAULT = re.compile(
    r"\bDefaults?(?:\s+to|\s+is|\s+value)?\s*:?\s*`?([-+]?\w[\w:+-]*(?:\.\w+)*)`?|`([^`]+)`\s+\(default\)"
)
_MAXIMUM = re.compile(r"\b[Mm]ax(?:imum)?(?:\s+is)?\s*:?\s*`?(-?\d+(?:\.\d+)?)")
_MINIMUM = re.compile(r"\b[Mm]in(?:imum)?(?:\s+is)?\s*:?\s*`?(-?\d+(?:\.\d+)?)")
_PATTERN = re.compile(r"\b[Pp]attern\s*:\s*`([^`]+)`")
_SETTLE = re.compile(r"`([^`]+)`\s*(?:\((.*)\))?")
_CAP = re.compile(r"(?:at most|cap\w*(?: at)?(?: a)?(?: max(?:imum)?)?(?: of)?(?: at)?)\s+(\d+)", re.IGNORECASE)


def codes(text: str) -> list[str]:
    """What stands in backticks; without any, what commas part."""
    found = _CODE.findall(text)
    return found or [part.strip() for part in text.split(",") if part.strip()]


def bounds(description: str) -> tuple[str | None, str | None, str | None]:
    """Default, minimum and maximum, as a description tells them."""
    default, minimum, maximum = _DEFAULT.search(description), _MINIMUM.search(description), _MAXIMUM.search(description)
    return (
        (default.group(1) or default.group(2)) if default else None,
        minimum.group(1) if minimum else None,
        maximum.group(1) if maximum else None,
    )


def read_pattern(row: Row, problems: list[Problem]) -> str:
    """What a text must look like, as a description tells it."""
    match = _PATTERN.search(row.text("description"))
    if match is None:
        return ""
    try:
        re.compile(match.group(1))
    except re.error as error:
        what = f"the pattern {match.group(1)!r} is no regular expression: {error}"
        problems.append(Problem(row.where("description"), what, "mend it"))
        return ""
    return match.group(1)


# Rules between parameters


def read_rules(endpoint: Endpoint, named: Named, problems: list[Problem]) -> Iterator[Rule]:
    yield from _merged_cells(endpoint, named)
    kinds = {kind.value: kind for kind in RuleKind}
    for row in endpoint.conditions:
        kind = kinds.get(row.text("rule").lower())
        if kind is None:
            right = "one of: " + ", ".join(kinds)
            problems.append(Problem(row.where("rule"), f"the rule {row.text('rule')!r} is unknown", right))
            continue
        cases = _cases(row.text("when"))
        wanted = codes(row.text("parameter"))
        unknown = [name for name in (*wanted, *(case[0] for case in cases)) if name not in named]
        if unknown:
            what = f"the condition speaks of {', '.join(map(repr, unknown))}, which is no parameter"
            problems.append(Problem(row.origin, what, "name parameters of the table above"))
            continue
        spelled = [(named[name], values) for name, values in cases]
        when, values = spelled[0] if spelled else ("", ())
        yield Rule(kind, tuple(named[name] for name in wanted), row.origin, when, values, tuple(spelled[1:]))


def _merged_cells(endpoint: Endpoint, named: Named) -> Iterator[Rule]:
    """Parameters that share one merged cell `YES`: exactly one of them."""
    groups: dict[int, list[Row]] = {}
    for row in endpoint.parameters:
        if row.merged.get("mandatory") and row.text("mandatory").upper().startswith("Y"):
            groups.setdefault(row.merged["mandatory"], []).append(row)
    for rows in groups.values():
        names = tuple(named[row.wire] for row in rows if row.wire in named)
        if len(names) > 1:
            yield Rule(RuleKind.EXACTLY_ONE, names, rows[0].where("mandatory"))


def _cases(text: str) -> list[Case]:
    """`` `type` = `LIMIT`, `MARKET` or `price` `` -> two cases."""
    return [(name, tuple(_CODE.findall(values))) for name, values in _CASE.findall(text)]


# Weights


def read_weight(
    endpoint: Endpoint, others: Iterable[Endpoint], parameters: tuple[Parameter, ...], problems: list[Problem]
) -> Weight:
    """The weight of a method: a number, or a table of cases whose default the parameters' defaults tell.

    Where one method has a weight, every one of `others` must have one.
    """
    text = endpoint.label("weight")
    success = _number(endpoint.label("weight on success"))
    cases = tuple(case for row in endpoint.weights for case in _weight_cases(row, parameters, problems))
    if cases:
        return Weight(_base(cases, parameters), cases, success)
    on_ip = re.search(r"(\d+) on IP", text)  # beside it the text counts the limits of orders
    number = int(on_ip.group(1)) if on_ip else _number(text)
    if number is None and text and "`" in text:
        return Weight(1, (), success)
    weighed = any(one.label("weight") or one.weights for one in others)
    if number is None and weighed and not endpoint.from_page and endpoint.kind == "method":
        problems.append(
            Problem(endpoint.where("weight"), f"{endpoint.title!r} has no weight", "write **Weight:** and a number")
        )
    if number is not None and re.search(r"for each|per ", text):
        cap = _CAP.search(text)
        items = next((one.name for one in parameters if one.name == "symbols"), "")
        case = WeightCase(number, text, items, per_item=True, cap=int(cap.group(1)) if cap else None)
        return Weight(number, (case,), success)
    return Weight(1 if number is None else number, (), success)


def _weight_cases(row: Row, parameters: tuple[Parameter, ...], problems: list[Problem]) -> Iterator[WeightCase]:
    columns = list(row.cells)
    column, case, text = columns[0], row.text(columns[0]), row.text(columns[-1])
    weight = _number(text)
    if weight is None:
        problems.append(Problem(row.origin, f"the weight {text!r} is not a number", "write `5`, or `4 per symbol`"))
        return
    per_item = bool(re.search(r"\bper\b|for each", text))
    cap = _CAP.search(text)
    most = int(cap.group(1)) if cap else None
    spoken = _CODE.findall(case) or [column + "s", column]  # the columns' names are in the singular
    names = sorted((one for one in parameters if one.wire in spoken), key=lambda one: spoken.index(one.wire))
    sized = _RANGE.search(case) if column not in ("parameter", "condition") else None
    if sized:
        low, high = _range(sized)
        yield WeightCase(weight, case, names[0].name if names else snake(column), low, high, per_item, most)
    elif "without" in case.lower() or case.lower().startswith(("none", "no ", "all")) or not names:
        yield WeightCase(weight, case, "", per_item=per_item, cap=most)
    else:
        for one in names:
            yield WeightCase(weight, case, one.name, per_item=per_item, cap=most)


def _base(cases: tuple[WeightCase, ...], parameters: tuple[Parameter, ...]) -> int:
    """What a request with nothing but its mandatory parameters weighs."""
    for case in cases:
        one = next((one for one in parameters if one.name == case.parameter), None)
        if one is not None and one.default is not None and one.default.isdecimal() and case.minimum is not None:
            if case.minimum <= int(one.default) <= (case.maximum or int(one.default)):
                return case.weight
        elif one is not None and one.required:
            return case.weight
    return next((case.weight for case in cases if not case.parameter), cases[0].weight)


def _range(match: re.Match[str]) -> tuple[int | None, int | None]:
    low, high, from_on, _, up_to, single = (part and part.replace(",", "") for part in match.groups())
    if low:
        return int(low), int(high)
    if from_on:
        return int(from_on), None
    return (None, int(up_to)) if up_to else (int(single), int(single))


def _number(text: str) -> int | None:
    match = re.search(r"\d+", text.replace(",", ""))
    return int(match.group()) if match else None


# Variants, helpers, outcome, sequence


def read_choices(text: str, named: Named, origin: Origin, problems: list[Problem]) -> Iterator[Choice]:
    """`` `type` = `MINI` and none of `symbol`, `symbols` ``."""
    for part in re.split(r"\s+and\s+(?=`|none)", text.strip()):
        absent = part.lower().startswith(("none of", "without"))
        found = [(name, ()) for name in _CODE.findall(part)] if absent else _cases(part)
        for name, values in found:
            if name not in named:
                problems.append(
                    Problem(origin, f"the variant is chosen by {name!r}, which is no parameter", "name a parameter")
                )
            else:
                yield Choice(named[name], values[0] if values else "", absent)


def read_helpers(endpoint: Endpoint, named: Named, problems: list[Problem]) -> Iterator[Helper]:
    """A row without a name adds its parameters to every helper of the table."""
    shared = [row for row in endpoint.helpers if not row.text("helper")]
    for row in endpoint.helpers:
        if not row.text("helper"):
            continue
        every = [row, *shared]
        cases = [case for one in every for case in _cases(one.text("set"))]
        optional = [case for one in every for case in _cases(one.text("optional"))]
        mandatory = [name for one in every for name in codes(one.text("mandatory"))]
        unknown = [name for name in (*mandatory, *(name for name, _ in (*cases, *optional))) if name not in named]
        if unknown:
            what = f"the helper {row.text('helper')!r} speaks of {', '.join(map(repr, unknown))}, which is no parameter"
            problems.append(Problem(row.origin, what, "name parameters of the table above"))
            continue
        yield Helper(
            name=snake(row.text("helper")),
            origin=row.origin,
            sets=tuple((named[name], values[0] if values else "") for name, values in cases),
            mandatory=tuple(named[name] for name in mandatory),
            optional=tuple((named[name], values[0] if values else None) for name, values in optional),
            doc=row.text("description"),
        )


def read_settle(endpoint: Endpoint, named: Named, problems: list[Problem]) -> Settle | None:
    match = _SETTLE.match(endpoint.label("settled by"))
    if match is None:
        return None
    pairs = re.findall(r"`(\w+)`\s*=\s*`(\w+)`", match.group(2) or "")
    for _, own in pairs:
        if own not in named:
            what = f"the outcome is settled by {own!r}, which is no parameter"
            problems.append(Problem(endpoint.where("settled by"), what, "name a parameter of the table below"))
    return Settle(match.group(1), tuple((theirs, named[own]) for theirs, own in pairs if own in named))


def read_sequence(endpoint: Endpoint, problems: list[Problem]) -> Sequence | None:
    """``first `U`, last `u`, previous `pu` ``; ``last `a`, step 1``; ``key `I` ``."""
    text = endpoint.label("sequence")
    if not text:
        return None
    found = dict(re.findall(r"(first|last|previous|key)\s+`([^`]+)`", text))
    step = re.search(r"step\s+(\d+)", text)
    if not found:
        right = "write: first `U`, last `u`, previous `pu`; or: last `a`, step 1; or: key `I`"
        problems.append(Problem(endpoint.where("sequence"), f"the sequence {text!r} is not understood", right))
        return None
    return Sequence(
        last=found.get("last", ""),
        first=found.get("first", ""),
        previous=found.get("previous", ""),
        step=int(step.group(1)) if step else 0,
        key=found.get("key", ""),
    )
