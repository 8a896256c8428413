"""What an answer says: a result, or an error of the right class with the right outcome."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import NoneType
from typing import Any, get_args

import msgspec

from wirewright_runtime.decode import decode_error, decoding
from wirewright_runtime.envelope import frame_type, get, is_bare, says_nothing, taker
from wirewright_runtime.errors import UNDECODABLE, ApiError, AuthError, ClockError, DecodeError, RateLimited
from wirewright_runtime.product import ErrorCode, Product, Socket
from wirewright_runtime.types import Json
from wirewright_runtime.unions import ANYTHING, new_decoder


class ReplyReader:
    """Reads the answers to one kind of request: one pass over the bytes."""

    def __init__(
        self, product: Product, socket: Socket, method: str, result: Any, *, failure: Any = None, where: str = ""
    ) -> None:
        shape = socket.reply
        if shape is None:
            raise ValueError(f"socket {socket.name!r} of {product.title} answers no requests")
        self._product, self._shape, self._method = product, shape, method
        self._failure, self._where = failure, where
        self._nullable = result is Any or result is None or NoneType in get_args(result)
        types: dict[str, Any] = {pointer: Any for pointer in (shape.status, shape.error) if pointer}
        types |= {shape.rate_limits: msgspec.Raw} if shape.rate_limits else {}
        self._plain = not types
        """Whether there is nothing but the result, which may be no object."""
        self._whole = None
        if shape.result and not any(one.startswith(shape.result + "/") for one in (shape.status, shape.error)):
            types[shape.result] = result
        else:
            self._whole = decoding(result, shape.result)
        self._decode = new_decoder(frame_type(types)).decode
        self._take = _padded([shape.status, shape.error, shape.result, shape.rate_limits], types)

    def read(self, raw: bytes) -> tuple[Any, msgspec.Raw | None]:
        """The result and the limits as they were told, or the error that the answer is."""
        why: Exception | None = None
        try:
            if self._plain and self._whole is not None:
                return self._whole.value(raw), None
            status, error, value, limits = self._take(self._decode(raw))
            if self._succeeded(status, error):
                if self._whole is not None:
                    value = self._whole.value(raw)
                if value is not None or (self._nullable and not self._bare(ANYTHING.decode(raw))):
                    return value, limits
                why = msgspec.ValidationError(f"Object missing required field `{self._shape.result[1:]}`")
        except UNDECODABLE as failure:
            why = failure
        raise self.refusal(raw, why)

    def limits(self, raw: bytes) -> msgspec.Raw | None:
        """The limits that a refusal tells."""
        found = get(msgspec.json.decode(raw), self._shape.rate_limits) if self._shape.rate_limits else None
        return None if found is None else msgspec.Raw(msgspec.json.encode(found))

    def _succeeded(self, status: object, error: object) -> bool:
        if self._shape.ok:
            return status in self._shape.ok
        return says_nothing(error)

    def _refuses(self, status: Json, error: Json) -> bool:
        """Whether an answer that is no success says so: by its error, or by its status alone."""
        if not self._shape.error or not says_nothing(error):
            return True
        if isinstance(status, int) and status is not True:
            return status is False or status >= 400
        return isinstance(status, str) and not status.isdigit()

    def _bare(self, frame: Json) -> tuple[Json, Json] | None:
        """Code and message of a refusal that leaves out the object around them."""
        shape = self._shape
        if shape.bare is None or not says_nothing(get(frame, shape.error)) or get(frame, shape.result) is not None:
            return None
        code, message = (get(frame, pointer) for pointer in shape.bare)
        return (code, message) if is_bare(code, message) else None

    def refusal(self, raw: bytes, why: Exception | None = None) -> ApiError | DecodeError:
        """The error that an answer tells; if it tells none, that. `why` is what cannot be read if it is a success."""
        shape = self._shape
        try:
            frame: Json = ANYTHING.decode(raw)
        except UNDECODABLE as failure:
            return decode_error(failure, raw, about=self._method, outcome="unknown")
        status, said, code, data, until = (
            get(frame, pointer) if pointer else None
            for pointer in (shape.status, shape.error, shape.code, shape.data, shape.retry_after)
        )
        bare = self._bare(frame)
        if not bare and why is not None and self._succeeded(status, said):
            return decode_error(why, raw, about=self._method, outcome="accepted")
        if not bare and not self._refuses(status, said):
            neither = msgspec.ValidationError("neither a result with a status of success nor an error")
            return decode_error(neither, raw, about=self._method, outcome="unknown")
        message = get(frame, shape.message) if shape.message else said
        if bare:
            code, message = bare
        elif message is None:
            message = said if isinstance(said, str) else "no reason given"
        code = code if isinstance(code, (int, str)) else None
        known = self._known(code, status, str(message))
        error = known.error(
            str(message),
            code=code,
            name=known.name,
            status=status if isinstance(status, (int, str)) else None,
            data=self._typed(data),
            method=self._method,
            where=self._where if issubclass(known.error, AuthError) else "",
            outcome=known.outcome or _by_status(self._product, status).outcome,
        )
        if isinstance(error, RateLimited) and isinstance(until, int):
            error.until = until
        return error

    def _known(self, code: int | str | None, status: Json, message: str) -> ErrorCode:
        product = self._product
        by_code = product.errors.get(code) if code is not None else None
        if product.signing and code and code == product.signing.clock_refused:
            by_code = ErrorCode(by_code.name if by_code else "", ClockError)
        by_status = _by_status(product, status)
        by_message = _by_message(product, code, message)
        if by_message is not None:
            return ErrorCode(by_code.name if by_code else "", by_message)
        if by_code is None:
            return by_status
        finer = issubclass(by_status.error, by_code.error) and by_status.error is not by_code.error
        return ErrorCode(by_code.name, by_status.error, by_code.outcome) if finer else by_code

    def _typed(self, data: Json) -> object:
        if self._failure is None or data is None:
            return data
        try:
            return decoding(self._failure)(msgspec.json.encode(data))
        except Exception:  # what does not have the documented form is shown as it came
            return data


def _padded(pointers: list[str], types: Mapping[str, Any]) -> Callable[[Any], tuple[Any, ...]]:
    """A function that takes the values at these pointers out of a `frame_type` of some of them."""
    known = [pointer for pointer in pointers if pointer in types]
    take = taker(tuple(known))
    if known == pointers:
        return take
    places = [known.index(pointer) if pointer in known else -1 for pointer in pointers]

    def take_padded(frame: Any) -> tuple[Any, ...]:
        values = (*take(frame), None)
        return tuple([values[place] for place in places])

    return take_padded


def _by_message(product: Product, code: int | str | None, message: str) -> type[ApiError] | None:
    """The class that a message tells by its beginning: the longest that fits."""
    known = {text: error for one in product.error_messages if code in one.codes for text, error in one.classes.items()}
    fitting = [text for text in known if message.startswith(text)]
    return known[max(fitting, key=len)] if fitting else None


def _by_status(product: Product, status: Json) -> ErrorCode:
    if not isinstance(status, int) or isinstance(status, bool):
        return ErrorCode("")
    known = product.statuses.get(status)
    if known is None and status >= 500:
        known = product.statuses.get(500)
    return known or ErrorCode("")
