"""Alpaca's latest quotes of several symbols, as its document tells them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.fakes.vendor_server import Answer, Asked, json_answer
from ztrade_core.domain.time import iso_z

STOCKS, COINS = "/v2/stocks/quotes/latest", "/v1beta3/crypto/us/latest/quotes"
_STOCK = {"ax": "V", "bx": "V", "c": ["R"], "z": "C"}


@dataclass
class QuoteVendor:
    """Answers with `prices` (bid, bid size, ask, ask size) by symbol, all of the moment `at`."""

    prices: Mapping[str, tuple[float, float, float, float]]
    at: datetime

    def __call__(self, asked: Asked) -> Answer:
        if asked.path not in (STOCKS, COINS):
            return json_answer({"message": "not found"}, status=404)
        wanted = asked.query["symbols"].split(",")
        found = {each: self._quote(each) for each in wanted if each in self.prices}
        return json_answer({"quotes": found})

    def _quote(self, symbol: str) -> dict[str, Any]:
        names = ("bp", "bs", "ap", "as")
        told = dict(zip(names, self.prices[symbol], strict=True))
        return {"t": iso_z(self.at), **told, **({} if "/" in symbol else _STOCK)}
