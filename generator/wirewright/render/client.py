"""The client class of one product, and the data by which the runtime knows the product."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from wirewright.model import api as model
from wirewright.model.naming import CLIENT_ATTRIBUTES
from wirewright.model.types import Ref
from wirewright.render import docs
from wirewright.render.annotations import optional, spell
from wirewright.render.arguments import Argument
from wirewright.render.context import Context
from wirewright.render.models import USER_DATA, user_data_events
from wirewright.render.module import render_text
from wirewright.render.prose import wrap
from wirewright.render.python import Call, Code, construct, literal, raw_literal
from wirewright.render.values import like, signatures, value

ROLES = ("api", "streams", "rest")
KEYS = {
    "HmacKey | RsaKey | Ed25519Key": "Your API key; without one the public methods and streams work.",
    "Token": "Your API key or token.",
    "UserPassword": "Your name and password.",
}
BASIC = value("Handshake", prefix="Basic ")


def render_client(context: Context) -> dict[str, str]:
    body = context.templates.render("client.py.jinja", **_view(context))
    return {"client.py": render_text(context, f"Client of {context.title}.", body, [context.api.origin.file])}


def _view(context: Context) -> dict[str, object]:
    """What the template places: arguments of `Product(...)`, of the client and of its base, and what the client offers."""
    api, taken = context.api, set(CLIENT_ATTRIBUTES)
    options = {
        "query": dict(_options(context, (one for socket in api.sockets for one in socket.query), taken)),
        "headers": dict(_options(context, (one for socket in api.sockets for one in socket.headers), taken)),
        "variables": dict(_options(context, (one for server in api.servers for one in server.variables), taken, True)),
    }
    names = [literal(server.name) for server in api.servers]
    key, server = key_type(api), Argument("server", "ServerName | Server" if names else "Server", "".join(names[:1]))
    arguments = [Argument("key", f"{key} | None", "None", KEYS[key])] if key else []
    arguments += [replace(server, doc="Name of a server, or the addresses of one.")]
    arguments += [option for group in options.values() for option in group.values()]
    telling = {method.settle.method for method in api.methods if method.settle}
    settling = [method for method in api.methods if method.wire in telling]
    beyond = Argument("options", "", doc="See `wirewright_runtime.ClientOptions`.")
    return {
        "name": f"{api.class_name}Client",
        "doc": docs.with_arguments(wrap(f"Client of {api.title}: {_offers(api)}."), [*arguments, beyond]),
        "product": [(name, construct(part)) for name, part in product_values(context).items()],
        "server_names": names,
        "has_key": bool(key),
        "arguments": arguments,
        "options": {name: _by_wire(group) for name, group in options.items() if group},
        "user_data": f"events.{USER_DATA}" if api.user_data and user_data_events(api) else "",
        "schemes": [literal(one.scheme) for one in api.user_data] if len(api.user_data) > 1 else [],
        "settled": " | ".join(dict.fromkeys(context.qualified.received(one.variants[0].result) for one in settling)),
        "settling": [f"requests.{method.variants[0].name}" for method in settling],
        "has_api": bool(api.methods),
        "has_send": bool(api.messages),
    }


def _by_wire(group: Mapping[str, Argument]) -> str:
    return construct({wire: Code(option.name) for wire, option in group.items()})


def _offers(api: model.Api) -> str:
    offers = {
        "``client.api`` for requests": api.methods,
        "``client.send`` for messages": api.messages,
        "``client.stream`` for streams": api.streams,
        "``client.user_data`` for your account's events": api.user_data,
    }
    return ", ".join(offer for offer, there in offers.items() if there)


def key_type(api: model.Api) -> str:
    """What the client takes to show who its user is."""
    if _signing(api) or api.user_data:
        return "HmacKey | RsaKey | Ed25519Key"
    if any(scheme.location == "params" for scheme in api.security):
        return "Token"
    handshake = _handshake(api)
    return ("UserPassword" if handshake[0] == BASIC else "Token") if handshake else ""


def _signing(api: model.Api) -> model.Signing | None:
    return next((scheme.signing for scheme in api.security if scheme.signing), None)


def _key_header(api: model.Api) -> str:
    """The header that carries the key of a call over HTTP."""
    headers = (one.parameter for one in api.security if one.type == "httpApiKey" and one.location == "header")
    return next(headers, "")


def _handshake(api: model.Api) -> tuple[Call, ...]:
    """How the handshake says who the user is: by the first scheme that it can carry, unless requests are signed."""
    if _signing(api):
        return ()
    found = (_carried(scheme) for scheme in api.security if scheme.signing is None)
    return next(((handshake,) for handshake in found if handshake), ())


def _carried(scheme: model.SecurityScheme) -> Call | None:
    if scheme.type in {"apiKey", "httpApiKey"} and scheme.location in {"query", "header"}:
        return value("Handshake", location=scheme.location, name=scheme.parameter)
    if scheme.type == "userPassword" or (scheme.type == "http" and scheme.parameter.lower() == "basic"):
        return BASIC
    return value("Handshake", prefix="Bearer ") if scheme.type in {"http", "oauth2", "openIdConnect"} else None


def _socket(api: model.Api, socket: model.Socket) -> Call:
    """A socket as the runtime takes it: variables of its path are called as in Python."""
    path = socket.path
    for parameter in socket.parameters:
        path = path.replace(f"{{{parameter.wire}}}", f"{{{parameter.name}}}")
    options = dict.fromkeys(parameter.wire for parameter in (*socket.query, *socket.headers))
    return like("Socket", socket, path=path, handshake=_handshake(api), options=tuple(options))


def _user_data(api: model.Api, scheme: model.UserData) -> Call:
    """A way to user data as the runtime takes it: an HTTP call by its method and path."""
    called = {variant.name: method for method in api.methods for variant in method.variants}
    listed = (called.get(name) for name in (scheme.keepalive, scheme.stop) if name)
    sends_key = any(method and any(p.wire == scheme.key for p in method.parameters) for method in listed)

    def address(name: str) -> str:
        method = called.get(name)
        return method.http or method.wire if method else name

    return like(
        "UserData",
        scheme,
        start=address(scheme.start),
        keepalive=address(scheme.keepalive),
        stop=address(scheme.stop),
        expiry=scheme.expiry or signatures()["UserData"].defaults["expiry"],
        sends_key=sends_key,
    )


def _free(name: str, taken: set[str]) -> str:
    """The name, with an underscore for each time that it stands for something else already."""
    while name in taken:
        name += "_"
    taken.add(name)
    return name


def _options(
    context: Context, parameters: Iterable[model.QueryParameter], taken: set[str], sent: bool = False
) -> Iterator[tuple[str, Argument]]:
    """Query parameters, headers or variables of the server, by wire name, as keywords of the client.

    One for each name, however many sockets take it. What is left out is not sent, unless it must be.
    """
    first: dict[str, model.QueryParameter] = {}
    for parameter in parameters:
        first.setdefault(parameter.wire, parameter)
    for wire, parameter in first.items():
        type_ = context.qualified.sent(parameter.type)
        known = parameter.default is not None
        usual = spell(parameter.default, parameter.type) if parameter.default is not None else ""
        default = usual if sent else ""
        doc = docs.described(parameter) + (f" Default `{usual}`." if known and not sent else "")
        if not default and (known or not parameter.required):
            type_, default = optional(type_), "None"
        yield wire, Argument(_free(parameter.name, taken), type_, default, doc)


def product_values(context: Context) -> dict[str, object]:
    """The arguments of `Product`, without those that say nothing."""
    api, signing = context.api, _signing(context.api)
    every = {
        "name": api.name,
        "title": api.title,
        "servers": {server.name: _server(server) for server in api.servers},
        "sockets": tuple(_socket(api, socket) for socket in api.sockets),
        "signing": like("Signing", signing, header=_key_header(api)) if signing else None,
        "user_data": tuple(_user_data(api, one) for one in api.user_data),
        "events": _events(context),
        "errors": {error.code: _error(error) for error in api.errors},
        "error_messages": tuple(_error_messages(api)),
        "amount_pattern": Code(raw_literal(api.amount_pattern)) if api.amount_pattern else "",
        "text_pattern": Code(raw_literal(api.text_pattern)) if api.text_pattern else "",
        "token": next((scheme.parameter for scheme in api.security if scheme.location == "params"), ""),
    }
    needed = ("name", "title", "servers", "sockets")
    return {name: part for name, part in every.items() if part or name in needed}


def _server(server: model.Server) -> Call:
    known = {role: address for role, address in server.addresses if role in ROLES}
    others = {role: address for role, address in server.addresses if role not in ROLES}
    return value("Server", **known, others=others)


def _events(context: Context) -> Mapping[str, Code]:
    """What is pushed beside any stream, by its tag."""
    pushing = {socket.name for socket in context.api.sockets if socket.event and not socket.stream} | {""}
    return {
        str(tag): Code(f"events.{event.type.name}")
        for event in context.api.events
        if isinstance(event.type, Ref) and event.socket in pushing
        for tag in event.tags
    }


def _error_messages(api: model.Api) -> Iterator[Call]:
    for codes in dict.fromkeys(message.codes for message in api.error_messages):
        told = [message for message in api.error_messages if message.codes == codes]
        yield value("ErrorMessages", codes=codes, classes={one.text: Code(one.error or "ApiError") for one in told})


def _error(error: model.ErrorCode) -> Call:
    """An outcome that is not known is no class of its own: it depends on the request that got the code."""
    if error.error == "OutcomeUnknown":
        return value("ErrorCode", name=error.name, outcome="unknown")
    return value("ErrorCode", name=error.name, error=Code(error.error or "ApiError"), outcome=error.outcome or None)
