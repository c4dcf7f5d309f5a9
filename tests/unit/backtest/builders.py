"""Backtests of scripted decisions on hand-made bars: `backtest(rows, script)` runs the real loop.

The company is wide open unless a test says otherwise: no limit of it shrinks or denies an order.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from tests.fakes.desk import bar, calendar
from tests.fakes.desk_makers import ScriptedMaker
from tests.unit.brokers.builders import Row, series_of_rows
from tests.unit.risk.builders import COSTS, agent, company
from ztrade_core.backtest.loop import LoopInput
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.configuration import AgentConfig, Company, Costs
from ztrade_core.domain.decisions import Proposal
from ztrade_core.domain.time import from_micros, iso_z
from ztrade_core.ports.mind import DecisionMaker

ENDLESS = 1e9
OPEN_LIMITS: dict[str, Any] = {
    "position_usd": ENDLESS,
    "risk_usd": ENDLESS,
    "max_daily_trades": 10**6,
    "max_consecutive_losses": 10**6,
    "stop_loss_fraction": 0.03,
    "take_profit_fraction": 0.06,
}
OPEN_RULES: dict[str, Any] = {
    "max_agent_exposure_fraction": None,
    "max_daily_loss_fraction": None,
    "max_correlated_positions": None,
    "max_symbol_fraction": None,
    "max_gross_exposure_fraction": None,
    "max_drawdown_fraction": None,
    "max_order_usd": None,
    "max_order_volume_multiple": None,
}
STOCK = agent(**OPEN_LIMITS)
COIN = agent("agent_btc", "BTC/USD", **OPEN_LIMITS)


def wide_open(*, costs: Costs = COSTS, **rules: Any) -> Company:
    return company(STOCK, COIN, costs=costs, **{**OPEN_RULES, **rules})


def script_of(
    series: BarSeries, answers: Mapping[int, Proposal], agent_id: str
) -> dict[tuple[str, str], Proposal]:
    """Answers by the bar's number, as the scripted mind wants them."""
    stamps = series.timestamps
    return {
        (agent_id, iso_z(from_micros(int(stamps[number])))): answer
        for number, answer in answers.items()
    }


def loop_input(
    series: BarSeries,
    answers: Mapping[int, Proposal],
    *,
    trader: AgentConfig = STOCK,
    house: Company | None = None,
    first: int = 0,
) -> LoopInput:
    mind = ScriptedMaker(script_of(series, answers, trader.agent_id))
    return given(series, mind, trader=trader, house=house, first=first)


def given(
    series: BarSeries,
    mind: DecisionMaker,
    *,
    trader: AgentConfig = STOCK,
    house: Company | None = None,
    first: int = 0,
) -> LoopInput:
    return LoopInput(
        company=wide_open() if house is None else house,
        agent=trader,
        maker=mind,
        calendar=calendar(),
        series=series,
        first=first,
        source="test",
    )


def bars_of(
    rows: Sequence[Row], *, trader: AgentConfig = STOCK, opened: Sequence[datetime] | None = None
) -> BarSeries:
    stamps = [bar(number) for number in range(len(rows))] if opened is None else opened
    return series_of_rows(rows, trader.symbol, trader.timeframe, stamps)
