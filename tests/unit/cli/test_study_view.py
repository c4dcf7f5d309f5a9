"""How studies look in the terminal."""

from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO

from rich.console import Console, RenderableType

from ztrade_core.domain.studies import Study, StudyKind, Trial
from ztrade_pipelines.cli.study_view import about_study, studies_table, telling_table, trials_table

TRIALS = [
    Trial(
        number=number,
        parameters=(("sma_fast", 10.0 * number), ("stop_loss_fraction", 0.03)),
        metrics={"sharpe": ratio, "total_return": 0.1, "max_drawdown": 0.05, "trades": 7},
    )
    for number, ratio in enumerate((0.5, None, 1.25), start=1)
]
STUDY = Study(
    study_id="sw-0123456789ab",
    kind=StudyKind.SWEEP,
    agent_id="agent_tsla",
    part="",
    start=datetime(2022, 3, 1, 5, 0, tzinfo=UTC),
    end=datetime(2022, 12, 31, 5, 0, tzinfo=UTC),
    config={"rank_by": "sharpe", "method": "grid"},
    summary={
        "combinations": 4,
        "trials": 3,
        "dropped": 1,
        "event_loop_trials": 2,
        "seconds": 1.25,
        "best": 1.25,
        "median": 0.875,
        "profitable_fraction": 1.0,
    },
    run_id="bt-1",
    created_at=datetime(2023, 1, 5, 12, 0, tzinfo=UTC),
)


def printed(part: RenderableType) -> str:
    """What a terminal of 120 columns shows, without colours."""
    screen = Console(width=120, file=StringIO())
    with screen.capture() as captured:
        screen.print(part)
    return captured.get()


def test_a_sweep_tells_what_it_searched_and_who_played_it() -> None:
    told = printed(about_study(STUDY, None))
    assert "grid: 3 of 4 combinations; 1 contradicted themselves and were dropped" in told
    assert "1.2 s; 2 in the event loop" in told
    assert "best 1.25, median 0.88" in told
    assert "100.00 % of the trials" in told


def test_a_backtest_that_is_gone_is_said() -> None:
    assert "bt-1, which the store does not have" in printed(about_study(STUDY, None))
    assert "does not have" not in printed(about_study(replace(STUDY, run_id=""), None))


def test_any_other_study_tells_its_figures_by_name() -> None:
    costs = replace(STUDY, kind=StudyKind.COSTS, summary={"points": 5, "worst": -0.25, "by": None})
    told = printed(about_study(costs, None))
    for line in ("points", "5", "worst", "-0.2500", "costs"):
        assert line in told


def test_trials_are_ranked_and_one_without_the_figure_is_not_shown() -> None:
    made = trials_table(STUDY, TRIALS, 10)
    assert list(made.columns[0].cells) == ["[bold]1[/]", "2"]
    assert list(made.columns[1].cells) == ["[bold]1.25[/]", "0.50"]
    assert "Best 2 of 3 trials by sharpe" in printed(made)
    assert "Best 1 of 3" in printed(trials_table(STUDY, TRIALS, 1))
    assert "Best 0 of 1" in printed(trials_table(STUDY, TRIALS[1:2], 5))


def test_what_decided_is_told_when_something_did() -> None:
    told = telling_table(STUDY, TRIALS)
    assert told is not None
    assert "100.00 %" in printed(told)  # sma_fast alone differs
    assert telling_table(STUDY, TRIALS[:1]) is None


def test_a_list_has_kind_part_and_best() -> None:
    month = replace(STUDY, kind=StudyKind.WALK_FORWARD, part="2022-05", summary={})
    told = printed(studies_table([STUDY, month]))
    assert "sw-0123456789ab" in told
    assert "walk-forward 2022-05" in told
    assert "sharpe 1.25" in told


def test_a_list_has_a_months_figure_out_of_sample() -> None:
    found = {"best": 2.5, "out_of_sample_sharpe": -0.75, "out_of_sample_total_return": -0.02}
    month = replace(STUDY, kind=StudyKind.WALK_FORWARD, part="2022-05", summary=found)
    told = printed(studies_table([month]))
    assert "sharpe out -0.75" in told
    assert "2.50" not in told
    other = replace(month, config={"rank_by": "sortino"})
    assert "return out -2.00 %" in printed(studies_table([other]))
