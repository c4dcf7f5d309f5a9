"""Several agents of different timeframes and asset classes in one account: the kernel is the event loop.

Beside executions and marks: what each agent's bars came to, and why they were held.
"""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.fakes.desk import calendar
from tests.fakes.kernels import kernel_folder, whole_kernel
from tests.fakes.portfolios import LIMITS, SPANS, SYMBOLS, houses, random_series, traders
from ztrade_core.backtest.kernel.by_agent import of_agent
from ztrade_core.backtest.kernel.engine import KernelOutput, NotCompiledError, run_kernel
from ztrade_core.backtest.legs import Leg, PortfolioInput
from ztrade_core.backtest.loop import backtest_fills
from ztrade_core.backtest.portfolio_engines import (
    PortfolioRun,
    counted,
    portfolio_run,
    run_portfolio,
)
from ztrade_core.backtest.portfolio_figures import agent_figures
from ztrade_core.backtest.reasons import counted_reasons
from ztrade_core.decision_makers.strategy import StrategyMaker
from ztrade_core.domain.configuration import RiskLimits


@st.composite
def mixed_portfolios(draw: st.DrawFn) -> PortfolioInput:
    """Agents of one company, each on a timeframe of its own."""
    symbols = sorted(draw(st.permutations(SYMBOLS))[: draw(st.integers(2, 4))])
    seed = draw(st.integers(0, 2**32 - 1))
    legs = []
    for number, symbol in enumerate(symbols):
        timeframe = draw(st.sampled_from(list(SPANS)))
        trader = draw(traders(f"agent_{number}", symbol, timeframe))
        series = random_series(trader, seed + number, draw(st.integers(12, 40)))
        legs.append(Leg(agent=trader, series=series, first=min(3, len(series) - 1)))
    house = draw(houses([leg.agent for leg in legs]))
    if draw(st.booleans()):
        house = replace(house, risk=draw(crowded(house.risk)))
    return PortfolioInput(company=house, calendar=calendar(), legs=tuple(legs))


@st.composite
def crowded(draw: st.DrawFn, risk: RiskLimits) -> RiskLimits:
    """Limits that bind between agents only: few may be in the market together, with little money."""
    off = {name: None for name, values in LIMITS.items() if None in values}
    return replace(
        risk,
        **off
        | {
            "max_correlated_positions": draw(st.sampled_from([1, 2])),
            "max_gross_exposure_fraction": draw(st.sampled_from([0.01, 0.06, None])),
            "correlation_threshold": 0.0,
            "enforce_agent_limits": False,
            "require_fresh_data": False,
            "min_stock_price_usd": 0.01,
        },
    )


def compiled(case: PortfolioInput) -> KernelOutput:
    try:
        return run_kernel(case, kernel_folder(), whole_kernel())
    except NotCompiledError:
        assume(False)  # noqa: FBT003 - a case the kernel leaves to the loop
        raise


def looped(case: PortfolioInput) -> PortfolioRun:
    makers = {leg.agent.agent_id: StrategyMaker() for leg in case.legs}
    return run_portfolio(case, makers, None)


def told(run: PortfolioRun) -> list[tuple[object, ...]]:
    return [
        (
            fill.agent_id,
            fill.symbol,
            fill.role,
            fill.filled_at,
            fill.quantity,
            fill.price,
            fill.fee_usd,
            fill.fee_quantity,
        )
        for fill in run.fills
    ]


@given(mixed_portfolios())
def test_the_compiled_run_of_several_agents_is_the_loops(case: PortfolioInput) -> None:
    kernel, loop = portfolio_run(compiled(case)), looped(case)
    assert told(kernel) == told(loop)
    assert backtest_fills(kernel.fills) == backtest_fills(loop.fills)
    assert kernel.equity == loop.equity
    assert kernel.halts == loop.halts
    assert kernel.tallies.keys() == loop.tallies.keys()
    for agent_id, tally in kernel.tallies.items():
        other = loop.tallies[agent_id]
        assert +tally.outcomes == +other.outcomes
        assert tally.denials == other.denials
        assert counted_reasons(tally.holds) == counted_reasons(other.holds)
    holds = [counted_reasons(counted(run.tallies, "holds")) for run in (kernel, loop)]
    assert holds[0] == holds[1]


@given(mixed_portfolios())
def test_what_agents_earn_is_what_the_account_gains(case: PortfolioInput) -> None:
    run = portfolio_run(compiled(case))
    gained = run.equity[-1].portfolio_value - case.company.capital_usd
    earned = [agent_figures(leg, run.fills, 0)["pnl_usd"] for leg in case.legs]
    assert sum(each or 0.0 for each in earned) == pytest.approx(gained, abs=1e-6)


@given(mixed_portfolios())
def test_agents_taken_apart_add_up_to_the_whole(case: PortfolioInput) -> None:
    whole = compiled(case)
    alone = [of_agent(whole, number) for number in range(len(case.legs))]
    for name in ("outcomes", "denials"):
        total: Counter[str] = Counter()
        for each in alone:
            total.update(getattr(each, name))
        assert dict(total) == getattr(whole, name)
    assert sum(len(each.equity) for each in alone) == len(whole.equity)
    assert sum(len(each.fills()) for each in alone) == len(whole.fills())
    asked = [replace(each, opened=0) for one in alone for each in one.decisions()]
    whole_asked = [replace(each, opened=0) for each in whole.decisions()]
    assert sorted(map(repr, asked)) == sorted(map(repr, whole_asked))
