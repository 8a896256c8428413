"""Which channels of a document share a socket, and what is said there: what asks, what is only sent, what arrives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from wirewright.load.payloads import Payloads
from wirewright.load.resolved import Channel, Document, MessageEntry, Operation
from wirewright.load.sockets import is_websocket
from wirewright.model.naming import Names, cap, snake, words

_ID_NAMES = ("id", "reqid", "req_id", "request_id", "requestId", "correlationId", "correlation_id", "messageId")
_HEARING = ("receive", "recv", "on", "handle", "process", "consume")  # what the other side does
_ASKING = ("Request", "Command", "Cmd", "Query", "Req")
_ANSWERING = ("Response", "Reply", "Result", "Answer", "Ack", "Resp", "Res")


@dataclass(frozen=True)
class Asked:
    """A message that the client sends and the messages that may answer it."""

    name: str
    operation: Operation
    message: MessageEntry
    replies: tuple[MessageEntry, ...]


@dataclass
class Line:
    """One socket with everything that is said on it."""

    name: str
    role: str
    channels: list[Channel]
    topics: bool = False  # its channels are no paths: they are told apart by what is said
    asked: list[Asked] = field(default_factory=list[Asked])
    sent: list[MessageEntry] = field(default_factory=list[MessageEntry])
    received: list[tuple[Operation, MessageEntry]] = field(default_factory=list["tuple[Operation, MessageEntry]"])

    @property
    def messages(self) -> list[MessageEntry]:
        """All that is said, in the order in which it is read."""
        asked = [part for one in self.asked for part in (one.message, *one.replies)]
        return [*self.sent, *asked, *(message for _, message in self.received)]


@dataclass(frozen=True)
class Lines:
    """Reads the lines of a document. `replies`: the name of a request message, and of its reply, as configured."""

    document: Document
    payloads: Payloads
    replies: Mapping[str, str]
    channels: str = "auto"  # or "paths", "topics": what an address without a slash is

    def read(self, name: str) -> list[Line]:
        lines = list(self._lines(name))
        self._warn_unreadable()
        for line in lines:
            self._place(line)
        return lines

    def ids(self, line: Line) -> tuple[str, str]:
        """Where requests and replies have the id that joins them; empty where they have none in common."""
        requests = [asked.message for asked in line.asked]
        replies = [reply for asked in line.asked for reply in asked.replies]
        declared = {one.correlation for one in requests}
        pointer = declared.pop() if len(declared) == 1 else ""
        if not pointer and (self._is_2 or self._repeats_id(line)):
            pointer = self._usual_id((*requests, *replies))
            if pointer:
                what = f"{pointer} is taken as the id that joins requests and replies"
                self.payloads.pool.warn(
                    requests[0].origin, what, "declare `correlationId` in the messages to settle it"
                )
        answers = {one.correlation or self._known_at(one, pointer) for one in replies}
        answer = answers.pop() if len(answers) == 1 and pointer else ""
        return (pointer, answer) if answer else ("", "")

    @property
    def _is_2(self) -> bool:
        return not self.document.version.startswith("3")

    def _repeats_id(self, line: Line) -> bool:
        """Whether several requests of a line have an id that a reply to each repeats: it is no part of what is asked."""
        requests = [asked.message for asked in line.asked]
        pointer = self._usual_id(requests)
        return (
            len(requests) > 1
            and not any(one.correlation for one in requests)
            and bool(pointer)
            and all(
                any(self._usual_id([one, asked.message]) == pointer for one in asked.replies) for asked in line.asked
            )
        )

    def _apart_pushes(self, line: Line) -> list[tuple[Operation, MessageEntry]]:
        """Takes out of the replies what does not repeat the id of its request, such as the updates of what is subscribed."""
        if self._is_2 or not self._repeats_id(line):
            return []
        name = self._usual_id([asked.message for asked in line.asked]).removeprefix("/")
        every = [(asked, one, name in self.payloads.properties(one)) for asked in line.asked for one in asked.replies]
        line.asked = [
            replace(asked, replies=tuple(one for owner, one, repeats in every if owner is asked and repeats))
            for asked in line.asked
        ]
        return [(asked.operation, one) for asked, one, repeats in every if not repeats]

    def _known_at(self, message: MessageEntry, pointer: str) -> str:
        """The pointer, if every form of a message has that property."""
        structs = self.payloads.structs(self.payloads.type_of(message))
        has = [any(f"/{one.wire}" == pointer for one in struct.fields) for struct in structs]
        return pointer if has and all(has) else ""

    def _lines(self, name: str) -> Iterator[Line]:
        wanted = {server.name for server in self.document.servers if is_websocket(server)}
        grouped: dict[tuple[str, tuple[str, ...]], list[Channel]] = {}
        used = {operation.channel for operation in self.document.operations}
        replying = {operation.reply_channel for operation in self.document.operations} - used
        topics = self._topics()
        for channel in self.document.channels:
            if channel.servers and wanted and not wanted & set(channel.servers):
                what = f"the channel {channel.name!r} is left out: it is on no WebSocket server"
                self.payloads.pool.warn(channel.origin, what, "")
            elif channel.name not in replying:
                address = "" if channel in topics or (topics and channel.address == "/") else channel.address or ""
                servers = tuple(sorted(channel.servers)) if wanted else ()  # else the user has one address to give
                grouped.setdefault((address, servers), []).append(channel)
        names = Names()
        usual = next((servers for _, servers in grouped if servers), ())
        for (address, servers), channels in grouped.items():
            shared = any(one in topics for one in channels)
            first = channels[0].name if len(channels) == 1 and not shared else address
            role = "api" if servers in ((), usual) else snake(servers[0])  # an address of its own
            own = names.claim(snake(first, fallback=snake(name)), channels[0].origin)[0]
            yield Line(own, role, channels, shared)

    def _topics(self) -> list[Channel]:
        """The channels that are topics of one socket: where several have addresses that are no paths.

        By the book an address is the path of a socket. Many documents write the name of an event, or of what is subscribed.
        """
        named = [one for one in self.document.channels if one.address and one.address != "/"]
        paths = [one for one in named if "/" in (one.address or "") or one.query or one.headers or one.has_socket]
        if self.channels == "topics" or (len(named) > 1 and all(map(self._says_its_address, named))):
            return named
        if self.channels == "paths" or paths or len(named) < 2:
            return []
        listed = ", ".join(one.name for one in named[:3])
        what = f"the channels are taken as topics of one socket, since their addresses are no paths: {listed}, ..."
        right = 'begin an address with `/` if it is a path, or write channels = "paths" into wirewright.toml'
        self.payloads.pool.warn(named[0].origin, what, right)
        return named

    def _says_its_address(self, channel: Channel) -> bool:
        """Whether a message of a channel carries the channel's address as a constant: then it is no path."""
        address = (channel.address or "").strip("/")
        said = [
            one
            for operation in self.document.operations
            if operation.channel == channel.name
            for one in operation.messages
        ]
        nodes = (node for one in said if one.payload is not None for node in one.payload.walk())
        return any(node.text("const") == address for node in nodes if "const" in node.map)

    def _place(self, line: Line) -> None:
        """Sorts the operations of a socket's channels."""
        on_line = {channel.name for channel in line.channels}
        operations = [one for one in self.document.operations if one.channel in on_line]
        arriving = [(one, message) for one in operations if not one.sends for message in one.messages]
        for operation in operations:
            for message in operation.messages if operation.sends else ():
                if self.payloads.type_of(message) is None:
                    continue
                replies = self._replies(operation, message, [one for _, one in arriving])
                if replies:
                    single = len(operation.messages) == 1
                    name = _asked(operation.name) if single else message.name
                    line.asked.append(Asked(name, operation, message, replies))
                else:
                    line.sent.append(message)
            if not operation.sends and operation.replies is not None:
                line.sent += operation.replies  # the server asks: the answer is ours to send
        for message in (
            *line.sent,
            *(part for one in line.asked for part in (one.message, *one.replies)),
            *(one for _, one in arriving),
        ):
            self.payloads.type_of(message)  # in this order, so that names stay what they are
        answered = [id(reply) for one in line.asked for reply in one.replies if one.operation.replies is None]
        received = [pair for pair in arriving if id(pair[1]) not in answered]
        received += self._apart_pushes(line)
        line.received = list({id(pair[1]): pair for pair in reversed(received)}.values())[::-1]  # each message once

    def _replies(
        self, operation: Operation, message: MessageEntry, arriving: list[MessageEntry]
    ) -> tuple[MessageEntry, ...]:
        configured = self.replies.get(message.name)
        if configured:
            return tuple(one for one in (*arriving, *self.document.messages) if one.name == configured)[:1]
        if operation.replies is not None:
            return operation.replies
        if not self._is_2:
            return ()
        pointer = message.correlation or self._usual_id((*operation.messages, *arriving))
        answering = [
            one for one in arriving if pointer and one is not message and (one.correlation or not message.correlation)
        ]
        return tuple(_of_same_name(message, answering) or answering)

    def _usual_id(self, messages: Sequence[MessageEntry]) -> str:
        """Where no id is declared: the property that every message has, if its name is one that ids usually have."""
        known = [self.payloads.properties(one) for one in messages]
        return next((f"/{name}" for name in _ID_NAMES if known and all(name in one for one in known)), "")

    def _warn_unreadable(self) -> None:
        warn = self.payloads.pool.warn
        for message in dict.fromkeys(one for operation in self.document.operations for one in operation.messages):
            if message.binary:
                warn(message.origin, f"the message {message.name!r} is left out: it is binary", "only JSON is read")
            elif message.payload is None:
                what = f"the message {message.name!r} is left out: its payload is unknown"
                warn(message.origin, what, "describe it")


def _asked(name: str) -> str:
    """What an operation is to who calls it: `receivePing` of a server is `ping` of its client."""
    first, *rest = words(name) or [name]
    return " ".join(rest) if rest and first.lower() in _HEARING else name


def _of_same_name(request: MessageEntry, answers: list[MessageEntry]) -> list[MessageEntry]:
    """`OrderRequest` is answered by `OrderResponse`, if there is one."""
    stem = _stem(request.name, _ASKING)
    return [one for one in answers if _stem(one.name, _ANSWERING) == stem]


def _stem(name: str, endings: tuple[str, ...]) -> str:
    spelled = cap(name, ())
    return next((spelled.removesuffix(one) for one in endings if spelled.endswith(one)), spelled)
