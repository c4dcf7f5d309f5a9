"""What a trial says beside its figures: plain warnings, and what each view leaves out."""

from dataclasses import replace
from datetime import date

from tests.fakes.desk import DeskKit, kit_in_memory
from tests.fakes.rule_trials import NOW, at, by_hand, days_of, traded, tried
from tests.fakes.split_store import MemorySplitStore
from tests.unit.risk.builders import TSLA, company
from ztrade_core.domain.book import Halt
from ztrade_core.domain.splits import Split
from ztrade_core.settings.company import with_digest
from ztrade_core.studies.rule_trial import RuleTrial
from ztrade_core.studies.rule_trial_limits import NO_CHANGE
from ztrade_core.studies.rule_trial_telling import CHOSEN_AFTER, notes_of, warnings_of

DENYING = {"max_order_usd": 500.0}


def kit_of() -> DeskKit:
    return kit_in_memory(company=with_digest(company(TSLA, max_correlated_positions=None)))


def said(lines: list[str], what: str) -> list[str]:
    return [line for line in lines if what in line]


def test_a_proposal_that_helps_only_where_it_was_fitted_is_warned_of_in_both_views() -> None:
    """Denied: losses of 20.396 and 10.398 in the fitting part, a gain of 19.596 in the holdout."""
    trial = tried(traded(kit_of(), (98.0, 99.0, 102.0)), DENYING)

    told = said(warnings_of(trial), "only in the fitting part")
    assert len(told) == 2
    assert "+$30.79 there, -$19.60 in the holdout" in told[0]
    assert "+0.031% there, -0.020% in the holdout, -0.020% in it from flat" in told[1]


def test_a_proposal_that_helps_in_the_holdout_is_not_warned_of() -> None:
    trial = tried(traded(kit_of(), (99.0, 99.0, 98.0)), DENYING)
    assert said(warnings_of(trial), "only in the fitting part") == []


def test_few_trades_are_too_few_to_say_and_the_choice_is_always_recalled() -> None:
    trial = tried(traded(kit_of()), DENYING)
    [told] = said(warnings_of(trial), "too few to say")
    assert "the holdout has 1 trade entry by entry and 1 trade on the path, under 10" in told
    assert warnings_of(trial)[-1] == CHOSEN_AFTER


def test_ten_trades_are_enough() -> None:
    kit = with_many(11)
    fitted = tried(kit, DENYING, first="2022-12-28", last="2022-12-28", holdout=0.0)
    assert fitted.decisions.consequences[0].filled == 11
    assert said(warnings_of(fitted), "too few") == []


def with_many(trades: int) -> DeskKit:
    """A day on which a share is bought on every even bar and sold on the next."""
    agent = replace(
        TSLA, limits=replace(TSLA.limits, max_daily_trades=99, max_consecutive_losses=99)
    )
    house = company(agent, max_correlated_positions=None, max_agent_entries_per_hour=None)
    kit = kit_in_memory(company=with_digest(house))
    kit.bars.upsert(days_of("TSLA", (102.0,), bars=2 * trades + 4), source="test", ingested_at=NOW)
    for number in range(trades):
        by_hand(kit.desk, at(0, 2 * number), "buy", quantity=1.0)
        by_hand(kit.desk, at(0, 2 * number + 1), "sell")
    by_hand(kit.desk, at(0, 2 * trades + 1), "hold")
    return kit


def test_no_decision_says_when_the_newest_was() -> None:
    kit = traded(kit_of(), (102.0,))
    trial = tried(kit, DENYING, first="2022-12-29", last="2022-12-30")
    [told] = said(warnings_of(trial), "no decision is recorded")
    assert "has its newest at 2022-12-28T15:10:00Z" in told
    empty = tried(kit_of(), DENYING)
    assert said(warnings_of(empty), "account rehearsal has none")
    assert notes_of(empty) == []


def test_only_holds_leave_the_rules_nothing_to_deny() -> None:
    kit = kit_of()
    kit.bars.upsert(days_of("TSLA", (102.0,)), source="test", ingested_at=NOW)
    by_hand(kit.desk, at(0, 1), "hold")
    trial = tried(kit, DENYING)
    assert (trial.record.decisions, trial.record.holds) == (1, 1)
    assert said(warnings_of(trial), "nobody wanted to buy")
    assert said(warnings_of(trial), "too few") == []


def test_one_day_says_that_nothing_is_held_out() -> None:
    trial = tried(traded(kit_of(), (102.0,)), DENYING, first="2022-12-28", last="2022-12-28")
    assert said(warnings_of(trial), "nothing is held out of 1 day")


def test_what_is_left_out_is_named_once_a_reason_with_its_count() -> None:
    other = with_digest(company(TSLA, max_correlated_positions=None, max_order_usd=500.0))
    trial = tried(traded(kit_of()), {"max_order_usd": 400.0}, company=other)
    [told] = said(warnings_of(trial), "left out of the decisions")
    assert told.startswith("3 entries are left out of the decisions, decided under another")
    assert trial.record.entries[0].decision.decision_id in told


def test_limits_that_a_view_cannot_play_are_named() -> None:
    kit = traded(kit_of())
    breaker = tried(kit, {"max_drawdown_fraction": 0.1})
    assert said(notes_of(breaker), "only the path plays breakers (on_halt)")
    frozen = tried(kit, {"correlation_returns": 50})
    assert said(notes_of(frozen), "correlation_returns change nothing there")
    live = tried(kit, {"max_clock_skew_seconds": 1.0})
    assert said(notes_of(live), "nothing in a simulation fails max_clock_skew_seconds")
    assert said(notes_of(tried(kit, DENYING)), "only the path plays breakers") == []


def test_halts_that_a_person_set_are_said_not_to_be_played() -> None:
    kit = traded(kit_of())
    halt = Halt(
        halt_id="halt-1", agent_id=None, kind="manual", who="ada", why="lunch", since=at(1, 9)
    )
    with kit.store.locked() as uow:
        uow.halts.add(kit.account, halt)
    trial = tried(kit, DENYING)
    assert [each.halt_id for each in trial.halts] == ["halt-1"]
    assert said(notes_of(trial), "halts that a person set in the period are not played")


def test_a_split_inside_the_period_is_said() -> None:
    kit = traded(kit_of())
    splits = MemorySplitStore()
    splits.put([Split(symbol="TSLA", ex_date=date(2022, 12, 30), ratio=2.0, source="test")])
    trial = tried(replace(kit, splits=splits), DENYING)
    assert said(notes_of(trial), "TSLA split on 2022-12-30")


def test_the_limits_of_now_are_said_to_change_nothing() -> None:
    trial: RuleTrial = tried(traded(kit_of()), {})
    assert warnings_of(trial)[0] == NO_CHANGE
