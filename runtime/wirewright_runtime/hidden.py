"""Secrets that travel as fields, such as a listen key, are not shown where their structure is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

_SECRETS = frozenset(
    [
        "listen_key",
        "listen_token",
        "access_token",
        "auth_token",
        "session_token",
        "refresh_token",
        "token",
        "signature",
        "secret",
        "secret_key",
        "api_secret",
        "private_key",
        "password",
        "passphrase",
    ]
)


def hides_secrets(cls: type, notes: Mapping[str, object]) -> None:
    """Let a struct with such a field print it as hidden. `notes` are its annotations."""
    if not _SECRETS.isdisjoint(notes):
        cls.__repr__ = _shown  # type: ignore[assignment]
        cls.__rich_repr__ = _pairs  # type: ignore[attr-defined]


def _pairs(self: msgspec.Struct) -> Iterator[tuple[str, object]]:
    for name in self.__struct_fields__:
        value = getattr(self, name)
        yield name, _Hidden() if name in _SECRETS and value is not None else value


def _shown(self: msgspec.Struct) -> str:
    fields = ", ".join(f"{name}={value!r}" for name, value in _pairs(self))
    return f"{type(self).__name__}({fields})"


class _Hidden:
    def __repr__(self) -> str:
        return "<not shown>"
