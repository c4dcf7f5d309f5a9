"""Positions by agent and closed trades in SQL."""

from dataclasses import fields

from sqlalchemy.engine import Connection
from typing_extensions import override

from ztrade_core.domain.accounts import ClosedTrade, StoredPosition
from ztrade_core.domain.time import Timeframe
from ztrade_core.ports.store import Positions
from ztrade_core.store.codecs import pick, take
from ztrade_core.store.statements import insert_unless_there, matching, put
from ztrade_core.store.tables.trading import CLOSED_TRADES, POSITIONS_BY_AGENT

_POSITION = tuple(field.name for field in fields(StoredPosition))
_TRADE = tuple(field.name for field in fields(ClosedTrade))


class SqlPositions(Positions):
    """Positions and trades of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @override
    def get(self, account: str, account_epoch: int, agent_id: str) -> StoredPosition | None:
        found = self._select(account=account, account_epoch=account_epoch, agent_id=agent_id)
        return found[0] if found else None

    @override
    def all(self, account: str, account_epoch: int) -> list[StoredPosition]:
        return self._select(account=account, account_epoch=account_epoch)

    @override
    def put(self, position: StoredPosition) -> None:
        row = {**pick(position, _POSITION), "timeframe": position.timeframe.value}
        put(self._connection, POSITIONS_BY_AGENT, row)

    @override
    def remove(self, account: str, account_epoch: int, agent_id: str) -> None:
        table = POSITIONS_BY_AGENT
        one = matching(table, account=account, account_epoch=account_epoch, agent_id=agent_id)
        self._connection.execute(table.delete().where(one))

    @override
    def add_trade(self, trade: ClosedTrade) -> None:
        insert_unless_there(self._connection, CLOSED_TRADES, pick(trade, _TRADE))

    @override
    def trades(
        self, account: str, account_epoch: int, agent_id: str | None = None
    ) -> list[ClosedTrade]:
        table = CLOSED_TRADES
        condition = matching(table, account=account, account_epoch=account_epoch)
        if agent_id is not None:
            condition &= table.c.agent_id == agent_id
        ordered = table.select().where(condition)
        rows = self._connection.execute(
            ordered.order_by(table.c.closed_at, table.c.agent_id, table.c.position_id)
        )
        return [ClosedTrade(**row) for row in rows.mappings()]

    def _select(self, **key: object) -> list[StoredPosition]:
        table = POSITIONS_BY_AGENT
        found = table.select().where(matching(table, **key)).order_by(table.c.agent_id)
        return [
            StoredPosition(**{**take(row, _POSITION), "timeframe": Timeframe(row["timeframe"])})
            for row in self._connection.execute(found).mappings()
        ]
