"""The operations of a document as the model keeps them: what endpoints belong to, for whoever compares two documents."""

from __future__ import annotations

from wirewright.load import resolved
from wirewright.load.resolved import Document
from wirewright.model.api import Operation


def read_operations(document: Document) -> tuple[Operation, ...]:
    addresses = {channel.name: channel.address or "" for channel in document.channels}
    return tuple(_operation(one, addresses.get(one.channel, "")) for one in document.operations)


def _operation(one: resolved.Operation, address: str) -> Operation:
    messages = (*one.messages, *(one.replies or ()))
    locations = tuple(dict.fromkeys(message.correlation_location for message in messages))
    correlation = tuple(location for location in locations if location)
    return Operation(one.name, one.sends, address, one.origin, one.replies is not None, one.security, correlation)
