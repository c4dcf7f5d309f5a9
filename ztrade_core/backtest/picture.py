"""One picture of a backtest: equity beside buy-and-hold, drawdown below, fills marked.

Drawn with matplotlib's Agg canvas, imported inside the functions and styled without leaving a trace
in its global settings. The PNG is small enough to sit in a materialization's metadata. Not here: the
figures themselves (`ztrade_core.performance`), the HTML report.
"""

import base64
import io
from collections.abc import Sequence
from datetime import UTC
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ztrade_core.backtest.portfolio_report import COMPANY, is_company
from ztrade_core.domain.backtests import BacktestFill, BacktestRun, EquityPoint
from ztrade_core.domain.equity import EquityCurve, curve_of
from ztrade_core.domain.time import MICROSECOND, new_york_date
from ztrade_core.performance.drawdowns import drawdown_curve

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FloatArray = NDArray[np.float64]
Metrics = dict[str, float | int | str | None]

SIZE_INCHES = (10.0, 6.0)
DOTS_AN_INCH = 100
COLUMNS = 1000  # a curve keeps the lowest and the highest mark of each of so many stretches
CROWDED = 120  # more fills than this are drawn smaller
MARKER_POINTS = 5.0  # how far beside the curve a fill is marked, so that the curve stays visible
POINTS_AN_INCH = 72.0

EQUITY_BLUE = "#1f5fa8"
BASELINE_GREY = "#8f8f8f"
LOSS_RED = "#c0392b"
GAIN_GREEN = "#1e8449"
INK = "#2c3e50"
GRID = "#e3e6e9"


def equity_picture(
    run: BacktestRun,
    equity: Sequence[EquityPoint],
    buy_and_hold: Sequence[EquityPoint],
    trades: Sequence[BacktestFill],
) -> bytes:
    """Return the picture as PNG, 1000 x 600. An empty equity curve gives a frame that says so."""
    from matplotlib import style  # noqa: PLC0415 - heavy: only who draws pays for it
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    with style.context("default"):
        figure = Figure(figsize=SIZE_INCHES, dpi=DOTS_AN_INCH, layout="constrained")
        canvas: Any = FigureCanvasAgg(figure)
        ratios = {"height_ratios": [2.6, 1.0]}
        upper, lower = figure.subplots(2, 1, sharex=True, gridspec_kw=ratios)
        _draw_title(figure, run, trades)
        _draw_equity(upper, run, equity, buy_and_hold)
        _draw_fills(upper, equity, trades)
        _draw_drawdown(lower, _capital(run.metrics, equity), equity, buy_and_hold)
        _dress(upper, lower, has_curve=len(equity) > 0)
        figure.align_ylabels()
        canvas.draw()
        return small_png(np.asarray(canvas.buffer_rgba()))


def as_markdown_image(png: bytes, description: str = "equity curve and drawdown") -> str:
    """Return a PNG as a Markdown image that carries its own bytes."""
    return f"![{description}](data:image/png;base64,{base64.b64encode(png).decode('ascii')})"


def headline(metrics: Metrics) -> str:
    """Return the figures a person looks for first, as one line; `-` where one does not exist."""
    return "   |   ".join(
        (
            f"return {_shown(metrics.get('total_return'), '+.1%')}",
            f"buy and hold {_shown(metrics.get('buy_and_hold_total_return'), '+.1%')}",
            f"Sharpe {_shown(metrics.get('sharpe'), '.2f')}",
            f"max drawdown {_shown(metrics.get('max_drawdown'), '.1%')}",
            f"trades {_shown(metrics.get('trades'), 'd')}",
            f"win rate {_shown(metrics.get('win_rate'), '.0%')}",
        )
    )


def bars_from(run: BacktestRun) -> str:
    """Return the `source` of the bars a run saw; empty when the run does not say."""
    data = run.config.get("data")
    source = data.get("source") if isinstance(data, dict) else None
    return source if isinstance(source, str) else ""


def thinned(values: FloatArray, columns: int = COLUMNS) -> NDArray[np.int64]:
    """Return the indices that keep each stretch's extremes, ends included, ascending."""
    count = len(values)
    if count <= 2 * columns:
        return np.arange(count, dtype=np.int64)
    edges = np.linspace(0, count, columns + 1).astype(np.int64)
    kept = {0, count - 1}
    for start, stop in pairwise(edges):
        kept.add(int(start + np.argmin(values[start:stop])))
        kept.add(int(start + np.argmax(values[start:stop])))
    return np.array(sorted(kept), dtype=np.int64)


def _shown(value: float | str | None, form: str) -> str:
    return format(value, form) if isinstance(value, int | float) else "-"


def _capital(metrics: Metrics, equity: Sequence[EquityPoint]) -> float:
    """Return the allocated capital, or the first mark where the run does not say it."""
    capital = metrics.get("capital_usd")
    if isinstance(capital, int | float) and capital > 0.0:
        return float(capital)
    return equity[0].portfolio_value if equity else 1.0


def _instants(points: Sequence[EquityPoint] | Sequence[BacktestFill]) -> NDArray[np.datetime64]:
    if isinstance(points, EquityCurve):
        return points.timestamps.astype("datetime64[us]")
    naive = [point.timestamp.astimezone(UTC).replace(tzinfo=None) for point in points]
    return np.array(naive, dtype="datetime64[us]")


def _values(points: Sequence[EquityPoint]) -> FloatArray:
    return curve_of(points).portfolio_values


def _line(axes: "Axes", points: Sequence[EquityPoint], values: FloatArray, **look: Any) -> None:
    kept = thinned(values)
    axes.plot(_instants(curve_of(points))[kept], values[kept], **look)


def _draw_title(figure: "Figure", run: BacktestRun, trades: Sequence[BacktestFill]) -> None:
    symbols = ", ".join(sorted({fill.symbol for fill in trades}))
    name = f"{run.agent_id} on {symbols}" if symbols else run.agent_id
    last_day = new_york_date(run.end - MICROSECOND)
    period = f"{new_york_date(run.start)} to {last_day}"
    bars = " (synthetic bars)" if bars_from(run).startswith("synthetic") else ""
    figure.suptitle(
        f"{name}, {period}{bars}\n", x=0.012, ha="left", fontsize=13, fontweight="bold", color=INK
    )
    figure.text(0.012, 0.925, headline(run.metrics), ha="left", fontsize=9.5, color=INK)


def _draw_equity(
    axes: "Axes",
    run: BacktestRun,
    equity: Sequence[EquityPoint],
    buy_and_hold: Sequence[EquityPoint],
) -> None:
    if not equity:
        axes.text(0.5, 0.5, "no bars in this period", transform=axes.transAxes, ha="center")
        return
    together = is_company(run)
    capital, name = ("capital", COMPANY) if together else ("allocated capital", "agent")
    level = _capital(run.metrics, equity)
    axes.axhline(level, color=INK, linewidth=0.7, linestyle=":", label=capital)
    if buy_and_hold:
        grey = {"color": BASELINE_GREY, "linewidth": 1.0, "label": "buy and hold"}
        _line(axes, buy_and_hold, _values(buy_and_hold), **grey)
    _line(axes, equity, _values(equity), color=EQUITY_BLUE, linewidth=1.5, label=name)


def _draw_fills(
    axes: "Axes", equity: Sequence[EquityPoint], trades: Sequence[BacktestFill]
) -> None:
    """Mark fills on the equity curve: a buy points up; a sell down, coloured by its result."""
    kinds = (
        ("buy", "^", EQUITY_BLUE, [fill for fill in trades if fill.pnl is None]),
        ("sell, gain", "v", GAIN_GREEN, [f for f in trades if f.pnl is not None and f.pnl > 0.0]),
        ("sell, loss", "v", LOSS_RED, [f for f in trades if f.pnl is not None and f.pnl <= 0.0]),
    )
    if not equity:
        return
    from matplotlib.transforms import ScaledTranslation  # noqa: PLC0415

    area = 26.0 if len(trades) <= CROWDED else 9.0
    for label, marker, colour, fills in kinds:
        if fills:
            when: Any = _instants(fills)
            level = _level(curve_of(equity), _micros(when))
            aside = -MARKER_POINTS if marker == "^" else MARKER_POINTS
            shift = ScaledTranslation(0.0, aside / POINTS_AN_INCH, axes.figure.dpi_scale_trans)
            look: dict[str, Any] = {"marker": marker, "s": area, "color": colour, "label": label}
            axes.scatter(when, level, linewidths=0.0, transform=axes.transData + shift, **look)


def _level(curve: EquityCurve, moments: FloatArray) -> FloatArray:
    """Return what a line through the marks says at these microseconds."""
    return np.interp(moments, curve.timestamps.astype(np.float64), curve.portfolio_values)


def _micros(when: NDArray[np.datetime64]) -> FloatArray:
    return when.astype(np.int64).astype(np.float64)


def _draw_drawdown(
    axes: "Axes",
    capital: float,
    equity: Sequence[EquityPoint],
    buy_and_hold: Sequence[EquityPoint],
) -> None:
    if not equity:
        return
    falls = -np.array(drawdown_curve(equity, capital), dtype=np.float64)
    kept = thinned(falls)
    when: Any = _instants(curve_of(equity))[kept]
    axes.fill_between(when, falls[kept], 0.0, color=LOSS_RED, alpha=0.25, linewidth=0.0)
    axes.plot(when, falls[kept], color=LOSS_RED, linewidth=1.0)
    if buy_and_hold:
        theirs = -np.array(drawdown_curve(buy_and_hold, capital), dtype=np.float64)
        _line(axes, buy_and_hold, theirs, color=BASELINE_GREY, linewidth=0.8)


def _dress(upper: "Axes", lower: "Axes", *, has_curve: bool) -> None:
    """Give axes their labels, units, grid and legend."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter  # noqa: PLC0415
    from matplotlib.ticker import FuncFormatter, PercentFormatter  # noqa: PLC0415

    for axes in (upper, lower):
        axes.grid(color=GRID, linewidth=0.8)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(colors=INK, labelsize=9)
        axes.margins(x=0.01)
    upper.set_ylabel("equity (USD)", color=INK)
    lower.set_ylabel("drawdown (%)", color=INK)
    lower.set_xlabel("date (UTC)", color=INK)
    upper.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    lower.yaxis.set_major_formatter(PercentFormatter(xmax=1.0))
    if has_curve:
        locator = AutoDateLocator(minticks=5, maxticks=12)  # type: ignore[no-untyped-call]
        lower.xaxis.set_major_locator(locator)
        lower.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
        upper.legend(
            loc="lower left",
            bbox_to_anchor=(-0.01, 0.99),
            ncols=6,
            fontsize=9,
            frameon=False,
            labelcolor=INK,
            columnspacing=1.4,
        )
    else:
        for axes in (upper, lower):
            axes.set(xticks=[], yticks=[])


def small_png(pixels: NDArray[np.uint8]) -> bytes:
    """Return pixels as an opaque PNG of 256 colours: a third of the size, the same to the eye."""
    from PIL import Image  # noqa: PLC0415 - heavy: only who draws pays for it

    opaque = Image.fromarray(pixels).convert("RGB")
    image = opaque.quantize(256, method=Image.Quantize.MAXCOVERAGE, kmeans=2)
    stream = io.BytesIO()
    image.save(stream, format="PNG", optimize=True)
    return stream.getvalue()
