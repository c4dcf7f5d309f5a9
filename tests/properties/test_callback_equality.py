"""A function asked on every bar leaves what the kernel, or the event loop, leaves with its answers."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st
from typing_extensions import override

from tests.fakes.kernels import kernel_folder, whole_kernel
from tests.fakes.portfolios import portfolios
from tests.properties.test_kernel_equality import asked_by, asked_of, told
from ztrade_core.backtest.callback import OnBar, run_callback
from ztrade_core.backtest.kernel.engine import KernelOutput, NotCompiledError, run_kernel
from ztrade_core.backtest.legs import PortfolioInput
from ztrade_core.backtest.portfolio_loop import run_portfolio_loop
from ztrade_core.domain.configuration import AgentConfig, StrategyChoice
from ztrade_core.domain.decisions import Proposal
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.indicators.ticks import to_ticks
from ztrade_core.ports.mind import DecisionMaker
from ztrade_core.strategies.protocol import ACTIONS, BUY, HOLD, SELL
from ztrade_core.strategies.sma_crossover import step
from ztrade_core.trading.cycle import CycleResult

FAST, SLOW, CONFIDENCE = 2, 4, 0.75
CROSSOVER = StrategyChoice(name="sma_crossover", parameters=(("fast", FAST), ("slow", SLOW)))


@dataclass(frozen=True)
class FunctionMaker(DecisionMaker):
    """Asks a function in the event loop; `bars` finds a slot's number."""

    on_bar: OnBar
    bars: dict[int, int]

    @property
    @override
    def name(self) -> str:
        return "function"

    @override
    def lookback_bars(self, agent: AgentConfig) -> int:
        return 1

    @override
    def propose(self, snapshot: MarketSnapshot, agent: AgentConfig) -> Proposal:
        bar = self.bars[int(snapshot.bars.timestamps[-1])]
        action = ACTIONS[self.on_bar(bar, snapshot.position is not None)]
        return Proposal(action=action, confidence=CONFIDENCE, rationale="", maker=self.name)


def called(case: PortfolioInput, on_bar: OnBar) -> KernelOutput:
    try:
        return run_callback(case, on_bar, kernel_folder(), confidence=CONFIDENCE)
    except NotCompiledError:
        assume(False)  # noqa: FBT003 - a case only the loop decides
        raise


def crossover(case: PortfolioInput) -> OnBar:
    """The crossover's answers, from gaps computed beforehand."""
    leg = case.legs[0]
    sums = np.concatenate(([0], np.cumsum(to_ticks(leg.series.closes))))
    gaps = [
        0
        if bar + 1 < SLOW
        else int(sums[bar + 1] - sums[bar + 1 - FAST]) * SLOW
        - int(sums[bar + 1] - sums[bar + 1 - SLOW]) * FAST
        for bar in range(len(leg.series))
    ]
    settings = (CONFIDENCE, leg.agent.limits.min_confidence)

    def on_bar(bar: int, in_position: bool) -> int:  # noqa: FBT001
        return HOLD if bar < SLOW else step(gaps[bar - 1], gaps[bar], in_position, settings)[0]

    return on_bar


@given(portfolios(most=1))
def test_a_crossover_by_function_is_the_kernels(case: PortfolioInput) -> None:
    leg = case.legs[0]
    case = replace(case, legs=(replace(leg, agent=replace(leg.agent, strategy=CROSSOVER)),))
    mine = called(case, crossover(case))
    kernel = run_kernel(case, kernel_folder(), whole_kernel())
    assert asked_by(mine) == asked_by(kernel)
    assert told(mine.fills()) == told(kernel.fills())
    assert mine.equity.tolist() == kernel.equity.tolist()
    assert mine.exposure.tolist() == kernel.exposure.tolist()
    assert (mine.outcomes, mine.denials, mine.halts) == (
        kernel.outcomes,
        kernel.denials,
        kernel.halts,
    )


def seeded(seed: int, often: int) -> Callable[[int, bool], int]:
    """A function that answers anything, and the same whenever it is asked the same."""

    def on_bar(bar: int, in_position: bool) -> int:  # noqa: FBT001
        rng = np.random.default_rng([seed, bar, in_position])
        if rng.integers(0, 10) >= often:
            return HOLD
        wanted, other = (SELL, BUY) if in_position else (BUY, SELL)
        return wanted if rng.random() < 0.85 else other

    return on_bar


@given(portfolios(most=1), st.integers(0, 2**32 - 1), st.sampled_from([1, 4, 10]))
def test_any_function_leaves_what_the_event_loop_leaves(
    case: PortfolioInput, seed: int, often: int
) -> None:
    on_bar, asked = seeded(seed, often), list[tuple[int, bool]]()

    def noting(bar: int, in_position: bool) -> int:  # noqa: FBT001
        asked.append((bar, in_position))
        return on_bar(bar, in_position)

    mine = called(case, noting)
    by_function, stamps = asked.copy(), case.legs[0].series.timestamps.tolist()
    asked.clear()
    results: list[CycleResult] = []
    maker = FunctionMaker(noting, {stamp: bar for bar, stamp in enumerate(stamps)})
    loop = run_portfolio_loop(case, maker, watcher=results.append)
    assert by_function == asked
    assert asked_by(mine) == asked_of(results)
    assert told(mine.fills()) == told(loop.fills)
    assert mine.equity.tolist() == [point.equity for point in loop.points]
    assert mine.exposure.tolist() == [point.exposure for point in loop.points]
    assert (mine.outcomes, mine.denials, mine.halts) == (loop.outcomes, loop.denials, loop.halts)
