"""Bad requests get the exchange's codes: found by their names in the spec, worded as the exchange words them."""

from __future__ import annotations

from wirewright.mock.ledger import assets
from wirewright.mock.listening import Wrong
from wirewright.mock.values import is_list
from wirewright.model.api import Api, Method
from wirewright_runtime.testing import Call, Refusal

MALFORMED = {
    "side": ("INVALID_SIDE", "Invalid side."),
    "type": ("INVALID_ORDER_TYPE", "Invalid orderType."),
    "timeInForce": ("INVALID_TIF", "Invalid timeInForce."),
    "interval": ("BAD_INTERVAL", "Invalid interval."),
}
SENDERS = {
    "unsigned": (
        "MANDATORY_PARAM_EMPTY_OR_MALFORMED",
        "Mandatory parameter 'signature' was not sent, was empty/null, or malformed.",
    ),
    "unknown": ("REJECTED_MBX_KEY", "Invalid API-key, IP, or permissions for action."),
    "signature": ("INVALID_SIGNATURE", "Signature for this request is not valid."),
}


class Refusals:
    """The errors of one product."""

    def __init__(self, api: Api) -> None:
        self._codes = {error.name: error.code for error in api.errors}

    def refuse(self, name: str, message: str, *, status: int = 400, data: object = None) -> Refusal:
        """An error by the name of its code."""
        return Refusal(self._codes.get(name, self._codes["REJECTED_MBX_KEY"]), message, status=status, data=data)

    def unknown_method(self) -> Refusal:
        """The error for a method that the exchange does not have."""
        return self.refuse("UNSUPPORTED_OPERATION", "This operation is not supported.")

    def no_entry(self, why: str) -> Refusal | None:
        """The error for a request whose sender is not known."""
        return self.refuse(*SENDERS[why], status=401) if why in SENDERS else None

    def check(self, method: Method, call: Call, wrong: tuple[Wrong, ...]) -> None:
        """Refuse a request with something wrong in it."""
        for one in wrong:
            name = one.parameter
            if one.kind == "missing":
                message = f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed."
                raise self.refuse("MANDATORY_PARAM_EMPTY_OR_MALFORMED", message)
            if one.kind == "combination":
                raise self.refuse(
                    "OPTIONAL_PARAMS_BAD_COMBO", f"Combination of optional parameters invalid: {one.what}."
                )
            usual = ("ILLEGAL_CHARS", f"Illegal characters found in parameter '{name}'.")
            raise self.refuse(*MALFORMED.get(name, usual))
        symbols = call.params.get("symbols")
        for symbol in [call.params.get("symbol"), *(symbols if is_list(symbols) else ())]:
            if symbol is not None:
                self._check_symbol(str(symbol))

    def _check_symbol(self, symbol: str) -> None:
        try:
            assets(symbol if symbol.isupper() else "")
        except LookupError:
            raise self.refuse("BAD_SYMBOL", "Invalid symbol.") from None
