"""The rules: what a difference means for what a client sends, and for what it receives. Decisions, docs and tests come from here.

An old client is asked: the code that was generated from the old specs, with an exchange that follows the new ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum


class Level(IntEnum):
    """How much a difference matters, from nothing to a client that stops working."""

    DOCS = 0
    COMPATIBLE = 1
    RISKY = 2
    BREAKING = 3

    @property
    def word(self) -> str:
        return self.name.lower()


class Direction(Enum):
    SENT = "sent"
    RECEIVED = "received"


DOCS, COMPATIBLE, RISKY, BREAKING = Level.DOCS, Level.COMPATIBLE, Level.RISKY, Level.BREAKING


@dataclass(frozen=True)
class Rule:
    """One kind of difference.

    Args:
        sent: What it means for what the client sends; of the frame around the messages there is only this.
        received: What it means for what the client receives.
        why: Why it is of that class, when sent; `why_received` when received, where that is another reason.
    """

    id: str
    what: str
    sent: Level
    received: Level
    why: str
    why_received: str = ""

    def level(self, direction: Direction) -> Level:
        return self.sent if direction is Direction.SENT else self.received

    def reason(self, direction: Direction) -> str:
        return self.why_received if direction is Direction.RECEIVED and self.why_received else self.why


def _both(id: str, what: str, level: Level, why: str) -> Rule:
    """A rule that has no direction."""
    return Rule(id, what, level, level, why)


_UNSENT = "an old client does not send it"
_STILL_VALID = "what an old client sends stays valid"
_REFUSED = "what an old client sends may be refused"
_STILL_READ = "what an old client expects still holds"
_SURPRISE = "an old client meets what it does not expect"
_ELSEWHERE = "an old client connects to where nobody answers"
_SIGNED_OFF = "an old client does not show who it is in the way that is asked for"

SCHEMA = (
    Rule(
        "property-added-optional",
        "an optional property was added",
        COMPATIBLE,
        COMPATIBLE,
        _UNSENT + ", and need not",
        "unknown properties are ignored",
    ),
    Rule(
        "property-added-required",
        "a required property was added",
        BREAKING,
        COMPATIBLE,
        _UNSENT + ", and must",
        "unknown properties are ignored",
    ),
    Rule(
        "property-removed-optional",
        "an optional property was removed",
        RISKY,
        RISKY,
        "an old client may still send it: it is ignored or refused",
        "it reads as absent from now on, where code may count on it",
    ),
    Rule(
        "property-removed-required",
        "a required property was removed",
        BREAKING,
        BREAKING,
        "an old client always sends it, and it may be refused",
        "an old client cannot decode a message without it",
    ),
    Rule(
        "became-required",
        "an optional property became required",
        BREAKING,
        COMPATIBLE,
        "an old client may leave it out, and is refused",
        "it is always there now",
    ),
    Rule(
        "became-optional",
        "a required property became optional",
        COMPATIBLE,
        BREAKING,
        _STILL_VALID,
        "an old client cannot decode a message without it",
    ),
    Rule(
        "type-widened",
        "the type was widened",
        COMPATIBLE,
        BREAKING,
        _STILL_VALID,
        "an old client cannot decode the values that are new",
    ),
    Rule("type-narrowed", "the type was narrowed", BREAKING, COMPATIBLE, _REFUSED, _STILL_READ),
    Rule(
        "type-changed",
        "the type was changed",
        BREAKING,
        BREAKING,
        "what an old client sends is of the wrong type",
        "an old client cannot decode it",
    ),
    Rule(
        "nullable-added",
        "null is allowed now",
        COMPATIBLE,
        BREAKING,
        _STILL_VALID,
        "an old client does not expect null",
    ),
    Rule(
        "nullable-removed",
        "null is not allowed any more",
        BREAKING,
        COMPATIBLE,
        "an old client may send null, and is refused",
        "null no longer comes",
    ),
    Rule(
        "enum-value-added",
        "an enumeration got a value",
        COMPATIBLE,
        RISKY,
        _UNSENT,
        "it decodes as an unknown value: code that decides by this value must be ready for it",
    ),
    Rule(
        "enum-value-removed",
        "an enumeration lost a value",
        BREAKING,
        COMPATIBLE,
        "an old client may send it, and is refused",
        "it no longer comes",
    ),
    Rule(
        "const-changed",
        "a constant was changed",
        BREAKING,
        BREAKING,
        "an old client sends the old one",
        "an old client does not know the new one",
    ),
    Rule(
        "tag-value-changed",
        "the value that names a message or a branch was changed",
        BREAKING,
        BREAKING,
        "an old client sends the old one",
        "an old client takes it for an unknown message",
    ),
    Rule(
        "tag-property-changed",
        "another property tells the branches apart",
        BREAKING,
        BREAKING,
        "an old client sends the old one",
        "an old client looks at the old one, and takes every message for an unknown one",
    ),
    Rule("bound-tightened", "a bound was tightened", BREAKING, COMPATIBLE, _REFUSED, _STILL_READ),
    Rule(
        "bound-loosened",
        "a bound was loosened",
        COMPATIBLE,
        RISKY,
        _STILL_VALID,
        "values may come that code does not expect",
    ),
    Rule(
        "pattern-changed",
        "the pattern or the format of a text was changed",
        RISKY,
        COMPATIBLE,
        _REFUSED + ": nobody can tell which of two patterns is the narrower one",
        "text is read as text",
    ),
    Rule(
        "branch-added-tagged",
        "a branch that a tag tells apart was added",
        COMPATIBLE,
        COMPATIBLE,
        _UNSENT,
        "it decodes as an unknown one, which nothing hides",
    ),
    Rule(
        "branch-added",
        "a branch that no tag tells apart was added",
        COMPATIBLE,
        BREAKING,
        _UNSENT,
        _SURPRISE + ", and nothing tells it from the others",
    ),
    Rule(
        "branch-removed",
        "a branch was removed",
        BREAKING,
        RISKY,
        "an old client may send it, and is refused",
        "code may wait for what no longer comes",
    ),
    Rule(
        "position-type-changed",
        "the type of a position of a list was changed",
        BREAKING,
        BREAKING,
        "positions have no names: what an old client sends there is of the wrong type",
        "positions have no names: an old client cannot decode it",
    ),
    Rule(
        "position-added",
        "a list of fixed positions got one at its end",
        BREAKING,
        COMPATIBLE,
        "an old client sends a list that is too short",
        "further positions are ignored",
    ),
    Rule(
        "position-removed",
        "a list of fixed positions lost one at its end",
        BREAKING,
        BREAKING,
        "an old client sends a list that is too long",
        "an old client cannot decode a list without it",
    ),
    Rule(
        "message-added-tagged",
        "a message that a tag names was added to an operation",
        COMPATIBLE,
        COMPATIBLE,
        _UNSENT,
        "it comes as an unknown event, which nothing hides",
    ),
    Rule(
        "message-added",
        "a message that no tag names was added to an operation",
        COMPATIBLE,
        BREAKING,
        _UNSENT,
        _SURPRISE + ", and nothing tells it from the others",
    ),
    Rule(
        "message-removed",
        "a message of an operation was removed",
        BREAKING,
        RISKY,
        "an old client may send it, and is refused",
        "code may wait for what no longer comes",
    ),
    Rule(
        "default-changed",
        "the default was changed",
        RISKY,
        DOCS,
        "a request that leaves it out means something else now",
        "what is received has no defaults",
    ),
    Rule(
        "examples-say-more",
        "a page shows now what was unknown, or shows it no more",
        DOCS,
        DOCS,
        "one of the two pages does not tell, or shows a value that has no type of its own",
    ),
)

TOPOLOGY = (
    _both("server-added", "a server was added", COMPATIBLE, "the others stay"),
    _both("server-removed", "a server was removed", BREAKING, _ELSEWHERE),
    _both("server-host", "the host of a server was changed", BREAKING, _ELSEWHERE),
    _both("server-port", "the port of a server was changed", BREAKING, _ELSEWHERE),
    _both("server-path", "the path of a server was changed", BREAKING, _ELSEWHERE),
    _both("server-protocol", "the protocol of a server was changed", BREAKING, _ELSEWHERE),
    _both("product-added", "a product was added", COMPATIBLE, "the others stay"),
    _both("product-removed", "a product was removed", BREAKING, "its client is no longer generated"),
    _both("channel-added", "a channel was added", COMPATIBLE, "the others stay"),
    _both("channel-removed", "a channel was removed", BREAKING, _ELSEWHERE),
    _both("channel-address", "the address of a channel was changed", BREAKING, _ELSEWHERE),
    _both("operation-added", "an operation, a method or a stream was added", COMPATIBLE, "the others stay"),
    _both("operation-removed", "an operation, a method or a stream was removed", BREAKING, "it is refused"),
    _both(
        "operation-turned",
        "an operation was turned round",
        BREAKING,
        "what was sent is received now, or the other way round",
    ),
    _both("reply-added", "an operation is answered now", BREAKING, "an old client does not expect an answer"),
    _both("reply-removed", "an operation is not answered any more", BREAKING, "an old client waits for an answer"),
    _both(
        "reply-moved",
        "an operation is answered on another channel",
        BREAKING,
        "an old client waits for the answer elsewhere",
    ),
    _both(
        "correlation-changed",
        "the id that joins request and reply is somewhere else",
        BREAKING,
        "an old client finds no answer to what it asked",
    ),
    _both(
        "envelope-changed",
        "what stands around requests, replies or events was changed",
        BREAKING,
        "an old client looks for its parts where they are not",
    ),
    _both("command-changed", "how streams are subscribed was changed", BREAKING, "what an old client sends is refused"),
    _both("stream-pattern-added", "a stream got another name", COMPATIBLE, "the other names stay"),
    _both("stream-pattern-removed", "a name of a stream was removed", BREAKING, "a subscription to it is refused"),
    _both(
        "update-speed-changed",
        "the update speed of a stream was changed",
        RISKY,
        "events come more often or less often: silence is judged by it",
    ),
    _both(
        "sequence-changed",
        "the numbers that put events in order were changed",
        RISKY,
        "an old client judges gaps and repetitions by the old ones",
    ),
    _both("event-tag-added", "an event got another tag", COMPATIBLE, "it comes as an unknown event until then"),
    _both("event-tag-removed", "a tag of an event was removed", RISKY, "code may wait for what no longer comes"),
    _both("security-added", "more is asked of who sends it", BREAKING, _SIGNED_OFF),
    _both("security-removed", "less is asked of who sends it", COMPATIBLE, "more than is asked for is accepted"),
    _both("security-changed", "who sends it must show it in another way", BREAKING, _SIGNED_OFF),
    _both("user-data-added", "user data can be had in one more way", COMPATIBLE, "the other ways stay"),
    _both("user-data-removed", "a way to user data was removed", BREAKING, "an old client's user data stops"),
    _both("user-data-changed", "a way to user data was changed", BREAKING, "an old client follows the old way"),
    _both(
        "weight-changed",
        "the weight of a request was changed",
        RISKY,
        "an old client counts its requests by the old weights",
    ),
    _both("limit-changed", "a limit of a connection was changed", RISKY, "an old client keeps the old one"),
    _both("rule-added", "a rule between parameters was added", BREAKING, _REFUSED),
    _both("rule-removed", "a rule between parameters was removed", COMPATIBLE, _STILL_VALID),
    _both("variant-added", "a request got another shape of answer", COMPATIBLE, "it must be asked for"),
    _both("variant-removed", "a shape of answer was removed", BREAKING, "an old client may ask for it"),
    _both(
        "outcome-changed",
        "what is known after a lost answer was changed",
        RISKY,
        "an old client draws the old conclusions",
    ),
    _both("amounts-changed", "what an amount may look like was changed", RISKY, _REFUSED),
    _both("error-added", "an error code was added", COMPATIBLE, "it is raised as ApiError until then"),
    _both("error-removed", "an error code was removed", RISKY, "code may wait for it"),
    _both("error-changed", "an error code means another error", BREAKING, "code catches the old one"),
    _both("deprecated", "it is deprecated now", COMPATIBLE, "it still works, and will be removed one day"),
    _both("undeprecated", "it is not deprecated any more", DOCS, "it goes on"),
)

SURFACE = (
    _both(
        "symbol-removed",
        "a generated name was removed",
        BREAKING,
        "code that uses it fails: `AttributeError`, `ImportError`",
    ),
    _both("symbol-renamed", "a generated name was renamed", BREAKING, "code that uses the old name fails"),
    _both(
        "symbol-renamed-kept",
        "a generated name was renamed, and the old one stays as a deprecated alias",
        COMPATIBLE,
        "the old name still works",
    ),
    _both(
        "parameter-required",
        "a parameter of a generated function became required",
        BREAKING,
        "a call without it is a `TypeError`",
    ),
    _both(
        "symbol-type-changed",
        "the type of a generated name was changed",
        BREAKING,
        "code that was checked against the old type may fail",
    ),
    _both(
        "symbol-type-widened",
        "a generated function takes more, or gives less, than before",
        COMPATIBLE,
        "code that was checked against the old type still fits",
    ),
    _both("symbol-added", "a generated name was added", COMPATIBLE, "nobody uses it yet"),
)

PROSE = (
    _both("docs-changed", "titles, descriptions or examples were changed", DOCS, "nothing else changed"),
    _both(
        "name-follows-document",
        "a class is called by another key of the document",
        DOCS,
        "the wire has no class names; generated code that uses the old name must be changed",
    ),
)

GROUPS = (
    ("Schemas", SCHEMA),
    ("Topology", TOPOLOGY),
    ("Generated names", SURFACE),
    ("Prose", PROSE),
)
RULES = {rule.id: rule for _, rules in GROUPS for rule in rules}
