"""A live refresh over a chain: bounded in time and in reach, one adjustment, everything named."""

from datetime import UTC, datetime, timedelta

from tests.fakes.backfill_bench import CALENDAR, vendor
from tests.fakes.bar_store import MemoryBarStore
from tests.fakes.bar_vendor import BarVendor
from tests.fakes.vendor_faults import Unpaced
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.domain.time import Timeframe
from ztrade_core.errors import TransientDataError
from ztrade_core.market_data.chain import Chain
from ztrade_core.market_data.market import REACH, StoreMarket
from ztrade_core.ports.market import RefreshReport
from ztrade_core.wires.pacing import Meter, TimeBudget
from ztrade_core.wires.watched_pace import WatchedPace

NOW = datetime(2022, 12, 9, 15, 2, tzinfo=UTC)


class House:
    """A market over a chain whose vendors take their time."""

    def __init__(self, *vendors: BarVendor, lasts: timedelta = timedelta(0)) -> None:
        self.clock = SimulatedClock(NOW)
        self.store, self.meter = MemoryBarStore(), Meter()
        budget = TimeBudget(self.clock, timedelta(seconds=30))
        for each in vendors:
            pace = WatchedPace(each.name, Unpaced(), self.meter, budget)
            each.on_asked = lambda pace=pace: self._ask(pace, lasts)
        self.market = StoreMarket(
            self.store,
            CALENDAR,
            clock=self.clock,
            providers={AssetClass.STOCK: Chain(vendors, budget=budget)},
            history_start=datetime(2018, 1, 1, tzinfo=UTC),
        )

    def _ask(self, pace: WatchedPace, lasts: timedelta) -> None:
        pace.take()
        self.clock.advance_to(self.clock.now() + lasts)

    def refresh(self) -> RefreshReport:
        return self.market.refresh("TSLA", Timeframe.M5, self.clock.now())


def test_vendors_that_hang_one_after_the_other_do_not_hold_a_cycle() -> None:
    failing = [vendor(name, script=[TransientDataError("no answer")] * 9) for name in "abc"]
    house = House(*failing, lasts=timedelta(seconds=20))
    began = house.clock.now()
    report = house.refresh()
    assert house.clock.now() - began == timedelta(seconds=40)
    assert report.notes[-2] == "c: not asked: the 30 s of a refresh are used up"
    assert dict(house.meter.sent) == {"a": 1, "b": 1}
    again = house.refresh()
    assert again.notes[0] == "a: no answer"  # the next cycle has its own time


def test_an_empty_series_is_asked_for_within_reach_and_the_rest_is_named() -> None:
    house = House(first := vendor("yahoo"))
    report = house.refresh()
    [(_, _, start, _)] = first.asked
    assert start == NOW - REACH[Timeframe.M5]
    assert "`ztrade data backfill` brings what lies before" in report.notes[0]
    assert report.written > 0


def test_after_a_weekend_no_vendor_is_asked_for_more_than_it_holds() -> None:
    """On Monday before the opening the newest bar is two and a half days old: what is held counts from now."""
    for timeframe, held in ((Timeframe.M5, timedelta(days=60)), (Timeframe.M1, timedelta(days=7))):
        house = House(first := vendor("yahoo"))
        monday = datetime(2023, 1, 9, 14, tzinfo=UTC)
        assert monday > house.clock.now()
        house.clock.advance_to(monday)
        house.market.refresh("TSLA", timeframe, monday)
        [(_, _, start, stop)] = first.asked
        assert monday - held < start < stop < datetime(2023, 1, 6, 21, tzinfo=UTC)


def test_a_series_keeps_its_adjustment_in_a_cycle_too() -> None:
    yahoo = vendor("yahoo", script=[None, TransientDataError("the exchange broke")])
    house = House(yahoo, raw := vendor("alpha_vantage", source="alpha_vantage:raw"))
    house.refresh()
    house.clock.advance_to(NOW + timedelta(minutes=10))
    report = house.refresh()
    assert report.written == 0
    assert report.source == "yahoo:split"
    assert raw.asked == []
    assert report.notes[0] == "yahoo: the exchange broke"
    assert "delivers raw prices, and the stored TSLA has split-adjusted prices" in report.notes[1]


def test_the_second_vendor_serves_and_the_first_is_named() -> None:
    house = House(vendor("alpaca", script=[TransientDataError("HTTP 500")]), vendor("yahoo"))
    report = house.refresh()
    assert report.source == "yahoo:split"
    assert report.notes[0] == "alpaca: HTTP 500"
