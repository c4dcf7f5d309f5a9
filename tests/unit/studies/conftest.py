"""A database for the backtests of studies."""

from collections.abc import Iterator

import pytest

from ztrade_core.ports.backtests import BacktestStore
from ztrade_core.store.backtests import SqlBacktestStore
from ztrade_core.store.engine import make_engine


@pytest.fixture
def backtests(sqlite_url: str) -> Iterator[BacktestStore]:
    engine = make_engine(sqlite_url)
    yield SqlBacktestStore(engine)
    engine.dispose()
