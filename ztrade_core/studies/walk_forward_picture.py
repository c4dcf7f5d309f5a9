"""One picture of a walk-forward: chained equity beside buy-and-hold, months, and what was chosen.

In the look of `backtest.picture`. Above, the curves over months shaded by turns; then each month's
return in sample (a mark) and out of it (a bar); below, what was chosen for each month, coloured where
the choice changed.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from ztrade_core.backtest.picture import (
    BASELINE_GREY,
    DOTS_AN_INCH,
    EQUITY_BLUE,
    GAIN_GREEN,
    GRID,
    INK,
    LOSS_RED,
    small_png,
    thinned,
)
from ztrade_core.domain.backtests import EquityPoint
from ztrade_core.domain.studies import Study
from ztrade_core.studies.walk_forward_judging import HELD, IN_SAMPLE, OUT_OF_SAMPLE
from ztrade_core.studies.walk_forward_months import month_of
from ztrade_core.studies.walk_forward_whole import Whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH_INCHES = 10.0
CURVES_INCHES, BARS_INCHES, ROW_INCHES, AROUND_INCHES = 3.4, 1.3, 0.26, 1.5
TITLE_INCHES = 0.36
SHADE, CHANGED = "#f3f5f7", "#d6e4f3"
MOST_ROWS = 8
MOST_LETTERED = 26  # with more months only a change is written


def walk_forward_picture(whole: Whole, name: str) -> bytes:
    """Return the picture as PNG, 1000 pixels wide; `name` is the agent and its symbol."""
    from matplotlib import style  # noqa: PLC0415 - heavy: only who draws pays for it
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    names = _parameters(whole.studies)
    choice_inches = ROW_INCHES * (len(names) + 1)
    heights = [CURVES_INCHES, BARS_INCHES, choice_inches]
    with style.context("default"):
        size = (WIDTH_INCHES, sum(heights) + AROUND_INCHES)
        figure = Figure(figsize=size, dpi=DOTS_AN_INCH, layout="constrained")
        canvas: Any = FigureCanvasAgg(figure)
        curves, bars, choices = figure.subplots(
            3, 1, sharex=True, gridspec_kw={"height_ratios": heights}
        )
        first, last = whole.studies[0].part, whole.studies[-1].part
        figure.suptitle(
            f"{name}, walk-forward {first} to {last}\n\n",
            x=0.012,
            ha="left",
            fontsize=13,
            fontweight="bold",
            color=INK,
        )
        below = 1.0 - TITLE_INCHES / size[1]
        figure.text(0.012, below, headline(whole), ha="left", va="top", fontsize=9.5, color=INK)
        _shade(whole.studies, (curves, bars))
        _draw_curves(curves, whole)
        _draw_returns(bars, whole.studies)
        _draw_choices(choices, whole.studies, names)
        figure.align_ylabels()
        canvas.draw()
        return small_png(np.asarray(canvas.buffer_rgba()))


def headline(whole: Whole) -> str:
    """Return the figures a person looks for first, as two lines; `-` where one does not exist."""
    found = whole.figures
    first, second = (
        (
            f"out of sample {_shown(found[OUT_OF_SAMPLE + 'total_return'], '+.1%')}",
            f"buy and hold {_shown(found[HELD + 'total_return'], '+.1%')}",
            f"Sharpe {_shown(found[OUT_OF_SAMPLE + 'sharpe'], '.2f')}",
            f"max drawdown {_shown(found[OUT_OF_SAMPLE + 'max_drawdown'], '.1%')}",
        ),
        (
            f"profitable months {_shown(found['profitable_share'], '.0%')}",
            f"best in sample below the median {_shown(found['overfit_probability'], '.0%')}",
            f"choice changed {_shown(found['choice_change_share'], '.0%')}",
        ),
    )
    return "\n".join("   |   ".join(line) for line in (first, second))


def _shown(value: float | str | None, form: str) -> str:
    return format(value, form) if isinstance(value, int | float) else "-"


def _span(study: Study) -> tuple[datetime, datetime]:
    month = month_of(study.part)
    return _naive(month.begins), _naive(month.ends)


def _naive(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(tzinfo=None)


def _shade(studies: Sequence[Study], several: "Sequence[Axes]") -> None:
    for study in studies:
        if month_of(study.part).number % 2:
            for axes in several:
                axes.axvspan(*_span(study), color=SHADE, linewidth=0.0, zorder=0)  # type: ignore[arg-type]


def _line(axes: "Axes", points: Sequence[EquityPoint], **look: Any) -> None:
    values = np.array([point.portfolio_value for point in points], dtype=np.float64)
    kept = thinned(values)
    axes.plot([_naive(points[at].timestamp) for at in kept], values[kept], **look)  # type: ignore[arg-type]


def _draw_curves(axes: "Axes", whole: Whole) -> None:
    from matplotlib.ticker import FuncFormatter  # noqa: PLC0415

    axes.axhline(
        whole.capital_usd, color=INK, linewidth=0.7, linestyle=":", label="allocated capital"
    )
    _line(axes, whole.held, color=BASELINE_GREY, linewidth=1.0, label="buy and hold")
    _line(axes, whole.equity, color=EQUITY_BLUE, linewidth=1.5, label="out of sample, chained")
    _dress(axes, "equity (USD)")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    legend: dict[str, Any] = {"loc": "lower left", "bbox_to_anchor": (-0.01, 0.99), "ncols": 3}
    axes.legend(**legend, fontsize=9, frameon=False, labelcolor=INK)


def _draw_returns(axes: "Axes", studies: Sequence[Study]) -> None:
    """Draw a bar for the return a day out of sample, and a mark for that in sample."""
    from matplotlib.ticker import PercentFormatter  # noqa: PLC0415

    for study in studies:
        begins, ends = _span(study)
        outside = study.summary[OUT_OF_SAMPLE + "return_per_day"]
        inside = study.summary[IN_SAMPLE + "return_per_day"]
        middle: Any = begins + (ends - begins) / 2
        width: Any = (ends - begins) * 0.6
        if isinstance(outside, float):
            colour = GAIN_GREEN if outside > 0.0 else LOSS_RED
            axes.bar(middle, outside, width=width, color=colour, alpha=0.75, linewidth=0.0)
        if isinstance(inside, float):
            axes.plot([middle], [inside], marker="_", markersize=16, color=INK)
    axes.axhline(0.0, color=INK, linewidth=0.7)
    _dress(axes, "return a day")
    axes.yaxis.set_major_formatter(PercentFormatter(xmax=1.0, decimals=2))
    axes.set_title(
        "bars: out of sample; dashes: the same choice in sample",
        loc="left",
        fontsize=8.5,
        color=INK,
    )


def _draw_choices(axes: "Axes", studies: Sequence[Study], names: Sequence[str]) -> None:
    """Write what was chosen, a row a parameter and a column a month."""
    before: dict[str, object] | None = None
    for study in studies:
        begins, ends = _span(study)
        chosen = _chosen(study)
        middle: Any = begins + (ends - begins) / 2
        for row, name in enumerate(names):
            has_changed = before is not None and before.get(name) != chosen.get(name)
            if has_changed:
                span: Any = (begins, ends - begins)
                axes.broken_barh([span], (row - 0.5, 1.0), color=CHANGED, linewidth=0.0)
            if has_changed or before is None or len(studies) <= MOST_LETTERED:
                text = f"{chosen.get(name):g}" if name in chosen else "-"
                look: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 8, "color": INK}
                axes.text(middle, row, text, **look)
        before = chosen
    _dress(axes, "chosen")
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0, labelsize=8)
    axes.grid(visible=False)
    axes.set_xlabel("month (New York); coloured: another choice than the month before", color=INK)
    _month_ticks(axes, studies)


def _month_ticks(axes: "Axes", studies: Sequence[Study]) -> None:
    every = max(1, round(len(studies) / MOST_LETTERED * 2))
    shown = studies[::every]
    middles: Any = [begins + (ends - begins) / 2 for begins, ends in map(_span, shown)]
    axes.set_xticks(middles, [study.part for study in shown])
    axes.set_xlim(_span(studies[0])[0], _span(studies[-1])[1])  # type: ignore[arg-type]


def _dress(axes: "Axes", label: str) -> None:
    axes.grid(color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(colors=INK, labelsize=9)
    axes.set_ylabel(label, color=INK)


def _chosen(study: Study) -> dict[str, Any]:
    found = study.config["chosen"]
    return dict(found) if isinstance(found, dict) else {}


def _parameters(studies: Sequence[Study]) -> list[str]:
    """Return the parameters to write: those that changed first, at most `MOST_ROWS`."""
    names = sorted({name for study in studies for name in _chosen(study)})
    changes = {
        name: sum(_chosen(a).get(name) != _chosen(b).get(name) for a, b in pairwise(studies))
        for name in names
    }
    return sorted(sorted(names, key=lambda name: -changes[name])[:MOST_ROWS])
