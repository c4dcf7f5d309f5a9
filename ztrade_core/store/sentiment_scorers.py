"""Which scorers have scored a symbol's stories: for people to see that readings rest on one."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from ztrade_core.domain.time import require_utc
from ztrade_core.store.tables.market import SENTIMENT_HISTORY
from ztrade_core.store.transactions import reading


def rows_by_scorer(engine: Engine, symbol: str, start: datetime, stop: datetime) -> dict[str, int]:
    """Return how many stories known in `start <= known_at < stop` each scorer has a row of."""
    history = SENTIMENT_HISTORY.c
    low, high = require_utc(start), require_utc(stop)
    query = (
        sa.select(history.scorer, sa.func.count().label("stories"))
        .where(history.symbol == symbol, history.timestamp >= low, history.timestamp < high)
        .group_by(history.scorer)
        .order_by(history.scorer)
    )
    with reading(engine) as connection:
        return {row.scorer: row.stories for row in connection.execute(query)}
