"""How many bars of which source each series holds, without reading the bars.

`bar_counts` says it: the store adds what it inserts, triggers take away what is deleted and move what
changes its source. First and last opens come from the key of `market_bars`. `recount` counts anew.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ztrade_core.domain.time import Timeframe
from ztrade_core.ports.bars import SeriesStatus
from ztrade_core.store.bar_rows import Origin
from ztrade_core.store.engine import is_sqlite
from ztrade_core.store.tables.market import BAR_COUNTS, MARKET_BARS

_ADD = sa.text(
    "INSERT INTO bar_counts (symbol, timeframe, source, bars)"
    " VALUES (:symbol, :timeframe, :source, :bars) ON CONFLICT (symbol, timeframe, source)"
    " DO UPDATE SET bars = bar_counts.bars + excluded.bars"
)


def count_inserted(connection: Connection, origin: Origin, bars: int) -> None:
    """Add bars that were inserted in this transaction."""
    connection.execute(
        _ADD,
        {
            "symbol": origin.symbol,
            "timeframe": origin.timeframe.value,
            "source": origin.source,
            "bars": bars,
        },
    )


def series_status(connection: Connection) -> list[SeriesStatus]:
    """Return every series that holds a bar, ordered by symbol and timeframe."""
    counts = BAR_COUNTS.c
    query = sa.select(counts.symbol, counts.timeframe, counts.source, counts.bars)
    groups: dict[tuple[str, str], dict[str, int]] = {}
    for symbol, timeframe, source, bars in connection.execute(query.where(counts.bars > 0)):
        groups.setdefault((symbol, timeframe), {})[source] = bars
    ends = _ends(connection)
    return [
        SeriesStatus(
            symbol=key[0],
            timeframe=Timeframe(key[1]),
            rows=sum(by_source.values()),
            first_open=ends[key][0],
            last_open=ends[key][1],
            sources=tuple(sorted(by_source)),
        )
        for key, by_source in sorted(groups.items())
        if key in ends
    ]


def _ends(connection: Connection) -> dict[tuple[str, str], tuple[datetime, datetime]]:
    """Return each counted series' first and last open: one step in the key for each."""
    held, bars = BAR_COUNTS.c, MARKET_BARS.c
    same = sa.and_(bars.symbol == held.symbol, bars.timeframe == held.timeframe)
    first = sa.select(sa.func.min(bars.timestamp)).where(same).scalar_subquery()
    last = sa.select(sa.func.max(bars.timestamp)).where(same).scalar_subquery()
    query = sa.select(held.symbol, held.timeframe, first, last).where(held.bars > 0)
    return {
        (symbol, timeframe): (opened, ended)
        for symbol, timeframe, opened, ended in connection.execute(query)
        if opened is not None and ended is not None
    }


def recount(connection: Connection) -> None:
    """Count every bar anew; nobody may write bars meanwhile."""
    if not is_sqlite(connection):
        connection.execute(sa.text("LOCK TABLE market_bars IN SHARE MODE"))
    connection.execute(BAR_COUNTS.delete())
    table = MARKET_BARS
    key = (table.c.symbol, table.c.timeframe, table.c.source)
    counted = sa.select(*key, sa.func.count()).group_by(*key)
    connection.execute(BAR_COUNTS.insert().from_select(list(BAR_COUNTS.c.keys()), counted))
