"""All files of one product, as `{path: text}`: the page that names the renderers."""

from __future__ import annotations

from collections.abc import Callable

from wirewright.render.api import render_api
from wirewright.render.catalog import render_catalog
from wirewright.render.client import render_client
from wirewright.render.context import Context
from wirewright.render.enums import render_enums
from wirewright.render.examples import render_examples
from wirewright.render.models import render_models
from wirewright.render.package import render_product
from wirewright.render.requests import render_requests
from wirewright.render.send import render_send
from wirewright.render.streams import render_streams

RENDERERS: tuple[Callable[[Context], dict[str, str]], ...] = (
    render_enums,
    render_models,
    render_requests,
    render_api,
    render_send,
    render_streams,
    render_client,
    render_catalog,
    render_product,
    render_examples,
)


def render_all(context: Context) -> dict[str, str]:
    return {path: text for render in RENDERERS for path, text in render(context).items()}
