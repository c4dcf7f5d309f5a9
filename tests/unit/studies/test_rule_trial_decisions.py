"""Each recorded entry under proposed limits, with numbers followed by hand (`tests.fakes.rule_trials`).

Ten shares, bought at 100.02: +19.596 sold at 101.9796, -10.398 at 98.9802, -20.396 at 97.9804.
"""

from dataclasses import replace

import pytest

from tests.fakes.desk import DeskKit, kit_in_memory, quiet_company
from tests.fakes.rule_trials import NOW, at, by_hand, days_of, trade_day, traded, tried
from tests.unit.risk.builders import IWM, TSLA, company
from ztrade_core.domain.configuration import Company
from ztrade_core.domain.decisions import Outcome
from ztrade_core.settings.company import with_digest
from ztrade_core.studies.rule_trial import RuleTrial
from ztrade_core.studies.rule_trial_decisions import Consequence
from ztrade_core.studies.rule_trial_entries import Change, LeftOut

ONE_DAY = {"first": "2022-12-28", "last": "2022-12-28"}


def house(**risk: object) -> Company:
    return with_digest(company(TSLA, max_correlated_positions=None, **risk))


def kit_of(**risk: object) -> DeskKit:
    return kit_in_memory(company=house(**risk))


def sums(trial: RuleTrial) -> tuple[Consequence, Consequence, Consequence]:
    whole, fitting, holdout = trial.decisions.consequences
    return whole, fitting, holdout


def test_a_denied_entry_saves_its_loss_and_forgoes_its_gain() -> None:
    trial = tried(traded(kit_of()), {"max_order_usd": 500.0})

    whole, fitting, holdout = sums(trial)
    assert [one.judged.rules for one in trial.decisions.changed] == [("RULE_014",)] * 3
    assert (whole.entries, whole.filled, whole.denied_by) == (3, 3, {"RULE_014": 3})
    assert whole.changes == {Change.NEWLY_DENIED: 3}
    assert (fitting.saved_usd, fitting.forgone_usd) == pytest.approx((10.398, 19.596))
    assert fitting.net_usd == pytest.approx(-9.198)
    assert (holdout.saved_usd, holdout.forgone_usd) == pytest.approx((20.396, 0.0))
    assert whole.net_usd == pytest.approx(11.198)
    assert whole.open_usd == 0.0


def test_a_smaller_entry_counts_in_proportion() -> None:
    """Half a percent of the capital is 500 USD: four shares at the limit of 100.20."""
    trial = tried(traded(kit_of()), {"max_symbol_fraction": 0.005})

    whole, fitting, holdout = sums(trial)
    assert [one.judged.quantity for one in trial.decisions.changed] == [4.0, 4.0, 4.0]
    assert {one.judged.rules for one in trial.decisions.changed} == {("RULE_005",)}
    assert whole.changes == {Change.RESIZED: 3}
    assert (fitting.saved_usd, fitting.forgone_usd) == pytest.approx((6.2388, 11.7576))
    assert holdout.saved_usd == pytest.approx(12.2376)


def test_a_larger_entry_counts_in_proportion_and_apart() -> None:
    """Four shares made +7.8384, -4.1592, -8.1584: ten would have made one and a half times that more."""
    trial = tried(traded(kit_of(max_symbol_fraction=0.005)), {"max_symbol_fraction": 0.05})

    whole, fitting, holdout = sums(trial)
    assert whole.changes == {Change.RESIZED: 3}
    assert (whole.saved_usd, whole.forgone_usd) == (0.0, 0.0)
    assert fitting.larger_usd == pytest.approx(1.5 * (7.8384 - 4.1592))
    assert holdout.net_usd == pytest.approx(1.5 * -8.1584)


def test_what_a_newly_allowed_entry_would_have_earned_is_not_said() -> None:
    kit = traded(kit_of(max_agent_entries_per_hour=1), (102.0,))
    by_hand(kit.desk, at(0, 8), "buy", quantity=10.0)

    trial = tried(kit, {"max_agent_entries_per_hour": 12}, **ONE_DAY)

    [one] = trial.decisions.changed
    assert (one.judged.change, one.judged.rules) == (Change.NEWLY_ALLOWED, ("RULE_010",))
    assert one.judged.row.decision.outcome is Outcome.DENIED
    assert (one.judged.quantity, one.result) == (10.0, None)
    [whole] = trial.decisions.consequences
    assert (whole.allowed_by, whole.net_usd, whole.filled) == ({"RULE_010": 1}, 0.0, 1)


def test_an_open_position_is_marked_when_the_account_was_and_told_apart() -> None:
    """Bars that came after the account's last mark (99 the next day) are not looked at."""
    kit = kit_of()
    kit.bars.upsert(days_of("TSLA", (102.0, 99.0)), source="test", ingested_at=NOW)
    by_hand(kit.desk, at(0, 1), "buy", quantity=10.0)
    by_hand(kit.desk, at(0, 5), "hold")

    trial = tried(kit, {"max_order_usd": 500.0}, **ONE_DAY)

    [whole] = trial.decisions.consequences
    assert (whole.filled, whole.saved_usd, whole.forgone_usd) == (1, 0.0, 0.0)
    assert whole.open_usd == pytest.approx(-10 * (102.0 - 100.02))


def test_an_entry_that_was_never_filled_is_worth_nothing() -> None:
    kit = kit_of()
    kit.bars.upsert(days_of("TSLA", (102.0,)), source="test", ingested_at=NOW)
    by_hand(kit.desk, at(0, 11), "buy", quantity=10.0)

    trial = tried(kit, {"max_order_usd": 500.0}, **ONE_DAY)

    [one] = trial.decisions.changed
    assert (one.result, one.effect_usd) == (None, 0.0)


def test_a_breaker_of_the_proposal_halts_the_entry_that_would_have_tripped_it() -> None:
    """The day's loss is 20.396 of 100,000 when the second entry is asked for."""
    kit = traded(kit_of(), (98.0,))
    by_hand(kit.desk, at(0, 8), "buy", quantity=10.0)

    tight = tried(kit, {"max_daily_loss_fraction": 0.0002}, **ONE_DAY)
    wider = tried(kit, {"max_daily_loss_fraction": 0.0003}, **ONE_DAY)

    [one] = tight.decisions.changed
    assert (one.judged.change, one.judged.rules) == (Change.NEWLY_DENIED, ("RULE_002",))
    assert wider.decisions.changed == ()


def test_a_halt_that_stood_stays_though_the_proposal_would_not_have_set_it() -> None:
    kit = traded(kit_of(max_daily_loss_fraction=0.0002), (98.0,))
    by_hand(kit.desk, at(0, 8), "buy", quantity=10.0)

    trial = tried(kit, {"max_daily_loss_fraction": 0.02}, **ONE_DAY)

    assert [halt.kind for halt in trial.halts] == ["daily_loss"]
    assert trial.decisions.changed == ()


def test_another_configuration_that_says_the_same_is_judged_and_counted() -> None:
    kit = traded(kit_of())
    renamed = with_digest(replace(kit.company, name="another"))

    trial = tried(kit, {"max_order_usd": 500.0}, company=renamed)

    assert trial.decisions.of_another_configuration == 3
    assert trial.decisions.consequences[0].changes == {Change.NEWLY_DENIED: 3}
    assert trial.decisions.left_out == ()


def test_another_configuration_that_says_otherwise_is_left_out_and_named() -> None:
    trial = tried(traded(kit_of()), {"max_order_usd": 400.0}, company=house(max_order_usd=500.0))

    assert trial.decisions.entries == ()
    assert [each.why for each in trial.decisions.left_out] == [LeftOut.OTHER_CONFIGURATION] * 3
    assert "decision.outcome" in trial.decisions.left_out[0].note


def test_an_agent_that_is_no_more_is_left_out_of_both_views() -> None:
    without = with_digest(company(IWM, max_correlated_positions=None))

    trial = tried(traded(kit_of()), {"max_order_usd": 500.0}, company=without)

    assert [each.why for each in trial.decisions.left_out] == [LeftOut.NO_AGENT] * 3
    assert trial.path.intents.left_out == {
        "agent_tsla": "the configuration of now has no such agent"
    }
    assert trial.path.today.capital_usd == 100_000.0
    assert trial.path.parts[0].today.total_return == 0.0


def test_an_entry_belongs_to_the_part_in_which_it_was_decided() -> None:
    """Bought on the last fitting day, sold in the holdout; and of a period that begins in between, no part."""
    kit = kit_of()
    kit.bars.upsert(days_of("TSLA", (102.0, 102.0, 98.0)), source="test", ingested_at=NOW)
    by_hand(kit.desk, at(1, 1), "buy", quantity=10.0)
    by_hand(kit.desk, at(2, 5), "sell")
    by_hand(kit.desk, at(2, 7), "hold")

    trial = tried(kit, {"max_order_usd": 500.0})
    late = tried(kit, {"max_order_usd": 500.0}, first="2022-12-30", last="2022-12-30")

    _, fitting, holdout = sums(trial)
    assert (fitting.entries, holdout.entries) == (1, 0)
    assert fitting.saved_usd == pytest.approx(10 * (100.02 - 97.9804))
    assert (late.decisions.open_before, late.record.exits, late.decisions.entries) == (1, 1, ())


def test_only_the_newest_epoch_of_the_account_is_tried() -> None:
    kit = traded(kit_of(), (102.0,))
    kit.broker().reset(kit.opened_at)
    trade_day(kit.desk, 0)

    trial = tried(kit, {"max_order_usd": 500.0}, **ONE_DAY)

    assert (trial.record.epoch, trial.record.earlier, len(trial.decisions.entries)) == (2, 3, 1)
    assert trial.decisions.consequences[0].forgone_usd == pytest.approx(19.596)


def test_agents_can_be_named_and_others_are_left_out() -> None:
    kit = traded(
        kit_in_memory(company=with_digest(company(IWM, TSLA, max_correlated_positions=None)))
    )
    assert len(tried(kit, {"max_order_usd": 500.0}, agents=("agent_tsla",)).record.entries) == 3
    assert tried(kit, {"max_order_usd": 500.0}, agents=("agent_iwm",)).record.decisions == 0


def test_limits_of_now_change_nothing_at_all() -> None:
    assert quiet_company().risk == house().risk
    trial = tried(traded(kit_of()), {})
    assert (trial.changes, trial.decisions.changed) == ((), ())
    assert all(one.today == one.proposed for one in trial.path.parts)
