"""Where the sentiment of the past comes from."""

from datetime import datetime
from typing import Protocol

from ztrade_core.domain.sentiment import SentimentSeries


class SentimentHistory(Protocol):
    """What was known of symbols' sentiment, and when."""

    def series(self, symbol: str, start: datetime, stop: datetime) -> SentimentSeries | None:
        """Return the readings known within `start <= t < stop`, and the last one known before.

        None when there is none of the symbol at all. Raises UnsoundDataError for readings that no
        run may see, naming the source and each bad row.
        """
        ...
