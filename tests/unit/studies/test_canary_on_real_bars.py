"""The shipped agents and every strategy on recorded bars: nothing looks ahead, in either engine."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.fakes.kernels import kernel_folder, whole_kernel
from tests.fakes.real_bars import real_bars
from ztrade_core.clocks.sessions import ExchangeSessions
from ztrade_core.decision_makers.strategy import StrategyMaker
from ztrade_core.domain.configuration import StrategyChoice
from ztrade_core.market_data.files import read_bar_file
from ztrade_core.settings.company import load_company
from ztrade_core.strategies.registry import STRATEGIES
from ztrade_core.studies.canary import Effort, look_for_peeking
from ztrade_core.studies.canary_findings import CanaryInput, Data, Future

ROOT = Path(__file__).resolve().parents[3]
READ_AT = datetime(2026, 11, 1, tzinfo=UTC)
EFFORT = Effort(window_bars=8, drawn=40, futures=(Future.CRASH, Future.BOOM, Future.NOISE))
FILES = {
    "agent_tsla": "TSLA_5m_2022.csv",
    "agent_btc": "BTC-USD_1h_coinbase_2018_2019.csv",
    "agent_iwm": "IWM_15m_2025.csv",
}


@pytest.mark.parametrize("strategy", sorted(STRATEGIES))
@pytest.mark.parametrize("agent_id", sorted(FILES))
def test_no_strategy_looks_ahead_on_recorded_bars(agent_id: str, strategy: str) -> None:
    calendar = ExchangeSessions()
    company = load_company(ROOT / "config", ROOT)
    shipped = company.agent(agent_id)
    assert shipped is not None
    choice = (
        shipped.strategy if shipped.strategy.name == strategy else StrategyChoice(name=strategy)
    )
    limits = replace(shipped.limits, min_confidence=0.0)
    agent = replace(shipped, strategy=choice, limits=limits)
    maker = StrategyMaker()
    file = read_bar_file(real_bars(FILES[agent_id]), calendar, READ_AT)
    report = look_for_peeking(
        CanaryInput(
            company=company,
            agent=agent,
            calendar=calendar,
            data=Data(series=file.series[0]),
            first=maker.lookback_bars(agent),
            source=file.source,
            mind_of=lambda _: StrategyMaker(),
            kernel_folder=kernel_folder(),
            kernel=whole_kernel(),
        ),
        effort=EFFORT,
    )
    assert report.passed, report.line()
    assert report.why_not_compiled == ""
    assert report.kernel.runs > 30
    assert report.kernel.fills > 0
    assert report.loop.decisions > 50
