"""A minimal pair for each rule: the smallest change that it is about. The tests run them, docs/diff-rules.md shows them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Form(Enum):
    """What the two sides of a pair are."""

    SCHEMA = "schema of a value"
    DOCUMENT = "merge patch on the document"
    TABLE = "text of a spec"
    SURFACE = "manifest of generated names"


@dataclass(frozen=True)
class Pair:
    rule: str
    form: Form
    old: str
    new: str


BASE = """\
asyncapi: 3.0.0
info: {title: Rooms, version: '1'}
x-perspective: client
servers:
  main: {host: 'a.example:443', protocol: wss, pathname: /v1}
channels:
  room:
    address: /room
    messages:
      say: {payload: {type: object, properties: {type: {const: say}, text: {type: string}}, required: [type, text]}}
      said: {payload: {type: object, properties: {type: {const: said}, text: {type: string}}, required: [type, text]}}
      ask:
        correlationId: {location: '$message.payload#/id'}
        payload: {type: object, properties: {type: {const: ask}, id: {type: string}, ref: {type: string}}, required: [type, id, ref]}
      answer:
        correlationId: {location: '$message.payload#/id'}
        payload: {type: object, properties: {type: {const: answer}, id: {type: string}, ref: {type: string}}, required: [type, id, ref]}
operations:
  say: {action: send, channel: {$ref: '#/channels/room'}, messages: [{$ref: '#/channels/room/messages/say'}]}
  hear: {action: receive, channel: {$ref: '#/channels/room'}, messages: [{$ref: '#/channels/room/messages/said'}]}
  ask:
    action: send
    channel: {$ref: '#/channels/room'}
    messages: [{$ref: '#/channels/room/messages/ask'}]
    reply: {channel: {$ref: '#/channels/room'}, messages: [{$ref: '#/channels/room/messages/answer'}]}
components:
  securitySchemes:
    token: {type: httpApiKey, name: X-Token, in: header}
    login: {type: userPassword}
"""
_A = "{title: A, properties: {t: {const: a}, y: {type: string}}, required: [t, y]}"
_B = "{title: B, properties: {t: {const: b}, z: {type: string}}, required: [t, z]}"
_C = "{title: C, properties: {t: {const: c}, w: {type: integer}}, required: [t, w]}"
_MOVED_A, _MOVED_B = _A.replace("{t:", "{u:").replace("[t", "[u"), _B.replace("{t:", "{u:").replace("[t", "[u")
_PLAIN = [
    f"{{title: {name}, properties: {{{key}: {{type: string}}}}, required: [{key}]}}" for name, key in ("Py", "Qz", "Rw")
]
_TAGLESS = "{payload: {type: object, properties: {note: {type: string}}, required: [note]}}"
_LEFT = "{payload: {type: object, properties: {type: {const: left}, who: {type: string}}, required: [type, who]}}"
_REF = "{$ref: '#/channels/room/messages/%s'}"
_HALL = (
    "channels: {hall: {address: /hall, messages: {answer: {$ref: '#/channels/room/messages/answer'}}}}\n"
    "operations: {wait: {action: receive, channel: {$ref: '#/channels/hall'}}}"
)
_HEAR = "operations: {hear: {messages: [%s]}}"


def _property(schema: str, required: bool = True) -> str:
    return f"{{type: object, properties: {{x: {schema}}}{', required: [x]' if required else ''}}}"


def _schema(rule: str, old: str, new: str) -> Pair:
    return Pair(rule, Form.SCHEMA, old, new)


def _of(rule: str, old: str, new: str) -> Pair:
    """Two schemas of one required property."""
    return Pair(rule, Form.SCHEMA, _property(old), _property(new))


def _one_of(rule: str, old: list[str], new: list[str]) -> Pair:
    return Pair(rule, Form.SCHEMA, f"{{oneOf: [{', '.join(old)}]}}", f"{{oneOf: [{', '.join(new)}]}}")


def _document(rule: str, old: str, new: str) -> Pair:
    return Pair(rule, Form.DOCUMENT, old, new)


def _table(rule: str, old: str, new: str) -> Pair:
    return Pair(rule, Form.TABLE, old, new)


def _surface(rule: str, old: str, new: str) -> Pair:
    return Pair(rule, Form.SURFACE, old, new)


def _messages(*names: str) -> str:
    return _HEAR % ", ".join(_REF % name for name in names)


_STRING = "{type: string}"
_EMPTY = "{type: object, properties: {y: {type: string}}}"
_WITH_X = "{type: object, properties: {y: {type: string}, x: {type: string}}%s}"

PAIRS = (
    _schema("property-added-optional", _EMPTY, _WITH_X % ""),
    _schema("property-added-required", _EMPTY, _WITH_X % ", required: [x]"),
    _schema("property-removed-optional", _WITH_X % "", _EMPTY),
    _schema("property-removed-required", _WITH_X % ", required: [x]", _EMPTY),
    _schema("became-required", _property(_STRING, required=False), _property(_STRING)),
    _schema("became-optional", _property(_STRING), _property(_STRING, required=False)),
    _of("type-widened", "{type: integer}", "{type: number}"),
    _of("type-widened", "{type: string}", "{type: [string, integer]}"),
    _of("type-widened", "{type: integer}", "{}"),
    _of("type-narrowed", "{type: number}", "{type: integer}"),
    _of("type-narrowed", "{type: [string, integer]}", "{type: string}"),
    _of("type-narrowed", "{type: string}", "{type: string, enum: [A, B]}"),
    _of("type-changed", "{type: string}", "{type: integer}"),
    _of("type-changed", "{type: string}", "{type: array, items: {type: string}}"),
    _of("nullable-added", "{type: string}", "{type: [string, 'null']}"),
    _of("nullable-removed", "{type: [string, 'null']}", "{type: string}"),
    _of("enum-value-added", "{type: string, enum: [A, B]}", "{type: string, enum: [A, B, C]}"),
    _of("enum-value-removed", "{type: string, enum: [A, B, C]}", "{type: string, enum: [A, B]}"),
    _of("const-changed", "{const: 1}", "{const: 2}"),
    _one_of("tag-value-changed", [_A, _B], [_A, _B.replace("const: b", "const: c")]),
    _one_of("tag-property-changed", [_A, _B], [_MOVED_A, _MOVED_B]),
    _of("bound-tightened", "{type: integer, maximum: 100}", "{type: integer, maximum: 50}"),
    _of("bound-tightened", "{type: string}", "{type: string, minLength: 1}"),
    _of(
        "bound-tightened",
        "{type: array, items: {type: string}, maxItems: 9}",
        "{type: array, items: {type: string}, maxItems: 5}",
    ),
    _of("bound-loosened", "{type: integer, maximum: 50}", "{type: integer, maximum: 100}"),
    _of("bound-loosened", "{type: number, exclusiveMinimum: 0}", "{type: number}"),
    _of("pattern-changed", "{type: string, pattern: ^a}", "{type: string, pattern: ^b}"),
    _one_of("branch-added-tagged", [_A, _B], [_A, _B, _C]),
    _one_of("branch-added", _PLAIN[:2], _PLAIN),
    _one_of("branch-removed", [_A, _B, _C], [_A, _B]),
    _of(
        "position-type-changed",
        "{type: array, items: [{type: string}, {type: string}], additionalItems: false}",
        "{type: array, items: [{type: string}, {type: integer}], additionalItems: false}",
    ),
    _of(
        "position-added",
        "{type: array, items: [{type: string}], additionalItems: false}",
        "{type: array, items: [{type: string}, {type: string}], additionalItems: false}",
    ),
    _of(
        "position-removed",
        "{type: array, items: [{type: string}, {type: string}], additionalItems: false}",
        "{type: array, items: [{type: string}], additionalItems: false}",
    ),
    _document(
        "message-added-tagged",
        "{}",
        f"channels: {{room: {{messages: {{left: {_LEFT}}}}}}}\n{_messages('said', 'left')}",
    ),
    _document(
        "message-added", "{}", f"channels: {{room: {{messages: {{note: {_TAGLESS}}}}}}}\n{_messages('said', 'note')}"
    ),
    _document(
        "message-removed", f"channels: {{room: {{messages: {{left: {_LEFT}}}}}}}\n{_messages('said', 'left')}", "{}"
    ),
    _table("default-changed", "How much the answer tells.", "How much the answer tells. Default: `ACK`"),
    _document("server-added", "{}", "servers: {other: {host: b.example, protocol: wss, pathname: /v1}}"),
    _document("server-removed", "servers: {other: {host: b.example, protocol: wss, pathname: /v1}}", "{}"),
    _document("server-host", "{}", "servers: {main: {host: 'b.example:443'}}"),
    _document("server-port", "{}", "servers: {main: {host: 'a.example:9443'}}"),
    _document("server-path", "{}", "servers: {main: {pathname: /v2}}"),
    _document("server-protocol", "{}", "servers: {main: {protocol: ws}}"),
    _document("channel-added", "{}", "channels: {hall: {address: /hall}}"),
    _document("channel-removed", "channels: {hall: {address: /hall}}", "{}"),
    _document("channel-address", "{}", "channels: {room: {address: /rooms}}"),
    _document("operation-added", "operations: {hear: null}", "{}"),
    _document("operation-removed", "{}", "operations: {say: null}"),
    _document("operation-turned", "{}", "operations: {say: {action: receive}}"),
    _document("reply-added", "operations: {ask: {reply: null}}", "{}"),
    _document("reply-removed", "{}", "operations: {ask: {reply: null}}"),
    _document(
        "reply-moved",
        _HALL,
        _HALL.removesuffix("}")
        + ", ask: {reply: {channel: {$ref: '#/channels/hall'}, messages: [{$ref: '#/channels/hall/messages/answer'}]}}}",
    ),
    _document(
        "correlation-changed",
        "{}",
        "channels: {room: {messages: {ask: {correlationId: {location: '$message.payload#/ref'}}, "
        "answer: {correlationId: {location: '$message.payload#/ref'}}}}}",
    ),
    _document("security-added", "{}", "operations: {say: {security: [{$ref: '#/components/securitySchemes/token'}]}}"),
    _document(
        "security-removed", "operations: {say: {security: [{$ref: '#/components/securitySchemes/token'}]}}", "{}"
    ),
    _document(
        "security-changed",
        "servers: {main: {security: [{$ref: '#/components/securitySchemes/token'}]}}",
        "servers: {main: {security: [{$ref: '#/components/securitySchemes/login'}]}}",
    ),
    _document("security-changed", "{}", "components: {securitySchemes: {token: {name: X-Other}}}"),
    _document(
        "property-added-required",
        "{}",
        "channels: {room: {bindings: {ws: {query: {type: object, properties: {key: {type: string}}, required: [key]}}}}}",
    ),
    _document(
        "became-required",
        "channels: {room: {bindings: {ws: {headers: {type: object, properties: {key: {type: string}}}}}}}",
        "channels: {room: {bindings: {ws: {headers: {type: object, properties: {key: {type: string}}, required: [key]}}}}}",
    ),
    _table("envelope-changed", "payload: /data", "payload: /content"),
    _table("tag-property-changed", "event: {payload: '', tag: /e}", "event: {payload: '', tag: /type}"),
    _table("command-changed", "subscribe: {method: SUBSCRIBE,", "subscribe: {method: LISTEN,"),
    _table("stream-pattern-removed", "`<symbol>@bookTicker`", "`<symbol>@best`"),
    _table("stream-pattern-added", "`<symbol>@aggTrade`", "`<symbol>@aggTrade` or `<symbol>@trades`"),
    _table(
        "stream-pattern-removed",
        "`<symbol>@depth` or `<symbol>@depth@100ms`",
        "`<symbol>@changes` or `<symbol>@depth@100ms`",
    ),
    _table("enum-value-removed", "ENUM `1h`, `4h`, `1d`", "ENUM `1h`, `4h`"),
    _table("update-speed-changed", "**Update Speed:** 2000ms", "**Update Speed:** 500ms"),
    _table("sequence-changed", "**Sequence:** last `a`, step 1", "**Sequence:** last `a`"),
    _table("event-tag-added", "`1hTicker`, `4hTicker`, `1dTicker`", "`1hTicker`, `4hTicker`, `1dTicker`, `1wTicker`"),
    _table("event-tag-removed", "`1hTicker`, `4hTicker`, `1dTicker`", "`1hTicker`, `4hTicker`"),
    _table("user-data-added", "  - scheme: signature", "  - scheme: token\n    subscribe: x\n  - scheme: signature"),
    _table("user-data-removed", "  - scheme: signature", "  - scheme: other"),
    _table(
        "user-data-changed",
        "subscribe: userDataStream.subscribe.signature",
        "subscribe: userDataStream.subscribe.signed",
    ),
    _table("weight-changed", "**Weight:** 4", "**Weight:** 6"),
    _table("limit-changed", "streams: 1024", "streams: 200"),
    _table("limit-changed", "lifetime: 86400", "lifetime: 43200"),
    _table("security-changed", "**Security:** USER_DATA", "**Security:** TRADE"),
    _table(
        "rule-added",
        "| `type` = `LIMIT` | only then | `icebergQty` |",
        "| `type` = `LIMIT` | only then | `icebergQty` |\n| `price` | only with | `quantity` |",
    ),
    _table("rule-removed", "| `type` = `LIMIT` | only then | `icebergQty` |\n", ""),
    _table(
        "variant-added",
        "| OrderPlaceAck | `newOrderRespType` = `ACK` | OrderAck | |",
        "| OrderPlaceAck | `newOrderRespType` = `ACK` | OrderAck | |\n| OrderPlaceShort | `newOrderRespType` = `RESULT` | OrderAck | |",
    ),
    _table("variant-removed", "| OrderPlaceAck | `newOrderRespType` = `ACK` | OrderAck | |\n", ""),
    _table("outcome-changed", "**Changes state:** yes", "**Changes state:** no"),
    _table("amounts-changed", "x-amount-pattern: '^[0-9]{1,20}", "x-amount-pattern: '^[0-9]{1,10}"),
    _table("deprecated", "**Weight:** 4", "**Weight:** 4\n**Deprecated:** since 2026"),
    _table("undeprecated", "**Weight:** 4\n**Deprecated:** since 2026", "**Weight:** 4"),
    _surface("symbol-removed", '{"models.Order.price": "Decimal"}', "{}"),
    _surface("symbol-added", "{}", '{"models.Order.price": "Decimal"}'),
    _surface("symbol-type-changed", '{"models.Order.price": "Decimal"}', '{"models.Order.price": "str"}'),
    _surface("symbol-type-widened", '{"requests.Depth.limit": "int"}', '{"requests.Depth.limit": "int | str"}'),
    _surface(
        "parameter-required",
        '{"api.Api.depth": "(self, *, symbol: str, limit: int | None=None) -> models.Depth"}',
        '{"api.Api.depth": "(self, *, symbol: str, limit: int) -> models.Depth"}',
    ),
    _surface(
        "symbol-renamed-kept",
        '{"models.Depth": "class(Model)"}',
        '{"models.Depth": "TypeAlias = Book", "models.Book": "class(Model)"}',
    ),
    _table("symbol-renamed", "| a | aggTradeId | LONG |", "| a | tradeId | LONG |"),
    _table("symbol-renamed-kept", "| a | aggTradeId | LONG |", "| a | tradeId (was aggTradeId) | LONG |"),
    _table("docs-changed", "An order as it stands.\n\n**Security", "An order as it is.\n\n**Security"),
)
