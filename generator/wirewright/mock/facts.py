"""What is known of orders, by the wire keys of answers. `Shapes` takes from it what an answer has room for."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from wirewright.mock.ledger import ZERO, Order, OrderList, Trade, assets, text


def order_facts(order: Order, places: int | None) -> dict[str, Any]:
    """What is known of an order, by the wire keys of answers."""
    average = order.spent / order.executed if order.executed else ZERO
    amounts = {
        "price": order.price,
        "origQty": order.quantity,
        "qty": order.quantity,
        "executedQty": order.executed,
        "cumQty": order.executed,
        "cummulativeQuoteQty": order.spent,
        "cumulativeQuoteQty": order.spent,
        "cumQuote": order.spent,
        "cumBase": order.executed,
        "avgPrice": average,
        "preventedQty": ZERO,
        "stopPrice": Decimal(str(order.sent.get("stopPrice") or 0)),
        "origQuoteOrderQty": Decimal(str(order.sent.get("quoteOrderQty", 0))),
        "quoteOrderQty": ZERO,
    }
    times = dict.fromkeys(("time", "workingTime"), order.time) | dict.fromkeys(
        ("transactTime", "updateTime"), order.updated
    )
    return {
        **{name: value for name, value in order.sent.items() if name not in ("orders", "signature")},
        **{name: text(value, places) for name, value in amounts.items()},
        **times,
        "orderId": order.id,
        "orderListId": order.list_id,
        "clientOrderId": order.client_id,
        "pair": order.symbol.partition("_")[0],
        "status": order.status,
        "side": order.side,
        "type": order.type,
        "origType": order.type,
        "timeInForce": order.sent.get("timeInForce", "GTC"),
        "isWorking": order.is_open,
        "selfTradePreventionMode": order.sent.get("selfTradePreventionMode", "NONE"),
        "fills": [trade_facts(order, trade, places) for trade in order.trades],
        **({"origClientOrderId": order.replaced_id} if order.replaced_id else {}),
    }


def trade_facts(order: Order, trade: Trade, places: int | None) -> dict[str, Any]:
    """The same of one execution."""
    return {
        "symbol": order.symbol,
        "id": trade.id,
        "tradeId": trade.id,
        "orderId": order.id,
        "orderListId": order.list_id,
        "price": text(trade.price, places),
        "qty": text(trade.quantity, places),
        "quoteQty": text(trade.price * trade.quantity, places),
        "commission": text(ZERO, places),
        "commissionAsset": assets(order.symbol)[1],
        "time": trade.time,
        "isBuyer": order.side == "BUY",
        "isMaker": False,
    }


def list_facts(found: OrderList) -> dict[str, Any]:
    """The same of an order list, without reports on its orders."""
    status = ("EXEC_STARTED", "EXECUTING") if found.is_open else ("ALL_DONE", "ALL_DONE")
    return {
        "orderListId": found.id,
        "contingencyType": found.kind,
        "listStatusType": status[0],
        "listOrderStatus": status[1],
        "listClientOrderId": found.client_id,
        "transactionTime": found.time,
        "symbol": found.orders[0].symbol,
        "orders": [
            {"symbol": one.symbol, "orderId": one.id, "clientOrderId": one.replaced_id or one.client_id}
            for one in found.orders
        ],
    }
