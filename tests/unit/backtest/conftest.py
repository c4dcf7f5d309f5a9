"""A store of backtests on a migrated database."""

from collections.abc import Iterator

import pytest

from ztrade_core.store.backtests import SqlBacktestStore
from ztrade_core.store.engine import make_engine


@pytest.fixture
def backtests(sqlite_url: str) -> Iterator[SqlBacktestStore]:
    """The real store over SQLite."""
    engine = make_engine(sqlite_url)
    yield SqlBacktestStore(engine)
    engine.dispose()
