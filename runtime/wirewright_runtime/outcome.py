"""What is known of a request that changes state and got no clear answer: nothing, but how to find out, and until when."""

from __future__ import annotations

from wirewright_runtime.codec import Parameters, Params, signed_text
from wirewright_runtime.errors import ApiError, OutcomeUnknown, WireError
from wirewright_runtime.product import Signing
from wirewright_runtime.request import RequestSpec

_WINDOW = 5000  # milliseconds in which a request without a timestamp may still come


def known_as(parameters: Parameters, params: Params) -> str:
    """How the exchange knows an order, in brackets; empty if it does not."""
    order_id = params.get(parameters.order_id)
    return f" (client order id {order_id})" if order_id else ""


def outcome_unknown(
    method: str,
    spec: RequestSpec,
    parameters: Parameters,
    params: Params,
    *,
    signing: Signing | None,
    now_ms: int,
    error: WireError,
) -> OutcomeUnknown:
    """The error of a request that may or may not have been executed.

    Args:
        method: Its wire name.
        spec: What is known of the method.
        parameters: How its requests are written.
        params: What was sent.
        signing: How the API signs.
        now_ms: The exchange's time.
        error: Why there is no clear answer.
    """
    settle, wires = spec.settle, parameters.wires
    order_id = params.get(parameters.order_id)
    asked = {wire: params.get(wires.get(ours, ours)) for wire, ours in settle.parameters.items()} if settle else {}
    sent_at = params.get(signing.timestamp) if signing else None
    lasts = params.get(signing.window) or signing.window_default if signing else 0
    finds = "client.settle(error) finds out" if settle else "the exchange has no method that tells"
    known = known_as(parameters, params)
    return OutcomeUnknown(
        f"{method}: it is not known whether the exchange executed it{known}; {finds} ({error})",
        method=method,
        client_order_id=order_id,
        code=error.code if isinstance(error, ApiError) else None,
        settled_by=settle.method if settle else "",
        parameters={wire: value for wire, value in asked.items() if value is not None},
        creates=order_id in asked.values() and list(params.values()).count(order_id) == 1,
        valid_until=int(sent_at or now_ms) + int(float(signed_text(lasts or _WINDOW))),
    )
