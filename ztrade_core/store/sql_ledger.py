"""The ledger in SQL: append, read back, chain. The database itself refuses updates and deletes."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from typing_extensions import override

from ztrade_core.domain.chain import EMPTY_HEAD, Anchor, ChainHead, link
from ztrade_core.domain.decisions import (
    NEWS_PREFIX,
    ChainedDecision,
    DecidedAnswer,
    Decision,
    SlotKey,
    Verdict,
)
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.domain.storable import storable_decision, storable_verdicts
from ztrade_core.errors import LedgerBrokenError, StoreError
from ztrade_core.ports.ledger import Ledger
from ztrade_core.store.codecs import (
    ANSWER_COLUMNS,
    decided_answer_of,
    decision_of,
    decision_row,
    key_row,
    pick,
    verdict_of,
    verdict_row,
)
from ztrade_core.store.snapshot_codec import pack_snapshot, unpack_snapshot
from ztrade_core.store.statements import insert_unless_there, matching
from ztrade_core.store.tables.ledger import (
    DECISION_INPUTS,
    DECISIONS,
    LEDGER_ANCHORS,
    RISK_VERDICTS,
)

_CHUNK_ROWS = 500
_UNREADABLE = (ValueError, KeyError, TypeError, OverflowError)


class SqlLedger(Ledger):
    """Decisions of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @override
    def find(self, key: SlotKey) -> ChainedDecision | None:
        return self._one(matching(DECISIONS, **key_row(key)))

    @override
    def by_id(self, decision_id: str) -> ChainedDecision | None:
        return self._one(DECISIONS.c.decision_id == decision_id)

    @override
    def head(self) -> ChainHead:
        newest = sa.select(DECISIONS.c.sequence, DECISIONS.c.digest)
        row = self._connection.execute(
            newest.order_by(DECISIONS.c.sequence.desc()).limit(1)
        ).first()
        return EMPTY_HEAD if row is None else ChainHead(sequence=row.sequence, digest=row.digest)

    @override
    def append(
        self, decision: Decision, verdicts: tuple[Verdict, ...], order_digest: str
    ) -> ChainedDecision:
        self._refuse_claimed(decision)
        chained = link(
            self.head(), storable_decision(decision), storable_verdicts(verdicts), order_digest
        )
        self._connection.execute(DECISIONS.insert(), decision_row(chained))
        if verdicts:
            self._connection.execute(
                RISK_VERDICTS.insert(),
                [
                    {**verdict_row(v), "decision_id": decision.decision_id, "position": position}
                    for position, v in enumerate(chained.verdicts)
                ],
            )
        return chained

    @override
    def rows(self, *, after: int = 0) -> Iterator[ChainedDecision]:
        while chunk := self._first_rows(DECISIONS.c.sequence > after, _CHUNK_ROWS):
            yield from chunk
            after = chunk[-1].sequence

    @override
    def rows_between(self, start: datetime, stop: datetime) -> Iterator[ChainedDecision]:
        as_of = DECISIONS.c.as_of
        wanted = sa.select(DECISIONS.c.sequence).where(as_of >= start, as_of < stop)
        left = sorted(self._connection.execute(wanted).scalars())
        while left:
            asked = left[:_CHUNK_ROWS]
            chunk = self._first_rows(DECISIONS.c.sequence.in_(asked), _CHUNK_ROWS)
            yield from chunk
            reached = chunk[-1].sequence if chunk else asked[-1]
            left = left[bisect_right(left, reached) :]

    @override
    def answers_between(
        self, account: str, agent_id: str, start: datetime, stop: datetime
    ) -> list[DecidedAnswer]:
        columns = DECISIONS.c
        whose = matching(DECISIONS, account=account, agent_id=agent_id)
        wanted = sa.select(*(columns[name] for name in ("sequence", *ANSWER_COLUMNS)))
        ordered = wanted.where(whose, columns.as_of >= start, columns.as_of < stop)
        try:
            rows = self._connection.execute(ordered.order_by(columns.sequence)).mappings()
            return [decided_answer_of(row) for row in rows]
        except _UNREADABLE:
            for _ in self.rows_between(start, stop):
                pass  # it raises at the row, and names it
            raise

    @override
    def recent(
        self, *, account: str, agent_id: str | None = None, limit: int = 20, but: str | None = None
    ) -> list[ChainedDecision]:
        condition = DECISIONS.c.account == account
        if agent_id is not None:
            condition &= DECISIONS.c.agent_id == agent_id
        if but is not None:
            condition &= DECISIONS.c.maker != but
        newest = DECISIONS.c.sequence.desc()
        try:
            return self._fetched(DECISIONS.select().where(condition).order_by(newest).limit(limit))
        except _UNREADABLE as error:
            ids = sa.select(DECISIONS.c.sequence, DECISIONS.c.decision_id).where(condition)
            rows = self._connection.execute(ids.order_by(newest).limit(limit)).all()
            problem = f"one of the newest {len(rows)} rows cannot be read: edited ({error})"
            raise LedgerBrokenError(rows[0].sequence, rows[0].decision_id, problem) from error

    @override
    def news_slot_since(self, key: SlotKey, since: datetime) -> str | None:
        columns = DECISIONS.c
        of_agent = matching(
            DECISIONS,
            account=key.account,
            account_epoch=key.account_epoch,
            agent_id=key.agent_id,
        )
        on_news = columns.slot.startswith(NEWS_PREFIX, autoescape=True)
        found = sa.select(columns.slot).where(of_agent, on_news, columns.as_of >= since)
        return self._connection.execute(found.order_by(columns.sequence).limit(1)).scalar()

    @override
    def put_anchor(self, anchor: Anchor) -> None:
        row = pick(anchor, ("sequence", "place", "digest", "anchored_at"))
        insert_unless_there(self._connection, LEDGER_ANCHORS, row)

    @override
    def last_anchor(self) -> Anchor | None:
        newest = LEDGER_ANCHORS.select().order_by(
            LEDGER_ANCHORS.c.sequence.desc(), LEDGER_ANCHORS.c.anchored_at.desc()
        )
        row = self._connection.execute(newest.limit(1)).mappings().first()
        return None if row is None else Anchor(**row)

    @override
    def put_snapshot(self, snapshot: MarketSnapshot) -> str:
        snapshot_hash = snapshot.content_hash()
        there = sa.select(DECISION_INPUTS.c.symbol).where(
            DECISION_INPUTS.c.snapshot_hash == snapshot_hash
        )
        if self._connection.execute(there).first() is None:
            row = {
                "snapshot_hash": snapshot_hash,
                "symbol": snapshot.symbol,
                "as_of": snapshot.as_of,
                "content": pack_snapshot(snapshot),
            }
            insert_unless_there(self._connection, DECISION_INPUTS, row)
        return snapshot_hash

    @override
    def snapshot(self, snapshot_hash: str) -> MarketSnapshot | None:
        content = self._connection.execute(
            sa.select(DECISION_INPUTS.c.content).where(
                DECISION_INPUTS.c.snapshot_hash == snapshot_hash
            )
        ).scalar()
        return None if content is None else unpack_snapshot(content, expected_hash=snapshot_hash)

    def _one(self, condition: sa.ColumnElement[bool]) -> ChainedDecision | None:
        return next(iter(self._first_rows(condition, 1)), None)

    def _refuse_claimed(self, decision: Decision) -> None:
        claimed = sa.select(DECISIONS.c.decision_id).where(
            matching(DECISIONS, **key_row(decision.key))
            | (DECISIONS.c.decision_id == decision.decision_id)
        )
        holder = self._connection.execute(claimed).scalar()
        if holder is not None:
            raise StoreError(
                f"slot {decision.key.slot} of {decision.key.agent_id} is claimed by {holder}"
            )

    def _first_rows(self, condition: sa.ColumnElement[bool], limit: int) -> list[ChainedDecision]:
        """Return the first rows in order of sequence; the first alone where one of them cannot be read."""
        ordered = DECISIONS.select().where(condition).order_by(DECISIONS.c.sequence)
        try:
            return self._fetched(ordered.limit(limit))
        except _UNREADABLE:
            return self._first_row(condition)

    def _first_row(self, condition: sa.ColumnElement[bool]) -> list[ChainedDecision]:
        sequence = DECISIONS.c.sequence
        try:
            return self._fetched(DECISIONS.select().where(condition).order_by(sequence).limit(1))
        except _UNREADABLE as error:
            first = sa.select(sequence, DECISIONS.c.decision_id).where(condition)
            row = self._connection.execute(first.order_by(sequence).limit(1)).one()
            problem = f"cannot be read: edited ({error})"
            raise LedgerBrokenError(row.sequence, row.decision_id, problem) from error

    def _fetched(self, wanted: sa.Select[Any]) -> list[ChainedDecision]:
        rows = self._connection.execute(wanted).mappings().all()
        if not rows:
            return []
        asked = RISK_VERDICTS.select().where(
            RISK_VERDICTS.c.decision_id.in_([row["decision_id"] for row in rows])
        )
        ordered = asked.order_by(RISK_VERDICTS.c.decision_id, RISK_VERDICTS.c.position)
        verdicts: dict[str, list[Verdict]] = defaultdict(list)
        for row in self._connection.execute(ordered).mappings():
            verdicts[row["decision_id"]].append(verdict_of(row))
        return [decision_of(row, tuple(verdicts[row["decision_id"]])) for row in rows]
