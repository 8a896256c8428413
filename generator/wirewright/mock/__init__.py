"""The loopback exchange: serves a product of ours, or any AsyncAPI document, on this machine.

    from wirewright.mock import mock_document, mock_product

    async with mock_product("spot", keys=[key]) as exchange:
        client = SpotClient(key=key, server=exchange.server)
    async with mock_document(Path("chat.yaml")) as exchange:
        client = ChatClient(server=exchange.server)

This is the one place where the generator imports the runtime.
"""

from wirewright.mock.exchange import MockExchange
from wirewright.mock.loading import mock_api, mock_document, mock_product

__all__ = ["MockExchange", "mock_api", "mock_document", "mock_product"]
