"""What a scoreboard reads of every store: answers without verdicts, and what they took without words."""

from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from tests.fakes.answer_rows import answer
from tests.fakes.store_rows import ACCOUNT, AGENT, decision, minutes, proposal, slot_key, verdict
from ztrade_core.domain.answers import AnswerFigures, KeptAnswer
from ztrade_core.domain.decisions import Action, DecidedAnswer, Decision
from ztrade_core.errors import LedgerBrokenError
from ztrade_core.ports.store import Store
from ztrade_core.store.sql_store import SqlStore


def told(each: Decision) -> DecidedAnswer:
    return DecidedAnswer(key=each.key, as_of=each.as_of, proposal=each.proposal)


def test_answers_are_those_of_the_agent_within_the_moments(store: Store) -> None:
    mine = [decision(number, proposal=proposal(Action.SELL, 0.25)) for number in (1, 3, 2)]
    newer = decision(9, key=replace(slot_key(9), account_epoch=2), as_of=minutes(2.5))
    others = [
        decision(11, key=slot_key(11, account="paper"), as_of=minutes(2)),
        decision(12, key=slot_key(12, agent_id="agent_iwm"), as_of=minutes(2)),
    ]
    with store.locked() as unit:
        for each in (*mine, *others, newer):
            unit.ledger.append(each, (verdict(),), "")
    with store.reading() as unit:
        found = unit.ledger.answers_between(ACCOUNT, AGENT, minutes(2), minutes(3))
        assert found == [told(mine[2]), told(newer)]
        found = unit.ledger.answers_between(ACCOUNT, AGENT, minutes(1), minutes(4))
        assert found == [told(mine[0]), told(mine[1]), told(mine[2]), told(newer)]
        assert unit.ledger.answers_between(ACCOUNT, AGENT, minutes(4), minutes(9)) == []


def test_an_edited_answer_is_named(engine: Engine) -> None:
    store = SqlStore(engine)
    with store.locked() as unit:
        for number in (1, 2, 3):
            unit.ledger.append(decision(number), (), "")
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            names = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            for name in connection.exec_driver_sql(names).scalars().all():
                connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
        else:
            connection.exec_driver_sql("ALTER TABLE decisions DISABLE TRIGGER USER")
        connection.execute(sa.text("UPDATE decisions SET action = 'x' WHERE sequence = 2"))
    with store.reading() as unit, pytest.raises(LedgerBrokenError, match="decision-2"):
        unit.ledger.answers_between(ACCOUNT, AGENT, minutes(0), minutes(9))


def figures(kept: KeptAnswer) -> AnswerFigures:
    return AnswerFigures(
        key=kept.key,
        attempt=kept.attempt,
        model=kept.record.model,
        outcome=kept.record.outcome,
        cost=kept.record.cost,
    )


def test_figures_are_told_without_their_words_oldest_first(store: Store) -> None:
    kept = [answer(3), answer(1), answer(2, 2), answer(2)]
    side = replace(answer(4), key=replace(slot_key(4), slot="shadow:haiku:1:slot-4"))
    with store.locked() as unit:
        for each in (*kept, side):
            unit.answers.put(each)
    with store.reading() as unit:
        found = unit.answers.figures(ACCOUNT, 1, AGENT, since=minutes(2))
        assert found == [figures(each) for each in (kept[3], kept[2], kept[0], side)]
        assert unit.answers.figures(ACCOUNT, 2, AGENT, since=minutes(0)) == []
        assert unit.answers.figures(ACCOUNT, 1, "agent_iwm", since=minutes(0)) == []
