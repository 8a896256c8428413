"""The exchange of a measurement, in a process of its own: it sends as fast as it is read, and answers at once.

    python bench/exchange.py WORKLOAD        prints its port, and ends with its standard input

Frames are made before the first client comes. The handshake and what a client says are `websockets`' business; frames of
streams are written to the socket in one piece, so that the exchange is never what is waited for.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from urllib.parse import parse_qs, urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode
from websockets.sync.server import ServerConnection, serve
from workloads import WORKLOADS, Requests, Streams, answer, messages

_GRACE = 0.3
_CHUNK = 2**18


class Feed:
    """The frames of one workload, raw and combined."""

    def __init__(self, workload: Streams) -> None:
        self.workload = workload
        told = messages(workload)
        self.raw = [_frame(payload) for _, payload in told]
        self.combined = [_frame({"stream": name, "data": payload}) for name, payload in told]

    def send(self, connection: ServerConnection, combined: bool) -> None:
        """All of it, and a quarter more, so that the end of the measurement is as busy as its beginning."""
        time.sleep(_GRACE)
        frames = self.combined if combined else self.raw
        wanted = (self.workload.warm + self.workload.messages) * 5 // 4
        try:
            (self._send_paced if self.workload.pause else self._send_whole)(connection, frames, wanted)
        except OSError:  # the client has seen enough
            return

    def _send_whole(self, connection: ServerConnection, frames: list[bytes], wanted: int) -> None:
        whole = memoryview(b"".join(frames))
        for _ in range(0, wanted, len(frames)):
            for start in range(0, len(whole), _CHUNK):
                connection.socket.sendall(whole[start : start + _CHUNK])

    def _send_paced(self, connection: ServerConnection, frames: list[bytes], wanted: int) -> None:
        for number in range(wanted):
            connection.socket.sendall(frames[number % len(frames)])
            time.sleep(self.workload.pause)


def _frame(content: object) -> bytes:
    return Frame(Opcode.TEXT, json.dumps(content, separators=(",", ":")).encode()).serialize(mask=False)


def on_streams(connection: ServerConnection, feed: Feed) -> None:
    """Streams in the address, or by SUBSCRIBE. They begin when all of the workload are there."""
    parts = urlsplit(connection.request.path if connection.request else "")
    combined = parts.path.startswith("/stream")
    asked = set(parse_qs(parts.query).get("streams", [""])[0].split("/")) | set(parts.path.split("/"))
    while not set(feed.workload.names) <= asked:
        command = json.loads(connection.recv())
        asked |= set(command.get("params") or ())
        connection.send(json.dumps({"result": None, "id": command["id"]}))
    threading.Thread(target=feed.send, args=(connection, combined), daemon=True).start()
    for command in map(json.loads, connection):
        connection.send(json.dumps({"result": None, "id": command["id"]}))


def on_requests(connection: ServerConnection) -> None:
    """Requests, answered with one text each."""
    made: dict[str, tuple[str, str]] = {}
    for text in connection:
        asked = json.loads(text)
        method = asked["method"]
        if method not in made:
            head, _, tail = answer(method, "@").partition('"@"')
            made[method] = head, tail
        head, tail = made[method]
        connection.send(f"{head}{json.dumps(asked['id'])}{tail}")


def main() -> None:
    workload = WORKLOADS[sys.argv[1]]
    feed = Feed(workload) if isinstance(workload, Streams) else None

    def on_client(connection: ServerConnection) -> None:
        try:
            path = connection.request.path if connection.request else ""
            if isinstance(workload, Requests) or "ws-api" in path or feed is None:
                on_requests(connection)
            else:
                on_streams(connection, feed)
        except (ConnectionClosed, OSError):
            return

    with serve(on_client, "127.0.0.1", 0, compression=None, max_size=None) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(server.socket.getsockname()[1], flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
