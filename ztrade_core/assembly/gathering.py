"""Who gathers news for a run: the configured sources, the store, and when backfilled stories are known."""

from datetime import datetime, timedelta
from typing import Protocol

from ztrade_core.assembly.news import NewsVendors
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.news.gathering import Gathering
from ztrade_core.ports.clock import Clock
from ztrade_core.ports.news import NewsStore
from ztrade_core.settings.load import Settings
from ztrade_core.wires.pacing import Meter


class NewsHouse(Protocol):
    """What gathering needs of a workshop."""

    @property
    def settings(self) -> Settings:
        """Which sources, and their keys."""
        ...

    @property
    def clock(self) -> Clock:
        """The world's time."""
        ...

    @property
    def meter(self) -> Meter:
        """What counts the requests."""
        ...

    @property
    def news(self) -> NewsStore:
        """Where stories are kept."""
        ...


def gathering_of(
    house: NewsHouse, asset_class: AssetClass, fetched_at: datetime, *, live: bool
) -> Gathering:
    """Return the gathering of a run of this moment: `live` with little patience, or a backfill's."""
    vendors = NewsVendors(settings=house.settings, clock=house.clock, meter=house.meter)
    sources = (vendors.live() if live else vendors.backfill())[asset_class]
    return Gathering(
        sources.providers,
        house.news,
        fetched_at=fetched_at,
        backfill_delay=backfill_delay(house.settings),
        passed_over=sources.notes,
    )


def backfill_delay(settings: Settings) -> timedelta:
    """Return how long after it was published a backfilled story counts as known."""
    return timedelta(minutes=settings.company.sentiment.news.backfill_delay_minutes)
