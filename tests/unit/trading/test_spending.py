"""What RULE_016 counts, and for whom: whoever's decision a model may have been asked for."""

from dataclasses import replace

import pytest

from tests.fakes.answer_rows import MOST_USD, answer, question
from tests.fakes.desk import DeskKit, at, bar
from tests.unit.trading.builders import TSLA, house, kit
from ztrade_core.domain.configuration import AgentConfig, EnsembleConfig, MindChoice, Mode, Vote
from ztrade_core.domain.model_config import ModelConfig, ModelsConfig
from ztrade_core.trading.cycle import run_cycle
from ztrade_core.trading.desk import CycleRequest
from ztrade_core.trading.spending import model_spending, spent_in
from ztrade_core.trading.standing import judge_standing

MODEL = MindChoice(name="haiku", mode=Mode.AUTOMATED, model=ModelConfig())
FILE, OWN = (
    MindChoice(name=name, mode=mode)
    for name, mode in (("desk", Mode.SUBAGENT), ("own", Mode.STRATEGY))
)
BUDGET = ModelsConfig(prices=(), daily_budget_usd=1.0, max_usd_per_decision=1.0)


def voting(*members: MindChoice) -> AgentConfig:
    ensemble = EnsembleConfig(vote=Vote.MAJORITY, members=members)
    return replace(TSLA, mode=Mode.ENSEMBLE, ensemble=ensemble)


def spent_kit(agent: AgentConfig = TSLA, usd: float = 0.5) -> DeskKit:
    """An answer of today is kept, and a question that has none."""
    made = kit(of=replace(house(agent), models=BUDGET))
    with made.store.locked() as uow:
        uow.answers.reserve(question(1, asked_at=bar(0)))
        uow.answers.put(answer(1, usd=usd))
        uow.answers.reserve(question(2, asked_at=bar(0)))
    return made


@pytest.mark.parametrize(
    ("agent", "mode", "counts"),
    [
        (TSLA, Mode.AUTOMATED, True),
        (TSLA, Mode.STRATEGY, False),
        (TSLA, Mode.SUBAGENT, False),
        (TSLA, Mode.MANUAL, False),
        (voting(OWN, MODEL), Mode.ENSEMBLE, True),
        (voting(OWN, FILE), Mode.ENSEMBLE, False),
        (voting(OWN, MODEL), Mode.STRATEGY, False),
        (replace(TSLA, shadows=(MODEL,)), Mode.STRATEGY, False),
    ],
    ids=[
        "a model",
        "a strategy",
        "a file",
        "a person",
        "a vote with a model",
        "a vote without",
        "a strategy in its place",
        "a model in the shadow",
    ],
)
def test_spending_counts_where_a_model_has_a_say(
    agent: AgentConfig, mode: Mode, *, counts: bool
) -> None:
    made = spent_kit(agent)
    with made.store.reading() as uow:
        found = spent_in(made.desk(at(0)), uow, agent, mode.value)
    assert found == (0.5 + MOST_USD if counts else 0.0)


@pytest.mark.parametrize(("usd", "passed"), [(1.0 - MOST_USD, True), (1.01 - MOST_USD, False)])
def test_an_ensemble_with_a_model_is_under_the_budget_and_its_evidence_says_so(
    usd: float, *, passed: bool
) -> None:
    """Judged on what is stored: a replay needs no spending of today."""
    made = spent_kit(voting(OWN, MODEL), usd)
    result = run_cycle(
        made.desk(at(0)), CycleRequest(agent_id=TSLA.agent_id, as_of=at(0), holder="run")
    )
    (verdict,) = [each for each in result.validated.verdicts if each.rule_id == "RULE_016"]
    assert verdict.passed is passed
    assert verdict.observed == pytest.approx(usd + MOST_USD)
    assert result.validated.admission is not None
    assert '"model_spent_usd":' in result.validated.admission.row.decision.book


def test_the_standing_book_is_judged_with_todays_spending() -> None:
    made = spent_kit(replace(TSLA, mode=Mode.AUTOMATED, model=ModelConfig()))
    made.cycle(at(0))
    ((_, verdicts),) = judge_standing(made.desk(at(0)), at(0)).verdicts
    (verdict,) = [each for each in verdicts if each.rule_id == "RULE_016"]
    assert verdict.observed == 0.5 + MOST_USD


def test_spent_and_reserved_are_told_apart_until_new_yorks_midnight() -> None:
    made = spent_kit()
    found = model_spending(made.store, BUDGET, at(0))
    assert (found.answered_usd, found.reserved_usd, found.unanswered) == (0.5, MOST_USD, 1)
    assert (found.spent_usd, found.budget_usd) == (0.5 + MOST_USD, 1.0)
    tomorrow = model_spending(made.store, BUDGET, at(0).replace(day=29))
    assert (tomorrow.spent_usd, tomorrow.unanswered) == (0.0, 0)
