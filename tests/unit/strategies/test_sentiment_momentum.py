"""Sentiment and momentum: what it buys, what it sells, and what it says about itself."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.series import random_closes, series_of_closes
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.decisions import Action
from ztrade_core.domain.time import Timeframe
from ztrade_core.strategies import sentiment_momentum_step as steps
from ztrade_core.strategies.protocol import BUY, HOLD, SELL, StrategyAnswer, StrategyInput
from ztrade_core.strategies.registry import strategy_named, validate_strategy

START = datetime(2022, 12, 1, 0, 0, tzinfo=UTC)
PARAMETERS = validate_strategy("sentiment_momentum", {})
STRATEGY = strategy_named("sentiment_momentum")


def bars(closes: list[float]) -> BarSeries:
    opened = [START + timedelta(hours=hour) for hour in range(len(closes))]
    return series_of_closes("BTC/USD", Timeframe.H1, opened, closes, wick=0.001)


def zigzag(rise: float, count: int = 220) -> list[float]:
    """Prices that rise by `rise` per bar on average, every third bar against it."""
    return [100.0 + rise * n + (0.0, 0.35, -0.1)[n % 3] for n in range(count)]


def ask(
    series: BarSeries,
    *,
    in_position: bool = False,
    score: float | None = None,
    confidence: float | None = None,
    min_confidence: float = 0.65,
) -> StrategyAnswer:
    given_input = StrategyInput(
        bars=series,
        in_position=in_position,
        min_confidence=min_confidence,
        sentiment_score=score,
        sentiment_confidence=confidence,
    )
    return STRATEGY.decide(given_input, PARAMETERS)


RISING = bars(zigzag(0.06))
FALLING = bars(zigzag(-0.06))


def test_a_clear_rise_is_bought_on_technicals_alone_and_says_so() -> None:
    answer = ask(RISING)
    assert answer.action is Action.BUY
    assert answer.confidence > 0.7
    assert "technicals alone" in answer.reason
    assert dict(answer.factors)["sentiment_score"] is None


def test_positive_sentiment_is_named_by_its_absence_of_the_remark() -> None:
    answer = ask(RISING, score=0.8, confidence=0.9)
    assert answer.action is Action.BUY
    assert "technicals alone" not in answer.reason


def test_weights_are_sixty_to_forty_at_full_confidence() -> None:
    factors = dict(ask(RISING, score=0.5, confidence=1.0).factors)
    technical, score = factors["technical"], factors["score"]
    assert isinstance(technical, float)
    assert score == pytest.approx(0.6 * 0.5 + 0.4 * technical, rel=1e-12)


def test_sentiment_of_no_confidence_weighs_nothing() -> None:
    factors = dict(ask(RISING, score=-1.0, confidence=0.0).factors)
    assert factors["score"] == factors["technical"]


def test_sentiment_that_is_not_positive_stops_a_buy() -> None:
    answer = ask(RISING, score=-0.05, confidence=0.5, min_confidence=0.0)
    assert answer.action is Action.HOLD
    assert "not positive" in answer.reason


def test_a_fall_is_not_bought_and_a_position_is_sold() -> None:
    assert ask(FALLING).action is Action.HOLD
    answer = ask(FALLING, in_position=True)
    assert answer.action is Action.SELL
    assert "bearish" in answer.reason


def test_negative_sentiment_sells() -> None:
    answer = ask(RISING, in_position=True, score=-0.5, confidence=0.9)
    assert answer.action is Action.SELL
    assert "sentiment is negative" in answer.reason


def test_an_overbought_position_is_sold_and_not_entered() -> None:
    steep = bars([100.0 + 0.5 * n for n in range(220)])
    assert "overbought" in ask(steep, in_position=True).reason
    assert ask(steep, in_position=True).action is Action.SELL
    assert ask(steep).action is Action.HOLD
    assert "RSI is too high" in ask(steep).reason


def test_a_weak_rise_does_not_clear_the_confidence() -> None:
    answer = ask(RISING, min_confidence=0.99)
    assert answer.action is Action.HOLD
    assert "below the agent's minimum" in answer.reason


def test_still_prices_are_held() -> None:
    still = series_of_closes(
        "BTC/USD", Timeframe.H1, [START + timedelta(hours=n) for n in range(200)], [100.0] * 200
    )
    answer = ask(still)
    assert (answer.action, answer.confidence) == (Action.HOLD, 0.0)


@given(seed=st.integers(0, 10_000), extra=st.integers(1, 60), in_position=st.booleans())
def test_bars_older_than_the_lookback_do_not_matter(
    seed: int, extra: int, *, in_position: bool
) -> None:
    longer = bars(random_closes(seed, 200 + extra))
    answers = [
        ask(series, in_position=in_position)
        for series in (longer, longer.window(extra, len(longer)))
    ]
    assert answers[0] == answers[1]


FEATURE = st.floats(0.01, 1e6)


@given(
    prices=st.tuples(FEATURE, FEATURE, FEATURE, FEATURE, FEATURE, FEATURE),
    rsi_now=st.floats(0.0, 100.0),
    slope=st.floats(-0.1, 0.1),
    volume=st.one_of(st.just(math.nan), st.floats(0.0, 1e6)),
    sentiment=st.one_of(
        st.just((math.nan, math.nan)), st.tuples(st.floats(-1.0, 1.0), st.floats(0.0, 1.0))
    ),
    in_position=st.booleans(),
)
def test_a_step_answers_anything_within_bounds(
    prices: tuple[float, ...],
    rsi_now: float,
    slope: float,
    volume: float,
    sentiment: tuple[float, float],
    *,
    in_position: bool,
) -> None:
    close, fast, slow, one, other, spread = prices
    floor, ceiling = min(one, other, close), max(one, other, close)
    features = (close, rsi_now, fast, slow, slope, floor, ceiling, volume, spread, *sentiment)
    settings = (100.0, 70.0, 0.6, 0.25, 0.15, 0.65)
    action, confidence, _ = steps.step(features, settings, in_position)
    assert 0.0 <= confidence <= 1.0
    assert action in ((HOLD, SELL) if in_position else (HOLD, BUY))
    assert action != BUY or confidence >= 0.65
