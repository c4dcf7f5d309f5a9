"""The ten recorded files: exactly the oddities that lie in them are found, and nothing is kept out."""

import sys
from collections import Counter
from datetime import UTC, datetime

import pytest

from tests.fakes.quality import calendar, scaled, session_starts
from tests.fakes.real_bars import real_bars_folder
from ztrade_core.domain.bars import empty_series
from ztrade_core.domain.time import from_micros, iso_z
from ztrade_core.market_data.files import expand_paths, read_bar_file
from ztrade_core.market_data.quality.facts import Context, facts_of, joined, no_context
from ztrade_core.market_data.quality.findings import Finding
from ztrade_core.market_data.quality.inspection import inspect

NOW = datetime(2026, 6, 1, tzinfo=UTC)
TEN_JANUARY, FEBRUARY = ("gap", "2025-01-10", 2), ("gap", "2025-02-11", 6)
LISTED = {
    ("TSLA_5m_2022", "TSLA"): [("gap", "2022-11-23", 78 - 43)],
    ("TSLA_1h_2025_2026", "TSLA"): [("zero_volume", "2026-01-28", 1)],
    ("TSLA_5m_2026-05", "TSLA"): [
        ("zero_volume", "2026-05-01", 2),
        ("zero_volume", "2026-05-04", 1),
    ],
    ("BTC-USD_1h_coinbase_2018_2019", "BTC/USD"): [
        ("zero_volume", "2018-08-10", 15),
        ("zero_volume", "2018-12-26", 1),
        ("zero_volume", "2019-04-11", 1),
        ("zero_volume", "2019-06-20", 1),
    ],
    ("BTC-USDT_1h_binance_2023_2024", "BTC/USDT"): [
        ("zero_volume", "2023-03-24", 1),
        ("gap", "2023-03-24", 1),
    ],
    **{
        ("DOW10_1d_2024-12_2025-07", symbol): [TEN_JANUARY, FEBRUARY]
        for symbol in ("AAPL", "AMZN", "BA", "CAT", "IBM", "JPM", "UNH")
    },
    **{("DOW10_1d_2024-12_2025-07", symbol): [TEN_JANUARY] for symbol in ("GS", "MSFT", "V")},
}
"""What the files' own README lists, by file and symbol: check, day of the first bar, bars."""
LISTED_VOLUMES = {"BTC-USD_1h_coinbase_2018_2019": 18, "TSLA_5m_2026-05": 3}
UNLISTED = {
    ("TSLA_1h_2025_2026", "TSLA"): [
        ("gap", "2025-07-03", 1),  # the half hour before the close of three half days
        ("gap", "2025-11-28", 1),
        ("gap", "2025-12-24", 1),
        ("gap", "2026-01-30", 9),  # five hours of that Friday and four of the Monday
    ]
}
"""Holes that the README does not list and the file has: its rows are not there."""


def oddity(finding: Finding) -> tuple[str, str, int]:
    return (finding.check, iso_z(from_micros(finding.first))[:10], finding.count)


def look() -> dict[tuple[str, str], tuple[Finding, ...]]:
    found = {}
    for path in expand_paths([real_bars_folder()]):
        for bars in read_bar_file(path, calendar(), NOW).series:
            facts = facts_of(calendar(), bars, NOW)
            seen = inspect(bars, facts, no_context(bars.symbol, bars.timeframe))
            found[path.stem, bars.symbol] = seen.findings
    return found


def test_the_ten_files_have_their_listed_oddities_and_nothing_else(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = look()
    assert len({file for file, _ in found}) == 10
    with capsys.disabled():
        sys.stdout.write("\nfile, symbol: found | listed | in the file, not listed\n")
        for key, seen in sorted(found.items()):
            listed, more = LISTED.get(key, []), UNLISTED.get(key, [])
            sys.stdout.write(f"{key[0]} {key[1]}: {len(seen)} | {len(listed)} | {len(more)}\n")
    for key, seen in found.items():
        expected = Counter([*LISTED.get(key, []), *UNLISTED.get(key, [])])
        assert Counter(oddity(one) for one in seen) == expected, key
        assert not [one for one in seen if one.quarantines]
    for file, bars in LISTED_VOLUMES.items():
        empty = [one.count for (name, _), seen in found.items() if name == file for one in seen]
        assert sum(empty) == bars


def test_the_unlisted_holes_are_rows_that_the_file_does_not_have() -> None:
    text = (real_bars_folder() / "TSLA_1h_2025_2026.csv").read_text(encoding="utf-8")
    for day, bars in (("2025-07-03", 3), ("2025-11-28", 3), ("2026-01-30", 2), ("2026-02-02", 3)):
        assert text.count(f",{day}T") == bars


def test_a_real_split_taken_back_is_found_on_its_day() -> None:
    """The file is adjusted for Tesla's 3:1 of 2022-08-25; here it is as it was traded."""
    [bars] = read_bar_file(real_bars_folder() / "TSLA_5m_2022.csv", calendar(), NOW).series
    day = int(datetime(2022, 8, 25, 13, 30, tzinfo=UTC).timestamp() * 1e6)
    row = int(bars.timestamps.searchsorted(day))
    traded = scaled(bars, slice(0, row), 3.0, 1.0 / 3.0)
    facts = facts_of(calendar(), traded, NOW)
    seen = inspect(traded, facts, no_context("TSLA", bars.timeframe)).findings
    grave = {one.check: one.rows for one in seen if one.quarantines}
    assert grave == {"split": tuple(range(row, len(bars)))}


@pytest.mark.parametrize("name", ["AAPL_1d_2021_2026.csv", "IWM_15m_2025.csv"])
def test_a_real_series_cut_by_half_overnight_in_a_panic_is_no_split(name: str) -> None:
    """Ten times the volume and bars six times as wide for the session of the fall."""
    [bars] = read_bar_file(real_bars_folder() / name, calendar(), NOW).series
    row = session_starts(bars)[30]
    fall = scaled(bars, slice(row, None), 0.5, 10.0)
    fall.highs[row : row + 26] *= 1.05
    fall.lows[row : row + 26] *= 0.95
    seen = inspect(fall, facts_of(calendar(), fall, NOW), no_context(bars.symbol, bars.timeframe))
    assert seen.findings == ()


@pytest.mark.parametrize(
    "name",
    ["BTC-USD_1h_coinbase_2018_2019.csv", "TSLA_5m_2026-05.csv", "IWM_1d_2010_2021.csv"],
)
def test_looked_at_piece_by_piece_nothing_of_a_file_is_kept_out(name: str) -> None:
    """Days as partitions see them, and single bars as refreshes do, among the stored ones."""
    [bars] = read_bar_file(real_bars_folder() / name, calendar(), NOW).series
    nothing = empty_series(bars.symbol, bars.timeframe)
    for size, step in ((24, 24), (1, 97)):
        for start in range(0, len(bars), step):
            piece = bars.window(start, start + size)
            around = Context(
                before=bars.window(max(0, start - 400), start),
                overlap=nothing,
                after=bars.window(start + size, start + size + 50) if size > 1 else nothing,
            )
            facts = facts_of(calendar(), joined(piece, around).bars, NOW)
            seen = inspect(piece, facts, around).findings
            assert not [one.sentence() for one in seen if one.quarantines]
