"""A provider of bars, as small as the store's refresh needs it.

Contract: `fetch` is asked for `start <= open < stop` and answers with bars of that range only, in
order. Vendor exceptions are translated in the adapter: TransientDataError for what may pass,
RateLimitedError for a limit that is used up, VendorRefusedError for a key, plan or symbol that is
refused, NoDataError for what does not exist, UnsoundDataError for an answer that is not what was asked.
The last bar may still be incomplete: the caller drops it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.time import Timeframe


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedBars:
    """What a provider delivered, and the `source` that its rows carry in the store."""

    series: BarSeries
    source: str


class BarProvider(Protocol):
    """One place that bars come from."""

    @property
    def name(self) -> str:
        """The provider's name in `config/market_data.yaml`."""
        ...

    def supports(self, symbol: str, timeframe: Timeframe) -> bool:
        """Return whether this provider has the series at all."""
        ...

    def calls(self, symbol: str, timeframe: Timeframe, start: datetime, stop: datetime) -> int:
        """Return how many requests `fetch` would send; 0: it sends none (files, invented bars)."""
        ...

    def fetch(
        self, symbol: str, timeframe: Timeframe, start: datetime, stop: datetime
    ) -> FetchedBars:
        """Return the bars with `start <= open < stop`; one source, at least one bar.

        Raises a DataError (see the module).
        """
        ...
