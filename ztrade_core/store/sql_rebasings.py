"""Rebasings in SQL: of our book, and with another table of a simulated account."""

from dataclasses import fields
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from typing_extensions import override

from ztrade_core.domain.rebasing import Rebasing
from ztrade_core.ports.rebasings import Rebasings
from ztrade_core.store.codecs import pick, take
from ztrade_core.store.statements import insert_unless_there, matching
from ztrade_core.store.tables.rebasings import REBASINGS

_NAMES = tuple(field.name for field in fields(Rebasing))


class SqlRebasings(Rebasings):
    """Rebasings of one transaction."""

    def __init__(self, connection: Connection, table: sa.Table = REBASINGS) -> None:
        self._connection = connection
        self._table = table

    @override
    def add(self, rebasing: Rebasing) -> bool:
        row = {**pick(rebasing, _NAMES), "orders": list(rebasing.orders)}
        return insert_unless_there(self._connection, self._table, row)

    @override
    def of_position(self, account: str, account_epoch: int, position_id: str) -> list[Rebasing]:
        one = matching(
            self._table, account=account, account_epoch=account_epoch, position_id=position_id
        )
        return self._found(one)

    @override
    def all(self, account: str, account_epoch: int) -> list[Rebasing]:
        return self._found(matching(self._table, account=account, account_epoch=account_epoch))

    def _found(self, condition: sa.ColumnElement[bool]) -> list[Rebasing]:
        table = self._table
        wanted = table.select().where(condition).order_by(table.c.ex_date, table.c.position_id)
        return [_value_of(row) for row in self._connection.execute(wanted).mappings()]


def _value_of(row: Any) -> Rebasing:
    return Rebasing(**{**take(row, _NAMES), "orders": tuple(row["orders"])})
