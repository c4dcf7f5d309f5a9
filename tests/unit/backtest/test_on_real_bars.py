"""A few weeks of recorded bars, with the shipped configuration: it runs, and its books add up."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.fakes.real_bars import real_bars
from ztrade_core.backtest.loop import LoopInput, LoopOutput, run_loop
from ztrade_core.clocks.sessions import ExchangeSessions
from ztrade_core.decision_makers.strategy import StrategyMaker
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.market_data.files import read_bar_file
from ztrade_core.settings.company import load_company

ROOT = Path(__file__).resolve().parents[3]
READ_AT = datetime(2026, 11, 1, tzinfo=UTC)
BARS = 1_000  # TSLA: 13 sessions; BTC: six weeks
TSLA = ("agent_tsla", "TSLA_5m_2022.csv")
BTC = ("agent_btc", "BTC-USD_1h_coinbase_2018_2019.csv")


def run_on(agent_id: str, name: str) -> tuple[LoopOutput, BarSeries]:
    calendar = ExchangeSessions()
    company = load_company(ROOT / "config", ROOT)
    agent = company.agent(agent_id)
    assert agent is not None
    maker = StrategyMaker()
    first = maker.lookback_bars(agent)
    file = read_bar_file(real_bars(name), calendar, READ_AT)
    series = file.series[0].window(0, first + BARS)
    given = LoopInput(
        company=company,
        agent=agent,
        maker=maker,
        calendar=calendar,
        series=series,
        first=first,
        source=file.source,
    )
    return run_loop(given), series.window(first, first + BARS)


@pytest.mark.parametrize(("agent_id", "name"), [TSLA, BTC])
def test_weeks_of_recorded_bars_run_and_the_books_add_up(agent_id: str, name: str) -> None:
    output, bars = run_on(agent_id, name)
    assert len(output.equity) == BARS
    assert sum(output.outcomes.values()) == BARS
    assert output.fills
    spent, held, fee = cash_flow(output, AssetClass.CRYPTO if "btc" in agent_id else None)
    last = output.equity[-1]
    marked = held * float(bars.closes[-1])
    assert last.portfolio_value == pytest.approx(10_000.0 + spent + marked - fee, abs=1e-6)
    assert last.portfolio_value - last.cash_balance == pytest.approx(marked, abs=1e-6)
    results = sum(fill.pnl for fill in output.fills if fill.pnl is not None)
    if not held:
        assert last.portfolio_value == pytest.approx(10_000.0 + results, abs=1e-6)


def cash_flow(output: LoopOutput, crypto: AssetClass | None) -> tuple[float, float, float]:
    """What the fills did to cash, what is held, and the commission paid in cash."""
    spent, held = 0.0, 0.0
    for fill in output.fills:
        sign = 1.0 if fill.action == "buy" else -1.0
        spent -= sign * fill.quantity * fill.price
        held += sign * fill.quantity
        if crypto is not None and sign > 0.0:
            kept = int(fill.quantity * 0.9975 * 1e8 + 1e-6) / 1e8  # 25 bps in the coin
            held -= fill.quantity - kept
    return spent, held if abs(held) > 1e-7 else 0.0, output.commission_usd
