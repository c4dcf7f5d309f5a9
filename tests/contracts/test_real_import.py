"""The ten real files: they import whole, and a second import changes nothing, on both databases."""

from collections import Counter
from datetime import UTC, datetime

from tests.fakes.bar_store import MemoryBarStore
from tests.fakes.real_bars import real_bars_folder
from tests.unit.market_data.quality.test_real_files import LISTED, UNLISTED, oddity
from ztrade_core.clocks.sessions import ExchangeSessions
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.domain.time import Timeframe
from ztrade_core.market_data.files import expand_paths, read_bar_file
from ztrade_core.market_data.imports import ImportDesk, ImportReport, import_files
from ztrade_core.ports.bars import BarStore
from ztrade_core.ports.quarantine import Quarantine
from ztrade_core.store.bars import SqlBarStore
from ztrade_core.store.engine import make_engine
from ztrade_core.store.quarantine import SqlQuarantine

NOW = datetime(2026, 6, 1, tzinfo=UTC)
FILES, SERIES, ROWS = 10, 19, 52635
OVERLAPS = {"AAPL", "MSFT"}
FILLED = {("DOW10_1d_2024-12_2025-07", "AAPL")}
"""Whose missing sessions another file has brought before."""


def import_twice(
    store: BarStore, quarantine: Quarantine | None = None
) -> tuple[list[ImportReport], list[ImportReport]]:
    desk = ImportDesk(
        store=store,
        calendar=ExchangeSessions(),
        clock=SimulatedClock(NOW),
        quarantine=quarantine,
    )
    return import_files([real_bars_folder()], desk), import_files([real_bars_folder()], desk)


def check_reports(first: list[ImportReport], second: list[ImportReport]) -> None:
    assert len({report.file for report in first}) == FILES
    assert len(first) == SERIES
    assert sum(report.rows for report in first) == ROWS
    conflicts = {report.symbol for report in first if report.upsert.conflicts}
    assert conflicts == OVERLAPS
    assert all(report.upsert.first_conflict_source for report in first if report.upsert.conflicts)
    changed = [report.upsert.inserted + report.upsert.updated for report in second]
    assert changed == [0] * SERIES


def test_the_ten_files_are_sound() -> None:
    calendar = ExchangeSessions()
    files = [read_bar_file(path, calendar, NOW) for path in expand_paths([real_bars_folder()])]
    assert len(files) == FILES
    assert sum(len(series) for file in files for series in file.series) == ROWS


def test_the_vendor_that_came_first_stands() -> None:
    """Files come in order of name: AAPL, DOW10, MSFT."""
    store = MemoryBarStore()
    check_reports(*import_twice(store))
    day = datetime(2024, 12, 13, 5, 0, tzinfo=UTC)
    assert store.source_at("AAPL", Timeframe.D1, day) == "file:AAPL_1d_2021_2026.csv"
    assert store.source_at("MSFT", Timeframe.D1, day) == "file:DOW10_1d_2024-12_2025-07.csv"


def test_import_into_a_database_tells_the_listed_oddities_and_holds_nothing(
    database_url: str,
) -> None:
    engine = make_engine(database_url)
    try:
        store = SqlBarStore(engine)
        first, second = import_twice(store, SqlQuarantine(engine))
        check_reports(first, second)
        for report in first:
            key = (report.file.removesuffix(".csv"), report.symbol)
            listed = [] if key in FILLED else [*LISTED.get(key, []), *UNLISTED.get(key, [])]
            assert Counter(map(oddity, report.findings)) == Counter(listed), key
        assert [report.waiting for report in (*first, *second)] == [0] * 2 * SERIES
        stored = {(s.symbol, s.timeframe): s for s in store.status()}
    finally:
        engine.dispose()
    tesla = stored["TSLA", Timeframe.M5]
    assert tesla.rows == 18103 + 1638
    assert tesla.sources == ("file:TSLA_5m_2022.csv", "file:TSLA_5m_2026-05.csv")
    assert tesla.first_open == datetime(2022, 2, 2, 14, 30, tzinfo=UTC)
    assert stored["AAPL", Timeframe.D1].rows == 1255
