"""What stands around the modules of a product: its `__init__` and its README; and around the products of a package."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from wirewright.model.api import Auth, Event, Message, Method, Parameter, Stream
from wirewright.model.types import EnumType, Kind, Literal, Ref, Scalar
from wirewright.render import docs
from wirewright.render.context import Context
from wirewright.render.environment import Templates
from wirewright.render.prose import first_sentence, sentence
from wirewright.render.python import comment, literal
from wirewright.render.send import needed

Row = tuple[str, ...]  # of a README's table, as cells of Markdown


def render_product(context: Context) -> dict[str, str]:
    """The package of one product: `__init__.py` and `README.md`."""
    api = context.api
    client, (stream_class, stream) = f"{api.class_name}Client", _sample_stream(context)
    readme = context.templates.render(
        "README.md.jinja",
        title=api.title,
        doc=sentence(api.doc),
        root=context.root,
        client=client,
        sources=api.sources or (api.origin.file,),
        methods=[_method_row(context, method) for method in api.methods],
        messages=[_message_row(context, message) for message in api.messages],
        streams=[_stream_row(context, stream) for stream in api.streams],
        events=[_event_row(context, event) for event in api.events],
        request=_sample_request(context),
        message=_sample_message(context),
        stream_class=stream_class,
        stream=stream,
        server_names=[server.name for server in api.servers],
    )
    offers = {"requests": api.methods, "messages": api.messages, "streams": api.streams, "user data": api.user_data}
    init = context.templates.render(
        "product.py.jinja",
        title=api.title,
        root=context.root,
        client=client,
        offers=[word for word, there in offers.items() if there],
        sources=[api.origin.file],
    )
    return {"README.md": readme, "__init__.py": init}


def render_package(templates: Templates, name: str, title: str, products: Sequence[str]) -> dict[str, str]:
    """What a package of several products has beside them. It knows their names only, so that they can change alone."""
    data = {"name": name, "title": title, "products": list(products)}
    return {
        "__init__.py": templates.render("package.py.jinja", **data),
        "README.md": templates.render("package.md.jinja", **data),
    }


def _method_row(context: Context, method: Method) -> Row:
    results = dict.fromkeys(context.annotations.received(variant.result) for variant in method.variants)
    return _row(method.http or method.wire, f"api.{method.name}", " | ".join(results), docs.method_summary(method))


def _message_row(context: Context, message: Message) -> Row:
    doc = sentence(first_sentence(_doc_of(context, message))) or docs.spoken(message.name)
    return _row(f"send.{message.name}", context.annotations.received(message.type), doc)


def _stream_row(context: Context, stream: Stream) -> Row:
    paths = {socket.name: socket.path for socket in context.api.sockets}
    name = " ".join(stream.patterns) or paths.get(stream.socket, stream.socket)
    doc = first_sentence(stream.doc or stream.title) or docs.spoken(stream.name)
    return _row(name, stream.name, context.annotations.received(stream.event), doc)


def _event_row(context: Context, event: Event) -> Row:
    doc = first_sentence(_doc_of(context, event) or event.title or docs.spoken(event.name))
    return _row(" ".join(map(str, event.tags)), context.annotations.received(event.type), doc)


def _doc_of(context: Context, thing: Event | Message) -> str:
    """What is said of an event or a message, or else of its type."""
    return thing.doc or next((named.doc for named in context.api.types if thing.type == Ref(named.name)), "")


def _sample_request(context: Context) -> str:
    """A call that a newcomer can make at once: public, and rather about a symbol than about the connection."""
    public = [m for m in context.api.methods if m.auth is Auth.NONE and not m.changes_state and not m.http]
    method = min(public, key=_how_plain, default=None)
    return f"{method.name}({_arguments(context, method.parameters)})" if method else ""


def _how_plain(method: Method) -> tuple[bool, int, int]:
    required = [parameter.name for parameter in method.parameters if parameter.required]
    return required != ["symbol"], len(required), len(method.parameters)


def _sample_message(context: Context) -> str:
    """A message that a newcomer may send at once: the one that asks least of its caller."""
    message = min(context.api.messages, key=lambda one: len(needed(context, one)), default=None)
    if message is None:
        return ""
    return f"{message.name}({', '.join(f'{argument.name}=...' for argument in needed(context, message))})"


def _sample_stream(context: Context) -> tuple[str, str]:
    """The class of a stream, and an instance of it."""
    stream = next((stream for stream in context.api.streams if not stream.deprecated), None)
    return (stream.name, f"{stream.name}({_arguments(context, stream.parameters)})") if stream else ("", "")


def _arguments(context: Context, parameters: Iterable[Parameter]) -> str:
    needed = [parameter for parameter in parameters if parameter.required]
    return ", ".join(f"{parameter.name}={_value(context, parameter)}" for parameter in needed)


def _value(context: Context, parameter: Parameter) -> str:
    """Some value that a parameter takes."""
    named = {named.name: named for named in context.api.types}.get(getattr(parameter.type, "name", ""))
    match parameter.type:
        case Scalar(Kind.INTEGER | Kind.TIME):
            return parameter.minimum or "1"
        case Scalar(Kind.BOOLEAN):
            return "True"
        case Literal(values):
            return literal(values[0])
        case _ if isinstance(named, EnumType) and named.values:
            return literal(named.values[0].wire)
        case _:
            shown = re.search(r"such as `([^`]+)`", parameter.doc)
            return literal(shown[1] if shown else parameter.default or "...")


def _row(*cells: str) -> Row:
    """Texts as the cells of a Markdown table."""
    return tuple(comment(cell).replace("|", "\\|") for cell in cells)
