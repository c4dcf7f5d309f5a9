"""Sentiment in backtests: what becomes known later changes nothing before, and it does count."""

from dataclasses import replace
from itertools import takewhile

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.fakes.desk import calendar
from tests.fakes.kernels import kernel_folder, whole_kernel
from tests.fakes.portfolios import MOMENTUM, portfolios, random_sentiment
from tests.golden.small_backtest import COINS, STOCK, series_for
from tests.unit.risk.builders import company
from ztrade_core.backtest.kernel.engine import KernelOutput, NotCompiledError, run_kernel
from ztrade_core.backtest.kernel.explaining import hold_reasons
from ztrade_core.backtest.legs import Leg, PortfolioInput
from ztrade_core.backtest.loop import LoopInput, backtest_fills, run_loop
from ztrade_core.backtest.portfolio_loop import run_portfolio_loop
from ztrade_core.backtest.reasons import counted_reasons
from ztrade_core.decision_makers.strategy import StrategyMaker
from ztrade_core.domain.sentiment import SentimentSeries
from ztrade_core.domain.time import from_micros, to_micros
from ztrade_core.trading.cycle import CycleResult

MOMENTUM_ONLY = portfolios(most=1, choices=(MOMENTUM,))
SEEDS = st.integers(0, 2**32 - 1)


def moody(case: PortfolioInput, mood: SentimentSeries | None) -> PortfolioInput:
    return replace(case, legs=(replace(case.legs[0], sentiment=mood),))


def rewritten(mood: SentimentSeries, after: int, seed: int) -> SentimentSeries:
    """The same readings up to `after`, and quite other ones later: the very next moment first."""
    rng = np.random.default_rng(seed)
    kept = int(mood.known_at.searchsorted(after, side="right"))
    later = after + 1 + np.sort(rng.choice(10**12, 20, replace=False))
    later[0] = after + 1
    return SentimentSeries(
        known_at=np.concatenate((mood.known_at[:kept], later)),
        scores=np.concatenate((mood.scores[:kept], rng.choice([-1.0, 1.0], 20))),
        confidences=np.concatenate((mood.confidences[:kept], np.ones(20))),
        scorer=mood.scorer,
    )


def compiled(case: PortfolioInput) -> KernelOutput:
    try:
        return run_kernel(case, kernel_folder(), whole_kernel())
    except NotCompiledError:
        assume(False)  # noqa: FBT003 - a case the kernel leaves to the loop
        raise


@given(case=MOMENTUM_ONLY, seed=SEEDS, cut=st.floats(0.0, 1.0))
def test_readings_known_later_change_nothing_before_in_the_kernel(
    case: PortfolioInput, seed: int, cut: float
) -> None:
    leg = case.legs[0]
    mood = random_sentiment(leg.series, seed)
    known = compiled(moody(case, mood))
    decided = len(known.equity)
    last = min(int(cut * decided), decided - 1)
    completed = int(known.laid.market[1][1][leg.first + last])
    other = compiled(moody(case, rewritten(mood, completed, seed)))
    assert known.reasons[: last + 1].tolist() == other.reasons[: last + 1].tolist()
    assert known.equity[: last + 1].tolist() == other.equity[: last + 1].tolist()
    opened = int(leg.series.timestamps[leg.first + last])
    one, two = (
        list(takewhile(lambda each: each.opened <= opened, run.decisions()))
        for run in (known, other)
    )
    assert one == two


@given(case=MOMENTUM_ONLY, seed=SEEDS, cut=st.floats(0.0, 1.0))
@settings(max_examples=25)
def test_readings_known_later_change_nothing_before_in_the_loop(
    case: PortfolioInput, seed: int, cut: float
) -> None:
    leg = case.legs[0]
    mood = random_sentiment(leg.series, seed)
    number = min(int(cut * len(leg.series)), len(leg.series) - 1)
    opened = from_micros(int(leg.series.timestamps[number]))
    completed = case.calendar.completes_at(
        leg.agent.instrument.asset_class, leg.agent.timeframe, opened
    )
    known, other = list[CycleResult](), list[CycleResult]()
    for results, readings in ((known, mood), (other, rewritten(mood, to_micros(completed), seed))):
        run_portfolio_loop(moody(case, readings), StrategyMaker(), watcher=results.append)
    until = max(0, number + 1 - leg.first)
    assert [each.validated for each in known[:until]] == [each.validated for each in other[:until]]


def mood_of(score: float) -> SentimentSeries:
    """One reading, known before the first bar."""
    return SentimentSeries(
        known_at=np.zeros(1, dtype=np.int64),
        scores=np.array([score]),
        confidences=np.ones(1),
        scorer="test",
    )


def test_sentiment_changes_what_an_agent_does_and_why() -> None:
    trader = replace(STOCK, strategy=MOMENTUM)
    found = {}
    for score in (None, -0.9, 0.9):
        mood = None if score is None else mood_of(score)
        asked = LoopInput(
            company=company(trader, costs=COINS),
            agent=trader,
            maker=StrategyMaker(),
            calendar=calendar(),
            series=series_for(trader),
            first=0,
            source="test",
            sentiment=mood,
        )
        one = PortfolioInput(company=asked.company, calendar=calendar(), legs=(asked.leg,))
        run, found[score] = compiled(one), run_loop(asked)
        assert backtest_fills(run.fills()) == found[score].fills
        assert counted_reasons(hold_reasons(run)) == found[score].holds
    alone, bad, good = (found[score] for score in (None, -0.9, 0.9))
    suffix = "; no sentiment: technicals alone, weights renormalised"
    assert any(reason.endswith(suffix) for reason in alone.holds)
    assert not any(reason.endswith(suffix) for reason in (*bad.holds, *good.holds))
    assert alone.fills
    assert not bad.fills
    assert good.fills != alone.fills


def test_two_agents_on_one_symbol_cannot_see_different_sentiment() -> None:
    series = series_for(STOCK)
    legs = tuple(
        Leg(agent=replace(STOCK, agent_id=name), series=series, first=0, sentiment=mood)
        for name, mood in (("agent_a", mood_of(0.1)), ("agent_b", None))
    )
    with pytest.raises(ValueError, match="agents on TSLA see different sentiment"):
        PortfolioInput(company=company(STOCK), calendar=calendar(), legs=legs)
