"""Questions to minds outside this process and their answers, in memory."""

from dataclasses import replace
from datetime import datetime
from math import fsum
from typing import TypeAlias

from typing_extensions import override

from ztrade_core.domain.answers import (
    AnswerFigures,
    AnswerRecord,
    AskedQuestion,
    DaySpending,
    KeptAnswer,
)
from ztrade_core.domain.decisions import SlotKey
from ztrade_core.domain.storable import storable_text
from ztrade_core.errors import StoreError
from ztrade_core.ports.answers import Answers
from ztrade_core.store.journal import Journal
from ztrade_core.store.sql_answers import already_there

_Key: TypeAlias = tuple[SlotKey, int]


class MemoryAnswers(Answers):
    """One row a slot and attempt."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._questions: dict[_Key, AskedQuestion] = {}
        self._answers: dict[_Key, KeptAnswer] = {}

    @override
    def next_attempt(self, key: SlotKey) -> int:
        known = (number for slot, number in (*self._questions, *self._answers) if slot == key)
        return max(known, default=0) + 1

    @override
    def reserved(self, key: SlotKey) -> int:
        return len([1 for slot, _ in self._questions if slot == key])

    @override
    def unanswered(self, key: SlotKey) -> list[AskedQuestion]:
        open_ones = self._questions.keys() - self._answers.keys()
        found = [self._questions[each] for each in open_ones if each[0] == key]
        return sorted(found, key=lambda question: question.attempt)

    @override
    def reserve(self, question: AskedQuestion) -> None:
        key = (question.key, question.attempt)
        if key in self._questions:
            raise StoreError(already_there("question", *key))
        self._journal.note(lambda: self._questions.pop(key))
        self._questions[key] = question

    @override
    def put(self, answer: KeptAnswer) -> None:
        key = (answer.key, answer.attempt)
        if key in self._answers:
            raise StoreError(already_there("answer", *key))
        self._journal.note(lambda: self._answers.pop(key))
        self._answers[key] = replace(answer, record=_storable(answer.record))

    @override
    def spending(self, since: datetime) -> DaySpending:
        since_then = {key for key, each in self._questions.items() if each.asked_at >= since}
        answered, reserved = since_then & self._answers.keys(), since_then - self._answers.keys()
        return DaySpending(
            answered_usd=fsum(self._answers[key].record.cost.usd for key in answered),
            reserved_usd=fsum(self._questions[key].most_usd for key in reserved),
            unanswered=len(reserved),
        )

    @override
    def of_slot(self, key: SlotKey) -> list[KeptAnswer]:
        found = [answer for (slot, _), answer in self._answers.items() if slot == key]
        return sorted(found, key=lambda each: each.attempt)

    @override
    def of_agent(
        self, account: str, account_epoch: int, agent_id: str, *, limit: int = 20
    ) -> list[KeptAnswer]:
        whose = (account, account_epoch, agent_id)
        found = [
            each
            for each in self._answers.values()
            if (each.key.account, each.key.account_epoch, each.key.agent_id) == whose
        ]
        found.sort(key=lambda each: (each.record.asked_at, each.key.slot, each.attempt))
        return found[::-1][:limit]

    @override
    def figures(
        self, account: str, account_epoch: int, agent_id: str, *, since: datetime
    ) -> list[AnswerFigures]:
        newest_first = self.of_agent(account, account_epoch, agent_id, limit=len(self._answers))
        return [
            AnswerFigures(
                key=each.key,
                attempt=each.attempt,
                model=each.record.model,
                outcome=each.record.outcome,
                cost=each.record.cost,
            )
            for each in reversed(newest_first)
            if each.record.asked_at >= since
        ]


def _storable(record: AnswerRecord) -> AnswerRecord:
    return replace(
        record,
        maker=storable_text(record.maker),
        model=storable_text(record.model),
        prompt_digest=storable_text(record.prompt_digest),
        settings=storable_text(record.settings),
        question=storable_text(record.question),
        raw=storable_text(record.raw),
        problem=storable_text(record.problem),
    )
