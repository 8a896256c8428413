"""Names: from the wire's spelling to Python's, by rule.

`order.place` -> `order_place`, `avgPrice` -> `avg_price`; a class is the same in CapWords, a constant in UPPER_CASE. What
cannot be spelled gets a word in front or is left out; the result is always an identifier, and always the same one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from keyword import iskeyword

from wirewright.model.types import Origin

# Names that generated classes use themselves: a field or parameter called so gets a trailing underscore.
ANNOTATIONS = frozenset(
    {"bool", "bytes", "dict", "field", "float", "frozenset", "int", "list", "object", "property", "set", "str", "tuple"}
)
EVENT_ATTRIBUTES = frozenset({"sequence", "source"})
MODULES = frozenset({"enums", "events", "models", "requests", "streams"})
REQUEST_ATTRIBUTES = MODULES | {
    *("choices", "extra", "method", "recv_window", "request", "result", "security", "self", "source", "spec"),
    *("timeout", "weight"),
}
METHOD_NAMES = MODULES  # a method of `api` or `send` called so would hide the module from its neighbours
CLIENT_ATTRIBUTES = frozenset(
    [
        *("ack_timeout", "api", "call", "call_raw", "clock", "close", "close_timeout", "compression", "connect"),
        *("connect_timeout", "hooks", "http", "key", "lifetime", "listen_token", "max_in_flight", "max_message_size"),
        *("options", "overlap", "product", "proxy", "random", "rate_limits", "reconcile", "recv_window"),
        *("request_timeout", "resubscribe", "retry_reads", "self", "send", "server", "set_time_offset_ms", "settle"),
        *("soft_limit", "ssl", "stats", "stream", "subscribe_timeout", "transport", "user_data", "when_limited"),
        *("write_timeout",),
    ]
)
STREAM_ATTRIBUTES = MODULES | {"event", "every", "name", "params", "self", "source", "spec"}

# Names that generated modules import or define: a type called so gets a trailing underscore.
TYPE_NAMES = frozenset(
    [
        *("Amount", "Annotated", "Any", "Api", "Auth", "BaseApi", "Bounds", "Catalog", "Choice", "ClassVar", "Decimal"),
        *("Enum", "Event", "EventList", "Exception", "Final", "Generic", "Json", "Levels", "Literal", "Mapping"),
        *("Model", "None", "OpenEnum", "OpenIntEnum", "OptionalLevels", "Parameter", "R", "Request", "RequestSpec"),
        *("Rule", "Security", "Sequence", "SequenceKey", "Settle", "Stream", "StreamSpec", "TYPE_CHECKING"),
        *("TypeAlias", "TypeVar", "Union", "UnknownEvent", "UnknownVariant", "UserDataEvent", "WeightCase"),
    ]
)

_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def words(wire: str) -> list[str]:
    """The words of a wire name: what stands between other signs, split again where small letters meet capitals."""
    text = unicodedata.normalize("NFKC", wire)
    text = "".join(char if f"a{char}".isidentifier() and char != "_" else " " for char in text)
    return [word for part in text.split() for word in _BOUNDARY.sub(" ", part).split()]


def snake(wire: str, reserved: Collection[str] = (), fallback: str = "value") -> str:
    """`newOrderRespType` -> `new_order_resp_type`."""
    return _identifier("_".join(word.lower() for word in words(wire)), reserved, fallback + "_", fallback)


def cap(wire: str, reserved: Collection[str] = TYPE_NAMES, fallback: str = "Value") -> str:
    """`order.place` -> `OrderPlace`, `PLAYER_JOINED` -> `PlayerJoined`. A word that stands alone keeps its capitals."""
    parts = words(wire)
    if len(parts) > 1 and wire.isupper():
        parts = [word.lower() for word in parts]
    return _identifier("".join(word[:1].upper() + word[1:] for word in parts), reserved, fallback, fallback)


def upper(wire: str, fallback: str = "VALUE") -> str:
    """`PRICE_FILTER` -> `PRICE_FILTER`, `1m` -> `VALUE_1M`. A value written in capitals keeps its words."""
    parts = [wire] if wire.upper() == wire else words(wire)
    return _identifier("_".join("_".join(words(part)) for part in parts).upper(), (), fallback + "_", fallback)


def blank(address: str) -> str:
    """An address or a pattern whose placeholders have no names: what they are called is not on the wire."""
    return re.sub(r"<[^<>]*>|\{[^{}]*\}", lambda found: found[0][0] + found[0][-1], address)


def _identifier(name: str, reserved: Collection[str], prefix: str, fallback: str) -> str:
    name = unicodedata.normalize("NFKC", name) or fallback
    if not name.isidentifier():
        name = prefix + name
    return name + "_" if iskeyword(name) or name in reserved else name


class Names:
    """The names of one name space, and where each was claimed first."""

    def __init__(self, taken: Collection[str] = ()) -> None:
        self._claimed: dict[str, Origin | None] = dict.fromkeys(taken)
        self._numbers: dict[str, int] = {}  # the last number that a name got

    def claim(self, name: str, origin: Origin, *others: str) -> tuple[str, Origin | None]:
        """The first free one of the names, at last a numbered one; and where the owner of `name` stands if it is taken."""
        owner = self._claimed.get(name)
        unique = next((one for one in (name, *others) if one not in self._claimed), "")
        number = self._numbers.get(name, 1)
        while not unique or unique in self._claimed:
            number += 1
            unique = f"{name.rstrip('_')}_{number}"
        self._claimed[unique] = origin
        self._numbers[name] = number
        return unique, owner if unique != name else None

    def owner(self, name: str) -> Origin | None:
        return self._claimed.get(name)
