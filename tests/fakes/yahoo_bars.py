"""Yahoo's `/v8/finance/chart/SYMBOL` as recorded: an invented market, its events, its oddities.

Stocks trade on every weekday from 09:30 to 16:00 New York, holidays too; days are stamped with the
open. Coins trade around the clock. A running market's answer ends with a row of no volume at `now`.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.fakes.vendor_faults import contracts
from tests.fakes.vendor_server import Answer, Asked, json_answer

CHART = "/v8/finance/chart/"
NEW_YORK = ZoneInfo("America/New_York")
STEPS = {"1m": 1, "5m": 5, "15m": 15, "1h": 60, "1d": 1440}
RANGES = ["1d", "5d", "1mo", "max"]


@dataclass
class YahooVendor:
    """The fake; `now` is its clock, `meta` replaces parts of its description.

    `empty` holds the stamps of rows without values, `still` of rows without volume.
    """

    now: datetime
    meta: dict[str, Any] = field(default_factory=dict)
    empty: tuple[datetime, ...] = ()
    still: tuple[datetime, ...] = ()

    def __call__(self, asked: Asked) -> Answer:
        assert asked.path.startswith(CHART), asked.path
        if asked.query.get("events") == "split":
            return splits_answer(asked.path.removeprefix(CHART))
        assert asked.query["includePrePost"] == "false"
        symbol, interval = asked.path.removeprefix(CHART), asked.query["interval"]
        start, stop = (_instant(asked.query[name]) for name in ("period1", "period2"))
        sessions = list(_sessions(symbol, start, min(stop, self.now)))
        opens = [each for day in sessions for each in _opens(day, interval)]
        opens = [each for each in opens if start <= each < min(stop, self.now)]
        if stop > self.now > opens[-1]:
            opens.append(self.now)
        rows = [self._row(each) for each in opens]
        return chart_answer(
            symbol, interval, list(zip(opens, rows, strict=True)), sessions, self.meta
        )

    def _row(self, opened: datetime) -> list[float | None]:
        if opened in self.empty:
            return [None] * 5
        still = opened == self.now or opened in self.still
        return [*bar_of(opened)[:4], 0 if still else bar_of(opened)[4]]


def bar_of(opened: datetime) -> list[float]:
    """Return open, high, low, close, volume of the bar that opened then: they follow from the minute."""
    number = int(opened.timestamp()) // 60 % 1000
    price = 100.0 + number / 100
    return [price, price + 0.5, price - 0.5, price + 0.25, 1000 + number]


def splits_answer(symbol: str, *events: dict[str, Any]) -> Answer:
    """Return a chart's splits, as told beside its days."""
    told = {str(event["date"]): event for event in events}
    result = {"meta": {"symbol": symbol, "dataGranularity": "1d"}, "events": {"splits": told}}
    return json_answer(
        {"chart": {"result": [result if told else {"meta": result["meta"]}], "error": None}}
    )


def chart_answer(
    symbol: str,
    interval: str,
    rows: list[tuple[datetime, list[float | None]]],
    sessions: list[tuple[datetime, datetime]],
    meta: dict[str, Any],
) -> Answer:
    """Return a chart; dividends are in its `adjclose` only."""
    is_coin = symbol.endswith("-USD")
    facts: dict[str, Any] = {
        "currency": "USD",
        "symbol": symbol,
        "instrumentType": "CRYPTOCURRENCY" if is_coin else "EQUITY",
        "exchangeTimezoneName": "UTC" if is_coin else "America/New_York",
        "dataGranularity": interval,
        "validRanges": RANGES,
        **meta,
    }
    if interval != "1d":
        facts["tradingPeriods"] = [[_period(*session)] for session in sessions]
    columns = [[row[n] for _, row in rows] for n in range(5)]
    names = ("open", "high", "low", "close", "volume")
    indicators: dict[str, Any] = {"quote": [dict(zip(names, columns, strict=True))]}
    if interval == "1d":
        adjusted = [None if close is None else close * 0.9 for close in columns[3]]
        indicators["adjclose"] = [{"adjclose": adjusted}]
    stamps = [int(opened.timestamp()) for opened, _ in rows]
    result = {"meta": facts, "timestamp": stamps, "indicators": indicators}
    return json_answer({"chart": {"result": [result], "error": None}})


def refusal(code: str, description: str, status: int) -> Answer:
    """Return what Yahoo says instead of a chart."""
    error = {"code": code, "description": description}
    return json_answer({"chart": {"result": None, "error": error}}, status=status)


def recorded(name: str) -> tuple[Answer, Any]:
    """Return a recorded answer, and its content."""
    told = json.loads((contracts("yahoo") / name).read_text(encoding="utf-8"))["response"]
    content = told["bodyJson"] if "bodyJson" in told else json.loads(told["body"])
    return json_answer(content, status=told["status"]), content


def _instant(text: str) -> datetime:
    return datetime.fromtimestamp(int(text), tz=UTC)


def _sessions(symbol: str, start: datetime, stop: datetime) -> Iterator[tuple[datetime, datetime]]:
    day = start.date() - timedelta(days=1)
    while day <= stop.date():
        if symbol.endswith("-USD"):
            midnight = datetime.combine(day, time(), UTC)
            yield midnight, midnight + timedelta(days=1)
        elif day.weekday() < 5:
            opens = datetime.combine(day, time(9, 30), NEW_YORK).astimezone(UTC)
            yield opens, opens + timedelta(hours=6, minutes=30)
        day += timedelta(days=1)


def _opens(session: tuple[datetime, datetime], interval: str) -> Iterator[datetime]:
    opened, closes = session
    while opened < closes:
        yield opened
        opened += timedelta(minutes=STEPS[interval])


def _period(start: datetime, end: datetime) -> dict[str, Any]:
    return {
        "timezone": "EST",
        "start": int(start.timestamp()),
        "end": int(end.timestamp()),
        "gmtoffset": -18000,
    }
