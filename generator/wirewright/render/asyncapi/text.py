"""Data as YAML: keys in their order, what is short on one line, the same bytes on every machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, cast

import yaml

WIDTH = 120
_SHORT = 92  # a mapping or a list that fits stands on one line
_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Dumper(_DUMPER):  # type: ignore[misc]
    """Without anchors, and with numbers that keep their digits."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _number(dumper: Any, value: Decimal) -> yaml.ScalarNode:
    text = format(value, "f")
    node: yaml.ScalarNode = dumper.represent_scalar("tag:yaml.org,2002:float", text if "." in text else f"{text}.0")
    return node


def _text(dumper: Any, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value and not any(line.endswith(" ") for line in value.split("\n")) else None
    node: yaml.ScalarNode = dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)
    return node


def _mapping(dumper: Any, value: Mapping[str, Any]) -> yaml.MappingNode:
    node: yaml.MappingNode = dumper.represent_mapping("tag:yaml.org,2002:map", value.items())
    node.flow_style = bool(value) and _length(node) <= _SHORT
    return node


def _sequence(dumper: Any, value: Sequence[Any]) -> yaml.SequenceNode:
    node: yaml.SequenceNode = dumper.represent_sequence("tag:yaml.org,2002:seq", value)
    simple = all(isinstance(one, yaml.ScalarNode) and "\n" not in one.value for one in node.value)
    node.flow_style = simple or _length(node) <= _SHORT
    return node


def _length(node: Any) -> int:
    """About how long a node is on one line; what holds several lines is long."""
    if isinstance(node, yaml.ScalarNode):
        return _SHORT + 1 if "\n" in node.value else len(node.value) + 2
    total = 2
    pairs = isinstance(node, yaml.MappingNode)
    for one in cast("list[Any]", node.value):
        parts: tuple[Any, ...] = one if pairs else (one,)
        total += sum(_length(part) + 2 for part in parts)
        if total > _SHORT:
            break
    return total


_Dumper.add_representer(Decimal, _number)
_Dumper.add_representer(str, _text)
_Dumper.add_representer(dict, _mapping)
_Dumper.add_representer(list, _sequence)


def yaml_text(data: object) -> str:
    text: str = yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH)
    return text
