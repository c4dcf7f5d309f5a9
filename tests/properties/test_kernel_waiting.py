"""Asking ahead changes nothing: not where agents keep different hours, not where a block of bars ends."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.desk import calendar
from tests.fakes.kernels import kernel_folder, whole_kernel
from tests.fakes.portfolios import portfolios, random_series
from tests.properties.test_kernel_equality import compare
from tests.unit.risk.builders import agent, company
from ztrade_core.backtest.kernel import portfolio
from ztrade_core.backtest.kernel.building import Kernel
from ztrade_core.backtest.kernel.engine import KernelOutput, run_kernel
from ztrade_core.backtest.kernel.portfolio import BLOCK
from ztrade_core.backtest.legs import Leg, PortfolioInput
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.configuration import StrategyChoice
from ztrade_core.domain.time import Timeframe, to_micros

BEGINS = 1_667_797_200_000_000  # 2022-11-07T05:00Z, midnight in New York
LENGTH = Timeframe.H1.micros
FIRST = 5
CROSSOVER = StrategyChoice(name="sma_crossover", parameters=(("fast", 2.0), ("slow", 4.0)))
REVERSION = StrategyChoice(
    name="mean_reversion", parameters=(("period", 4.0), ("entry_z", 1.0), ("exit_z", -5.0))
)


def other_hours(leg: Leg, seed: int) -> Leg:
    """The same agent on bars of another length."""
    timeframe = Timeframe.M15 if leg.agent.timeframe is Timeframe.H1 else Timeframe.H1
    trader = replace(leg.agent, timeframe=timeframe)
    series = random_series(trader, seed, 40)
    return Leg(agent=trader, series=series, first=min(leg.first, len(series) - 1))


@given(portfolios(most=3), st.integers(0, 2**32 - 1))
@settings(max_examples=25)
def test_agents_with_bars_of_different_lengths_share_one_account(
    case: PortfolioInput, seed: int
) -> None:
    legs = tuple(other_hours(leg, seed + n) if n % 2 else leg for n, leg in enumerate(case.legs))
    house = replace(case.company, agents=tuple(leg.agent for leg in legs))
    compare(PortfolioInput(company=house, calendar=case.calendar, legs=legs), whole_kernel())


def one_move(place: int, close: float, strategy: StrategyChoice, kernel: Kernel) -> KernelOutput:
    """A run over hours that stand at $100 until the bar at `place`, and at `close` from there on."""
    count = BLOCK + FIRST + 20
    closes = np.where(np.arange(count) < place, 100.0, close)
    opens = np.append(100.0, closes[:-1])
    series = BarSeries(
        symbol="BTC/USD",
        timeframe=Timeframe.H1,
        timestamps=BEGINS + LENGTH * np.arange(count, dtype=np.int64),
        opens=opens,
        highs=np.maximum(opens, closes),
        lows=np.minimum(opens, closes),
        closes=closes,
        volumes=np.full(count, 1e6),
    )
    trader = replace(agent("agent_btc", "BTC/USD"), timeframe=Timeframe.H1, strategy=strategy)
    given = PortfolioInput(
        company=company(trader),
        calendar=calendar(),
        legs=(Leg(agent=trader, series=series, first=FIRST),),
    )
    return run_kernel(given, kernel_folder(), kernel)


@pytest.mark.parametrize("form", ["compiled", "plain"])
@pytest.mark.parametrize("away", [-1, 0, 1])
@pytest.mark.parametrize(("strategy", "close"), [(CROSSOVER, 101.0), (REVERSION, 99.0)])
def test_what_happens_where_a_block_ends_happens_on_its_own_bar(
    strategy: StrategyChoice, close: float, away: int, form: str
) -> None:
    place = FIRST + BLOCK + away
    kernel = whole_kernel() if form == "compiled" else portfolio.run
    output = one_move(place, close, strategy, kernel)
    (entry,) = output.decisions()
    (fill,) = output.fills()
    assert entry.opened == BEGINS + place * LENGTH
    assert to_micros(fill.filled_at) == BEGINS + (place + 1) * LENGTH
    filled = place + 1 - FIRST
    assert set(output.equity[:filled].tolist()) == {output.given.company.capital_usd}
    assert set(output.exposure[:filled].tolist()) == {0.0}
    assert set(output.exposure[filled:].tolist()) == {
        float(fill.quantity - fill.fee_quantity) * close
    }
