"""Backtests side by side."""

from dataclasses import replace
from datetime import UTC, datetime

from rich.table import Table

from ztrade_core.domain.backtests import BacktestRun
from ztrade_core.performance.definitions import METRICS, RUN_METRICS
from ztrade_pipelines.cli.backtest_view import (
    CONTAMINATED,
    GREATER_IS_BETTER,
    HEADLINES,
    LESS_IS_BETTER,
    MARK,
    MODEL_HEADLINES,
    best_of,
    comparison_table,
    days_of,
    metric_text,
    metrics_table,
    runs_table,
)


def test_every_headline_and_every_judged_metric_exists() -> None:
    known = set(METRICS) | set(RUN_METRICS)
    assert set(HEADLINES) <= known
    assert known >= GREATER_IS_BETTER | LESS_IS_BETTER
    assert not GREATER_IS_BETTER & LESS_IS_BETTER


def test_the_greatest_return_and_the_smallest_drawdown_are_best() -> None:
    assert best_of("total_return", [0.1, 0.3, None]) == {1}
    assert best_of("max_drawdown", [0.1, 0.3, None]) == {0}
    assert best_of("sharpe", [1.0, 2.0, 2.0]) == {1, 2}


def test_nothing_is_best_when_all_are_equal_or_better_has_no_meaning() -> None:
    assert best_of("total_return", [0.1, 0.1]) == set()
    assert best_of("total_return", [0.1, None]) == set()
    assert best_of("trades", [1, 2]) == set()


def test_a_metric_reads_in_its_unit_and_null_as_a_dash() -> None:
    assert metric_text("max_drawdown", 0.0123) == "1.23 %"
    assert metric_text("final_equity_usd", 10123.4) == "$10,123.40"
    assert metric_text("trades", 3) == "3"
    assert metric_text("max_drawdown_days", 2.5) == "2.5 d"
    assert metric_text("average_holding_hours", 2.5) == "2.5 h"
    assert metric_text("sharpe", None) == "–"  # noqa: RUF001


def test_a_run_shows_its_last_day_not_the_midnight_after_it() -> None:
    run = BacktestRun(
        run_id="bt-1",
        agent_id="agent_tsla",
        start=datetime(2022, 3, 1, 5, tzinfo=UTC),
        end=datetime(2022, 12, 31, 5, tzinfo=UTC),
        metrics={},
        config={},
        status="finished",
        created_at=datetime(2023, 1, 1, tzinfo=UTC),
    )
    assert days_of(run) == ("2022-03-01", "2022-12-30")


def test_a_models_clean_figures_stand_beside_the_others_where_runs_are_compared() -> None:
    plain = BacktestRun(
        run_id="bt-1",
        agent_id="agent_tsla",
        start=datetime(2022, 3, 1, 5, tzinfo=UTC),
        end=datetime(2022, 12, 31, 5, tzinfo=UTC),
        metrics={"total_return": 0.2},
        config={},
        status="finished",
        created_at=datetime(2023, 1, 1, tzinfo=UTC),
    )
    asked = {"total_return": 0.5, "clean/total_return": -0.01, "contaminated_bars": 900}
    model = replace(plain, run_id="bt-2", metrics=asked)
    assert "clean total return" not in names_in(comparison_table([plain]))
    assert "clean total return" in names_in(comparison_table([plain, model]))
    assert set(MODEL_HEADLINES) <= set(RUN_METRICS)


def test_the_list_marks_a_run_whose_model_may_have_known_its_bars() -> None:
    known = stored(total_return=0.5, contaminated_bars=900)
    unknown = [stored(total_return=0.5), stored(total_return=0.5, contaminated_bars=0)]
    made = runs_table([known, *unknown])
    (column,) = [each for each in made.columns if each.header == "return"]
    marked = [str(cell).startswith(MARK) for cell in column.cells]
    assert marked == [True, False, False]
    assert made.caption == CONTAMINATED
    assert runs_table(unknown).caption is None


def test_a_models_clean_figures_stand_among_the_metrics_and_once_in_a_comparison() -> None:
    run = stored(total_return=0.5, **{"clean/total_return": -0.01, "agent_tsla/total_return": 0.1})
    shown = names_in(metrics_table(run))
    assert "clean/total_return" in shown
    assert "agent_tsla/total_return" not in shown
    assert names_in(comparison_table([run])).count("clean total return") == 1


def stored(**metrics: float | str | None) -> BacktestRun:
    return BacktestRun(
        run_id="bt-1",
        agent_id="agent_tsla",
        start=datetime(2022, 3, 1, 5, tzinfo=UTC),
        end=datetime(2022, 12, 31, 5, tzinfo=UTC),
        metrics=metrics,
        config={},
        status="finished",
        created_at=datetime(2023, 1, 1, tzinfo=UTC),
    )


def names_in(made: Table) -> list[str]:
    return [str(cell) for cell in made.columns[0].cells]
