"""The ledger in SQL: append, read back, chain. The database itself refuses updates and deletes."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from typing_extensions import override

from ztrade_core.domain.chain import EMPTY_HEAD, Anchor, ChainHead, link
from ztrade_core.domain.decisions import NEWS_PREFIX, ChainedDecision, Decision, SlotKey, Verdict
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.domain.storable import storable_decision, storable_verdicts
from ztrade_core.errors import LedgerBrokenError, StoreError
from ztrade_core.ports.store import Ledger
from ztrade_core.store.codecs import (
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
_UNREADABLE = (ValueError, KeyError, TypeError)


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
        while True:
            try:
                chunk = self._chunk(after, _CHUNK_ROWS)
            except _UNREADABLE:
                chunk = self._readable_row(after)
            if not chunk:
                return
            yield from chunk
            after = chunk[-1].sequence

    @override
    def recent(
        self, *, account: str, agent_id: str | None = None, limit: int = 20, but: str | None = None
    ) -> list[ChainedDecision]:
        condition = DECISIONS.c.account == account
        if agent_id is not None:
            condition &= DECISIONS.c.agent_id == agent_id
        if but is not None:
            condition &= DECISIONS.c.maker != but
        newest = DECISIONS.select().where(condition).order_by(DECISIONS.c.sequence.desc())
        rows = self._connection.execute(newest.limit(limit)).mappings().all()
        try:
            return self._with_verdicts(rows)
        except _UNREADABLE as error:
            problem = f"one of the newest {len(rows)} rows cannot be read: edited ({error})"
            row = rows[0]
            raise LedgerBrokenError(row["sequence"], row["decision_id"], problem) from error

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
        rows = self._connection.execute(DECISIONS.select().where(condition)).mappings().all()
        return next(iter(self._with_verdicts(rows)), None)

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

    def _chunk(self, after: int, limit: int) -> list[ChainedDecision]:
        following = DECISIONS.select().where(DECISIONS.c.sequence > after)
        rows = self._connection.execute(following.order_by(DECISIONS.c.sequence).limit(limit))
        return self._with_verdicts(rows.mappings().all())

    def _readable_row(self, after: int) -> list[ChainedDecision]:
        try:
            return self._chunk(after, 1)
        except _UNREADABLE as error:
            first = sa.select(DECISIONS.c.sequence, DECISIONS.c.decision_id).where(
                DECISIONS.c.sequence > after
            )
            row = self._connection.execute(first.order_by(DECISIONS.c.sequence).limit(1)).one()
            problem = f"cannot be read: edited ({error})"
            raise LedgerBrokenError(row.sequence, row.decision_id, problem) from error

    def _with_verdicts(self, rows: Sequence[Any]) -> list[ChainedDecision]:
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
