"""The model as one complete AsyncAPI 3.0 document: the reference for everybody who does not want our Python."""

from wirewright.render.asyncapi.document import render_document

__all__ = ["render_document"]
