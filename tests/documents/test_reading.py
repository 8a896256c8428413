"""How documents of strangers are understood: who says what, where it is said, and which message is which."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from census import generate

from wirewright.load import load_any
from wirewright.load.addresses import address_of
from wirewright.load.node import Node
from wirewright.load.resolved import Variable
from wirewright.load.speech import Speaker, speaker_of
from wirewright.model.api import Api
from wirewright.model.types import Origin, StructType
from wirewright_runtime.decode import decoding

FIXTURES = Path(__file__).parent / "fixtures"
HERE = Origin("d.yaml")
CLIENT, SERVER, NOBODY = Speaker


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        *[(text, CLIENT) for text in ("SubscribeRequest", "join-session", "Client -> Server", "Send a chat message")],
        *[(text, CLIENT) for text in ("Client can send chat messages.", "Messages from the client", "ErrorRequest")],
        *[(text, SERVER) for text in ("playerJoined", "subscribe_response", "Server sends prices", "Receive updates")],
        *[
            (text, SERVER)
            for text in ("Client receives prices", "Sent to all connected clients", "Data from the server")
        ],
        ("Server requests a screenshot, client returns it", SERVER),
        ("Send the time to any connected client", SERVER),
        *[(text, NOBODY) for text in ("ChatMessage", "", "speed", "gaugeNamed", "Message to other users")],
    ],
)
def test_words_tell_who_says_a_message(text: str, speaker: Speaker) -> None:
    assert speaker_of(text) is speaker


@pytest.mark.parametrize(
    ("written", "variables", "expected"),
    [
        ({"url": "wss://a.b/c", "protocol": "wss"}, {}, ("wss", "a.b", "/c")),
        ({"url": "a.b:1/c/", "protocol": "WebSocket"}, {}, ("ws", "a.b:1", "/c")),
        ({"host": "wss://a.b/v1", "pathname": "x", "protocol": "ws"}, {}, ("wss", "a.b", "/v1/x")),
        ({"url": "{host}:{port}/v", "protocol": "ws"}, {"host": "wss://a"}, ("wss", "{host}:{port}", "/v")),
        ({"url": "{scheme}://a", "protocol": "ws"}, {"scheme": "wss"}, ("wss", "a", "")),
        ({"url": "kafka://a", "protocol": "kafka"}, {}, ("kafka", "a", "")),
        ({"url": "wss://a", "protocol": "Colyseus(wss)"}, {}, ("wss", "a", "")),
    ],
)
def test_an_address_is_found_however_it_is_written(
    written: dict[str, str], variables: dict[str, str], expected: tuple[str, str, str]
) -> None:
    node = Node({key: Node(value, HERE) for key, value in written.items()}, HERE)
    found = address_of(node, {name: Variable(name, HERE, (), value) for name, value in variables.items()})
    assert (found.protocol, found.host, found.path) == expected


def api(name: str) -> Api:
    loaded = load_any(FIXTURES / name)
    assert loaded.api is not None
    return loaded.api


def test_channels_that_are_no_paths_share_the_socket_of_the_server() -> None:
    assert [socket.path for socket in api("topics.yaml").sockets] == ["/v1"]


def test_a_root_channel_and_topics_of_brokers_share_the_one_address_that_a_user_gives() -> None:
    found = api("houses.yaml")
    (socket,) = found.sockets
    assert (socket.topics, [one.name for one in found.messages]) == (("/", "doors", "lamps"), ["watch"])
    assert {one.name for one in found.events} == {"Watched", "Door", "Lamp"}
    assert found.streams[0].doc == "What comes of `root`, `doors`, `lamps`."


def test_requests_that_repeat_an_id_are_joined_by_it_and_what_has_none_is_pushed() -> None:
    found = api("rpc.yaml")
    assert found.sockets[0].request is not None and found.sockets[0].reply is not None
    assert (found.sockets[0].request.id, found.sockets[0].reply.id) == ("/id", "/id")
    assert [[one.name for one in method.parameters] for method in found.methods] == [["params"], ["params"]]
    assert {one.name for one in found.events} == {"Level", "Wind"}


def test_a_socket_has_plain_texts_where_a_text_of_it_is_no_json() -> None:
    assert {one.name: one.plain for one in api("plain-text.yaml").sockets} == {
        "tape": True,
        "count": False,
        "ask": True,
    }


def test_the_catalog_finds_every_request_of_one_wire_name(made: Any) -> None:
    found = made("rpc.yaml", "rpc_wire").METHODS
    assert {name: one.__name__ for name, one in found.items()} == {"watch": "WatchLevel", "watch_wind": "WatchWind"}


def test_what_only_clients_send_says_which_message_it_is(made: Any) -> None:
    made("letters.yaml", "letters_wire")
    models = import_module("letters_wire.models")
    with pytest.raises(TypeError, match="event"):
        models.CloseBox()


def test_names_of_types_come_from_capitals_and_from_the_only_key(made: Any) -> None:
    made("letters.yaml", "letters_wire")
    models, events = import_module("letters_wire.models"), import_module("letters_wire.events")
    assert {"StateLocked", "StateOpen", "OpenBox", "CloseBox"} <= vars(models).keys()
    assert "BoxOpened" in vars(events)


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        ('{"to": "ada", "text": "hi"}', "Letter"),
        ('{"to": "ada", "text": "hi", "list": "all"}', "Circular"),
        ('{"type": "receipt", "id": "1"}', "Receipt"),
    ],
)
def test_a_message_that_has_all_of_another_one_and_more_is_not_taken_for_that(made: Any, raw: str, kind: str) -> None:
    (stream,) = made("letters.yaml", "letters_wire").STREAMS.values()
    value = decoding(stream.event)(raw.encode())
    assert type(value).__name__ == kind
    about = {"Letter": "A letter.", "Circular": "A letter to several.", "Receipt": "Receipt."}
    assert type(value).__doc__ == about[kind]


def test_servers_may_be_a_list(tmp_path: Path) -> None:
    (tmp_path / "d.yaml").write_text(
        "asyncapi: 2.0.0\ninfo: {title: T, version: '1'}\nservers: [{url: 'http://localhost:3000', protocol: websocket}]\n"
        "channels: {/a: {subscribe: {message: {payload: {type: object, properties: {b: {type: string}}}}}}}\n"
    )
    loaded = load_any(tmp_path / "d.yaml")
    assert loaded.api is not None
    assert [(one.name, dict(one.addresses)) for one in loaded.api.servers] == [
        ("server_1", {"api": "ws://localhost:3000"})
    ]
    assert [one.what for one in loaded.problems if "servers" in one.what]


def test_channels_without_operations_are_read_by_their_words() -> None:
    found = api("no-operations.yaml")
    assert [one.name for one in found.messages] == ["subscribe", "ping"]
    assert {one.name for one in found.events} == {"Pong", "Price"}


def test_both_shapes_of_operations_are_understood_in_one_document() -> None:
    found = api("mixed-versions.json")
    assert [(one.path, one.role) for one in found.sockets] == [
        ("/base/ws/chats/{user_id}", "api"),
        ("/base/talk", "api"),
    ]
    assert [one.name for one in found.messages] == ["say"]
    assert {one.name for one in found.events} == {"Answer", "Failed", "Said"}


def test_a_request_asks_for_what_can_vary_only() -> None:
    get = next(one for one in api("asks.yaml").methods if one.name == "get")
    assert [one.name for one in get.parameters] == ["id", "id_2", "verbose", "fields"]
    assert get.wire == "get"


def test_a_key_of_one_letter_is_called_as_it_is_described(tmp_path: Path) -> None:
    (tmp_path / "d.yaml").write_text(
        "asyncapi: 2.6.0\ninfo: {title: T, version: '1'}\nchannels: {}\ncomponents: {schemas: {Trade: {type: object, properties: {"
        "e: {description: Event type.}, E: {title: Event time}, p: {description: 'A price, in euros and so on'}}}}}\n"
    )
    loaded = load_any(tmp_path / "d.yaml")
    assert loaded.api is not None
    trade = next(one for one in loaded.api.types if isinstance(one, StructType))
    assert [(one.wire, one.name) for one in trade.fields] == [("e", "event_type"), ("E", "event_time"), ("p", "p")]


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        ({"type": "object", "properties": {f"p{i}": {} for i in range(1001)}}, "1,001 parts in `properties`"),
        ({"enum": [f"v{i}" for i in range(1001)]}, "1,001 parts in `enum`"),
        ({"oneOf": [{"type": "string"}] * 401}, "401 parts in `oneOf`"),
    ],
)
def test_what_is_larger_than_people_write_is_any_json(tmp_path: Path, schema: dict[str, Any], told: str) -> None:
    document = {
        "asyncapi": "2.6.0",
        "info": {"title": "T", "version": "1"},
        "channels": {},
        "components": {"schemas": {"A": schema}},
    }
    (tmp_path / "d.json").write_text(json.dumps(document))
    loaded = load_any(tmp_path / "d.json")
    assert loaded.api is not None
    assert [one.what for one in loaded.problems if told in one.what]
    assert not [one for one in loaded.api.types if isinstance(one, StructType)]


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        ('{"type": "emoji", "subtype": "add", "name": "x"}', "EmojiAdded"),
        ('{"type": "emoji", "subtype": "remove", "names": []}', "EmojiRemoved"),
        ('{"type": "Flushed", "id": 1}', "SpeakFlushed"),
        ('{"type": "Cleared", "id": 1}', "SpeakCleared"),
        ('{"arg": {}, "data": [{"px": "1"}]}', "Push"),
        ('{"now": 1}', "Beat"),
        ('[{"px": "1"}]', "list"),
        ('{"type": "new", "x": 1}', "UnknownEvent"),
        ('{"type": "emoji", "subtype": "new"}', "UnknownEvent"),
    ],
)
def test_messages_of_one_socket_are_told_apart(branches: Any, raw: str, kind: str) -> None:
    value = decoding(branches.STREAMS["BranchesStream"].event)(raw.encode())
    assert type(value).__name__ == kind


@pytest.fixture(scope="module")
def branches(made: Any) -> Any:
    return made("branches.yaml", "branches_wire")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Makes the package of a fixture; gives its catalog."""
    folder = tmp_path_factory.mktemp("made")
    sys.path.insert(0, str(folder))

    def make(name: str, package: str) -> Any:
        if package not in sys.modules:
            assert not generate(FIXTURES / name, package, folder).refused
        return import_module(f"{package}.catalog")

    yield make
    sys.path.remove(str(folder))
