"""Benches for studies: a small company on hand-made bars, over a real store."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.fakes.bar_store import MemoryBarStore
from tests.fakes.desk import calendar
from tests.fakes.kernels import kernel_folder
from tests.golden.small_backtest import COIN, COINS, STOCK, series_for
from tests.unit.risk.builders import company
from ztrade_core.backtest.runs import Bench
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.decision_makers.strategy import StrategyMaker
from ztrade_core.store.backtests import SqlBacktestStore
from ztrade_core.store.engine import make_engine
from ztrade_core.store.studies import SqlStudyStore

NOW = datetime(2023, 1, 5, 12, 0, tzinfo=UTC)


@pytest.fixture
def bench(sqlite_url: str) -> Iterator[Bench]:
    """Two sessions of a stock (a crossover) and a coin (a mean reversion), compiled or not."""
    engine = make_engine(sqlite_url)
    bars = MemoryBarStore()
    bars.upsert([series_for(STOCK), series_for(COIN)], source="test", ingested_at=NOW)
    yield Bench(
        company=company(STOCK, COIN, costs=COINS),
        bars=bars,
        backtests=SqlBacktestStore(engine),
        calendar=calendar(),
        clock=SimulatedClock(NOW),
        maker_of=lambda _: StrategyMaker(),
        kernel_folder=kernel_folder(),
    )
    engine.dispose()


@pytest.fixture
def studies(sqlite_url: str) -> Iterator[SqlStudyStore]:
    """The store of studies in the bench's database."""
    engine = make_engine(sqlite_url)
    yield SqlStudyStore(engine)
    engine.dispose()


@pytest.fixture
def backtests(sqlite_url: str) -> Iterator[SqlBacktestStore]:
    """The store of backtests in the bench's database."""
    engine = make_engine(sqlite_url)
    yield SqlBacktestStore(engine)
    engine.dispose()
