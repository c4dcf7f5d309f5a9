"""Files of bars: what is read, and each way of being refused in one clear line."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from tests.fakes.bar_store import MemoryBarStore
from tests.fakes.series import series_equal
from ztrade_core.clocks.sessions import ExchangeSessions
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.domain.time import Timeframe
from ztrade_core.errors import InputError, NoDataError, UnsoundDataError
from ztrade_core.market_data.files import FileProvider, expand_paths, read_bar_file
from ztrade_core.market_data.imports import ImportDesk, import_files

NOW = datetime(2023, 6, 1, tzinfo=UTC)
CALENDAR = ExchangeSessions()
HEADER = "symbol,timeframe,timestamp,open,high,low,close,volume"
ROWS = (
    "TSLA,5m,2022-12-28T14:30:00Z,100.0,101.0,99.0,100.5,1000.0",
    "TSLA,5m,2022-12-28T14:35:00Z,100.5,101.5,100.0,101.0,1100.0",
    "BTC/USD,1h,2022-12-28T14:00:00Z,16000.0,16100.0,15900.0,16050.0,1.25",
    "TSLA,5m,2022-12-28T14:40:00Z,101.0,102.0,100.5,101.5,1200.0",
)


def written(folder: Path, *rows: str, header: str = HEADER, name: str = "bars.csv") -> Path:
    path = folder / name
    path.write_text("\n".join((header, *rows)) + "\n")
    return path


def refusal(path: Path) -> str:
    with pytest.raises(UnsoundDataError) as caught:
        read_bar_file(path, CALENDAR, NOW)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300
    return str(caught.value)


def test_a_file_may_hold_several_series(tmp_path: Path) -> None:
    file = read_bar_file(written(tmp_path, *ROWS), CALENDAR, NOW)
    assert file.source == "file:bars.csv"
    assert [(s.symbol, s.timeframe, len(s)) for s in file.series] == [
        ("BTC/USD", Timeframe.H1, 1),
        ("TSLA", Timeframe.M5, 3),
    ]
    assert file.series[1].closes.tolist() == [100.5, 101.0, 101.5]
    assert file.series[1].last_open == datetime(2022, 12, 28, 14, 40, tzinfo=UTC)


def test_columns_may_come_in_any_order_and_with_a_byte_order_mark(tmp_path: Path) -> None:
    header = ",".join(reversed(HEADER.split(",")))
    rows = [",".join(reversed(row.split(","))) for row in ROWS]
    mixed = read_bar_file(written(tmp_path, *rows, header="\ufeff" + header), CALENDAR, NOW)
    plain = read_bar_file(written(tmp_path, *ROWS, name="plain.csv"), CALENDAR, NOW)
    assert all(series_equal(*pair) for pair in zip(mixed.series, plain.series, strict=True))


def test_an_offset_other_than_z_is_the_same_instant(tmp_path: Path) -> None:
    row = ROWS[0].replace("2022-12-28T14:30:00Z", "2022-12-28T09:30:00-05:00")
    file = read_bar_file(written(tmp_path, row), CALENDAR, NOW)
    assert file.series[0].last_open == datetime(2022, 12, 28, 14, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("2022-12-28T14:35:00Z", "2022-12-28T14:35:00", "is not an ISO 8601 instant"),
        ("2022-12-28T14:35:00Z", "yesterday", "is not an ISO 8601 instant"),
        ("2022-12-28T14:35:00Z", "2022-12-28T14:30:00Z", "duplicates the bar before it"),
        ("2022-12-28T14:35:00Z", "2022-12-28T14:25:00Z", "is earlier than the bar before it"),
        ("2022-12-28T14:35:00Z", "2022-12-28T14:36:00Z", "grid"),
        ("2022-12-28T14:35:00Z", "1999-12-28T14:35:00Z", "is earlier"),
        (",5m,", ",7m,", "unknown timeframe '7m'"),
        ("TSLA", "tsla", "symbol 'tsla'"),
        ("TSLA", "../etc/passwd", "symbol '../etc/passwd'"),
        ("100.5,101.5", "abc,101.5", "open 'abc' is not a number"),
        ("100.5,101.5", "1_00.5,101.5", "open '1_00.5' is not a number"),
        ("100.5,101.5", "nan,101.5", "not a finite number"),
        ("100.5,101.5", "inf,101.5", "not a finite number"),
        ("100.5,101.5", "-1,101.5", "not above 0"),
        ("100.5,101.5", "101.75,101.5", "the high is below"),
        ("100.0,101.0", "100.75,101.0", "the low is above"),
        ("1100.0", "-1", "volume is negative"),
        ("1100.0", "", "volume '' is not a number"),
        (",1100.0", "", "7 cells, the header has 8"),
    ],
)
def test_an_unsound_row_is_named_by_file_line_and_reason(
    tmp_path: Path, old: str, new: str, reason: str
) -> None:
    """The second row of data is spoiled: line 3 of the file."""
    assert old in ROWS[1]
    text = refusal(written(tmp_path, ROWS[0], ROWS[1].replace(old, new), ROWS[3]))
    assert text.startswith("bars.csv: line 3: ")
    assert reason in text


def test_the_first_unsound_line_counts_across_series(tmp_path: Path) -> None:
    bitcoin, tesla = ROWS[2].replace(",1.25", ",-1"), ROWS[3].replace(",1200.0", ",-1")
    text = refusal(written(tmp_path, *ROWS[:2], tesla, bitcoin))
    assert text.startswith("bars.csv: line 4: TSLA 5m 2022-12-28T14:40:00Z: ")


def test_a_bar_that_is_not_complete_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, *ROWS)
    with pytest.raises(UnsoundDataError, match=r"line 4: BTC/USD 1h .* is not complete"):
        read_bar_file(path, CALENDAR, datetime(2022, 12, 28, 14, 59, tzinfo=UTC))


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (HEADER.replace(",volume", ""), "missing columns 'volume'"),
        (HEADER + ",adj_close", "unexpected columns 'adj_close'"),
        (HEADER + ",close", "repeated columns 'close'"),
        ("a;b;c", "missing columns 'symbol'"),
    ],
)
def test_a_wrong_header_names_its_columns(tmp_path: Path, header: str, reason: str) -> None:
    assert reason in refusal(written(tmp_path, *ROWS, header=header))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (HEADER.encode(), "a header and no rows"),
        (b"\xff\xfe\x00garbage", "line 1: not UTF-8 text"),
        ((HEADER + "\n").encode() + b"TSLA,5m,\xff\n", "line 2: not UTF-8 text"),
        (b"x" * 10_000_000, "line 1: longer than 4096 bytes"),
        ((HEADER + "\n" + '"TSLA' + "\n" * 10).encode(), "not CSV"),
        (b"\x00" * 100, "missing columns"),
    ],
)
def test_garbage_is_refused_in_one_line(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "bars.csv"
    path.write_bytes(content)
    assert reason in refusal(path)


def test_paths_that_are_no_files_of_bars(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    for path, reason in (
        (tmp_path, "is a directory"),
        (tmp_path / "none.csv", "does not exist"),
        (tmp_path / "notes.txt", "neither .csv nor .parquet"),
    ):
        with pytest.raises(InputError, match=reason):
            read_bar_file(path, CALENDAR, NOW)


def as_parquet(path: Path, **changes: pa.Array) -> Path:
    """Write three bars as Parquet, some columns replaced (None leaves one out)."""
    stamps = [datetime(2022, 12, 28, 14, 30 + 5 * n, tzinfo=UTC) for n in range(3)]
    columns = {
        "symbol": pa.array(["TSLA"] * 3),
        "timeframe": pa.array(["5m"] * 3),
        "timestamp": pa.array(stamps, pa.timestamp("us", tz="UTC")),
        "open": pa.array([100.0, 100.5, 101.0]),
        "high": pa.array([101.0, 101.5, 102.0]),
        "low": pa.array([99.0, 100.0, 100.5]),
        "close": pa.array([100.5, 101.0, 101.5]),
        "volume": pa.array([1000, 1100, 1200]),
    }
    columns |= changes
    kept = {name: column for name, column in columns.items() if column is not None}
    parquet.write_table(pa.table(kept), path)
    return path


def test_parquet_is_read_like_csv(tmp_path: Path) -> None:
    expected = read_bar_file(written(tmp_path, ROWS[0], ROWS[1], ROWS[3]), CALENDAR, NOW)
    file = read_bar_file(as_parquet(tmp_path / "bars.parquet"), CALENDAR, NOW)
    assert file.source == "file:bars.parquet"
    assert series_equal(file.series[0], expected.series[0])
    texts = pa.array([row.split(",")[2] for row in (ROWS[0], ROWS[1], ROWS[3])])
    other = read_bar_file(as_parquet(tmp_path / "text.parquet", timestamp=texts), CALENDAR, NOW)
    assert series_equal(other.series[0], expected.series[0])


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"close": pa.array([100.5, None, 101.5])}, "row 2: close is missing"),
        ({"close": pa.array([100.5, 500.0, 101.5])}, "row 2: TSLA 5m"),
        ({"close": pa.array(["1", "2", "3"])}, "column 'close' holds string"),
        ({"close": None}, "missing columns 'close'"),
        ({"extra": pa.array([1, 2, 3])}, "unexpected columns 'extra'"),
        ({"symbol": pa.array([1, 2, 3])}, "row 1: symbol '1' is not text"),
        ({"timestamp": pa.array(["x", "y", "z"])}, "row 1: timestamp 'x'"),
        (
            {"timestamp": pa.array([datetime(2022, 12, 28)] * 3, pa.timestamp("us"))},  # noqa: DTZ001
            "row 1: timestamp is naive",
        ),
    ],
)
def test_unsound_parquet_is_refused(
    tmp_path: Path, changes: dict[str, pa.Array], reason: str
) -> None:
    assert reason in refusal(as_parquet(tmp_path / "bars.parquet", **changes))


@pytest.mark.parametrize("content", [b"", b"PAR1", b"symbol,timeframe"])
def test_a_file_that_is_not_parquet_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bars.parquet"
    path.write_bytes(content)
    assert "not a Parquet file" in refusal(path)


def test_directories_and_patterns_name_their_files_once(tmp_path: Path) -> None:
    first, second = (written(tmp_path, *ROWS, name=name) for name in ("a.csv", "b.csv"))
    (tmp_path / "notes.txt").write_text("hello")
    assert expand_paths([tmp_path, tmp_path / "*.csv", str(first)]) == [first, second]
    with pytest.raises(InputError, match="holds no"):
        expand_paths([str(tmp_path / "*.parquet")])


def test_one_unsound_file_keeps_all_of_them_out(tmp_path: Path) -> None:
    store, clock = MemoryBarStore(), SimulatedClock(NOW)
    written(tmp_path, *ROWS, name="a.csv")
    written(tmp_path, ROWS[1], ROWS[0], name="b.csv")
    with pytest.raises(UnsoundDataError, match=r"b.csv: line 3"):
        import_files([tmp_path], ImportDesk(store=store, calendar=CALENDAR, clock=clock))
    assert store.status() == []


def test_a_conflict_between_files_is_reported_and_the_first_stands(tmp_path: Path) -> None:
    store, clock = MemoryBarStore(), SimulatedClock(NOW)
    written(tmp_path, ROWS[0], name="a.csv")
    written(tmp_path, ROWS[0].replace("1000.0", "900.0"), name="b.csv")
    first, second = import_files(
        [tmp_path], ImportDesk(store=store, calendar=CALENDAR, clock=clock)
    )
    assert (first.upsert.inserted, first.upsert.conflicts) == (1, 0)
    assert (second.upsert.inserted, second.upsert.conflicts) == (0, 1)
    assert second.upsert.first_conflict_source == "file:a.csv"
    assert store.read("TSLA", Timeframe.M5).volumes.tolist() == [1000.0]


def test_a_file_provider_serves_its_range(tmp_path: Path) -> None:
    path = written(tmp_path, *ROWS)
    provider = FileProvider([path], CALENDAR, SimulatedClock(NOW))
    assert provider.supports("TSLA", Timeframe.M5)
    assert not provider.supports("TSLA", Timeframe.M15)
    start = datetime(2022, 12, 28, 14, 35, tzinfo=UTC)
    fetched = provider.fetch("TSLA", Timeframe.M5, start, start + timedelta(minutes=5))
    assert fetched.source == "file:bars.csv"
    assert fetched.series.closes.tolist() == [101.0]
    with pytest.raises(NoDataError):
        provider.fetch("TSLA", Timeframe.M5, NOW, NOW + timedelta(days=1))


def test_a_file_provider_without_files_offers_nothing() -> None:
    assert not FileProvider([], CALENDAR, SimulatedClock(NOW)).supports("TSLA", Timeframe.M5)


def test_arrays_of_a_file_are_contiguous(tmp_path: Path) -> None:
    """The snapshot hashes their bytes."""
    series = read_bar_file(written(tmp_path, *ROWS), CALENDAR, NOW).series[1]
    assert all(np.ascontiguousarray(a) is a for a in (series.opens, series.volumes))
