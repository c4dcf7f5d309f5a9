"""Providers of bars and of quotes, as small as what asks them needs it.

Contract: `fetch` is asked for `start <= open < stop` and answers with bars of that range only, in
order. Vendor exceptions are translated in the adapter: TransientDataError for what may pass,
RateLimitedError for a limit that is used up, VendorRefusedError for a key, plan or symbol that is
refused, NoDataError for what does not exist, UnsoundDataError for an answer that is not what was asked.
The last bar may still be incomplete: the caller drops it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.brokerage import Quote
from ztrade_core.domain.splits import Split
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


class SplitProvider(Protocol):
    """One place that tells stock splits."""

    @property
    def name(self) -> str:
        """The provider's name in `config/market_data.yaml`."""
        ...

    def splits(self, symbol: str, since: date, until: date) -> Sequence[Split]:
        """Return a stock's splits with `since <= ex_date <= until`, oldest first; empty: none.

        Raises a DataError (see the module).
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedQuote:
    """A quote with the sizes that are offered (shares, coins), and where it came from.

    It carries its own time: whoever uses it judges its age.
    """

    quote: Quote
    bid_size: Decimal
    ask_size: Decimal
    source: str


class QuoteProvider(Protocol):
    """One place that latest quotes come from."""

    @property
    def name(self) -> str:
        """The provider's name in `config/market_data.yaml`."""
        ...

    def supports(self, symbol: str) -> bool:
        """Return whether this provider quotes the symbol at all."""
        ...

    def latest(self, symbols: Sequence[str]) -> Mapping[str, FetchedQuote]:
        """Return the latest quotes; a symbol without one is not in it.

        Raises a DataError (see the module).
        """
        ...
