"""A sweep keeps what it tried, and the best as a backtest that its trials are counted for."""

from dataclasses import replace

import pytest

from tests.fakes.bar_store import MemoryBarStore
from tests.golden.small_backtest import STOCK
from ztrade_core.backtest.overfit import guards_of
from ztrade_core.backtest.runs import Bench, run_and_store
from ztrade_core.domain.studies import SearchMethod, StudyKind, StudyPlan, Trial
from ztrade_core.errors import InputError, NoDataError
from ztrade_core.performance.trades import closed_trades
from ztrade_core.store.studies import SqlStudyStore
from ztrade_core.studies.candidates import best_of
from ztrade_core.studies.evaluation import agent_with
from ztrade_core.studies.sweep import Sweep, SweepStep, range_of, run_sweep, summary_of
from ztrade_core.studies.sweep_picture import sweep_picture

RANGE = ("2022-12-28", "2022-12-29")
PLAN = StudyPlan(
    agent_id=STOCK.agent_id,
    method=SearchMethod.GRID,
    ranges=(
        ("fast", (2.0, 3.0, 8.0)),
        ("slow", (8.0, 12.0, 20.0)),
        ("take_profit_fraction", (0.005, 0.01)),
    ),
    rank_by="total_return",
    samples=4,
    seed=7,
    in_sample_months=1,
)
PNG = b"\x89PNG\r\n"


def swept(bench: Bench, studies: SqlStudyStore, plan: StudyPlan = PLAN) -> Sweep:
    return run_sweep(bench, studies, plan, RANGE)


def test_the_study_its_trials_and_the_best_are_kept(bench: Bench, studies: SqlStudyStore) -> None:
    sweep = swept(bench, studies)
    study = sweep.study
    assert study.kind is StudyKind.SWEEP
    assert studies.study(study.study_id) == study
    assert studies.trials(study.study_id) == sweep.trials
    assert {name: study.summary[name] for name in ("combinations", "trials", "dropped")} == {
        "combinations": 18,
        "trials": 16,
        "dropped": 2,
    }
    best = best_of(sweep.trials, "total_return")
    assert best is not None
    assert study.summary["best"] == best.metrics["total_return"]
    assert study.summary["best_trial"] == best.number
    kept = bench.backtests.run(study.run_id)
    assert kept is not None
    assert kept.metrics == best.metrics
    assert bench.backtests.trades(study.run_id)


def test_the_best_is_the_run_that_the_agent_would_have_had(
    bench: Bench, studies: SqlStudyStore
) -> None:
    """But for the ranges and the study that it names."""
    sweep = swept(bench, studies)
    best = best_of(sweep.trials, "total_return")
    assert best is not None
    house = replace(bench.company, agents=(agent_with(STOCK, best.parameters),))
    own = run_and_store(replace(bench, company=house), STOCK.agent_id, *RANGE)
    assert sweep.best is not None
    config = dict(sweep.best.run.config)
    assert config.pop("study_id") == sweep.study.study_id
    assert config.pop("grid") == {name: list(values) for name, values in PLAN.ranges}
    assert config == own.run.config
    assert sweep.best.equity == own.equity
    assert sweep.best.trades == own.trades


def test_every_trial_is_counted_once_and_an_edge_is_a_warning(
    bench: Bench, studies: SqlStudyStore
) -> None:
    """The stored best has the figures of its trial, so that it is no further one."""
    sweep = swept(bench, studies)
    assert sweep.best is not None
    found = guards_of(sweep.best.run, closed_trades(sweep.best.trades), bench.backtests)
    names = ("days", "total_return", "sharpe", "max_drawdown", "fills")
    figures = {tuple(trial.metrics[name] for name in names) for trial in sweep.trials}
    assert found.trials == sum(1 for each in figures if each[2] is not None) > 1
    chosen = dict(best.parameters) if (best := best_of(sweep.trials, "total_return")) else {}
    edges = [
        name
        for name, values in PLAN.ranges
        if chosen[name] in (values[0], values[-1])
        and any(warning.startswith(f"{name} = ") for warning in found.warnings)
    ]
    assert edges == [n for n, values in PLAN.ranges if chosen[n] in (values[0], values[-1])]
    assert "take_profit_fraction" in edges  # a limit of the agent, with two values both are edges


def test_a_random_sweep_tries_so_many(bench: Bench, studies: SqlStudyStore) -> None:
    sweep = swept(bench, studies, replace(PLAN, method=SearchMethod.RANDOM))
    assert len(sweep.trials) == sweep.study.summary["trials"] == 4
    assert sweep.study.config["seed"] == 7


def test_nothing_is_chosen_when_no_trial_has_the_figure(
    bench: Bench, studies: SqlStudyStore
) -> None:
    """At a confidence that no signal reaches nothing trades: no profit factor exists."""
    plan = replace(PLAN, ranges=(("min_confidence", (0.99, 1.0)),), rank_by="profit_factor")
    sweep = swept(bench, studies, plan)
    assert sweep.best is None
    assert (sweep.study.run_id, sweep.study.summary["best"]) == ("", None)
    assert bench.backtests.runs() == []
    assert studies.study(sweep.study.study_id) == sweep.study


def test_an_interrupted_sweep_leaves_nothing(bench: Bench, studies: SqlStudyStore) -> None:
    def stop(_: SweepStep) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_sweep(bench, studies, PLAN, RANGE, stop)
    assert studies.studies() == []
    assert bench.backtests.runs() == []


def test_each_percent_is_told_with_how_long_the_rest_takes(
    bench: Bench, studies: SqlStudyStore
) -> None:
    steps: list[SweepStep] = []
    run_sweep(bench, studies, PLAN, RANGE, steps.append)
    assert [(step.done, step.total) for step in steps] == [(n, 16) for n in range(1, 17)]
    assert steps[-1].seconds_left == 0.0


def test_ranges_that_only_contradict_are_refused(bench: Bench, studies: SqlStudyStore) -> None:
    plan = replace(PLAN, ranges=(("fast", (30.0, 40.0)), ("slow", (20.0, 30.0))))
    with pytest.raises(InputError, match="all 4 combinations of agent_tsla contradict themselves"):
        swept(bench, studies, plan)


def test_an_unknown_agent_is_named_with_those_there_are(
    bench: Bench, studies: SqlStudyStore
) -> None:
    with pytest.raises(InputError, match=r"no agent 'agent_spy'.*agent_tsla, agent_btc"):
        swept(bench, studies, replace(PLAN, agent_id="agent_spy"))


def test_a_range_left_out_is_that_of_the_stored_bars(bench: Bench) -> None:
    assert range_of(bench, "agent_btc", None, None) == (
        "2022-12-28T00:00:00Z",
        "2022-12-28T13:00:00Z",
    )
    assert range_of(bench, "agent_btc", "2022-12-28", "2022-12-29") == RANGE
    with pytest.raises(NoDataError, match="ztrade data import"):
        range_of(replace(bench, bars=MemoryBarStore()), "agent_btc", None, None)


def test_a_summary_counts_who_gained() -> None:
    figures = [(1.0, 0.1), (3.0, 0.2), (None, 0.0), (2.0, -0.1)]
    trials = [
        Trial(number=n, parameters=(), metrics={"sharpe": ratio, "total_return": gain})
        for n, (ratio, gain) in enumerate(figures)
    ]
    assert summary_of(trials, "sharpe") == {
        "rank_by": "sharpe",
        "ranked_trials": 3,
        "best": 3.0,
        "median": 2.0,
        "profitable_fraction": 0.5,
    }


@pytest.mark.parametrize(
    "ranges",
    [
        PLAN.ranges,
        PLAN.ranges[:1],
        (("min_confidence", (0.99, 1.0)), ("slow", (20.0, 30.0))),
    ],
)
def test_every_sweep_has_a_picture(
    bench: Bench, studies: SqlStudyStore, ranges: tuple[tuple[str, tuple[float, ...]], ...]
) -> None:
    """Of two parameters or more, of one, and of trials that never traded."""
    sweep = swept(bench, studies, replace(PLAN, ranges=ranges, rank_by="sharpe"))
    assert sweep_picture(sweep.study, sweep.trials).startswith(PNG)
