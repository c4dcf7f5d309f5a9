"""Three agents of different timeframes on hand-made bars in one account, their answers scripted."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import lru_cache

import numpy as np

from tests.fakes.bar_store import MemoryBarStore
from tests.fakes.desk_makers import Script, ScriptedMaker, proposal
from tests.unit.backtest.builders import OPEN_RULES, script_of
from tests.unit.risk.builders import COSTS, agent, company
from ztrade_core.backtest.runs import Bench
from ztrade_core.clocks.sessions import ExchangeSessions
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.configuration import AgentConfig, Company
from ztrade_core.domain.decisions import Proposal
from ztrade_core.domain.time import Timeframe, to_micros
from ztrade_core.ports.backtests import BacktestStore

NOW = datetime(2023, 1, 5, 12, 0, tzinfo=UTC)
FREE = {"position_usd": 4_000.0, "risk_usd": 1e6, "max_daily_trades": 100}
TSLA = agent("agent_tsla", "TSLA", **FREE)
IWM = replace(agent("agent_iwm", "IWM", **FREE), timeframe=Timeframe.M15)
BTC = replace(agent("agent_btc", "BTC/USD", **FREE), timeframe=Timeframe.H1)
FIRST, LAST = datetime(2022, 12, 27, 5, tzinfo=UTC), datetime(2022, 12, 30, 5, tzinfo=UTC)
BUY, SELL = proposal("buy", quantity=10.0), proposal("sell")
COIN_BUY = proposal("buy", quantity=0.05)
Answers = Mapping[str, Mapping[int, Proposal]]


@lru_cache(maxsize=1)
def calendar() -> ExchangeSessions:
    """Half a year: correlations look back over 60 sessions."""
    return ExchangeSessions(start=date(2022, 6, 1), end=date(2023, 1, 31))


def house(**rules: object) -> Company:
    return company(BTC, IWM, TSLA, costs=COSTS, **{**OPEN_RULES, **rules})


def rising(trader: AgentConfig, begins: datetime, ends: datetime, price: float) -> BarSeries:
    """Bars on the calendar that climb a little, and fall every seventh."""
    opened = calendar().expected_bars(trader.instrument.asset_class, trader.timeframe, begins, ends)
    steps = np.where(np.arange(len(opened)) % 7 == 6, -0.004, 0.001)
    closes = np.round(price * np.cumprod(1.0 + steps), 2)
    opens = np.concatenate(([price], closes[:-1]))
    return BarSeries(
        symbol=trader.symbol,
        timeframe=trader.timeframe,
        timestamps=np.array([to_micros(each) for each in opened], dtype=np.int64),
        opens=opens,
        highs=np.maximum(opens, closes),
        lows=np.minimum(opens, closes),
        closes=closes,
        volumes=np.full(len(opened), 1e6),
    )


def market(begins: datetime = FIRST, ends: datetime = LAST) -> list[BarSeries]:
    return [
        rising(BTC, begins, ends, 20_000.0),
        rising(IWM, begins, ends, 180.0),
        rising(TSLA, begins, ends, 120.0),
    ]


def script(series: Sequence[BarSeries], answers: Answers) -> Script:
    traders = {trader.symbol: trader.agent_id for trader in (BTC, IWM, TSLA)}
    found: dict[tuple[str, str], Proposal] = {}
    for bars in series:
        agent_id = traders[bars.symbol]
        found |= script_of(bars, answers.get(agent_id, {}), agent_id)
    return found


TRADING: Answers = {
    "agent_btc": {30: COIN_BUY, 50: SELL},
    "agent_iwm": {28: BUY, 40: SELL, 60: BUY},
    "agent_tsla": {90: BUY, 100: SELL, 120: BUY, 130: SELL},
}


def shared_bench(
    backtests: BacktestStore, series: Sequence[BarSeries], answers: Answers, **rules: object
) -> Bench:
    """A bench of the three agents over these bars."""
    bars = MemoryBarStore()
    bars.upsert(series, source="test", ingested_at=NOW)
    scripted = ScriptedMaker(script(series, answers))
    return Bench(
        company=house(**rules),
        bars=bars,
        backtests=backtests,
        calendar=calendar(),
        clock=SimulatedClock(NOW),
        maker_of=lambda _: scripted,
    )
