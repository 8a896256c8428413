"""Frames of the WebSocket protocol, written by hand: also those that no library would send."""

from __future__ import annotations

import struct

TEXT, BINARY, CLOSE, PING = 1, 2, 8, 9
CONTINUATION = 0


def frame(opcode: int, payload: bytes = b"", *, fin: bool = True) -> bytes:
    """A frame as a server sends it."""
    head = bytes([opcode | (0x80 if fin else 0)])
    if len(payload) < 126:
        return head + bytes([len(payload)]) + payload
    if len(payload) < 2**16:
        return head + b"\x7e" + struct.pack("!H", len(payload)) + payload
    return head + b"\x7f" + struct.pack("!Q", len(payload)) + payload


def close(code: int, reason: bytes = b"") -> bytes:
    """A close frame with any code."""
    return frame(CLOSE, struct.pack("!H", code) + reason)
