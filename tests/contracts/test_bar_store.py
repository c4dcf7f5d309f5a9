"""The store of bars, on both databases."""

import csv
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from tests.fakes.store_rows import NOON, minutes, series
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.time import Timeframe, from_micros, parse_instant, to_micros
from ztrade_core.errors import UnsoundDataError
from ztrade_core.ports.bars import SeriesStatus, UpsertReport
from ztrade_core.store.bars import SqlBarStore

COLUMNS = ("timestamps", "opens", "highs", "lows", "closes", "volumes")
REAL_BARS = Path(__file__).parents[3] / "shared" / "data" / "bars"


@pytest.fixture
def bars(engine: Engine) -> SqlBarStore:
    return SqlBarStore(engine)


def put(
    bars: SqlBarStore, *some: BarSeries, source: str = "file", replacing: bool = False
) -> UpsertReport:
    return bars.upsert(some, source=source, ingested_at=NOON, replace=replacing)[0]


def assert_same(found: BarSeries, expected: BarSeries) -> None:
    assert (found.symbol, found.timeframe) == (expected.symbol, expected.timeframe)
    for name in COLUMNS:
        array = getattr(found, name)
        assert array.dtype == getattr(expected, name).dtype
        assert array.tobytes() == getattr(expected, name).tobytes()


def with_close(original: BarSeries, index: int, close: float) -> BarSeries:
    closes = original.closes.copy()
    closes[index] = close
    return replace(original, closes=closes)


def report(**counts: int) -> UpsertReport:
    return UpsertReport(**{"inserted": 0, "updated": 0, "unchanged": 0, "conflicts": 0, **counts})


def test_a_series_comes_back_to_the_last_bit(bars: SqlBarStore) -> None:
    assert put(bars, series(300)) == report(inserted=300)
    assert_same(bars.read("TSLA", Timeframe.M5), series(300))


def test_a_second_import_changes_nothing(bars: SqlBarStore) -> None:
    put(bars, series(10))
    assert put(bars, series(10)) == report(unchanged=10)
    assert put(bars, series(10), source="other file") == report(unchanged=10)
    assert bars.source_at("TSLA", Timeframe.M5, NOON) == "file"


def test_overlapping_imports_fill_gaps_before_between_and_after(bars: SqlBarStore) -> None:
    whole = series(12)
    put(bars, whole.window(2, 4))
    put(bars, whole.window(7, 9))
    assert put(bars, whole) == report(inserted=8, unchanged=4)
    assert_same(bars.read("TSLA", Timeframe.M5), whole)


def test_the_same_source_may_correct_itself(bars: SqlBarStore) -> None:
    put(bars, series(5))
    corrected = with_close(series(5), 3, 101.2)
    assert put(bars, corrected) == report(updated=1, unchanged=4)
    assert_same(bars.read("TSLA", Timeframe.M5), corrected)


def test_another_source_does_not_overwrite_the_first(bars: SqlBarStore) -> None:
    put(bars, series(5))
    volumes = series(6).volumes.copy()
    volumes[2:4] += 1.0
    contested = replace(series(6), volumes=volumes)
    assert put(bars, contested, source="rival") == UpsertReport(
        inserted=1,
        updated=0,
        unchanged=3,
        conflicts=2,
        first_conflict=minutes(10),
        first_conflict_source="file",
    )
    assert_same(bars.read("TSLA", Timeframe.M5), series(6))
    assert bars.source_at("TSLA", Timeframe.M5, minutes(25)) == "rival"


def test_another_source_overwrites_when_asked_to(bars: SqlBarStore) -> None:
    put(bars, series(5))
    other = with_close(series(5), 1, 100.5)
    assert put(bars, other, source="rival", replacing=True) == report(updated=1, unchanged=4)
    assert_same(bars.read("TSLA", Timeframe.M5), other)
    assert bars.source_at("TSLA", Timeframe.M5, minutes(5)) == "rival"
    assert bars.source_at("TSLA", Timeframe.M5, minutes(0)) == "file"


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [("file", "synthetic:7", "real"), ("synthetic:7", "file", "synthetic")],
)
def test_synthetic_and_real_bars_never_share_a_series(
    bars: SqlBarStore, first: str, second: str, kind: str
) -> None:
    put(bars, series(2), source=first)
    later = series(2, first=minutes(60))
    with pytest.raises(UnsoundDataError, match=f"TSLA 5m holds {kind} bars .* delete"):
        put(bars, later, source=second, replacing=True)
    put(bars, series(2, timeframe=Timeframe.H1), source=second)


def test_one_unsound_series_keeps_all_out(bars: SqlBarStore) -> None:
    bad = with_close(series(3, symbol="IWM"), 1, float("nan"))
    with pytest.raises(UnsoundDataError, match=r"IWM 5m: bar 1 \(2022-12-28T12:05:00"):
        put(bars, series(3), bad)
    assert bars.status() == []


@pytest.mark.parametrize(
    ("column", "index", "value", "reason"),
    [
        ("closes", 2, float("inf"), "NaN or an infinity"),
        ("volumes", 0, float("nan"), "NaN or an infinity"),
        ("volumes", 1, -1.0, "negative volume"),
        ("lows", 1, 0.0, "not above zero"),
        ("lows", 1, 100.4, "low <= open"),
        ("highs", 1, 100.4, "low <= open"),
        ("timestamps", 1, to_micros(NOON), "does not come after"),
        ("timestamps", 2, 0, "does not come after"),
    ],
)
def test_an_unsound_bar_is_named(
    bars: SqlBarStore, column: str, index: int, value: float, reason: str
) -> None:
    array = getattr(series(3), column).copy()
    array[index] = value
    with pytest.raises(UnsoundDataError, match=f"bar {index} .*{reason}"):
        put(bars, replace(series(3), **{column: array}))


def test_bars_without_a_source_are_refused(bars: SqlBarStore) -> None:
    with pytest.raises(UnsoundDataError, match="source"):
        put(bars, series(3), source="")


def test_an_empty_series_is_nothing(bars: SqlBarStore) -> None:
    assert put(bars, series(0)) == report()
    assert len(bars.read("TSLA", Timeframe.M5)) == 0
    assert bars.source_at("TSLA", Timeframe.M5, NOON) == ""


def test_a_read_is_bounded_by_start_stop_and_last(bars: SqlBarStore) -> None:
    whole = series(10)
    put(bars, whole, series(10, symbol="IWM"), series(10, timeframe=Timeframe.H1))

    def read(
        start: float | None = None, stop: float | None = None, last: int | None = None
    ) -> BarSeries:
        return bars.read(
            "TSLA",
            Timeframe.M5,
            start=None if start is None else minutes(start),
            stop=None if stop is None else minutes(stop),
            last=last,
        )

    assert_same(read(start=10), whole.window(2, 10))
    assert_same(read(stop=10), whole.window(0, 2))
    assert_same(read(start=5, stop=25), whole.window(1, 5))
    assert_same(read(last=3), whole.window(7, 10))
    assert_same(read(stop=25, last=2), whole.window(3, 5))
    assert_same(read(last=99), whole)
    assert_same(read(last=0), whole.window(0, 0))
    assert_same(read(start=500), whole.window(0, 0))


def test_status_shows_every_series_in_order(bars: SqlBarStore) -> None:
    put(bars, series(3), series(2, timeframe=Timeframe.H1), series(4, symbol="BTC/USD"))
    put(bars, series(5), source="another")
    assert bars.status() == [
        SeriesStatus(
            symbol=symbol,
            timeframe=timeframe,
            rows=rows,
            first_open=NOON,
            last_open=NOON + (rows - 1) * timeframe.duration,
            sources=sources,
        )
        for symbol, timeframe, rows, sources in (
            ("BTC/USD", Timeframe.M5, 4, ("file",)),
            ("TSLA", Timeframe.H1, 2, ("file",)),
            ("TSLA", Timeframe.M5, 5, ("another", "file")),
        )
    ]


@st.composite
def any_series(draw: st.DrawFn) -> BarSeries:
    count = draw(st.integers(1, 12))
    stamps = draw(
        st.lists(
            st.integers(-(10**15), 4 * 10**15), min_size=count, max_size=count, unique=True
        ).map(sorted)
    )
    prices = st.floats(5e-324, 1e300)
    rows = [sorted(draw(st.tuples(prices, prices, prices, prices))) for _ in range(count)]
    volumes = draw(st.lists(st.floats(0, 1e300), min_size=count, max_size=count))
    lows, opens, closes, highs = np.array(rows, dtype=np.float64).T
    return BarSeries(
        symbol=draw(st.sampled_from(["TSLA", "BTC/USD", "Ünï"])),
        timeframe=draw(st.sampled_from(list(Timeframe))),
        timestamps=np.array(stamps, dtype=np.int64),
        opens=opens.copy(),
        highs=highs.copy(),
        lows=lows.copy(),
        closes=closes.copy(),
        volumes=np.array(volumes, dtype=np.float64) + 0.0,
    )


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_any_sound_series_round_trips(kind: str, shared_engines: dict[str, Engine]) -> None:
    bars = SqlBarStore(shared_engines[kind])

    @given(any_series())
    def round_trip(one: BarSeries) -> None:
        put(bars, one, replacing=True)
        first, last = (from_micros(int(one.timestamps[i])) for i in (0, -1))
        found = bars.read(one.symbol, one.timeframe, start=first)
        kept = np.isin(found.timestamps, one.timestamps)
        for name in COLUMNS:
            assert getattr(found, name)[kept].tobytes() == getattr(one, name).tobytes()
        assert put(bars, one) == report(unchanged=len(one))
        assert bars.source_at(one.symbol, one.timeframe, last) == "file"

    round_trip()


def read_csv(path: Path) -> list[BarSeries]:
    columns: dict[tuple[str, str], list[list[float]]] = defaultdict(list)
    with path.open() as file:
        for row in csv.DictReader(file):
            numbers = [float(row[name]) for name in ("open", "high", "low", "close", "volume")]
            stamp = to_micros(parse_instant(row["timestamp"]))
            columns[row["symbol"], row["timeframe"]].append([stamp, *numbers])
    found = []
    for (symbol, timeframe), rows in columns.items():
        stamps, *values = zip(*rows, strict=True)
        opens, highs, lows, closes, volumes = (np.array(value) for value in values)
        found.append(
            BarSeries(
                symbol=symbol,
                timeframe=Timeframe(timeframe),
                timestamps=np.array(stamps, dtype=np.int64),
                opens=opens,
                highs=highs,
                lows=lows,
                closes=closes,
                volumes=volumes,
            )
        )
    return found


@pytest.mark.skipif(not REAL_BARS.exists(), reason="the shared recordings are not beside us")
def test_two_vendors_of_real_bars_meet_in_one_store(bars: SqlBarStore) -> None:
    """AAPL and MSFT come from Yahoo and from Polygon: closes agree, volumes do not."""
    names = ("AAPL_1d_2021_2026.csv", "DOW10_1d_2024-12_2025-07.csv", "MSFT_1d_2021_2026.csv")
    first = {}
    for name in names:
        some = read_csv(REAL_BARS / name)
        reports = bars.upsert(some, source=name, ingested_at=NOON)
        first[name] = {one.symbol: r for one, r in zip(some, reports, strict=True)}
    assert first[names[1]]["AAPL"].conflicts > 0
    assert first[names[1]]["AAPL"].first_conflict_source == names[0]
    assert first[names[2]]["MSFT"].conflicts > 0
    assert first[names[2]]["MSFT"].first_conflict_source == names[1]
    for name in names:
        for again in bars.upsert(read_csv(REAL_BARS / name), source=name, ingested_at=NOON):
            assert (again.inserted, again.updated) == (0, 0)
