"""A sleeping mind on recorded bars under the shipped rules: the session's rows are the event loop's."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.fakes.kernels import kernel_folder
from tests.fakes.minds import WildMaker
from tests.fakes.real_bars import real_bars
from ztrade_core.backtest.engines import run_agent
from ztrade_core.backtest.loop import LoopInput, run_loop
from ztrade_core.clocks.sessions import ExchangeSessions
from ztrade_core.domain.waking import WakeConditions
from ztrade_core.market_data.files import read_bar_file
from ztrade_core.settings.company import load_company

ROOT = Path(__file__).resolve().parents[3]
READ_AT = datetime(2026, 11, 1, tzinfo=UTC)
BARS = 400
WAKE = WakeConditions(every_bars=9, moved_fraction=0.004, on_fill=True, on_risk_event=True)


@pytest.mark.parametrize(
    ("agent_id", "name"),
    [("agent_tsla", "TSLA_5m_2022.csv"), ("agent_btc", "BTC-USD_1h_coinbase_2018_2019.csv")],
)
def test_recorded_bars_give_the_same_rows(agent_id: str, name: str) -> None:
    calendar, company = ExchangeSessions(), load_company(ROOT / "config", ROOT)
    agent = company.agent(agent_id)
    assert agent is not None
    file = read_bar_file(real_bars(name), calendar, READ_AT)
    series = file.series[0].window(0, BARS)
    mind = WildMaker(seed=7, eagerness=9)
    given = LoopInput(
        company=company,
        agent=replace(agent, timeframe=series.timeframe),
        maker=mind,
        calendar=calendar,
        series=series,
        first=1,
        source=file.source,
        wake=WAKE,
    )
    done = run_agent(given, kernel_folder())
    seen = mind.seen.copy()
    mind.seen.clear()
    assert done.engine == "session/1"
    assert done.output == run_loop(given)
    assert seen == mind.seen
    assert done.output.fills
    assert done.output.holds[WAKE.reason] > BARS // 3
