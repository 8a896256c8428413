"""A small HTTP proxy on the loopback interface: it passes connections on (CONNECT), refuses them, or breaks them off."""

from __future__ import annotations

import asyncio
from typing import Self


class LoopbackProxy:
    """Passes on what is said to it, as long as `status` is 200."""

    def __init__(self) -> None:
        self.status = 200
        self.heads: list[bytes] = []
        """What clients asked for, with their headers."""
        self.port = 0
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen, on the port that it had before."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Be down: nobody listens, and what was open breaks off."""
        if self._server is not None:
            self._server.close()
        self.break_off()
        while self._writers:
            await asyncio.sleep(0.01)

    def break_off(self) -> None:
        """Drop what is open."""
        for writer in self._writers:
            writer.transport.abort()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            self.heads.append(head)
            if self.status != 200:
                writer.write(b"HTTP/1.1 %d No\r\nContent-Length: 0\r\n\r\n" % self.status)
                return
            host, _, port = head.split()[1].decode().rpartition(":")
            theirs, ours = await asyncio.open_connection(host, int(port))
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            self._writers.add(ours)
            try:
                await asyncio.gather(_relay(reader, ours), _relay(theirs, writer))
            finally:
                ours.close()
                self._writers.discard(ours)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
            self._writers.discard(writer)


async def _relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
    writer.close()
