"""Sentiment and momentum: 60 % what the news say, 40 % what the bars say.

The technical score (-1..1) weighs the moving averages, the trend, the RSI, the place between support
and resistance, and the volume behind the move; distances are measured in average true ranges, so
that one set of numbers serves any timeframe and instrument. Sentiment counts with its own
confidence: at confidence 0, and without sentiment, the technical score stands alone (weights
renormalised) and the reason says so. Confidence is 0.5 + |score| / 2.

Buy (flat): bullish technicals, sentiment not against it, confidence reached. Sell (long): overbought,
a bearish turn, or negative sentiment. Look-back: the longest window, 200 bars by default.
"""

import math
from collections.abc import Mapping
from dataclasses import replace

from typing_extensions import override

from ztrade_core.indicators.atr import atr, atr_lookback
from ztrade_core.indicators.rsi import rsi, rsi_lookback
from ztrade_core.indicators.sma import sma
from ztrade_core.indicators.support_resistance import resistance, support
from ztrade_core.indicators.ticks import MAX_PERIOD, to_ticks
from ztrade_core.indicators.trend import trend
from ztrade_core.indicators.volume_ratio import volume_ratio, volume_ratio_lookback
from ztrade_core.strategies import sentiment_momentum_step as steps
from ztrade_core.strategies.answers import answer_of
from ztrade_core.strategies.protocol import (
    Numbers,
    Parameter,
    Strategy,
    StrategyAnswer,
    StrategyInput,
)

REASONS = {
    steps.HOLDING: "no reason to sell",
    steps.NOT_BULLISH: "the technicals are not bullish",
    steps.EXTENDED: "bullish, but the RSI is too high to enter",
    steps.SENTIMENT_AGAINST: "bullish, but the sentiment is not positive",
    steps.WEAK: "bullish, but the confidence is below the agent's minimum",
    steps.ENTER: "bullish technicals clear the confidence",
    steps.OVERBOUGHT: "overbought: the RSI is above its limit",
    steps.BEARISH_TURN: "the technicals turned bearish",
    steps.NEGATIVE_SENTIMENT: "the sentiment is negative",
    steps.STILL: "prices did not move: there is nothing to measure by",
}
TECHNICAL_ALONE = "; no sentiment: technicals alone, weights renormalised"


class SentimentMomentum(Strategy):
    """Buys momentum that the news do not contradict."""

    name = "sentiment_momentum"
    version = 1
    parameters = (
        Parameter(name="rsi_period", default=14, low=2, high=MAX_PERIOD - 1, whole=True),
        Parameter(name="rsi_overbought", default=70, low=50, high=100),
        Parameter(name="sma_fast", default=50, low=2, high=MAX_PERIOD - 1, whole=True),
        Parameter(name="sma_slow", default=200, low=3, high=MAX_PERIOD, whole=True),
        Parameter(name="trend_period", default=100, low=2, high=MAX_PERIOD, whole=True),
        Parameter(name="channel_period", default=100, low=2, high=MAX_PERIOD, whole=True),
        Parameter(name="volume_period", default=20, low=1, high=MAX_PERIOD - 1, whole=True),
        Parameter(name="atr_period", default=14, low=1, high=MAX_PERIOD - 1, whole=True),
        Parameter(name="sentiment_weight", default=0.6, low=0.0, high=1.0),
        Parameter(name="exit_technical", default=0.25, low=0.0, high=1.0),
        Parameter(name="exit_sentiment", default=0.15, low=0.0, high=1.0),
    )

    @override
    def conflict(self, parameters: Mapping[str, float]) -> tuple[str, str] | None:
        if parameters["sma_fast"] < parameters["sma_slow"]:
            return None
        return "sma_fast", f"must be less than sma_slow ({parameters['sma_slow']:g})"

    @override
    def lookback_bars(self, parameters: Mapping[str, float]) -> int:
        return max(
            int(parameters["sma_slow"]),
            int(parameters["trend_period"]),
            int(parameters["channel_period"]),
            rsi_lookback(int(parameters["rsi_period"])),
            volume_ratio_lookback(int(parameters["volume_period"])),
            atr_lookback(int(parameters["atr_period"])),
        )

    @override
    def decide(self, given: StrategyInput, parameters: Mapping[str, float]) -> StrategyAnswer:
        features = self._features(given, parameters)
        settings = tuple(
            given.min_confidence if name == "min_confidence" else parameters[name]
            for name in steps.SETTINGS
        )
        result = steps.step(features, settings, given.in_position)
        technical = steps.technical_score(features, settings[0]) if features[8] > 0.0 else math.nan
        combined = steps.combined_score(technical, features, parameters["sentiment_weight"])
        named = (*zip(steps.FEATURES, features, strict=True),)
        scores = (("technical", technical), ("score", combined))
        answer = answer_of(result, REASONS, (*named, *scores))
        if given.sentiment_score is not None:
            return answer
        return replace(answer, reason=answer.reason + TECHNICAL_ALONE)

    def _features(self, given: StrategyInput, parameters: Mapping[str, float]) -> Numbers:
        """Return the numbers of the last bar, in the order of FEATURES."""
        bars = given.bars.window(-self.lookback_bars(parameters), len(given.bars))
        closes, channel = to_ticks(bars.closes), int(parameters["channel_period"])
        highs, lows = to_ticks(bars.highs), to_ticks(bars.lows)
        score, confidence = given.sentiment_score, given.sentiment_confidence
        return (
            float(bars.closes[-1]),
            rsi(closes, int(parameters["rsi_period"])),
            sma(closes, int(parameters["sma_fast"])),
            sma(closes, int(parameters["sma_slow"])),
            trend(closes, int(parameters["trend_period"])),
            support(bars.lows, channel),
            resistance(bars.highs, channel),
            volume_ratio(bars.volumes, int(parameters["volume_period"])),
            atr(highs, lows, closes, int(parameters["atr_period"])),
            math.nan if score is None else score,
            math.nan if confidence is None else confidence,
        )
