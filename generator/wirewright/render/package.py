"""What stands around the modules of a product: its `__init__` and its README; and around the products of a package."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from wirewright.model.api import Auth, Event, Message, Method, Parameter, Stream
from wirewright.model.types import EnumType, Kind, Literal, NamedType, Ref, Scalar
from wirewright.render import docs
from wirewright.render.context import Context
from wirewright.render.environment import Templates
from wirewright.render.prose import first_sentence, sentence
from wirewright.render.python import comment, literal
from wirewright.render.send import needed


@dataclass(frozen=True)
class Row:
    """A line of a README's table: what it is called on the wire, what in Python, and what it is for."""

    wire: str
    python: str
    result: str
    doc: str


def render_product(context: Context) -> dict[str, str]:
    """The package of one product: `__init__.py` and `README.md`."""
    api = context.api
    client = f"{api.class_name}Client"
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
        stream=_sample_stream(context),
        stream_class=next((stream.name for stream in api.streams if not stream.deprecated), ""),
        user_data=bool(api.user_data),
        server_names=[server.name for server in api.servers],
    )
    offers = [
        word
        for word, there in (
            ("requests", api.methods),
            ("messages", api.messages),
            ("streams", api.streams),
            ("user data", api.user_data),
        )
        if there
    ]
    init = context.templates.render(
        "product.py.jinja", title=api.title, root=context.root, client=client, offers=offers, sources=[api.origin.file]
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
    return Row(
        _cell(method.http or method.wire),
        f"api.{method.name}",
        _cell(" | ".join(results)),
        _cell(docs.method_summary(method)),
    )


def _message_row(context: Context, message: Message) -> Row:
    said = message.doc or next((one.doc for one in context.api.types if message.type == Ref(one.name)), "")
    doc = sentence(first_sentence(said)) or docs.spoken(message.name)
    return Row("", f"send.{message.name}", _cell(context.annotations.received(message.type)), _cell(doc))


def _stream_row(context: Context, stream: Stream) -> Row:
    doc = first_sentence(stream.doc or stream.title) or docs.spoken(stream.name)
    return Row(
        _cell(" ".join(stream.patterns) or _path(context, stream)),
        stream.name,
        _cell(context.annotations.received(stream.event)),
        _cell(doc),
    )


def _path(context: Context, stream: Stream) -> str:
    """Where a stream without a name comes from."""
    return next((socket.path for socket in context.api.sockets if socket.name == stream.socket), stream.socket)


def _event_row(context: Context, event: Event) -> Row:
    doc = _doc_of(context.api.types, event) or event.title or docs.spoken(event.name)
    return Row(
        _cell(" ".join(map(str, event.tags))),
        _cell(context.annotations.received(event.type)),
        "",
        _cell(first_sentence(doc)),
    )


def _doc_of(types: Iterable[NamedType], event: Event) -> str:
    return event.doc or next((named.doc for named in types if event.type == Ref(named.name)), "")


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


def _sample_stream(context: Context) -> str:
    stream = next((stream for stream in context.api.streams if not stream.deprecated), None)
    return f"{stream.name}({_arguments(context, stream.parameters)})" if stream else ""


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
            return '"BTCUSDT"' if parameter.name == "symbol" else literal(parameter.default or "...")


def _cell(text: str) -> str:
    """A text as one cell of a Markdown table."""
    return comment(text).replace("|", "\\|")
