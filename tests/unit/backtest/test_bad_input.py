"""Whatever is wrong with a request or with stored bars: one clear line, before anything is run or kept."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from typing_extensions import override

from tests.fakes.bar_store import MemoryBarStore
from tests.fakes.desk import calendar
from tests.fakes.kernels import kernel_folder
from tests.unit.risk.builders import company
from tests.unit.studies.canary_cases import REVERTING, bars
from ztrade_core.backtest.decided_by import RunOptions
from ztrade_core.backtest.gaps import gaps_between
from ztrade_core.backtest.runs import BacktestResult, Bench, run_and_store
from ztrade_core.backtest.tear_sheet_content import Archive, sheet_of
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.decision_makers.strategy import StrategyMaker
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.time import Timeframe, from_micros, to_micros
from ztrade_core.errors import ConfigError, InputError, NoDataError, UnsoundDataError
from ztrade_core.store.backtests import SqlBacktestStore
from ztrade_core.store.bars import SqlBarStore
from ztrade_core.store.engine import make_engine

NOW = datetime(2023, 1, 5, 12, 0, tzinfo=UTC)
AGENT = REVERTING.agent_id
SERIES = bars()
WHOLE = ("2022-12-12", "2022-12-16")
BAD_BAR = 40


class HandedStore(MemoryBarStore):
    """A store that hands out one series as it is, sound or not."""

    def __init__(self, series: BarSeries) -> None:
        super().__init__()
        self._series = series

    @override
    def read(
        self,
        symbol: str,
        timeframe: Timeframe,
        *,
        start: datetime | None = None,
        stop: datetime | None = None,
        last: int | None = None,
    ) -> BarSeries:
        stamps = self._series.timestamps
        low = 0 if start is None else int(np.searchsorted(stamps, to_micros(start)))
        high = len(stamps) if stop is None else int(np.searchsorted(stamps, to_micros(stop)))
        return self._series.window(low if last is None else max(low, high - last), high)


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A bench over a database, and its store of backtests."""

    bench: Bench

    def over(self, series: BarSeries, **more: Any) -> Bench:
        return replace(self.bench, bars=HandedStore(series), **more)


@pytest.fixture
def desk(sqlite_url: str) -> Iterator[Desk]:
    engine = make_engine(sqlite_url)
    store = MemoryBarStore()
    store.upsert([SERIES], source="test", ingested_at=NOW)
    yield Desk(
        bench=Bench(
            company=company(REVERTING),
            bars=store,
            backtests=SqlBacktestStore(engine),
            calendar=calendar(),
            clock=SimulatedClock(NOW),
            maker_of=lambda _: StrategyMaker(),
            kernel_folder=kernel_folder(),
        )
    )
    engine.dispose()


def run(bench: Bench, start: str, end: str, **more: Any) -> BacktestResult:
    return run_and_store(bench, AGENT, start, end, options=RunOptions(**more))


@pytest.mark.parametrize(
    ("start", "end", "kind", "said"),
    [
        ("2022-12-16", "2022-12-12", InputError, "start 2022-12-16 is not before end 2022-12-12"),
        ("12/16/2022", "2022-12-16", InputError, "start '12/16/2022': write a day"),
        ("2022-12-12", "2022-13-01", InputError, "end '2022-13-01': write a day"),
        ("2022-12-12", "", InputError, "end '': write a day"),
        ("2023-01-09", "2023-01-10", InputError, "start 2023-01-09 lies in the future: it is 2023"),
        ("2024-01-09", "2024-01-10", InputError, "lies in the future"),
        (
            "2022-11-14",
            "2022-11-15",
            NoDataError,
            "the store has 2022-12-12T14:30:00Z to 2022-12-16",
        ),
        ("1999-01-04", "1999-01-05", InputError, "outside the XNYS calendar"),
        ("2022-12-17", "2022-12-18", NoDataError, "no bars of TSLA 5m from 2022-12-17"),
    ],
)
def test_a_range_that_cannot_be_run_is_one_clear_line(
    desk: Desk, start: str, end: str, kind: type[Exception], said: str
) -> None:
    with pytest.raises(kind) as refused:
        run(desk.bench, start, end)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
    assert desk.bench.backtests.runs() == []


def test_no_capital_is_refused(desk: Desk) -> None:
    poor = replace(REVERTING, allocated_usd=0.0)
    with pytest.raises(ConfigError, match=r"agent_tsla: allocated_usd: must be above 0"):
        run(replace(desk.bench, company=company(poor)), *WHOLE)


def unsound(**changes: float) -> BarSeries:
    """The series with values of one bar changed."""
    columns: dict[str, Any] = {}
    for name, value in changes.items():
        columns[name] = getattr(SERIES, name).copy()
        columns[name][BAD_BAR] = value
    return replace(SERIES, **columns)


UNSOUND: Mapping[str, tuple[dict[str, float], str]] = {
    "nan": ({"closes": np.nan}, "a price is not a finite number"),
    "inf": ({"highs": np.inf}, "a price is not a finite number"),
    "zero": ({"lows": 0.0}, "a price is not above 0"),
    "negative": ({"opens": -1.0}, "a price is not above 0"),
    "high below low": ({"highs": 1.0}, "the high is below open or close"),
    "low above close": ({"lows": 1e6}, "the low is above open or close"),
    "negative volume": ({"volumes": -1.0}, "the volume is negative"),
    "volume nan": ({"volumes": np.nan}, "the volume is not a finite number"),
}


@pytest.mark.parametrize("case", sorted(UNSOUND))
def test_a_run_over_an_unsound_bar_is_refused_and_names_it(desk: Desk, case: str) -> None:
    changes, said = UNSOUND[case]
    with pytest.raises(UnsoundDataError) as refused:
        run(desk.over(unsound(**changes)), *WHOLE)
    assert str(refused.value) == f"the store's bars: TSLA 5m 2022-12-12T17:50:00Z: {said}"
    assert desk.bench.backtests.runs() == []


@pytest.mark.parametrize("case", sorted(UNSOUND))
def test_the_store_takes_no_unsound_bar(sqlite_url: str, case: str) -> None:
    engine = make_engine(sqlite_url)
    store = SqlBarStore(engine)
    with pytest.raises(UnsoundDataError, match=r"TSLA 5m: bar 40 \(2022-12-12T17:50:00Z\)"):
        store.upsert([unsound(**UNSOUND[case][0])], source="test", ingested_at=NOW)
    assert store.status() == []
    engine.dispose()


@pytest.mark.parametrize(
    ("place", "said"),
    [
        (BAD_BAR - 1, "duplicates the bar before it"),
        (BAD_BAR - 9, "is earlier than the bar before"),
    ],
)
def test_bars_out_of_order_or_twice_are_refused_by_run_and_store(
    desk: Desk, sqlite_url: str, place: int, said: str
) -> None:
    stamps = SERIES.timestamps.copy()
    stamps[BAD_BAR] = stamps[place]
    series = replace(SERIES, timestamps=stamps)
    with pytest.raises(UnsoundDataError, match=said):
        run(desk.over(series), *WHOLE)
    engine = make_engine(sqlite_url)
    with pytest.raises(UnsoundDataError, match="does not come after the bar before it"):
        SqlBarStore(engine).upsert([series], source="test", ingested_at=NOW)
    engine.dispose()


def test_a_bar_that_warms_up_must_be_sound_too(desk: Desk) -> None:
    begins = from_micros(int(SERIES.timestamps[BAD_BAR + 2])).isoformat()
    with pytest.raises(UnsoundDataError, match="2022-12-12T17:50:00Z: a price is not a finite"):
        run(desk.over(unsound(closes=np.nan)), begins, "2022-12-16")


def holed() -> BarSeries:
    """Bars 100 to 139 and bar 150 are not there."""
    kept = np.ones(len(SERIES), dtype=np.bool_)
    kept[100:140] = kept[150] = False
    names = ("timestamps", "opens", "highs", "lows", "closes", "volumes")
    return replace(SERIES, **{name: getattr(SERIES, name)[kept] for name in names})


def test_a_run_over_a_gap_says_so_in_its_warnings(desk: Desk) -> None:
    bench = desk.over(holed())
    result = run(bench, *WHOLE)
    assert result.run.metrics["missing_bars"] == 41
    archive = Archive(
        company=bench.company,
        bars=bench.bars,
        backtests=bench.backtests,
        calendar=bench.calendar,
    )
    warnings = sheet_of(archive, result.run, result.trades, result.equity).warnings
    first, last = SERIES.timestamps[100], SERIES.timestamps[139]
    assert (
        "41 bars that the calendar expects are missing; the longest gap has 40, from"
        f" {iso(first)} to {iso(last)}"
    ) in warnings


def iso(stamp: int) -> str:
    return from_micros(int(stamp)).isoformat().replace("+00:00", "Z")


def test_a_strict_run_refuses_a_gap_and_keeps_nothing(desk: Desk) -> None:
    with pytest.raises(NoDataError) as refused:
        run(desk.over(holed()), *WHOLE, strict=True)
    assert str(refused.value).startswith(
        "41 bars of TSLA 5m that the calendar expects are missing; the longest gap has 40, from"
        " 2022-12-13T16:20:00Z to 2022-12-13T19:35:00Z: load them"
    )
    assert desk.bench.backtests.runs() == []


def test_a_strict_run_over_every_bar_is_an_ordinary_one(desk: Desk) -> None:
    assert run(desk.bench, *WHOLE, strict=True) == run(desk.bench, *WHOLE)


def test_fewer_bars_than_the_look_back_are_held_and_the_run_says_so(desk: Desk) -> None:
    begins = from_micros(int(SERIES.timestamps[0]))
    result = run(desk.bench, begins.isoformat(), from_micros(int(SERIES.timestamps[4])).isoformat())
    assert len(result.equity) == 4  # the mean looks back five
    assert (result.run.metrics["fills"], result.trades) == (0, [])
    archive = Archive(
        company=desk.bench.company,
        bars=desk.bench.bars,
        backtests=desk.bench.backtests,
        calendar=desk.bench.calendar,
    )
    warnings = sheet_of(archive, result.run, result.trades, result.equity).warnings
    assert (
        "every bar was held for want of bars before it: begin later, or load earlier bars"
        in warnings
    )


def test_of_two_gaps_as_long_the_first_is_named_and_edges_count() -> None:
    expected = np.arange(10, dtype=np.int64) * 60_000_000
    found = gaps_between(expected, expected[[2, 3, 6, 7]])
    assert (found["missing_bars"], found["longest_gap_bars"]) == (6, 2)
    assert [to_micros(each) // 60_000_000 for each in found["longest_gap"]] == [0, 1]
    assert gaps_between(expected, expected)["longest_gap"] == []
    assert gaps_between(expected, expected[:0])["longest_gap_bars"] == 10
