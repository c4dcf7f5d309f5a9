"""The figures that every mind outside this process is told: one list, by name, with the bars each needs.

They are computed by the functions that strategies use. How a figure is told belongs to whoever tells it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from ztrade_core.domain.bars import BarSeries, FloatArray, IntArray
from ztrade_core.indicators.atr import atr, atr_lookback
from ztrade_core.indicators.rsi import rsi, rsi_lookback
from ztrade_core.indicators.sma import sma
from ztrade_core.indicators.support_resistance import resistance, support
from ztrade_core.indicators.ticks import to_ticks
from ztrade_core.indicators.trend import trend
from ztrade_core.indicators.volume_ratio import volume_ratio, volume_ratio_lookback
from ztrade_core.indicators.z_score import z_score


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticks:
    """A series in the form the indicators take: prices in ticks, volumes as they are."""

    closes: IntArray
    highs: IntArray
    lows: IntArray
    bars: BarSeries


@dataclass(frozen=True, slots=True, kw_only=True)
class Technical:
    """One figure at the last bar: its name, and how many bars it needs. NaN where nothing moved or traded."""

    name: str
    needs: int
    of: Callable[[Ticks], float]


def ticks_of(bars: BarSeries) -> Ticks:
    """Return a series as the figures take it."""
    return Ticks(
        closes=to_ticks(bars.closes),
        highs=to_ticks(bars.highs),
        lows=to_ticks(bars.lows),
        bars=bars,
    )


def _sma(period: int) -> Technical:
    return Technical(name=f"sma_{period}", needs=period, of=lambda ticks: sma(ticks.closes, period))


def _return(bars: int) -> Technical:
    return Technical(
        name=f"return_{bars}", needs=bars + 1, of=lambda ticks: _change(ticks.bars.closes, bars)
    )


def _change(closes: FloatArray, bars: int) -> float:
    return float(closes[-1]) / float(closes[-1 - bars]) - 1.0


TECHNICALS = (
    _return(1),
    _return(12),
    _return(78),
    _sma(20),
    _sma(50),
    _sma(200),
    Technical(name="rsi_14", needs=rsi_lookback(14), of=lambda ticks: rsi(ticks.closes, 14)),
    Technical(
        name="atr_14",
        needs=atr_lookback(14),
        of=lambda ticks: atr(ticks.highs, ticks.lows, ticks.closes, 14),
    ),
    Technical(name="z_score_20", needs=20, of=lambda ticks: z_score(ticks.closes, 20)),
    Technical(name="trend_100", needs=100, of=lambda ticks: trend(ticks.closes, 100)),
    Technical(
        name="volume_ratio_20",
        needs=volume_ratio_lookback(20),
        of=lambda ticks: volume_ratio(ticks.bars.volumes, 20),
    ),
    Technical(name="support_50", needs=50, of=lambda ticks: support(ticks.bars.lows, 50)),
    Technical(name="resistance_50", needs=50, of=lambda ticks: resistance(ticks.bars.highs, 50)),
)
