"""Questions and answers of minds, in every store: each kept once, for good, and summed by the day."""

import pytest

from tests.fakes.answer_rows import MOST_USD, answer, question
from tests.fakes.store_rows import ACCOUNT, AGENT, NOON, minutes, order, slot_key
from ztrade_core.domain.answers import DaySpending
from ztrade_core.errors import StoreError
from ztrade_core.ports.store import Store, UnitOfWork


def test_answers_come_back_as_they_were_put(store: Store) -> None:
    with store.locked() as unit:
        unit.answers.put(answer(2))
        unit.answers.put(answer(1, 2, run_id="run-2", problem=""))
        unit.answers.put(answer(1))
    with store.reading() as unit:
        again = answer(1, 2, run_id="run-2", problem="")
        assert unit.answers.of_slot(slot_key(1)) == [answer(1), again]
        assert unit.answers.of_agent(ACCOUNT, 1, AGENT) == [answer(2), again, answer(1)]
        assert unit.answers.of_agent(ACCOUNT, 1, AGENT, limit=1) == [answer(2)]
        assert unit.answers.of_agent(ACCOUNT, 2, AGENT) == []
        assert unit.answers.of_slot(slot_key(1, account="other")) == []


def test_what_no_database_takes_is_replaced_in_the_text(store: Store) -> None:
    with store.locked() as unit:
        unit.answers.put(answer(raw="a\x00b\ud800c"))
    with store.reading() as unit:
        assert unit.answers.of_slot(slot_key()) == [answer(raw="a\ufffdb\ufffdc")]


def test_attempts_are_counted_over_questions_and_answers(store: Store) -> None:
    with store.locked() as unit:
        assert unit.answers.next_attempt(slot_key()) == 1
        unit.answers.put(answer())  # never asked
        assert (unit.answers.next_attempt(slot_key()), unit.answers.reserved(slot_key())) == (2, 0)
        unit.answers.reserve(question(attempt=2))
        assert (unit.answers.next_attempt(slot_key()), unit.answers.reserved(slot_key())) == (3, 1)
        assert unit.answers.next_attempt(slot_key(2)) == 1


def test_questions_without_an_answer_are_told_in_order(store: Store) -> None:
    with store.locked() as unit:
        for attempt in (1, 2, 3):
            unit.answers.reserve(question(attempt=attempt, run_id=f"run-{attempt}"))
        unit.answers.reserve(question(2))
        unit.answers.put(answer(1, 2))
        unit.answers.put(answer(3))  # never asked
    with store.reading() as unit:
        left = [question(attempt=attempt, run_id=f"run-{attempt}") for attempt in (1, 3)]
        assert unit.answers.unanswered(slot_key(1)) == left
        assert unit.answers.unanswered(slot_key(2)) == [question(2)]
        assert unit.answers.unanswered(slot_key(3)) == []


def test_an_attempt_is_kept_once(store: Store) -> None:
    with store.locked() as unit:
        unit.answers.reserve(question())
        unit.answers.put(answer())
    for again in (
        lambda unit: unit.answers.reserve(question(most_usd=9.0)),
        lambda unit: unit.answers.put(answer(usd=9.0)),
    ):
        with pytest.raises(StoreError, match="is there already"), store.locked() as unit:
            again(unit)
    with store.reading() as unit:
        assert unit.answers.spent_usd(NOON) == 0.01


def test_a_question_counts_at_the_most_until_it_is_answered(store: Store) -> None:
    with store.locked() as unit:
        unit.answers.reserve(question(1))
        unit.answers.reserve(question(2, key=slot_key(2, account="other", agent_id="agent_iwm")))
        assert unit.answers.spent_usd(NOON) == MOST_USD + MOST_USD  # every account's
        unit.answers.put(answer(1))
        assert unit.answers.spent_usd(NOON) == 0.01 + MOST_USD
        unit.answers.put(answer(3, usd=7.0))  # never asked, so never paid
        assert unit.answers.spent_usd(minutes(2)) == MOST_USD
        assert unit.answers.spent_usd(minutes(2.001)) == 0.0


def test_what_is_spent_and_what_is_only_reserved_are_told_apart(store: Store) -> None:
    with store.locked() as unit:
        assert unit.answers.spending(NOON) == DaySpending(
            answered_usd=0.0, reserved_usd=0.0, unanswered=0
        )
        unit.answers.reserve(question(1))
        unit.answers.reserve(question(1, attempt=2))
        unit.answers.reserve(question(2, key=slot_key(2, account="other", agent_id="agent_iwm")))
        unit.answers.put(answer(1))
        unit.answers.put(answer(3, usd=7.0))  # never asked, so never paid
        found = unit.answers.spending(NOON)
        assert found == DaySpending(answered_usd=0.01, reserved_usd=2 * MOST_USD, unanswered=2)
        assert found.answered_usd + found.reserved_usd == unit.answers.spent_usd(NOON)
        assert unit.answers.spending(minutes(2)).unanswered == 1


def test_a_block_that_raises_leaves_neither(store: Store) -> None:
    def spoil(unit: UnitOfWork) -> None:
        unit.answers.reserve(question())
        unit.answers.put(answer())
        unit.orders.update(order(1))

    with pytest.raises(StoreError, match="does not exist"), store.locked() as unit:
        spoil(unit)
    with store.reading() as unit:
        assert (unit.answers.spent_usd(NOON), unit.answers.of_slot(slot_key())) == (0.0, [])
