"""Taped answers and proposals in SQL."""

import math
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from typing_extensions import override

from ztrade_core.domain.accounts import Tape
from ztrade_core.domain.decisions import SlotKey, Verdict
from ztrade_core.domain.side_slots import MEMBER, SHADOW
from ztrade_core.domain.storable import storable_proposal, storable_verdicts
from ztrade_core.errors import StoreError
from ztrade_core.ports.tapes import Tapes
from ztrade_core.store.codecs import Row, key_row, pick, proposal_of, proposal_row, verdict_row
from ztrade_core.store.statements import insert_unless_there, matching
from ztrade_core.store.tables.ledger import PROPOSALS, TAPES

_UNREADABLE = (ValueError, KeyError, TypeError, OverflowError)
_TAPE = ("snapshot_hash", "mode", "run_id", "taped_at")


class SqlTapes(Tapes):
    """Answers of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @override
    def get(self, key: SlotKey) -> Tape | None:
        found = TAPES.select().where(matching(TAPES, **key_row(key)))
        try:
            row = self._connection.execute(found).mappings().first()
            return None if row is None else _tape_of(row)
        except _UNREADABLE as error:
            told = f"the tape of {key.agent_id}, slot {key.slot}, cannot be read: edited ({error})"
            raise StoreError(told) from error

    @override
    def put_first(self, tape: Tape) -> Tape:
        insert_unless_there(self._connection, TAPES, _tape_row(tape))
        standing = self.get(tape.key)
        if standing is None:
            raise StoreError(f"the tape of slot {tape.key.slot} was written and is not there")
        return standing

    @override
    def beside(
        self, account: str, account_epoch: int, agent_id: str, *, since: datetime | None = None
    ) -> list[Tape]:
        mine = matching(TAPES, account=account, account_epoch=account_epoch, agent_id=agent_id)
        # not LIKE, to which SQLite reads capitals alike
        kinds = [f"{kind}:" for kind in (MEMBER, SHADOW)]
        sides = sa.or_(*(sa.func.substr(TAPES.c.slot, 1, len(kind)) == kind for kind in kinds))
        wanted = TAPES.select().where(mine, sides).order_by(TAPES.c.taped_at, TAPES.c.slot)
        if since is not None:
            wanted = wanted.where(TAPES.c.taped_at >= since)
        return [_tape_of(row) for row in self._connection.execute(wanted).mappings()]

    @override
    def put_proposal(self, tape: Tape, verdicts: tuple[Verdict, ...], outcome: str) -> None:
        words = [_verdict_text(verdict) for verdict in storable_verdicts(verdicts)]
        row = {**_tape_row(tape), "outcome": outcome, "verdicts": words}
        self._connection.execute(PROPOSALS.insert().inline(), row)


def _tape_row(tape: Tape) -> Row:
    proposal = storable_proposal(tape.proposal)
    return {**key_row(tape.key), **proposal_row(proposal), **pick(tape, _TAPE)}


def _tape_of(row: Any) -> Tape:
    return Tape(
        key=SlotKey(
            **{name: row[name] for name in ("account", "account_epoch", "agent_id", "slot")}
        ),
        proposal=proposal_of(row),
        **{name: row[name] for name in _TAPE},
    )


def _verdict_text(verdict: Verdict) -> Row:
    row = verdict_row(verdict)
    for name in ("observed", "limit"):
        if row[name] is not None and not math.isfinite(row[name]):
            row[name] = repr(row[name])
    return row
