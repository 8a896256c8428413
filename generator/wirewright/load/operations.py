"""The operations of a document as the model keeps them: what endpoints belong to, for whoever compares two documents."""

from __future__ import annotations

from collections.abc import Mapping

from wirewright.load import resolved
from wirewright.load.resolved import Document
from wirewright.model.api import Operation


def read_operations(document: Document) -> tuple[Operation, ...]:
    addresses = {channel.name: channel.address or "" for channel in document.channels}
    return tuple(_operation(one, addresses) for one in document.operations)


def _operation(one: resolved.Operation, addresses: Mapping[str, str]) -> Operation:
    messages = (*one.messages, *(one.replies or ()))
    locations = tuple(dict.fromkeys(message.correlation_location for message in messages))
    correlation = tuple(location for location in locations if location)
    return Operation(
        name=one.name,
        sends=one.sends,
        address=addresses.get(one.channel, ""),
        origin=one.origin,
        replies=one.replies is not None,
        reply_address=addresses.get(one.reply_channel, ""),
        security=one.security,
        correlation=correlation,
    )
