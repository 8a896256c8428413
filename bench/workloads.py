"""What is measured: streams with their payloads, and requests with their answers, as the exchange documents them."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator
from typing import Any, NamedTuple

SYMBOLS = ("BTCUSDT", "ETHUSDT", "BNBUSDT", "SOLUSDT", "XRPUSDT")
NOW_MS = 1_795_219_200_000
SUFFIXES = {"aggTrade": "aggTrade", "bookTicker": "bookTicker", "kline": "kline_1m", "depth": "depth@100ms"}
ORDER_ID = 12_569_099_453


class Streams(NamedTuple):
    """Messages of some kinds, in that proportion. `pause`: seconds between two; 0: as fast as they are taken."""

    mix: dict[str, int]
    symbols: int = 1
    messages: int = 200_000
    warm: int = 20_000
    pause: float = 0.0

    @property
    def names(self) -> list[str]:
        return [f"{symbol.lower()}@{SUFFIXES[kind]}" for symbol in SYMBOLS[: self.symbols] for kind in self.mix]


class Requests(NamedTuple):
    """One method: so many times one after the other, and so many with 100 in flight."""

    method: str
    alone: int = 3_000
    together: int = 15_000
    warm: int = 300


WORKLOADS: dict[str, Streams | Requests] = {
    "aggTrade": Streams({"aggTrade": 1}),
    "bookTicker": Streams({"bookTicker": 1}),
    "kline": Streams({"kline": 1}),
    "depth": Streams({"depth": 1}, messages=60_000, warm=5_000),
    "combined": Streams({"bookTicker": 5, "aggTrade": 3, "depth": 1, "kline": 1}, symbols=5),
    "paced": Streams({"aggTrade": 1}, messages=8_000, warm=1_000, pause=0.0002),
    "time": Requests("time"),
    "order": Requests("order.place"),
    "book": Requests("depth", alone=1_500, together=8_000),
}


class Payloads:
    """Bodies with the documented fields in the documented order; the same in every run."""

    def __init__(self) -> None:
        self._random = random.Random(7)
        self._numbers = itertools.count(70_000_000_001)

    def _amount(self, most: int) -> str:
        return f"{self._random.randint(1, most)}.{self._random.randint(0, 99_999_999):08}"

    def aggTrade(self, symbol: str) -> dict[str, Any]:
        number = next(self._numbers)
        body = {"e": "aggTrade", "E": NOW_MS, "s": symbol, "a": number, "p": self._amount(90_000), "q": self._amount(9)}
        return body | {"f": number, "l": number + 2, "T": NOW_MS, "m": True, "M": True}

    def bookTicker(self, symbol: str) -> dict[str, Any]:
        bid = {"b": self._amount(90_000), "B": self._amount(9)}
        return {"u": next(self._numbers), "s": symbol} | bid | {"a": self._amount(90_000), "A": self._amount(9)}

    def kline(self, symbol: str) -> dict[str, Any]:
        candle: dict[str, Any] = {"t": NOW_MS, "T": NOW_MS + 59_999, "s": symbol, "i": "1m", "f": 100, "L": 200}
        candle |= {name: self._amount(90_000) for name in ("o", "c", "h", "l", "v")}
        candle |= {"n": 100, "x": False} | {name: self._amount(900) for name in ("q", "V", "Q")} | {"B": "0"}
        return {"e": "kline", "E": NOW_MS, "s": symbol, "k": candle}

    def depth(self, symbol: str) -> dict[str, Any]:
        number = next(self._numbers)
        sides = {side: self.levels(self._random.randint(20, 50)) for side in ("b", "a")}
        return {"e": "depthUpdate", "E": NOW_MS, "s": symbol, "U": number, "u": number} | sides

    def levels(self, count: int) -> list[list[str]]:
        return [[self._amount(90_000), self._amount(9)] for _ in range(count)]


def messages(workload: Streams, count: int = 4_000) -> list[tuple[str, dict[str, Any]]]:
    """So many (stream, payload) pairs of a workload, in a mixed order."""
    payloads = Payloads()
    kinds = [kind for kind, weight in workload.mix.items() for _ in range(weight)]
    symbols = itertools.cycle(SYMBOLS[: workload.symbols])

    def one(kind: str) -> tuple[str, dict[str, Any]]:
        symbol = next(symbols)
        return f"{symbol.lower()}@{SUFFIXES[kind]}", getattr(payloads, kind)(symbol)

    turns: Iterator[str] = itertools.cycle(kinds)
    return [one(next(turns)) for _ in range(count)]


def answer(method: str, id: object) -> str:
    """What the exchange answers."""
    result: Any
    if method == "time":
        result = {"serverTime": NOW_MS}
    elif method == "order.place":
        result = _placed()
    elif method == "depth":
        payloads = Payloads()
        result = {"lastUpdateId": 1, "bids": payloads.levels(100), "asks": payloads.levels(100)}
    else:
        result = {}
    limit = {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 6000, "count": 70}
    return json.dumps({"id": id, "status": 200, "result": result, "rateLimits": [limit]}, separators=(",", ":"))


def _placed() -> dict[str, Any]:
    fill = {"price": "91234.56000000", "qty": "0.00100000", "commission": "0.00000100", "commissionAsset": "BNB"}
    amounts = ("price", "origQty", "executedQty", "origQuoteOrderQty", "cummulativeQuoteQty")
    order: dict[str, Any] = {"symbol": "BTCUSDT", "orderId": ORDER_ID, "orderListId": -1, "clientOrderId": "x"}
    order |= {"transactTime": NOW_MS} | dict.fromkeys(amounts, "0.00100000")
    order |= {"status": "FILLED", "timeInForce": "GTC", "type": "LIMIT", "side": "BUY", "workingTime": NOW_MS}
    return order | {"selfTradePreventionMode": "NONE", "fills": [fill | {"tradeId": number} for number in range(3)]}
