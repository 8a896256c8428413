"""What a document says of a product as a whole: the frame that methods, streams, events and types are put into."""

from __future__ import annotations

from collections.abc import Sequence

from wirewright.load.keys import Keys
from wirewright.load.resolved import Document
from wirewright.load.sockets import read_security, read_servers
from wirewright.model.api import Api, Operation, Socket, UserData
from wirewright.model.naming import cap


def api_of_whole(document: Document, keys: Keys, sockets: Sequence[Socket], name: str) -> Api:
    """An `Api` without methods, streams, events and types. The sockets get the paths of their servers."""
    servers, placed = read_servers(document, sockets, keys)
    root = document.root
    return Api(
        name=name,
        class_name=cap(name),
        title=document.title or name,
        origin=document.origin,
        doc=document.doc,
        version=document.api_version,
        servers=servers,
        sockets=placed,
        security=tuple(read_security(one, keys) for one in document.security),
        user_data=tuple(keys.read(UserData, one, "x-user-data") for one in root.part("x-user-data").list),
        amount_pattern=root.text("x-amount-pattern"),
        text_pattern=root.text("x-text-pattern"),
        mock=root.text("x-mock"),
        operations=_operations(document),
    )


def _operations(document: Document) -> tuple[Operation, ...]:
    """The operations as the model keeps them: what endpoints belong to, for whoever compares two documents."""
    addresses = {channel.name: channel.address or "" for channel in document.channels}
    return tuple(
        Operation(
            name=one.name,
            sends=one.sends,
            address=addresses.get(one.channel, ""),
            origin=one.origin,
            replies=one.replies is not None,
            reply_address=addresses.get(one.reply_channel, ""),
            security=one.security,
            correlation=tuple(
                dict.fromkeys(
                    message.correlation_location
                    for message in (*one.messages, *(one.replies or ()))
                    if message.correlation_location
                )
            ),
        )
        for one in document.operations
    )
