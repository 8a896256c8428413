"""One form for every AsyncAPI version, and what is forgiven."""

from __future__ import annotations

from pathlib import Path

import pytest

from wirewright.errors import Problem
from wirewright.load.asyncapi import load_asyncapi
from wirewright.load.document import Files
from wirewright.load.resolved import Document
from wirewright.model.types import Origin

V2 = """
asyncapi: 2.4.0
info: {title: Rooms, version: '1'}
x-perspective: server
servers:
  main: {url: '{stage}.example.com/base', protocol: wss, variables: {stage: {enum: [live, test], default: live}}, security: [{key: []}]}
channels:
  /rooms/{room}:
    parameters: {room: {description: Name of the room., schema: {type: string, enum: [a, b]}}}
    bindings: {ws: {query: {type: object, properties: {token: {type: string}}}}}
    publish:
      operationId: say
      message: {$ref: '#/components/messages/Say'}
    subscribe:
      operationId: hear
      message: {oneOf: [{$ref: '#/components/messages/Heard'}]}
components:
  securitySchemes: {key: {type: httpApiKey, name: token, in: query}}
  messages:
    Say:
      traits: [{contentType: application/json, summary: From a trait., correlationId: {location: '$message.payload#/id'}}]
      payload: {type: object, properties: {id: {type: string}, text: {type: string}}}
      examples: [{payload: {id: x, text: hi}}]
    Heard: {payload: {type: object, properties: {text: {type: string}}}}
"""

V3 = """
asyncapi: 3.0.0
info: {title: Rooms, version: '1'}
x-perspective: server
servers:
  main:
    host: '{stage}.example.com'
    pathname: /base
    protocol: wss
    variables: {stage: {enum: [live, test], default: live}}
    security: [{$ref: '#/components/securitySchemes/key'}]
channels:
  rooms:
    address: /rooms/{room}
    parameters: {room: {description: Name of the room., enum: [a, b]}}
    bindings: {ws: {query: {type: object, properties: {token: {type: string}}}}}
    messages:
      Say: {$ref: '#/components/messages/Say'}
      Heard: {$ref: '#/components/messages/Heard'}
operations:
  say: {action: receive, channel: {$ref: '#/channels/rooms'}, messages: [{$ref: '#/channels/rooms/messages/Say'}]}
  hear: {action: send, channel: {$ref: '#/channels/rooms'}, messages: [{$ref: '#/channels/rooms/messages/Heard'}]}
components:
  securitySchemes: {key: {type: httpApiKey, name: token, in: query}}
  messages:
    Say:
      traits: [{contentType: application/json, summary: From a trait., correlationId: {location: '$message.payload#/id'}}]
      payload: {type: object, properties: {id: {type: string}, text: {type: string}}}
      examples: [{payload: {id: x, text: hi}}]
    Heard: {payload: {type: object, properties: {text: {type: string}}}}
"""


def load(tmp_path: Path, text: str, side: str = "") -> tuple[Document | None, list[Problem]]:
    (tmp_path / "d.yaml").write_text(text, encoding="utf-8")
    files = Files()
    node = files.open(tmp_path / "d.yaml", "d.yaml")
    assert node is not None, files.problems
    document, problems = load_asyncapi(files, node, side, Origin("wirewright.toml", 4))
    return document, [*files.problems, *problems]


@pytest.mark.parametrize("text", [V2, V3])
def test_both_major_versions_have_one_form(tmp_path: Path, text: str) -> None:
    document, problems = load(tmp_path, text)
    assert document is not None
    assert not problems
    server, channel = document.servers[0], document.channels[0]
    assert (server.protocol, server.host, server.path, server.security) == (
        "wss",
        "{stage}.example.com",
        "/base",
        ("key",),
    )
    assert [(one.name, one.values, one.default) for one in server.variables] == [("stage", ("live", "test"), "live")]
    assert channel.address == "/rooms/{room}"
    assert [(one.name, one.values, one.doc) for one in channel.parameters] == [
        ("room", ("a", "b"), "Name of the room.")
    ]
    assert channel.query is not None
    assert [(one.name, one.sends, [message.name for message in one.messages]) for one in document.operations] == [
        ("say", True, ["Say"]),
        ("hear", False, ["Heard"]),
    ]
    say = document.messages[0]
    assert (say.correlation, say.doc, say.content_type) == ("/id", "From a trait.", "application/json")
    assert [one.plain() for one in say.examples] == [{"id": "x", "text": "hi"}]


@pytest.mark.parametrize("version", ["1.2.0", "2.7.0", "4.0.0", "three"])
def test_an_unknown_version(tmp_path: Path, version: str) -> None:
    document, problems = load(tmp_path, f"asyncapi: {version}\nchannels: {{}}\n")
    assert document is None
    assert str(problems[0]) == (
        f"d.yaml:1:11: the AsyncAPI version {version!r} is unknown; 2.0 to 2.6, 3.0 and 3.1 are understood"
    )


@pytest.mark.parametrize(
    ("change", "to", "warning"),
    [
        ("version: '1'}", "version: '1', externalDocs: {url: x}}", "`externalDocs` does not belong in `info`"),
        ("version: '1'}", "version: '1', tags: []}", "`tags` does not belong in `info`"),
        ("default: live", "default: 5", "the default of 'stage' is not text"),
        ("{type: httpApiKey, name: token, in: query}", "{type: httpApiKey}", "the security scheme 'key' is incomplete"),
        ("    Heard: {payload: {type", "    Heard: {type", "the payload of 'Heard' stands directly in the message"),
        ("/rooms/{room}:\n    parameters: {room:", "/rooms/{room}:\n    parameters: {other:", "{room} is not declared"),
    ],
)
def test_what_does_not_matter_is_a_warning(tmp_path: Path, change: str, to: str, warning: str) -> None:
    text = V2.replace(
        "{type: object, properties: {text: {type: string}}}}\n", "{type: object, properties: {text: {type: string}}}}\n"
    )
    if "stands directly" in warning:
        text = text.replace(
            "    Heard: {payload: {type: object, properties: {text: {type: string}}}}",
            "    Heard: {type: object, properties: {}}",
        )
    else:
        assert change in text
        text = text.replace(change, to)
    document, problems = load(tmp_path, text)
    assert document is not None
    assert [one for one in problems if warning in one.what], [str(one) for one in problems]
    assert all(one.warning for one in problems)


def test_an_operation_may_point_at_components(tmp_path: Path) -> None:
    document, problems = load(
        tmp_path, V3.replace("#/channels/rooms/messages/Say'}]}", "#/components/messages/Say'}]}")
    )
    assert document is not None
    assert document.operations[0].messages[0].name == "Say"
    assert "points at a component" in problems[0].what
    assert problems[0].warning


def test_other_schema_formats_are_left_out(tmp_path: Path) -> None:
    text = V3.replace(
        "Heard: {payload: {type",
        "Heard: {payload: {schemaFormat: application/vnd.apache.avro;version=1.9.0, schema: {type",
    )
    document, problems = load(tmp_path, text.replace("string}}}}\n", "string}}}}}\n"))
    assert document is not None
    assert document.messages[1].payload is None
    assert "it is in the format application/vnd.apache.avro" in problems[0].what


WITHOUT_SIDE = V2.replace("x-perspective: server\n", "")


def test_the_side_is_never_settled_in_silence(tmp_path: Path) -> None:
    document, problems = load(tmp_path, WITHOUT_SIDE)
    assert document is not None
    assert document.perspective.side == "server"
    assert str(problems[0]).startswith("d.yaml:2:1: warning: taken as the description of the server: ")
    assert "x-perspective: server" in problems[0].right


@pytest.mark.parametrize(
    ("publish", "subscribe", "title", "side"),
    [
        ("OrderResponse", "OrderRequest", "Orders", "client"),
        ("OrderRequest", "OrderResponse", "Orders", "server"),
        ("subscribe", "tradeUpdate", "Orders", "server"),
        ("tradeUpdate", "subscribe", "Orders", "client"),
        ("thing", "stuff", "Order client", "client"),
        ("thing", "stuff", "Order service", "server"),
        ("thing", "stuff", "Orders", "server"),
    ],
)
def test_words_tell_the_side(tmp_path: Path, publish: str, subscribe: str, title: str, side: str) -> None:
    text = WITHOUT_SIDE.replace("'#/components/messages/Say'", f"'#/components/messages/{publish}'")
    text = text.replace("'#/components/messages/Heard'", f"'#/components/messages/{subscribe}'")
    text = (
        text.replace("    Say:\n", f"    {publish}:\n")
        .replace("    Heard:", f"    {subscribe}:")
        .replace("Rooms", title)
    )
    document, _ = load(tmp_path, text)
    assert document is not None
    assert document.perspective.side == side


def test_who_replies_is_the_server(tmp_path: Path) -> None:
    reply = "reply: {channel: {$ref: '#/channels/rooms'}}, "
    text = V3.replace("x-perspective: server\n", "").replace("say: {action: receive, ", "say: {action: send, " + reply)
    document, _ = load(tmp_path, text)
    assert document is not None
    assert (document.perspective.side, document.perspective.why) == ("client", "it is replied to")
    assert document.operations[0].replies is not None


def test_what_the_configuration_and_the_document_say_must_agree(tmp_path: Path) -> None:
    _, problems = load(tmp_path, V2, "client")
    assert str(problems[0]) == (
        "d.yaml:4:16: the document describes the server, the configuration says client (also wirewright.toml:4:1); they must agree"
    )


def test_a_document_that_describes_the_other_side_than_configured(tmp_path: Path) -> None:
    text = WITHOUT_SIDE.replace("Say", "SayRequest").replace("Heard", "HeardResponse")
    document, problems = load(tmp_path, text, "client")
    assert document is not None
    assert document.perspective.side == "client"
    assert "describes the other side than configured (client)" in problems[0].what
    assert not problems[0].warning
