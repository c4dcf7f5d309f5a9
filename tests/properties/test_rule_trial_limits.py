"""Whatever limits are tried: those of now change nothing, and stricter ones allow nothing new.

Limits that shrink an order (RULE_001, 005, 006) are a case of their own: a smaller order may pass where the
larger one was denied for its size (RULE_014), and only there.
"""

from dataclasses import replace
from functools import lru_cache

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.desk import DeskKit, calendar, kit_in_memory
from tests.fakes.replayed import WHOLE_DAY, Session, traders
from tests.fakes.rule_trials import tried
from ztrade_core.settings.company import with_digest
from ztrade_core.studies.rule_trial_decisions import DecisionView, Marking, decision_view
from ztrade_core.studies.rule_trial_entries import Change
from ztrade_core.studies.rule_trial_limits import Proposed
from ztrade_core.studies.rule_trial_parts import parts_of
from ztrade_core.studies.rule_trial_record import Wanted, record_of

ONE_DAY = {"first": "2022-12-28", "last": "2022-12-28"}
STRICTER: dict[str, st.SearchStrategy[object]] = {
    "max_daily_loss_fraction": st.floats(1e-6, 0.02),
    "max_drawdown_fraction": st.floats(1e-6, 0.15),
    "max_correlated_positions": st.integers(1, 3),
    "duplicate_window_seconds": st.floats(60.0, 3600.0),
    "max_entries_per_minute": st.integers(1, 10),
    "max_agent_entries_per_hour": st.integers(1, 12),
    "max_price_gap_bps": st.floats(0.0, 50.0),
    "min_stop_distance_fraction": st.floats(0.005, 0.2),
    "max_stop_distance_fraction": st.floats(0.001, 0.2),
    "max_order_usd": st.floats(1.0, 10_000.0),
    "max_order_position_multiple": st.floats(0.01, 1.5),
    "max_order_volume_multiple": st.floats(0.001, 0.5),
    "min_stock_price_usd": st.floats(5.0, 200.0),
}
SHRINKING: dict[str, st.SearchStrategy[object]] = {
    "max_agent_exposure_fraction": st.floats(0.0, 0.1),
    "max_symbol_fraction": st.floats(0.0, 0.05),
    "max_gross_exposure_fraction": st.floats(0.0, 0.8),
}
BARS = 13


@lru_cache(maxsize=1)
def session() -> DeskKit:
    kit = kit_in_memory(company=traders())
    Session(kit=kit).trade(bars=BARS)
    return kit


def judged(limits: dict[str, object]) -> DecisionView:
    """The decisions of the session under other limits, without the path."""
    kit = session()
    risk = replace(kit.company.risk, **limits)  # type: ignore[arg-type]
    wanted = Wanted(account=kit.account, start=WHOLE_DAY.start, stop=WHOLE_DAY.stop)
    with kit.store.reading() as uow:
        return decision_view(
            uow,
            Proposed(company=kit.company, risk=risk),
            record_of(uow, wanted),
            account=kit.account,
            parts=parts_of(wanted.start, wanted.stop, 0.0, None),
            marking=Marking(bars=kit.bars, calendar=calendar()),
        )


def some(limits: dict[str, st.SearchStrategy[object]]) -> st.SearchStrategy[dict[str, object]]:
    return st.fixed_dictionaries({}, optional=limits)


@given(some(STRICTER))
def test_stricter_limits_allow_nothing_new(limits: dict[str, object]) -> None:
    found = judged(limits)
    assert (len(found.entries) >= 15, found.left_out) == (True, ())
    assert {one.judged.change for one in found.entries} <= {Change.UNCHANGED, Change.NEWLY_DENIED}


@given(some(STRICTER | SHRINKING))
def test_a_limit_that_shrinks_orders_allows_only_what_was_too_large(
    limits: dict[str, object],
) -> None:
    found = judged(limits)
    for one in found.entries:
        decision = one.judged.row.decision
        if one.judged.change is Change.NEWLY_ALLOWED:
            assert set(one.judged.rules) <= {"RULE_014"}
        if one.judged.change is Change.RESIZED:
            assert one.judged.quantity < decision.quantity
            assert set(one.judged.rules) <= {"RULE_001", "RULE_005", "RULE_006"}
    assert found.consequences[0].larger_usd == 0.0


@settings(max_examples=10)
@given(some(STRICTER | SHRINKING))
def test_limits_in_force_change_nothing_in_either_view(limits: dict[str, object]) -> None:
    """The house is put under limits of its own; entries that they would have judged otherwise are left out."""
    kit = session()
    risk = replace(kit.company.risk, **limits)  # type: ignore[arg-type]
    house = with_digest(replace(kit.company, risk=risk))

    trial = tried(kit, {}, company=house, **ONE_DAY)

    assert trial.changes == ()
    assert trial.decisions.changed == ()
    whole = trial.path.parts[0]
    assert whole.today == whole.proposed
    assert list(trial.path.today.equity) == list(trial.path.proposed.equity)
