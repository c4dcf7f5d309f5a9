"""Orders and fills in SQL. "Oldest first" is by time, then in order of arrival."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from typing_extensions import override

from ztrade_core.domain.orders import WORKING, Fill, Order, OrderStatus, Role
from ztrade_core.errors import StoreError
from ztrade_core.ports.store import Orders
from ztrade_core.store.codecs import fill_of, fill_row, order_of, order_row
from ztrade_core.store.statements import insert_unless_there, matching
from ztrade_core.store.tables.trading import FILLS, ORDERS

_WORKING = sorted(status.value for status in WORKING)
_MAY_COUNT = [*_WORKING, OrderStatus.FILLED.value]


class SqlOrders(Orders):
    """Orders and fills of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @override
    def get(self, client_order_id: str) -> Order | None:
        found = self._select(ORDERS.c.client_order_id == client_order_id)
        return found[0] if found else None

    @override
    def at_broker(self, broker_order_id: str) -> Order | None:
        found = self._select(ORDERS.c.broker_order_id == broker_order_id)
        return found[-1] if found else None

    @override
    def insert(self, order: Order) -> None:
        row = order_row(order)
        if not insert_unless_there(self._connection, ORDERS, row, key=["client_order_id"]):
            raise StoreError(f"order {order.request.client_order_id} exists already")

    @override
    def update(self, order: Order) -> None:
        changed = ORDERS.update().where(ORDERS.c.client_order_id == order.request.client_order_id)
        if not self._connection.execute(changed.values(order_row(order))).rowcount:
            raise StoreError(f"order {order.request.client_order_id} does not exist")

    @override
    def working(self, account: str, account_epoch: int) -> list[Order]:
        condition = matching(ORDERS, account=account, account_epoch=account_epoch)
        return self._select(condition & ORDERS.c.status.in_(_WORKING))

    @override
    def of_position(self, position_id: str) -> list[Order]:
        return self._select(ORDERS.c.position_id == position_id)

    @override
    def of_decision(self, decision_id: str) -> list[Order]:
        return self._select(ORDERS.c.decision_id == decision_id)

    @override
    def recent(self, account: str, account_epoch: int, limit: int = 50) -> list[Order]:
        newest = (
            ORDERS.select()
            .where(matching(ORDERS, account=account, account_epoch=account_epoch))
            .order_by(ORDERS.c.created_at.desc(), ORDERS.c.id.desc())
            .limit(limit)
        )
        return [order_of(row) for row in self._connection.execute(newest).mappings()]

    @override
    def entries_since(
        self, account: str, account_epoch: int, agent_id: str, since: datetime
    ) -> int:
        entries = matching(
            ORDERS,
            account=account,
            account_epoch=account_epoch,
            agent_id=agent_id,
            role=Role.ENTRY.value,
        )
        filled = sa.cast(ORDERS.c.filled_quantity, sa.Double()) > 0.0
        count = sa.select(sa.func.count()).where(
            entries,
            ORDERS.c.created_at >= since,
            ORDERS.c.status.in_(_MAY_COUNT) | filled,
        )
        return self._connection.execute(count).scalar_one()

    @override
    def entries(self, account: str, account_epoch: int, *, since: datetime) -> list[Order]:
        entry = matching(
            ORDERS, account=account, account_epoch=account_epoch, role=Role.ENTRY.value
        )
        return self._select(entry & (ORDERS.c.created_at >= since))

    @override
    def newest_entries(
        self, account: str, account_epoch: int, agent_id: str, limit: int
    ) -> list[Order]:
        mine = matching(
            ORDERS,
            account=account,
            account_epoch=account_epoch,
            agent_id=agent_id,
            role=Role.ENTRY.value,
        )
        newest = (
            ORDERS.select().where(mine).order_by(ORDERS.c.created_at.desc(), ORDERS.c.id.desc())
        )
        return [order_of(row) for row in self._connection.execute(newest.limit(limit)).mappings()]

    @override
    def add_fill(self, account: str, account_epoch: int, fill: Fill) -> bool:
        row = {"account": account, "account_epoch": account_epoch, **fill_row(fill)}
        key = ["account", "account_epoch", "fill_id"]
        return insert_unless_there(self._connection, FILLS, row, key=key)

    @override
    def fills(
        self,
        account: str,
        account_epoch: int,
        *,
        position_id: str | None = None,
        since: datetime | None = None,
    ) -> list[Fill]:
        condition = matching(FILLS, account=account, account_epoch=account_epoch)
        if position_id is not None:
            condition &= FILLS.c.position_id == position_id
        if since is not None:
            condition &= FILLS.c.known_at > since
        found = FILLS.select().where(condition).order_by(FILLS.c.known_at, FILLS.c.id)
        return [fill_of(row) for row in self._connection.execute(found).mappings()]

    @override
    def last_fill_known_at(self, account: str, account_epoch: int) -> datetime | None:
        newest = sa.select(sa.func.max(FILLS.c.known_at)).where(
            matching(FILLS, account=account, account_epoch=account_epoch)
        )
        return self._connection.execute(newest).scalar()

    def _select(self, condition: sa.ColumnElement[bool]) -> list[Order]:
        found = ORDERS.select().where(condition).order_by(ORDERS.c.created_at, ORDERS.c.id)
        return [order_of(row) for row in self._connection.execute(found).mappings()]
