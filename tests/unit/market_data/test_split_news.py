"""Splits from vendors into the store: once a day, the first that answers, failures told."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.fakes.backfill_bench import CALENDAR, WINDOW, Bench, vendor
from tests.fakes.bar_store import MemoryBarStore
from tests.fakes.split_store import MemorySplitStore
from tests.fakes.split_vendor import SplitVendor
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.domain.splits import Split
from ztrade_core.domain.time import Timeframe
from ztrade_core.errors import NoDataError, TransientDataError, UnsoundDataError
from ztrade_core.market_data.backfill import Backfill
from ztrade_core.market_data.chain import Chain
from ztrade_core.market_data.market import StoreMarket
from ztrade_core.market_data.split_news import SplitNews

NOW = datetime(2022, 11, 25, 15, 42, tzinfo=UTC)
TSLA = Split(symbol="TSLA", ex_date=date(2022, 8, 25), ratio=3.0, source="first")
COMING = Split(symbol="TSLA", ex_date=date(2022, 11, 28), ratio=2.0, source="first")
DOWN = TransientDataError("the exchange broke")


class House:
    """A store of splits, a clock, and tellers."""

    def __init__(self, *vendors: SplitVendor) -> None:
        self.splits, self.clock = MemorySplitStore(), SimulatedClock(NOW)
        self.news = SplitNews(self.splits, self.splits, lambda: vendors, self.clock)


def test_a_stock_is_asked_for_once_a_new_york_day_and_what_is_new_is_told() -> None:
    house = House(first := SplitVendor("first", [TSLA]))
    assert house.news.bring("TSLA") == ["first: 1 new of TSLA's splits: 2022-08-25 3 for 1"]
    assert house.splits.of("TSLA") == (TSLA,)
    house.clock.advance_to(datetime(2022, 11, 26, 4, 59, tzinfo=UTC))  # 23:59 in New York
    assert house.news.bring("TSLA") == []
    assert len(first.asked) == 1
    house.clock.advance_to(datetime(2022, 11, 26, 5, 0, tzinfo=UTC))
    assert house.news.bring("TSLA") == []
    assert first.asked[1] == ("TSLA", date(2000, 1, 1), date(2022, 11, 26))


def test_what_is_announced_is_not_kept_before_its_day() -> None:
    house = House(SplitVendor("first", [COMING]))
    house.news.bring("TSLA")
    assert house.splits.of("TSLA") == ()
    house.clock.advance_to(NOW + timedelta(days=3))
    assert "2022-11-28" in house.news.bring("TSLA")[0]
    assert house.splits.of("TSLA") == (COMING,)


def test_a_failing_vendor_is_told_and_the_next_one_asked() -> None:
    house = House(SplitVendor("first", script=[DOWN]), second := SplitVendor("second", [TSLA]))
    notes = house.news.bring("TSLA")
    assert notes[0] == "first: splits of TSLA: the exchange broke"
    assert (len(second.asked), house.splits.answers["TSLA"][0]) == (1, "second")


def test_while_everybody_fails_it_is_asked_again() -> None:
    house = House(only := SplitVendor("first", [TSLA], script=[DOWN, DOWN]))
    for _ in range(3):
        house.news.bring("TSLA")
    assert len(only.asked) == 3
    assert house.splits.of("TSLA") == (TSLA,)


def test_a_symbol_that_nobody_knows_is_not_asked_for_again_that_day() -> None:
    house = House(only := SplitVendor("first", script=[NoDataError("has none of this")] * 9))
    assert house.news.bring("TSLA") == ["first: splits of TSLA: has none of this"]
    assert house.news.bring("TSLA") == []
    assert len(only.asked) == 1


def test_another_ratio_than_the_kept_one_is_told_and_not_written() -> None:
    house = House(SplitVendor("first", [replace(TSLA, ratio=5.0)]))
    house.splits.put([replace(TSLA, source="by hand: ada: seen")])
    [note] = house.news.bring("TSLA")
    assert "tells 5 new shares for one, and 3 are kept of by hand: ada: seen" in note
    assert house.splits.of("TSLA")[0].ratio == 3.0


def test_coins_are_not_asked_for_and_nobody_to_ask_is_no_news() -> None:
    house = House(first := SplitVendor("first", [TSLA]))
    assert house.news.bring("BTC/USD") == []
    assert first.asked == []
    assert House().news.bring("TSLA") == []
    assert "`ztrade data splits add`" in House().news.ask("TSLA").notes[0]


def test_a_refresh_asks_before_its_bars_and_only_where_bars_are_due() -> None:
    house = House(first := SplitVendor("first", [TSLA]))
    bars = vendor("alpaca")
    market = StoreMarket(
        MemoryBarStore(),
        CALENDAR,
        clock=house.clock,
        providers={AssetClass.STOCK: Chain([bars])},
        history_start=NOW - timedelta(days=30),
    ).knowing(house.splits, house.news)
    bars.on_asked = lambda: None if first.asked else pytest.fail("bars were asked for first")
    report = market.refresh("TSLA", Timeframe.M5, NOW)
    assert report.notes[0].startswith("first: 1 new of TSLA's splits")
    house.clock.advance_to(NOW + timedelta(days=1))  # Saturday: no bar is due but Friday's last
    market.refresh("TSLA", Timeframe.M5, house.clock.now())
    house.clock.advance_to(NOW + timedelta(days=2))
    market.refresh("TSLA", Timeframe.M5, house.clock.now())
    assert len(first.asked) == 2


def test_a_backfill_asks_once_for_a_stock_and_tells() -> None:
    bench, splits = Bench(vendor()), MemorySplitStore()
    first = SplitVendor("first", [TSLA])
    news = SplitNews(splits, splits, lambda: [first], bench.clock)
    tools = replace(bench.tools, splits=splits, split_news=news)
    chains = {AssetClass.STOCK: bench.chain}
    longer = replace(WINDOW, timeframe=Timeframe.M15)
    reports = Backfill(tools, chains).run([WINDOW, longer])
    assert [len(report.notes) for report in reports] == [1, 0]
    assert reports[0].notes[0].startswith("first: 1 new of TSLA's splits")
    assert len(first.asked) == 1


def test_bars_made_of_stale_shorter_ones_are_in_new_shares() -> None:
    """5-minute bars of before the split make 15-minute ones after it: as the vendor would tell them."""
    bench = Bench(vendor(source="alpaca:iex:split"))
    bench.run()
    day = date(2022, 12, 12)
    splits = MemorySplitStore([Split(symbol="TSLA", ex_date=day, ratio=4.0, source="test")])
    bench.clock.advance_to(datetime(2022, 12, 12, 20, tzinfo=UTC))
    bench.chain = Chain([])
    longer = replace(WINDOW, timeframe=Timeframe.M15)
    tools = replace(bench.tools, splits=splits)
    [report] = Backfill(tools, {AssetClass.STOCK: bench.chain}).run([longer])
    assert report.sources == ("alpaca:iex:resampled-5m:split",)
    short = bench.store.read("TSLA", Timeframe.M5)
    made = bench.store.read("TSLA", Timeframe.M15)
    assert made.opens[0] == short.opens[0] / 4.0
    assert made.volumes[0] == short.volumes[:3].sum() * 4.0


def test_bars_made_of_raw_shorter_ones_stay_as_traded() -> None:
    bench = Bench(vendor("alpha_vantage", source="alpha_vantage:raw"))
    bench.run()
    splits = MemorySplitStore(
        [Split(symbol="TSLA", ex_date=date(2022, 11, 1), ratio=4.0, source="test")]
    )
    bench.chain = Chain([])
    longer = replace(WINDOW, timeframe=Timeframe.M15)
    tools = replace(bench.tools, splits=splits)
    [report] = Backfill(tools, {AssetClass.STOCK: bench.chain}).run([longer])
    assert report.sources == ("alpha_vantage:resampled-5m:raw",)
    short, made = (bench.store.read("TSLA", each) for each in (Timeframe.M5, Timeframe.M15))
    assert made.opens[0] == short.opens[0]


def test_a_ratio_that_is_none_is_no_split() -> None:
    for ratio in (0.0, 1.0, -3.0, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="a split of"):
            replace(TSLA, ratio=ratio)
    with pytest.raises(UnsoundDataError):
        MemorySplitStore([TSLA]).put([replace(TSLA, ratio=2.0)])
