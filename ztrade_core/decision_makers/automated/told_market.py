"""Bars and what our indicators say of them, told for a reader who cannot compute.

The figures are those that strategies use, from the same functions. What there are too few bars for is said
to be missing, never guessed.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from ztrade_core.domain.bars import BarSeries, FloatArray, IntArray
from ztrade_core.domain.time import NEW_YORK, from_micros
from ztrade_core.indicators.atr import atr, atr_lookback
from ztrade_core.indicators.rsi import rsi, rsi_lookback
from ztrade_core.indicators.sma import sma
from ztrade_core.indicators.support_resistance import resistance, support
from ztrade_core.indicators.ticks import to_ticks
from ztrade_core.indicators.trend import trend
from ztrade_core.indicators.volume_ratio import volume_ratio, volume_ratio_lookback
from ztrade_core.indicators.z_score import z_score

SHOWN_BARS = 20
LOOKBACK_BARS = 201
_WHOLE = 1_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ticks:
    """A series in the form the indicators take: prices in ticks, volumes as they are."""

    closes: IntArray
    highs: IntArray
    lows: IntArray
    bars: BarSeries


@dataclass(frozen=True, slots=True, kw_only=True)
class _Figure:
    """One figure: its name, how many bars it needs, its value and how that is told."""

    name: str
    needs: int
    of: Callable[[_Ticks], float]
    told: Callable[[float, float], str]


def money(value: float) -> str:
    """Return a price: cents, and below a dollar hundredths of a cent."""
    return f"{value:.2f}" if abs(value) >= 1.0 else f"{value:.4f}"


def percent(fraction: float) -> str:
    """Return a signed fraction as a percentage."""
    return f"{100.0 * fraction:+.2f} %"


def bars_table(bars: BarSeries) -> str:
    """Return the last bars as a table, the newest last."""
    if len(bars) == 0:
        return "There are no bars."
    shown = bars.window(max(0, len(bars) - SHOWN_BARS), len(bars))
    lines = [
        "| opened | open | high | low | close | volume |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for index in range(len(shown)):
        bar = shown.bar(index)
        opened = from_micros(bar.timestamp).astimezone(NEW_YORK)
        prices = " | ".join(money(each) for each in (bar.open, bar.high, bar.low, bar.close))
        lines.append(f"| {opened:%a %d %b %H:%M} | {prices} | {_volume(bar.volume)} |")
    return "\n".join(lines)


def technicals_table(bars: BarSeries) -> str:
    """Return the indicators' values, each with what it means for the last close."""
    if len(bars) == 0:
        return "Nothing can be computed without bars."
    ticks = _Ticks(
        closes=to_ticks(bars.closes),
        highs=to_ticks(bars.highs),
        lows=to_ticks(bars.lows),
        bars=bars,
    )
    close = float(bars.closes[-1])
    lines = ["| figure | value |", "| --- | --- |", f"| last close | {money(close)} |"]
    lines += [f"| {figure.name} | {_valued(figure, ticks, close)} |" for figure in _FIGURES]
    return "\n".join(lines)


def _valued(figure: _Figure, ticks: _Ticks, close: float) -> str:
    if len(ticks.closes) < figure.needs:
        return f"not known: it needs {figure.needs} bars, there are {len(ticks.closes)}"
    value = figure.of(ticks)
    if not math.isfinite(value):
        return "not known: nothing moved or traded"
    return figure.told(value, close)


def _volume(volume: float) -> str:
    return f"{volume:.0f}" if volume >= _WHOLE or volume == int(volume) else f"{volume:.6g}"


def _level(value: float, close: float) -> str:
    apart = 100.0 * (close / value - 1.0)
    return (
        f"{money(value)}; the close is {abs(apart):.2f} % {'below' if apart < 0.0 else 'above'} it"
    )


def _range(value: float, close: float) -> str:
    return f"{money(value)}, {100.0 * value / close:.2f} % of the close"


def _slope(value: float, _close: float) -> str:
    return f"{100.0 * value:+.4f} % a bar"


def _sma(period: int) -> _Figure:
    return _Figure(
        name=f"SMA({period}), mean close",
        needs=period,
        of=lambda ticks: sma(ticks.closes, period),
        told=_level,
    )


def _return(bars: int) -> _Figure:
    return _Figure(
        name=f"return over {bars} bar{'s' if bars > 1 else ''}",
        needs=bars + 1,
        of=lambda ticks: _change(ticks.bars.closes, bars),
        told=lambda value, _close: percent(value),
    )


def _change(closes: FloatArray, bars: int) -> float:
    return float(closes[-1]) / float(closes[-1 - bars]) - 1.0


_FIGURES = (
    _return(1),
    _return(12),
    _return(78),
    _sma(20),
    _sma(50),
    _sma(200),
    _Figure(
        name="RSI(14), 0 to 100",
        needs=rsi_lookback(14),
        of=lambda ticks: rsi(ticks.closes, 14),
        told=lambda value, _close: f"{value:.1f}",
    ),
    _Figure(
        name="ATR(14), mean true range of a bar",
        needs=atr_lookback(14),
        of=lambda ticks: atr(ticks.highs, ticks.lows, ticks.closes, 14),
        told=_range,
    ),
    _Figure(
        name="z-score(20), standard deviations from the mean",
        needs=20,
        of=lambda ticks: z_score(ticks.closes, 20),
        told=lambda value, _close: f"{value:+.2f}",
    ),
    _Figure(
        name="trend(100), slope of the fitted line",
        needs=100,
        of=lambda ticks: trend(ticks.closes, 100),
        told=_slope,
    ),
    _Figure(
        name="volume ratio(20), last bar over the mean before it",
        needs=volume_ratio_lookback(20),
        of=lambda ticks: volume_ratio(ticks.bars.volumes, 20),
        told=lambda value, _close: f"{value:.2f}",
    ),
    _Figure(
        name="support(50), lowest low",
        needs=50,
        of=lambda ticks: support(ticks.bars.lows, 50),
        told=_level,
    ),
    _Figure(
        name="resistance(50), highest high",
        needs=50,
        of=lambda ticks: resistance(ticks.bars.highs, 50),
        told=_level,
    ),
)
