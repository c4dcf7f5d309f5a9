"""Shadows that fail: each leaves a hold that says why, or waits; what was decided stands, a bug is loud."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.desk import ACCOUNT, at, bar
from tests.fakes.desk_makers import proposal
from tests.fakes.desk_points import Meanwhile
from tests.fakes.shadow_desk import (
    ABSURD,
    always,
    beside,
    house_with,
    proposals,
    shadow,
    shadow_kit,
)
from tests.unit.risk.builders import TSLA
from tests.unit.trading.builders import at_bar
from ztrade_core.domain.answers import AnswerOutcome, AskedQuestion
from ztrade_core.domain.configuration import MindChoice, Mode
from ztrade_core.domain.decisions import Action, Outcome, Proposal
from ztrade_core.domain.side_slots import shadow_slot
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.domain.time import iso_z
from ztrade_core.errors import ConfigError, LookAheadError, StoreError
from ztrade_core.trading.cycle import CycleResult, run_cycle
from ztrade_core.trading.desk import CycleRequest
from ztrade_core.trading.shadows import TOO_LATE, ask_shadows

FIVE = iso_z(bar(5))


def broken(_snapshot: MarketSnapshot, _agent: object) -> Proposal:
    raise ConfigError("config/prompts: a field is missing")


def test_a_shadow_that_cannot_be_asked_is_a_hold_that_says_why() -> None:
    made = shadow_kit(shadow("bull"), said=broken, script={at_bar(5): proposal("buy")})
    result = made.cycle(at(5))
    (answer,) = result.shadows.answers
    assert "a field is missing" in answer.tape.proposal.rationale
    assert (answer.tape.proposal.is_unasked, answer.answer) == (True, AnswerOutcome.UNASKED)
    assert result.execution is not None
    assert result.execution.submission is not None
    assert len(proposals(made)) == 1


def test_a_mode_that_is_not_there_costs_the_shadow_its_answer_and_the_agent_nothing() -> None:
    mind = MindChoice(name="by_file", mode=Mode.SUBAGENT)
    made = shadow_kit(of=house_with(mind), script={at_bar(5): proposal("buy")})
    desk = made.desk(at(5))
    desk = replace(desk, makers={Mode.STRATEGY: desk.makers[Mode.STRATEGY]})
    request = CycleRequest(agent_id=TSLA.agent_id, as_of=at(5), holder="run")
    result = run_cycle(desk, request)
    (answer,) = result.shadows.answers
    assert "mode 'subagent' does not exist" in answer.tape.proposal.rationale
    assert (answer.tape.proposal.action, answer.answer) == (Action.HOLD, AnswerOutcome.UNASKED)
    assert result.validated.outcome in {Outcome.APPROVED, Outcome.RESIZED}


def bug(_snapshot: MarketSnapshot, _agent: object) -> Proposal:
    raise LookAheadError("a read past as_of")


def test_a_bug_is_loud_and_what_was_decided_stands() -> None:
    made = shadow_kit(shadow("bull"), said=bug, script={at_bar(5): proposal("buy")})
    with pytest.raises(LookAheadError):
        made.cycle(at(5))
    with made.store.reading() as uow:
        (order,) = uow.orders.recent(ACCOUNT, 1)
        assert order.broker_order_id is not None
        assert uow.accounts.lease(ACCOUNT, TSLA.agent_id) is None


def gone(_snapshot: MarketSnapshot, _agent: object) -> Proposal:
    raise StoreError("the disk is full")


def test_a_database_that_fails_ends_it_and_the_next_run_goes_on() -> None:
    made = shadow_kit(shadow("bull", samples=2), said=gone)
    result = made.cycle(at(5))
    assert "the disk is full" in result.shadows.problem
    assert (result.shadows.answers, result.validated.outcome) == ((), Outcome.HELD)
    models = {"bull": replace(made.models["bull"], said=always(ABSURD))}
    later = replace(made, models=models).cycle(at(5))
    assert len(later.shadows.answers) == 2


def test_one_that_other_runs_are_asking_is_passed_over() -> None:
    """Two runs asked the first sample and may still have its answer: it is neither asked nor buried."""
    made = shadow_kit(shadow("bull", samples=2))
    key = replace(made.cycle(at(5), dry_run=True).observed.key, slot=shadow_slot("bull", 1, FIVE))
    with made.store.locked() as uow:
        for attempt in (1, 2):
            uow.answers.reserve(
                AskedQuestion(
                    key=key, attempt=attempt, run_id=f"r{attempt}", most_usd=0.01, asked_at=at(5)
                )
            )
    shadows = made.cycle(at(5)).shadows
    assert [each.sample for each in shadows.answers] == [2]
    assert "bull 1: " in shadows.problem
    assert [tape.key.slot for tape in beside(made)] == [shadow_slot("bull", 2, FIVE)]


def test_live_nobody_is_asked_whose_answer_may_come_when_the_next_bar_is_complete() -> None:
    """Its run queues behind this one: a shadow that takes all its 60 seconds must not keep it waiting."""
    quick = MindChoice(name="quick", mode=Mode.STRATEGY)
    made = shadow_kit(shadow("bull", samples=2), quick)
    key = replace(made, company=house_with()).cycle(at(5)).observed.key
    late, soon = (
        replace(made.desk(at(5), now=at(6) - timedelta(seconds=each)), live=True)
        for each in (60, 61)
    )
    found = ask_shadows(late, key, holder="late")
    assert [each.name for each in found.answers] == ["quick"]
    assert found.problem == f"bull 1: {TOO_LATE}; bull 2: {TOO_LATE}"
    assert len(ask_shadows(soon, key, holder="soon").answers) == 3
    assert len(ask_shadows(late, key, holder="again").answers) == 3, "what is there is told"
    assert made.calls == {"bull": 2}
    over = replace(made.desk(at(5), now=at(6)), live=True)
    other = replace(made, company=house_with(replace(quick, name="other"))).company
    assert ask_shadows(replace(over, company=other), key, holder="over").answers == ()


def test_of_two_runs_at_once_the_first_answer_stands_and_is_judged_once() -> None:
    made = shadow_kit(shadow("bull"))
    other: list[CycleResult] = []
    racing = replace(
        made,
        checkpoints=Meanwhile(
            {"answered": lambda: other.append(made.cycle(at(5), holder="the other"))}
        ),
    )
    (answer,) = racing.cycle(at(5), holder="one").shadows.answers
    assert answer.tape.run_id == "the other"
    assert (len(beside(made)), len(proposals(made)), made.calls["bull"]) == (1, 1, 2)
    with made.store.reading() as uow:
        assert len(uow.answers.of_slot(answer.tape.key)) == 2  # both were paid for, both are kept
