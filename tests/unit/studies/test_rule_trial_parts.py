"""How a trial's period is split: by New York days, and at the models' training cutoff."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from tests.fakes.desk import kit_in_memory
from tests.fakes.rule_trials import days_of, trade_day, traded, tried
from tests.unit.risk.builders import TSLA, company
from ztrade_core.domain.configuration import AgentConfig, Mode
from ztrade_core.domain.cutoffs import Cutoff
from ztrade_core.domain.model_config import DEFAULT_MODEL, ModelConfig
from ztrade_core.domain.time import new_york_midnight
from ztrade_core.errors import InputError
from ztrade_core.settings.company import with_digest
from ztrade_core.studies.rule_trial_parts import KNOWN, Part, Parts, parts_of, require_holdout
from ztrade_core.studies.rule_trial_telling import warnings_of


def split(first: date, after: date, holdout: float = 0.3, cutoff: Cutoff | None = None) -> Parts:
    return parts_of(new_york_midnight(first), new_york_midnight(after), holdout, cutoff)


def days(part: Part | None) -> int | None:
    return None if part is None else part.days


@pytest.mark.parametrize(
    ("first", "after", "holdout", "fitted", "held"),
    [
        (date(2022, 12, 1), date(2022, 12, 31), 0.3, 21, 9),
        (date(2022, 12, 1), date(2022, 12, 11), 0.3, 7, 3),
        (date(2022, 12, 1), date(2022, 12, 3), 0.3, 1, 1),
        (date(2022, 12, 1), date(2022, 12, 3), 0.01, 1, 1),
        (date(2022, 12, 1), date(2022, 12, 3), 0.99, 1, 1),
        (date(2022, 11, 1), date(2022, 11, 11), 0.5, 5, 5),  # the clocks go back on the 6th
        (date(2022, 12, 1), date(2022, 12, 2), 0.3, None, None),
        (date(2022, 12, 1), date(2022, 12, 31), 0.0, None, None),
    ],
)
def test_the_holdout_is_the_newest_share_of_the_days(
    first: date, after: date, holdout: float, fitted: int | None, held: int | None
) -> None:
    parts = split(first, after, holdout)
    assert (days(parts.fitting), days(parts.holdout)) == (fitted, held)
    if parts.fitting is not None and parts.holdout is not None:
        assert parts.fitting.stop == parts.holdout.start
        assert parts.holdout.start.astimezone(UTC).hour in {4, 5}


def test_a_period_that_is_just_beginning_has_no_parts() -> None:
    parts = split(date(2022, 12, 1), date(2022, 12, 1))
    assert (parts.fitting, parts.holdout) == (None, None)


@pytest.mark.parametrize("holdout", [-0.1, 1.0, float("nan")])
def test_a_share_that_leaves_nothing_to_fit_on_is_refused(holdout: float) -> None:
    with pytest.raises(InputError, match="holdout"):
        require_holdout(holdout)


@pytest.mark.parametrize(
    ("day", "known", "clean"),
    [
        (date(2022, 12, 10), 10, 21),
        (date(2022, 11, 1), None, 31),
        (date(2023, 5, 1), 31, None),
        (None, 31, None),
    ],
)
def test_up_to_the_day_of_the_cutoff_the_models_may_have_known(
    day: date | None, known: int | None, clean: int | None
) -> None:
    parts = split(date(2022, 12, 1), date(2023, 1, 1), cutoff=Cutoff(models=("m",), day=day))
    assert (days(parts.known), days(parts.clean)) == (known, clean)


def modelled(day: date | None) -> AgentConfig:
    model = replace(ModelConfig(), training_cutoff=day)
    return replace(TSLA, mode=Mode.AUTOMATED, model=model)


def test_both_views_are_split_at_the_cutoff_of_the_models_that_decide() -> None:
    house = with_digest(company(modelled(date(2022, 12, 28)), max_correlated_positions=None))
    kit = traded(kit_in_memory(company=house), who=f"automated:{DEFAULT_MODEL}/1")

    trial = tried(kit, {"max_order_usd": 500.0})

    known, clean = trial.parts.known, trial.parts.clean
    assert (days(known), days(clean)) == (1, 2)
    decisions = [trial.decisions.of(part) for part in (known, clean)]
    assert [one.net_usd for one in decisions if one] == pytest.approx([-19.596, 30.794])
    paths = [trial.path.of(part) for part in (known, clean)]
    assert [one.today.earned_usd for one in paths if one] == pytest.approx([19.596, -30.794])
    [told] = [each for each in warnings_of(trial) if "may have known" in each]
    assert "trained on data up to 2022-12-28: of what lies before 2022-12-29" in told


def test_answers_of_another_model_than_the_agents_of_now_may_have_known_all() -> None:
    house = with_digest(company(modelled(date(2022, 12, 28)), max_correlated_positions=None))
    kit = traded(kit_in_memory(company=house), who="automated:claude-haiku-4-5/1")
    trial = tried(kit, {"max_order_usd": 500.0})
    assert (trial.parts.known, trial.parts.clean) == (
        replace(trial.parts.whole, name=KNOWN),
        None,
    )
    assert any("unknown day: of the whole period" in each for each in warnings_of(trial))


def test_what_a_person_decided_for_a_models_agent_is_not_split() -> None:
    house = with_digest(company(modelled(date(2022, 12, 28)), max_correlated_positions=None))
    trial = tried(traded(kit_in_memory(company=house)), {"max_order_usd": 500.0})
    assert trial.cutoff is None


def test_a_strategys_decisions_are_not_split_at_a_cutoff() -> None:
    house = with_digest(company(TSLA, max_correlated_positions=None))
    trial = tried(traded(kit_in_memory(company=house)), {"max_order_usd": 500.0})
    assert (trial.cutoff, trial.parts.known, trial.parts.clean) == (None, None, None)


def test_days_count_back_from_the_newest_decision_and_begin_with_the_first() -> None:
    kit = traded(kit_in_memory(company=with_digest(company(TSLA, max_correlated_positions=None))))
    trial = tried(kit, {"max_order_usd": 500.0}, days=30)
    whole = trial.parts.whole
    assert (whole.start, whole.days) == (datetime(2022, 12, 28, 5, tzinfo=UTC), 3)
    assert tried(kit, {"max_order_usd": 500.0}, days=1).record.decisions == 3


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"first": "2022-12-28"}, "name both ends"),
        ({"first": "2022-12-30", "last": "2022-12-28"}, "swap or correct"),
        ({"first": "2030-01-01", "last": "2030-01-02"}, "in the future"),
        ({"days": 0}, "from 1 to"),
        ({"days": 1, "agents": ("agent_x",)}, "no agent 'agent_x'"),
        ({"days": 1, "holdout": 1.5}, "holdout 1.5"),
    ],
)
def test_a_period_or_an_agent_that_cannot_be_is_refused(
    asked: dict[str, object], said: str
) -> None:
    kit = kit_in_memory(company=with_digest(company(TSLA, max_correlated_positions=None)))
    kit.bars.upsert(days_of("TSLA", (102.0,)), source="test", ingested_at=kit.opened_at)
    trade_day(kit.desk, 0)
    with pytest.raises(InputError, match=said):
        tried(kit, {}, **asked)
