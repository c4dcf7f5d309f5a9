"""A history of sentiment that knows one series, whole, of one symbol."""

from typing_extensions import override

from ztrade_core.domain.bars import IntArray
from ztrade_core.domain.sentiment import SentimentCoverage, SentimentSeries
from ztrade_core.ports.sentiment import SentimentHistory


class OneSentiment(SentimentHistory):
    """Tells what it was given, whatever the moments."""

    def __init__(self, symbol: str, known: SentimentSeries) -> None:
        self._symbol = symbol
        self._known = known

    @override
    def series(self, symbol: str, moments: IntArray) -> SentimentSeries | None:
        return self._known if symbol == self._symbol else None

    @override
    def coverage(self, symbol: str, moments: IntArray) -> SentimentCoverage:
        stories = len(self._known) if symbol == self._symbol else 0
        return SentimentCoverage(scorer=self._known.scorer, stories=stories, unscored=0)
