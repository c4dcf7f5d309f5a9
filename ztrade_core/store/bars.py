"""The store of bars in SQL: idempotent upserts in, sound series out.

The source that came first stands: another source's differing bar is counted as a conflict and not
written, unless `replace`. Synthetic and real bars never share a series. How rows travel is
`bar_rows`' and `bar_rows_postgres`' matter; adjustment and quarantine are not known here.
"""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from typing_extensions import override

from ztrade_core.domain.bars import BarSeries, IntArray
from ztrade_core.domain.time import Timeframe, from_micros, to_micros
from ztrade_core.errors import UnsoundDataError
from ztrade_core.ports.bars import BarStore, SeriesStatus, TracedBars, UpsertReport
from ztrade_core.store.bar_arrays import as_array, as_series, compare
from ztrade_core.store.bar_counts import count_inserted, series_status
from ztrade_core.store.bar_origins import bar_origins
from ztrade_core.store.bar_rows import BarRows, Origin, Range, SqliteBarRows
from ztrade_core.store.bar_rows_postgres import PostgresBarRows
from ztrade_core.store.engine import is_sqlite
from ztrade_core.store.statements import matching
from ztrade_core.store.tables.market import MARKET_BARS
from ztrade_core.store.transactions import hold, reading, writing

SYNTHETIC_PREFIX = "synthetic"
_NOTHING = UpsertReport(inserted=0, updated=0, unchanged=0, conflicts=0)


class SqlBarStore(BarStore):
    """Bars by (symbol, timeframe, open time) on SQLite or PostgreSQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @override
    def upsert(
        self,
        series: Sequence[BarSeries],
        *,
        source: str,
        ingested_at: datetime,
        replace: bool = False,
    ) -> list[UpsertReport]:
        if not source or not source.isprintable():
            raise UnsoundDataError(f"bars need the name of their source, not {source!r}")
        with writing(self._engine) as connection:
            for name in sorted({f"ztrade bars {s.symbol} {s.timeframe.value}" for s in series}):
                hold(connection, name)
            return [
                _upsert_one(connection, one, _origin(one, source, ingested_at), replace=replace)
                for one in series
            ]

    @override
    def read(
        self,
        symbol: str,
        timeframe: Timeframe,
        *,
        start: datetime | None = None,
        stop: datetime | None = None,
        last: int | None = None,
    ) -> BarSeries:
        wanted = _range(symbol, timeframe, start, stop, last=last)
        with reading(self._engine) as connection:
            return as_series(symbol, timeframe, _rows(connection).read(wanted))

    @override
    def traced(
        self,
        symbol: str,
        timeframe: Timeframe,
        *,
        start: datetime | None = None,
        stop: datetime | None = None,
        last: int | None = None,
    ) -> TracedBars:
        wanted = _range(symbol, timeframe, start, stop, last=last)
        with reading(self._engine) as connection:
            bars = as_series(symbol, timeframe, _rows(connection).read(wanted))
            origins = bar_origins(connection, bars)
        return TracedBars(
            series=bars,
            sources=tuple(source for source, _ in origins),
            ingested=np.array([to_micros(at) for _, at in origins], dtype=np.int64),
        )

    @override
    def source_at(self, symbol: str, timeframe: Timeframe, opened: datetime) -> str:
        with reading(self._engine) as connection:
            return _source_at(connection, symbol, timeframe, opened)

    @override
    def status(self) -> list[SeriesStatus]:
        with reading(self._engine) as connection:
            return series_status(connection)

    def opens(self, symbol: str, timeframe: Timeframe) -> IntArray:
        """Return the opens of every stored bar of a series, ascending, in microseconds."""
        with reading(self._engine) as connection:
            return _rows(connection).opens(symbol, timeframe)


def _range(
    symbol: str,
    timeframe: Timeframe,
    start: datetime | None,
    stop: datetime | None,
    *,
    last: int | None,
) -> Range:
    return Range(
        symbol=symbol,
        timeframe=timeframe,
        start=None if start is None else to_micros(start),
        stop=None if stop is None else to_micros(stop),
        last=None if last is None else max(last, 0),
    )


def _rows(connection: Connection) -> BarRows:
    return SqliteBarRows(connection) if is_sqlite(connection) else PostgresBarRows(connection)


def _origin(series: BarSeries, source: str, ingested_at: datetime) -> Origin:
    return Origin(
        symbol=series.symbol, timeframe=series.timeframe, source=source, ingested_at=ingested_at
    )


def _upsert_one(
    connection: Connection, series: BarSeries, origin: Origin, *, replace: bool
) -> UpsertReport:
    incoming = as_array(series)
    if len(incoming) == 0:
        return _NOTHING
    _refuse_mixing(connection, origin)
    rows = _rows(connection)
    found = compare(incoming, rows.read_beside(incoming, origin), replace=replace)
    if len(found.new):
        rows.insert(found.new, origin)
        count_inserted(connection, origin, len(found.new))
    if len(found.changed):
        rows.update(found.changed, origin)
    first_conflict, first_source = None, ""
    if len(found.contested):
        first_conflict = from_micros(int(found.contested["timestamp"][0]))
        first_source = _source_at(connection, series.symbol, series.timeframe, first_conflict)
    return UpsertReport(
        inserted=len(found.new),
        updated=len(found.changed),
        unchanged=found.unchanged,
        conflicts=len(found.contested),
        first_conflict=first_conflict,
        first_conflict_source=first_source,
    )


def _refuse_mixing(connection: Connection, origin: Origin) -> None:
    """One bar tells for all: no series ever mixes."""
    any_source = sa.select(MARKET_BARS.c.source).where(
        matching(MARKET_BARS, symbol=origin.symbol, timeframe=origin.timeframe.value)
    )
    stored = connection.execute(any_source.limit(1)).scalar()
    if stored is not None and _is_synthetic(stored) != _is_synthetic(origin.source):
        kind = "synthetic" if _is_synthetic(stored) else "real"
        raise UnsoundDataError(
            f"{origin.symbol} {origin.timeframe.value} holds {kind} bars (source {stored}) and"
            f" may not be mixed with source {origin.source}: use another DATABASE_URL, or delete"
            " the stored series first"
        )


def _is_synthetic(source: str) -> bool:
    return source.startswith(SYNTHETIC_PREFIX)


def _source_at(connection: Connection, symbol: str, timeframe: Timeframe, opened: datetime) -> str:
    found = sa.select(MARKET_BARS.c.source).where(
        matching(MARKET_BARS, symbol=symbol, timeframe=timeframe.value, timestamp=opened)
    )
    return connection.execute(found).scalar() or ""
