"""The methods and messages of a product as `client.api` and `client.send` have them, which generated code spells out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from wirewright_runtime.client import BaseClient
from wirewright_runtime.request import Request
from wirewright_runtime.types import Amount, Parameter

R = TypeVar("R")


class BaseApi:
    """The methods of a product, as generated code spells them out."""

    def __init__(self, client: BaseClient) -> None:
        self._client = client

    async def _result(
        self,
        request: Request[R],
        *,
        timeout: float | None = None,
        recv_window: Amount | None = None,
        extra: Mapping[str, Parameter] | None = None,
    ) -> R:
        life = self._client._alive()  # pyright: ignore[reportPrivateUsage]
        return (await life.call(request, timeout, recv_window, extra)).result

    def _variant(
        self, variants: Sequence[type[Request[R]]], deciding: Mapping[str, object], **arguments: object
    ) -> Request[R]:
        """The request of the variant that the deciding arguments, by wire name, ask for."""
        variant = _chosen(variants, deciding)
        try:
            return variant(**arguments)
        except TypeError:
            given = {name: value for name, value in arguments.items() if value is not None}
            return _made(variants, variant, given, deciding)


class BaseSend:
    """The messages of a product that nobody answers, as generated code spells them out."""

    def __init__(self, client: BaseClient) -> None:
        self._client = client

    async def _message(
        self,
        message: object,
        *,
        socket: str = "",
        address: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> None:
        await self._client._send(message, socket=socket, address=address, timeout=timeout)  # pyright: ignore[reportPrivateUsage]


def _chosen(variants: Sequence[type[Request[R]]], deciding: Mapping[str, object]) -> type[Request[R]]:
    for variant in variants:
        if all(choice.fits(deciding[choice.parameter]) for choice in variant.choices):
            return variant
    known = " or ".join(", ".join(choice.words for choice in variant.choices) for variant in variants)
    raise ValueError(f"{variants[0].method}: {_given(deciding)} is none of what it takes: {known}")


def _made(
    variants: Sequence[type[Request[R]]],
    variant: type[Request[R]],
    given: Mapping[str, object],
    deciding: Mapping[str, object],
) -> Request[R]:
    """A request of what is given, or what is wrong with that."""
    method, known = variant.method, {name for other in variants for name in other.__struct_fields__}
    for name in given:
        if name not in known:
            raise TypeError(f"{method}: there is no parameter {name}; extra= takes what the specs do not know")
        if name not in variant.__struct_fields__:
            raise ValueError(f"{method}: {name} does not go together with {_given(deciding)}")
    try:
        return variant(**given)
    except TypeError as error:
        raise TypeError(f"{method}: {error}") from None


def _given(deciding: Mapping[str, object]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in deciding.items())
