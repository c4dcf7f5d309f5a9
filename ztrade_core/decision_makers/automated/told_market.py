"""Bars and what our indicators say of them, told for a reader who cannot compute.

The figures are those that strategies use, from the same functions. What there are too few bars for is said
to be missing, never guessed.
"""

import math
from collections.abc import Callable, Mapping

from ztrade_core.decision_makers.technicals import TECHNICALS, Technical, Ticks, ticks_of
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.time import NEW_YORK, from_micros

SHOWN_BARS = 20
LOOKBACK_BARS = 201
_WHOLE = 1_000.0
Telling = Callable[[float, float], str]
"""Says a figure in words, from its value and the last close."""


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
    ticks = ticks_of(bars)
    close = float(bars.closes[-1])
    lines = ["| figure | value |", "| --- | --- |", f"| last close | {money(close)} |"]
    for figure in TECHNICALS:
        name, told = _TOLD[figure.name]
        lines.append(f"| {name} | {_valued(figure, ticks, close, told)} |")
    return "\n".join(lines)


def _valued(figure: Technical, ticks: Ticks, close: float, told: Telling) -> str:
    if len(ticks.closes) < figure.needs:
        return f"not known: it needs {figure.needs} bars, there are {len(ticks.closes)}"
    value = figure.of(ticks)
    if not math.isfinite(value):
        return "not known: nothing moved or traded"
    return told(value, close)


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


def _rise(value: float, _close: float) -> str:
    return percent(value)


_TOLD: Mapping[str, tuple[str, Telling]] = {
    "return_1": ("return over 1 bar", _rise),
    "return_12": ("return over 12 bars", _rise),
    "return_78": ("return over 78 bars", _rise),
    "sma_20": ("SMA(20), mean close", _level),
    "sma_50": ("SMA(50), mean close", _level),
    "sma_200": ("SMA(200), mean close", _level),
    "rsi_14": ("RSI(14), 0 to 100", lambda value, _: f"{value:.1f}"),
    "atr_14": ("ATR(14), mean true range of a bar", _range),
    "z_score_20": (
        "z-score(20), standard deviations from the mean",
        lambda value, _: f"{value:+.2f}",
    ),
    "trend_100": ("trend(100), slope of the fitted line", _slope),
    "volume_ratio_20": (
        "volume ratio(20), last bar over the mean before it",
        lambda value, _: f"{value:.2f}",
    ),
    "support_50": ("support(50), lowest low", _level),
    "resistance_50": ("resistance(50), highest high", _level),
}
"""How each figure is told; one that is not told here cannot be shown."""
