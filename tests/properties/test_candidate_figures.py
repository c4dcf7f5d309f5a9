"""A candidate's figures from the kernel's arrays are those of the event loop's rows, to the last bit.

Any agent, wild bars, limits that bind; the candidate differs from the agent whose bars are laid out.
"""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.fakes.kernels import kernel_folder, whole_kernel
from tests.fakes.portfolios import portfolios, traders
from ztrade_core.backtest.kernel.engine import NotCompiledError
from ztrade_core.backtest.legs import PortfolioInput
from ztrade_core.backtest.loop import LoopInput, run_loop
from ztrade_core.decision_makers.strategy import StrategyMaker
from ztrade_core.domain.studies import Figures
from ztrade_core.performance.baseline import buy_and_hold
from ztrade_core.performance.metrics import CostsPaid, measure
from ztrade_core.studies.compiled import CompiledCandidates
from ztrade_core.studies.figures import exact_sum, figures_of_kernel, frame_of


def measured(case: PortfolioInput) -> Figures:
    """The lone agent's figures, by the event loop and by lists of points and fills."""
    leg, costs = case.legs[0], case.company.broker.costs
    output = run_loop(
        LoopInput(
            company=case.company,
            agent=leg.agent,
            maker=StrategyMaker(),
            calendar=case.calendar,
            series=leg.series,
            first=leg.first,
            source="test",
            sentiment=leg.sentiment,
        )
    )
    capital = leg.agent.allocated_usd
    decided = leg.series.window(leg.first, len(leg.series))
    marks = [point.timestamp for point in output.equity]
    figures = measure(
        output.equity,
        output.fills,
        capital_usd=capital,
        asset_class=leg.agent.instrument.asset_class,
        buy_and_hold=buy_and_hold(decided, marks, capital_usd=capital, costs=costs),
        costs=CostsPaid(commission_usd=output.commission_usd, coin_fees_usd=output.coin_fees_usd),
    )
    return {**figures, "halts": sum(output.halts.values())}


@given(portfolios(most=1), st.data())
def test_figures_from_arrays_are_those_from_rows(case: PortfolioInput, data: st.DataObject) -> None:
    laid, company = case.legs[0], case.company
    trader = data.draw(traders(laid.agent.agent_id, laid.agent.symbol, laid.agent.timeframe))
    trader = replace(trader, strategy=laid.agent.strategy)
    try:
        compiled = CompiledCandidates(company, case.calendar, laid, kernel_folder(), whole_kernel())
        output = compiled.run(trader)
    except NotCompiledError:
        assume(False)  # noqa: FBT003 - a case the kernel leaves to the loop
    decided = laid.series.window(laid.first, len(laid.series))
    completed = output.laid.market[1][1][laid.first :]
    frame = frame_of(laid.agent, decided, completed, company.broker.costs, 0)
    figures = figures_of_kernel(frame, output)
    expected = measured(replace(case, legs=(replace(laid, agent=trader),)))
    assert {name: figures[name] for name in expected} == expected


@given(
    st.lists(st.floats(9_000.0, 11_000.0) | st.floats(1e-300, 1e300), min_size=1, max_size=300)
    | st.lists(st.floats(0.51, 120.0), min_size=1, max_size=300)
    | st.lists(st.floats(allow_nan=False, allow_infinity=False, max_value=1e200, min_value=-1e200))
)
def test_the_sum_by_whole_numbers_is_the_correctly_rounded_one(values: list[float]) -> None:
    assert exact_sum(np.array(values, dtype=np.float64)) == math.fsum(values)


@pytest.mark.parametrize("values", [[], [0.0], [0.1] * 10, [2.0**53, 1.0 + 2.0**52], [5e-324] * 3])
def test_the_sum_of_odd_lists_is_the_correctly_rounded_one(values: list[float]) -> None:
    assert exact_sum(np.array(values, dtype=np.float64)) == math.fsum(values)
