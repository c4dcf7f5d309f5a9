"""Backtests over splits: the whole series in the shares of the range's last day, and it is said."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from tests.fakes.bar_store import MemoryBarStore
from tests.fakes.desk import calendar
from tests.fakes.desk_makers import ScriptedMaker, proposal
from tests.fakes.quality import calendar as years
from tests.fakes.quality import scaled
from tests.fakes.real_bars import real_bars
from tests.fakes.split_store import MemorySplitStore
from tests.unit.backtest.builders import STOCK, bars_of, script_of, wide_open
from ztrade_core.backtest.runs import Bench, load_bars, run_once
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.splits import Split
from ztrade_core.domain.time import Timeframe, parse_instant
from ztrade_core.market_data.files import read_bar_file
from ztrade_core.market_data.splits import SplitAwareBars
from ztrade_core.store.backtests import SqlBacktestStore
from ztrade_core.store.engine import make_engine

NOW = datetime(2023, 1, 5, 12, 0, tzinfo=UTC)
DAYS = [datetime(2022, 12, day, 14, 30, tzinfo=UTC) for day in (27, 28, 29)]
OPENED = [day + timedelta(minutes=5 * number) for day in DAYS for number in range(6)]
SMOOTH = bars_of([(100.0, 102.0, 99.0, 100.0 + n / 16) for n in range(18)], opened=OPENED)
TRADED = scaled(SMOOTH, slice(0, 6), 2.0, 0.5)  # 2:1 on the 28th
KNOWN = Split(symbol="TSLA", ex_date=date(2022, 12, 28), ratio=2.0, source="test")
RAW = "alpha_vantage:raw"


def bench(url: str, bars: BarSeries, *splits: Split, source: str = RAW) -> Bench:
    store = MemoryBarStore()
    store.upsert([bars], source=source, ingested_at=NOW)
    answers = {7: proposal("buy", quantity=10.0), 12: proposal("sell")}
    script = script_of(SMOOTH, answers, STOCK.agent_id)
    return Bench(
        company=wide_open(),
        bars=store,
        backtests=SqlBacktestStore(make_engine(url)),
        calendar=calendar(),
        clock=SimulatedClock(NOW),
        maker_of=lambda _: ScriptedMaker(script),
        splits=MemorySplitStore(splits),
    )


def loaded(made: Bench, start: str, end: str) -> tuple[BarSeries, int, str]:
    return load_bars(made, STOCK, parse_instant(start), parse_instant(end), 6)


def test_a_run_over_a_split_is_that_over_the_series_without_one(sqlite_url: str) -> None:
    asked = ("2022-12-27", "2022-12-29")
    over = run_once(bench(sqlite_url, TRADED, KNOWN), STOCK, asked)
    smooth = run_once(bench(sqlite_url, SMOOTH), STOCK, asked)
    assert over.trades == smooth.trades
    assert len(over.trades) == 2
    assert over.equity == smooth.equity
    assert over.run.metrics == smooth.run.metrics
    assert over.run.config["data"]["source"] == "alpha_vantage:raw+splits"
    assert smooth.run.config["data"]["source"] == "alpha_vantage:raw"


def test_warm_up_of_before_the_split_is_in_the_same_shares(sqlite_url: str) -> None:
    series, first, source = loaded(
        bench(sqlite_url, TRADED, KNOWN), "2022-12-28T05:00:00Z", "2022-12-30T05:00:00Z"
    )
    assert (first, source) == (6, "alpha_vantage:raw+splits")
    assert series.closes.tobytes() == SMOOTH.closes.tobytes()


def test_a_range_that_ends_before_the_split_knows_nothing_of_it(sqlite_url: str) -> None:
    """It ends with midnight of the ex-date: the day before is its last one."""
    series, _, source = loaded(
        bench(sqlite_url, TRADED, KNOWN), "2022-12-27T05:00:00Z", "2022-12-28T05:00:00Z"
    )
    assert source == "alpha_vantage:raw"
    assert series.closes.tobytes() == TRADED.closes[:6].tobytes()


def test_an_adjusted_series_that_came_later_is_not_adjusted_again(sqlite_url: str) -> None:
    made = bench(sqlite_url, SMOOTH, KNOWN, source="alpaca:iex:split")
    series, _, source = loaded(made, "2022-12-27T05:00:00Z", "2022-12-30T05:00:00Z")
    assert source == "alpaca:iex:split"
    assert series.closes.tobytes() == SMOOTH.closes.tobytes()


def test_teslas_real_bars_as_traded_are_read_as_the_adjusted_file_has_them() -> None:
    """The file has Tesla's 3:1 of 2022-08-25 taken out; here it is put back, and taken out on reading."""
    path = real_bars("TSLA_5m_2022.csv")
    [adjusted] = read_bar_file(path, years(), datetime(2026, 6, 1, tzinfo=UTC)).series
    row = int(adjusted.timestamps.searchsorted(int(DAY.timestamp() * 1e6)))
    traded, store = scaled(adjusted, slice(0, row), 3.0, 1.0 / 3.0), MemoryBarStore()
    store.upsert([traded], source=RAW, ingested_at=NOW)
    splits = MemorySplitStore([Split(symbol="TSLA", ex_date=DAY.date(), ratio=3.0, source="test")])
    found = SplitAwareBars(store, splits).read("TSLA", Timeframe.M5)
    after, before = found.as_of(DAY), found.as_of(DAY - timedelta(days=1))
    for name in ("opens", "highs", "lows", "closes", "volumes"):
        np.testing.assert_allclose(getattr(after, name), getattr(adjusted, name), rtol=1e-15)
    assert before is found.stored
    night = np.log(adjusted.opens[row] / adjusted.closes[row - 1])
    assert np.log(after.opens[row] / after.closes[row - 1]) == pytest.approx(night, abs=1e-12)
    assert abs(night) < 0.05


DAY = datetime(2022, 8, 25, 4, tzinfo=UTC)  # midnight in New York
