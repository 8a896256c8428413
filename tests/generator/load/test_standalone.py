"""A document alone: methods, sends, streams, sockets and servers."""

from __future__ import annotations

import json
from pathlib import Path

from outline import outline, spell
from telling import warned

from wirewright.load import Loaded, load_any
from wirewright.load.standalone import Answers
from wirewright.model.api import Api


def load(tmp_path: Path, document: object, answers: Answers | None = None) -> Loaded:
    path = tmp_path / "doc.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return load_any(path, name="demo", root=tmp_path, answers=answers)


def api_of(loaded: Loaded) -> Api:
    assert loaded.api is not None, loaded.problems
    return loaded.api


def tagged(value: str, **more: object) -> dict[str, object]:
    return {"type": "object", "required": ["event"], "properties": {"event": {"const": value}, **more}}


def message(payload: object, **more: object) -> dict[str, object]:
    return {"payload": payload, **more}


CORRELATED = {"correlationId": {"location": "$message.payload#/req"}}
NUMBER = {"type": "integer"}
ROOMS = {
    "asyncapi": "3.0.0",
    "info": {"title": "Rooms server", "version": "1"},
    "x-perspective": "server",
    "servers": {"main": {"host": "a.example", "pathname": "/base", "protocol": "wss"}},
    "channels": {
        "room": {
            "address": "/room/{name}",
            "parameters": {"name": {"enum": ["red", "blue"]}},
            "messages": {
                "join": message(tagged("join", req=NUMBER, who={"type": "string"}), **CORRELATED),
                "joined": message(
                    tagged("joined", req=NUMBER), examples=[{"payload": {"event": "joined", "req": 1}}], **CORRELATED
                ),
                "left": message(tagged("left", who={"type": "string"})),
                "typing": message(tagged("typing")),
            },
        }
    },
    "operations": {
        "join": {
            "action": "receive",
            "channel": {"$ref": "#/channels/room"},
            "messages": [{"$ref": "#/channels/room/messages/join"}],
            "reply": {
                "channel": {"$ref": "#/channels/room"},
                "messages": [{"$ref": "#/channels/room/messages/joined"}],
            },
        },
        "typing": {
            "action": "receive",
            "channel": {"$ref": "#/channels/room"},
            "messages": [{"$ref": "#/channels/room/messages/typing"}],
        },
        "tell": {
            "action": "send",
            "channel": {"$ref": "#/channels/room"},
            "messages": [{"$ref": "#/channels/room/messages/left"}, {"$ref": "#/channels/room/messages/joined"}],
        },
    },
}


def test_replies_sends_and_events(tmp_path: Path) -> None:
    loaded = load(tmp_path, ROOMS)
    assert not [one for one in loaded.problems if not one.warning]
    assert outline(api_of(loaded)) == (Path(__file__).parent / "fixtures" / "rooms.outline").read_text(encoding="utf-8")
    socket = api_of(loaded).sockets[0]
    assert socket.request is not None
    assert socket.reply is not None
    assert (
        socket.request.id,
        socket.request.method,
        socket.request.params,
        socket.request.id_type,
        socket.reply.id,
    ) == (*("/req", "/event", "", "integer", "/req"),)


def test_correlation_in_2x_pairs_messages_by_their_names(tmp_path: Path) -> None:
    declared = {"correlationId": {"location": "$message.payload#/id"}}
    names = ("OrderRequest", "BookRequest", "OrderResponse", "BookResponse")
    document = {
        "asyncapi": "2.6.0",
        "info": {"title": "x"},
        "x-perspective": "client",
        "channels": {
            "/": {
                "subscribe": {"message": {"oneOf": [{"$ref": f"#/components/messages/{name}"} for name in names[:2]]}},
                "publish": {"message": {"oneOf": [{"$ref": f"#/components/messages/{name}"} for name in names[2:]]}},
            }
        },
        "components": {
            "messages": {
                name: message({"type": "object", "properties": {"id": {"type": "string"}, name: NUMBER}}, **declared)
                for name in names
            }
        },
    }
    api = api_of(load(tmp_path, document))
    assert [(one.name, spell(one.variants[0].result)) for one in api.methods] == [
        ("order_request", "OrderResponse"),
        ("book_request", "BookResponse"),
    ]


def test_a_reply_that_the_configuration_names(tmp_path: Path) -> None:
    document = {
        "asyncapi": "2.0.0",
        "info": {"title": "x"},
        "x-perspective": "server",
        "channels": {
            "/": {
                "publish": {"operationId": "ask", "message": {"name": "ask", **message(tagged("ask"))}},
                "subscribe": {
                    "message": {
                        "oneOf": [
                            {"name": "told", **message(tagged("told"))},
                            {"name": "news", **message(tagged("news"))},
                        ]
                    }
                },
            }
        },
    }
    plain = api_of(load(tmp_path, document))
    assert [one.name for one in plain.messages] == ["ask"]
    asked = api_of(load(tmp_path, document, Answers(replies={"ask": "told"})))
    assert [(one.name, one.reply_tags) for one in asked.methods] == [("ask", (("/event", "told"),))]
    assert [one.name for one in asked.events] == ["News"]


def test_a_union_that_the_configuration_tells_apart(tmp_path: Path) -> None:
    def branch(first: int, second: str) -> dict[str, object]:
        return {"type": "object", "properties": {"a": {"enum": [1, 2]}, "b": {"const": second}, "n": {"const": first}}}

    document = {
        "asyncapi": "2.0.0",
        "info": {"title": "x"},
        "x-perspective": "server",
        "channels": {
            "/x": {"subscribe": {"message": {"name": "m", "payload": {"oneOf": [branch(1, "p"), branch(2, "q")]}}}}
        },
    }
    for answers, tag in ((None, "b"), (Answers(tags={"M": "n"}), "n")):
        union = next(one for one in api_of(load(tmp_path, document, answers)).types if one.name == "M")
        assert getattr(union, "tag", "") == tag


def test_channels_at_one_address_share_a_socket(tmp_path: Path) -> None:
    document = {
        "asyncapi": "3.0.0",
        "info": {"title": "Service"},
        "servers": {"s": {"host": "h", "pathname": "/v1/feed", "protocol": "ws"}},
        "channels": {
            name: {"address": "/v1/feed", "messages": {"m": {"name": name, "payload": tagged(name)}}}
            for name in ("a", "b")
        },
        "operations": {name: {"action": "send", "channel": {"$ref": f"#/channels/{name}"}} for name in ("a", "b")},
    }
    api = api_of(load(tmp_path, document))
    assert [(one.name, one.path) for one in api.sockets] == [("v1_feed", "/v1/feed")]
    assert [(one.name, spell(one.event)) for one in api.streams] == [("V1FeedStream", "V1FeedEvent")]


def test_a_document_without_a_websocket_server(tmp_path: Path) -> None:
    loaded = load(tmp_path, {**ROOMS, "servers": {"main": {"host": "a", "protocol": "mqtt"}}})
    assert api_of(loaded).servers == ()
    assert api_of(loaded).sockets[0].path == "/room/{name}"
    assert any("the document has no WebSocket server" in one for one in warned(loaded))


def test_examples_that_contradict_the_schema_are_left_out(tmp_path: Path) -> None:
    text = json.dumps(ROOMS).replace('"req": 1}', '"req": "one"}')
    loaded = load(tmp_path, json.loads(text))
    assert api_of(loaded).methods[0].examples == ()
    assert any(
        "an example of 'joined' is not what its schema says and is left out: \"one\" is not an integer" in one
        for one in warned(loaded)
    )


def test_nothing_is_opened_but_the_document(tmp_path: Path) -> None:
    document = {
        **ROOMS,
        "components": {"schemas": {"x": {"$ref": "../../etc/passwd"}, "y": {"$ref": "http://example.com/z"}}},
    }
    loaded = load(tmp_path, document)
    assert api_of(loaded).methods
    found = [one for one in warned(loaded) if "`$ref`" in one]
    assert len(found) == 2
