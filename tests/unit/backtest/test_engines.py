"""Compiled or not, a stored run has the same rows; which engine made them is kept beside them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.fakes.bar_store import MemoryBarStore
from tests.fakes.desk import calendar
from tests.fakes.desk_makers import ScriptedMaker
from tests.fakes.kernels import kernel_folder
from tests.golden.small_backtest import COIN, COINS, STOCK, series_for
from tests.unit.risk.builders import company
from ztrade_core.backtest.runs import BacktestResult, Bench, run_and_store
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.decision_makers.strategy import StrategyMaker
from ztrade_core.store.backtests import SqlBacktestStore
from ztrade_core.store.engine import make_engine

NOW = datetime(2023, 1, 5, 12, 0, tzinfo=UTC)


@pytest.fixture
def bench(sqlite_url: str) -> Iterator[Bench]:
    engine = make_engine(sqlite_url)
    bars = MemoryBarStore()
    bars.upsert([series_for(STOCK), series_for(COIN)], source="test", ingested_at=NOW)
    yield Bench(
        company=company(STOCK, COIN, costs=COINS),
        bars=bars,
        backtests=SqlBacktestStore(engine),
        calendar=calendar(),
        clock=SimulatedClock(NOW),
        maker_of=lambda _: StrategyMaker(),
        kernel_folder=kernel_folder(),
    )
    engine.dispose()


def run(bench: Bench, agent_id: str) -> BacktestResult:
    return run_and_store(bench, agent_id, "2022-12-28", "2022-12-29")


@pytest.mark.parametrize("agent_id", [STOCK.agent_id, COIN.agent_id])
def test_the_stored_rows_are_the_same_by_either_engine(bench: Bench, agent_id: str) -> None:
    compiled = run(bench, agent_id)
    looped = run(replace(bench, kernel_folder=None), agent_id)
    assert compiled.run.config["engine"] == "kernel/1"
    assert looped.run.config["engine"] == "event_loop/1"
    assert compiled.trades
    stored = bench.backtests
    one, other = compiled.run.run_id, looped.run.run_id
    assert stored.trades(one) == stored.trades(other)
    assert stored.equity(one) == stored.equity(other)
    assert compiled.run.metrics == looped.run.metrics
    told = {"engine": None, "why_not_compiled": None}
    assert {**compiled.run.config, **told} == {**looped.run.config, **told}


def test_another_mind_is_asked_between_compiled_bars(bench: Bench) -> None:
    scripted = replace(bench, maker_of=lambda _: ScriptedMaker({}))
    done = run(scripted, STOCK.agent_id)
    looped = run(replace(scripted, kernel_folder=None), STOCK.agent_id)
    assert done.run.config["engine"] == "session/1"
    assert done.run.config["why_not_compiled"] == ""
    assert (done.trades, done.equity) == (looped.trades, looped.equity)


def test_a_price_that_no_tick_holds_is_left_to_the_event_loop(bench: Bench) -> None:
    series = series_for(STOCK)
    dear = replace(series, highs=series.highs * 1e6)
    bars = MemoryBarStore()
    bars.upsert([dear], source="test", ingested_at=NOW)
    done = run(replace(bench, bars=bars), STOCK.agent_id)
    assert done.run.config["engine"] == "event_loop/1"
    assert "is not within 0 < price" in str(done.run.config["why_not_compiled"])


def test_progress_is_told_at_the_end_of_a_compiled_run(bench: Bench) -> None:
    told: list[tuple[int, int]] = []
    run_and_store(
        bench, STOCK.agent_id, "2022-12-28", "2022-12-29", lambda *done: told.append(done)
    )
    assert told == [(156, 156)]


def test_the_folder_keeps_the_generated_module(bench: Bench) -> None:
    run(bench, STOCK.agent_id)
    kept: list[Path] = list(kernel_folder().glob("ztrade_kernel_*.py"))
    assert kept


def test_few_bars_are_played_by_the_loop_until_a_kernel_is_there(
    bench: Bench, tmp_path: Path
) -> None:
    waiting = replace(bench, kernel_folder=tmp_path / "kernels", worth_bars=1_000_000)
    done = run(waiting, STOCK.agent_id)
    assert done.run.config["engine"] == "event_loop/1"
    assert "bars are played sooner than" in str(done.run.config["why_not_compiled"])
    assert not (tmp_path / "kernels").exists()
    run(bench, STOCK.agent_id)  # compiles, or finds it compiled
    again = run(replace(bench, worth_bars=1_000_000), STOCK.agent_id)
    assert again.run.config["engine"] == "kernel/1"
