"""A server on this machine that answers HTTP calls from a list, and keeps what it was asked."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

Answer = tuple[int, dict[str, str], bytes]


class Asked(NamedTuple):
    verb: str
    path: str
    query: str
    key: str | None


class HttpServer:
    """Answers are (status, headers, body); the last is repeated. A negative status drops the connection instead."""

    def __init__(self, *answers: Answer, delay: float = 0.0) -> None:
        self.asked: list[Asked] = []
        self.answers = list(answers)
        self.delay = delay
        self.port = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answer(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        time.sleep(self.delay)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def serving(server: HttpServer) -> Iterator[HttpServer]:
    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            path, _, query = self.path.partition("?")
            status, headers, body = server.answer(Asked(self.command, path, query, self.headers.get("X-MBX-APIKEY")))
            if status < 0:
                self.connection.close()
                return
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_DELETE = _answer

        def log_message(self, format: str, *args: object) -> None: ...

    listener = ThreadingHTTPServer(("0.0.0.0", 0), Handler)
    listener.daemon_threads = True
    server.port = listener.server_address[1]
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown()
        listener.server_close()
        thread.join()
