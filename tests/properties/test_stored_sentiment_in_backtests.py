"""Stored sentiment in backtests: the loop is the kernel, and each bar sees what live would have seen."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.kernels import whole_kernel
from tests.fakes.portfolios import MOMENTUM, portfolios
from tests.fakes.scored_stories import NOON, SCORER, score_store, scored_story
from tests.fakes.sentiment_config import SENTIMENT
from tests.properties.test_kernel_equality import compare
from ztrade_core.backtest.legs import PortfolioInput
from ztrade_core.backtest.mood import with_moods
from ztrade_core.backtest.portfolio_loop import run_portfolio_loop
from ztrade_core.decision_makers.strategy import StrategyMaker
from ztrade_core.domain.sentiment import ScoredStory
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.domain.time import from_micros
from ztrade_core.sentiment.stored import StoredSentiment

SEEDS = st.integers(0, 2**32 - 1)


def stored(case: PortfolioInput, seed: int) -> StoredSentiment:
    """Stories of some of the case's symbols, around its bars; some at the very end of one."""
    rng, found = np.random.default_rng(seed), list[ScoredStory]()
    for leg in case.legs:
        stamps, length = leg.series.timestamps, leg.series.timeframe.micros
        for stamp in rng.choice(stamps, int(rng.integers(0, 12))).tolist():
            at = from_micros(stamp + int(rng.choice([0, 1, length - 1, length, length + 1])))
            story = scored_story(
                (at - NOON) / timedelta(hours=1),
                float(rng.choice([-1.0, -0.3, 0.4, 1.0])),
                headline=str(rng.choice(["", "The same thing told again and again"])),
                source=str(rng.choice(["alpaca:x", "reddit:y", "sec:8-K"])),
                confidence=float(rng.choice([0.3, 1.0])),
            )
            published = at - timedelta(minutes=int(rng.choice([0, 15, 600])))
            symbol = leg.agent.symbol
            found.append(replace(story, symbol=symbol, published_at=published, known_at=at))
    unique = {(story.symbol, story.news_id): story for story in found}
    return StoredSentiment(score_store(*unique.values()), SCORER, SENTIMENT)


def moody(case: PortfolioInput, history: StoredSentiment) -> PortfolioInput:
    return replace(case, legs=with_moods(history, case.calendar, case.legs)[0])


@given(case=portfolios(most=1, choices=(MOMENTUM,)), seed=SEEDS)
@settings(max_examples=25)
def test_a_lone_agents_loop_and_kernel_see_the_same(case: PortfolioInput, seed: int) -> None:
    compare(moody(case, stored(case, seed)), whole_kernel())


@given(case=portfolios(choices=(MOMENTUM,)), seed=SEEDS)
@settings(max_examples=25)
def test_a_portfolios_loop_and_kernel_see_the_same(case: PortfolioInput, seed: int) -> None:
    compare(moody(case, stored(case, seed)), whole_kernel())


@given(case=portfolios(choices=(MOMENTUM,)), seed=SEEDS)
@settings(max_examples=25)
def test_each_snapshot_holds_what_a_live_view_would_have_read(
    case: PortfolioInput, seed: int
) -> None:
    """Headlines and all, at the moment of each decision."""
    history, seen = stored(case, seed), list[MarketSnapshot]()
    run_portfolio_loop(
        moody(case, history),
        StrategyMaker(),
        watcher=lambda result: seen.append(result.observed.snapshot),
    )
    for snapshot in seen:
        assert snapshot.sentiment == history.reading(snapshot.symbol, snapshot.as_of)
