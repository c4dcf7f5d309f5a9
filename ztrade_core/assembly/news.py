"""The sources of news by their names in `config/sentiment.yaml`, and what paces them.

All that can serve are asked. One without its key, contact or client is passed over, and `lacking` says
what it lacks. `files` asks nobody: its stories are imported. Limits lie in the data folder, shared by
every process on it; Alpaca's is one for bars and news.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from importlib.util import find_spec
from typing import TYPE_CHECKING

from ztrade_core.assembly.vendors import wait
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.errors import ConfigError
from ztrade_core.ports.clock import Clock
from ztrade_core.ports.news import NewsProvider
from ztrade_core.settings.load import Settings
from ztrade_core.wires.pacing import Meter, TimeBudget

if TYPE_CHECKING:
    from ztrade_core.wires.limits import Limit, SharedPace
    from ztrade_core.wires.pace import Pace

REFRESH_BUDGET = timedelta(seconds=60)

_CLIENTS = {
    "alpaca": ("alpaca", "pyrate_limiter"),
    "reddit": ("praw", "pyrate_limiter"),
    "sec": ("pyrate_limiter",),
}
NEWS_VENDORS = tuple(_CLIENTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsSources:
    """Who is asked about a symbol, and by name why others, though configured, are not."""

    providers: tuple[NewsProvider, ...]
    lacking: Mapping[str, str]

    @property
    def notes(self) -> tuple[str, ...]:
        """What is passed over, each line with the source's name."""
        return tuple(f"{name}: {reason}" for name, reason in self.lacking.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsVendors:
    """Makes sources of news, anew for each run; `meter` counts the requests of all of them."""

    settings: Settings
    clock: Clock
    meter: Meter = field(default_factory=Meter)

    def live(self) -> dict[AssetClass, NewsSources]:
        """Return the sources of a refresh, whose time starts now: little patience, bounded in all."""
        budget = TimeBudget(self.clock, REFRESH_BUDGET)
        budget.begin()
        return {kind: self._sources(kind, budget) for kind in AssetClass}

    def backfill(self) -> dict[AssetClass, NewsSources]:
        """Return the sources of a backfill: patient, unbounded in all."""
        return {kind: self._sources(kind, None) for kind in AssetClass}

    def used(self, vendor: str) -> list[tuple["Limit", int]]:
        """Return a vendor's limits, each with how many requests were taken of it by now."""
        if vendor not in NEWS_VENDORS or find_spec("pyrate_limiter") is None:
            return []
        return self._shared(vendor, is_live=True).used()

    def _sources(self, kind: AssetClass, budget: TimeBudget | None) -> NewsSources:
        config = self.settings.company.sentiment.news
        names = config.stock_sources if kind is AssetClass.STOCK else config.crypto_sources
        asked = [name for name in names if name != "files"]
        lacking = {name: reason for name in asked if (reason := self._lacks(name))}
        return NewsSources(
            providers=tuple(self._provider(name, budget) for name in asked if name not in lacking),
            lacking=lacking,
        )

    def _lacks(self, name: str) -> str:
        """Return what stands in a source's way; empty when nothing does."""
        if not all(find_spec(module) is not None for module in _CLIENTS.get(name, ())):
            return "its client is not installed: pip install -c constraints.txt -e '.[alpaca,news]'"
        lacks = {
            "alpaca": self.settings.alpaca is None,
            "sec": self.settings.company.sentiment.news.sec_contact is None,
            "reddit": self.settings.vendors.reddit is None,
        }
        needs = {
            "alpaca": "no key: news needs ALPACA_API_KEY and ALPACA_SECRET_KEY",
            "sec": "no contact: the SEC asks for one; write sentiment.yaml: vendors.sec.contact",
            "reddit": "no key: it needs REDDIT_CLIENT_ID, REDDIT_CLIENT_SECRET and"
            " REDDIT_USER_AGENT",
        }
        return needs[name] if lacks.get(name, False) else ""

    def _provider(self, name: str, budget: TimeBudget | None) -> NewsProvider:
        makers: dict[str, Callable[[Pace], NewsProvider]] = {
            "alpaca": self._alpaca,
            "sec": self._sec,
            "reddit": self._reddit,
        }
        if name == "synthetic":
            return self._synthetic()
        if name not in makers:
            raise ConfigError(f"news source {name}: unknown; there are: {', '.join(makers)}")
        from ztrade_core.wires.watched_pace import WatchedPace  # noqa: PLC0415 - loads requests

        pace = WatchedPace(name, self._shared(name, is_live=budget is not None), self.meter, budget)
        return makers[name](pace)

    def _shared(self, vendor: str, *, is_live: bool) -> "SharedPace":
        from ztrade_core.wires import limits  # noqa: PLC0415 - loads requests

        patience = limits.CYCLE_PATIENCE if is_live else limits.BACKFILL_PATIENCE
        return limits.SharedPace(
            vendor, self.settings.data_dir, self.clock, patience=patience, sleep=wait
        )

    def _synthetic(self) -> NewsProvider:
        from ztrade_core.news.synthetic import SyntheticNews  # noqa: PLC0415 - demonstrations only

        return SyntheticNews(self.settings.company.market_data.synthetic_seed)

    def _alpaca(self, pace: "Pace") -> NewsProvider:
        from ztrade_core.news.alpaca import AlpacaNews  # noqa: PLC0415 - who asks it

        access = self.settings.alpaca
        return AlpacaNews(
            url=self.settings.company.sentiment.news.alpaca_url,
            keys=None if access is None else (access.api_key, access.secret_key),
            clock=self.clock,
            pace=pace,
        )

    def _sec(self, pace: "Pace") -> NewsProvider:
        from ztrade_core.news.sec import SecFilings  # noqa: PLC0415 - who asks it

        config = self.settings.company.sentiment.news
        return SecFilings(
            url=config.sec_url,
            data_url=beside(config.sec_url, "www", "data"),
            contact=config.sec_contact,
            clock=self.clock,
            pace=pace,
        )

    def _reddit(self, pace: "Pace") -> NewsProvider:
        from ztrade_core.news.reddit import RedditPosts  # noqa: PLC0415 - who asks it
        from ztrade_core.news.reddit_wire import RedditKeys  # noqa: PLC0415

        config, access = self.settings.company.sentiment.news, self.settings.vendors.reddit
        keys = None
        if access is not None:
            keys = RedditKeys(
                client_id=access.client_id,
                client_secret=access.client_secret,
                user_agent=access.user_agent,
            )
        return RedditPosts(
            urls=(config.reddit_url, beside(config.reddit_url, "oauth", "www")),
            keys=keys,
            subreddits=config.subreddits,
            clock=self.clock,
            pace=pace,
        )


def beside(url: str, ours: str, theirs: str) -> str:
    """Return the address of a vendor's other host: `www.sec.gov` has `data.sec.gov` beside it.

    A mirror, or a server of this machine, has no such second host: it serves both.
    """
    scheme, mark, host = url.partition("://")
    prefix = f"{ours}."
    if not host.startswith(prefix):
        return url
    return f"{scheme}{mark}{theirs}.{host.removeprefix(prefix)}"
