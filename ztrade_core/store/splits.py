"""Splits as they are known, in SQL, and when a vendor was last asked for them."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from typing_extensions import override

from ztrade_core.domain.splits import Split, refuse_another
from ztrade_core.ports.splits import SplitAnswers, SplitStore
from ztrade_core.store.statements import matching, put
from ztrade_core.store.tables.market import SPLIT_ANSWERS, SPLITS
from ztrade_core.store.transactions import reading, writing

_LOCK = "ztrade splits"


class SqlSplitStore(SplitStore, SplitAnswers):
    """Splits on SQLite or PostgreSQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @override
    def put(self, splits: Sequence[Split]) -> int:
        changed = 0
        with writing(self._engine, _LOCK) as connection:
            for split in splits:
                kept = _at(connection, split.symbol, split.ex_date)
                if kept is not None:
                    refuse_another(kept, split)
                    continue
                connection.execute(SPLITS.insert(), asdict(split))
                changed += 1
        return changed

    @override
    def of(self, symbol: str, *, until: date | None = None) -> tuple[Split, ...]:
        wanted = sa.select(SPLITS).where(SPLITS.c.symbol == symbol)
        if until is not None:
            wanted = wanted.where(SPLITS.c.ex_date <= until)
        with reading(self._engine) as connection:
            found = connection.execute(wanted.order_by(SPLITS.c.ex_date))
            return tuple(Split(**row) for row in found.mappings())

    @override
    def symbols(self) -> tuple[str, ...]:
        with reading(self._engine) as connection:
            return tuple(
                sorted(connection.execute(sa.select(SPLITS.c.symbol).distinct()).scalars())
            )

    @override
    def remove(self, symbol: str, ex_date: date) -> bool:
        gone = SPLITS.delete().where(matching(SPLITS, symbol=symbol, ex_date=ex_date))
        with writing(self._engine, _LOCK) as connection:
            counted = gone.execution_options(preserve_rowcount=True)
            return connection.execute(counted).rowcount == 1

    @override
    def answered_at(self, symbol: str) -> datetime | None:
        wanted = sa.select(SPLIT_ANSWERS.c.answered_at).where(SPLIT_ANSWERS.c.symbol == symbol)
        with reading(self._engine) as connection:
            return connection.execute(wanted).scalar()

    @override
    def note_answer(self, symbol: str, vendor: str, at: datetime) -> None:
        with writing(self._engine) as connection:
            row = {"symbol": symbol, "vendor": vendor, "answered_at": at}
            put(connection, SPLIT_ANSWERS, row)


def _at(connection: Connection, symbol: str, ex_date: date) -> Split | None:
    wanted = sa.select(SPLITS).where(matching(SPLITS, symbol=symbol, ex_date=ex_date))
    row = connection.execute(wanted).mappings().one_or_none()
    return None if row is None else Split(**row)
