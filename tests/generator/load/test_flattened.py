"""A document whose line breaks were lost is read like the same document with them."""

from __future__ import annotations

from pathlib import Path

from outline import outline

from wirewright.load import load_any
from wirewright.load.flattened import is_flattened, restore
from wirewright.load.yaml_text import read_yaml

FIXTURES = Path(__file__).parent / "fixtures"

INDENTED = """
asyncapi: 2.6.0
info:
  title: Toy WebSocket API
  description: >-
    An exchange for tests. It is: small, and note: it has no money.
  version: '1.0.0'
  contact: {name: Toy Support, url: 'https://toy.example/help'}
externalDocs: {description: Toy documentation, url: 'https://toy.example/docs'}
servers:
  production: {url: 'wss://api.toy.example:443/v3', protocol: wss, description: Production server.}
  testnet: {url: 'wss://test.toy.example/v3', protocol: wss}
channels:
  /:
    description: One connection for everything.
    publish:
      operationId: receiveResponse
      summary: Receive responses
      message:
        oneOf: [{$ref: '#/components/messages/OrderResponse'}, {$ref: '#/components/messages/ErrorResponse'}]
    subscribe:
      operationId: sendRequest
      message: {$ref: '#/components/messages/OrderRequest'}
components:
  messages:
    OrderRequest:
      name: orderRequest
      title: Order Request
      payload:
        type: object
        required: [id, method]
        properties:
          id: {type: string, description: 'Any ID, e.g. a number.'}
          method: {type: string, enum: [order.new, order.cancel]}
          params:
            type: object
            properties:
              symbol: {type: string}
              side: {type: string, enum: [BUY, SELL]}
              type: {type: string}
              timestamp: {type: integer, format: int64}
    OrderResponse:
      name: orderResponse
      payload:
        type: object
        properties: {id: {type: string}, status: {type: integer}, result: {type: object}}
    ErrorResponse:
      name: errorResponse
      payload:
        type: object
        properties:
          id: {type: string}
          error: {type: object, properties: {code: {type: integer}, msg: {type: string}}}
"""


def test_the_structure_is_restored() -> None:
    text = (FIXTURES / "flattened.txt").read_text(encoding="utf-8")
    assert is_flattened(text)
    restored, problems = restore(text, "f")
    indented, _ = read_yaml(INDENTED, "f")
    assert indented is not None
    assert restored.plain() == indented.plain()
    assert problems[0].warning
    assert "line breaks of this document were lost" in problems[0].what


def test_lines_without_indentation_are_restored_too() -> None:
    lines = [line.strip() for line in INDENTED.strip().splitlines()]
    text = "\n".join(lines)
    assert is_flattened(text)
    indented, _ = read_yaml(INDENTED, "f")
    assert indented is not None
    assert restore(text, "f")[0].plain() == indented.plain()


def test_both_make_the_same_client(tmp_path: Path) -> None:
    (tmp_path / "toy.yaml").write_text(INDENTED, encoding="utf-8")
    (tmp_path / "toy.txt").write_text((FIXTURES / "flattened.txt").read_text(encoding="utf-8"), encoding="utf-8")
    one, other = load_any(tmp_path / "toy.yaml"), load_any(tmp_path / "toy.txt")
    assert one.api is not None
    assert other.api is not None
    assert outline(one.api) == outline(other.api)
    assert [entry.name for entry in other.entries if entry.kind == "message"] == [
        "orderRequest",
        "orderResponse",
        "errorResponse",
    ]


def test_external_docs_inside_info(tmp_path: Path) -> None:
    text = INDENTED.replace("externalDocs: {", "  externalDocs: {")
    (tmp_path / "toy.yaml").write_text(text, encoding="utf-8")
    loaded = load_any(tmp_path / "toy.yaml", root=tmp_path)
    assert loaded.api is not None
    assert any("`externalDocs` does not belong in `info`" in one.what for one in loaded.problems)


def test_an_ordinary_document_is_not_flattened() -> None:
    assert not is_flattened(INDENTED)
    assert not is_flattened('{"asyncapi": "2.6.0", "info": {}}')
