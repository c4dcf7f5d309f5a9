"""The ledger and the tapes in memory; every lookup is a dictionary's."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import islice

from typing_extensions import override

from ztrade_core.domain.accounts import Tape
from ztrade_core.domain.chain import EMPTY_HEAD, Anchor, ChainHead, link
from ztrade_core.domain.decisions import (
    ChainedDecision,
    DecidedAnswer,
    Decision,
    SlotKey,
    Verdict,
    is_news_slot,
)
from ztrade_core.domain.side_slots import side_slot_of
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.domain.storable import storable_decision, storable_proposal, storable_verdicts
from ztrade_core.errors import StoreError
from ztrade_core.ports.ledger import Ledger
from ztrade_core.ports.tapes import Tapes
from ztrade_core.store.journal import Journal


class _Rows:
    """Rows in order. Each knows where its maker's unbroken stretch began, which is passed over at once."""

    def __init__(self) -> None:
        self._rows: list[ChainedDecision] = []
        self._begins: list[int] = []

    def append(self, row: ChainedDecision) -> None:
        """Add the newest row."""
        place = len(self._rows)
        goes_on = place > 0 and _maker(self._rows[-1]) == _maker(row)
        self._begins.append(self._begins[-1] if goes_on else place)
        self._rows.append(row)

    def pop(self) -> None:
        """Take the newest row back."""
        self._rows.pop()
        self._begins.pop()

    def newest(self, but: str | None) -> Iterator[ChainedDecision]:
        """Yield the rows, newest first; none by the maker `but`."""
        place = len(self._rows) - 1
        while place >= 0:
            row = self._rows[place]
            if _maker(row) == but:
                place = self._begins[place]
            else:
                yield row
            place -= 1


def _maker(row: ChainedDecision) -> str:
    return row.decision.proposal.maker


class MemoryLedger(Ledger):
    """The chain as a list, with its indexes. `keep_snapshots` false keeps hashes only."""

    def __init__(self, journal: Journal, *, keep_snapshots: bool) -> None:
        self._journal = journal
        self._keep_snapshots = keep_snapshots
        self._chain: list[ChainedDecision] = []
        self._by_slot: dict[SlotKey, ChainedDecision] = {}
        self._by_id: dict[str, ChainedDecision] = {}
        self._by_account: dict[str, _Rows] = defaultdict(_Rows)
        self._by_agent: dict[tuple[str, str], _Rows] = defaultdict(_Rows)
        self._on_news: dict[tuple[str, int, str], list[ChainedDecision]] = defaultdict(list)
        self._anchors: dict[tuple[int, str], Anchor] = {}
        self._newest_anchor: Anchor | None = None
        self._snapshots: dict[str, MarketSnapshot] = {}

    @override
    def find(self, key: SlotKey) -> ChainedDecision | None:
        return self._by_slot.get(key)

    @override
    def by_id(self, decision_id: str) -> ChainedDecision | None:
        return self._by_id.get(decision_id)

    @override
    def head(self) -> ChainHead:
        if not self._chain:
            return EMPTY_HEAD
        return ChainHead(sequence=len(self._chain), digest=self._chain[-1].digest)

    @override
    def append(
        self, decision: Decision, verdicts: tuple[Verdict, ...], order_digest: str
    ) -> ChainedDecision:
        holder = self._by_slot.get(decision.key) or self._by_id.get(decision.decision_id)
        if holder is not None:
            raise StoreError(
                f"slot {decision.key.slot} of {decision.key.agent_id} is claimed by"
                f" {holder.decision.decision_id}"
            )
        chained = link(
            self.head(), storable_decision(decision), storable_verdicts(verdicts), order_digest
        )
        self._journal.note(self._take_last_back)
        self._chain.append(chained)
        self._by_slot[decision.key] = chained
        self._by_id[decision.decision_id] = chained
        self._by_account[decision.key.account].append(chained)
        self._by_agent[decision.key.account, decision.key.agent_id].append(chained)
        if is_news_slot(decision.key.slot):
            self._on_news[_agent_of(decision.key)].append(chained)
        return chained

    @override
    def rows(self, *, after: int = 0) -> Iterator[ChainedDecision]:
        return iter(self._chain[after:])

    @override
    def rows_between(self, start: datetime, stop: datetime) -> Iterator[ChainedDecision]:
        return (row for row in list(self._chain) if start <= row.decision.as_of < stop)

    @override
    def answers_between(
        self, account: str, agent_id: str, start: datetime, stop: datetime
    ) -> list[DecidedAnswer]:
        decisions = [row.decision for row in self.rows_between(start, stop)]
        return [
            DecidedAnswer(key=each.key, as_of=each.as_of, proposal=each.proposal)
            for each in decisions
            if (each.key.account, each.key.agent_id) == (account, agent_id)
        ]

    @override
    def recent(
        self, *, account: str, agent_id: str | None = None, limit: int = 20, but: str | None = None
    ) -> list[ChainedDecision]:
        if agent_id is None:
            rows = self._by_account.get(account)
        else:
            rows = self._by_agent.get((account, agent_id))
        return [] if rows is None else list(islice(rows.newest(but), limit))

    @override
    def news_slot_since(self, key: SlotKey, since: datetime) -> str | None:
        found = None
        for row in reversed(self._on_news[_agent_of(key)]):
            if row.decision.as_of >= since:
                found = row.decision.key.slot
        return found

    @override
    def put_anchor(self, anchor: Anchor) -> None:
        key = (anchor.sequence, anchor.place)
        if key in self._anchors:
            return
        newest = self._newest_anchor
        self._journal.note(lambda: self._take_anchor_back(key, newest))
        self._anchors[key] = anchor
        if newest is None or _rank(anchor) >= _rank(newest):
            self._newest_anchor = anchor

    @override
    def last_anchor(self) -> Anchor | None:
        return self._newest_anchor

    @override
    def put_snapshot(self, snapshot: MarketSnapshot) -> str:
        snapshot_hash = snapshot.content_hash()
        if self._keep_snapshots and snapshot_hash not in self._snapshots:
            self._journal.note(lambda: self._snapshots.pop(snapshot_hash))
            self._snapshots[snapshot_hash] = snapshot
        return snapshot_hash

    @override
    def snapshot(self, snapshot_hash: str) -> MarketSnapshot | None:
        return self._snapshots.get(snapshot_hash)

    def _take_last_back(self) -> None:
        chained = self._chain.pop()
        key = chained.decision.key
        del self._by_slot[key]
        del self._by_id[chained.decision.decision_id]
        self._by_account[key.account].pop()
        self._by_agent[key.account, key.agent_id].pop()
        if is_news_slot(key.slot):
            self._on_news[_agent_of(key)].pop()

    def _take_anchor_back(self, key: tuple[int, str], newest: Anchor | None) -> None:
        del self._anchors[key]
        self._newest_anchor = newest


class MemoryTapes(Tapes):
    """Answers by slot, and the proposals that claimed nothing."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._tapes: dict[SlotKey, Tape] = {}
        self._proposals: list[tuple[Tape, tuple[Verdict, ...], str]] = []

    @property
    def proposals(self) -> tuple[tuple[Tape, tuple[Verdict, ...], str], ...]:
        """Every dry run: the answer, what the rules said, the outcome."""
        return tuple(self._proposals)

    @override
    def get(self, key: SlotKey) -> Tape | None:
        return self._tapes.get(key)

    @override
    def put_first(self, tape: Tape) -> Tape:
        standing = self._tapes.get(tape.key)
        if standing is not None:
            return standing
        self._journal.note(lambda: self._tapes.pop(tape.key))
        kept = replace(tape, proposal=storable_proposal(tape.proposal))
        self._tapes[tape.key] = kept
        return kept

    @override
    def beside(
        self, account: str, account_epoch: int, agent_id: str, *, since: datetime | None = None
    ) -> list[Tape]:
        mine = (account, account_epoch, agent_id)
        found = [
            tape
            for key, tape in self._tapes.items()
            if _agent_of(key) == mine
            and side_slot_of(key.slot) is not None
            and (since is None or tape.taped_at >= since)
        ]
        return sorted(found, key=lambda tape: (tape.taped_at, tape.key.slot))

    @override
    def put_proposal(self, tape: Tape, verdicts: tuple[Verdict, ...], outcome: str) -> None:
        self._journal.note(self._proposals.pop)
        self._proposals.append((tape, verdicts, outcome))


def _agent_of(key: SlotKey) -> tuple[str, int, str]:
    return key.account, key.account_epoch, key.agent_id


def _rank(anchor: Anchor) -> tuple[int, object]:
    return (anchor.sequence, anchor.anchored_at)
