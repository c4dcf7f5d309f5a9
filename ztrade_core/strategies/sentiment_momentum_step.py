"""The arithmetic of sentiment and momentum: plain functions of floats, ready to be compiled.

What the parts mean is told in `ztrade_core.strategies.sentiment_momentum`. Features and settings are
tuples of floats in the order of FEATURES and SETTINGS; NaN sentiment is no sentiment.
"""

import math

from ztrade_core.strategies.protocol import BUY, HOLD, SELL, Numbers, StepResult

HOLDING, NOT_BULLISH, EXTENDED, SENTIMENT_AGAINST, WEAK, ENTER = 0, 1, 2, 3, 4, 5
OVERBOUGHT, BEARISH_TURN, NEGATIVE_SENTIMENT, STILL = 6, 7, 8, 9
SETTINGS = (
    "trend_period",
    "rsi_overbought",
    "sentiment_weight",
    "exit_technical",
    "exit_sentiment",
    "min_confidence",
)
FEATURES = (
    "close",
    "rsi",
    "sma_fast",
    "sma_slow",
    "trend",
    "support",
    "resistance",
    "volume_ratio",
    "atr",
    "sentiment_score",
    "sentiment_confidence",
)


def clamp(value: float) -> float:
    """Cut to -1..1."""
    return max(-1.0, min(1.0, value))


def technical_score(features: Numbers, trend_period: float) -> float:
    """Return the technical score, -1 (bearish) .. 1 (bullish); `atr` must be > 0.

    Each part is 1 at a very clear set-up: averages 4 true ranges apart, the close 4 above the fast
    one, a trend that gained 12 over its window, an RSI of 70, a close at the resistance, twice the
    volume behind a rise.
    """
    close, rsi_now, fast, slow, slope, floor, ceiling, volume, spread, _, _ = features
    averages = clamp((fast - slow) / (4.0 * spread))
    distance = clamp((close - fast) / (4.0 * spread))
    direction = clamp(slope * close * trend_period / (12.0 * spread))
    momentum = clamp((rsi_now - 50.0) / 20.0)
    place = 2.0 * (close - floor) / (ceiling - floor) - 1.0 if ceiling > floor else 0.0
    backing = clamp(volume - 1.0) if volume > 1.0 else 0.0
    behind = backing * clamp(distance + momentum)
    return (
        0.25 * averages
        + 0.15 * distance
        + 0.25 * direction
        + 0.15 * momentum
        + 0.10 * place
        + 0.10 * behind
    )


def combined_score(technical: float, features: Numbers, sentiment_weight: float) -> float:
    """Return technical and sentiment score by their weights; NaN sentiment weighs nothing."""
    score, confidence = features[9], features[10]
    if math.isnan(score) or math.isnan(confidence):
        return technical
    weight = sentiment_weight * confidence
    if not weight > 0.0:
        return technical
    rest = 1.0 - sentiment_weight
    return (weight * score + rest * technical) / (weight + rest)


def entry(features: Numbers, settings: Numbers, technical: float) -> StepResult:
    """Decide while flat: buy or hold."""
    _, rsi_overbought, sentiment_weight, _, _, min_confidence = settings
    close, rsi_now, fast, slow, slope = features[:5]
    score = combined_score(technical, features, sentiment_weight)
    confidence = 0.5 + 0.5 * abs(score)
    if not (fast > slow and slope > 0.0 and close > fast and score > 0.0):
        return HOLD, confidence, NOT_BULLISH
    if rsi_now > rsi_overbought:
        return HOLD, confidence, EXTENDED
    if features[9] <= 0.0 and features[10] > 0.0:
        return HOLD, confidence, SENTIMENT_AGAINST
    if not confidence >= min_confidence:
        return HOLD, confidence, WEAK
    return BUY, confidence, ENTER


def exit_(features: Numbers, settings: Numbers, technical: float) -> StepResult:
    """Decide while long: sell or hold."""
    _, rsi_overbought, sentiment_weight, exit_technical, exit_sentiment, _ = settings
    score = combined_score(technical, features, sentiment_weight)
    confidence = 0.5 + 0.5 * abs(score)
    if features[1] > rsi_overbought:
        return SELL, 0.5 + 0.5 * clamp((features[1] - 50.0) / 50.0), OVERBOUGHT
    if technical <= -exit_technical:
        return SELL, 0.5 + 0.5 * abs(technical), BEARISH_TURN
    if features[9] * features[10] <= -exit_sentiment:
        return SELL, 0.5 + 0.5 * abs(features[9]), NEGATIVE_SENTIMENT
    return HOLD, confidence, HOLDING


def step(features: Numbers, settings: Numbers, in_position: bool) -> StepResult:  # noqa: FBT001
    """Decide from the features (in FEATURES' order) and the settings; NaN sentiment is none."""
    if not features[8] > 0.0:
        return HOLD, 0.0, STILL
    technical = technical_score(features, settings[0])
    if in_position:
        return exit_(features, settings, technical)
    return entry(features, settings, technical)
