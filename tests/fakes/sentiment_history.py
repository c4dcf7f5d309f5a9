"""A history of sentiment that knows one series, whole, of one symbol."""

from datetime import datetime

from typing_extensions import override

from ztrade_core.domain.sentiment import SentimentSeries
from ztrade_core.ports.sentiment import SentimentHistory


class OneSentiment(SentimentHistory):
    """Tells what it was given, whatever the range."""

    def __init__(self, symbol: str, known: SentimentSeries) -> None:
        self._symbol = symbol
        self._known = known

    @override
    def series(self, symbol: str, start: datetime, stop: datetime) -> SentimentSeries | None:
        return self._known if symbol == self._symbol else None
