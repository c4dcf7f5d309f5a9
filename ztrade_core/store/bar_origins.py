"""Where stored bars came from, and when: read only where a split makes it matter."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.time import from_micros
from ztrade_core.store.statements import matching
from ztrade_core.store.tables.market import MARKET_BARS


def bar_origins(connection: Connection, bars: BarSeries) -> list[tuple[str, datetime]]:
    """Return the source and the arrival of each bar, read in the transaction that read the bars."""
    if not len(bars):
        return []
    table = MARKET_BARS
    first, last = from_micros(int(bars.timestamps[0])), bars.last_open
    wanted = (
        sa.select(table.c.source, table.c.ingested_at)
        .where(matching(table, symbol=bars.symbol, timeframe=bars.timeframe.value))
        .where(table.c.timestamp.between(first, last))
        .order_by(table.c.timestamp)
    )
    return [(source, at) for source, at in connection.execute(wanted)]
