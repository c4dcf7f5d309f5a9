"""Marks of accounts, accounts at brokers, leases and halts in SQL."""

from dataclasses import fields
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from typing_extensions import override

from ztrade_core.domain.accounts import Lease
from ztrade_core.domain.book import AccountSnapshot, Halt
from ztrade_core.domain.broker_accounts import BrokerAccount, next_epoch
from ztrade_core.domain.storable import storable_text
from ztrade_core.errors import StoreError
from ztrade_core.ports.store import Accounts, Halts
from ztrade_core.store.codecs import pick, take
from ztrade_core.store.leasing import NOBODY, given_back, next_lease
from ztrade_core.store.statements import insert_unless_there, matching, put
from ztrade_core.store.tables.trading import (
    ACCOUNT_SNAPSHOTS,
    BROKER_ACCOUNTS,
    LEASES,
    TRADING_HALTS,
)

_SNAPSHOT = tuple(field.name for field in fields(AccountSnapshot))
_LEASE = tuple(field.name for field in fields(Lease))
_HALT = tuple(field.name for field in fields(Halt))
_BROKER_ACCOUNT = tuple(field.name for field in fields(BrokerAccount))


class SqlAccounts(Accounts):
    """Marks, leases and accounts at brokers of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @override
    def add_snapshot(self, snapshot: AccountSnapshot) -> None:
        put(self._connection, ACCOUNT_SNAPSHOTS, pick(snapshot, _SNAPSHOT))

    @override
    def snapshots(
        self,
        account: str,
        account_epoch: int,
        *,
        kind: str | None = None,
        since: datetime | None = None,
    ) -> list[AccountSnapshot]:
        table = ACCOUNT_SNAPSHOTS
        marks = self._marks(account, account_epoch, kind)
        if since is not None:
            marks = marks.where(table.c.at >= since)
        rows = self._connection.execute(marks.order_by(table.c.at, table.c.kind))
        return [AccountSnapshot(**row) for row in rows.mappings()]

    @override
    def last_snapshot(
        self, account: str, account_epoch: int, *, kind: str | None = None
    ) -> AccountSnapshot | None:
        table = ACCOUNT_SNAPSHOTS
        newest = self._marks(account, account_epoch, kind).order_by(
            table.c.at.desc(), table.c.kind.desc()
        )
        row = self._connection.execute(newest.limit(1)).mappings().first()
        return None if row is None else AccountSnapshot(**row)

    @override
    def epoch_of(self, account: str, broker: str, account_number: str, at: datetime) -> int:
        table = BROKER_ACCOUNTS
        same = matching(table, account=account, broker=broker, account_number=account_number)
        known = self._connection.scalar(sa.select(table.c.account_epoch).where(same))
        if known is not None:
            return int(known)
        newest = sa.select(sa.func.max(table.c.account_epoch)).where(table.c.account == account)
        found = BrokerAccount(
            account=account,
            account_epoch=next_epoch(self._connection.scalar(newest)),
            broker=broker,
            account_number=account_number,
            first_seen_at=at,
        )
        self._connection.execute(table.insert().inline(), pick(found, _BROKER_ACCOUNT))
        return found.account_epoch

    @override
    def broker_account(self, account: str, account_epoch: int) -> BrokerAccount | None:
        same = matching(BROKER_ACCOUNTS, account=account, account_epoch=account_epoch)
        row = self._connection.execute(BROKER_ACCOUNTS.select().where(same)).mappings().first()
        return None if row is None else BrokerAccount(**row)

    @override
    def acquire_lease(
        self, account: str, agent_id: str, holder: str, *, now: datetime, seconds: int
    ) -> Lease | None:
        lease = next_lease(
            self._standing(account, agent_id),
            wanted=(account, agent_id, holder),
            now=now,
            seconds=seconds,
        )
        if lease is not None:
            put(self._connection, LEASES, pick(lease, _LEASE))
        return lease

    @override
    def lease(self, account: str, agent_id: str) -> Lease | None:
        standing = self._standing(account, agent_id)
        return None if standing is None or standing.holder == NOBODY else standing

    @override
    def release_lease(self, account: str, agent_id: str, holder: str) -> None:
        standing = self._standing(account, agent_id)
        if standing is not None and standing.holder == holder:
            put(self._connection, LEASES, pick(given_back(standing), _LEASE))

    def _standing(self, account: str, agent_id: str) -> Lease | None:
        found = LEASES.select().where(matching(LEASES, account=account, agent_id=agent_id))
        row = self._connection.execute(found).mappings().first()
        return None if row is None else Lease(**row)

    def _marks(
        self, account: str, account_epoch: int, kind: str | None
    ) -> sa.Select[tuple[object]]:
        table = ACCOUNT_SNAPSHOTS
        marks = table.select().where(matching(table, account=account, account_epoch=account_epoch))
        return marks if kind is None else marks.where(table.c.kind == kind)


class SqlHalts(Halts):
    """Halts of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @override
    def standing(self, account: str) -> list[Halt]:
        return [halt for halt, lifted_at, _, _ in self._select(account) if lifted_at is None]

    @override
    def add(self, account: str, halt: Halt) -> None:
        same = (halt.agent_id, halt.kind)
        if any((other.agent_id, other.kind) == same for other in self.standing(account)):
            return
        row = {
            **pick(halt, _HALT),
            "account": account,
            "who": storable_text(halt.who),
            "why": storable_text(halt.why),
            "lifted_by": "",
            "lifted_why": "",
        }
        key = ["account", "halt_id"]
        if not insert_unless_there(self._connection, TRADING_HALTS, row, key=key):
            raise StoreError(f"halt {halt.halt_id} was set and lifted before: give it a new id")

    @override
    def lift(self, account: str, halt_id: str, *, who: str, why: str, at: datetime) -> None:
        known = matching(TRADING_HALTS, account=account, halt_id=halt_id)
        if self._connection.execute(TRADING_HALTS.select().where(known)).first() is None:
            raise StoreError(f"there is no halt {halt_id} on account {account}")
        self._connection.execute(
            TRADING_HALTS.update()
            .where(known, TRADING_HALTS.c.lifted_at.is_(None))
            .values(lifted_at=at, lifted_by=storable_text(who), lifted_why=storable_text(why))
        )

    @override
    def history(self, account: str) -> list[tuple[Halt, datetime | None, str, str]]:
        return self._select(account)

    def _select(self, account: str) -> list[tuple[Halt, datetime | None, str, str]]:
        table = TRADING_HALTS
        found = table.select().where(table.c.account == account)
        rows = self._connection.execute(found.order_by(table.c.since, table.c.id)).mappings()
        return [
            (Halt(**take(row, _HALT)), row["lifted_at"], row["lifted_by"], row["lifted_why"])
            for row in rows
        ]
