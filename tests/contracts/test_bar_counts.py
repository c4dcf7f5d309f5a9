"""How many bars of which source a series holds, on both databases, whoever changes them."""

from dataclasses import replace

import numpy as np
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy.engine import Connection, Engine

from tests.fakes.store_rows import NOON, minutes, series
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.time import Timeframe
from ztrade_core.errors import UnsoundDataError
from ztrade_core.store.bar_counts import recount
from ztrade_core.store.bars import SqlBarStore
from ztrade_core.store.migrations import SQL_FOLDER
from ztrade_core.store.tables.market import MARKET_BARS
from ztrade_core.store.transactions import writing


@pytest.fixture
def bars(engine: Engine) -> SqlBarStore:
    return SqlBarStore(engine)


def put(bars: SqlBarStore, *some: BarSeries, source: str = "file", replacing: bool = False) -> None:
    bars.upsert(some, source=source, ingested_at=NOON, replace=replacing)


def with_close(original: BarSeries, index: int, close: float) -> BarSeries:
    closes = original.closes.copy()
    closes[index] = close
    return replace(original, closes=closes)


def counted(engine: Engine) -> list[tuple[str, str, str, int]]:
    query = "SELECT symbol, timeframe, source, bars FROM bar_counts WHERE bars > 0 ORDER BY 1, 2, 3"
    with engine.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(query)]


def test_bars_are_counted_by_source_as_they_come(engine: Engine, bars: SqlBarStore) -> None:
    put(bars, series(5), series(3, symbol="IWM"))
    put(bars, series(5))
    put(bars, series(8), source="rival")
    assert counted(engine) == [
        ("IWM", "5m", "file", 3),
        ("TSLA", "5m", "file", 5),
        ("TSLA", "5m", "rival", 3),
    ]


def test_a_bar_that_changes_its_source_is_counted_there(engine: Engine, bars: SqlBarStore) -> None:
    put(bars, series(5))
    put(bars, with_close(series(5), 1, 100.5), source="rival", replacing=True)
    assert counted(engine) == [("TSLA", "5m", "file", 4), ("TSLA", "5m", "rival", 1)]
    assert bars.status()[0].sources == ("file", "rival")


def test_bars_deleted_by_anybody_are_counted_no_more(engine: Engine, bars: SqlBarStore) -> None:
    put(bars, series(5), series(2, symbol="IWM"))
    with engine.begin() as connection:
        connection.execute(MARKET_BARS.delete().where(MARKET_BARS.c.timestamp >= minutes(10)))
    assert counted(engine) == [("IWM", "5m", "file", 2), ("TSLA", "5m", "file", 2)]
    with engine.begin() as connection:
        connection.execute(MARKET_BARS.delete())
    assert bars.status() == []


def test_a_failed_upsert_leaves_the_counts(engine: Engine, bars: SqlBarStore) -> None:
    put(bars, series(5))
    bad = with_close(series(3, symbol="IWM"), 1, float("nan"))
    with pytest.raises(UnsoundDataError):
        put(bars, series(9), bad)
    assert counted(engine) == [("TSLA", "5m", "file", 5)]


def test_a_recount_mends_what_others_inserted(engine: Engine, bars: SqlBarStore) -> None:
    put(bars, series(5))
    foreign = "INSERT INTO market_bars SELECT 'IWM', timeframe, timestamp, open, high, low, close,"
    with engine.begin() as connection:
        connection.exec_driver_sql(f"{foreign} volume, 'by hand', ingested_at FROM market_bars")
    with engine.begin() as connection:
        recount(connection)
    assert counted(engine) == [("IWM", "5m", "by hand", 5), ("TSLA", "5m", "file", 5)]


def test_the_opens_of_a_series_come_alone(bars: SqlBarStore) -> None:
    put(bars, series(7), series(3, timeframe=Timeframe.H1))
    opens = bars.opens("TSLA", Timeframe.M5)
    assert opens.dtype == np.int64
    assert opens.tolist() == series(7).timestamps.tolist()
    assert bars.opens("IWM", Timeframe.M5).tolist() == []


def test_the_migration_counts_what_is_there(engine: Engine, bars: SqlBarStore) -> None:
    put(bars, series(5), series(3, symbol="IWM"))
    put(bars, series(8), source="rival")
    before = counted(engine)
    for step, revision in ((command.downgrade, "0011"), (command.upgrade, "head")):
        with writing(engine) as connection:
            step(config_on(connection), revision)
    assert counted(engine) == before
    put(bars, series(9), source="rival")
    assert counted(engine)[-1] == ("TSLA", "5m", "rival", 4)


def config_on(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SQL_FOLDER))
    config.attributes["connection"] = connection
    return config
