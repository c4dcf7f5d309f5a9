"""Backfills on a store in memory: a clock that sleeping moves on, vendors that follow a script."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.fakes.asked import MemoryAskedRanges
from tests.fakes.bar_store import MemoryBarStore
from tests.fakes.bar_vendor import BarVendor
from ztrade_core.clocks.sessions import ExchangeSessions
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.domain.time import Timeframe
from ztrade_core.market_data.backfill import Backfill
from ztrade_core.market_data.backfill_plan import BackfillPlan, BackfillTools, Planner
from ztrade_core.market_data.backfill_report import SeriesReport
from ztrade_core.market_data.chain import Chain, SeriesWindow
from ztrade_core.wires.limits import DAY, MINUTE, Limit

CALENDAR = ExchangeSessions()
NOW = datetime(2022, 12, 10, 15, 2, tzinfo=UTC)  # a Saturday
WINDOW = SeriesWindow(
    symbol="TSLA",
    timeframe=Timeframe.M5,
    start=datetime(2022, 10, 12, 4, tzinfo=UTC),
    stop=datetime(2022, 12, 11, 5, tzinfo=UTC),
)


class Bench:
    """A store, a clock that sleeping moves on, and launches of backfills over them."""

    def __init__(self, *vendors: BarVendor, used: int = 0) -> None:
        self.store, self.asked = MemoryBarStore(), MemoryAskedRanges()
        self.clock = SimulatedClock(NOW)
        self.slept: list[float] = []
        self.sent = {each.name: 0 for each in vendors}
        self.used = used
        self.chain = Chain(vendors, lacking={"keyless": "no key: it needs SOME_KEY"})
        for each in vendors:
            each.on_asked = lambda name=each.name: self._count(name)

    def _count(self, name: str) -> None:
        self.sent[name] += 1

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.clock.advance_to(self.clock.now() + timedelta(seconds=seconds))

    @property
    def tools(self) -> BackfillTools:
        return BackfillTools(
            store=self.store,
            asked=self.asked,
            calendar=CALENDAR,
            clock=self.clock,
            sleep=self._sleep,
            used=lambda _: [
                (Limit(requests=200, within=MINUTE), 7),
                (Limit(requests=2, within=DAY), self.used),
            ],
            sent=self.sent,
        )

    def plan(self, *windows: SeriesWindow, again: bool = False) -> BackfillPlan:
        chains = {AssetClass.STOCK: self.chain, AssetClass.CRYPTO: self.chain}
        return Planner(self.tools, chains, again=again).plan(windows or [WINDOW])

    def run(self, *windows: SeriesWindow, again: bool = False) -> list[SeriesReport]:
        chains = {AssetClass.STOCK: self.chain, AssetClass.CRYPTO: self.chain}
        return Backfill(self.tools, chains, again=again).run(windows or [WINDOW])


def expected(window: SeriesWindow = WINDOW) -> list[datetime]:
    return CALENDAR.expected_bars(AssetClass.STOCK, window.timeframe, window.start, window.stop)


def vendor(name: str = "first", **more: Any) -> BarVendor:
    return BarVendor(name, CALENDAR, **more)
