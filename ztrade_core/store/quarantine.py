"""The quarantine in SQL. A bar that is held leaves `market_bars` in the same transaction."""

import math
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from typing_extensions import override

from ztrade_core.domain.bars import Bar
from ztrade_core.domain.storable import storable_text
from ztrade_core.domain.time import Timeframe, from_micros, to_micros
from ztrade_core.ports.quarantine import (
    HeldRange,
    HeldSeries,
    Outcome,
    Quarantine,
    QuarantinedBar,
    Release,
    same_values,
)
from ztrade_core.store.codecs import Row
from ztrade_core.store.statements import matching, put
from ztrade_core.store.tables.market import MARKET_BARS, QUARANTINED_BARS
from ztrade_core.store.transactions import hold, reading, writing

_VALUES = ("open", "high", "low", "close", "volume")
_KEY = ("symbol", "timeframe", "timestamp", "source")


class SqlQuarantine(Quarantine):
    """Held bars on SQLite or PostgreSQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @override
    def hold(self, bars: Sequence[QuarantinedBar]) -> int:
        if not bars:
            return 0
        with writing(self._engine) as connection:
            for name in sorted({f"ztrade bars {b.symbol} {b.timeframe.value}" for b in bars}):
                hold(connection, name)
            return sum(_hold_one(connection, bar) for bar in bars)

    @override
    def bars(self, wanted: HeldRange, *, released: bool) -> list[QuarantinedBar]:
        table = QUARANTINED_BARS
        chosen = table.select().where(_within(wanted), _is_released(released=released))
        ordered = chosen.order_by(table.c.timestamp, table.c.source)
        with reading(self._engine) as connection:
            return [_value_of(row) for row in connection.execute(ordered).mappings()]

    @override
    def settle(self, wanted: HeldRange, release: Release) -> int:
        marked = (
            QUARANTINED_BARS.update()
            .where(_within(wanted), _is_released(released=False))
            .values(_release_row(release))
            .execution_options(preserve_rowcount=True)
        )
        with writing(self._engine) as connection:
            return connection.execute(marked).rowcount

    @override
    def series(self) -> list[HeldSeries]:
        table = QUARANTINED_BARS
        columns = (table.c.symbol, table.c.timeframe, table.c.timestamp, table.c.check_name)
        query = sa.select(*columns, table.c.released_by).order_by(*columns[:3])
        groups: dict[tuple[str, str], list[tuple[datetime, str, str | None]]] = {}
        with reading(self._engine) as connection:
            for symbol, timeframe, opened, check, by in connection.execute(query):
                groups.setdefault((symbol, timeframe), []).append((opened, check, by))
        return [_summary(key, rows) for key, rows in sorted(groups.items())]


def _hold_one(connection: Connection, held: QuarantinedBar) -> int:
    """Hold one bar; 0 when it was held or released so before."""
    row = _row_of(held)
    same_key = matching(QUARANTINED_BARS, **{name: row[name] for name in _KEY})
    found = connection.execute(QUARANTINED_BARS.select().where(same_key)).mappings().first()
    before = None if found is None else _value_of(found)
    if before is not None and before.release is not None:
        if same_values(before.bar, held.bar):
            return 0
        said = before.release
        row["reason"] += (
            f"; other values of this bar were released {said.outcome.value} by {said.who}"
            f" ({said.why})"
        )
    put(connection, QUARANTINED_BARS, row, key=_KEY)
    if all(math.isfinite(row[name]) for name in _VALUES):
        gone = {name: row[name] for name in (*_KEY, *_VALUES)}
        connection.execute(MARKET_BARS.delete().where(matching(MARKET_BARS, **gone)))
    return int(before is None or not same_values(before.bar, held.bar))


def _within(wanted: HeldRange) -> sa.ColumnElement[bool]:
    table = QUARANTINED_BARS
    parts = [matching(table, symbol=wanted.symbol, timeframe=wanted.timeframe.value)]
    if wanted.start is not None:
        parts.append(table.c.timestamp >= wanted.start)
    if wanted.stop is not None:
        parts.append(table.c.timestamp < wanted.stop)
    if wanted.source is not None:
        parts.append(table.c.source == wanted.source)
    return sa.and_(*parts)


def _is_released(*, released: bool) -> sa.ColumnElement[bool]:
    column = QUARANTINED_BARS.c.released_by
    return column.is_not(None) if released else column.is_(None)


def _summary(key: tuple[str, str], rows: list[tuple[datetime, str, str | None]]) -> HeldSeries:
    held = [(opened, check) for opened, check, by in rows if by is None]
    return HeldSeries(
        symbol=key[0],
        timeframe=Timeframe(key[1]),
        held=len(held),
        released=len(rows) - len(held),
        first_open=held[0][0] if held else None,
        last_open=held[-1][0] if held else None,
        checks=tuple(sorted({check for _, check in held})),
    )


def _row_of(held: QuarantinedBar) -> Row:
    return {
        "symbol": held.symbol,
        "timeframe": held.timeframe.value,
        "timestamp": from_micros(held.bar.timestamp),
        "source": held.source,
        **dict(_numbers(held.bar)),
        "ingested_at": held.ingested_at,
        "check_name": held.check,
        "reason": storable_text(held.reason),
        **_release_row(held.release),
    }


def _numbers(bar: Bar) -> Iterator[tuple[str, float]]:
    return ((name, getattr(bar, name)) for name in _VALUES)


def _release_row(release: Release | None) -> Row:
    if release is None:
        return dict.fromkeys(("outcome", "released_by", "released_why", "released_at"))
    return {
        "outcome": release.outcome.value,
        "released_by": storable_text(release.who),
        "released_why": storable_text(release.why),
        "released_at": release.at,
    }


def _value_of(row: Any) -> QuarantinedBar:
    release = None
    if row["released_by"] is not None:
        release = Release(
            outcome=Outcome(row["outcome"] or Outcome.DROP.value),
            who=row["released_by"],
            why=row["released_why"] or "",
            at=row["released_at"] or row["ingested_at"],
        )
    numbers = {name: math.nan if row[name] is None else row[name] for name in _VALUES}
    return QuarantinedBar(
        symbol=row["symbol"],
        timeframe=Timeframe(row["timeframe"]),
        bar=Bar(timestamp=to_micros(row["timestamp"]), **numbers),
        source=row["source"],
        ingested_at=row["ingested_at"],
        check=row["check_name"],
        reason=row["reason"],
        release=release,
    )
