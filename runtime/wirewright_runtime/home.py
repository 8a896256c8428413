"""Which generated package a class comes from: what is of one product is never sent to another, whoever asks for it."""

from __future__ import annotations


def check_home(kind: type, client: type, base: type) -> None:
    """Refuse a request or a stream of another product. What users wrote themselves belongs to every client."""
    if not issubclass(kind, base):
        name = base.__name__.lower()
        raise TypeError(f"this takes a {name} such as those of the module `{name}s`, not {kind.__name__}")
    theirs, ours = _home(kind, "source"), _home(client, "product")
    if theirs and ours and theirs != ours:
        raise TypeError(
            f"{kind.__name__} is of {theirs}, and {client.__name__} of {ours}: take the one of the same name there"
        )


def _home(kind: type, mark: str) -> str:
    """``binance_wire.spot`` of a class in ``binance_wire.spot.requests.trading``; empty for one that was not generated."""
    for origin in kind.__mro__:
        if vars(origin).get(mark):
            for part in (".requests", ".streams", ".client"):
                package, found, _ = f"{origin.__module__}.".partition(f"{part}.")
                if found:
                    return package
            return ""
    return ""
