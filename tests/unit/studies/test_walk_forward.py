"""A walk-forward's month: fitted before it, judged on it alone, kept as a study."""

import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.unit.studies.walk_forward_cases import (
    ENDS_AT,
    HOLDER,
    PLAN,
    hand_made_bars,
    put,
    sessions,
    walk_on,
)
from ztrade_core.backtest.overfit import distinct_trials
from ztrade_core.domain.configuration import StrategyChoice
from ztrade_core.domain.studies import StudyKind
from ztrade_core.errors import InputError, NoDataError, ZtradeError
from ztrade_core.strategies.registry import STRATEGIES
from ztrade_core.studies.walk_forward import candidates_to_judge, walk_digest, walk_month
from ztrade_core.studies.walk_forward_code import code_digest, sources_digest
from ztrade_core.studies.walk_forward_data import possible_months
from ztrade_core.studies.walk_forward_months import month_of

DECEMBER = month_of("2022-12")


def test_a_month_by_hand() -> None:
    """November ends at $110: 20 shares make $200, 10 make $100, so $2,000 is chosen, with +2 %.

    December ends at $90: the 20 shares lose $200 (-2 %), 10 lose $100 (-1 %), the agent's own 5 lose
    $50 (-0.5 %). Holding buys 100 shares at December's first open of $100: $9,000 (-10 %).
    Both months have 21 sessions. The chosen one is the second of two, below their median of -1.5 %.
    """
    walked = walk_month(walk_on(hand_made_bars()), DECEMBER)
    found = walked.study.summary
    assert walked.study.config["chosen"] == {"position_usd": 2000.0}
    assert found["in_sample_total_return"] == pytest.approx(0.02, abs=1e-12)
    assert found["out_of_sample_total_return"] == pytest.approx(-0.02, abs=1e-12)
    assert found["configured_total_return"] == pytest.approx(-0.005, abs=1e-12)
    assert found["buy_and_hold_total_return"] == pytest.approx(-0.1, abs=1e-12)
    assert found["out_of_sample_max_drawdown"] == pytest.approx(0.02, abs=1e-12)
    assert (found["in_sample_days"], found["out_of_sample_days"]) == (21, 21)
    assert found["in_sample_return_per_day"] == pytest.approx(1.02 ** (1 / 21) - 1)
    assert found["degradation_per_day"] == pytest.approx(0.98 ** (1 / 21) - 1.02 ** (1 / 21))
    assert found["sharpe_kept"] == pytest.approx(-1.0)  # one day of +2 %, one of -2 %, among 21
    assert (found["rank"], found["ranked"], found["below_median"]) == (2, 2, 1)
    assert (found["trials"], found["dropped"], found["best"]) == (2, 0, pytest.approx(0.02))


def test_a_month_begins_flat_and_ends_with_itself() -> None:
    """No fill of the stored backtest lies outside the month; its first mark is the capital."""
    walk = walk_on(hand_made_bars())
    walked = walk_month(walk, DECEMBER)
    run = walk.bench.backtests.run(walked.study.run_id)
    assert run is not None
    assert (run.start, run.end) == (DECEMBER.begins, DECEMBER.ends)
    equity = walk.bench.backtests.equity(run.run_id)
    assert len(equity) == 21
    assert equity[0].portfolio_value == 10_000.0
    fills = walk.bench.backtests.trades(run.run_id)
    assert [(fill.action, fill.quantity, fill.price) for fill in fills] == [("buy", 20.0, 100.0)]
    assert run.config["grid"] == {"position_usd": [1000.0, 2000.0]}
    assert run.config["study_id"] == walked.study.study_id


def test_the_stored_backtest_has_the_judged_figures() -> None:
    """What the table says of the chosen one is what its backtest says."""
    walked = walk_month(walk_on(hand_made_bars()), DECEMBER)
    for name in ("total_return", "sharpe", "max_drawdown", "trades", "days"):
        assert walked.study.summary[f"out_of_sample_{name}"] == walked.result.run.metrics[name]


def test_trials_in_sample_are_kept_with_what_they_came_to() -> None:
    """Their range is that of the study: the months before, not the month."""
    walk = walk_on(hand_made_bars())
    study = walk_month(walk, DECEMBER).study
    assert (study.kind, study.part) == (StudyKind.WALK_FORWARD, "2022-12")
    assert (study.start, study.end) == (month_of("2022-11").begins, DECEMBER.begins)
    kept = walk.studies.trials(study.study_id)
    assert [trial.metrics["total_return"] for trial in kept] == pytest.approx([0.01, 0.02])
    outside = [trial.metrics["out_of_sample_total_return"] for trial in kept]
    assert outside == pytest.approx([-0.01, -0.02])
    begin, end = month_of("2022-11").begins, DECEMBER.begins
    assert len(distinct_trials([trial.metrics for trial in kept])) == 2
    assert walk.bench.backtests.trials(HOLDER.agent_id, begin, end) == []  # its run is December's


def test_the_same_month_on_the_same_bars_replaces_itself() -> None:
    """A repetition adds neither a study nor a backtest; other bars or another plan do."""
    bars = hand_made_bars()
    walk = walk_on(bars)
    first = walk_month(walk, DECEMBER).study
    assert walk_month(walk, DECEMBER).study.study_id == first.study_id
    assert len(walk.studies.studies(HOLDER.agent_id, StudyKind.WALK_FORWARD)) == 1
    assert len(walk.bench.backtests.runs(HOLDER.agent_id)) == 1
    put(bars, HOLDER, sessions("2022-12")[-1:], [95.0])
    other = walk_month(walk, DECEMBER).study.study_id
    wider = replace(walk, plan=replace(PLAN, ranges=(("position_usd", (1000.0, 2000.0, 3000.0)),)))
    assert len({first.study_id, other, walk_month(wider, DECEMBER).study.study_id}) == 3


def test_progress_is_told_in_sample_then_out_of_it() -> None:
    """Two candidates in sample; out of it the agent's own parameters as well."""
    told: list[tuple[str, int, int]] = []
    walk_month(walk_on(hand_made_bars()), DECEMBER, lambda *step: told.append(step))
    assert told == [
        ("in sample", 1, 2),
        ("in sample", 2, 2),
        *(("out of sample", done, 3) for done in (1, 2, 3)),
    ]


@pytest.mark.parametrize(
    ("month", "now", "kind", "said"),
    [
        (
            "2022-11",
            None,
            NoDataError,
            "2022-11: too early: 1 month in sample before it would begin",
        ),
        (
            "2023-01",
            datetime(2023, 1, 31, tzinfo=UTC),
            InputError,
            "only a complete month is judged",
        ),
        ("2023-02", None, InputError, "2023-02: runs until 2023-03-01T05:00:00Z and it is"),
    ],
)
def test_a_month_that_cannot_be_judged_says_why(
    month: str, now: datetime | None, kind: type[ZtradeError], said: str
) -> None:
    made = walk_on(hand_made_bars())
    walk = made if now is None else walk_on(hand_made_bars(), now=now)
    with pytest.raises(kind) as caught:
        walk_month(walk, month_of(month))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert walk.studies.studies(HOLDER.agent_id, StudyKind.WALK_FORWARD) == []


def test_a_month_without_bars_says_what_the_store_has() -> None:
    walk = walk_on(hand_made_bars({"2022-11": 110.0, "2022-12": 90.0}))
    with pytest.raises(NoDataError, match=r"^2023-01: no bars of TSLA 1d .* the store has 2022-11"):
        walk_month(walk, month_of("2023-01"))


def test_a_plan_with_one_candidate_has_nothing_to_choose() -> None:
    walk = walk_on(hand_made_bars(), plan=replace(PLAN, ranges=(("position_usd", (1000.0,)),)))
    with pytest.raises(InputError, match=r"nothing to choose: one candidate is left of config/"):
        walk_month(walk, DECEMBER)


def test_a_plan_whose_candidates_contradict_themselves_has_nothing_to_choose() -> None:
    """`fast` must be below `slow`."""
    trader = replace(HOLDER, strategy=StrategyChoice(name="sma_crossover"))
    plan = replace(PLAN, ranges=(("fast", (20.0, 30.0)), ("slow", (10.0, 15.0))))
    walk = walk_on(hand_made_bars(), plan=plan, trader=trader)
    with pytest.raises(InputError, match=r"no candidate is left .* \(4 contradicted themselves\)"):
        candidates_to_judge(walk)


def test_a_sample_in_which_no_candidate_has_the_figure_chooses_none() -> None:
    """In a flat November every day returns the same: there is no Sharpe ratio."""
    walk = walk_on(
        hand_made_bars(ENDS_AT | {"2022-11": 100.0}), plan=replace(PLAN, rank_by="sharpe")
    )
    with pytest.raises(
        NoDataError, match=r"none of 2 candidates can be chosen in sample: each lacks a sharpe; "
    ):
        walk_month(walk, DECEMBER)


def test_by_drawdown_no_candidate_wins_by_not_trading() -> None:
    """None closes a trade in November, so none is chosen for having lost nothing."""
    walk = walk_on(hand_made_bars(), plan=replace(PLAN, rank_by="max_drawdown"))
    said = "each lacks a max_drawdown or a Sharpe ratio or a closed trade; widen"
    with pytest.raises(NoDataError, match=f"none of 2 candidates can be chosen in sample: {said}"):
        walk_month(walk, DECEMBER)


def test_the_digest_names_the_engine_and_the_code(tmp_path: Path) -> None:
    bars = hand_made_bars()
    assert walk_digest(walk_on(bars)) == walk_digest(walk_on(bars))
    assert walk_digest(walk_on(bars)) != walk_digest(walk_on(bars, kernels=tmp_path))


@pytest.mark.parametrize("compiled", [True, False])
def test_an_edited_strategy_is_other_code(*, compiled: bool) -> None:
    digests = {code_digest(name, compiled=compiled) for name in sorted(STRATEGIES)}
    assert len(digests) == len(STRATEGIES)


def test_an_edited_source_is_other_code(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Two modules that differ in one line of source."""
    found = set()
    sys.path.insert(0, str(tmp_path))
    request.addfinalizer(lambda: sys.path.remove(str(tmp_path)))
    for number in (1, 2):
        (tmp_path / f"deciding_{number}.py").write_text(f"LIMIT = {number}\n")
        found.add(sources_digest((f"deciding_{number}",)))
    (tmp_path / "deciding_3.py").write_text("LIMIT = 1\n")
    assert len(found) == 2
    assert sources_digest(("deciding_3",)) in found


def test_months_that_can_be_judged_have_history_and_bars_and_are_over() -> None:
    assert [one.text for one in possible_months(walk_on(hand_made_bars()))] == [
        "2022-12",
        "2023-01",
    ]
    longer = walk_on(hand_made_bars(), plan=replace(PLAN, in_sample_months=2))
    assert [one.text for one in possible_months(longer)] == ["2023-01"]
    running = walk_on(hand_made_bars(), now=datetime(2023, 1, 20, tzinfo=UTC))
    assert [one.text for one in possible_months(running)] == ["2022-12"]


def test_a_month_whose_bars_end_too_soon_is_left_out_and_says_so_when_asked_for() -> None:
    """January lacks its last two sessions; who asks for it gets it with a warning."""
    bars = hand_made_bars({"2022-11": 110.0, "2022-12": 90.0})
    january = sessions("2023-01")
    put(bars, HOLDER, january[:-2], [100.0] * (len(january) - 2))
    walk = walk_on(bars)
    assert [one.text for one in possible_months(walk)] == ["2022-12"]
    notes = walk_month(walk, month_of("2023-01")).study.config["notes"]
    assert "out of sample: 2 bars that the calendar expects are missing" in str(notes)
