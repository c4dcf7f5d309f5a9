"""The pictures of a tear sheet as SVG: equity, drawdown and exposure; trades on the price.

Drawn with matplotlib, imported inside the functions, styled without a trace in its settings, the
same bytes for the same run. Text from a run is never read as mathematics. Not here: the picture in
the asset's page (`picture`), the page itself (`tear_sheet`).
"""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ztrade_core.backtest.picture import (
    BASELINE_GREY,
    EQUITY_BLUE,
    GAIN_GREEN,
    GRID,
    INK,
    LOSS_RED,
    small_png,
    thinned,
)
from ztrade_core.domain.backtests import BacktestFill, EquityPoint
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.equity import curve_of
from ztrade_core.performance.drawdowns import drawdown_curve
from ztrade_core.performance.trades import RoundTrip

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FloatArray = NDArray[np.float64]
Instants = NDArray[np.datetime64]

WIDTH_INCHES = 11.0
EQUITY_INCHES = 6.6
PRICE_INCHES = 4.2
RASTER_DOTS_AN_INCH = 160
PICTURE_DOTS_AN_INCH = 100
MOST_VECTORS = 4000  # more executions than this are drawn as pixels inside the SVG
CROWDED = 120  # more executions than this are drawn smaller
LEAST_EXPOSURE_SHOWN = 0.2
EXPOSURE_TEAL = "#4c9a95"
# Years, months, days, hours, minutes, seconds; the second list is for the first of each.
DATE_FORMS = {
    "formats": ["%Y", "%b %Y", "%b %d", "%H:%M", "%H:%M", "%S.%f"],
    "zero_formats": ["", "%b %Y", "%b %d", "%b %d", "%H:%M", "%H:%M"],
}
_QUIET: dict[Any, Any] = {
    "svg.hashsalt": "ztrade",
    "svg.fonttype": "path",
    "text.parse_math": False,
    "font.size": 10.0,
}


def equity_chart(
    equity: Sequence[EquityPoint],
    baseline: Sequence[EquityPoint],
    capital_usd: float,
    name: str = "agent",
) -> bytes:
    """Return equity beside buy-and-hold, drawdown and exposure, one below the other, as SVG.

    `name` says in the legend whose equity it is.
    """
    with _figure(EQUITY_INCHES) as figure:
        ratios = {"height_ratios": [3.0, 1.4, 1.0]}
        upper, middle, lower = figure.subplots(3, 1, sharex=True, gridspec_kw=ratios)
        upper.axhline(capital_usd, color=INK, linewidth=0.8, linestyle=":", label="capital")
        for points, look in _curves(equity, baseline, name):
            falls = -np.array(drawdown_curve(points, capital_usd), dtype=np.float64)
            _curve(upper, points, _values(points), **look)
            _curve(middle, points, falls, **{**look, "linewidth": 0.9})
        _shade(middle, equity, -np.array(drawdown_curve(equity, capital_usd)), LOSS_RED)
        _shade(lower, equity, exposures(equity), EXPOSURE_TEAL)
        _dress(upper, "equity (USD)", money=True)
        _dress(middle, "drawdown")
        _dress(lower, "exposure")
        lower.set_ylim(0.0, max(LEAST_EXPOSURE_SHOWN, 1.05 * float(exposures(equity).max())))
        _dates(lower)
        _legend(upper)
        figure.align_ylabels()
        return _svg(figure)


def price_chart(
    bars: BarSeries, fills: Sequence[BacktestFill], trades: Sequence[RoundTrip]
) -> bytes:
    """Return closes with every execution at its price, and a line from entry to exit, as SVG."""
    with _figure(PRICE_INCHES) as figure:
        _draw_prices(figure, bars, fills, trades)
        return _svg(figure)


def price_picture(
    bars: BarSeries, fills: Sequence[BacktestFill], trades: Sequence[RoundTrip]
) -> bytes:
    """Return the same as PNG, 1100 x 420, small enough for a materialization's metadata."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - heavy

    with _figure(PRICE_INCHES, PICTURE_DOTS_AN_INCH) as figure:
        canvas: Any = FigureCanvasAgg(figure)
        _draw_prices(figure, bars, fills, trades)
        canvas.draw()
        return small_png(np.asarray(canvas.buffer_rgba()))


def _draw_prices(
    figure: "Figure",
    bars: BarSeries,
    fills: Sequence[BacktestFill],
    trades: Sequence[RoundTrip],
) -> None:
    axes = figure.subplots()
    kept = thinned(bars.closes)
    when: Any = bars.timestamps[kept].astype("datetime64[us]")
    grey: dict[str, Any] = {"color": BASELINE_GREY, "linewidth": 0.9, "label": "close"}
    axes.plot(when, bars.closes[kept], drawstyle="steps-post", **grey)
    dense = len(fills) > MOST_VECTORS
    for colour, chosen in (
        (GAIN_GREEN, [trade for trade in trades if trade.pnl_usd > 0.0]),
        (LOSS_RED, [trade for trade in trades if trade.pnl_usd <= 0.0]),
    ):
        held, prices = _segments(chosen)
        axes.plot(held, prices, color=colour, linewidth=1.0, rasterized=dense)
    area = 26.0 if len(fills) <= CROWDED else 14.0
    for label, marker, colour, marked in _kinds(fills):
        if marked:
            at: Any = instants([fill.timestamp for fill in marked])
            look: dict[str, Any] = {"marker": marker, "color": colour, "label": label}
            look |= {"s": area, "linewidths": 0.0, "zorder": 3, "rasterized": dense}
            axes.scatter(at, [fill.price for fill in marked], **look)
    _dress(axes, f"{bars.symbol} (USD)", money=True, digits=0 if bars.closes.max() > 20 else 2)  # noqa: PLR2004
    _dates(axes)
    _legend(axes)


def instants(moments: Sequence[datetime]) -> Instants:
    """Return moments as UTC, the way matplotlib and numpy take them."""
    naive = [moment.astimezone(UTC).replace(tzinfo=None) for moment in moments]
    return np.array(naive, dtype="datetime64[us]")


def exposures(equity: Sequence[EquityPoint]) -> FloatArray:
    """Return at each mark what is invested, as a fraction of equity; 0 where equity is not above 0."""
    values, cash = _values(equity), curve_of(equity).cash_balances
    return np.divide(values - cash, values, out=np.zeros_like(values), where=values > 0.0)


def _curves(
    equity: Sequence[EquityPoint], baseline: Sequence[EquityPoint], name: str
) -> Iterator[tuple[Sequence[EquityPoint], dict[str, Any]]]:
    if baseline:
        yield baseline, {"color": BASELINE_GREY, "linewidth": 1.1, "label": "buy and hold"}
    yield equity, {"color": EQUITY_BLUE, "linewidth": 1.6, "label": name, "zorder": 3}


def _kinds(
    fills: Sequence[BacktestFill],
) -> Iterator[tuple[str, str, str, list[BacktestFill]]]:
    yield "buy", "^", EQUITY_BLUE, [fill for fill in fills if fill.pnl is None]
    yield "sell, gain", "v", GAIN_GREEN, [f for f in fills if f.pnl is not None and f.pnl > 0.0]
    yield "sell, loss", "v", LOSS_RED, [f for f in fills if f.pnl is not None and f.pnl <= 0.0]


def _segments(trades: Sequence[RoundTrip]) -> tuple[Any, FloatArray]:
    """Return entries and exits as one broken line: each trade its two ends and a gap."""
    when = np.full(3 * len(trades), "NaT", dtype="datetime64[us]")
    prices = np.full(3 * len(trades), np.nan)
    when[0::3] = instants([trade.opened_at for trade in trades])
    when[1::3] = instants([trade.closed_at for trade in trades])
    prices[0::3] = [trade.entry_price for trade in trades]
    prices[1::3] = [trade.exit_price for trade in trades]
    return when, prices


def _values(points: Sequence[EquityPoint]) -> FloatArray:
    return curve_of(points).portfolio_values


def _curve(axes: "Axes", points: Sequence[EquityPoint], values: FloatArray, **look: Any) -> None:
    kept = thinned(values)
    when: Any = curve_of(points).timestamps[kept].astype("datetime64[us]")
    axes.plot(when, values[kept], drawstyle="steps-post", **look)


def _shade(axes: "Axes", points: Sequence[EquityPoint], values: FloatArray, colour: str) -> None:
    kept = thinned(values)
    when: Any = curve_of(points).timestamps[kept].astype("datetime64[us]")
    look: dict[str, Any] = {"color": colour, "alpha": 0.30, "linewidth": 0.0}
    axes.fill_between(when, values[kept], 0.0, step="post", **look)


def _dress(axes: "Axes", label: str, *, money: bool = False, digits: int = 0) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter  # noqa: PLC0415

    axes.grid(color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(colors=INK, labelsize=10)
    axes.margins(x=0.01)
    axes.set_ylabel(label, color=INK)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5 if money else 3))
    axes.yaxis.set_major_formatter(
        FuncFormatter(lambda value, _: f"{value:,.{digits}f}")
        if money
        else PercentFormatter(xmax=1.0)
    )


def _dates(axes: "Axes") -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter  # noqa: PLC0415

    locator = AutoDateLocator(minticks=4, maxticks=11)  # type: ignore[no-untyped-call]
    formatter = ConciseDateFormatter(locator, **DATE_FORMS)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(formatter)
    axes.set_xlabel("date (UTC)", color=INK)


def _legend(axes: "Axes") -> None:
    above: dict[str, Any] = {
        "loc": "lower left",
        "bbox_to_anchor": (-0.01, 0.99),
        "ncols": 6,
        "frameon": False,
    }
    axes.legend(fontsize=10, labelcolor=INK, columnspacing=1.4, markerscale=1.5, **above)


@contextmanager
def _figure(height_inches: float, dots_an_inch: int = RASTER_DOTS_AN_INCH) -> "Iterator[Figure]":
    from matplotlib import rc_context, style  # noqa: PLC0415 - heavy: only who draws pays for it
    from matplotlib.figure import Figure  # noqa: PLC0415

    with style.context("default"), rc_context(_QUIET):
        yield Figure(figsize=(WIDTH_INCHES, height_inches), dpi=dots_an_inch, layout="constrained")


def _svg(figure: "Figure") -> bytes:
    from matplotlib.backends.backend_svg import FigureCanvasSVG  # noqa: PLC0415

    stream = io.StringIO()
    canvas: Any = FigureCanvasSVG(figure)
    canvas.print_svg(stream, metadata={"Date": None, "Creator": None})
    return stream.getvalue().encode()
