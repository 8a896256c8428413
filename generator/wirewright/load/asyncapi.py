"""AsyncAPI 2.0 to 2.6, 3.0 and 3.1 into one `Document`, seen from the client.

What does not matter to a client is a warning; what cannot be understood is left out with a warning, and the rest goes on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from wirewright.errors import Problem
from wirewright.load.addresses import PLACEHOLDER, address_of, without_scheme
from wirewright.load.bounds import FIELDS, MEMBERS
from wirewright.load.document import Files
from wirewright.load.node import Node
from wirewright.load.perspective import settle_side
from wirewright.load.resolved import Channel, Document, MessageEntry, Operation, Security, ServerEntry, Variable
from wirewright.load.speech import Speaker, speaker_of
from wirewright.model.types import Origin

_VERSION = re.compile(r"(2\.[0-6]|3\.[01])(\.\d+)?(-.*)?")
_JSON_FORMAT = re.compile(r"asyncapi|openapi|schema\+|application/(json|yaml)|^json", re.IGNORECASE)
_BINARY_CONTENT = re.compile(r"octet-stream|^audio/|^video/|^image/|protobuf|avro|msgpack|cbor", re.IGNORECASE)
_SCHEMA_KEYS = ("type", "properties", "oneOf", "anyOf", "allOf", "items")


def load_asyncapi(
    files: Files, root: Node, side: str = "", where: Origin | None = None
) -> tuple[Document | None, list[Problem]]:
    """The document at `root`. `side` is the configured perspective, `where` the place that says so."""
    version = root.get("asyncapi")
    if version is None:
        return None, [
            Problem(root.origin, "no AsyncAPI document: the key `asyncapi` is missing", "write `asyncapi: 2.6.0`")
        ]
    if not _VERSION.fullmatch(version.text()):
        right = "2.0 to 2.6, 3.0 and 3.1 are understood"
        return None, [Problem(version.origin, f"the AsyncAPI version {version.text()!r} is unknown", right)]
    reader = _Reader(files, root, version.text().startswith("2"))
    document = reader.document(side, where or root.origin)
    return document, reader.problems


@dataclass
class _Reader:
    files: Files
    root: Node
    is_2: bool
    problems: list[Problem] = field(default_factory=list[Problem])
    _messages: dict[Node, MessageEntry] = field(default_factory=dict[Node, MessageEntry])
    _channel_names: dict[Node, str] = field(default_factory=dict[Node, str])
    _inline_security: list[Security] = field(default_factory=list[Security])

    def document(self, side: str, where: Origin) -> Document:
        info = self.map_of(self.root, "info")
        self._harmless(info)
        components = self.map_of(self.root, "components")
        messages = [self._message(node, name) for name, node in self.members(components, "messages")]
        servers = tuple(self._server(name, node) for name, node in self.members(self.root, "servers"))
        channels = tuple(self._channel(name, node) for name, node in self.members(self.root, "channels"))
        described = [*self._operations_2(), *self._operations_3({one.name: one for one in channels})]
        perspective, problems = settle_side(self.root, described, side, where)
        self.problems += problems
        operations = [_seen_from_client(one, perspective.side) for one in described]
        operations += self._unspoken(channels, operations)
        self._without_headers(operations)
        if not channels and not messages:
            self.warn(self.root.origin, "the document has no channels", "add `channels`")
        return Document(
            version=self.root.text("asyncapi"),
            origin=self.root.origin,
            root=self.root,
            title=info.text("title"),
            doc=info.text("description").strip(),
            api_version=info.text("version"),
            perspective=perspective,
            servers=servers,
            channels=channels,
            operations=tuple(operations),
            messages=tuple(one for one in messages if one is not None),
            schemas=dict(self.members(components, "schemas")),
            security=tuple(self._security(name, node) for name, node in self.members(components, "securitySchemes"))
            + tuple(self._inline_security),
        )

    # Walking

    def members(self, parent: Node, key: str) -> Iterator[tuple[str, Node]]:
        """The members of a mapping, each followed; what leads nowhere was told and is left out."""
        listed = self.map_of(parent, key)
        most = FIELDS if key == "schemas" else MEMBERS
        if len(listed.map) > most:
            what = f"`{key}` has {len(listed.map):,} members: only the first {most:,} are read"
            self.warn(listed.origin, what, "split the document")
        for name, node in islice(listed.map.items(), most):
            if name.startswith("x-") and key in ("channels", "servers"):
                continue
            target = self.files.follow(node)
            if target is not None:
                yield name, target

    def child(self, parent: Node, key: str) -> Node | None:
        """What stands under a key, or where that leads."""
        return self.files.follow(parent.get(key))

    def map_of(self, parent: Node, key: str) -> Node:
        target = self.child(parent, key)
        if target is None or target.value is None:
            return Node({}, parent.origin)
        if target.is_list and key == "servers":
            self.warn(
                target.origin, "`servers` is a list: they are called server_1 and so on", "write `name: ...` lines"
            )
            return Node({f"server_{number}": one for number, one in enumerate(target.list, 1)}, target.origin)
        if not target.is_map:
            self.warn(target.origin, f"`{key}` is no mapping and is left out", "write `name: ...` lines")
            return Node({}, target.origin)
        return target

    def warn(self, origin: Origin, what: str, right: str = "") -> None:
        self.problems.append(Problem(origin, what, right, warning=True))

    def _harmless(self, info: Node) -> None:
        for key in ("externalDocs", "tags"):
            if self.is_2 and key in info.map:
                self.warn(info.key_origin(key), f"`{key}` does not belong in `info`", "move it to the top level")

    # Servers and security

    def _server(self, name: str, node: Node) -> ServerEntry:
        declared = {one: self._variable(one, variable) for one, variable in self.members(node, "variables")}
        address = address_of(node, declared)
        if not address.host:
            self.warn(node.origin, f"the server {name!r} has no address", "the user has to give one")
        return ServerEntry(
            name=name,
            protocol=address.protocol,
            host=address.host,
            path=address.path,
            origin=node.origin,
            doc=(node.text("description") or node.text("summary") or node.text("title")).strip(),
            variables=tuple(self._used(address.host + address.path, declared, node, f"the server {name!r}")),
            security=self._security_names(node, name),
            node=node,
        )

    def _used(self, text: str, declared: Mapping[str, Variable], node: Node, owner: str) -> Iterator[Variable]:
        """The variables that an address has, each once."""
        for name in dict.fromkeys(PLACEHOLDER.findall(text)):
            if name not in declared:
                self.warn(
                    node.origin, f"{{{name}}} is not declared, a variable in the address of {owner}", "declare it"
                )
            yield without_scheme(declared.get(name) or Variable(name, node.origin))

    def _variable(self, name: str, node: Node) -> Variable:
        schema = self.map_of(node, "schema")
        values = node.texts("enum") or schema.texts("enum")
        default = node.get("default") or schema.get("default")
        if default is not None and not isinstance(default.value, str):
            self.warn(default.origin, f"the default of {name!r} is not text", "put it in quotes")
        doc = node.text("description") or schema.text("description")
        text = default.text() if default is not None and default.atom is not None else None
        return Variable(name, node.origin, values, text, doc.strip())

    def _security_names(self, node: Node, owner: str) -> tuple[str, ...]:
        names: list[str] = []
        for item in node.part("security").list:
            reference = item.text("$ref")
            if self.is_2 and not reference:
                names += item.map
            elif reference:
                names.append(reference.rpartition("/")[2])
            elif item.text("type"):
                name = f"{owner}{item.text('type')[:1].upper()}{item.text('type')[1:]}"
                self._inline_security.append(self._security(name, item))
                names.append(name)
        return tuple(dict.fromkeys(names))

    def _security(self, name: str, node: Node) -> Security:
        kind = node.text("type")
        if not kind or (kind == "httpApiKey" and not (node.text("name") and node.text("in"))):
            self.warn(node.origin, f"the security scheme {name!r} is incomplete", "give it `type`, `name` and `in`")
        parameter = node.text("name") or node.text("scheme")
        location = node.text("in") or {"http": "header", "oauth2": "header", "userPassword": "user"}.get(kind, "")
        return Security(name, kind, node.origin, node, location, parameter, node.text("description").strip())

    # Channels

    def _channel(self, name: str, node: Node) -> Channel:
        self._channel_names[node] = name
        address = self._address(name, node)
        binding = self.map_of(self.map_of(node, "bindings"), "ws")
        messages = [] if self.is_2 else [self._message(one, key) for key, one in self.members(node, "messages")]
        declared = {one: self._variable(one, parameter) for one, parameter in self.members(node, "parameters")}
        return Channel(
            name=name,
            address=address,
            origin=node.origin,
            doc=(node.text("description") or node.text("summary") or node.text("title")).strip(),
            parameters=tuple(self._used(address or "", declared, node, f"the channel {name!r}")),
            query=self._object(binding, "query"),
            headers=self._object(binding, "headers"),
            servers=tuple(one.text("$ref").rpartition("/")[2] or one.text() for one in node.part("servers").list),
            messages=tuple(one for one in messages if one is not None),
            node=node,
        )

    def _address(self, name: str, node: Node) -> str | None:
        """Where a channel is; None: the document does not say."""
        written = node.get("address")
        if written is not None and written.atom is not None:
            return written.text()
        if self.is_2:
            return node.text("x-address") or name
        if written is None and (name.startswith("/") or self._has_verbs(node)):
            self.warn(node.origin, f"the channel {name!r} has no `address`; its name is taken", "write `address`")
            return name
        return None

    def _has_verbs(self, node: Node) -> bool:
        """Whether a channel holds its operations itself, as AsyncAPI 2 has it."""
        return any(verb in node.map for verb in ("publish", "subscribe"))

    def _object(self, parent: Node, key: str) -> Node | None:
        node = self.map_of(parent, key)
        return node if node.map else None

    # Messages

    def _message(self, node: Node, key: str) -> MessageEntry | None:
        target = self.files.follow(node)
        if target is None or not target.is_map:
            if target is not None:
                self.warn(node.origin, f"the message {key!r} is no mapping and is left out", "write it as an object")
            return None
        if target not in self._messages:
            name = key or node.text("$ref").rpartition("/")[2]
            self._messages[target] = self._read_message(self._with_traits(target), name)
        return self._messages[target]

    def _with_traits(self, node: Node) -> Node:
        for trait in node.part("traits").list:
            target = self.files.follow(trait.list[0] if trait.list else trait)
            if target is not None:
                node = node.with_map({**target.map, **node.map})
        return node

    def _read_message(self, node: Node, key: str) -> MessageEntry:
        payload = node.get("payload")
        if payload is None and any(word in node.map for word in _SCHEMA_KEYS):
            self.warn(node.origin, f"the payload of {key!r} stands directly in the message", "put it under `payload`")
            payload = node
        payload = self.files.follow(payload)
        schema_format = node.text("schemaFormat")
        if payload is not None and "schemaFormat" in payload.map and "schema" in payload.map:
            schema_format, payload = payload.text("schemaFormat"), payload.map["schema"]
        if schema_format and not _JSON_FORMAT.search(schema_format):
            what = f"the payload of {key!r} is left out: it is in the format {schema_format}"
            self.warn(node.origin, what, "only JSON schema is read")
            payload = None
        payload = self.files.follow(payload)
        content = node.text("contentType") or self.root.text("defaultContentType")
        binary = payload is not None and payload.text("format") == "binary"
        return MessageEntry(
            name=node.text("name") or node.text("messageId") or key or node.text("title"),
            origin=node.origin,
            payload=payload,
            title=node.text("title"),
            doc=(node.text("description") or node.text("summary")).strip(),
            headers=self._object(node, "headers"),
            correlation_location=self.map_of(node, "correlationId").text("location"),
            examples=tuple(_examples(node, payload)),
            content_type=content,
            binary=binary or bool(_BINARY_CONTENT.search(content)),
        )

    # Operations, as a client of the described application sees them

    def _operation(
        self, name: str, receives: bool, channel: str, node: Node, messages: tuple[MessageEntry, ...]
    ) -> Operation:
        return Operation(
            name=name,
            sends=receives,
            channel=channel,
            origin=node.origin,
            node=node,
            messages=messages,
            title=node.text("title") or node.text("summary").strip(),
            doc=(node.text("description") or node.text("summary")).strip(),
            security=self._security_names(node, name),
        )

    def _operations_2(self) -> Iterator[Operation]:
        for channel, item in self.members(self.root, "channels"):
            for verb in ("publish", "subscribe"):
                node = self.child(item, verb)
                if node is not None and node.is_map:
                    if not self.is_2:
                        what = f"the channel {channel!r} holds its operations itself, as AsyncAPI 2 has it"
                        self.warn(node.origin, what, "move them to `operations`, or write `asyncapi: 2.6.0`")
                    node = self._with_traits(node)
                    name, messages = node.text("operationId"), tuple(self._messages_2(node))
                    yield self._operation(name, verb == "publish", channel, node, messages)

    def _messages_2(self, node: Node) -> Iterator[MessageEntry]:
        found = node.get("message") or node.get("messages")
        message = self.files.follow(found)
        if found is None or message is None:
            return
        several = message if message.is_list else message.get("oneOf")
        name = f"{node.text('operationId')}Message" if node.text("operationId") else ""
        for item in several.list if several else [found]:
            one = self._message(item, "" if "$ref" in item.map else name)
            if one is not None:
                yield one

    def _operations_3(self, channels: dict[str, Channel]) -> Iterator[Operation]:
        for name, node in self.members(self.root, "operations"):
            node = self._with_traits(node)
            channel, action = channels.get(self._channel_of(node)), node.text("action")
            left_out = f"the operation {name!r} is left out"
            if channel is None:
                self.warn(node.origin, f"{left_out}: it names no channel of the document", "name one")
                continue
            if action not in ("send", "receive"):
                self.warn(node.origin, f"{left_out}: its action is {action!r}", "send or receive")
                continue
            made = self._operation(name, action == "receive", channel.name, node, self._messages_3(node, channel))
            reply = self.child(node, "reply")
            if reply is not None:
                answer = channels.get(self._channel_of(reply), channel)
                made = replace(made, replies=self._messages_3(reply, answer), reply_channel=answer.name)
            yield made

    def _unspoken(self, channels: Sequence[Channel], operations: Sequence[Operation]) -> Iterator[Operation]:
        """Operations for channels whose messages nobody sends or receives: by the words that messages have."""
        spoken = {name for one in operations for name in (one.channel, one.reply_channel)}
        silent = [one for one in channels if one.name not in spoken and one.messages]
        asked = [one.name for channel in silent for one in channel.messages if _speaker(one) is Speaker.CLIENT]
        if silent:
            listed = ", ".join(repr(one.name) for one in silent)
            taken = (
                f"{', '.join(asked)} taken as sent, the others as received" if asked else "all are taken as received"
            )
            what = f"no operation says who sends the messages of {listed}: {taken}"
            self.warn(silent[0].origin, what, "add `operations`")
        for channel in silent:
            said = [one for one in channel.messages if _speaker(one) is Speaker.CLIENT]
            heard = tuple(one for one in channel.messages if one not in said)
            for sends, messages in ((True, tuple(said)), (False, heard)):
                if messages:
                    verb = "send" if sends else "receive"
                    name = f"{verb} {channel.name}"
                    yield Operation(name, sends, channel.name, channel.origin, channel.node, messages)

    def _without_headers(self, operations: Sequence[Operation]) -> None:
        with_headers = [one for operation in operations for one in operation.messages if one.headers is not None]
        if with_headers:
            what = f"headers of messages are left out ({with_headers[0].name!r} and others)"
            right = "a frame of a WebSocket has none: what the server needs stands in the payload"
            self.warn(with_headers[0].origin, what, right)

    def _channel_of(self, node: Node) -> str:
        target = self.child(node, "channel")
        if target is None or target.atom is None:
            return self._channel_names.get(target, "") if target is not None else ""
        self.warn(target.origin, f"a channel is named by its text {target.text()!r}", "write `$ref: '#/channels/...'`")
        return target.text().removeprefix("#/channels/")

    def _messages_3(self, node: Node, channel: Channel) -> tuple[MessageEntry, ...]:
        listed = node.get("messages")
        if listed is None:
            return channel.messages
        found: list[MessageEntry] = []
        known = channel.node.part("messages").map
        for item in listed.list if listed.is_list else [listed]:
            if item.atom is not None and item.text() in known:
                item = known[item.text()]
            if item.text("$ref").startswith("#/components/"):
                self.warn(item.origin, "the operation points at a component", "point at the message of its channel")
            message = self._message(item, item.text("$ref").rpartition("/")[2])
            if message is not None:
                found.append(message)
        return tuple(found)


def _seen_from_client(one: Operation, side: str) -> Operation:
    """An operation of the side that the document describes. One without a name is called after its channel."""
    sends = one.sends == (side == "server")
    return replace(one, sends=sends, name=one.name or f"{'send' if sends else 'receive'} {one.channel}")


def _speaker(message: MessageEntry) -> Speaker:
    """Who says a message: the first of its texts that tells."""
    found = (speaker_of(text) for text in (message.name, message.title, message.doc.partition("\n")[0]) if text)
    return next((one for one in found if one is not Speaker.NOBODY), Speaker.NOBODY)


def _examples(node: Node, payload: Node | None) -> Iterator[Node]:
    for example in node.part("examples").list:
        if "payload" in example.map:
            yield example.map["payload"]
        elif not set(example.map) <= {"name", "summary", "headers"}:
            yield example
    if payload is not None:
        yield from payload.part("examples").list
        if "example" in payload.map:
            yield payload.map["example"]


def as_warnings(problems: list[Problem]) -> list[Problem]:
    """For a stranger's document: what leads nowhere is left out, and the rest goes on."""
    return [replace(one, warning=True) if one.id == "ref" else one for one in problems]
