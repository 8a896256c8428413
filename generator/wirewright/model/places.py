"""Where a document says what a field of the model holds: under the key of its name in kebab case, or somewhere of its own."""

from __future__ import annotations

from collections.abc import Mapping

from wirewright.model.api import Ping, Signing, Socket, StreamShape, UserData

# JSON pointers; the first is where it is written, all are read.
_PLACES: Mapping[type, Mapping[str, tuple[str, ...]]] = {
    Socket: {
        **{name: (f"/commands/{name}",) for name in ("subscribe", "unsubscribe", "list")},
        **{name: (f"/limits/{name}",) for name in ("streams", "messages", "dials")},
        "source": ("/x-source", "/source"),
    },
    StreamShape: {"keys": ("/keys", "/key")},
    Ping: {"sender": ("/from",)},
    Signing: {
        "scheme": ("/canonical",),
        "window": ("/window/name",),
        **{f"window_{name}": (f"/window/{name}",) for name in ("maximum", "default")},
        **{name: (f"/logon/{name}",) for name in ("status", "logout")},
        "logon": ("/logon/method",),
        "logon_keys": ("/logon/keys",),
        **{f"clock_{name}": (f"/clock/{name}",) for name in ("method", "result", "refused")},
    },
    UserData: {
        "keepalive": ("/keepalive/method",),
        "keepalive_every": ("/keepalive/every",),
        "expires": ("/keepalive/expires",),
    },
}


def places_of(kind: type, name: str, prefix: str = "") -> tuple[str, ...]:
    """The pointers to a field of a dataclass. `prefix` is what the keys of a mapping begin with that holds others, too."""
    usual = f"/{prefix}{name.replace('_', '-')}"
    return _PLACES.get(kind, {}).get(name, (usual,))
