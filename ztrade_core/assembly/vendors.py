"""The providers of bars by their names in `config/market_data.yaml`, and what paces them.

A vendor without a key is in its chain all the same: it is passed over with a note that names the key.
Vendors' limits lie in the data folder, shared by every process on it.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib.util import find_spec
from typing import TYPE_CHECKING

from typing_extensions import override

from ztrade_core.domain.instruments import AssetClass
from ztrade_core.domain.time import Timeframe
from ztrade_core.errors import ConfigError, VendorRefusedError
from ztrade_core.market_data.chain import Chain
from ztrade_core.market_data.split_news import SplitNews
from ztrade_core.market_data.synthetic import SyntheticProvider
from ztrade_core.ports.clock import Calendar, Clock
from ztrade_core.ports.providers import BarProvider, FetchedBars, QuoteProvider, SplitProvider
from ztrade_core.settings.load import Settings
from ztrade_core.wires.pacing import Meter, TimeBudget

if TYPE_CHECKING:
    from ztrade_core.store.splits import SqlSplitStore
    from ztrade_core.wires.limits import Limit, SharedPace
    from ztrade_core.wires.pace import Pace

REFRESH_BUDGET = timedelta(seconds=30)
SPLITS_BUDGET = timedelta(seconds=10)  # before it, once a day
wait: Callable[[float], None] = time.sleep  # noqa: TID251 - waiting for a vendor's limit, in seconds

_CLIENTS = {
    "alpaca": ("alpaca", "pyrate_limiter"),
    "alpha_vantage": ("alpha_vantage", "pyrate_limiter"),
    "coingecko": ("pycoingecko", "pyrate_limiter"),
    "yahoo": ("yfinance", "pyrate_limiter"),
}
VENDORS = tuple(_CLIENTS)
SPLIT_VENDORS = ("alpaca", "alpha_vantage", "yahoo")


class AbsentProvider(BarProvider):
    """Stands in its chain for a vendor whose client is not installed, and offers nothing."""

    def __init__(self, name: str) -> None:
        self._name = name

    @property
    @override
    def name(self) -> str:
        return self._name

    @override
    def supports(self, symbol: str, timeframe: Timeframe) -> bool:
        return False

    @override
    def calls(self, symbol: str, timeframe: Timeframe, start: datetime, stop: datetime) -> int:
        return 0

    @override
    def fetch(
        self, symbol: str, timeframe: Timeframe, start: datetime, stop: datetime
    ) -> FetchedBars:
        raise VendorRefusedError("its client is not installed")


def _is_installed(vendor: str) -> bool:
    return all(find_spec(module) is not None for module in _CLIENTS[vendor])


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendors:
    """Makes chains; `meter` counts the requests of all of them."""

    settings: Settings
    calendar: Calendar
    clock: Clock
    meter: Meter = field(default_factory=Meter)

    def live_chains(self) -> dict[AssetClass, Chain]:
        """Return the configured chains for a running cycle: little patience, bounded in time."""
        budget = TimeBudget(self.clock, REFRESH_BUDGET)
        return {kind: self._chain(names, budget) for kind, names in self._configured().items()}

    def backfill_chains(self, only: str | None = None) -> dict[AssetClass, Chain]:
        """Return the chains of backfills: the configured ones, or of one vendor alone."""
        configured = self._configured()
        return {
            kind: self._chain(names if only is None else (only,), None)
            for kind, names in configured.items()
        }

    def quotes(self) -> QuoteProvider:
        """Return who is asked for latest quotes: Alpaca, at a cycle's pace."""
        if not _is_installed("alpaca"):
            raise VendorRefusedError(f"alpaca: {self._lacking()['alpaca']}")
        from ztrade_core.market_data.vendors.alpaca_quotes import AlpacaQuotes  # noqa: PLC0415
        from ztrade_core.wires.watched_pace import WatchedPace  # noqa: PLC0415 - requests

        config, access = self.settings.company.market_data.vendors, self.settings.alpaca
        return AlpacaQuotes(
            url=config.alpaca_url,
            feed=config.alpaca_feed,
            keys=None if access is None else (access.api_key, access.secret_key),
            clock=self.clock,
            pace=WatchedPace("alpaca", self._shared("alpaca", is_live=True), self.meter, None),
        )

    def split_news(self, store: "SqlSplitStore", *, is_live: bool = True) -> SplitNews:
        """Return what asks the vendors of stocks for splits, in the configured order."""
        budget = TimeBudget(self.clock, SPLITS_BUDGET) if is_live else None

        def providers() -> list[SplitProvider]:
            lacking, names = self._lacking(), self._configured()[AssetClass.STOCK]
            if budget is not None:
                budget.begin()
            return [
                self._splits(name, self._paced(name, budget))
                for name in names
                if name in SPLIT_VENDORS and name not in lacking
            ]

        return SplitNews(store, store, providers, self.clock)

    def used(self, vendor: str) -> list[tuple["Limit", int]]:
        """Return a vendor's limits, each with how many requests were taken of it by now."""
        if vendor not in VENDORS:
            return []
        return self._shared(vendor, is_live=True).used()

    def _configured(self) -> Mapping[AssetClass, Sequence[str]]:
        config = self.settings.company.market_data
        return {
            AssetClass.STOCK: config.stock_providers,
            AssetClass.CRYPTO: config.crypto_providers,
        }

    def _chain(self, names: Sequence[str], budget: TimeBudget | None) -> Chain:
        def make() -> list[BarProvider]:
            return [self._provider(name, budget) for name in names if name != "files"]

        return Chain(make, lacking=self._lacking(), budget=budget)

    def _provider(self, name: str, budget: TimeBudget | None) -> BarProvider:
        if name == "synthetic":
            seed = self.settings.company.market_data.synthetic_seed
            return SyntheticProvider(seed, self.calendar)
        makers = {
            "alpaca": self._alpaca,
            "alpha_vantage": self._alpha_vantage,
            "coingecko": self._coingecko,
            "yahoo": self._yahoo,
        }
        if name not in makers:
            raise ConfigError(f"provider {name}: unknown; there are: {', '.join(makers)}")
        if not _is_installed(name):
            return AbsentProvider(name)
        return makers[name](self._paced(name, budget))

    def _paced(self, name: str, budget: TimeBudget | None) -> "Pace":
        from ztrade_core.wires.watched_pace import WatchedPace  # noqa: PLC0415 - requests

        return WatchedPace(name, self._shared(name, is_live=budget is not None), self.meter, budget)

    def _splits(self, name: str, pace: "Pace") -> SplitProvider:
        from ztrade_core.assembly.split_vendors import split_provider  # noqa: PLC0415 - requests

        return split_provider(name, self.settings, self.clock, pace)

    def _shared(self, vendor: str, *, is_live: bool) -> "SharedPace":
        from ztrade_core.wires import limits  # noqa: PLC0415 - loads requests

        patience = limits.CYCLE_PATIENCE if is_live else limits.BACKFILL_PATIENCE
        return limits.SharedPace(
            vendor, self.settings.data_dir, self.clock, patience=patience, sleep=wait
        )

    def _lacking(self) -> dict[str, str]:
        lacking = {
            name: "its client is not installed: pip install -c constraints.txt -e '.[alpaca,vendors]'"
            for name in VENDORS
            if not _is_installed(name)
        }
        if self.settings.alpaca is None:
            lacking["alpaca"] = "no key: stocks need ALPACA_API_KEY and ALPACA_SECRET_KEY"
        if self.settings.vendors.alpha_vantage is None:
            lacking["alpha_vantage"] = "no key: it needs ALPHAVANTAGE_API_KEY"
        return lacking

    def _alpaca(self, pace: "Pace") -> BarProvider:
        from ztrade_core.market_data.vendors.alpaca import AlpacaBars  # noqa: PLC0415 - who asks it

        config, access = self.settings.company.market_data.vendors, self.settings.alpaca
        return AlpacaBars(
            url=config.alpaca_url,
            feed=config.alpaca_feed,
            keys=None if access is None else (access.api_key, access.secret_key),
            calendar=self.calendar,
            clock=self.clock,
            pace=pace,
        )

    def _alpha_vantage(self, pace: "Pace") -> BarProvider:
        from ztrade_core.market_data.vendors.alpha_vantage import AlphaVantageBars  # noqa: PLC0415

        return AlphaVantageBars(
            url=self.settings.company.market_data.vendors.alpha_vantage_url,
            key=self.settings.vendors.alpha_vantage,
            calendar=self.calendar,
            clock=self.clock,
            pace=pace,
        )

    def _coingecko(self, pace: "Pace") -> BarProvider:
        from ztrade_core.market_data.vendors.coingecko import CoinGeckoBars  # noqa: PLC0415

        return CoinGeckoBars(
            url=self.settings.company.market_data.vendors.coingecko_url,
            key=self.settings.vendors.coingecko,
            calendar=self.calendar,
            clock=self.clock,
            pace=pace,
        )

    def _yahoo(self, pace: "Pace") -> BarProvider:
        from ztrade_core.market_data.vendors.yahoo import YahooBars  # noqa: PLC0415

        return YahooBars(
            url=self.settings.company.market_data.vendors.yahoo_url,
            calendar=self.calendar,
            clock=self.clock,
            pace=pace,
        )
