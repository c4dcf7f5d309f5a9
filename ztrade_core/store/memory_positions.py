"""Positions, trades, marks, leases and halts in memory."""

from bisect import bisect_left, insort
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from typing_extensions import override

from ztrade_core.domain.accounts import ClosedTrade, Lease, StoredPosition
from ztrade_core.domain.book import AccountSnapshot, Halt
from ztrade_core.domain.broker_accounts import BrokerAccount, next_epoch
from ztrade_core.errors import StoreError
from ztrade_core.ports.store import Accounts, Halts, Positions
from ztrade_core.store.journal import Journal
from ztrade_core.store.leasing import NOBODY, given_back, next_lease

_Account = tuple[str, int]
_TradePlace = tuple[datetime, str, str]
_HaltRecord = tuple[Halt, datetime | None, str, str]


class MemoryPositions(Positions):
    """Positions by agent, and closed trades in order of their closing."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._positions: dict[_Account, dict[str, StoredPosition]] = defaultdict(dict)
        self._trades: dict[tuple[str, int, str], ClosedTrade] = {}
        self._order: dict[tuple[str, int, str | None], list[_TradePlace]] = defaultdict(list)

    @override
    def get(self, account: str, account_epoch: int, agent_id: str) -> StoredPosition | None:
        return self._positions.get((account, account_epoch), {}).get(agent_id)

    @override
    def all(self, account: str, account_epoch: int) -> list[StoredPosition]:
        held = self._positions.get((account, account_epoch), {})
        return [held[agent_id] for agent_id in sorted(held)]

    @override
    def put(self, position: StoredPosition) -> None:
        held = self._positions[position.account, position.account_epoch]
        self._note_former(held, position.agent_id)
        held[position.agent_id] = position

    @override
    def remove(self, account: str, account_epoch: int, agent_id: str) -> None:
        held = self._positions[account, account_epoch]
        self._note_former(held, agent_id)
        held.pop(agent_id, None)

    @override
    def add_trade(self, trade: ClosedTrade) -> None:
        key = (trade.account, trade.account_epoch, trade.position_id)
        if key in self._trades:
            return
        self._journal.note(lambda: self._take_trade_back(trade))
        self._trades[key] = trade
        place = (trade.closed_at, trade.agent_id, trade.position_id)
        for agent_id in (None, trade.agent_id):
            insort(self._order[trade.account, trade.account_epoch, agent_id], place)

    @override
    def trades(
        self, account: str, account_epoch: int, agent_id: str | None = None
    ) -> list[ClosedTrade]:
        order = self._order.get((account, account_epoch, agent_id), [])
        return [self._trades[account, account_epoch, position] for _, _, position in order]

    def _note_former(self, held: dict[str, StoredPosition], agent_id: str) -> None:
        former = held.get(agent_id)
        if former is None:
            self._journal.note(lambda: held.pop(agent_id, None))
        else:
            self._journal.note(lambda: held.__setitem__(agent_id, former))

    def _take_trade_back(self, trade: ClosedTrade) -> None:
        del self._trades[trade.account, trade.account_epoch, trade.position_id]
        place = (trade.closed_at, trade.agent_id, trade.position_id)
        for agent_id in (None, trade.agent_id):
            order = self._order[trade.account, trade.account_epoch, agent_id]
            del order[bisect_left(order, place)]


@dataclass(slots=True)
class _Marks:
    """Marks of one account and epoch, by kind (None: all) in order of (time, kind)."""

    by_place: dict[tuple[datetime, str], AccountSnapshot] = field(default_factory=dict)
    order: dict[str | None, list[tuple[datetime, str]]] = field(
        default_factory=lambda: defaultdict(list)
    )


class MemoryAccounts(Accounts):
    """Marks, leases and accounts at brokers."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._marks: dict[_Account, _Marks] = defaultdict(_Marks)
        self._leases: dict[tuple[str, str], Lease] = {}
        self._brokers: dict[_Account, BrokerAccount] = {}

    @override
    def add_snapshot(self, snapshot: AccountSnapshot) -> None:
        marks = self._marks[snapshot.account, snapshot.account_epoch]
        place = (snapshot.at, snapshot.kind)
        former = marks.by_place.get(place)
        if former is not None:
            self._journal.note(lambda: marks.by_place.__setitem__(place, former))
        else:
            self._journal.note(lambda: _take_mark_back(marks, place))
            for kind in (None, snapshot.kind):
                insort(marks.order[kind], place)
        marks.by_place[place] = snapshot

    @override
    def snapshots(
        self,
        account: str,
        account_epoch: int,
        *,
        kind: str | None = None,
        since: datetime | None = None,
    ) -> list[AccountSnapshot]:
        marks = self._marks.get((account, account_epoch)) or _Marks()
        order = marks.order.get(kind, [])
        first = 0 if since is None else bisect_left(order, (since, ""))
        return [marks.by_place[place] for place in order[first:]]

    @override
    def last_snapshot(
        self, account: str, account_epoch: int, *, kind: str | None = None
    ) -> AccountSnapshot | None:
        marks = self._marks.get((account, account_epoch)) or _Marks()
        order = marks.order.get(kind, [])
        return marks.by_place[order[-1]] if order else None

    @override
    def epoch_of(self, account: str, broker: str, account_number: str, at: datetime) -> int:
        newest: int | None = None
        for known in self._brokers.values():
            if known.account != account:
                continue
            if (known.broker, known.account_number) == (broker, account_number):
                return known.account_epoch
            newest = known.account_epoch if newest is None else max(newest, known.account_epoch)
        found = BrokerAccount(
            account=account,
            account_epoch=next_epoch(newest),
            broker=broker,
            account_number=account_number,
            first_seen_at=at,
        )
        self._journal.note(lambda: self._brokers.pop((account, found.account_epoch)))
        self._brokers[account, found.account_epoch] = found
        return found.account_epoch

    @override
    def broker_account(self, account: str, account_epoch: int) -> BrokerAccount | None:
        return self._brokers.get((account, account_epoch))

    @override
    def acquire_lease(
        self, account: str, agent_id: str, holder: str, *, now: datetime, seconds: int
    ) -> Lease | None:
        lease = next_lease(
            self._leases.get((account, agent_id)),
            wanted=(account, agent_id, holder),
            now=now,
            seconds=seconds,
        )
        if lease is not None:
            self._set_lease(lease)
        return lease

    @override
    def lease(self, account: str, agent_id: str) -> Lease | None:
        standing = self._leases.get((account, agent_id))
        return None if standing is None or standing.holder == NOBODY else standing

    @override
    def release_lease(self, account: str, agent_id: str, holder: str) -> None:
        standing = self._leases.get((account, agent_id))
        if standing is not None and standing.holder == holder:
            self._set_lease(given_back(standing))

    def _set_lease(self, lease: Lease) -> None:
        key = (lease.account, lease.agent_id)
        former = self._leases.get(key)
        if former is None:
            self._journal.note(lambda: self._leases.pop(key))
        else:
            self._journal.note(lambda: self._leases.__setitem__(key, former))
        self._leases[key] = lease


def _take_mark_back(marks: _Marks, place: tuple[datetime, str]) -> None:
    del marks.by_place[place]
    for kind in (None, place[1]):
        order = marks.order[kind]
        del order[bisect_left(order, place)]


class MemoryHalts(Halts):
    """Halts in order of setting; the standing ones apart."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._records: dict[str, dict[str, _HaltRecord]] = defaultdict(dict)
        self._standing: dict[str, dict[str, Halt]] = defaultdict(dict)

    @override
    def standing(self, account: str) -> list[Halt]:
        halts = self._standing.get(account)
        return sorted(halts.values(), key=lambda halt: halt.since) if halts else []

    @override
    def add(self, account: str, halt: Halt) -> None:
        standing = self._standing[account]
        same = (halt.agent_id, halt.kind)
        if any((other.agent_id, other.kind) == same for other in standing.values()):
            return
        records = self._records[account]
        if halt.halt_id in records:
            raise StoreError(f"halt {halt.halt_id} was set and lifted before: give it a new id")
        self._journal.note(lambda: (records.pop(halt.halt_id), standing.pop(halt.halt_id)))
        records[halt.halt_id] = (halt, None, "", "")
        standing[halt.halt_id] = halt

    @override
    def lift(self, account: str, halt_id: str, *, who: str, why: str, at: datetime) -> None:
        records, standing = self._records[account], self._standing[account]
        former = records.get(halt_id)
        if former is None:
            raise StoreError(f"there is no halt {halt_id} on account {account}")
        if halt_id not in standing:
            return
        halt = former[0]
        self._journal.note(lambda: records.__setitem__(halt_id, former))
        self._journal.note(lambda: standing.__setitem__(halt_id, halt))
        records[halt_id] = (halt, at, who, why)
        del standing[halt_id]

    @override
    def history(self, account: str) -> list[tuple[Halt, datetime | None, str, str]]:
        records = self._records.get(account, {})
        return sorted(records.values(), key=lambda record: record[0].since)
