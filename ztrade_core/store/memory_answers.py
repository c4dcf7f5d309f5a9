"""Questions to minds outside this process and their answers, in memory."""

from dataclasses import replace
from datetime import datetime
from typing import TypeAlias

from typing_extensions import override

from ztrade_core.domain.answers import AnswerRecord, AskedQuestion, KeptAnswer
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
    def spent_usd(self, since: datetime) -> float:
        total = 0.0
        for key, question in sorted(self._questions.items(), key=lambda each: _order(each[1])):
            if question.asked_at >= since:
                answer = self._answers.get(key)
                total += question.most_usd if answer is None else answer.record.cost.usd
        return total

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


def _order(question: AskedQuestion) -> tuple[datetime, str, int, str, str, int]:
    key = question.key
    return (
        question.asked_at,
        key.account,
        key.account_epoch,
        key.agent_id,
        key.slot,
        question.attempt,
    )


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
