"""Alpaca's market data API as its document tells it: bars of a stored market, in pages."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.fakes.vendor_server import Answer, Asked, json_answer
from ztrade_core.domain.time import iso_z, parse_instant

UNITS = {"Min": timedelta(minutes=1), "Hour": timedelta(hours=1), "Day": timedelta(days=1)}


@dataclass
class AlpacaBarsVendor:
    """Answers `/v2/stocks/bars` and `/v1beta3/crypto/us/bars`.

    `price_of` gives a bar's number, from which its values follow (`bar_of`); `opens_of` the opens that
    were traded. `page_bars` cuts pages; `endless` repeats its token for ever.
    """

    opens_of: Callable[[str, timedelta, datetime, datetime], list[datetime]]
    page_bars: int = 10_000
    endless: bool = False
    renamed: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, asked: Asked) -> Answer:
        if asked.path not in ("/v2/stocks/bars", "/v1beta3/crypto/us/bars"):
            return json_answer({"message": "not found"}, status=404)
        query = asked.query
        symbol, step = query["symbols"], _step(query["timeframe"])
        start, end = parse_instant(query["start"]), parse_instant(query["end"])
        opens = [each for each in self.opens_of(symbol, step, start, end) if start <= each <= end]
        begin = int(query.get("page_token") or 0)
        stop = begin + min(self.page_bars, int(query["limit"]))
        token = str(begin) if self.endless else str(stop) if stop < len(opens) else None
        bars = [bar_of(each) for each in opens[begin:stop]]
        name = self.renamed.get(symbol, symbol)
        return json_answer({"bars": {name: bars} if bars else {}, "next_page_token": token})


def bar_of(opened: datetime) -> dict[str, Any]:
    """Return the bar that opened then: its prices follow from the minute, so that they can be checked."""
    number = int(opened.timestamp()) // 60 % 1000
    price = 100.0 + number / 100
    return {
        "t": iso_z(opened),
        "o": price,
        "h": price + 0.5,
        "l": price - 0.5,
        "c": price + 0.25,
        "v": 1000 + number,
        "n": 7,
        "vw": price,
    }


def _step(text: str) -> timedelta:
    unit = next(unit for unit in UNITS if text.endswith(unit))
    return int(text.removesuffix(unit)) * UNITS[unit]
