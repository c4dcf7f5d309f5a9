"""Shadows answer the moment of the decision, once a sample, and leave tapes, answers and proposals only."""

from dataclasses import replace

import pytest

from tests.fakes.desk import ACCOUNT, at, bar
from tests.fakes.desk_makers import proposal
from tests.fakes.desk_points import Meanwhile
from tests.fakes.shadow_desk import (
    COST_USD,
    MOST_USD,
    always,
    beside,
    house_with,
    proposals,
    shadow,
    shadow_kit,
)
from tests.unit.risk.builders import BTC, TSLA
from tests.unit.trading.builders import at_bar, kit
from ztrade_core.domain.answers import AnswerOutcome
from ztrade_core.domain.configuration import MindChoice, Mode, StrategyChoice
from ztrade_core.domain.decisions import UNASKED, Action, Outcome, Proposal
from ztrade_core.domain.model_config import ModelConfig
from ztrade_core.domain.side_slots import shadow_slot
from ztrade_core.domain.time import iso_z
from ztrade_core.domain.waking import ASLEEP_MAKER
from ztrade_core.trading.cycle import CycleResult
from ztrade_core.trading.shadows import DRY_RUN, HOUSE_DECIDED, NONE_CONFIGURED

FIVE = iso_z(bar(5))
HOLD = proposal("hold")


def told(result: CycleResult) -> list[tuple[str, int, str, str, bool, bool]]:
    return [
        (
            each.name,
            each.sample,
            each.tape.proposal.action.value,
            each.outcome.value,
            each.agrees,
            each.fresh,
        )
        for each in result.shadows.answers
    ]


def test_each_shadow_answers_each_sample_once_and_a_second_run_asks_nobody() -> None:
    made = shadow_kit(shadow("bull", samples=2), shadow("calm_one"))
    first, again = made.cycle(at(5)), made.cycle(at(5))
    assert told(first) == [
        ("bull", 1, "buy", "denied", False, True),
        ("bull", 2, "buy", "denied", False, True),
        ("calm_one", 1, "buy", "denied", False, True),
    ]
    assert [each[:5] for each in told(again)] == [each[:5] for each in told(first)]
    assert [each.fresh for each in again.shadows.answers] == [False] * 3
    assert made.calls == {"bull": 2, "calm_one": 1}
    assert [tape.key.slot for tape in beside(made)] == [
        shadow_slot("bull", 1, FIVE),
        shadow_slot("bull", 2, FIVE),
        shadow_slot("calm_one", 1, FIVE),
    ]
    assert {tape.snapshot_hash for tape in beside(made)} == {first.tape.snapshot_hash}
    assert len(proposals(made)) == 3


def test_a_shadow_is_judged_on_the_evidence_of_the_decision_and_sent_nowhere() -> None:
    """The agent's own buy is not in the book that its shadow is judged on: both are approved."""
    wish = replace(proposal("buy"), quantity=3.0)
    made = shadow_kit(shadow("bull"), said=always(wish), script={at_bar(5): proposal("buy")})
    result = made.cycle(at(5))
    (answer,) = result.shadows.answers
    assert (answer.outcome, answer.agrees) == (Outcome.APPROVED, True)
    ((tape, verdicts, outcome),) = proposals(made)
    assert (tape.proposal.quantity, outcome) == (3.0, "approved")
    own = {each.rule_id: each for each in result.validated.verdicts}
    assert [each.rule_id for each in verdicts] == list(own)
    assert next(each for each in verdicts if each.rule_id == "RULE_006").observed is not None
    with made.store.reading() as uow:
        entries = [each for each in uow.orders.recent(ACCOUNT, 1) if each.decision_id]
    assert len(entries) == 1


def test_a_shadow_is_settled_as_the_decision_is() -> None:
    """A buy on a session's last bar is a hold that says so."""
    made = shadow_kit(shadow("bull"))
    made.put_bars({"TSLA": [100.0] * 78})
    (answer,) = made.cycle(at(77)).shadows.answers
    assert answer.tape.proposal.action is Action.HOLD
    assert "it was: buy, everything, now" in answer.tape.proposal.rationale


def test_shadows_are_asked_when_the_order_is_sent_and_protected() -> None:
    passed: list[str] = []
    points = ("taped", "admitted", "submitted", "protected", "recorded", "reserved", "shadowed")
    notes = {name: lambda name=name: passed.append(name) for name in points}
    made = shadow_kit(
        shadow("bull"), script={at_bar(5): proposal("buy")}, checkpoints=Meanwhile(notes)
    )
    made.cycle(at(5))
    assert passed == list(points)


def test_nobody_is_asked_for_a_dry_run_nor_without_shadows() -> None:
    made = shadow_kit(shadow("bull"))
    assert made.cycle(at(5), dry_run=True).shadows.note == DRY_RUN
    plain = shadow_kit()
    assert plain.cycle(at(5)).shadows.note == NONE_CONFIGURED
    assert (made.calls, beside(made)) == ({}, [])


@pytest.mark.parametrize(
    "own",
    [
        replace(HOLD, maker=ASLEEP_MAKER, rationale="asleep: wakes every 12 bars"),
        replace(HOLD, factors=((UNASKED, "no key"),), rationale="no key"),
    ],
    ids=["asleep", "unasked"],
)
def test_nobody_is_asked_where_the_agent_itself_was_not(own: Proposal) -> None:
    made = shadow_kit(shadow("bull"), script={at_bar(5): own})
    result = made.cycle(at(5))
    assert own.rationale in result.shadows.note
    assert (made.calls, beside(made)) == ({}, [])


def test_nobody_is_asked_where_the_house_decides() -> None:
    coin = replace(BTC, shadows=(shadow("bull"),))
    house = replace(house_with(), agents=(coin,))
    script = {at_bar(0, BTC.agent_id): proposal("buy")}
    made = shadow_kit(*coin.shadows, of=house, script=script)
    made.put_bars({"BTC/USD": [100.0, 100.0, 120.0, 120.0]})
    results = [made.cycle(at(number), BTC.agent_id) for number in range(3)]
    assert results[2].tape.proposal.maker == "protection:target"
    assert results[2].shadows.note == HOUSE_DECIDED
    assert made.calls == {"bull": 2}


def test_a_strategy_may_shadow_with_its_own_parameters() -> None:
    choice = StrategyChoice(name="sma_crossover", parameters=(("fast", 2.0), ("slow", 30.0)))
    mind = MindChoice(name="slow_one", mode=Mode.STRATEGY, strategy=choice)
    made = shadow_kit(of=house_with(mind), script={at_bar(5): proposal("buy")})
    (answer,) = made.cycle(at(5)).shadows.answers
    assert (answer.tape.mode, answer.tape.proposal.maker) == ("strategy", "script")
    assert (answer.usd, answer.seconds, answer.answer) == (0.0, None, AnswerOutcome.ANSWERED)


def test_what_a_shadow_costs_is_kept_with_its_answer() -> None:
    made = shadow_kit(shadow("bull", samples=2))
    result = made.cycle(at(5))
    assert [each.usd for each in result.shadows.answers] == [COST_USD, COST_USD]
    with made.store.reading() as uow:
        keys = [each.tape.key for each in result.shadows.answers]
        assert [len(uow.answers.of_slot(key)) for key in keys] == [1, 1]
        assert uow.answers.spent_usd(at(0)) == COST_USD + COST_USD


BUDGETS = [
    (10 * MOST_USD, {}, 7),  # half of it: six answers of 0.03, and 0.05 at most for the seventh
    (10 * MOST_USD, {"shadow_budget_usd": 0.0}, 0),
    (10 * MOST_USD, {"shadow_budget_usd": 100.0}, 10),
    (None, {"shadow_budget_usd": MOST_USD}, 1),
    (None, {}, 10),
]


@pytest.mark.parametrize(("budget", "models", "asked"), BUDGETS)
def test_shadows_leave_the_agents_their_share_of_the_day(
    budget: float | None, models: dict[str, float], asked: int
) -> None:
    shadows = (shadow("bull", samples=10),)
    made = shadow_kit(*shadows, of=house_with(*shadows, budget=budget, **models))
    result = made.cycle(at(5))
    assert made.calls["bull"] == asked
    unasked = [each for each in result.shadows.answers if each.answer is AnswerOutcome.UNASKED]
    assert len(unasked) == 10 - made.calls["bull"]
    assert all(each.tape.proposal.is_unasked for each in unasked)
    assert all("RULE_016" in each.reason for each in unasked)


def test_what_shadows_may_not_spend_is_there_for_the_agents() -> None:
    """Shadows stop at half of the day; the agent's own question is asked until the whole of it is spent."""
    shadows = (shadow("bull", samples=10),)
    own = replace(TSLA, mode=Mode.AUTOMATED, model=ModelConfig(model="own"), shadows=shadows)
    house = replace(house_with(budget=10 * MOST_USD), agents=(own,))
    made = shadow_kit(*shadows, shadow("own"), of=house, said=always(HOLD))
    results = [made.cycle(at(number)) for number in range(5, 11)]
    assert [each.tape.proposal.is_unasked for each in results] == [False] * 6
    assert made.calls == {"own": 6, "bull": 6}
    # 0.03 for its own first answer, then six shadows up to 0.21 of 0.25; 0.36 at the end, of 0.50


def test_the_moment_is_long_enough_for_every_shadow_and_only_the_agents_bars_speak_against_it() -> (
    None
):
    plain = kit({at_bar(11): proposal("buy")})
    long = shadow_kit(shadow("bull"), lookback=10, script={at_bar(11): proposal("buy")})
    assert len(plain.cycle(at(11)).observed.snapshot.bars) == 3
    result = long.cycle(at(11))
    assert len(result.observed.snapshot.bars) == 10
    assert result.validated.outcome in {Outcome.APPROVED, Outcome.RESIZED}
