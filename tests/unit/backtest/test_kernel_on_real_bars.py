"""The shipped configuration on recorded bars: the kernel's rows are the event loop's, every one."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.fakes.kernels import kernel_folder, whole_kernel
from tests.fakes.real_bars import real_bars
from ztrade_core.backtest.engines import loop_output
from ztrade_core.backtest.kernel.engine import run_kernel
from ztrade_core.backtest.legs import Leg, PortfolioInput
from ztrade_core.backtest.loop import LoopInput, run_loop
from ztrade_core.clocks.sessions import ExchangeSessions
from ztrade_core.decision_makers.strategy import StrategyMaker
from ztrade_core.domain.configuration import StrategyChoice
from ztrade_core.market_data.files import read_bar_file
from ztrade_core.settings.company import load_company

ROOT = Path(__file__).resolve().parents[3]
READ_AT = datetime(2026, 11, 1, tzinfo=UTC)
BARS = 700
FILES = [
    ("agent_tsla", "TSLA_5m_2022.csv"),
    ("agent_btc", "BTC-USD_1h_coinbase_2018_2019.csv"),
    ("agent_iwm", "IWM_15m_2025.csv"),
]


@pytest.mark.parametrize("strategy", [None, "sma_crossover", "mean_reversion"])
@pytest.mark.parametrize(("agent_id", "name"), FILES)
def test_recorded_bars_give_the_same_rows(agent_id: str, name: str, strategy: str | None) -> None:
    calendar, company = ExchangeSessions(), load_company(ROOT / "config", ROOT)
    agent = company.agent(agent_id)
    assert agent is not None
    file = read_bar_file(real_bars(name), calendar, READ_AT)
    agent = replace(agent, timeframe=file.series[0].timeframe)
    if strategy is not None:
        agent = replace(agent, strategy=StrategyChoice(name=strategy))
    maker = StrategyMaker()
    first = maker.lookback_bars(agent)
    series = file.series[0].window(0, first + BARS)
    assert series.symbol == agent.symbol
    loop = run_loop(
        LoopInput(
            company=company,
            agent=agent,
            maker=maker,
            calendar=calendar,
            series=series,
            first=first,
            source=file.source,
        )
    )
    leg = Leg(agent=agent, series=series, first=first)
    given = PortfolioInput(company=company, calendar=calendar, legs=(leg,))
    assert loop_output(run_kernel(given, kernel_folder(), whole_kernel())) == loop
    assert loop.fills
