"""Virtual time does not jump over what the kernel has not delivered yet."""

from __future__ import annotations

import asyncio
import selectors
import socket
import sys

import pytest

from wirewright_runtime.testing import VirtualClock
from wirewright_runtime.testing.flight import Flight

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what is on its way")


def test_what_was_delivered_is_not_on_its_way_and_what_was_not_is(monkeypatch: pytest.MonkeyPatch) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    client = socket.create_connection(listener.getsockname())
    server, _ = listener.accept()
    selector, flight = selectors.DefaultSelector(), Flight()
    with listener, client, server, selector:
        for one in (listener, client, server):
            selector.register(one, selectors.EVENT_READ)
        keys = selector.get_map().values()
        client.sendall(b"x" * 1000)
        while not selector.select(1):
            pass
        assert not flight.is_on_its_way(keys)
        getsockopt = socket.socket.getsockopt
        late = 500  # of the bytes, as a busy machine would have it
        told = {server.fileno(): (1000 - late).to_bytes(8, sys.byteorder)}

        def as_if_late(one: socket.socket, *what: int) -> bytes:
            info = getsockopt(one, *what)
            return info[:128] + told.get(one.fileno(), info[128:136]) + info[136:]

        monkeypatch.setattr(socket.socket, "getsockopt", as_if_late)
        assert flight.is_on_its_way(keys)
        flight.give_up()
        assert not flight.is_on_its_way(keys)
        monkeypatch.undo()
        flight.changed(ended=True)
        assert [flight.is_on_its_way(keys) for _ in range(2)] == [True, False], "the last words of a closed socket"
        flight.changed(ended=False)


def test_time_stands_while_something_is_on_its_way(monkeypatch: pytest.MonkeyPatch) -> None:
    flying = [True] * 5
    times: list[float] = []
    clock = VirtualClock()

    def is_on_its_way(_: Flight, __: object) -> bool:
        times.append(clock.monotonic())
        return bool(flying and flying.pop())

    monkeypatch.setattr(Flight, "is_on_its_way", is_on_its_way)
    clock.run(asyncio.sleep(60))
    assert times[:6] == [0.0] * 6
    assert clock.monotonic() == 60
