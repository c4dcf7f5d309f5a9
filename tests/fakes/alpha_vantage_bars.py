"""Alpha Vantage's `/query`: a month or all days of an invented stock, as its answers look.

Every weekday is traded, holidays too, and intraday from 04:00 to 20:00 whatever was asked for: what an
adapter must cut. Newest first, texts for numbers, New York's times without a zone.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.fakes.vendor_server import Answer, Asked, json_answer

COMPACT = 100


@dataclass
class AlphaVantageVendor:
    """The fake; `first` and `last` bound its days, `facts` replace parts of its description."""

    first: date = date(2022, 1, 3)
    last: date = date(2022, 11, 25)
    facts: dict[str, str] = field(default_factory=dict)
    without: tuple[str, ...] = ()

    def __call__(self, asked: Asked) -> Answer:
        query = asked.query
        assert asked.path == "/query"
        assert query["datatype"] == "json"
        if query["function"] == "TIME_SERIES_DAILY":
            stamps = [f"{day}" for day in self._days("")]
            return self._told(query, "Daily", stamps)
        assert query["function"] == "TIME_SERIES_INTRADAY"
        assert (query["adjusted"], query["extended_hours"]) == ("false", "false")
        step = timedelta(minutes=int(query["interval"].removesuffix("min")))
        stamps = [f"{each}" for day in self._days(query["month"]) for each in _times(day, step)]
        return self._told(query, query["interval"], stamps)

    def _days(self, month: str) -> Iterator[date]:
        day = self.first
        while day <= self.last:
            if day.weekday() < 5 and f"{day}".startswith(month):
                yield day
            day += timedelta(days=1)

    def _told(self, query: Any, name: str, stamps: list[str]) -> Answer:
        stamps = [each for each in stamps if each not in self.without]
        if query["outputsize"] == "compact":
            stamps = stamps[-COMPACT:]
        facts = {
            "Information": f"{name} prices",
            "Symbol": query["symbol"],
            "Last Refreshed": stamps[-1] if stamps else "",
            **({} if name == "Daily" else {"Interval": name}),
            "Output Size": "Compact" if query["outputsize"] == "compact" else "Full size",
            "Time Zone": "US/Eastern",
            **self.facts,
        }
        return json_answer(
            {
                "Meta Data": {
                    f"{n}. {key}": text for n, (key, text) in enumerate(facts.items(), 1)
                },
                f"Time Series ({name})": {each: bar_of(each) for each in reversed(stamps)},
            }
        )


def bar_of(stamp: str) -> dict[str, str]:
    """Return the bar of a stamp of New York: its prices follow from the minute."""
    number = int(datetime.fromisoformat(stamp).replace(tzinfo=UTC).timestamp()) // 60 % 1000
    price = 100.0 + number / 100
    values = (price, price + 0.5, price - 0.5, price + 0.25)
    names = ("1. open", "2. high", "3. low", "4. close")
    return {
        **{name: f"{value:.4f}" for name, value in zip(names, values, strict=True)},
        "5. volume": str(1000 + number),
    }


def _times(day: date, step: timedelta) -> Iterator[datetime]:
    moment = datetime(day.year, day.month, day.day, 4)  # noqa: DTZ001 - New York's, as it tells it
    while moment.hour < 20:
        yield moment
        moment += step
