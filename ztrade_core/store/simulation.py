"""The simulated broker's books in SQL: one exclusive transaction per account."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from typing_extensions import override

from ztrade_core.domain.orders import BrokerOrder, Fill
from ztrade_core.domain.rebasing import Rebasing
from ztrade_core.domain.simulation import SimulatedAccount, SimulatedPosition
from ztrade_core.domain.time import Timeframe
from ztrade_core.errors import StoreError
from ztrade_core.ports.simulation import SimulationStore, SimulationTransaction
from ztrade_core.store.codecs import (
    Row,
    broker_order_of,
    broker_order_row,
    fill_of,
    fill_row,
    pick,
    take,
)
from ztrade_core.store.sql_rebasings import SqlRebasings
from ztrade_core.store.statements import insert_unless_there, matching, put
from ztrade_core.store.tables.rebasings import SIMULATED_REBASINGS
from ztrade_core.store.tables.simulation import (
    SIMULATED_ACCOUNTS,
    SIMULATED_FILLS,
    SIMULATED_ORDERS,
    SIMULATED_POSITIONS,
)
from ztrade_core.store.transactions import writing

_ACCOUNT = (
    "account",
    "account_epoch",
    "opened_at",
    "initial_cash",
    "cash",
    "advanced_to",
)
_POSITION = tuple(field.name for field in fields(SimulatedPosition))


class SqlSimulationStore(SimulationStore):
    """Opens transactions on simulated accounts; on PostgreSQL accounts do not wait for each other."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @override
    @contextmanager
    def transaction(self, account: str) -> Iterator["SqlSimulationTransaction"]:
        with writing(self._engine, f"ztrade simulation {account}") as connection:
            yield SqlSimulationTransaction(connection, account)


class SqlSimulationTransaction(SimulationTransaction):
    """The books of one account, in the newest epoch."""

    def __init__(self, connection: Connection, account: str) -> None:
        self._connection = connection
        self._account = account
        newest = sa.select(sa.func.max(SIMULATED_ACCOUNTS.c.account_epoch)).where(
            SIMULATED_ACCOUNTS.c.account == account
        )
        self._epoch: int = connection.execute(newest).scalar() or 0
        self._rebasings = SqlRebasings(connection, SIMULATED_REBASINGS)

    @override
    def load(self) -> SimulatedAccount | None:
        row = self._first(SIMULATED_ACCOUNTS)
        if row is None:
            return None
        orders = self._select(SIMULATED_ORDERS).where(SIMULATED_ORDERS.c.arrival.is_not(None))
        working = self._connection.execute(orders.order_by(SIMULATED_ORDERS.c.arrival)).mappings()
        held = self._select(SIMULATED_POSITIONS).order_by(SIMULATED_POSITIONS.c.symbol)
        return SimulatedAccount(
            **take(row, _ACCOUNT),
            positions={
                held_row["symbol"]: _position_of(held_row)
                for held_row in self._connection.execute(held).mappings()
            },
            orders={order["client_order_id"]: broker_order_of(order) for order in working},
        )

    @override
    def open_epoch(self, account: SimulatedAccount) -> None:
        if account.account_epoch != self._epoch + 1 or account.account != self._account:
            raise StoreError(
                f"epoch {account.account_epoch} of {account.account} cannot be opened:"
                f" {self._account} stands at epoch {self._epoch}"
            )
        self._epoch = account.account_epoch
        self._connection.execute(SIMULATED_ACCOUNTS.insert(), pick(account, _ACCOUNT))
        self.save(account)

    @override
    def save(self, account: SimulatedAccount) -> None:
        if (account.account, account.account_epoch) != (self._account, self._epoch):
            raise StoreError(
                f"epoch {account.account_epoch} of {account.account} is not the one that"
                f" stands: {self._epoch} of {self._account}"
            )
        put(self._connection, SIMULATED_ACCOUNTS, pick(account, _ACCOUNT))
        self._save_positions(account)
        self._save_orders(account)

    @override
    def close_order(self, order: BrokerOrder) -> None:
        self._put_order(order, arrival=None)

    @override
    def find_order(self, client_order_id: str) -> BrokerOrder | None:
        row = self._first(SIMULATED_ORDERS, client_order_id=client_order_id)
        return None if row is None else broker_order_of(row)

    @override
    def add_fill(self, fill: Fill) -> None:
        row = {**self._key(), **fill_row(fill)}
        key = ["account", "account_epoch", "fill_id"]
        if not insert_unless_there(self._connection, SIMULATED_FILLS, row, key=key):
            raise StoreError(f"fill {fill.fill_id} of {self._account} exists already")

    @override
    def fills(self, *, after: datetime | None) -> list[Fill]:
        table = SIMULATED_FILLS
        found = self._select(table).order_by(table.c.known_at, table.c.id)
        if after is not None:
            found = found.where(table.c.known_at > after)
        return [fill_of(row) for row in self._connection.execute(found).mappings()]

    @override
    def add_rebasing(self, rebasing: Rebasing) -> None:
        if not self._rebasings.add(rebasing):
            raise StoreError(f"{rebasing.position_id} has the split of {rebasing.ex_date} already")

    @override
    def rebasings(self, position_id: str | None = None) -> list[Rebasing]:
        if position_id is None:
            return self._rebasings.all(self._account, self._epoch)
        return self._rebasings.of_position(self._account, self._epoch, position_id)

    def _save_positions(self, account: SimulatedAccount) -> None:
        table = SIMULATED_POSITIONS
        gone = table.delete().where(matching(table, **self._key()))
        self._connection.execute(gone.where(table.c.symbol.not_in(list(account.positions))))
        for position in account.positions.values():
            row = {
                **self._key(),
                **pick(position, _POSITION),
                "timeframe": position.timeframe.value,
            }
            put(self._connection, table, row)

    def _save_orders(self, account: SimulatedAccount) -> None:
        table = SIMULATED_ORDERS
        gone = table.delete().where(matching(table, **self._key()), table.c.arrival.is_not(None))
        self._connection.execute(gone.where(table.c.client_order_id.not_in(list(account.orders))))
        for arrival, order in enumerate(account.orders.values()):
            self._put_order(order, arrival=arrival)

    def _put_order(self, order: BrokerOrder, *, arrival: int | None) -> None:
        row = {**self._key(), **broker_order_row(order), "arrival": arrival}
        key = ["account", "account_epoch", "client_order_id"]
        put(self._connection, SIMULATED_ORDERS, row, key=key)

    def _key(self) -> Row:
        return {"account": self._account, "account_epoch": self._epoch}

    def _select(self, table: sa.Table, **values: object) -> sa.Select[Any]:
        return table.select().where(matching(table, **self._key(), **values))

    def _first(self, table: sa.Table, **values: object) -> Any:
        return self._connection.execute(self._select(table, **values)).mappings().first()


def _position_of(row: Any) -> SimulatedPosition:
    values = take(row, _POSITION)
    return SimulatedPosition(**{**values, "timeframe": Timeframe(values["timeframe"])})
