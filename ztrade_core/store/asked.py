"""What vendors were asked and answered, in SQL."""

from collections.abc import Sequence
from dataclasses import asdict

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from typing_extensions import override

from ztrade_core.domain.time import Timeframe
from ztrade_core.ports.asked import AskedRange, AskedRanges
from ztrade_core.store.statements import matching, put
from ztrade_core.store.tables.asked import ASKED_RANGES
from ztrade_core.store.transactions import reading, writing


class SqlAskedRanges(AskedRanges):
    """Answers on SQLite or PostgreSQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @override
    def of(self, symbol: str, timeframe: Timeframe, vendor: str) -> Sequence[AskedRange]:
        table = ASKED_RANGES
        wanted = matching(table, symbol=symbol, timeframe=timeframe.value, vendor=vendor)
        with reading(self._engine) as connection:
            found = connection.execute(sa.select(table).where(wanted).order_by(table.c.start))
            return [
                AskedRange(**{**row, "timeframe": Timeframe(row["timeframe"])})
                for row in found.mappings()
            ]

    @override
    def record(self, answered: AskedRange) -> None:
        row = {**asdict(answered), "timeframe": answered.timeframe.value}
        with writing(self._engine) as connection:
            put(connection, ASKED_RANGES, row)
