"""What differs between runs, and what forbids to compare them."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from ztrade_core.domain.backtests import BacktestRun
from ztrade_pipelines.cli.backtest_differences import differences, differences_table, incomparable
from ztrade_pipelines.cli.backtest_view import best_by_metric

DATA = {"symbol": "TSLA", "timeframe": "5m", "digest": "ab" * 32, "source": "file:a.csv", "bars": 9}


def run_of(run_id: str = "bt-1", **config: Any) -> BacktestRun:
    return BacktestRun(
        run_id=run_id,
        agent_id="agent_tsla",
        start=datetime(2022, 3, 1, 5, tzinfo=UTC),
        end=datetime(2022, 12, 31, 5, tzinfo=UTC),
        metrics={},
        config={
            "agent": {"strategy": {"name": "sma_crossover", "parameters": [["fast", 20.0]]}},
            "costs": {"slippage_bps": 2.0},
            "data": DATA,
            "outcomes": {"held": 9},
            **config,
        },
        status="finished",
        created_at=datetime(2023, 1, 1, tzinfo=UTC),
    )


def test_the_same_configuration_differs_in_nothing_whatever_came_of_it() -> None:
    runs = [run_of(), run_of(outcomes={"held": 3, "denied": 6})]
    assert differences(runs) == {}
    assert differences_table(runs) is None
    assert incomparable(runs) == []


def test_a_parameter_and_a_cost_are_named_with_both_values() -> None:
    other = run_of(
        agent={"strategy": {"name": "sma_crossover", "parameters": [["fast", 30.0]]}},
        costs={"slippage_bps": 5.0},
    )
    assert differences([run_of(), other]) == {
        "agent.strategy.fast": [20.0, 30.0],
        "costs.slippage_bps": [2.0, 5.0],
    }


def test_what_one_run_does_not_say_is_absent() -> None:
    assert differences([run_of(), run_of(engine="kernel/1")]) == {"engine": [None, "kernel/1"]}


def test_other_bars_of_the_same_range_forbid_the_comparison() -> None:
    [note] = incomparable([run_of(), run_of(data={**DATA, "digest": "cd" * 32})])
    assert note == (
        "not comparable: the bars were not the same (digests abababababab, cdcdcdcdcdcd)"
    )


def test_another_range_instrument_or_an_unfinished_run_forbid_it() -> None:
    run = run_of()
    later = replace(run, end=datetime(2023, 1, 1, 5, tzinfo=UTC))
    assert "the ranges differ" in incomparable([run, later])[0]
    other = run_of(data={**DATA, "symbol": "IWM", "digest": "cd" * 32})
    assert incomparable([run, other]) == ["not comparable: the instruments or timeframes differ"]
    assert "did not finish" in incomparable([run, replace(run, status="failed: storm")])[0]
    invented = run_of(data={**DATA, "source": "synthetic:v1:7", "digest": "cd" * 32})
    assert any("synthetic" in note for note in incomparable([run, invented]))


def test_the_best_is_named_by_metric_also_where_less_is_better() -> None:
    one = replace(
        run_of("bt-1"),
        metrics={"sharpe": 1.0, "max_drawdown": 0.2, "trades": 3, "agent_iwm/win_rate": 0.4},
    )
    two = replace(
        run_of("bt-2"),
        metrics={"sharpe": None, "max_drawdown": 0.1, "trades": 9, "agent_iwm/win_rate": 0.6},
    )
    assert best_by_metric([one, two]) == {
        "max_drawdown": ["bt-2"],
        "agent_iwm/win_rate": ["bt-2"],
    }
