"""Questions to minds outside this process and their answers, in SQL."""

from datetime import datetime
from math import fsum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from typing_extensions import override

from ztrade_core.domain.answers import (
    AnswerCost,
    AnswerFigures,
    AnswerOutcome,
    AnswerRecord,
    AskedQuestion,
    DaySpending,
    KeptAnswer,
)
from ztrade_core.domain.decisions import SlotKey
from ztrade_core.domain.storable import storable_text
from ztrade_core.errors import StoreError
from ztrade_core.ports.answers import Answers
from ztrade_core.store.codecs import key_row, pick, take
from ztrade_core.store.statements import insert_unless_there, matching
from ztrade_core.store.tables.answers import MODEL_ANSWERS, MODEL_QUESTIONS

_KEY = ("account", "account_epoch", "agent_id", "slot")
_ATTEMPT = (*_KEY, "attempt")
_SAME = sa.and_(*(MODEL_QUESTIONS.c[name] == MODEL_ANSWERS.c[name] for name in _ATTEMPT))
_TEXTS = ("maker", "model", "prompt_digest", "settings", "question", "raw", "problem")
_COST = (
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "usd",
    "seconds",
)


class SqlAnswers(Answers):
    """Questions and answers of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @override
    def next_attempt(self, key: SlotKey) -> int:
        highest = (self._highest(table, key) for table in (MODEL_QUESTIONS, MODEL_ANSWERS))
        return max(highest) + 1

    @override
    def reserved(self, key: SlotKey) -> int:
        counted = sa.select(sa.func.count()).where(matching(MODEL_QUESTIONS, **key_row(key)))
        return int(self._connection.execute(counted).scalar_one())

    @override
    def unanswered(self, key: SlotKey) -> list[AskedQuestion]:
        asked, answered = MODEL_QUESTIONS.c, MODEL_ANSWERS.c
        wanted = (
            MODEL_QUESTIONS.select()
            .select_from(MODEL_QUESTIONS.outerjoin(MODEL_ANSWERS, _SAME))
            .where(matching(MODEL_QUESTIONS, **key_row(key)), answered.attempt.is_(None))
            .order_by(asked.attempt)
        )
        return [
            AskedQuestion(key=key, **take(row, ("attempt", "run_id", "most_usd", "asked_at")))
            for row in self._connection.execute(wanted).mappings()
        ]

    @override
    def reserve(self, question: AskedQuestion) -> None:
        row = {
            **key_row(question.key),
            **pick(question, ("attempt", "run_id", "most_usd", "asked_at")),
        }
        if not insert_unless_there(self._connection, MODEL_QUESTIONS, row):
            raise StoreError(already_there("question", question.key, question.attempt))

    @override
    def put(self, answer: KeptAnswer) -> None:
        record = answer.record
        row = {
            **key_row(answer.key),
            **pick(answer, ("attempt", "run_id")),
            **{name: storable_text(getattr(record, name)) for name in _TEXTS},
            **pick(record.cost, _COST),
            "outcome": record.outcome.value,
            "asked_at": record.asked_at,
        }
        if not insert_unless_there(self._connection, MODEL_ANSWERS, row):
            raise StoreError(already_there("answer", answer.key, answer.attempt))

    @override
    def spending(self, since: datetime) -> DaySpending:
        asked, answered = MODEL_QUESTIONS.c, MODEL_ANSWERS.c
        wanted = (
            sa.select(asked.most_usd, answered.usd)
            .select_from(MODEL_QUESTIONS.outerjoin(MODEL_ANSWERS, _SAME))
            .where(asked.asked_at >= since)
        )
        rows = self._connection.execute(wanted).all()
        reserved = [most for most, usd in rows if usd is None]
        return DaySpending(
            answered_usd=fsum(usd for _, usd in rows if usd is not None),
            reserved_usd=fsum(reserved),
            unanswered=len(reserved),
        )

    @override
    def of_slot(self, key: SlotKey) -> list[KeptAnswer]:
        table = MODEL_ANSWERS
        wanted = table.select().where(matching(table, **key_row(key))).order_by(table.c.attempt)
        try:
            return [_answer_of(row) for row in self._connection.execute(wanted).mappings()]
        except ValueError as error:
            told = f"an answer of {key.agent_id}, slot {key.slot}, cannot be read: edited ({error})"
            raise StoreError(told) from error

    @override
    def of_agent(
        self, account: str, account_epoch: int, agent_id: str, *, limit: int = 20
    ) -> list[KeptAnswer]:
        table = MODEL_ANSWERS
        mine = matching(table, account=account, account_epoch=account_epoch, agent_id=agent_id)
        order = (table.c.asked_at.desc(), table.c.slot.desc(), table.c.attempt.desc())
        wanted = table.select().where(mine).order_by(*order).limit(limit)
        return [_answer_of(row) for row in self._connection.execute(wanted).mappings()]

    @override
    def figures(
        self, account: str, account_epoch: int, agent_id: str, *, since: datetime
    ) -> list[AnswerFigures]:
        columns = MODEL_ANSWERS.c
        names = (*_KEY, "attempt", "model", "outcome", *_COST)
        mine = matching(
            MODEL_ANSWERS, account=account, account_epoch=account_epoch, agent_id=agent_id
        )
        wanted = sa.select(*(columns[name] for name in names)).where(
            mine, columns.asked_at >= since
        )
        ordered = wanted.order_by(columns.asked_at, columns.slot, columns.attempt)
        return [_figures_of(row) for row in self._connection.execute(ordered).mappings()]

    def _highest(self, table: sa.Table, key: SlotKey) -> int:
        wanted = sa.select(sa.func.max(table.c.attempt)).where(matching(table, **key_row(key)))
        return int(self._connection.execute(wanted).scalar_one() or 0)


def already_there(what: str, key: SlotKey, attempt: int) -> str:
    """Return what is said of an attempt that is kept already."""
    return f"{what} {attempt} of slot {key.slot} of {key.agent_id} is there already"


def _answer_of(row: Any) -> KeptAnswer:
    record = AnswerRecord(
        **take(row, _TEXTS),
        outcome=AnswerOutcome(row["outcome"]),
        cost=AnswerCost(**take(row, _COST)),
        asked_at=row["asked_at"],
    )
    return KeptAnswer(
        key=SlotKey(**take(row, _KEY)), attempt=row["attempt"], run_id=row["run_id"], record=record
    )


def _figures_of(row: Any) -> AnswerFigures:
    return AnswerFigures(
        key=SlotKey(**take(row, _KEY)),
        attempt=row["attempt"],
        model=row["model"],
        outcome=AnswerOutcome(row["outcome"]),
        cost=AnswerCost(**take(row, _COST)),
    )
