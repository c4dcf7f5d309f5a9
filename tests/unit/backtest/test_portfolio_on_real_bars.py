"""The shipped company on recorded bars: three agents in one account, compiled and by the event loop.

The recordings are of different years: BTC and IWM are moved by whole weeks to where TSLA's are.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.kernels import kernel_folder
from tests.fakes.real_bars import real_bars
from ztrade_core.backtest.portfolio_report import agent_parts, pairs_of
from ztrade_core.backtest.portfolio_runs import run_portfolio_and_store
from ztrade_core.backtest.runs import BacktestResult, Bench
from ztrade_core.clocks.sessions import ExchangeSessions
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.decision_makers.strategy import StrategyMaker
from ztrade_core.domain.time import Timeframe
from ztrade_core.market_data.files import read_bar_file
from ztrade_core.settings.company import load_company
from ztrade_core.store.backtests import SqlBacktestStore
from ztrade_core.store.bars import SqlBarStore
from ztrade_core.store.engine import make_engine

ROOT = Path(__file__).resolve().parents[3]
NOW = datetime(2026, 11, 1, tzinfo=UTC)
WEEK = Timeframe.D1.micros * 7
FILES = (
    ("TSLA_5m_2022.csv", 0),
    ("BTC-USD_1h_coinbase_2018_2019.csv", 188),
    ("IWM_15m_2025.csv", -157),
)


@pytest.fixture
def bench(sqlite_url: str) -> Iterator[Bench]:
    engine = make_engine(sqlite_url)
    calendar = ExchangeSessions()
    bars = SqlBarStore(engine)
    for name, weeks in FILES:
        file = read_bar_file(real_bars(name), calendar, NOW)
        moved = [replace(s, timestamps=s.timestamps + weeks * WEEK) for s in file.series]
        bars.upsert(moved, source=file.source, ingested_at=NOW)
    yield Bench(
        company=load_company(ROOT / "config", ROOT),
        bars=bars,
        backtests=SqlBacktestStore(engine),
        calendar=calendar,
        clock=SimulatedClock(NOW),
        maker_of=lambda _: StrategyMaker(),
        kernel_folder=kernel_folder(),
    )
    engine.dispose()


def told(result: BacktestResult) -> dict[str, Any]:
    """Everything that the run left but which engine it was."""
    config = dict(result.run.config)
    assert config.pop("engine") in ("kernel/1", "event_loop/1")
    config.pop("why_not_compiled")
    return {
        "config": config,
        "metrics": result.run.metrics,
        "range": (result.run.start, result.run.end),
        "trades": result.trades,
        "equity": result.equity,
        "baseline": result.baseline,
    }


@pytest.mark.parametrize("chosen", [(), ("agent_tsla", "agent_btc")])
def test_three_recorded_markets_in_one_account(bench: Bench, chosen: tuple[str, ...]) -> None:
    asked = ("2022-07-25", "2022-08-12")
    kernel = run_portfolio_and_store(bench, chosen, *asked)
    loop = run_portfolio_and_store(replace(bench, kernel_folder=None), chosen, *asked)
    assert kernel.run.config["engine"] == "kernel/1"
    assert loop.run.config["engine"] == "event_loop/1"
    assert told(kernel) == told(loop)
    traded = {fill.symbol for fill in kernel.trades}
    assert traded == {each.symbol for each in agent_parts(kernel.run)}
    assert kernel.run.config["annualised_with_days"] == 365
    for pair in pairs_of(kernel.run):  # IWM's recording begins too late for 40 common returns
        assert (pair.value is None) is ("IWM" in (pair.first, pair.second)) is pair.is_correlated


def test_a_year_of_two_recorded_markets_runs_compiled(bench: Bench) -> None:
    """The figures of each agent add up to what the account gained."""
    result = run_portfolio_and_store(bench, ("agent_tsla", "agent_btc"), "2022-03-01", "2022-12-30")
    assert result.run.config["engine"] == "kernel/1"
    earned = [float(each.figures["pnl_usd"] or 0.0) for each in agent_parts(result.run)]
    gained = result.equity[-1].portfolio_value - 100_000.0
    assert sum(earned) == pytest.approx(gained, abs=1e-6)
    assert all(int(each.figures["trades"] or 0) > 50 for each in agent_parts(result.run))
